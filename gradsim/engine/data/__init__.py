"""Data sets: inputs and targets, split into a training and a test set.

To add a data set, write one class in any module of this package.
"""

from gradsim.engine.data.samples import DATASETS, Column, Dataset, Samples, Split
from gradsim.schema.registry import discover

__all__ = ["DATASETS", "Column", "Dataset", "Samples", "Split"]

discover(__name__)

"""Data sets: inputs and targets, split into a training and a test part.

``DATASETS`` lists them in the order of the imports below, which menus follow.
To add one, write a class in one of these modules, or in a new one named here.
"""

from __future__ import annotations

from gradsim.engine.data.images import Digits, Mnist
from gradsim.engine.data.samples import DATASETS, Dataset, Samples, Split
from gradsim.engine.data.synthetic import Blobs, Circles, Linear, Moons, Point, Sine, Sparse, Spirals, Xor
from gradsim.engine.data.tables import Csv

__all__ = [
    "DATASETS",
    "Blobs",
    "Circles",
    "Csv",
    "Dataset",
    "Digits",
    "Linear",
    "Mnist",
    "Moons",
    "Point",
    "Samples",
    "Sine",
    "Sparse",
    "Spirals",
    "Split",
    "Xor",
]

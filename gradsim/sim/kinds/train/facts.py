"""What sentences tell of the data of an experiment: what can be had without learning, sizes, units."""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from gradsim.engine.data import Column, Dataset, Split
from gradsim.schema.parameters import ParameterError


class Facts(NamedTuple):
    """What is known of data before any training, on the test set or where there is none on the training set.

    Attributes
    ----------
    classes
        How many classes there are; 0 where targets are numbers.
    frequent
        The share of the most frequent class.
    spread
        The RMS error of the mean of the training set, in the targets' numbers as trained on.
    outputs
        How many numbers there are for each sample.
    training
        How many samples the training set has.
    target
        The one column of targets that are numbers, by which errors are told in its own unit; None where there are
        several, or classes.
    """

    classes: int
    frequent: float
    spread: float
    outputs: int
    training: int
    target: Column | None = None


def facts(data: Dataset) -> Facts | None:
    """Return what is known of the data; None where they can no longer be read."""
    try:
        data.load()  # first: only then is it known of which version they are
    except ParameterError:
        return None
    return _known(data, data.version)


@lru_cache(maxsize=16)
def _known(data: Dataset, version: Hashable) -> Facts:
    return _facts(data.load())


def _facts(found: Split) -> Facts:
    part = found.test if len(found.test) else found.train
    y, outputs, training = part.y, part.y.shape[1], len(found.train)
    spread = float(np.sqrt(np.mean((y - found.train.y.mean(axis=0)) ** 2)))
    if not found.classes:
        target = found.targets[0] if len(found.targets) == outputs == 1 else None
        return Facts(0, 0.0, spread, outputs, training, target)
    shares = y.mean(axis=0) if outputs > 1 else np.array([1.0 - y.mean(), y.mean()])
    return Facts(len(shares), float(shares.max()), spread, outputs, training)

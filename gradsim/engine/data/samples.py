"""What a data set is: samples in two parts, inputs and targets, and where they are kept."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any, Generic, Protocol, Self, TypeVar

import numpy as np
import numpy.typing as npt

from gradsim.engine.types import Array
from gradsim.schema.parameters import Integer, Number
from gradsim.schema.registry import Entry, Registry

DATASETS: Registry[Dataset] = Registry("data")

TEST = Number("Test share", help="The share kept apart for testing, from the end.", low=0, high=0.9)
SEED = Integer(
    "Data seed",
    help="Where the random draws of the data start, their order included.",
    low=0,
    high=2**32 - 1,
    slider=(0, 99),
)


@dataclass(frozen=True)
class Samples:
    """Rows of inputs `x` (N, features) and targets `y` (N, outputs), both float64 and read-only."""

    x: Array
    y: Array

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True)
class Split:
    """A data set's training and test part.

    With `classes`, the targets name one class each: a column of 0 or 1 where
    there are two, else one-hot columns. Without, they are numbers.
    """

    train: Samples
    test: Samples
    classes: bool

    @property
    def nbytes(self) -> int:
        """Bytes of all of its numbers."""
        return sum(array.nbytes for part in (self.train, self.test) for array in (part.x, part.y))


class Dataset(Entry):
    """Where the samples come from; settings are those of the entry."""

    def load(self) -> Split:
        """Return the samples; repeated calls share one read-only copy."""
        raise NotImplementedError

    def resolved_in(self, folder: Path) -> Self:
        """Return the same data set as a file in `folder` means it, whatever the current folder."""
        return self

    def relative_to(self, folder: Path) -> Self:
        """Return the same data set as a file in `folder` is to name it: the inverse of :meth:`resolved_in`."""
        return self


_STREAM = 3
"""What tells these draws from those of weights, biases and batches with the same seed, which are 0 to 2."""


def draws(seed: int) -> np.random.Generator:
    """Return the generator of a data set's draws."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, _STREAM])))


def training_count(count: int, test_fraction: float) -> int:
    """Return how many of `count` samples are trained on; the test part is rounded up."""
    return count - ceil(round(count * test_fraction, 6))


def split(x: Array, y: Array, train: int, classes: bool) -> Split:
    """Return the first `train` rows and the others as the two parts, views of `x` and `y`, which become read-only."""
    for array in (x, y):
        array.flags.writeable = False
    return Split(Samples(x[:train], y[:train]), Samples(x[train:], y[train:]), classes)


ROUNDING = 1e-12
"""A deviation of at most this share of the numbers' own size is taken for rounding."""


def standardised(x: Array, train: int, one_unit: bool = False) -> Array:
    """Return `x` (N, columns) shifted and scaled column by column: over the first `train` rows mean 0, deviation 1.

    A column that is constant there but for rounding is shifted only. How large
    rounding can be is told by the column's largest magnitude; by that of all
    columns where they are in `one_unit`. The rows kept for testing go the same
    way, but have no part in it.
    """
    mean, deviation = x[:train].mean(axis=0), x[:train].std(axis=0)
    size = np.abs(x[:train]).max(axis=None if one_unit else 0, initial=0.0)
    return np.asarray((x - mean) / np.where(deviation > ROUNDING * size, deviation, 1.0))


def class_targets(labels: npt.NDArray[np.integer[Any] | np.bool_], classes: int) -> Array:
    """Return labels 0 … classes - 1 as targets: a column of 0 or 1 for two classes, else one-hot."""
    if classes == 2:
        return labels.astype(np.float64)[:, None]
    return np.asarray(np.eye(classes)[labels])


class _Sized(Protocol):
    @property
    def nbytes(self) -> int: ...


S = TypeVar("S", bound=_Sized)


class Cache(Generic[S]):
    """The values used last, together at most `most` bytes; any thread may ask."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, S] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], S]) -> S:
        """Return the value kept under `key`, made now if it is not there."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        value = make()
        with self._lock:
            self._kept[key] = value
            while self.nbytes > self._most:
                self._kept.popitem(last=False)
        return value

    @property
    def nbytes(self) -> int:
        """Bytes of all values kept."""
        return sum(value.nbytes for value in self._kept.values())


SPLITS: Cache[Split] = Cache(64 * 2**20)
"""Data sets that are drawn or read; each setting moved in the window makes another."""

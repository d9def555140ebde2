"""Base classes of data sets: samples, their split into a training and a test set, and a cache of them."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, Self, TypeVar

import numpy as np
import numpy.typing as npt

from gradsim.engine.types import Array
from gradsim.schema.parameters import Integer, Number
from gradsim.schema.registry import Entry, Registry

DATASETS: Registry[Dataset] = Registry("data")

TEST = Number("Test share", help="The share kept apart for testing, from the end.", low=0, high=0.9)
SEED = Integer(
    "Data seed",
    help="Seed of the data's random numbers, and of the order of the samples.",
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
class Column:
    """A column of inputs or targets as its source has it: `zero + one * v` there is what v is in training.

    Attributes
    ----------
    name
        What its source calls it; a unit may stand at the end, in brackets.
    """

    name: str
    zero: float = 0.0
    one: float = 1.0

    def own(self, values: Array) -> npt.NDArray[np.float64]:
        """Return values of the samples in the column's own unit."""
        return np.asarray(self.zero + self.one * values, np.float64)

    def named(self) -> tuple[str, str]:
        """Return its name without the unit, and the unit, "" if it has none: "width (cm)" is width in cm."""
        found = re.fullmatch(r"(.*\S)\s*(?:\(([^()]*)\)|\[([^\[\]]*)\])", self.name)
        return (found[1], found[2] or found[3] or "") if found else (self.name, "")


@dataclass(frozen=True)
class Split:
    """A data set's training and test set.

    With `classes`, each target is one class: a column of 0 or 1 for two classes,
    one-hot columns for more. Otherwise targets are numbers.

    Attributes
    ----------
    inputs, targets
        The columns of few inputs, and of targets that are numbers, for pictures over them; () for pixels.
    names
        What the classes are called; () where they only have numbers.
    one_unit
        Whether all inputs are lengths in one unit, so that a picture has one scale for them.
    window
        What pictures of a plane show, in the inputs' own units: x from, x to, y from, y to; () for where samples are.
    """

    train: Samples
    test: Samples
    classes: bool
    inputs: tuple[Column, ...] = ()
    targets: tuple[Column, ...] = ()
    names: tuple[str, ...] = ()
    one_unit: bool = False
    window: tuple[float, ...] = ()

    @property
    def nbytes(self) -> int:
        """The size of all arrays in bytes."""
        return sum(array.nbytes for part in (self.train, self.test) for array in (part.x, part.y))


class Dataset(Entry):
    """A source of samples.

    Attributes
    ----------
    pixels
        Height and width of samples that are grey-scale images, row by row; (0, 0) for others.
    own
        Whether it is brought in by the user, who wants to see first of all what becomes of it.
    """

    pixels: ClassVar[tuple[int, int]] = (0, 0)
    own: ClassVar[bool] = False

    def load(self) -> Split:
        """Return the samples; repeated calls share one read-only copy."""
        raise NotImplementedError

    def look_again(self) -> None:
        """Have a file that has changed read anew; until then samples are those that it had when it was first read.

        Raises
        ------
        ParameterError
            For a file that cannot be read now: samples stay as they are.
        """

    @property
    def version(self) -> Hashable:
        """What tells the samples from those that a file had before; the same for all where there is no file."""
        return None

    @property
    def file(self) -> Path | None:
        """The file that the samples are read from; None where they come from elsewhere."""
        return None

    def with_file(self, path: Path) -> Self:
        """Return this data set read from another file."""
        return self

    def training_size(self) -> int:
        """Return how many samples there are for training; ParameterError where the data cannot be had."""
        return len(self.load().train)

    def told(self) -> list[str]:
        """Return how the data were understood, line by line; [] where nothing is guessed."""
        return []

    def resolved_in(self, folder: Path) -> Self:
        """Return this data set with relative paths, as in a file in `folder`, made absolute."""
        return self

    def relative_to(self, folder: Path) -> Self:
        """Return this data set with paths as a file in `folder` should hold them; inverts :meth:`resolved_in`."""
        return self


_STREAM = 3
"""Separates these draws from those of weights, biases and batches with the same seed, which use 0 to 2."""


def generator(seed: int) -> np.random.Generator:
    """Return the random generator of a data set."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, _STREAM])))


def training_count(count: int, test_fraction: float) -> int:
    """Return the size of the training set; that of the test set is rounded up."""
    return count - ceil(round(count * test_fraction, 6))


def split(x: Array, y: Array, train: int, classes: bool) -> Split:
    """Split after the first `train` rows, into views of `x` and `y`; both become read-only."""
    for array in (x, y):
        array.flags.writeable = False
    return Split(Samples(x[:train], y[:train]), Samples(x[train:], y[train:]), classes)


ROUNDING = 1e-12
"""A standard deviation of at most this share of the largest magnitude is attributed to rounding."""


def standardised(x: Array, train: int, one_unit: bool = False) -> Array:
    """Return the columns of `x` shifted and scaled to mean 0 and standard deviation 1 over the first `train` rows.

    A column that is constant there, up to rounding, is only shifted. The size of
    rounding errors is estimated from the largest magnitude in the column, or in
    all columns if they are in `one_unit`. The other rows, for testing, are
    transformed in the same way.
    """
    mean, size = _mean_and_size(x, train, one_unit)
    return np.asarray((x - mean) / size)


def columns(x: Array, train: int, names: Sequence[str], one_unit: bool = False) -> tuple[Column, ...]:
    """Return what the columns of `x` were before :func:`standardised`."""
    mean, size = _mean_and_size(x, train, one_unit)
    return tuple(map(Column, names, mean.tolist(), size.tolist()))


def _mean_and_size(x: Array, train: int, one_unit: bool) -> tuple[Array, Array]:
    mean, deviation = x[:train].mean(axis=0), x[:train].std(axis=0)
    size = np.abs(x[:train]).max(axis=None if one_unit else 0, initial=0.0)
    return mean, np.where(deviation > ROUNDING * size, deviation, 1.0)


def class_targets(labels: npt.NDArray[np.integer[Any] | np.bool_], classes: int) -> Array:
    """Return labels 0 … classes - 1 as targets: a column of 0 or 1 for two classes, one-hot columns for more."""
    if classes == 2:
        return labels.astype(np.float64)[:, None]
    return np.asarray(np.eye(classes)[labels])


class _Sized(Protocol):
    @property
    def nbytes(self) -> int: ...


S = TypeVar("S", bound=_Sized)


class Cache(Generic[S]):
    """A thread-safe cache of the values used last: of at most `max_bytes` together, or of one that is larger."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._values: OrderedDict[Hashable, S] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], S]) -> S:
        """Return the value cached under `key`; call `make` for it if there is none."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        value = make()
        with self._lock:
            self._values[key] = value
            while self.nbytes > self._max_bytes and len(self._values) > 1:
                self._values.popitem(last=False)
        return value

    def find(self, key: Hashable) -> S | None:
        """Return the value cached under `key`, None if there is none."""
        with self._lock:
            return self._values.get(key)

    @property
    def nbytes(self) -> int:
        """The size of all values in bytes."""
        return sum(value.nbytes for value in self._values.values())


SPLITS: Cache[Split] = Cache(64 * 2**20)
"""Generated data sets and tables; a cache, as every change of a setting makes another one."""

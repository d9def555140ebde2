"""Data sets: inputs and targets, split into a training and a test part."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from typing import ClassVar

import numpy as np

from gradsim.engine.parameters import Integer, Number, ParameterError
from gradsim.engine.registry import Entry, Registry
from gradsim.engine.types import Array
from gradsim.resources import resource

DATASETS: Registry[Dataset] = Registry("data")


@dataclass(frozen=True)
class Samples:
    """Rows of inputs `x` (N, features) and targets `y` (N, outputs), both float64 and read-only."""

    x: Array
    y: Array

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True)
class Split:
    """A data set's training and test part."""

    train: Samples
    test: Samples


class Dataset(Entry):
    """Where the samples come from; settings are those of the entry."""

    def load(self) -> Split:
        """Return the samples; repeated calls share one read-only copy."""
        raise NotImplementedError


@lru_cache(maxsize=8)
def _load_images(key: str, scale: float, samples: int, test_fraction: float) -> Split:
    with np.load(resource("datasets", f"{key}.npz"), allow_pickle=False) as file:
        pixels, labels = file["x"], file["y"]
    count = samples or len(pixels)
    x = pixels[:count].astype(np.float64) / scale
    y = np.eye(10)[labels[:count]]
    train = count - ceil(round(count * test_fraction, 6))
    for array in (x, y):
        array.flags.writeable = False
    return Split(Samples(x[:train], y[:train]), Samples(x[train:], y[train:]))


class _Images(Dataset):
    """Bundled grey-scale digits, pixels scaled to [0, 1], targets one-hot."""

    scale: ClassVar[float]
    size: ClassVar[int]
    samples: int
    test_fraction: float

    def load(self) -> Split:
        return _load_images(self.key, self.scale, self.samples, self.test_fraction)

    def _check_size(self) -> None:
        if self.samples > self.size:
            raise ParameterError("samples", f"{self.samples} is more than the {self.size} there are; 0 means all")


_SAMPLES = Integer(
    "Samples", help="How many samples to take, from the first; 0 means all.", low=0, high=1_000_000, slider=(0, 5000)
)
_TEST = Number("Test share", help="The share kept apart for testing, from the end.", low=0, high=0.9)


@DATASETS.add
@dataclass(frozen=True)
class Digits(_Images):
    """UCI optical recognition of handwritten digits: 1,797 images of 8 x 8 pixels, 10 classes.

    In their original order: the test part, taken from the end, is by writers of its own.
    """

    key = "digits"
    label = "Digits 8×8"
    scale = 16.0
    size = 1797

    samples: int = _SAMPLES.field(0)
    test_fraction: float = _TEST.field(0.2)

    def __post_init__(self) -> None:
        self._check_size()


@DATASETS.add
@dataclass(frozen=True)
class Mnist(_Images):
    """MNIST, 500 images of each digit, 28 x 28 pixels, in a fixed shuffled order."""

    key = "mnist"
    label = "MNIST 28×28"
    scale = 255.0
    size = 5000

    samples: int = _SAMPLES.field(0)
    test_fraction: float = _TEST.field(0.2)

    def __post_init__(self) -> None:
        self._check_size()

"""Bundled images of handwritten digits."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import ClassVar

import numpy as np

from gradsim.engine.data.samples import DATASETS, TEST, Dataset, Split, class_targets, split, training_count
from gradsim.engine.types import Array
from gradsim.resources import resource
from gradsim.schema.errors import Phrase
from gradsim.schema.parameters import Integer, ParameterError


@cache
def _images(key: str, scale: float) -> tuple[Array, Array]:
    """Return all pixels and targets of a bundled file, cached for good: both files take 32 MB together."""
    with np.load(resource("datasets", f"{key}.npz"), allow_pickle=False) as file:
        return file["x"] / scale, class_targets(file["y"], 10)


class _Images(Dataset):
    """Grey-scale digits, pixels scaled to [0, 1], targets one-hot; all splits are views of one copy."""

    scale: ClassVar[float]
    size: ClassVar[int]
    samples: int
    test_fraction: float

    def training_size(self) -> int:
        return training_count(self.samples or self.size, self.test_fraction)

    def load(self) -> Split:
        x, y = _images(self.key, self.scale)
        count = self.samples or self.size
        return split(x[:count], y[:count], training_count(count, self.test_fraction), classes=True)

    def _check_size(self) -> None:
        if self.samples > self.size:
            template, counts = "{samples} is more than the {size} there are; 0 means all", (self.samples, self.size)
            samples, size = map(str, counts)
            raise ParameterError("samples", Phrase(template, samples=samples, size=size))


_SAMPLES = Integer(
    "Samples",
    help="How many samples to take, from the first; 0 means all.",
    low=0,
    high=1_000_000,
    slider=(0, 5000),
    zero="all",
)


@DATASETS.add
@dataclass(frozen=True)
class Digits(_Images):
    """UCI optical recognition of handwritten digits: 1,797 images of 8 x 8 pixels, 10 classes.

    In their original order, which is one writer after the other. The usual test share takes the last 382 images,
    from number 1,415 on (from 0), where a writer begins: the test set is by other writers than the training set.
    """

    key = "digits"
    label = "Digits 8×8"
    pixels = (8, 8)
    scale = 16.0
    size = 1797

    samples: int = _SAMPLES.field(0)
    test_fraction: float = TEST.field(0.2125)

    def __post_init__(self) -> None:
        self._check_size()


@DATASETS.add
@dataclass(frozen=True)
class Mnist(_Images):
    """MNIST, 500 images of each digit, 28 x 28 pixels, in a fixed shuffled order."""

    key = "mnist"
    label = "MNIST 28×28"
    pixels = (28, 28)
    scale = 255.0
    size = 5000

    samples: int = _SAMPLES.field(0)
    test_fraction: float = TEST.field(0.2)

    def __post_init__(self) -> None:
        self._check_size()

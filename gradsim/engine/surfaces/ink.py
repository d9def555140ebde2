"""Samples for the models whose losses are surfaces: the ink in areas of the bundled digits.

Ink is the sum of an area's pixels. Samples are the first images in the order of
their file; each measurement is standardised over the samples taken.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from gradsim.engine.data.images import Digits
from gradsim.engine.data.samples import standardised
from gradsim.engine.types import Array

DIGITS, TWOS_AND_EIGHTS = 1797, 351
"""The number of images: of all digits, and of the digits 2 and 8."""


@lru_cache(maxsize=64)
def halves(samples: int, offset: float) -> tuple[Array, Array]:
    """Return the ink in the left halves of digits, with `offset` added, and in their right halves."""
    images = _images()[0][:samples]
    ink = np.stack([images[:, :, :4].sum(axis=(1, 2)), images[:, :, 4:].sum(axis=(1, 2))], axis=1)
    left, right = standardised(ink, samples).T
    return _read_only(left + offset, right)


@lru_cache(maxsize=64)
def middles(samples: int) -> tuple[Array, Array]:
    """Return the ink in the two middle rows of digits 2 and 8, and 1 for each 8."""
    images, digits = _images()
    chosen = np.flatnonzero((digits == 2) | (digits == 8))[:samples]
    ink = images[chosen, 3:5].sum(axis=(1, 2))
    return _read_only(standardised(ink[:, None], samples)[:, 0], (digits[chosen] == 8).astype(np.float64))


def _images() -> tuple[Array, npt.NDArray[np.intp]]:
    """Return all images (n, 8, 8) and their labels."""
    every = Digits(test_fraction=0.0).load().train
    return every.x.reshape(-1, 8, 8), every.y.argmax(axis=1)


def _read_only(u: Array, v: Array) -> tuple[Array, Array]:
    for array in (u, v):
        array.flags.writeable = False
    return u, v

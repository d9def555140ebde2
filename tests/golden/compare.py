"""Comparison of pictures: whether they differ visibly anywhere."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

VISIBLE = 32
"""A channel that differs by more than this, of 255, is seen."""

SPOT = 12
"""Side of the small squares that are looked at one by one: about the size of a digit."""

Pixels = npt.NDArray[np.int16]


def pixels(image: QImage) -> Pixels:
    """Return the image as (height, width, 3), in a type in which differences keep their sign."""
    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.bytesPerLine())
    return rows[:, : 3 * plain.width()].reshape(plain.height(), plain.width(), 3).astype(np.int16)


def packed(image: Pixels) -> npt.NDArray[np.int32]:
    """Return the colours of a picture, each as one number: these are sorted in a tenth of the time."""
    red, green, blue = np.moveaxis(image.astype(np.int32), 2, 0)
    return np.asarray(red << 16 | green << 8 | blue)


def colours(image: Pixels) -> int:
    """Return how many colours there are in a picture."""
    return len(np.unique(packed(image)))


def differing(a: Pixels, b: Pixels) -> npt.NDArray[np.bool_]:
    """Return which pixels differ visibly, of pictures of the same size."""
    seen: npt.NDArray[np.bool_] = np.abs(a - b).max(axis=2) > VISIBLE
    return seen


def differing_share(a: Pixels, b: Pixels) -> float:
    """Return the share of pixels that differ visibly; 1 for pictures of different size."""
    return float(differing(a, b).mean()) if a.shape == b.shape else 1.0


def worst_spot(a: Pixels, b: Pixels) -> int:
    """Return how many pixels differ visibly in the square of side SPOT in which most do.

    A digit changed is a small share of a picture, and much of a spot; rounding that moves a line
    or the edge of an area by next to nothing is little of any.
    """
    height, width, _ = a.shape
    counts = np.zeros((height + 1, width + 1), np.int64)
    counts[1:, 1:] = differing(a, b).cumsum(axis=0).cumsum(axis=1)
    tall, wide = min(SPOT, height), min(SPOT, width)
    spots = counts[tall:, wide:] - counts[:-tall, wide:] - counts[tall:, :-wide] + counts[:-tall, :-wide]
    return int(spots.max())


MOST_IN_A_SPOT = 3
"""So many pixels of a spot may differ: fewer than two digits do, were they as small and alike as ³ and ⁸."""


def check_golden(image: QImage, golden: Path, failed: Path) -> None:
    """Compare with the picture kept in `golden`; GRADSIM_GOLDEN=update keeps this one instead.

    On failure, `failed` gets the picture, the golden one and their difference, side by side.
    """
    if os.environ.get("GRADSIM_GOLDEN") == "update":
        image.save(str(golden))
        return
    now, then = pixels(image), pixels(QImage(str(golden)))
    assert now.shape == then.shape, f"{golden.name} has another size"
    most = worst_spot(now, then)
    if most > MOST_IN_A_SPOT:
        montage = np.ascontiguousarray(np.concatenate([now, then, np.abs(now - then)], axis=1).astype(np.uint8))
        height, width, _ = montage.shape
        QImage(montage.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).save(str(failed))
    assert most <= MOST_IN_A_SPOT, f"{most} pixels differ within a spot of {golden.name}: see {failed}"

"""Comparison of pictures: how many pixels differ visibly, and where."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

VISIBLE = 32
"""A channel that differs by more than this, of 255, is seen."""

Pixels = npt.NDArray[np.int16]


def pixels(image: QImage) -> Pixels:
    """Return the image as (height, width, 3), in a type in which differences keep their sign."""
    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.bytesPerLine())
    return rows[:, : 3 * plain.width()].reshape(plain.height(), plain.width(), 3).astype(np.int16)


def differing_share(a: Pixels, b: Pixels) -> float:
    """Return the share of pixels that differ visibly; 1 for pictures of different size."""
    if a.shape != b.shape:
        return 1.0
    return float((np.abs(a - b).max(axis=2) > VISIBLE).mean())


def check_golden(image: QImage, golden: Path, most: float, failed: Path) -> None:
    """Compare with the picture kept in `golden`; GRADSIM_GOLDEN=update keeps this one instead.

    On failure, `failed` gets the picture, the golden one and their difference, side by side.
    """
    if os.environ.get("GRADSIM_GOLDEN") == "update":
        image.save(str(golden))
        return
    now, then = pixels(image), pixels(QImage(str(golden)))
    share = differing_share(now, then)
    if share > most:
        parts = [now, then, np.abs(now - then)] if now.shape == then.shape else [now]
        montage = np.ascontiguousarray(np.concatenate(parts, axis=1).astype(np.uint8))
        height, width, _ = montage.shape
        QImage(montage.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).save(str(failed))
    assert share <= most, f"{100 * share:.2f} % of the pixels differ from {golden.name}: see {failed}"

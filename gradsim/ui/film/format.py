"""What every format of films is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

Pixels = npt.NDArray[np.uint8]
"""A frame: (height, width, 3), red, green, blue."""


@dataclass(frozen=True)
class Sheet:
    """What a film is besides its frames: its pixels, frames a second, whether it loops, the text that it carries."""

    width: int
    height: int
    fps: float
    loops: bool
    text: str


class Format(ABC):
    """Writes films of one format, frame by frame, so that no more than a few are in memory."""

    ending: ClassVar[str]
    """How names of its files end."""
    most_fps: ClassVar[float]
    """The most frames a second."""

    @property
    def missing(self) -> str:
        """What has to be installed before it can be written, in one line; "" if nothing."""
        return ""

    @abstractmethod
    def write(self, path: Path, sheet: Sheet) -> Generator[None, Pixels | None, None]:
        """Write a film: send None first, then each frame, at last None, after which the file is whole."""


def pixels_of(image: QImage) -> Pixels:
    """Return the pixels of an image, which may be changed afterwards."""
    rgb = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(rgb.constBits(), np.uint8).reshape(rgb.height(), rgb.bytesPerLine())
    return rows[:, : 3 * rgb.width()].reshape(rgb.height(), rgb.width(), 3).copy()


def changed(before: Pixels | None, now: Pixels) -> tuple[int, int, int, int] | None:
    """Return left, top, right, bottom of what differs between two frames; None if nothing does."""
    if before is None:
        return 0, 0, now.shape[1], now.shape[0]
    differs = (before != now).any(axis=2) if now.ndim == 3 else before != now
    rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
    if not len(rows):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1

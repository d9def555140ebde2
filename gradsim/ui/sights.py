"""How a picture is seen elsewhere: on a washed-out projector, and by colour-blind eyes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage

Values = npt.NDArray[np.float64]

DARKEST, CONTRAST = 0.35, 0.6
"""What a projector in a bright room makes of a share of 0, and of what is left of differences."""

MATRICES: Mapping[str, Values] = {
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
"""What is seen of linear RGB.

Machado, Oliveira and Fernandes, A physiologically-based model for simulation of color vision deficiency, IEEE
Transactions on Visualization and Computer Graphics 15 (2009), severity 1.0.
"""


SIGHTS: Mapping[str, str] = {
    "washed": "Washed-out projector",
    "protanopia": "Protanopia",
    "deuteranopia": "Deuteranopia",
    "tritanopia": "Tritanopia",
}
"""What they are called, by the words of the command line, in the order in which the key leads through them."""


def linear(shares: Values) -> Values:
    """Return sRGB without its gamma."""
    return np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)


def encoded(light: Values) -> Values:
    """Return sRGB of linear RGB, the inverse of :func:`linear`."""
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1.0 / 2.4) - 0.055)


def washed(shares: Values) -> Values:
    """Return what a projector in a bright room leaves of a colour."""
    return DARKEST + CONTRAST * shares


def seen(shares: Values, sight: str) -> Values:
    """Return colours (…, 3), as shares of sRGB, as they are seen."""
    if sight == "washed":
        return washed(shares)
    return encoded(np.clip(linear(shares) @ MATRICES[sight].T, 0.0, 1.0))


_ROWS = 64
"""So many rows of a picture are changed at a time."""


def seen_image(image: QImage, sight: str) -> QImage:
    """Return a picture as it is seen, exact to the last bit of each colour."""
    found = image.convertToFormat(QImage.Format.Format_RGBA8888)
    found.setDevicePixelRatio(image.devicePixelRatio())
    pixels = np.frombuffer(found.bits(), np.uint8).reshape(found.height(), found.bytesPerLine())
    colours = pixels[:, : 4 * found.width()].reshape(found.height(), found.width(), 4)[..., :3]
    for first in range(0, len(colours), _ROWS):
        part = colours[first : first + _ROWS]
        part[:] = np.rint(255.0 * seen(part / 255.0, sight))
    return found.convertToFormat(image.format())


@lru_cache(maxsize=len(SIGHTS))
def _table(sight: str) -> npt.NDArray[np.uint32]:
    """Return as what each colour of 5, 6 and 5 bits is seen."""
    codes = np.arange(2**16)
    channels = [(codes >> 11, 31), ((codes >> 5) & 63, 63), (codes & 31, 31)]
    shares = np.stack([code / most for code, most in channels], axis=1)
    red, green, blue = np.rint(255.0 * seen(shares, sight)).astype(np.uint32).T
    return np.asarray(0xFF000000 | red << 16 | green << 8 | blue, np.uint32)


def show_as_seen(image: QImage, rect: QRect, sight: str) -> None:
    """Change a part of a picture of 32 bits a pixel, quickly: of each colour the upper five or six bits count."""
    part = image.copy(rect).convertToFormat(QImage.Format.Format_RGB16)
    codes = np.frombuffer(part.constBits(), np.uint16).reshape(part.height(), part.bytesPerLine() // 2)
    rows = np.frombuffer(image.bits(), np.uint32).reshape(image.height(), image.bytesPerLine() // 4)
    changed = rows[rect.top() : rect.bottom() + 1, rect.left() : rect.right() + 1]
    changed[:] = np.take(_table(sight), codes[:, : part.width()].astype(np.intp), mode="clip")

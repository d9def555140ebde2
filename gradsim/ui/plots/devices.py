"""What a painter paints on: pixels, to which kept pictures are copied, or a file of shapes, as PDF and SVG are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPaintEngine, QPainter
from PySide6.QtWidgets import QWidget

SHAPES_PX = 3.0
"""Pixels to a point of those parts that are pictures among shapes: sharp on a slide at 400 %."""


@contextmanager
def painting_on(widget: QWidget) -> Iterator[QPainter]:
    """Return the painter of a paint event; it ends where what it paints fails, too, else Qt ends the program.

    What is beyond all numbers lies far outside of a picture: NumPy does not warn of it.
    """
    with QPainter(widget) as painter, np.errstate(all="ignore"):
        yield painter


def paints_pixels(painter: QPainter) -> bool:
    """Tell whether a painter makes pixels, to which pictures kept from before may be copied, and not shapes."""
    return painter.paintEngine().type() == QPaintEngine.Type.Raster


def writes_shapes(painter: QPainter) -> bool:
    """Tell whether a painter writes a file of shapes, in which nothing is to be a picture that can be shapes."""
    return painter.paintEngine().type() in (QPaintEngine.Type.Pdf, QPaintEngine.Type.SVG)


def px_per_point(painter: QPainter) -> float:
    """Return how many pixels a point is to have in a picture that this painter draws."""
    return SHAPES_PX if writes_shapes(painter) else painter.device().devicePixelRatioF()


def draw_cells(painter: QPainter, rect: QRectF, image: QImage) -> None:
    """Draw an image, each pixel of which is a cell with sharp edges, in a rectangle.

    Who shows a file of shapes may smooth what it enlarges, so there it is enlarged already.
    """
    if writes_shapes(painter):
        across, up = rect.width() / image.width(), rect.height() / image.height()
        times = ceil(SHAPES_PX * max(across, up))
        if times > 1:
            image = image.scaled(
                times * image.width(), times * image.height(), mode=Qt.TransformationMode.FastTransformation
            )
        painter.setRenderHint(QPainter.RenderHint.LosslessImageRendering)  # no JPEG, which would blur
    painter.drawImage(rect, image)

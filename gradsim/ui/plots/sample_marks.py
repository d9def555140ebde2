"""Marks of samples in a plot.

pyqtgraph's ScatterPlotItem copies a small picture for each point, which is
coarse where a picture has several pixels to a point of the layout.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QBrush, QPainter, QPen, QPolygonF, QTransform

from gradsim.engine.types import Array
from gradsim.ui.plots.strokes import in_px


def _regular(corners: int, turn: float = 0.0, inner: float = 1.0) -> Array:
    """Return the corners of a regular polygon of radius 1; of a star, with every other one at `inner`."""
    angles = np.pi * (2.0 * np.arange(corners) / corners + turn - 0.5)
    radii = np.where(np.arange(corners) % 2, inner, 1.0)
    return np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=1)


SHAPES: Mapping[str, Array] = {
    "circle": _regular(24),
    "triangle": 1.15 * _regular(3),
    "square": 1.1 * _regular(4, 0.25),
    "diamond": 1.2 * _regular(4),
    "star": 1.3 * _regular(10, 0.0, 0.5),
    "hexagon": 1.1 * _regular(6),
    "pentagon": 1.1 * _regular(5),
    "triangle down": 1.15 * _regular(3, 1.0),
}
"""Outlines (corners, 2) in pixels of radius 1, y downwards."""


class SampleMarks(pg.GraphicsObject):  # type: ignore[misc]
    """Equal marks at points in data coordinates, of `radius` pixels, which is less than `margin` (2,) in these."""

    def __init__(self, points: Array, shape: str, radius: float, pen: QPen, brush: QBrush, margin: Array) -> None:
        super().__init__()
        self._outline = QPolygonF([QPointF(*corner) for corner in radius * SHAPES[shape]])
        self._pen, self._brush, self.margin = pen, brush, margin
        self.show_points(points)
        # They stand still while all else in the plot moves, and take long to paint.
        self.setCacheMode(self.CacheMode.DeviceCoordinateCache)

    def show_points(self, points: Array) -> None:
        """Show the marks at other points."""
        self.prepareGeometryChange()
        self.points, self._bounds = points, QRectF()
        if len(points):
            low, high = points.min(axis=0), points.max(axis=0)
            self._bounds = QRectF(QPointF(*(low - self.margin)), QPointF(*(high + self.margin)))
        self.update()

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(self, painter: QPainter, *args: object) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(self._pen)
        painter.setBrush(self._brush)
        to_px = painter.worldTransform()
        for x, y in in_px(painter, self.points).tolist():
            painter.setWorldTransform(QTransform.fromTranslate(x, y))
            painter.drawPolygon(self._outline)
        painter.setWorldTransform(to_px)

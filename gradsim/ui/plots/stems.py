"""Values of a few named places: a dot each, on a stem that begins at the axis, with a whisker of its spread."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QTransform

from gradsim.engine.types import Array
from gradsim.ui.plots.strokes import Strokes, in_px
from gradsim.ui.theme import Look, mixed

LEAST_PX = 3.0
"""The least width of a stem."""
LEAST_COLUMN_PX = 9.0
"""The least distance of two stems; closer ones are a strip, of which a line tells more."""

_STEM, _BAR = 0.16, 0.66
"""Widths of stems and bars, as shares of the distance of two."""
_PALE = 0.35
"""How much of a run's colour its stems have."""


class Stems(pg.GraphicsObject):  # type: ignore[misc]
    """Dots with stems and whiskers at x = 0, 1, 2 and so on; what is beyond the top is a bar up to it."""

    def __init__(self, look: Look, colour: str) -> None:
        super().__init__()
        self._look, self._colour = look, QColor(colour)
        self._pale = mixed(colour, look.theme.card, _PALE)
        self._values: Array = np.empty((0, 3))
        self._base, self._top, self._bounds = 0.0, 1.0, QRectF()
        self._strokes = Strokes()

    def show_values(self, values: Array, base: float, shown: tuple[float, float]) -> None:
        """Show low, middle and high (n, 3), NaN for none, with stems from a `base`, in this range."""
        bounds = QRectF(-0.6, shown[0], len(values) + 0.2, shown[1] - shown[0])
        if bounds != self._bounds:
            self.prepareGeometryChange()
        self._values, self._base, self._top, self._bounds = values, base, shown[1], bounds
        self.update()

    def boundingRect(self) -> QRectF:
        return self._bounds

    def radius_px(self, column_px: float) -> float:
        """Return the radius of the dots where two of them are so many pixels apart."""
        most = max(1.9 * self._look.metrics.line, 0.4 * self._look.metrics.tick)
        return min(0.28 * column_px, most)

    def paint(self, painter: QPainter, *args: object) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        to_px = painter.worldTransform()
        known = np.isfinite(self._values[:, 1])
        values = self._values[known]
        points = np.empty((4, len(values), 2))  # low, middle, high, and the foot of the stem
        points[:, :, 0] = np.flatnonzero(known)
        points[:3, :, 1], points[3, :, 1] = values.T, self._base
        points = in_px(painter, points.reshape(-1, 2)).reshape(points.shape)
        painter.setWorldTransform(QTransform())
        column = abs(to_px.m11())
        beyond = values[:, 1] > self._top
        if beyond.any():
            _, middle, _, foot = points[:, beyond]
            self._lines(painter, foot, middle, self._colour, _BAR * column)
            points = points[:, ~beyond]
        low, middle, high, foot = points
        width = max(LEAST_PX, min(_STEM * column, 0.7 * self._look.metrics.tick))
        self._lines(painter, foot, middle, self._pale, width)
        self._draw_dots(painter, low, middle, high, self.radius_px(column))
        painter.setWorldTransform(to_px)

    def _draw_dots(self, painter: QPainter, low: Array, middle: Array, high: Array, radius: float) -> None:
        """Draw dots at places (n, 2) with their whiskers, which are seen on the dots too."""
        theme, width = self._look.theme, max(2.0, 0.8 * self._look.metrics.line)
        self._lines(painter, low, high, QColor(theme.ink), width)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._colour)
        for place in middle.tolist():
            painter.drawEllipse(QPointF(*place), radius, radius)
        top, bottom = middle.copy(), middle.copy()
        top[:, 1] = np.maximum(high[:, 1], middle[:, 1] - radius)
        bottom[:, 1] = np.minimum(low[:, 1], middle[:, 1] + radius)
        seen = bottom[:, 1] > top[:, 1]
        self._lines(painter, top[seen], bottom[seen], QColor(theme.card), min(width, radius))

    def _lines(self, painter: QPainter, start: Array, stop: Array, colour: QColor, width: float) -> None:
        if not len(start):
            return
        pen = QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap)
        self._strokes.segments(painter, np.concatenate([start, stop], axis=1), pen)

"""A window of the plane on a widget: places in pixels and back, and axes around it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen

from gradsim.engine.surfaces import Bounds
from gradsim.engine.types import Array
from gradsim.ui.plots.plot import round_step, tick_text
from gradsim.ui.theme import Look, font

BEYOND = 1e4
"""Pixels beyond which nothing is followed."""

_APART = (4.3, 2.9)
"""How far ticks are apart at least, along x and y, in sizes of their text; in a small plane a third more."""


class Plane:
    """Where a window lies on a widget.

    Parameters
    ----------
    look
        Colours and sizes.
    window
        What is shown: x0, x1, y0, y1.
    size
        Of the widget.
    small
        Whether the widget is one of several, with fewer ticks.

    Attributes
    ----------
    rect
        The pixels of the window, inside the axes.
    """

    def __init__(self, look: Look, window: Bounds, size: QSize, small: bool = False) -> None:
        self.window, self.size = window, size
        self._look, self._crowd = look, 4 / 3 if small else 1.0
        tick = look.metrics.tick
        metrics = QFontMetrics(font(tick))
        x0, x1, y0, y1 = window
        self._y_ticks = self._ticks(y0, y1, size.height(), _APART[1])
        left = max(metrics.horizontalAdvance(text) for _, text in self._y_ticks) + 0.5 * tick
        self.rect = QRectF(left, 0.45 * tick, size.width() - left - 0.8 * tick, size.height() - 2.1 * tick)
        self._x_ticks = self._ticks(x0, x1, self.rect.width(), _APART[0])

    def _ticks(self, low: float, high: float, length: float, apart: float) -> list[tuple[float, str]]:
        """Return round values from `low` to `high`, at least two, and their texts."""
        count, first, last, spacing = max(1.0, length / (apart * self._crowd * self._look.metrics.tick)), 0, 0, 1.0
        while last - first < 1:
            spacing = round_step((high - low) / count)
            first, last = int(np.ceil(low / spacing - 1e-9)), int(np.floor(high / spacing + 1e-9))
            count += 1.0
        return [(i * spacing, tick_text(i * spacing, spacing)) for i in range(first, last + 1)]

    def to_px(self, places: Array) -> Array:
        """Return places (n, 2) in pixels, those far outside not quite so far."""
        x0, x1, y0, y1 = self.window
        px = np.empty_like(places)
        px[:, 0] = self.rect.left() + (places[:, 0] - x0) / (x1 - x0) * self.rect.width()
        px[:, 1] = self.rect.bottom() - (places[:, 1] - y0) / (y1 - y0) * self.rect.height()
        return np.asarray(np.clip(px, -BEYOND, BEYOND))

    def point_px(self, x: float, y: float) -> QPointF:
        """Return where a place lies in pixels."""
        px, py = self.to_px(np.array([[x, y]]))[0]
        return QPointF(px, py)

    def place(self, at: QPointF) -> QPointF:
        """Return the place of a pixel."""
        x0, x1, y0, y1 = self.window
        across, up = (
            (at.x() - self.rect.left()) / self.rect.width(),
            (self.rect.bottom() - at.y()) / self.rect.height(),
        )
        return QPointF(x0 + across * (x1 - x0), y0 + up * (y1 - y0))

    def draw_axes(self, painter: QPainter) -> None:
        """Draw a frame and its ticks' texts."""
        tick, colour, rect = self._look.metrics.tick, QColor(self._look.theme.muted), self.rect
        painter.setFont(font(tick))
        painter.setPen(colour)
        metrics = QFontMetrics(font(tick))
        x0, _, y0, _ = self.window
        for value, text in self._x_ticks:
            width = metrics.horizontalAdvance(text)
            left = min(max(self.point_px(value, y0).x() - width / 2, rect.left()), self.size.width() - width)
            painter.drawText(QPointF(left, rect.bottom() + 1.25 * tick), text)
        for value, text in self._y_ticks:
            base = min(max(self.point_px(x0, value).y() + 0.35 * tick, rect.top() + 0.7 * tick), rect.bottom())
            painter.drawText(QPointF(rect.left() - 0.4 * tick - metrics.horizontalAdvance(text), base), text)
        painter.setPen(QPen(colour, 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(rect)

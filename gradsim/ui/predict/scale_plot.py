"""A scale without an upright axis, on which guesses are dots, and the gap from them to what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, log10
from statistics import median

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QTransform
from PySide6.QtWidgets import QGraphicsGridLayout, QGraphicsItem

from gradsim.ui.exponents import draw_text, width_of
from gradsim.ui.notes.room import good_colour
from gradsim.ui.plots.plot import BOTTOM_TICKS, DecadeAxis, Plot, ValueAxis
from gradsim.ui.plots.strokes import in_px
from gradsim.ui.theme import Look, font, mixed
from gradsim.words.numbers import power

_NEAR_EM = 0.5
"""How near the pointer has to be to a mark to take hold of it."""
_BESIDE = 0.02
"""How far the axis goes on beyond both ends, as a share of it."""


class ScalePlot(Plot):
    """A scale without an upright axis, with dots on it.

    Parameters
    ----------
    look
        Colours and sizes.
    low, high
        Its ends.
    log
        Whether it is logarithmic.
    """

    def __init__(self, look: Look, low: float, high: float, log: bool) -> None:
        self._log = log
        super().__init__(look, ValueAxis("left", look), (_PlainDecades if log else ValueAxis)("bottom", look))
        self.ends = (self.place_of(low), self.place_of(high))
        self._marks = _Marks(look)
        self.add(self._marks)
        self._fit(self.ends)
        self.resized.connect(self._marks.update)

    def _framed(self, left: pg.AxisItem, bottom: pg.AxisItem) -> pg.GraphicsWidget:
        frame, grid = pg.GraphicsWidget(), QGraphicsGridLayout()
        frame.setLayout(grid)
        grid.setSpacing(0)
        grid.setContentsMargins(1, 1, 1, 1)
        grid.addItem(self.box, 0, 0)
        grid.addItem(bottom, 1, 0)
        bottom.linkToView(self.box)
        bottom.setZValue(-1000)
        bottom.setFlag(QGraphicsItem.GraphicsItemFlag.ItemNegativeZStacksBehindParent)
        return frame

    def room_px(self) -> tuple[int, int]:
        bottom = round(BOTTOM_TICKS * self.look.metrics.tick)
        return max(1, self.width() - 2), max(1, self.height() - bottom - 2)

    def _fit(self, ends: tuple[float, float]) -> None:
        low, high = ends
        beside = _BESIDE * (high - low)
        x = (low - 2 * beside, high + 2 * beside)
        self.set_ranges(x=x, y=(0.0, 1.0))
        self._marks.set_bounds(QRectF(x[0], 0.0, x[1] - x[0], 1.0))

    def place_of(self, value: float) -> float:
        """Return where on the axis a number is."""
        return log10(value) if self._log else value

    def value_at(self, place: float) -> float:
        """Return the number at a place, or at the nearer end, with three digits."""
        inside = min(max(place, self.ends[0]), self.ends[1])
        return float(f"{10.0**inside if self._log else inside:.3g}")

    def near(self, place: QPointF) -> int | None:
        """Return the guess that is at a place, if one is."""
        width, height = self.room_px()
        (x0, x1), (y0, y1) = self.box.viewRange()
        reach = _NEAR_EM * self.look.metrics.body
        dots = self._marks.dots_px(width, height)
        at = QPointF((place.x() - x0) / (x1 - x0) * width, (y1 - place.y()) / (y1 - y0) * height)
        found = [i for i, dot in enumerate(dots) if (dot - at).manhattanLength() <= 2 * reach]
        return found[-1] if found else None

    def show_guesses(self, values: Sequence[float], chosen: int) -> None:
        """Show guesses, one of them as that which keys move."""
        self._marks.show_guesses([self.place_of(value) for value in values], chosen)

    def show_right(self, value: float | None) -> None:
        """Show what was measured; one that is beyond the scale makes it longer."""
        at = None
        if value is not None and isfinite(value) and not (self._log and value <= 0.0):
            at = self.place_of(value)
            self._fit((min(self.ends[0], at), max(self.ends[1], at)))
        self._marks.show_right(at, value is not None and value == float("inf"))


class _PlainDecades(DecadeAxis):
    """An axis of log10 values with the numbers themselves: guesses are said so."""

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        plain = (f"{10.0**value:,.{max(0, -round(value))}f}" for value in values)
        return [text if -4 < value < 6.5 else power(round(value)) for text, value in zip(plain, values, strict=True)]


class _Marks(pg.GraphicsObject):  # type: ignore[misc]
    """Guesses as dots that stand on each other, the measured number as a line, and the gap between."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._places: list[float] = []
        self._chosen = -1
        self._right: float | None = None
        self._never = False
        self._bounds = QRectF()

    def set_bounds(self, bounds: QRectF) -> None:
        self.prepareGeometryChange()
        self._bounds = bounds

    def boundingRect(self) -> QRectF:
        return self._bounds

    def show_guesses(self, places: Sequence[float], chosen: int) -> None:
        self._places, self._chosen = list(places), chosen
        self.update()

    def show_right(self, place: float | None, never: bool) -> None:
        self._right, self._never = place, never
        self.update()

    @property
    def _radius(self) -> float:
        return 0.42 * self._look.metrics.body

    def dots_px(self, width: float, height: float) -> list[QPointF]:
        """Return the middle of each dot in pixels of a room of this size: those at one place stand on each other."""
        found: list[QPointF] = []
        step = 2.2 * self._radius
        for place in self._places:
            x = (place - self._bounds.left()) / self._bounds.width() * width
            below = sum(abs(dot.x() - x) < 0.9 * step for dot in found)
            found.append(QPointF(x, height - self._radius - 4.0 - below * step))
        return found

    def paint(self, painter: QPainter, *args: object) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        corners = in_px(painter, np.array([[self._bounds.left(), 1.0], [self._bounds.right(), 0.0]]))
        to_px = painter.worldTransform()
        painter.setWorldTransform(QTransform())
        room = QRectF(QPointF(*corners[0]), QPointF(*corners[1]))
        painter.translate(room.topLeft())
        self._paint_in(painter, room.width(), room.height())
        painter.setWorldTransform(to_px)

    def _paint_in(self, painter: QPainter, width: float, height: float) -> None:
        theme, metrics = self._look.theme, self._look.metrics
        painter.setPen(QPen(QColor(theme.ink), max(2.0, metrics.hair)))
        painter.drawLine(QLineF(0.0, height - 1.0, width, height - 1.0))
        right = None
        if self._never:
            right = width - 0.02 * width
        elif self._right is not None:
            right = (self._right - self._bounds.left()) / self._bounds.width() * width
        if right is not None and self._places:
            middle = (median(self._places) - self._bounds.left()) / self._bounds.width() * width
            self._paint_gap(painter, middle, right, height)
        for i, dot in enumerate(self.dots_px(width, height)):
            chosen = i == self._chosen
            painter.setPen(QPen(QColor(theme.accent if chosen else theme.ink), max(2.0, metrics.line * 0.7)))
            painter.setBrush(mixed(theme.accent, theme.card, 0.3) if chosen else QColor(theme.card))
            painter.drawEllipse(dot, self._radius, self._radius)
        if right is not None:
            self._paint_right(painter, right, width, height)

    def _paint_gap(self, painter: QPainter, start: float, stop: float, height: float) -> None:
        theme = self._look.theme
        left, right = sorted((start, stop))
        painter.fillRect(
            QRectF(left, 1.9 * self._look.metrics.body, right - left, height), mixed(theme.good, theme.card, 0.2)
        )

    def _paint_right(self, painter: QPainter, x: float, width: float, height: float) -> None:
        look = self._look
        painter.setPen(QPen(QColor(look.theme.good), 1.3 * look.metrics.line, c=Qt.PenCapStyle.FlatCap))
        top = 1.9 * look.metrics.body
        painter.drawLine(QLineF(x, top, x, height))
        bold = font(look.metrics.body, QFont.Weight.Bold)
        painter.setFont(bold)
        painter.setPen(QColor(good_colour(look)))
        text = look.tr("measured: never") if self._never else look.tr("measured")
        wide = width_of(look, bold, text)
        left = min(max(0.0, x - wide / 2), width - wide)
        draw_text(painter, look, QPointF(left, 0.4 * look.metrics.body + painter.fontMetrics().ascent()), text)

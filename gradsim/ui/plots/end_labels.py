"""What stands at the ends of lines: a marker at each, and beside all of them names, one above the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetrics, QPainter, QPen, QPolygonF, QTransform

from gradsim.ui.exponents import draw_text, width_of
from gradsim.ui.plots.sample_marks import SHAPES
from gradsim.ui.plots.strokes import in_px
from gradsim.ui.theme import Look, font

_SHAPES = ("circle", "square", "triangle", "diamond")
FEWEST_MARKED = 3
"""From so many runs on, shapes tell their ends apart besides colours."""

MOST_COLOURED = 4
"""Up to so many names have their runs' colours on a projector."""

GAP = 0.7
"""Room between ends and names, in heights of the type: leader lines run there."""
DISTANCE = 1.25
LEAST_DISTANCE = 1.0
"""Between two names, one above the other, in heights of the type; the least is for where there is little room."""


def draw_end(painter: QPainter, look: Look, run: int, runs: int, at: QPointF, radius: float) -> None:
    """Draw the marker of one of so many runs: a dot where there are one or two, else filled shapes, then hollow."""
    colour, card = QColor(look.run_colour(run)), QColor(look.theme.card)
    shape = _SHAPES[run % len(_SHAPES)] if runs >= FEWEST_MARKED else "circle"
    outline = QPolygonF([at + QPointF(*corner) for corner in radius * SHAPES[shape]])
    hollow = runs >= FEWEST_MARKED and run % 8 >= len(_SHAPES)
    for pen, brush in ((QPen(card, 0.7 * radius), card), (QPen(colour, 0.35 * radius), card if hollow else colour)):
        painter.setPen(pen)
        painter.setBrush(QBrush(brush))
        painter.drawPolygon(outline)


class EndLabel(NamedTuple):
    """What is written beside the end of a run's line, which is at (x, y) in data coordinates; None: nothing is."""

    run: int
    text: str | None
    x: float
    y: float
    place: float
    """The height of the middle of the text."""
    aside: int = 0
    """By how many places the marker is moved away from the line, beside others at the same height."""


class EndLabels(pg.GraphicsObject):  # type: ignore[misc]
    """All end markers and names of a plot, in one item over all lines.

    Parameters
    ----------
    look
        Colours and sizes.
    runs
        How many there are.
    to_left
        Whether the names stand to the left of the ends rather than to the right.
    """

    def __init__(self, look: Look, runs: int, to_left: bool = False) -> None:
        super().__init__()
        self._look, self._runs, self._to_left = look, runs, to_left
        self.font = font(look.metrics.tick, QFont.Weight.Bold)
        self._metrics = QFontMetrics(self.font)
        self.labels: Sequence[EndLabel] = ()
        self._column = 0.0
        self._bounds = QRectF()
        self.setZValue(20)

    @property
    def radius(self) -> float:
        """Radius of the markers in pixels."""
        return max(2.0 * self._look.metrics.line, 0.3 * self._look.metrics.tick)

    def gap_px(self, aside: int) -> float:
        """Return how far from the ends names begin, where markers are moved by so many places at most."""
        return self.radius + aside * self._aside_px() + GAP * self._look.metrics.tick

    def _aside_px(self) -> float:
        return 2.5 * self.radius

    def distance_px(self, count: int, height: float) -> float:
        """Return how far so many names are apart, one above the other, 0 where there is no room for them."""
        for distance in (DISTANCE, LEAST_DISTANCE):
            if count * distance * self._look.metrics.tick <= height:
                return distance * self._look.metrics.tick
        return 0.0

    def width_px(self, text: str) -> float:
        """Return how wide a name is."""
        return float(width_of(self._look, self.font, text))

    def elided(self, text: str, most_px: float) -> str:
        """Return as much of a name as has room."""
        return self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(most_px))

    def show_labels(self, labels: Sequence[EndLabel], column: float, bounds: QRectF) -> None:
        """Show these, whose texts begin (or end, to the left) beside x = `column`, within these bounds."""
        if (list(labels), column, bounds) != (list(self.labels), self._column, self._bounds):
            self.prepareGeometryChange()
            self.labels, self._column, self._bounds = labels, column, bounds
            self.update()

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(self, painter: QPainter, *args: object) -> None:
        if not self.labels:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        points = [(label.x, label.y) for label in self.labels]
        columns = [(self._column, label.place) for label in self.labels]
        ends, places = in_px(painter, np.array(points)), in_px(painter, np.array(columns))
        to_px = painter.worldTransform()
        painter.setWorldTransform(QTransform())
        side = -1.0 if self._to_left else 1.0
        moved = [QPointF(x + side * label.aside * self._aside_px(), y)
                 for label, (x, y) in zip(self.labels, ends.tolist(), strict=True)]  # fmt: skip
        for label, (x, y), at in zip(self.labels, ends.tolist(), moved, strict=True):
            if label.aside:
                painter.setPen(self._thin(label.run))
                painter.drawLine(QLineF(QPointF(x, y), at))
        self._draw(painter, moved, [QPointF(*place) for place in places])
        painter.setWorldTransform(to_px)

    def _thin(self, run: int) -> QPen:
        return QPen(QColor(self._look.run_colour(run)), max(1.0, 0.4 * self._look.metrics.line))

    @property
    def _in_ink(self) -> bool:
        """Whether names are in ink: many colours are hard to tell on a projector, markers and lines lead."""
        return self._look.theme.name == "projector" and self._runs > MOST_COLOURED

    def _draw(self, painter: QPainter, ends: Sequence[QPointF], places: Sequence[QPointF]) -> None:
        painter.setFont(self.font)
        for label, end, place in zip(self.labels, ends, places, strict=True):
            if label.text is not None:
                self._draw_text(painter, label, end, place)
        for label, end in zip(self.labels, ends, strict=True):
            draw_end(painter, self._look, label.run, self._runs, end, self.radius)

    def _draw_text(self, painter: QPainter, label: EndLabel, end: QPointF, place: QPointF) -> None:
        """Write a name, with a line that leads to its end where the two are apart."""
        tick = self._look.metrics.tick
        side = -1.0 if self._to_left else 1.0
        edge = place.x() + side * self.gap_px(max(label.aside for label in self.labels))
        if abs(place.y() - end.y()) > 0.3 * tick or abs(edge - end.x()) > 1.5 * tick:
            painter.setPen(self._thin(label.run))
            painter.drawLine(QLineF(end, QPointF(edge - side * 0.15 * tick, place.y())))
        width = self.width_px(label.text or "")
        left = edge - width if self._to_left else edge
        painter.setPen(QColor(self._look.theme.ink if self._in_ink else self._look.text_colour(label.run)))
        baseline = place.y() + 0.36 * self._metrics.ascent()
        draw_text(painter, self._look, QPointF(left, baseline), label.text or "")

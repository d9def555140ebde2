"""What stands at the ends of lines: a marker at each, and beside all of them names, one above the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen, QTransform

from gradsim.ui.exponents import draw_text, width_of
from gradsim.ui.label import mode_for
from gradsim.ui.plots.marks import fill_outlined
from gradsim.ui.plots.strokes import in_px
from gradsim.ui.theme import Look, font, text_width

MOST_COLOURED = 4
"""Up to so many names have their runs' colours on a projector."""

GAP = 0.7
"""Room between ends and names, in heights of the type: leader lines run there."""
DISTANCE = 1.25
LEAST_DISTANCE = 1.0
"""Between two names, one above the other, in heights of the type; the least is for where there is little room."""


def crossed(name: str) -> str:
    """Return the name of a run that has diverged; after a number the cross is not to look like a factor."""
    return f"{name}: ×" if name[-1:].isdigit() else f"{name} ×"


def draw_end(painter: QPainter, look: Look, run: int, at: QPointF, radius: float) -> None:
    """Draw the marker of a run."""
    colour, card, marker = QColor(look.run_colour(run)), QColor(look.theme.card), look.run_marker(run)
    fill_outlined(painter, marker.shape, radius, at, 0.7 * radius, card, card)
    fill_outlined(painter, marker.shape, radius, at, 0.35 * radius, colour, card if marker.hollow else colour)


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
        self._em = look.metrics.name
        self.font = font(self._em, QFont.Weight.Bold)
        self._metrics = QFontMetrics(self.font)
        self.labels: Sequence[EndLabel] = ()
        self._column = 0.0
        self._bounds = QRectF()
        self.setZValue(20)

    @property
    def radius(self) -> float:
        """Radius of the markers in pixels."""
        return max(2.0 * self._look.metrics.line, 0.3 * self._look.metrics.tick)

    @property
    def reach(self) -> float:
        """How far markers reach from their middles, with their outlines, in pixels."""
        return 1.2 * self.radius + 1.0

    def gap_px(self, aside: int) -> float:
        """Return how far from the ends names begin, where markers are moved by so many places at most."""
        return self.marks_px(aside) + GAP * self._em

    def marks_px(self, aside: int) -> float:
        """Return how far from the ends markers reach that are moved by so many places at most."""
        return self.radius + aside * self._aside_px()

    def _aside_px(self) -> float:
        return 2.5 * self.radius

    def distance_px(self, count: int, height: float) -> float:
        """Return how far so many names are apart, one above the other, 0 where there is no room for them."""
        for distance in (DISTANCE, LEAST_DISTANCE):
            if count * distance * self._em <= height:
                return distance * self._em
        return 0.0

    def width_px(self, text: str) -> float:
        """Return how wide a name is."""
        return float(width_of(self._look, self.font, text))

    def elided(self, name: str, most_px: float, names: Sequence[str]) -> str:
        """Return as much of one of the names as has room."""
        if text_width(self.font, name) < int(most_px):
            return name
        return self._metrics.elidedText(name, mode_for(names), int(most_px))

    def show_labels(self, labels: Sequence[EndLabel], column: float, bounds: QRectF) -> None:
        """Show these, whose texts begin (or end, to the left) beside x = `column`, within these bounds."""
        if (list(labels), column, bounds) != (list(self.labels), self._column, self._bounds):
            self.prepareGeometryChange()
            self.labels, self._column, self._bounds = labels, column, bounds
            self.update()

    def boundingRect(self) -> QRectF:
        return self._bounds

    def text_rects(self, places: Sequence[QPointF]) -> list[QRectF]:
        """Return where the texts are written, given the pixels of their column and heights."""
        side, width = (-1.0 if self._to_left else 1.0), self.width_px
        gap = self.gap_px(max((label.aside for label in self.labels), default=0))
        found = []
        for label, place in zip(self.labels, places, strict=True):
            wide = width(label.text or "")
            left = place.x() + side * gap - (wide if self._to_left else 0.0)
            found.append(QRectF(left, place.y() - self._em / 2, wide, self._em))
        return found

    def paint(self, painter: QPainter, *args: object) -> None:
        if not self.labels:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        ends = in_px(painter, np.array([(label.x, label.y) for label in self.labels]))
        places = in_px(painter, np.array([(self._column, label.place) for label in self.labels]))
        to_px = painter.worldTransform()
        painter.setWorldTransform(QTransform())
        rects = self.text_rects([QPointF(*place) for place in places.tolist()])
        away = -self._aside_px() if self._to_left else self._aside_px()
        marked = [
            QPointF(x + label.aside * away, y) for label, (x, y) in zip(self.labels, ends.tolist(), strict=True)
        ]
        for label, end, mark, rect in zip(self.labels, ends.tolist(), marked, rects, strict=True):
            self._draw_ground(painter, label, QPointF(*end), mark, rect)
        # After all grounds: one may reach below the name above it, and its letters are to be whole.
        painter.setFont(self.font)
        for label, rect in zip(self.labels, rects, strict=True):
            self._draw_text(painter, label, rect)
        for label, mark in zip(self.labels, marked, strict=True):
            draw_end(painter, self._look, label.run, mark, self.radius)
        painter.setWorldTransform(to_px)

    def _draw_ground(self, painter: QPainter, label: EndLabel, end: QPointF, mark: QPointF, rect: QRectF) -> None:
        """Draw what is below a name, a line to its marker where the two are apart, and one from there to the end."""
        painter.setPen(QPen(QColor(self._look.run_colour(label.run)), max(1.0, 0.4 * self._look.metrics.line)))
        painter.drawLine(QLineF(end, mark))
        if label.text is None:
            return
        near = rect.right() + 0.15 * self._em if self._to_left else rect.left() - 0.15 * self._em
        edge = QPointF(near, rect.center().y())
        if abs(edge.y() - mark.y()) > 0.3 * self._em or abs(edge.x() - mark.x()) > 1.5 * self._em:
            painter.drawLine(QLineF(mark, edge))
        painter.fillRect(rect, QColor(self._look.theme.card))  # no line of the grid is to cross it

    def _draw_text(self, painter: QPainter, label: EndLabel, rect: QRectF) -> None:
        """Write a name."""
        if label.text is None:
            return
        painter.setPen(QColor(self._look.text_colour(label.run)))
        if self._look.theme.name == "projector" and self._runs > MOST_COLOURED:
            painter.setPen(QColor(self._look.theme.ink))
        at = QPointF(rect.left(), rect.center().y() + self._metrics.capHeight() / 2)
        draw_text(painter, self._look, at, label.text)

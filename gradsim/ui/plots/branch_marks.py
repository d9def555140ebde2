"""Marks on the lines of runs: a ring where a fork leaves another run, a lozenge where a run changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPolygonF, QTransform

from gradsim.ui.plots.marks import mark_width
from gradsim.ui.plots.sample_marks import SHAPES
from gradsim.ui.plots.strokes import in_px
from gradsim.ui.theme import Look


class BranchMark(NamedTuple):
    """A mark in data coordinates: of a change, or of a fork, before which there are so many at the same place."""

    x: float
    y: float
    of_fork: bool
    siblings: int = 0


def draw_branch(painter: QPainter, look: Look, colour: QColor, at: QPointF, mark: BranchMark) -> None:
    """Draw a mark at a place in pixels: its outline in the colour of the run, around those at the same place."""
    radius, width = 0.36 * look.metrics.tick, mark_width(look)
    radius += mark.siblings * (width + 1.5 * look.metrics.hair)
    outline = QPolygonF(
        [at + QPointF(*corner) for corner in radius * SHAPES["circle" if mark.of_fork else "diamond"]]
    )
    painter.setBrush(QBrush() if mark.siblings else QBrush(QColor(look.theme.card)))
    for pen in (QPen(QColor(look.theme.card), width + 2 * look.metrics.hair), QPen(colour, width))[
        mark.siblings > 0 :
    ]:
        painter.setPen(pen)
        painter.drawPolygon(outline)


class BranchMarks(pg.GraphicsObject):  # type: ignore[misc]
    """The marks on one run's line in a plot, over all lines."""

    def __init__(self, look: Look, colour: str) -> None:
        super().__init__()
        self._look, self._colour = look, QColor(colour)
        self.marks: Sequence[BranchMark] = ()
        self.setZValue(10)

    def show_marks(self, marks: Sequence[BranchMark]) -> None:
        """Show these marks."""
        if marks != self.marks:
            self.prepareGeometryChange()
            self.marks = marks
            self.update()

    def boundingRect(self) -> QRectF:
        if not self.marks:
            return QRectF()
        x, y = [mark.x for mark in self.marks], [mark.y for mark in self.marks]
        return QRectF(min(x), min(y), max(x) - min(x), max(y) - min(y))

    def paint(self, painter: QPainter, *args: object) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        to_px = painter.worldTransform()
        px = in_px(painter, np.array([(mark.x, mark.y) for mark in self.marks]).reshape(-1, 2))
        painter.setWorldTransform(QTransform())
        for mark, (x, y) in zip(self.marks, px.tolist(), strict=True):
            draw_branch(painter, self._look, self._colour, QPointF(x, y), mark)
        painter.setWorldTransform(to_px)

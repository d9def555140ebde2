"""Painting on the decision boundary: what the mouse does is shown at once, and each stroke changes the experiment."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import hypot
from typing import Protocol

from PySide6.QtCore import QObject, QPointF, Signal

from gradsim.engine.data.user_points import MAX_POINTS, Dot, Points
from gradsim.sim.kinds.train.painting import cleared, painted
from gradsim.ui.plots.plot import Plot
from gradsim.ui.theme import Look
from gradsim.ui.views.train.brush import APART_EM, FIRST_TOUCH, NEXT_TOUCH, Brush, BrushBar, cursor_of, touched


class Canvas(Protocol):
    """A picture of the plane that points are painted on."""

    plot: Plot

    def show_dots(self, points: Points) -> None:
        """Show these points in place of those before."""

    def show_stroke(self, dots: Sequence[Dot]) -> None:
        """Show the points of the stroke that is being painted, too."""


class Painter(QObject):
    """Follows the mouse on pictures of one plane.

    Parameters
    ----------
    view
        Whose pictures they are.
    look
        Colours and sizes.
    canvases
        The pictures.
    points
        What is there at first.
    """

    edited = Signal(object)
    """A stroke has ended: a function from a full table to one with the stroke."""

    def __init__(self, view: QObject, look: Look, canvases: Sequence[Canvas], points: Points) -> None:
        super().__init__(view)
        self._look, self._canvases = look, canvases
        self.points = points
        """Those of the experiment as it is edited, which may not run yet."""
        self.brush = Brush()
        self.bar: BrushBar | None = None
        self._added: list[Dot] = []
        self._removed: list[Dot] = []
        self._last: QPointF | None = None
        """Where the brush has touched last, while the button is down."""

    def make_bar(self, brush: Brush) -> BrushBar:
        """Return the brushes, for a window, and let the mouse paint."""
        self.bar, self.brush = BrushBar(self._look, brush), brush
        self.bar.chosen.connect(self._on_chosen)
        self.bar.cleared.connect(self._on_cleared)
        for canvas in self._canvases:
            canvas.plot.pressed.connect(partial(self._on_pressed, canvas))
            canvas.plot.dragged.connect(partial(self._on_dragged, canvas))
            canvas.plot.released.connect(self._on_released)
        self._on_chosen(brush)
        self.show(self.points)
        return self.bar

    def show(self, points: Points) -> None:
        """Show points, and what is being painted on them."""
        self.points = points
        if self.bar:
            self.bar.show_count(len(points.points), points.classes)
        gone = set(self._removed)
        kept = tuple(dot for dot in points.points if dot not in gone)
        shown = points if len(kept) == len(points.points) else Points(kept, points.window, points.test_fraction)
        for canvas in self._canvases:
            canvas.show_dots(shown)
            canvas.show_stroke(self._added)

    def _on_chosen(self, brush: Brush) -> None:
        self.brush = brush
        for canvas in self._canvases:
            canvas.plot.viewport().setCursor(cursor_of(brush, self._look))

    def _on_cleared(self) -> None:
        self.edited.emit(cleared)

    def _on_pressed(self, canvas: Canvas, place: QPointF) -> None:
        self._added, self._removed, self._last = [], [], None
        self._touch(canvas, place)

    def _on_dragged(self, canvas: Canvas, place: QPointF) -> None:
        if self._last is None:  # the button went down elsewhere
            return
        unit, moved = self._em(canvas), place - self._last
        if hypot(moved.x() / unit.x(), moved.y() / unit.y()) >= APART_EM:
            self._touch(canvas, place)

    def _touch(self, canvas: Canvas, place: QPointF) -> None:
        self._last = place
        unit, far = self._em(canvas), self.brush.reach_em
        reach = QPointF(far * unit.x(), far * unit.y())
        if self.brush.erases:
            gone = touched(self.points.points, place, reach)
            if gone:
                self._removed += gone
                self.show(self.points)
            return
        there = len(self.points.points) + len(self._added)
        count = NEXT_TOUCH if self._added else FIRST_TOUCH
        x0, x1, y0, y1 = self.points.window
        self._added += self.brush.touch(place, reach, (x0, x1, y0, y1), count, there)[: max(0, MAX_POINTS - there)]
        for each in self._canvases:
            each.show_stroke(self._added)

    def _em(self, canvas: Canvas) -> QPointF:
        """Return how much along x and y the height of the type of ticks is."""
        across, up = canvas.plot.box.viewPixelSize()
        tick = self._look.metrics.tick
        return QPointF(tick * across, tick * up)

    def _on_released(self) -> None:
        added, removed = tuple(self._added), tuple(self._removed)
        self._added, self._removed, self._last = [], [], None
        if added or removed:
            self.edited.emit(partial(painted, added, removed))
            self.show(self.points)

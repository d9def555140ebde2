"""The axes of a lesson's curve, with what the room draws over them, what is measured, and the gap between."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF, QTransform

from gradsim.engine.types import Array
from gradsim.sim.documents.document import Document
from gradsim.sim.documents.measures import run_index
from gradsim.sim.documents.predict import Right
from gradsim.sim.votes.drawing import Drawing, place_text
from gradsim.ui.identities import slots_of
from gradsim.ui.plots.plot import DecadeAxis, NamedAxis, Plot, ValueAxis
from gradsim.ui.plots.strokes import Strokes, in_px
from gradsim.ui.theme import Look, mixed

_STEPS = 40
"""How many presses of an arrow lead from the lower end of the axis to the upper."""
_BESIDE = 0.5
"""How far the axis of layers goes on beyond the first and the last."""
_GAP = 0.28
"""How much of the run's colour is in the gap."""
_ROOM = 0.04
"""How much room is above and below, as a share of the axis."""
_BESIDE_NEXT = 0.38
"""The radius of dots at most, as a share of the distance of two layers."""


class DrawingPlot(Plot):
    """The axes of a lesson's curve with what is drawn over them.

    Parameters
    ----------
    document
        Whose lesson asks.
    look
        Colours and sizes.
    drawing
        What is drawn.
    """

    def __init__(self, document: Document, look: Look, drawing: Drawing) -> None:
        assert document.lesson is not None
        asked = document.lesson.predict
        assert asked is not None
        assert asked.curve is not None
        coloured = Look(look.theme, look.metrics, look.language, slots_of(document.experiment))
        curve, self._log, self._drawing = asked.curve, asked.is_log, drawing
        self._axis: DecadeAxis | ValueAxis = (DecadeAxis if self._log else ValueAxis)("left", look)
        by_layer = curve.over == "layers"
        bottom: NamedAxis | ValueAxis = ValueAxis("bottom", look)
        if by_layer:
            last = place_text(curve, document.experiment, drawing.x[-1], look.language)
            names = [f"{x:.0f}" for x in drawing.x[:-1]] + [last]
            bottom = NamedAxis("bottom", look, list(zip(drawing.x.tolist(), names, strict=True)))
        bottom.title = look.tr("layer") if by_layer else look.tr("step")
        super().__init__(coloured, self._axis, bottom)
        run = run_index(document.experiment, curve.run)
        self._marks = _Marks(coloured, run, drawing, by_layer, self._scaled)
        self.add(self._marks)
        beside = _BESIDE if by_layer else 0.01 * (drawing.x[-1] - drawing.x[0])
        self._x = (float(drawing.x[0]) - beside, float(drawing.x[-1]) + beside)
        low, high = self._scaled(np.array(asked.scale))
        self.ends = (float(low), float(high))
        self._fit(self.ends)

    def _scaled(self, y: Array) -> Array:
        if not self._log:
            return np.asarray(y, np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.log10(y))

    def _fit(self, ends: tuple[float, float]) -> None:
        low, high = ends
        room = _ROOM * (high - low)
        y = (low - room, high + room)
        self.left_width(self._axis.labels(*y))
        self.set_ranges(x=self._x, y=y)
        self._marks.set_bounds(QRectF(self._x[0], y[0], self._x[1] - self._x[0], y[1] - y[0]))

    def point_at(self, place: QPointF) -> tuple[float, float]:
        """Return the point at a place of the plot, or at the nearest place within its axes."""
        x = min(max(place.x(), float(self._drawing.x[0])), float(self._drawing.x[-1]))
        return x, self._value(place.y())

    def _value(self, height: float) -> float:
        inside = min(max(height, self.ends[0]), self.ends[1])
        return float(10.0**inside) if self._log else inside

    def raised(self, index: int, by: int) -> float:
        """Return the value of a point a little higher or lower."""
        low, high = self.ends
        heights = self._scaled(self._drawing.y)
        known = np.flatnonzero(np.isfinite(heights))
        if not np.isfinite(heights[index]):
            return self._value(heights[known[np.abs(known - index).argmin()]] if len(known) else (low + high) / 2.0)
        return self._value(float(heights[index]) + by * (high - low) / _STEPS)

    def show_drawing(self, chosen: int) -> None:
        """Show what is drawn, with a ring around the point that keys move."""
        self._marks.show_chosen(chosen)

    def show_right(self, right: Right) -> None:
        """Show the measured curve and the gap to it; what is beyond the axis makes it longer."""
        heights = self._scaled(right.y)
        seen = heights[np.isfinite(heights)]
        if len(seen):
            self._fit((min(self.ends[0], float(seen.min())), max(self.ends[1], float(seen.max()))))
        self._marks.show_right(right.x, heights, self._scaled(self._drawing.at(right.x)))


class _Marks(pg.GraphicsObject):  # type: ignore[misc]
    """What is drawn and what is measured, with what lies between."""

    def __init__(
        self, look: Look, run: int, drawing: Drawing, by_layer: bool, scaled: Callable[[Array], Array]
    ) -> None:
        super().__init__()
        self._look, self._colour, self._drawing, self._by_layer = (
            look,
            QColor(look.run_colour(run)),
            drawing,
            by_layer,
        )
        self._pale = mixed(look.run_colour(run), look.theme.card, _GAP)
        self._scaled = scaled
        self._chosen = -1
        self._measured: tuple[Array, Array, Array] | None = None
        self._bounds, self._radius = QRectF(), 1.0
        self._strokes = Strokes()

    def set_bounds(self, bounds: QRectF) -> None:
        self.prepareGeometryChange()
        self._bounds = bounds

    def boundingRect(self) -> QRectF:
        return self._bounds

    def show_chosen(self, chosen: int) -> None:
        self._chosen = chosen
        self.update()

    def show_right(self, x: Array, heights: Array, drawn: Array) -> None:
        self._measured, self._chosen = (x, heights, drawn), -1
        self.update()

    def paint(self, painter: QPainter, *args: object) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        drawn = in_px(painter, np.stack([self._drawing.x, self._scaled(self._drawing.y)], axis=1))
        pairs = None
        if self._measured is not None:
            x, heights, guessed = self._measured
            pairs = in_px(painter, np.stack([x, heights], axis=1)), in_px(painter, np.stack([x, guessed], axis=1))
        self._radius = self._fitting_radius(abs(painter.worldTransform().m11()))
        empty = in_px(painter, np.array([[self._drawing.x[max(self._chosen, 0)], self._bounds.center().y()]]))[0]
        to_px = painter.worldTransform()
        painter.setWorldTransform(QTransform())
        if pairs is not None:
            self._paint_gap(painter, *pairs)
            self._paint_measured(painter, pairs[0])
        self._paint_drawn(painter, drawn[np.isfinite(drawn).all(axis=1)])
        if self._chosen >= 0:
            at = drawn[self._chosen] if np.isfinite(drawn[self._chosen]).all() else empty
            self._dot(painter, at, 1.5 * self._radius, QColor(self._look.theme.accent), None)
        painter.setWorldTransform(to_px)

    def _fitting_radius(self, unit_px: float) -> float:
        """Return the radius of dots, where layers are so many pixels apart."""
        usual = 0.32 * self._look.metrics.tick
        return min(usual, _BESIDE_NEXT * unit_px) if self._by_layer else usual

    def _paint_gap(self, painter: QPainter, measured: Array, guessed: Array) -> None:
        both = np.isfinite(measured).all(axis=1) & np.isfinite(guessed).all(axis=1)
        measured, guessed = measured[both], guessed[both]
        if self._by_layer:
            painter.setPen(QPen(self._pale, 1.3 * self._radius, c=Qt.PenCapStyle.FlatCap))
            for start, stop in zip(measured, guessed, strict=True):
                painter.drawLine(QPointF(*start), QPointF(*stop))
        elif len(measured) > 1:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._pale)
            outline = np.concatenate([measured, guessed[::-1]])
            painter.drawPolygon(QPolygonF([QPointF(*point) for point in outline.tolist()]))

    def _paint_measured(self, painter: QPainter, points: Array) -> None:
        points = points[np.isfinite(points).all(axis=1)]
        if self._by_layer:
            for point in points:
                self._dot(painter, point, self._radius, QColor(self._look.theme.card), self._colour)
        elif len(points) > 1:
            self._strokes.line(painter, points, QPen(self._colour, 1.2 * self._look.metrics.line))

    def _paint_drawn(self, painter: QPainter, points: Array) -> None:
        ink, line = QColor(self._look.theme.ink), self._look.metrics.line
        pen = QPen(ink, 0.8 * line, c=Qt.PenCapStyle.FlatCap)
        pen.setDashPattern([2.2, 1.4])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF([QPointF(*point) for point in points.tolist()]))
        if self._by_layer:
            for point in points:
                self._dot(painter, point, self._radius, ink, QColor(self._look.theme.card))

    def _dot(self, painter: QPainter, at: Array, radius: float, rim: QColor, fill: QColor | None) -> None:
        painter.setPen(QPen(rim, min(max(2.0, 0.6 * self._look.metrics.line), 0.5 * self._radius)))
        painter.setBrush(Qt.BrushStyle.NoBrush if fill is None else fill)
        painter.drawEllipse(QPointF(*at), radius, radius)

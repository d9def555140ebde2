"""Where sigmoid outputs are: dots on σ above and on σ′ below, and their start, which can be dragged along."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPen, QPolygonF

from gradsim.engine.nn.activations import Sigmoid
from gradsim.ui.exponents import draw_in, width_of
from gradsim.ui.plots.activation_curves import LEFT, MIDDLE, ActivationCurves, Curve
from gradsim.ui.plots.marks import HEAD, draw_marker
from gradsim.ui.theme import Look, font

_REACHES = (6.0, 8.0, 10.0, 15.0, 20.0, 30.0, 50.0, 100.0, 200.0, 500.0, 1000.0)
"""Where the axis of z may end."""
_PEAK = 0.25
_SPAN_POINTS = 33
_TEXT_AT, _STEEP = 0.34, 0.66
"""At which height of σ what is said of a start stands, or as far below 1; σ has it at minus and plus this z."""
_GRAB_EM = 1.4
"""How near the pointer has to come to a start, in heights of the type."""


class Place(NamedTuple):
    """Where a run's outputs are: their mean z, and between which z nine in ten of them lie."""

    run: int
    z: float
    low: float
    high: float


class SigmoidPlaces(ActivationCurves):
    """The curves of σ and σ′, with a dot for each run on both.

    Parameters
    ----------
    look
        Colours and sizes.
    """

    is_self_told = True
    slope_name = "σ′(z)"

    dragged = Signal(float, float)
    """A start is held: the z where it was taken, and that under the pointer."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, _REACHES[0])
        self._places: Sequence[Place] = ()
        self._starts: Sequence[float] = ()
        self._texts: tuple[Sequence[str], str] = ((), "")
        self._target: float | None = None
        self._can_drag = False
        self._held: float | None = None
        self._at = 0.0
        self.show_curves([Curve(Sigmoid(), look.theme.ink, "σ(z)")], _PEAK)

    def show_places(
        self,
        places: Sequence[Place],
        starts: Sequence[float],
        target: float | None,
        texts: tuple[Sequence[str], str] = ((), ""),
    ) -> None:
        """Show dots, where runs started, the target of a single output, and what is said of the first start.

        That is at σ the first text that has room, and one at σ′.
        """
        self._places, self._starts, self._target, self._texts = places, starts, target, texts
        known = [*starts, *(z for place in places for z in (place.z, place.low, place.high))]
        most = max((abs(z) for z in known if isfinite(z)), default=0.0)
        if self._held is None:
            self.set_reach(next((reach for reach in _REACHES if reach >= 1.1 * most), _REACHES[-1]))
        self.update()

    def let_drag(self, can_drag: bool) -> None:
        """Say whether starts can be dragged."""
        self._can_drag = can_drag

    def let_go(self) -> None:
        """Show starts where they are known to be, not where one was dragged to."""
        self._held = None
        self.update()

    # Places

    def bands(self) -> list[QRectF]:
        tick = self.look.metrics.tick
        high = self.height() - 1.8 * tick
        upper = self.band(0.9 * tick, 0.58 * high - 2.2 * tick)
        return [upper, self.band(0.58 * high + 0.2 * tick, 0.42 * high - 0.4 * tick)]

    def axes(self, bands: Sequence[QRectF]) -> Sequence[QRectF]:
        return bands[-1:]

    def _x(self, band: QRectF, z: float) -> float:
        shown = min(max(z, -self.reach), self.reach)
        return band.left() + band.width() * (shown + self.reach) / (2.0 * self.reach)

    def _on_curves(self, z: float) -> tuple[QPointF, QPointF]:
        """Return where a z is on σ and on σ′."""
        upper, lower = self.bands()
        a, x = _sigma(z), self._x(upper, z)
        slope = a * _sigma(-z)
        return (
            QPointF(x, upper.bottom() - upper.height() * a),
            QPointF(x, lower.bottom() - lower.height() * slope / _PEAK),
        )

    @property
    def _shown_starts(self) -> list[float]:
        moved = 0.0 if self._held is None else self._at - self._held
        return [start + moved for start in self._starts]

    # Painting

    def draw_more(self, painter: QPainter, bands: Sequence[QRectF]) -> None:
        if self._target is not None:
            self._draw_target(painter, bands[0], self._target)
        for start in self._shown_starts[:1]:
            self._draw_plumb(painter, bands, start)
        for rank, place in enumerate(self._places):
            self._draw_span(painter, rank, place)
        for start in self._shown_starts:
            self._draw_ring(painter, start)
        for rank, place in enumerate(self._places):
            radius = HEAD * self.look.metrics.tick * self._scale(rank)
            for at in self._on_curves(place.z):
                colour = QColor(self.look.run_colour(place.run))
                draw_marker(painter, self.look, colour, at, radius, self.look.run_marker(place.run))

    def _scale(self, rank: int) -> float:
        """Return how much larger a mark is than one alone: the more are drawn over it, so that it is a ring."""
        radius, at = HEAD * self.look.metrics.tick, self._on_curves(self._places[rank].z)[0]
        others = [self._on_curves(place.z)[0] for place in self._places[rank + 1 :]]
        over = sum(np.hypot(other.x() - at.x(), other.y() - at.y()) < 1.5 * radius for other in others)
        return 1.15 + float(over) * min(0.8, 1.6 / max(1, len(self._places) - 1))

    def _draw_target(self, painter: QPainter, band: QRectF, target: float) -> None:
        y = band.bottom() - band.height() * min(max(target, 0.0), 1.0)
        painter.setPen(QPen(QColor(self.look.theme.ink), 0.7 * self.look.metrics.line))
        painter.drawLine(QPointF(band.left(), y), QPointF(band.right(), y))
        tick = self.look.metrics.tick
        painter.setFont(font(tick, QFont.Weight.DemiBold))
        painter.setPen(QColor(self.look.theme.muted))
        text = self.look.tr("target {y}").format(y=f"{target:g}".replace("-", "−"))
        width = width_of(self.look, painter.font(), text)
        # σ is far from 0 at the right; at the left, where it is far from 1, the name of the curve has the first line.
        place = QRectF(band.right() - width - 0.3 * tick, y - 1.5 * tick, width, 1.5 * tick)
        crossing = [x for start in self._shown_starts[:1] if place.left() < (x := self._x(band, start)) + 1.0]
        if crossing and crossing[0] < place.right():  # not over the line of the start
            place.moveRight(crossing[0] - 0.4 * tick)
        if target > 0.5:
            place.moveTopLeft(QPointF(band.left() + 0.4 * tick, y + 1.6 * tick))
        reach = 2.0 * HEAD * tick
        marks = [self._on_curves(each.z)[0] for each in self._places]
        if not any(place.adjusted(-reach, -reach, reach, reach).contains(mark) for mark in marks):
            draw_in(painter, self.look, place, LEFT | MIDDLE, text)

    def _draw_plumb(self, painter: QPainter, bands: Sequence[QRectF], z: float) -> None:
        """Draw a line through the start on both curves, and write beside it what is said of the start."""
        lower = bands[-1]
        ends = self._on_curves(z)
        pen = QPen(QColor(self.look.theme.muted), max(1.0, self.look.metrics.hair), Qt.PenStyle.DashLine)
        painter.setPen(pen)
        x = ends[0].x()
        painter.drawLine(QPointF(x, ends[0].y()), QPointF(x, lower.bottom()))
        self._draw_texts(painter, bands, z)

    def _draw_texts(self, painter: QPainter, bands: Sequence[QRectF], z: float) -> None:
        """Write beside the start where there is room: below σ at the right of the middle, above it at the left."""
        look, tick, (upper, lower) = self.look, self.look.metrics.tick, bands
        painter.setFont(font(tick, QFont.Weight.DemiBold))
        painter.setPen(QColor(look.theme.ink))
        texts, slope = self._texts
        x, curve = self._x(upper, z), self._x(upper, _STEEP if z < 0.0 else -_STEEP)
        y = upper.top() + (_TEXT_AT if z < 0.0 else 1.0 - _TEXT_AT) * upper.height()
        for text in texts:
            width = width_of(look, painter.font(), text)
            left = _fitting(width, 0.5 * tick, x, curve, (upper.left(), upper.right()), z < 0.0)
            if left is not None:
                draw_in(painter, look, QRectF(left, y - 0.7 * tick, width, 1.4 * tick), LEFT | MIDDLE, text)
                break
        width = width_of(look, painter.font(), slope)
        left, down = (lower.left() + 0.4 * tick, 1.6) if z < 0.0 else (lower.right() - width, 0.2)
        if width < 0.38 * lower.width():
            draw_in(painter, look, QRectF(left, lower.top() + down * tick, width, 1.4 * tick), LEFT | MIDDLE, slope)

    def _draw_ring(self, painter: QPainter, z: float) -> None:
        width, radius = (
            max(2.0, 0.9 * self.look.metrics.line),
            HEAD * self.look.metrics.tick * (self._scale(0) + 0.6 if self._places else 1.6),
        )
        painter.setPen(QPen(QColor(self.look.theme.accent if self._can_drag else self.look.theme.ink), width))
        painter.setBrush(QColor(self.look.theme.card))
        painter.drawEllipse(self._on_curves(z)[0], radius, radius)

    def _draw_span(self, painter: QPainter, rank: int, place: Place) -> None:
        """Draw the piece of σ where most outputs are, the wider the earlier it is drawn, so that all are seen."""
        if place.high - place.low < 1e-9:
            return
        zs = np.linspace(place.low, place.high, _SPAN_POINTS).tolist()
        points = [self._on_curves(z) for z in zs]
        colour, width = QColor(self.look.run_colour(place.run)), self.look.metrics.line
        pen = QPen(colour, width * (1.8 + 1.6 * (1.0 - (rank + 1) / len(self._places))))
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for curve in range(2):
            painter.drawPolyline(QPolygonF([point[curve] for point in points]))

    # The mouse

    def _z_at(self, x: float) -> float:
        band = self.bands()[0]
        z = 2.0 * self.reach * (x - band.left()) / band.width() - self.reach
        return round(min(max(z, -self.reach), self.reach), 2 if self.reach <= 10 else 1)

    def _near(self, place: QPointF) -> float | None:
        """Return the start under a place, if there is one that can be dragged."""
        if not self._can_drag:
            return None
        away = [
            (min(np.hypot(at.x() - place.x(), at.y() - place.y()) for at in self._on_curves(z)), z)
            for z in self._starts
        ]
        nearest = min(away, default=None)
        return nearest[1] if nearest and nearest[0] <= _GRAB_EM * self.look.metrics.tick else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._held = self._near(event.position())
            self._at = self._held or 0.0

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is None:
            is_near = self._near(event.position()) is not None
            self.setCursor(Qt.CursorShape.SizeHorCursor if is_near else Qt.CursorShape.ArrowCursor)
            super().mouseMoveEvent(event)
            return
        z = self._z_at(event.position().x())
        if z != self._at:
            self._at = z
            self.update()
            self.dragged.emit(self._held, z)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._held is not None:
            moved = self._at - self._held
            self._starts = [start + moved for start in self._starts]
            self.let_go()


def _fitting(
    width: float, gap: float, x: float, curve: float, ends: tuple[float, float], is_above: bool
) -> float | None:
    """Return where a text begins that is not to touch the curve or the line at `x`, None where it has no room."""
    if is_above:
        left = max(ends[0] + gap, min(x, curve - gap - width))
        return left if left + width + gap <= curve else None
    if ends[1] - x >= width + gap:
        return max(x, curve) + gap
    return x - gap - width if x - 2.0 * gap - width >= curve else None


def _sigma(z: float) -> float:
    return float(1.0 / (1.0 + np.exp(-min(max(z, -700.0), 700.0))))

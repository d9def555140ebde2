"""A network as it is drawn in textbooks: layers as columns of units, and weights as lines between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from gradsim.engine.types import Array
from gradsim.sim.kinds.train.network_sample import DrawnNetwork
from gradsim.ui.plots.strength import LEVELS, Strength
from gradsim.ui.plots.strokes import Strokes

_NEAR = 5.0
"""How near a pointer has to be to what it reads, in pixels."""


_FAINTEST_UNIT = 3
"""No unit is drawn fainter than this level: the network is to be seen where its weights are not."""


class Spot(NamedTuple):
    """What the pointer is at: a unit of a layer, the inputs being layer 0; a weight, or all weights, into a layer."""

    kind: Literal["unit", "weight", "layer"]
    layer: int
    number: int = 0


class NetworkLines:
    """Draws the sampled units and weights of a network.

    Parameters
    ----------
    network, strength
        What is drawn, and how strong.
    room
        Where the units are.
    """

    def __init__(self, network: DrawnNetwork, strength: Strength, room: QRectF) -> None:
        self.network, self.strength, self.room = network, strength, room
        self._strokes = Strokes()
        self._points = [self._column(layer) for layer in range(len(network.sample.units))]

    def _column(self, layer: int) -> Array:
        """Return the places (units, 2) of a layer's units."""
        units = len(self.network.sample.units[layer])
        y = self.room.top() + self.room.height() * (np.arange(units) + 0.5) / units
        return np.stack([np.full(units, self.x(layer)), y], axis=1)

    def x(self, layer: int) -> float:
        """Return where a layer's column is, the inputs being layer 0."""
        return self.room.left() + self.room.width() * layer / (len(self.network.sample.sizes) - 1)

    def middle(self, gap: int) -> float:
        """Return the middle of the weights into a layer."""
        return 0.5 * (self.x(gap) + self.x(gap + 1))

    def points(self, layer: int) -> Array:
        """Return the places (units, 2) of a layer's units, the inputs being layer 0."""
        return self._points[layer]

    def radius(self, layer: int) -> float:
        """Return the radius of a layer's units."""
        look, last = self.strength.look, len(self._points) - 1
        spacing = self.room.height() / len(self._points[layer])
        largest = {0: 0.14, last: 0.42}.get(layer, 0.3) * look.metrics.tick
        return max(0.9, min(0.38 * spacing, largest))

    # Painting

    def paint(self, painter: QPainter) -> None:
        """Draw lines, strong ones over faint ones, and units over them."""
        levels = np.array(self.strength.levels(np.concatenate(self.network.weights)))
        ends = np.concatenate([self._ends(gap) for gap in range(len(self.network.sample.gaps))])
        for level in range(LEVELS):
            pen = self.strength.pen(level, self._widest)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            self._strokes.segments(painter, ends[levels == level], pen)
        self._paint_inputs(painter)
        for layer, values in enumerate(self.network.biases, start=1):
            self._paint_units(painter, layer, self.strength.levels(values))

    def paint_lit(self, painter: QPainter) -> None:
        """Draw the lines as they are where a pulse passes them."""
        pen = QPen(self.strength.lit, max(self.strength.look.metrics.hair, min(self._widest, 0.9 * self._line)))
        for gap in range(len(self.network.sample.gaps)):
            self._strokes.segments(painter, self._ends(gap), pen)

    @property
    def _line(self) -> float:
        return self.strength.look.metrics.line

    @property
    def _widest(self) -> float:
        """Return how wide a line may be so that they are told apart."""
        units = max(len(units) for units in self.network.sample.units[1:])
        return max(1.0, 0.4 * self.room.height() / units)

    def _ends(self, gap: int) -> Array:
        """Return the ends (lines, [x0, y0, x1, y1]) of the lines into a layer, from edge to edge of its units."""
        found, (below, above) = self.network.sample.gaps[gap], (self._points[gap], self._points[gap + 1])
        start, stop = below[found.start].copy(), above[found.stop].copy()
        start[:, 0] += self.radius(gap) + 1.0
        stop[:, 0] -= self.radius(gap + 1) + 1.0
        return np.concatenate([start, stop], axis=1)

    def _paint_inputs(self, painter: QPainter) -> None:
        side, colour = 2.0 * self.radius(0), QColor(self.strength.look.theme.muted)
        for x, y in self._points[0].tolist():
            painter.fillRect(QRectF(x - side / 2, y - side / 2, side, side), colour)

    def _paint_units(self, painter: QPainter, layer: int, levels: Sequence[int]) -> None:
        points, radius = self._points[layer].tolist(), self.radius(layer)
        dead = self.network.dead[layer - 1] if layer <= len(self.network.dead) else np.zeros(len(points), np.bool_)
        painter.setPen(Qt.PenStyle.NoPen)
        before = -1
        for level, unit in sorted((max(_FAINTEST_UNIT, levels[i]), i) for i in np.flatnonzero(~dead).tolist()):
            if level != before:
                painter.setBrush(self.strength.colours[level])
                before = level
            painter.drawEllipse(QPointF(*points[unit]), radius, radius)
        for unit in np.flatnonzero(dead).tolist():
            self._paint_dead(painter, QPointF(*points[unit]), radius)

    def _paint_dead(self, painter: QPainter, at: QPointF, radius: float) -> None:
        """Draw a hollow unit with a cross, somewhat larger than the others."""
        look = self.strength.look
        radius = max(1.15 * radius, 0.16 * look.metrics.tick)
        painter.setPen(QPen(QColor(look.theme.ink), max(1.0, 0.9 * look.metrics.hair)))
        painter.setBrush(QColor(look.theme.card))
        painter.drawEllipse(at, radius, radius)
        side = 0.707 * radius
        painter.drawLine(at + QPointF(-side, -side), at + QPointF(side, side))
        painter.drawLine(at + QPointF(-side, side), at + QPointF(side, -side))

    # The pointer

    def spot(self, at: QPointF) -> Spot | None:
        """Return what is at a place."""
        if not self.room.adjusted(-_NEAR, -_NEAR, _NEAR, _NEAR).contains(at):
            return None
        place = np.array([at.x(), at.y()])
        share = (at.x() - self.room.left()) / max(1.0, self.room.width())
        layer = int(np.clip(round(share * (len(self._points) - 1)), 0, len(self._points) - 1))
        away = np.hypot(*(self._points[layer] - place).T)
        if away.min() <= self.radius(layer) + _NEAR / 2:
            return Spot("unit", layer, int(away.argmin()))
        gap = int(np.clip(share * (len(self._points) - 1), 0, len(self._points) - 2))
        far = _distances(self._ends(gap), place)
        return Spot("weight", gap, int(far.argmin())) if far.min() <= _NEAR else Spot("layer", gap)


def _distances(ends: Array, place: Array) -> Array:
    """Return the distances (lines,) of a place from lines (lines, [x0, y0, x1, y1])."""
    start, way = ends[:, :2], ends[:, 2:] - ends[:, :2]
    along = ((place - start) * way).sum(axis=1) / np.maximum((way**2).sum(axis=1), 1e-12)
    return np.asarray(np.hypot(*(start + np.clip(along, 0.0, 1.0)[:, None] * way - place).T))

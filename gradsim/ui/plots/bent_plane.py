"""A plane as a layer of a network has bent it: a grid, its places in the colours of the classes, and the samples."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from pyqtgraph.functions import arrayToQPolygonF
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradsim.engine.types import Array, Indices
from gradsim.sim.kinds.train.representation import LayerPlane
from gradsim.ui.exponents import draw_in
from gradsim.ui.plots.classes import class_colour, class_shape
from gradsim.ui.plots.devices import painting_on
from gradsim.ui.plots.sample_marks import SHAPES
from gradsim.ui.theme import Look, font, mixed

SIDE = 22
"""How many nodes a side of the grid has."""
_EVERY = 3
"""A line is drawn at each third of them."""
_TINT = 0.28
_BEYOND = 1.2
"""How much is shown, in ranges of the samples."""


class BentPlane(QWidget):
    """What one layer makes of the plane.

    Parameters
    ----------
    look
        Colours and sizes.
    """

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look
        self._title = ""
        self._plane: LayerPlane | None = None
        self._decided: Indices = np.empty(0, np.intp)
        self._classes: Indices = np.empty(0, np.intp)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(60, 60)

    def show_plane(self, plane: LayerPlane, decided: Indices, classes: Indices, title: str) -> None:
        """Show a layer's plane; `decided` are the classes of the nodes' places, `classes` those of the samples."""
        self._plane, self._decided, self._classes, self._title = plane, decided, classes, title
        self.update()

    def room(self) -> QRectF:
        """Return the square in which the plane is."""
        top = 1.6 * self.look.metrics.tick
        side = max(1.0, min(self.width() - 4.0, self.height() - top - 4.0))
        return QRectF((self.width() - side) / 2, top, side, side)

    def to_px(self, places: Array) -> Array:
        """Return places (n, 2) in pixels: the samples fill the room."""
        assert self._plane is not None
        room, samples = self.room(), self._plane.samples
        low, high = samples.min(axis=0), samples.max(axis=0)
        px = room.width() / (_BEYOND * float((high - low).max()) or 1.0)
        x, y = (px * (places - (low + high) / 2.0)).T
        return np.stack([room.center().x() + x, room.center().y() - y], axis=1)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._plane is None:
            return
        with painting_on(self) as painter:
            painter.setFont(font(self.look.metrics.tick))
            painter.setPen(QColor(self.look.theme.ink))
            head = QRectF(0.0, 0.0, self.width(), 1.5 * self.look.metrics.tick)
            text = QFontMetrics(painter.font()).elidedText(self._title, Qt.TextElideMode.ElideRight, self.width())
            draw_in(painter, self.look, head, Qt.AlignmentFlag.AlignCenter, text)
            painter.setClipRect(self.room())
            nodes = self.to_px(self._plane.nodes).reshape(SIDE, SIDE, 2)
            self._draw_ground(painter, nodes)
            self._draw_grid(painter, nodes)
            self._draw_samples(painter, self.to_px(self._plane.samples))
            self._draw_cut(painter, self.to_px(self._plane.cut))
            painter.setClipping(False)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(self.look.theme.line), self.look.metrics.hair))
            painter.drawRect(self.room())

    def _draw_ground(self, painter: QPainter, nodes: Array) -> None:
        """Fill the places around the nodes, bent as they are, in the colours of the classes that are decided for."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        theme, classes = self.look.theme, self._decided.reshape(SIDE, SIDE)[:-1, :-1]
        fills = {
            number: mixed(class_colour(theme, number), theme.card, _TINT) for number in np.unique(classes).tolist()
        }
        # Strips of one class that are not folded are filled at once; the fewer there are, the sooner it is done.
        painter.setPen(Qt.PenStyle.NoPen)
        kinds, seen = 2 * classes + (_turns(nodes) > 0.0), _reaching(nodes, self.room())
        for row, kind in enumerate(kinds):
            ends = [0, *(np.flatnonzero(np.diff(kind)) + 1).tolist(), len(kind)]
            for start, end in pairwise(ends):
                if seen[row, start:end].any():
                    strip = np.concatenate([nodes[row, start : end + 1], nodes[row + 1, start : end + 1][::-1]])
                    painter.setBrush(fills[int(kind[start]) // 2])
                    painter.drawPolygon(_polygon(strip), Qt.FillRule.WindingFill)

    def _draw_grid(self, painter: QPainter, nodes: Array) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(QPen(mixed(self.look.theme.ink, self.look.theme.card, 0.45), self.look.metrics.hair))
        for at in range(0, SIDE, _EVERY):
            for line in (nodes[at], nodes[:, at]):
                painter.drawPolyline(_polygon(line))

    def _draw_samples(self, painter: QPainter, places: Array) -> None:
        theme, radius = self.look.theme, max(2.0, 0.2 * self.look.metrics.tick)
        painter.setPen(QPen(QColor(theme.card), radius / 4))
        for number in np.unique(self._classes).tolist():
            painter.setBrush(QColor(class_colour(theme, number)))
            outline = _polygon(radius * SHAPES[class_shape(number)])
            for x, y in places[self._classes == number].tolist():
                painter.drawPolygon(outline.translated(x, y))

    def _draw_cut(self, painter: QPainter, ends: Array) -> None:
        """Draw the straight cut between two classes."""
        if np.isfinite(ends).all():
            painter.setPen(QPen(QColor(self.look.theme.ink), self.look.metrics.line))
            painter.drawLine(QPointF(*ends[0]), QPointF(*ends[1]))


def _reaching(nodes: Array, room: QRectF) -> Array:
    """Tell of each place between nodes (rows, columns, 2) whether some of it may be in a rectangle."""
    corners = np.stack([nodes[:-1, :-1], nodes[:-1, 1:], nodes[1:, :-1], nodes[1:, 1:]])
    low, high = corners.min(axis=0), corners.max(axis=0)
    inside = (low < [room.right(), room.bottom()]) & (high > [room.left(), room.top()])
    return np.asarray(inside.all(axis=-1))


def _turns(nodes: Array) -> Array:
    """Return, for each place between nodes (rows, columns, 2), its area: negative where it is turned over."""
    across, up = nodes[1:, 1:] - nodes[:-1, :-1], nodes[1:, :-1] - nodes[:-1, 1:]
    return np.asarray(across[..., 0] * up[..., 1] - across[..., 1] * up[..., 0])


def _polygon(places: Array) -> QPolygonF:
    polygon: QPolygonF = arrayToQPolygonF(places[:, 0], places[:, 1])
    return polygon

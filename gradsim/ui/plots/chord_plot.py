"""A function along a straight line, with the chord between its ends, and where it rises above that."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QTransform

from gradsim.engine.types import Array
from gradsim.sim.kinds.race.convexity import Chord
from gradsim.ui.plots.convexity_plot import LETTERS
from gradsim.ui.plots.plot import NamedAxis, Plot, ValueAxis
from gradsim.ui.plots.strokes import Strokes, in_px
from gradsim.ui.theme import Look

_BEYOND = 0.04
"""How far the axis goes on beyond both ends, as a share of the way."""
_ROOM = 0.08
"""How much room is above and below, as a share of the heights."""
_ABOVE, _BELOW = 0.30, 0.10
"""How opaque the area is where the function is above the chord, and where it is below."""


class ChordPlot(Plot):
    """One loss from A to B.

    Parameters
    ----------
    look
        Colours and sizes.
    run
        Whose colour it has.
    """

    def __init__(self, look: Look, run: int) -> None:
        bottom = NamedAxis("bottom", look, list(zip((0.0, 1.0), LETTERS, strict=True)))
        self._values = ValueAxis("left", look)
        super().__init__(look, self._values, bottom)
        self._marks = _Marks(look, run)
        self.add(self._marks)
        self.set_ranges(x=(-_BEYOND, 1.0 + _BEYOND))

    def sizeHint(self) -> QSize:
        """Want no more than the least: two of these in a column would take the room of the views below."""
        return QSize(self.minimumWidth(), self.minimumHeight())

    def show_chord(self, chord: Chord) -> None:
        """Show a function and its chord."""
        seen = np.concatenate([chord.values, chord.heights])
        seen = seen[np.isfinite(seen)]
        low, high = (float(seen.min()), float(seen.max())) if len(seen) else (0.0, 1.0)
        room = _ROOM * ((high - low) or abs(high) or 1.0)
        low, high = low - room, high + room
        self.set_ranges(y=(low, high))
        self.left_width(self._values.labels(low, high))
        self._marks.show_chord(chord, QRectF(-_BEYOND, low, 1.0 + 2.0 * _BEYOND, high - low))


class _Marks(pg.GraphicsObject):  # type: ignore[misc]
    """The function, its chord, what lies between them, and the ends."""

    def __init__(self, look: Look, run: int) -> None:
        super().__init__()
        self._look, self._colour = look, QColor(look.run_colour(run))
        self._chord: Chord | None = None
        self._bounds = QRectF()
        self._strokes = Strokes()

    def show_chord(self, chord: Chord, bounds: QRectF) -> None:
        self.prepareGeometryChange()
        self._chord, self._bounds = chord, bounds
        self.update()

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(self, painter: QPainter, *args: object) -> None:
        if self._chord is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        to_px = painter.worldTransform()
        values, heights = (
            in_px(painter, np.stack([self._chord.shares, of], axis=1))
            for of in (self._chord.values, self._chord.heights)
        )
        painter.setWorldTransform(QTransform())
        self._paint_px(painter, values, heights)
        painter.setWorldTransform(to_px)

    def _paint_px(self, painter: QPainter, values: Array, heights: Array) -> None:
        known = np.isfinite(values).all(axis=1) & np.isfinite(heights).all(axis=1)
        values, heights = values[known], heights[known]
        if len(values) < 2:
            return
        ink, line = QColor(self._look.theme.ink), self._look.metrics.line
        self._fill(painter, values, heights)
        self._strokes.line(painter, heights[[0, -1]], QPen(ink, 0.7 * line))
        self._strokes.line(painter, values, QPen(self._colour, line))
        tick = self._look.metrics.tick
        painter.setPen(QPen(QColor(self._look.theme.card), 2.0 * self._look.metrics.hair))
        painter.setBrush(ink)
        for x, y in heights[[0, -1]].tolist():
            painter.drawEllipse(QPointF(x, y), 0.36 * tick, 0.36 * tick)

    def _fill(self, painter: QPainter, values: Array, heights: Array) -> None:
        """Fill what lies between: strongly where the function is above its chord (pixels count downwards)."""
        painter.setPen(Qt.PenStyle.NoPen)
        for opacity, edge in ((_ABOVE, np.minimum), (_BELOW, np.maximum)):
            side = np.column_stack([values[:, 0], edge(values[:, 1], heights[:, 1])])
            outline = np.concatenate([side, heights[::-1]])
            colour = QColor(self._colour)
            colour.setAlphaF(opacity)
            painter.setBrush(colour)
            painter.drawPolygon(pg.functions.arrayToQPolygonF(outline[:, 0], outline[:, 1]))

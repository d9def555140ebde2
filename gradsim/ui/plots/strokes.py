"""Wide lines, drawn as single segments: Qt takes five times as long to stroke a wide polyline as a whole."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QLineF, Qt
from PySide6.QtGui import QPainter, QPen

from gradsim.engine.types import Array

MOST_DASHES = 5_000
"""Lines of more dashes than this, most of them far outside of the picture, are left to Qt."""


class Strokes:
    """Draws lines in pixels, in a space of its own that is used again."""

    def __init__(self) -> None:
        self._space = pg.Qt.internals.PrimitiveArray(QLineF, 4)
        self._room = 0
        """How many lines it holds."""
        self._lines: Array = np.empty((0, 4))
        """The space as an array, and as what Qt is told to draw: to make that anew each time takes longest."""
        self._for_qt = QLineF()

    def line(self, painter: QPainter, px: Array, pen: QPen, drawn: float = 0.0) -> None:
        """Draw a line through `px` (n, 2), in dashes if the pen has them, which go on after a length `drawn`."""
        if len(px) < 2:
            return
        if pen.style() == Qt.PenStyle.SolidLine:
            # Flat ends that meet leave a pale seam between them; round ones take four times as long.
            seamless = QPen(pen)
            seamless.setCapStyle(Qt.PenCapStyle.SquareCap)
            lines = self._lines_for(len(px) - 1)
            lines[:, :2], lines[:, 2:] = px[:-1], px[1:]
            self._draw(painter, seamless, len(lines))
            return
        pattern = pen.widthF() * np.array(pen.dashPattern())
        if lengths(px).sum() / pattern.sum() <= MOST_DASHES:
            solid = QPen(pen)
            solid.setStyle(Qt.PenStyle.SolidLine)
            self.segments(painter, dashes(px, pattern, drawn), solid)
        else:
            painter.setPen(pen)
            painter.drawPolyline(pg.functions.arrayToQPolygonF(px[:, 0], px[:, 1]))

    def segments(self, painter: QPainter, ends: Array, pen: QPen) -> None:
        """Draw lines from and to `ends` (n, [x0, y0, x1, y1])."""
        if len(ends):
            self._lines_for(len(ends))[:] = ends
            self._draw(painter, pen, len(ends))

    def _lines_for(self, count: int) -> Array:
        """Return the space for so many lines, to be filled."""
        if count > self._room:
            self._room = max(count, 2 * self._room)
            self._space.resize(self._room)
            self._lines, (self._for_qt, _) = self._space.ndarray(), self._space.drawargs()
        return self._lines[:count]

    def _draw(self, painter: QPainter, pen: QPen, count: int) -> None:
        painter.setPen(pen)
        painter.drawLines(self._for_qt, count)


def in_px(painter: QPainter, points: Array) -> npt.NDArray[np.float64]:
    """Return where the painter would paint points (n, 2), in pixels: what is painted there is not scaled itself."""
    at = painter.worldTransform()
    with np.errstate(all="ignore"):  # a pixel for each of the smallest numbers there are makes it infinite
        return np.asarray(points * (at.m11(), at.m22()) + (at.dx(), at.dy()), np.float64)


def joined(px: Array) -> Array:
    """Return the segments (n - 1, [x0, y0, x1, y1]) of a line through `px` (n, 2)."""
    return np.concatenate([px[:-1], px[1:]], axis=1)


def lengths(px: Array) -> Array:
    """Return the lengths (n - 1,) of the segments of a line through `px` (n, 2)."""
    return np.asarray(np.hypot(*np.diff(px, axis=0).T))


def dashes(px: Array, pattern: Array, drawn: float = 0.0) -> Array:
    """Return the segments (m, [x0, y0, x1, y1]) that are left of a line when it is dashed.

    Parameters
    ----------
    px : (n, 2)
        The line.
    pattern : (even,)
        Lengths of dashes and gaps in turn.
    drawn
        The length of what went before.
    """
    along = drawn + np.concatenate([[0.0], np.cumsum(lengths(px))])
    edges, period = np.cumsum(pattern), float(pattern.sum())
    periods = np.arange(np.floor(along[0] / period), np.floor(along[-1] / period) + 1.0)
    cuts = (period * periods[:, None] + edges).ravel()
    cuts = cuts[(cuts > along[0]) & (cuts < along[-1])]
    at = np.sort(np.concatenate([along, cuts]))
    points = np.stack([np.interp(at, along, px[:, 0]), np.interp(at, along, px[:, 1])], axis=1)
    middles = 0.5 * (at[:-1] + at[1:]) % period
    is_dash = np.searchsorted(edges, middles, side="right") % 2 == 0
    return np.asarray(joined(points)[is_dash & (np.diff(at) > 0.0)])

"""Lines, with a band around them or without, as items that are cheap to change every frame.

pyqtgraph's FillBetweenItem rebuilds paths and ranges of three items for each
change; these keep arrays and paint them, which takes a fifth of the time.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF, QTransform

from gradsim.ui.plots.strokes import Strokes, in_px
from gradsim.ui.theme import Look

Points = npt.NDArray[np.float64]


class _Band(pg.GraphicsObject):  # type: ignore[misc]
    """A filled region, below all lines of its plot."""

    def __init__(self, fill: QColor) -> None:
        super().__init__()
        self._fill, self._region = fill, QPolygonF()
        self.setZValue(-10)

    def show_region(self, region: QPolygonF) -> None:
        if region != self._region:
            self.prepareGeometryChange()
            self._region = region
            self.update()

    def boundingRect(self) -> QRectF:
        return self._region.boundingRect()

    def paint(self, painter: QPainter, *args: object) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._fill)
        painter.drawPolygon(self._region)


def solid(pen: QPen) -> QPen:
    """Return a pen without dashes: they cannot be seen on a line that is not smooth, where markers tell it."""
    whole = QPen(pen)
    whole.setStyle(Qt.PenStyle.SolidLine)
    return whole


def rim_of(look: Look) -> QPen:
    """Return the pen that sets a line off from another one beside it."""
    return QPen(QColor(look.theme.card), 1.7 * look.metrics.line)


class Line(pg.GraphicsObject):  # type: ignore[misc]
    """A line in data coordinates."""

    def __init__(self, pen: QPen) -> None:
        super().__init__()
        self.pen = pen
        """What it is drawn with."""
        self._points: Points = np.empty((0, 2))
        self._bounds = QRectF()
        self._strokes = Strokes()
        self.rim: QPen | None = None
        """What sets it off from a line that it runs beside."""

    def show_line(self, x: Points, y: Points) -> None:
        """Show these points, both of shape (n,)."""
        self.prepareGeometryChange()
        self._points, self._bounds = np.empty((len(x), 2)), QRectF()
        self._points[:, 0], self._points[:, 1] = x, y
        if len(x):
            x0, x1, y0, y1 = (float(v) for v in (x.min(), x.max(), y.min(), y.max()))
            self._bounds = QRectF(x0, y0, x1 - x0, y1 - y0)
        self.update()

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(self, painter: QPainter, *args: object) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        to_px = painter.worldTransform()
        px = in_px(painter, self._points)
        painter.setWorldTransform(QTransform())
        self.paint_px(painter, px)
        painter.setWorldTransform(to_px)

    def paint_px(self, painter: QPainter, px: Points) -> None:
        """Paint the points (n, 2), which are in pixels here."""
        if self.rim is not None:
            self._strokes.line(painter, px, self.rim)
        self._strokes.line(painter, px, self.pen)


class Segments(pg.GraphicsObject):  # type: ignore[misc]
    """Separate straight lines in data coordinates, many of them."""

    def __init__(self, pen: QPen) -> None:
        super().__init__()
        self._pen, self._ends = pen, np.empty((0, 4))
        self._bounds = QRectF()
        self._strokes = Strokes()

    def show_segments(self, ends: Points) -> None:
        """Show lines from and to `ends` (n, [x0, y0, x1, y1])."""
        self.prepareGeometryChange()
        self._ends, self._bounds = ends, QRectF()
        if len(ends):
            low, high = (of(ends.reshape(-1, 2), axis=0) for of in (np.min, np.max))
            self._bounds = QRectF(*low, *(high - low))
        self.update()

    @property
    def ends(self) -> Points:
        """The lines shown."""
        return self._ends

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(self, painter: QPainter, *args: object) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        to_px = painter.worldTransform()
        ends = in_px(painter, self._ends.reshape(-1, 2)).reshape(-1, 4)
        painter.setWorldTransform(QTransform())
        self._strokes.segments(painter, ends, self._pen)
        painter.setWorldTransform(to_px)


class BandedLine(Line):
    """The median as a line and the band as a filled region; both are to be added to a plot.

    A line that is `headed` has a dot at its end: it is under way.
    """

    def __init__(self, pen: QPen, fill: QColor, headed: bool = True) -> None:
        super().__init__(pen)
        self._headed = headed
        self.band = _Band(fill)
        self._head = QPen(pen.color(), 3 * pen.widthF(), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)

    def show_points(self, x: Points, low: Points, middle: Points, high: Points) -> None:
        """Show these points, all of shape (n,); there are none of a run that diverged before its first step."""
        self.show_line(x, middle)
        if not len(x) or np.array_equal(low, high):  # of one replica there is nothing to fill
            self.band.show_region(QPolygonF())
            return
        around = np.concatenate([x, x[::-1]]), np.concatenate([low, high[::-1]])
        self.band.show_region(pg.functions.arrayToQPolygonF(*around))

    def paint_px(self, painter: QPainter, px: Points) -> None:
        super().paint_px(painter, px)
        if len(px) and self._headed:
            painter.setPen(self._head)
            painter.drawPoint(QPointF(*px[-1]))

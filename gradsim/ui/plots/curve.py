"""A line with a band around it, as one item that is cheap to change every frame.

pyqtgraph's FillBetweenItem rebuilds paths and ranges of three items for each
change; this one keeps two arrays and paints them, which takes a fifth of the time.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

Points = npt.NDArray[np.float64]


class _Band(pg.GraphicsObject):  # type: ignore[misc]
    """A filled region, below all lines of its plot."""

    def __init__(self, fill: QColor) -> None:
        super().__init__()
        self._fill, self._region = fill, QPolygonF()
        self.setZValue(-10)

    def show_region(self, region: QPolygonF) -> None:
        self.prepareGeometryChange()
        self._region = region
        self.update()

    def boundingRect(self) -> QRectF:
        return self._region.boundingRect()

    def paint(self, painter: QPainter, *args: object) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(QColor(0, 0, 0, 0)))
        painter.setBrush(self._fill)
        painter.drawPolygon(self._region)


class BandedLine(pg.GraphicsObject):  # type: ignore[misc]
    """The median as a line and the band as a filled region, in data coordinates; both are to be added to a plot."""

    def __init__(self, pen: QPen, fill: QColor) -> None:
        super().__init__()
        self._pen = pen
        self.band = _Band(fill)
        self._head = QPen(pen.color(), 3 * pen.widthF(), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
        self._head.setCosmetic(True)
        self._line = QPolygonF()
        # A wide polyline is slow to stroke as a whole, single segments are not; dashes need the whole.
        solid = pen.style() == Qt.PenStyle.SolidLine
        self._segments = pg.Qt.internals.PrimitiveArray(QLineF, 4) if solid else None
        self._bounds = QRectF()

    def show_points(self, x: Points, low: Points, middle: Points, high: Points) -> None:
        """Show these points, all of shape (n,)."""
        self.prepareGeometryChange()
        if len(x) == 0:  # a run that diverged before its first step
            self._line, self._bounds = QPolygonF(), QRectF()
            self.band.show_region(QPolygonF())
            return
        if self._segments is not None:
            self._segments.resize(max(0, len(x) - 1))
            ends = self._segments.ndarray()
            ends[:, 0], ends[:, 1], ends[:, 2], ends[:, 3] = x[:-1], middle[:-1], x[1:], middle[1:]
        self._line = pg.functions.arrayToQPolygonF(x, middle)
        around = np.concatenate([x, x[::-1]]), np.concatenate([low, high[::-1]])
        self.band.show_region(pg.functions.arrayToQPolygonF(*around))
        self._bounds = self._line.boundingRect()
        self.update()

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(self, painter: QPainter, *args: object) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(self._pen)
        if self._line.isEmpty():
            return
        if self._segments is not None:
            painter.drawLines(*self._segments.drawargs())
        else:
            painter.drawPolyline(self._line)
        painter.setPen(self._head)
        painter.drawPoint(self._line.last())

"""Labels beside points: placed so that they hide neither each other nor the points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QPaintEngine, QPainter, QPainterPath, QPen, QPixmap

from gradsim.engine.types import Array

_WAYS = np.array([(1, 0), (1, -1), (1, 1), (0, -1), (0, 1), (-1, -1), (-1, 1), (-1, 0)], float)
_REACHES = np.array([1.0, 2.4, 4.0, 6.0, 8.5])
"""How far from its point a label may be, in gaps."""

_CHOICES = np.arange(len(_WAYS) * len(_REACHES))
_FAR = _CHOICES // len(_WAYS)


_LEAST_RIM = 3.0
"""A rim narrower than this leaves what is behind in sight right beside the letters."""


class Placed(NamedTuple):
    """Where a label is, and whether a line is to lead to its point."""

    rect: QRectF
    led: bool
    choice: int
    """Which of the places was taken, to be preferred next time."""


def place_labels(
    points: Sequence[QPointF],
    sizes: Sequence[QSizeF],
    room: QRectF,
    gap: float,
    before: Sequence[int] = (),
    avoid: Sequence[QRectF] = (),
) -> list[Placed]:
    """Return a place for each point's label, one after the other, each where it overlaps least.

    Parameters
    ----------
    points
        What is labelled.
    sizes
        Those of the labels.
    room
        Where labels may be.
    gap
        Between a point and its label.
    before
        The choices of last time: they are kept as long as they are about as good, so that labels do not jump.
    avoid
        What is to be left free.
    """
    centres = np.array([(point.x(), point.y()) for point in points]).reshape(-1, 2)
    taken = [_corners(rect) for rect in avoid]
    placed: list[Placed] = []
    for i, size in enumerate(sizes):
        rects = _places(centres[i], size, gap)
        cost = _cost(rects, np.array(taken).reshape(-1, 4), centres, _corners(room), gap)
        cost += size.height() * (0.15 * size.height() * _FAR + 0.01 * _CHOICES)
        if i < len(before):
            cost[before[i]] -= 0.3 * size.height() ** 2
        choice = int(np.argmin(cost))
        x0, y0, x1, y1 = rects[choice].tolist()
        placed.append(Placed(QRectF(x0, y0, x1 - x0, y1 - y0), choice >= len(_WAYS), choice))
        taken.append(rects[choice])
    return placed


def _corners(rect: QRectF) -> Array:
    return np.array([rect.left(), rect.top(), rect.right(), rect.bottom()])


def _places(centre: Array, size: QSizeF, gap: float) -> Array:
    """Return all rectangles (choices, [left, top, right, bottom]) where a label may be."""
    extent = np.array([size.width(), size.height()])
    corner = centre + gap * _REACHES[:, None, None] * _WAYS - extent * (1.0 - _WAYS) / 2.0
    corner = corner.reshape(-1, 2)
    return np.concatenate([corner, corner + extent], axis=1)


def _cost(rects: Array, taken: Array, points: Array, room: Array, gap: float) -> Array:
    """Return the area that is hidden or outside, of each rectangle; points and other labels count for more."""
    height = rects[:, 3] - rects[:, 1]
    outside = (rects[:, 2] - rects[:, 0]) * height - _shared(rects, room[None])[:, 0]
    hidden = _shared(rects, taken).sum(axis=1)
    around = rects + 0.5 * gap * np.array([-1.0, -1.0, 1.0, 1.0])
    over = (points >= around[:, None, :2]) & (points <= around[:, None, 2:])
    return np.asarray(4.0 * outside + 12.0 * hidden + over.all(axis=2).sum(axis=1) * height**2)


def _shared(rects: Array, others: Array) -> Array:
    """Return the area that each of `rects` shares with each of `others`."""
    low, high = np.maximum(rects[:, None, :2], others[:, :2]), np.minimum(rects[:, None, 2:], others[:, 2:])
    return np.asarray(np.maximum(high - low, 0.0).prod(axis=2))


def paints_pixels(painter: QPainter) -> bool:
    """Tell whether a painter makes pixels, to which pictures kept from before may be copied, and not shapes."""
    return painter.paintEngine().type() == QPaintEngine.Type.Raster


class HaloText:
    """A text with a rim in the colour of the ground, so that it reads on lines and colours; painted once."""

    def __init__(self, text: str, font: QFont, colour: str, halo: str, rim: float) -> None:
        rim = max(_LEAST_RIM, rim)
        self._path = QPainterPath()
        self._path.addText(0.0, 0.0, font, text)
        self._bounds = self._path.boundingRect().adjusted(-rim, -rim, rim, rim)
        self._text, self._font = text, font
        self.size = self._bounds.size()
        self._brush = QBrush(QColor(colour))
        self._rim = QPen(QColor(halo), 2.0 * rim)
        self._rim.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        self._pixmap = QPixmap()

    def draw(self, painter: QPainter, place: QPointF) -> None:
        """Draw it with its upper left corner at `place`, at whole pixels."""
        if not paints_pixels(painter):
            self._draw_shapes(painter, place)
            return
        ratio = painter.device().devicePixelRatioF()
        if self._pixmap.isNull() or self._pixmap.devicePixelRatioF() != ratio:
            self._pixmap = self._painted(ratio)
        painter.drawPixmap(QPointF(round(place.x() * ratio) / ratio, round(place.y() * ratio) / ratio), self._pixmap)

    def _draw_shapes(self, painter: QPainter, place: QPointF) -> None:
        at = place - self._bounds.topLeft()
        painter.strokePath(self._path.translated(at), self._rim)
        painter.setFont(self._font)
        painter.setPen(self._brush.color())
        painter.drawText(at, self._text)

    def _painted(self, ratio: float) -> QPixmap:
        pixmap = QPixmap((self._bounds.size() * ratio).toSize() + QSizeF(2, 2).toSize())
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(-self._bounds.topLeft())
        painter.strokePath(self._path, self._rim)
        painter.fillPath(self._path, self._brush)
        painter.end()
        return pixmap

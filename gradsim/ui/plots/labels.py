"""Labels beside points: placed so that they hide neither each other nor the points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QPainter, QPainterPath, QPen

_WAYS = ((1, 0), (1, -1), (1, 1), (0, -1), (0, 1), (-1, -1), (-1, 1), (-1, 0))
_REACHES = (1.0, 2.4, 4.0, 6.0, 8.5)
"""How far from its point a label may be, in gaps."""


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
    placed: list[Placed] = []
    for i, (point, size) in enumerate(zip(points, sizes, strict=True)):
        taken = [*avoid, *(label.rect for label in placed)]
        best, least = None, float("inf")
        for choice, rect in enumerate(_places(point, size, gap)):
            cost = _cost(rect, taken, points, room, gap) + 0.15 * (choice // len(_WAYS)) * size.height() ** 2
            cost += 0.01 * choice * size.height()
            if i < len(before) and before[i] == choice:
                cost -= 0.3 * size.height() ** 2
            if cost < least:
                best, least = Placed(rect, choice >= len(_WAYS), choice), cost
        assert best is not None
        placed.append(best)
    return placed


def _places(point: QPointF, size: QSizeF, gap: float) -> list[QRectF]:
    places = []
    for reach in _REACHES:
        for dx, dy in _WAYS:
            x = point.x() + reach * gap * dx - size.width() * (1 - dx) / 2
            y = point.y() + reach * gap * dy - size.height() * (1 - dy) / 2
            places.append(QRectF(QPointF(x, y), size))
    return places


def _cost(rect: QRectF, taken: Sequence[QRectF], points: Sequence[QPointF], room: QRectF, gap: float) -> float:
    """Return the area that is hidden or outside, points and other labels counting for more."""
    inside = rect.intersected(room)
    outside = rect.width() * rect.height() - max(0.0, inside.width()) * max(0.0, inside.height())
    hidden = sum(_area(rect.intersected(other)) for other in taken)
    own = rect.adjusted(-0.5 * gap, -0.5 * gap, 0.5 * gap, 0.5 * gap)
    covered = sum(own.contains(point) for point in points)
    return 4.0 * outside + 12.0 * hidden + covered * rect.height() ** 2


def _area(rect: QRectF) -> float:
    return rect.width() * rect.height() if rect.isValid() else 0.0


class HaloText:
    """A text that is drawn with a rim in the colour of the ground, so that it reads on lines and colours."""

    def __init__(self, text: str, font: QFont, colour: str, halo: str, rim: float) -> None:
        self._path = QPainterPath()
        self._path.addText(0.0, 0.0, font, text)
        bounds = self._path.boundingRect()
        self._origin = bounds.topLeft()
        self.size = QSizeF(bounds.width() + rim, bounds.height() + rim)
        self._brush = QBrush(QColor(colour))
        self._rim = QPen(QColor(halo), 2.0 * rim)
        self._rim.setJoinStyle(Qt.PenJoinStyle.RoundJoin)

    def draw(self, painter: QPainter, place: QPointF) -> None:
        """Draw it with its upper left corner at `place`."""
        painter.save()
        painter.translate(place - self._origin)
        painter.strokePath(self._path, self._rim)
        painter.fillPath(self._path, self._brush)
        painter.restore()

"""Labels beside points: placed so that they hide neither each other nor the points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QPaintEngine, QPainter, QPainterPath, QPen, QPixmap

from gradsim.engine.types import Array

_WAYS = np.array(
    [(1, 0), (1, -1), (1, 1), (0, -1), (0, 1), (-1, -1), (-1, 1), (-1, 0),
     (1, -0.5), (1, 0.5), (-1, -0.5), (-1, 0.5), (0.5, -1), (0.5, 1), (-0.5, -1), (-0.5, 1)]
)  # fmt: skip
_REACHES = np.array([1.0, 2.4, 4.0, 6.0, 8.5, 11.5, 15.0, 19.0])
"""How far from its point a label may be, in gaps."""

_CHOICES = np.arange(len(_WAYS) * len(_REACHES))
_FAR = _CHOICES // len(_WAYS)
_CROWDED = 1.6
"""Points are crowded that are nearer to each other than this, in heights of their labels."""
_FEWEST_IN_A_COLUMN = 3
_LINE = 1.2
"""The height of a line in a column, in heights of its labels."""


_LEAST_RIM = 3.0
"""A rim narrower than this leaves what is behind in sight right beside the letters."""


class Placed(NamedTuple):
    """Where a label is, and whether a line is to lead to its point."""

    rect: QRectF
    led: bool
    choice: int
    """Which of the places was taken, to be preferred next time."""


class Taken:
    """How much of the picture is taken by lines: where labels should not be.

    Parameters
    ----------
    busy : (rows, columns)
        Cells through which lines run.
    side
        That of a cell in pixels.
    """

    def __init__(self, busy: npt.NDArray[np.bool_], side: float) -> None:
        self._sums = np.zeros((busy.shape[0] + 1, busy.shape[1] + 1), np.int32)
        busy.cumsum(0, np.int32).cumsum(1, out=self._sums[1:, 1:])
        self._side = side

    def under(self, rects: Array) -> Array:
        """Return the area of the cells that are taken under each rectangle (n, [left, top, right, bottom])."""
        rows, columns = self._sums.shape
        low = np.floor(rects[:, [1, 0]] / self._side).clip(0, (rows - 1, columns - 1)).astype(int)
        high = np.ceil(rects[:, [3, 2]] / self._side).clip(0, (rows - 1, columns - 1)).astype(int)
        sums, (top, left), (bottom, right) = self._sums, low.T, high.T
        cells = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
        return np.asarray(self._side**2 * cells)


Choices = Mapping[tuple[int, ...], int]
"""Which places were taken by labels, each alone or with others in a column."""


def arrange_labels(
    points: Sequence[QPointF],
    sizes: Sequence[QSizeF],
    room: QRectF,
    gap: float,
    before: Choices,
    avoid: Sequence[QRectF] = (),
    taken: Taken | None = None,
) -> tuple[list[Placed], Choices]:
    """Return a place for each point's label, and the choices made; crowded points have theirs in a column.

    Parameters are those of :func:`place_labels`; labels avoid the points of others, too.
    """
    groups = _groups(points, sizes)
    blocks = [_block([sizes[i] for i in group]) for group in groups]
    middles = [_middle([points[i] for i in group]) for group in groups]
    chosen = [before.get(group, -1) for group in groups]
    half = 0.5 * gap
    around = [QRectF(p.x() - half, p.y() - half, gap, gap) for p in points]
    placed = place_labels(middles, blocks, room, gap, chosen, [*avoid, *around], taken)
    found: dict[int, Placed] = {}
    for group, block in zip(groups, placed, strict=True):
        found |= _unrolled(group, block, points, sizes)
    choices = {group: block.choice for group, block in zip(groups, placed, strict=True)}
    return [found[i] for i in range(len(points))], choices


def _groups(points: Sequence[QPointF], sizes: Sequence[QSizeF]) -> list[tuple[int, ...]]:
    """Return which labels stand together: many crowded ones in a column, the others alone; columns first."""
    groups: list[set[int]] = []
    for i, point in enumerate(points):
        near = [
            group
            for group in groups
            if any(_away(point, points[j]) < _CROWDED * max(sizes[i].height(), sizes[j].height()) for j in group)
        ]
        groups = [group for group in groups if group not in near] + [{i}.union(*near)]
    columns = [group for group in groups if len(group) >= _FEWEST_IN_A_COLUMN]
    alone = [{i} for group in groups if len(group) < _FEWEST_IN_A_COLUMN for i in group]
    return [tuple(sorted(group)) for group in (*columns, *sorted(alone, key=min))]


def _away(one: QPointF, other: QPointF) -> float:
    return float(np.hypot(one.x() - other.x(), one.y() - other.y()))


def _block(sizes: Sequence[QSizeF]) -> QSizeF:
    if len(sizes) == 1:
        return sizes[0]
    height = max(size.height() for size in sizes)
    return QSizeF(max(size.width() for size in sizes), _LINE * height * len(sizes))


def _middle(points: Sequence[QPointF]) -> QPointF:
    return QPointF(sum(p.x() for p in points) / len(points), sum(p.y() for p in points) / len(points))


def _unrolled(
    group: tuple[int, ...], block: Placed, points: Sequence[QPointF], sizes: Sequence[QSizeF]
) -> dict[int, Placed]:
    """Return the places of the labels in a column, in the order of their points from above."""
    if len(group) == 1:
        return {group[0]: block}
    line, left = block.rect.height() / len(group), block.rect.center().x() > _middle([points[i] for i in group]).x()
    found = {}
    for row, i in enumerate(sorted(group, key=lambda i: (round(points[i].y()), i))):
        size = sizes[i]
        x = block.rect.left() if left else block.rect.right() - size.width()
        found[i] = Placed(QRectF(QPointF(x, block.rect.top() + row * line), size), True, block.choice)
    return found


def place_labels(
    points: Sequence[QPointF],
    sizes: Sequence[QSizeF],
    room: QRectF,
    gap: float,
    before: Sequence[int] = (),
    avoid: Sequence[QRectF] = (),
    taken: Taken | None = None,
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
        The choices of last time, -1 for none: they are kept as long as they are about as good, so that labels do
        not jump.
    avoid
        What is to be left free.
    taken
        Where lines run, which are to be left free, too.
    """
    centres = np.array([(point.x(), point.y()) for point in points]).reshape(-1, 2)
    hidden = [_corners(rect) for rect in avoid]
    placed: list[Placed] = []
    for i, size in enumerate(sizes):
        rects = _places(centres[i], size, gap)
        cost = _cost(rects, np.array(hidden).reshape(-1, 4), centres, _corners(room), gap)
        if taken is not None:
            cost += 5.0 * taken.under(rects)
        small = min(size.height(), 2.5 * gap)
        cost += small * (0.15 * small * _FAR + 0.01 * _CHOICES)
        if i < len(before) and before[i] >= 0:
            cost[before[i]] -= 0.5 * size.height() * min(size.width(), 2.0 * size.height())
        choice = int(np.argmin(cost))
        x0, y0, x1, y1 = rects[choice].tolist()
        placed.append(Placed(QRectF(x0, y0, x1 - x0, y1 - y0), choice >= len(_WAYS), choice))
        hidden.append(rects[choice])
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
    return np.asarray(20.0 * outside + 12.0 * hidden + over.all(axis=2).sum(axis=1) * height**2)


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

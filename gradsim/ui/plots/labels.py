"""Labels beside points: placed so that they hide neither each other nor the points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, floor
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QPainter, QPainterPath, QPen, QPixmap

from gradsim.engine.types import Array, Indices
from gradsim.ui.plots.devices import paints_pixels
from gradsim.ui.plots.marks import within

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
_LINE = 1.1
"""The height of a line in a column, in heights of its labels."""
_AWAY = np.array([1.5, 3.0, 5.0, 8.0, 12.0, 17.0, 23.0])
"""How far from its points a column may be, in gaps."""
_LINES_UP = np.arange(-12.0, 13.0)
"""How far below its points the middle of a column may be, in lines."""

_LEAST_RIM = 3.0
"""A rim narrower than this leaves what is behind in sight right beside the letters."""


class Placed(NamedTuple):
    """Where a label is, and whether a line is to lead to its point."""

    rect: QRectF
    led: bool
    choice: int
    """Which of the places was taken, to be preferred next time."""
    side: int = 0
    """On which side of its point it is in a column: -1 left, 1 right; 0 where it is alone."""

    def lead_from(self, point: QPointF) -> QPointF:
        """Return where the line from its point ends: in a column at the near edge, so that it crosses no other."""
        if self.side:
            return QPointF(self.rect.left() if self.side > 0 else self.rect.right(), self.rect.center().y())
        return within(point, self.rect)


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


def cells_under(busy: npt.NDArray[np.bool_], side: float, rects: Sequence[QRectF]) -> int:
    """Return how many of the cells that are taken, as :class:`Taken` has them, are under all rectangles."""
    count = 0
    for rect in rects:
        rows = slice(max(0, floor(rect.top() / side)), max(0, ceil(rect.bottom() / side)))
        columns = slice(max(0, floor(rect.left() / side)), max(0, ceil(rect.right() / side)))
        count += int(np.count_nonzero(busy[rows, columns]))
    return count


class Choice(NamedTuple):
    """Which place was taken by labels that stand together, and in which order from above."""

    place: int
    order: tuple[int, ...]


Choices = Mapping[tuple[int, ...], Choice]
"""What was chosen last, for labels alone and those together in a column."""


class _Places(NamedTuple):
    """Where labels that stand together could be."""

    rects: Array
    """(choices, labels, [left, top, right, bottom])."""
    ends: Array
    """(choices, labels, 2): to where the lines from their points lead."""
    led: npt.NDArray[np.bool_]
    """(choices,): whether there are such lines."""
    effort: Array
    """(choices,): what speaks against each for being far away, as an area."""
    sides: Indices
    """(choices,): on which side of its points a column is; 0 of a label alone."""

    def only(self, choice: int) -> _Places:
        """Return one of them alone."""
        one = slice(choice, choice + 1)
        return _Places(self.rects[one], self.ends[one], self.led[one], self.effort[one], self.sides[one])


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

    Each stays where it was `before` as long as it hides next to nothing there. Parameters are those of
    :func:`place_labels`, and what lines have `taken`; labels avoid the points of others, too, and the lines that
    lead to them.
    """
    centres = np.array([(point.x(), point.y()) for point in points]).reshape(-1, 2)
    extents = np.array([(size.width(), size.height()) for size in sizes]).reshape(-1, 2)
    hidden = np.concatenate([boxes(avoid), np.concatenate([centres - 0.8 * gap, centres + 0.8 * gap], axis=1)])
    field = Field(room, centres, gap, hidden, taken)
    found: dict[int, Placed] = {}
    choices: dict[tuple[int, ...], Choice] = {}
    for group in _groups(points, sizes):
        last = before.get(group)
        order = last.order if last else tuple(sorted(group, key=lambda i: (centres[i, 1], i)))
        places = _possible(order, centres, extents, gap)
        place = field.choice(places, centres[list(order)], last.place if last else -1)
        if last is None or place != last.place:
            order = _uncrossed(order, centres, places.ends[place])
            places = _possible(order, centres, extents, gap)
        choices[group] = Choice(place, order)
        for i, (x0, y0, x1, y1) in zip(order, places.rects[place].tolist(), strict=True):
            rect = QRectF(x0, y0, x1 - x0, y1 - y0)
            found[i] = Placed(rect, bool(places.led[place]), place, int(places.sides[place]))
            field.keep(found[i], centres[i])
    return [found[i] for i in range(len(points))], choices


class Field:
    """What of a picture labels should leave free, more with each label that has its place.

    Parameters
    ----------
    room
        Where labels may be.
    points : (n, 2)
        What is labelled.
    gap
        Between a point and its label.
    hidden : (m, [left, top, right, bottom])
        What is to be left free.
    taken
        Where lines run, which are to be left free, too.
    """

    def __init__(self, room: QRectF, points: Array, gap: float, hidden: Array, taken: Taken | None = None) -> None:
        self._room, self._points, self._gap, self._taken = _corners(room), points, gap, taken
        self._hidden = hidden.reshape(-1, 4)
        self._labels, self._lines = np.empty((0, 4)), np.empty((0, 4))

    def place(self, point: Array, size: QSizeF, before: int = -1) -> Placed:
        """Return a place for the label of a point (2,), that of `before` if it is good enough, and leave it free."""
        places = _around(point, size, self._gap)
        choice = self.choice(places, point[None], before)
        x0, y0, x1, y1 = places.rects[choice, 0].tolist()
        placed = Placed(QRectF(x0, y0, x1 - x0, y1 - y0), bool(places.led[choice]), choice)
        self.keep(placed, point)
        return placed

    def keep(self, placed: Placed, point: Array) -> None:
        """Leave free a label and the line to it from its point (2,)."""
        self._labels = np.concatenate([self._labels, _corners(placed.rect)[None]])
        if placed.led:
            end = placed.lead_from(QPointF(*point.tolist()))
            self._lines = np.concatenate([self._lines, [[*point, end.x(), end.y()]]])

    def choice(self, places: _Places, points: Array, before: int) -> int:
        """Return the best of these places for the labels of `points`, the one of `before` if it is good enough."""
        height, width = (float((places.rects[0, :, i + 2] - places.rects[0, :, i]).max()) for i in (1, 0))
        bonus = 0.5 * height * min(width, 2.0 * height)
        if before >= 0 and self._cost(places.only(before), points)[0] < bonus:
            return before
        cost = self._cost(places, points) + places.effort
        if before >= 0:
            cost[before] -= bonus
        return int(np.argmin(cost))

    def _cost(self, places: _Places, points: Array) -> Array:
        """Return what is hidden or crossed at each place, as an area (choices,)."""
        count, labels, _ = places.rects.shape
        rects = places.rects.reshape(-1, 4)
        hidden = np.concatenate([self._hidden, self._labels])
        cost = _cost(rects, hidden, self._points, self._room, self._gap)
        if self._taken is not None:
            cost = cost + 12.0 * self._taken.under(rects)
        height = rects[:, 3] - rects[:, 1]
        cost += 4.0 * height**2 * _crosses(self._lines, rects).sum(axis=0)
        lines = np.concatenate([np.broadcast_to(points, places.ends.shape), places.ends], axis=2).reshape(-1, 4)
        crossed = _crosses(lines, self._labels).sum(axis=1) * np.repeat(places.led, labels)
        return np.asarray((cost + 4.0 * height**2 * crossed).reshape(count, labels).sum(axis=1))


def _possible(order: tuple[int, ...], points: Array, extents: Array, gap: float) -> _Places:
    """Return where labels could be: one alone around its point, several in a column beside theirs."""
    own, sizes = points[list(order)], extents[list(order)]
    return _columns(own, sizes, gap) if len(order) > 1 else _around(own[0], QSizeF(*sizes[0]), gap)


def _around(point: Array, size: QSizeF, gap: float) -> _Places:
    """Return where the label of a point (2,) can be, near ones first."""
    rects = _places(point, size, gap)
    small = min(size.height(), 2.5 * gap)
    effort = small * (0.15 * small * _FAR + 0.01 * _CHOICES)
    ends = np.clip(point, rects[:, :2], rects[:, 2:])
    return _Places(rects[:, None], ends[:, None], _FAR > 0, effort, np.zeros(len(rects), np.intp))


def _columns(points: Array, sizes: Array, gap: float) -> _Places:
    """Return the columns right and left of all points, where lines from these cross none of the labels."""
    line = _LINE * float(sizes[:, 1].max())
    rows = line * (np.arange(len(points)) - (len(points) - 1) / 2.0)
    side, away, down = (part.ravel() for part in np.meshgrid([1, -1], gap * _AWAY, line * _LINES_UP, indexing="ij"))
    near = np.where(side > 0, points[:, 0].max(), points[:, 0].min()) + side * away
    middles = points[:, 1].mean() + down[:, None] + rows
    edge = np.broadcast_to(near[:, None], middles.shape)
    left = np.where(side[:, None] > 0, edge, edge - sizes[:, 0])
    half = sizes[:, 1] / 2.0
    rects = np.stack([left, middles - half, left + sizes[:, 0], middles + half], axis=2)
    ends = np.stack([edge, middles], axis=2)
    small = min(line, 2.5 * gap)
    effort = len(points) * small * (0.15 * (away + 0.5 * np.abs(down)) / gap * small / 2.0 + 0.01 * (side < 0))
    return _Places(rects, ends, np.full(len(near), True), effort, side.astype(np.intp))


def _uncrossed(order: tuple[int, ...], points: Array, ends: Array) -> tuple[int, ...]:
    """Return the order of labels in which the lines from their points to `ends`, from above, do not cross."""
    found = list(order)
    for _ in found:
        for row in range(len(found) - 1):
            one, other = points[found[row]], points[found[row + 1]]
            as_is = np.hypot(*(one - ends[row])) + np.hypot(*(other - ends[row + 1]))
            if np.hypot(*(one - ends[row + 1])) + np.hypot(*(other - ends[row])) < as_is - 0.5:
                found[row], found[row + 1] = found[row + 1], found[row]
    return tuple(found)


def _crosses(lines: Array, rects: Array) -> npt.NDArray[np.bool_]:
    """Tell which of the lines (n, [x0, y0, x1, y1]) run through which rectangles (m, 4), as (n, m)."""
    start, way = lines[:, None, :2], lines[:, None, 2:] - lines[:, None, :2]
    with np.errstate(divide="ignore", invalid="ignore"):
        one, other = (rects[:, :2] - start) / way, (rects[:, 2:] - start) / way
    enter = np.fmax(np.fmin(one, other).max(axis=2), 0.0)
    leave = np.fmin(np.fmax(one, other).min(axis=2), 1.0)
    return np.asarray(enter < leave)


def runs_through(line: QLineF, rect: QRectF) -> bool:
    """Tell whether a line runs through a rectangle."""
    ends = np.array([[line.x1(), line.y1(), line.x2(), line.y2()]])
    return bool(_crosses(ends, _corners(rect)[None])[0, 0]) if line.length() > 0.0 else False


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


def place_labels(
    points: Sequence[QPointF],
    sizes: Sequence[QSizeF],
    room: QRectF,
    gap: float,
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
    avoid
        What is to be left free.
    """
    centres = np.array([(point.x(), point.y()) for point in points]).reshape(-1, 2)
    field = Field(room, centres, gap, boxes(avoid))
    return [field.place(centre, size) for centre, size in zip(centres, sizes, strict=True)]


def boxes(rects: Sequence[QRectF]) -> Array:
    """Return rectangles as an array (n, [left, top, right, bottom])."""
    return np.array([_corners(rect) for rect in rects]).reshape(-1, 4)


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
    outside = (rects[:, 2] - rects[:, 0]) * height - shared(rects, room[None])[:, 0]
    hidden = shared(rects, _touching(taken, rects)).sum(axis=1)
    around = rects + 0.5 * gap * np.array([-1.0, -1.0, 1.0, 1.0])
    over = (points >= around[:, None, :2]) & (points <= around[:, None, 2:])
    return np.asarray(20.0 * outside + 12.0 * hidden + over.all(axis=2).sum(axis=1) * height**2)


def shared(rects: Array, others: Array) -> Array:
    """Return the area that each of `rects` (n, [left, top, right, bottom]) shares with each of `others` (m, 4)."""
    sides = (np.minimum.outer(rects[:, i + 2], others[:, i + 2]) - np.maximum.outer(rects[:, i], others[:, i])
             for i in (0, 1))  # fmt: skip
    width, height = (np.maximum(side, 0.0, out=side) for side in sides)
    return np.asarray(width * height)


def _touching(others: Array, rects: Array) -> Array:
    """Return those of `others` that reach into the smallest rectangle around all `rects`."""
    low, high = rects[:, :2].min(axis=0), rects[:, 2:].max(axis=0)
    return np.asarray(others[((others[:, 2:] > low) & (others[:, :2] < high)).all(axis=1)])


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
        ground = QColor(halo)
        ground.setAlpha(255)  # it hides lines, whatever it lies on
        self._rim = QPen(ground, 2.0 * rim)
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
        with QPainter(pixmap) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.translate(-self._bounds.topLeft())
            painter.strokePath(self._path, self._rim)
            painter.fillPath(self._path, self._brush)
        return pixmap

"""Lines that are interrupted where something is written, so that no line runs through a number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF

from gradsim.sim.run.tape import Values

Line = tuple[QPointF, QPointF]


def interrupted(lines: Sequence[Line], rects: Sequence[QRectF]) -> list[list[Line]]:
    """Return what is left of each line outside of rectangles, as shorter lines from its start to its end."""
    if not lines or not rects:
        return [[line] for line in lines]
    start, stop = (np.array([[line[end].x(), line[end].y()] for line in lines]) for end in (0, 1))
    low = np.array([[rect.left(), rect.top()] for rect in rects])
    high = np.array([[rect.right(), rect.bottom()] for rect in rects])
    enter, leave = _crossings(start, stop - start, low, high)
    return [list(_rest(line, enter[at], leave[at])) for at, line in enumerate(lines)]


def _crossings(start: Values, way: Values, low: Values, high: Values) -> tuple[Values, Values]:
    """Return where along each line it enters and leaves each rectangle, from 0 to 1: (lines, rectangles).

    Where it does not meet it, it leaves no later than it enters.
    """
    start, way = start[:, None], way[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        one, other = (low - start) / way, (high - start) / way
    is_inside = (low <= start) & (start <= high)
    enter = np.where(way == 0.0, np.where(is_inside, -np.inf, np.inf), np.minimum(one, other)).max(axis=2)
    leave = np.where(way == 0.0, np.where(is_inside, np.inf, -np.inf), np.maximum(one, other)).min(axis=2)
    return np.clip(enter, 0.0, 1.0), np.clip(leave, 0.0, 1.0)


def _rest(line: Line, enter: Values, leave: Values) -> Iterator[Line]:
    """Yield the pieces of a line between the stretches from `enter` to `leave`."""
    start, way = line[0], line[1] - line[0]
    hit = enter < leave
    at = 0.0
    for begin, end in sorted(zip(enter[hit].tolist(), leave[hit].tolist(), strict=True)):
        if begin > at:
            yield start + way * at, start + way * begin
        at = max(at, end)
    if at < 1.0:
        yield start + way * at, line[1]

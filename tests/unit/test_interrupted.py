"""Lines that are interrupted where something is written."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF

from gradsim.ui.plots.interrupted import Line, interrupted


def line(x0: float, y0: float, x1: float, y1: float) -> Line:
    return QPointF(x0, y0), QPointF(x1, y1)


def ends(pieces: list[Line]) -> list[tuple[float, ...]]:
    return [tuple(round(value, 9) for point in piece for value in point.toTuple()) for piece in pieces]


def test_what_lies_in_rectangles_is_left_out() -> None:
    rects = [QRectF(2, -1, 2, 2), QRectF(3, -1, 3, 2), QRectF(8, 5, 1, 1)]
    [level, slanted, upright, missed] = interrupted(
        [line(0, 0, 10, 0), line(0, 0, 10, 10), line(3, -5, 3, 5), line(0, 9, 10, 9)], rects
    )
    assert ends(level) == [(0, 0, 2, 0), (6, 0, 10, 0)]
    assert ends(slanted) == [(0, 0, 10, 10)]
    assert ends(upright) == [(3, -5, 3, -1), (3, 1, 3, 5)]
    assert ends(missed) == [(0, 9, 10, 9)]


def test_a_line_that_begins_or_lies_in_a_rectangle() -> None:
    found = interrupted([line(0, 0, 10, 0), line(1, 0, 2, 0)], [QRectF(-1, -1, 4, 2)])
    assert [ends(pieces) for pieces in found] == [[(3, 0, 10, 0)], []]
    assert interrupted([line(0, 0, 1, 1)], []) == [[line(0, 0, 1, 1)]]


def test_random_lines_against_points_on_them() -> None:
    rng = np.random.Generator(np.random.PCG64(1))
    lines = [line(*rng.uniform(0, 100, 4).tolist()) for _ in range(40)]
    rects = [QRectF(*rng.uniform(0, 80, 2).tolist(), *rng.uniform(5, 20, 2).tolist()) for _ in range(6)]
    for (start, stop), pieces in zip(lines, interrupted(lines, rects), strict=True):
        for share in np.linspace(0.0, 1.0, 101).tolist():
            point = start + (stop - start) * share
            kept = any(_on(piece, point) for piece in pieces)
            assert kept != any(rect.contains(point) for rect in rects)


def _on(piece: Line, point: QPointF) -> bool:
    x, y = (sorted(end) for end in zip(*(each.toTuple() for each in piece), strict=True))
    return bool(x[0] - 1e-9 <= point.x() <= x[1] + 1e-9 and y[0] - 1e-9 <= point.y() <= y[1] + 1e-9)

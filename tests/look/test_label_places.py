"""Names of crowded points stand in a column: no line to one runs through another, and none jumps."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, QSizeF

from gradsim.ui.plots.labels import Placed, arrange_labels

ROOM = QRectF(0.0, 0.0, 900.0, 700.0)
SIZES = [QSizeF(60.0 + 15.0 * i, 22.0) for i in range(7)]


def crowd(seed: int) -> list[QPointF]:
    """Return points around one place."""
    return [QPointF(*place) for place in np.random.default_rng(seed).normal((450.0, 350.0), 6.0, (7, 2))]


def runs_through(point: QPointF, label: Placed, other: Placed) -> bool:
    """Tell whether the line from a point to its label runs through the label of another."""
    end, inside = label.lead_from(point), other.rect.adjusted(1, 1, -1, -1)
    return any(inside.contains(point + (end - point) * share) for share in np.linspace(0.0, 1.0, 400))


@pytest.mark.parametrize("seed", range(6))
def test_lines_run_through_no_name(seed: int) -> None:
    points = crowd(seed)
    placed, _ = arrange_labels(points, SIZES, ROOM, 13.0, {})
    assert all(label.led and ROOM.contains(label.rect) for label in placed)
    for (point, label), (_, other) in permutations(zip(points, placed, strict=True), 2):
        assert not runs_through(point, label, other)
        assert not label.rect.adjusted(1, 1, -1, -1).intersects(other.rect)


def test_names_stay_where_they_are_while_points_move_a_little() -> None:
    placed, choices = arrange_labels(crowd(1), SIZES, ROOM, 13.0, {})
    moved = [point + QPointF(1.0, -2.0) for point in crowd(1)]
    after, _ = arrange_labels(moved, SIZES, ROOM, 13.0, choices)
    for label, later in zip(placed, after, strict=True):
        away = later.rect.topLeft() - label.rect.topLeft()
        assert (away.x(), away.y()) == pytest.approx((1.0, -2.0))

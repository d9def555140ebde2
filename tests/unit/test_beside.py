"""Lines that lie on each other: compared all at once or one by one, they come to the same places."""

from __future__ import annotations

import numpy as np
import pytest

from gradsim.ui.plots.beside import _levels, _levels_at_places, _share_places, beside


@pytest.mark.parametrize("count", [0, 1, 2, 5, 8])
@pytest.mark.parametrize("points", [0, 1, 12, 300])
def test_lines_at_the_same_places_are_moved_as_any_others(count: int, points: int) -> None:
    rng = np.random.default_rng(100 * count + points)
    x = np.arange(float(points))
    heights = 0.02 * rng.standard_normal((max(2, count // 2), points)).cumsum(axis=1)
    lines = [(x, heights[i % len(heights)] + 0.01 * (x > points / 2)) for i in range(count)]
    assert _share_places(lines)
    for one, other in zip(_levels(lines, 0.05), _levels_at_places(lines, 0.05), strict=True):
        assert np.array_equal(one, other)
    if count == 8 and points == 300:
        assert any(shift.any() for shift in beside(lines, 0.05))


def test_lines_at_other_places_are_told() -> None:
    x = np.arange(5.0)
    assert not _share_places([(x, x), (x[1:], x[1:])])
    assert not _share_places([(x, x), (x + 0.5, x)])

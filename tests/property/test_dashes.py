"""Dashed lines, cut into segments."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gradsim.engine.types import Array
from gradsim.ui.plots.strokes import dashes, lengths

LINES = arrays(np.float64, st.tuples(st.integers(2, 30), st.just(2)), elements=st.floats(-500, 500, width=32))
PATTERNS = st.lists(st.floats(1.0, 40.0), min_size=2, max_size=6).filter(lambda p: len(p) % 2 == 0).map(np.array)


def drawn_px(segments: Array) -> float:
    return float(np.hypot(segments[:, 2] - segments[:, 0], segments[:, 3] - segments[:, 1]).sum())


@given(PATTERNS, st.floats(0.0, 300.0), st.floats(0.0, 900.0))
def test_on_a_straight_line_dashes_take_their_share(pattern: Array, drawn: float, length: float) -> None:
    period, edges = pattern.sum(), np.concatenate([[0.0], np.cumsum(pattern)])

    def dashed_up_to(s: float) -> float:
        whole, rest = divmod(s, period)
        return float(whole * pattern[::2].sum() + np.clip(rest - edges[:-1], 0.0, pattern)[::2].sum())

    segments = dashes(np.array([[3.0, 4.0], [3.0 + 0.6 * length, 4.0 + 0.8 * length]]), pattern, drawn)
    expected = dashed_up_to(drawn + length) - dashed_up_to(drawn)
    assert drawn_px(segments) == pytest.approx(expected, abs=1e-6)


@given(LINES, PATTERNS, st.data())
def test_a_line_drawn_in_two_parts_looks_as_in_one(line: Array, pattern: Array, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(line) - 1))
    first, second = line[: at + 1], line[at:]
    parts = [dashes(first, pattern), dashes(second, pattern, float(lengths(first).sum()))]
    whole = dashes(line, pattern)
    assert drawn_px(np.concatenate(parts)) == pytest.approx(drawn_px(whole), abs=1e-3)


@given(LINES, PATTERNS)
def test_dashes_lie_on_their_line(line: Array, pattern: Array) -> None:
    for x0, y0, x1, y1 in dashes(line, pattern):
        middle = np.array([0.5 * (x0 + x1), 0.5 * (y0 + y1)])
        along = line[1:] - line[:-1]
        squares = np.maximum((along**2).sum(axis=1), 1e-300)
        share = np.clip(((middle - line[:-1]) * along).sum(axis=1) / squares, 0.0, 1.0)
        assert np.hypot(*(line[:-1] + share[:, None] * along - middle).T).min() < 1e-3

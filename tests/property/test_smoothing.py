"""Smoothing makes noise calm and leaves what is so: straight lines, both ends, the places of steps."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradsim.ui.plots.beside import beside, places_on, staggered
from gradsim.ui.plots.spread import spread, spread_sizes
from gradsim.ui.views.common.smoothing import rows_in, smoothed, smoothed_between, time_end, window

rows = st.integers(0, 40).map(lambda half: 2 * half + 1)
levels = st.floats(-1e6, 1e6)


@given(st.integers(1, 200), rows, levels, st.floats(-1e3, 1e3))
def test_a_straight_line_stays(count: int, rows: int, start: float, slope: float) -> None:
    line = np.array([start + slope * i for i in range(count)], np.float64)
    np.testing.assert_allclose(smoothed(line, rows), line, rtol=1e-9, atol=1e-6)


@given(st.lists(levels, min_size=1, max_size=200), rows)
def test_both_ends_stay_and_nothing_is_lost(values: list[float], rows: int) -> None:
    smooth = smoothed(np.array(values), rows)
    assert len(smooth) == len(values)
    np.testing.assert_allclose(smooth[[0, -1]], np.array(values)[[0, -1]], rtol=1e-9, atol=1e-6)


@given(st.integers(10, 300), st.data(), rows)
def test_a_step_stays_where_it_is(count: int, data: st.DataObject, rows: int) -> None:
    at = data.draw(st.integers(1, count - 1))
    smooth = smoothed(np.where(np.arange(count) < at, 4.0, 1.0), rows)
    crossing = int(np.argmax(smooth < 2.5))
    assert abs(crossing - at) <= rows / 2
    # A cliff is not washed out: beyond half of the mean that rounds it off, both sides are as they were.
    half = (rows // 3 + 1) // 2 + 1
    assert (np.abs(smooth[: max(0, at - half)] - 4.0) < 1e-9).all() or at < rows
    assert (np.abs(smooth[at + half :] - 1.0) < 1e-9).all() or count - at < rows


@given(st.lists(levels, min_size=1, max_size=120), rows, st.data())
def test_between_jumps_each_part_is_smoothed_by_itself(values: list[float], rows: int, data: st.DataObject) -> None:
    jumps = sorted(data.draw(st.lists(st.integers(0, len(values)), max_size=3)))
    smooth = smoothed_between(np.array(values), rows, jumps)
    assert len(smooth) == len(values)
    for start, end in pairwise([0, *jumps, len(values)]):
        np.testing.assert_array_equal(smooth[start:end], smoothed(np.array(values[start:end]), rows))


@given(st.integers(10, 300), st.data(), rows)
def test_a_jump_stays_one(count: int, data: st.DataObject, rows: int) -> None:
    at = data.draw(st.integers(1, count - 1))
    values = np.where(np.arange(count) < at, 4.0, 1.0)
    np.testing.assert_allclose(smoothed_between(values, rows, [at]), values, rtol=1e-12)


@given(st.lists(st.floats(0.0, 10.0), min_size=2, max_size=150), rows)
def test_what_falls_goes_on_falling(drops: list[float], rows: int) -> None:
    smooth = smoothed(100.0 - np.cumsum(drops), rows)
    assert (np.diff(smooth) <= 1e-9).all()


@pytest.mark.parametrize("count", [100, 300, 500])
def test_noise_becomes_calm(count: int) -> None:
    noise = np.random.default_rng(1).standard_normal(count)
    middle = smoothed(noise, 15)[15:-15]
    assert middle.std() < 0.4
    assert np.abs(np.diff(middle)).mean() < 0.1 * np.abs(np.diff(noise)).mean()


@given(st.integers(0, 100_000), st.integers(1, 100_000))
def test_an_axis_of_time_holds_what_has_passed_and_not_much_more(step: int, whole: int) -> None:
    step = min(step, whole)
    end = time_end(step, whole)
    assert min(1.25 * step, whole) <= end <= whole
    assert end <= max(40.0, 1.7 * step)


def test_an_axis_of_time_seldom_moves() -> None:
    ends = [time_end(step, 20_000) for step in range(20_001)]
    assert ends == sorted(ends)
    assert len(set(ends)) < 40
    assert ends[-1] == 20_000


@given(st.integers(1, 1_000_000), st.floats(1.0, 1000.0))
def test_a_window_is_an_odd_number_of_rows_and_a_small_part_of_the_axis(end: int, between: float) -> None:
    count = rows_in(window(end), between)
    assert count % 2 == 1
    assert count == 1 or (count - 1) * between <= 0.12 * end


@given(st.lists(levels, max_size=9), st.floats(0.1, 1e3), st.floats(-1e6, 1e6), st.floats(0.0, 1e6))
def test_labels_never_overlap_and_stay_within(wanted: list[float], apart: float, low: float, room: float) -> None:
    places = spread(wanted, apart, (low, low + room))
    order = np.argsort(wanted, kind="stable")
    assert (np.diff(np.array(places)[order]) >= apart * (1 - 1e-6) - 1e-6).all()
    if (len(wanted) - 1) * apart <= room:
        assert all(low - 1e-6 <= place <= low + room + 1e-6 for place in places)


@given(st.lists(st.tuples(st.floats(0, 500), st.floats(1, 200)), max_size=9))
def test_labels_of_many_widths_never_overlap(labels: list[tuple[float, float]]) -> None:
    starts, sizes = [label[0] for label in labels], [label[1] for label in labels]
    placed = spread_sizes(starts, sizes, (0.0, 700.0))
    spans = sorted(zip(placed, sizes, strict=True))
    assert all(a + size <= b + 1e-6 for (a, size), (b, _) in pairwise(spans))
    if sum(sizes) <= 700.0:
        assert all(a >= -1e-6 and a + size <= 700.0 + 1e-6 for a, size in spans)


def test_labels_with_room_are_where_they_are_wanted() -> None:
    assert spread([3.0, 1.0, 9.0], 1.0, (0.0, 10.0)) == [3.0, 1.0, 9.0]


@given(st.lists(st.floats(0, 10), min_size=1, max_size=4))
def test_ends_that_coincide_stand_beside_each_other(heights: list[float]) -> None:
    places = staggered(heights, 1.0)
    taken = list(zip(places, heights, strict=True))
    assert not any(a == c and abs(b - d) < 1.0 for i, (a, b) in enumerate(taken) for c, d in taken[:i])


def test_lines_that_coincide_are_beside_each_other_and_others_stay() -> None:
    x = np.arange(100.0)
    flat, crossing = np.full(100, 2.3), 4.0 - 0.04 * x
    shifts = beside([(x, flat), (x, flat), (x, crossing), (x, flat)], 0.1)
    assert (shifts[0] == 0.0).all()
    assert (shifts[2] == 0.0).all()
    assert shifts[1][0] == shifts[3][0] == 0.0
    np.testing.assert_allclose(shifts[1][20:], 0.1)
    np.testing.assert_allclose(shifts[3][20:], 0.2)


def test_many_lines_that_coincide_stay_near_their_value() -> None:
    x, flat = np.arange(100.0), np.full(100, 0.92)
    shifts = beside([(x, flat)] * 7, 0.03, places_on(1.0, 0.03))
    assert max(shift.max() for shift in shifts) <= 0.05
    assert shifts[1].max() > 0.0
    assert [places_on(1.0, width) for width in (0.001, 0.02, 0.2)] == [3, 2, 1]


@given(st.lists(st.tuples(st.floats(0.0, 1.0), st.floats(0.8, 1.0)), min_size=1, max_size=7), st.integers(1, 3))
def test_no_line_is_moved_beyond_the_largest_value_nor_far(ends: list[tuple[float, float]], most: int) -> None:
    x = np.linspace(0.0, 100.0, 80)
    lines = [(x, np.minimum(1.0, low + (high - low) * np.sqrt(x / 50.0))) for low, high in ends]
    shifts = beside(lines, 0.03, most, 1.0)
    for (_, y), shift in zip(lines, shifts, strict=True):
        assert (y + shift).max() <= 1.0 + 1e-12
        assert np.abs(shift).max() <= 0.03 * most + 1e-12


def test_lines_at_the_largest_value_are_told_apart_and_others_stay() -> None:
    x, at_most, below = np.arange(100.0), np.ones(100), np.full(100, 0.5)
    first, second, third = beside([(x, at_most), (x, at_most), (x, below)], 0.03, 1, 1.0)
    np.testing.assert_allclose((second - first)[20:], 0.03)
    assert second.max() <= 0.0
    assert (third == 0.0).all()

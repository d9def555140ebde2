"""The tape, for any length of run and any room: bounded, ordered, exact at its ends, and never rewritten."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradsim.sim.run import tape as tape_module
from gradsim.sim.run.tape import BAND, Channel, Layout, Past, Tape, Values
from tests.property.cases import cases

LAYOUT = Layout([Channel(0, "loss", 0), Channel(0, "grad_rms", 3), Channel(1, "loss", 0)], replicas=5)

generated = cases(40)
lengths = st.integers(1, 300)
rooms = st.integers(1, 64)


@contextmanager
def room_for(rows: int, of_bytes: bool) -> Iterator[None]:
    """Let tapes hold about so many rows, limited by their bytes or by their number."""
    row_bytes = 8 * LAYOUT.channels * (LAYOUT.replicas + len(BAND))
    with pytest.MonkeyPatch.context() as patch:
        if of_bytes:
            patch.setattr(tape_module, "ROW_BYTES", rows * row_bytes)
        else:
            patch.setattr(tape_module, "MAX_ROWS", rows)
        yield


@cache
def row_at(step: int) -> Values:
    """What is measured at a step: different at each step, channel and replica."""
    row = np.random.default_rng(step).standard_normal((LAYOUT.channels, LAYOUT.replicas))
    row.flags.writeable = False
    return row


def tape_of(steps: int, room: int, of_bytes: bool) -> Tape:
    with room_for(room, of_bytes):
        return Tape(LAYOUT, steps, state_size=1, state_dtype=np.float64)


def assert_exact(past: Past, step: int, row: Values) -> None:
    assert past.step == past.steps[-1] == step
    for run, name in ((0, "loss"), (0, "grad_rms"), (1, "loss")):
        values = LAYOUT.pick(row, run, name)
        np.testing.assert_array_equal(past.values(run, name), values)
        np.testing.assert_array_equal(past.replicas(run, name)[-1], values)
        np.testing.assert_array_equal(past.history(run, name)[-1], past.band(run, name))


def test_nothing_is_recorded_at_first() -> None:
    tape = tape_of(10, 10, of_bytes=True)
    assert tape.head == -1
    assert not tape.holds(0)
    with pytest.raises(LookupError):
        tape.until(0)


@generated
@given(steps=lengths, room=rooms, of_bytes=st.booleans())
def test_first_and_latest_step_are_exact_at_all_times(steps: int, room: int, of_bytes: bool) -> None:
    tape = tape_of(steps, room, of_bytes)
    for step in range(steps + 1):
        tape.append(step, row_at(step))
        assert tape.head == step
        for exact in (0, step):
            past = tape.until(exact)
            assert past.step == past.steps[-1] == exact
            np.testing.assert_array_equal(past.values(0, "grad_rms"), LAYOUT.pick(row_at(exact), 0, "grad_rms"))


@generated
@given(steps=lengths, room=rooms, of_bytes=st.booleans(), asked=st.integers(0, 400))
def test_a_past_is_in_order_and_true(steps: int, room: int, of_bytes: bool, asked: int) -> None:
    tape = tape_of(steps, room, of_bytes)
    for step in range(steps + 1):
        tape.append(step, row_at(step))
    past = tape.until(asked)
    assert past.step <= asked
    assert past.steps[0] == 0
    assert (np.diff(past.steps) > 0).all()
    assert tape.holds(past.step)
    assert tape.holds(asked) == (past.step == asked)
    rows = np.stack([row_at(int(step)) for step in past.steps])
    np.testing.assert_array_equal(past.replicas(0, "grad_rms"), LAYOUT.pick(rows, 0, "grad_rms"))
    # The grid is as fine as the room allows; off it, the latest steps are exact.
    most = max(room, 16) if of_bytes else room
    stride = -(-(steps + 1) // most)
    grid = [step for step in range(steps + 1) if step % stride == 0 and step <= asked]
    last = min(asked, steps)
    exact = last % stride == 0 or last > steps - tape_module.MAX_RECENT
    assert past.steps.tolist() == sorted({*grid, last} if exact else grid)


@generated
@given(steps=st.integers(1, 300), room=rooms, shown=st.integers(0, 300), went_on=st.integers(0, 300))
def test_the_past_of_a_step_is_the_same_however_far_the_run_has_gone(
    steps: int, room: int, shown: int, went_on: int
) -> None:
    shown = min(shown, steps)
    near, far = tape_of(steps, room, of_bytes=False), tape_of(steps, room, of_bytes=False)
    for step in range(shown + 1):
        near.append(step, row_at(step))
    for step in range(min(shown + went_on, steps) + 1):
        far.append(step, row_at(step))
    far.visit(shown, row_at(shown))
    assert near.until(shown).steps.tolist() == far.until(shown).steps.tolist()
    np.testing.assert_array_equal(near.until(shown).replicas(0, "loss"), far.until(shown).replicas(0, "loss"))


@generated
@given(steps=lengths, room=rooms, of_bytes=st.booleans())
def test_memory_is_bounded(steps: int, room: int, of_bytes: bool) -> None:
    tape = tape_of(steps, room, of_bytes)
    shape = tape._rows.shape
    least = 16 if of_bytes else 0
    assert shape[0] <= min(max(room, least), steps + 1) + 1
    for step in range(steps + 1):
        tape.append(step, row_at(step))
        tape.visit(step, row_at(step))
        assert tape._rows.shape == shape
        assert len(tape._bands) == shape[0]
        assert len(tape._visited) <= tape_module.MAX_RECENT
        assert len(tape._recent) <= tape_module.MAX_RECENT


@generated
@given(steps=st.integers(30, 300), room=st.integers(2, 20), looks=st.sets(st.integers(0, 300), max_size=10))
def test_what_was_read_before_never_changes(steps: int, room: int, looks: set[int]) -> None:
    tape = tape_of(steps, room, of_bytes=False)
    seen = []
    for step in range(steps + 1):
        tape.append(step, row_at(step))
        if step in looks:
            past = tape.until(step)
            arrays = (past.steps, past.replicas(0, "grad_rms"), past.history(0, "loss"), past.values(1, "loss"))
            seen.append((past, arrays, [array.copy() for array in arrays]))
    for past, arrays, copies in seen:
        again = (past.steps, past.replicas(0, "grad_rms"), past.history(0, "loss"), past.values(1, "loss"))
        for array, later, copy in zip(arrays, again, copies, strict=True):
            np.testing.assert_array_equal(array, copy)
            np.testing.assert_array_equal(later, copy)


@generated
@given(steps=st.integers(40, 300), visited=st.integers(0, 300))
def test_a_visited_step_is_exact_and_the_head_stays(steps: int, visited: int) -> None:
    tape = tape_of(steps, 4, of_bytes=False)
    for step in range(steps + 1):
        tape.append(step, row_at(step))
    visited = min(visited, steps)
    tape.visit(visited, row_at(visited))
    assert tape.holds(visited)
    assert_exact(tape.until(visited), visited, row_at(visited))
    assert_exact(tape.until(steps), steps, row_at(steps))


@generated
@given(replicas=st.integers(1, 128), seed=st.integers(0, 999), scale=st.integers(-300, 300))
def test_a_band_holds_the_quantiles_over_replicas(replicas: int, seed: int, scale: int) -> None:
    layout = Layout([Channel(0, "grad_rms", 3)], replicas)
    tape = Tape(layout, 1, state_size=1, state_dtype=np.float64)
    row = np.random.default_rng(seed).standard_normal((3, replicas)) * 10.0**scale
    tape.append(0, row)
    expected = np.quantile(row, (0.05, 0.5, 0.95), axis=1).T
    atol = 1e-14 * np.abs(row).max()
    np.testing.assert_allclose(tape.until(0).band(0, "grad_rms"), expected, rtol=1e-14, atol=atol)


def test_a_diverged_run_has_no_band() -> None:
    tape = tape_of(1, 10, of_bytes=True)
    row = row_at(0).copy()
    row[-1] = np.nan
    tape.append(0, row)
    assert np.isnan(tape.until(0).band(1, "loss")).all()
    assert np.isfinite(tape.until(0).band(0, "loss")).all()


@pytest.mark.parametrize("replicas", [2, 3, 8])
@pytest.mark.parametrize("gone", [np.inf, np.nan])
def test_a_band_is_of_the_replicas_that_have_a_value(replicas: int, gone: float) -> None:
    tape = Tape(Layout([Channel(0, "value", 0)], replicas), 1, state_size=1, state_dtype=np.float64)
    row = np.arange(1.0, replicas + 1.0)
    row[-1] = gone
    with np.errstate(invalid="ignore"):
        tape.append(0, row[None])
    np.testing.assert_allclose(tape.until(0).band(0, "value"), np.quantile(row[:-1], (0.05, 0.5, 0.95)))


@generated
@given(steps=lengths, room=rooms, seed=st.integers(0, 999))
def test_what_was_not_measured_is_passed_over(steps: int, room: int, seed: int) -> None:
    """Of a run in which only some steps off the grid were measured, the nearest one before is at hand."""
    tape, chance = tape_of(steps, room, of_bytes=False), np.random.default_rng(seed)
    known = []
    for step in range(steps + 1):
        is_measured = tape.keeps(step) or chance.random() < 0.3
        known += [step] if is_measured else []
        tape.append(step, row_at(step) if is_measured else None)
        assert tape.head == step
        nearest = tape.nearest(step)
        assert nearest == known[-1]
        assert_exact(tape.until(nearest), nearest, row_at(nearest))
        assert tape.holds(step) == is_measured

"""What is drawn in a frame of things that take turns."""

from __future__ import annotations

from itertools import pairwise

import pytest

from gradsim.ui.turns import STALE_S, STAYS_S, Turns

THINGS = ["loss", "accuracy", "verdict"]


def _drawn(turns: Turns, frame_s: float, frames: int) -> list[list[int]]:
    return [turns.due(THINGS, frame * frame_s) for frame in range(frames)]


def test_at_first_all_are_drawn() -> None:
    assert Turns().due(THINGS, 5.0) == [0, 1, 2]


@pytest.mark.parametrize("frame_s", [0.016, 0.033])
def test_one_has_its_turn_in_a_frame_and_each_stays_for_a_while(frame_s: float) -> None:
    frames = _drawn(Turns(), frame_s, 200)[30:]
    assert max(map(len, frames)) == 1
    for thing in range(3):
        at = [i * frame_s for i, drawn in enumerate(frames) if thing in drawn]
        waits = [b - a for a, b in pairwise(at)]
        assert min(waits) >= STAYS_S - 1e-9
        assert max(waits) < STALE_S


@pytest.mark.parametrize("frame_s", [0.3001, 1.0])
def test_where_frames_are_rare_all_are_drawn(frame_s: float) -> None:
    assert _drawn(Turns(), frame_s, 4) == [[0, 1, 2]] * 4


def test_what_has_waited_long_is_stale() -> None:
    turns = Turns()
    assert turns.is_stale("verdict", 0.0)
    turns.due(["verdict"], 1.0)
    assert not turns.is_stale("verdict", 1.0 + 0.9 * STALE_S)
    assert turns.is_stale("verdict", 1.0 + STALE_S)

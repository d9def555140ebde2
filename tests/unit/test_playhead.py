"""The playhead as a table of events: what is shown, wanted and asked for after each."""

from __future__ import annotations

from math import inf
from typing import Any

import pytest

from gradsim.runtime.playhead import CATCH_UP_S, SEAMLESS_S, Playhead
from gradsim.sim.run.tape import Channel, Divergence, Layout


class Record:
    """A tape that holds the steps it is told to."""

    def __init__(self, *missing: int, diverged: int | None = None) -> None:
        self.layout = Layout([Channel(0, "loss", 1)], 1)
        self.diverged = [] if diverged is None else [Divergence(0, diverged, 0, 0)]
        self._missing = set(missing)

    def holds(self, step: int) -> bool:
        return step not in self._missing


def begun(head: int = 0, steps: int = 100, tape: Record | None = None, **state: Any) -> Playhead:
    """Return the playhead of a run that began at time 0."""
    playhead = Playhead(steps, 0.0)
    playhead.load_run()
    playhead.begin_run(tape or Record(), head, steps, 0.0, another_follows=False)
    playhead.advance(0.0)
    playhead.drawn()
    for name, value in state.items():
        setattr(playhead, name, value)
    return playhead


def play(playhead: Playhead, head: int, *times: float) -> list[tuple[int, int | None]]:
    """Return the step shown and how far to train after each turn, with a worker that is at `head`."""
    found = []
    tape = playhead._tape
    assert tape is not None
    for now in times:
        playhead.record(tape, head)
        wanted = playhead.advance(now)
        found.append((playhead.step, wanted))
    return found


PLAYING = {
    "nothing is trained yet": (30.0, 0, (0.1, 0.2), [(0, 6), (0, 6)]),
    "the speed decides": (30.0, 50, (0.1, 0.2), [(3, 50), (6, 50)]),
    "it trains ahead of the step shown": (100.0, 12, (0.1, 0.2), [(10, 26), (12, 28)]),
    "fractions of a step add up": (10.0, 50, (0.06, 0.12, 0.18), [(0, 50), (1, 50), (1, 50)]),
    "a long pause is no jump": (10.0, 50, (9.0,), [(2, 50)]),
    "full speed shows what is trained": (inf, 50, (0.1,), [(50, 100)]),
    "it does not run beyond the end": (30.0, 100, (0.25 * n for n in range(1, 15)), None),
}


@pytest.mark.parametrize("case", PLAYING)
def test_playing(case: str) -> None:
    speed, head, times, expected = PLAYING[case]
    playhead = begun(speed=speed)
    found = play(playhead, head, *times)
    if expected is None:
        assert (found[-1], playhead.finished, playhead.in_motion) == ((100, 100), True, False)
    else:
        assert found == expected
        assert playhead.in_motion


def test_a_picture_is_due_when_the_step_shown_has_not_been_drawn() -> None:
    playhead = begun(speed=10.0)
    play(playhead, 50, 0.05)
    assert not playhead.picture_due
    play(playhead, 50, 0.15)
    assert playhead.picture_due
    playhead.drawn()
    assert not playhead.picture_due


SEEKING = {
    # head, asked for -> shown at once, whether a picture is needed, how far to train
    "what is trained": (50, 20, 20, True, 50),
    "what is not": (50, 70, 50, True, 70),
    "the step shown": (50, 0, 0, False, 50),
    "below the first": (50, -3, 0, False, 50),
    "beyond the last": (50, 900, 50, True, 100),
    "before anything is trained": (-1, 20, 0, False, 20),
}


@pytest.mark.parametrize("case", SEEKING)
def test_seeking_at_rest(case: str) -> None:
    head, step, shown, moved, wanted = SEEKING[case]
    playhead = begun(head, playing=False)
    assert (playhead.seek(step, 1.0), playhead.step) == (moved, shown)
    assert playhead.advance(1.1) == wanted
    assert playhead.at_rest == (wanted <= max(head, 0))
    assert play(playhead, 100, 1.2) == [(min(max(step, 0), 100), 100)]
    assert playhead.at_rest


def test_a_goal_is_approached_as_far_as_it_is_trained_and_playing_goes_on_from_there() -> None:
    playhead = begun(speed=10.0)
    playhead.seek(60, 1.0)
    assert play(playhead, 30, 1.1) == [(30, 60)]
    assert not playhead.in_motion
    assert play(playhead, 60, 1.2, 1.35) == [(60, 62), (60, 63)]
    assert playhead.in_motion


def test_toggle_pauses_leaves_a_goal_and_plays_from_the_start_at_the_end() -> None:
    playhead = begun(30)
    playhead.seek(60, 1.0)
    assert not playhead.toggle(1.1)
    assert not playhead.playing
    assert play(playhead, 30, 1.2) == [(30, 30)]
    assert not playhead.toggle(1.3)  # plays on, without a jump
    playhead.seek(100, 1.4)
    play(playhead, 100, 1.5)
    assert playhead.finished
    playhead.playing = False
    assert playhead.toggle(1.6)
    assert (playhead.step, playhead.playing) == (0, True)


def test_the_end_is_where_the_last_run_has_diverged() -> None:
    playhead = begun(40, tape=Record(diverged=40))
    assert playhead.end == 40
    playhead.seek(90, 1.0)
    playhead.advance(1.1)
    assert playhead.step == 40
    assert playhead.finished
    assert Playhead(100, 0.0).end == 100


def test_while_a_run_is_loaded_the_one_before_stays_where_it_is() -> None:
    playhead = begun(50, speed=10.0)
    assert playhead.load_run() == playhead.loaded_run == 2
    assert playhead.loading
    assert playhead.advance(1.0) is None
    assert playhead.step == 0
    assert playhead.begin_run(Record(), 0, 200, 1.1, another_follows=False)
    assert (playhead.step, playhead.steps, playhead.picture_due) == (0, 200, True)


def edited(shown: int, sought: int | None = None, another_follows: bool = False, keep: bool = True) -> Playhead:
    """Return the playhead at time 0 of the run that has just begun after an edit at step `shown`."""
    playhead = begun(shown, playing=False)
    playhead.seek(shown if sought is None else sought, 0.0)
    playhead.advance(0.0)
    if keep:
        playhead.keep_step()
    playhead.load_run()
    playhead.begin_run(Record(), 0, 100, 0.0, another_follows)
    return playhead


def test_after_an_edit_that_keeps_the_step_the_old_picture_stays_until_the_new_run_is_there() -> None:
    playhead = edited(40)
    assert play(playhead, 20, 0.1) == [(0, 40)]
    assert not playhead.picture_due
    assert play(playhead, 40, 0.2) == [(40, 40)]
    assert playhead.picture_due


def test_a_run_that_is_slow_to_come_there_is_shown_on_its_way() -> None:
    playhead = edited(40)
    assert play(playhead, 20, CATCH_UP_S + 0.01) == [(20, 40)]
    assert playhead.picture_due


def test_what_was_asked_for_counts_and_not_what_is_shown_meanwhile() -> None:
    assert play(edited(40, sought=70), 100, 0.1) == [(70, 100)]


def test_without_a_step_to_restore_the_run_is_shown_from_its_start() -> None:
    playhead = begun(50)
    playhead.seek(30, 0.0)
    playhead.keep_step()
    playhead.forget_step()
    playhead.load_run()
    assert playhead.begin_run(Record(), 0, 100, 0.0, another_follows=False)
    assert play(playhead, 50, 0.0) == [(0, 50)]


@pytest.mark.parametrize("another_follows", [False, True])
def test_a_step_is_restored_in_each_run_of_a_series_of_edits_and_in_no_later_one(another_follows: bool) -> None:
    playhead = edited(40, another_follows=another_follows)
    playhead.load_run()
    from_start = playhead.begin_run(Record(), 0, 100, 0.1, another_follows=False)
    assert from_start != another_follows
    assert play(playhead, 100, 0.2) == [(40 if another_follows else 0, 100)]


def test_a_hand_that_keeps_moving_lets_the_run_under_way_be_seen_for_a_while() -> None:
    playhead = edited(40, another_follows=True)
    assert playhead.can_wait_for_picture(0.1)
    assert not playhead.can_wait_for_picture(CATCH_UP_S)
    play(playhead, 40, 0.2)
    assert not playhead.can_wait_for_picture(0.3)  # it has been
    assert not edited(40).can_wait_for_picture(0.1)  # no edit waits


REPLAYING = [(100, False, True), (100, True, False), (50, False, False)]


@pytest.mark.parametrize(("shown", "keep", "replays"), REPLAYING)
def test_a_restart_at_the_end_plays_again_unless_the_step_is_kept(shown: int, keep: bool, replays: bool) -> None:
    playhead = begun(100, playing=False)
    playhead.seek(shown, 0.0)
    if keep:
        playhead.keep_step()
    assert playhead.replay_from_start() == replays
    assert playhead.playing == replays


def test_opening_forgets_what_was_asked_for() -> None:
    playhead = begun(50, playing=False)
    playhead.seek(70, 0.0)
    playhead.keep_step()
    playhead.open()
    playhead.load_run()
    assert playhead.playing
    assert playhead.begin_run(Record(), 0, 100, 0.1, another_follows=False)


def test_a_run_trained_anew_takes_over_when_it_is_as_far_as_it_was() -> None:
    first, again = Record(), Record()
    playhead = begun(40, playing=False, tape=first)
    playhead.load_run()
    playhead.rerun()
    assert not playhead.loading
    assert not playhead.record(again, 39)
    assert playhead.head == 40
    assert playhead.record(again, 40)
    assert not playhead.record(again, 41)
    assert playhead.head == 41


def test_a_step_that_the_tape_has_not_is_asked_for_once_and_only_at_rest() -> None:
    playhead = begun(50, tape=Record(20, 30))
    playhead.seek(20, 0.0)
    assert playhead.pop_revisit() is None
    playhead.playing = False
    assert playhead.pop_revisit() == 20
    assert playhead.pop_revisit() is None
    playhead.seek(30, 0.1)
    assert playhead.pop_revisit() == 30
    playhead.visited()
    assert playhead.pop_revisit() == 30  # asked for again where it came to nothing
    playhead.seek(31, 0.2)
    assert playhead.pop_revisit() is None
    assert Playhead(10, 0.0).pop_revisit() is None


def following(shown: int, tape: Record | None = None) -> Playhead:
    """Return a playhead that plays, before a run that is to follow without a seam."""
    playhead = begun(shown, speed=100.0)
    playhead.seek(shown, 0.0)
    playhead.keep_step(seamless=True)
    assert playhead.advance(0.1) is None
    playhead.load_run()
    assert playhead.advance(0.2) == shown
    assert playhead.step == shown
    return playhead


BEGINNING = {
    "it is not there yet": (Record(), 39, 0.5, False),
    "it has come to the step shown": (Record(), 40, 0.5, True),
    "it has diverged before": (Record(diverged=12), 12, 0.5, True),
    "it takes too long": (Record(), 3, 0.3 + SEAMLESS_S, True),
}


@pytest.mark.parametrize("name", BEGINNING)
def test_a_run_that_follows_without_a_seam_comes_on_screen_when(name: str) -> None:
    tape, head, now, begins = BEGINNING[name]
    playhead = following(40)
    assert not playhead.may_begin(Record(), 0, 0.3)
    assert playhead.may_begin(tape, head, now) == begins


def test_a_run_that_follows_without_a_seam_goes_on_from_the_step_shown() -> None:
    playhead = following(40)
    assert playhead.begin_run(Record(), 44, 100, 0.5, another_follows=False)
    assert playhead.step == 40
    assert play(playhead, 60, 0.5, 0.6) == [(40, 60), (50, 66)]


def test_a_step_asked_for_before_a_run_follows_is_what_it_shows() -> None:
    playhead = following(40)
    playhead.seek(7, 0.3)
    assert playhead.advance(0.4) == 7
    assert playhead.may_begin(Record(), 7, 0.5)
    playhead.begin_run(Record(), 9, 100, 0.5, another_follows=False)
    assert playhead.step == 7


def test_other_runs_begin_at_once() -> None:
    playhead = begun(50)
    playhead.load_run()
    assert playhead.may_begin(Record(), 0, 0.1)
    playhead.keep_step()
    assert playhead.may_begin(Record(), 0, 0.1)


def test_where_a_run_cannot_follow_the_one_on_screen_goes_on() -> None:
    playhead = following(40)
    playhead.load_run()
    playhead.rerun()
    assert play(playhead, 60, 0.3, 0.4) == [(50, 66), (60, 76)]


def test_a_run_whose_step_has_failed_ends_there_and_comes_to_rest() -> None:
    playhead = begun(head=50, steps=100)
    playhead.playing = False
    playhead.seek(90, 1.0)
    assert not playhead.at_rest
    playhead.break_off()
    assert playhead.at_rest
    assert playhead.end == 50
    playhead.toggle(2.0)
    assert play(playhead, 50, 2.1)[0][1] == 50
    playhead.load_run()
    playhead.begin_run(Record(), 0, 100, 3.0, another_follows=False)
    assert playhead.end == 100


def test_a_run_that_never_begins_is_at_rest_and_playing_it_ends_at_once() -> None:
    playhead = Playhead(100, 0.0)
    playhead.load_run()
    playhead.break_off()
    assert not playhead.loading
    assert playhead.ended
    playhead.playing = False
    assert playhead.at_rest
    playhead.toggle(1.0)
    playhead.advance(1.5)
    assert playhead.finished
    assert playhead.step == 0

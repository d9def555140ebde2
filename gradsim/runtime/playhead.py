"""The playhead: which step is shown of which run, how far that run has to be trained, and when playing ends.

It knows neither threads nor windows, and has no clock: times are passed in, in seconds.
"""

from __future__ import annotations

from math import inf
from typing import Protocol

from gradsim.sim.run.tape import Divergence, Layout

START_SPEED = 30.0
"""Steps a second."""

CATCH_UP_S = 0.4
"""The longest time the picture from before an edit stays while the new run is computed up to the step shown."""

SEAMLESS_S = 3.0
"""How long a run that is to follow without a seam stays off screen at most while it comes to the step shown."""

LOOKAHEAD_S = 0.15
"""How far the worker trains ahead of the step shown, so that neither waits for the other."""

MAX_TURN_S = 0.25
"""The longest time since the last turn that counts: after a longer pause, playing goes on without a jump."""


class Recording(Protocol):
    """What the playhead has to know of a tape."""

    layout: Layout
    diverged: list[Divergence]

    def holds(self, step: int) -> bool:
        """Tell whether the tape has this very step."""


class Playhead:
    """A cursor on the tape of a run.

    A run is loaded, begins when its first step is on a tape, and is the one on
    screen from then on; until then the run before stays on screen.
    """

    def __init__(self, steps: int, now: float) -> None:
        self.playing = True
        self.speed = START_SPEED
        """Steps a second; infinity is as fast as the machine goes."""
        self.steps = steps
        """The last step of the run on screen."""
        self.head = -1
        """The latest step trained of the run on screen."""
        self.loaded_run = 0
        """The run that was loaded last; that on screen may be an earlier one."""
        self._running = 0
        self._tape: Recording | None = None
        self._cursor = 0.0
        self._turned = now
        self._drawn_step = -1
        self._goal: int | None = None
        """The step to go to as fast as possible, while it is not computed yet."""
        self._requested_step: int | None = None
        """The step asked for last, which a run that ends early does not reach; None once playing continues."""
        self._step_to_restore: int | None = None
        """The step to be shown of the run that is loaded next."""
        self._seamless = False
        self._begin_by: float | None = None
        """When the loaded run comes on screen at the latest; None before its first step."""
        self._hold_picture_until = 0.0
        self._holding_picture = False
        self._pending_revisit: int | None = None
        self._broken = False
        """Whether the run on screen cannot go on: a step of it has failed."""

    # What is shown

    @property
    def step(self) -> int:
        """The step shown."""
        return int(self._cursor)

    @property
    def end(self) -> int:
        """The step beyond which there is nothing: the last, where all runs had diverged, or where a step failed."""
        if self._broken:
            return max(self.head, 0)
        return self.steps if self._tape is None else _end(self._tape, self.steps)

    @property
    def ended(self) -> bool:
        """Whether the step shown is the end."""
        return (self.head >= 0 or self._broken) and self.step >= self.end

    @property
    def in_motion(self) -> bool:
        """Whether the next step follows by itself."""
        return self.playing and self._goal is None and not self.ended

    @property
    def loading(self) -> bool:
        """Whether the run that was loaded last is not on screen yet."""
        return self._running != self.loaded_run

    @property
    def at_rest(self) -> bool:
        """Whether nothing changes until the user does something, or the worker finishes something."""
        return not (self.playing or self.loading or self._goal is not None)

    @property
    def picture_due(self) -> bool:
        """Whether the step shown has not been drawn yet, and may be."""
        return not self._holding_picture and self.step != self._drawn_step

    def drawn(self) -> None:
        """Note that the step shown is being drawn."""
        self._drawn_step = self.step

    # What the user does

    def toggle(self, now: float) -> bool:
        """Play or pause, at the end from the start; tell whether another step is shown."""
        self.playing = not self.playing
        self._goal = self._requested_step = None
        return self.playing and self.ended and self._move(0.0, now)

    def seek(self, step: int, now: float) -> bool:
        """Go to `step`, or on the way to it as far as it is trained; tell whether another step is shown."""
        step = min(max(step, 0), self.end)
        self._requested_step = step
        if self._step_to_restore is not None:
            self._step_to_restore = step
        self._goal = step if step > self.head else None
        return self._move(float(min(step, max(self.head, 0))), now)

    def _move(self, cursor: float, now: float) -> bool:
        before, self._cursor, self._turned = self.step, cursor, now
        return self.step != before

    # Which run is on screen

    def keep_step(self, seamless: bool = False) -> None:
        """Let the next run show the step that is shown now, or was requested.

        If `seamless`, it comes on screen when it has been computed so far.
        """
        self._seamless = seamless
        if self._step_to_restore is None:
            self._step_to_restore = self.step if self._requested_step is None else self._requested_step

    def forget_step(self) -> None:
        """Show the next run from its start."""
        self._step_to_restore = None

    def open(self, step: int | None = None) -> None:
        """Play the next run from its start, or stay at a step of it; forget requested steps."""
        self._step_to_restore, self._requested_step = step, None
        self.playing = step is None

    def can_wait_for_picture(self, now: float) -> bool:
        """Tell whether the run under way is to be seen first; else a hand that keeps moving would see none."""
        catching_up = self._goal is not None or self.loading
        return self._step_to_restore is not None and catching_up and now < self._hold_picture_until

    def load_run(self) -> int:
        """Return the number of a new run that is to be begun."""
        self.loaded_run += 1
        self._begin_by = None
        return self.loaded_run

    def replay_from_start(self) -> bool:
        """Begin to play if the end is shown and no step is to be restored; tell whether that is so."""
        replay = self.ended and self._step_to_restore is None
        self.playing = self.playing or replay
        return replay

    def may_begin(self, tape: Recording, head: int, now: float) -> bool:
        """Tell whether the loaded run may come on screen: at once, or when it can follow without a seam."""
        if self._step_to_restore is None or not self._seamless:
            return True
        if self._begin_by is None:
            self._begin_by = now + SEAMLESS_S
        return now >= self._begin_by or head >= min(self._step_to_restore, _end(tape, self._step_to_restore))

    def begin_run(self, tape: Recording, head: int, steps: int, now: float, another_follows: bool) -> bool:
        """Put the loaded run on screen, at step 0 or the step to restore; tell whether that is to be drawn at once.

        If `another_follows`, an edit is waiting, and its run is to restore the same step.
        """
        self._running, self._tape, self.head, self.steps = self.loaded_run, tape, head, steps
        self._broken = False
        self._cursor, self._drawn_step, self._pending_revisit = 0.0, -1, None
        self._goal = self._requested_step = restored = self._step_to_restore
        self._hold_picture_until = 0.0 if restored is None else now + CATCH_UP_S
        if not another_follows:
            self._step_to_restore = None
        reached = restored is not None and head >= min(restored, self.end)
        if restored is not None and reached:
            self._cursor = float(min(restored, self.end))
        return restored is None or reached

    def rerun(self) -> None:
        """Take the loaded run for the one on screen: it is trained anew, to the same bits.

        Until it is as far as it was, the tape of the first time is shown.
        """
        self._running, self._pending_revisit, self._seamless = self.loaded_run, None, False

    def break_off(self) -> None:
        """Note that the run loaded last cannot go on, or not even begin: what it has come to is its end."""
        self._running, self._broken = self.loaded_run, True
        self._goal = self._requested_step = None

    def record(self, tape: Recording, head: int) -> bool:
        """Note how far the run on screen is; tell whether it has another tape, of the same run trained anew."""
        another = tape is not self._tape
        if another and head < self.head:
            return False
        if another:
            self._tape, self._pending_revisit = tape, None
        self.head = head
        return another

    # How it moves on

    def advance(self, now: float) -> int | None:
        """Move on by the time since the last turn; return how far to train.

        While another run is to follow, that is None, or how far it has to come before it is on screen.
        """
        elapsed, self._turned = max(0.0, now - self._turned), now
        if self._seamless and self._step_to_restore is not None:
            return self._step_to_restore if self.loading else None
        if self.loading:
            return None
        self._holding_picture = False
        if self._goal is not None:
            return self._approach(min(self._goal, self.end), now)
        if self.playing:
            ahead = self.head if self.speed == inf else self._cursor + self.speed * min(elapsed, MAX_TURN_S)
            # The fraction is kept only while the worker keeps up.
            self._cursor = min(float(ahead), self.head + 0.999, float(self.end))
        return self._train_to()

    def _approach(self, goal: int, now: float) -> int:
        """Move as close to the goal as the run is trained; until then, the picture of the run before may be held."""
        if self.head >= goal:
            if self.playing and goal == self._goal:
                self._requested_step = None
            self._goal = None
        elif now < self._hold_picture_until:
            self._holding_picture = True
            return goal
        self._cursor = float(min(goal, self.head))
        return self._train_to()

    def _train_to(self) -> int:
        if self._goal is not None:
            wanted = self._goal
        elif not self.playing:
            wanted = self.step
        elif self.speed == inf:
            wanted = self.steps
        else:
            wanted = min(self.steps, int(self._cursor + 1 + self.speed * LOOKAHEAD_S))
        return max(wanted, self.head)

    @property
    def finished(self) -> bool:
        """Whether playing has reached the end."""
        return self.playing and self._goal is None and self.ended

    # Steps that the tape has thinned out

    def pop_revisit(self) -> int | None:
        """Return the step at rest that is to be computed again; None if it is there or on its way."""
        tape = self._tape
        if tape is None or self.playing or self._pending_revisit == self.step or tape.holds(self.step):
            return None
        self._pending_revisit = self.step
        return self.step

    def visited(self) -> None:
        """Note that the step that was to be computed again is on the tape."""
        self._pending_revisit = None


def _end(tape: Recording, steps: int) -> int:
    """Return where all runs of a tape had diverged, else the last of its steps."""
    if len(tape.diverged) == tape.layout.runs:
        return max(divergence.step for divergence in tape.diverged)
    return steps

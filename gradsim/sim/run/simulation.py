"""The steps of an experiment, one after the other, for every user of them.

The command line, the worker thread and the export all iterate :func:`play`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

import numpy as np

from gradsim.sim.run.tape import Divergence, Layout, State, Tape, Values


class Simulation(Protocol):
    """A prepared experiment at some step."""

    layout: Layout
    steps: int
    step: int
    state_size: int
    state_dtype: np.dtype[Any]
    diverged: list[Divergence]

    def measure(self) -> Values:
        """Return a new row (channels, replicas): everything measured at the present step."""

    def pass_unmeasured(self) -> bool:
        """Compute no more of the present step than the next ones need; False where it has to be measured."""

    def advance(self) -> None:
        """Take the step after the one that was measured."""

    def save(self, state: State) -> None:
        """Write what the next steps depend on into `state` (state_size,)."""

    def restore(self, step: int, state: State) -> None:
        """Go to `step`, whose state :meth:`save` wrote."""


def new_tape(sim: Simulation, every_step: bool = False) -> Tape:
    """Return an empty tape that fits `sim`; with `every_step`, every row is kept however long the run is."""
    return Tape(sim.layout, sim.steps, sim.state_size, sim.state_dtype, every_step)


def every(step: int) -> bool:
    """Say of each step that it is wanted."""
    return True


def play(sim: Simulation, tape: Tape, wanted: Callable[[int], bool] = every) -> Iterator[int]:
    """Measure and record each step of `sim` until its end, yielding the step's number.

    It ends after the last step, or where the last of its runs has diverged. Steps that are neither `wanted` nor kept
    by the tape, in a run that is too long for it, are measured no further than the next steps need: a long run takes
    a quarter less time.
    """
    while True:
        needed = tape.keeps(sim.step) or sim.step == sim.steps or wanted(sim.step)
        row = None if not (needed or tape.keyframe_due(sim.step)) and sim.pass_unmeasured() else sim.measure()
        tape.diverged[:] = sim.diverged
        if tape.keyframe_due(sim.step):
            sim.save(tape.keyframe())
            tape.keyframe_written()
        tape.append(sim.step, row)
        yield sim.step
        if sim.step >= sim.steps or len(sim.diverged) == sim.layout.runs:
            return
        sim.advance()


def go_on(sim: Simulation, step: int) -> Iterator[int]:
    """Take `sim` on to `step`, which is left to be measured; yield each step on the way."""
    while sim.step < step:
        if not sim.pass_unmeasured():
            sim.measure()
        yield sim.step
        sim.advance()


def revisit(sim: Simulation, tape: Tape, step: int) -> Iterator[int]:
    """Compute `step` again from the keyframe before it, and put it on the tape.

    `sim` is a second simulation of the same experiment; each step on the way is yielded, and this one. It begins a
    step earlier at least, for what is measured may depend on the last update.
    """
    start, state = tape.keyframe_before(max(0, step - 1))
    sim.restore(start, state)
    yield from go_on(sim, step)
    tape.visit(step, sim.measure())
    yield step

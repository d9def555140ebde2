"""The steps of an experiment, one after the other, for every user of them.

The command line, the worker thread and the export all iterate :func:`play`.
"""

from __future__ import annotations

from collections.abc import Iterator
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

    def advance(self) -> None:
        """Take the step after the one that was measured."""

    def save(self, state: State) -> None:
        """Write what the next steps depend on into `state` (state_size,)."""

    def restore(self, step: int, state: State) -> None:
        """Go to `step`, whose state :meth:`save` wrote."""


def new_tape(sim: Simulation, every_step: bool = False) -> Tape:
    """Return an empty tape that fits `sim`; with `every_step`, every row is kept however long the run is."""
    return Tape(sim.layout, sim.steps, sim.state_size, sim.state_dtype, every_step)


def play(sim: Simulation, tape: Tape) -> Iterator[int]:
    """Measure and record each step of `sim` until its end, yielding the step's number.

    It ends after the last step, or where the last of its runs has diverged.
    """
    while True:
        row = sim.measure()
        tape.diverged[:] = sim.diverged
        if tape.keyframe_due(sim.step):
            sim.save(tape.keyframe())
            tape.keyframe_written()
        tape.append(sim.step, row)
        yield sim.step
        if sim.step >= sim.steps or len(sim.diverged) == sim.layout.runs:
            return
        sim.advance()


def revisit(sim: Simulation, tape: Tape, step: int) -> Iterator[int]:
    """Compute `step` again from the keyframe before it, and put it on the tape.

    `sim` is a second simulation of the same experiment; it yields each step on the way. It begins a step
    earlier at least, for what is measured may depend on the last update.
    """
    start, state = tape.keyframe_before(max(0, step - 1))
    sim.restore(start, state)
    while True:
        row = sim.measure()
        yield sim.step
        if sim.step >= step:
            tape.visit(step, row)
            return
        sim.advance()

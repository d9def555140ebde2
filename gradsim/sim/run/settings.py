"""What runs of every kind have: a name, an optimizer, batches; and what experiments of every kind have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gradsim.engine.optim import OPTIMIZERS, Optimizer
from gradsim.engine.optim.clipping import CLIPS, Clip
from gradsim.engine.optim.schedules import SCHEDULES, Schedule
from gradsim.schema.parameters import EntryOf, Integer, ParameterError, Text

MAX_RUNS = 8

LABEL = Text("Name", help="What pictures call this run; empty, it is called after what differs.", most=24)
OPTIMIZER = EntryOf("Optimizer", help="The rule that turns gradients into steps.", registry=OPTIMIZERS, basic=True)
SCHEDULE = EntryOf(
    "Rate schedule",
    help="How the learning rate changes from update to update; nothing else of the optimizer does.",
    registry=SCHEDULES,
)
CLIP = EntryOf(
    "Clipping",
    help="A bound on the gradients that the optimizer takes its steps with. "
    "The gradients that are measured and shown stay the unclipped ones.",
    registry=CLIPS,
)
BATCH_SIZE = Integer(
    "Batch size",
    help="Samples in a step: 1 is stochastic, all is batch gradient descent.",
    low=1,
    high=1_000_000,
    slider=(1, 256),
    log=True,
    words=("all",),
    basic=True,
    in_names="batch of",
)
SEED = Integer("Seed", help="Where the random draws start.", low=0, high=2**32 - 1, slider=(0, 99), basic=True)
STEPS = Integer(
    "Steps", help="Parameter updates until the run ends.", low=1, high=10_000_000, slider=(10, 10_000), log=True
)


class Stepping(Protocol):
    """A run, as far as its steps go."""

    @property
    def label(self) -> str: ...
    @property
    def optimizer(self) -> Optimizer: ...
    @property
    def schedule(self) -> Schedule: ...
    @property
    def clip(self) -> Clip: ...


def alters_gradients(run: Stepping) -> bool:
    """Tell whether the optimizer takes its steps with other gradients than those that are measured."""
    return run.clip.bounds or run.optimizer.adds_decay


def check_runs(runs: Sequence[Stepping], steps: int) -> None:
    """Refuse too few or too many runs, a label twice, or a schedule that does not fit `steps`."""
    if not 1 <= len(runs) <= MAX_RUNS:
        raise ParameterError("runs", f"{len(runs)} given; from 1 to {MAX_RUNS} [[runs]] tables are allowed")
    labels = [run.label for run in runs]
    for i, run in enumerate(runs):
        if run.label and run.label in labels[:i]:
            raise ParameterError(f"runs[{i}].label", f"{run.label!r} is taken by an earlier run")
        try:
            run.schedule.for_run(steps)
        except ParameterError as error:
            raise error.below(f"runs[{i}].schedule") from None

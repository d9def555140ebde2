"""What runs of every kind have: a name, an optimizer, batches; and what experiments of every kind have."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Protocol

from gradsim.engine.optim import OPTIMIZERS
from gradsim.engine.optim.clipping import CLIPS, Clip
from gradsim.engine.optim.schedules import SCHEDULES
from gradsim.schema.errors import Given, Phrase
from gradsim.schema.parameters import EntryOf, Integer, ParameterError, Text
from gradsim.sim.run.changes import ChangesOf, Changing, phases

MAX_RUNS = 8

LABEL = Text("Name", help="What pictures call this run; empty, it is called after what differs.", most=24)
OPTIMIZER = EntryOf(
    "Optimizer",
    help="The rule that updates the parameters from the gradients.",
    registry=OPTIMIZERS,
    basic=True,
    changeable=True,
    in_header="{value}",
)
SCHEDULE = EntryOf(
    "Rate schedule",
    help="How the learning rate changes from update to update; nothing else of the optimizer does.",
    registry=SCHEDULES,
    changeable=True,
)
CLIP = EntryOf(
    "Clipping",
    help="A bound on the gradients that the optimizer takes its steps with. "
    "The gradients that are measured and shown stay the unclipped ones.",
    registry=CLIPS,
    changeable=True,
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
    called=((1, "stochastic"), ("all", "full batch")),
    changeable=True,
    in_header="batch {value}",
)
CHANGES = partial(
    ChangesOf,
    "Changes",
    help="Other settings from a step on: everything measured up to it, itself included, stays as it is.",
    unsaid=([],),
)
"""Declares the changes of a class of runs, which it is given."""
SEED = Integer(
    "Seed",
    help="Seed of the random numbers.",
    low=0,
    high=2**32 - 1,
    slider=(0, 99),
    basic=True,
    subject="Data",
)
REPLICAS = Integer(
    "Replicas",
    help="Networks or descents per run; pictures show their median and band.",
    low=1,
    high=128,
    subject="Data",
    in_header="{value} seeds",
)
STEPS = Integer(
    "Steps", help="Parameter updates until the run ends.", low=1, high=10_000_000, slider=(10, 10_000), log=True
)


class Stepping(Changing, Protocol):
    """A run as far as the taking of steps needs to know it."""

    @property
    def label(self) -> str: ...
    @property
    def clip(self) -> Clip: ...


def alters_gradients(run: Stepping) -> bool:
    """Tell whether the optimizer takes its steps with other gradients than those that are measured."""
    return run.clip.bounds or run.optimizer.adds_decay


def check_runs(runs: Sequence[Stepping], steps: int) -> None:
    """Refuse too few or too many runs, a label twice, or a schedule or a change that does not fit `steps`."""
    if not 1 <= len(runs) <= MAX_RUNS:
        template = "{count} given; from 1 to {most} [[runs]] tables are allowed"
        raise ParameterError("runs", Phrase(template, count=str(len(runs)), most=str(MAX_RUNS)))
    labels = [run.label for run in runs]
    for i, run in enumerate(runs):
        if run.label and run.label in labels[:i]:
            raise ParameterError(
                f"runs[{i}].label", Phrase("{label} is taken by an earlier run", label=Given(run.label))
            )
        for phase in phases(run):
            path = phase.path(f"runs[{i}]")
            if phase.first >= steps:
                template = "{step} is not before the last step of the run, which is {last}"
                what = Phrase(template, step=f"{phase.first:,}", last=f"{steps:,}")
                raise ParameterError(f"{path}.step", what)
            try:
                phase.schedule(steps)
            except ParameterError as error:
                raise error.below(f"{path}.schedule") from None

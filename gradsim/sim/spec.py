"""Experiments as frozen, validated values; plain tables in and out.

``[common]`` is a way of writing: a run holds all of its settings, and what all
runs share is found again when an experiment is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gradsim.engine.activations import ACTIVATIONS, Activation, Sigmoid
from gradsim.engine.clipping import CLIPS, Clip, NoClip
from gradsim.engine.datasets import DATASETS, Dataset, Digits
from gradsim.engine.initializers import INITIALIZERS, Initializer, XavierNormal, Zeros
from gradsim.engine.losses import LOSSES, CrossEntropy, Loss
from gradsim.engine.optimizers import OPTIMIZERS, Optimizer, Sgd
from gradsim.engine.outputs import OUTPUTS, Output, SoftmaxOutput
from gradsim.engine.parameters import (
    Choice,
    EntryOf,
    Integer,
    Integers,
    ParameterError,
    Text,
    decode,
    encode,
    parameters,
    parse_table,
    unknown_name,
)
from gradsim.engine.schedules import SCHEDULES, ConstantRate, Schedule

MAX_RUNS = 8


@dataclass(frozen=True)
class TrainRun:
    """One configuration that is trained and compared."""

    label: str = Text("Name", help="What pictures call this run.", least=1, most=24).field("Run")
    activation: Activation = EntryOf(
        "Activation", help="What hidden units do to their input.", registry=ACTIVATIONS, basic=True
    ).field(Sigmoid())
    init: Initializer = EntryOf(
        "Initialization", help="How the weights begin.", registry=INITIALIZERS, basic=True
    ).field(XavierNormal())
    hidden: tuple[int, ...] = Integers(
        "Hidden layers", help="Units of each hidden layer.", low=1, high=1024, basic=True
    ).field((30,))
    optimizer: Optimizer = EntryOf(
        "Optimizer", help="The rule that turns gradients into steps.", registry=OPTIMIZERS, basic=True
    ).field(Sgd())
    batch_size: int | str = Integer(
        "Batch size",
        help="Samples in a step: 1 is stochastic, all is batch gradient descent.",
        low=1,
        high=1_000_000,
        slider=(1, 256),
        log=True,
        words=("all",),
        basic=True,
    ).field(64)
    loss: Loss = EntryOf("Loss", help="What is minimised.", registry=LOSSES, basic=True).field(CrossEntropy())
    output: Output = EntryOf("Output", help="What the output layer does.", registry=OUTPUTS).field(SoftmaxOutput())
    bias_init: Initializer = EntryOf(
        "Bias initialization", help="How the biases begin.", registry=INITIALIZERS
    ).field(Zeros())
    schedule: Schedule = EntryOf(
        "Rate schedule",
        help="How the learning rate changes from update to update; nothing else of the optimizer does.",
        registry=SCHEDULES,
    ).field(ConstantRate())
    clip: Clip = EntryOf(
        "Clipping",
        help="A bound on the gradients that the optimizer takes its steps with. "
        "The gradients that are measured and shown stay the unclipped ones.",
        registry=CLIPS,
    ).field(NoClip())

    def __post_init__(self) -> None:
        if self.output.key not in self.loss.outputs:
            others = [key for key, loss in LOSSES.items() if self.output.key in loss.outputs]
            raise ParameterError(
                "loss",
                f"{self.loss.key!r} does not go with the output {self.output.key!r}: {self.loss.refusal}; "
                f"take the loss {' or '.join(others)}, or the output {' or '.join(self.loss.outputs)}",
            )

    @property
    def alters_gradients(self) -> bool:
        """Whether the optimizer takes its steps with other gradients than those that are measured."""
        return self.clip.bounds or self.optimizer.adds_decay

    @property
    def proportional(self) -> bool:
        """Whether steps are in proportion to the gradients measured, so that a layer's gradient is its speed."""
        return self.optimizer.proportional and not self.alters_gradients


@dataclass(frozen=True)
class Train:
    """Runs that train side by side on one data set, replica by replica from the same draws."""

    seed: int = Integer(
        "Seed", help="Where the random draws start.", low=0, high=2**32 - 1, slider=(0, 99), basic=True
    ).field(0)
    replicas: int = Integer(
        "Replicas", help="Networks trained per run; pictures show their median and band.", low=1, high=128, basic=True
    ).field(8)
    steps: int = Integer(
        "Steps", help="Parameter updates until the run ends.", low=1, high=10_000_000, slider=(10, 10_000), log=True
    ).field(600)
    dtype: str = Choice(
        "Precision", help="Floating-point numbers of the computation.", choices=("float64", "float32")
    ).field("float64")
    probes: str = Choice(
        "Measurements",
        help="What is measured at every layer at each step; off, steps are faster.",
        choices=("all", "off"),
    ).field("all")
    data: Dataset = EntryOf("Data", help="What is learnt.", registry=DATASETS).field(Digits())
    runs: tuple[TrainRun, ...] = field(default=())

    kind = "train"

    def __post_init__(self) -> None:
        if not 1 <= len(self.runs) <= MAX_RUNS:
            raise ParameterError("runs", f"{len(self.runs)} given; from 1 to {MAX_RUNS} [[runs]] tables are allowed")
        labels = [run.label for run in self.runs]
        for i, label in enumerate(labels):
            if label in labels[:i]:
                raise ParameterError(f"runs[{i}].label", f"{label!r} is taken by an earlier run")
        for i, run in enumerate(self.runs):
            try:
                run.schedule.over(self.steps)
            except ParameterError as error:
                raise error.below(f"runs[{i}].schedule") from None


Experiment = Train
"""What a file holds."""

KINDS = {"train": (Train, TrainRun)}


def experiment_from(table: Mapping[str, Any]) -> Experiment:
    """Build an experiment from plain values, as in a file.

    Raises
    ------
    ParameterError
        For anything that is unknown, missing, not allowed or contradictory.
    """
    kind = table.get("kind", "train")
    if not isinstance(kind, str) or kind not in KINDS:
        raise ParameterError("kind", unknown_name(kind, KINDS))
    cls, run_cls = KINDS[kind]
    known = {*parameters(cls), "kind", "common", "runs"}
    for key in table:
        if key not in known:
            raise ParameterError(str(key), unknown_name(key, sorted(known)))
    settings = {key: value for key, value in table.items() if key in parameters(cls)}
    values = parse_table(cls, settings)
    return cls(**values, runs=_runs_from(table, run_cls))


def _runs_from(table: Mapping[str, Any], run_cls: type[TrainRun]) -> tuple[TrainRun, ...]:
    common, runs = table.get("common", {}), table.get("runs", [])
    parse_table(run_cls, common, "common")
    if not isinstance(runs, list) or not all(isinstance(run, Mapping) for run in runs):
        raise ParameterError("runs", "is not a list of [[runs]] tables")
    built = []
    for i, run in enumerate(runs):
        path = f"runs[{i}]"
        parse_table(run_cls, run, path)
        built.append(decode(run_cls, {"label": f"Run {i + 1}", **common, **run}, path))
    return tuple(built)


def table_of(experiment: Experiment) -> dict[str, Any]:
    """Return the experiment as plain values, what all runs share under ``common``."""
    runs = [encode(run) for run in experiment.runs]
    shared = shared_settings(runs) if len(runs) > 1 else []
    table: dict[str, Any] = {"kind": experiment.kind, **encode(experiment)}
    if shared:
        table["common"] = {key: runs[0][key] for key in shared}
    table["runs"] = [{key: value for key, value in run.items() if key not in shared} for run in runs]
    return table


def full_table(experiment: Experiment) -> dict[str, Any]:
    """Return the experiment as plain values with every run complete: what a form edits."""
    return {"kind": experiment.kind, **encode(experiment), "runs": [encode(run) for run in experiment.runs]}


def shared_settings(runs: list[dict[str, Any]]) -> list[str]:
    """Return the settings that have the same value in all `runs` (tables), in their order."""
    return [key for key in runs[0] if key != "label" and all(run[key] == runs[0][key] for run in runs)]

"""Experiments of kind ``train``: networks that train side by side on one data set."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from gradsim.engine.data import DATASETS, Dataset
from gradsim.engine.data.images import Digits
from gradsim.engine.nn.activations import ACTIVATIONS, Activation, Sigmoid
from gradsim.engine.nn.given import GivenNumber, GivenNumbers
from gradsim.engine.nn.initializers import INITIALIZERS, Initializer, XavierNormal, Zeros
from gradsim.engine.nn.losses import LOSSES, CrossEntropy, Loss
from gradsim.engine.nn.outputs import OUTPUTS, Output, SoftmaxOutput
from gradsim.engine.optim import Optimizer
from gradsim.engine.optim.clipping import Clip, NoClip
from gradsim.engine.optim.descent import Sgd
from gradsim.engine.optim.schedules import ConstantRate, Schedule
from gradsim.schema.errors import Name, Phrase, either
from gradsim.schema.parameters import Choice, EntryOf, Integers, ParameterError
from gradsim.sim.kinds.kind import Experiment
from gradsim.sim.run.changes import Change, phases
from gradsim.sim.run.settings import (
    BATCH_SIZE,
    CHANGES,
    CLIP,
    LABEL,
    OPTIMIZER,
    REPLICAS,
    SCHEDULE,
    SEED,
    STEPS,
    alters_gradients,
    check_runs,
)


@dataclass(frozen=True)
class TrainRun:
    """One configuration that is trained and compared."""

    label: str = LABEL.field("")
    activation: Activation = EntryOf(
        "Activation",
        help="The function that hidden units apply to their pre-activation z.",
        registry=ACTIVATIONS,
        basic=True,
        changeable=True,
        jumps=True,
        subject="Network",
        in_header="{value}",
    ).field(Sigmoid())
    init: Initializer = EntryOf(
        "Initialization", help="Initial values of the weights.", registry=INITIALIZERS, basic=True, subject="Network"
    ).field(XavierNormal())
    hidden: tuple[int, ...] = Integers(
        "Hidden layers",
        help="Units of each hidden layer.",
        low=1,
        high=1024,
        most=100,
        basic=True,
        subject="Network",
        in_header="{value}",
    ).field((30,))
    optimizer: Optimizer = OPTIMIZER.field(Sgd())
    batch_size: int | str = BATCH_SIZE.field(64)
    loss: Loss = EntryOf(
        "Loss", help="The function that is minimised.", registry=LOSSES, basic=True, changeable=True, jumps=True
    ).field(CrossEntropy())
    output: Output = EntryOf(
        "Output",
        help="The function that the output layer applies to its pre-activation z.",
        registry=OUTPUTS,
        subject="Network",
    ).field(SoftmaxOutput())
    bias_init: Initializer = EntryOf(
        "Bias initialization", help="Initial values of the biases.", registry=INITIALIZERS, subject="Network"
    ).field(Zeros())
    biases: str = Choice(
        "Biases",
        help="Whether biases are trained like weights, without weight decay, or stay where they start.",
        choices=("trained", "undecayed", "fixed"),
        labels=("Trained", "Trained without decay", "Fixed"),
        notes=(
            "Biases are trained like weights.",
            "Biases are trained, and weight decay leaves them alone.",
            "Biases stay as they are; their gradients are measured, but are no part of what is clipped.",
        ),
        called=(
            ("trained", "trained biases"),
            ("undecayed", "biases without decay"),
            ("fixed", "fixed biases"),
        ),
        changeable=True,
        subject="Network",
    ).field("trained")
    given: tuple[GivenNumber, ...] = GivenNumbers(
        "Given numbers",
        help="Weights and biases that are given a number in every replica: at the start or, in a change, by the "
        "update after its step.",
        changeable=True,
        jumps=True,
        subject="Network",
        unsaid=("",),
    ).field(())
    schedule: Schedule = SCHEDULE.field(ConstantRate())
    clip: Clip = CLIP.field(NoClip())
    changes: tuple[Change, ...] = CHANGES(run=lambda: TrainRun).field(())

    def __post_init__(self) -> None:
        if self.output.key not in self.loss.outputs:
            others = [key for key, loss in LOSSES.items() if self.output.key in loss.outputs]
            raise ParameterError(
                "loss",
                Phrase(
                    "{loss} does not go with the output {output}: {why}; "
                    "take the loss {losses}, or the output {outputs}",
                    loss=Name(f"{self.loss.key!r}", self.loss.label),
                    output=Name(f"{self.output.key!r}", self.output.label),
                    why=Phrase(self.loss.refusal),
                    losses=either(Name(key, LOSSES[key].label) for key in others),
                    outputs=either(Name(key, OUTPUTS[key].label) for key in self.loss.outputs),
                ),
            )
        phases(self)

    @property
    def proportional(self) -> bool:
        """Whether steps are proportional to the measured gradients, so that a layer's gradient is its speed."""
        return self.optimizer.proportional and not alters_gradients(self)


@dataclass(frozen=True)
class Train(Experiment):
    """Runs that train side by side on one data set, replica by replica from the same draws."""

    seed: int = SEED.field(0)
    replicas: int = replace(
        REPLICAS, help="Networks trained per run; pictures show their median and band.", basic=True
    ).field(8)
    steps: int = STEPS.field(600)
    dtype: str = Choice(
        "Precision", help="Floating-point numbers of the computation.", choices=("float64", "float32")
    ).field("float64")
    probes: str = Choice(
        "Measurements",
        help="What is measured at every layer at each step; off, steps are faster.",
        choices=("all", "off"),
    ).field("all")
    data: Dataset = EntryOf(
        "Data",
        help="The data that the networks are trained on.",
        registry=DATASETS,
        basic=True,
        subject="Data",
        in_header="{value}",
    ).field(Digits())
    runs: tuple[TrainRun, ...] = field(default=())

    kind = "train"
    named_by = ("activation", "loss", "output", "optimizer", "batch_size")

    def __post_init__(self) -> None:
        check_runs(self.runs, self.steps)

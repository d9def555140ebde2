"""The experiment that a table of the user's own is trained in first."""

from __future__ import annotations

from gradsim.engine.data import Dataset, Split
from gradsim.engine.nn.activations import ACTIVATIONS
from gradsim.engine.nn.losses import LOSSES
from gradsim.engine.nn.outputs import OUTPUTS
from gradsim.engine.optim.adam import Adam
from gradsim.sim.kinds.train.fitting import ALL, output_and_loss
from gradsim.sim.kinds.train.spec import Train, TrainRun

HIDDEN, BATCH, RATE = (32, 32), 32, 0.01
STEPS, REPLICAS = 1000, 4


def experiment_on(data: Dataset) -> Train:
    """Return an experiment on data that gets somewhere without further settings: tanh beside ReLU.

    Raises
    ------
    ParameterError
        For data that cannot be had.
    """
    data.look_again()
    split = data.load()
    runs = tuple(_run(split, activation) for activation in ("tanh", "relu"))
    return Train(data=data, runs=runs, steps=STEPS, replicas=REPLICAS)


def _run(split: Split, activation: str) -> TrainRun:
    output, loss = output_and_loss(split)
    return TrainRun(
        activation=ACTIVATIONS[activation](),
        hidden=HIDDEN,
        output=OUTPUTS[output](),
        loss=LOSSES[loss](),
        optimizer=Adam(learning_rate=RATE),
        batch_size=BATCH if len(split.train) >= BATCH else ALL,
    )

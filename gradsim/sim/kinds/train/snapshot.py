"""One network in full at one step: what its layers held after a batch went forward and backward.

The tape holds what is measured of layers, not of units, weights and samples.
Pictures that need these compute the step again, from the keyframe before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gradsim.engine.data import Split
from gradsim.engine.nn.network import layer_views
from gradsim.engine.nn.outputs import LinearOutput
from gradsim.engine.types import Array
from gradsim.sim.kinds.train.spec import Train, TrainRun
from gradsim.sim.kinds.train.trainer import Trainer
from gradsim.sim.run.simulation import go_on
from gradsim.sim.run.tape import Keyframe


@dataclass(frozen=True)
class Layer:
    """What a network holds of a layer: samples are rows, units columns.

    Attributes
    ----------
    w, dw : (fan_in, fan_out)
        Weights, and dL/dW.
    b, db : (fan_out,)
        Biases, and dL/db.
    z, a, slope, delta : (B, fan_out)
        Pre-activations, activations, f'(z) and dL/dz, of the mean loss of the batch.
    rate : (fan_in, fan_out)
        How long the last step of each weight was for a unit of its gradient, NaN where it has had none; None where
        steps are no multiples of gradients.
    """

    w: Array
    b: Array
    dw: Array
    db: Array
    z: Array
    a: Array
    slope: Array
    delta: Array
    rate: Array | None = None


@dataclass(frozen=True)
class Snapshot:
    """A network at a step.

    Attributes
    ----------
    step
        The step: the parameters after so many updates, and the batch that the next one is made from.
    run
        Its run, with the settings in force.
    x, y : (B, features), (B, outputs)
        The batch.
    layers
        From the first hidden layer to the output.
    """

    step: int
    run: TrainRun
    x: Array
    y: Array
    layers: tuple[Layer, ...]

    @property
    def error(self) -> Array:
        """What the loss gives the output layer, without the derivative of the output: (B, outputs).

        dL/da for losses of the error alone, such as a - y over B with the squared error. With cross-entropy, a - y
        over B too: there the derivative of the output has cancelled, and this is delta itself.
        """
        last = self.layers[-1]
        error = np.empty_like(last.a)
        self.run.loss.backward(LinearOutput(), last.a, np.ones_like(last.a), self.y, error)
        return np.asarray(error / len(self.x))


def hidden_passes(network: Snapshot, x: Array) -> Iterator[tuple[Array, Array]]:
    """Yield z and |f'(z)| of each hidden layer (N, units) for the samples `x` (N, features)."""
    activation, a = network.run.activation, x
    for layer in network.layers[:-1]:
        z = a @ layer.w + layer.b
        a, slope, work = np.empty_like(z), np.empty_like(z), np.empty_like(z)
        activation.value(z, a, work)
        activation.derivative(z, a, slope, work)
        yield z, np.abs(slope)


def snapshots(
    experiment: Train, data: Split, keyframe: Keyframe, step: int, replica: int
) -> Iterator[tuple[Snapshot | None, ...] | None]:
    """Compute a step again and yield, last, one replica of each run at it; None for runs that have diverged.

    Parameters
    ----------
    keyframe
        A state at `step` or before it, as the tape keeps it.

    Yields
    ------
    None after each step on the way, so that others may come between.
    """
    trainer = Trainer(experiment, data, on_sets=False)
    trainer.restore(*keyframe)
    for _ in go_on(trainer, step):
        yield None
    trainer.measure()
    yield tuple(_snapshot(trainer, run, replica) for run in range(len(experiment.runs)))


def _snapshot(trainer: Trainer, run: int, replica: int) -> Snapshot | None:
    found = trainer.member(run)
    if found is None:
        return None
    group, member = found
    stack, k = group.stack, member.rows.start + replica
    names = ("w", "b", "dw", "db", "z", "a", "slope", "delta")
    with np.errstate(all="ignore"):
        rates = group.effective_rate(member, trainer.step)
    of_weights = None if rates is None else layer_views(rates[[replica]], stack.sizes)[0]
    layers = [
        Layer(
            **{name: getattr(stack, name)[layer][k].copy() for name in names},
            rate=of_weights[layer][0] if of_weights else None,
        )
        for layer in range(stack.depth)
    ]
    return Snapshot(trainer.step, member.run, group.x[replica].copy(), group.y[replica].copy(), tuple(layers))

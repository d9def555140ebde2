"""Gradient descent, and gradient descent with momentum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradsim.engine.optim.rule import OPTIMIZERS, Hyper, Optimizer, State, StepParts, column, momentum_factor, rate
from gradsim.engine.types import Array
from gradsim.schema.parameters import Number


def descend(x: Array, direction: Array, rate: Array, work: Array) -> None:
    """x -= rate direction; `work` may be `direction` itself."""
    np.multiply(direction, column(rate, x), out=work)
    np.subtract(x, work, out=x)


def accelerate(velocity: Array, push: Array, momentum: Array) -> None:
    """velocity = momentum velocity + push."""
    np.multiply(velocity, column(momentum, velocity), out=velocity)
    np.add(velocity, push, out=velocity)


@OPTIMIZERS.add
class Sgd(Optimizer):
    """Gradient descent: x -= learning_rate g. The batch size decides whether it is stochastic."""

    key = "sgd"
    label = "SGD"
    formula = "x ← x − η g"
    proportional = True

    @staticmethod
    def step(x: Array, g: Array, state: State, h: Hyper, t: int, *work: Array) -> None:
        descend(x, g, h["learning_rate"], work[0])

    @classmethod
    def effective_rate(cls, state: State, h: Hyper, t: int) -> Array | None:
        return h["learning_rate"]


@OPTIMIZERS.add
@dataclass(frozen=True)
class Momentum(Optimizer):
    """Heavy ball, PyTorch's form: v = momentum v + (1 - dampening) g; x -= learning_rate v.

    Polyak 1964. The learning rate multiplies the velocity; in other variants it is
    part of the velocity, which differs only if the rate changes during the run.
    As in PyTorch, the first gradient is not damped, and no gradient is where
    momentum is zero.
    """

    key = "momentum"
    label = "Momentum"
    formula = "v ← μ v + (1−d) g;  x ← x − η v"
    state = ("velocity",)

    learning_rate: float = rate(0.01)
    momentum: float = momentum_factor(
        "Decay rate of the velocity. The velocity is a sum of gradients, and the learning rate multiplies all of it.",
        0.9,
    )
    dampening: float = Number(
        "Dampening",
        help="The share of each gradient after the first that is kept out of the velocity. Equal to "
        "the momentum, it makes an average; 0 is the usual sum.",
        low=0,
        high=1,
    ).field(0.0)

    @staticmethod
    def step(x: Array, g: Array, state: State, h: Hyper, t: int, *work: Array) -> None:
        v = state["velocity"]
        if t > 1 and np.count_nonzero(h["dampening"]):
            entering = np.where(h["momentum"] == 0.0, 1.0, 1.0 - h["dampening"])
            g = np.multiply(g, column(entering, g), out=work[0])
        accelerate(v, g, h["momentum"])
        descend(x, v, h["learning_rate"], work[0])

    @classmethod
    def step_parts(cls, g: Array, move: Array, state: State, h: Hyper, t: int) -> StepParts:
        return StepParts(momentum=state["velocity"])

    @classmethod
    def effective_rate(cls, state: State, h: Hyper, t: int) -> Array | None:
        entering = np.where(h["momentum"] == 0.0, 1.0, 1.0 - h["dampening"])
        return np.asarray(h["learning_rate"] * entering / (1.0 - h["momentum"]))


@OPTIMIZERS.add
@dataclass(frozen=True)
class Nag(Optimizer):
    """Nesterov's accelerated gradient, PyTorch's form: v = momentum v + g; x -= learning_rate (g + momentum v).

    Sutskever et al. 2013 take the gradient at the look-ahead point; here x is
    that point (Bengio et al. 2012), so one gradient a step is enough.
    """

    key = "nag"
    label = "Nesterov"
    formula = "v ← μ v + g;  x ← x − η (g + μ v)"
    state = ("velocity",)

    learning_rate: float = rate(0.01)
    momentum: float = momentum_factor(
        "Decay rate of the velocity. The weights shown are the look-ahead point, where the gradient is taken, "
        "as in PyTorch.",
        0.9,
    )

    @staticmethod
    def step(x: Array, g: Array, state: State, h: Hyper, t: int, *work: Array) -> None:
        v = state["velocity"]
        accelerate(v, g, h["momentum"])
        np.multiply(v, column(h["momentum"], v), out=work[0])
        np.add(work[0], g, out=work[0])
        descend(x, work[0], h["learning_rate"], work[0])

    @classmethod
    def step_parts(cls, g: Array, move: Array, state: State, h: Hyper, t: int) -> StepParts:
        return StepParts(momentum=state["velocity"])

    @classmethod
    def effective_rate(cls, state: State, h: Hyper, t: int) -> Array | None:
        return np.asarray(h["learning_rate"] / (1.0 - h["momentum"]))

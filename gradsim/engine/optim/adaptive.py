"""Optimizers with a step size for each parameter: gradients divided by the root of a sum or average of squares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradsim.engine.optim.descent import accelerate, descend
from gradsim.engine.optim.rule import (
    OPTIMIZERS,
    Hyper,
    Optimizer,
    State,
    StepParts,
    coefficient,
    column,
    epsilon,
    momentum_factor,
    over_scale,
    rate,
)
from gradsim.engine.types import Array
from gradsim.schema.parameters import Integer, Number

BESIDE_ROOT = "Added to the denominator, outside the root, so that it is never zero."


def average(mean: Array, new: Array, beta: Array, work: Array) -> None:
    """Update an exponential average: mean = beta mean + (1 - beta) new; `work` may be `new` itself."""
    np.multiply(new, column(1.0 - beta, mean), out=work)
    accelerate(mean, work, beta)


def average_square(mean: Array, g: Array, beta: Array, work: Array) -> None:
    """Update the exponential average of g^2; `work` may be `g` itself."""
    np.multiply(g, g, out=work)
    average(mean, work, beta, work)


def divide_by_root(direction: Array, squares: Array, epsilon: Array, work: Array) -> None:
    """work = direction / (sqrt(squares) + epsilon); `work` may be `squares` itself."""
    np.sqrt(squares, out=work)
    np.add(work, column(epsilon, work), out=work)
    np.divide(direction, work, out=work)


@OPTIMIZERS.add
@dataclass(frozen=True)
class Adagrad(Optimizer):
    """Divides by the root of the sum of all squared gradients: s += g^2; x -= learning_rate g / (sqrt s + epsilon).

    Duchi, Hazan and Singer 2011; epsilon outside the root and 1e-10, the sum
    starts at 0, as in PyTorch (Keras starts at 0.1, optax has epsilon inside).
    PyTorch's learning-rate decay divides the rate by 1 + decay (t - 1) at step t.
    """

    key = "adagrad"
    label = "Adagrad"
    formula = "s ← s + g²;  x ← x − η g / (√s + ε)"
    state = ("sum_of_squares",)

    learning_rate: float = rate(0.01)
    learning_rate_decay: float = Number(
        "Learning rate decay",
        help="Step t divides the learning rate by 1 + decay × (t − 1), on top of what the sum does. 0 is none.",
        low=0,
        high=1000,
        slider=(1e-6, 1),
        log=True,
    ).field(0.0)
    initial_accumulator_value: float = Number(
        "Initial sum of squares",
        help="Where the sum of squared gradients begins. Above 0, the first steps are shorter.",
        low=0,
        high=1e6,
        slider=(1e-6, 10),
        log=True,
    ).field(0.0)
    epsilon: float = epsilon(1e-10, BESIDE_ROOT)

    @staticmethod
    def step(x: Array, g: Array, state: State, h: Hyper, t: int, *work: Array) -> None:
        s = state["sum_of_squares"]
        if t == 1:
            np.add(s, column(h["initial_accumulator_value"], s), out=s)
        np.multiply(g, g, out=work[0])
        np.add(s, work[0], out=s)
        divide_by_root(g, s, h["epsilon"], work[0])
        descend(x, work[0], h["learning_rate"] / (1.0 + (t - 1) * h["learning_rate_decay"]), work[0])

    @classmethod
    def step_parts(cls, g: Array, move: Array, state: State, h: Hyper, t: int) -> StepParts:
        return StepParts(scaled=g / (np.sqrt(state["sum_of_squares"]) + h["epsilon"]))

    @classmethod
    def effective_rate(cls, state: State, h: Hyper, t: int) -> Array | None:
        rate = h["learning_rate"] / (1.0 + (t - 1) * h["learning_rate_decay"])
        return over_scale(rate, np.sqrt(state["sum_of_squares"]), h["epsilon"])


@OPTIMIZERS.add
@dataclass(frozen=True)
class Adadelta(Optimizer):
    """Steps in units of x: d = sqrt(u + epsilon) / sqrt(s + epsilon) g; x -= learning_rate d.

    Here s and u are exponential averages of g^2 and of d^2, with decay rate rho.
    Zeiler 2012; epsilon inside both roots, rho 0.9 and rate 1 as in PyTorch.
    """

    key = "adadelta"
    label = "Adadelta"
    formula = "d = √(u + ε) / √(s + ε) · g;  x ← x − η d"
    state = ("mean_square", "mean_square_step")
    scratch = 2

    learning_rate: float = rate(1.0)
    rho: float = coefficient("Rho", "Decay rate of the moving averages of squares.", 0.9)
    epsilon: float = epsilon(
        1e-6, "Added inside both roots: keeps the denominator from zero, and sets how far the first steps go."
    )

    @staticmethod
    def step(x: Array, g: Array, state: State, h: Hyper, t: int, *work: Array) -> None:
        s, u, epsilon = state["mean_square"], state["mean_square_step"], column(h["epsilon"], x)
        d, other = work
        average_square(s, g, h["rho"], d)
        np.add(s, epsilon, out=d)
        np.reciprocal(d, out=d)
        np.add(u, epsilon, out=other)
        np.multiply(d, other, out=d)
        np.sqrt(d, out=d)
        np.multiply(d, g, out=d)
        descend(x, d, h["learning_rate"], other)
        average_square(u, d, h["rho"], d)

    @classmethod
    def step_parts(cls, g: Array, move: Array, state: State, h: Hyper, t: int) -> StepParts:
        return StepParts(scaled=move / -h["learning_rate"])

    @classmethod
    def effective_rate(cls, state: State, h: Hyper, t: int) -> Array | None:
        s, u = state["mean_square"], state["mean_square_step"]
        known = np.where(s > 0.0, s, np.nan)
        return np.asarray(h["learning_rate"] * np.sqrt((u + h["epsilon"]) / (known + h["epsilon"])))


@OPTIMIZERS.add
@dataclass(frozen=True)
class RmsProp(Optimizer):
    """Divides by the root of an average of squared gradients: x -= learning_rate g / (sqrt s + epsilon).

    s = alpha s + (1 - alpha) g^2. Tieleman and Hinton 2012, lecture 6.5, with
    alpha 0.9; PyTorch's 0.99 is the default here, epsilon outside the root.
    Centered (Graves 2013), m^2 is subtracted from s, with m the same average of
    g: the difference is a variance. Rounding can make it negative, which gives NaN
    in PyTorch and counts as zero here. With momentum, v = momentum v + the
    quotient, and x -= learning_rate v.
    """

    key = "rmsprop"
    label = "RMSprop"
    formula = "s ← α s + (1−α) g²;  x ← x − η g / (√s + ε)"
    state = ("mean_square", "mean", "velocity")

    learning_rate: float = rate(0.01)
    alpha: float = coefficient(
        "Alpha",
        "Decay rate of the moving average of squares; 0.9 in the lecture it comes from, 0.99 in PyTorch.",
        0.99,
    )
    epsilon: float = epsilon(1e-8, BESIDE_ROOT)
    momentum: float = momentum_factor("Decay rate of the velocity, which is a sum of the scaled gradients.", 0.0)
    centered: int = Integer(
        "Centered",
        help="1 divides by the gradient's running standard deviation, about its running mean; "
        "0 by its root mean square.",
        low=0,
        high=1,
    ).field(0)

    @property
    def used_state(self) -> tuple[str, ...]:
        needed = (True, bool(self.centered), self.momentum != 0.0)
        return tuple(name for name, keep in zip(self.state, needed, strict=True) if keep)

    @staticmethod
    def step(x: Array, g: Array, state: State, h: Hyper, t: int, *work: Array) -> None:
        s, d = state["mean_square"], work[0]
        average_square(s, g, h["alpha"], d)
        if "mean" in state:
            m = state["mean"]
            average(m, g, h["alpha"], d)
            np.multiply(m, m, out=d)
            np.multiply(d, column(h["centered"], d), out=d)
            np.subtract(s, d, out=d)
            s = np.maximum(d, 0.0, out=d)
        divide_by_root(g, s, h["epsilon"], d)
        if "velocity" in state:
            accelerate(state["velocity"], d, h["momentum"])
            d = state["velocity"]
        descend(x, d, h["learning_rate"], work[0])

    @classmethod
    def step_parts(cls, g: Array, move: Array, state: State, h: Hyper, t: int) -> StepParts:
        return StepParts(state.get("velocity"), g / (np.sqrt(_about_mean(state, h)) + h["epsilon"]))

    @classmethod
    def effective_rate(cls, state: State, h: Hyper, t: int) -> Array | None:
        rate = h["learning_rate"] / (1.0 - h["momentum"])
        return over_scale(rate, np.sqrt(_about_mean(state, h)), h["epsilon"])


def _about_mean(state: State, h: Hyper) -> Array:
    """Return RMSprop's average of squares, less the square of the average where it is centered."""
    square = state["mean_square"]
    return np.maximum(square - h["centered"] * state["mean"] ** 2, 0.0) if "mean" in state else square

"""Optimizers: pure functions on parameters and gradients of shape (K, P).

Row k is network k (or point k of a race on a surface); hyper-parameters are
(K, 1) columns, so networks with different settings take their step together.
Definitions and defaults are PyTorch's unless a docstring says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from gradsim.engine.parameters import Number
from gradsim.engine.registry import Entry, Registry
from gradsim.engine.types import Array

State = Mapping[str, Array]
Hyper = Mapping[str, Array]

OPTIMIZERS: Registry[Optimizer] = Registry("optimizer")


class Optimizer(Entry):
    """A rule that turns gradients into steps."""

    state: ClassVar[tuple[str, ...]] = ()
    """Names of the (K, P) arrays it keeps between steps; they start at zero."""

    proportional: ClassVar[bool] = False
    """Whether its steps are in proportion to the gradients, so that a layer's gradient is its speed."""

    @staticmethod
    def update(x: Array, g: Array, state: State, h: Hyper, t: int, work: Array) -> None:
        """Take step number `t` (from 1), in place.

        Parameters
        ----------
        x, g : (K, P)
            Parameters, changed in place, and their gradients, left alone.
        state : mapping of (K, P)
            What :attr:`state` names, changed in place.
        h : mapping of (K, 1)
            Hyper-parameters by field name, float64.
        work : (K, P)
            Scratch space.
        """
        raise NotImplementedError


def _column(value: Array, like: Array) -> Array:
    """Return a column of factors, computed in float64, in the precision of `like`."""
    return value.astype(like.dtype)


def _descend(x: Array, direction: Array, rate: Array, work: Array) -> None:
    """x -= rate direction; `work` may be `direction` itself."""
    np.multiply(direction, _column(rate, x), out=work)
    np.subtract(x, work, out=x)


def _average(mean: Array, new: Array, beta: Array, work: Array) -> None:
    """Move an exponential average: mean = beta mean + (1 - beta) new; `work` may be `new` itself."""
    np.multiply(mean, _column(beta, mean), out=mean)
    np.multiply(new, _column(1.0 - beta, mean), out=work)
    np.add(mean, work, out=mean)


def _average_square(mean: Array, g: Array, beta: Array, work: Array) -> None:
    """Move the exponential average of g^2."""
    np.multiply(g, g, out=work)
    _average(mean, work, beta, work)


def _rate(default: float) -> Any:
    return Number(
        "Learning rate",
        help="How far one step goes along the gradient.",
        low=1e-12,
        high=1e6,
        slider=(1e-4, 10),
        log=True,
        basic=True,
    ).field(default)


def _share(label: str, help_text: str, default: float) -> Any:
    return Number(label, help=help_text, low=0, high=0.999999, slider=(0, 0.999)).field(default)


def _epsilon(default: float) -> Any:
    return Number(
        "Epsilon",
        help="Added to the denominator, so that it is never zero.",
        low=1e-30,
        high=1,
        slider=(1e-12, 1e-2),
        log=True,
    ).field(default)


@OPTIMIZERS.add
@dataclass(frozen=True)
class Sgd(Optimizer):
    """Gradient descent: x -= learning_rate g. Stochastic or not is the batch size's business."""

    key = "sgd"
    label = "SGD"
    formula = "x ← x − η g"
    proportional = True

    learning_rate: float = _rate(0.1)

    @staticmethod
    def update(x: Array, g: Array, state: State, h: Hyper, t: int, work: Array) -> None:
        _descend(x, g, h["learning_rate"], work)


@OPTIMIZERS.add
@dataclass(frozen=True)
class Momentum(Optimizer):
    """Heavy ball, PyTorch's form: v = momentum v + g; x -= learning_rate v.

    Polyak 1964. The velocity is in units of the gradient: elsewhere the rate is
    inside it, which differs only when the rate changes during the run.
    """

    key = "momentum"
    label = "Momentum"
    formula = "v ← μ v + g;  x ← x − η v"
    proportional = True
    state = ("velocity",)

    learning_rate: float = _rate(0.01)
    momentum: float = _share("Momentum", "How much of the velocity is kept from step to step.", 0.9)

    @staticmethod
    def update(x: Array, g: Array, state: State, h: Hyper, t: int, work: Array) -> None:
        v = state["velocity"]
        np.multiply(v, _column(h["momentum"], v), out=v)
        np.add(v, g, out=v)
        _descend(x, v, h["learning_rate"], work)


@OPTIMIZERS.add
@dataclass(frozen=True)
class Nag(Optimizer):
    """Nesterov's accelerated gradient, PyTorch's form: v = momentum v + g; x -= learning_rate (g + momentum v).

    Sutskever et al. 2013 take the gradient at the point looked ahead to; here
    x is that point (Bengio et al. 2012), so one gradient a step is enough.
    """

    key = "nag"
    label = "Nesterov"
    formula = "v ← μ v + g;  x ← x − η (g + μ v)"
    proportional = True
    state = ("velocity",)

    learning_rate: float = _rate(0.01)
    momentum: float = _share("Momentum", "How much of the velocity is kept from step to step.", 0.9)

    @staticmethod
    def update(x: Array, g: Array, state: State, h: Hyper, t: int, work: Array) -> None:
        v = state["velocity"]
        mu = _column(h["momentum"], v)
        np.multiply(v, mu, out=v)
        np.add(v, g, out=v)
        np.multiply(v, mu, out=work)
        np.add(work, g, out=work)
        _descend(x, work, h["learning_rate"], work)


@OPTIMIZERS.add
@dataclass(frozen=True)
class Adagrad(Optimizer):
    """Divides by the root of the sum of all squared gradients: s += g^2; x -= learning_rate g / (sqrt s + epsilon).

    Duchi, Hazan and Singer 2011; epsilon outside the root and 1e-10, the sum
    begins at 0, as in PyTorch (Keras begins at 0.1, optax has epsilon inside).
    """

    key = "adagrad"
    label = "Adagrad"
    formula = "s ← s + g²;  x ← x − η g / (√s + ε)"
    state = ("sum_of_squares",)

    learning_rate: float = _rate(0.01)
    epsilon: float = _epsilon(1e-10)

    @staticmethod
    def update(x: Array, g: Array, state: State, h: Hyper, t: int, work: Array) -> None:
        s = state["sum_of_squares"]
        np.multiply(g, g, out=work)
        np.add(s, work, out=s)
        _descend_scaled(x, g, s, h["learning_rate"], h["epsilon"], work)


@OPTIMIZERS.add
@dataclass(frozen=True)
class Adadelta(Optimizer):
    """Steps in units of x: d = sqrt(u + epsilon) / sqrt(s + epsilon) g; x -= learning_rate d.

    Here s and u are exponential averages, of weight rho, of g^2 and of d^2.
    Zeiler 2012; epsilon inside both roots, rho 0.9 and rate 1 as in PyTorch.
    """

    key = "adadelta"
    label = "Adadelta"
    formula = "d = √(u + ε) / √(s + ε) · g;  x ← x − η d"
    state = ("mean_square", "mean_square_step")

    learning_rate: float = _rate(1.0)
    rho: float = _share("Rho", "How much of the averages of squares is kept from step to step.", 0.9)
    epsilon: float = _epsilon(1e-6)

    @staticmethod
    def update(x: Array, g: Array, state: State, h: Hyper, t: int, work: Array) -> None:
        s, u, epsilon = state["mean_square"], state["mean_square_step"], _column(h["epsilon"], x)
        _average_square(s, g, h["rho"], work)
        # d² = (u + ε) / (s + ε) · g² needs no second scratch array: d is its root with the sign of g.
        np.add(s, epsilon, out=work)
        np.reciprocal(work, out=work)
        np.multiply(work, u + epsilon, out=work)
        np.sqrt(work, out=work)
        np.multiply(work, g, out=work)
        _descend_and_average(x, work, u, h)


@OPTIMIZERS.add
@dataclass(frozen=True)
class RmsProp(Optimizer):
    """Divides by the root of an average of squared gradients: x -= learning_rate g / (sqrt s + epsilon).

    s = alpha s + (1 - alpha) g^2. Tieleman and Hinton 2012, lecture 6.5, with
    alpha 0.9; PyTorch's 0.99 is the default here, epsilon outside the root.
    """

    key = "rmsprop"
    label = "RMSprop"
    formula = "s ← α s + (1−α) g²;  x ← x − η g / (√s + ε)"
    state = ("mean_square",)

    learning_rate: float = _rate(0.01)
    alpha: float = _share("Alpha", "How much of the average of squares is kept from step to step.", 0.99)
    epsilon: float = _epsilon(1e-8)

    @staticmethod
    def update(x: Array, g: Array, state: State, h: Hyper, t: int, work: Array) -> None:
        s = state["mean_square"]
        _average_square(s, g, h["alpha"], work)
        _descend_scaled(x, g, s, h["learning_rate"], h["epsilon"], work)


@OPTIMIZERS.add
@dataclass(frozen=True)
class Adam(Optimizer):
    """Momentum and RMSprop, both corrected for their start at zero.

    m and s are exponential averages of g and g^2; x -= learning_rate m' /
    (sqrt s' + epsilon) with m' = m / (1 - beta1^t) and s' = s / (1 - beta2^t).
    Kingma and Ba 2015, algorithm 1; epsilon is added after the correction
    ("epsilon", not the paper's "epsilon hat"), as in PyTorch.
    """

    key = "adam"
    label = "Adam"
    formula = "x ← x − η m̂ / (√ŝ + ε)"
    state = ("mean", "mean_square")

    learning_rate: float = _rate(0.001)
    beta1: float = _share("Beta 1", "How much of the average gradient is kept from step to step.", 0.9)
    beta2: float = _share("Beta 2", "How much of the average of squares is kept from step to step.", 0.999)
    epsilon: float = _epsilon(1e-8)

    @staticmethod
    def update(x: Array, g: Array, state: State, h: Hyper, t: int, work: Array) -> None:
        m, s = state["mean"], state["mean_square"]
        _average(m, g, h["beta1"], work)
        _average_square(s, g, h["beta2"], work)
        np.sqrt(s, out=work)
        np.multiply(work, _column((1.0 - h["beta2"] ** t) ** -0.5, x), out=work)
        np.add(work, _column(h["epsilon"], x), out=work)
        np.divide(m, work, out=work)
        _descend(x, work, h["learning_rate"] / (1.0 - h["beta1"] ** t), work)


def _descend_scaled(x: Array, g: Array, squares: Array, rate: Array, epsilon: Array, work: Array) -> None:
    """x -= rate g / (sqrt(squares) + epsilon)."""
    np.sqrt(squares, out=work)
    np.add(work, _column(epsilon, x), out=work)
    np.divide(g, work, out=work)
    _descend(x, work, rate, work)


def _descend_and_average(x: Array, d: Array, squares: Array, h: Hyper) -> None:
    """x -= learning_rate d, and move the average of d^2; `d` is used up."""
    np.subtract(x, d * _column(h["learning_rate"], x), out=x)
    _average_square(squares, d, h["rho"], d)

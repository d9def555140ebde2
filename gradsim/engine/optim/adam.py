"""Adam and its variants: one moving average of gradients gives the direction, another the size of a step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from gradsim.engine.optim.adaptive import average, average_square
from gradsim.engine.optim.descent import descend
from gradsim.engine.optim.rule import (
    OPTIMIZERS,
    Hyper,
    Optimizer,
    State,
    StepParts,
    coefficient,
    column,
    decoupled_decay,
    epsilon,
    over_scale,
    rate,
)
from gradsim.engine.types import Array
from gradsim.schema.parameters import Number

MEAN_DECAY = "Decay rate of the moving average of gradients."
SQUARE_DECAY = "Decay rate of the moving average of squares."


def _denominator(squares: Array, h: Hyper, t: int, work: Array) -> Array:
    """work = sqrt(squares / (1 - beta2^t)) + epsilon."""
    np.sqrt(squares, out=work)
    np.multiply(work, column((1.0 - h["beta2"] ** t) ** -0.5, work), out=work)
    return np.add(work, column(h["epsilon"], work), out=work)


def _descend_corrected(x: Array, m: Array, squares: Array, h: Hyper, t: int, work: Array) -> None:
    """x -= learning_rate m' / (sqrt(squares') + epsilon), with bias-corrected m and squares."""
    np.divide(m, _denominator(squares, h, t, work), out=work)
    descend(x, work, h["learning_rate"] / (1.0 - h["beta1"] ** t), work)


@OPTIMIZERS.add
@dataclass(frozen=True)
class Adam(Optimizer):
    """Momentum and RMSprop, with the bias of both averages corrected.

    m and s are exponential averages of g and g^2; x -= learning_rate m' /
    (sqrt s' + epsilon) with m' = m / (1 - beta1^t) and s' = s / (1 - beta2^t).
    Kingma and Ba 2015, algorithm 1; epsilon is added after the correction
    ("epsilon", not the paper's "epsilon hat"), as in PyTorch.
    """

    key = "adam"
    label = "Adam"
    formula = "x ← x − η m̂ / (√ŝ + ε)"
    state: ClassVar[tuple[str, ...]] = ("mean", "mean_square")
    squares: ClassVar[str] = "mean_square"
    """What of its state the step is divided by the root of."""

    learning_rate: float = rate(0.001)
    beta1: float = coefficient("Beta 1", MEAN_DECAY, 0.9)
    beta2: float = coefficient("Beta 2", SQUARE_DECAY, 0.999)
    epsilon: float = epsilon(
        1e-8,
        "Added to the root of the average after bias correction, so that the denominator is "
        "never zero; the paper's epsilon hat is added before.",
    )

    @staticmethod
    def step(x: Array, g: Array, state: State, h: Hyper, t: int, *work: Array) -> None:
        m, s = state["mean"], state["mean_square"]
        average(m, g, h["beta1"], work[0])
        average_square(s, g, h["beta2"], work[0])
        _descend_corrected(x, m, s, h, t, work[0])

    @classmethod
    def step_parts(cls, g: Array, move: Array, state: State, h: Hyper, t: int) -> StepParts:
        denominator = _denominator(state[cls.squares], h, t, np.empty_like(g))
        return StepParts(state["mean"] / (1.0 - h["beta1"] ** t), g / denominator)

    @classmethod
    def effective_rate(cls, state: State, h: Hyper, t: int) -> Array | None:
        squares = state[cls.squares]
        return over_scale(h["learning_rate"], np.sqrt(squares / (1.0 - h["beta2"] ** t)), h["epsilon"])


@OPTIMIZERS.add
@dataclass(frozen=True)
class AdamW(Adam):
    """Adam with decoupled weight decay: x -= learning_rate weight_decay x, then Adam's step.

    Loshchilov and Hutter 2019; PyTorch's form, where the learning rate is a
    factor of the decay (in the paper only its schedule is).
    """

    key = "adamw"
    label = "AdamW"
    formula = "x ← (1 − η λ) x − η m̂ / (√ŝ + ε)"
    decoupled = True

    weight_decay: float = decoupled_decay(0.01)


@OPTIMIZERS.add
class AmsGrad(Adam):
    """Adam divided by the largest average of squares so far, so that step sizes never grow again.

    Reddi, Kale and Kumar 2018, as PyTorch's Adam(amsgrad=True): the largest s is
    taken before the bias correction (the paper has none).
    """

    key = "amsgrad"
    label = "AMSGrad"
    formula = "x ← x − η m̂ / (√max ŝ + ε)"
    state = ("mean", "mean_square", "largest_mean_square")
    squares = "largest_mean_square"

    @staticmethod
    def step(x: Array, g: Array, state: State, h: Hyper, t: int, *work: Array) -> None:
        m, s, largest = (state[name] for name in AmsGrad.state)
        average(m, g, h["beta1"], work[0])
        average_square(s, g, h["beta2"], work[0])
        np.maximum(largest, s, out=largest)
        _descend_corrected(x, m, largest, h, t, work[0])


@OPTIMIZERS.add
@dataclass(frozen=True)
class Nadam(Adam):
    """Adam with Nesterov momentum, PyTorch's form.

    x -= learning_rate (mu' m / (1 - p mu') + (1 - mu) g / (1 - p)) / (sqrt s' + epsilon), with s' as in Adam,
    mu = beta1 (1 - 0.96^(t momentum_decay) / 2), mu' the same of t + 1, and p the product of all mu so far.
    Dozat 2016. The state holds 1 - p, which starts at zero, in the first column of its array.
    """

    key = "nadam"
    label = "NAdam"
    formula = "x ← x − η (μ′ m̂ + (1−μ) ĝ) / (√ŝ + ε)"
    state = ("mean", "mean_square", "one_less_product")

    learning_rate: float = rate(0.002)
    momentum_decay: float = Number(
        "Momentum decay",
        help="How soon the momentum grows from half of beta 1 to all of it. Larger is sooner; 0 keeps it at half.",
        low=0,
        high=1,
        slider=(1e-4, 1),
        log=True,
    ).field(4e-3)

    @staticmethod
    def step(x: Array, g: Array, state: State, h: Hyper, t: int, *work: Array) -> None:
        m, s, kept = state["mean"], state["mean_square"], state["one_less_product"][:, :1]
        average(m, g, h["beta1"], work[0])
        average_square(s, g, h["beta2"], work[0])
        now, following = (h["beta1"] * (1.0 - 0.5 * 0.96 ** (i * h["momentum_decay"])) for i in (t, t + 1))
        one_less_product = kept * now + (1.0 - now)
        kept[:] = one_less_product
        of_g = (1.0 - now) / one_less_product
        of_m = following / (one_less_product * following + (1.0 - following))
        for direction, part in ((g, of_g), (m, of_m)):
            np.divide(direction, _denominator(s, h, t, work[0]), out=work[0])
            descend(x, work[0], h["learning_rate"] * part, work[0])


@OPTIMIZERS.add
@dataclass(frozen=True)
class AdaMax(Optimizer):
    """Adam with the largest recent gradient in place of the root mean square.

    u = max(beta2 u, |g| + epsilon); x -= learning_rate / (1 - beta1^t) m / u.
    Kingma and Ba 2015, algorithm 2; epsilon inside the maximum as in PyTorch
    (the paper has none).
    """

    key = "adamax"
    label = "AdaMax"
    formula = "u ← max(β₂ u, |g| + ε);  x ← x − η m̂ / u"
    state = ("mean", "largest")

    learning_rate: float = rate(0.002)
    beta1: float = coefficient("Beta 1", MEAN_DECAY, 0.9)
    beta2: float = coefficient("Beta 2", "Decay rate of the largest gradient.", 0.999)
    epsilon: float = epsilon(1e-8, "Added to the magnitude of each gradient, so that the denominator is never zero.")

    @staticmethod
    def step(x: Array, g: Array, state: State, h: Hyper, t: int, *work: Array) -> None:
        m, u = state["mean"], state["largest"]
        average(m, g, h["beta1"], work[0])
        np.abs(g, out=work[0])
        np.add(work[0], column(h["epsilon"], g), out=work[0])
        np.multiply(u, column(h["beta2"], u), out=u)
        np.maximum(u, work[0], out=u)
        np.divide(m, u, out=work[0])
        descend(x, work[0], h["learning_rate"] / (1.0 - h["beta1"] ** t), work[0])

    @classmethod
    def step_parts(cls, g: Array, move: Array, state: State, h: Hyper, t: int) -> StepParts:
        return StepParts(state["mean"] / (1.0 - h["beta1"] ** t), g / state["largest"])

    @classmethod
    def effective_rate(cls, state: State, h: Hyper, t: int) -> Array | None:
        largest = state["largest"]
        return np.asarray(h["learning_rate"] / np.where(largest > h["epsilon"], largest, np.nan))


@OPTIMIZERS.add
@dataclass(frozen=True)
class Lion(Optimizer):
    """Steps of constant size, by sign: x -= learning_rate (sign(c) + weight_decay x).

    c = beta1 m + (1 - beta1) g, and then m = beta2 m + (1 - beta2) g. Chen et
    al. 2023, algorithm 2, with its betas; weight decay is decoupled. The sign of
    zero is zero.
    """

    key = "lion"
    label = "Lion"
    formula = "x ← (1 − η λ) x − η sign(β₁ m + (1−β₁) g)"
    state = ("mean",)
    scratch = 2
    decoupled = True

    learning_rate: float = rate(1e-4)
    weight_decay: float = decoupled_decay(0.0)
    beta1: float = coefficient(
        "Beta 1", "The weight of the average gradient against the new one, in the sum whose sign is the step.", 0.9
    )
    beta2: float = coefficient("Beta 2", MEAN_DECAY, 0.99)

    @staticmethod
    def step(x: Array, g: Array, state: State, h: Hyper, t: int, *work: Array) -> None:
        m = state["mean"]
        np.multiply(m, column(h["beta1"], m), out=work[0])
        np.multiply(g, column(1.0 - h["beta1"], m), out=work[1])
        np.add(work[0], work[1], out=work[0])
        np.sign(work[0], out=work[0])
        descend(x, work[0], h["learning_rate"], work[0])
        average(m, g, h["beta2"], work[0])

    @classmethod
    def step_parts(cls, g: Array, move: Array, state: State, h: Hyper, t: int) -> StepParts:
        return StepParts(state["mean"], move / -h["learning_rate"])

"""What all optimizers share: the registry, their common settings, and weight decay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from gradsim.engine.types import Array
from gradsim.schema.parameters import Number
from gradsim.schema.registry import Entry, Registry

State = Mapping[str, Array]
Hyper = Mapping[str, Array]

OPTIMIZERS: Registry[Optimizer] = Registry("optimizer")


def rate(default: float) -> Any:
    """Declare a learning rate."""
    return Number(
        "Learning rate",
        help="How far one step goes along the gradient.",
        low=1e-12,
        high=1e6,
        slider=(1e-4, 10),
        log=True,
        basic=True,
    ).field(default)


def coefficient(label: str, help_text: str, default: float) -> Any:
    """Declare how much of something is kept from step to step."""
    return Number(label, help=help_text, low=0, high=0.999999, slider=(0, 0.999)).field(default)


def epsilon(default: float, help_text: str) -> Any:
    """Declare a small number that keeps a denominator from zero; the variants differ in where it is added."""
    return Number("Epsilon", help=help_text, low=1e-30, high=1, slider=(1e-12, 1e-2), log=True).field(default)


def decay(default: float, help_text: str) -> Any:
    """Declare a weight decay; the variants differ in what it acts on."""
    return Number("Weight decay", help=help_text, low=0, high=1000, slider=(1e-6, 1), log=True).field(default)


def decoupled_decay(default: float) -> Any:
    """Declare the weight decay of an optimizer that is :attr:`~Optimizer.decoupled`."""
    return decay(
        default,
        "Shrinks all weights and biases alike in each step, by the factor 1 − learning rate × weight decay. "
        "It bypasses the gradients and their averages (decoupled). 0 is none.",
    )


class StepParts(NamedTuple):
    """What a step is made of beside its gradient, (K, P) each; None where an optimizer has no such thing."""

    momentum: Array | None = None
    """What is remembered of the gradients, this one included: a velocity, or an average, corrected for its start."""
    scaled: Array | None = None
    """The gradient after each component was divided by a size of its own."""


@dataclass(frozen=True)
class Optimizer(Entry):
    """A rule that turns gradients into steps.

    Weight decay is done here, for all of them: coupled, g + weight_decay x is
    what the rule takes for the gradient (an L2 penalty of weight_decay / 2 |x|^2
    on the loss); decoupled, x shrinks by 1 - learning_rate weight_decay before
    the rule's own step (Loshchilov and Hutter 2019, as PyTorch has it: the
    learning rate is a factor of the decay). Biases decay like weights.
    """

    state: ClassVar[tuple[str, ...]] = ()
    """Names of the (K, P) arrays it keeps between steps; they start at zero."""

    scratch: ClassVar[int] = 1
    """How many (K, P) arrays :meth:`step` works in."""

    proportional: ClassVar[bool] = False
    """Whether a step is in proportion to its gradient, so that a layer's gradient is its speed."""

    decoupled: ClassVar[bool] = False
    """Whether weight decay bypasses the gradients."""

    learning_rate: float = rate(0.1)
    weight_decay: float = decay(
        0.0,
        "Pulls all weights and biases alike towards zero: in each step, weight decay × value is added to the "
        "gradient, after any clipping (an L2 penalty on the loss). The gradients shown are without it. 0 is none.",
    )

    @property
    def used_state(self) -> tuple[str, ...]:
        """Those of :attr:`state` that these settings need."""
        return self.state

    @property
    def adds_decay(self) -> bool:
        """Whether these settings add something to the gradients."""
        return self.weight_decay != 0.0 and not self.decoupled

    @classmethod
    def update(cls, x: Array, g: Array, state: State, h: Hyper, t: int, *work: Array) -> None:
        """Take step number `t` (from 1), in place.

        Parameters
        ----------
        x, g : (K, P)
            Parameters, changed in place, and their gradients, left alone.
        state : mapping of (K, P)
            What :attr:`state` names, or what :attr:`used_state` does for every row; changed in place.
        h : mapping of (K, 1)
            Hyper-parameters by field name, float64; without `weight_decay`, there is none.
        work : (K, P) each
            Scratch space: :attr:`scratch` arrays, and one more for coupled weight decay, which may be `g` itself
            where `g` is not needed any more. Those that are missing are allocated.
        """
        weight_decay = h.get("weight_decay")
        decays = weight_decay is not None and np.count_nonzero(weight_decay) > 0
        missing = cls.scratch + (decays and not cls.decoupled) - len(work)
        if missing > 0:
            work = (*work, *(np.empty_like(x) for _ in range(missing)))
        if decays and cls.decoupled:
            np.multiply(x, column(1.0 - h["learning_rate"] * h["weight_decay"], x), out=x)
        elif decays:
            np.multiply(x, column(h["weight_decay"], x), out=work[0])
            g = np.add(g, work[0], out=work[cls.scratch])
        cls.step(x, g, state, h, t, *work[: cls.scratch])

    @staticmethod
    def step(x: Array, g: Array, state: State, h: Hyper, t: int, *work: Array) -> None:
        """Take the rule's own step, as :meth:`update` does when there is no weight decay."""
        raise NotImplementedError

    @classmethod
    def update_parts(cls, x: Array, g: Array, move: Array, state: State, h: Hyper, t: int) -> StepParts:
        """Take step number `t` apart, for pictures.

        Parameters
        ----------
        x, g, move : (K, P)
            Where it began, the gradients it was given, and what it has changed x by.
        state, h
            As :meth:`update` left and was given them; `h` with `weight_decay`.
        """
        pull = h["weight_decay"] * x
        if cls.decoupled:
            return cls.step_parts(g, move + h["learning_rate"] * pull, state, h, t)
        return cls.step_parts(g + pull, move, state, h, t)

    @classmethod
    def step_parts(cls, g: Array, move: Array, state: State, h: Hyper, t: int) -> StepParts:
        """Take the rule's own step apart, as :meth:`update_parts` does when there is no weight decay."""
        return StepParts()


def column(value: Array, like: Array) -> Array:
    """Return a column of factors, computed in float64, in the precision of `like`."""
    return value.astype(like.dtype)

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
        help="Factor of the step against the gradient.",
        low=1e-12,
        high=1e6,
        slider=(1e-4, 10),
        log=True,
        basic=True,
        in_names="rate",
    ).field(default)


def coefficient(label: str, help_text: str, default: float, in_names: str = "") -> Any:
    """Declare a coefficient such as beta: the factor that a running value is multiplied by in each step."""
    number = Number(label, help=help_text, low=0, high=0.999999, slider=(0, 0.999), in_names=in_names)
    return number.field(default)


def momentum_factor(help_text: str, default: float) -> Any:
    """Declare the factor that the velocity is multiplied by in each step."""
    return coefficient("Momentum factor", help_text, default, in_names="momentum")


def epsilon(default: float, help_text: str) -> Any:
    """Declare a small number that keeps a denominator positive; optimizers differ in where it is added."""
    return Number("Epsilon", help=help_text, low=1e-30, high=1, slider=(1e-12, 1e-2), log=True).field(default)


def decay(default: float, help_text: str) -> Any:
    """Declare a weight decay; optimizers differ in what it acts on."""
    return Number("Weight decay", help=help_text, low=0, high=1000, slider=(1e-6, 1), log=True).field(default)


def decoupled_decay(default: float) -> Any:
    """Declare the weight decay of an optimizer that is :attr:`~Optimizer.decoupled`."""
    return decay(
        default,
        "Shrinks weights and biases in each step by the factor 1 − learning rate × weight "
        "decay, past gradients and averages (decoupled). 0 is none.",
    )


class StepParts(NamedTuple):
    """The parts of a step beside its gradient, (K, P) each; None where an optimizer has no such part."""

    momentum: Array | None = None
    """The running value of the gradients, this one included: a velocity, or a bias-corrected average."""
    scaled: Array | None = None
    """The gradient, each component divided by its own scale."""


@dataclass(frozen=True)
class Optimizer(Entry):
    """A rule that turns gradients into steps.

    Weight decay is applied here, for all optimizers. Coupled: the rule's gradient
    is g + weight_decay x (an L2 penalty of weight_decay / 2 |x|^2 on the loss).
    Decoupled: x is multiplied by 1 - learning_rate weight_decay before the rule's
    own step (Loshchilov and Hutter 2019, in PyTorch's form, where the learning
    rate is a factor of the decay).
    """

    state: ClassVar[tuple[str, ...]] = ()
    """Names of the (K, P) arrays it keeps between steps; they start at zero."""

    scratch: ClassVar[int] = 1
    """The number of (K, P) scratch arrays that :meth:`step` needs."""

    proportional: ClassVar[bool] = False
    """Whether a step is proportional to its gradient, so that a layer's gradient shows how fast it learns."""

    decoupled: ClassVar[bool] = False
    """Whether weight decay bypasses the gradients."""

    learning_rate: float = rate(0.1)
    weight_decay: float = decay(
        0.0,
        "Each step adds weight decay × value of every weight and bias to the gradient, after "
        "clipping (L2 penalty); gradients shown are without it. 0 is none.",
    )

    @property
    def used_state(self) -> tuple[str, ...]:
        """Those of :attr:`state` that these settings need."""
        return self.state

    @property
    def adds_decay(self) -> bool:
        """Whether weight decay is added to the gradients."""
        return self.weight_decay != 0.0 and not self.decoupled

    @classmethod
    def update(cls, x: Array, g: Array, state: State, h: Hyper, t: int, *work: Array) -> None:
        """Take step number `t` (from 1), in place.

        Parameters
        ----------
        x, g : (K, P)
            Parameters, changed in place, and their gradients, not changed.
        state : mapping of (K, P)
            The arrays named by :attr:`state`, or by :attr:`used_state` if all rows have the same settings;
            changed in place.
        h : mapping of (K, 1)
            Hyper-parameters by field name, float64. `weight_decay` is (K, P) where not all parameters decay; it may
            be omitted when it is 0 in all rows: then the check for it is skipped.
        work : (K, P) each
            Scratch space: :attr:`scratch` arrays, and one more for coupled weight decay; this one may be `g`
            itself if `g` is not needed afterwards. Missing ones are allocated.
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
        """Take the rule's own step: what :meth:`update` does without weight decay."""
        raise NotImplementedError

    @classmethod
    def update_parts(cls, x: Array, g: Array, move: Array, state: State, h: Hyper, t: int) -> StepParts:
        """Return the parts of step number `t`, for pictures.

        Parameters
        ----------
        x, g, move : (K, P)
            The parameters before the step, its gradients, and the change of the parameters.
        state, h
            The state after :meth:`update`, and its hyper-parameters including `weight_decay`.
        """
        pull = h["weight_decay"] * x
        if cls.decoupled:
            return cls.step_parts(g, move + h["learning_rate"] * pull, state, h, t)
        return cls.step_parts(g + pull, move, state, h, t)

    @classmethod
    def step_parts(cls, g: Array, move: Array, state: State, h: Hyper, t: int) -> StepParts:
        """Return the parts of the rule's own step: what :meth:`update_parts` does without weight decay."""
        return StepParts()

    @classmethod
    def effective_rate(cls, state: State, h: Hyper, t: int) -> Array | None:
        """Return how long a step is for each unit of its gradient: (K, P), or (K, 1) where it is one for all.

        It is that of a gradient that stays as it is, so that a velocity has come to its sum, at the scale that
        update number `t` divided by. NaN where no gradient has come yet, and nothing is known of its scale; None
        for rules whose steps are no multiples of their gradients.

        Parameters
        ----------
        state, h
            The state after :meth:`update`, and its hyper-parameters.
        """
        return None


def over_scale(rate: Array, scale: Array, epsilon: Array) -> Array:
    """Return rate / (scale + epsilon), NaN where the scale is 0: where no gradient has come yet."""
    return np.asarray(rate / np.where(scale > 0.0, scale + epsilon, np.nan))


def column(value: Array, like: Array) -> Array:
    """Convert a column of float64 factors to the dtype of `like`, so that products keep that dtype."""
    return value.astype(like.dtype)

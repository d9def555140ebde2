"""Schedules: how the learning rate changes during a run.

Update t, counted from 0, uses the learning rate learning_rate * factor(t). The
formulas are the closed forms of PyTorch's schedulers, divided by the learning
rate.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, cos, pi
from typing import Any, ClassVar, Self

from gradsim.schema.errors import Phrase, counted
from gradsim.schema.parameters import Integer, Number, ParameterError
from gradsim.schema.registry import Entry, Registry

SCHEDULES: Registry[Schedule] = Registry("schedule")

MAX_UPDATES = 10_000_000


class Schedule(Entry):
    """A factor of the learning rate, as a function of the number of the update."""

    varies: ClassVar[bool] = True
    """Whether the factor is ever other than 1."""

    def for_run(self, steps: int) -> Self:
        """Return this schedule for a run of `steps` updates, with lengths of 0 ("the whole run") filled in.

        Raises
        ------
        ParameterError
            For a length that exceeds the run's.
        """
        return self

    def factor(self, t: int) -> float:
        """Return the factor of the learning rate at update `t` (from 0); call :meth:`for_run` first."""
        raise NotImplementedError


def _updates(label: str, help_text: str, zero: str) -> Any:
    return Integer(label, help=help_text, low=0, high=MAX_UPDATES, slider=(0, 1000), zero=zero).field(0)


def _length(help_text: str) -> Any:
    return _updates("Length", help_text, "the whole run")


def _check_updates(setting: str, updates: int, steps: int, zero: str) -> None:
    """Refuse more updates than the run has; `zero` says what 0 means."""
    if updates > steps:
        low, high = "1", f"{steps:,}"
        allowed = Phrase("a whole number from {low} to {high}", low=low, high=high) if steps > 1 else low
        template = "{updates} updates are more than the {steps} of the run; {allowed}, or 0 for {zero}"
        counts = {"updates": f"{updates:,}", "steps": counted(steps, "step")}
        raise ParameterError(setting, Phrase(template, **counts, allowed=allowed, zero=Phrase(zero)))


def _share(label: str, help_text: str, default: float) -> Any:
    return Number(label, help=help_text, low=0, high=1).field(default)


def _divisor(label: str, help_text: str, default: float) -> Any:
    return Number(label, help=help_text, low=1, high=1e12, slider=(1, 1e5), log=True).field(default)


def _cosine(start: float, end: float, share: float) -> float:
    """Interpolate from `start` to `end` along half a cosine, for `share` from 0 to 1."""
    return end + (start - end) / 2.0 * (1.0 + cos(pi * share))


@SCHEDULES.add
class ConstantRate(Schedule):
    """No change."""

    key = "constant"
    label = "Constant"
    formula = "η"
    varies = False

    def factor(self, t: int) -> float:
        return 1.0


@SCHEDULES.add
@dataclass(frozen=True)
class StepDecay(Schedule):
    """gamma^floor(t / every): PyTorch's StepLR.

    0 for `every` is a third of the run, rounded up: the rate falls twice.
    """

    key = "step"
    label = "Step decay"
    formula = "η γ^⌊t / every⌋"

    every: int = _updates(
        "Every",
        "Updates between one fall of the learning rate and the next. 0 is a third of the run.",
        "a third of the run",
    )
    gamma: float = _share("Gamma", "Factor that the learning rate is multiplied by at each decay.", 0.1)

    def for_run(self, steps: int) -> Self:
        _check_updates("every", self.every, steps, "a third of the run")
        return self if self.every else replace(self, every=ceil(steps / 3))

    def factor(self, t: int) -> float:
        return self.gamma ** (t // self.every)


@SCHEDULES.add
@dataclass(frozen=True)
class Exponential(Schedule):
    """gamma^t: PyTorch's ExponentialLR, moved on after every update."""

    key = "exponential"
    label = "Exponential decay"
    formula = "η γ^t"

    gamma: float = Number(
        "Gamma",
        help="What the learning rate is multiplied by after every update: 0.99 halves it in 69 updates.",
        low=0,
        high=1,
        slider=(0.9, 1),
    ).field(0.99)

    def factor(self, t: int) -> float:
        return self.gamma**t


@SCHEDULES.add
@dataclass(frozen=True)
class InverseTime(Schedule):
    """1 / (1 + rate t): the decay of Robbins and Monro 1951, and of PyTorch's Adagrad."""

    key = "inverse_time"
    label = "Inverse time decay"
    formula = "η / (1 + rate · t)"

    rate: float = Number(
        "Decay rate",
        help="How soon the learning rate falls: it is halved after 1 / rate updates.",
        low=0,
        high=1000,
        slider=(1e-5, 1),
        log=True,
    ).field(0.01)

    def factor(self, t: int) -> float:
        return 1.0 / (1.0 + self.rate * t)


@dataclass(frozen=True)
class _WithLength(Schedule):
    length: int = _length("")

    def for_run(self, steps: int) -> Self:
        _check_updates("length", self.length, steps, "the whole run")
        return self if self.length else replace(self, length=steps)


@SCHEDULES.add
@dataclass(frozen=True)
class Cosine(_WithLength):
    """floor + (1 - floor) (1 + cos(pi t / length)) / 2: PyTorch's CosineAnnealingLR, floor = eta_min / learning_rate.

    Loshchilov and Hutter 2017 without restarts. After `length` updates the rate
    rises again along the cosine, as in PyTorch.
    """

    key = "cosine"
    label = "Cosine annealing"
    formula = "η (1 + cos(π t / length)) / 2"

    length: int = _length(
        "Updates until the learning rate has come down; after them it rises again along the same cosine. "
        "0 is the whole run."
    )
    floor: float = _share("Floor", "The share of the learning rate that is left at the lowest point.", 0.0)

    def factor(self, t: int) -> float:
        return _cosine(1.0, self.floor, t / self.length)


@SCHEDULES.add
@dataclass(frozen=True)
class WarmUp(_WithLength):
    """Linear from `start` to 1 over `length` updates, then constant: PyTorch's LinearLR."""

    key = "warm_up"
    label = "Linear warm-up"
    formula = "η (start + (1 − start) min(t, length) / length)"

    length: int = _length(
        "Updates until the learning rate is reached; from there it is constant. 0 is the whole run."
    )
    start: float = _share("Start factor", "The share of the learning rate that the run begins with.", 1 / 3)

    def factor(self, t: int) -> float:
        return self.start + (1.0 - self.start) * min(t, self.length) / self.length


@SCHEDULES.add
@dataclass(frozen=True)
class OneCycle(_WithLength):
    """Up to the learning rate and far below where it started, along two half cosines: PyTorch's OneCycleLR.

    From 1 / div_factor it rises to 1 at update peak length - 1, and falls to
    1 / (div_factor final_div_factor) at update length - 1, where it stays.
    Smith and Topin 2018, in two phases, the learning rate alone: momentum is
    not cycled (PyTorch's cycle_momentum=False).
    """

    key = "one_cycle"
    label = "One cycle"
    formula = "η / div → η → η / (div · final)"

    length: int = _length(
        "Updates of the cycle; after them the learning rate stays where it is. The momentum is not cycled. "
        "0 is the whole run."
    )
    peak: float = _share("Peak", "The share of the cycle after which the learning rate is at its highest.", 0.3)
    div_factor: float = _divisor("Initial divisor", "The cycle begins with the learning rate divided by this.", 25.0)
    final_div_factor: float = _divisor(
        "Final divisor", "The cycle ends with what it began with divided by this.", 1e4
    )

    def factor(self, t: int) -> float:
        start = 1.0 / self.div_factor
        top, last = self.peak * self.length - 1.0, self.length - 1.0
        if t < top:
            return _cosine(start, 1.0, t / top)
        if t >= last > top:
            return start / self.final_div_factor
        return _cosine(1.0, start / self.final_div_factor, (t - top) / (last - top)) if last > top else 1.0

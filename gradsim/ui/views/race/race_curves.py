"""Value, distance and gradient of a race against steps or gradient evaluations, on log scales."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, floor
from typing import cast

import numpy as np

from gradsim.schema.errors import Phrase
from gradsim.sim.kinds import Experiment
from gradsim.sim.kinds.race.kind import KIND
from gradsim.sim.kinds.race.racer import lowest_values, minima
from gradsim.sim.kinds.race.spec import Race
from gradsim.sim.run.tape import MEDIAN, Past
from gradsim.ui.plots.curve import Points
from gradsim.ui.plots.plot import DecadeAxis, ValueAxis
from gradsim.ui.theme import Look
from gradsim.ui.views.common.curves import X_AXIS, CurveOptions, Curves
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.common.scale import rounded_out
from gradsim.ui.views.common.view import Values
from gradsim.ui.views.race.race_view import RaceView
from gradsim.words.numbers import exact, fixed

FLOOR = -16
"""The lowest decade: of what lies below, rounding decides."""

_RISE = 3.0
"""How many decades above the starts an axis reaches."""


@dataclass(frozen=True)
class RaceCurveOptions(CurveOptions):
    """What curves of races have a choice of: a sample is a gradient evaluation there."""

    over: str = replace(X_AXIS, choices=KIND.x_axes, labels=("steps", "gradient evaluations")).field(KIND.x_axes[0])


class RaceCurves(Curves, RaceView):
    """A quantity of all runs on a log scale."""

    place = "right"
    stretch = 3
    options_type = RaceCurveOptions

    @property
    def _is_log_time(self) -> bool:
        """Whether batches of different sizes are told apart by what they cost: the smaller's first samples count."""
        return self.options.over == "samples" and len({run.batch_size for run in self.race.runs}) > 1

    def _over(self, over: str) -> str:
        has_batches = any(run.batch_size != "all" for run in self.race.runs)
        return self.look.tr("samples") if over == "samples" and has_batches else super()._over(over)

    def make_bottom(self) -> DecadeAxis | ValueAxis:
        return DecadeAxis("bottom", self.look) if self._is_log_time else super().make_bottom()

    def _x(self, past: Past, run: int) -> Points:
        x = super()._x(past, run)
        return np.log10(np.maximum(x, 1.0)) if self._is_log_time else x

    def _end(self, past: Past, xs: Sequence[Points]) -> tuple[float, float]:
        if not self._is_log_time:
            return super()._end(past, xs)
        end = max((float(np.nanmax(x)) for x in xs if not np.isnan(x).all()), default=0.0)
        return max(end, 1.0), end

    def make_left(self) -> DecadeAxis | ValueAxis:
        return DecadeAxis("left", self.look)

    def bands(self, past: Past, run: int) -> Values:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.maximum(np.log10(self.shifted(past, run)), FLOOR))

    def shifted(self, past: Past, run: int) -> Values:
        """Return what the logarithm is taken of, (n, 3)."""
        return past.history(run, self.channel)

    def text(self, value: float) -> str:
        return exact(_power(value)) if value > FLOOR else "0"

    def short(self, value: float) -> str:
        return fixed(_power(value)) if value > FLOOR else "0"

    def range(self, past: Past) -> tuple[float, float]:
        """Return whole decades that hold all medians, but not the far ones of a run that leaves."""
        all_bands = [self.bands(past, run) for run in range(len(self.race.runs))]
        seen = [bands[np.isfinite(bands[:, MEDIAN]), MEDIAN] for bands in all_bands]
        logs = np.concatenate(seen)
        if not len(logs):
            return -1.0, 1.0
        start = max(values[0] for values in seen if len(values))
        high = ceil(min(logs.max(), start + _RISE) + 0.05)
        return float(min(floor(min(logs.min(), high) - 0.05), high - 1)), float(high)


def _power(exponent: float) -> float:
    """Return 10 to an exponent without its last digits, so that 41.25 is rounded here as it is in the verdict."""
    return float(f"{10.0**exponent:.12g}")


class Value(RaceCurves):
    """f, above the lowest minimum in the window where there is one, and nothing lower."""

    key = "value"
    title = "Value above the minimum"
    brief = ("f − f*",)
    help = "The value of the function at each step, less its smallest value."
    order = 60
    channel = "value"

    def __init__(self, experiment: Experiment, look: Look, options: ViewOptions | None = None) -> None:
        self._base = lowest_values(cast(Race, experiment))
        super().__init__(experiment, look, options)

    def heading(self) -> str:
        return "Value" if self._base is None else self.title

    def make_left(self) -> DecadeAxis | ValueAxis:
        return ValueAxis("left", self.look) if self._base is None else super().make_left()

    def statistic_of(self) -> str:
        return "f(x, y)" if self._base is None else self.look.tr("f − f*, log scale")

    def draw(self, past: Past) -> None:
        super().draw(past)
        is_empty = not past.diverged and not any(len(line.points[0]) for line in self._lines)
        is_below = is_empty and self._base is not None
        self.plot.say(self.look.tr("f is below f*, outside of the window") if is_below else "")

    def bands(self, past: Past, run: int) -> Values:
        return past.history(run, self.channel) if self._base is None else super().bands(past, run)

    def shifted(self, past: Past, run: int) -> Values:
        assert self._base is not None
        return past.history(run, self.channel) - self._base[run]

    def text(self, value: float) -> str:
        return exact(value) if self._base is None else super().text(value)

    def short(self, value: float) -> str:
        return fixed(value) if self._base is None else super().short(value)

    def range(self, past: Past) -> tuple[float, float]:
        if self._base is not None:
            return super().range(past)
        medians = np.concatenate([self.bands(past, run)[:, MEDIAN] for run in range(len(self.race.runs))])
        starts = np.array([self.bands(past, run)[0, MEDIAN] for run in range(len(self.race.runs))])
        start = float(np.abs(starts[np.isfinite(starts)]).max(initial=0.0))
        return rounded_out(medians[np.isfinite(medians)], start)


class Distance(RaceCurves):
    """How far the nearest minimum is."""

    key = "distance"
    title = "Distance to the nearest minimum"
    help = "How far each run is from the nearest minimum."
    order = 70
    channel = "distance"

    @classmethod
    def lacks(cls, experiment: Race) -> Phrase | None:
        if all(map(minima, experiment.surfaces)):
            return None
        return Phrase("it needs a minimum, and none is known of this surface")

    def statistic_of(self) -> str:
        return self.look.tr("log scale")


class GradientNorm(RaceCurves):
    """The norm of the surface's gradient; a small one alone is no arrival."""

    key = "gradient_norm"
    title = "Gradient norm"
    help = "Euclidean norm of the gradient: small on plateaus, at saddles and at minima."
    order = 80
    channel = "grad_norm"

    def statistic_of(self) -> str:
        return self.look.tr("‖∇f‖, log scale")

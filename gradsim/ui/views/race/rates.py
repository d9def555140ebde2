"""Is it fair? What each run of a race would have come to at other learning rates."""

from __future__ import annotations

from math import isfinite

import numpy as np

from gradsim.engine.types import Array
from gradsim.runtime.studies import Study
from gradsim.sim.kinds.race.racer import lowest_values
from gradsim.sim.kinds.race.rates import DECADES, alike, first_of, rates_of, sweep
from gradsim.sim.run.sweep import Sweep
from gradsim.sim.run.tape import Past
from gradsim.ui.plots.plot import DecadeAxis, ValueAxis
from gradsim.ui.views.common.rate_strip import RateStrip
from gradsim.ui.views.common.scale import rounded_out
from gradsim.ui.views.common.view import Values
from gradsim.ui.views.race.race_curves import FLOOR
from gradsim.ui.views.race.race_view import RaceView
from gradsim.words.numbers import exact

_HIGH = 1.5
"""How many decades above the start the value axis ends."""


class Rates(RateStrip, RaceView):
    """Value at the step shown against the learning rate, a line for each run."""

    key = "rates"
    title = "Is it fair?"
    help = "The value reached for each learning rate; the dots are the rates of the runs."
    order = 90
    place = "right"
    stretch = 3
    decades = DECADES
    smoothed_over = 7  # near the edge of what converges, neighbours are far from each other

    def study(self) -> Study:
        race = self.race
        return Study(("rates", alike(race)), lambda: sweep(race))

    @property
    def _base(self) -> Values | None:
        """What the values of each run are shown above, (runs,), if that is known."""
        lowest = lowest_values(self.race)
        return None if lowest is None else np.array(lowest)

    @property
    def _what(self) -> str:
        """What the value axis shows."""
        return "f" if self._base is None else "f − f*"

    def _computed_rates(self) -> Array:
        return rates_of(self.race)

    def _axis(self) -> ValueAxis:
        return ValueAxis("left", self.look) if self._base is None else DecadeAxis("left", self.look)

    def _begun(self) -> Sweep:
        return first_of(self.race)  # at all rates they begin at the start

    def _own_values(self, past: Past) -> Values:
        return np.asarray([past.values(run, "value")[0] for run in range(len(self.race.runs))], np.float64)

    def _heights(self, values: Values) -> Values:
        if self._base is None:
            return values
        bases = self._base.reshape(-1, *[1] * (values.ndim - 1))
        with np.errstate(divide="ignore"):
            above = np.maximum(values - bases, 0.0)  # elsewhere it may be lower than at the lowest minimum
            return np.asarray(np.maximum(np.log10(above), FLOOR))

    def _y_range(self, heights: Values) -> tuple[float, float]:
        assert self._sweep is not None
        finite = heights[np.isfinite(heights)]
        start = float(self._heights(self._sweep.values(0))[:, 0].max())
        if self._base is None:
            return rounded_out(finite, abs(start) if isfinite(start) else 0.0)
        start = start if isfinite(start) else float(finite.max(initial=0.0))
        high = np.ceil(min(finite.max(initial=start), start + _HIGH) + 0.1)
        return float(min(np.floor(finite.min(initial=start) - 0.1), high - 2)), float(high)

    def _subtitles(self) -> tuple[str, ...]:
        if self.look.theme.name == "projector":
            return (self.look.tr("value against learning rate"),)
        step = self._sweep.step(self._step) if self._sweep else self._step
        texts = (
            self.look.tr("{what} after {n} steps, smoothed over {rates} rates; × beyond it leaves; drag a dot"),
            self.look.tr("{what} after {n} steps; drag a dot"),
        )
        return tuple(text.format(what=self._what, n=f"{step:,}", rates=self.smoothed_over) for text in texts)

    def _told(self, run: int, value: float) -> str:
        base = 0.0 if self._base is None else float(self._base[run])
        return f"{self._what} = {exact(value - base)}"

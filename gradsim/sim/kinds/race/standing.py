"""Where the runs of a race are at a step, as words: one by one, and what they have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gradsim.engine.surfaces import Surface
from gradsim.engine.surfaces.stationary import Ended, StationaryPoint, stationary_points
from gradsim.sim.kinds.race.arrival import arrivals, is_noisy
from gradsim.sim.kinds.race.endings import Ending, endings
from gradsim.sim.kinds.race.racer import lowest_values, minima
from gradsim.sim.kinds.race.spec import Race
from gradsim.sim.run.tape import MEDIAN, Past
from gradsim.words.languages import translate
from gradsim.words.numbers import coordinates, signed
from gradsim.words.sentences import Span, Wording

KINDS = {"minimum": "minimum", "saddle": "saddle point", "maximum": "maximum", "degenerate": "degenerate point"}
PLACES = {
    Ended.MOVING: "on the way",
    Ended.PLATEAU: "on a plateau",
    Ended.OUTSIDE: "out of the window",
    Ended.DIVERGED: "diverged",
}
_AT = "at the {kind} {place}"
_SAME_HEIGHT = 1e-9
"""Minima are equally low within this share of the range of their values."""


@dataclass(frozen=True)
class Standing:
    """The runs at the step shown, and how they are put into words."""

    race: Race
    past: Past
    wording: Wording

    @cached_property
    def values(self) -> list[float]:
        """The median value of each run, inf for those that have diverged."""
        found = [float(self.past.band(i, "value")[MEDIAN]) for i in range(len(self.race.runs))]
        return [np.inf if i in self.past.gone or np.isnan(value) else value for i, value in enumerate(found)]

    @cached_property
    def endings(self) -> list[Ending]:
        """Where each run has ended, if it has."""
        return endings(self.race, self.past)

    @cached_property
    def arrivals(self) -> list[int | None]:
        """The step at which each run has arrived, None for those that have not."""
        return arrivals(self.race, self.past)

    @cached_property
    def lowest(self) -> list[float] | None:
        """The lowest value on each run's surface, as pictures show values above it; None where they show f itself."""
        return lowest_values(self.race)

    @property
    def in_order(self) -> list[int]:
        """The runs from the lowest to the highest value; where they differ in surface, above each one's lowest."""
        heights = self.values if self.race.has_one_surface else self.above
        return sorted(range(len(heights)), key=lambda run: heights[run])

    @property
    def above(self) -> list[float]:
        """The median value of each run above the lowest on its surface; f itself where pictures show that."""
        bases = self.lowest or [0.0] * len(self.values)
        return [value - base for value, base in zip(self.values, bases, strict=True)]

    # Words

    def name(self, run: int) -> list[Span]:
        """Return the name of a run."""
        return [Span(self.race.names(self.wording.language)[run], run)]

    def names(self, runs: Sequence[int]) -> list[Span]:
        """Return the names of runs as a list."""
        return self.wording.listed([self.name(run) for run in runs])

    def height(self, run: int) -> list[Span]:
        """Return the value of a run as the pictures show it: f, or f - f*."""
        value, base = self.values[run], None if self.lowest is None else self.lowest[run]
        return [Span(self.wording.tr("∞") if np.isinf(value) else height_text(value, base), run)]

    def swings(self, run: int) -> bool:
        """Tell whether noise keeps a run from the minimum: it is no nearer in the last quarter than before."""
        if self.arrivals[run] is not None or self.lowest is None or not is_noisy(self.race, self.race.runs[run]):
            return False
        means = self.excess(run, 2)
        return bool(len(self.past.steps) >= _LEAST and means[1] > 0.5 * means[0])

    def excess(self, run: int, parts: int = 1) -> list[float]:
        """Return the means of f - f* in the last quarters of the steps shown, the last one last."""
        values = self.past.replicas(run, "value") - (self.lowest[run] if self.lowest else 0.0)
        quarter = max(1, len(values) // 4)
        ends = range(len(values) - (parts - 1) * quarter, len(values) + 1, quarter)
        return [float(np.median(values[end - quarter : end].mean(axis=0))) for end in ends]


_LEAST = 40
"""Records from which on it can be told whether a noisy run comes nearer still."""


def where_text(surface: Surface, ended: Ended, at: int, language: str, with_place: bool = True) -> str:
    """Return where a run is, in words: at which stationary point and where it is, on the way, out of the window."""
    if ended != Ended.AT:
        return translate(PLACES[ended], language)
    point = stationary_points(surface)[at]
    where = place(point) if with_place else ""
    return translate(_AT, language).format(kind=translate(_kind(surface, point), language), place=where).rstrip()


def _kind(surface: Surface, point: StationaryPoint) -> str:
    """Return what a stationary point is called; of minima of unlike heights, whether it is the lowest."""
    values = [one.value for one in minima(surface)]
    if point.kind != "minimum" or max(values) - min(values) <= _SAME_HEIGHT * max(1.0, abs(max(values))):
        return KINDS[point.kind]
    return LOWEST if point.value <= min(values) + _SAME_HEIGHT * (max(values) - min(values)) else HIGHER


LOWEST, HIGHER = "lowest minimum", "higher minimum"


def value_text(race: Race, past: Past, run: int) -> str:
    """Return the median value of a run at the end of `past` as all pictures show it, "" where there is none."""
    value, lowest = float(past.band(run, "value")[MEDIAN]), lowest_values(race)
    if run in past.gone or np.isnan(value):
        return ""
    return height_text(value, None if lowest is None else lowest[run])


def height_text(value: float, lowest: float | None) -> str:
    """Return a value as pictures show it: f itself, or f − f* where the lowest value in the window is known."""
    return f"f = {signed(value)}" if lowest is None else f"f − f* = {signed(max(value - lowest, 0.0))}"


def place(point: StationaryPoint) -> str:
    """Return a point's coordinates as text."""
    return coordinates(point.x, point.y)

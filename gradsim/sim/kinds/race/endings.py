"""Where the runs of a race are at a step: at which stationary point, on the way, out of the window, gone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gradsim.engine.surfaces import Surface
from gradsim.engine.surfaces.stationary import Ended, StationaryPoint, stationary_points, where_ended
from gradsim.sim.kinds.race.arrival import LEAST_NOISY_STAY, TOLERANCE, arrivals_of_descents, is_noisy
from gradsim.sim.kinds.race.racer import diagonal, lowest_value, minima
from gradsim.sim.kinds.race.spec import Race
from gradsim.sim.run.tape import Past


@dataclass(frozen=True)
class Ending:
    """Where the descents of a run are: numbers of Ended, and of the stationary point for those that are AT one."""

    ended: npt.NDArray[np.int8]
    at: npt.NDArray[np.int16]

    @property
    def first(self) -> tuple[Ended, int]:
        """Where the first descent is, and the number of its stationary point, -1 for none."""
        return Ended(int(self.ended[0])), int(self.at[0])


def endings(race: Race, past: Past) -> list[Ending]:
    """Return where each run is at the end of `past`.

    A descent is at a lowest minimum from when it has arrived there, see :func:`arrivals`. A noisy one that only
    crosses another stationary point is on its way.
    """
    staying = [_staying(race, past, i, ending) for i, ending in enumerate(momentary_endings(race, past))]
    return [
        _arrived(race, past, i, ending, np.isfinite(steps)) if lowest_value(race.surfaces[i]) is not None else ending
        for i, (ending, steps) in enumerate(zip(staying, arrivals_of_descents(race, past), strict=True))
    ]


def momentary_endings(race: Race, past: Past) -> list[Ending]:
    """Return where each run is at the end of `past`, by its place and its last step alone, as basins have it."""
    return [_ending(race, past, i, i in past.gone) for i in range(len(race.runs))]


def _arrived(race: Race, past: Past, run: int, ending: Ending, has_arrived: npt.NDArray[np.bool_]) -> Ending:
    """Return an ending in which those descents are at the nearest lowest minimum that have arrived, and no others."""
    points, lowest = stationary_points(race.surfaces[run]), lowest_minima(race.surfaces[run])
    numbers = np.array([i for i, point in enumerate(points) if point in lowest], np.int16)
    x, y = past.values(run, "x"), past.values(run, "y")
    away = np.stack([np.hypot(x - points[i].x, y - points[i].y) for i in numbers])
    early = (ending.ended == Ended.AT) & np.isin(ending.at, numbers) & ~has_arrived
    ended = np.where(has_arrived, np.int8(Ended.AT), np.where(early, np.int8(Ended.MOVING), ending.ended))
    at = np.where(has_arrived, numbers[np.argmin(away, axis=0)], np.where(early, np.int16(-1), ending.at))
    return Ending(ended, at)


def _ending(race: Race, past: Past, run: int, gone: bool) -> Ending:
    surface, move = race.surfaces[run], past.values(run, "move").T
    points = np.stack([past.values(run, "x"), past.values(run, "y")], axis=1)
    points[gone | _lost(past, run)] = np.nan
    with np.errstate(all="ignore"):
        gradients = surface.gradient(points[:, 0], points[:, 1]).T
    return Ending(*where_ended(surface, points, gradients, move, stationary_points(surface)))


def _staying(race: Race, past: Past, run: int, ending: Ending) -> Ending:
    """Return an ending in which noisy descents that do not stay at their points are on their way."""
    if not is_noisy(race, race.runs[run]):
        return ending
    passing = (ending.ended == Ended.AT) & ~_stays(race, past, run, ending.at)
    return Ending(np.where(passing, np.int8(Ended.MOVING), ending.ended), np.where(passing, np.int16(-1), ending.at))


def _stays(race: Race, past: Past, run: int, at: npt.NDArray[np.int16]) -> npt.NDArray[np.bool_]:
    """Tell which noisy descents stay at their stationary points: f does so in the mean over the last steps."""
    values = past.replicas(run, "value")
    last = max(LEAST_NOISY_STAY, len(values) // 10)
    heights = np.array([*(point.value for point in stationary_points(race.surfaces[run])), np.nan])
    return np.asarray(np.abs(values[-last:] - heights[at]).mean(axis=0) < TOLERANCE) & (len(values) >= last)


def _lost(past: Past, run: int) -> npt.NDArray[np.bool_]:
    """Return whether each descent of a run has diverged: its next step is NaN then."""
    return np.asarray(np.isnan(past.values(run, "move")).any(axis=0))


REACH = 0.05
"""Of the window's diagonal: how near a descent is to a minimum that it has reached, noise or not."""

_AS_LOW = 1e-9  # minima are equally low within this share of the height of the usual start above the lowest


def lowest_minima(surface: Surface) -> list[StationaryPoint]:
    """Return the minima that no other in the window is lower than."""
    known = minima(surface)
    if not known:
        return []
    with np.errstate(all="ignore"):
        height = abs(float(surface.value(*surface.start)) - known[0].value)
    height = height if np.isfinite(height) else 0.0
    return [point for point in known if point.value <= known[0].value + _AS_LOW * height]


def reached(race: Race, past: Past, run: int) -> int:
    """Return how many descents of a run are within REACH of a lowest minimum at the end of `past`, and not gone."""
    x, y, going = past.values(run, "x"), past.values(run, "y"), ~_lost(past, run)
    surface = race.surfaces[run]
    away = [np.hypot(x - point.x, y - point.y) for point in lowest_minima(surface)]
    return int(((np.min(away, axis=0) <= REACH * diagonal(surface)) & going).sum()) if away else 0

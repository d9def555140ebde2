"""Which learning rate suits an optimizer on a surface: measured, by running all rates side by side.

Measuring takes a moment, so the rates of all surfaces at their usual settings
are kept in a table. After adding or changing an optimizer or a surface, write
it again with ``python -m gradsim.engine.suited_rates``; until then, pairs that
are not in it are measured when they are asked for.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gradsim.engine.optim import OPTIMIZERS
from gradsim.engine.optim.paths import Paths
from gradsim.engine.surfaces import SURFACES, Surface
from gradsim.engine.surfaces.stationary import stationary_points
from gradsim.engine.surfaces.user_formula import Formula
from gradsim.engine.types import Array
from gradsim.resources import resource

STEPS = 500
"""The length of the measured paths; races are usually about as long."""

RATES = tuple(float(f"{digit}e{decade}") for decade in range(-6, 2) for digit in (1, 2, 5))
"""The rates to choose from: three in each of eight decades."""

TABLE = resource("suited_rates.json")
"""The measured rates by surface and optimizer."""

_NUDGES = 1e-9 * np.array([(0, 0), (1, 1), (-1, -1), (1, -1), (-1, 1)])
"""Shifts of the start, as fractions of the window's sides. Rounding errors are ten million times smaller."""

_TOLERANCE = 1e-3  # of the descent: values that differ by less count as equal
_APART = 1e-2  # of the window's diagonal: paths that are further apart have lost touch


def suited_rate(surface: Surface, optimizer: str) -> float:
    """Return the rate that suits an optimizer: from the table if it is there, otherwise measured."""
    if surface == type(surface)():
        kept = suited_rates().get(surface.key, {}).get(optimizer)
        if kept is not None:
            return kept
    return measured_rate(surface, optimizer)


@lru_cache(maxsize=1)
def suited_rates() -> dict[str, dict[str, float]]:
    """Return the table: rates by the keys of surface and optimizer; read once."""
    table: dict[str, dict[str, float]] = json.loads(TABLE.read_text("utf-8"))
    return table


@lru_cache(maxsize=1024)
def measured_rate(surface: Surface, optimizer: str) -> float:
    """Return the one of :data:`RATES` that suits an optimizer with its usual settings.

    Every rate is run for :data:`STEPS` steps from the surface's start and from
    four starts next to it. A rate is reproducible if all five paths stay in the
    window and end at the same value: others depend on rounding errors, which
    differ from processor to processor. Of the reproducible rates those are taken
    that end lowest (within :data:`_TOLERANCE` of the descent), and of these the
    one with the lowest mean value, which is neither slow nor overshooting.

    In a window with a minimum, the rate must be smaller than the largest one
    that may stay, as that one is at the edge of divergence. (Where there is no
    minimum, every path leaves in the end.) If no rate is left, it is the smallest.
    """
    with np.errstate(all="ignore"):  # paths that diverge are part of it
        return _chosen(_run(surface, optimizer), surface)


def _chosen(paths: _Paths, surface: Surface) -> float:
    """Return the rate whose paths suit, as :func:`measured_rate` says."""
    usable = paths.reproducible
    if any(point.kind == "minimum" for point in stationary_points(surface)):
        may_stay = np.flatnonzero(~paths.surely_leaves)
        below = usable[usable < may_stay.max(initial=0)]
        usable = below if below.size else usable
    if not usable.size:
        return RATES[0]
    ends, means = (values.max(axis=0)[usable] for values in (paths.values[-1], paths.means))
    lowest = ends.min()
    equally_low = ends <= lowest + _TOLERANCE * max(paths.values[0, 0, 0] - lowest, 0.0)
    return RATES[int(usable[equally_low][np.argmin(means[equally_low])])]


class _Paths(NamedTuple):
    """The paths of all rates from all starts, one step more than :data:`STEPS`."""

    values: Array
    """The surface's value, (steps, starts, rates)."""
    inside: npt.NDArray[np.bool_]
    """Whether the point is in the window and has a value, (steps, starts, rates)."""
    together: npt.NDArray[np.bool_]
    """Whether the paths from all starts are still near each other, (steps, rates)."""
    means: Array
    """The mean value of each path, (starts, rates)."""

    @property
    def reproducible(self) -> npt.NDArray[np.intp]:
        """The indices of the rates whose paths all stay in the window and agree."""
        stay = np.flatnonzero(self.inside.all(axis=(0, 1)))
        descent = np.maximum(self.values[0, 0] - self.values[-1, 0], 0.0)[stay]
        ends, means = (np.ptp(values[:, stay], axis=0) for values in (self.values[-1], self.means))
        return np.asarray(stay[np.maximum(ends, means) <= _TOLERANCE * descent])

    @property
    def surely_leaves(self) -> npt.NDArray[np.bool_]:
        """Whether all paths of a rate leave the window, and do so while they are still together."""
        left, apart = (_first_false(each) for each in (self.inside, self.together))
        last = left.max(axis=0)
        return np.asarray((last < len(self.values)) & (last <= apart))


def _first_false(truths: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
    """Return the index of the first False along the first axis, its length where there is none."""
    return np.where(truths.all(axis=0), len(truths), np.argmin(truths, axis=0))


@np.errstate(all="ignore")
def _run(surface: Surface, optimizer: str) -> _Paths:
    x0, x1, y0, y1 = surface.window
    sides, low, high = np.array([x1 - x0, y1 - y0]), (x0, y0), (x1, y1)
    starts = np.repeat(surface.start + _NUDGES * sides, len(RATES), axis=0)
    paths = Paths(OPTIMIZERS[optimizer](), starts, np.tile(RATES, len(_NUDGES)))
    gradients, points = np.empty_like(starts), np.empty((STEPS + 1, *starts.shape))
    points[0] = starts
    for t in range(1, STEPS + 1):
        surface.gradient_into(paths.points, gradients)
        paths.step(gradients, t)
        points[t] = paths.points
    points = points.reshape(STEPS + 1, len(_NUDGES), len(RATES), 2)
    values = surface.value(points[..., 0], points[..., 1])
    inside = ((points >= low) & (points <= high)).all(axis=-1) & np.isfinite(values)
    distances = np.linalg.norm(np.ptp(points, axis=1), axis=-1)
    return _Paths(values, inside, distances <= _APART * np.linalg.norm(sides), values.mean(axis=0))


def measured_table() -> str:
    """Return the file's text: the measured rates of all optimizers on all surfaces, except the user's formula."""
    surfaces = [surface() for surface in SURFACES.values() if surface is not Formula]
    table = {
        surface.key: {optimizer: measured_rate(surface, optimizer) for optimizer in OPTIMIZERS}
        for surface in surfaces
    }
    return json.dumps(table, indent=1) + "\n"


if __name__ == "__main__":
    TABLE.write_text(measured_table(), "utf-8")

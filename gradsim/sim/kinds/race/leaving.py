"""How long the runs of a race stay near a saddle point."""

from __future__ import annotations

import numpy as np

from gradsim.engine.surfaces import Surface
from gradsim.engine.surfaces.stationary import StationaryPoint, stationary_points
from gradsim.sim.kinds.race.racer import minima
from gradsim.sim.kinds.race.spec import Race
from gradsim.sim.run.tape import Past

LEFT = 0.5**0.5
"""The share of the way from a saddle point to the nearest minimum after which a descent has left it."""


def the_saddle(surface: Surface) -> StationaryPoint | None:
    """Return the saddle point of a surface that has exactly one in its window, and a minimum."""
    saddles = [point for point in stationary_points(surface) if point.kind == "saddle"]
    return saddles[0] if len(saddles) == 1 and minima(surface) else None


def leavings(race: Race, past: Past) -> list[int | None]:
    """Return the first step at which each run has left the saddle point; None for those that have not.

    A descent has left at the first step at which, along the direction in which the surface falls from the saddle
    point, it is further from it than LEFT times the distance of the nearest minimum. A run has left when half of its
    descents have. On a surface without exactly one saddle point none leaves.
    """
    return [_left_at(surface, past, run) for run, surface in enumerate(race.surfaces)]


def _left_at(surface: Surface, past: Past, run: int) -> int | None:
    saddle = the_saddle(surface)
    if saddle is None:
        return None
    away = LEFT * min(float(np.hypot(p.x - saddle.x, p.y - saddle.y)) for p in minima(surface))
    (across_x, across_y), _ = saddle.eigenvectors
    x, y = past.replicas(run, "x") - saddle.x, past.replicas(run, "y") - saddle.y
    out = np.abs(across_x * x + across_y * y) > away
    first = np.sort(np.where(out.any(axis=0), past.steps[np.argmax(out, axis=0)], np.inf))
    half = first[(len(first) - 1) // 2]
    return int(half) if np.isfinite(half) else None

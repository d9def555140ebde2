"""Where the runs of a race are at a step: at which stationary point, on the way, out of the window, gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gradsim.engine.stationary import Ended, Stationary, stationary_points, where_ended
from gradsim.sim.race_spec import Race
from gradsim.sim.tape import Divergence, Past


@dataclass(frozen=True)
class Ending:
    """Where the descents of a run are: numbers of Ended, and of the stationary point for those that are AT one."""

    ended: npt.NDArray[np.int8]
    at: npt.NDArray[np.int16]

    @property
    def first(self) -> tuple[Ended, int]:
        """Where the first descent is, and the number of its stationary point, -1 for none."""
        return Ended(int(self.ended[0])), int(self.at[0])

    def share_in(self, point: int) -> int:
        """Return how many descents are at this stationary point."""
        return int((self.at == point).sum())


def endings(race: Race, past: Past, diverged: Sequence[Divergence]) -> list[Ending]:
    """Return where each run is at the end of `past`."""
    gone = {d.run for d in diverged if d.step <= past.step}
    return [_ending(race, past, i, i in gone) for i in range(len(race.runs))]


def _ending(race: Race, past: Past, run: int, gone: bool) -> Ending:
    move = past.values(run, "move").T
    points = np.stack([past.values(run, "x"), past.values(run, "y")], axis=1)
    lost = gone | np.isnan(move).any(axis=1)
    points[lost] = np.nan
    with np.errstate(all="ignore"):
        gradients = race.surface.gradient(points[:, 0], points[:, 1]).T
    return Ending(*where_ended(race.surface, points, gradients, move, stationary_points(race.surface)))


def best_minimum(points: Sequence[Stationary]) -> int:
    """Return the number of the lowest minimum, -1 where there is none."""
    return next((i for i, point in enumerate(points) if point.kind == "minimum"), -1)

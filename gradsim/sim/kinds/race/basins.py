"""Basins of attraction: where descents from a grid of starts end, and after how many steps."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gradsim.engine.surfaces import Surface
from gradsim.engine.surfaces.stationary import NEAR, Ended, stationary_points, where_ended
from gradsim.engine.types import Array, Indices
from gradsim.sim.kinds.race.legs import Descent, cost_of
from gradsim.sim.kinds.race.racer import FAR, diagonal, middle
from gradsim.sim.kinds.race.spec import Race, RaceRun
from gradsim.sim.run.changes import phases

SIDE = 300
"""Starts along each side of the window, in the middles of as many equal cells."""

CELLS = (4, 2, 1)
"""Sides of the squares that share one start, in cells: 75 x 75 starts come first, then 150 x 150, then all."""

NONE = -1
"""Stands for a value that is not known yet or does not exist: end, stationary point, step of arrival."""

_OFFSETS = {4: 2, 2: 0, 1: 0}
"""Where in its square a start is. Each grid holds the coarser ones, and each square one start of its own grid."""

_BLOCK, _GRADIENTS = 8_438, 2**18
"""Limits of a block of descents that are computed together: starts, and gradients of single samples in a step.

In smaller blocks, calls take more time than their arithmetic; larger ones are no faster.
"""

_PAUSE_S = 0.002
_AT_ONCE = 500_000
"""Distances from points to stationary points that are computed within _PAUSE_S."""


@dataclass(frozen=True)
class Basins:
    """Where descents end; all arrays are (SIDE, SIDE), the lowest y first, and never change.

    Parameters
    ----------
    ended
        Numbers of Ended, or NONE where it is not known yet.
    at
        The numbers of the stationary points of those that have ended AT one, else NONE.
    arrived
        The first step, of those that have ended AT a stationary point, after which they stay near it (NEAR of
        the window's diagonal); else, and where it is not known yet, NONE.
    cell
        The side of the squares that share a start, 0 while there are none; some may be finer already.
    """

    ended: npt.NDArray[np.int8]
    at: npt.NDArray[np.int16]
    arrived: npt.NDArray[np.int32]
    cell: int

    def share(self, ended: Ended, at: int | None = None) -> float:
        """Return the share of the window from where descents end so, or AT this stationary point."""
        where = self.ended == ended if at is None else (self.ended == ended) & (self.at == at)
        return float(where.mean())


def start_grid(surface: Surface) -> Array:
    """Return all starts, (SIDE * SIDE, 2), row by row from the lowest y."""
    x0, x1, y0, y1 = surface.window
    middles = (np.arange(SIDE) + 0.5) / SIDE
    x, y = np.meshgrid(x0 + (x1 - x0) * middles, y0 + (y1 - y0) * middles)
    return np.stack([x.ravel(), y.ravel()], axis=1)


def basin_maps(race: Race) -> Iterator[tuple[Basins, ...]]:
    """Yield the basins of all runs, better and better: coarse for all runs first, then finer."""
    maps = [basin_map(race.alone(i), race.alone(i).runs[0]) for i in range(len(race.runs))]
    shown = [BasinBuilder().snapshot(0) for _ in maps]
    for cell in CELLS:
        for i, basins in enumerate(maps):
            while shown[i].cell != cell:
                shown[i] = next(basins)
                yield tuple(shown)


def basin_map(race: Race, run: RaceRun) -> Iterator[Basins]:
    """Yield the basins of one run, better and better, every few milliseconds, changed or not.

    The steps are those of the first descent of a race: its noise, its batches and
    its changes, from all starts.
    """
    starts, picture = start_grid(race.surface), BasinBuilder()
    most = max(1, min(_BLOCK, _GRADIENTS // max(cost_of(phase.run, race) for phase in phases(run))))
    basins = picture.snapshot(0)
    for finished, cell in zip((0, *CELLS), CELLS, strict=False):
        late = []  # they ended elsewhere than expected: descend again, watching the right point
        for part in _parts(_new_starts(cell), most):
            expected = picture.at.ravel()[part]
            ends = yield from _paced(basins, _descend(race, run, starts[part], expected))
            picture.fill(part, cell, ends)
            basins = picture.snapshot(finished)
            yield basins
            late.append(part[(ends.ended == Ended.AT) & (ends.arrived == NONE)])
        for part in _parts(np.concatenate(late), most):
            ends = yield from _paced(basins, _descend(race, run, starts[part], picture.at.ravel()[part]))
            picture.fill(part, cell, ends)
        basins = picture.snapshot(cell)
        yield basins


def _parts(starts: Indices, most: int) -> list[Indices]:
    """Return the numbers of starts in blocks of about the same size, `most` at most; none for none."""
    return np.array_split(starts, -(-len(starts) // most)) if len(starts) else []


def _new_starts(cell: int) -> Indices:
    """Return the numbers of the starts of a grid that are in no coarser one."""
    new = np.zeros((SIDE, SIDE), bool)
    for each in reversed(CELLS[: CELLS.index(cell) + 1]):
        places = slice(_OFFSETS[each], None, each)
        new[places, places] = each == cell
    return np.flatnonzero(new)


class _Ends(NamedTuple):
    """Where some descents end: the arrays of Basins, of shape (K,)."""

    ended: npt.NDArray[np.int8]
    at: npt.NDArray[np.int16]
    arrived: npt.NDArray[np.int32]


class BasinBuilder:
    """The arrays of Basins while they are filled."""

    def __init__(self) -> None:
        shape = (SIDE, SIDE)
        self.ended = np.full(shape, NONE, np.int8)
        self.at = np.full(shape, NONE, np.int16)
        self.arrived = np.full(shape, NONE, np.int32)

    def fill(self, starts: Indices, cell: int, ends: _Ends) -> None:
        """Fill the squares of these starts."""
        rows, columns = starts // SIDE // cell, starts % SIDE // cell
        squares = SIDE // cell, cell, SIDE // cell, cell
        self.ended.reshape(squares)[rows, :, columns, :] = ends.ended[:, None, None]
        self.at.reshape(squares)[rows, :, columns, :] = ends.at[:, None, None]
        self.arrived.reshape(squares)[rows, :, columns, :] = ends.arrived[:, None, None]

    def snapshot(self, cell: int) -> Basins:
        arrays = self.ended.copy(), self.at.copy(), self.arrived.copy()
        for array in arrays:
            array.setflags(write=False)
        return Basins(*arrays, cell)


def _paced(basins: Basins, work: Generator[None, None, _Ends]) -> Generator[Basins, None, _Ends]:
    """Return the result of `work`; yield `basins` each time it has computed for _PAUSE_S."""
    since = perf_counter()
    while True:
        try:
            next(work)
        except StopIteration as done:
            ends: _Ends = done.value
            return ends
        if perf_counter() - since >= _PAUSE_S:
            yield basins
            since = perf_counter()


def _descend(
    race: Race, run: RaceRun, starts: Array, expected: npt.NDArray[np.int16]
) -> Generator[None, None, _Ends]:
    """Return where descents from `starts` (K, 2) end; yield after each short piece of work.

    Parameters
    ----------
    expected : (K,)
        The stationary points at which they are expected to end, or NONE. The distance to these is watched, so
        steps of arrival are known only for descents that do end there.
    """
    points = stationary_points(race.surface)
    descents = _Descents(race, run, starts)
    places = np.array([(point.x, point.y) for point in points] + [(np.nan, np.nan)])  # NONE = -1 picks the last
    goals = np.asfortranarray(places[expected]) if (expected != NONE).any() else None
    for step in range(race.steps + 1):
        descents.advance(step, goals)
        yield
    last, gradients, moves = descents.end()
    parts = []
    size = max(1, _AT_ONCE // (len(points) + 1))
    for first in range(0, len(starts), size):
        part = slice(first, first + size)
        parts.append(where_ended(race.surface, last[part], gradients[part], moves[part], points))
        yield
    ended, at = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    known = (ended == Ended.AT) & (at == expected)
    # Squared distances may round to just outside where the distance itself is just inside.
    arrived = np.where(known, np.minimum(descents.near_from, race.steps), NONE)
    return _Ends(ended, at, arrived.astype(np.int32))


class _Descents:
    """K descents of one run from starts of their own.

    Arrays (K, 2) are in column order: NumPy is faster at x and y, each a row of memory, than at pairs.
    """

    def __init__(self, race: Race, run: RaceRun, starts: Array) -> None:
        self._race = race
        starts = np.asfortranarray(starts)
        self._descent = Descent(race, run, starts.copy("F"))
        self._gradients, self._space = np.empty_like(starts), np.empty_like(starts)
        self._work = race.surface.workspace(len(starts))
        self._last = starts
        # Where they were lowest and highest, of the steps in which one of them was not well inside.
        self._lowest, self._highest = starts.copy("F"), starts.copy("F")
        self._middle, self._far = middle(race.surface), FAR * diagonal(race.surface)
        self._inside = self._middle.max() - self._far / 2.0, self._middle.min() + self._far / 2.0
        self._near = NEAR * diagonal(race.surface)
        self._distances = np.empty(len(starts))
        self._is_outside = np.empty(len(starts), bool)
        self.near_from = np.zeros(len(starts), np.int32)
        """The step from which each is near its goal, to the last one."""

    def advance(self, step: int, goals: Array | None) -> None:
        """Take the step after `step`; `goals` (K, 2) are NaN where there is none."""
        points, space = self._descent.points, self._space
        with np.errstate(all="ignore"):
            if goals is not None:
                np.subtract(points, goals, out=space)
                np.multiply(space, space, out=space)
                np.add(space[:, 0], space[:, 1], out=self._distances)
                np.greater(self._distances, self._near**2, out=self._is_outside)
                np.copyto(self.near_from, np.int32(step + 1), where=self._is_outside)
            if step == self._race.steps:
                self._last = points.copy("F")
            self._descent.advance(step, self._gradients, work=self._work)
            low, high = self._inside
            if not (low < points.min() and points.max() < high):  # true for NaN
                np.minimum(self._lowest, points, out=self._lowest)  # NaN stays
                np.maximum(self._highest, points, out=self._highest)

    def end(self) -> tuple[Array, Array, Array]:
        """Return where they are after the last step, the surface's gradients there, and the step that would follow.

        Those that have left the finite numbers, or the window by far, are NaN, as in a race.
        """
        last, surface = self._last, self._race.surface
        with np.errstate(all="ignore"):
            farthest = np.maximum(self._highest - self._middle, self._middle - self._lowest)
        gone = np.logical_not((farthest <= self._far).all(axis=1))  # true for NaN
        last[gone] = np.nan
        surface.gradient_into(last, self._gradients, self._work)
        return last, self._gradients, self._descent.points - last

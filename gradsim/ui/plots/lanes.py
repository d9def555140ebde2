"""Where paths run on a map: one that comes to run along another is moved aside, so that both are seen.

The first path is the one that a picture is about: it keeps its place, and others leave it free.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import hypot, isfinite

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QSize

from gradsim.engine.types import Array, Indices

ASIDE_PX = 5.0
"""How far a path is moved aside, in a picture of the usual size; again as far beside a third one."""
CELL_PX = 4
"""The side of the cells in which it is known whether a path runs there."""
FINEST_PX = 1.5
"""Points nearer than this to the one before are left out."""

_ALIKE = 0.93
"""Two paths run along each other if the cosine between them is at least this."""
_SPACING = 5.0
"""How far places along a path are apart at which it is looked for others."""
_MOST_A_SEGMENT, _MOST_A_CELL = 400, 12
_MOST_A_PATH = 1000
"""So many places along a path it is looked for others: noise makes longer ones, which run everywhere."""
_SLOPE = 0.25
"""How fast a path moves aside, as a share of the way it makes."""

_Place = tuple[float, float]
NOWHERE = np.empty((0, 2))


def points_between(px: Array) -> Array:
    """Return how many points about a line through `px` (n, 2) has on its way to each."""
    if len(px) == 0:
        return np.empty(0)
    ways = np.nan_to_num(np.hypot(*np.diff(px, axis=0, prepend=px[:1]).T), posinf=0.0)
    return np.where(ways < FINEST_PX, 0.1, np.clip(ways / _SPACING, 1.0, _MOST_A_SEGMENT))


class Lanes:
    """Follows paths point by point, all on one clock: what comes later gives way, and all give way to the first.

    Parameters
    ----------
    count
        How many paths there are.
    size
        That of the picture.
    unit
        By how much the picture is larger than usual.
    first : (n, 2)
        Where the first path will run, as far as that is known.
    """

    def __init__(self, count: int, size: QSize, unit: float, first: Array = NOWHERE) -> None:
        self._aside = ASIDE_PX * unit
        self._last: list[_Place | None] = [None] * count
        self._tip: list[_Place | None] = [None] * count
        self._offset = [0.0] * count
        self._looked = [0] * count
        self._cells: dict[tuple[int, int], list[tuple[int, float, float, float, float]]] = {}
        self._width, self._height = size.width(), size.height()
        shape = self._height // CELL_PX + 1, self._width // CELL_PX + 1
        self.busy: npt.NDArray[np.bool_] = np.zeros(shape, bool)
        """(rows, columns) of cells: where paths run."""
        self._reserve(first)

    def _reserve(self, first: Array) -> None:
        points = [(x, y) for x, y in first.tolist()]
        for start, end in pairwise(points):
            length = hypot(end[0] - start[0], end[1] - start[1])
            if length >= FINEST_PX:
                along = (end[0] - start[0]) / length, (end[1] - start[1]) / length
                for at, _ in self._samples(start, end, length):
                    self._note(0, at, along)

    def _note(self, run: int, at: _Place, along: _Place) -> None:
        if self._is_inside(*at):
            cell = self._cells.setdefault((int(at[0] / self._aside), int(at[1] / self._aside)), [])
            if len(cell) < _MOST_A_CELL:
                cell.append((run, *at, *along))

    def tip(self, run: int) -> tuple[float, float] | None:
        """Return where the line of a path ends so far, None before its first place."""
        return self._tip[run]

    def follow(self, paths: Sequence[Array]) -> list[tuple[Array, Indices]]:
        """Return the line (m, 2) to be drawn for each path's new points (n, 2), all of which end at one time.

        With it comes, for each place of the line, the number of the new point to which it leads.
        """
        lines: list[list[_Place]] = [[] for _ in paths]
        sources: list[list[int]] = [[] for _ in paths]
        points = [path.tolist() for path in paths]
        longest = max((len(path) for path in points), default=0)
        for k in range(longest):
            for run, path in enumerate(points):
                at = k - (longest - len(path))
                if at >= 0 and isfinite(path[at][0] + path[at][1]):
                    self._follow_one(run, path[at][0], path[at][1], lines[run])
                    sources[run] += [at] * (len(lines[run]) - len(sources[run]))
        return [
            (np.array(line, float).reshape(-1, 2), np.array(source, np.intp))
            for line, source in zip(lines, sources, strict=True)
        ]

    def _follow_one(self, run: int, x: float, y: float, line: list[_Place]) -> None:
        last = self._last[run]
        if last is None:
            self._last[run] = self._tip[run] = (x, y)
            return
        length = hypot(x - last[0], y - last[1])
        if length < FINEST_PX:
            return
        along = (x - last[0]) / length, (y - last[1]) / length
        if not line and (tip := self._tip[run]) is not None:
            line.append(tip)
        if self._looked[run] < _MOST_A_PATH:
            for at, step in self._samples(last, (x, y), length):
                line.append(self._placed(run, at, along, step))
                self._looked[run] += 1
        else:
            line.append((x, y))
            self._mark(x, y)
        self._last[run], self._tip[run] = (x, y), line[-1]

    def _samples(self, start: _Place, end: _Place, length: float) -> Iterator[tuple[_Place, float]]:
        """Yield places on the way, and how far each is from the one before; of what is outside, the end alone."""
        count = max(1, round(length / _SPACING))
        if count > _MOST_A_SEGMENT or not (self._is_inside(*start) or self._is_inside(*end)):
            count = 1
        for i in range(1, count + 1):
            share = i / count
            yield (start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])), length / count

    def _is_inside(self, x: float, y: float) -> bool:
        return 0.0 <= x < self._width and 0.0 <= y < self._height

    def _placed(self, run: int, at: _Place, along: _Place, step: float) -> _Place:
        """Return where a place of a path is drawn, and note that the path runs there."""
        wanted, reach = self._free(run, at, along) if run else 0.0, _SLOPE * step
        offset = self._offset[run]
        offset += min(max(wanted - offset, -reach), reach)
        self._offset[run] = offset
        x, y = at[0] - offset * along[1], at[1] + offset * along[0]
        self._mark(x, y)
        self._note(run, (x, y), along)
        return x, y

    def _mark(self, x: float, y: float) -> None:
        if self._is_inside(x, y):
            self.busy[int(y) // CELL_PX, int(x) // CELL_PX] = True

    def _free(self, run: int, at: _Place, along: _Place) -> float:
        """Return how far aside no other path runs along this one; it does not come back before there is much room."""
        now = self._offset[run]
        if len(self._cells.get((int(at[0] / self._aside), int(at[1] / self._aside)), ())) >= _MOST_A_CELL:
            return now  # in a crowd no path can be told from another
        if self._is_free(run, at[0], at[1], along, 1.7 if now else 0.9):
            return 0.0
        choices = sorted((i * self._aside for i in (1, -1, 2, -2, 3, -3)), key=lambda o: (abs(o - now), abs(o)))
        for offset in choices:
            if self._is_free(run, at[0] - offset * along[1], at[1] + offset * along[0], along, 0.9):
                return offset
        return now

    def _is_free(self, run: int, x: float, y: float, along: _Place, room: float) -> bool:
        """Tell whether no other path runs along within a share of the usual distance."""
        column, row, near = int(x / self._aside), int(y / self._aside), room * self._aside
        for i in (column - 1, column, column + 1):
            for j in (row - 1, row, row + 1):
                for other, ox, oy, dx, dy in self._cells.get((i, j), ()):
                    if other != run and hypot(ox - x, oy - y) < near and abs(dx * along[0] + dy * along[1]) > _ALIKE:
                        return False
        return True

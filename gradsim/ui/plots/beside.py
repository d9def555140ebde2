"""Where lines and their ends lie on each other: beside each other then, so that each is seen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from gradsim.sim.run.tape import Values

_SHORTEST = 0.06
"""What share of its points two lines must have together at a stretch: lines that only cross stay where they are."""

BESIDE = 1.6
"""How far two such lines are apart, in widths: with their rims between them."""

_TOGETHER = 0.8
"""Nearer than this, in widths, two lines lie on each other."""

MOST_BESIDE = 3
"""Lines and their ends are moved aside by so many places at most."""

_FURTHEST = 0.05
"""The share of an axis by which lines are moved at most, or else by one place."""


def places_on(axis: float, width: float) -> int:
    """Return by how many places lines of a width may be moved on an axis of a length: no value is to look another."""
    return min(MOST_BESIDE, max(1, int(_FURTHEST * axis / width)))


def beside(
    lines: Sequence[tuple[Values, Values]], width: float, most: int = MOST_BESIDE, high: float = np.inf
) -> list[Values]:
    """Return by how much each line (x, y) is moved, so that it lies on none before it for a while: up, if it can be.

    Parameters
    ----------
    lines
        Points in the order in which the lines are drawn, x ascending.
    width
        How wide a line is, in the unit of y.
    most
        By how many widths a line is moved at most.
    high
        The largest value that there can be: lines that would be moved beyond it are lowered together.
    """
    levels = _levels_at_places(lines, width) if _share_places(lines) else _levels(lines, width)
    shifts = [width * np.minimum(level, most) for level in levels]
    return _lowered(lines, shifts, width * (most + 1), high)


def _levels(lines: Sequence[tuple[Values, Values]], width: float) -> list[Values]:
    """Return on which level above others each line is, point by point."""
    levels: list[Values] = []
    for i, (x, y) in enumerate(lines):
        level = np.zeros(len(x))
        for (other_x, other_y), other in zip(lines[:i], levels, strict=True):
            together = _together(x, y, other_x, other_y, width)
            if together is not None:
                level = np.maximum(level, _level_over(x, together, np.interp(x, other_x, other)))
        levels.append(level)
    return levels


def _share_places(lines: Sequence[tuple[Values, Values]]) -> bool:
    """Tell whether all lines have their points at the same places across, as those of the same steps have."""
    return all(np.array_equal(lines[0][0], x) for x, _ in lines[1:])


def _levels_at_places(lines: Sequence[tuple[Values, Values]], width: float) -> list[Values]:
    """Return the same for lines that share their places: each is compared with all before it at once."""
    levels: list[Values] = []
    heights = np.array([y for _, y in lines])
    for i, (x, _) in enumerate(lines):
        level = np.zeros(len(x))
        together = np.abs(heights[:i] - heights[i]) < _TOGETHER * width
        for other in np.flatnonzero(together.sum(axis=1) > 2 * _half(len(x))).tolist():
            level = np.maximum(level, _level_over(x, together[other], levels[other]))
        levels.append(level)
    return levels


def _lowered(lines: Sequence[tuple[Values, Values]], shifts: list[Values], near: float, high: float) -> list[Values]:
    """Return shifts that lead no line beyond a value: it and those near it come down as far as it is beyond it."""
    beyond = [np.maximum(y + shift - high, 0.0) for (_, y), shift in zip(lines, shifts, strict=True)]
    others = [(x, y, far) for (x, y), far in zip(lines, beyond, strict=True) if far.any()]
    lowered = []
    for (x, y), shift in zip(lines, shifts, strict=True):
        down = np.zeros(len(x))
        for other_x, other_y, far in others:
            share = np.clip(2.0 - np.abs(np.interp(x, other_x, other_y) - y) / near, 0.0, 1.0)
            down = np.maximum(down, share * np.interp(x, other_x, far))
        lowered.append(shift - down)
    return lowered


def _together(x: Values, y: Values, other_x: Values, other_y: Values, width: float) -> npt.NDArray[np.bool_] | None:
    """Return where a line lies on another, None where that is too seldom to be a stretch."""
    if not len(other_x):
        return None
    apart = np.abs(np.interp(x, other_x, other_y, left=np.inf, right=np.inf) - y)
    together = apart < _TOGETHER * width
    return together if np.count_nonzero(together) > 2 * _half(len(x)) else None


def _half(count: int) -> int:
    """Return half of the shortest stretch that counts, of so many points."""
    return max(1, round(_SHORTEST * count / 2))


def _level_over(x: Values, together: npt.NDArray[np.bool_], other_level: Values) -> Values:
    """Return the level above another line over the stretches where the two are together, with ramps to 0."""
    half = _half(len(x))
    stretch = np.ones(2 * half + 1)
    whole = np.convolve(together, stretch, "valid") >= len(stretch)
    lasting = np.convolve(whole, stretch, "full") > 0
    level = np.where(lasting, other_level + 1.0, 0.0)
    padded = np.concatenate([np.full(half, level[0]), level, np.full(half, level[-1])])
    smooth = np.convolve(padded, stretch / len(stretch), "valid")
    return np.asarray(smooth * np.minimum(1.0, np.arange(len(x)) / half))  # each begins where it does


def staggered(heights: Sequence[float], size: float) -> list[int]:
    """Return by how many places each end is moved aside, so that none of this size hides another."""
    places: list[int] = []
    for i, height in enumerate(heights):
        taken = {places[j] for j in range(i) if abs(heights[j] - height) < size}
        free = [place for place in range(MOST_BESIDE + 1) if place not in taken]
        places.append(free[0] if free else i % (MOST_BESIDE + 1))
    return places

"""Where lines and their ends lie on each other: beside each other then, so that each is seen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gradsim.sim.run.tape import Values

_SHORTEST = 0.06
"""What share of its points two lines must have together at a stretch: lines that only cross stay where they are."""

MOST_BESIDE = 3
"""Ends are moved aside by so many places at most."""


def beside(lines: Sequence[tuple[Values, Values]], width: float) -> list[Values]:
    """Return by how much each line (x, y) is moved up, so that it lies on none before it for a while.

    Parameters
    ----------
    lines
        Points in the order in which the lines are drawn, x ascending.
    width
        How wide a line is, in the unit of y.
    """
    levels: list[Values] = []
    for i, (x, y) in enumerate(lines):
        level = np.zeros(len(x))
        for (other_x, other_y), other in zip(lines[:i], levels, strict=True):
            if len(x) and len(other_x):
                level = np.maximum(level, _level_over(x, y, other_x, other_y, other, width))
        levels.append(level)
    return [width * level for level in levels]


def _level_over(x: Values, y: Values, other_x: Values, other_y: Values, other_level: Values, width: float) -> Values:
    """Return the level above another line where the two are together, 0 elsewhere, with ramps between."""
    apart = np.abs(np.interp(x, other_x, other_y, left=np.inf, right=np.inf) - y)
    together = apart < 0.8 * width
    least = max(3, round(_SHORTEST * len(x)))
    if not together.any() or len(x) < 2 * (least // 2) + 1:
        return np.zeros(len(x))
    half = least // 2
    stretch = np.ones(2 * half + 1)
    whole = np.convolve(together, stretch, "valid") >= len(stretch)
    lasting = np.convolve(whole, stretch, "full") > 0
    level = np.where(lasting, np.interp(x, other_x, other_level) + 1.0, 0.0)
    smooth = np.convolve(np.pad(level, half, mode="edge"), stretch / len(stretch), "valid")
    return np.asarray(smooth * np.minimum(1.0, np.arange(len(x)) / half))  # each begins where it does


def staggered(heights: Sequence[float], size: float) -> list[int]:
    """Return by how many places each end is moved aside, so that none of this size hides another."""
    places: list[int] = []
    for i, height in enumerate(heights):
        taken = {places[j] for j in range(i) if abs(heights[j] - height) < size}
        free = [place for place in range(MOST_BESIDE + 1) if place not in taken]
        places.append(free[0] if free else i % (MOST_BESIDE + 1))
    return places

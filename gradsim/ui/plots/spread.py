"""Labels in a row or a column: near where they are wanted, and never on each other."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate


def spread(wanted: Sequence[float], distance: float, within: tuple[float, float]) -> list[float]:
    """Return places near the wanted ones, at least `distance` apart, in the same order, `within` if they fit."""
    low, high = within
    starts = spread_sizes(wanted, [distance] * len(wanted), (low, high + distance))
    return list(starts)


def spread_sizes(wanted: Sequence[float], sizes: Sequence[float], within: tuple[float, float]) -> list[float]:
    """Return starts near the wanted ones such that nothing of these sizes overlaps, in the order of the wanted ones.

    All are `within` if they fit. Crowded neighbours move as one group, around the middle of what its members want:
    the sum of their squared distances from there is the least that there is.
    """
    # In plain Python: for a handful of labels NumPy takes ten times as long, and frames ask for it often.
    order = sorted(range(len(wanted)), key=wanted.__getitem__)
    before = [0.0, *accumulate(float(sizes[i]) for i in order)]
    groups: list[list[float]] = []
    for i, start in zip(order, before[:-1], strict=True):
        groups.append([float(wanted[i]) - start])
        while len(groups) > 1 and _mean(groups[-2]) > _mean(groups[-1]):
            last = groups.pop()
            groups[-1] += last
    middles = [middle for group in groups for middle in [_mean(group)] * len(group)]
    low, high = within
    most = max(low, high - before[-1])
    placed = [0.0] * len(order)
    for i, middle, start in zip(order, middles, before[:-1], strict=True):
        placed[i] = min(max(middle, low), most) + start
    return placed


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)

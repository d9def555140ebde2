"""Labels in a row or a column: near where they are wanted, and never on each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


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
    order = np.argsort(wanted, kind="stable")
    ordered = np.array(sizes, float)[order]
    before = np.concatenate([[0.0], np.cumsum(ordered)])
    groups: list[list[float]] = []
    for place in np.array(wanted, float)[order] - before[:-1]:
        groups.append([place])
        while len(groups) > 1 and np.mean(groups[-2]) > np.mean(groups[-1]):
            last = groups.pop()
            groups[-1] += last
    middles = np.array([np.mean(group) for group in groups for _ in group])
    low, high = within
    placed = np.empty(len(order))
    placed[order] = np.clip(middles, low, max(low, high - before[-1])) + before[:-1]
    return [float(place) for place in placed]

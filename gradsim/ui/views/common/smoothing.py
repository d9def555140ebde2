"""Calm curves: how noisy values over time are smoothed, and how far an axis of time reaches."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, log10

import numpy as np

from gradsim.ui.views.common.view import Values

_ROOM = 1.25
"""How far an axis of time reaches, in times of what has passed."""
_LEAST = 40.0
"""The least that it reaches."""
_ENDS = (1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)

_SHARE, _USUAL = 0.04, 15
"""The window of smoothing: a share of the axis, and in short runs so many steps or less."""


def time_end(passed: float, whole: float = np.inf) -> float:
    """Return where an axis of time ends: it grows with the run in coarse steps, up to the end of the whole run."""
    wanted = max(_ROOM * passed, _LEAST)
    power = 10.0 ** floor(log10(wanted))
    return min(next(power * end for end in _ENDS if power * end >= wanted * (1 - 1e-9)), whole)


def window(end: float) -> float:
    """Return how many steps smoothing takes together on an axis that ends at so many."""
    return max(min(float(_USUAL), 0.12 * end), _SHARE * end)


def rows_in(steps: float, between: float) -> int:
    """Return the odd number of rows in a window of so many steps; with 1, nothing is smoothed."""
    return 2 * round((steps / max(between, 1e-9) - 1.0) / 2.0) + 1 if steps > between else 1


def smoothed(values: Values, rows: int) -> Values:
    """Return values (n,) smoothed over a window of so many rows, an odd number.

    A centred running median takes out what sticks out and leaves every step and slope at its place; a mean over a
    third of the window rounds off what the median leaves. Beyond the ends, values go on as their mirror images
    through the last point: so both ends stay what they were, and straight lines too.
    """
    rows = min(rows, 2 * len(values) - 1)
    if rows < 3:
        return values
    around = _windows(values, rows)
    return np.asarray(_windows(np.partition(around, rows // 2, axis=1)[:, rows // 2], _odd(rows // 3)).mean(axis=1))


def smoothed_between(values: Values, rows: int, jumps: Sequence[int]) -> Values:
    """Return values smoothed up to each jump and after it, none with those beyond: a jump stays one.

    Parameters
    ----------
    jumps
        The rows that are the first after a jump, in their order.
    """
    return np.concatenate([smoothed(part, rows) for part in np.split(values, jumps)])


def _odd(count: int) -> int:
    return count if count % 2 else count + 1


def _windows(values: Values, rows: int) -> Values:
    """Return the centred windows (n, rows)."""
    half = rows // 2
    if not half:
        return values[:, None]
    before = 2.0 * values[0] - values[half:0:-1]
    after = 2.0 * values[-1] - values[-2 : -half - 2 : -1]
    extended = np.concatenate([before, values, after])
    return np.lib.stride_tricks.sliding_window_view(extended, rows)

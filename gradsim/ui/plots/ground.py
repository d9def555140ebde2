"""The colours of a map's ground, and the levels at which they change."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from gradsim.engine.types import Array
from gradsim.ui.themes import Theme

Colours = npt.NDArray[np.uint8]

_ENDS: Mapping[str, tuple[tuple[float, float, float], tuple[float, float, float]]] = {
    "light": ((0.84, 0.045, 262.0), (0.985, 0.012, 95.0)),
    "dark": ((0.195, 0.045, 262.0), (0.345, 0.012, 285.0)),
    "projector": ((0.855, 0.050, 262.0), (0.995, 0.008, 95.0)),
}
"""Lightness, chroma and hue (degrees) in OKLCh of the lowest and the highest ground, by theme.

Runs and text keep a contrast of at least 3:1 and 4.5:1 to all of it, which bounds the lightness.
"""

_TO_LMS = np.array(
    [
        [1.0, 0.3963377774, 0.2158037573],
        [1.0, -0.1055613458, -0.0638541728],
        [1.0, -0.0894841775, -1.2914855480],
    ]
)
_TO_RGB = np.array(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
)


@lru_cache(maxsize=8)
def ground_colours(theme: Theme) -> Colours:
    """Return the colours (256, 3) from low to high, in equal steps of perceived lightness (OKLab, Ottosson 2020)."""
    (low, chroma_low, hue_low), (high, chroma_high, hue_high) = _ENDS[theme.name]
    share = np.linspace(0.0, 1.0, 256)[:, None]
    # Mixed as a and b rather than as hues, so that the way between leads over grey.
    ends = [
        (lightness, chroma * np.cos(np.radians(hue)), chroma * np.sin(np.radians(hue)))
        for lightness, chroma, hue in ((low, chroma_low, hue_low), (high, chroma_high, hue_high))
    ]
    lab = (1.0 - share) * np.array(ends[0]) + share * np.array(ends[1])
    linear = np.clip((lab @ _TO_LMS.T) ** 3 @ _TO_RGB.T, 0.0, 1.0)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1.0 / 2.4) - 0.055)
    colours: Colours = np.round(255.0 * encoded).astype(np.uint8)
    colours.flags.writeable = False
    return colours


def magnitude(values: Array) -> float:
    """Return the largest magnitude of those values that are finite, 1 if there is none or it is 0.

    Divided by it, differences and slopes of values near the ends of floating point stay in range.
    """
    return float(np.abs(values[np.isfinite(values)]).max(initial=0.0)) or 1.0


def measured(values: Array, floor: float = 1e-3) -> tuple[Array, Array]:
    """Return values of a map in order, and how high each counts, from 0 to 1, so that all parts of the map read.

    It is the mean of the share of the map that is lower, which shows plateaus,
    and of the logarithm of the height above the lowest, which shows the floors
    of ravines: those above `floor` times the median height. Values that are not
    finite are left out; the others are of :func:`magnitude` 1 or so.
    """
    ordered = np.sort(values[np.isfinite(values)], axis=None)
    heights = ordered - ordered[:1]
    if not len(ordered) or heights[-1] == 0.0:
        return np.append(ordered, np.inf), np.zeros(len(ordered) + 1)
    unit = max(floor * float(np.median(heights)), 1e-12 * float(heights[-1]))
    logs = np.log1p(heights / unit)
    return ordered, (np.linspace(0.0, 1.0, len(ordered)) + logs / logs[-1]) / 2.0


def levels(values: Array, count: int) -> Array:
    """Return `count` values, from the lowest of `values` to the highest, in equal steps of :func:`measured`."""
    ordered, measure = measured(values)
    if measure[-1] == 0.0:
        return np.full(count, ordered[0])
    return np.asarray(np.interp(np.linspace(0.0, 1.0, count), measure, ordered))

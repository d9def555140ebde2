"""The ground that paths are drawn on: its colours, and the scale on which ravines and plateaus both read."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from gradsim.ui.plots.plot import COLOURS, Colours
from gradsim.ui.theme import Theme

Values = npt.NDArray[np.float64]

_FLAT = 0.01
"""Of the median height: below it heights are told apart less and less."""

_ENDS = {
    "light": ((0.836, -0.018, -0.040), (0.985, 0.002, 0.012)),
    "dark": ((0.190, -0.006, -0.040), (0.428, 0.002, 0.020)),
    "projector": ((0.790, -0.020, -0.050), (0.995, 0.000, 0.008)),
}
"""The colour of the lowest and of the highest ground in OKLab: lightness, green to red, blue to yellow."""


class Relief:
    """A scale of the heights of a surface that spans decades, made from a sample of its values.

    With h = f − lowest, eps a hundredth of the median of the heights that are not 0, and a logarithm for the
    decades, height = log(1 + h/eps) / log(1 + highest/eps). The share of a value is the mean of its height and of
    its rank among the sample: level lines at equal shares are neither lost in ravines nor crowded on walls.
    """

    def __init__(self, values: Values) -> None:
        finite = values[np.isfinite(values)]
        self._values, counts = np.unique(finite if finite.size else np.zeros(1), return_counts=True)
        self.lowest = float(self._values[0])
        above = finite[finite > self.lowest] - self.lowest
        self._flat = float(max(_FLAT * np.median(above), np.finfo(float).tiny)) if above.size else 1.0
        self._top = float(np.log1p((self._values[-1] - self.lowest) / self._flat)) or 1.0
        ranks = np.cumsum(counts) - counts
        self._shares = (ranks / max(1, ranks[-1]) + self.height(self._values)) / 2.0

    def height(self, values: Values) -> Values:
        """Return log(1 + h/eps) of values over that of the highest, from 0 to 1; NaN stays NaN."""
        above = np.maximum(values - self.lowest, 0.0)
        return np.asarray(np.minimum(np.log1p(above / self._flat) / self._top, 1.0))

    def share(self, values: Values) -> Values:
        """Return the shares of values, from 0 for the lowest to 1 for the highest; NaN stays NaN."""
        return np.asarray(np.interp(values, self._values, self._shares))

    def levels(self, count: int) -> Values:
        """Return `count` values at equal shares between the lowest and the highest; none where all are the same."""
        if len(self._values) < 2:
            return np.empty(0)
        return np.unique(np.interp(np.arange(1, count + 1) / (count + 1), self._shares, self._values))


def levels(values: Values, count: int) -> Values:
    """Return the values of `count` level lines of a surface with these values, see :class:`Relief`."""
    return Relief(values).levels(count)


@lru_cache(maxsize=8)
def ground_colours(theme: Theme) -> Colours:
    """Return the colours of the ground from low to high, (256, 3).

    A straight line in OKLab (Ottosson 2020), so equal steps look equal: the lower the darker and the bluer. Each
    is at a contrast of 3:1 or more to all colours of runs.
    """
    low, high = (np.array(end) for end in _ENDS[theme.name])
    shares = np.linspace(0.0, 1.0, COLOURS)[:, None]
    colours = _bytes(low + shares * (high - low))
    colours.setflags(write=False)  # shared by all that draw with them
    return colours


_TO_LMS = np.array([
    [1.0, 0.3963377774, 0.2158037573],
    [1.0, -0.1055613458, -0.0638541728],
    [1.0, -0.0894841775, -1.2914855480],
])  # fmt: skip
_TO_RGB = np.array([
    [4.0767416621, -3.3077115913, 0.2309699292],
    [-1.2684380046, 2.6097574011, -0.3413193965],
    [-0.0041960863, -0.7034186147, 1.7076147010],
])  # fmt: skip


def _bytes(lab: Values) -> Colours:
    """Return colours in OKLab (n, 3) as bytes of sRGB (n, 3), the nearest there is."""
    linear = np.clip((lab @ _TO_LMS.T) ** 3 @ _TO_RGB.T, 0.0, 1.0)
    coded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.round(255.0 * coded).astype(np.uint8)

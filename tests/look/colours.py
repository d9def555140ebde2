"""Colours as they are seen: contrast, difference, lightness, and what colour-blind eyes make of them."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import numpy.typing as npt

from gradsim.ui.sights import MATRICES, linear

Values = npt.NDArray[np.float64]

SIGHTS = {
    "normal": np.eye(3),
    "protan": MATRICES["protanopia"],
    "deutan": MATRICES["deuteranopia"],
    "tritan": MATRICES["tritanopia"],
}
"""What is seen of linear RGB."""

_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_WHITE = _TO_XYZ @ np.ones(3)


def rgb(colour: str) -> Values:
    """Return #rrggbb as shares (3,)."""
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255.0


def luminance(shares: Values) -> Values:
    """Return the relative luminance of WCAG of colours (…, 3)."""
    return np.asarray(linear(shares) @ np.array([0.2126, 0.7152, 0.0722]))


def contrasts(colours: Values, other: Values) -> Values:
    """Return the contrast ratios of WCAG of colours (…, 3) with another one, from 1 to 21."""
    one, two = luminance(colours), luminance(other)
    return np.asarray((np.maximum(one, two) + 0.05) / (np.minimum(one, two) + 0.05))


def contrast(one: Values, other: Values) -> float:
    """Return the contrast ratio of WCAG of two colours."""
    return float(contrasts(one, other))


def lab(shares: Values, sight: str = "normal") -> Values:
    """Return CIE L*a*b* (3,) of an sRGB colour as it is seen."""
    seen = np.clip(SIGHTS[sight] @ linear(shares), 0.0, 1.0)
    t = _TO_XYZ @ seen / _WHITE
    x, y, z = np.where(t > (6 / 29) ** 3, np.cbrt(t), t / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)])


def difference(one: Values, other: Values) -> float:
    """Return CIEDE2000 of two colours in L*a*b*, as Sharma, Wu and Dalal 2005 write it."""
    mean_chroma = (np.hypot(*one[1:]) + np.hypot(*other[1:])) / 2.0
    g = 0.5 * (1.0 - np.sqrt(mean_chroma**7 / (mean_chroma**7 + 25.0**7)))
    (l1, c1, h1), (l2, c2, h2) = (_polar(each, g) for each in (one, other))
    turn = (h2 - h1 + 180.0) % 360.0 - 180.0 if c1 * c2 else 0.0
    apart = 2.0 * np.sqrt(c1 * c2) * np.sin(np.radians(turn) / 2.0)
    l_mean, c_mean = (l1 + l2) / 2.0, (c1 + c2) / 2.0
    h_mean = _mean_hue(h1, h2) if c1 * c2 else h1 + h2
    t = (
        1.0
        - 0.17 * np.cos(np.radians(h_mean - 30.0))
        + 0.24 * np.cos(np.radians(2.0 * h_mean))
        + 0.32 * np.cos(np.radians(3.0 * h_mean + 6.0))
        - 0.20 * np.cos(np.radians(4.0 * h_mean - 63.0))
    )
    s_l = 1.0 + 0.015 * (l_mean - 50.0) ** 2 / np.sqrt(20.0 + (l_mean - 50.0) ** 2)
    s_c, s_h = 1.0 + 0.045 * c_mean, 1.0 + 0.015 * c_mean * t
    r_c = 2.0 * np.sqrt(c_mean**7 / (c_mean**7 + 25.0**7))
    r_t = -np.sin(np.radians(60.0 * np.exp(-(((h_mean - 275.0) / 25.0) ** 2)))) * r_c
    dl, dc, dh = (l2 - l1) / s_l, (c2 - c1) / s_c, apart / s_h
    return float(np.sqrt(dl**2 + dc**2 + dh**2 + r_t * dc * dh))


def _polar(colour: Values, g: float) -> tuple[float, float, float]:
    lightness, a, b = colour[0], (1.0 + g) * colour[1], colour[2]
    return float(lightness), float(np.hypot(a, b)), float(np.degrees(np.arctan2(b, a)) % 360.0)


def _mean_hue(one: float, other: float) -> float:
    if abs(one - other) <= 180.0:
        return (one + other) / 2.0
    return (one + other + (360.0 if one + other < 360.0 else -360.0)) / 2.0


def least_difference(colours: tuple[str, ...], sight: str) -> float:
    """Return how far the two most alike of these colours are apart, as they are seen."""
    seen = [lab(rgb(colour), sight) for colour in colours]
    return min(difference(one, other) for one, other in combinations(seen, 2))

"""Numbers as people say them."""

from __future__ import annotations

from math import isfinite

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def power(exponent: int) -> str:
    """Return 10 to `exponent` in plain characters, such as 10⁻⁶."""
    return "10" + str(exponent).translate(_SUPERSCRIPTS)


def figure(value: float) -> str:
    """Return a positive number with two or three digits: 2.1, 23.6, 73,800, 2.4 × 10¹¹."""
    if not isfinite(value):
        return "∞"
    if value >= 1e6 or 0 < value < 1e-3:
        digits, exponent = f"{value:.1e}".split("e")
        return f"{digits} × {power(int(exponent))}"
    if value >= 99.95:
        return f"{float(f'{value:.3g}'):,.0f}"
    return f"{value:.1f}" if value >= 1 else f"{value:.2g}"


def amount(value: float) -> str:
    """Return a number with three digits; a very large or small one as :func:`figure` has it."""
    return f"{value:.3g}" if value == 0.0 or 1e-3 <= abs(value) < 1e5 else figure(value)


def signed(value: float) -> str:
    """Return a number of either sign, with a minus that is as wide as a plus."""
    return f"−{amount(-value)}" if value < 0.0 else amount(value)


def coordinates(x: float, y: float) -> str:
    """Return a point such as (0, −1.41)."""
    return f"({_coordinate(x)}, {_coordinate(y)})"


def _coordinate(value: float) -> str:
    return f"{value:.3g}".replace("-", "−") if abs(value) >= 5e-4 else "0"


def share(value: float) -> str:
    """Return a share in per cent, never rounded to none or all of it."""
    percent = 100.0 * value
    if 0.0 < percent < 1.0:
        return "< 1 %"
    return "> 99 %" if 99.0 < percent < 100.0 else f"{percent:.0f} %"

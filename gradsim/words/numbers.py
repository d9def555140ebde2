"""Numbers as people say them."""

from __future__ import annotations

from math import isfinite

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def power(exponent: int) -> str:
    """Return 10 to `exponent` in plain characters, such as 10⁻⁶."""
    return "10" + str(exponent).translate(_SUPERSCRIPTS)


def index(number: int) -> str:
    """Return a whole number as an index, such as ₃."""
    return str(number).translate(_SUBSCRIPTS)


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
    return f"{value:.3g}" if value == 0.0 or 1e-3 <= abs(value) < 999.5 else figure(value)


def factor_text(value: float) -> str:
    """Return a factor such as ×0.23; – where there is none."""
    if not isfinite(value):
        return "–"
    return f"×{value:.2f}" if 0.095 <= value < 99.5 else f"×{figure(value)}"


def exact(value: float) -> str:
    """Return a number with four digits, as what a pointer reads: 0.02713, −1.804 × 10⁻⁷."""
    if value == 0.0 or 1e-3 <= abs(value) < 9999.5:
        text = f"{value:.4g}"
    elif 9999.5 <= abs(value) < 1e6:
        text = f"{value:,.0f}"
    elif isfinite(value):
        digits, exponent = f"{value:.3e}".split("e")
        text = f"{digits} × {power(int(exponent))}"
    else:
        text = "–" if value != value else "∞" if value > 0 else "-∞"
    return text.replace("-", "−")


def fixed(value: float) -> str:
    """Return a number with three digits even where the last are zeros, so that it is as wide as those near it."""
    if not isfinite(value) or (value != 0.0 and not 1e-3 <= abs(value) < 1e3):
        return signed(value)
    return f"{value:#.3g}".rstrip(".").replace("-", "−")


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

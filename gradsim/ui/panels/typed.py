"""Numbers as fields show them, and as people type them."""

from __future__ import annotations

import re

from gradsim.words.numbers import power

_POWER = re.compile(r"(?:(.+?)\s*[×x·*]\s*)?10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)")
_RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_THOUSANDS = re.compile(r"-?[1-9]\d{0,2}(,\d{3})+")


def number_text(value: float) -> str:
    """Return a number with as many of six digits as it has: 0.1, 1.8, 5 × 10⁻⁷."""
    if value < 0:
        return f"−{number_text(-value)}"
    mantissa, _, exponent = f"{value:.6g}".partition("e")
    tens = int(exponent or "0")
    if -7 < tens < 0:
        return f"{value:.12f}".rstrip("0")
    if not exponent:
        return mantissa
    return power(tens) if mantissa == "1" else f"{mantissa} × {power(tens)}"


def number(text: str) -> float:
    """Return the number that is typed; ValueError for what is none, or may be meant as one of two.

    A comma is a decimal comma where it cannot stand for thousands: 0,1 and 12,5, not 1,250. What only Python
    takes for a number, as 1_000, is none.
    """
    text = text.strip().replace("−", "-")
    if "_" in text:
        raise ValueError(text)
    if found := _POWER.fullmatch(text):
        return float(f"{number(found[1]) if found[1] else 1.0!r}e{found[2].translate(_RAISED)}")
    if text.count(",") == 1 and "." not in text and not _THOUSANDS.fullmatch(text):
        text = text.replace(",", ".")
    return float(text)


def whole_number(text: str) -> float:
    """Return the number that is typed where whole ones are allowed: there, 1,250 is a thousand and more."""
    plain = text.strip().replace("−", "-")
    return float(plain.replace(",", "")) if _THOUSANDS.fullmatch(plain) else number(text)


def parts(text: str) -> list[str]:
    """Return the numbers of a list: with semicolons between them where there is one, else with commas."""
    return [part.strip() for part in text.split(";" if ";" in text else ",")]

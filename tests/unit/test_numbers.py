"""Numbers as they are written into pictures: short, in one notation, and not another number than they are."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradsim.words.numbers import amount, exact, fixed, signed

WRITERS = {amount: 2, exact: 4, fixed: 2, signed: 2}
"""Functions, and how many digits of a number they keep at least."""

_DIGITS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹−", "-0123456789-")


def value_of(text: str) -> float:
    """Return the number that a reader takes a text for."""
    digits, _, exponent = text.replace(",", "").translate(_DIGITS).partition(" × 10")
    return float(digits) * 10.0 ** int(exponent or 0)


@pytest.mark.parametrize("write", WRITERS)
@given(size=st.floats(-300, 300), sign=st.sampled_from([-1.0, 1.0]))
def test_a_number_is_read_as_what_it_is(write: object, size: float, sign: float) -> None:
    assert callable(write)
    value = 10.0**size * (sign if write is not amount else 1.0)
    text = write(value)
    assert re.fullmatch(r"−?[\d,]*\.?\d+( × 10⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)?", text)
    assert value_of(text) == pytest.approx(value, rel=0.6 * 10.0 ** (1 - WRITERS[write]))


@given(st.floats(0.1, 99.9))
def test_a_fixed_number_has_three_digits_whatever_the_last_are(value: float) -> None:
    assert len(re.sub(r"\D", "", fixed(value)).lstrip("0")) == 3


def test_zero_is_a_number_and_what_is_none_is_told() -> None:
    assert [write(0.0) for write in (amount, exact, signed)] == ["0", "0", "0"]
    assert [exact(value) for value in (float("nan"), float("inf"), float("-inf"))] == ["–", "∞", "−∞"]

"""Ends of linear axes, of any values there are."""

from __future__ import annotations

from sys import float_info

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from gradsim.ui.views.common.scale import rounded_out, rounded_up

PX = 10_000
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@given(arrays.arrays(float, st.integers(0, 5), elements=NUMBERS), st.floats(0.0, 1e300))
@example(np.array([9e-314]), 9e-314)
@example(np.array([-5e-324]), 0.0)
def test_an_axis_has_ends_that_are_apart_by_pixels_that_are_numbers(values: np.ndarray, start: float) -> None:
    low, high = rounded_out(values, start)
    assert low <= 0.0 < high
    assert (high - low) / PX >= float_info.min
    assert np.isfinite(PX / (high - low))


@given(st.floats(1e-300, 1e299))
def test_a_rounded_end_holds_its_value(value: float) -> None:
    assert value <= rounded_up(value) * (1.0 + 1e-12)
    assert rounded_up(value) <= 1.26 * value * (1.0 + 1e-12)

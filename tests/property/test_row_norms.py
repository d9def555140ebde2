"""Norms of gradients: exact to rounding over the whole range of floating point."""

from __future__ import annotations

from decimal import Decimal, localcontext

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from gradsim.engine.norms import row_norms
from gradsim.engine.types import Array
from tests.property.cases import cases

DTYPES = (np.float32, np.float64)
ELEMENTS = {
    np.float32: st.floats(-(2.0**120), 2.0**120, width=32),
    np.float64: st.floats(-(2.0**1020), 2.0**1020),
}


def exact(row: Array) -> float:
    """Return the norm of a row, rounded once."""
    with localcontext(prec=120, Emin=-9999, Emax=9999):
        return float(sum((Decimal(float(x)) ** 2 for x in row), Decimal(0)).sqrt())


def assert_exact(rows: Array) -> None:
    with np.errstate(all="ignore"):
        norms = row_norms(rows)
    assert norms.dtype == np.float64
    rtol = 4.0 * float(np.finfo(rows.dtype).eps)
    np.testing.assert_allclose(norms, [exact(row) for row in rows], rtol=rtol, atol=5e-324)


@pytest.mark.parametrize("dtype", DTYPES)
@cases(300)
@given(data=st.data())
def test_any_numbers(dtype: type[np.float32 | np.float64], data: st.DataObject) -> None:
    shape = arrays.array_shapes(min_dims=2, max_dims=2, max_side=8)
    assert_exact(data.draw(arrays.arrays(dtype, shape, elements=ELEMENTS[dtype])))


@pytest.mark.parametrize(
    ("dtype", "scale"),
    [
        *((np.float64, s) for s in (5e-324, 1e-310, 1e-200, 1e-160, 1e-140, 1e-20, 1.0, 1e150, 1e200, 1e306)),
        *((np.float32, s) for s in (1e-45, 1e-40, 1e-30, 1e-20, 1e-12, 1.0, 1e18, 1e30, 1e37)),
    ],
)
@cases(10)
@given(seed=st.integers(0, 2**32 - 1))
def test_rows_of_one_scale(dtype: npt.DTypeLike, scale: float, seed: int) -> None:
    rows = np.random.default_rng(seed).uniform(-1.0, 1.0, (3, 40)) * scale
    assert_exact(rows.astype(dtype))


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_row_of_zeros_has_norm_zero_whatever_its_neighbours(dtype: npt.DTypeLike) -> None:
    rows = np.zeros((4, 5), dtype)
    rows[1] = 1e-30
    rows[3] = 1.0
    np.testing.assert_allclose(row_norms(rows), np.sqrt(5.0) * np.array([0.0, 1e-30, 0.0, 1.0]), rtol=1e-6)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_shows(bad: float) -> None:
    rows = np.ones((3, 4))
    rows[1, 2] = bad
    with np.errstate(all="ignore"):
        norms = row_norms(rows)
    np.testing.assert_array_equal(np.isfinite(norms), [True, False, True])


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_rows_are_left_alone(dtype: npt.DTypeLike) -> None:
    rows = np.array([[1e-30, 2e-30], [3.0, 4.0]], dtype)
    before = rows.copy()
    row_norms(rows)
    np.testing.assert_array_equal(rows, before)

"""Activations, outputs and losses by themselves: derivatives against central differences of their values."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradsim.engine.activations import ACTIVATIONS, OUTPUTS
from gradsim.engine.losses import LOSSES
from gradsim.engine.parameters import ParameterError
from gradsim.engine.types import Array
from gradsim.sim.spec import TrainRun
from tests.property.cases import cases

H = 1e-5
DTYPES = (np.float32, np.float64)
PAIRS = [(loss, output) for loss in LOSSES for output in OUTPUTS if output in LOSSES[loss].outputs]
REFUSED = [(loss, output) for loss in LOSSES for output in OUTPUTS if output not in LOSSES[loss].outputs]
EXTREMES = (-1e3, -100.0, 0.0, 100.0, 1e3)

quick = cases(40)


def away_from_kinks(rows: int, units: int, limit: int) -> st.SearchStrategy[npt.NDArray[np.float64]]:
    """Values halfway between the thousandths: kinks lie at round numbers, 50 steps H away or more."""
    size = rows * units
    numbers = st.lists(st.integers(-1000 * limit, 1000 * limit - 1), min_size=size, max_size=size)
    return numbers.map(lambda ks: ((np.array(ks) + 0.5) / 1000.0).reshape(rows, units))


def written(write: Callable[..., None], *inputs: Array, shape_of: Array | None = None) -> Array:
    """Return what `write` puts into its last argument, after checking that it left the others alone."""
    like = inputs[0] if shape_of is None else shape_of
    out, before = np.full_like(like, np.nan), [array.tobytes() for array in inputs]
    with np.errstate(all="ignore"):
        write(*inputs, out)
    assert [array.tobytes() for array in inputs] == before, "an input was changed"
    assert np.isfinite(out).all()
    return out


def slopes(f: Callable[[Array], Array], z: Array) -> Array:
    """Return df/dz by central differences, unit by unit on the last axis: (*f(z).shape, units)."""
    columns = []
    for step in np.eye(z.shape[-1]) * H:
        columns.append((f(z + step) - f(z - step)) / (2 * H))
    return np.stack(columns, axis=-1)


def distribution(rows: int, units: int, seed: int) -> npt.NDArray[np.float64]:
    """Soft targets that sum to 1 in the first rows, a certain one in the last."""
    y = np.random.default_rng(seed).dirichlet(np.ones(units), rows)
    y[-1] = np.eye(units)[seed % units]
    return y


@pytest.mark.parametrize("key", ACTIVATIONS)
@quick
@given(z=away_from_kinks(1, 30, limit=20))
def test_an_activations_derivative_is_that_of_its_value(key: str, z: Array) -> None:
    f = ACTIVATIONS[key]()
    a = written(f.value, z)
    expected = (written(f.value, z + H) - written(f.value, z - H)) / (2 * H)
    np.testing.assert_allclose(written(f.derivative, z, a), expected, rtol=1e-9, atol=2e-10)


@pytest.mark.parametrize("key", ACTIVATIONS)
@quick
@given(z=away_from_kinks(1, 30, limit=20))
def test_an_activation_is_the_same_in_single_precision(key: str, z: Array) -> None:
    f, single = ACTIVATIONS[key](), z.astype(np.float32)
    double = single.astype(np.float64)
    a32, a64 = written(f.value, single), written(f.value, double)
    np.testing.assert_allclose(a32, a64, rtol=3e-7, atol=1e-37)
    np.testing.assert_allclose(written(f.derivative, single, a32), written(f.derivative, double, a64), atol=3e-7)


@pytest.mark.parametrize("key", ACTIVATIONS)
def test_no_slope_is_above_the_peak_that_saturation_is_judged_by(key: str) -> None:
    f, z = ACTIVATIONS[key](), np.linspace(-30.0, 30.0, 6001)
    slope = np.abs(written(f.derivative, z, written(f.value, z)))
    assert slope.max() == pytest.approx(f.peak, rel=1e-6)


def test_relu_has_slope_0_at_its_kink() -> None:
    """As in PyTorch: a unit whose input is exactly 0 does not learn."""
    z = np.array([-1e-300, -0.0, 0.0, 1e-300])
    np.testing.assert_array_equal(written(ACTIVATIONS["relu"]().derivative, z, np.maximum(z, 0.0)), [0, 0, 0, 1])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("key", ACTIVATIONS)
def test_activations_are_finite_far_out(key: str, dtype: npt.DTypeLike) -> None:
    f, z = ACTIVATIONS[key](), np.array(EXTREMES, dtype)
    a = written(f.value, z)
    assert written(f.derivative, z, a).dtype == a.dtype == dtype


@pytest.mark.parametrize("key", OUTPUTS)
@quick
@given(z=away_from_kinks(3, 4, limit=5), seed=st.integers(0, 999))
def test_an_outputs_backward_is_the_gradient_of_a_linear_functional(key: str, z: Array, seed: int) -> None:
    output = OUTPUTS[key]()
    a = written(output.value, z)
    jacobian = slopes(lambda at: written(output.value, at), z)
    weights = np.random.default_rng(seed).standard_normal(z.shape)
    grad = weights.copy()
    output.backward(a, grad)
    np.testing.assert_allclose(grad, np.einsum("bi,bij->bj", weights, jacobian), rtol=1e-9, atol=5e-10)
    diagonal = np.einsum("bii->bi", jacobian)
    np.testing.assert_allclose(written(output.derivative, a), diagonal, rtol=1e-9, atol=5e-10)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("key", OUTPUTS)
def test_outputs_are_finite_far_out(key: str, dtype: npt.DTypeLike) -> None:
    output, z = OUTPUTS[key](), np.array([EXTREMES, EXTREMES[::-1], (1e3,) * 5, (-1e3,) * 5], dtype)
    a = written(output.value, z)
    grad = np.ones_like(a)
    output.backward(a, grad)
    assert np.isfinite(grad).all()
    assert written(output.derivative, a).dtype == grad.dtype == a.dtype == dtype


@quick
@given(z=away_from_kinks(3, 5, limit=1000))
def test_softmax_is_a_distribution(z: Array) -> None:
    for dtype in DTYPES:
        a = written(OUTPUTS["softmax"]().value, z.astype(dtype))
        assert (a >= 0.0).all()
        np.testing.assert_allclose(a.sum(axis=-1), 1.0, rtol=3.0 * float(np.finfo(dtype).eps))


@pytest.mark.parametrize(("loss_key", "output_key"), PAIRS)
@quick
@given(z=away_from_kinks(3, 4, limit=5), seed=st.integers(0, 999))
def test_a_losss_delta_is_the_derivative_of_its_value(loss_key: str, output_key: str, z: Array, seed: int) -> None:
    loss, output, y = LOSSES[loss_key](), OUTPUTS[output_key](), distribution(3, 4, seed)

    def value(at: Array) -> Array:
        return loss.value(output, at, written(output.value, at), y)

    delta = written(lambda *arrays: loss.delta(output, *arrays), z, written(output.value, z), y)
    np.testing.assert_allclose(delta, slopes(value, z), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("loss_key", "output_key"), PAIRS)
def test_losses_are_finite_far_out(loss_key: str, output_key: str, dtype: npt.DTypeLike) -> None:
    loss, output = LOSSES[loss_key](), OUTPUTS[output_key]()
    z = np.array([EXTREMES, EXTREMES[::-1], (1e3,) * 5, (-1e3,) * 5], dtype)
    a = written(output.value, z)
    for y in np.eye(5, dtype=dtype):
        targets = np.tile(y, (len(z), 1))
        value = loss.value(output, z, a, targets)
        assert np.isfinite(value).all()
        assert (value >= 0.0).all()
        written(lambda *arrays: loss.delta(output, *arrays), z, a, targets)


def test_some_pairing_is_refused() -> None:
    assert ("cross_entropy", "linear") in REFUSED


@pytest.mark.parametrize(("loss_key", "output_key"), REFUSED)
def test_a_refused_pairing_says_why_and_what_to_take(loss_key: str, output_key: str) -> None:
    loss: Any = LOSSES[loss_key]()
    with pytest.raises(ParameterError) as caught:
        dataclasses.replace(TrainRun(), loss=loss, output=OUTPUTS[output_key]())
    assert caught.value.path == "loss"
    assert loss.refusal
    assert loss.refusal in caught.value.problem
    assert all(key in caught.value.problem for key in loss.outputs)

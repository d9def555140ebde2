"""Activations, outputs and losses by themselves: derivatives against central differences of their values."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gradsim.engine.nn.activations import ACTIVATIONS, ELU, Activation, LeakyReLU
from gradsim.engine.nn.losses import LOSSES, Huber, Loss
from gradsim.engine.nn.outputs import OUTPUTS, Output
from gradsim.engine.types import Array
from gradsim.schema.parameters import ParameterError
from gradsim.sim.kinds.train.spec import TrainRun
from tests.property.cases import cases

H = 1e-5
DTYPES = (np.float32, np.float64)
REFUSED = [(loss, output) for loss in LOSSES for output in OUTPUTS if output not in LOSSES[loss].outputs]
EXTREMES = (-1e3, -100.0, 0.0, 100.0, 1e3)

# Every entry as it is by default, and with other settings.
FUNCTIONS = [entry() for entry in ACTIVATIONS.values()] + [ELU(1.7), LeakyReLU(0.3), LeakyReLU(0.0)]
PAIRS = [(loss, OUTPUTS[key]()) for loss in (*(e() for e in LOSSES.values()), Huber(0.3)) for key in loss.outputs]
HAVE_KINKS = {"mae", "huber"}

quick = cases(40)
each_function = pytest.mark.parametrize("f", FUNCTIONS, ids=repr)
each_output = pytest.mark.parametrize("output", [entry() for entry in OUTPUTS.values()], ids=repr)
each_pair = pytest.mark.parametrize(("loss", "output"), PAIRS, ids=repr)
each_dtype = pytest.mark.parametrize("dtype", DTYPES)


def away_from_kinks(rows: int, units: int, limit: int) -> st.SearchStrategy[npt.NDArray[np.float64]]:
    """Values halfway between the thousandths: kinks lie at round numbers, 50 steps H away or more."""
    size = rows * units
    numbers = st.lists(st.integers(-1000 * limit, 1000 * limit - 1), min_size=size, max_size=size)
    return numbers.map(lambda ks: ((np.array(ks) + 0.5) / 1000.0).reshape(rows, units))


def nothing(like: Array) -> Array:
    """Return an array to write into, in which nothing that is there may be of use."""
    return np.full_like(like, np.nan)


def called(write: Callable[..., Any], *inputs: Array, into: tuple[Array, ...]) -> Any:
    """Return write(*inputs, *into), after checking that it left the inputs alone."""
    before = [array.tobytes() for array in inputs]
    with np.errstate(all="ignore"):
        result = write(*inputs, *into)
    assert [array.tobytes() for array in inputs] == before, "an input was changed"
    assert np.isfinite(into[0] if result is None else result).all()
    return into[0] if result is None else result


def value(f: Activation | Output, z: Array) -> Array:
    return np.asarray(called(f.value, z, into=(nothing(z), nothing(z))))


def derivative(f: Activation, z: Array, a: Array) -> Array:
    left = nothing(z)
    called(f.value, z, into=(nothing(z), left))
    return np.asarray(called(f.derivative, z, a, into=(nothing(z), left)))


def diagonal(output: Output, a: Array) -> Array:
    return np.asarray(called(output.derivative, a, into=(nothing(a),)))


def backward(output: Output, a: Array, grad: Array) -> Array:
    return np.asarray(called(output.backward, a, diagonal(output, a), into=(grad.copy(),)))


def loss_of(loss: Loss, output: Output, z: Array, y: Array) -> Array:
    a = value(output, z)
    return np.asarray(called(lambda *arrays: loss.value(output, *arrays), z, a, y, into=(nothing(z),)))


def delta_of(loss: Loss, output: Output, z: Array, y: Array) -> Array:
    a = value(output, z)
    write = lambda *arrays: loss.backward(output, *arrays)  # noqa: E731
    return np.asarray(called(write, a, diagonal(output, a), y, into=(nothing(z),)))


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


def no_error_is_at_a_kink(loss: Loss, output: Output, z: Array, y: Array) -> bool:
    if loss.key not in HAVE_KINKS:
        return True
    errors = np.abs(value(output, z) - y)
    return all(np.abs(errors - kink).min() > 2 * H for kink in (0.0, getattr(loss, "delta", 0.0)))


@each_function
@quick
@given(z=away_from_kinks(1, 30, limit=20))
def test_an_activations_derivative_is_that_of_its_value(f: Activation, z: Array) -> None:
    expected = (value(f, z + H) - value(f, z - H)) / (2 * H)
    np.testing.assert_allclose(derivative(f, z, value(f, z)), expected, rtol=1e-9, atol=2e-10)


@each_function
@quick
@given(z=away_from_kinks(1, 30, limit=20))
def test_an_activation_is_the_same_in_single_precision(f: Activation, z: Array) -> None:
    single = z.astype(np.float32)
    double = single.astype(np.float64)
    a32, a64 = value(f, single), value(f, double)
    np.testing.assert_allclose(a32, a64, rtol=3e-7, atol=1e-37)
    np.testing.assert_allclose(derivative(f, single, a32), derivative(f, double, a64), atol=3e-7)


@each_function
def test_no_slope_is_above_the_peak_that_saturation_is_judged_by(f: Activation) -> None:
    z = np.linspace(-30.0, 30.0, 60001)
    slope = np.abs(derivative(f, z, value(f, z)))
    assert slope.max() == pytest.approx(f.peak, rel=1e-6)


@each_dtype
@each_function
def test_activations_are_finite_far_out(f: Activation, dtype: npt.DTypeLike) -> None:
    z = np.array([-1e30, *EXTREMES, 1e30], dtype)
    a = value(f, z)
    assert derivative(f, z, a).dtype == a.dtype == dtype


@each_function
def test_an_activation_makes_no_array(f: Activation) -> None:
    """Not even one of truth values, an eighth of the size."""
    z = np.linspace(-5.0, 5.0, 400_000)
    a, out, work = (np.empty_like(z) for _ in range(3))
    for _ in range(2):  # at the first time modules are imported
        tracemalloc.start()
        f.value(z, a, work)
        f.derivative(z, a, out, work)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert most < z.size / 2


def test_scipy_is_imported_by_gelu_alone() -> None:
    """A window that shows no GELU opens without waiting for it."""
    code = (
        "import sys, numpy as np, gradsim.cli, gradsim.sim.kinds.train.trainer; "
        "from gradsim.engine.nn.activations import GELU; "
        "before = 'scipy' in sys.modules; GELU().value(*np.zeros((3, 1))); print(before, 'scipy' in sys.modules)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert ended.stdout.split() == ["False", "True"], ended.stderr


@each_output
@quick
@given(z=away_from_kinks(3, 4, limit=5), seed=st.integers(0, 999))
def test_an_outputs_backward_is_the_gradient_of_a_linear_functional(output: Output, z: Array, seed: int) -> None:
    a = value(output, z)
    jacobian = slopes(lambda at: value(output, at), z)
    weights = np.random.default_rng(seed).standard_normal(z.shape)
    expected = np.einsum("bi,bij->bj", weights, jacobian)
    np.testing.assert_allclose(backward(output, a, weights), expected, rtol=1e-9, atol=5e-10)
    np.testing.assert_allclose(diagonal(output, a), np.einsum("bii->bi", jacobian), rtol=1e-9, atol=5e-10)


@each_output
@quick
@given(z=away_from_kinks(3, 4, limit=5))
def test_an_output_is_the_same_in_single_precision(output: Output, z: Array) -> None:
    single = z.astype(np.float32)
    a32, a64 = value(output, single), value(output, single.astype(np.float64))
    # A softmax takes differences of its logits, here up to 10, which round: half a unit in the last place of 10.
    np.testing.assert_allclose(a32, a64, rtol=1e-6)
    np.testing.assert_allclose(diagonal(output, a32), diagonal(output, a64), atol=1e-6)
    ones = np.linspace(-1.0, 1.0, z.size).reshape(z.shape)
    single_grad = backward(output, a32, ones.astype(np.float32))
    np.testing.assert_allclose(single_grad, backward(output, a64, ones), atol=1e-6)


@each_output
def test_an_outputs_slope_reaches_its_peak_and_no_further(output: Output) -> None:
    z = np.stack([np.linspace(-30.0, 30.0, 6001), np.zeros(6001)], axis=-1)
    assert diagonal(output, value(output, z)).max() == pytest.approx(output.peak, rel=1e-6)


@each_dtype
@each_output
def test_outputs_are_finite_far_out(output: Output, dtype: npt.DTypeLike) -> None:
    z = np.array([EXTREMES, EXTREMES[::-1], (1e30, -1e30, 0.0, 1e3, 1.0), (1e3,) * 5, (-1e3,) * 5], dtype)
    a = value(output, z)
    grad = backward(output, a, np.ones_like(a))
    assert diagonal(output, a).dtype == grad.dtype == a.dtype == dtype


@quick
@given(z=away_from_kinks(3, 5, limit=1000))
def test_softmax_is_a_distribution(z: Array) -> None:
    for dtype in DTYPES:
        a = value(OUTPUTS["softmax"](), z.astype(dtype))
        assert (a >= 0.0).all()
        np.testing.assert_allclose(a.sum(axis=-1), 1.0, rtol=3.0 * float(np.finfo(dtype).eps))


@each_pair
@quick
@given(z=away_from_kinks(3, 4, limit=5), seed=st.integers(0, 999))
def test_a_losss_delta_is_the_derivative_of_its_value(loss: Loss, output: Output, z: Array, seed: int) -> None:
    y = distribution(3, 4, seed)
    assume(no_error_is_at_a_kink(loss, output, z, y))
    expected = slopes(lambda at: loss_of(loss, output, at, y), z)
    np.testing.assert_allclose(delta_of(loss, output, z, y), expected, rtol=1e-9, atol=1e-9)


@each_pair
@quick
@given(z=away_from_kinks(3, 4, limit=5), seed=st.integers(0, 999))
def test_a_loss_is_the_same_in_single_precision(loss: Loss, output: Output, z: Array, seed: int) -> None:
    z32, y32 = z.astype(np.float32), distribution(3, 4, seed).astype(np.float32)
    z64, y64 = z32.astype(np.float64), y32.astype(np.float64)
    assume(no_error_is_at_a_kink(loss, output, z64, y64))
    value32, delta32 = loss_of(loss, output, z32, y32), delta_of(loss, output, z32, y32)
    assert value32.dtype == delta32.dtype == np.float32
    np.testing.assert_allclose(value32, loss_of(loss, output, z64, y64), rtol=1e-6, atol=2e-6)
    np.testing.assert_allclose(delta32, delta_of(loss, output, z64, y64), rtol=1e-6, atol=2e-6)


@each_dtype
@each_pair
def test_losses_are_finite_far_out(loss: Loss, output: Output, dtype: npt.DTypeLike) -> None:
    z = np.array([EXTREMES, EXTREMES[::-1], (1e3,) * 5, (-1e3,) * 5], dtype)
    for y in np.eye(5, dtype=dtype):
        targets = np.tile(y, (len(z), 1))
        assert (loss_of(loss, output, z, targets) >= 0.0).all()
        delta_of(loss, output, z, targets)


@pytest.mark.parametrize("sure", [20.0, 40.0, 700.0])
def test_a_small_cross_entropy_keeps_its_digits(sure: float) -> None:
    """The loss of a sure and right prediction is tiny, not 0: the logits know what the predictions round away."""
    loss, expected = LOSSES["cross_entropy"](), np.log1p(np.exp(-sure))
    for z, y in ((sure, 1.0), (-sure, 0.0)):
        found = loss_of(loss, OUTPUTS["sigmoid"](), np.array([[z]]), np.array([[y]]))
        assert found.item() == pytest.approx(expected, rel=1e-14, abs=0.0)
    wrong = loss_of(loss, OUTPUTS["softmax"](), np.array([[sure, 0.0]]), np.array([[0.0, 1.0]]))
    assert wrong.item() == pytest.approx(sure + expected, rel=1e-15)


@pytest.mark.parametrize("output", ["softmax", "sigmoid", "tanh", "linear"])
@pytest.mark.parametrize("key", ["mae", "huber"])
def test_an_error_of_0_has_no_gradient(key: str, output: str) -> None:
    loss, z = LOSSES[key](), np.array([[0.3, -2.0, 0.0]])
    y = value(OUTPUTS[output](), z)
    assert loss_of(loss, OUTPUTS[output](), z, y).item() == 0.0
    np.testing.assert_array_equal(delta_of(loss, OUTPUTS[output](), z, y), 0.0)


@each_pair
def test_a_loss_makes_no_array_of_all_units(loss: Loss, output: Output) -> None:
    z = np.linspace(-5.0, 5.0, 400_000).reshape(4, 100, 1000)
    y = np.full_like(z, 1e-3)
    a, slope, out, work = (np.empty_like(z) for _ in range(4))
    tracemalloc.start()
    output.value(z, a, work)
    output.derivative(a, slope)
    loss.value(output, z, a, y, work)
    loss.backward(output, a, slope, y, out)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < z.size / 2


def test_errors_train_every_output_and_cross_entropy_only_probabilities() -> None:
    assert REFUSED == [("cross_entropy", "tanh"), ("cross_entropy", "linear")]


@pytest.mark.parametrize(("loss_key", "output_key"), REFUSED)
def test_a_refused_pairing_says_why_and_what_to_take(loss_key: str, output_key: str) -> None:
    loss: Any = LOSSES[loss_key]()
    with pytest.raises(ParameterError) as caught:
        dataclasses.replace(TrainRun(), loss=loss, output=OUTPUTS[output_key]())
    assert caught.value.path == "loss"
    assert loss.refusal
    assert loss.refusal in caught.value.problem
    assert all(key in caught.value.problem for key in loss.outputs)

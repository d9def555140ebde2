"""What every optimizer owes to the stack, whatever its rule and its settings."""

from __future__ import annotations

import dataclasses
import itertools
import tracemalloc
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradsim.engine.optim import OPTIMIZERS
from gradsim.engine.optim.adaptive import RmsProp
from gradsim.engine.types import Array
from gradsim.schema.parameters import Integer, Number, parameters
from tests.property.cases import cases

DTYPES = (np.float32, np.float64)
seeds = st.integers(0, 2**32 - 1)

Columns = dict[str, npt.NDArray[np.float64]]


def settings_of(key: str) -> dict[str, Number | Integer]:
    """Return the settings of an optimizer, all of them numbers."""
    found = parameters(OPTIMIZERS[key])
    numbers = {name: parameter for name, parameter in found.items() if isinstance(parameter, Number | Integer)}
    assert numbers.keys() == found.keys()
    return numbers


def columns(values: list[dict[str, float]]) -> Columns:
    """Return hyper-parameters as columns, a row for each network."""
    return {name: np.array([[each[name]] for each in values], np.float64) for name in values[0]}


def room(key: str, x: Array) -> list[Array]:
    """Return all the scratch space that an update may need; what is in it must not matter."""
    return [np.full_like(x, np.nan) for _ in range(OPTIMIZERS[key].scratch + 1)]


def run(key: str, x: Array, gradients: list[Array], h: Columns) -> Array:
    """Return where `x` has come to after a step along each of the gradients."""
    x = x.copy()
    state = {name: np.zeros_like(x) for name in OPTIMIZERS[key].state}
    for t, g in enumerate(gradients, 1):
        before = [g.tobytes(), *(column.tobytes() for column in h.values())]
        with np.errstate(all="ignore"):
            OPTIMIZERS[key].update(x, g, state, h, t, *room(key, x))
        assert [g.tobytes(), *(column.tobytes() for column in h.values())] == before
    return x


def drawn(parameter: Number | Integer, rng: np.random.Generator) -> float:
    """Return a value from the slider, or where zero turns something off, zero every other time."""
    low, high = parameter.slider or (parameter.low, parameter.high)
    share = rng.uniform()
    if parameter.low == 0 and rng.uniform() < 0.5:
        return 0.0
    if isinstance(parameter, Integer):
        return float(rng.integers(int(low), int(high) + 1))
    return float(low * (high / low) ** share if parameter.log else low + share * (high - low))


def usual(key: str, rng: np.random.Generator, **fixed: float) -> dict[str, float]:
    """Return settings drawn from their sliders, those in `fixed` as they are."""
    return {name: fixed.get(name, drawn(parameter, rng)) for name, parameter in settings_of(key).items()}


def normal(rng: np.random.Generator, steps: int, shape: tuple[int, int], dtype: npt.DTypeLike) -> list[Array]:
    return [rng.standard_normal(shape).astype(dtype) for _ in range(steps)]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("key", OPTIMIZERS)
@cases(15)
@given(k=st.integers(1, 4), steps=st.integers(1, 6), seed=seeds)
def test_each_network_takes_its_own_step_whoever_its_neighbours(
    key: str, dtype: npt.DTypeLike, k: int, steps: int, seed: int
) -> None:
    """Alone, together, and together in another order: the same bits."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((k, 5)).astype(dtype)
    gradients = normal(rng, steps, (k, 5), dtype)
    each = [usual(key, rng) for _ in range(k)]
    together = run(key, x, gradients, columns(each))
    assert together.dtype == dtype
    for row in range(k):
        alone = run(key, x[row : row + 1], [g[row : row + 1] for g in gradients], columns([each[row]]))
        np.testing.assert_array_equal(together[row], alone[0])
    order = rng.permutation(k)
    turned = run(key, x[order], [g[order] for g in gradients], columns([each[i] for i in order]))
    np.testing.assert_array_equal(turned, together[order])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("key", OPTIMIZERS)
def test_a_gradient_of_zero_moves_nothing_at_the_edges_of_all_settings(key: str, dtype: npt.DTypeLike) -> None:
    """A unit that is dead, or a pixel that is never lit, has a gradient of exactly zero."""
    edges: Any = [[(name, p.low), (name, p.high)] for name, p in settings_of(key).items() if name != "weight_decay"]
    h = columns([dict(each) | {"weight_decay": 0.0} for each in itertools.product(*edges)])
    x = np.ones((len(h["learning_rate"]), 3), dtype)
    np.testing.assert_array_equal(run(key, x, [np.zeros_like(x)] * 5, h), x)


@pytest.mark.parametrize("key", OPTIMIZERS)
@cases(15)
@given(seed=seeds)
def test_where_no_gradient_is_weight_decay_shrinks(key: str, seed: int) -> None:
    """Not centered: about its mean, what decays steadily has no variance to be divided by."""
    rng = np.random.default_rng(seed)
    h = columns([dict(usual(key, rng), weight_decay=0.1, learning_rate=1e-3) | {"centered": 0.0}])
    x = np.array([[0.7, -1.3, 0.0]])
    moved = run(key, x, [np.zeros_like(x)] * 3, h)
    assert (np.abs(moved[:, :2]) < np.abs(x[:, :2])).all()
    assert moved[0, 2] == 0.0


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("key", OPTIMIZERS)
@cases(15)
@given(seed=seeds)
def test_gradients_of_zero_leave_numbers_finite(key: str, dtype: npt.DTypeLike, seed: int) -> None:
    """Not centered: weight decay's gradient over next to no variance may leave the range of numbers."""
    rng = np.random.default_rng(seed)
    h = columns([usual(key, rng, learning_rate=1e-3) | {"centered": 0.0}])
    x = rng.standard_normal((1, 4)).astype(dtype)
    some = rng.standard_normal((1, 4)).astype(dtype)
    assert np.isfinite(run(key, x, [np.zeros_like(x), np.zeros_like(x), some, np.zeros_like(x)], h)).all()


@pytest.mark.parametrize("key", OPTIMIZERS)
@cases(15)
@given(seed=seeds)
def test_the_first_step_goes_downhill(key: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, g = np.zeros((1, 8)), rng.standard_normal((1, 8))
    np.testing.assert_array_equal(np.sign(run(key, x, [g], columns([usual(key, rng)]))), -np.sign(g))


@pytest.mark.parametrize("key", OPTIMIZERS)
@cases(15)
@given(seed=seeds)
def test_only_a_proportional_rule_takes_steps_in_proportion(key: str, seed: int) -> None:
    """With the default settings, after three other gradients: is the step along the fourth a multiple of it?"""
    gradients = normal(np.random.default_rng(seed), 4, (1, 8), np.float64)
    h, x = columns([dict(dataclasses.asdict(OPTIMIZERS[key]()), weight_decay=0.0)]), np.zeros((1, 8))
    multiples = (run(key, x, gradients, h) - run(key, x, gradients[:3], h)) / gradients[3]
    assert np.allclose(multiples, multiples[0, 0], rtol=1e-6, atol=0.0) == OPTIMIZERS[key].proportional


@pytest.mark.parametrize("key", OPTIMIZERS)
@cases(15)
@given(seed=seeds)
def test_single_precision_agrees_as_far_as_it_goes(key: str, seed: int) -> None:
    """Gradients, their averages and the points stay near 1, so rounding is all that tells the two apart.

    Not centered: of two averages that are nearly equal, the difference has few digits.
    """
    rng = np.random.default_rng(seed)
    h = columns([dict(usual(key, rng), learning_rate=0.01, epsilon=1e-3) | {"centered": 0.0}])
    x = rng.standard_normal((1, 6)).astype(np.float32)
    # All of one sign: where averages of changing signs cancel, digits go, and a sign may turn.
    gradients = [np.abs(g) + np.float32(0.5) for g in normal(rng, 6, (1, 6), np.float32)]
    single = run(key, x, gradients, h)
    double = run(key, x.astype(np.float64), [g.astype(np.float64) for g in gradients], h)
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, double, rtol=2e-4, atol=2e-4)


@pytest.mark.parametrize("key", OPTIMIZERS)
@cases(15)
@given(seed=seeds)
def test_without_weight_decay_the_setting_may_be_left_out(key: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    h = columns([usual(key, rng, weight_decay=0.0)])
    gradients = normal(rng, 4, (1, 5), np.float64)
    without = {name: column for name, column in h.items() if name != "weight_decay"}
    x = rng.standard_normal((1, 5))
    np.testing.assert_array_equal(run(key, x, gradients, without), run(key, x, gradients, h))


@pytest.mark.parametrize("key", OPTIMIZERS)
@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
def test_nothing_as_large_as_the_network_is_allocated(key: str, weight_decay: float) -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((4, 20_000))
    g, work = rng.standard_normal(x.shape), room(key, x)
    h = columns([usual(key, rng, weight_decay=weight_decay)] * 4)
    state = {name: np.zeros_like(x) for name in OPTIMIZERS[key].state}
    OPTIMIZERS[key].update(x, g, state, h, 1, *work)
    tracemalloc.start()
    try:
        OPTIMIZERS[key].update(x, g, state, h, 2, *work)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < x[0].nbytes


@pytest.mark.parametrize("key", OPTIMIZERS)
@cases(15)
@given(seed=seeds)
def test_scratch_that_is_missing_is_found(key: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, g = rng.standard_normal((2, 3)), rng.standard_normal((2, 3))
    h = columns([usual(key, rng, weight_decay=0.1) for _ in range(2)])
    found = x.copy()
    OPTIMIZERS[key].update(found, g, {name: np.zeros_like(x) for name in OPTIMIZERS[key].state}, h, 1)
    np.testing.assert_array_equal(found, run(key, x, [g], h))


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("centered", [0, 1])
def test_what_is_not_kept_is_not_needed(momentum: float, centered: int) -> None:
    """RMSprop without momentum, or not centered, has fewer arrays and takes the same steps, bit for bit."""
    rng = np.random.default_rng(1)
    rule = RmsProp(momentum=momentum, centered=centered)
    assert rule.used_state == ("mean_square", *["mean"] * centered, *["velocity"] * bool(momentum))
    gradients = normal(rng, 5, (2, 6), np.float64)
    h = columns([dataclasses.asdict(rule)] * 2)
    x = rng.standard_normal((2, 6))
    few, state = x.copy(), {name: np.zeros_like(x) for name in rule.used_state}
    for t, g in enumerate(gradients, 1):
        rule.update(few, g, state, h, t)
    np.testing.assert_array_equal(few, run("rmsprop", x, gradients, h))


def test_a_constant_gradient_has_no_negative_variance() -> None:
    """Rounding leaves less than nothing of s - m^2, of which PyTorch takes the root: NaN."""
    x = np.zeros((1, 4000))
    gradients: list[Array] = [np.random.default_rng(2).standard_normal(x.shape)] * 40
    h = columns([dataclasses.asdict(RmsProp(centered=1, alpha=0.2))])
    assert np.isfinite(run("rmsprop", x, gradients, h)).all()

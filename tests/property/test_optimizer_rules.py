"""What every optimizer owes to the stack, whatever its rule and its settings."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradsim.engine.optimizers import OPTIMIZERS
from gradsim.engine.parameters import Number, parameters
from gradsim.engine.types import Array
from tests.property.cases import cases

DTYPES = (np.float32, np.float64)
seeds = st.integers(0, 2**32 - 1)


def settings_of(key: str) -> dict[str, Number]:
    """Return the settings of an optimizer, all of them numbers."""
    found = parameters(OPTIMIZERS[key])
    assert all(isinstance(parameter, Number) for parameter in found.values())
    return {name: parameter for name, parameter in found.items() if isinstance(parameter, Number)}


def columns(values: list[dict[str, float]]) -> dict[str, npt.NDArray[np.float64]]:
    """Return hyper-parameters as columns, a row for each network."""
    return {name: np.array([[each[name]] for each in values]) for name in values[0]}


def run(key: str, x: Array, gradients: list[Array], h: dict[str, npt.NDArray[np.float64]]) -> Array:
    """Return where `x` has come to after a step along each of the gradients."""
    x = x.copy()
    state = {name: np.zeros_like(x) for name in OPTIMIZERS[key].state}
    work = np.full_like(x, np.nan)  # what is in it must not matter
    for t, g in enumerate(gradients, 1):
        before = [g.tobytes(), *(column.tobytes() for column in h.values())]
        with np.errstate(all="ignore"):
            OPTIMIZERS[key].update(x, g, state, h, t, work)
        assert [g.tobytes(), *(column.tobytes() for column in h.values())] == before
        work.fill(np.nan)
    return x


def usual(key: str, rng: np.random.Generator) -> dict[str, float]:
    """Return settings drawn from their sliders."""
    drawn = {}
    for name, parameter in settings_of(key).items():
        low, high = parameter.slider or (parameter.low, parameter.high)
        share = rng.uniform()
        drawn[name] = low * (high / low) ** share if parameter.log else low + share * (high - low)
    return drawn


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("key", OPTIMIZERS)
@cases(15)
@given(k=st.integers(1, 4), steps=st.integers(1, 6), seed=seeds)
def test_each_network_takes_its_own_step_whoever_its_neighbours(
    key: str, dtype: npt.DTypeLike, k: int, steps: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((k, 5)).astype(dtype)
    gradients: list[Array] = [rng.standard_normal((k, 5)).astype(dtype) for _ in range(steps)]
    each = [usual(key, rng) for _ in range(k)]
    together = run(key, x, gradients, columns(each))
    assert together.dtype == dtype
    for row in range(k):
        alone = run(key, x[row : row + 1], [g[row : row + 1] for g in gradients], columns([each[row]]))
        np.testing.assert_array_equal(together[row], alone[0])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("key", OPTIMIZERS)
def test_a_gradient_of_zero_moves_nothing_at_the_edges_of_all_settings(key: str, dtype: npt.DTypeLike) -> None:
    """A unit that is dead, or a pixel that is never lit, has a gradient of exactly zero."""
    edges: Any = [[(name, p.low), (name, p.high)] for name, p in settings_of(key).items()]
    h = columns([dict(each) for each in itertools.product(*edges)])
    x = np.ones((len(h["learning_rate"]), 3), dtype)
    np.testing.assert_array_equal(run(key, x, [np.zeros_like(x)] * 5, h), x)


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
    rng = np.random.default_rng(seed)
    gradients: list[Array] = [rng.standard_normal((1, 8)) for _ in range(4)]
    h, x = columns([usual(key, rng)]), np.zeros((1, 8))
    once, larger = run(key, x, gradients, h), run(key, x, [1024.0 * g for g in gradients], h)
    assert np.array_equal(larger, 1024.0 * once) == OPTIMIZERS[key].proportional

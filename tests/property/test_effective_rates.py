"""How long a step is for each unit of its gradient, as an optimizer states it, against the steps that it takes."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradsim.engine.optim import OPTIMIZERS
from gradsim.engine.types import Array
from tests.property.cases import cases
from tests.property.test_optimizer_rules import Columns, columns, normal, seeds, usual

OF_SIGN = {"lion"}
"""Rules whose steps are no multiples of their gradients."""
STATED = sorted(OPTIMIZERS.keys() - OF_SIGN)
PLAIN = {"momentum": 0.0, "beta1": 0.0, "dampening": 0.0, "weight_decay": 0.0, "centered": 0.0}


def last_step(key: str, gradients: list[Array], h: Columns) -> tuple[Array, Array | None]:
    """Return the last step along these gradients, and the rate that is stated after it."""
    rule, x = OPTIMIZERS[key], np.zeros_like(gradients[0])
    state = {name: np.zeros_like(x) for name in rule.state}
    before = x
    for t, g in enumerate(gradients, 1):
        before = x.copy()
        rule.update(x, g, state, h, t)
    return x - before, rule.effective_rate(state, h, len(gradients))


@pytest.mark.parametrize("key", [key for key in STATED if key != "adadelta"])
@cases(15)
@given(steps=st.integers(1, 8), seed=seeds)
def test_without_momentum_the_last_step_is_the_rate_times_its_gradient(key: str, steps: int, seed: int) -> None:
    """All but Adadelta, whose average of steps already has the last one in it."""
    rng = np.random.default_rng(seed)
    each = [{**usual(key, rng), **{name: 0.0 for name in PLAIN if name in usual(key, rng)}} for _ in range(2)]
    gradients = normal(rng, steps, (2, 6), np.float64)
    h = columns([dict(settings, learning_rate=0.01) for settings in each])
    move, rate = last_step(key, gradients, h)
    assert rate is not None
    np.testing.assert_allclose(move, -rate * gradients[-1], rtol=1e-6)


@pytest.mark.parametrize("key", STATED)
def test_a_gradient_that_stays_comes_to_that_rate_with_momentum_too(key: str) -> None:
    defaults: dict[str, Any] = dataclasses.asdict(OPTIMIZERS[key]()) | {"weight_decay": 0.0}
    more = {"rmsprop": {"momentum": 0.8}, "momentum": {"dampening": 0.3}}.get(key, {})
    h = columns([defaults | more])
    g = np.random.default_rng(3).uniform(0.1, 2.0, (1, 7))
    move, rate = last_step(key, [g] * 500, h)
    assert rate is not None
    np.testing.assert_allclose(-move / g, np.broadcast_to(rate, g.shape), rtol=2e-3)


@pytest.mark.parametrize("key", STATED)
def test_only_where_a_gradient_has_come_is_its_scale_known(key: str) -> None:
    h = columns([dataclasses.asdict(OPTIMIZERS[key]())])
    g = np.array([[0.0, 0.3, 0.0, -0.7]])
    _, rate = last_step(key, [g, 2.0 * g, 0.0 * g], h)
    assert rate is not None
    divides = rate.shape[1] > 1
    np.testing.assert_array_equal(np.isnan(np.broadcast_to(rate, g.shape)), divides & (g == 0.0))
    assert divides != (key in {"sgd", "momentum", "nag"})


@pytest.mark.parametrize("key", sorted(OF_SIGN))
def test_steps_of_one_length_have_no_such_rate(key: str) -> None:
    g = np.array([[1e-3, 1.0, -5.0]])
    move, rate = last_step(key, [g], columns([dataclasses.asdict(OPTIMIZERS[key]())]))
    assert rate is None
    assert np.ptp(np.abs(move)) == 0.0

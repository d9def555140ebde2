"""Gradients that leave the range of float32 on the way back, against the same passes in float64."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest

from gradsim.engine.nn.activations import ACTIVATIONS
from gradsim.engine.nn.losses import LOSSES
from gradsim.engine.nn.network import Model, Stack
from gradsim.engine.nn.outputs import OUTPUTS
from gradsim.engine.types import Array

BATCH, WIDTH, INPUTS, OUTPUT_UNITS = 8, 6, 5, 3
TINY = float(np.finfo(np.float32).tiny)


def stack_of(depth: int, scales: Sequence[Sequence[float]], dtype: str, activation: str = "tanh") -> Stack:
    """Return networks that have been forward and back, each with factors of the weights of its layers."""
    sizes = [INPUTS, *[WIDTH] * depth, OUTPUT_UNITS]
    model = Model(ACTIVATIONS[activation](), OUTPUTS["softmax"](), LOSSES["cross_entropy"]())
    stack = Stack(sizes, BATCH, [model] * len(scales), 1, dtype)
    rng = np.random.Generator(np.random.PCG64(1))
    draws = [rng.normal(0.0, 1.0, pair).astype(np.float32) / np.float32(2.0) for pair in pairwise(sizes)]
    for network, factors in enumerate(scales):
        for layer, (draw, factor) in enumerate(zip(draws, factors, strict=True)):
            stack.w[layer][network] = draw * np.float32(factor)
    x = rng.normal(0.0, 1.0, (1, BATCH, INPUTS)).astype(np.float32).astype(dtype)
    y = np.eye(OUTPUT_UNITS)[rng.integers(0, OUTPUT_UNITS, (1, BATCH))].astype(dtype)
    with np.errstate(all="ignore"):
        stack.forward(x)
        stack.backward(x, y)
    return stack


def falling(depth: int, factor: float) -> list[float]:
    return [1.0, *[factor] * (depth - 1), 1.0]


def assert_alike(found: Array, expected: Array) -> None:
    """Fail unless numbers are alike, to the precision of sums of numbers as large as the largest in float32."""
    np.testing.assert_allclose(found, expected, rtol=0.0, atol=1e-5 * np.abs(expected).max() + 200.0 * TINY)


@pytest.mark.parametrize("factor", [0.3, 0.03, 1e-4])
def test_what_vanishes_is_what_float64_says_as_far_as_float32_can_hold_it(factor: float) -> None:
    depth = 30
    single, double = (stack_of(depth, [falling(depth, factor)], dtype, "linear") for dtype in ("float32", "float64"))
    assert 0.0 < np.abs(double.dw[0]).max() < 1e-10
    for layer in range(depth + 1):
        assert_alike(single.delta[layer], double.delta[layer])
        assert_alike(single.dw[layer], double.dw[layer])
        assert_alike(single.db[layer], double.db[layer])
    norms = double.back_norms
    held = norms > 1e3 * TINY
    np.testing.assert_allclose(single.back_norms[held], norms[held], rtol=1e-4)
    assert (single.back_norms[~held] <= 2e3 * TINY).all()


@pytest.mark.parametrize(("first", "up", "down"), [(1.0, 1e5, 1e-5), (1e-30, 1e10, 1e-8)])
def test_what_has_vanished_may_grow_again(first: float, up: float, down: float) -> None:
    factors = [first, *[up] * 4, *[down] * 4, 1.0]
    single, double = (stack_of(9, [factors], dtype, "linear") for dtype in ("float32", "float64"))
    assert np.abs(double.delta[4]).max() < 1e-15
    assert np.abs(double.delta[0]).max() > 1e10 * np.abs(double.delta[4]).max()
    for layer in range(10):
        for name in ("delta", "dw"):
            assert_alike(getattr(single, name)[layer], getattr(double, name)[layer])
    np.testing.assert_allclose(single.back_norms, double.back_norms, rtol=1e-3)


def test_no_network_depends_on_what_vanishes_in_another() -> None:
    depth = 30
    scales = [falling(depth, factor) for factor in (1.0, 0.3, 0.03, 1e-4, 0.0)]
    together = stack_of(depth, scales, "float32")
    for network, factors in enumerate(scales):
        alone = stack_of(depth, [factors], "float32")
        np.testing.assert_array_equal(together.grads[network], alone.grads[0])
        np.testing.assert_array_equal(together.back_norms[:, network], alone.back_norms[:, 0])
        for layer in range(depth + 1):
            np.testing.assert_array_equal(together.delta[layer][network], alone.delta[layer][0])


def test_next_to_nothing_on_the_way_back_is_denormal_so_that_it_is_fast() -> None:
    depth = 60
    stack = stack_of(depth, [falling(depth, 0.5)], "float32", "sigmoid")
    small = [np.abs(layer[(layer != 0.0) & (np.abs(layer) < TINY)]) for layer in stack.delta]
    assert not any(len(each) for each in small)
    assert not stack.delta[0].any()
    assert stack.delta[-1].all()

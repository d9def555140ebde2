"""Whole networks: gradients against central differences and an independent autodiff; stacks against singles."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import autograd
import autograd.numpy as anp
import autograd.scipy.special as asp
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gradsim.engine.nn.activations import ACTIVATIONS
from gradsim.engine.nn.losses import LOSSES
from gradsim.engine.nn.network import Model, Stack
from gradsim.engine.nn.outputs import OUTPUTS
from gradsim.engine.nn.probes import Meter
from gradsim.engine.types import Array
from tests.property.cases import cases

# Each activation once, and each pairing of loss and output once.
COMBINATIONS = [
    *((activation, "softmax", "cross_entropy") for activation in ACTIVATIONS),
    *(("tanh", output, loss) for loss in LOSSES for output in LOSSES[loss].outputs),
]


# The textbook's formulas once more, for autodiff: nothing here comes from the engine. A new entry needs its own.
FORMULAS: Mapping[str, Callable[[Any], Any]] = {
    "sigmoid": lambda z: 1.0 / (1.0 + anp.exp(-z)),
    "tanh": lambda z: (anp.exp(z) - anp.exp(-z)) / (anp.exp(z) + anp.exp(-z)),
    "relu": lambda z: anp.where(z > 0.0, z, 0.0),
    "leaky_relu": lambda z: anp.where(z > 0.0, z, 0.01 * z),
    "elu": lambda z: anp.where(z > 0.0, z, anp.exp(z) - 1.0),
    "selu": lambda z: 1.0507009873554805 * anp.where(z > 0.0, z, 1.6732632423543772 * (anp.exp(z) - 1.0)),
    "gelu": lambda z: 0.5 * z * (1.0 + asp.erf(z / anp.sqrt(2.0))),
    "silu": lambda z: z / (1.0 + anp.exp(-z)),
    "softplus": lambda z: anp.log(1.0 + anp.exp(z)),
    "softsign": lambda z: z / (1.0 + anp.abs(z)),
    "hard_sigmoid": lambda z: anp.where(z < -3.0, 0.0, anp.where(z > 3.0, 1.0, (z + 3.0) / 6.0)),
    "linear": lambda z: z,
    "softmax": lambda z: anp.exp(z) / anp.sum(anp.exp(z), axis=1, keepdims=True),
}
ERROR_FORMULAS: Mapping[str, Callable[[Any], Any]] = {
    "mse": lambda d: 0.5 * d**2,
    "mae": lambda d: d,
    "huber": lambda d: anp.where(d < 1.0, 0.5 * d**2, d - 0.5),
}
LOSS_FORMULAS: Mapping[tuple[str, str], Callable[[Any, Any], Any]] = {
    ("cross_entropy", "softmax"): lambda a, y: -y * anp.log(a),
    ("cross_entropy", "sigmoid"): lambda a, y: -y * anp.log(a) - (1.0 - y) * anp.log(1.0 - a),
}

# Where a derivative jumps, or its slope does: of hidden units by |z|, of losses by |a - y|.
KINKS = {"relu": 0.0, "leaky_relu": 0.0, "elu": 0.0, "selu": 0.0, "softsign": 0.0, "hard_sigmoid": 3.0}
LOSS_KINKS = {"mae": 0.0, "huber": 1.0}

shapes = st.lists(st.integers(1, 4), min_size=2, max_size=5)
seeds = st.integers(0, 2**32 - 1)
few = cases(12)


def model(activation: str, output: str, loss: str) -> Model:
    return Model(ACTIVATIONS[activation](), OUTPUTS[output](), LOSSES[loss]())


def formula(loss: str, output: str, a: Any, y: Any) -> Any:
    return ERROR_FORMULAS[loss](anp.abs(a - y)) if loss in ERROR_FORMULAS else LOSS_FORMULAS[loss, output](a, y)


def clear_of(kink: float | None, arrays: Sequence[Array]) -> bool:
    """Tell whether central differences of what bends at |x| = kink can be taken."""
    return kink is None or all(np.abs(np.abs(array) - kink).min() > 1e-3 for array in arrays)


def filled(stack: Stack, seed: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Give the stack random parameters; return random inputs and targets for its replicas."""
    rng = np.random.default_rng(seed)
    stack.params[:] = 0.8 * rng.standard_normal(stack.params.shape)
    x = rng.standard_normal((stack.replicas, stack.batch, stack.sizes[0]))
    y = rng.dirichlet(np.ones(stack.sizes[-1]), (stack.replicas, stack.batch))
    return x, y


def train_step(stack: Stack, x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> None:
    stack.forward(x)
    stack.backward(x, y)


@pytest.mark.parametrize(("activation", "output", "loss"), COMBINATIONS)
@few
@given(sizes=shapes, batch=st.integers(1, 4), seed=seeds)
def test_gradients_are_those_of_an_independent_autodiff(
    activation: str, output: str, loss: str, sizes: list[int], batch: int, seed: int
) -> None:
    stack = Stack(sizes, batch, [model(activation, output, loss)], 1, np.float64)
    x, y = filled(stack, seed)
    train_step(stack, x, y)
    assume(np.abs(stack.z[-1]).max() < 6.0)  # further out the naive formulas above lose digits, not the engine

    def objective(layers: list[tuple[Any, Any]]) -> Any:
        a = x[0]
        for i, (w, b) in enumerate(layers):
            a = FORMULAS[output if i == len(layers) - 1 else activation](anp.dot(a, w) + b)
        return anp.sum(formula(loss, output, a, y[0])) / batch

    layers = [(w[0].copy(), b[0].copy()) for w, b in zip(stack.w, stack.b, strict=True)]
    assert stack.loss[0] == pytest.approx(objective(layers), rel=1e-12)
    for layer, (dw, db) in enumerate(autograd.grad(objective)(layers)):
        for mine, other in ((stack.dw[layer][0], dw), (stack.db[layer][0], db)):
            assert np.linalg.norm(mine - other) <= 1e-11 * np.linalg.norm(other) + 1e-13


@pytest.mark.parametrize(("activation", "output", "loss"), COMBINATIONS)
@few
@given(sizes=shapes, batch=st.integers(1, 3), seed=seeds)
def test_gradients_are_central_differences_of_the_loss(
    activation: str, output: str, loss: str, sizes: list[int], batch: int, seed: int
) -> None:
    single = Stack(sizes, batch, [model(activation, output, loss)], 1, np.float64)
    x, y = filled(single, seed)
    train_step(single, x, y)
    assume(clear_of(KINKS.get(activation), single.z[:-1]))
    assume(clear_of(LOSS_KINKS.get(loss), [single.predictions - y]))
    # One network for each parameter moved up, and one for each moved down.
    h, count = 6e-6, single.params.shape[1]
    moved = Stack(sizes, batch, [model(activation, output, loss)], 2 * count, np.float64)
    moved.params[:] = single.params + np.concatenate([np.eye(count), -np.eye(count)]) * h
    train_step(moved, np.tile(x, (2 * count, 1, 1)), np.tile(y, (2 * count, 1, 1)))
    differences = (moved.loss[:count] - moved.loss[count:]) / (2 * h)
    assert np.linalg.norm(single.grads[0] - differences) <= 1e-8 * max(float(np.linalg.norm(differences)), 0.1)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@cases(30)
@given(sizes=shapes, batch=st.integers(1, 5), replicas=st.integers(1, 3), seed=seeds)
def test_stacked_networks_are_the_single_ones_bit_for_bit(
    dtype: npt.DTypeLike, sizes: list[int], batch: int, replicas: int, seed: int
) -> None:
    models = [model(*keys) for keys in COMBINATIONS]
    stack = Stack(sizes, batch, models, replicas, dtype)
    x, y = (array.astype(dtype) for array in filled(stack, seed))
    meter = Meter(stack)
    train_step(stack, x, y)
    meter.measure()
    for k in range(stack.k):
        run, replica = divmod(k, replicas)
        single = Stack(sizes, batch, [models[run]], 1, dtype)
        single.params[:] = stack.params[k]
        alone = Meter(single)
        train_step(single, x[replica : replica + 1], y[replica : replica + 1])
        alone.measure()
        np.testing.assert_array_equal(stack.grads[k], single.grads[0])
        np.testing.assert_array_equal(stack.loss[k], single.loss[0])
        np.testing.assert_array_equal(stack.predictions[k], single.predictions[0])
        np.testing.assert_array_equal(meter.values[:, k], alone.values[:, 0])


@cases(30)
@given(sizes=shapes, batch=st.integers(1, 5), seed=seeds)
def test_forward_and_backward_leave_parameters_and_data_alone(sizes: list[int], batch: int, seed: int) -> None:
    stack = Stack(sizes, batch, [model(*keys) for keys in COMBINATIONS], 2, np.float64)
    x, y = filled(stack, seed)
    before = [array.tobytes() for array in (stack.params, x, y)]
    train_step(stack, x, y)
    assert [array.tobytes() for array in (stack.params, x, y)] == before

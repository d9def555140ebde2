"""Samples run forward through a stack: piece by piece to the same losses and predictions as in a batch."""

from __future__ import annotations

import numpy as np
import pytest

from gradsim.engine.nn.activations import ACTIVATIONS
from gradsim.engine.nn.forward import PIECE, Forward
from gradsim.engine.nn.losses import LOSSES
from gradsim.engine.nn.network import Model, Stack
from gradsim.engine.nn.outputs import OUTPUTS

COUNT, REPLICAS = 2 * PIECE + 7, 2


def stack(batch: int, output: str, loss: str) -> Stack:
    models = [Model(ACTIVATIONS[name](), OUTPUTS[output](), LOSSES[loss]()) for name in ("sigmoid", "relu", "relu")]
    made = Stack([3, 7, 5, 4], batch, models, REPLICAS, np.float64)
    made.params[:] = np.random.default_rng(0).normal(size=made.params.shape)
    return made


@pytest.mark.parametrize(
    ("output", "loss"),
    [("softmax", "cross_entropy"), ("sigmoid", "cross_entropy"), ("linear", "mse"), ("tanh", "mae")],
)
def test_pieces_are_what_one_batch_of_all_is(output: str, loss: str) -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(COUNT, 3)), np.eye(4)[rng.integers(0, 4, COUNT)]
    whole = stack(COUNT, output, loss)
    whole.forward(np.broadcast_to(x, (REPLICAS, *x.shape)))
    losses = whole.sample_losses(np.broadcast_to(y, (REPLICAS, *y.shape)))
    mine = stack(1, output, loss)
    pieces = [(piece.losses, piece.predictions.copy(), piece.targets) for piece in Forward(mine).run(x, y)]
    assert [targets.shape[0] for _, _, targets in pieces] == [PIECE, PIECE, 7]
    np.testing.assert_allclose(np.concatenate([each for each, _, _ in pieces], axis=1), losses, rtol=1e-12)
    np.testing.assert_allclose(
        np.concatenate([each for _, each, _ in pieces], axis=1), whole.predictions, rtol=1e-12, atol=1e-15
    )


def test_the_batch_in_the_stack_stays_as_it_is() -> None:
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(5, 3)), np.eye(4)[rng.integers(0, 4, 5)]
    made = stack(5, "softmax", "cross_entropy")
    made.forward(np.broadcast_to(x, (REPLICAS, *x.shape)))
    before = [array.copy() for array in (*made.z, *made.a, *made.delta)]
    for _ in Forward(made).run(2.0 * x, y):
        pass
    for array, was in zip((*made.z, *made.a, *made.delta), before, strict=True):
        np.testing.assert_array_equal(array, was)

"""A worked example of the literature: one step of a network with two inputs, two hidden units and two outputs.

Matt Mazur, A Step by Step Backpropagation Example, 2015. Its error is half of the sum of squares, as `mse` is here;
its biases are not updated.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradsim.engine.types import Array
from gradsim.sim.kinds.train.trainer import Trainer
from tests.unit.small import train_from

EXAMPLE: dict[str, Any] = {
    "replicas": 1,
    "steps": 10_000,
    "data": {"name": "point", "x": [0.05, 0.10], "y": [0.01, 0.99]},
    "common": {
        "hidden": [2],
        "activation": "sigmoid",
        "output": "sigmoid",
        "loss": "mse",
        "init": {"name": "values", "layers": [[[0.15, 0.25], [0.20, 0.30]], [[0.40, 0.50], [0.45, 0.55]]]},
        "bias_init": {"name": "values", "layers": [[0.35, 0.35], [0.60, 0.60]]},
        "batch_size": "all",
        "optimizer": {"name": "sgd", "learning_rate": 0.5},
    },
}
PUBLISHED = [0.149780716, 0.19956143, 0.24975114, 0.29950229, 0.35891648, 0.408666186, 0.511301270, 0.561370121]
"""w1 to w8 after the first step."""


def after(steps: int, biases: str) -> tuple[list[float], list[Array], list[Array]]:
    """Return the losses on the way, and the weights and biases after so many steps."""
    trainer, losses = Trainer(train_from(EXAMPLE | {"runs": [{"biases": biases}]})), []
    for step in range(steps + 1):
        row = trainer.measure()
        losses.append(float(row[trainer.layout.place(0, "loss")][0, 0]))
        if step < steps:
            trainer.advance()
    found = trainer.member(0)
    assert found is not None
    stack = found[0].stack
    return losses, [w[0].copy() for w in stack.w], [b[0].copy() for b in stack.b]


def test_one_step_with_fixed_biases_is_the_published_one() -> None:
    losses, weights, biases = after(1, "fixed")
    np.testing.assert_allclose(losses, [0.298371109, 0.291027924], rtol=1e-6)  # the second is of rounded weights
    assert losses[0] == pytest.approx(0.298371109, abs=5e-10)
    np.testing.assert_allclose(np.concatenate([w.T.ravel() for w in weights]), PUBLISHED, rtol=5e-8)
    np.testing.assert_array_equal(biases, [[0.35, 0.35], [0.60, 0.60]])


def test_after_ten_thousand_steps_the_error_is_the_published_one() -> None:
    losses, _, _ = after(10_000, "fixed")
    assert losses[-1] == pytest.approx(0.0000351085, rel=1e-3)


def test_with_biases_trained_the_weights_of_the_first_step_are_the_same() -> None:
    _, fixed, _ = after(1, "fixed")
    _, trained, biases = after(1, "trained")
    for one, other in zip(fixed, trained, strict=True):
        np.testing.assert_array_equal(one, other)
    assert all((b != start).all() for b, start in zip(biases, (0.35, 0.60), strict=True))

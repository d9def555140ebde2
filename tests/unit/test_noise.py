"""The noise of a gradient: inner products, the law and what was measured, against gradients taken one by one."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest

from gradsim.engine.data import Samples, Split
from gradsim.engine.nn.network import Model, Stack
from gradsim.engine.types import Array
from gradsim.sim.kinds.train.dimensions import layer_sizes, targets
from gradsim.sim.kinds.train.noise import Noise, gradient_products, noise, noise_sentence
from gradsim.sim.kinds.train.snapshot import Snapshot, snapshots
from gradsim.words.sentences import plain_text
from tests.unit.small import RELU, SIGMOID, experiment, trained

MSE = {"label": "MSE", "activation": "tanh", "output": "sigmoid", "loss": "mse"}
RUNS: tuple[dict[str, Any], ...] = (SIGMOID, RELU, MSE)


def networks(*runs: dict[str, Any], step: int = 6, **data: Any) -> tuple[tuple[Snapshot | None, ...], Split]:
    data = {"name": "moons", "samples": 40, "test_fraction": 0.2} | data
    spec = experiment(*runs, data=data, steps=8, common={"hidden": [5, 4], "batch_size": 8})
    trainer, tape = trained(spec)
    *_, found = snapshots(spec, trainer.data, tape.keyframe_before(step), step, 0)
    assert found is not None
    return found, trainer.data


def gradients(network: Snapshot, data: Split, rows: list[int]) -> Array:
    """Return the gradients (n, P) of single samples, each by a forward and a backward pass of its own."""
    run, found = network.run, []
    y = targets(run, data, data.train)
    for row in rows:
        stack = Stack(layer_sizes(run, data), 1, [Model(run.activation, run.output, run.loss)], 1, np.float64)
        for w, b, layer in zip(stack.w, stack.b, network.layers, strict=True):
            w[0], b[0] = layer.w, layer.b
        stack.forward(data.train.x[None, [row]])
        stack.backward(data.train.x[None, [row]], y[None, [row]])
        found.append(stack.grads[0].copy())
    return np.array(found)


@pytest.mark.parametrize("run", range(len(RUNS)))
def test_inner_products_are_those_of_gradients_taken_one_by_one(run: int) -> None:
    found, data = networks(*RUNS)
    network = found[run]
    assert network is not None
    count = len(data.train)
    own = gradients(network, data, list(range(count)))
    np.testing.assert_allclose(gradient_products(network, data, count), own @ own.T, rtol=1e-9, atol=1e-18)


@pytest.mark.parametrize("size", [1, 2, 4])
def test_the_law_is_the_mean_over_all_batches(size: int) -> None:
    """Every batch of so many of the first seven samples, none left to chance."""
    (network, *_), data = networks(SIGMOID)
    assert network is not None
    few = Split(Samples(data.train.x[:7], data.train.y[:7]), data.test, data.classes)
    own = gradients(network, few, list(range(7)))
    whole = own.mean(axis=0)
    away = [((own[list(chosen)].mean(axis=0) - whole) ** 2).sum() for chosen in combinations(range(7), size)]
    law = noise(network, few)
    [told] = law.law[law.sizes == size]
    np.testing.assert_allclose(told, np.mean(away) / (whole**2).sum(), rtol=1e-9)


def test_random_batches_are_about_as_far_as_the_law_says() -> None:
    (network, *_), data = networks(RELU, samples=400)
    assert network is not None
    found = noise(network, data)
    assert found.samples == len(data.train)
    error = found.measured.std(axis=1) / np.sqrt(found.measured.shape[1])
    assert (np.abs(found.measured.mean(axis=1) - found.law) < 5.0 * error).all()
    assert (np.diff(found.law) < 0.0).all()


def made(batch: int, expected: float) -> Noise:
    return Noise(100, np.array([1, 2]), np.ones((2, 3)), np.ones(2), batch, expected)


def test_the_sentence_tells_how_far_a_batch_is_off() -> None:
    told = noise_sentence([made(16, 4.0), made(100, 0.0), None], ["A", "B", "C"], "en")
    assert plain_text(told) == (
        "A: a batch of 16 is off by 2.0 times the gradient’s norm; "
        "B: a batch of all 100 samples has the gradient itself; C: diverged."
    )
    assert "B" not in plain_text(noise_sentence([made(16, 4.0), None], ["A", "B"], "en", 1))


@pytest.mark.parametrize("expected", [np.nan, np.inf])
def test_the_sentence_tells_where_there_is_nothing_to_measure_noise_by(expected: float) -> None:
    told = plain_text(noise_sentence([made(16, float(expected))], ["A"], "en"))
    assert told == "A: its gradient is 0 or beyond all numbers, and no noise is relative to that."

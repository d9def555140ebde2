"""What is drawn of a network: the same units and weights every time, with the gradients that they really have."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from gradsim.sim.kinds.train.network_sample import (
    FEW_WEIGHTS,
    MOST_A_UNIT,
    MOST_INPUTS,
    MOST_UNITS,
    DrawnNetwork,
    drawn_network,
    network_sample,
)
from gradsim.sim.kinds.train.reach_sentence import reach_sentence
from gradsim.sim.kinds.train.snapshot import Snapshot
from gradsim.sim.run.tape import Values
from gradsim.words.sentences import plain_text
from tests.unit.test_census import seen

SHAPES = [(64, 32, 32, 10), (2, 3, 1), (784, 1024, 512, 10), (64, 10), (1, 1, 1), (5, 12, 12, 12, 3)]


@pytest.mark.parametrize("sizes", SHAPES)
def test_the_lot_is_drawn_once_for_a_shape(sizes: tuple[int, ...]) -> None:
    sample = network_sample(sizes)
    network_sample.cache_clear()
    again = network_sample(sizes)
    assert again is not sample
    for one, other in zip(sample.units, again.units, strict=True):
        np.testing.assert_array_equal(one, other)
    for gap, same in zip(sample.gaps, again.gaps, strict=True):
        np.testing.assert_array_equal(gap.start, same.start)
        np.testing.assert_array_equal(gap.stop, same.stop)


@pytest.mark.parametrize("sizes", SHAPES)
def test_each_unit_has_as_many_lines_as_are_said(sizes: tuple[int, ...]) -> None:
    sample = network_sample(sizes)
    for layer, (units, size) in enumerate(zip(sample.units, sizes, strict=True)):
        assert len(set(units.tolist())) == len(units) == min(size, MOST_UNITS if layer else MOST_INPUTS)
        assert 0 <= units.min() <= units.max() < size
    for gap, (below, above) in zip(sample.gaps, pairwise(sample.units), strict=True):
        lines = set(zip(gap.start.tolist(), gap.stop.tolist(), strict=True))
        assert len(lines) == len(gap.start) == gap.each * len(above)
        assert np.bincount(gap.stop, minlength=len(above)).tolist() == [gap.each] * len(above)
        assert gap.start.max() < len(below)
        all_drawn = len(below) * len(above) <= FEW_WEIGHTS
        assert gap.each == len(below) if all_drawn else 1 <= gap.each <= MOST_A_UNIT


def drawn(run: dict[str, Any], step: int = 6) -> tuple[Snapshot, DrawnNetwork]:
    network, x, _ = seen(run, step)
    return network, drawn_network(network, x)


def loss(network: Snapshot, weights: list[Values]) -> float:
    """Return the cross-entropy of the batch of a tanh network with softmax output, in plain NumPy."""
    a = np.asarray(network.x, np.float64)
    for layer, w in zip(network.layers[:-1], weights, strict=False):
        a = np.tanh(a @ w + layer.b)
    z = a @ weights[-1] + network.layers[-1].b
    z -= z.max(axis=1, keepdims=True)
    logs = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -float((network.y * logs).sum(axis=1).mean())


def test_lines_have_the_gradients_of_their_weights() -> None:
    network, picked = drawn({"activation": "tanh", "hidden": [40, 7]})
    weights = [np.array(layer.w, np.float64) for layer in network.layers]
    lot = np.random.default_rng(3)
    for at, (gap, (below, above)) in enumerate(zip(picked.sample.gaps, pairwise(picked.sample.units), strict=True)):
        for line in lot.choice(len(gap.start), 5, replace=False):
            i, j = below[gap.start[line]], above[gap.stop[line]]
            here, h = weights[at][i, j], 1e-5
            ends = []
            for w in (here - h, here + h):
                weights[at][i, j] = w
                ends.append(loss(network, weights))
            weights[at][i, j] = here
            np.testing.assert_allclose(
                picked.weights[at][line], abs(ends[1] - ends[0]) / (2 * h), rtol=1e-4, atol=1e-10
            )


def test_units_have_the_gradients_of_their_biases() -> None:
    network, picked = drawn({"activation": "relu", "hidden": [40, 7]})
    for layer, units, values in zip(network.layers, picked.sample.units[1:], picked.biases, strict=True):
        np.testing.assert_allclose(values, np.abs(layer.delta.sum(axis=0))[units], rtol=1e-9, atol=1e-15)


def test_dead_units_are_dead_on_the_whole_training_set() -> None:
    run = {"activation": "relu", "hidden": [40, 7], "optimizer": {"name": "sgd", "learning_rate": 3.0}}
    network, x, _ = seen(run, 12)
    picked = drawn_network(network, x)
    a, found = x, 0
    for at, layer in enumerate(network.layers[:-1]):
        z = a @ layer.w + layer.b
        dead = np.asarray((z <= 0.0).all(axis=0))
        np.testing.assert_array_equal(picked.dead[at], dead[picked.sample.units[at + 1]])
        assert picked.dead_counts[at] == dead.sum()
        found += int(dead.sum())
        a = np.maximum(z, 0.0)
    assert found > 0


def test_smooth_activations_have_no_dead_units() -> None:
    _, picked = drawn({"activation": "sigmoid", "hidden": [40, 7]})
    assert [len(each) for each in picked.dead] == [MOST_UNITS, 7]
    assert not any(each.any() for each in picked.dead)


SAID = {
    "Under A the first weights get 149,000 times less gradient than the last.": [1.55e-7, 1e-4, 0.0231],
    "Under A the first weights get about as much gradient as the last.": [0.03, 1e-9, 0.05],
    "Under A the first weights get 4.0 times as much gradient as the last.": [0.4, 0.2, 0.1],
    "Under A nothing of the gradient reaches the first weights.": [0.0, 1e-300, 0.1],
    "A: no gradient at all.": [0.0, 0.0],
    "A: diverged.": [0.1, np.nan],
    "A: one layer of weights, which gets all of the gradient.": [0.1],
}


@pytest.mark.parametrize("said", SAID)
def test_what_is_said_of_a_run(said: str) -> None:
    assert plain_text(reach_sentence([np.array(SAID[said])], ["A"], "en")) == said


def test_runs_of_which_the_same_is_said_share_a_sentence() -> None:
    figures = [np.array([1e-4, 1e-2]), np.array([1e-2, 1e-2]), np.array([1e-3, 1e-2]), np.array([1e-2, 1.5e-2])]
    said = plain_text(reach_sentence(figures, "ABCD", "en"))
    assert said == (
        "Under A the first weights get 100 times less gradient than the last; under C 10.0 times. "
        "Under B, D the first weights get about as much gradient as the last."
    )
    assert plain_text(reach_sentence(figures, "ABCD", "en", most=1)) == (
        "Under A the first weights get 100 times less gradient than the last."
    )

"""The loss between two networks: against plain NumPy on their weights, and the chord test that it is not convex."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradsim.engine.types import Array
from gradsim.sim.kinds.train.between import (
    ALONG,
    Between,
    Network,
    between,
    between_sentence,
    network_names,
    pair_of,
)
from gradsim.sim.kinds.train.spec import Train
from gradsim.words.sentences import Wording, plain_text
from tests.unit.small import RELU, SIGMOID, experiment, trained
from tests.unit.test_landscape import plain_loss

EN = Wording("en")
FIT: dict[str, Any] = {"label": "Fit", "activation": "tanh", "output": "linear", "loss": "mse"}
MOONS: dict[str, Any] = {"data": {"name": "moons", "samples": 60}, "steps": 9}


def found_of(spec: Train, pair: tuple[Network, Network]) -> Between:
    _, tape = trained(spec)
    *_, found = between(spec, tape.until(spec.steps).keyframes, pair)
    assert isinstance(found, Between)
    return found


def test_it_is_the_loss_of_the_weights_on_the_line() -> None:
    spec = experiment(FIT, common={"hidden": [4, 3], "batch_size": 16}, **MOONS)
    trainer, _ = trained(spec)
    first, last = (trainer.parameters(0)[replica] for replica in (0, 2))
    found = found_of(spec, (Network(0, 0), Network(0, 2)))
    x, y = trainer.data.train.x, trainer.data.train.y
    wanted = [plain_loss(first + at * (last - first), (2, 4, 3, 1), x, y, "tanh") for at in ALONG]
    np.testing.assert_allclose(found.losses, wanted, rtol=1e-12)
    assert found.ends == pytest.approx((wanted[20], wanted[100]), rel=1e-12)
    assert found.step == 9


def test_a_network_without_hidden_layers_is_convex_and_has_no_barrier() -> None:
    spec = experiment(FIT, common={"hidden": [], "batch_size": 16}, **MOONS)
    for pair in ((0, 1), (1, 2)):
        found = found_of(spec, (Network(0, pair[0]), Network(0, pair[1])))
        assert found.is_convex
        assert (np.diff(found.losses, 2) >= -1e-12).all()


def between_of(losses: Array) -> Between:
    return Between((Network(0, 0), Network(1, 0)), 9, losses)


def test_the_barrier_is_the_height_above_the_chord() -> None:
    hill = between_of(1.0 + ALONG + 4.0 * ALONG * (1.0 - ALONG))
    assert hill.barrier == pytest.approx(1.0)
    assert ALONG[hill.top] == pytest.approx(0.5)
    assert not hill.is_convex
    assert between_of(1.0 + ALONG**2).is_convex
    assert between_of(3.0 - 2.0 * ALONG).is_convex  # but for rounding, it is its own chord
    outside = between_of(np.where((ALONG > 0) & (ALONG < 1), 1.0 - 0.1 * ALONG * (1 - ALONG), 1.0))
    assert outside.is_convex


def test_numbers_that_are_lost_on_the_way_are_no_valley() -> None:
    losses = np.where(np.abs(ALONG - 0.5) < 0.1, np.nan, 1.0)
    assert not between_of(losses).is_convex


def test_pairs_are_of_one_loss() -> None:
    slow = RELU | {"label": "Slow", "optimizer": "adam"}
    turning = RELU | {"label": "Turning", "changes": [{"step": 3, "activation": "tanh"}]}
    spec = experiment(RELU, SIGMOID, slow, turning)
    assert pair_of(spec, 0, 1, among_runs=True) == (Network(0, 1), Network(2, 1))
    assert pair_of(spec, 2, 0, among_runs=True) == (Network(2, 0), Network(0, 0))
    assert pair_of(spec, 1, 2, among_runs=True) == (Network(1, 2), Network(1, 0))
    assert pair_of(spec, 0, 0, among_runs=False) == (Network(0, 0), Network(0, 1))
    assert pair_of(spec, 3, 0, among_runs=True) == (Network(3, 0), Network(3, 1))
    assert pair_of(experiment(RELU, SIGMOID, replicas=1), 0, 0, among_runs=True) is None
    assert network_names((Network(0, 0), Network(2, 0)), ["A", "B", "C"], EN) == ["A", "C"]
    assert network_names((Network(0, 1), Network(0, 2)), ["A", "B", "C"], EN) == ["replica 2", "replica 3"]


def test_the_sentence_tells_what_is_between() -> None:
    hill = between_of(1.0 + 2.0 * ALONG * (1.0 - ALONG))
    assert plain_text(between_sentence(hill, "AB", EN)) == (
        "Between A and B the loss is up to 0.5 above the straight line: not convex."
    )
    assert plain_text(between_sentence(between_of(1.0 + ALONG**2), "AB", EN)) == (
        "Between A and B the loss is nowhere above the straight line: no barrier."
    )

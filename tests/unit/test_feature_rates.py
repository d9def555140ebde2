"""The effective rates of rare and of frequent features, against sums of squares that are taken by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradsim.engine.types import Array
from gradsim.sim.kinds.train.feature_rates import FeatureRates, are_sparse, feature_rates, rates_sentence
from gradsim.sim.kinds.train.snapshot import Snapshot, snapshots
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.kinds.train.trainer import Trainer
from gradsim.words.sentences import plain_text
from tests.unit.small import experiment, trained

SPARSE = {"name": "sparse", "samples": 2000, "features": 200}
LINEAR = {"hidden": [], "output": "sigmoid", "init": "zeros", "batch_size": 32}
ADAGRAD = {"optimizer": {"name": "adagrad", "learning_rate": 3.0}}


def sparse(*runs: dict[str, Any], **settings: Any) -> Train:
    return experiment(*runs, **{"data": SPARSE, "common": LINEAR, "steps": 100, "replicas": 1} | settings)


def networks(spec: Train, step: int, replica: int = 0) -> tuple[Snapshot | None, ...]:
    trainer, tape = trained(spec)
    *_, found = snapshots(spec, trainer.data, tape.keyframe_before(step), step, replica)
    assert found is not None
    return found


def steps_taken(spec: Train, run: int) -> tuple[list[Array], list[Array]]:
    """Return the gradients of the first layer's weights at each step (features, units), and how these moved."""
    trainer, gradients, moves = Trainer(spec), list[Array](), list[Array]()
    for _ in range(spec.steps):
        trainer.measure()
        found = trainer.member(run)
        assert found is not None
        group, member = found
        at = member.rows.start
        gradients.append(group.stack.dw[0][at].copy())
        before = group.stack.w[0][at].copy()
        trainer.advance()
        found = trainer.member(run)
        assert found is not None
        moves.append(found[0].stack.w[0][found[1].rows.start] - before)
    return gradients, moves


def test_rates_are_the_learning_rate_over_the_root_of_the_sum_of_squares() -> None:
    spec = sparse(ADAGRAD, {"optimizer": {"name": "sgd", "learning_rate": 3.0}})
    adagrad, sgd = networks(spec, 100)
    assert adagrad is not None
    assert sgd is not None
    data = spec.data.load()
    found = feature_rates(adagrad, data)
    gradients, _ = steps_taken(spec, 0)
    squares = (np.array(gradients)[:, :, 0] ** 2).sum(axis=0)
    met = squares > 0.0
    assert found.rates is not None
    np.testing.assert_allclose(found.rates[met], 3.0 / (np.sqrt(squares[met]) + 1e-10), rtol=1e-6)
    assert np.isnan(found.rates[~met]).all()
    np.testing.assert_array_equal(found.shares, [np.count_nonzero(column) / 1600 for column in data.train.x.T])
    order = sorted(np.flatnonzero(met), key=lambda feature: found.shares[feature])
    rare, frequent = order[: len(order) // 4], order[-5:]
    wanted = np.median(found.rates[rare]) / np.median(found.rates[frequent])
    np.testing.assert_allclose(found.ratio, wanted, rtol=0.02)  # features of one share may be on either side
    assert feature_rates(sgd, data).is_one_rate


def test_rare_features_learn_about_ten_times_as_fast_as_was_found_elsewhere() -> None:
    """Of nine networks: the fifty features that are to be the rarest over the five most frequent, 9.9 [8.4, 11.2]."""
    spec = sparse(ADAGRAD, replicas=9)
    found = [feature_rates(network, spec.data.load()) for r in range(9) if (network := networks(spec, 100, r)[0])]
    rates = np.array([each.rates for each in found])
    ratios = np.nanmedian(rates[:, -50:], axis=1) / np.nanmedian(rates[:, :5], axis=1)
    assert len(found) == 9
    assert 8.4 < np.median(ratios) < 11.2


@pytest.mark.parametrize("step", [3, 10, 11, 25])
def test_rates_are_of_the_last_step_whatever_schedule_and_rule_it_had(step: int) -> None:
    """With a schedule from the start, and another rule from step 10 on."""
    run = {
        "optimizer": {"name": "rmsprop", "learning_rate": 0.05},
        "schedule": "cosine",
        "changes": [{"step": 10, "optimizer": {"name": "adagrad", "learning_rate": 0.3}}],
    }
    common = LINEAR | {"hidden": [4], "activation": "tanh", "init": "xavier_normal"}
    spec = sparse(run, steps=30, common=common, data=SPARSE | {"features": 20})
    gradients, moves = steps_taken(spec, 0)
    network = networks(spec, step)[0]
    assert network is not None
    rate = network.layers[0].rate
    assert rate is not None
    known = gradients[step - 1] != 0.0
    assert known.mean() > 0.5
    np.testing.assert_allclose((-rate * gradients[step - 1])[known], moves[step - 1][known], rtol=1e-6)


def test_before_the_first_step_rules_that_divide_know_nothing() -> None:
    spec = sparse(ADAGRAD, {"optimizer": {"name": "lion"}}, {"optimizer": "momentum"}, steps=3)
    adagrad, lion, momentum = (feature_rates(each, spec.data.load()) for each in networks(spec, 0) if each)
    assert not len(adagrad.known)
    assert adagrad.unmet > 150
    assert lion.rates is None
    assert momentum.is_one_rate
    np.testing.assert_allclose(momentum.known[:, 1], 0.1)


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (SPARSE, True),
        ({"name": "digits", "samples": 150}, True),
        ({"name": "moons", "samples": 60}, False),
        ({"name": "linear", "samples": 60, "features": 3}, False),
    ],
)
def test_inputs_that_are_mostly_zero_are_sparse(data: dict[str, Any], wanted: bool) -> None:
    spec = experiment(*([{"output": "linear", "loss": "mse"}] if data["name"] == "linear" else []), data=data)
    assert are_sparse(spec.data) == wanted


def made(rare: float, frequent: float) -> FeatureRates:
    return FeatureRates(np.linspace(0.01, 0.9, 12), np.array([rare] * 6 + [frequent] * 6))


def test_the_sentence_tells_how_rare_features_fare() -> None:
    found = [made(3.0, 3.0), made(20.0, 2.0), None, made(1.0, 4.0), made(3.0, 2.5), FeatureRates(np.ones(2), None)]
    told = plain_text(rates_sentence(found, list("ABCDEF"), "en"))
    assert told == (
        "A: one rate for all features. B: rare features learn at 10.0 times the rate of frequent ones. C: diverged. "
        "D: frequent features learn at 4.0 times the rate of rare ones. "
        "E: rare and frequent features learn at about the same rate. "
        "F: every step is as long, whatever its gradient."
    )
    few = FeatureRates(np.array([0.5, 0.1]), np.array([1.0, 2.0]))
    assert plain_text(rates_sentence([few], ["A"], "en")) == "A: too few features have had a gradient yet."
    assert plain_text(rates_sentence(found, list("ABCDEF"), "en", 5)).startswith("B: rare features learn at 10.0")

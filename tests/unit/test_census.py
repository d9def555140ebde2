"""Units counted over the training set, against plain NumPy on the same weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from gradsim.sim.kinds.train.census import LayerCensus, Told, census, census_sentence, revival
from gradsim.sim.kinds.train.snapshot import Snapshot, snapshots
from gradsim.sim.run.tape import Past, Values
from gradsim.words.sentences import plain_text
from tests.unit.small import experiment, trained

SLOPES: Mapping[str, Callable[[Values], Values]] = {
    "relu": lambda z: (z > 0).astype(float),
    "sigmoid": lambda z: np.exp(-z) / (1.0 + np.exp(-z)) ** 2,
    "leaky_relu": lambda z: np.where(z > 0, 1.0, 0.01),
    "tanh": lambda z: 1.0 - np.tanh(z) ** 2,
}
VALUES: Mapping[str, Callable[[Values], Values]] = {
    "relu": lambda z: np.maximum(z, 0.0),
    "sigmoid": lambda z: 1.0 / (1.0 + np.exp(-z)),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
    "tanh": np.tanh,
}
PEAKS = {"sigmoid": 0.25, "tanh": 1.0}
"""Of those that have a flat end, the largest slope."""


def seen(run: dict[str, Any], step: int) -> tuple[Snapshot, Values, Past]:
    trainer, tape = trained(experiment(run, replicas=2, steps=step))
    *_, last = snapshots(trainer.experiment, trainer.data, tape.keyframe_before(step), step, 1)
    assert last is not None
    assert last[0] is not None
    return last[0], np.asarray(trainer.data.train.x, np.float64), tape.until(step)


@pytest.mark.parametrize("name", SLOPES)
def test_units_are_counted_over_the_whole_training_set(name: str) -> None:
    # A rate that kills some ReLUs, and saturates what can be.
    run = {"activation": name, "optimizer": {"name": "sgd", "learning_rate": 3.0}, "init": "he_normal"}
    network, x, past = seen(run, 12)
    a = x
    for at, layer in enumerate(census(network, x)):
        z = a @ network.layers[at].w + network.layers[at].b
        slope = SLOPES[name](z)
        np.testing.assert_allclose(layer.on, (slope != 0).mean(axis=0))
        flat = (slope != 0) & (slope < 0.05 * PEAKS[name]) if name in PEAKS else np.zeros_like(z, np.bool_)
        np.testing.assert_allclose(layer.flat, flat.mean(axis=0))
        leaks = z <= 0 if name == "leaky_relu" else np.zeros_like(z, np.bool_)
        np.testing.assert_allclose(layer.leaking, leaks.mean(axis=0))
        np.testing.assert_allclose(layer.full, ((slope != 0) & ~flat & ~leaks).mean(axis=0))
        np.testing.assert_array_equal(layer.stuck, flat.all(axis=0))
        np.testing.assert_array_equal(layer.dead, (slope == 0).all(axis=0))
        assert layer.dead.mean() == past.values(0, "dead")[at, 1]
        a = VALUES[name](z)


def layer(full: list[float], leaking: list[float] | None = None, flat: list[float] | None = None) -> LayerCensus:
    nothing = [0.0] * len(full)
    return LayerCensus(*(np.array(each) for each in (full, leaking or nothing, flat or nothing)))


DEAD = layer([0.5, 0.0, 0.0, 0.0])
LEAKY = layer([0.5, 0.2, 0.1, 0.0], [0.5, 0.8, 0.9, 1.0])
FLATS = layer([0.5, 0.0, 0.9], flat=[0.5, 1.0, 0.1])


def test_those_that_were_dead_and_are_on_again_are_counted() -> None:
    assert revival([DEAD], [LEAKY]) == (3, 2)
    assert revival([LEAKY], [LEAKY]) == (0, 0)
    assert revival([DEAD, DEAD], [LEAKY, DEAD]) == (6, 2)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (Told(0, "A", [DEAD, LEAKY]), "3 of 8 units are dead under A."),
        (
            Told(0, "A", [LEAKY], since=30, before=[DEAD]),
            "2 of the 3 that were dead at step 30 are on again under A.",
        ),
        (Told(0, "A", [LEAKY], since=30, before=[LEAKY]), "No unit is dead under A."),
        (Told(0, "A", [FLATS], saturates=True), "1 of 3 units are saturated on all samples under A."),
        (
            Told(0, "A", [layer([0.5, 0.9], flat=[0.5, 0.1])], saturates=True),
            "Under A a unit is saturated on 30 % of the samples.",
        ),
        (
            Told(0, "A", [layer([1.0, 0.98], flat=[0.0, 0.02])], saturates=True),
            "No unit is dead or saturated under A.",
        ),
        (Told(0, "A", None), "A: diverged."),
    ],
)
def test_the_sentence_counts_what_the_bars_show(told: Told, said: str) -> None:
    assert plain_text(census_sentence([told], None, "en")) == said
    inside = plain_text(census_sentence([told], 2, "en"))
    assert inside.startswith("In layer 3 ")
    assert inside.casefold().endswith(said.casefold())


def test_runs_of_which_the_same_is_told_are_told_of_in_short() -> None:
    told = [Told(0, "A", [DEAD]), Told(1, "B", [DEAD, DEAD]), Told(2, "C", [LEAKY])]
    said = "3 of 4 units are dead under A; 6 of 8 under B; no unit is dead under C."
    assert plain_text(census_sentence(told, None, "en")) == said
    assert plain_text(census_sentence(told, None, "en", 1)) == "Dead units: A 3/4, B 6/8, C 0/4."
    assert plain_text(census_sentence(told, None, "en", 3)) == "Dead units: A 3/4."

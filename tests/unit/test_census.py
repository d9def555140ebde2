"""Units counted over the training set, against plain NumPy on the same weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from gradsim.sim.kinds.train.census import census
from gradsim.sim.kinds.train.snapshot import Snapshot, snapshots
from gradsim.sim.run.tape import Past, Values
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
        flat = (slope != 0) & (slope < 0.05 * PEAKS[name]) if name in PEAKS else np.zeros_like(z)
        np.testing.assert_allclose(layer.flat, flat.mean(axis=0))
        np.testing.assert_array_equal(layer.dead, (slope == 0).all(axis=0))
        assert layer.dead.mean() == past.values(0, "dead")[at, 1]
        a = VALUES[name](z)

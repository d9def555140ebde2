"""What networks say of any inputs, from a state on the tape: the same as in training."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradsim.engine.types import Array
from gradsim.sim.kinds.train.predictions import MAX_SEEDS, Predictor
from gradsim.sim.kinds.train.trainer import Trainer
from gradsim.sim.run.simulation import new_tape, play
from gradsim.sim.run.tape import Keyframe
from tests.unit.small import HEALTHY, RELU, RUNAWAY, SIGMOID, experiment, trained

MOONS = {"name": "moons", "samples": 90}


def predicted(trainer: Trainer, index: int, keyframe: Keyframe, x: Array) -> Array:
    found = Predictor(trainer.experiment, trainer.data, index, x)(keyframe)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "settings", [{}, {"data": MOONS}, {"dtype": "float32"}, {"replicas": MAX_SEEDS + 2}], ids=str
)
@pytest.mark.parametrize("step", [0, 17, 40])
def test_networks_say_the_same_as_in_training(settings: dict[str, Any], step: int) -> None:
    """Of each batch, though all of its samples are asked at once, and beside other runs."""
    spec = experiment(SIGMOID | {"batch_size": 12}, RELU | {"batch_size": 12, "optimizer": "adam"}, **settings)
    trainer = Trainer(spec)
    tape = new_tape(trainer)
    for at in play(trainer, tape):
        if at == step:
            break
    kept = tape.until(step).keyframe
    assert kept is not None
    assert kept.step == step
    (group,) = trainer._groups
    for member in group.members:
        expected = group.stack.predictions[member.rows]
        for replica, batch in enumerate(expected[:MAX_SEEDS]):
            found = predicted(trainer, member.index, kept, group.x[replica])
            assert len(found) == min(spec.replicas, MAX_SEEDS)
            np.testing.assert_allclose(found[replica], batch, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("count", [1, 199, 200, 201, 450])
def test_any_number_of_inputs_is_answered_one_by_one(count: int) -> None:
    trainer, tape = trained(experiment(SIGMOID, data=MOONS))
    kept = tape.until(40).keyframe
    assert kept is not None
    x = np.random.default_rng(0).normal(size=(count, 2))
    found = predicted(trainer, 0, kept, x)
    assert found.shape == (3, count, 2)
    np.testing.assert_allclose(found[:, -1:], predicted(trainer, 0, kept, x[-1:]), rtol=1e-5)


def test_a_run_that_has_diverged_says_nothing() -> None:
    trainer, tape = trained(experiment(HEALTHY, RUNAWAY))
    kept = tape.until(40).keyframe
    assert kept is not None
    x = trainer.data.train.x[:3]
    assert Predictor(trainer.experiment, trainer.data, 1, x)(kept) is None
    assert Predictor(trainer.experiment, trainer.data, 0, x)(kept) is not None

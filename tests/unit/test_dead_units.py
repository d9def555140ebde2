"""Dead units: judged on the whole training set, once an epoch, and the same however a step is reached."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from gradsim.engine.nn.forward import PIECE
from gradsim.engine.nn.network import layer_views
from gradsim.engine.types import Array
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.kinds.train.trainer import Trainer
from gradsim.sim.run.simulation import new_tape, play, revisit
from tests.unit.small import RELU, SIGMOID, assert_same, experiment, measured, trained

HIDDEN = [9, 6]
COMMON = {"hidden": HIDDEN, "batch_size": 16, "bias_init": {"name": "constant", "value": -0.5}}
DIGITS = {"name": "digits", "samples": 3 * PIECE + 50, "test_fraction": 0.1}
FLAT = {"relu": (0.0, np.inf), "hard_sigmoid": (-3.0, 3.0)}
HARD = {"label": "Hard", "activation": "hard_sigmoid", "init": {"name": "normal", "std": 3.0}}


def dying(*runs: dict[str, Any], **settings: Any) -> Train:
    """Return an experiment some of whose units are dead, and whose training set takes several pieces."""
    return experiment(*runs, **{"common": COMMON, "data": DIGITS, "steps": 120} | settings)


def dead_shares(params: Array, x: Array, activation: str) -> npt.NDArray[np.float64]:
    """Return the share of each hidden layer's units that pass no gradient on any row of `x`, (layers, replicas)."""
    low, high = FLAT[activation]
    weights, biases = layer_views(params.astype(np.float64), (64, *HIDDEN, 10))
    shares = []
    for replica in range(len(params)):
        a = x
        for w, b in zip(weights[:-1], biases[:-1], strict=True):
            z = a @ w[replica] + b[replica]
            shares.append(1.0 - ((z > low) & (z < high)).any(axis=0).mean())
            a = np.maximum(z, 0.0) if activation == "relu" else np.clip(z + 3.0, 0.0, 6.0) / 6.0
    return np.array(shares).reshape(len(params), -1).T


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("batch", [16, 100, "all"])
def test_dead_is_on_no_sample_of_the_training_set(batch: int | str, dtype: str) -> None:
    spec = dying(RELU, SIGMOID, HARD, common=COMMON | {"batch_size": batch}, dtype=dtype)
    trainer = Trainer(spec)
    x, tape = trainer.data.train.x, new_tape(trainer)
    epoch = -(-len(x) // (len(x) if batch == "all" else int(batch)))
    every = 1 if batch == "all" else epoch * -(-50 // epoch)
    seen: list[npt.NDArray[np.float64]] = []
    expected: dict[int, npt.NDArray[np.float64]] = {}
    for step in play(trainer, tape):
        past = tape.until(step)
        for run, activation in ((0, "relu"), (2, "hard_sigmoid")):
            if step % every == 0 or step == spec.steps:
                expected[run] = dead_shares(trainer.parameters(run), x, activation)
            np.testing.assert_allclose(past.values(run, "dead")[:-1], expected[run], rtol=1e-13)
        assert (past.values(1, "dead") == 0.0).all()
        assert all((past.values(run, "dead")[-1] == 0.0).all() for run in range(3))
        seen.append(expected[0])
    assert (np.max(seen, axis=(0, 2)) > 0.0).all()  # else there was nothing to see
    assert len({each.tobytes() for each in seen}) > 1


def test_a_step_computed_again_has_the_same_dead_units() -> None:
    spec = dying(RELU, RELU | {"label": "Fork", "changes": [{"step": 50, "batch_size": 30}]}, SIGMOID)
    _, tape = trained(spec)
    second = Trainer(spec)
    past = tape.until(spec.steps)
    for step in (3, 45, 46, 47, 50, 51, 75, 92, 110):
        # From the keyframe before it, which lies between two steps at which units are judged.
        for _ in revisit(second, tape, step):
            pass
        row, _ = tape._visited.get(step) or pytest.fail("it was not computed")
        for run in range(3):
            np.testing.assert_array_equal(second.layout.pick(row, run, "dead"), past.replicas(run, "dead")[step])


def test_a_fork_has_its_parents_dead_units_and_then_its_own() -> None:
    fork = RELU | {"label": "Fork", "changes": [{"step": 50, "activation": {"name": "leaky_relu", "slope": 0.1}}]}
    _, alone = trained(dying(RELU))
    _, beside = trained(dying(RELU, fork, HARD))
    assert_same(measured(alone, 0), measured(beside, 0))
    past = beside.until(120)
    parent, child = past.replicas(0, "dead"), past.replicas(1, "dead")
    np.testing.assert_array_equal(parent[:51], child[:51])
    assert (parent[51:].max(axis=(1, 2)) > 0.0).all()
    assert (child[51:] == 0.0).all()
    assert (past.replicas(1, "off")[51:] == 0.0).all()
    assert (past.replicas(1, "saturated") == 0.0).all()

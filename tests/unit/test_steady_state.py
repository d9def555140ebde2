"""A step in the steady state makes no array of the size of a layer: all buffers are there and used again.

Within a call NumPy needs a buffer for each operand that it converts or aligns, of 8,192 numbers whatever the size
of the arrays. Here it gets a small one, so that layers need not be large to stand out.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from gradsim.engine.nn.activations import ACTIVATIONS
from gradsim.engine.optim import OPTIMIZERS
from gradsim.engine.optim.clipping import CLIPS
from gradsim.sim.kinds.train.trainer import Trainer
from gradsim.sim.run.simulation import new_tape
from tests.unit.small import experiment

WARM_UP, COUNTED = 3, 5


@pytest.fixture(autouse=True)
def small_buffers() -> Iterator[None]:
    usual = np.setbufsize(256)
    yield
    np.setbufsize(usual)


def most_allocated(trainer: Trainer) -> int:
    """Return the most bytes that one of COUNTED steps held beyond what was held before it, its own row included."""
    tape = new_tape(trainer)
    most = 0
    tracemalloc.start()
    try:
        for step in range(WARM_UP + COUNTED):
            before = tracemalloc.get_traced_memory()[0]
            tracemalloc.reset_peak()
            for group in trainer._groups:
                group.judge(0)  # as at a step at which that is due
            tape.append(step, trainer.measure())
            trainer.advance()
            if step >= WARM_UP:
                most = max(most, tracemalloc.get_traced_memory()[1] - before)
    finally:
        tracemalloc.stop()
    return most


CASES: dict[str, list[dict[str, Any]]] = {
    "the headline": [{"label": "a"}, {"label": "b", "activation": "relu"}],
    **{f"activation {key}": [{"activation": key}] for key in ACTIVATIONS},
    **{f"optimizer {key}": [{"optimizer": {"name": key, "weight_decay": 0.01}}] for key in OPTIMIZERS},
    **{f"clip {key}": [{"clip": key, "optimizer": "adam"}] for key in CLIPS},
    **{f"loss {key}": [{"loss": key, "output": "sigmoid"}] for key in ("mse", "mae", "huber", "cross_entropy")},
}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", CASES)
def test_a_step_makes_no_array_of_the_size_of_a_layer(name: str, dtype: str) -> None:
    common = {"hidden": [32, 32, 32], "batch_size": 256}
    trainer = Trainer(experiment(*CASES[name], common=common, data="digits", replicas=4, steps=60, dtype=dtype))
    (group,) = trainer._groups
    layer = min(array.nbytes for array in (*group.stack.z, group.stack.params, group.x))
    assert most_allocated(trainer) < layer

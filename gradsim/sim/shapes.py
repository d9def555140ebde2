"""What follows from a run's settings and its data: layers, targets, batch size."""

from __future__ import annotations

import numpy as np

from gradsim.engine.datasets import Split
from gradsim.engine.types import Array
from gradsim.sim.runs import Stepping, alters_gradients
from gradsim.sim.spec import TrainRun


def layer_names(run: TrainRun) -> list[str]:
    """Return the names of a run's layers from the input: hidden 1 … hidden n, output."""
    return [*(f"hidden {i + 1}" for i in range(len(run.hidden))), "output"]


def layer_sizes(run: TrainRun, data: Split) -> tuple[int, ...]:
    """Return the layer sizes of a run's networks, from inputs to outputs."""
    outputs = data.train.y.shape[1]
    return (data.train.x.shape[1], *run.hidden, 2 if _two_units(run, data) else outputs)


def targets(run: TrainRun, data: Split) -> Array:
    """Return the training targets (N, outputs) of a run's networks.

    They are the data's own, but softmax needs a unit for each class: on a
    column y of two classes it has two units, with targets [1 - y, y].
    """
    y = data.train.y
    return np.hstack([1.0 - y, y]) if _two_units(run, data) else y


def _two_units(run: TrainRun, data: Split) -> bool:
    return run.output.key == "softmax" and data.train.y.shape[1] == 1


def batch_of(run: TrainRun, data: Split) -> int:
    """Return the batch size as a number of samples."""
    return len(data.train) if isinstance(run.batch_size, str) else run.batch_size


def scratch_arrays(run: Stepping) -> int:
    """Return how many arrays an update of the run needs; with altered gradients, the last is for these."""
    return run.optimizer.scratch + alters_gradients(run)

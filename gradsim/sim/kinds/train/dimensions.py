"""What follows from an experiment's settings and its data: layers, targets, batch sizes, and what shares a stack."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise

import numpy as np

from gradsim.engine.data import Samples, Split
from gradsim.engine.nn.network import parameter_count
from gradsim.engine.nn.probes import PROBES, Probe
from gradsim.engine.types import Array
from gradsim.sim.kinds.train.spec import Train, TrainRun
from gradsim.sim.run.changes import Phase, change_steps, measured_in, phases, spans, updated_in
from gradsim.sim.run.settings import alters_gradients
from gradsim.sim.run.tape import Channel, Layout, row_stride


def layer_names(run: TrainRun) -> list[str]:
    """Return the names of a run's layers from the input: hidden 1 … hidden n, output."""
    return [*(f"hidden {i + 1}" for i in range(len(run.hidden))), "output"]


def layer_sizes(run: TrainRun, data: Split) -> tuple[int, ...]:
    """Return the layer sizes of a run's networks, from inputs to outputs."""
    outputs = data.train.y.shape[1]
    return (data.train.x.shape[1], *run.hidden, 2 if two_units(run, data) else outputs)


def targets(run: TrainRun, data: Split, part: Samples) -> Array:
    """Return the targets (N, outputs) of a run's networks for a part of the data.

    They are the data's own, but softmax needs a unit for each class: on a
    column y of two classes it has two units, with targets [1 - y, y].
    """
    y = part.y
    return np.hstack([1.0 - y, y]) if two_units(run, data) else y


def two_units(run: TrainRun, data: Split) -> bool:
    """Tell whether a run has two units for the one column of targets."""
    return run.output.key == "softmax" and data.train.y.shape[1] == 1


def batch_of(run: TrainRun, data: Split) -> int:
    """Return the batch size as a number of samples."""
    return len(data.train) if isinstance(run.batch_size, str) else run.batch_size


MAX_TESTS = 100
"""About the largest number of measurements on the test set in a run."""


def steps_between_tests(run: TrainRun, experiment: Train, data: Split) -> int:
    """Return the number of steps between two measurements on the test set: an epoch, in long runs more.

    It is a multiple of the steps between recorded rows, so that every one of them is recorded.
    """
    epoch = _steps_an_epoch(run, data)
    stride = row_stride(Layout(channels(experiment), experiment.replicas), experiment.steps)
    return -(-max(epoch, experiment.steps // MAX_TESTS) // stride) * stride


FEWEST_BETWEEN = 50
"""At least so many steps lie between two at which units are judged dead or not, which takes as long as three."""


def steps_between_judgements(run: TrainRun, experiment: Train, data: Split) -> int:
    """Return the number of steps between two at which units are judged dead or not: an epoch, or a few short ones.

    In long runs it is more. It does not depend on which rows a tape keeps, as what was found last is in each row.
    """
    epoch = _steps_an_epoch(run, data)
    return epoch * -(-max(FEWEST_BETWEEN, experiment.steps // MAX_TESTS) // epoch)


def _steps_an_epoch(run: TrainRun, data: Split) -> int:
    return -(-len(data.train) // batch_of(run, data))


def scratch_arrays(run: TrainRun) -> int:
    """Return how many arrays an update of the run needs; the last is for altered gradients, if they are altered."""
    return run.optimizer.scratch + (alters_gradients(run) or run.biases == "fixed")


Members = Sequence[tuple[int, Phase[TrainRun]]]
"""Runs, by their indices, in one of their phases."""


def samples_before(run: TrainRun, step: int, data: Split) -> int:
    """Return how many samples a run has seen before the batch at `step`."""
    return sum(count * batch_of(phase.run, data) for phase, count in spans(run, step))


def members_at(experiment: Train, indices: Iterable[int], step: int, updating: bool = False) -> Members:
    """Return runs in the phase in which they are measured at `step`, or updated from it."""
    phase_of = updated_in if updating else measured_in
    return [(index, phase_of(experiment.runs[index], step)) for index in indices]


def grouped(members: Members, experiment: Train, data: Split) -> list[Members]:
    """Return runs and their indices by what shares a stack: equal layers, and equal batches of the same samples."""
    groups: dict[tuple[object, ...], list[tuple[int, Phase[TrainRun]]]] = {}
    for index, phase in members:
        batch = batch_of(phase.run, data)
        offset = samples_before(experiment.runs[index], phase.first, data) - phase.first * batch
        groups.setdefault((layer_sizes(phase.run, data), batch, offset), []).append((index, phase))
    return list(groups.values())


def groupings(experiment: Train, data: Split) -> Iterator[list[Members]]:
    """Yield the groups in which the runs begin, and those after each step at which any of them changes."""
    runs = range(len(experiment.runs))
    yield grouped(members_at(experiment, runs, 0), experiment, data)
    for step in change_steps(experiment.runs):
        yield grouped(members_at(experiment, runs, step, updating=True), experiment, data)


def state_sizes(experiment: Train, data: Split) -> list[int]:
    """Return how many numbers each run's saved state has.

    They are the parameters, the most that its optimizers keep, and last how many units of each layer are dead.
    """
    measured = experiment.probes == "all"
    sizes = []
    for run in experiment.runs:
        kept = 1 + max(len(phase.run.optimizer.used_state) for phase in phases(run))
        counts = measured * (len(run.hidden) + 1)
        sizes.append(experiment.replicas * (kept * parameter_count(layer_sizes(run, data)) + counts))
    return sizes


def state_places(experiment: Train, data: Split) -> list[slice]:
    """Return where each run lies in a saved state; its parameters (replicas, P) come first."""
    ends = accumulate(state_sizes(experiment, data), initial=0)
    return [slice(*place) for place in pairwise(ends)]


def probes(experiment: Train) -> tuple[Probe, ...]:
    """Return what is measured at every layer."""
    return PROBES if experiment.probes == "all" else ()


OF_NETWORKS = ("loss", "accuracy", "test_loss", "test_accuracy", "samples", "seconds")
"""The channels of whole networks; those of the test set are NaN at steps at which it is not measured."""


def channels(experiment: Train) -> list[Channel]:
    """Return what is recorded of each run."""
    found = []
    for i, run in enumerate(experiment.runs):
        found += [Channel(i, name, 0) for name in OF_NETWORKS]
        found += [Channel(i, probe.key, len(run.hidden) + 1) for probe in probes(experiment)]
    return found

"""How many bytes an experiment takes, before any of them is taken."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np

from gradsim.engine.data import Split
from gradsim.engine.nn.dead import dies
from gradsim.engine.nn.forward import PIECE, scratch_size
from gradsim.engine.nn.network import parameter_count
from gradsim.sim.kinds.train.dimensions import (
    Members,
    batch_of,
    channels,
    groupings,
    layer_sizes,
    probes,
    scratch_arrays,
    state_sizes,
    two_units,
)
from gradsim.sim.kinds.train.spec import Train, TrainRun
from gradsim.sim.run.changes import change_steps, phases
from gradsim.sim.run.tape import Layout, tape_bytes

_DOUBLE, _INDEX, _TRUTH = (np.dtype(kind).itemsize for kind in (np.float64, np.intp, np.bool_))


def bytes_needed(experiment: Train, data: Split) -> int:
    """Return what the window takes for it: the data, a tape, and two trainers, for going back needs its own."""
    dtype = np.dtype(experiment.dtype)
    groups = max(
        sum(_group_bytes(group, experiment, data) for group in groups) for groups in groupings(experiment, data)
    )
    trainer = _samples_bytes(experiment, data) + groups
    sizes = state_sizes(experiment, data)
    tape = tape_bytes(Layout(channels(experiment), experiment.replicas), experiment.steps, sum(sizes), dtype)
    # At a change, the states of all runs are copied until the new stacks are there.
    state = (sum(sizes) if change_steps(experiment.runs) else max(sizes)) * dtype.itemsize
    return data.nbytes + tape + 2 * trainer + _passing_bytes(experiment, data, state)


def _samples_bytes(experiment: Train, data: Split) -> int:
    """Count the copies of the samples: of those in the precision of the run, there are none."""
    item = np.dtype(experiment.dtype).itemsize
    in_two = any(two_units(run, data) for run in experiment.runs)
    parts = (data.train, data.test)
    as_they_are = sum(part.x.size + part.y.size for part in parts)
    return (as_they_are * item if item != _DOUBLE else 0) + (2 * sum(map(len, parts)) * item if in_two else 0)


def _group_bytes(group: Members, experiment: Train, data: Split) -> int:
    """Count what a group's networks, their batch and its order take."""
    members = [phase.run for _, phase in group]
    run, replicas = members[0], experiment.replicas
    sizes, batch, samples = layer_sizes(run, data), batch_of(run, data), len(data.train)
    networks, units = replicas * len(members), sum(sizes[1:])
    probed = len(probes(experiment))
    measures = probed > 0
    # Parameters, gradients and last change; then what optimizers work in, and what they keep.
    arrays = networks * (3 + max(scratch_arrays(member) for member in members))
    arrays += replicas * sum(len(member.optimizer.used_state) for member in members)
    decays = replicas * sum(member.biases != "trained" for member in members)  # a weight decay of each parameter
    # z, a, slope and delta; the largest layer's magnitudes; the activations less their mean, and a sum of each unit.
    values = networks * (batch * (4 * units + max(sizes[1:]) + measures * units) + measures * units)
    # The batch, its targets also as the stack has them; and ones to sum with, of which a block has some.
    values += replicas * batch * (sizes[0] + 2 * sizes[-1]) + batch * (1 + measures * units)
    truths = networks * (batch * (max(sizes[1:]) + measures * units) + measures * units)
    indices = 0 if batch == samples else 2 * replicas * samples
    probe_values = networks * 2 * probed * (len(sizes) - 1)
    # What samples are run through to judge which units are dead: three layers, and truths for two.
    judged = _most_judged(members) * replicas if measures and batch < samples else 0
    values += 3 * scratch_size(sizes[1:-1], judged)
    truths += 2 * scratch_size(sizes[1:-1], judged)
    # The same for all layers, where whole sets are measured.
    values += 3 * scratch_size(sizes[1:], networks)
    numbers = arrays * parameter_count(sizes) + values
    doubles = probe_values + decays * parameter_count(sizes)
    small = truths * _TRUTH + indices * _INDEX + doubles * _DOUBLE
    return numbers * np.dtype(experiment.dtype).itemsize + small


def _most_judged(members: Sequence[TrainRun]) -> int:
    """Return how many adjacent runs of one activation are judged at once, at most, where units may be dead."""
    counts = (len(list(runs)) for activation, runs in groupby(run.activation for run in members) if dies(activation))
    return max(counts, default=0)


def _passing_bytes(experiment: Train, data: Split, state: int) -> int:
    """Count temporary arrays, the largest: initial values, a saved state, or those that make a batch."""
    most = state
    for run in (phase.run for whole in experiment.runs for phase in phases(whole)):
        sizes, batch = layer_sizes(run, data), batch_of(run, data)
        initial = (experiment.replicas + 2) * parameter_count(sizes) * _DOUBLE
        # The rows of the batch, and its samples' losses and predictions.
        rows = experiment.replicas * batch * (3 * _INDEX + 3 * _DOUBLE + sizes[-1] * _TRUTH)
        # The losses of a piece of a whole set, and what is decided of it, by all networks that compute together.
        piece = len(experiment.runs) * experiment.replicas * PIECE * (2 * (_INDEX + _DOUBLE) + 2 * sizes[-1] * _TRUTH)
        most = max(most, initial, rows, piece)
    return most

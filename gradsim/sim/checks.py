"""What only the data, or the memory there is, can refuse."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from gradsim.engine.datasets import Split
from gradsim.engine.losses import LOSSES
from gradsim.engine.network import parameter_count
from gradsim.engine.outputs import OUTPUTS
from gradsim.engine.parameters import ParameterError
from gradsim.engine.registry import Registry
from gradsim.sim.shapes import batch_of, layer_sizes, scratch_arrays
from gradsim.sim.spec import Train, TrainRun
from gradsim.sim.tape import FEWEST_KEYFRAMES

MAX_BYTES = 4 * 2**30


def check(experiment: Train) -> Split:
    """Return the experiment's data, after checking what only the data can tell.

    Raises
    ------
    ParameterError
        For data that cannot be had, a loss or output that does not go with
        them, a batch larger than the data, initial values that do not fit the
        layers, or more memory than is allowed.
    """
    try:
        data = experiment.data.load()
    except ParameterError as error:
        raise error.below("data") from None
    count = len(data.train)
    if count == 0:
        raise ParameterError("data", "no sample is left for training; take more samples or a smaller test share")
    for i, run in enumerate(experiment.runs):
        if not data.classes:
            _check_numbers(f"runs[{i}]", run, experiment.data.key)
        if isinstance(run.batch_size, int) and run.batch_size > count:
            raise ParameterError(
                f"runs[{i}].batch_size",
                f"{run.batch_size} is more than the {count} training samples there are; "
                f"a whole number from 1 to {count} or 'all'",
            )
        _check_initial(f"runs[{i}]", run, layer_sizes(run, data))
    need = _bytes_needed(experiment, data)
    if need > MAX_BYTES:
        many = experiment.replicas > 1
        raise ParameterError(
            "replicas" if many else "runs",
            f"training would take {need / 2**30:.1f} GiB; at most {MAX_BYTES / 2**30:.0f} GiB are allowed, "
            f"so take {'fewer replicas, ' if many else ''}smaller layers or smaller batches",
        )
    return data


FOR_CLASSES: dict[str, tuple[Registry[Any], tuple[str, ...]]] = {
    "loss": (LOSSES, ("cross_entropy",)),
    "output": (OUTPUTS, ("softmax",)),
}
"""Losses and outputs that need classes: they speak of probabilities."""


def _check_numbers(path: str, run: TrainRun, data_key: str) -> None:
    """Refuse what does not go with targets that are numbers."""
    for setting, (registry, keys) in FOR_CLASSES.items():
        given = getattr(run, setting).key
        if given in keys:
            others = [key for key in registry if key not in keys]
            raise ParameterError(
                f"{path}.{setting}",
                f"{given!r} needs classes, but the targets of the data {data_key!r} are numbers; "
                f"take the {setting} {' or '.join(others)}",
            )


def _check_initial(path: str, run: TrainRun, sizes: Sequence[int]) -> None:
    weights, biases = list(pairwise(sizes)), [(fan_out,) for fan_out in sizes[1:]]
    for setting, init, shapes in (("init", run.init, weights), ("bias_init", run.bias_init, biases)):
        try:
            init.check(shapes)
        except ParameterError as error:
            raise error.below(f"{path}.{setting}") from None


def has_accuracy(experiment: Train) -> bool:
    """Tell whether the experiment's runs classify; also true of data that are no longer there to tell."""
    try:
        return experiment.data.load().classes
    except ParameterError:
        return True


def _bytes_needed(experiment: Train, data: Split) -> int:
    """Return what the window takes for it: two trainers, for going back needs one, and a tape's states."""
    numbers = 0
    for run in experiment.runs:
        sizes = layer_sizes(run, data)
        count, states = parameter_count(sizes), len(run.optimizer.kept)
        trainer = (3 + states + scratch_arrays(run)) * count + batch_of(run, data) * (
            2 * sizes[0] + 5 * sum(sizes[1:]) + max(sizes)
        )
        numbers += 2 * trainer + FEWEST_KEYFRAMES * (1 + states) * count
    return experiment.replicas * numbers * np.dtype(experiment.dtype).itemsize

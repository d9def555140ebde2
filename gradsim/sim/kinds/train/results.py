"""Results of a training run: everything measured as tables, and all that it takes to repeat the run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import repeat
from typing import Any

import numpy as np

from gradsim.engine.data import Split
from gradsim.engine.nn.network import layer_views
from gradsim.engine.types import Array
from gradsim.sim.kinds.train.dimensions import batch_of, layer_names, layer_sizes
from gradsim.sim.kinds.train.spec import Train, TrainRun
from gradsim.sim.kinds.train.trainer import Trainer
from gradsim.sim.run.cells import number_cells, number_lists, text_cell
from gradsim.sim.run.replay import Drawn, changes_table
from gradsim.sim.run.tape import Past

OF_RUN = ("samples", "loss", "accuracy", "train_loss", "train_accuracy", "test_loss", "test_accuracy")
"""The columns of CSV files that describe whole networks, before those of layers."""


def batch_bytes(experiment: Train) -> int:
    """Return how many bytes of batches :func:`train_arrays` holds for an experiment run to its end."""
    data = experiment.data.load()
    runs = experiment.runs[:1] if _share_batches(experiment, data) else experiment.runs
    return sum(_drawn(experiment, data).bytes_of(run, experiment.steps) for run in runs)


def _drawn(experiment: Train, data: Split) -> Drawn[TrainRun]:
    return Drawn(experiment.seed, experiment.replicas, len(data.train), partial(batch_of, data=data))


def _share_batches(experiment: Train, data: Split) -> bool:
    """Tell whether all runs see the same batches to the end."""
    runs = experiment.runs
    return len({batch_of(run, data) for run in runs}) == 1 and not any(run.changes for run in runs)


def train_table(trainer: Trainer, past: Past) -> dict[str, Any]:
    """Return all measurements by run, layer and replica.

    A value is null where a run had diverged; so is every accuracy on data whose
    targets are numbers. The training set and the test set have steps of their
    own: they are not measured at each.
    """
    runs = []
    for i, run_spec in enumerate(trainer.experiment.runs):
        layers: list[dict[str, Any]] = [{"name": name} for name in layer_names(run_spec)]
        for probe in trainer.probes:
            values = past.replicas(i, probe.key)
            for number, layer in enumerate(layers):
                layer[probe.key] = number_lists(values[:, number].T)
        measured: dict[str, Any] = {name: number_lists(past.replicas(i, name).T) for name in ("loss", "accuracy")}
        measured["samples"] = number_lists(past.replicas(i, "samples")[:, :1].T)[0]
        measured |= {part: _set_table(past, i, part) for part in ("train", "test")}
        gone = [d for d in trainer.diverged if d.run == i]
        diverged = {"diverged": {"step": gone[0].step, "layer": layer_names(run_spec)[gone[0].layer]}} if gone else {}
        runs.append(
            {
                "label": trainer.experiment.labels[i],
                **changes_table(run_spec),
                **measured,
                **diverged,
                "layers": layers,
            }
        )
    return {"kind": "train", "steps": past.steps.tolist(), "runs": runs}


def _set_table(past: Past, run: int, part: str) -> dict[str, Any]:
    """Return what was measured of a run on the training or the test set, and at which steps."""
    loss, accuracy = (past.replicas(run, f"{part}_{name}") for name in ("loss", "accuracy"))
    at = ~np.isnan(loss).all(axis=1)
    return {
        "steps": past.steps[at].tolist(),
        "loss": number_lists(loss[at].T),
        "accuracy": number_lists(accuracy[at].T),
    }


def train_rows(trainer: Trainer, past: Past) -> Iterator[Sequence[str]]:
    """Yield a row for each run, replica, step and layer; empty cells where the JSON file has null."""
    keys = [probe.key for probe in trainer.probes]
    yield "run", "replica", "step", *OF_RUN, "layer", *keys
    for i, run_spec in enumerate(trainer.experiment.runs):
        label, names = text_cell(trainer.experiment.labels[i]), layer_names(run_spec)
        of_run = [past.replicas(i, name) for name in OF_RUN]
        probed = [past.replicas(i, key) for key in keys]
        each, steps = len(names), _repeated(list(map(str, past.steps.tolist())), len(names))
        for replica in range(trainer.experiment.replicas):
            whole = [_repeated(number_cells(values[:, replica]), each) for values in of_run]
            layers = [number_cells(values[:, :, replica].ravel()) for values in probed]
            same = repeat(label, len(steps)), repeat(str(replica), len(steps))
            yield from zip(*same, steps, *whole, names * len(past.steps), *layers, strict=True)


def _repeated(cells: list[str], times: int) -> list[str]:
    return [cell for cell in cells for _ in range(times)]


def train_arrays(trainer: Trainer) -> dict[str, Any]:
    """Return data, batches, the settings where they change, and the parameters before and after.

    The data are those trained on, shuffled and scaled. Targets are as the data
    set has them: where `train_y` is one column y of two classes, a run with
    softmax output has two units and the targets [1 - y, y].
    """
    experiment = trainer.experiment
    arrays: dict[str, Any] = {
        "train_x": trainer.data.train.x,
        "train_y": trainer.data.train.y,
        "test_x": trainer.data.test.x,
        "test_y": trainer.data.test.y,
    }
    _add_batches(arrays, trainer)
    for i, run_spec in enumerate(experiment.runs):
        sizes = layer_sizes(run_spec, trainer.data)
        initial = trainer.initial(i).astype(experiment.dtype)
        for moment, params in (("initial", initial), ("final", trainer.parameters(i))):
            _add_parameters(arrays, f"run{i}", moment, params, sizes)
    return arrays


def _add_parameters(arrays: dict[str, Any], run_key: str, moment: str, params: Array, sizes: tuple[int, ...]) -> None:
    weights, biases = layer_views(params, sizes)
    for kind, layers in (("W", weights), ("b", biases)):
        for layer, values in enumerate(layers):
            for replica, value in enumerate(values):
                arrays[f"{run_key}/replica{replica}/{kind}{layer}/{moment}"] = value


def _add_batches(arrays: dict[str, Any], trainer: Trainer) -> None:
    """Add the rows of every step's batch; by run where runs differ in batch size, or change."""
    experiment, data = trainer.experiment, trainer.data
    drawn = _drawn(experiment, data)
    if _share_batches(experiment, data):
        rows = drawn.arrays(0, experiment.runs[0], trainer.step)
        arrays |= {key.removeprefix("run0/"): values for key, values in rows.items()}
        return
    for i, run_spec in enumerate(experiment.runs):
        arrays |= drawn.arrays(i, run_spec, trainer.step)

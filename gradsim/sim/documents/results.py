"""Results of a run as files: JSON and CSV of the measurements, npz to repeat it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gradsim.engine.nn.network import layer_views
from gradsim.engine.types import Array
from gradsim.sim.documents.experiments import Experiment, Train
from gradsim.sim.documents.lessons import Document, FileError, dump, relative_to, write_bytes
from gradsim.sim.kinds.race.racer import Racer
from gradsim.sim.kinds.race.results import draw_bytes, race_arrays, race_csv, race_table
from gradsim.sim.kinds.train.dimensions import batch_of, layer_names, layer_sizes
from gradsim.sim.kinds.train.trainer import Trainer
from gradsim.sim.prepare import simulations
from gradsim.sim.run.draws import Batches
from gradsim.sim.run.simulation import Simulation, new_tape, play
from gradsim.sim.run.tape import Past, Tape

FORMATS = (".json", ".csv", ".npz")

OF_RUN = ("samples", "loss", "accuracy", "test_loss", "test_accuracy")
"""What CSV files have of a run's networks as wholes, before the layers."""

MAX_BATCH_BYTES = 2**30


def check_room(path: Path, experiment: Experiment) -> None:
    """Refuse a run whose random draws would not fit into an .npz file, before it begins."""
    if path.suffix != ".npz":
        return
    need = _batch_bytes(experiment) if isinstance(experiment, Train) else draw_bytes(experiment)
    if need > MAX_BATCH_BYTES:
        raise FileError(
            f"{path}: the draws of {experiment.steps:,} steps would take {need / 2**30:.1f} GiB; "
            f"at most {MAX_BATCH_BYTES / 2**30:.0f} GiB are allowed, so take fewer --steps"
        )


def _batch_bytes(experiment: Train) -> int:
    data = experiment.data.load()
    sizes = [batch_of(run_spec, data) for run_spec in experiment.runs]
    stored = sizes[:1] if len(set(sizes)) == 1 else sizes
    return 4 * experiment.replicas * experiment.steps * sum(stored)


def run(document: Document) -> tuple[Simulation, Tape]:
    """Run to the end; return the simulation at its last step, and the tape."""
    simulation = simulations(document.experiment)()
    tape = new_tape(simulation)
    for _ in play(simulation, tape):
        pass
    return simulation, tape


def save(path: Path, document: Document, simulation: Simulation, tape: Tape) -> None:
    """Write the results of a run in the format of the file's ending, whole or not at all."""
    past = tape.until(simulation.step)
    if path.suffix == ".npz":
        source = dump(relative_to(path.parent, document))
        content = _packed({"experiment": np.array(source), **arrays_of(simulation)})
    elif path.suffix == ".json":
        content = json.dumps(measured_table(simulation, past), allow_nan=False).encode()
    else:
        content = csv_of(simulation, past).encode()
    write_bytes(path, content)


def measured_table(simulation: Simulation, past: Past) -> dict[str, Any]:
    """Return everything measured as plain values."""
    if isinstance(simulation, Racer):
        return race_table(simulation, past)
    assert isinstance(simulation, Trainer)
    return as_table(simulation, past)


def csv_of(simulation: Simulation, past: Past) -> str:
    """Return everything measured as comma-separated text."""
    if isinstance(simulation, Racer):
        return race_csv(simulation, past)
    assert isinstance(simulation, Trainer)
    return _as_csv(simulation, past)


def arrays_of(simulation: Simulation) -> dict[str, Any]:
    """Return all that an independent implementation needs to repeat the run, beside the experiment."""
    if isinstance(simulation, Racer):
        return race_arrays(simulation)
    assert isinstance(simulation, Trainer)
    return _train_arrays(simulation)


def _packed(arrays: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def as_table(trainer: Trainer, past: Past) -> dict[str, Any]:
    """Return all measurements by run, layer and replica.

    A value is null where a run had diverged; so is every accuracy on data whose
    targets are numbers. The test part has steps of its own: it is not measured
    at each.
    """
    runs = []
    for i, run_spec in enumerate(trainer.experiment.runs):
        layers: list[dict[str, Any]] = [{"name": name} for name in layer_names(run_spec)]
        for probe in trainer.probes:
            values = past.replicas(i, probe.key)
            for number, layer in enumerate(layers):
                layer[probe.key] = _listed(values[:, number].T)
        measured: dict[str, Any] = {name: _listed(past.replicas(i, name).T) for name in ("loss", "accuracy")}
        measured["samples"] = _listed(past.replicas(i, "samples")[:, :1].T)[0]
        measured["test"] = _test_table(past, i)
        gone = [d for d in trainer.diverged if d.run == i]
        diverged = {"diverged": {"step": gone[0].step, "layer": gone[0].layer}} if gone else {}
        runs.append({"label": run_spec.label, **measured, **diverged, "layers": layers})
    return {"kind": "train", "steps": past.steps.tolist(), "runs": runs}


def _test_table(past: Past, run: int) -> dict[str, Any]:
    """Return what was measured of a run on the test part, and at which steps."""
    loss, accuracy = (past.replicas(run, name) for name in ("test_loss", "test_accuracy"))
    at = ~np.isnan(loss).all(axis=1)
    return {"steps": past.steps[at].tolist(), "loss": _listed(loss[at].T), "accuracy": _listed(accuracy[at].T)}


def _listed(values: npt.NDArray[np.float64]) -> list[Any]:
    if np.isfinite(values).all():
        return list(values.tolist())
    return [[x if np.isfinite(x) else None for x in row] for row in values.tolist()]


def _as_csv(trainer: Trainer, past: Past) -> str:
    """One line per run, replica, step and layer; empty cells where the JSON file has null."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    keys = [probe.key for probe in trainer.probes]
    writer.writerow(["run", "replica", "step", *OF_RUN, "layer", *keys])
    for i, run_spec in enumerate(trainer.experiment.runs):
        of_run = [past.replicas(i, name) for name in OF_RUN]
        probed = [past.replicas(i, key) for key in keys]
        for replica in range(trainer.experiment.replicas):
            for at, step in enumerate(past.steps):
                for number, name in enumerate(layer_names(run_spec)):
                    cells = [*(values[at, replica] for values in of_run), name]
                    cells += [values[at, number, replica] for values in probed]
                    shown = ["" if isinstance(x, float) and not np.isfinite(x) else x for x in cells]
                    writer.writerow([run_spec.label, replica, step, *shown])
    return text.getvalue()


def _train_arrays(trainer: Trainer) -> dict[str, Any]:
    """Return data, batches, and the parameters before and after.

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
    """Add the rows of every step's batch; by run where runs differ in batch size."""
    experiment = trainer.experiment
    sizes = [batch_of(run_spec, trainer.data) for run_spec in experiment.runs]
    for i, size in enumerate(sizes):
        shared = len(set(sizes)) == 1
        if shared and i > 0:
            return
        batches = Batches(experiment.seed, experiment.replicas, len(trainer.data.train), size)
        rows = np.empty((trainer.step, experiment.replicas, size), np.int32)
        for step in range(trainer.step):
            rows[step] = batches.at(step)
        for replica in range(experiment.replicas):
            key = f"replica{replica}/batches"
            arrays[key if shared else f"run{i}/{key}"] = rows[:, replica]

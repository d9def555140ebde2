"""Result files: their shapes, and that an independent program can repeat a run from one of them."""

from __future__ import annotations

import csv
import io
import itertools
import json
import math
import os
import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradsim.engine.nn.activations import ACTIVATIONS
from gradsim.engine.nn.losses import LOSSES
from gradsim.engine.nn.probes import MAY_BE_UNDEFINED, PROBES
from gradsim.engine.optim import OPTIMIZERS
from gradsim.engine.optim.clipping import CLIPS
from gradsim.engine.optim.schedules import SCHEDULES
from gradsim.schema.errors import FileError
from gradsim.schema.parameters import parameters
from gradsim.sim.documents import results
from gradsim.sim.documents.document import Document, dump, parse, write
from gradsim.sim.documents.files import check_target, write_bytes
from gradsim.sim.kinds import Experiment
from gradsim.sim.kinds.train.results import OF_RUN
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.run.tape import Tape
from tests.unit import textbook
from tests.unit.races import race
from tests.unit.small import HEALTHY, LATE, RELU, RUNAWAY, SIGMOID, experiment, measured
from tests.unit.textbook import Memory, named, updated

STEPS = 12
KEYS = [probe.key for probe in PROBES]


def saved(path: Path, spec: Train) -> Tape:
    document = Document(spec)
    trainer, tape = results.run(document)
    results.save(path, document, trainer, tape.until(trainer.step))
    return tape


def no_constant(name: str) -> float:
    raise AssertionError(f"{name} is not JSON")


def test_json_holds_all_that_was_measured(tmp_path: Path) -> None:
    spec = experiment(SIGMOID, RELU | {"hidden": [4, 4, 4]}, steps=STEPS)
    tape = saved(tmp_path / "out.json", spec)
    table = json.loads((tmp_path / "out.json").read_text(), parse_constant=no_constant)
    assert list(table) == ["kind", "steps", "runs"]
    assert table["kind"] == "train"
    assert table["steps"] == list(range(STEPS + 1))
    for i, (run, depth) in enumerate(zip(table["runs"], (3, 4), strict=True)):
        values = measured(tape, i)
        assert list(run) == ["label", "loss", "accuracy", "samples", "train", "test", "layers"]
        assert run["samples"] == [16 * step for step in range(STEPS + 1)]
        assert run["label"] == spec.labels[i]
        for key in ("loss", "accuracy"):
            np.testing.assert_array_equal(run[key], values[key].T)
        assert [layer["name"] for layer in run["layers"]] == [
            *(f"hidden {n + 1}" for n in range(depth - 1)),
            "output",
        ]
        for number, layer in enumerate(run["layers"]):
            assert list(layer) == ["name", *KEYS]
            for key in KEYS:
                np.testing.assert_array_equal(np.array(layer[key], float), values[key][:, number].T)


def test_json_has_null_where_a_run_had_diverged(tmp_path: Path) -> None:
    tape = saved(tmp_path / "out.json", experiment(HEALTHY, RUNAWAY, steps=STEPS))
    healthy, runaway = json.loads((tmp_path / "out.json").read_text(), parse_constant=no_constant)["runs"]
    (divergence,) = tape.diverged
    assert "diverged" not in healthy
    names = [layer["name"] for layer in runaway["layers"]]
    assert runaway["diverged"] == {"step": divergence.step, "layer": names[divergence.layer]}
    defined = [key for key in KEYS if key not in MAY_BE_UNDEFINED]
    for values in (runaway["loss"], *(layer[key] for layer in runaway["layers"] for key in defined)):
        for replica in values:
            assert [x is None for x in replica] == [step >= divergence.step for step in range(STEPS + 1)]


def test_csv_has_a_line_for_each_run_replica_step_and_layer(tmp_path: Path) -> None:
    wide = RUNAWAY | {"hidden": [4], "batch_size": 20}
    spec = experiment(SIGMOID | {"label": 'a, "b"'}, wide, steps=STEPS)
    tape = saved(tmp_path / "out.csv", spec)
    lines = list(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text(), newline="")))
    assert list(lines[0]) == ["run", "replica", "step", *OF_RUN, "layer", *KEYS]
    assert len(lines) == spec.replicas * (STEPS + 1) * (3 + 2)
    values = [measured(tape, i) for i in range(2)]
    for line in lines:
        run = spec.labels.index(line["run"])
        step, replica = int(line["step"]), int(line["replica"])
        layer = -1 if line["layer"] == "output" else int(line["layer"].removeprefix("hidden ")) - 1
        expected = {key: values[run][key][step, replica] for key in ("loss", "accuracy")}
        expected |= {key: values[run][key][step, layer, replica] for key in KEYS}
        expected["samples"] = math.nan if math.isnan(expected["loss"]) else (16, 20)[run] * step
        for key, value in expected.items():
            assert line[key] == "" if math.isnan(value) else float(line[key]) == value


@dataclass(frozen=True)
class Phase:
    """Settings in force, since when there is this rule and this schedule, and for how many steps this schedule."""

    run: dict[str, Any]
    steps: int
    rule_first: int = 0
    schedule_first: int = 0
    first: int = -1
    """The first update with them, from 0; -1 where they are those of the start."""


def updates_of(file: Any, i: int, replica: int, run: dict[str, Any]) -> Iterator[tuple[int, Phase, Any]]:
    """Yield the number of each update of a run, from 1, its settings and the rows of its batch."""
    steps = tomllib.loads(str(file["experiment"]))["steps"]
    keys = sorted({key.split("/")[1] for key in file if key.startswith(f"run{i}/phase")})
    shared = f"replica{replica}/batches"
    if not keys:
        for t, rows in enumerate(file[shared if shared in file else f"run{i}/{shared}"], 1):
            yield t, Phase(run, steps), rows
    firsts = [int(file[f"run{i}/{key}/first"]) for key in keys]
    for key, first, end in zip(keys, firsts, [*firsts[1:], steps], strict=False):
        settings = tomllib.loads(str(file[f"run{i}/{key}/settings"]))
        rule, schedule = (int(file[f"run{i}/{key}/{name}"]) for name in ("rule_first", "schedule_first"))
        batches = file.get(f"run{i}/{key}/{shared}", [None] * (end - first))
        for t, rows in zip(range(first + 1, end + 1), batches, strict=True):
            yield t, Phase(settings, steps - schedule, rule, schedule, -1 if key == "phase0" else first), rows


def write_given(layers: list[Any], text: str) -> None:
    """Write numbers such as ``w2[1,3] = 0.4; b1[2] = -3`` into weights and biases."""
    for each in filter(None, text.split("; ")):
        name, _, number = each.partition(" = ")
        kind, layer, *units = re.findall("[wb]|[0-9]+", name)
        layers[int(layer) - 1]["wb".index(kind)][tuple(int(unit) - 1 for unit in units)] = float(number)


def repeat(file: Any, i: int, replica: int, run: dict[str, Any]) -> list[Any]:
    """Train a network again from what an .npz file says; return all of its parameters."""
    start = f"run{i}/replica{replica}"
    depth = sum(key.startswith(f"{start}/W") and key.endswith("/initial") for key in file)
    layers = [[file[f"{start}/{kind}{layer}/initial"].copy() for kind in "Wb"] for layer in range(depth)]
    memories: list[Memory] = []
    for t, phase, rows in updates_of(file, i, replica, run):
        run, rule_t = phase.run, t - phase.rule_first
        activate, slope = textbook.ACTIVATION[named(run["activation"])["name"]]
        memories = memories if rule_t > 1 else [{} for _ in range(2 * depth)]
        x, y = file["train_x"][rows], file["train_y"][rows]
        a, z = [x], []
        for layer, (w, b) in enumerate(layers):
            z.append(a[-1] @ w + b)
            a.append(textbook.OUTPUT[run["output"]](z[-1]) if layer == depth - 1 else activate(z[-1]))
        delta = textbook.logit_gradient(run["loss"], run["output"], a[-1], y) / len(rows)
        gradients: list[Any] = []
        for layer in range(depth - 1, -1, -1):
            gradients[:0] = [a[layer].T @ delta, delta.sum(axis=0)]
            if layer:
                delta = (delta @ layers[layer][0].T) * slope(z[layer - 1])
        arrays = [array for layer in layers for array in layer]
        new = updated(arrays, gradients, memories, run, rule_t, phase.steps, t - phase.schedule_first)
        layers = [new[at : at + 2] for at in range(0, len(new), 2)]
        if t == phase.first + 1:
            write_given(layers, run.get("given", ""))
    return [array for layer in layers for array in layer]


REPEATED: dict[str, list[dict[str, Any]]] = {
    "headline": [SIGMOID, RELU],
    "no hidden layer": [{"hidden": []}],
    "batches of several sizes": [SIGMOID, RELU | {"batch_size": 1}, HEALTHY | {"batch_size": "all"}],
}

# Each optimizer, schedule and clipping with all of its settings other than by default.
OTHERWISE: dict[str, dict[str, Any]] = defaultdict(
    dict,
    {
        "momentum": {"momentum": 0.7, "dampening": 0.3},
        "nag": {"momentum": 0.7},
        "adagrad": {"learning_rate_decay": 0.1, "initial_accumulator_value": 0.01, "epsilon": 1e-3},
        "adadelta": {"rho": 0.8, "epsilon": 1e-3},
        "rmsprop": {"alpha": 0.9, "epsilon": 1e-3, "momentum": 0.4, "centered": 1},
        "adam": {"beta1": 0.8, "beta2": 0.95, "epsilon": 1e-3},
        "adamw": {"beta1": 0.8, "beta2": 0.95, "epsilon": 1e-3},
        "amsgrad": {"beta1": 0.8, "beta2": 0.7, "epsilon": 1e-3},
        "nadam": {"beta1": 0.8, "beta2": 0.95, "epsilon": 1e-3, "momentum_decay": 0.1},
        "adamax": {"beta1": 0.8, "beta2": 0.95, "epsilon": 1e-3},
        "lion": {"beta1": 0.8, "beta2": 0.95},
        "step": {"every": 7, "gamma": 0.5},
        "exponential": {"gamma": 0.9},
        "inverse_time": {"rate": 0.3},
        "cosine": {"length": 25, "floor": 0.2},
        "warm_up": {"length": 15, "start": 0.1},
        "one_cycle": {"length": 30, "peak": 0.4, "div_factor": 10.0, "final_div_factor": 50.0},
        "norm": {"max_norm": 0.3},
        "value": {"clip_value": 0.01},
    },
)

# What of a rule may change so that a textbook's formulas still hold: they take the betas of NAdam for constant, and
# keep the averages and velocities of RMSprop that are not in use yet.
GOES_ON: dict[str, dict[str, Any]] = {
    "rmsprop": {"alpha": 0.9, "epsilon": 1e-3},
    "nadam": {"epsilon": 1e-3},
}

REPEATED |= {
    f"pairing {loss} of {output}": [{"loss": loss, "output": output, "activation": "tanh"}]
    for loss, entry in LOSSES.items()
    for output in entry.outputs
}
REPEATED |= {f"activation {key}": [{"activation": key, "init": "he_normal"}] for key in ACTIVATIONS}
REPEATED |= {
    f"optimizer {key}": [
        {"label": "default", "optimizer": key},
        {"label": "other", "optimizer": {"name": key, "learning_rate": 0.02, "weight_decay": 0.1} | OTHERWISE[key]},
    ]
    for key in OPTIMIZERS
}
REPEATED |= {
    f"schedule {key}": [
        {"label": "default", "schedule": key},
        {"label": "other", "schedule": {"name": key} | OTHERWISE[key], "optimizer": "adamw"},
    ]
    for key in SCHEDULES
    if SCHEDULES[key].varies
}
REPEATED |= {
    f"biases {biases}": [
        {
            "label": "coupled",
            "biases": biases,
            "clip": "norm",
            "optimizer": {"name": "momentum", "weight_decay": 0.1},
        },
        {"label": "decoupled", "biases": biases, "optimizer": {"name": "adamw", "weight_decay": 0.3}},
        {"label": "none", "biases": biases, "optimizer": "lion"},
        {"label": "changed", "optimizer": "momentum", "changes": [{"step": 8, "biases": biases}]},
        {"label": "and back", "biases": biases, "optimizer": "adam", "changes": [{"step": 8, "biases": "trained"}]},
    ]
    for biases in ("undecayed", "fixed")
}
REPEATED |= {
    f"clipping {key}": [
        {"label": "default", "clip": key},
        {"label": "other", "clip": {"name": key} | OTHERWISE[key], "optimizer": {"name": "nag", "weight_decay": 0.1}},
        {"label": "none", "clip": "none"},
    ]
    for key in CLIPS
    if CLIPS[key].bounds
}


LEAKY = {"activation": "leaky_relu", "batch_size": 5}
FADING = {"schedule": "cosine", "clip": "norm"}
REPEATED |= {
    "changes of activation, optimizer and batch size": [
        RELU | {"optimizer": "adam", "changes": [{"step": 9, **LEAKY}, {"step": 21, "optimizer": "nag"}]},
        SIGMOID,
    ],
    "changes of schedule, clipping and loss": [
        HEALTHY | FADING | {"changes": [{"step": 0, "loss": "huber"}, {"step": 14, "schedule": "one_cycle"}]},
        SIGMOID | {"changes": [{"step": 12, **FADING, "batch_size": "all"}, {"step": 15, "batch_size": 16}]},
    ],
    "numbers that are given": [
        RELU | {"optimizer": "adam", "given": "w1[3,2] = 1.5", "changes": [{"step": 0, "given": "b1[1] = -0.7"}]},
        SIGMOID
        | {
            "given": "b3[4] = 2",
            "changes": [{"step": 4, "given": "w3[1,2] = -0.25; b2[5] = 0.125"}, {"step": 9, "clip": "norm"}],
        },
    ],
}
REPEATED |= {
    f"changes of the settings of {key}": [
        {
            "label": "same rule",
            "optimizer": key,
            "schedule": "exponential",
            "changes": [
                {"step": 15, "optimizer": {"name": key, "learning_rate": 0.02} | GOES_ON.get(key, OTHERWISE[key])}
            ],
        },
        {
            "label": "other rule and back",
            "optimizer": key,
            "changes": [{"step": 10, "optimizer": "sgd"}, {"step": 20, "optimizer": key}],
        },
    ]
    for key in OPTIMIZERS
    if key != "sgd"
}


@pytest.mark.parametrize("key", [key for registry in (OPTIMIZERS, SCHEDULES, CLIPS) for key in registry])
def test_every_setting_is_repeated_otherwise_than_by_default(key: str) -> None:
    (entry,) = (registry[key] for registry in (OPTIMIZERS, SCHEDULES, CLIPS) if key in registry)
    common = {"learning_rate", "weight_decay"} if key in OPTIMIZERS else set()
    assert set(parameters(entry)) == set(OTHERWISE.get(key, {})) | common
    assert all(getattr(entry(), name) != value for name, value in OTHERWISE.get(key, {}).items())


@pytest.mark.parametrize("name", REPEATED)
def test_an_independent_program_repeats_the_run_from_the_npz(name: str, tmp_path: Path) -> None:
    saved(tmp_path / "out.npz", experiment(*REPEATED[name]))
    with np.load(tmp_path / "out.npz", allow_pickle=False) as npz:
        file = dict(npz)
    table = tomllib.loads(str(file["experiment"]))
    for i, run in enumerate(table["runs"]):
        run = table.get("common", {}) | run
        for replica in range(table["replicas"]):
            again = repeat(file, i, replica, run)
            for number, array in enumerate(again):
                final = file[f"run{i}/replica{replica}/{'Wb'[number % 2]}{number // 2}/final"]
                initial = file[f"run{i}/replica{replica}/{'Wb'[number % 2]}{number // 2}/initial"]
                assert np.linalg.norm(final - array) <= 1e-12 * np.linalg.norm(array)
                stays = number % 2 == 1 and run["biases"] == "fixed" and "changes" not in run
                assert (final != initial).any() != stays


def test_npz_keys_shapes_and_types(tmp_path: Path) -> None:
    spec = experiment(SIGMOID, RELU | {"batch_size": "all"}, HEALTHY | {"hidden": []}, steps=STEPS, dtype="float32")
    saved(tmp_path / "out.npz", spec)
    shapes: dict[str, tuple[int, ...]] = {"experiment": ()}
    shapes |= {"train_x": (118, 64), "train_y": (118, 10), "test_x": (32, 64), "test_y": (32, 10)}
    for i, (sizes, batch) in enumerate((([64, 7, 5, 10], 16), ([64, 7, 5, 10], 118), ([64, 10], 16))):
        for r in range(3):
            shapes[f"run{i}/replica{r}/batches"] = (STEPS, batch)
            for layer, (fan_in, fan_out) in enumerate(itertools.pairwise(sizes)):
                for moment in ("initial", "final"):
                    shapes[f"run{i}/replica{r}/W{layer}/{moment}"] = (fan_in, fan_out)
                    shapes[f"run{i}/replica{r}/b{layer}/{moment}"] = (fan_out,)
    with np.load(tmp_path / "out.npz", allow_pickle=False) as file:
        assert {key: file[key].shape for key in file} == shapes
        assert file["run0/replica0/W0/initial"].dtype == file["run0/replica0/W0/final"].dtype == np.float32
        assert np.issubdtype(file["run0/replica0/batches"].dtype, np.integer)
        assert parse(str(file["experiment"]), "npz") == Document(spec)


def test_runs_of_one_batch_size_share_their_batches(tmp_path: Path) -> None:
    saved(tmp_path / "out.npz", experiment(steps=STEPS))
    with np.load(tmp_path / "out.npz", allow_pickle=False) as file:
        assert [key for key in file if "batches" in key] == [f"replica{r}/batches" for r in range(3)]
        assert file["replica0/batches"].shape == (STEPS, 16)


def test_a_diverged_run_ends_with_its_last_parameters(tmp_path: Path) -> None:
    saved(tmp_path / "out.npz", experiment(LATE, HEALTHY))
    with np.load(tmp_path / "out.npz", allow_pickle=False) as file:
        assert np.abs(file["run0/replica0/W0/final"]).max() > 1e100
        assert len(file["replica0/batches"]) == 40


def test_batches_that_would_fill_the_disk_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "MAX_DRAW_BYTES", 1000)
    with pytest.raises(FileError, match="GiB are allowed"):
        results.check_room(tmp_path / "out.npz", experiment(steps=STEPS))
    results.check_room(tmp_path / "out.json", experiment(steps=STEPS))
    assert not list(tmp_path.iterdir())


# Writing: whole or not at all.


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "out.json"
    path.write_text("old")
    return path


def failing(*_: object) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("step", ["fdopen", "replace", "chmod"])
def test_a_write_that_fails_leaves_the_old_file(old: Path, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(os if step == "fdopen" else Path, step, failing)
        with pytest.raises(FileError) as caught:
            write_bytes(old, b"new")
    assert str(caught.value) == f"{old}: cannot be written: No space left on device"
    assert old.read_text() == "old"
    assert list(old.parent.iterdir()) == [old]


def test_a_write_replaces_the_file_and_leaves_nothing_else(old: Path) -> None:
    document = Document(experiment())
    write(old, document)
    assert old.read_text() == dump(document)
    assert list(old.parent.iterdir()) == [old]


@pytest.mark.skipif(os.name != "posix", reason="POSIX file modes")
def test_a_written_file_has_the_mode_of_any_new_file(old: Path) -> None:
    write_bytes(old, b"new")
    (old.parent / "other").touch()
    assert old.stat().st_mode == (old.parent / "other").stat().st_mode


@pytest.mark.parametrize("name", ["missing/out.json", "."])
def test_a_place_that_cannot_be_written_gets_one_line(name: str, tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be written: ") as caught:
        write_bytes(tmp_path / name, b"new")
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["out", "out.txt", "out.jsn"])
def test_an_unknown_format_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"is not one of \.json, \.csv, \.npz"):
        check_target(tmp_path / name, list(results.FORMATS))


def test_a_missing_folder_is_refused_before_any_work(tmp_path: Path) -> None:
    check_target(tmp_path / "out.json", list(results.FORMATS))
    with pytest.raises(FileError, match="cannot be written: there is no folder"):
        check_target(tmp_path / "missing" / "out.json", list(results.FORMATS))


def test_a_run_that_diverges_at_once_is_saved_in_every_format(tmp_path: Path) -> None:
    start = {"name": "constant", "value": 1000}
    run = {"hidden": [8] * 60, "activation": "relu", "init": start, "output": "linear", "loss": "mse"}
    spec = experiment(run)
    for ending in list(results.FORMATS):
        tape = saved(tmp_path / f"out{ending}", spec)
        assert [divergence.step for divergence in tape.diverged] == [0]
    with np.load(tmp_path / "out.npz", allow_pickle=False) as file:
        assert file["replica0/batches"].shape == (0, 16)


@pytest.mark.parametrize("label", ['A, "b"', "ohne Komma", "a;b"])
@pytest.mark.parametrize("made", [experiment, race])
def test_a_label_is_one_cell_of_a_csv_file(tmp_path: Path, made: Callable[..., Experiment], label: str) -> None:
    spec = made({"label": label}, {"label": "B"}, steps=3)
    simulation, tape = results.run(Document(spec))
    results.save(tmp_path / "out.csv", Document(spec), simulation, tape.until(3))
    rows = list(csv.reader(io.StringIO((tmp_path / "out.csv").read_text(), newline="")))
    assert {row[0] for row in rows[1:]} == {label, "B"}
    assert len({len(row) for row in rows}) == 1

"""Result files of races: their shapes, and that an independent program can repeat a race from one of them."""

from __future__ import annotations

import csv
import io
import json
import math
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradsim.engine.optim import OPTIMIZERS
from gradsim.engine.optim.clipping import CLIPS
from gradsim.engine.optim.schedules import SCHEDULES
from gradsim.schema.errors import FileError
from gradsim.sim.documents import results
from gradsim.sim.documents.document import Document, parse
from gradsim.sim.kinds.race.racer import Racer
from gradsim.sim.kinds.race.spec import Race
from gradsim.sim.run.tape import Tape
from tests.unit.races import ADAM, AWAY, SGD, path, race
from tests.unit.test_results import OTHERWISE, no_constant, updates_of
from tests.unit.textbook import Memory, updated

KEYS = {"x": "x", "y": "y", "f": "value", "distance": "distance", "grad_norm": "grad_norm"}
STEPS = 12


def saved(file: Path, spec: Race) -> tuple[Racer, Tape]:
    document = Document(spec)
    racer, tape = results.run(document)
    results.save(file, document, racer, tape.until(racer.step))
    assert isinstance(racer, Racer)
    return racer, tape


def test_json_of_one_descent_is_plain_lists(tmp_path: Path) -> None:
    _, tape = saved(tmp_path / "out.json", race(steps=STEPS))
    table = json.loads((tmp_path / "out.json").read_text(), parse_constant=no_constant)
    assert list(table) == ["kind", "steps", "runs"]
    assert table["kind"] == "race"
    assert table["steps"] == list(range(STEPS + 1))
    for i, run in enumerate(table["runs"]):
        assert list(run) == ["label", "x", "y", "f", "distance", "grad_norm", "evaluations"]
        assert run["label"] == ("SGD", "Adam")[i]
        assert run["evaluations"] == table["steps"]
        for key, name in KEYS.items():
            assert run[key] == path(tape, i, name)[:, 0].tolist()


def test_json_of_several_descents_is_a_list_for_each(tmp_path: Path) -> None:
    _, tape = saved(tmp_path / "out.json", race(steps=STEPS, replicas=3, spread=0.1))
    for i, run in enumerate(json.loads((tmp_path / "out.json").read_text())["runs"]):
        assert run["evaluations"] == list(range(STEPS + 1))
        for key, name in KEYS.items():
            assert run[key] == path(tape, i, name).T.tolist()


def test_json_has_null_after_a_run_has_diverged_and_for_what_there_is_not(tmp_path: Path) -> None:
    racer, _ = saved(tmp_path / "out.json", race(AWAY, ADAM, surface="saddle", start=[1, 1], steps=STEPS))
    away, adam = json.loads((tmp_path / "out.json").read_text(), parse_constant=no_constant)["runs"]
    [gone] = racer.diverged
    assert away["diverged"] == {"step": gone.step}
    for key in ("x", "y", "f", "grad_norm", "evaluations"):
        assert [value is None for value in away[key]] == [step > gone.step for step in range(STEPS + 1)]
        assert None not in adam[key]
    assert "diverged" not in adam
    assert set(adam["distance"]) == {None}


def test_csv_has_a_line_for_each_run_descent_and_step(tmp_path: Path) -> None:
    spec = race(AWAY | {"label": 'a, "b"'}, ADAM, steps=STEPS, replicas=2, spread=0.1)
    _, tape = saved(tmp_path / "out.csv", spec)
    lines = list(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text(), newline="")))
    assert list(lines[0]) == ["run", "replica", "step", "evaluations", *KEYS]
    assert len(lines) == 2 * 2 * (STEPS + 1)
    for line in lines:
        i, replica, step = spec.labels.index(line["run"]), int(line["replica"]), int(line["step"])
        for key, name in {"evaluations": "samples", **KEYS}.items():
            value = path(tape, i, name)[step, replica]
            assert line[key] == "" if math.isnan(value) else float(line[key]) == value


# Repeating a race from its .npz file.


def beale(at: Any) -> Any:
    x, y = at
    a, b, c = 1.5 - x + x * y, 2.25 - x + x * y**2, 2.625 - x + x * y**3
    by_y = 2.0 * x * (a + 2.0 * b * y + 3.0 * c * y**2)
    return np.array([2.0 * (a * (y - 1.0) + b * (y**2 - 1.0) + c * (y**3 - 1.0)), by_y])


def least_squares(u: Any, v: Any) -> Callable[[Any], Any]:
    return lambda at: np.array([((at[0] * u + at[1] - v) * u).mean(), (at[0] * u + at[1] - v).mean()])


def slope_of(file: Any, rows: Any) -> Callable[[Any], Any]:
    """Return the gradient that the step is taken with on `rows` of the samples, as a function of the place."""
    if rows is None:
        return beale
    return least_squares(file["train_x"][rows], file["train_y"][rows])


def repeat(file: Any, i: int, replica: int, run: dict[str, Any], steps: int) -> Any:
    """Race again from what an .npz file says; return where the descent ends."""
    point = file[f"run{i}/replica{replica}/initial"]
    memory: Memory = {}
    noise = file[f"replica{replica}/noise"] if f"replica{replica}/noise" in file else np.zeros((steps, 2))
    if not any(key.startswith(f"run{i}/phase") or key == f"run{i}/replica{replica}/batches" for key in file):
        file = file | {f"replica{replica}/batches": [None] * steps}
    for t, phase, rows in updates_of(file, i, replica, run):
        rule_t = t - phase.rule_first
        memory = memory if rule_t > 1 else {}
        gradient = slope_of(file, rows)(point) + noise[t - 1]
        [point] = updated([point], [gradient], [memory], phase.run, rule_t, phase.steps, t - phase.schedule_first)
    return point


REPEATED: dict[str, Race] = {
    f"optimizer {key}": race(
        {"label": "default", "optimizer": key},
        {"label": "other", "optimizer": {"name": key, "weight_decay": 0.1} | OTHERWISE[key]},
    )
    for key in OPTIMIZERS
}
REPEATED |= {
    f"schedule {key}": race(
        {"label": "default", "schedule": key},
        {"label": "other", "schedule": {"name": key} | OTHERWISE.get(key, {}), "optimizer": "adamw"},
    )
    for key in SCHEDULES
}
REPEATED |= {
    f"clipping {key}": race(
        {"label": "default", "clip": key},
        {
            "label": "other",
            "clip": {"name": key} | OTHERWISE.get(key, {}),
            "optimizer": {"name": "nag", "weight_decay": 0.1},
        },
    )
    for key in CLIPS
}
REPEATED["noise"] = race(ADAM, SGD, noise=0.5, spread=0.1, replicas=3, seed=8)
REPEATED["batches"] = race(
    SGD | {"batch_size": 7}, ADAM | {"batch_size": "all"}, surface="least_squares", replicas=2, noise=0.1
)


REPEATED["changes without samples"] = race(
    ADAM
    | {"changes": [{"step": 8, "optimizer": {"name": "adam", "learning_rate": 0.02}}, {"step": 20, "clip": "norm"}]},
    SGD | {"changes": [{"step": 0, "optimizer": "nag", "schedule": "cosine"}]},
)
REPEATED["changes"] = race(
    ADAM
    | {
        "batch_size": 7,
        "schedule": "exponential",
        "changes": [
            {"step": 8, "optimizer": {"name": "adam", "learning_rate": 0.02}, "batch_size": 3},
            {"step": 20, "optimizer": "nag", "schedule": "cosine"},
            {"step": 30, "batch_size": "all", "clip": "norm"},
        ],
    },
    SGD,
    surface="least_squares",
    replicas=2,
    noise=0.1,
)


@pytest.mark.parametrize("name", REPEATED)
def test_an_independent_program_repeats_the_race_from_the_npz(name: str, tmp_path: Path) -> None:
    saved(tmp_path / "out.npz", REPEATED[name])
    with np.load(tmp_path / "out.npz", allow_pickle=False) as npz:
        file = dict(npz)
    table = tomllib.loads(str(file["experiment"]))
    for i, run in enumerate(table["runs"]):
        for replica in range(table["replicas"]):
            again = repeat(file, i, replica, table.get("common", {}) | run, table["steps"])
            final, initial = (file[f"run{i}/replica{replica}/{moment}"] for moment in ("final", "initial"))
            np.testing.assert_allclose(final, again, rtol=1e-12, atol=1e-12)
            assert (final != initial).any()


def test_npz_keys_shapes_and_types(tmp_path: Path) -> None:
    spec = REPEATED["batches"]
    saved(tmp_path / "out.npz", spec)
    count = spec.surface.sample_count
    shapes: dict[str, tuple[int, ...]] = {"experiment": (), "train_x": (count,), "train_y": (count,)}
    for r in range(2):
        shapes[f"replica{r}/noise"] = (spec.steps, 2)
        for i, batch in enumerate((7, count)):
            shapes[f"run{i}/replica{r}/batches"] = (spec.steps, batch)
            shapes |= {f"run{i}/replica{r}/{moment}": (2,) for moment in ("initial", "final")}
    with np.load(tmp_path / "out.npz", allow_pickle=False) as file:
        assert {key: file[key].shape for key in file} == shapes
        assert np.issubdtype(file["run0/replica0/batches"].dtype, np.integer)
        assert parse(str(file["experiment"]), "npz") == Document(spec)


def test_a_diverged_run_ends_where_it_was_last(tmp_path: Path) -> None:
    _, tape = saved(tmp_path / "out.npz", race(AWAY, SGD, noise=0.1))
    [gone] = tape.diverged
    with np.load(tmp_path / "out.npz", allow_pickle=False) as file:
        assert file["run0/replica0/final"].tolist() == [path(tape, 0, name)[gone.step, 0] for name in ("x", "y")]
        assert len(file["replica0/noise"]) == 40


@pytest.mark.parametrize(
    ("spec", "size"),
    [(race(noise=0.1, replicas=3), 16 * 40 * 3), (REPEATED["batches"], (16 + 4 * (7 + 200)) * 40 * 2)],
)
def test_draws_that_would_fill_the_disk_are_refused(
    spec: Race, size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "MAX_DRAW_BYTES", size)
    results.check_room(tmp_path / "out.npz", spec)
    monkeypatch.setattr(results, "MAX_DRAW_BYTES", size - 1)
    with pytest.raises(FileError, match=r"the draws of 40 steps would take .* GiB are allowed, so take fewer steps$"):
        results.check_room(tmp_path / "out.npz", spec)
    for file, other in (("out.json", spec), ("out.npz", race(steps=10_000_000))):  # where nothing is drawn
        results.check_room(tmp_path / file, other)


@pytest.mark.parametrize("ending", results.FORMATS)
@pytest.mark.parametrize(
    "spec",
    [race(SGD, replicas=2, noise=1.0), race({**SGD, "batch_size": 1}, replicas=2, surface="least_squares")],
    ids=["noise", "batches"],
)
def test_a_race_that_ends_at_its_start_is_saved(tmp_path: Path, spec: Race, ending: str) -> None:
    document = Document(spec)
    racer, tape = results.run(document, 0)
    results.save(tmp_path / f"out{ending}", document, racer, tape.until(0))
    if ending == ".npz" and spec.noise:
        with np.load(tmp_path / "out.npz") as npz:
            assert npz["replica1/noise"].shape == (0, 2)

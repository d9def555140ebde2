"""Runs from scripts and notebooks."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradsim
from gradsim import scripting
from gradsim.engine.nn.probes import PROBES
from gradsim.sim.documents.document import Document
from gradsim.sim.documents.lessons import lessons
from tests.unit.small import RELU, SIGMOID, experiment, measured, trained

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "scripting.md"
SETTINGS: dict[str, Any] = {"steps": 12, "replicas": 3, "hidden": [6, 5], "batch_size": 16}


def test_every_quantity_is_what_the_tape_has() -> None:
    results = gradsim.run(runs=[SIGMOID, RELU], data={"name": "digits", "samples": 100}, **SETTINGS)
    common = {"hidden": [6, 5], "batch_size": 16}
    spec = experiment(
        SIGMOID, RELU, steps=12, replicas=3, common=common, data={"name": "digits", "samples": 100}, seed=0
    )
    assert results.experiment == spec
    _, tape = trained(spec)
    for i, label in enumerate(("Sigmoid", "ReLU")):
        run, record = results[label], measured(tape, i)
        assert {probe.key for probe in PROBES} < set(run.quantities)
        for name in run.quantities:
            if name != "seconds":
                layers = (3,) if name in {probe.key for probe in PROBES} else ()
                assert getattr(run, name).shape == (3, 13, *layers)
                expected = np.moveaxis(tape.until(12).replicas(i, name), -1, 0)
                np.testing.assert_array_equal(getattr(run, name), expected)
        np.testing.assert_array_equal(run.grad_rms, np.moveaxis(record["grad_rms"], -1, 0))


def test_no_step_of_a_long_run_is_left_out() -> None:
    results = gradsim.run(kind="race", surface="booth", steps=5000, runs=[{"optimizer": "sgd"}])
    assert results.steps.tolist() == list(range(5001))
    assert results[0].x.shape == (1, 5001)
    assert results[0].gradient.shape == (1, 5001, 2)


def test_a_lesson_with_other_settings() -> None:
    results = gradsim.run("saddle", steps=30, seed=5)
    assert results.labels == ("SGD", "Momentum", "Nesterov", "RMSprop", "Adam")
    assert (results.experiment.steps, results.experiment.seed) == (30, 5)
    assert gradsim.load("saddle") == lessons()["saddle"]
    assert results.verdict.endswith(".")
    assert len(list(results)) == len(results) == 5


def test_what_follows_from_a_setting_follows_in_scripts_too() -> None:
    typed = [{"label": f"Batch, {size}", "batch_size": size} for size in (200, 20)]
    batches = gradsim.run(kind="race", surface="logistic", runs=typed, steps=5)
    assert gradsim.run(Document(batches.experiment), batch_size=5, steps=5).labels == (
        "Batch, 200 → 5",
        "Batch, 20 → 5",
    )
    moved = gradsim.run("race", surface="mccormick", steps=2)
    afresh = gradsim.run(kind="race", surface="mccormick", steps=2, runs=[{"optimizer": "sgd"}])
    assert moved[0].x[0, 0] == afresh[0].x[0, 0]


def test_values_of_numpy_and_paths_are_plain_ones(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,y,c\n" + "".join(f"{i},{i % 3},{i % 2}\n" for i in range(40)))
    results = gradsim.run(
        data={"name": "csv", "path": tmp_path / "a.csv"},
        steps=np.int64(3),
        hidden=np.array([4, 3]),
        output="sigmoid",
        batch_size=np.int32(8),
        runs=({"activation": "relu"},),
    )
    assert (results.experiment.steps, results.experiment.runs[0].hidden) == (3, (4, 3))


def test_common_settings_go_to_the_runs_of_a_lesson() -> None:
    assert gradsim.run("vanishing", common={"hidden": [4]}, steps=2).experiment.runs[1].hidden == (4,)


def test_files_hold_what_run_writes(tmp_path: Path) -> None:
    results = gradsim.run(runs=[RELU], data="xor", **SETTINGS)
    for name, write in (("a.csv", results.to_csv), ("a.json", results.to_json), ("a.npz", results.to_npz)):
        write(tmp_path / name)
    rows = list(csv.DictReader((tmp_path / "a.csv").read_text().splitlines()))
    assert float(rows[-1]["grad_rms"]) == results["ReLU"].grad_rms[-1, -1, -1]
    [run] = json.loads((tmp_path / "a.json").read_text())["runs"]
    np.testing.assert_array_equal(run["loss"], results[0].loss)
    with np.load(tmp_path / "a.npz") as arrays:
        assert "run0/replica0/W0/initial" in arrays
    with pytest.raises(ValueError, match=r"is not one of \.csv"):
        results.to_csv(tmp_path / "a.txt")


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "a setting": ({"stepz": 3}, "stepz: .*did you mean 'steps'"),
    "a value": ({"hidden": [0]}, r"runs\[0\].hidden\[0\]: 0 is not a whole number"),
    "a kind": ({"kind": "trian"}, "kind: 'trian' is not one of"),
    "a kind that is none": ({"kind": 3}, "kind"),
    "runs": ({"runs": 3}, "runs: is not a list"),
    "a run": ({"runs": ["relu"]}, "runs: is not a list"),
    "an entry": ({"optimizer": "bogus"}, "optimizer: 'bogus' is not one of"),
    "data": ({"batch_size": 10**6}, "batch_size: 1000000 is more than"),
}


@pytest.mark.parametrize(("settings", "problem"), BAD.values(), ids=BAD)
def test_what_is_not_allowed_is_a_value_error(settings: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        gradsim.run(**settings)


def test_a_record_that_would_not_fit_is_refused_before_any_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scripting, "MAX_RECORD_BYTES", 1000)
    with pytest.raises(ValueError, match="take fewer steps or replicas"):
        gradsim.run(steps=1000)


def test_what_there_is_not_is_said() -> None:
    results = gradsim.run(runs=[RELU], data="xor", **SETTINGS)
    with pytest.raises(AttributeError, match="did you mean 'grad_rms'"):
        _ = results[0].grad_rsm
    with pytest.raises(KeyError, match="is not one of ReLU"):
        _ = results["Relu"]
    with pytest.raises(ValueError, match="read-only"):
        results[0].loss[:] = 0.0


def test_the_guide_runs_without_qt(tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 3
    check = "import sys; assert not any(name.startswith('PySide6') for name in sys.modules)"
    root = Path(gradsim.__file__).resolve().parents[1]
    code = "\n".join([f"import sys; sys.path.insert(0, {str(root)!r})", *blocks, check])
    ended = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert ended.returncode == 0, ended.stderr
    assert {"vanishing.csv", "rates.csv"} <= {path.name for path in tmp_path.iterdir()}

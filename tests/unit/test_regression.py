"""Targets that are numbers: what goes with them, and that nothing speaks of an accuracy."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradsim.cli import BAD_INPUT, DONE, main
from gradsim.engine.data.tables import Csv
from gradsim.schema.parameters import ParameterError
from gradsim.sim.documents import results
from gradsim.sim.documents.document import Document
from gradsim.sim.documents.lesson import Lesson
from gradsim.sim.documents.texts import Words
from gradsim.sim.kinds.train.checks import check, has_accuracy
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.kinds.train.trainer import trainers
from tests.unit.small import assert_same, measured, train_from, trained, verdict

NUMBERS: dict[str, Any] = {"output": "linear", "loss": "mse", "activation": "tanh"}


def regression(*runs: dict[str, Any], **settings: Any) -> Train:
    table = {"data": "sine", "replicas": 2, "steps": 10, "common": {"hidden": [4], "batch_size": 16}}
    return train_from(table | {"runs": [NUMBERS | run for run in runs or ({},)]} | settings)


@pytest.mark.parametrize("data", ["sine", "linear", {"name": "point", "y": [1.25]}])
@pytest.mark.parametrize(
    ("run", "path", "words"),
    [
        (
            {"output": "sigmoid", "loss": "cross_entropy"},
            "loss",
            "'cross_entropy' needs classes or numbers from 0 to 1",
        ),
        (
            {"output": "softmax", "loss": "cross_entropy"},
            "loss",
            "'cross_entropy' needs classes or numbers from 0 to 1",
        ),
        ({"output": "softmax", "loss": "mse"}, "output", "'softmax' needs classes or numbers from 0 to 1"),
        ({"output": "sigmoid", "loss": "mse"}, "output", "'sigmoid' needs classes or numbers from 0 to 1"),
        ({"output": "tanh", "loss": "huber"}, "output", "'tanh' needs classes or numbers from -1 to 1"),
    ],
)
def test_what_speaks_of_probabilities_is_refused(run: dict[str, Any], path: str, words: str, data: Any) -> None:
    run = run | {"label": "B", "batch_size": "all"}
    spec = regression({"batch_size": "all"}, run, data=data)
    with pytest.raises(ParameterError) as caught:
        check(spec)
    assert caught.value.path == f"runs[1].{path}"
    assert caught.value.problem.startswith(
        f"{words}, but the targets of the data {spec.data.key!r} are other numbers; "
    )
    assert ("take the loss mse" if path == "loss" else "linear") in caught.value.problem


def test_the_refusal_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.toml"
    path.write_text('data = "sine"\n[[runs]]\n')
    assert main(["check", str(path)]) == BAD_INPUT
    assert capsys.readouterr().err.startswith(f"gradsim: {path}: runs[0].loss: 'cross_entropy' needs classes or ")


def test_a_wave_is_learnt_and_no_accuracy_is_no_divergence() -> None:
    trainer, tape = trained(regression(steps=300, data={"name": "sine", "noise": 0.0}))
    values = measured(tape, 0)
    assert trainer.diverged == tape.diverged == []
    assert np.isnan(values["accuracy"]).all()
    assert (values["loss"][-1] < 0.5 * values["loss"][0]).all()


def test_files_leave_the_accuracy_out(tmp_path: Path) -> None:
    document = Document(regression())
    trainer, tape = results.run(document)
    for name in ("out.json", "out.csv"):
        results.save(tmp_path / name, document, trainer, tape.until(trainer.step))
    (run,) = json.loads((tmp_path / "out.json").read_text())["runs"]
    assert run["accuracy"] == [[None] * 11] * 2
    assert all(isinstance(x, float) for replica in run["loss"] for x in replica)
    assert "diverged" not in run
    with (tmp_path / "out.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert {line["accuracy"] for line in lines} == {""}
    assert all(float(line["loss"]) > 0 for line in lines)


@pytest.mark.parametrize("hidden", [[], [4]])
def test_the_verdict_does_not_speak_of_accuracy(hidden: list[int]) -> None:
    spec = regression({"label": "A", "hidden": hidden}, {"label": "B", "hidden": []})
    _, tape = trained(spec)
    text = "".join(span.text for span in verdict(spec, None, tape.until(10), [], "en"))
    assert text.startswith("RMS error on the test set: A ")
    assert ", B " in text
    assert "accuracy" not in text
    assert "nan" not in text
    lesson = Lesson(id="x", title=Words("T"), verdict=Words("accuracy {accuracy}"))
    own = "".join(span.text for span in verdict(spec, lesson, tape.until(10), [], "en"))
    assert own == text
    assert "accuracy" not in own


def test_experiments_that_classify_are_known() -> None:
    assert not has_accuracy(regression())
    assert has_accuracy(train_from({"data": "moons", "runs": [{}]}))
    assert has_accuracy(train_from({"data": {"name": "csv", "path": "gone.csv"}, "runs": [{}]}))


def test_a_run_computed_again_sees_the_data_it_began_with(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    rng = np.random.default_rng(3)
    path.write_text("".join(f"{a},{b}\n" for a, b in rng.standard_normal((40, 2))))
    spec = regression(data={"name": "csv", "path": str(path)})
    prepare = trainers(spec)
    first = prepare()
    path.write_text("1,2\n3,5\n5,4\n")
    assert prepare().data is first.data
    another = regression({"batch_size": 1}, data={"name": "csv", "path": str(path)})
    assert len(trainers(another)().data.train) == 2
    path.unlink()
    assert prepare().data is first.data


NIELSEN = {"name": "point", "x": [1.0], "y": [0.0]}


def test_a_worked_example_steps_as_by_hand() -> None:
    """One sigmoid neuron, cross-entropy: dL/dw = (a - y) x."""
    run = {"hidden": [], "output": "sigmoid", "loss": "cross_entropy", "batch_size": 1, "bias_init": "zeros"}
    init = {"name": "constant", "value": 2.0}
    table = {"data": NIELSEN, "replicas": 1, "steps": 3, "runs": [run | {"init": init}]}
    trainer, _ = trained(train_from(table))
    w, b = 2.0, 0.0
    for _ in range(3):
        delta = 1 / (1 + np.exp(-(w + b)))
        w, b = w - 0.1 * delta, b - 0.1 * delta
    np.testing.assert_allclose(trainer.parameters(0), [[w, b]], rtol=1e-14)


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ({"x": []}, "data.x: [] is not a list of 1 to 64 numbers from -1,000,000 to 1,000,000"),
        ({"x": 1.0}, "data.x: 1.0 is not a list of 1 to 64 numbers *"),
        ({"x": [1.0] * 65}, "data.x: [1.0, *… is not a list of 1 to 64 numbers *"),
        ({"y": [0.0, "x"]}, "data.y[1]: 'x' is not a number from -1,000,000 to 1,000,000"),
        ({"y": [float("nan")]}, "data.y[0]: nan is not a number *"),
        ({"y": [True]}, "data.y[0]: True is not a number *"),
    ],
)
def test_a_list_of_numbers_that_is_none(table: dict[str, Any], problem: str) -> None:
    with pytest.raises(ParameterError) as caught:
        train_from({"data": {"name": "point", **table}, "runs": [{}]})
    pieces = problem.split("*")
    assert str(caught.value).startswith(pieces[0])
    assert all(piece in str(caught.value) for piece in pieces)


def test_the_same_run_beside_one_of_another_output_is_the_same() -> None:
    """On two classes softmax has two units, sigmoid one: they share data and batches, not shapes."""
    common = {"hidden": [4], "batch_size": 8}
    runs = [{"label": o, "output": o, "loss": "mse"} for o in ("softmax", "sigmoid", "linear")]
    table = {"data": "moons", "replicas": 2, "steps": 5, "common": common}
    _, together = trained(train_from(table | {"runs": runs}))
    for i, run in enumerate(runs):
        _, alone = trained(train_from(table | {"runs": [run]}))
        assert_same(measured(together, i), measured(alone, 0))


def test_check_and_run_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "wave.toml"
    path.write_text(
        'data = "sine"\nsteps = 3\nreplicas = 2\n[[runs]]\nloss = "mse"\noutput = "linear"\nhidden = []\n'
    )
    assert main(["check", str(path)]) == DONE
    assert main(["run", str(path)]) == DONE
    assert capsys.readouterr().out.startswith("step 3: RMS error on the test set: Sigmoid ")


def test_a_table_is_no_accuracy_where_its_target_is_a_number(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("".join(f"{i},{0.5 * i}\n" for i in range(30)))
    assert not Csv(path=str(path)).load().classes


@pytest.mark.parametrize(
    ("y", "output", "loss", "refused"),
    [
        ([1.0, 1.0, 0.0], "sigmoid", "cross_entropy", ""),
        ([0.0, 0.0], "sigmoid", "cross_entropy", ""),
        ([0.3, 0.7], "softmax", "cross_entropy", ""),
        ([0.3, 0.7], "sigmoid", "cross_entropy", ""),
        ([-1.0, 1.0], "tanh", "mse", ""),
        ([1.0, 1.0, 0.0], "softmax", "cross_entropy", "output.*shares that sum to 1.*take the output sigmoid$"),
        ([1.5, 0.0], "sigmoid", "cross_entropy", "loss.*numbers from 0 to 1.*take the loss mse or mae or huber$"),
        ([-0.5, 0.5], "sigmoid", "mse", "numbers from 0 to 1.*take the output linear or tanh$"),
    ],
)
def test_several_labels_and_shares_of_labels_are_learnt(y: list[float], output: str, loss: str, refused: str) -> None:
    run = {"output": output, "loss": loss, "batch_size": 1, "hidden": [4]}
    spec = train_from({"steps": 5, "data": {"name": "point", "x": [1.0], "y": y}, "runs": [run]})
    if refused:
        with pytest.raises(ParameterError, match=refused):
            trained(spec)
    else:
        losses = trained(spec)[1].until(5).history(0, "loss")[:, 1]
        assert (np.diff(losses) < 0.0).all()

"""A table in place of an experiment: what is trained on it, and how the runs of an experiment follow other data."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from gradsim.cli import main
from gradsim.schema.errors import FileError
from gradsim.sim.documents.document import Document
from gradsim.sim.documents.drafts import History
from gradsim.sim.documents.experiments import full_table
from gradsim.sim.documents.table_document import table_document
from gradsim.sim.kinds import kind_of
from gradsim.sim.kinds.train.spec import Train
from tests.unit.small import as_train, experiment

TABLES = {
    "numbers": "x,y\n" + "".join(f"{i / 9:.3f},{math.sin(i / 9):.4f}\n" for i in range(60)),
    "classes": "a,b,kind\n" + "".join(f"{i % 10},{i % 7},{'pqr'[i % 3]}\n" for i in range(90)),
    "few": "a,b,kind\n" + "".join(f"{i % 10},{i % 7},{'pq'[i % 2]}\n" for i in range(12)),
    "many inputs": "a,b,c,y\n" + "".join(f"{i % 10},{i % 7},{i % 3},{i / 7:.2f}\n" for i in range(60)),
}


@pytest.fixture
def tables(tmp_path: Path) -> dict[str, str]:
    for name, text in TABLES.items():
        (tmp_path / f"{name}.csv").write_text(text)
    return {name: str(tmp_path / f"{name}.csv") for name in TABLES}


@pytest.mark.parametrize(
    ("name", "output", "loss", "batch", "views"),
    [
        ("numbers", "linear", "mse", 32, ["fit", "predicted", "loss"]),
        ("classes", "softmax", "cross_entropy", 32, ["boundary", "confusion", "loss", "accuracy"]),
        ("few", "softmax", "cross_entropy", "all", ["boundary", "confusion", "loss", "accuracy"]),
        ("many inputs", "linear", "mse", 32, ["predicted", "gradients", "loss"]),
    ],
)
def test_a_table_alone_is_trained_on(
    tables: dict[str, str], name: str, output: str, loss: str, batch: object, views: list[str]
) -> None:
    found = as_train(table_document(Path(tables[name])).experiment)
    assert {(run.output.key, run.loss.key, run.batch_size) for run in found.runs} == {(output, loss, batch)}
    assert list(kind_of(found).usual_views(found)) == views


def test_the_command_line_takes_a_table_for_an_experiment(
    tables: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", tables["classes"], "--steps", "3"]) == 0
    assert "3 classes: p, q, r" in capsys.readouterr().out
    assert main(["check", tables["numbers"]]) == 0
    assert "the numbers 'y'" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["run", "check"])
def test_a_table_that_is_refused_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("a,b\n1,2\n3\n")
    assert main([command, str(path)]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith(f"gradsim: {path}, line 3: ")
    with pytest.raises(FileError, match="No such file"):
        table_document(tmp_path / "missing.csv")


# Other data in an experiment that is open


def chosen(history: History, data: dict[str, Any]) -> History:
    return history.edited({**history.draft.table, "data": data})


def of(history: History) -> set[tuple[str, str, object]]:
    assert history.draft.refusal is None
    runs = as_train(history.draft.document.experiment).runs
    return {(run.output.key, run.loss.key, run.batch_size) for run in runs}


def opened(**common: Any) -> History:
    return History.of(Document(experiment(common={"hidden": [4], **common})))


def test_output_and_loss_follow_from_classes_to_numbers_and_back(tables: dict[str, str]) -> None:
    history = opened(batch_size=16)
    numbers = chosen(history, {"name": "csv", "path": tables["numbers"]})
    assert of(numbers) == {("linear", "mse", 16)}
    [note] = numbers.notes("en")
    assert note == "Brought in line with the data: Output Linear, Loss Squared error. Ctrl+Z takes it back."
    assert numbers.undone().draft == history.draft
    classes = chosen(numbers, {"name": "csv", "path": tables["classes"]})
    assert of(classes) == {("softmax", "cross_entropy", 16)}
    assert "Output Softmax" in classes.notes("en")[0]


def test_a_loss_that_goes_with_numbers_stays(tables: dict[str, str]) -> None:
    history = opened(batch_size=16, loss="mae", output="sigmoid")
    assert of(chosen(history, {"name": "csv", "path": tables["numbers"]})) == {("linear", "mae", 16)}


def test_what_suits_both_stays_as_it_is(tables: dict[str, str]) -> None:
    history = opened(batch_size=16, loss="mse", output="sigmoid")
    classes = chosen(history, {"name": "csv", "path": tables["classes"]})
    assert of(classes) == {("sigmoid", "mse", 16)}
    assert classes.notes("en") == []


def test_a_batch_is_not_larger_than_a_table(tables: dict[str, str]) -> None:
    history = chosen(opened(batch_size=64), {"name": "csv", "path": tables["few"]})
    assert of(history) == {("softmax", "cross_entropy", "all")}
    assert "Batch size all" in history.notes("en")[0]


def test_generated_data_do_not_change_a_batch_that_was_given() -> None:
    history = chosen(opened(batch_size=64), {"name": "moons", "samples": 20})
    assert history.draft.refusal is not None
    assert "batch_size" in history.draft.refusal.path


def test_a_table_that_is_named_after_it_was_chosen_is_one_change(tables: dict[str, str]) -> None:
    history = opened(batch_size=16)
    nameless = chosen(history, {"name": "csv"})
    assert nameless.draft.refusal is not None
    table = dict(nameless.draft.table)
    named = nameless.edited({**table, "data": {**table["data"], "path": tables["numbers"]}})
    assert of(named) == {("linear", "mse", 16)}
    assert named.undone().draft == history.draft
    assert not named.undone().can_undo


def test_another_setting_beside_what_is_refused_is_another_change(tables: dict[str, str]) -> None:
    nameless = chosen(opened(batch_size=16), {"name": "csv"})
    other = nameless.edited({**nameless.draft.table, "steps": 7})
    assert other.undone().draft == nameless.draft


def test_a_lesson_changed_to_a_table_has_other_views(tables: dict[str, str]) -> None:
    taught = experiment()
    kind = kind_of(taught)
    assert kind.suited_views(taught, experiment(steps=7)) == ()
    own = as_train(chosen(opened(), {"name": "csv", "path": tables["classes"]}).draft.document.experiment)
    assert list(kind.suited_views(taught, own)) == ["boundary", "confusion", "loss", "accuracy"]
    assert kind.suited_views(own, Train(data=own.data, runs=own.runs, steps=5)) == ()
    assert full_table(own)["data"]["name"] == "csv"

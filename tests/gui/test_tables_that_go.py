"""A table that goes or changes while its networks are shown: pictures are of the samples that these were trained on.

The next run looks at the file again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from gradsim.engine.data.samples import Cache
from gradsim.engine.data.tables import dataset
from gradsim.engine.types import Array
from gradsim.schema.parameters import ParameterError
from gradsim.sim.documents.document import Document
from gradsim.sim.documents.experiments import experiment_from
from gradsim.sim.kinds.train.painting import points_of
from gradsim.sim.kinds.train.spec import Train
from gradsim.ui.app import application
from gradsim.ui.export import settle
from gradsim.ui.views.catalogue import VIEWS, applying
from gradsim.ui.views.common.view import View
from gradsim.ui.views.train.outcome_view import OutcomeView
from tests.coarse import coarse_studies
from tests.gui.test_diverged import played, shown_board

STEPS, ROWS = 6, 80
SETTINGS: Mapping[str, Any] = {
    "steps": STEPS,
    "replicas": 2,
    "common": {"hidden": [6], "batch_size": 16, "activation": "relu"},
}


def fewer_rows(path: Path) -> None:
    path.write_text("\n".join(path.read_text().splitlines()[: ROWS // 2]))


def a_column_more(path: Path) -> None:
    rows = [row.rpartition(",") for row in path.read_text().splitlines()]
    path.write_text(
        "\n".join(f"{left},{'new' if i == 0 else i % 3},{right}" for i, (left, _, right) in enumerate(rows))
    )


GONE: Mapping[str, Callable[[Path], object]] = {"deleted": Path.unlink, "emptied": lambda path: path.write_text("")}
CHANGED: Mapping[str, Callable[[Path], object]] = {"fewer rows": fewer_rows, "a column more": a_column_more}
ENDS = {**GONE, **CHANGED}
TABLES = ("plane", "line", "sparse")
"""Of two inputs and a class, of one input and a number, and of many inputs that are mostly zero."""


def written(path: Path, table: str) -> Document:
    """Write a table, and return an experiment on it."""
    chance = np.random.default_rng(1)
    x: Array
    if table == "line":
        x = chance.normal(size=(ROWS, 1))
        y = (x[:, 0] ** 2).round(3).astype(str)
    else:
        x = chance.normal(size=(ROWS, 2)) if table == "plane" else (chance.random((ROWS, 12)) < 0.15) * 1.0
        y = np.where(x[:, 0] + x[:, 1] > 0.0, "yes", "no")
    names = [f"x{i}" for i in range(x.shape[1])]
    rows = [",".join([*(f"{value:.3f}" for value in row), end]) for row, end in zip(x, y, strict=True)]
    path.write_text("\n".join([",".join([*names, "y"]), *rows]))
    ways = ("mse", "linear") if table == "line" else ("cross_entropy", "sigmoid")
    runs = [{"label": label, "loss": loss, "output": ways[1]} for label, loss in (("A", ways[0]), ("B", "mse"))]
    data = {"name": "csv", "path": str(path), "target": "y", "scaling": "none"}
    return Document(experiment_from({**SETTINGS, "data": data, "runs": runs}))


def cases() -> list[tuple[str, str]]:
    return [(key, table) for key, view in VIEWS.items() if view.kind == "train" for table in TABLES]


@pytest.mark.parametrize("how", ["emptied", "a column more"])
@pytest.mark.parametrize(("key", "table"), cases())
def test_what_is_shown_stays_and_the_next_run_is_on_the_new_table(
    key: str, table: str, how: str, tmp_path: Path, qtbot: QtBot
) -> None:
    document = written(tmp_path / "own.csv", table)
    if key not in applying([key], document.experiment):
        pytest.skip("it does not apply")
    tape, data = played(document), document.experiment.data  # type: ignore[attr-defined]
    board, trained_on = shown_board(document, tape, key, STEPS - 1), data.load()
    qtbot.addWidget(board)
    ENDS[how](tmp_path / "own.csv")
    board.draw(tape, STEPS)
    with coarse_studies():
        board.finish_studies()
    settle(application())
    assert board._content is not None
    for view in board._content.views:
        view.set_experiment(document.experiment)
        view.restore(view.state())
    board.draw(tape, 0)
    board.set_look("dark", "zh_CN")  # which builds all anew
    settle(application())
    assert data.load() is trained_on
    if how in GONE:
        with pytest.raises(ParameterError):
            played(document)
        return
    tape = played(document)
    assert data.load() is not trained_on
    board.show_document(document, [key])
    board.draw(tape, STEPS)
    with coarse_studies():
        board.finish_studies()
    settle(application())
    for view in board._content.views:
        assert not isinstance(view, OutcomeView) or view.data is data.load()


@pytest.mark.parametrize("how", GONE)
def test_a_view_whose_samples_go_while_the_board_is_built_is_named_as_not_shown(
    how: str, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "own.csv"
    document = written(path, "plane")
    made = VIEWS["confusion"]

    class GoesMeanwhile(made):  # type: ignore[misc, valid-type]
        def __init__(self, *arguments: Any) -> None:
            GONE[how](path)
            monkeypatch.setattr(dataset, "SPLITS", Cache(1))  # as where others have taken their place
            super().__init__(*arguments)

    tape = played(document)
    monkeypatch.setitem(VIEWS, "confusion", GoesMeanwhile)
    board = shown_board(document, tape, "confusion", STEPS)
    qtbot.addWidget(board)
    assert board._content is not None
    assert not board._content.views
    absent = board._content._absent()
    assert absent is not None
    assert "cannot be read any more" in absent.text()


@pytest.mark.parametrize("how", GONE)
def test_painting_begins_with_the_usual_points_where_the_table_is_gone(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = written(tmp_path / "own.csv", "plane").experiment
    assert isinstance(experiment, Train)
    on_table = points_of(experiment)
    GONE[how](tmp_path / "own.csv")
    assert points_of(experiment) == on_table
    monkeypatch.setattr(dataset, "SPLITS", Cache(1))
    with pytest.raises(ParameterError):
        experiment.data.load()
    assert points_of(experiment) != on_table


@pytest.mark.parametrize("how", CHANGED)
def test_samples_are_those_that_were_read_until_the_file_is_looked_at_again(how: str, tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    data = written(path, "plane").experiment.data  # type: ignore[attr-defined]
    first = data.load()
    CHANGED[how](path)
    assert data.load() is first
    data.look_again()
    assert data.load() is not first
    path.unlink()
    kept = data.load()
    with pytest.raises(ParameterError):
        data.look_again()
    assert data.load() is kept


def test_a_file_that_has_changed_is_not_read_in_place_of_samples_that_are_no_longer_at_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "own.csv"
    data = written(path, "plane").experiment.data  # type: ignore[attr-defined]
    first = data.load()
    monkeypatch.setattr(dataset, "SPLITS", Cache(1))
    assert len(data.load().train) == len(first.train)
    fewer_rows(path)
    monkeypatch.setattr(dataset, "SPLITS", Cache(1))
    with pytest.raises(ParameterError, match="has changed since it was read; begin the run anew"):
        data.load()
    data.look_again()
    assert len(data.load().train) < len(first.train)


def test_there_are_views_of_all_kinds_of_tables(tmp_path: Path) -> None:
    found: dict[str, set[type[View]]] = {}
    for table in TABLES:
        document = written(tmp_path / f"{table}.csv", table)
        found[table] = {VIEWS[key] for key in applying(VIEWS, document.experiment)}
    assert VIEWS["confusion"] in found["plane"]
    assert VIEWS["feature_rates"] in found["sparse"]

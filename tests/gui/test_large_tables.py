"""A change of how a large table is read: the file is read beside the window, and then the change is made."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from gradsim.engine.data.tables import Csv, dataset
from gradsim.engine.data.tables.reader import read_table
from gradsim.engine.data.tables.table import Reading, Table
from gradsim.sim.documents.table_document import document_on
from gradsim.ui.editing import READING
from gradsim.ui.window import Window
from tests.gui.conftest import OpenWindow
from tests.unit.small import as_train


@pytest.fixture
def readers(monkeypatch: pytest.MonkeyPatch) -> list[threading.Thread]:
    """Take every file for a large one, and note which threads read them."""
    found: list[threading.Thread] = []

    def noted(reading: Reading) -> Table:
        found.append(threading.current_thread())
        return read_table(reading)

    monkeypatch.setattr(dataset, "SMALL_BYTES", 10)
    monkeypatch.setattr(dataset, "read_table", noted)
    return found


@pytest.fixture
def window(open_window: OpenWindow, tmp_path: Path) -> Window:
    path = tmp_path / "table.csv"
    path.write_text("a,b,kind\n" + "".join(f"{i},{i * i % 11}.5,{'uvw'[i % 3]}\n" for i in range(60)))
    return open_window(document_on(Csv(path=str(path))))


@pytest.fixture
def edit(window: Window) -> Callable[[str, object], None]:
    """Return a function that edits a setting of the table as the form does."""

    def change(key: str, value: object) -> None:
        table = window.editing.draft.table
        window.editing.edit({**table, "data": {**table["data"], key: value}})

    return change


Edit = Callable[[str, object], None]


def is_taken(window: Window) -> bool:
    return window.editing.draft.refusal is not READING


def data_of(window: Window) -> Csv:
    data = as_train(window.editing.draft.document.experiment).data
    assert isinstance(data, Csv)
    return data


def test_no_setting_makes_the_window_read_the_file(
    qtbot: QtBot, window: Window, edit: Edit, readers: list[threading.Thread]
) -> None:
    for key, value in (("leave_out", "a"), ("skip", 0), ("target", "b"), ("missing", "mean"), ("header", "yes")):
        edit(key, value)
        qtbot.waitUntil(lambda: is_taken(window), timeout=20_000)
        assert getattr(data_of(window), key) == value
    window.settle()
    assert readers
    assert threading.main_thread() not in readers
    table = as_train(window.editing.draft.document.experiment)
    assert {run.loss.key for run in table.runs} == {"mse"}  # what follows from the change is there


def test_a_change_that_is_refused_is_read_once_and_told(
    qtbot: QtBot, window: Window, edit: Edit, readers: list[threading.Thread]
) -> None:
    edit("target", "kind")
    edit("task", "numbers")
    qtbot.waitUntil(lambda: is_taken(window), timeout=20_000)
    assert window.editing.draft.refusal is not None
    assert "number" in window.editing.draft.refusal.problem
    assert threading.main_thread() not in readers
    edit("task", "classes")
    qtbot.waitUntil(lambda: window.editing.draft.refusal is None, timeout=20_000)


def test_until_it_is_read_what_ran_runs_and_all_changes_count(
    qtbot: QtBot, window: Window, edit: Edit, readers: list[threading.Thread]
) -> None:
    before = window.editing.draft
    edit("leave_out", "a")
    assert window.editing.draft.refusal is READING
    assert window.editing.draft.document is before.document
    window.editing.edit({**window.editing.draft.table, "seed": 77})
    qtbot.waitUntil(lambda: is_taken(window), timeout=20_000)
    assert data_of(window).leave_out == "a"
    assert window.editing.draft.document.experiment.seed == 77
    window.undo()
    assert window.editing.draft == before


def test_undo_takes_back_a_change_whose_table_is_being_read(
    qtbot: QtBot, window: Window, edit: Edit, readers: list[threading.Thread]
) -> None:
    before = window.editing.draft
    edit("leave_out", "a")
    window.undo()
    assert window.editing.draft == before
    edit("leave_out", "b")
    qtbot.waitUntil(lambda: is_taken(window), timeout=20_000)
    assert data_of(window).leave_out == "b"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return an experiment on a large table that nobody has read yet."""
    (tmp_path / "other.csv").write_text("p,q\n" + "".join(f"{i},{i % 7}.5\n" for i in range(50)))
    path = tmp_path / "file.toml"
    path.write_text(
        'replicas = 1\nsteps = 5\ndata = { name = "csv", path = "other.csv" }\n'
        '[common]\nhidden = [4]\nloss = "mse"\noutput = "linear"\n[[runs]]\nlabel = "A"\n'
    )
    return path


def test_a_file_on_a_large_table_is_opened_when_that_has_been_read(
    qtbot: QtBot, window: Window, file: Path, readers: list[threading.Thread]
) -> None:
    before = window.editing.draft
    window.ways_in.open_path(file)
    assert window.editing.draft == before
    assert window.ways_in.slip.text == "Reading the table …"
    qtbot.waitUntil(lambda: window.editing.path == file, timeout=20_000)
    assert data_of(window).path == str(file.with_name("other.csv"))
    assert window.ways_in.slip.text == ""
    assert readers
    qtbot.waitUntil(lambda: window.controller.running_document is window.editing.draft.document, timeout=20_000)
    window.settle()
    assert threading.main_thread() not in readers


@pytest.mark.parametrize("by", ["hand", "another file"])
def test_a_file_whose_table_is_being_read_may_be_left(
    qtbot: QtBot, window: Window, file: Path, tmp_path: Path, readers: list[threading.Thread], by: str
) -> None:
    window.ways_in.open_path(file)
    if by == "hand":
        [cancels] = window.ways_in.slip.buttons
        cancels.click()
    else:
        window.walk.open("race")
    left = window.editing.draft
    assert window.ways_in.slip.text == ""
    qtbot.waitUntil(lambda: bool(readers) and not window.editing._tables._aside.is_busy, timeout=20_000)
    assert window.editing.draft == left


def test_a_file_on_a_large_table_that_is_refused_says_so(
    qtbot: QtBot, window: Window, file: Path, readers: list[threading.Thread]
) -> None:
    file.with_name("other.csv").write_text("p,q\n1,2\n1,2,3\n")
    before = window.editing.draft
    with qtbot.waitSignal(window.editing.failed, timeout=20_000) as said:
        window.editing.open_file(file)
    assert "other.csv" in str(said.args[0]) or "line 3" in str(said.args[0])
    assert window.editing.draft == before
    assert threading.main_thread() not in readers


def test_a_file_that_was_saved_elsewhere_is_shown_when_its_large_table_has_been_read(
    qtbot: QtBot, window: Window, file: Path, readers: list[threading.Thread]
) -> None:
    window.editing.open_file(file)
    qtbot.waitUntil(lambda: window.editing.path == file, timeout=20_000)
    readers.clear()
    file.write_text(file.read_text().replace('"other.csv"', '"other.csv", header = "yes"'))
    window.reloading.look_at_file()
    assert data_of(window).header == "auto"

    def is_shown() -> bool:
        window.reloading.look_at_file()
        return data_of(window).header == "yes"

    qtbot.waitUntil(is_shown, timeout=20_000)
    assert readers
    assert threading.main_thread() not in readers

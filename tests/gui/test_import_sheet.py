"""The import sheet: how a table is understood is seen, changed by a click, refused at its cell, and trained on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QMenu
from pytestqt.qtbot import QtBot

from gradsim.engine.data.tables import Csv, dataset
from gradsim.schema.parameters import parameters
from gradsim.sim.documents.lessons import lessons
from gradsim.ui.label import ElidedLabel, Paragraph
from gradsim.ui.panels.editors import Editor
from gradsim.ui.tables import reading, sheet
from gradsim.ui.tables.grid import FACTS
from gradsim.ui.tables.roles import IN_THE_GRID
from gradsim.ui.tables.sheet import ImportSheet
from gradsim.ui.themes import THEMES
from gradsim.ui.window import Window
from tests.gui.conftest import OpenWindow
from tests.unit.small import as_train

SCHOOL = "Id,hours,grade,passed\n" + "".join(f"{i},{i % 7}.5,{i % 6 + 1},{'yn'[i % 2]}\n" for i in range(1, 41))
COMMAS = "day;temperature\n" + "".join(f"{i};{20 + i % 5},{i % 10}\n" for i in range(40))
ROW = {fact.label: i for i, fact in enumerate(FACTS)}


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "table.csv"
    path.write_text(SCHOOL)
    return path


def sheet_of(window: Window, path: Path) -> ImportSheet:
    window.ways_in.open_path(path)
    assert window.ways_in.sheet is not None
    return window.ways_in.sheet


def cell(sheet: ImportSheet, fact: str, column: int) -> str:
    return sheet.grid.rows.text(ROW[fact], column)


def choose(sheet: ImportSheet, key: str, value: str) -> None:
    """Choose a word of a setting as the mouse does."""
    combo = sheet.editors[key].findChild(QComboBox)
    assert combo is not None
    combo.setCurrentIndex(combo.findData(value))
    combo.activated.emit(combo.currentIndex())


def trained(window: Window) -> Csv:
    data = as_train(window.editing.draft.document.experiment).data
    assert isinstance(data, Csv)
    return data


def test_it_says_how_each_column_is_understood(open_window: OpenWindow, table: Path) -> None:
    sheet = sheet_of(open_window(), table)
    assert [cell(sheet, "Used as", i) for i in range(4)] == ["Input", "Input", "Input", "Target"]
    assert [cell(sheet, "Kind", i) for i in range(4)] == ["Numbers", "Numbers", "Numbers", "Text"]
    assert cell(sheet, "Values", 1) == "0.5 to 6.5"
    assert cell(sheet, "Values", 3).split("\n") == ["n  20", "y  20"]
    assert cell(sheet, "Scaled to", 1).startswith("(x − ")
    assert [sheet.grid.rows.text(len(FACTS), i) for i in range(4)] == ["1", "1.5", "2", "n"]
    assert sheet.grid.rows.headerData(len(FACTS), Qt.Orientation.Vertical) == "line 2"
    assert "40 rows" in sheet.summary.text()
    assert "2 classes: n, y" in sheet.summary.text()
    assert sheet.problem.text() == ""
    sheet.reject()


def test_every_setting_that_is_not_in_the_grid_has_its_form_control(open_window: OpenWindow, table: Path) -> None:
    sheet = sheet_of(open_window(), table)
    assert set(sheet.editors) == set(parameters(Csv)) - set(IN_THE_GRID)
    assert all(isinstance(editor, Editor) for editor in sheet.editors.values())
    sheet.reject()


def test_a_click_changes_what_a_column_is_used_as(qtbot: QtBot, open_window: OpenWindow, table: Path) -> None:
    window = open_window()
    sheet = sheet_of(window, table)
    asked: list[int] = []
    sheet.grid.asked.disconnect()
    sheet.grid.asked.connect(lambda at, place: asked.append(at))
    place = sheet.grid.visualRect(sheet.grid.rows.index(0, 2)).center()
    QTest.mouseClick(sheet.grid.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert asked == [2]
    offered = [action.text() for action in sheet.role_menu(2).actions()]
    assert offered == ["Input", "Target", "One more target", "Left out", "Says which rows are for testing"]
    sheet.choose_role(2, "target")
    sheet.choose_role(0, "left out")
    sheet.choose_role(3, "left out")
    assert [cell(sheet, "Used as", i) for i in range(4)] == ["Left out", "Input", "Target", "Left out"]
    sheet.train_button.click()
    data = trained(window)
    assert (data.target, data.leave_out) == ("grade", "Id, passed")
    assert data.load().train.x.shape[1] == 1


def test_the_only_target_stays_one(open_window: OpenWindow, table: Path) -> None:
    sheet = sheet_of(open_window(), table)
    possible = {action.text(): action.isEnabled() for action in sheet.role_menu(3).actions()}
    assert possible == {"Input": False, "Target": True, "Left out": False, "Says which rows are for testing": False}
    sheet.choose_role(2, "target", also=True)
    assert [cell(sheet, "Used as", i) for i in range(4)] == ["Input", "Input", "Target", "Target"]
    assert all(action.isEnabled() for action in sheet.role_menu(3).actions())
    sheet.reject()


def test_columns_of_one_name_are_told_apart_by_position(open_window: OpenWindow, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,a,7,y\n" + "".join(f"{i},{i * i},{-i},{i % 5}.5\n" for i in range(30)))
    sheet = sheet_of(open_window(), tmp_path / "a.csv")
    choose(sheet, "header", "yes")
    for at, role in ((0, "left out"), (2, "left out"), (1, "target")):
        sheet.choose_role(at, role)
    assert (sheet.data.leave_out, sheet.data.target) == ("1, 3", "2")
    assert sheet.problem.text() == ""
    sheet.reject()


def test_a_refusal_is_said_at_its_cell_and_mended_in_place(open_window: OpenWindow, tmp_path: Path) -> None:
    rows = SCHOOL.replace("passed", "mark").replace("y\n", "1.5\n").replace("n\n", "2.5\n").split("\n")
    rows[3] = rows[3].rpartition(",")[0] + ",NA"
    (tmp_path / "odd.csv").write_text("\n".join(rows))
    window = open_window()
    sheet = sheet_of(window, tmp_path / "odd.csv")
    assert sheet.problem.text().startswith("line 4: column 'mark': 'NA' ")
    assert not sheet.problem.isHidden()
    assert not sheet.train_button.isEnabled()
    rows_of = sheet.grid.rows
    refused = [(r, c) for r in range(rows_of.rowCount()) for c in range(4) if rows_of.is_refused(r, c)]
    assert refused == [(len(FACTS) + 2, 3)]
    ink = rows_of.data(rows_of.index(*refused[0]), Qt.ItemDataRole.ForegroundRole)
    assert ink == QColor(THEMES["light"].alarm)
    choose(sheet, "missing", "leave_out")
    assert sheet.problem.text() == ""
    sheet.train_button.click()
    assert len(trained(window).load().train) + len(trained(window).load().test) == 39


def test_what_cannot_be_read_at_all_leaves_the_sheet_usable(open_window: OpenWindow, tmp_path: Path) -> None:
    window = open_window()
    (tmp_path / "ragged.csv").write_text("a;b,c\n1;2,3\n4,5;6,7\n")
    sheet = sheet_of(window, tmp_path / "ragged.csv")
    assert sheet.problem.text()
    choose(sheet, "separator", "semicolon")
    assert "line 3" not in sheet.problem.text() or sheet.grid.rows.columnCount() > 0
    for name in ("missing.csv", "empty.csv"):
        if name == "empty.csv":
            (tmp_path / name).write_text("")
        sheet = sheet_of(window, tmp_path / name)
        assert sheet.problem.text()
        assert not sheet.train_button.isEnabled()
        assert sheet.cancel_button.isEnabled()
    sheet.reject()
    assert window.ways_in.sheet is None


def test_what_was_guessed_is_said_and_kept(open_window: OpenWindow, tmp_path: Path) -> None:
    (tmp_path / "commas.csv").write_text(COMMAS)
    window = open_window()
    sheet = sheet_of(window, tmp_path / "commas.csv")
    combo = sheet.editors["decimal"].findChild(QComboBox)
    assert combo is not None
    assert combo.currentText() == "auto: comma"
    sheet.train_button.click()
    assert (trained(window).separator, trained(window).decimal) == ("semicolon", "comma")
    assert trained(window).load().targets[0].name == "temperature"


def test_the_open_experiment_goes_on_with_the_table_as_one_change(
    qtbot: QtBot, open_window: OpenWindow, tmp_path: Path
) -> None:
    (tmp_path / "commas.csv").write_text(COMMAS)
    lesson = lessons()["vanishing"]
    window = open_window(lesson)
    sheet_of(window, tmp_path / "commas.csv").use_button.click()
    assert {run.output.key for run in as_train(window.editing.draft.document.experiment).runs} == {"linear"}
    assert window.editing.draft.document.lesson == lesson.lesson
    window.undo()
    assert window.editing.draft.document == lesson


def test_a_race_cannot_go_on_with_a_table(open_window: OpenWindow, table: Path) -> None:
    race = next(each for each in lessons().values() if each.experiment.kind == "race")
    sheet = sheet_of(open_window(race), table)
    assert sheet.use_button.isHidden()
    sheet.train_button.click()


def test_cancelling_changes_nothing(open_window: OpenWindow, table: Path) -> None:
    window = open_window()
    before = window.editing.draft
    sheet_of(window, table).cancel_button.click()
    assert window.editing.draft is before


SIZES: list[Any] = [(1024, 768), (1920, 1080)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("theme", THEMES)
def test_it_fits_into_every_window(
    open_window: OpenWindow, tmp_path: Path, theme: str, language: str, size: tuple[int, int]
) -> None:
    names = ",".join(f"a rather long name of column {i}" for i in range(60))
    rows = "".join(",".join(str((i * j) % 17) for j in range(1, 61)) + "\n" for i in range(60))
    (tmp_path / "wide.csv").write_text(f"{names}\n{rows}")
    window = open_window(None, theme, language, size)
    sheet = sheet_of(window, tmp_path / "wide.csv")
    assert sheet.width() <= window.width()
    assert sheet.height() <= window.height()
    for button in (sheet.cancel_button, sheet.use_button, sheet.train_button):
        assert sheet.rect().contains(button.geometry())
        assert button.width() >= button.fontMetrics().horizontalAdvance(button.text())
    assert sheet.grid.viewport().height() > sheet.grid.rowHeight(0) + sheet.grid.rowHeight(1)
    for column in range(3):
        needed = sheet.grid.fontMetrics().horizontalAdvance(f"{sheet.grid.rows.text(0, column)} ▾")
        assert sheet.grid.columnWidth(column) > needed
    sheet.reject()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("theme", THEMES)
def test_of_a_usual_table_all_that_is_told_is_read_and_several_of_its_rows(
    open_window: OpenWindow, tmp_path: Path, theme: str, language: str, size: tuple[int, int]
) -> None:
    (tmp_path / "days.csv").write_text(
        "day;temperature\n" + "".join(f"{i};{20 + i % 7},{i % 10}\n" for i in range(60))
    )
    window = open_window(None, theme, language, size)
    sheet = sheet_of(window, tmp_path / "days.csv")
    window.settle()
    labels = sheet.findChildren(QLabel)
    shown = [label for label in labels if label.isVisible() and label.text() != str(tmp_path)]
    for line in shown:
        if isinstance(line, ElidedLabel):
            assert line.shown == line.text()
        elif isinstance(line, Paragraph):
            assert "…" not in "".join(line.lines(line.width()))
            assert line.height() >= line.heightForWidth(line.width())
    grid = sheet.grid
    last = grid.visualRect(grid.rows.index(len(FACTS) + 4, 1))
    assert grid.viewport().rect().contains(last)
    sheet.reject()


def test_the_table_of_the_open_experiment_is_read_otherwise(open_window: OpenWindow, table: Path) -> None:
    window = open_window()
    window.show_table()
    assert window.ways_in.sheet is None
    assert window.ways_in.slip.text == "This experiment is on no table."
    sheet_of(window, table).train_button.click()
    first = trained(window)
    window.show_table()
    sheet = window.ways_in.sheet
    assert sheet is not None
    assert sheet.data == first
    sheet.choose_role(0, "left out")
    assert [note.text() for note in sheet._notes if not note.isHidden()] == []
    sheet.use_button.click()
    assert trained(window).leave_out == "Id"
    window.undo()
    assert trained(window) == first


def test_a_large_table_is_read_beside_the_window(
    qtbot: QtBot, open_window: OpenWindow, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dataset, "SMALL_BYTES", 10)
    window = open_window()
    sheet = sheet_of(window, table)
    assert not sheet.train_button.isEnabled()
    sheet.editors["seed"].give(5)
    sheet.editors["seed"].give(6)
    qtbot.waitUntil(sheet.train_button.isEnabled, timeout=20_000)
    assert "40 rows" in sheet.summary.text()
    sheet.train_button.click()
    assert trained(window).seed == 6
    again = sheet_of(window, table)
    again.reject()  # while it is being read


def test_what_goes_wrong_while_a_table_is_read_is_raised_where_it_is_shown(
    qtbot: QtBot, open_window: OpenWindow, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(data: Csv) -> reading.Found:
        raise RuntimeError("of the reading")

    monkeypatch.setattr(dataset, "SMALL_BYTES", 10)
    monkeypatch.setattr(sheet, "found_of", fail)
    window = open_window()
    with qtbot.capture_exceptions() as caught:
        sheet_of(window, table)
        qtbot.waitUntil(lambda: bool(caught), timeout=20_000)
    assert str(caught[0][1]) == "of the reading"


def test_a_row_far_down_that_is_refused_is_shown(open_window: OpenWindow, tmp_path: Path) -> None:
    rows = [f"{i},{i % 5}.5" for i in range(200)]
    rows[150] = "150,lost"
    (tmp_path / "far.csv").write_text("a,b\n" + "\n".join(rows))
    sheet = sheet_of(open_window(), tmp_path / "far.csv")
    last = sheet.grid.rows.rowCount() - 1
    assert sheet.grid.rows.headerData(last, Qt.Orientation.Vertical) == "line 152"
    assert [sheet.grid.rows.text(last, i) for i in range(2)] == ["150", "lost"]
    assert sheet.grid.rows.is_refused(last, 1)
    sheet.reject()


def test_keys_reach_what_a_column_is_used_as(
    open_window: OpenWindow, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet = sheet_of(open_window(), table)
    offered: list[str] = []
    monkeypatch.setattr(QMenu, "popup", lambda menu, place: offered.extend(a.text() for a in menu.actions()))
    sheet.grid.setFocus()
    sheet.grid.setCurrentIndex(sheet.grid.rows.index(0, 0))
    QTest.keyClick(sheet.grid, Qt.Key.Key_Right)
    QTest.keyClick(sheet.grid, Qt.Key.Key_Return)
    assert sheet.isVisible()
    assert offered[0] == "Input"
    sheet.reject()


def test_a_table_that_is_gone_when_it_is_to_be_trained_on_is_told_of(open_window: OpenWindow, table: Path) -> None:
    window = open_window()
    before, sheet = window.editing.draft, sheet_of(window, table)
    table.unlink()
    sheet.train_button.click()
    assert "No such file" in window.ways_in.slip.text
    assert window.editing.draft is before

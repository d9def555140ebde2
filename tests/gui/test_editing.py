"""Undo and redo from wherever the experiment is changed, what is refused, and parts that cannot be rebuilt."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QMessageBox, QPushButton, QSlider
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.document import Document, dump, parse, read
from gradsim.sim.documents.lessons import lessons
from gradsim.ui import board, window
from gradsim.ui.alarm import Alarm
from gradsim.ui.panels import panel
from gradsim.ui.panels.card import RunCard
from gradsim.ui.panels.editors import Editor
from gradsim.ui.panels.fields import Slider
from gradsim.ui.themes import THEMES
from gradsim.ui.views.common.rate_strip import rate_edit
from gradsim.ui.views.race.map import start_edit
from gradsim.ui.views.race.rates import Rates
from gradsim.ui.window import Window
from gradsim.words.languages import languages
from tests.gui.conftest import RACE, OpenWindow, chosen_name, menu_actions, open_sections, show_all_settings


def field(opened: Window, key: str, which: int = 0) -> QLineEdit:
    open_sections(opened)  # no key reaches a field that is hidden
    assert opened.panel is not None
    [editor] = [e for e in opened.panel.findChildren(Editor) if e.property("key") == key]
    return editor.findChildren(QLineEdit)[which]


def show_more(opened: Window) -> None:
    """Show all settings, for no key reaches a field that is hidden."""
    show_all_settings(opened)


def type_text(opened: Window, key: str, text: str) -> None:
    at = field(opened, key)
    at.setFocus()
    at.selectAll()
    QTest.keyClicks(at, text)
    QTest.keyClick(at, Qt.Key.Key_Return)


def press(opened: Window, key: str) -> None:
    """Press keys wherever the focus is."""
    keys = {"z": Qt.Key.Key_Z, "y": Qt.Key.Key_Y}
    held = Qt.KeyboardModifier.ControlModifier
    if key.isupper():
        held |= Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(opened.focusWidget() or opened, keys[key.lower()], held)


def documents_match(opened: Window) -> bool:
    """Tell whether the run on screen is of the draft shown."""
    return opened.controller.running_document == opened.editing.draft.document


# Undo and redo


def test_choosing_a_lesson_after_twenty_changes_loses_nothing(qtbot: QtBot, open_window: OpenWindow) -> None:
    opened = open_window(lessons()["vanishing"] if "vanishing" in lessons() else next(iter(lessons().values())))
    first = opened.editing.draft.document
    kept = [first]
    for seed in range(101, 121):
        type_text(opened, ".seed", str(seed))
        kept.append(opened.editing.draft.document)
    assert len({document.experiment.seed for document in kept}) == 21
    views = opened._views
    other = next(d for d in lessons().values() if d.experiment.kind != first.experiment.kind)
    assert other.lesson is not None
    opened.walk.open(other.lesson.id)
    qtbot.waitUntil(lambda: opened.controller.running_document == other, timeout=20_000)
    press(opened, "z")
    assert opened.editing.draft.document == kept[-1]
    qtbot.waitUntil(lambda: opened.controller.running_document == kept[-1], timeout=20_000)
    assert opened._views == views
    assert field(opened, ".seed").text() == "120"
    assert opened.windowTitle().startswith("1 ")
    for document in reversed(kept[:-1]):
        press(opened, "z")
        assert opened.editing.draft.document == document
    press(opened, "z")
    assert opened.editing.draft.document == first
    for _ in range(21):
        press(opened, "Z")
    assert opened.editing.draft.document == other
    qtbot.waitUntil(lambda: opened.controller.running_document == other, timeout=20_000)


def drag_rate(opened: Window) -> None:
    for rate in (0.002, 0.003, 0.004):
        opened.board.edit_asked.emit(rate_edit(1, "adam", rate))


def drag_start(opened: Window) -> None:
    for x in (1.0, 1.5, 2.0):
        opened.board.edit_asked.emit(start_edit(x, 1.0))


def button(opened: Window, text: str) -> QPushButton:
    assert opened.panel is not None
    return next(b for b in opened.panel.findChildren(QPushButton) if b.text() == text and not b.isHidden())


def add_run(opened: Window) -> None:
    button(opened, "+ Add a run").click()


def remove_run(opened: Window) -> None:
    assert opened.panel is not None
    opened.panel.findChildren(RunCard)[1].click()
    button(opened, "− Remove").click()


def choose_surface(opened: Window) -> None:
    assert opened.panel is not None
    [editor] = [e for e in opened.panel.findChildren(Editor) if e.property("key") == ".surface"]
    combo = editor.findChild(QComboBox)
    assert combo is not None
    combo.activated.emit(combo.findData("beale"))


def slide(opened: Window) -> None:
    assert opened.panel is not None
    [editor] = [e for e in opened.panel.findChildren(Editor) if e.property("key") == ".steps"]
    slider = editor.findChild(QSlider)
    assert slider is not None
    slider.setFocus()
    for _ in range(3):
        QTest.keyClick(slider, Qt.Key.Key_Right)


def type_steps(opened: Window) -> None:
    type_text(opened, ".steps", "33")


@pytest.mark.parametrize("change", [drag_rate, drag_start, add_run, remove_run, choose_surface, slide, type_steps])
def test_each_way_of_changing_is_undone_and_redone_as_one(
    qtbot: QtBot, open_window: OpenWindow, change: Callable[[Window], None]
) -> None:
    opened = open_window(parse(RACE, "race"))
    show_more(opened)
    opened.controller.pause()
    first = opened.editing.draft
    change(opened)
    changed = opened.editing.draft
    assert changed.document != first.document
    assert opened.windowTitle().count("[*]") == 1
    assert opened.isWindowModified()
    qtbot.waitUntil(lambda: documents_match(opened), timeout=10_000)
    press(opened, "z")
    assert opened.editing.draft == first
    assert not opened.isWindowModified()
    assert opened.panel is not None
    assert len(opened.panel.findChildren(RunCard)) == 2
    assert field(opened, ".steps").text() == "60"
    qtbot.waitUntil(lambda: documents_match(opened), timeout=10_000)
    press(opened, "y")
    assert opened.editing.draft == changed
    press(opened, "z")
    press(opened, "Z")
    assert opened.editing.draft == changed
    qtbot.waitUntil(lambda: documents_match(opened), timeout=10_000)


def test_a_dot_dragged_on_the_rate_strip_is_undone_as_one(qtbot: QtBot, open_window: OpenWindow) -> None:
    opened = open_window(parse(RACE, "race"))
    opened.show_views(("rates",))
    opened.settle()
    QApplication.processEvents()
    [view] = [view for view in opened.board.findChildren(Rates) if view.isVisible()]
    qtbot.waitUntil(lambda: view._sweep is not None and bool(view._places), timeout=20_000)
    first = opened.editing.draft
    place = view._places[0]
    view._on_pressed(place)
    for step in (0.1, 0.2, 0.3):
        place.setX(place.x() + step)
        view._on_dragged(place)
    view._on_released()
    assert opened.editing.draft != first
    press(opened, "z")
    assert opened.editing.draft == first


def test_undo_of_an_edit_stays_at_the_step_shown(qtbot: QtBot, open_window: OpenWindow) -> None:
    opened = open_window()
    type_text(opened, "batch_size", "5")
    qtbot.waitUntil(lambda: documents_match(opened), timeout=10_000)
    opened.controller.pause()
    opened.controller.seek(20)
    qtbot.waitUntil(lambda: opened.board.shown_step == 20, timeout=10_000)
    for key in ("z", "y"):
        press(opened, key)
        qtbot.waitUntil(lambda: documents_match(opened), timeout=10_000)
        qtbot.waitUntil(lambda: opened.board.shown_step == 20, timeout=10_000)
    assert not opened.controller.playing


def test_what_is_being_typed_is_undone_before_an_edit(qtbot: QtBot, open_window: OpenWindow) -> None:
    opened = open_window()
    type_text(opened, "batch_size", "5")
    at = field(opened, "batch_size")
    at.setFocus()
    QTest.keyClicks(at, "7")
    assert at.text() == "57"
    press(opened, "z")
    assert (at.text(), opened.editing.history.position) == ("5", 1)
    press(opened, "y")
    assert (at.text(), opened.editing.history.position) == ("57", 1)
    press(opened, "z")
    assert opened.focusWidget() is at
    press(opened, "z")
    assert (field(opened, "batch_size").text(), opened.editing.history.position) == ("16", 0)
    press(opened, "y")
    assert (field(opened, "batch_size").text(), opened.editing.history.position) == ("5", 1)


def test_an_undo_that_changes_the_number_of_runs_types_nothing(qtbot: QtBot, open_window: OpenWindow) -> None:
    opened = open_window()
    type_text(opened, "batch_size", "5")
    add_run(opened)
    field(opened, "batch_size").setFocus()
    press(opened, "z")
    press(opened, "z")
    assert field(opened, "batch_size").text() == "16"
    assert opened.editing.history.position == 0


def test_the_menu_says_what_would_be_undone(qtbot: QtBot, open_window: OpenWindow) -> None:
    opened = open_window()
    assert [menu_actions(opened)[text].isEnabled() for text in ("Undo", "Redo")] == [False, False]
    type_text(opened, "batch_size", "5")
    assert menu_actions(opened)["Undo: Batch size"].isEnabled()
    menu_actions(opened)["Undo: Batch size"].trigger()
    assert opened.editing.history.position == 0
    assert menu_actions(opened)["Redo: Batch size"].isEnabled()
    opened.next_language()
    opened.settle()
    assert "撤销" in menu_actions(opened)


# What is refused


KEYS = (".seed", ".steps", ".replicas", "batch_size", "hidden", "optimizer")


@pytest.mark.parametrize("text", ["1e19", "9" * 400, "9" * 4000, "9" * 5000, "1e400", "nan", "-1e19"])
def test_numbers_beyond_all_bounds_are_refused_and_the_next_edit_counts(
    qtbot: QtBot, open_window: OpenWindow, text: str
) -> None:
    opened = open_window()
    show_more(opened)
    for key in KEYS:
        if (key, text) == ("optimizer", "1e19"):  # a learning rate like others
            continue
        field(opened, key).setText(text)
        QTest.keyClick(field(opened, key), Qt.Key.Key_Return)
        assert opened.editing.draft.refusal is not None
        assert opened._sign.isVisible()
        other = ".seed" if key == "batch_size" else "batch_size"
        type_text(opened, other, "7")
        press(opened, "z")
        assert opened.editing.draft.refusal is not None
        press(opened, "z")
        assert opened.editing.history.position == 0
        assert not opened._sign.isVisible()
        type_text(opened, other, "7")
        assert opened.editing.draft.refusal is None
        press(opened, "z")


@pytest.mark.parametrize(("key", "text"), [(".seed", "1e19"), (".steps", "1e19"), ("hidden", "9" * 400)])
def test_what_is_refused_survives_every_theme_and_language_and_is_mended(
    qtbot: QtBot,
    open_window: OpenWindow,
    key: str,
    text: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened = open_window()
    show_more(opened)
    type_text(opened, key, text)
    shown = field(opened, key).text()
    assert opened.panel is not None
    assert opened.panel.problem
    for theme in THEMES:
        opened.set_theme(theme)
        for _ in languages():
            opened.next_language()
            opened.settle()
            QApplication.processEvents()
            assert opened.panel is not None
            assert field(opened, key).text() == shown
            assert opened.panel.told == opened.panel.problem
            assert opened._sign.isVisible()
    opened.set_theme("light")
    first = opened.editing.history.drafts[0].table
    type_text(opened, key, "9")
    assert opened.editing.draft.refusal is None
    assert opened.editing.draft.table != first
    path = tmp_path / "a.toml"
    chosen_name(monkeypatch, str(path))
    opened.save_dialog()
    assert read(path) == opened.editing.draft.document


def is_on_the_foot(opened: Window) -> bool:
    sign, board = opened._sign.geometry(), opened.board
    return board.geometry().contains(sign) and 0 <= sign.bottom() - board.y() - board.foot_top <= 8


def test_the_sign_is_there_while_the_pictures_are_of_another_experiment(
    qtbot: QtBot, open_window: OpenWindow
) -> None:
    opened = open_window()
    assert not opened._sign.isVisible()
    type_text(opened, "batch_size", "many")
    assert opened._sign.isVisible()
    assert "Not run" in opened._sign.text()
    assert "many" in opened._sign.text()
    for width, height in ((1200, 800), (1000, 700), (800, 560)):
        opened.resize(width, height)
        qtbot.waitUntil(lambda: is_on_the_foot(opened), timeout=5_000)
    type_text(opened, "batch_size", "5")
    assert not opened._sign.isVisible()
    type_text(opened, "batch_size", "many")
    press(opened, "z")
    assert not opened._sign.isVisible()
    press(opened, "y")
    assert opened._sign.isVisible()
    opened.next_lesson()
    assert not opened._sign.isVisible()


def test_a_start_refused_on_the_map_leaves_no_draft(qtbot: QtBot, open_window: OpenWindow) -> None:
    opened = open_window(parse(RACE, "race"))
    first = opened.editing.history
    opened.board.edit_asked.emit(start_edit(1e300, 0.0))
    assert opened.editing.history == first
    assert not opened._sign.isVisible()


# Parts that cannot be rebuilt


@pytest.fixture
def errors(monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    """Return a list of what was raised in slots, which pytest-qt would fail the test for."""
    found: list[BaseException] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, error, trace: found.append(error))
    return found


def broken(*arguments: Any, **named: Any) -> Any:
    raise RuntimeError("cannot be built")


PARTS = {
    "panel": (panel, "Form"),
    "transport": (window, "Transport"),
    "board": (board, "Foot"),
}


def works(qtbot: QtBot, opened: Window) -> None:
    """Check that every part of a window does what it is for."""
    type_text(opened, "batch_size", "5")
    qtbot.waitUntil(lambda: documents_match(opened), timeout=10_000)
    opened.controller.pause()
    assert opened.transport is not None
    opened.reset()
    buttons = opened.transport.findChildren(QPushButton)
    next(b for b in buttons if b.accessibleName().startswith(("One step (", "前进一步", "下一步"))).click()
    qtbot.waitUntil(lambda: opened.board.shown_step == 1, timeout=10_000)
    press(opened, "z")
    qtbot.waitUntil(lambda: documents_match(opened), timeout=10_000)
    assert not opened.grab().isNull()


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("change", [Window.toggle_dark, Window.next_language, Window.toggle_projector])
def test_what_cannot_be_rebuilt_in_another_look_stays_as_it_was(
    qtbot: QtBot,
    open_window: OpenWindow,
    monkeypatch: pytest.MonkeyPatch,
    part: str,
    change: Callable[[Window], None],
    errors: list[BaseException],
) -> None:
    opened = open_window()
    place, name = PARTS[part]
    before = opened.panel, opened.transport
    with monkeypatch.context() as patched, qtbot.captureExceptions() as raised:
        patched.setattr(place, name, broken)
        try:
            change(opened)
        except RuntimeError as error:
            errors.append(error)
        qtbot.waitUntil(lambda: bool(errors or raised), timeout=10_000)
    assert opened.panel is before[0]
    if part != "board":  # whose look is another matter
        assert opened.transport is before[1]
        assert (opened._theme, opened._language) == ("light", "en")
        works(qtbot, opened)
    change(opened)
    opened.settle()
    assert (opened._theme, opened._language) != ("light", "en") or part == "board"
    opened.set_theme("light")
    works(qtbot, opened)


@pytest.mark.parametrize("part", ["panel", "transport"])
def test_a_document_whose_forms_cannot_be_built_is_not_opened(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    opened = open_window()
    before = opened.panel, opened.transport, opened.editing.history, opened.controller.document, opened._views
    with monkeypatch.context() as patched, qtbot.captureExceptions() as raised:
        patched.setattr(*PARTS[part], broken)
        opened.next_lesson()
    assert [str(error) for _, error, _ in raised] == ["cannot be built"]
    after = opened.panel, opened.transport, opened.editing.history, opened.controller.document, opened._views
    assert after == before
    works(qtbot, opened)


def test_a_run_that_cannot_be_added_to_the_form_is_not_added(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = open_window()
    before = opened.editing.history
    with monkeypatch.context() as patched, qtbot.captureExceptions() as raised:
        patched.setattr(*PARTS["panel"], broken)
        add_run(opened)
    assert [str(error) for _, error, _ in raised] == ["cannot be built"]
    assert opened.editing.history == before
    works(qtbot, opened)


def test_a_run_whose_pictures_cannot_be_built_leaves_those_on_screen(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = open_window()
    content = opened.board._content
    with monkeypatch.context() as patched, qtbot.captureExceptions() as raised:
        patched.setattr(*PARTS["board"], broken)
        opened.next_lesson()
        qtbot.waitUntil(lambda: bool(raised), timeout=20_000)
        opened.controller.pause()
        qtbot.wait(200)
    assert [str(error) for _, error, _ in raised] == ["cannot be built"]
    assert opened.board._content is content
    press(opened, "z")
    qtbot.waitUntil(lambda: documents_match(opened), timeout=20_000)
    works(qtbot, opened)


# Closing


Answering = Callable[..., list[str]]


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Answering:
    """Return a function that says which button is pressed in the question, and whether its box is ticked first."""

    def answering(text: str, tick: bool = False) -> list[str]:
        asked: list[str] = []

        def exec_(box: QMessageBox) -> int:
            asked.append(box.informativeText())
            check = box.checkBox()
            assert check is not None
            check.setChecked(tick)
            if text == "Escape":
                return int(box.standardButton(box.escapeButton()).value)
            return int(box.standardButton(next(b for b in box.buttons() if b.text() == text)).value)

        monkeypatch.setattr(QMessageBox, "exec", exec_)
        return asked

    return answering


CLOSING: list[tuple[str, bool, bool, bool, bool, bool]] = [
    # answer, ticked, file chosen; closed, written, asks the next time
    ("Save", False, True, True, True, True),
    ("Save", True, True, True, True, False),
    ("Save", True, False, False, False, True),
    ("Don't save", False, True, True, False, True),
    ("Don't save", True, True, True, False, False),
    ("Cancel", False, True, False, False, True),
    ("Cancel", True, True, False, False, True),
    ("Escape", False, True, False, False, True),
]


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
@pytest.mark.parametrize(("text", "tick", "chosen", "closed", "written", "asks"), CLOSING)
def test_closing_asks_about_changes_that_no_file_holds(
    qtbot: QtBot,
    open_window: OpenWindow,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    answer: Answering,
    text: str,
    tick: bool,
    chosen: bool,
    closed: bool,
    written: bool,
    asks: bool,
) -> None:
    opened = open_window()
    opened.asks = True
    type_text(opened, "batch_size", "5")
    path = tmp_path / "a.toml"
    chosen_name(monkeypatch, str(path) if chosen else "")
    asked = answer(text, tick)
    assert opened.close() is closed
    assert asked == ["Experiment"]
    assert path.exists() is written
    if written:
        assert read(path) == opened.editing.draft.document
    assert opened.asks is opened.settings().ask is asks
    assert opened.isVisible() is not closed
    if not closed:
        works(qtbot, opened)
        opened.asks = False


def untouched(opened: Window) -> None:
    pass


def undone(opened: Window) -> None:
    type_text(opened, "batch_size", "5")
    opened.undo()


def browsed(opened: Window) -> None:
    opened.next_lesson()
    opened.next_lesson()
    opened.undo()


def told_not_to_ask(opened: Window) -> None:
    type_text(opened, "batch_size", "5")
    opened.asks = False


@pytest.mark.parametrize("before", [untouched, undone, browsed, told_not_to_ask])
def test_closing_asks_nothing_where_nothing_would_be_lost(
    qtbot: QtBot, open_window: OpenWindow, answer: Answering, before: Callable[[Window], None]
) -> None:
    opened = open_window()
    opened.asks = True
    asked = answer("Cancel")
    before(opened)
    assert opened.close()
    assert asked == []


def test_changes_left_for_a_lesson_are_asked_about_and_saved(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, answer: Answering
) -> None:
    opened = open_window()
    opened.asks = True
    type_text(opened, "batch_size", "5")
    left = opened.editing.draft.document
    opened.next_lesson()
    chosen_name(monkeypatch, str(tmp_path / "a.toml"))
    asked = answer("Save")
    assert opened.close()
    assert asked == ["Experiment"]
    assert read(tmp_path / "a.toml") == left


def test_saving_at_the_end_does_not_leave_out_what_is_refused(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, answer: Answering
) -> None:
    said: list[str] = []
    monkeypatch.setattr(Alarm, "tell", lambda _, text: said.append(text))
    opened = open_window()
    opened.asks = True
    type_text(opened, "batch_size", "5")
    type_text(opened, ".seed", "many")
    answer("Save")
    assert not opened.close()
    assert said[0].startswith("Not saved: ")
    opened.asks = False


def test_a_file_that_is_opened_or_saved_is_held(
    qtbot: QtBot, open_window: OpenWindow, small: Document, tmp_path: Path, answer: Answering
) -> None:
    opened = open_window()
    opened.asks = True
    asked = answer("Cancel")
    path = tmp_path / "a.toml"
    path.write_text(dump(small).replace("steps = 40", "steps = 41"))
    opened.editing.open_file(path)
    assert not opened.isWindowModified()
    type_text(opened, "batch_size", "5")
    assert opened.isWindowModified()
    assert opened.editing.save_file(path)
    assert not opened.isWindowModified()
    opened.undo()
    assert opened.isWindowModified()
    opened.redo()
    assert opened.close()
    assert asked == []


def test_whether_closing_asks_is_changed_in_the_menu(qtbot: QtBot, open_window: OpenWindow) -> None:
    opened = open_window()
    opened.asks = True
    assert menu_actions(opened)["Ask before closing"].isChecked()
    menu_actions(opened)["Ask before closing"].trigger()
    assert opened.settings().ask is False
    menu_actions(opened)["Ask before closing"].trigger()
    assert opened.settings().ask is True


def test_holding_the_mouse_on_the_groove_of_a_slider_is_one_step_of_undo(
    qtbot: QtBot, open_window: OpenWindow
) -> None:
    window = open_window()
    assert window.panel is not None
    slider = next(slider for slider in window.panel.findChildren(Slider) if slider.isVisible())
    before, value = window.editing.history.position, slider.value()
    end = QPoint(slider.width() - 2 if value < 500 else 2, slider.height() // 2)
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, end)
    qtbot.waitUntil(lambda: abs(slider.value() - value) > 2 * slider.pageStep(), timeout=10_000)
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, end)
    assert window.editing.history.position == before + 1
    window.undo()
    assert slider.value() == value

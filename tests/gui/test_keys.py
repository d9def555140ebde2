"""The keyboard: keys that a control in focus keeps, and those that stay the window's."""

from __future__ import annotations

from typing import cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QCursor, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QPushButton, QSlider, QWidget
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.lessons import lessons
from gradsim.ui.keys import KEYS
from gradsim.ui.panels.editors import Editor
from gradsim.ui.transport import Timeline
from gradsim.ui.window import Window
from tests.gui.conftest import OpenWindow, few_replicas

OFFSCREEN_POPUP = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
"""For tests that open a list: the offscreen platform has words for every one of them."""

ACTIONS = sorted({key.action for key in KEYS})


@pytest.fixture
def window(qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch) -> tuple[Window, list[str]]:
    """Return a window, and the list of what its keys called."""
    called: list[str] = []
    for name in ACTIONS:
        if name != "close":  # which the test itself needs at its end
            monkeypatch.setattr(Window, name, lambda self, name=name: called.append(name))
    return open_window(), called


def inside(window: Window, key: str, kind: type[QWidget]) -> QWidget:
    assert window.panel is not None
    found = [e for e in window.panel.findChildren(Editor) if e.property("key") == key]
    widget = found[0].findChild(kind)
    assert widget is not None
    widget.setFocus()
    return widget


def control(window: Window, kind: str) -> QWidget:
    """Return a control of a kind, with the focus that Tab would give it."""
    assert window.panel is not None
    assert window.transport is not None
    if kind == "slider":
        return inside(window, "batch_size", QSlider)
    if kind == "closed list":
        return inside(window, "activation", QComboBox)
    if kind in ("text", "text being typed"):
        field = inside(window, "batch_size", QLineEdit)
        if kind == "text being typed":
            QTest.keyClick(field, Qt.Key.Key_5)
        return field
    found: dict[str, QWidget] = {
        "stage": window.board,
        "card of a run": window.panel.findChildren(QPushButton)[1],
        "play button": window.transport.findChildren(QPushButton)[2],
        "title": window.transport.title,
        "speed": cast(QWidget, window.transport.findChild(QComboBox)),
        "timeline": cast(QWidget, window.transport.findChild(Timeline)),
    }
    found[kind].setFocus(Qt.FocusReason.TabFocusReason)
    assert QApplication.focusWidget() is found[kind]
    return found[kind]


PLAIN = ("stage", "card of a run", "play button", "title")
MOVED = ("slider", "closed list", "speed", "timeline")
TEXTS = ("text", "text being typed")
OWN_MOVES = {"Right", "Left", "Home"}
PAGES = {"PgDown", "PgUp"}
PRESSES = [(keys, key.action) for key in KEYS for keys in key.keys if key.action != "close"]


def stays(kind: str, keys: str) -> bool:
    """Tell whether a key of the window stays with a control of a kind instead."""
    if kind in MOVED:
        return keys in OWN_MOVES
    if kind == "text being typed" and keys in PAGES | {"Ctrl+Z"}:
        return True
    return kind in TEXTS and (keys in OWN_MOVES | {"Space", "Ctrl+V"} or len(keys.removeprefix("Shift+")) == 1)


@pytest.mark.parametrize("kind", [*PLAIN, *MOVED, *TEXTS])
def test_every_key_is_the_windows_wherever_the_focus_is(
    qtbot: QtBot, window: tuple[Window, list[str]], kind: str
) -> None:
    opened, called = window
    before = opened.editing.draft.table
    for keys, action in PRESSES:
        widget = control(opened, kind)
        QTest.keySequence(widget, QKeySequence(keys))
        assert called == ([] if stays(kind, keys) else [action]), (kind, keys)
        called.clear()
        QTest.keyClick(widget, Qt.Key.Key_Escape)
        if isinstance(widget, QLineEdit):
            widget.setText(widget.text())  # forgets what was typed
        opened.board.setFocus()
    if kind in (*PLAIN, "speed", "timeline", *TEXTS):
        assert opened.editing.draft.table == before


def test_letters_choose_nothing_from_a_closed_list(qtbot: QtBot, window: tuple[Window, list[str]]) -> None:
    opened, _ = window
    combo = inside(opened, "activation", QComboBox)
    assert isinstance(combo, QComboBox)
    before = combo.currentIndex()
    for key in (Qt.Key.Key_T, Qt.Key.Key_R, Qt.Key.Key_S, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp, Qt.Key.Key_Space):
        QTest.keyClick(combo, key)
    assert combo.currentIndex() == before


def test_a_slider_a_choice_and_a_text_do_with_keys_what_they_do(
    qtbot: QtBot, window: tuple[Window, list[str]]
) -> None:
    opened, _ = window
    slider = inside(opened, "batch_size", QSlider)
    assert isinstance(slider, QSlider)
    QTest.keyClick(slider, Qt.Key.Key_End)
    assert slider.value() == slider.maximum()
    combo = inside(opened, "activation", QComboBox)
    assert isinstance(combo, QComboBox)
    QTest.keyClick(combo, Qt.Key.Key_Home)
    QTest.keyClick(combo, Qt.Key.Key_Down)
    assert combo.currentIndex() == 1
    field = inside(opened, "batch_size", QLineEdit)
    assert isinstance(field, QLineEdit)
    field.setText("16")
    QTest.keyClick(field, Qt.Key.Key_Home)
    QTest.keyClicks(field, "p-1 d")
    assert field.text() == "p-1 d16"


@OFFSCREEN_POPUP
@pytest.mark.parametrize("kind", ["slider", "closed list", "speed", "timeline", "card of a run", "play button"])
def test_what_the_mouse_has_used_gives_the_focus_back_to_the_stage(
    qtbot: QtBot, window: tuple[Window, list[str]], kind: str
) -> None:
    opened, called = window
    widget = control(opened, kind)
    opened.board.setFocus()
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)
    if isinstance(widget, QComboBox):
        qtbot.waitUntil(widget.view().isVisible)
        widget.hidePopup()
    assert opened.focusWidget() is opened.board
    called.clear()
    for press in (Qt.Key.Key_Space, Qt.Key.Key_Right, Qt.Key.Key_PageDown, Qt.Key.Key_1):
        QTest.keyClick(opened.focusWidget(), press)
    assert called == ["toggle", "forward", "next_lesson", "view_1"]


@OFFSCREEN_POPUP
def test_return_opens_a_list_that_is_in_focus(qtbot: QtBot, window: tuple[Window, list[str]]) -> None:
    opened, _ = window
    combo = inside(opened, "activation", QComboBox)
    assert isinstance(combo, QComboBox)
    QTest.keyClick(combo, Qt.Key.Key_Return)
    qtbot.waitUntil(combo.view().isVisible)
    combo.hidePopup()


def test_a_presenter_drives_the_window(qtbot: QtBot, open_window: OpenWindow) -> None:
    opened = open_window(lessons()["vanishing"])

    def lesson() -> str:
        present = opened.controller.document.lesson
        return present.id if present else ""

    def press(key: Qt.Key) -> None:
        QTest.keyClick(QApplication.focusWidget() or opened, key)

    press(Qt.Key.Key_PageDown)
    assert lesson() == list(lessons())[1]
    press(Qt.Key.Key_PageUp)
    assert lesson() == "vanishing"
    playing = opened.controller.playing
    press(Qt.Key.Key_Period)
    assert opened.controller.playing is not playing
    QCursor.setPos(opened.mapToGlobal(opened.rect().center()))
    press(Qt.Key.Key_F5)
    assert opened.isFullScreen()
    assert not opened.menus.isVisible()
    press(Qt.Key.Key_Escape)
    assert not opened.isFullScreen()
    assert opened.menus.isVisible()


@OFFSCREEN_POPUP
def test_a_list_that_is_open_keeps_its_keys(qtbot: QtBot, window: tuple[Window, list[str]]) -> None:
    opened, called = window
    combo = inside(opened, "activation", QComboBox)
    assert isinstance(combo, QComboBox)
    combo.showPopup()
    view: QWidget = combo.view()
    qtbot.waitUntil(view.isVisible)
    for key in (Qt.Key.Key_Home, Qt.Key.Key_Down, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp, Qt.Key.Key_Right):
        QTest.keyClick(view, key)
    assert called == []
    combo.hidePopup()


@pytest.mark.parametrize("kind", [QSlider, QLineEdit, QComboBox])
def test_escape_leads_back_to_the_board(qtbot: QtBot, window: tuple[Window, list[str]], kind: type[QWidget]) -> None:
    opened, called = window
    QTest.keyClick(inside(opened, "activation" if kind is QComboBox else "batch_size", kind), Qt.Key.Key_Escape)
    assert opened.focusWidget() is opened.board
    QTest.keyClick(opened.board, Qt.Key.Key_Home)
    assert called == ["reset"]


def test_escape_takes_back_what_was_typed(qtbot: QtBot, window: tuple[Window, list[str]]) -> None:
    opened, _ = window
    before = opened.controller.document
    field = inside(opened, "batch_size", QLineEdit)
    assert isinstance(field, QLineEdit)
    QTest.keyClicks(field, "5")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == "16"
    assert opened.controller.document is before


def test_hiding_the_panel_gives_the_focus_to_the_board(qtbot: QtBot, open_window: OpenWindow) -> None:
    opened = open_window()
    QTest.keyClick(inside(opened, "batch_size", QSlider), Qt.Key.Key_F9)
    assert opened.focusWidget() is opened.board


@pytest.mark.parametrize("theme", ["light", "projector"])
def test_the_focus_stays_at_its_control_in_another_language(
    qtbot: QtBot, open_window: OpenWindow, theme: str
) -> None:
    window = open_window(few_replicas("vanishing"), theme, size=(1600, 900))
    assert window.transport is not None
    before = window.transport
    before._notes.setFocus()
    assert window.focusWidget() is before._notes
    window.next_language()
    window.settle()
    assert window.transport is not before
    assert window.focusWidget() is window.transport._notes


def test_the_focus_goes_to_the_board_where_its_control_has_no_room_any_more(
    qtbot: QtBot, open_window: OpenWindow
) -> None:
    window = open_window(few_replicas("vanishing"), size=(1600, 900))
    assert window.transport is not None
    assert window._look is not None
    window.transport._notes.setFocus()
    narrow = window._transport_for(window.editing.draft.document, window._look)
    narrow._px = 10_000
    window._set_transport(narrow)
    assert narrow._notes.isHidden()
    assert window.focusWidget() is window.board

"""The keyboard: keys that a control in focus keeps, and those that stay the window's."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit, QSlider, QWidget
from pytestqt.qtbot import QtBot

from gradsim.ui.panels.editors import Editor
from gradsim.ui.window import Window
from tests.gui.conftest import OpenWindow

OFFSCREEN_POPUP = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
"""For tests that open a list: the offscreen platform has words for every one of them."""

ACTIONS = (
    "toggle",
    "forward",
    "back",
    "reset",
    "next_lesson",
    "previous_lesson",
    "toggle_projector",
    "view_1",
    "slower",
)


@pytest.fixture
def window(qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch) -> tuple[Window, list[str]]:
    """Return a window, and the list of what its keys called."""
    called: list[str] = []
    for name in ACTIONS:
        monkeypatch.setattr(Window, name, lambda self, name=name: called.append(name))
    return open_window(), called


def inside(window: Window, key: str, kind: type[QWidget]) -> QWidget:
    assert window.panel is not None
    found = [e for e in window.panel.findChildren(Editor) if e.property("key") == key]
    widget = found[0].findChild(kind)
    assert widget is not None
    widget.setFocus()
    return widget


MOVES = [
    Qt.Key.Key_Right,
    Qt.Key.Key_Left,
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
]


@pytest.mark.parametrize("kind", [QSlider, QComboBox, QLineEdit])
@pytest.mark.parametrize("key", MOVES)
def test_a_control_keeps_the_keys_that_move_in_it(
    qtbot: QtBot, window: tuple[Window, list[str]], kind: type[QWidget], key: Qt.Key
) -> None:
    opened, called = window
    QTest.keyClick(inside(opened, "activation" if kind is QComboBox else "batch_size", kind), key)
    assert called == []


def test_a_slider_a_choice_and_a_text_do_with_keys_what_they_do(
    qtbot: QtBot, window: tuple[Window, list[str]]
) -> None:
    opened, _ = window
    slider = inside(opened, "batch_size", QSlider)
    assert isinstance(slider, QSlider)
    QTest.keyClick(slider, Qt.Key.Key_End)
    assert slider.value() == slider.maximum()
    QTest.keyClick(slider, Qt.Key.Key_PageDown)
    # It then stands at the round number nearest to where the key led.
    assert abs(slider.value() - (slider.maximum() - slider.pageStep())) < slider.singleStep()
    combo = inside(opened, "activation", QComboBox)
    assert isinstance(combo, QComboBox)
    QTest.keyClick(combo, Qt.Key.Key_Home)
    QTest.keyClick(combo, Qt.Key.Key_Down)
    assert combo.currentIndex() == 1
    QTest.keyClick(combo, Qt.Key.Key_R)
    assert combo.currentData() == "relu"
    field = inside(opened, "batch_size", QLineEdit)
    assert isinstance(field, QLineEdit)
    field.setText("16")
    QTest.keyClick(field, Qt.Key.Key_Home)
    QTest.keyClicks(field, "p-1 d")
    assert field.text() == "p-1 d16"


def test_the_window_keeps_the_rest(qtbot: QtBot, window: tuple[Window, list[str]]) -> None:
    opened, called = window
    for kind, key in ((QSlider, "batch_size"), (QComboBox, "activation")):
        QTest.keyClick(inside(opened, key, kind), Qt.Key.Key_Space)
        assert called.pop() == "toggle"
    QTest.keyClick(inside(opened, "batch_size", QSlider), Qt.Key.Key_P)
    assert called.pop() == "toggle_projector"
    opened.board.setFocus()
    for press in (Qt.Key.Key_Space, Qt.Key.Key_Right, Qt.Key.Key_PageDown, Qt.Key.Key_1):
        QTest.keyClick(opened.board, press)
    assert called == ["toggle", "forward", "next_lesson", "view_1"]


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


@OFFSCREEN_POPUP
def test_a_click_on_the_speed_leaves_the_arrows_with_the_steps(
    qtbot: QtBot, window: tuple[Window, list[str]]
) -> None:
    opened, called = window
    assert opened.transport is not None
    combo = opened.transport.findChild(QComboBox)
    assert combo is not None
    opened.board.setFocus()
    QTest.mouseClick(combo, Qt.MouseButton.LeftButton)
    combo.hidePopup()
    assert opened.focusWidget() is opened.board
    combo.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(combo, Qt.Key.Key_Down)
    assert called == []
    assert opened.controller.speed == 60


def test_hiding_the_panel_gives_the_focus_to_the_board(qtbot: QtBot, window: tuple[Window, list[str]]) -> None:
    opened, _ = window
    QTest.keyClick(inside(opened, "batch_size", QSlider), Qt.Key.Key_F9)
    assert opened.focusWidget() is opened.board

"""Every control of the window, used while training runs: no traceback, no warning of Qt's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialog,
    QFileDialog,
    QLineEdit,
    QMessageBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.document import parse
from gradsim.ui.keys import KEYS, stops
from gradsim.ui.later import later
from gradsim.ui.window import Window
from gradsim.ui.writers.writer import image_of
from tests.golden.compare import colours, pixels
from tests.gui.conftest import RACE, SMALL, OpenWindow, chosen_name, menu_actions, show_all_settings


def controls(window: Window) -> list[QWidget]:
    assert window.transport is not None
    assert window.panel is not None
    return [*stops(window.transport.layout()), *window.panel.stops()]


def use(widget: QWidget) -> None:
    if isinstance(widget, QAbstractButton):
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton)
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton)
    elif isinstance(widget, QComboBox):
        for i in range(widget.count()):
            widget.setCurrentIndex(i)
            widget.activated.emit(i)
            QApplication.processEvents()
    elif isinstance(widget, QLineEdit):
        for text in ("", "<b>", "-2 × 3", "2 × 3", "2"):
            widget.selectAll()
            QTest.keyClicks(widget, text)
            QTest.keyClick(widget, Qt.Key.Key_Return)
    else:
        for key in (Qt.Key.Key_Right, Qt.Key.Key_End, Qt.Key.Key_Home):
            QTest.keyClick(widget, key)


class Errors(QObject):
    """Notes what is told in boxes of errors, and closes every box, the list of keys too."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QDialog):
            if isinstance(watched, QMessageBox):
                self.told.append(watched.text())
            later(watched, watched.close)
        return False


@pytest.fixture
def errors(qapp: QApplication) -> Iterator[Errors]:
    found = Errors()
    qapp.installEventFilter(found)
    yield found
    qapp.removeEventFilter(found)


def play(window: Window) -> None:
    """Have the run trained, from the start if it has come to its end."""
    if not window.controller.playing:
        window.toggle()
    assert window.controller.playing


def use_all_controls(window: Window) -> int:
    """Use each control while training runs; return how many there were.

    They go by their place, for some come and go with what is chosen in others, and a new form has new ones.
    """
    used = 0
    while used < len(controls(window)):
        widget = controls(window)[used]
        play(window)
        if widget.isVisible():
            use(widget)
        QApplication.processEvents()
        used += 1
    return used


def use_all_actions(window: Window) -> int:
    """Use each action of the menus while training runs; return how many there were.

    The one that ends all is left out; another language comes last, for the texts are others then.
    """
    texts = [text for text, action in menu_actions(window).items() if text and not action.menu() and text != "Close"]
    used = 0
    for text in sorted(texts, key="Next language".__eq__):
        play(window)
        if action := menu_actions(window).get(text):  # else it went with what an action before has changed
            action.trigger()
            used += 1
        QApplication.processEvents()
    return used


@pytest.mark.parametrize("source", [SMALL, RACE], ids=["train", "race"])
@pytest.mark.parametrize("alone", [False, True])
def test_every_control_and_every_action(
    qtbot: QtBot,
    open_window: OpenWindow,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    errors: Errors,
    alone: bool,
    source: str,
) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *a, **k: ("", ""))
    chosen_name(monkeypatch, "")
    monkeypatch.setattr(Window, "show_menu", lambda self: None)
    window = open_window(parse(source, "everything"))
    assert window.panel is not None
    assert window.transport is not None
    if alone:
        [card] = [w for w in window.panel.stops() if isinstance(w, QAbstractButton) and w.isCheckable()][1:]
        QTest.mouseClick(card, Qt.MouseButton.LeftButton)
    else:
        show_all_settings(window)
    assert use_all_controls(window) > (30 if source == SMALL else 20)
    assert use_all_actions(window) >= len(KEYS) - 6  # without closing, the menu itself, and single views
    play(window)
    qtbot.waitUntil(lambda: window.controller.tape is not None and window.board.shown_step > 0, timeout=30_000)
    assert errors.told == []
    assert capfd.readouterr() == ("", "")
    assert colours(pixels(image_of(window.board, 1.0))) > 20

"""Every control of the window, used while training runs: no traceback, no warning of Qt's."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QFileDialog,
    QLineEdit,
    QMessageBox,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.document import parse
from gradsim.ui.keys import stops
from gradsim.ui.window import Window
from tests.gui.conftest import RACE, SMALL, OpenWindow


def controls(window: Window) -> list[QWidget]:
    assert window.transport is not None
    assert window.panel is not None
    return [*stops(window.transport.layout()), *window.panel.stops()]


def use(widget: QWidget) -> None:
    if isinstance(widget, QToolButton):  # the menu, whose actions are used one by one
        assert widget.menu()
    elif isinstance(widget, QAbstractButton):
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
        for key in (Qt.Key.Key_Right, Qt.Key.Key_End, Qt.Key.Key_PageDown, Qt.Key.Key_Home, Qt.Key.Key_PageUp):
            QTest.keyClick(widget, key)


def close_boxes(window: Window) -> None:
    for box in window.findChildren(QMessageBox):
        box.close()


@pytest.mark.parametrize("source", [SMALL, RACE], ids=["train", "race"])
@pytest.mark.parametrize("alone", [False, True])
def test_every_control_and_every_action(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, alone: bool, source: str
) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *a, **k: ("", ""))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a, **k: ("", ""))
    monkeypatch.setattr(Window, "show_menu", lambda self: None)
    window = open_window(parse(source, "everything"))
    assert window.panel is not None
    if alone:
        [card] = [w for w in window.panel.stops() if isinstance(w, QAbstractButton) and w.isCheckable()][1:]
        QTest.mouseClick(card, Qt.MouseButton.LeftButton)
    else:
        window.panel.stops()[-1].setFocus()
        QTest.keyClick(window.panel.stops()[-1], Qt.Key.Key_Return)
    used = 0
    # Some controls come and go with what is chosen in others.
    while used < len(controls(window)):
        widget = controls(window)[used]
        if widget.isVisible():
            use(widget)
        if not window.controller.playing:
            window.toggle()
        QApplication.processEvents()
        used += 1
    assert used > (30 if source == SMALL else 20)
    window._menu.aboutToShow.emit()
    for action in window._menu.actions():
        action.trigger()
        QApplication.processEvents()
        close_boxes(window)
    qtbot.wait(100)
    close_boxes(window)
    assert window.controller.tape is not None

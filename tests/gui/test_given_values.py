"""Initial values typed in the window: as in a file, and refused in words beside their field."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.document import parse
from gradsim.ui.panels.editors import Editor
from gradsim.ui.window import Window
from tests.gui.conftest import OpenWindow, show_all_settings
from tests.unit.small import as_train

GIVEN = """
replicas = 1
steps = 5
data = { name = "digits", samples = 100 }
[[runs]]
label = "A"
hidden = []
bias_init = { name = "values", layers = [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9.5]] }
"""


def layers_editor(window: Window) -> Editor:
    assert window.panel is not None
    [found] = [editor for editor in window.panel.findChildren(Editor) if editor.property("key") == "layers"]
    return found


def typed(window: Window, text: str) -> QLineEdit:
    field = layers_editor(window).findChild(QLineEdit)
    assert isinstance(field, QLineEdit)
    if text:
        field.setText(text)
        QTest.keyClick(field, Qt.Key.Key_Return)
    return field


def first_bias(window: Window) -> Any:
    bias_init: Any = as_train(window.controller.running_document.experiment).runs[0].bias_init
    return bias_init.layers[0][0]


def test_given_values_are_shown_and_edited_as_text(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(parse(GIVEN, "given"))
    show_all_settings(window)
    assert typed(window, "").text() == "[[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.5]]"
    with qtbot.waitSignal(window.controller.started, timeout=10_000):
        typed(window, "[[−3, 1, 2, 3, 4, 5, 6, 7, 8, 9]]")
    assert first_bias(window) == -3.0


def test_bad_values_are_refused_beside_their_field(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(parse(GIVEN, "given"))
    show_all_settings(window)
    for text, problem in (
        ("[[1, 2", "'[[1, 2' is not a list of numbers"),
        ("[" * 20_000, "is not a list of numbers"),
        ("[[1, null]]", "null is not a number"),
        ("[[1, 2]]", "layer 1 needs 10 values, given 2"),
    ):
        typed(window, text)
        qtbot.waitUntil(
            lambda problem=problem: window.panel is not None and problem in window.panel.told,  # type: ignore[misc]
            timeout=5_000,
        )
        assert window.panel is not None
        assert window.panel.told_at is layers_editor(window)
        assert first_bias(window) == 0.0
    with qtbot.waitSignal(window.controller.started, timeout=10_000):
        typed(window, "[[7, 1, 2, 3, 4, 5, 6, 7, 8, 9]]")
    assert first_bias(window) == 7.0

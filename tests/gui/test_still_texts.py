"""Texts that change with each step: the window is not laid out anew for them."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QObject, QSize
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.document import Document, Shown
from gradsim.sim.documents.lessons import load
from gradsim.ui.app import application
from gradsim.ui.count_label import CountLabel
from gradsim.ui.foot import Foot
from gradsim.ui.label import ElidedLabel
from gradsim.ui.theme import Look, font


class Layouts(QObject):
    """Counts how often a widget is asked to lay out what is in it."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.LayoutRequest
        return False


def window_of(qtbot: QtBot, widget: QWidget) -> tuple[QWidget, Layouts]:
    window = QWidget()
    QVBoxLayout(window).addWidget(widget)
    window.resize(900, 200)
    qtbot.addWidget(window)
    window.show()
    qtbot.wait(20)
    return window, Layouts(window)


def test_another_line_of_the_same_height_moves_nothing(qtbot: QtBot) -> None:
    label = ElidedLabel("after 99 steps")
    _window, layouts = window_of(qtbot, label)
    label.setText("after 100 steps")
    qtbot.wait(20)
    assert label.text() == label.shown == "after 100 steps"
    assert label.accessibleName() == "after 100 steps"
    assert layouts.count == 0


def test_a_line_of_another_script_is_given_its_height(qtbot: QtBot) -> None:
    application()
    after = "第 100 步"
    label, fresh = ElidedLabel("after 99 steps"), ElidedLabel(after)
    for each in (label, fresh):
        each.setFont(font(18))
    _window = window_of(qtbot, label)
    label.setText(after)
    assert label.sizeHint().height() == fresh.sizeHint().height()


def test_the_corner_counts_steps_without_moving_anything(qtbot: QtBot) -> None:
    application()
    look, race = Look.fit("light", "en", QSize(1280, 800)), Document(load("race").experiment)
    foot = Foot(look)
    shown = Shown(("map", "arrival"), "", {})
    _window, layouts = window_of(qtbot, foot)
    foot.count(race, 100, shown)
    qtbot.wait(20)
    layouts.count = 0
    for step in range(101, 120):
        foot.count(race, step, shown)
        qtbot.wait(1)
    assert layouts.count == 0
    assert foot.corner.startswith("step 119, ")
    corner = foot._corner
    assert corner.shown == corner.text(), corner.geometry()
    assert corner.geometry().right() < foot.width()


def test_a_count_stands_at_the_right_end_and_moves_nothing(qtbot: QtBot) -> None:
    look = Look.fit("light", "en", QSize(1600, 1000))
    label = CountLabel(look, 20)
    label.setFixedWidth(label.width_px("step ", "5,000", " of 5,000"))
    _window, layouts = window_of(qtbot, label)
    for step in (7, 88, 999, 5_000):
        label.show_count("step ", f"{step:,}", " of 5,000")
        qtbot.wait(5)
        assert label.text() == f"step {step:,} of 5,000"
        ink = inked(label.grab().toImage())
        assert ink[1] >= label.width() - 4  # the last digit ends at the right
        assert ink[0] == pytest.approx(label.width() - label.width_px("step ", f"{step:,}", " of 5,000"), abs=4)
    assert layouts.count == 0


def inked(image: QImage) -> tuple[int, int]:
    """Return the first and the last column in which anything is drawn."""
    ground = image.pixel(0, 0)
    columns = [x for x in range(image.width()) if any(image.pixel(x, y) != ground for y in range(image.height()))]
    return columns[0], columns[-1]

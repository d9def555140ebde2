"""The bar on top: in a small window, too, it says which lesson is open."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication, QMainWindow
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.lessons import lessons
from gradsim.ui.controller import Controller
from gradsim.ui.theme import Look, style_sheet
from gradsim.ui.transport import Transport

SMALL_SCREEN = QSize(1024, 768)


def in_window(qtbot: QtBot, name: str, theme: str, language: str, size: QSize) -> QMainWindow:
    document = lessons()[name]
    look, around = Look.fit(theme, language, size), QMainWindow()
    bar = Transport(Controller(document), look, document)
    qtbot.addWidget(around)
    around.setStyleSheet(style_sheet(look))
    around.setCentralWidget(bar)
    around.resize(size.width(), bar.sizeHint().height())
    around.show()
    QApplication.processEvents()
    return around


def bar_in(window: QMainWindow) -> Transport:
    bar = window.centralWidget()
    assert isinstance(bar, Transport)
    return bar


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("theme", ["light", "projector"])
def test_titles_of_lessons_are_whole_on_a_small_screen(qtbot: QtBot, theme: str, language: str) -> None:
    for name in lessons():
        window = in_window(qtbot, name, theme, language, SMALL_SCREEN)
        bar = bar_in(window)
        assert bar.title._label.shown == lessons()[name].lesson.title(language)  # type: ignore[union-attr]
        assert bar.timeline.width() >= bar.timeline.minimumWidth()
        assert bar.minimumSizeHint().width() <= SMALL_SCREEN.width()


def test_where_there_is_room_the_step_is_told_in_words(qtbot: QtBot) -> None:
    window = in_window(qtbot, "vanishing", "light", "en", QSize(1920, 1080))
    bar = bar_in(window)
    assert bar._step.text().startswith("step 0 of ")
    whole = bar.title._label.fontMetrics().height()
    window.resize(700, bar.height())
    QApplication.processEvents()
    assert bar._step.text().startswith("0 / ")
    assert bar.title._label.fontMetrics().height() < whole
    window.resize(1920, bar.height())
    QApplication.processEvents()
    assert bar._step.text().startswith("step 0 of ")
    assert bar.title._label.fontMetrics().height() == whole

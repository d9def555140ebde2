"""The course list: all lessons, found by typing, opened by Enter or the mouse."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.lessons import lessons
from gradsim.ui.course_list import CourseList, _Card
from gradsim.ui.label import Paragraph
from gradsim.ui.window import Window
from tests.gui.conftest import OpenWindow


def opened(window: Window) -> CourseList:
    window.show_course()
    assert window.course.list is not None
    QApplication.processEvents()
    return window.course.list


def is_open(window: Window) -> bool:
    return window.course.list is not None


def shown(course: CourseList) -> list[str]:
    return [card.lesson.id for card in course._cards if card.isVisible()]


def chosen(course: CourseList) -> str:
    [card] = [card for card in course._cards if card.isVisible() and card.property("chosen")]
    return card.lesson.id


def press(key: Qt.Key) -> None:
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, key)


def present(window: Window) -> str:
    lesson = window.editing.draft.document.lesson
    return lesson.id if lesson else ""


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("theme", ["light", "projector"])
@pytest.mark.parametrize("size", [(1920, 1080), (1024, 768), (800, 560)])
def test_it_lists_every_lesson_whole(
    qtbot: QtBot, open_window: OpenWindow, language: str, theme: str, size: tuple[int, int]
) -> None:
    window = open_window(lessons()["saddle"], theme, language, size)
    course = opened(window)
    assert shown(course) == list(lessons())
    assert chosen(course) == "saddle"
    here = [card.lesson.id for card in course._cards for label in card.findChildren(QLabel) if _says_here(label)]
    assert here == ["saddle"]
    for card in course._cards:
        texts = card.findChildren(Paragraph)
        assert [label.text() for label in texts] == [card.lesson.title(language), card.lesson.claim(language)]
        for label in texts:
            assert not any(line.endswith("…") for line in label.lines(label.width()))
            assert label.height() >= label.heightForWidth(label.width())
            assert len(label.lines(label.width())) <= 2 or size[0] < 1024
    assert window.rect().contains(course.geometry())


def _says_here(label: QLabel) -> bool:
    return label.text() in ("you are here", "当前课程")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("saddle POINTS delayed", ["saddle"]),
        ("鞍点 耽搁", ["saddle"]),
        ("22", ["landscape"]),
        ("", list(lessons())),
        ("Sigmoid RELU", ["vanishing"]),
        ("no such word", []),
    ],
)
def test_typing_searches(qtbot: QtBot, open_window: OpenWindow, typed: str, found: list[str]) -> None:
    course = opened(open_window(lessons()["ravine"]))
    course._search.insert(typed)  # QTest types no Chinese
    assert shown(course) == found
    assert course._none.isVisible() is (not found)


def test_enter_opens_what_the_arrows_have_chosen(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(lessons()["vanishing"])
    course = opened(window)
    press(Qt.Key.Key_Down)
    names = list(lessons())
    assert chosen(course) == names[1]
    press(Qt.Key.Key_Right)
    assert chosen(course) == names[1 + course._rows]
    press(Qt.Key.Key_Return)
    assert present(window) == names[1 + course._rows]
    assert not is_open(window)
    assert window.focusWidget() is window.board


def test_a_click_opens_a_lesson_and_escape_opens_none(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(lessons()["vanishing"])
    opened(window)
    press(Qt.Key.Key_Escape)
    assert not is_open(window)
    assert present(window) == "vanishing"
    [card] = [card for card in opened(window).findChildren(_Card) if card.lesson.id == "plateaus"]
    QTest.mouseClick(card, Qt.MouseButton.LeftButton)
    assert not is_open(window)
    assert present(window) == "plateaus"


def test_the_title_opens_it_and_page_down_is_the_windows_still(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(lessons()["vanishing"])
    assert window.transport is not None
    window.transport.title.click()
    assert is_open(window)
    press(Qt.Key.Key_PageDown)
    assert not is_open(window)
    assert present(window) == list(lessons())[1]

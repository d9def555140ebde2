"""The menu bar: every action has its place and its key beside it, in every language and over a full screen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QCursor, QEnterEvent
from PySide6.QtWidgets import QApplication, QMenu, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.lessons import lessons
from gradsim.ui.key_list import KeyList, wanted_px
from gradsim.ui.keys import KEYS
from gradsim.ui.menus import HINTS, MENUS, MNEMONICS
from gradsim.ui.themes import THEMES
from gradsim.ui.window import Window
from gradsim.words.languages import languages, translate
from tests.covering import covering
from tests.gui.conftest import OpenWindow, menu_actions

IN_NO_MENU = {"show_menu", "view_1", "view_2", "view_3", "view_4"}
"""What opens the menus, and what is listed by the names of the views."""


def test_every_key_is_in_one_menu() -> None:
    placed = [action for actions in MENUS.values() for action in actions if action not in ("", "*")]
    assert sorted(placed) == sorted({key.action for key in KEYS} - IN_NO_MENU)


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_every_action_is_named_with_its_key_beside_it(qtbot: QtBot, open_window: OpenWindow, language: str) -> None:
    window = open_window(language=language)
    titles = [translate(text, language) for text in MNEMONICS.values()]
    assert [action.text() for action in window.menus.actions()] == titles
    letters = [title.partition("&")[2][0] for title in titles]
    assert len(set(letters)) == len(letters)
    found = menu_actions(window)
    for key in KEYS:
        if key.action not in IN_NO_MENU:
            assert found[translate(key.label, language)].text().partition("\t")[2] == key.keys[0]
    views = [action.text() for action in found.values() if action.text().partition("\t")[2] in tuple("1234")]
    assert [text[-1] for text in views] == ["1", "2", "3", "4"]


def test_a_view_is_chosen_in_the_menu(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    menu_actions(window)["Loss"].trigger()
    assert window._views == ("loss",)
    assert menu_actions(window)["Loss"].isChecked()
    menu_actions(window)["All views"].trigger()
    assert len(window._views) > 1


def test_what_is_looked_for_most_stands_at_the_right(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[str] = []

    def noted(name: str) -> Callable[[Window], None]:
        return lambda window: called.append(name)

    for name in HINTS:
        monkeypatch.setattr(Window, name, noted(name))
    window = open_window()
    buttons = window.menus.findChildren(QPushButton)
    assert [button.text().split()[-1] for button in buttons] == ["P", "F11", "?"]
    for button in buttons:
        button.click()
    assert called == list(HINTS)


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_a_key_opens_the_menus(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    window.show_menu()
    popup = QApplication.activePopupWidget()
    assert isinstance(popup, QMenu)
    assert popup.title() == "&Lesson"
    assert popup.actions()
    popup.close()


def test_over_a_full_screen_the_bar_comes_when_it_is_wanted(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(lessons()["saddle"])
    QCursor.setPos(window.mapToGlobal(window.rect().center()))
    window.toggle_fullscreen()
    assert not window.menus.isVisible()
    window.settle()
    qtbot.wait(50)
    board = window.board.geometry()
    at = QPoint(5, 1)
    QApplication.sendEvent(window.menus._edge, QEnterEvent(at, at, at))
    assert window.menus.isVisible()
    assert window.menus.geometry().topLeft() == QPoint(0, 0)
    assert window.board.geometry() == board
    window.menus._hiding.setInterval(20)
    qtbot.waitUntil(lambda: not window.menus.isVisible(), timeout=5_000)
    window.toggle_fullscreen()
    assert window.menus.isVisible()
    assert window.menus.geometry().bottom() < window.board.geometry().top()


@pytest.mark.parametrize(
    ("theme", "language", "size"), covering(THEMES, languages(), [(800, 560), (1024, 768), (1920, 1080)])
)
def test_all_menus_are_seen_whatever_is_told_beside_them(
    qtbot: QtBot, open_window: OpenWindow, theme: str, language: str, size: tuple[int, int]
) -> None:
    window = open_window(theme=theme, language=language, size=size)
    for line in ("", f"Saved …/{'long ' * 12}.toml"):
        window.menus.tell(line)
        QApplication.processEvents()
        seats = [window.menus.actionGeometry(action) for action in window.menus.actions()]
        corner = window.menus.cornerWidget().geometry()
        assert all(seat.width() > 20 and seat.right() < corner.left() for seat in seats)
        assert [part for part in window.menus.findChildren(QToolButton) if part.isVisible()] == []
    window.menus.tell("")
    for wide in (400, 1400):
        window.menus.resize(wide, window.menus.height())
        QApplication.processEvents()
    hints = window.menus.cornerWidget().findChildren(QPushButton)
    assert [hint.isVisible() for hint in hints] == [True] * len(HINTS)


@pytest.mark.parametrize("theme", list(THEMES))
@pytest.mark.parametrize("language", languages())
def test_the_list_of_keys_shows_every_key_whole(
    qtbot: QtBot, open_window: OpenWindow, theme: str, language: str
) -> None:
    window = open_window(theme=theme, language=language, size=(1920, 1080))
    window.show_keys()
    [box] = window.findChildren(KeyList)
    text = box.label.text()
    assert all(" / ".join(key.keys) in text and translate(key.label, language) in text for key in KEYS)
    assert "<b>Esc</b>" in text
    assert box.label.width() >= min(
        wanted_px(text, box.label.fontInfo().pixelSize()), 0.8 * box.screen().size().width()
    )
    assert box.label.height() >= box.label.heightForWidth(box.label.width())
    box.close()

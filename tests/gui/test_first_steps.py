"""The first steps: each is ticked off by the real action alone; they go for good and come when they are asked for."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.lessons import lessons
from gradsim.ui.first_steps import FIT_MS, STEPS
from gradsim.ui.settings import load
from gradsim.ui.settings import save as save_settings
from gradsim.ui.window import Window
from tests.gui.conftest import OpenWindow, chosen_name, few_replicas, menu_actions


def begun(open_window: OpenWindow, *look: str, size: tuple[int, int] = (1200, 800)) -> Window:
    window = open_window(few_replicas("vanishing"), *look, size=size)
    window.show_first_steps()
    window.settle()
    QTest.qWait(3 * FIT_MS)
    return window


def drag_timeline(window: Window, by: int) -> None:
    assert window.transport is not None
    line = window.transport.timeline
    share = line.value() / line.maximum()
    at = QPoint(round(share * line.width()), line.height() // 2)
    QTest.mousePress(line, Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseMove(line, at + QPoint(by, 0))
    QTest.mouseRelease(line, Qt.MouseButton.LeftButton, pos=at + QPoint(by, 0))


def change_activation(window: Window, run: int, name: str) -> None:
    table = copy.deepcopy(dict(window.editing.draft.table))
    table["runs"][run]["activation"] = {"name": name}
    window.editing.edit(table)


def test_each_is_ticked_off_by_what_is_done(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    window = begun(open_window)
    steps = window.first_steps
    qtbot.waitUntil(lambda: window.controller.step > 60, timeout=30_000)
    assert steps.done == set()  # that it plays by itself is nobody's doing
    QTest.keyClick(window.board, Qt.Key.Key_Space)
    assert steps.done == {"play"}
    drag_timeline(window, 40)
    assert steps.done == {"play"}
    drag_timeline(window, -80)
    assert steps.done == {"play", "back"}
    table = copy.deepcopy(dict(window.editing.draft.table))
    table["seed"] = 5
    window.editing.edit(table)
    assert steps.done == {"play", "back"}
    change_activation(window, 1, "tanh")
    assert steps.done == {"play", "back", "change"}
    window.settle()
    qtbot.waitUntil(lambda: "over" in window.board.options.on_screen(), timeout=20_000)
    QTest.keyClick(window.board, Qt.Key.Key_X)
    assert steps.done == {"play", "back", "change", "over"}
    chosen_name(monkeypatch, "", str(tmp_path / "a.png"))
    window.picture_dialog()
    window.pictures.finish()
    assert "picture" not in steps.done  # no name was given
    window.picture_dialog()
    window.pictures.finish()
    assert (tmp_path / "a.png").exists()
    assert steps.done == {step.key for step in STEPS}
    assert steps.page is not None
    assert all(row.lamp.true for row in steps.page._rows)
    assert steps.page.count.shown == "That is all. PageDown leads to the next lesson."


def test_opening_another_lesson_and_going_back_by_undo_tick_nothing(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = begun(open_window)
    window.next_lesson()
    window.previous_lesson()
    window.undo()
    window.undo()
    window.controller.reset()
    assert window.first_steps.done == set()


def test_what_comes_next_is_ringed(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = begun(open_window)
    assert window.transport is not None
    assert window.panel is not None
    play = window.transport.play_button
    qtbot.waitUntil(lambda: window.first_steps.lit is play, timeout=5_000)
    timeline = window.transport.timeline
    qtbot.waitUntil(lambda: window.controller.step > 10, timeout=20_000)
    window.controller.toggle()
    qtbot.waitUntil(lambda: window.first_steps.lit is timeline, timeout=5_000)
    window.controller.drag(0)
    target = window.panel.control_of("activation", 0)
    assert target is not None
    qtbot.waitUntil(lambda: window.first_steps.lit is target, timeout=5_000)
    change_activation(window, 0, "tanh")
    qtbot.waitUntil(lambda: window.first_steps.lit is None, timeout=5_000)


def test_escape_leaves_them_and_they_never_come_back_by_themselves(qtbot: QtBot, open_window: OpenWindow) -> None:
    assert not load().started
    window = begun(open_window)
    assert window.first_steps.page is not None
    QTest.keyClick(window.board, Qt.Key.Key_Escape)
    assert window.first_steps.page is None
    assert window.first_steps.lit is None
    change_activation(window, 0, "tanh")
    assert window.first_steps.done == set()
    save_settings(window.settings())
    assert load().started
    menu_actions(window)["Start here"].trigger()
    assert window.first_steps.page is not None
    assert window.first_steps.done == set()


def test_they_are_about_the_first_lesson(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(lessons()["ravine"])
    window.show_course()
    window.settle()
    assert window.walk.list is not None
    window.walk.list.start.click()
    assert window.walk.list is None
    lesson = window.editing.draft.document.lesson
    assert lesson is not None
    assert lesson.id == "vanishing"
    assert window.first_steps.page is not None


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("theme", ["light", "dark", "projector"])
@pytest.mark.parametrize("size", [(1920, 1080), (1024, 768)])
def test_all_of_it_can_be_read(
    qtbot: QtBot, open_window: OpenWindow, theme: str, language: str, size: tuple[int, int]
) -> None:
    window = begun(open_window, theme, language, size=size)
    qtbot.waitUntil(lambda: window.controller.step > 3, timeout=20_000)
    QTest.qWait(3 * FIT_MS)

    def can_be_read() -> None:
        page = window.first_steps.page
        assert page is not None
        assert page.isVisible()
        assert window.rect().contains(page.geometry())
        assert page.geometry().top() >= window.board.mapTo(window, QPoint()).y()
        assert page.geometry().bottom() < window.board.mapTo(window, QPoint(0, window.board.foot_top)).y()
        for row in page._rows:
            for label in (row.title, row.how):
                assert label.isVisible() or (label is row.how and not row.following)
                assert label.isHidden() or label.height() >= label.heightForWidth(label.width())
                assert label.isHidden() or page.rect().contains(label.mapTo(page, label.rect().bottomRight()))

    qtbot.waitUntil(can_be_read, timeout=5_000)  # on a busy machine its place follows the board's somewhat later
    if theme == "projector":  # neither the panel nor the curves are on screen
        assert [step.how for step in window.first_steps._steps()] != [step.how for step in STEPS]


def test_a_change_of_theme_keeps_what_has_been_done(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = begun(open_window)
    window.controller.toggle()
    window.set_theme("dark")
    window.settle()
    assert window.first_steps.done == {"play"}
    page = window.first_steps.page
    assert page is not None
    assert [row.lamp.true for row in page._rows] == [True, False, False, False, False]


def test_they_may_be_left_before_they_have_taken_their_place(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = begun(open_window)
    window.toggle_notes()
    window.first_steps.leave()
    QTest.qWait(3 * FIT_MS)  # what was still to be done would raise
    assert window.first_steps.page is None

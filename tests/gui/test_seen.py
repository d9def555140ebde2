"""A window that nobody sees neither trains nor draws nor looks for anything, and goes on from where it was."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.lessons import lessons
from gradsim.ui.garbage import Collector
from gradsim.ui.window import Window
from tests.gui.conftest import OpenWindow

AWAY: dict[str, Callable[[Window], object]] = {"minimised": Window.showMinimized, "hidden": Window.hide}


def running(window: Window) -> list[QTimer]:
    """The timers that wake it up again and again, but for the one that collects garbage a few times a second."""
    timers = [timer for timer in window.findChildren(QTimer) if timer.isActive() and not timer.isSingleShot()]
    timers += [timer for timer in window.controller.findChildren(QTimer) if timer.isActive()]
    return [timer for timer in timers if not isinstance(timer.parent(), Collector)]


@pytest.mark.parametrize("away", AWAY)
@pytest.mark.parametrize("lesson", ["vanishing", "two-bowls", "ravine"])
def test_out_of_sight_all_stands_still(qtbot: QtBot, open_window: OpenWindow, lesson: str, away: str) -> None:
    window = open_window(lessons()[lesson])
    controller = window.controller
    qtbot.waitUntil(lambda: controller.step > 3, timeout=20_000)
    AWAY[away](window)
    qtbot.waitUntil(lambda: not controller.lease.lent, timeout=5_000)
    QTest.qWait(300)  # what is a single shot has gone off by then
    assert running(window) == []
    assert controller.playing
    assert controller.tape is not None
    step, head = controller.step, controller.tape.head
    QTest.qWait(500)
    assert controller.step == step
    assert controller.tape.head <= head + 1  # a step under way comes to its end
    assert not controller.lease.lent
    window.showNormal()
    qtbot.waitUntil(lambda: controller.step > step, timeout=20_000)


def test_a_change_made_out_of_sight_is_trained_when_it_is_seen_again(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(lessons()["vanishing"])
    qtbot.waitUntil(lambda: window.controller.step > 3, timeout=20_000)
    window.hide()
    window.next_lesson()
    QTest.qWait(200)
    assert not window.controller.lease.lent
    window.show()
    qtbot.waitUntil(lambda: window.controller.running_document is window.editing.draft.document, timeout=20_000)
    qtbot.waitUntil(lambda: window.controller.step > 3, timeout=20_000)


def test_it_closes_out_of_sight(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(lessons()["vanishing"])
    qtbot.waitUntil(lambda: window.controller.step > 3, timeout=20_000)
    window.showMinimized()
    QTest.qWait(100)
    assert window.close()
    assert window.controller.stop()

"""What has been on screen is gone when something else is: lessons walked through leave no boards, forms, tapes."""

from __future__ import annotations

import gc
from collections import Counter

from pytestqt.qtbot import QtBot

from gradsim.sim.documents.lessons import lessons
from gradsim.sim.run.tape import Tape
from gradsim.ui.board import _Content
from gradsim.ui.course_list import CourseList
from gradsim.ui.panels.form import Form
from gradsim.ui.panels.panel import Panel
from gradsim.ui.plots.plot import Plot
from gradsim.ui.transport import Transport
from gradsim.ui.views.common.view import View
from gradsim.ui.window import Window
from tests.gui.conftest import OpenWindow

PARTS = (_Content, View, Plot, Tape, Panel, Form, Transport, CourseList)


def walk(qtbot: QtBot, window: Window) -> None:
    """Open every lesson, in the other look now and then, and come back to the first."""
    for i, name in enumerate([*lessons(), next(iter(lessons()))]):
        window.show_course()
        window.open_lesson(name)
        qtbot.waitUntil(lambda: window.controller.running_document is window.controller.document, timeout=20_000)
        qtbot.waitUntil(lambda: window._viewed is window.controller.document, timeout=20_000)
        if i % 3 == 0:
            window.toggle_dark()
        window.settle()
    window.set_theme("light")
    window.settle()


def living(qtbot: QtBot) -> Counter[str]:
    """Count the parts that there are, once all that waits to be deleted has been."""
    qtbot.wait(50)
    gc.collect()
    kinds = [next((part for part in PARTS if isinstance(found, part)), None) for found in gc.get_objects()]
    return Counter(kind.__name__ for kind in kinds if kind is not None)


def settled(qtbot: QtBot, wanted: Counter[str] | None = None) -> Counter[str]:
    """Return what there is once it is as `wanted`, or has but one content: the last is deleted some turns later."""
    # Not by waitUntil: what waits to be deleted is not deleted in an event loop within another.
    for _ in range(100):
        found = living(qtbot)
        if found == wanted or (wanted is None and found["_Content"] == 1):
            break
    return found


def test_a_walk_through_all_lessons_leaves_nothing_behind(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(lessons()["vanishing"])
    walk(qtbot, window)
    before = settled(qtbot)
    assert before["_Content"] == before["Panel"] == before["Transport"] == before["Tape"] == 1
    assert before["CourseList"] == 0
    walk(qtbot, window)
    assert settled(qtbot, before) == before

"""The stage is never empty: what is on screen stays until there is something new to show."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.lessons import lessons
from gradsim.ui.board import Board
from gradsim.ui.window import Window
from tests.gui.conftest import PATIENCE_MS, OpenWindow


def ink(window: Window) -> float:
    """Return the share of the stage's pixels, as they are on screen, that are not of its commonest colour."""
    image = window.screen().grabWindow(window.winId()).toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.width())
    at = window.board.geometry()
    stage = pixels[at.top() : at.top() + window.board.foot_top, at.left() : at.right()]
    counts = np.unique(stage, return_counts=True)[1]
    return 1.0 - float(counts.max()) / stage.size


def other_surface(window: Window) -> None:
    table = copy.deepcopy(dict(window.editing.draft.table))
    table["surface"] = "himmelblau"
    window.editing.edit(table)


def one_run(window: Window) -> None:
    table = copy.deepcopy(dict(window.editing.draft.table))
    table["runs"] = table["runs"][:1]
    window.editing.edit(table)


def pages(window: Window) -> None:
    for _ in range(3):
        window.next_lesson()
        QApplication.processEvents()
    window.previous_lesson()


CHANGES: dict[str, Callable[[Window], object]] = {
    "another surface": other_surface,
    "other runs": one_run,
    "the same run again": lambda window: window.controller.restart(),
    "fast pages": pages,
    "another theme": Window.toggle_dark,
    "the projector": Window.toggle_projector,
    "another language": Window.next_language,
    "one view": Window.view_1,
}


def least_ink(window: Window, change: Callable[[Window], object], done: Callable[[], bool]) -> tuple[float, int]:
    """Make a change, and return the least ink until it is done, and how often it was looked at."""
    found: list[float] = []
    end = time.monotonic() + PATIENCE_MS / 1000
    change(window)
    while not done():
        QApplication.processEvents()
        found.append(ink(window))
        assert time.monotonic() < end
    return min(found), len(found)


@pytest.mark.parametrize("name", CHANGES)
def test_it_is_never_empty(qtbot: QtBot, open_window: OpenWindow, name: str) -> None:
    window = open_window(lessons()["saddle"], size=(900, 600))
    qtbot.waitUntil(lambda: window.controller.step > 5, timeout=20_000)
    before, content, run = ink(window), window.board._content, window.controller.tape
    restarts = name == "the same run again"

    def done() -> bool:
        changed = window.controller.tape is not run if restarts else window.board._content is not content
        return changed and window.board.shown_step > 5

    least, looks = least_ink(window, CHANGES[name], done)
    assert looks > 3
    assert least > 0.4 * min(before, ink(window))


def test_an_empty_stage_is_noticed(qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the test above looks for is seen where the old picture goes too early."""
    window = open_window(lessons()["saddle"], size=(900, 600))
    qtbot.waitUntil(lambda: window.controller.step > 5, timeout=20_000)
    before, content = ink(window), window.board._content
    build = Board._build

    def hasty(board: Board, *arguments: object) -> object:
        assert board._content is not None
        board._content.hide()
        return build(board, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Board, "_build", hasty)
    least, _ = least_ink(window, other_surface, lambda: window.board._content is not content)
    assert least < 0.1 * before


def test_what_is_still_of_the_lesson_before_is_said_to_be(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(lessons()["saddle"])
    window._patience.setInterval(0)
    window.walk.open("exploding")
    qtbot.waitUntil(lambda: window._sign.is_over_old_pictures, timeout=20_000)
    assert window.board.on_screen == lessons()["saddle"]
    assert "Exploding gradients" in window._sign.text().replace("\n", " ")
    qtbot.waitUntil(lambda: window.board.on_screen == lessons()["exploding"], timeout=60_000)
    assert not window._sign.is_over_old_pictures
    assert not window._sign.isVisible()

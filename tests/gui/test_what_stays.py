"""What was shown and is replaced is gone: whatever is done again and again, there are not more and more objects."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QGraphicsItem
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.document import parse
from gradsim.sim.run.tape import Past, Tape
from gradsim.ui.themes import THEMES
from gradsim.ui.views.catalogue import of_kind
from gradsim.ui.window import Window
from tests.gui.conftest import RACE, SMALL, OpenWindow, edit_to

COUNTED = (QObject, QGraphicsItem, Tape, Past)
"""Whatever is on screen, and what holds the numbers of runs."""


def there_are() -> Counter[str]:
    """Return how many objects of each class there are once garbage is collected: Python's, and all widgets."""
    for _ in range(3):
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        gc.collect()
    made = (each for each in gc.get_objects() if isinstance(each, COUNTED))
    # What Qt has made by itself has objects in Python only where somebody has asked for it.
    names = [type(each).__name__ for each in made if type(each).__module__.split(".")[0] != "PySide6"]
    return Counter([*names, *(f"{type(widget).__name__}, a widget" for widget in QApplication.allWidgets())])


def lessons_walked(window: Window) -> Iterator[Callable[[], object]]:
    for name in ("vanishing", "race", "two-bowls"):
        yield lambda name=name: window.walk.open(name)  # type: ignore[misc]


def looks_changed(window: Window) -> Iterator[Callable[[], object]]:
    for theme in THEMES:
        yield lambda theme=theme: window.set_theme(theme)  # type: ignore[misc]
    yield window.next_language
    yield window.next_language


def views_shown(window: Window) -> Iterator[Callable[[], object]]:
    for kind, text in (("train", SMALL), ("race", RACE)):
        yield lambda text=text: window.editing.open(parse(text, "a"))  # type: ignore[misc]
        for key in of_kind(kind):
            yield lambda key=key: window.board.show_views((key,))  # type: ignore[misc]


def runs_edited(window: Window) -> Iterator[Callable[[], object]]:
    yield lambda: window.editing.open(parse(SMALL, "a"))
    for depth in (2, 5):
        table = window.editing.draft.table
        yield lambda depth=depth, table=table: edit_to(window, {**table, "seed": depth})  # type: ignore[misc]
    yield window.controller.restart


def pictures_copied(window: Window) -> Iterator[Callable[[], object]]:
    yield window.copy_picture


AGAIN = 2
"""How often all is done again."""

DEEDS = (lessons_walked, looks_changed, views_shown, runs_edited, pictures_copied)


@pytest.mark.parametrize("deeds", DEEDS, ids=lambda deeds: deeds.__name__)
def test_what_is_replaced_is_gone(
    qtbot: QtBot, open_window: OpenWindow, deeds: Callable[[Window], Iterator[Callable[[], object]]]
) -> None:
    window = open_window()

    def do_all() -> Counter[str]:
        for deed in deeds(window):
            deed()
            qtbot.wait(30)
            window.settle()
        qtbot.waitUntil(lambda: not window.pictures.is_busy, timeout=20_000)
        before = window.controller.tape
        window.editing.open(parse(SMALL, "a"))
        qtbot.waitUntil(lambda: window.controller.tape not in (None, before), timeout=20_000)
        window.controller.pause()
        window.settle()
        return there_are()

    def more() -> dict[str, tuple[int, int]]:
        """Return what there is one more of each time; a thread may hold on to one thing until it has gone on."""
        now = there_are()
        return {name: (before[name], many) for name, many in now.items() if many >= before[name] + AGAIN}

    do_all()
    before = do_all()
    for _ in range(AGAIN):
        do_all()
    with suppress(qtbot.TimeoutError):
        qtbot.waitUntil(lambda: not more(), timeout=10_000)
    assert more() == {}

"""Garbage with Qt objects in it is collected on the main thread and on no other."""

from __future__ import annotations

import gc
import threading
import weakref

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from gradsim.ui.app import application


class Knot(QObject):
    """An object that only a collection can free."""

    def __init__(self) -> None:
        super().__init__()
        self.own = self


def test_no_thread_but_the_main_one_collects(qtbot: QtBot) -> None:
    application()
    threads: list[str] = []
    knots = [Knot() for _ in range(3)]
    for knot in knots:
        weakref.finalize(knot, lambda: threads.append(threading.current_thread().name))
    del knot
    knots.clear()

    def allocate() -> None:
        kept = [[i] for i in range(200_000)]  # many times what sets a collection off
        kept.clear()

    worker = threading.Thread(target=allocate)
    worker.start()
    worker.join()
    assert threads == []
    many = [[i] for i in range(200_000)]
    qtbot.waitUntil(lambda: len(threads) == 3, timeout=5_000)
    assert set(threads) == {"MainThread"}
    assert len(many) == 200_000


def test_python_itself_does_not_collect_while_there_is_a_window(qtbot: QtBot) -> None:
    application()
    assert not gc.isenabled()

"""How long the window stands still: ``python tests/benchmarks/gaps.py`` prints a Markdown table.

A timer of 10 ms notes when it fires while the program's own event loop turns;
a gap is the time between two of its turns. Each line is of one action, from
just before it until a second later, or as long as its first gap lasts. `own`
is the part of the longest gap that the main thread itself computed; on a busy
machine the rest is the other processes'. Names of lessons as arguments keep to these.
"""

from __future__ import annotations

import argparse
import gc
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from math import inf
from operator import methodcaller
from typing import Any, NamedTuple

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["XDG_CONFIG_HOME"] = tempfile.gettempdir()

import gradsim  # noqa: F401, I001 (before NumPy: it sets the number of BLAS threads)

import numpy as np
from PySide6.QtCore import QObject, QSize, Qt, QTimer
from PySide6.QtWidgets import QApplication

from gradsim.sim.documents.document import Document, parse
from gradsim.sim.documents.lessons import lessons
from gradsim.ui.app import application
from gradsim.ui.window import Window

TICK_MS, WATCHED_MS = 10, 1000

TINY = """
steps = 1000000
replicas = 1
data = "moons"
[common]
hidden = [4, 4]
output = "sigmoid"
loss = "cross_entropy"
batch_size = 8
[[runs]]
label = "Sigmoid"
"""


class Gap(NamedTuple):
    """A time between two turns of the event loop, and how much of it the main thread computed, in ms."""

    all: float
    own: float


class Action(NamedTuple):
    """Something a user does, by its name."""

    name: str
    act: Callable[[Window], object]


def resize(size: QSize) -> Action:
    return Action(f"resize to {size.width()}×{size.height()}", lambda window: window.resize(size))


def close_menu(window: Window) -> None:
    """Close the menu that is open."""
    popup = QApplication.activePopupWidget()
    if popup is not None:
        popup.close()


def more_settings(window: Window) -> None:
    """Show or hide the settings that are usually left as they are."""
    assert window.panel is not None
    window.panel._on_more()


def add_run(window: Window) -> None:
    """Add a run, in the form."""
    assert window.panel is not None
    window.panel._on_add()


ACTIONS = (
    Action("nothing", lambda window: None),
    Action("all views", methodcaller("view_all")),
    resize(QSize(1000, 640)),
    resize(QSize(1920, 1080)),
    *(Action(f"view {n}", methodcaller(f"view_{n}")) for n in range(1, 5)),
    Action("all views", methodcaller("view_all")),
    Action("projector", methodcaller("toggle_projector")),
    Action("light", methodcaller("toggle_projector")),
    Action("dark", methodcaller("toggle_dark")),
    Action("language", methodcaller("next_language")),
    Action("menu", methodcaller("show_menu")),
    Action("menu away", close_menu),
    Action("course list", methodcaller("show_course")),
    Action("course list away", methodcaller("show_course")),
    Action("ask the class", methodcaller("predict")),
    Action("pictures again", methodcaller("predict")),
    Action("panel away", methodcaller("toggle_panel")),
    Action("panel", methodcaller("toggle_panel")),
    Action("x axis", methodcaller("next_over")),
    Action("probe", methodcaller("next_probe")),
    Action("step 0", methodcaller("reset")),
    Action("restart", lambda window: window.controller.restart()),
    Action("more settings", more_settings),
    Action("dark, with more settings", methodcaller("toggle_dark")),
    Action("fewer settings", more_settings),
    Action("add a run", add_run),
    Action("undo", methodcaller("undo")),
    Action("next lesson", methodcaller("next_lesson")),
    Action("previous lesson", methodcaller("previous_lesson")),
)


class Watch(QObject):
    """Does one action after another in a window, and hands on the gaps of each."""

    def __init__(self, window: Window, take_gaps: Callable[[str, list[Gap]], object]) -> None:
        super().__init__()
        self._window, self._take_gaps = window, take_gaps
        self._actions, self._at = (Action("open", methodcaller("show")), *ACTIONS), 0
        self._turns: list[tuple[float, float]] = []
        self._ticks = QTimer(self)
        self._ticks.setTimerType(Qt.TimerType.PreciseTimer)
        self._ticks.timeout.connect(self._note)

    def start(self) -> None:
        """Begin with the first action."""
        self._ticks.start(TICK_MS)
        self._act()

    def _note(self) -> None:
        self._turns.append((time.perf_counter(), time.thread_time()))

    def _act(self) -> None:
        # Before the action: a menu turns an event loop of its own until it is closed.
        QTimer.singleShot(WATCHED_MS, self, self._go_on)
        self._turns.clear()
        self._note()
        self._actions[self._at].act(self._window)

    def _go_on(self) -> None:
        self._note()
        gaps = [Gap(1e3 * (b[0] - a[0]), 1e3 * (b[1] - a[1])) for a, b in pairwise(self._turns)]
        self._take_gaps(self._actions[self._at].name, gaps)
        self._at += 1
        if self._at < len(self._actions):
            self._act()
        else:
            self._ticks.stop()
            QApplication.quit()


def watch(document: Document, speed: float, take_gaps: Callable[[str, list[Gap]], object]) -> float:
    """Do all actions at a speed; return the steps a second."""
    app = application()
    window = Window(document, "light", "en")
    window.resize(1600, 900)
    window.controller.set_speed(speed)
    gc.freeze()  # as open_window does
    watching = Watch(window, take_gaps)
    rate = Rate(window)
    QTimer.singleShot(0, watching.start)
    app.exec()
    steps_a_second = rate.result()
    started = time.perf_counter()
    window.close()
    take_gaps("close", [Gap(1e3 * (time.perf_counter() - started), 0.0)])
    window.deleteLater()
    app.processEvents()
    return steps_a_second


class Rate:
    """Counts the steps trained in a window."""

    def __init__(self, window: Window) -> None:
        self._controller, self._steps, self._head = window.controller, 0, 0
        self._began = time.perf_counter()
        self._look = QTimer(window)
        self._look.timeout.connect(self._count)
        self._look.start(50)

    def _count(self) -> None:
        head = self._controller.head
        self._steps += max(0, head - self._head)
        self._head = head

    def result(self) -> float:
        """Return the steps a second so far."""
        return self._steps / (time.perf_counter() - self._began)


def print_gaps(name: str, document: Document, speed: float, every: bool) -> list[Gap]:
    """Print a line for each action if wanted, and one for all of them."""
    together: list[Gap] = []
    where = f"{name}, {'full speed' if speed == inf else f'{speed:g} steps/s'}"

    def take_gaps(action: str, gaps: list[Gap]) -> None:
        together.extend(gaps if action != "close" else [])
        if every:
            print_row(f"{where}: {action}", gaps)

    steps_a_second = watch(document, speed, take_gaps)
    print_row(f"**{where}: all actions**, {steps_a_second:.0f} steps/s", together)
    return together


def print_row(what: str, gaps: list[Gap]) -> None:
    longest = max(gaps)
    p99 = np.percentile([gap.all for gap in gaps], 99)
    print(f"| {what} | {longest.all:.0f} | {longest.own:.0f} | {p99:.0f} |", flush=True)


def endless(document: Document) -> Document:
    """Return a document whose run does not end while it is watched."""
    experiment: Any = document.experiment
    return replace(document, experiment=replace(experiment, steps=max(experiment.steps, 50_000)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lessons", nargs="*", help="lessons to watch, and tiny; all, left out")
    parser.add_argument("--speed", type=float, action="append", help="steps a second; left out, 30 and full speed")
    parser.add_argument("--every", action="store_true", help="a line for each action, not only for each lesson")
    wanted = parser.parse_args()
    documents = {"tiny": parse(TINY, "tiny"), **{name: endless(lesson) for name, lesson in lessons().items()}}
    print("| what | longest gap, ms | own, ms | p99, ms |\n| --- | --- | --- | --- |")
    together: list[Gap] = []
    for name in wanted.lessons or documents:
        for speed in wanted.speed or (30.0, inf):
            together += print_gaps(name, documents[name], speed, wanted.every)
    print_row("**everything**", together)


if __name__ == "__main__":
    main()

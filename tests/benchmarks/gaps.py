"""How long the window stands still: ``python tests/benchmarks/gaps.py`` prints a Markdown table.

A timer of 10 ms notes when it fires while the program's own event loop turns;
a gap is the time between two of its turns. Each line is of one action, from
just before it until a second later, or until all that it brings about has
been built. `own` is the longest that the main thread itself computed between
two turns; on a busy machine the rest of a gap is the other processes'. Names
of lessons as arguments keep to these.
"""

from __future__ import annotations

import argparse
import gc
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from math import inf
from operator import methodcaller
from pathlib import Path
from typing import NamedTuple

os.environ["XDG_CONFIG_HOME"] = tempfile.mkdtemp(prefix="gradsim-gaps-")
os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={os.environ['XDG_CONFIG_HOME']}/screens.json"

import gradsim  # noqa: F401, I001 (before NumPy: it sets the number of BLAS threads)

import numpy as np
from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from gradsim.sim.documents.document import Document, parse
from gradsim.sim.documents.lessons import lessons
from gradsim.ui.app import application
from gradsim.ui.pieces import Pieces
from gradsim.ui.window import Window
from tests.benchmarks.long_runs import endless
from tests.benchmarks.window_actions import ACTIONS, SCREENS, Action

TICK_MS, WATCHED_MS, LONGEST_MS = 10, 1000, 10_000
"""How often a turn is looked for, and how long an action is watched, and at most."""

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

    @property
    def _is_building(self) -> bool:
        return self._window.pictures.is_busy or any(each.are_left for each in self._window.findChildren(Pieces))

    def _go_on(self) -> None:
        self._note()
        if self._is_building and 1e3 * (time.perf_counter() - self._turns[0][0]) < LONGEST_MS:
            QTimer.singleShot(WATCHED_MS // 10, self, self._go_on)
            return
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
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # no event loop runs here that would do it
    del window, watching
    gc.unfreeze()
    gc.collect()  # the window and its runs go now
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
    longest, own = max(gap.all for gap in gaps), max(gap.own for gap in gaps)
    p99 = np.percentile([gap.all for gap in gaps], 99)
    print(f"| {what} | {longest:.0f} | {own:.0f} | {p99:.0f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lessons", nargs="*", help="lessons to watch, and tiny; all, left out")
    parser.add_argument("--speed", type=float, action="append", help="steps a second; left out, 30 and full speed")
    parser.add_argument("--every", action="store_true", help="a line for each action, not only for each lesson")
    wanted = parser.parse_args()
    Path(os.environ["XDG_CONFIG_HOME"], "screens.json").write_text(SCREENS)
    documents = {"tiny": parse(TINY, "tiny"), **{name: endless(lesson) for name, lesson in lessons().items()}}
    print("| what | longest gap, ms | own, ms | p99, ms |\n| --- | --- | --- | --- |")
    together: list[Gap] = []
    for name in wanted.lessons or documents:
        for speed in wanted.speed or (30.0, inf):
            together += print_gaps(name, documents[name], speed, wanted.every)
    print_row("**everything**", together)
    shutil.rmtree(os.environ["XDG_CONFIG_HOME"], ignore_errors=True)


if __name__ == "__main__":
    main()

"""What a frame costs: ``python tests/benchmarks/frames.py`` prints a Markdown table.

Lessons run in the real window on the offscreen platform, and a frame lasts from the news of another step until all
that it changes is painted. Its processor time is that of the main thread alone; wall time has in it what else the
machine does, and says little where that is much. Names of lessons as arguments keep to these.
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import os
import platform
import pstats
import tempfile
import time
from collections.abc import Callable
from math import inf
from pathlib import Path
from typing import Any, NamedTuple

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["XDG_CONFIG_HOME"] = tempfile.gettempdir()

import gradsim  # noqa: F401, I001 (before NumPy: it sets the number of BLAS threads)

import numpy as np
from PySide6.QtCore import QEvent, QSize, QTimer

from gradsim.sim.documents.document import Document
from gradsim.sim.documents.lessons import lessons
from gradsim.ui.app import application
from gradsim.ui.window import Window
from tests.benchmarks.long_runs import endless

BUILT_MS = 1500
"""How long a window has to come to rest before frames are counted."""
SIZES = {"1920×1080": QSize(1920, 1080), "3840×2160": QSize(3840, 2160)}
LEAST_FRAMES = 3


class Frame(NamedTuple):
    """What one frame took, in ms: the main thread's processor time, and the time on the wall."""

    own: float
    wall: float


class Frames:
    """The frames of a window, from when they are asked for."""

    def __init__(self, window: Window) -> None:
        self.taken: list[Frame] = []
        self._began = 0.0, 0.0
        self._show: Callable[[], None] = window.controller._show
        controller: Any = window.controller
        controller._show = self._begin
        controller._after_paint.painted.connect(self._end)

    def _begin(self) -> None:
        self._began = time.thread_time(), time.perf_counter()
        self._show()

    def _end(self) -> None:
        own, wall = time.thread_time() - self._began[0], time.perf_counter() - self._began[1]
        self.taken.append(Frame(1e3 * own, 1e3 * wall))


def frames_of(
    document: Document, size: QSize, speed: float, seconds: float, profile: cProfile.Profile
) -> list[Frame]:
    """Play a lesson in a window of a size, and return its frames."""
    app = application()
    window = Window(document, "light", "en")
    window.resize(size)
    window.controller.set_speed(speed)
    window.show()
    gc.freeze()  # as open_window does
    frames = Frames(window)

    def begin() -> None:
        frames.taken.clear()
        profile.enable()

    QTimer.singleShot(BUILT_MS, begin)
    QTimer.singleShot(BUILT_MS + round(1e3 * seconds), app.quit)
    app.exec()
    profile.disable()
    window.close()
    window.deleteLater()
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # no event loop runs here that would do it
    del window
    gc.unfreeze()
    gc.collect()  # the window and its runs go now
    return frames.taken


class _Silent(cProfile.Profile):
    """Profiles nothing."""

    def enable(self, subcalls: bool = True, builtins: bool = True) -> None: ...

    def disable(self) -> None: ...


def print_row(what: str, frames: list[Frame]) -> None:
    if len(frames) < LEAST_FRAMES:
        print(f"| {what} | {len(frames)} | | | | |", flush=True)
        return
    own, wall = (np.percentile(column, [50, 99]) for column in zip(*frames, strict=True))
    figures = " | ".join(f"{value:.1f}" for value in (*own, *wall))
    print(f"| {what} | {len(frames)} | {figures} |", flush=True)


def processor() -> str:
    """Return the processor's name."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text().splitlines() if told.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _size(text: str) -> str:
    """Return a size as it is known: 1920x1080 as 1920×1080."""
    return text.replace("x", "×")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lessons", nargs="*", help="lessons to play; all, left out")
    parser.add_argument("--speed", type=float, default=30.0, help="steps a second; left out, 30")
    parser.add_argument("--full-speed", dest="speed", action="store_const", const=inf, help="no step waits")
    parser.add_argument("--seconds", type=float, default=6.0, help="how long each is watched; left out, 6")
    parser.add_argument("--size", type=_size, choices=list(SIZES), default="1920×1080", help="of the window")
    parser.add_argument("--profile", action="store_true", help="say also where the time goes")
    asked = parser.parse_args()
    where = "full speed" if asked.speed == inf else f"{asked.speed:g} steps/s"
    print(f"{processor()}, {asked.size}, {where}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    print("| lesson | frames | median, ms of processor | p99 | median, ms on the wall | p99 |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name in asked.lessons or lessons():
        profile = cProfile.Profile(time.thread_time) if asked.profile else _Silent()
        print_row(name, frames_of(endless(lessons()[name]), SIZES[asked.size], asked.speed, asked.seconds, profile))
        if asked.profile:
            pstats.Stats(profile).sort_stats("cumtime").print_stats(60)


if __name__ == "__main__":
    main()

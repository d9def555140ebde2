"""A program with one window that is used in turns of its own event loop, watched; the folder has the result.

It is a program of its own, for what it is to find may end it; its last words are then those of `faulthandler`.
"""

from __future__ import annotations

import faulthandler
import gc
import json
import os
import threading
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from unittest.mock import patch

from PySide6.QtWidgets import QApplication

from gradsim.sim.documents.document import Document
from gradsim.sim.documents.lessons import lessons
from gradsim.ui.alarm import Alarm
from gradsim.ui.app import application
from gradsim.ui.garbage import give_back
from gradsim.ui.later import later
from gradsim.ui.window import Window
from tests.trials.monkey.deeds import away
from tests.trials.monkey.watch import Stalls, Watch
from tests.trials.report import memory_mb

RESULT, LAST_WORDS = "result.json", "last words"
HUNG_S = 120
"""How long a turn of the event loop may take before the program is ended and tells where it was."""
PATIENCE_S = 60.0
REST_MS, SHORT_REST_MS, REST_SIZE = 3000, 200, (1280, 800)
"""How long the window is left alone before its memory is measured, also in short trials, and how large it is."""
CLOSED_S = 0.5
"""How much the main thread may compute to close the window."""

Turn = tuple[Callable[[], object], int]
"""What is done in a turn of the event loop, and how many ms later the next one is."""


@dataclass
class Result:
    """What became of a window."""

    done: int = 0
    fault: str = ""
    stall: tuple[float, float, int] = (0.0, 0.0, 0)
    """The longest: what the main thread computed, all of it, and after which action."""
    stalls: dict[str, tuple[int, int]] = field(default_factory=dict)
    """The same after each kind of action: ms, and after which action."""
    memory_mb: tuple[float, float] = (0.0, 0.0)
    closing_s: float = 0.0


class Program:
    """Uses one window until all is done or something is found.

    Parameters
    ----------
    folder
        Where it works.
    is_short
        Whether little is done, so that its memory says little.
    """

    def __init__(self, folder: Path, is_short: bool) -> None:
        self.folder, self.result, self.watch = folder, Result(), Watch()
        self._rest_ms = SHORT_REST_MS if is_short else REST_MS

    def run(self, document: Document, theme: str, language: str, size: tuple[int, int]) -> None:
        """Open a window, use it, close it; write what came of it, and end the process."""
        with (self.folder / LAST_WORDS).open("w") as self._last_words:
            faulthandler.enable(self._last_words)
            app = application()
            patch.object(Alarm, "tell", lambda alarm, text, trace="": self.watch.tell(alarm, text, trace)).start()
            self.window = Window(document, theme, language)
            self.watch.begin(self.window.alarm)
            self.window.resize(*size)
            self.window.show()
            self.window.rescue.begin()
            gc.freeze()  # as open_window does
            self.stalls, self._turns = Stalls(), self._from_rest_to_rest()
            later(app, self._turn)
            app.exec()
            self._end()
        (self.folder / RESULT).write_text(json.dumps(asdict(self.result)), "utf-8")
        os._exit(0)

    def turns(self) -> Iterator[Turn]:
        """Yield what is done with the window; a failed assertion is a fault."""
        raise NotImplementedError

    # One turn after the other, also while a dialog has a loop of its own

    def _turn(self) -> None:
        faulthandler.dump_traceback_later(HUNG_S, exit=True, file=self._last_words)
        try:
            act, wait_ms = next(self._turns)
        except StopIteration:
            self._leave()
            return
        except AssertionError as fault:
            self.watch.faults.append(f"fault: {fault}")
        if self.watch.faults:
            self._leave()
            return
        later(QApplication.instance() or self.window, self._turn, wait_ms)
        self.stalls.skip()
        act()

    def _leave(self) -> None:
        """End the event loop, and those of dialogs in it."""
        away()
        QApplication.exit()

    def _from_rest_to_rest(self) -> Iterator[Turn]:
        before = yield from self._memory_at_rest()
        yield from self.turns()
        self.result.memory_mb = before, (yield from self._memory_at_rest())

    def _memory_at_rest(self) -> Generator[Turn, None, float]:
        """Return what the process holds while a window of one size shows the first lesson, begun and not trained."""
        window, controller = self.window, self.window.controller
        yield away, 0
        yield window.showNormal, 0
        yield lambda: window.resize(*REST_SIZE), 0
        yield lambda: window.set_theme("light"), 0
        yield lambda: window.walk.open(next(iter(lessons()))), self._rest_ms
        yield from self.waiting(self._is_drawn, "no picture has come")
        before = controller.tape
        yield controller.restart, 0  # a tape takes up to 50 MB, as far as it goes
        yield from self.waiting(lambda: controller.tape is not before, "no run begins")
        yield controller.pause, self._rest_ms
        QApplication.clipboard().clear()  # a picture of a large window takes 130 MB there
        gc.collect()
        give_back()
        return memory_mb()

    def waiting(self, holds: Callable[[], object], otherwise: str, patience_s: float = PATIENCE_S) -> Iterator[Turn]:
        """Yield turns until something holds."""
        until = time.monotonic() + patience_s
        while not holds():
            assert time.monotonic() < until, f"{otherwise}: {self.state()}"
            yield nothing, 20

    def state(self) -> str:
        """Return what is known of the run, for a fault."""
        controller, editing = self.window.controller, self.window.editing
        values = {**vars(controller._playhead), "seen": controller._seen, "wanted": controller.lease.wanted}
        return f"{values} {editing.draft.refusal} {editing.draft.document.experiment}"

    def _is_drawn(self) -> bool:
        controller = self.window.controller
        drawn = controller.tape is not None and self.window._viewed is controller.running_document
        return drawn and self.window.board.on_screen is not None

    # Its end

    def _end(self) -> None:
        """Close the window, and see what is left of it."""
        result, longest = self.result, self.stalls.longest
        self.window.pictures.finish()  # files that were asked for are written first
        began = time.thread_time()
        self.window.asks = False
        self.window.close()
        result.closing_s = time.thread_time() - began
        until = time.monotonic() + PATIENCE_S
        while _threads() and time.monotonic() < until:
            time.sleep(0.01)
        if _threads():
            self.watch.faults.append(f"threads are left: {_threads()}")
        if result.closing_s > CLOSED_S:
            self.watch.faults.append(f"to close took {result.closing_s} s")
        result.fault = next(iter(self.watch.faults), "")
        result.stall = longest.own_ms, longest.wall_ms, longest.action
        result.stalls = {kind: (round(stall.own_ms), stall.action) for kind, stall in self.stalls.longest_of.items()}


def _threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("gradsim")]


def nothing() -> None:
    """Wait for the next turn."""

"""What must not happen to a window, whatever is done: noted wherever it comes from."""

from __future__ import annotations

import sys
import threading
import time
import traceback
import warnings
from types import TracebackType
from typing import Any, NamedTuple

from PySide6.QtCore import QMessageLogContext, QObject, Qt, QTimer, QtMsgType, qInstallMessageHandler

from gradsim.ui.alarm import Alarm

TICK_MS = 10
PLATFORM = ("propagateSizeHints", "does not support raise", "does not support grabbing", "OpenType support missing")
"""Messages of the platform without a screen: it lacks what others have, and a font for each script in a table."""
EXPECTED = ("gradsim.schema.",)
"""Where errors are defined that say what is wrong with a file or a setting: to tell them is right."""


class Stall(NamedTuple):
    """A time between two turns of the event loop, and after which action: what the main thread computed, and all."""

    own_ms: float = 0.0
    wall_ms: float = 0.0
    action: int = 0


class Stalls(QObject):
    """Measures how long the event loop stands still."""

    def __init__(self) -> None:
        super().__init__()
        self.longest = Stall()
        self.longest_of: dict[str, Stall] = {}
        """The longest after each kind of action."""
        self.action, self.kind = 0, ""
        self._last = (0.0, 0.0)
        self._ticks = QTimer(self)
        self._ticks.setTimerType(Qt.TimerType.PreciseTimer)
        self._ticks.timeout.connect(self._note)
        self.skip()
        self._ticks.start(TICK_MS)

    def skip(self) -> None:
        """Leave out what has been done since the last turn: it was looked at the window, not used."""
        self._last = (time.thread_time(), time.perf_counter())

    def _note(self) -> None:
        own, wall = self._last
        self.skip()
        gap = Stall(1e3 * (self._last[0] - own), 1e3 * (self._last[1] - wall), self.action)
        self.longest = max(self.longest, gap)
        self.longest_of[self.kind] = max(self.longest_of.get(self.kind, gap), gap)


class Watch:
    """Notes errors in slots and on threads, those that the window tells, warnings, and what Qt says."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.told = 0
        """How many errors the window has told."""

    def begin(self, alarm: Alarm) -> None:
        """Watch from now on; `alarm` is a window's, which shows errors as before."""
        alarm.show_exceptions()
        shown = sys.excepthook

        def raised(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
            self._note(error)
            shown(kind, error, trace)

        sys.excepthook = raised
        threading.excepthook = lambda it: self._note(it.exc_value)
        sys.unraisablehook = self._on_unraisable
        warnings.simplefilter("always", RuntimeWarning)  # others as everybody sees them
        warnings.showwarning = self._on_warning
        qInstallMessageHandler(self._on_message)

    def tell(self, alarm: Alarm, text: str, trace: str = "") -> None:
        """Take the place of :meth:`Alarm.tell`: what is told with a traceback is a fault, unless input was wrong."""
        self.told += 1
        last = trace.strip().rpartition("\n")[2]
        if trace and not last.startswith(EXPECTED):
            self.faults.append(trace)
        TELL(alarm, text, trace)

    def _note(self, error: BaseException | None) -> None:
        self.faults.append("".join(traceback.format_exception(error)))

    def _on_unraisable(self, it: Any) -> None:
        self.faults.append(f"unraisable, {it.object!r}: {it.exc_value!r}")

    def _on_warning(
        self,
        message: object,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: object = None,
        line: object = None,
    ) -> None:
        self.faults.append(f"{filename}:{lineno}: {category.__name__}: {message}")

    def _on_message(self, kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        if not any(known in text for known in PLATFORM):
            stack = "".join(traceback.format_stack(limit=8)[:-1])
            self.faults.append(f"{stack}Qt says: {text}")


TELL = Alarm.tell

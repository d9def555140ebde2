"""Garbage collection, on the main thread alone.

Python collects on whichever thread happens to allocate. On the worker's, cyclic
garbage that holds Qt objects would be destroyed there, under locks of Qt for
which the main thread may be waiting while it holds up the worker: both stand
still for ever.
"""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Callable
from functools import cache, lru_cache

from PySide6.QtCore import QObject, QTimer

PERIOD_MS = 250
OLDEST = 2
"""The generation of objects that have lived longest."""


class Collector(QObject):
    """Collects what Python would have collected by itself, a few times a second."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.collect_due)
        self._timer.start(PERIOD_MS)

    def collect_due(self) -> None:
        """Collect the oldest generation whose threshold is passed, and all younger ones with it."""
        counts, thresholds = gc.get_count(), gc.get_threshold()
        due = [i for i, (count, most) in enumerate(zip(counts, thresholds, strict=True)) if count > most]
        if due:
            gc.collect(due[-1])
        if due and due[-1] == OLDEST:
            _give_back()()


def collect_on_main_thread(parent: QObject) -> None:
    """Collect garbage on this thread, as long as `parent` lives, and on no other."""
    gc.disable()
    _collector(parent)


def give_back() -> None:
    """Give memory that is free within the process back to the system, if garbage is collected on this thread."""
    if not gc.isenabled():
        _give_back()()


@cache
def _give_back() -> Callable[[], object]:
    """Return what gives memory that is free within the process back to the system: glibc keeps it otherwise.

    It takes 2 ms, and halves what walking through all lessons adds.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            return lambda: trim(0)
    return lambda: None


@lru_cache(maxsize=1)
def _collector(parent: QObject) -> Collector:
    return Collector(parent)

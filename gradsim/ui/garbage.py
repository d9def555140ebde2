"""Garbage collection, on the main thread alone.

Python collects on whichever thread happens to allocate. On the worker's, cyclic
garbage that holds Qt objects would be destroyed there, under locks of Qt for
which the main thread may be waiting while it holds up the worker: both stand
still for ever.
"""

from __future__ import annotations

import gc
from functools import lru_cache

from PySide6.QtCore import QObject, QTimer

PERIOD_MS = 250


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


def collect_on_main_thread(parent: QObject) -> None:
    """Collect garbage on this thread, as long as `parent` lives, and on no other."""
    gc.disable()
    _collector(parent)


@lru_cache(maxsize=1)
def _collector(parent: QObject) -> Collector:
    return Collector(parent)

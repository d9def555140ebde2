"""One thing at a time on a thread of its own, and what came of it on the main thread."""

from __future__ import annotations

import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

LOOK_MS = 30
"""How often it is looked whether the thread is done."""


class Aside(QObject):
    """Computes on a thread; an error there is raised where it can be shown."""

    done = Signal(object)
    """What was computed."""

    def __init__(self, parent: QObject, name: str) -> None:
        super().__init__(parent)
        self._name = name
        self._thread: threading.Thread | None = None
        self._result: object = None
        self._error: BaseException | None = None
        self._looking = QTimer(self)
        self._looking.setInterval(LOOK_MS)
        self._looking.timeout.connect(self._look)

    @property
    def is_busy(self) -> bool:
        """Whether something is computed that has not been told yet."""
        return self._thread is not None

    def begin(self, compute: Callable[[], object]) -> None:
        """Compute this, while it is not busy."""
        assert not self.is_busy
        self._result = self._error = None
        self._thread = threading.Thread(target=self._run, args=(compute,), name=self._name, daemon=True)
        self._thread.start()
        self._looking.start()

    def finish(self) -> None:
        """Wait until what is computed is known, and tell it."""
        if self._thread is not None:
            self._thread.join()
            self._look()

    def _run(self, compute: Callable[[], object]) -> None:
        try:
            self._result = compute()
        except BaseException as error:
            self._error = error

    def _look(self) -> None:
        if self._thread is None or self._thread.is_alive():
            return
        self._looking.stop()
        self._thread, result, self._result = None, self._result, None
        if self._error is not None:
            raise self._error
        self.done.emit(result)

"""To be told when what has changed on screen is painted."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal

_AFTER_UPDATES = Qt.EventPriority.LowEventPriority.value - 1
"""Qt asks for paints with events of low priority; a timer of zero may come before them."""


class AfterPaint(QObject):
    """Tells, once for each :meth:`wait`, when all that waited to be painted has been."""

    painted = Signal()

    def wait(self) -> None:
        """Have :attr:`painted` emitted after the paints that have been asked for by now."""
        QCoreApplication.postEvent(self, QEvent(QEvent.Type.User), _AFTER_UPDATES)

    def customEvent(self, event: QEvent) -> None:
        self.painted.emit()

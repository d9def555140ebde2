"""Lends time to the threads that compute, as often as the event loop turns."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, QTimer

from gradsim.runtime.lease import Lease

EVERY_MS = 10
LENT_S = 0.02
"""Twice the time until the next turn: a frame, or a busy machine, makes turns late, and borrowers are not to wait."""


class Lender(QObject):
    """Lends while a borrower has work; a main thread that is busy lends nothing, for its timer does not fire."""

    def __init__(self, lease: Lease, parent: QObject) -> None:
        super().__init__(parent)
        self._lease = lease
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_turn)
        self._lends, self._holds = True, False
        lease.on_wanted = self._begin

    def be_seen(self, seen: bool) -> None:
        """Lend nothing while nothing is seen of what is computed."""
        self._lends = seen
        if not seen:
            self._timer.stop()
            self._lease.recall()
        elif self._lease.wanted:
            self._begin()

    def hold(self) -> None:
        """Lend nothing until :meth:`release`, whatever turns the loop takes: a frame is being drawn."""
        self._holds = True
        self._lease.recall()

    def release(self) -> None:
        """Lend again from the next turn on."""
        self._holds = False

    def _begin(self) -> None:
        if self._lends and not self._timer.isActive():
            self._timer.start(EVERY_MS)

    def _on_turn(self) -> None:
        if not self._lease.wanted:
            self._timer.stop()
        elif not self._holds:
            self._lease.lend(LENT_S)

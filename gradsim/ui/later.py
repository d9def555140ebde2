"""To have something called by the event loop."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer


def later(owner: QObject, call: Callable[[], object], ms: int = 0) -> None:
    """Call something once, from the event loop, unless `owner` is deleted before.

    What it raises goes to ``sys.excepthook``. With ``QTimer.singleShot`` it goes nowhere: PySide6 leaves the
    exception pending for the Python code that is called next, which loses it or ends the process.

    Parameters
    ----------
    owner
        The call ends with it.
    call
        What to call; what it returns is not used.
    ms
        After so many milliseconds; with 0 as soon as what waits already is done.
    """
    timer = QTimer(owner)
    timer.setSingleShot(True)
    timer.timeout.connect(call)
    timer.timeout.connect(timer.deleteLater)
    timer.start(ms)

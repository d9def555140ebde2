"""Files that take a while: made by a process beside the window, which stays as quick as it is."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence

from PySide6.QtCore import QObject, QProcess, Signal

_PROGRESS = re.compile(r"(\d+) of (\d+)")
_END_MS = 500
"""How long the end of a process is waited for."""


class Beside(QObject):
    """A process of this program that makes a file; on its output it says how far it is, on stderr what is wrong.

    Parameters
    ----------
    parent
        With it, the process ends.
    module
        The program, a module.
    arguments
        What it is to do.
    told
        What it reads from its input.
    """

    progressed = Signal(int, int)
    """So many pieces are done, and of how many."""
    finished = Signal(str)
    """It has ended; what went wrong in one line, "" if nothing did."""

    def __init__(self, parent: QObject, module: str, arguments: Sequence[str], told: bytes = b"") -> None:
        super().__init__(parent)
        self._process = QProcess(self)
        self._process.readyReadStandardOutput.connect(self._on_said)
        self._process.finished.connect(self._on_finished)
        self._process.errorOccurred.connect(self._on_error)
        self._process.start(sys.executable, ["-m", module, *arguments])
        self._process.write(told)
        self._process.closeWriteChannel()

    def _on_said(self) -> None:
        said = bytes(self._process.readAllStandardOutput().data()).decode("utf-8", "replace")
        for done, whole in _PROGRESS.findall(said)[-1:]:
            self.progressed.emit(int(done), int(whole))

    def _on_finished(self) -> None:
        if self._process.exitStatus() == QProcess.ExitStatus.NormalExit and self._process.exitCode() == 0:
            self.finished.emit("")
            return
        said = bytes(self._process.readAllStandardError().data()).decode("utf-8", "replace").strip()
        self.finished.emit(said.rpartition("\n")[2].removeprefix("gradsim: ") or self._process.errorString())

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self.finished.emit(self._process.errorString())

    def stop(self) -> None:
        """End it, whatever it is at; nothing is signalled any more."""
        self._process.blockSignals(True)
        self._process.kill()
        self._process.waitForFinished(_END_MS)

"""Reading a table: a large one on a thread of its own, and the window goes on meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal

from gradsim.engine.data.tables import Csv
from gradsim.engine.data.tables.report import TableReport
from gradsim.engine.data.tables.understanding import settled, understood
from gradsim.schema.parameters import ParameterError
from gradsim.sim.documents.table_document import document_on

LOOK_MS = 30
"""How often it is looked whether the thread is done."""


class Found(NamedTuple):
    """What was found out about a table.

    Attributes
    ----------
    settled
        The settings with what was guessed written out.
    problem
        Why it cannot be trained on; None where it can.
    """

    settled: Csv
    report: TableReport
    problem: ParameterError | None


def found_of(data: Csv) -> Found:
    """Read a table, up to the samples for training, which are kept for who asks for them next."""
    report = understood(data)
    if report.refusal is not None:
        return Found(data, report, report.refusal)
    written = settled(data, report)
    try:
        document_on(written)
    except ParameterError as error:
        return Found(data, report, error)
    return Found(written, report, None)


class Reading(QObject):
    """Reads tables, and of several that are asked for at a time the last one.

    Parameters
    ----------
    parent
        What asks.
    find
        Reads a table, and returns what is to be known of it.
    """

    found = Signal(object)
    """What was found out about the table that was asked for last."""

    def __init__(self, parent: QObject, find: Callable[[Csv], object]) -> None:
        super().__init__(parent)
        self._find = find
        self._asked: Csv | None = None
        self._thread: threading.Thread | None = None
        self._result: tuple[Csv, object] | BaseException | None = None
        self._looking = QTimer(self)
        self._looking.setInterval(LOOK_MS)
        self._looking.timeout.connect(self._look)

    def ask(self, data: Csv) -> None:
        """Read a table; a small one is read before this returns."""
        self._asked = data
        if self._thread is None and data.is_small:
            self.found.emit(self._find(data))
        elif self._thread is None:
            self._start(data)

    def _start(self, data: Csv) -> None:
        self._result = None
        self._thread = threading.Thread(target=self._run, args=(data,), name="gradsim-table", daemon=True)
        self._thread.start()
        self._looking.start()

    def _run(self, data: Csv) -> None:
        try:
            self._result = data, self._find(data)
        except BaseException as error:  # it is raised where it can be shown
            self._result = error

    def _look(self) -> None:
        if self._thread is None or self._thread.is_alive():
            return
        self._looking.stop()
        self._thread, result = None, self._result
        if isinstance(result, BaseException):
            raise result
        if result is not None and result[0] == self._asked:
            self.found.emit(result[1])
        elif self._asked is not None:
            self.ask(self._asked)

"""Reading a table: a large one on a thread of its own, and the window goes on meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal

from gradsim.engine.data.tables import Csv
from gradsim.engine.data.tables.report import TableReport
from gradsim.engine.data.tables.understanding import settled, understood
from gradsim.schema.parameters import ParameterError
from gradsim.sim.documents.table_document import document_on
from gradsim.ui.aside import Aside


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
        self._aside = Aside(self, "gradsim-table")
        self._aside.done.connect(self._on_done)

    def ask(self, data: Csv) -> None:
        """Read a table; a small one is read before this returns."""
        self._asked = data
        if self._aside.is_busy:
            return
        if data.is_small:
            self.found.emit(self._find(data))
        else:
            self._aside.begin(lambda: (data, self._find(data)))

    def _on_done(self, result: tuple[Csv, object]) -> None:
        data, found = result
        if data == self._asked:
            self.found.emit(found)
        elif self._asked is not None:
            self.ask(self._asked)

"""What has been understood of a file so far, also of one that is refused in the end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from gradsim.engine.data.tables.cells import Decimal
from gradsim.engine.data.tables.description import CHOSEN, shown, with_kind
from gradsim.engine.data.tables.report import ColumnReport, TableReport
from gradsim.engine.data.tables.roles import Roles, roles_of
from gradsim.engine.data.tables.rows import Layout, Rows, any_rows, first_rows, layout_of, rectangular
from gradsim.engine.data.tables.table import Reading
from gradsim.engine.data.tables.text import Decoded, read_text
from gradsim.schema.parameters import ParameterError

CELLS_AT_ONCE = 2**16
"""The number of input cells that are held as text at the same time, where all of them are plain numbers."""

SHOWN_ROWS = 8
"""So many rows a report has as they are written."""

Pieces = Iterator[tuple[list[str], list[int]]]
"""The cells of several rows at a time, row after row, and the rows' lines."""


class Progress:
    """How far the file that `reading` names has been understood.

    Attributes
    ----------
    decoded, layout, roles
        What is known of the file; None while it is not.
    decimal
        The decimal mark.
    columns
        How the columns were understood.
    rows
        How many rows of data were read.
    """

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.decoded: Decoded | None = None
        self.layout: Layout | None = None
        self.roles: Roles | None = None
        self.decimal: Decimal = "comma" if reading.decimal == "comma" else "point"
        self.columns: tuple[ColumnReport, ...] = ()
        self.rows = 0

    @property
    def path(self) -> str:
        """The file."""
        return self.reading.path

    def begin(self) -> tuple[Layout, Roles]:
        """Read the text of the file, and find out where its cells are and what the columns are used as."""
        reading = self.reading
        targets = (reading.target, *map(str.strip, reading.target.split(",")))
        self.decoded = read_text(reading.path, reading.encoding)
        self.layout = layout = layout_of(
            reading.path, self.decoded.text, reading.separator, reading.header, reading.skip, targets
        )
        self.roles = roles_of(layout.columns, reading.target, reading.leave_out, reading.split_column)
        return layout, self.roles

    def pieces(self, layout: Layout) -> Pieces:
        """Yield the cells of the file."""
        assert self.decoded is not None
        return _pieces(rectangular(self.path, self.decoded.text, layout))

    def report(self) -> TableReport:
        """Return what was understood of the file so far."""
        decoded, layout, path = self.decoded, self.layout, self.path
        if decoded is None:
            return TableReport(path)
        report = TableReport(path, encoding=decoded.encoding, guessed=("encoding",) if decoded.guessed else ())
        if layout is None:
            return replace(report, **shown(any_rows(path, decoded.text, self.reading.separator, SHOWN_ROWS)))
        rows = first_rows(path, decoded.text, layout, SHOWN_ROWS)
        columns = tuple(with_kind(column, rows) if column.why == CHOSEN else column for column in self.columns)
        guessed = ["separator"] if layout.guessed else []
        guessed += [key for key in ("decimal", "header") if getattr(self.reading, key) == "auto"]
        return replace(
            report,
            separator=layout.separator,
            decimal=self.decimal,
            guessed=(*report.guessed, *guessed),
            has_names=bool(layout.names),
            why_names=layout.why,
            columns=columns,
            rows=self.rows,
            **shown(rows),
        )


def _pieces(rows: Rows) -> Pieces:
    """Yield the cells of several rows at a time, row after row, and the rows' lines.

    One flat list of cells costs Python's garbage collector less than a list of rows.
    """
    cells: list[str] = []
    lines: list[int] = []
    try:
        for line, row in rows:
            cells += row
            lines.append(line)
            if len(cells) >= CELLS_AT_ONCE:
                yield cells, lines
                cells, lines = [], []
    except ParameterError:
        yield cells, lines  # what there is above a row that is refused
        raise
    if lines:
        yield cells, lines

"""How columns were understood, as a report says it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from gradsim.engine.data.tables.columns import Judged, judged
from gradsim.engine.data.tables.report import ColumnKind, ColumnReport, Role
from gradsim.engine.data.tables.rows import Layout
from gradsim.engine.types import Array
from gradsim.schema.errors import Given, Phrase, counted

EMPTY = "left out, as it is empty"
INDEX = "left out, as it has no name and numbers the rows"
CHOSEN = "left out, as it is set"


def shown(rows: Sequence[tuple[int, list[str]]]) -> dict[str, Any]:
    """Return first rows as a report has them."""
    return {"first": tuple(tuple(row) for _, row in rows), "lines": tuple(line for line, _ in rows)}


def is_index(layout: Layout, values: Array) -> bool:
    """Tell whether the first column has no name and another whole number in each row, as pandas writes its index."""
    has_no_name = bool(layout.names) and (not layout.names[0] or layout.names[0].startswith("Unnamed: "))
    return has_no_name and bool((values == np.round(values)).all()) and len(np.unique(values)) == len(values)


def report_of_values(layout: Layout, at: int, role: Role, values: Array) -> ColumnReport:
    """Return how a column of plain numbers was understood."""
    low, high = float(values.min()), float(values.max())
    kind: ColumnKind = "constant" if low == high else "number"
    return ColumnReport(layout.columns[at], at + 1, role, kind, low=low, high=high)


def report_of(column: Judged, role: Role) -> ColumnReport:
    """Return how a column was understood."""
    report = ColumnReport(column.name, column.place + 1, role, column.kind, missing=column.missing)
    if column.kind == "number":
        values = column.numbers()
        if np.isnan(values).all():
            return report
        low, high = float(np.fmin.reduce(values)), float(np.fmax.reduce(values))
        kind: ColumnKind = "constant" if low == high and not column.odd else "number"
        known = column.known if column.plain is None else {}
        marked = next((cell for cell, held in known.items() if held.kind == "marked"), "")
        note = Phrase("marks in its numbers are left out, as in {cell}", cell=Given(marked))
        notes = (note,) if marked and marked not in column.odd else ()
        return replace(report, kind=kind, low=low, high=high, notes=notes)
    if column.kind == "empty":
        return report
    texts = column.texts()
    kind = "constant" if len(texts) == 1 and not column.odd else column.kind
    return replace(report, kind=kind, values=texts, counts=tuple(column.counts[text] for text in texts))


def report_left_out(layout: Layout, at: int) -> ColumnReport:
    """Return the report of a column that is not read, as it is left out."""
    return ColumnReport(layout.columns[at], at + 1, "left out", "text", why=Phrase(CHOSEN))


def with_kind(column: ColumnReport, rows: Sequence[tuple[int, list[str]]]) -> ColumnReport:
    """Return the report of a column that is not read with the kind that the first rows show."""
    cells = [row[column.place - 1].strip() for _, row in rows if len(row) >= column.place]
    return replace(column, kind=judged(column.name, column.place - 1, cells, "point", keeps_marks=True).kind)


def notes_on(layout: Layout) -> Iterator[str]:
    """Yield what is to be told of how a table is laid out."""
    if layout.surplus:
        yield Phrase("separators at the end of lines, behind which nothing stands, are left out")
    comments = layout.start.comments - (1 if layout.in_comment else 0)
    if comments:
        yield Phrase("{lines} left out at the start, as comments", lines=counted(comments, "line"))

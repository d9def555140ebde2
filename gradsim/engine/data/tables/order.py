"""The column of a table that says which rows are for testing."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from gradsim.engine.data.tables.columns import Judged
from gradsim.engine.data.tables.text import bad
from gradsim.engine.types import Array
from gradsim.schema.errors import Given, Phrase

TRAINING, TESTING = {"train", "training"}, {"test", "testing", "validation", "val", "valid"}
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}(-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?Z?)?)?")


def ranks(path: str, column: Judged, lines: Sequence[int]) -> tuple[Array, bool]:
    """Return what orders the rows, and whether that is 0 for training and 1 for testing.

    Otherwise the column holds numbers or dates, and the rows are in their order.
    """
    known = set(column.known)
    if {cell.lower() for cell in known} <= TRAINING | TESTING:
        values = {cell: float(cell.lower() in TESTING) for cell in known}
        if len(set(values.values())) < 2:
            what = Phrase("holds no row for training" if 1.0 in values.values() else "holds no row for testing")
            raise bad(path, Phrase("column {name} {what}", name=Given(column.name), what=what))
        return _ranked(column, values), True
    if all(held.kind == "number" for held in column.known.values()):
        return _ranked(column, {cell: held.number for cell, held in column.known.items()}), False
    for cell, line in zip(column.cells, lines, strict=True):
        if not _DATE.fullmatch(cell):
            template = (
                "column {name}: {cell} is neither train nor test, and no number or date such as 2024-01-31 "
                "by which rows are put in order"
            )
            raise bad(path, Phrase(template, name=Given(column.name), cell=Given(cell)), line, column.place + 1)
    return _ranked(column, {cell: float(i) for i, cell in enumerate(sorted(known))}), False


def _ranked(column: Judged, values: dict[str, float]) -> Array:
    return np.array([values[cell] for cell in column.cells])

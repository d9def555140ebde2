"""What the columns of a table hold: numbers, text, True and False; and what of it is refused."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context
from sys import float_info

import numpy as np

from gradsim.engine.data.table_cells import Cell, CellKind, Decimal, cell_of, decimal_of, is_finite, with_point
from gradsim.engine.data.table_report import ColumnKind
from gradsim.engine.data.table_text import bad
from gradsim.engine.types import Array
from gradsim.schema.errors import Given, Name, Phrase

MAX_TEXTS = 50
"""At most so many different texts of a column become an input each."""
CLOSE = 1e-11
"""Numbers whose spread is a smaller share of their size are read as differences from the first of them."""

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_EXACT = Context(prec=400)

LEAVE_ROWS_OUT = Name('missing = "leave_out"', "Missing values: leave rows out")
TAKE_THE_MEAN = Name('missing = "mean"', "Missing values: mean of the column")
LEAVE_COLUMNS_OUT = Name("leave_out", "Columns to leave out")
DROP_MARKS = Name('marks = "drop"', "Marks in numbers: leave them out")
DECIMAL_COMMA = Name('decimal = "comma"', "Decimal mark: comma")
DECIMAL_POINT = Name('decimal = "point"', "Decimal mark: point")
AS_CLASSES = Name('task = "classes"', "Task: classes")
SETTINGS = (
    LEAVE_ROWS_OUT, TAKE_THE_MEAN, LEAVE_COLUMNS_OUT, DROP_MARKS, DECIMAL_COMMA, DECIMAL_POINT, AS_CLASSES,
)  # fmt: skip
"""Remedies, as files have them and as a window calls them."""


@dataclass(frozen=True)
class Judged:
    """A column of text, and what it holds.

    Attributes
    ----------
    name, place
        Its name, and its position in the table, from 0.
    cells
        Its cells, without blanks at their ends.
    known
        What each of the different cells holds.
    counts
        How many rows hold it.
    kind
        What most of the cells hold.
    odd
        The cells that hold no value, or none of this kind.
    """

    name: str
    place: int
    cells: Sequence[str]
    known: Mapping[str, Cell]
    counts: Mapping[str, int]
    kind: ColumnKind
    odd: frozenset[str]

    @property
    def missing(self) -> int:
        """How many cells are odd."""
        return sum(self.counts[cell] for cell in self.odd)

    def without(self, rows: Sequence[int]) -> Judged:
        """Return the column of these rows alone, which are not odd in it."""
        cells = [self.cells[i] for i in rows]
        counts = Counter(cells)
        odd = frozenset(cell for cell in self.odd if cell in counts)
        return Judged(self.name, self.place, cells, {c: self.known[c] for c in counts}, counts, self.kind, odd)

    def numbers(self) -> Array:
        """Return its numbers; nan for odd cells."""
        values = {cell: float("nan") if cell in self.odd else held.number for cell, held in self.known.items()}
        return np.fromiter(map(values.__getitem__, self.cells), np.float64, len(self.cells))

    def differences(self) -> tuple[Array, float]:
        """Return its numbers less one of them, exactly subtracted, and that one."""
        first = next(held.text for cell, held in self.known.items() if cell not in self.odd)
        zero = _EXACT.create_decimal(first)
        values = {
            cell: float("nan") if cell in self.odd else float(_EXACT.subtract(_EXACT.create_decimal(held.text), zero))
            for cell, held in self.known.items()
        }
        return np.fromiter(map(values.__getitem__, self.cells), np.float64, len(self.cells)), float(zero)

    def texts(self) -> tuple[str, ...]:
        """Return its different texts in their order."""
        return tuple(sorted(cell for cell in self.counts if cell not in self.odd))


def judged(name: str, place: int, cells: Sequence[str], decimal: Decimal, keeps_marks: bool) -> Judged:
    """Judge what a column holds."""
    counts = Counter(cells)
    known = {cell: cell_of(cell, decimal) for cell in counts}
    kind = _kind(counts, known)
    odd: Iterable[str] = ()
    if kind == "number":
        allowed: set[CellKind] = {"number"} if keeps_marks else {"number", "marked"}
        odd = (cell for cell, held in known.items() if held.kind not in allowed)
    elif kind == "true/false":
        odd = (cell for cell, held in known.items() if held.kind != "true/false")
    elif "" in known:
        odd = ("",)
    return Judged(name, place, cells, known, counts, kind, frozenset(odd))


def _kind(counts: Mapping[str, int], known: Mapping[str, Cell]) -> ColumnKind:
    """Return what most of the cells that hold something hold."""
    rows: Counter[str] = Counter()
    for cell, count in counts.items():
        rows[known[cell].kind] += count
    if rows["blank"] == rows.total():
        return "empty"
    values = rows.total() - rows["blank"] - rows["missing"]
    numbers = rows["number"] + rows["marked"] + rows["other decimal"]
    if numbers and 2 * numbers >= values:
        return "number"
    return "true/false" if values and rows["true/false"] == values else "text"


def decimal_mark(columns: Iterable[Sequence[str]]) -> Decimal:
    """Return the decimal mark of a table: a comma if some column shows that, and none shows a point."""
    votes = {vote for cells in columns if (vote := _vote(set(cells)))}
    return "comma" if votes == {"comma"} else "point"


def _vote(cells: set[str]) -> Decimal | None:
    """Return the decimal mark that a column of numbers shows; None if it shows none, or holds text."""
    marks = {mark for cell in cells if (mark := decimal_of(cell))}
    if not marks:
        return None
    held = [cell_of(cell, "point" if "point" in marks else "comma") for cell in cells]
    values = [each for each in held if each.kind not in ("blank", "missing")]
    numbers = sum(each.kind == "number" for each in values)
    return ("point" if "point" in marks else "comma") if 2 * numbers >= len(values) else None


def as_text(column: Judged) -> Judged:
    """Return a column as one of text."""
    odd = frozenset(("",) if "" in column.known else ())
    return Judged(column.name, column.place, column.cells, column.known, column.counts, "text", odd)


def as_numbers(column: Judged, keeps_marks: bool) -> Judged:
    """Return a column as one of numbers, whatever it holds."""
    allowed: set[CellKind] = {"number"} if keeps_marks else {"number", "marked"}
    odd = frozenset(cell for cell, held in column.known.items() if held.kind not in allowed)
    return Judged(column.name, column.place, column.cells, column.known, column.counts, "number", odd)


def check_labels(path: str, column: Judged, lines: Sequence[int]) -> None:
    """Refuse labels that hold what would break lines."""
    _check(path, column, lines, {
        cell: Phrase(": {cell} holds a control character or a line break, which no label may", cell=Given(cell))
        for cell in column.known if _CONTROL.search(cell)
    })  # fmt: skip


def check_sizes(path: str, column: Judged, lines: Sequence[int]) -> None:
    """Refuse numbers that are too large for floating point, in whatever column they stand."""
    template = ": {cell} is too large; numbers go to {most}"
    most = f"{float_info.max:.1e}"
    _check(path, column, lines, {
        cell: Phrase(template, cell=Given(cell), most=most)
        for cell, held in column.known.items() if held.kind == "number" and not is_finite(held.text)
    })  # fmt: skip


def check_odd(path: str, column: Judged, lines: Sequence[int], remedies: Sequence[str]) -> None:
    """Refuse the first cell of a column that holds nothing, or something of another kind than most."""
    _check(path, column, lines, {cell: _odd(column, cell, remedies) for cell in column.odd})


def _odd(column: Judged, cell: str, remedies: Sequence[str]) -> str:
    """Return what is wrong with an odd cell, and what helps."""
    held = column.known[cell]
    remedy = _joined(remedies)
    if held.kind == "blank":
        return Phrase(" is empty; each cell needs a value, or set {remedy}", remedy=remedy)
    if held.kind == "marked":
        comma = with_point(cell, "comma")
        if comma:
            return Phrase(
                ": {cell} may be {whole} or {part}; set {drop} or {comma}",
                cell=Given(cell), whole=held.text, part=comma, drop=DROP_MARKS, comma=DECIMAL_COMMA,
            )  # fmt: skip
        template = ": {cell} is a number with marks; set {drop} to read {number}"
        return Phrase(template, cell=Given(cell), drop=DROP_MARKS, number=held.text)
    if held.kind == "other decimal":
        template = ": {cell} has another decimal mark than other cells; set {comma} or {point}, or mend the cell"
        return Phrase(template, cell=Given(cell), comma=DECIMAL_COMMA, point=DECIMAL_POINT)
    if column.kind == "true/false":
        return Phrase(": {cell} is neither True nor False; set {remedy}", cell=Given(cell), remedy=remedy)
    template = ": {cell} is not a number such as -1.5; set {remedy}"
    return Phrase(template, cell=Given(cell), remedy=remedy)


def _joined(remedies: Sequence[str]) -> str:
    said = remedies[0]
    for remedy in remedies[1:]:
        said = Phrase("{one} or {other}", one=said, other=remedy)
    return said


def _check(path: str, column: Judged, lines: Sequence[int], problems: Mapping[str, str]) -> None:
    """Refuse the first cell of a column that has a problem, if one has."""
    if not problems:
        return
    for cell, line in zip(column.cells, lines, strict=True):
        if cell in problems:
            said = Phrase("column {name}{problem}", name=Given(column.name), problem=problems[cell])
            raise bad(path, said, line, column.place + 1)


def check_texts(path: str, column: Judged) -> None:
    """Refuse a column of so many different texts that they cannot be inputs."""
    count = len(column.texts())
    if count > MAX_TEXTS:
        template = (
            "column {name} holds {count} different texts, at most {most} can be inputs; leave it out with {setting}"
        )
        raise bad(
            path,
            Phrase(
                template, name=Given(column.name), count=f"{count:,}", most=str(MAX_TEXTS), setting=LEAVE_COLUMNS_OUT
            ),
            place=column.place + 1,
        )


def one_hot(column: Judged) -> tuple[tuple[str, ...], Array]:
    """Return the names of the inputs that a column of text becomes, and the inputs: 1 where a row holds the text."""
    texts = column.texts()
    ranks = {text: float(i) for i, text in enumerate(texts)}
    rank = np.fromiter((ranks.get(cell, np.nan) for cell in column.cells), np.float64, len(column.cells))
    x = (rank[:, None] == np.arange(len(texts))).astype(np.float64)
    x[np.isnan(rank)] = np.nan
    return tuple(f"{column.name} = {text}" for text in texts), x


def are_close(values: Array) -> bool:
    """Tell whether numbers are so close together, for their size, that rounding may matter."""
    low, high = np.fmin.reduce(values), np.fmax.reduce(values)
    size = max(abs(low), abs(high))
    with np.errstate(over="ignore"):
        spread = high - low
    return bool(spread <= CLOSE * size and (spread > 0 or size >= 2.0**53))

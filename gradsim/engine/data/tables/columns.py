"""What the columns of a table hold: numbers, text, True and False; and what of it is refused."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Context
from functools import cached_property
from itertools import islice
from sys import float_info

import numpy as np

from gradsim.engine.data.tables.cells import (
    Cell,
    CellKind,
    Decimal,
    cell_of,
    decimal_of,
    is_finite,
    is_number,
    values_of,
    with_point,
)
from gradsim.engine.data.tables.report import ColumnKind
from gradsim.engine.data.tables.text import bad
from gradsim.engine.types import Array
from gradsim.schema.errors import Given, Name, Phrase

MAX_TEXTS = 50
"""At most so many different texts of a column become an input each."""
CLOSE = 1e-11
"""Numbers whose spread is a smaller share of their size are read as differences from the first of them."""

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_EXACT = Context(prec=400)

_MISSING, _ROWS, _MEAN = (
    Name("missing", "Missing values"), Name('"leave_out"', "Leave rows out"), Name('"mean"', "Mean of the column")
)  # fmt: skip
_LEAVE_OUT = Name("name the column in leave_out", "leave the column out")
"""In the window a column is left out above its values, where that field is not."""
_MARKS, _DROP = Name("marks", "Marks in numbers"), Name('"drop"', "Leave them out")
_DECIMAL, _COMMA, _POINT = Name("decimal", "Decimal mark"), Name('"comma"', "comma"), Name('"point"', "point")
_TASK, _CLASSES = Name("task", "Task"), Name('"classes"', "classes")

FOR_INPUTS = Phrase(
    "set {missing} = {rows} or {mean}, or {leave_out}",
    missing=_MISSING, rows=_ROWS, mean=_MEAN, leave_out=_LEAVE_OUT,
)  # fmt: skip
FOR_TARGETS = Phrase("set {missing} = {rows}", missing=_MISSING, rows=_ROWS)
FOR_ANY_TARGET = Phrase(
    "set {missing} = {rows}, or {task} = {classes}", missing=_MISSING, rows=_ROWS, task=_TASK, classes=_CLASSES
)
"""What helps where a cell has no value."""


@dataclass(frozen=True)
class Judged:
    """A column of text, and what it holds.

    Attributes
    ----------
    name, place
        Its name, and its position in the table, from 0.
    cells
        Its cells, without blanks at their ends.
    decimal
        The decimal mark.
    kind
        What most of the cells hold.
    odd
        The cells that hold no value, or none of this kind.
    plain
        The numbers, if all cells hold numbers without marks; else None.
    """

    name: str
    place: int
    cells: Sequence[str]
    decimal: Decimal
    kind: ColumnKind
    odd: frozenset[str] = frozenset()
    plain: Array | None = None

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How many rows hold each of the different cells."""
        return Counter(self.cells)

    @cached_property
    def known(self) -> Mapping[str, Cell]:
        """What each of the different cells holds."""
        return {cell: cell_of(cell, self.decimal) for cell in self.counts}

    @property
    def missing(self) -> int:
        """How many cells are odd."""
        return sum(self.counts[cell] for cell in self.odd)

    def without(self, rows: Sequence[int]) -> Judged:
        """Return the column of these rows alone."""
        cells = [self.cells[i] for i in rows]
        plain = None if self.plain is None else self.plain[rows]
        return replace(self, cells=cells, odd=self.odd.intersection(cells), plain=plain)

    def numbers(self) -> Array:
        """Return its numbers; nan for odd cells."""
        if self.plain is not None:
            return self.plain
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

    def as_text(self) -> Judged:
        """Return it as a column of text."""
        return replace(self, kind="text", odd=frozenset({""}.intersection(self.cells)), plain=None)

    def as_numbers(self, keeps_marks: bool) -> Judged:
        """Return it as a column of numbers, whatever it holds."""
        return self if self.plain is not None else replace(self, kind="number", odd=self._no_numbers(keeps_marks))

    def _no_numbers(self, keeps_marks: bool) -> frozenset[str]:
        allowed: set[CellKind] = {"number"} if keeps_marks else {"number", "marked"}
        return frozenset(cell for cell, held in self.known.items() if held.kind not in allowed)


def judged(name: str, place: int, cells: Sequence[str], decimal: Decimal, keeps_marks: bool) -> Judged:
    """Judge what a column holds."""
    plain = values_of(cells, decimal)
    if plain is not None:
        return Judged(name, place, cells, decimal, "number", plain=plain)
    column = Judged(name, place, cells, decimal, "text")
    kind = _kind(column.counts, column.known)
    if kind == "number":
        return column.as_numbers(keeps_marks)
    if kind == "true/false":
        odd = frozenset(cell for cell, held in column.known.items() if held.kind != "true/false")
        return replace(column, kind=kind, odd=odd)
    return replace(column.as_text(), kind=kind)


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
    votes = {vote for cells in columns if (vote := _vote(cells))}
    return "comma" if votes == {"comma"} else "point"


FEW = 1000
"""So many different cells tell whether a column is one of numbers or of text, while its decimal mark is not known."""


def _vote(cells: Sequence[str]) -> Decimal | None:
    """Return the decimal mark that a column of numbers shows; None if it shows none, or holds text."""
    text = "".join(cells)
    if "," not in text and "." not in text:
        return None
    distinct = set(cells)
    marks = (mark for cell in distinct if (mark := decimal_of(cell)))
    shown = next(marks, None)
    if shown and "," in text and "." in text:
        shown = "point" if shown == "point" or "point" in marks else "comma"
    if not shown:
        return None
    held = [cell_of(cell, shown).kind for cell in islice(distinct, FEW)]
    values = sum(kind not in ("blank", "missing") for kind in held)
    return shown if 2 * held.count("number") >= values else None


def check_labels(path: str, column: Judged, lines: Sequence[int]) -> None:
    """Refuse labels that hold what would break lines."""
    _check(path, column, lines, {
        cell: Phrase(": {cell} holds a control character or a line break, which no label may", cell=Given(cell))
        for cell in column.known if _CONTROL.search(cell)
    })  # fmt: skip


def check_sizes(path: str, column: Judged, lines: Sequence[int]) -> None:
    """Refuse numbers that are too large for floating point, in whatever column they stand."""
    if column.plain is not None:
        return
    template = ": {cell} is too large; numbers go to {most}"
    most = f"{float_info.max:.1e}"
    _check(path, column, lines, {
        cell: Phrase(template, cell=Given(cell), most=most)
        for cell, held in column.known.items() if held.kind == "number" and not is_finite(held.text)
    })  # fmt: skip


def check_odd(path: str, column: Judged, lines: Sequence[int], remedy: str) -> None:
    """Refuse the first cell that holds nothing, or something of another kind than most; say what helps."""
    _check(path, column, lines, {cell: _odd(column, cell, remedy) for cell in column.odd})


def check_numbers(path: str, column: Judged, lines: Sequence[int], why: str) -> None:
    """Refuse the first cell of a column that holds no number; `why` says why each needs to."""
    template = ": {cell} is not a number such as -1.5; {why}"
    _check(path, column, lines, {cell: Phrase(template, cell=Given(cell), why=why) for cell in column.odd})


def _odd(column: Judged, cell: str, remedy: str) -> str:
    """Return what is wrong with an odd cell, and what helps."""
    held = column.known[cell]
    given = Given(cell)
    if held.kind == "blank":
        return Phrase(" is empty; each cell needs a value, or {remedy}", remedy=remedy)
    if held.kind == "marked":
        drop = {"cell": given, "whole": held.text, "marks": _MARKS, "drop": _DROP}
        if comma := with_point(cell, "comma"):
            template = ": {cell} may be {whole} or {part}; set {marks} = {drop}, or {decimal} = {comma}"
            return Phrase(template, **drop, part=comma, decimal=_DECIMAL, comma=_COMMA)
        return Phrase(": {cell} is a number with marks; set {marks} = {drop} to read {whole}", **drop)
    if held.kind == "other decimal":
        template = (
            ": {cell} has another decimal mark than other cells; mend it, or set {decimal} = {comma} or {point}"
        )
        return Phrase(template, cell=given, decimal=_DECIMAL, comma=_COMMA, point=_POINT)
    if column.kind == "true/false":
        return Phrase(": {cell} is neither True nor False; {remedy}", cell=given, remedy=remedy)
    return Phrase(
        ": {cell} is not a number such as -1.5, as most of the column are; {remedy}", cell=given, remedy=remedy
    )


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
        template = "column {name} holds {count} texts, and at most {most} can be inputs; {leave_out}"
        values = {
            "count": f"{count:,}",
            "most": str(MAX_TEXTS),
            "leave_out": Name("name it in leave_out", "leave the column out"),
        }
        raise bad(path, Phrase(template, name=Given(column.name), **values), place=column.place + 1)


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


def ranked(column: Judged, lines: Sequence[int]) -> tuple[Array, str]:
    """Return the ranks of labels, and the first of them that is not a number."""
    rank = {label: float(i) for i, label in enumerate(column.texts())}
    first = next((i for i, cell in enumerate(column.cells) if not is_number(cell)), 0)
    said = Phrase("{cell} in line {n}", cell=Given(column.cells[first]), n=f"{lines[first]:,}")
    return np.fromiter(map(rank.__getitem__, column.cells), np.float64, len(column.cells))[:, None], said

"""Reading a table of numbers from a text file of separated values.

Nothing is guessed beyond what the settings say; what is not clear is refused
with the line it stands in.
"""

from __future__ import annotations

import csv
import io
import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from math import inf
from pathlib import Path

import numpy as np

from gradsim.engine.parameters import ParameterError, nearest, shown
from gradsim.engine.types import Array

MAX_BYTES = 20 * 10**6
MAX_CELLS = 1_000_000
MOST_NAMED = 12
"""Columns that an error line names."""

SEPARATORS = {"tab": "\t", "semicolon": ";", "comma": ","}

_OF_NUMBERS = "0123456789+-.eE \t"
_EMPTY = "column {} is empty; each cell needs a value"

Rows = Iterator[tuple[int, list[str]]]
"""Rows of cells, each with the number of the line it ends in."""


@dataclass(frozen=True)
class Table:
    """What a file holds: inputs `x` (N, columns) by name, and the target (N,), as numbers or ranks of labels."""

    names: tuple[str, ...]
    x: Array
    target_name: str
    target: Array
    text: str
    """The first target that is not a number, and its line; empty if all are numbers."""

    @property
    def nbytes(self) -> int:
        """Bytes of all of its numbers."""
        return self.x.nbytes + self.target.nbytes


def read_table(path: str, target: str, header: str, separator: str) -> Table:
    """Read the table of a file, its target column by name or position.

    Parameters
    ----------
    path
        A UTF-8 text file, with or without a byte order mark.
    target
        The target column's name, else its position from 1, or -1 for the last.
    header
        Whether the first row names the columns, "yes" or "no"; "auto": it does unless it holds a number.
    separator
        A key of SEPARATORS; "auto": the first of them that the first line holds.

    Raises
    ------
    ParameterError
        For a file that cannot be read or holds what is not allowed.
    """
    text = _text(path)
    rows = _rows(path, text, _delimiter(text) if separator == "auto" else SEPARATORS[separator])
    line, first = next(rows, (0, []))
    if not first:
        raise _bad(path, "is empty")
    named = header == "yes" or (header == "auto" and not any(map(is_number, first)))
    names = [(cell.strip() if named else "") or str(i + 1) for i, cell in enumerate(first)]
    if len(names) == 1:
        raise _bad(path, "has one column only; beside the target an input is needed (is the separator right?)")
    at = _place(target, names)
    rows = _rectangular(path, rows if named else chain([(line, first)], rows), len(names))
    return _numbers(path, rows, names, at)


def _bad(path: str, problem: str, line: int = 0) -> ParameterError:
    return ParameterError("path", f"{path}{f', line {line:,}' if line else ''}: {problem}")


def _text(path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            content = file.read(MAX_BYTES + 1)
            size = file.seek(0, io.SEEK_END)
    except OSError as error:
        raise _bad(path, f"cannot be read: {error.strerror}") from None
    if len(content) > MAX_BYTES:
        raise _bad(path, f"has {size:,} bytes; at most {MAX_BYTES:,} are allowed")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _bad(path, "is not UTF-8 text; save the table as UTF-8", line) from None


def _delimiter(text: str) -> str:
    first = next((line for line in io.StringIO(text) if line.strip()), "")
    bare = re.sub(r'"[^"]*"', "", first)
    return next((mark for mark in SEPARATORS.values() if mark in bare), ",")


def _rows(path: str, text: str, delimiter: str) -> Rows:
    """Yield each row that is not blank."""
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True)
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise _bad(path, f"is not a row of separated values: {error}", reader.line_num) from None
        if row is None:
            return
        if len(row) > 1 or any(cell.strip() for cell in row):
            yield reader.line_num, row


def _rectangular(path: str, rows: Rows, width: int) -> Rows:
    """Yield the rows, all of one width; those beyond the limit are only counted, to say how many there are."""
    cells = 0
    for line, row in rows:
        if len(row) != width:
            raise _bad(path, f"has {len(row):,} cells, where the first row has {width:,}", line)
        cells += width
        if cells <= MAX_CELLS:
            yield line, row
    if cells > MAX_CELLS:
        raise _bad(path, f"has {cells:,} cells; at most {MAX_CELLS:,} are allowed")


def _place(target: str, names: Sequence[str]) -> int:
    """Return the index of the target column."""
    if names.count(target) == 1:
        return names.index(target)
    if target in names:
        raise ParameterError("target", f"{names.count(target)} columns are called {shown(target)}; give a position")
    if target == "-1":
        return len(names) - 1
    if re.fullmatch("-?[0-9]+", target):
        if 1 <= int(target) <= len(names):
            return int(target) - 1
        what = f"there is no column {target}; a position is from 1 to {len(names):,}, or -1 for the last"
        raise ParameterError("target", what)
    some = ", ".join(map(shown, names[:MOST_NAMED])) + (", …" if len(names) > MOST_NAMED else "")
    raise ParameterError("target", f"{shown(target)} is not one of the columns {some}{nearest(target, names)}")


def _values(cells: Sequence[str]) -> list[float]:
    """Return the numbers in cells, written as 1, -2.5 or 3e-4; ValueError for what Python allows beyond that."""
    values = list(map(float, cells))
    if "".join(cells).strip(_OF_NUMBERS) or inf in values or -inf in values:
        raise ValueError(cells)
    return values


def is_number(cell: str) -> bool:
    """Tell whether a cell holds a number."""
    try:
        _values([cell])
    except ValueError:
        return False
    return True


def _numbers(path: str, rows: Rows, names: list[str], at: int) -> Table:
    """Convert the rows below the header, target in column `at`, as they come."""
    inputs = [*names[:at], *names[at + 1 :]]
    numbers, labels, text = array("d"), [], ""
    for line, row in rows:
        label = row.pop(at).strip()
        if not label:
            raise _bad(path, _EMPTY.format(shown(names[at])), line)
        if not text and not is_number(label):
            text = f"{shown(label)} in line {line:,}"
        labels.append(label)
        try:
            numbers.extend(_values(row))
        except ValueError:
            raise _bad(path, _bad_cell(inputs, row), line) from None
    if not labels:
        raise _bad(path, "has no row of data below its header")
    x: Array = np.array(numbers).reshape(len(labels), len(inputs))
    target = _ranks(labels) if text else np.array(_values(labels))
    return Table(tuple(inputs), x, names[at], target, text)


def _bad_cell(names: Sequence[str], row: Sequence[str]) -> str:
    name, cell = next((name, cell) for name, cell in zip(names, row, strict=True) if not is_number(cell))
    if not cell.strip():
        return _EMPTY.format(shown(name))
    return f"column {shown(name)}: {shown(cell)} is not a number such as -1.5; text cannot be an input"


def _ranks(labels: Sequence[str]) -> Array:
    rank = {label: float(i) for i, label in enumerate(sorted(set(labels)))}
    return np.array([rank[label] for label in labels])

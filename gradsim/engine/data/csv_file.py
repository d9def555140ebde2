"""Reading a table of numbers from a text file of separated values.

Nothing is guessed beyond what the settings say; anything ambiguous is refused,
with its line.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from math import isfinite
from pathlib import Path
from sys import float_info

import numpy as np

from gradsim.engine.types import Array
from gradsim.schema.errors import Given, Phrase, counted, nearest, quoted
from gradsim.schema.parameters import ParameterError

MAX_BYTES = 20 * 10**6
MAX_CELLS = 1_000_000
CELLS_AT_ONCE = 2**16
"""The number of input cells that are held as text at the same time."""
MAX_NAMED = 12
"""The largest number of columns that an error line names."""

SEPARATORS = {"tab": "\t", "semicolon": ";", "comma": ","}

_OF_NUMBERS = "0123456789+-.eE \t"
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_NO_INPUT = "text cannot be an input"
_NO_TARGET = "of several targets each needs to be a number"

Rows = Iterator[tuple[int, list[str]]]
"""Rows of cells, each with the number of its last line."""


@dataclass(frozen=True)
class Table:
    """The content of a file: inputs `x` (N, inputs) and `targets` (N, targets), with their names."""

    names: tuple[str, ...]
    x: Array
    target_names: tuple[str, ...]
    targets: Array
    """Numbers; the ranks of labels if the only target is text."""
    text: str
    """The first target that is not a number, and its line; empty if all are numbers."""
    labels: tuple[str, ...] = ()
    """The labels whose ranks the targets are; () if these are numbers."""

    @property
    def nbytes(self) -> int:
        """The size of all arrays in bytes."""
        return self.x.nbytes + self.targets.nbytes


def read_table(path: str, target: str, header: str, separator: str) -> Table:
    """Read the table of a file, its target columns by name or position.

    Parameters
    ----------
    path
        A UTF-8 text file, with or without a byte order mark.
    target
        The target column's name; or its position from 1, or -1 for the last; or several of these, with commas.
    header
        Whether the first row names the columns, "yes" or "no"; "auto": it does unless it holds a number.
    separator
        A key of SEPARATORS; "auto": the first of them that the first line holds.

    Raises
    ------
    ParameterError
        For a file that cannot be read, or whose content is not allowed.
    """
    text = _text(path)
    rows = _rows(path, text, _delimiter(text) if separator == "auto" else SEPARATORS[separator])
    line, first = next(rows, (0, []))
    if not first:
        raise _bad(path, Phrase("is empty"))
    named = header == "yes" or (header == "auto" and not any(map(is_number, first)))
    names = [(cell.strip() if named else "") or str(i + 1) for i, cell in enumerate(first)]
    if len(names) == 1:
        what = "has one column only; beside the target an input is needed (is the separator right?)"
        raise _bad(path, Phrase(what))
    places = _places(target, names)
    rows = _rectangular(path, rows if named else chain([(line, first)], rows), len(names))
    return _table(path, rows, names, places)


def _bad(path: str, problem: str, line: int = 0) -> ParameterError:
    if line:
        return ParameterError(
            "path", Phrase("{path}, line {n}: {problem}", path=path, n=f"{line:,}", problem=problem)
        )
    return ParameterError("path", Phrase("{path}: {problem}", path=path, problem=problem))


_UNREADABLE = {
    FileNotFoundError: "cannot be read: No such file or directory",
    PermissionError: "cannot be read: Permission denied",
    IsADirectoryError: "cannot be read: Is a directory",
}


def unreadable(error: OSError) -> str:
    """Return why a file cannot be read."""
    known = _UNREADABLE.get(type(error), "")
    exact = f"cannot be read: {error.strerror}"
    return Phrase(known) if known == exact else Phrase("cannot be read: {why}", why=str(error.strerror))


def _text(path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            content = file.read(MAX_BYTES + 1)
            size = file.seek(0, io.SEEK_END)
    except OSError as error:
        raise _bad(path, unreadable(error)) from None
    if len(content) > MAX_BYTES:
        raise _bad(
            path, Phrase("has {size} bytes; at most {most} are allowed", size=f"{size:,}", most=f"{MAX_BYTES:,}")
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _bad(path, Phrase("is not UTF-8 text; save the table as UTF-8"), line) from None


def _delimiter(text: str) -> str:
    first = next((line for line in io.StringIO(text) if line.strip()), "")
    bare = re.sub(r'"[^"]*"', "", first)
    return next((mark for mark in SEPARATORS.values() if mark in bare), ",")


def _rows(path: str, text: str, delimiter: str) -> Rows:
    """Yield each row that is not blank."""
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True)
    try:
        for row in reader:
            if len(row) > 1 or any(cell.strip() for cell in row):
                yield reader.line_num, row
    except csv.Error as error:
        raise _bad(
            path, Phrase("is not a row of separated values: {error}", error=str(error)), reader.line_num
        ) from None


def _rectangular(path: str, rows: Rows, width: int) -> Rows:
    """Yield the rows, all of one width; rows beyond the limit are only counted, for the error line."""
    cells = 0
    for line, row in rows:
        if len(row) != width:
            template, cells_here = "has {cells}, where the first row has {width}", counted(len(row), "cell")
            raise _bad(path, Phrase(template, cells=cells_here, width=f"{width:,}"), line)
        cells += width
        if cells <= MAX_CELLS:
            yield line, row
    if cells > MAX_CELLS:
        count, most = f"{cells:,}", f"{MAX_CELLS:,}"
        raise _bad(path, Phrase("has {count} cells; at most {most} are allowed", count=count, most=most))


def _places(target: str, names: Sequence[str]) -> list[int]:
    """Return the indices of the target columns, in the order in which they are given."""
    if "," not in target or target in names:
        return [_place(target, names)]
    places = [_place(part.strip(), names) for part in target.split(",")]
    for i, place in enumerate(places):
        if place in places[:i]:
            what = Phrase("{target} names the column {name} twice", target=Given(target), name=Given(names[place]))
            raise ParameterError("target", what)
    if len(places) == len(names):
        template = "{target} are all columns; beside the targets an input is needed"
        raise ParameterError("target", Phrase(template, target=Given(target)))
    return places


def _place(target: str, names: Sequence[str]) -> int:
    """Return the index of the target column."""
    if names.count(target) == 1:
        return names.index(target)
    if target in names:
        template, count = "{count} columns are called {target}; give a position", str(names.count(target))
        raise ParameterError("target", Phrase(template, count=count, target=Given(target)))
    if target == "-1":
        return len(names) - 1
    if re.fullmatch("-?[0-9]+", target):
        if 1 <= int(target) <= len(names):
            return int(target) - 1
        template = "there is no column {target}; a position is from 1 to {count}, or -1 for the last"
        raise ParameterError("target", Phrase(template, target=target, count=f"{len(names):,}"))
    some = ", ".join(map(quoted, names[:MAX_NAMED])) + (", …" if len(names) > MAX_NAMED else "")
    template, near = "{target} is not one of the columns {some}{nearest}", nearest(target, names)
    raise ParameterError("target", Phrase(template, target=Given(target), some=some, nearest=near))


def _values(cells: Sequence[str]) -> Array:
    """Return the numbers in cells, such as 1, -2.5 or 3e-4; ValueError for what Python also reads, as 1_000."""
    values = np.fromiter(map(float, cells), np.float64, len(cells))
    if "".join(cells).strip(_OF_NUMBERS) or not np.isfinite(values).all():
        raise ValueError(cells)
    return values


def is_number(cell: str) -> bool:
    """Tell whether a cell holds a number, even one too large for floating point."""
    try:
        float(cell)
    except ValueError:
        return False
    return not cell.strip(_OF_NUMBERS)


def _table(path: str, rows: Rows, names: Sequence[str], places: Sequence[int]) -> Table:
    """Convert the rows below the header, target columns at `places`."""
    inputs = [i for i in range(len(names)) if i not in places]
    parts: list[Array] = []
    lines: list[int] = []
    targets: dict[int, list[str]] = {at: [] for at in places}
    for cells, new_lines in _pieces(rows):
        for count, at in enumerate(sorted(places, reverse=True)):
            column = slice(at, None, len(names) - count)
            targets[at] += map(str.strip, cells[column])
            del cells[column]
        parts.append(_numbers(path, [names[i] for i in inputs], cells, new_lines, _NO_INPUT))
        lines += new_lines
    if not lines:
        raise _bad(path, Phrase("has no row of data below its header"))
    x, text, target_names = np.concatenate(parts), "", [names[at] for at in places]
    labels: tuple[str, ...] = ()
    if len(places) == 1:
        cells = targets[places[0]]
        target, text = _target(path, target_names[0], cells, lines)
        y, labels = target[:, None], tuple(sorted(set(cells))) if text else ()
    else:
        y = _numbers(path, target_names, list(chain(*zip(*targets.values(), strict=True))), lines, _NO_TARGET)
    return Table(tuple(names[i] for i in inputs), x, tuple(target_names), y, text, labels)


def _pieces(rows: Rows) -> Iterator[tuple[list[str], list[int]]]:
    """Yield the cells of several rows at a time, row after row, and the rows' lines.

    One flat list of cells costs Python's garbage collector less than a list of rows.
    """
    cells: list[str] = []
    lines: list[int] = []
    for line, row in rows:
        cells += row
        lines.append(line)
        if len(cells) >= CELLS_AT_ONCE:
            yield cells, lines
            cells, lines = [], []
    if lines:
        yield cells, lines


def _numbers(path: str, names: Sequence[str], cells: Sequence[str], lines: Sequence[int], no_text: str) -> Array:
    """Return the cells of rows as numbers (rows, columns); `no_text` says why none may be text."""
    try:
        return _values(cells).reshape(len(lines), len(names))
    except ValueError:
        for i, name in enumerate(names):
            _check(path, name, cells[i :: len(names)], lines, no_text)
        raise


def _target(path: str, name: str, cells: Sequence[str], lines: Sequence[int]) -> tuple[Array, str]:
    """Return the only target as numbers; or as the ranks of its labels, and the first label that is not a number."""
    try:
        return _values(cells), ""
    except ValueError:
        _check(path, name, cells, lines, "")
    first = next(i for i, cell in enumerate(cells) if not is_number(cell))
    rank = {label: float(i) for i, label in enumerate(sorted(set(cells)))}
    return np.array([rank[label] for label in cells]), Phrase(
        "{cell} in line {n}", cell=Given(cells[first]), n=f"{lines[first]:,}"
    )


def _check(path: str, name: str, cells: Sequence[str], lines: Sequence[int], no_text: str) -> None:
    """Refuse the first cell of a column that has a problem, if one has."""
    problems = {cell: problem for cell in set(cells) if (problem := _problem(cell, no_text))}
    for cell, line in zip(cells, lines, strict=True):
        if cell in problems:
            raise _bad(path, Phrase("column {name}{problem}", name=Given(name), problem=problems[cell]), line)


def _problem(cell: str, no_text: str) -> str:
    """Return what is wrong with a cell, "" if nothing; text is allowed unless `no_text` says why not."""
    if not cell.strip():
        return Phrase(" is empty; each cell needs a value")
    if is_number(cell):
        template = ": {cell} is too large; numbers go to {most}"
        return "" if isfinite(float(cell)) else Phrase(template, cell=Given(cell), most=f"{float_info.max:.1e}")
    if no_text:
        return Phrase(": {cell} is not a number such as -1.5; {why}", cell=Given(cell), why=Phrase(no_text))
    if _CONTROL.search(cell):
        return Phrase(": {cell} holds a control character or a line break, which no label may", cell=Given(cell))
    return ""

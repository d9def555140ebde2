"""From the text of a table to its rows of cells: separator, what stands above the rows, names."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, pairwise
from typing import NamedTuple

from gradsim.engine.data.tables.cells import MISSING, with_point
from gradsim.engine.data.tables.text import bad
from gradsim.schema.errors import Name, Phrase, counted

MAX_CELLS = 1_000_000
SAMPLE = 100
"""So many rows decide what separates cells, and whether the first row names the columns."""

SEPARATORS = {"tab": "\t", "semicolon": ";", "comma": ",", "pipe": "|", "space": " "}
NAMES_OF_SEPARATORS = ("tabs", "semicolons", "commas", "vertical bars", "blanks")

Rows = Iterator[tuple[int, list[str]]]
"""Rows of cells, each with the number of its last line."""

SKIP = Name("skip", "Lines to skip")
SEPARATOR = Name("separator", "Separator")


class Start(NamedTuple):
    """Where the rows of a table start.

    Attributes
    ----------
    skipped
        The number of lines above the first row.
    separator
        The separator that a line `sep=` names, "" if there is none.
    comment
        The last line above the first row that starts with `#`, without it; "" if there is none.
    comments
        How many lines start with `#` there.
    """

    skipped: int
    separator: str
    comment: str
    comments: int


@dataclass(frozen=True)
class Layout:
    """How a table is laid out.

    Attributes
    ----------
    separator
        A key of SEPARATORS, or a character that a line `sep=` names.
    guessed
        Whether the separator is a guess.
    skipped
        The number of lines above the first row, the one with names included.
    width
        How many cells a row has.
    names
        The names of the columns as they are written; () if there are none.
    why
        Why the first row does or does not name the columns.
    commented
        How many comments stand above the rows.
    surplus
        Whether lines end with separators behind which nothing stands.
    """

    separator: str
    guessed: bool
    start: Start
    width: int
    names: tuple[str, ...]
    why: str
    in_comment: bool
    surplus: bool

    @property
    def delimiter(self) -> str:
        """The character between cells."""
        return SEPARATORS.get(self.separator, self.separator)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns; of those without one, the positions."""
        names = self.names or ("",) * self.width
        return tuple(name or str(i + 1) for i, name in enumerate(names))


def layout_of(path: str, text: str, separator: str, header: str, skip: int, targets: Sequence[str]) -> Layout:
    """Return how a table is laid out.

    Parameters
    ----------
    separator
        A key of SEPARATORS; "auto": what a line `sep=` says, else the first that all of the first rows agree on.
    header
        "yes", "no", or "auto".
    skip
        How many lines to skip at the start.
    targets
        What is asked for as targets: a first row that has such a name names the columns.

    Raises
    ------
    TableError
        For a table without rows, or of one column.
    """
    start = _start(path, text, skip)
    key, guessed = separator, separator == "auto"
    if guessed:
        key = _key_of(start.separator) or _guessed_separator(path, text, start)
        guessed = not start.separator
    delimiter = SEPARATORS.get(key, key)
    sample = [row for _, row in islice(rows_from(path, text, start.skipped, delimiter), SAMPLE)]
    if not sample:
        raise bad(path, Phrase("is empty"))
    width = _width(sample)
    if width == 1:
        raise _one_column(path, sample, key, guessed)
    comment = next(csv.reader([start.comment], delimiter=delimiter, skipinitialspace=True), [])
    named, why = _is_named(sample, width, header, targets)
    in_comment = header != "no" and not _has_only_text(sample[0][:width]) and len(comment) == width
    names = comment if in_comment else sample[0] if named else []
    return Layout(
        separator=key,
        guessed=guessed,
        start=start,
        width=width,
        names=tuple(name.strip() for name in names[:width]),
        why=Phrase("a comment above the first row names the columns") if in_comment else why,
        in_comment=in_comment,
        surplus=width < len(sample[0]),
    )


def _key_of(delimiter: str) -> str:
    return next((key for key, mark in SEPARATORS.items() if mark == delimiter), delimiter)


def _start(path: str, text: str, skip: int) -> Start:
    """Return where the first row is, behind lines to skip, `sep=`, comments and blank lines."""
    separator, comment, comments, count = "", "", 0, 0
    for count, line in enumerate(io.StringIO(text, newline=""), 1):
        found = re.fullmatch('"?sep=(.)"?', line.strip("\r\n ")) if count == 1 else None
        if found:
            separator = found[1]
        elif count > skip and line.startswith("#"):
            comment, comments = line[1:].strip(), comments + 1
        elif count > skip and line.strip():
            return Start(count - 1, separator, comment, comments)
    raise bad(
        path,
        Phrase("has {lines} only, and all are skipped", lines=counted(count, "line")) if skip else Phrase("is empty"),
    )


def rows_from(path: str, text: str, skipped: int, delimiter: str) -> Rows:
    """Yield each row below so many lines that is not blank."""
    lines = io.StringIO(text, newline="")
    for _ in islice(lines, skipped):
        pass
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True)
    try:
        for row in reader:
            if row and ((row[0] and not row[0].isspace()) or any(map(str.strip, row))):
                yield reader.line_num + skipped, row
    except csv.Error as error:
        raise bad(
            path,
            Phrase("is not a row of separated values: {error}", error=str(error)),
            reader.line_num + skipped,
        ) from None


def _guessed_separator(path: str, text: str, start: Start) -> str:
    """Return the first separator that cuts the first rows alike, else the one that cuts most of them so."""
    lines = io.StringIO(text, newline="")
    first = next(islice(lines, start.skipped, None), "")
    bare = re.sub(r'"[^"]*"', "x", first).strip(" \r\n")
    candidates = [key for key, mark in SEPARATORS.items() if mark in bare]
    alike = [key for key in candidates if _cuts_alike(path, text, start.skipped, SEPARATORS[key])]
    if alike:
        # Numbers with decimal commas and blanks between them are cut alike by either.
        return next((key for key in alike if _is_all_numbers(path, text, start.skipped, SEPARATORS[key])), alike[0])
    visible = [key for key in candidates if key != "space"]
    return max(visible, key=lambda key: _agreeing(path, text, start.skipped, SEPARATORS[key]), default="comma")


def _agreeing(path: str, text: str, skipped: int, delimiter: str) -> int:
    """Return how many of the first rows a separator cuts into as many cells as the first of them, if it cuts that."""
    widths = [len(row) for _, row in _few(path, text, skipped, delimiter, SAMPLE)]
    return widths.count(widths[0]) if widths and widths[0] > 1 else 0


def _cuts_alike(path: str, text: str, skipped: int, delimiter: str) -> bool:
    try:
        rows = [row for _, row in islice(rows_from(path, text, skipped, delimiter), SAMPLE)]
    except ValueError:
        return False
    return any(len(widths) == 1 and 1 not in widths for widths in ({*map(len, rows)}, {*map(_kept, rows)}))


def _is_all_numbers(path: str, text: str, skipped: int, delimiter: str) -> bool:
    """Tell whether the first rows hold nothing but numbers."""
    rows = islice(rows_from(path, text, skipped, delimiter), SAMPLE)
    return all(_is_a_number(cell.strip()) for _, row in rows for cell in _without_surplus(row))


def _kept(row: Sequence[str]) -> int:
    return len(_without_surplus(row))


def _without_surplus(row: Sequence[str]) -> Sequence[str]:
    """Return a row without the blank cells at its end."""
    end = len(row)
    while end and not row[end - 1].strip():
        end -= 1
    return row[:end]


def _width(sample: Sequence[Sequence[str]]) -> int:
    """Return how many cells a row has, without columns at the end that have neither name nor cells."""
    whole = len(sample[0])
    return min(whole, max(len(_without_surplus(row)) for row in sample)) if len(sample) > 1 else whole


def _one_column(path: str, sample: Sequence[Sequence[str]], key: str, guessed: bool) -> ValueError:
    """Return the error of a table whose first row has one cell."""
    wide = next((i for i, row in enumerate(sample) if len(row) > 1), 0)
    if wide:
        template = (
            "the first row has one cell, a later one {cells}; if notes stand above the names, "
            "tell with {skip} how many lines they take"
        )
        return bad(path, Phrase(template, cells=f"{len(sample[wide]):,}", skip=SKIP))
    template = "has one column only; beside the target an input is needed (is the separator right?)"
    return bad(path, Phrase(template))


def _is_named(sample: Sequence[Sequence[str]], width: int, header: str, targets: Sequence[str]) -> tuple[bool, str]:
    """Return whether the first row names the columns, and why."""
    if header != "auto":
        return header == "yes", Phrase("as it is set")
    first = [cell.strip() for cell in sample[0][:width]]
    columns = [[row[i].strip() for row in sample[1:] if i < len(row)] for i in range(width)]
    if _has_only_text(first):
        return True, Phrase("the first row holds no number")
    if any(target in first and not re.fullmatch("-?[0-9]+", target) for target in targets):
        return True, Phrase("the target is named as in the first row")
    again = any(cell in below for cell, below in zip(first, columns, strict=True) if not _is_a_number(cell))
    if not again and any(map(_is_name, first, columns)):
        return True, Phrase("the first row has text where numbers stand below")
    if not again and _counts_on(first, columns):
        return True, Phrase("the first row counts on, and no row below does")
    return False, Phrase("the first row holds numbers, as the rows below")


def _is_a_number(cell: str) -> bool:
    return bool(with_point(cell, "point") or with_point(cell, "comma"))


def _has_only_text(cells: Sequence[str]) -> bool:
    return not any(_is_a_number(cell.strip()) for cell in cells)


def _is_name(cell: str, below: Sequence[str]) -> bool:
    """Tell whether a cell is text with numbers below it."""
    if _is_a_number(cell) or cell.lower() in MISSING or not any(c.isalpha() for c in cell):
        return False
    values = [each for each in below if each and each.lower() not in MISSING]
    return bool(values) and all(map(_is_a_number, values))


YEARS = range(1900, 2101)


def _counts_on(first: Sequence[str], columns: Sequence[Sequence[str]]) -> bool:
    """Tell whether the numbers of the first row are whole, each one more than the last, and those below are not."""
    at = [i for i, cell in enumerate(first) if _is_a_number(cell)]
    if not _count([first[i] for i in at]) or not columns[0]:
        return False
    numbers = [int(first[i]) for i in at]
    is_clear = len(at) < len(first) or numbers[0] == 0 or len(at) > 4
    if not (all(number in YEARS for number in numbers) or (is_clear and len(at) > 2)):
        return False
    return not any(map(_count, zip(*(columns[i] for i in at), strict=False)))


def _count(cells: Sequence[str]) -> bool:
    """Tell whether cells are whole numbers, each one more than the last."""
    if len(cells) < 2 or not all(re.fullmatch("[0-9]{1,9}", cell) for cell in cells):
        return False
    return all(int(b) == int(a) + 1 for a, b in pairwise(cells))


def rectangular(path: str, text: str, layout: Layout) -> Rows:
    """Yield the rows of data, all of one width; rows beyond the limit are only counted, for the error line.

    Left out are comments, and what stands behind the last column where that is nothing.
    """
    cells, width = 0, layout.width
    rows = rows_from(path, text, layout.start.skipped, layout.delimiter)
    for line, row in islice(rows, 1 if layout.names and not layout.in_comment else 0, None):
        if len(row) != width:
            row = _fitted(row, layout)
            if not row:
                continue
            if len(row) != width:
                raise _ragged(path, layout, row, line)
        cells += width
        if cells <= MAX_CELLS:
            yield line, row
    if cells > MAX_CELLS:
        count, most = f"{cells:,}", f"{MAX_CELLS:,}"
        raise bad(path, Phrase("has {count} cells; at most {most} are allowed", count=count, most=most))


def _fitted(row: list[str], layout: Layout) -> list[str]:
    """Return a row of another width as it is meant: [] for a comment, and blank cells at its end cut off or added."""
    if row[0].startswith("#"):
        return []
    kept = [*_without_surplus(row)]
    named = len(_without_surplus(layout.names)) if layout.names else layout.width
    if named <= len(kept) < layout.width or (len(row) > layout.width >= len(kept)):
        return kept + [""] * (layout.width - len(kept))
    return row


def _ragged(path: str, layout: Layout, row: Sequence[str], line: int) -> ValueError:
    """Return the error of a row that has another number of cells than the first."""
    cells, width = counted(len(row), "cell"), f"{layout.width:,}"
    if not layout.guessed:
        return bad(path, Phrase("has {cells}, where the first row has {width}", cells=cells, width=width), line)
    template = "has {cells}, where the first row has {width}, with {separators} between cells; else set {setting}"
    names = dict(zip(SEPARATORS, NAMES_OF_SEPARATORS, strict=True))
    said = Phrase(template, cells=cells, width=width, separators=Phrase(names[layout.separator]), setting=SEPARATOR)
    return bad(path, said, line)


def first_rows(path: str, text: str, layout: Layout, count: int) -> list[tuple[int, list[str]]]:
    """Return the first rows of data as they are, of whatever width."""
    named = 1 if layout.names and not layout.in_comment else 0
    return _few(path, text, layout.start.skipped, layout.delimiter, named + count)[named:]


def any_rows(path: str, text: str, separator: str, count: int) -> list[tuple[int, list[str]]]:
    """Return the first rows of a text whose layout is not understood, cut into as many cells as possible."""
    marks = [SEPARATORS[separator]] if separator in SEPARATORS else [*SEPARATORS.values()][:-1]
    found = [_few(path, text, 0, mark, count) for mark in marks]
    return max(found, key=lambda rows: sum(len(row) for _, row in rows))


def _few(path: str, text: str, skipped: int, delimiter: str, count: int) -> list[tuple[int, list[str]]]:
    """Return the first rows below so many lines, up to one that is no row."""
    found: list[tuple[int, list[str]]] = []
    with suppress(ValueError):
        for row in islice(rows_from(path, text, skipped, delimiter), count):
            found.append(row)
    return found

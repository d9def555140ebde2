"""Reading a table from a text file of separated values.

What is guessed is told; anything ambiguous is refused, with its line and the setting that decides it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np

from gradsim.engine.data.table_cells import Decimal, is_number, values_of
from gradsim.engine.data.table_columns import (
    FOR_ANY_TARGET,
    FOR_INPUTS,
    FOR_TARGETS,
    Judged,
    are_close,
    check_labels,
    check_numbers,
    check_odd,
    check_sizes,
    check_texts,
    decimal_mark,
    judged,
    one_hot,
)
from gradsim.engine.data.table_description import (
    CHOSEN,
    EMPTY,
    INDEX,
    is_index,
    notes_on,
    report_left_out,
    report_of,
    report_of_values,
    shown,
    with_kind,
)
from gradsim.engine.data.table_order import ranks
from gradsim.engine.data.table_report import ColumnReport, TableReport
from gradsim.engine.data.table_roles import Roles, roles_of
from gradsim.engine.data.table_rows import Layout, Rows, any_rows, first_rows, layout_of, rectangular
from gradsim.engine.data.table_text import Decoded, bad, read_text
from gradsim.engine.types import Array
from gradsim.schema.errors import Given, Phrase, counted
from gradsim.schema.parameters import ParameterError

CELLS_AT_ONCE = 2**16
"""The number of input cells that are held as text at the same time, where all of them are plain numbers."""

SHOWN_ROWS = 8
"""So many rows a report has as they are written."""

_NO_TARGET = "of several targets each needs to be a number"


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How to read a table; the settings are those of :class:`gradsim.engine.data.tables.Csv`."""

    path: str
    target: str = "-1"
    task: str = "auto"
    header: str = "auto"
    separator: str = "auto"
    decimal: str = "auto"
    encoding: str = "auto"
    skip: int = 0
    leave_out: str = ""
    missing: str = "refuse"
    marks: str = "refuse"
    split_column: str = ""


@dataclass(frozen=True)
class Table:
    """The content of a file: inputs `x` (N, inputs) and `targets` (N, targets), with their names.

    Attributes
    ----------
    names, x
        The inputs; nan where the mean of the others is to stand. A column of text is an input for each text.
    zeros
        What was subtracted from each input, for its numbers are close together.
    target_names, targets
        Numbers; the ranks of labels if the only target is text.
    target_zeros
        As `zeros`.
    text
        The first target that is not a number, and its line; "" if all are numbers.
    labels
        The labels whose ranks the targets are; () if these are numbers.
    rank
        What orders the rows, from a column for that; None without one.
    holds_out
        Whether `rank` is 1 for the rows that are for testing, and 0 for others.
    report
        How the table was understood.
    """

    names: tuple[str, ...]
    x: Array
    target_names: tuple[str, ...]
    targets: Array
    text: str
    labels: tuple[str, ...] = ()
    zeros: tuple[float, ...] = ()
    target_zeros: tuple[float, ...] = ()
    rank: Array | None = None
    holds_out: bool = False
    report: TableReport = TableReport("")

    @property
    def nbytes(self) -> int:
        """The size of all arrays in bytes."""
        return self.x.nbytes + self.targets.nbytes + (0 if self.rank is None else self.rank.nbytes)


def read_table(reading: Reading) -> Table:
    """Read the table of a file.

    Raises
    ------
    ParameterError
        For a file that cannot be read, or whose content is not allowed.
    """
    return TableReader(reading).read()


class TableReader:
    """Reads a table, and holds what it has understood of it so far, for a table that is refused.

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
        self._cells: list[list[str]] = []
        self._lines: list[int] = []

    def read(self) -> Table:
        """Return the table."""
        reading = self.reading
        targets = (reading.target, *map(str.strip, reading.target.split(",")))
        self.decoded = read_text(reading.path, reading.encoding)
        self.layout = layout = layout_of(
            reading.path, self.decoded.text, reading.separator, reading.header, reading.skip, targets
        )
        self.roles = roles = roles_of(layout.columns, reading.target, reading.leave_out, reading.split_column)
        return self._plain(layout, roles) or self._any(layout, roles)

    def _rows(self, layout: Layout) -> Rows:
        assert self.decoded is not None
        return rectangular(self.reading.path, self.decoded.text, layout)

    # A table whose inputs are all plain numbers, in one go.

    def _plain(self, layout: Layout, roles: Roles) -> Table | None:
        """Return a table whose inputs are plain numbers; None if some cell is not."""
        if self.decimal == "comma" or roles.order is not None:
            return None
        parts: list[Array] = []
        lines: list[int] = []
        targets: dict[int, list[str]] = {at: [] for at in roles.targets}
        away = sorted({*roles.targets, *roles.left_out}, reverse=True)
        for cells, new_lines in _pieces(self._rows(layout)):
            for count, at in enumerate(away):
                column = slice(at, None, layout.width - count)
                if at in targets:
                    targets[at] += map(str.strip, cells[column])
                del cells[column]
            values = values_of(cells)
            if values is None:
                return None
            parts.append(values.reshape(len(new_lines), len(roles.inputs)))
            lines += new_lines
        if not lines:
            raise bad(self.reading.path, Phrase("has no row of data below its header"))
        self.rows = len(lines)
        return self._of_numbers(layout, roles, np.concatenate(parts), targets, lines)

    def _of_numbers(
        self, layout: Layout, roles: Roles, x: Array, targets: dict[int, list[str]], lines: Sequence[int]
    ) -> Table | None:
        """Return a table of plain inputs with its targets; None if it needs a closer look."""
        found = self._plain_targets(layout, targets, lines)
        if found is None or any(are_close(x[:, i]) for i in range(x.shape[1])):
            return None
        y, text, labels = found
        reports = [report_of_values(layout, at, "input", x[:, i]) for i, at in enumerate(roles.inputs)]
        kept = list(range(x.shape[1]))
        if len(kept) > 1 and roles.inputs[0] == 0 and is_index(layout, x[:, 0]):
            reports[0] = replace(reports[0], role="left out", why=Phrase(INDEX))
            x, kept = x[:, 1:].copy(), kept[1:]
        if labels:
            reports += [report_of(labels, "target")]
        else:
            reports += [report_of_values(layout, at, "target", y[:, i]) for i, at in enumerate(roles.targets)]
        reports += [report_left_out(layout, at) for at in roles.left_out]
        self.columns = tuple(sorted(reports, key=lambda report: report.place))
        return Table(
            names=tuple(layout.columns[roles.inputs[i]] for i in kept),
            x=x,
            target_names=tuple(layout.columns[at] for at in roles.targets),
            targets=y,
            text=text,
            labels=labels.texts() if labels else (),
            zeros=(0.0,) * len(kept),
            target_zeros=(0.0,) * len(roles.targets),
            report=replace(self.report(), rows=len(x), notes=tuple(notes_on(layout))),
        )

    def _plain_targets(
        self, layout: Layout, targets: dict[int, list[str]], lines: Sequence[int]
    ) -> tuple[Array, str, Judged | None] | None:
        """Return targets that are plain numbers, or the ranks of one of text; None for others."""
        columns = [values_of(cells) for cells in targets.values()]
        plain = [column for column in columns if column is not None]
        if len(plain) == len(columns):
            return None if any(map(are_close, plain)) else (np.stack(plain, axis=1), "", None)
        if len(columns) > 1 or self.reading.task == "numbers":
            return None
        [(at, cells)] = targets.items()
        column = judged(layout.columns[at], at, cells, "point", keeps_marks=True)
        if column.kind != "text" or column.odd or decimal_mark([cells]) == "comma":
            return None
        check_sizes(self.reading.path, column, lines)
        check_labels(self.reading.path, column, lines)
        return *_ranked(column, lines), column

    # Any other table, column by column.

    def _any(self, layout: Layout, roles: Roles) -> Table:
        """Return a table that holds other things than plain numbers."""
        self._gather(layout)
        columns = self._judge(layout, roles)
        self._report(layout, roles, columns)
        for column in columns.values():
            check_sizes(self.reading.path, column, self._lines)
        target_columns = [self._as_target(columns[at], len(roles.targets)) for at in roles.targets]
        inputs = [columns[at] for at in roles.inputs if self._is_input(layout, columns[at])]
        if not inputs:
            raise bad(
                self.reading.path, Phrase("has no input left; beside the target a column with values is needed")
            )
        order = [columns[roles.order].as_text()] if roles.order is not None else []
        self._refuse_odd(inputs, target_columns, order)
        kept = self._kept(inputs, target_columns, order)
        notes = [*notes_on(layout), *self._notes_on_rows(kept)]
        lines = [self._lines[i] for i in kept]
        if len(kept) < len(self._lines):
            target_columns, order = ([c.without(kept) for c in group] for group in (target_columns, order))
            inputs = [column.without(kept) for column in inputs]
        self._report(layout, roles, columns, {c.place: c for c in (*inputs, *target_columns)})
        names, x, zeros = self._inputs(inputs, lines)
        y, text, labels, target_zeros = self._targets(target_columns, lines)
        rank, holds_out = ranks(self.reading.path, order[0], lines) if order else (None, False)
        return Table(
            names=names,
            x=x,
            target_names=tuple(column.name for column in target_columns),
            targets=y,
            text=text,
            labels=labels,
            zeros=zeros,
            target_zeros=target_zeros,
            rank=rank,
            holds_out=holds_out,
            report=replace(self.report(), rows=len(kept), left_out=len(self._lines) - len(kept), notes=tuple(notes)),
        )

    def _gather(self, layout: Layout) -> None:
        """Read the cells of all columns."""
        self._cells, self._lines = [[] for _ in range(layout.width)], []
        for cells, new_lines in _pieces(self._rows(layout)):
            for at, column in enumerate(self._cells):
                column += map(str.strip, cells[at :: layout.width])
            self._lines += new_lines
            self.rows = len(self._lines)
        if not self._lines:
            raise bad(self.reading.path, Phrase("has no row of data below its header"))

    def _judge(self, layout: Layout, roles: Roles) -> dict[int, Judged]:
        """Judge what the columns hold, but for those that are left out."""
        used = [at for at in range(layout.width) if at not in roles.left_out]
        if self.reading.decimal == "auto":
            self.decimal = decimal_mark(self._cells[at] for at in used if at != roles.order)
        keeps = self.reading.marks == "refuse"
        return {at: judged(layout.columns[at], at, self._cells[at], self.decimal, keeps) for at in used}

    def _is_input(self, layout: Layout, column: Judged) -> bool:
        is_whole = column.kind == "number" and not column.odd
        numbers_rows = column.place == 0 and is_whole and is_index(layout, column.numbers())
        return column.kind != "empty" and not numbers_rows

    def _as_target(self, column: Judged, count: int) -> Judged:
        """Return a target column as the task asks for it; ParameterError if it cannot be."""
        task, keeps = self.reading.task, self.reading.marks == "refuse"
        if column.kind == "empty":
            raise bad(
                self.reading.path, Phrase("column {name} is empty; name another target", name=Given(column.name))
            )
        if count > 1:
            if column.kind == "text":
                column = column.as_numbers(keeps)
                check_numbers(self.reading.path, column, self._lines, Phrase(_NO_TARGET))
            return column
        if task == "numbers":
            return column.as_numbers(keeps)
        is_class = task == "classes" and bool(column.odd) and self.reading.missing == "refuse"
        return column.as_text() if is_class or column.kind != "number" else column

    def _refuse_odd(self, inputs: Sequence[Judged], targets: Sequence[Judged], order: Sequence[Judged]) -> None:
        """Refuse the first cell without a value, unless a setting says what becomes of such cells."""
        if self.reading.missing != "refuse":
            return
        for column in inputs:
            check_odd(self.reading.path, column, self._lines, FOR_INPUTS)
        for column in (*targets, *order):
            is_any = column.kind == "number" and self.reading.task == "auto"
            check_odd(self.reading.path, column, self._lines, FOR_ANY_TARGET if is_any else FOR_TARGETS)

    def _kept(self, inputs: Sequence[Judged], targets: Sequence[Judged], order: Sequence[Judged]) -> list[int]:
        """Return the rows that are not left out."""
        asked = [*targets, *order, *(inputs if self.reading.missing == "leave_out" else ())]
        kept = np.ones(len(self._lines), bool)
        for column in asked:
            if column.odd:
                kept &= np.fromiter((cell not in column.odd for cell in column.cells), bool, len(kept))
        if not kept.any():
            raise bad(self.reading.path, Phrase("has no row left; in each a value is missing"))
        return [int(i) for i in np.flatnonzero(kept)]

    def _notes_on_rows(self, kept: Sequence[int]) -> Iterator[str]:
        gone = len(self._lines) - len(kept)
        if gone:
            first = next(line for i, line in enumerate(self._lines) if i >= len(kept) or kept[i] != i)
            template = "{rows} left out, as a value is missing, the first in line {n}"
            yield Phrase(template, rows=counted(gone, "row"), n=f"{first:,}")

    def _inputs(
        self, columns: Sequence[Judged], lines: Sequence[int]
    ) -> tuple[tuple[str, ...], Array, tuple[float, ...]]:
        """Return the inputs that columns become, with their names and what was subtracted from them."""
        names: list[str] = []
        parts: list[Array] = []
        zeros: list[float] = []
        for column in columns:
            if column.kind == "text":
                check_texts(self.reading.path, column)
                check_labels(self.reading.path, column, lines)
                new, part = one_hot(column)
            else:
                values, zero = _exact(column)
                new, part = (column.name,), values[:, None]
                zeros.append(zero)
            names += new
            parts.append(part)
            zeros += [0.0] * (len(names) - len(zeros))
        return tuple(names), np.concatenate(parts, axis=1), tuple(zeros)

    def _targets(
        self, columns: Sequence[Judged], lines: Sequence[int]
    ) -> tuple[Array, str, tuple[str, ...], tuple[float, ...]]:
        """Return the targets that columns become: numbers, or the ranks of labels."""
        if columns[0].kind == "text":
            check_labels(self.reading.path, columns[0], lines)
            return *_ranked(columns[0], lines), columns[0].texts(), (0.0,)
        found = [_exact(column) for column in columns]
        return np.stack([values for values, _ in found], axis=1), "", (), tuple(zero for _, zero in found)

    def _report(
        self, layout: Layout, roles: Roles, columns: dict[int, Judged], used: dict[int, Judged] | None = None
    ) -> None:
        """Keep how the columns were understood; `used` are inputs and targets as used, None where not known."""
        reports = []
        for at in range(layout.width):
            role = roles.of(at)
            if at in roles.left_out:
                reports.append(report_left_out(layout, at))
                continue
            report = report_of((used or columns).get(at, columns[at]), role)
            report = replace(report, missing=columns[at].missing)
            if role == "input" and (columns[at].kind == "empty" or (used is not None and at not in used)):
                why = EMPTY if columns[at].kind == "empty" else INDEX
                report = replace(report, role="left out", why=Phrase(why))
            reports.append(report)
        self.columns = tuple(reports)

    def report(self) -> TableReport:
        """Return what was understood of the file so far."""
        decoded, layout, path = self.decoded, self.layout, self.reading.path
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

    def look(self) -> None:
        """Judge the columns of a table that is refused for another reason, as far as it can be read."""
        if self.columns or self.layout is None:
            return
        roles = self.roles or Roles(tuple(range(self.layout.width)), (), (), None)
        with suppress(ParameterError):
            self._gather(self.layout)
        if self._lines:
            self._report(self.layout, roles, self._judge(self.layout, roles))


def _pieces(rows: Rows) -> Iterator[tuple[list[str], list[int]]]:
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


def _ranked(column: Judged, lines: Sequence[int]) -> tuple[Array, str]:
    """Return the ranks of labels, and the first of them that is not a number."""
    rank = {label: float(i) for i, label in enumerate(column.texts())}
    first = next((i for i, cell in enumerate(column.cells) if not is_number(cell)), 0)
    said = Phrase("{cell} in line {n}", cell=Given(column.cells[first]), n=f"{lines[first]:,}")
    return np.fromiter(map(rank.__getitem__, column.cells), np.float64, len(column.cells))[:, None], said


def _exact(column: Judged) -> tuple[Array, float]:
    """Return the numbers of a column, and what was subtracted from them if they are close together."""
    values = column.numbers()
    return column.differences() if are_close(values) and len(column.counts) > 1 else (values, 0.0)

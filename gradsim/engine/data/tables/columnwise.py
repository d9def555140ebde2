"""Tables that hold other things than plain numbers, which are read column by column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

import numpy as np

from gradsim.engine.data.tables.columns import (
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
    ranked,
)
from gradsim.engine.data.tables.description import EMPTY, INDEX, is_index, notes_on, report_left_out, report_of
from gradsim.engine.data.tables.order import ranks
from gradsim.engine.data.tables.progress import Progress
from gradsim.engine.data.tables.roles import Roles
from gradsim.engine.data.tables.rows import Layout
from gradsim.engine.data.tables.table import Table
from gradsim.engine.data.tables.text import bad
from gradsim.engine.types import Array
from gradsim.schema.errors import Given, Phrase, counted
from gradsim.schema.parameters import ParameterError

NO_TARGET = "of several targets each needs to be a number"


class ByColumns:
    """Reads a table column by column, and adds what it understands to `progress`."""

    def __init__(self, progress: Progress, layout: Layout, roles: Roles) -> None:
        self.progress, self.reading = progress, progress.reading
        self.layout, self.roles = layout, roles
        self._cells: list[list[str]] = []
        self._lines: list[int] = []

    def table(self) -> Table:
        """Return the table."""
        layout, roles = self.layout, self.roles
        self._gather()
        columns = self._judge()
        self._report(columns)
        for column in columns.values():
            check_sizes(self.progress.path, column, self._lines)
        target_columns = [self._as_target(columns[at], len(roles.targets)) for at in roles.targets]
        inputs = [columns[at] for at in roles.inputs if self._is_input(columns[at])]
        if not inputs:
            raise bad(
                self.progress.path, Phrase("has no input left; beside the target a column with values is needed")
            )
        order = [columns[roles.order].as_text()] if roles.order is not None else []
        self._refuse_odd(inputs, target_columns, order)
        kept = self._kept(inputs, target_columns, order)
        notes = [*notes_on(layout), *self._notes_on_rows(kept)]
        lines = [self._lines[i] for i in kept]
        if len(kept) < len(self._lines):
            target_columns, order = ([c.without(kept) for c in group] for group in (target_columns, order))
            inputs = [column.without(kept) for column in inputs]
        self._report(columns, {c.place: c for c in (*inputs, *target_columns)})
        names, x, zeros = self._inputs(inputs, lines)
        y, text, labels, target_zeros = self._targets(target_columns, lines)
        rank, holds_out = ranks(self.progress.path, order[0], lines) if order else (None, False)
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
            report=replace(
                self.progress.report(), rows=len(kept), left_out=len(self._lines) - len(kept), notes=tuple(notes)
            ),
        )

    def _gather(self) -> None:
        """Read the cells of all columns."""
        self._cells, self._lines = [[] for _ in range(self.layout.width)], []
        for cells, new_lines in self.progress.pieces(self.layout):
            for at, column in enumerate(self._cells):
                column += map(str.strip, cells[at :: self.layout.width])
            self._lines += new_lines
            self.progress.rows = len(self._lines)
        if not self._lines:
            raise bad(self.progress.path, Phrase("has no row of data below its header"))

    def _judge(self) -> dict[int, Judged]:
        """Judge what the columns hold, but for those that are left out."""
        layout, roles, progress = self.layout, self.roles, self.progress
        used = [at for at in range(layout.width) if at not in roles.left_out]
        if self.reading.decimal == "auto":
            progress.decimal = decimal_mark(self._cells[at] for at in used if at != roles.order)
        keeps = self.reading.marks == "refuse"
        return {at: judged(layout.columns[at], at, self._cells[at], progress.decimal, keeps) for at in used}

    def _is_input(self, column: Judged) -> bool:
        is_whole = column.kind == "number" and not column.odd
        numbers_rows = column.place == 0 and is_whole and is_index(self.layout, column.numbers())
        return column.kind != "empty" and not numbers_rows

    def _as_target(self, column: Judged, count: int) -> Judged:
        """Return a target column as the task asks for it; ParameterError if it cannot be."""
        task, keeps = self.reading.task, self.reading.marks == "refuse"
        if column.kind == "empty":
            raise bad(
                self.progress.path, Phrase("column {name} is empty; name another target", name=Given(column.name))
            )
        if count > 1:
            if column.kind == "text":
                column = column.as_numbers(keeps)
                check_numbers(self.progress.path, column, self._lines, Phrase(NO_TARGET))
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
            check_odd(self.progress.path, column, self._lines, FOR_INPUTS)
        for column in (*targets, *order):
            is_any = column.kind == "number" and self.reading.task == "auto"
            check_odd(self.progress.path, column, self._lines, FOR_ANY_TARGET if is_any else FOR_TARGETS)

    def _kept(self, inputs: Sequence[Judged], targets: Sequence[Judged], order: Sequence[Judged]) -> list[int]:
        """Return the rows that are not left out."""
        asked = [*targets, *order, *(inputs if self.reading.missing == "leave_out" else ())]
        kept = np.ones(len(self._lines), bool)
        for column in asked:
            if column.odd:
                kept &= np.fromiter((cell not in column.odd for cell in column.cells), bool, len(kept))
        if not kept.any():
            raise bad(self.progress.path, Phrase("has no row left; in each a value is missing"))
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
                check_texts(self.progress.path, column)
                check_labels(self.progress.path, column, lines)
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
            check_labels(self.progress.path, columns[0], lines)
            return *ranked(columns[0], lines), columns[0].texts(), (0.0,)
        found = [_exact(column) for column in columns]
        return np.stack([values for values, _ in found], axis=1), "", (), tuple(zero for _, zero in found)

    def _report(self, columns: dict[int, Judged], used: dict[int, Judged] | None = None) -> None:
        """Keep how the columns were understood; `used` are inputs and targets as used, None where not known."""
        layout, roles = self.layout, self.roles
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
        self.progress.columns = tuple(reports)

    def look(self) -> None:
        """Judge the columns of a table that is refused for another reason, as far as it can be read."""
        with suppress(ParameterError):
            self._gather()
        if self._lines:
            self._report(self._judge())


def _exact(column: Judged) -> tuple[Array, float]:
    """Return the numbers of a column, and what was subtracted from them if they are close together."""
    values = column.numbers()
    return column.differences() if are_close(values) and len(column.counts) > 1 else (values, 0.0)

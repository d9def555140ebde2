"""How a table is understood, also one that is refused: for a window that shows it, and for the command line."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np

from gradsim.engine.data.pictures.inside import file_of
from gradsim.engine.data.samples import Split
from gradsim.engine.data.tables.cells import MISSING
from gradsim.engine.data.tables.progress import Progress
from gradsim.engine.data.tables.reader import look_on, read_on
from gradsim.engine.data.tables.report import ColumnReport, TableError, TableReport, Task
from gradsim.engine.data.tables.rows import rows_from
from gradsim.engine.data.tables.samples import Splitter
from gradsim.engine.data.tables.table import Reading, Table
from gradsim.engine.types import Array
from gradsim.schema.errors import Given, Phrase
from gradsim.schema.ordinary import is_file
from gradsim.schema.parameters import ParameterError, parameters

MIN_ROWS = 20
"""Of fewer rows it is not said that a column gives the classes away."""


class Spec(Protocol):
    """The settings of a table, see :class:`gradsim.engine.data.tables.Csv`."""

    @property
    def reading(self) -> Reading:
        """The settings that decide how the file is read."""

    def table(self) -> Table:
        """Return the table; ParameterError if it is refused."""

    def splitter(self, table: Table) -> Splitter:
        """Return what makes samples of the table."""


S = TypeVar("S", bound=Spec)


def understood(spec: Spec) -> TableReport:
    """Return how a table is understood; of one that is refused, how far it was, and why it is refused."""
    try:
        table = spec.table()
    except ParameterError as error:
        return _so_far(spec, error)
    splitter = spec.splitter(table)
    try:
        return _with_samples(spec, table, splitter, splitter.split())
    except ParameterError as error:
        return replace(table.report, refusal=error)


def settled(spec: S, report: TableReport | None = None) -> S:
    """Return the settings with what was guessed written out, so that another guess will never change them.

    `report` is how the table is understood, where that is known already.
    """
    report = report or understood(spec)
    if report.refusal is not None:
        return spec
    found = {
        "separator": report.separator,
        "decimal": report.decimal,
        "encoding": report.encoding,
        "header": "yes" if report.has_names else "no",
        "task": "numbers" if report.task == "numbers" else "classes",
    }
    declared = parameters(type(spec))
    # A line "sep=" may name a separator that no setting names, and a comment may hold the names.
    values: dict[str, Any] = {
        key: value for key, value in found.items() if getattr(spec, key) == "auto" and declared[key].allows(value)
    }
    return dataclasses.replace(spec, **values)  # type: ignore[type-var]


def _so_far(spec: Spec, refusal: ParameterError) -> TableReport:
    """Return what can be understood of a table that is refused, with the row that it is refused for."""
    progress = Progress(spec.reading)
    if not is_file(file_of(Path(spec.reading.path))):
        return replace(progress.report(), refusal=refusal)
    try:
        read_on(progress)
    except ParameterError:
        look_on(progress)
    report = replace(progress.report(), refusal=refusal)
    line = refusal.line if isinstance(refusal, TableError) else 0
    row = None if line in report.lines else _row_in(progress, line)
    return report if row is None else replace(report, first=(*report.first, row), lines=(*report.lines, line))


def _row_in(progress: Progress, line: int) -> tuple[str, ...] | None:
    """Return the row of data that ends in a line of the file, None if there is none."""
    layout, decoded = progress.layout, progress.decoded
    if layout is None or decoded is None or not line:
        return None
    rows = rows_from(progress.path, decoded.text, layout.start.skipped, layout.delimiter)
    with suppress(ParameterError):
        return next((tuple(row) for number, row in rows if number == line), None)
    return None


def _with_samples(spec: Spec, table: Table, splitter: Splitter, split: Split) -> TableReport:
    """Return the report with what the samples tell: the task, the scales, the classes."""
    task: Task = "classes" if split.classes else "numbers" if split.targets else "labels"
    constant, at = splitter.inputs().constant, 0
    columns = []
    for column in table.report.columns:
        if column.role == "input":
            count = len(column.values) if _is_one_hot(column) else 1
            notes = [*column.notes, *_on_values(spec, column, bool(constant[at : at + count].all()))]
            notes += _on_classes(column, table, at, count) if task == "classes" else ()
            scale = split.inputs[at] if count == 1 else None
            column, at = replace(column, scale=scale, notes=tuple(notes)), at + count
        elif column.role == "target":
            column = _target(column, split)
        elif column.role == "order":
            what = (
                Phrase("it says which rows are for testing") if table.holds_out else Phrase("rows are in its order")
            )
            column = replace(column, notes=(what,))
        columns.append(column)
    return replace(table.report, task=task, columns=tuple(columns), train=len(split.train), test=len(split.test))


def _is_one_hot(column: ColumnReport) -> bool:
    """Tell whether each text of a column of inputs is an input."""
    return column.low is None and column.kind != "true/false"


def _on_values(spec: Spec, column: ColumnReport, is_constant: bool) -> Iterator[str]:
    """Yield what is to be told of the values of an input."""
    if is_constant:
        yield Phrase("it is constant in the rows for training, and so 0 for the networks")
    elif column.kind == "text":
        yield Phrase("its {n} texts are an input each", n=str(len(column.values)))
    elif column.kind == "true/false":
        yield Phrase("True is 1, False is 0")
    if column.missing and spec.reading.missing == "mean":
        yield Phrase("the mean stands where a value is missing, in {n} of its cells", n=f"{column.missing:,}")


def _on_classes(column: ColumnReport, table: Table, at: int, count: int) -> Iterator[str]:
    """Yield what is to be told of an input beside classes: that it tells them apart, or that it counts the rows."""
    x, labels = table.x[:, at : at + count], table.targets[:, 0]
    if x.shape[1] == table.x.shape[1] or len(x) < MIN_ROWS or np.isnan(x).any():
        return
    values = x.argmax(axis=1).astype(float) if count > 1 else x[:, 0]
    if count > 1 and _tells_apart(values, labels, len(np.unique(values)) - 1):
        yield Phrase("each of its texts stands in one class only; leave it out if it says the class in other words")
    elif count == 1 and _tells_apart(values, labels, len(np.unique(labels)) - 1):
        yield Phrase(
            "it alone tells the classes apart; leave it out if it is no measurement, but a number of the row"
        )
    elif _counts(values):
        yield Phrase("it numbers the rows; leave it out if it does no more")


def _tells_apart(values: Array, labels: Array, most: int) -> bool:
    """Tell whether the class is a function of a value, and changes at most so often as values grow."""
    pairs = np.unique(np.stack([values, labels], axis=1), axis=0)
    if len(np.unique(pairs[:, 0])) < len(pairs) or len(np.unique(labels)) < 2:
        return False
    return int((np.diff(pairs[:, 1]) != 0).sum()) <= most


def _counts(values: Array) -> bool:
    """Tell whether values are whole numbers without gaps, each once."""
    is_whole = bool((values == np.round(values)).all())
    is_dense = bool(np.ptp(values) == len(values) - 1)
    return is_whole and is_dense and len(np.unique(values)) == len(values)


def _target(column: ColumnReport, split: Split) -> ColumnReport:
    """Return the report of a target with its classes, or its scale."""
    if split.classes:
        y = np.concatenate([split.train.y, split.test.y])
        counts = [int(n) for n in y.sum(axis=0)] if y.shape[1] > 1 else [int((y == k).sum()) for k in (0.0, 1.0)]
        odd = [name for name in split.names if name.lower() in MISSING]
        notes = [Phrase("{name} is a class like others", name=Given(name)) for name in odd]
        if 2 * len(counts) > len(y):
            what = "most of its classes have one row only; name another target if these are no classes"
            notes.append(Phrase(what))
        return replace(column, values=split.names, counts=tuple(counts), notes=tuple(notes))
    scale = next((each for each in split.targets if each.name == column.name), None)
    return replace(column, scale=scale)

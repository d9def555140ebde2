"""How a table is understood, also one that is refused: for a window that shows it, and for the command line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from gradsim.engine.data.csv_file import Table, TableReader
from gradsim.engine.data.samples import Split
from gradsim.engine.data.table_report import ColumnReport, TableReport, Task
from gradsim.engine.data.table_rows import any_rows, first_rows
from gradsim.engine.data.table_samples import Splitter
from gradsim.engine.data.tables import Csv
from gradsim.schema.errors import Phrase
from gradsim.schema.parameters import ParameterError, parameters

SHOWN_ROWS = 8
"""So many rows are shown as they are written."""


def understood(spec: Csv) -> TableReport:
    """Return how a table is understood; of one that is refused, how far it was, and why it is refused."""
    reader = TableReader(spec.reading)
    report = TableReport(spec.path)
    refusal: ParameterError | None = None
    table = None
    try:
        spec.version()
        table = reader.read()
    except ParameterError as error:
        refusal = error
        reader.look()
    report = _so_far(spec, reader)
    if table is None:
        return replace(report, refusal=refusal)
    report = replace(report, rows=len(table.x), left_out=table.left_out, notes=table.notes)
    splitter = spec.splitter(table)
    try:
        return _with_samples(report, table, splitter, splitter.split())
    except ParameterError as error:
        return replace(report, refusal=error)


def settled(spec: Csv) -> Csv:
    """Return the settings with what was guessed written out, so that another guess will never change them."""
    report = understood(spec)
    if report.refusal is not None:
        return spec
    values = {
        "separator": report.separator,
        "decimal": report.decimal,
        "encoding": report.encoding,
        "header": "yes" if report.has_names else "no",
        "task": {"classes": "classes", "labels": "classes"}.get(report.task, "numbers"),
    }
    guessed = {key: value for key, value in values.items() if getattr(spec, key) == "auto"}
    allowed: dict[str, Any] = {key: value for key, value in guessed.items() if _is_allowed(spec, key, value)}
    return replace(spec, **allowed)


def _is_allowed(spec: Csv, key: str, value: str) -> bool:
    """Tell whether a setting can say what was found: not a separator of the line `sep=` that has no name."""
    return parameters(type(spec))[key].allows(value)


def _so_far(spec: Csv, reader: TableReader) -> TableReport:
    """Return what was understood of a file, whether its table is refused or not."""
    report = TableReport(spec.path)
    guessed = []
    if reader.decoded is not None:
        report = replace(report, encoding=reader.decoded.encoding)
        guessed += ["encoding"] if reader.decoded.guessed else []
    if reader.decoded is None:
        return report
    if reader.layout is None:
        rows = any_rows(spec.path, reader.decoded.text, spec.separator, SHOWN_ROWS)
        return replace(report, guessed=tuple(guessed), **_shown(rows))
    layout = reader.layout
    rows = first_rows(spec.path, reader.decoded.text, layout, SHOWN_ROWS)
    guessed += ["separator"] if layout.guessed else []
    guessed += [key for key in ("decimal", "header") if getattr(spec, key) == "auto"]
    return replace(
        report,
        separator=layout.separator,
        decimal=reader.decimal,
        guessed=tuple(guessed),
        has_names=bool(layout.names),
        why_names=layout.why,
        columns=reader.columns,
        rows=reader.rows,
        **_shown(rows),
    )


def _shown(rows: Sequence[tuple[int, list[str]]]) -> dict[str, Any]:
    return {"first": tuple(tuple(row) for _, row in rows), "lines": tuple(line for line, _ in rows)}


def _with_samples(report: TableReport, table: Table, splitter: Splitter, split: Split) -> TableReport:
    """Return the report with what the samples tell: the task, the scales, the classes."""
    task: Task = "classes" if split.classes else "numbers" if split.targets else "labels"
    scaled = splitter.inputs()
    scales = dict(zip(table.names, split.inputs, strict=False))
    constant = {name for name, is_so in zip(table.names, scaled.constant, strict=True) if is_so}
    columns = []
    for column in report.columns:
        if column.role == "input":
            column = replace(column, scale=scales.get(column.name), notes=tuple(_notes_on_input(column, constant)))
        elif column.role == "target":
            column = _target(column, split)
        columns.append(column)
    return replace(report, task=task, columns=tuple(columns), train=len(split.train), test=len(split.test))


def _notes_on_input(column: ColumnReport, constant: set[str]) -> Iterator[str]:
    if column.name in constant or column.kind == "constant":
        yield Phrase("it is constant, and so 0 for the networks")
    elif column.kind == "text":
        yield Phrase("its {n} texts are an input each", n=str(len(column.values)))
    elif column.kind == "true/false":
        yield Phrase("True is 1, False is 0")


def _target(column: ColumnReport, split: Split) -> ColumnReport:
    """Return the report of a target with its classes, or its scale."""
    if split.classes:
        y = np.concatenate([split.train.y, split.test.y])
        counts = [int(n) for n in y.sum(axis=0)] if y.shape[1] > 1 else [int((y == k).sum()) for k in (0.0, 1.0)]
        return replace(column, values=split.names, counts=tuple(counts))
    scale = next((each for each in split.targets if each.name == column.name), None)
    return replace(column, scale=scale)

"""Tables whose inputs are all plain numbers, which are read in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from gradsim.engine.data.tables.cells import values_of
from gradsim.engine.data.tables.columns import (
    Judged,
    are_close,
    check_labels,
    check_sizes,
    decimal_mark,
    judged,
    ranked,
)
from gradsim.engine.data.tables.description import (
    INDEX,
    is_index,
    notes_on,
    report_left_out,
    report_of,
    report_of_values,
)
from gradsim.engine.data.tables.progress import Progress
from gradsim.engine.data.tables.roles import Roles
from gradsim.engine.data.tables.rows import Layout
from gradsim.engine.data.tables.table import Table
from gradsim.engine.data.tables.text import bad
from gradsim.engine.types import Array
from gradsim.schema.errors import Phrase


def plain_table(progress: Progress, layout: Layout, roles: Roles) -> Table | None:
    """Return a table whose inputs are plain numbers; None if some cell is not."""
    if progress.decimal == "comma" or roles.order is not None:
        return None
    parts: list[Array] = []
    lines: list[int] = []
    targets: dict[int, list[str]] = {at: [] for at in roles.targets}
    away = sorted({*roles.targets, *roles.left_out}, reverse=True)
    for cells, new_lines in progress.pieces(layout):
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
        raise bad(progress.path, Phrase("has no row of data below its header"))
    progress.rows = len(lines)
    return _of_numbers(progress, layout, roles, np.concatenate(parts), targets, lines)


def _of_numbers(
    progress: Progress,
    layout: Layout,
    roles: Roles,
    x: Array,
    targets: dict[int, list[str]],
    lines: Sequence[int],
) -> Table | None:
    """Return a table of plain inputs with its targets; None if it needs a closer look."""
    found = _plain_targets(progress, layout, targets, lines)
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
    progress.columns = tuple(sorted(reports, key=lambda report: report.place))
    return Table(
        names=tuple(layout.columns[roles.inputs[i]] for i in kept),
        x=x,
        target_names=tuple(layout.columns[at] for at in roles.targets),
        targets=y,
        text=text,
        labels=labels.texts() if labels else (),
        zeros=(0.0,) * len(kept),
        target_zeros=(0.0,) * len(roles.targets),
        report=replace(progress.report(), rows=len(x), notes=tuple(notes_on(layout))),
    )


def _plain_targets(
    progress: Progress, layout: Layout, targets: dict[int, list[str]], lines: Sequence[int]
) -> tuple[Array, str, Judged | None] | None:
    """Return targets that are plain numbers, or the ranks of one of text; None for others."""
    columns = [values_of(cells) for cells in targets.values()]
    plain = [column for column in columns if column is not None]
    if len(plain) == len(columns):
        return None if any(map(are_close, plain)) else (np.stack(plain, axis=1), "", None)
    if len(columns) > 1 or progress.reading.task == "numbers":
        return None
    [(at, cells)] = targets.items()
    column = judged(layout.columns[at], at, cells, "point", keeps_marks=True)
    if column.kind != "text" or column.odd or decimal_mark([cells]) == "comma":
        return None
    check_sizes(progress.path, column, lines)
    check_labels(progress.path, column, lines)
    return *ranked(column, lines), column

"""What a column may be used as, and the settings that say so."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from gradsim.engine.data.tables.report import Role, TableReport
from gradsim.engine.data.tables.roles import roles_of
from gradsim.schema.errors import one_line
from gradsim.schema.parameters import ParameterError

TARGET, LEAVE_OUT, SPLIT_COLUMN = "target", "leave_out", "split_column"
IN_THE_GRID = ("path", TARGET, LEAVE_OUT, SPLIT_COLUMN)
"""The settings that need no editor beside the grid."""
INPUT, TARGET_TEXT, ONE_MORE, LEFT_OUT, BY = ROLE_TEXTS = (
    "Input", "Target", "One more target", "Left out", "Says which rows are for testing",
)  # fmt: skip
"""What is offered for a column."""
MOST_NAMES = 900
"""So many characters of names are written into a setting; of more columns, the positions."""


class RoleChoice(NamedTuple):
    """One of the things a column may be used as.

    Attributes
    ----------
    also
        As a target besides those there are.
    """

    role: Role
    text: str
    is_now: bool
    is_possible: bool
    also: bool = False


def possible_roles(report: TableReport, at: int) -> list[RoleChoice]:
    """Return what the column at an index may be used as; the only target stays one until another is chosen."""
    now, targets = report.columns[at].role, report.of_role("target")
    others = now != "target" or len(targets) > 1
    found = [
        RoleChoice("input", INPUT, now == "input", others),
        RoleChoice("target", TARGET_TEXT, now == "target", True),
        RoleChoice("left out", LEFT_OUT, now == "left out", others),
        RoleChoice("order", BY, now == "order", others),
    ]
    if targets and now != "target":
        found.insert(2, RoleChoice("target", ONE_MORE, False, True, also=True))
    return found


class Places(NamedTuple):
    """The indices of the columns that settings name."""

    targets: list[int]
    left_out: list[int]
    order: list[int]


def with_role(table: Mapping[str, Any], report: TableReport, at: int, role: str, also: bool) -> dict[str, Any]:
    """Return the settings by which the column at an index is used as `role`, and the others as before."""
    names = [column.name for column in report.columns]
    places = Places(*([i for i in part if i != at] for part in places_of(table, report)))
    if role == "target":
        places = places._replace(targets=[*(places.targets if also else []), at])
    elif role == "left out":
        places.left_out.append(at)
    elif role == "order":
        places = places._replace(order=[at])
    return {
        TARGET: named(places.targets, names) or table[TARGET],
        LEAVE_OUT: named(sorted(places.left_out), names),
        SPLIT_COLUMN: named(places.order, names),
    }


def places_of(table: Mapping[str, Any], report: TableReport) -> Places:
    """Return what the settings name; where they contradict each other, what the report makes of them."""
    names = [column.name for column in report.columns]
    try:
        found = roles_of(names, table[TARGET], table[LEAVE_OUT], table[SPLIT_COLUMN])
    except ParameterError:
        return Places(*([c.place - 1 for c in report.of_role(role)] for role in ("target", "left out", "order")))
    order = [] if found.order is None else [found.order]
    return Places(list(found.targets), list(found.left_out), order)


def named(places: Collection[int], names: Sequence[str]) -> str:
    """Return columns as a setting names them: by their names where these say it, else by their positions from 1."""
    by_name = [names[i] if _is_clear(names[i], names) else str(i + 1) for i in places]
    text = ", ".join(by_name)
    return text if len(text) <= MOST_NAMES else ", ".join(str(i + 1) for i in places)


def _is_clear(name: str, names: Sequence[str]) -> bool:
    """Tell whether a setting can name a column by its name."""
    plain = name == name.strip() == one_line(name) and "," not in name and not re.fullmatch("-?[0-9]*", name)
    return plain and names.count(name) == 1

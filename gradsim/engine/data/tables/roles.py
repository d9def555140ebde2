"""What the columns of a table are for: inputs, targets, left out, or saying which rows are for testing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from gradsim.engine.data.tables.report import Role
from gradsim.schema.errors import Given, Phrase, nearest, quoted
from gradsim.schema.parameters import ParameterError

MAX_NAMED = 12
"""The largest number of columns that an error line names."""


class Roles(NamedTuple):
    """The positions of the columns, from 0, by what they are for."""

    inputs: tuple[int, ...]
    targets: tuple[int, ...]
    left_out: tuple[int, ...]
    order: int | None

    def of(self, place: int) -> Role:
        """Return what a column is for."""
        if place in self.targets:
            return "target"
        if place == self.order:
            return "order"
        return "left out" if place in self.left_out else "input"


def roles_of(names: Sequence[str], target: str, leave_out: str, order: str) -> Roles:
    """Return what the columns of these names are for.

    Parameters
    ----------
    target, leave_out
        Columns by name or position from 1, -1 for the last; several with commas between them.
    order
        The column that says which rows are for testing; "" for none.

    Raises
    ------
    ParameterError
        For a column that there is not, or that is to be two things.
    """
    targets = _places("target", target, names)
    left_out = _places("leave_out", leave_out, names) if leave_out else []
    by = _place("split_column", order, names) if order else None
    for setting, places in (("leave_out", left_out), ("split_column", [] if by is None else [by])):
        for place in places:
            if place in targets:
                raise ParameterError(setting, Phrase("the column {name} is the target", name=Given(names[place])))
    if by in left_out:
        raise ParameterError("split_column", Phrase("the column {name} is left out", name=Given(names[by or 0])))
    inputs = tuple(i for i in range(len(names)) if i not in (*targets, *left_out, by))
    if not inputs and len(targets) == len(names):
        template = "{target} are all columns; beside the targets an input is needed"
        raise ParameterError("target", Phrase(template, target=Given(target)))
    if not inputs:
        setting = "leave_out" if left_out else "split_column"
        raise ParameterError(setting, Phrase("no column is left as an input"))
    return Roles(inputs, tuple(targets), tuple(sorted(left_out)), by)


def _places(setting: str, given: str, names: Sequence[str]) -> list[int]:
    """Return the indices of columns, in the order in which they are given."""
    if "," not in given or given in names:
        return [_place(setting, given, names)]
    places = [_place(setting, part.strip(), names) for part in given.split(",")]
    for i, place in enumerate(places):
        if place in places[:i]:
            what = Phrase("{target} names the column {name} twice", target=Given(given), name=Given(names[place]))
            raise ParameterError(setting, what)
    return places


def _place(setting: str, given: str, names: Sequence[str]) -> int:
    """Return the index of a column."""
    if names.count(given) == 1:
        return names.index(given)
    if given in names:
        template, count = "{count} columns are called {target}; give a position", str(names.count(given))
        raise ParameterError(setting, Phrase(template, count=count, target=Given(given)))
    if given == "-1":
        return len(names) - 1
    if re.fullmatch("-?[0-9]+", given):
        if 1 <= int(given) <= len(names):
            return int(given) - 1
        template = "there is no column {target}; a position is from 1 to {count}, or -1 for the last"
        raise ParameterError(setting, Phrase(template, target=given, count=f"{len(names):,}"))
    some = ", ".join(map(quoted, names[:MAX_NAMED])) + (", …" if len(names) > MAX_NAMED else "")
    template, near = "{target} is not one of the columns {some}{nearest}", nearest(given, names)
    raise ParameterError(setting, Phrase(template, target=Given(given), some=some, nearest=near))

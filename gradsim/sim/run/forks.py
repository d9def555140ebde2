"""Forks: runs that share their past with another, and go on differently.

A fork is not marked as one: it is a run whose settings are those of another up
to a change. So forks of forks, several forks of one run, and forks whose parent
was removed need nothing of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Any, NamedTuple

from gradsim.schema.parameters import EntryOf, Parameter
from gradsim.sim.run.changes import DONE_ONCE


class SharedPast(NamedTuple):
    """The run with which another shares its past, and the last step of it that both share to the bit."""

    parent: int
    step: int


def shared_past(runs: Sequence[Any]) -> list[SharedPast | None]:
    """Return with which earlier run each run shares the most of its past; None for none, or for one that is equal.

    Of several that share as much, it is the first: of two forks made at one step, neither is the other's parent.
    """
    found: list[SharedPast | None] = []
    for i, run in enumerate(runs):
        steps = [(parent, _shared_steps(other, run)) for parent, other in enumerate(runs[:i])]
        shared = [SharedPast(parent, step) for parent, step in steps if step is not None]
        found.append(max(shared, key=lambda past: past.step, default=None))
    return found


def _shared_steps(one: Any, other: Any) -> int | None:
    """Return the step of the first change in which two runs differ; None where they differ before, or never."""
    if replace(one, label="-", changes=()) != replace(other, label="-", changes=()):
        return None
    for pair in zip_longest(one.changes, other.changes):
        if pair[0] != pair[1]:
            return min(int(change.step) for change in pair if change)
    return None


def fork_of(table: Mapping[str, Any], run: int, step: int) -> dict[str, Any]:
    """Return a full table with one more run at the end: a copy of run `run` that differs from `step` on.

    Its change there is a copy of run `run`'s or, where that has none, an empty one, to be edited. Later changes
    are not copied. The new run is named after its changes.
    """
    runs = table["runs"]
    parent = runs[run]
    past = [change for change in parent.get("changes", []) if change["step"] <= step]
    return {**table, "runs": [*runs, {**parent, "label": "", "changes": _with_change(past, step)}]}


def change_from(table: Mapping[str, Any], run: int, step: int) -> dict[str, Any]:
    """Return a full table in which run `run` has a change at `step`: its own or, where it has none, an empty one."""
    runs = list(table["runs"])
    runs[run] = {**runs[run], "changes": _with_change(runs[run].get("changes", []), step)}
    return {**table, "runs": runs}


def _with_change(changes: Sequence[Mapping[str, Any]], step: int) -> list[Mapping[str, Any]]:
    if any(change["step"] == step for change in changes):
        return list(changes)
    return sorted([*changes, {"step": step}], key=lambda change: change["step"])


def without_change(table: Mapping[str, Any], run: int, step: int) -> dict[str, Any]:
    """Return a full table in which run `run` has no change at `step`."""
    runs = list(table["runs"])
    runs[run] = {**runs[run], "changes": [change for change in runs[run]["changes"] if change["step"] != step]}
    return {**table, "runs": runs}


def in_force(run: Mapping[str, Any], step: int) -> dict[str, Any]:
    """Return a run's full table with the settings that are in force after `step` was measured.

    What is done once is that of a change at this very step.
    """
    found = dict(run)
    for change in run["changes"]:
        if change["step"] <= step:
            found |= {name: value for name, value in change.items() if name != "step"}
    at_once: Mapping[str, Any] = next((change for change in run["changes"] if change["step"] == step), {})
    return found | {name: at_once.get(name, "") for name in DONE_ONCE & run.keys()}


def with_setting(run: Mapping[str, Any], step: int, name: str, value: Any, parameter: Parameter) -> dict[str, Any]:
    """Return a run's full table whose change at `step` sets `name`; not so where that is as it was before."""
    before, now = in_force(run, step - 1)[name], in_force(run, step)[name]
    left = _is_as_before(parameter, before, now, value)
    changes = []
    for change in run["changes"]:
        if change["step"] == step:
            others = {key: given for key, given in change.items() if key != name}
            change = others if left else {**change, name: value}
        changes.append(change)
    return {**run, "changes": changes}


def _is_as_before(parameter: Parameter, before: Any, now: Any, value: Any) -> bool:
    """Tell whether a value is that from before a change; an entry that is chosen again comes with its settings."""
    if isinstance(parameter, EntryOf):
        was, then, chosen = map(parameter.label_of, (before, now, value))
        if was == chosen != then:
            return True
    if not (parameter.allows(before) and parameter.allows(value)):
        return bool(before == value)
    return bool(parameter.parse(before) == parameter.parse(value))

"""Where in the panel a refusal belongs, and how it is told there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from gradsim.schema.parameters import Parameter, ParameterError
from gradsim.sim.documents.drafts import Draft
from gradsim.sim.kinds import kinds
from gradsim.sim.run.changes import change_text
from gradsim.sim.run.forks import in_force
from gradsim.ui.panels.scope import ALL, Scope


class Place(NamedTuple):
    """The place of a refusal.

    Attributes
    ----------
    run, change
        The run and which of its changes it is in, None for none.
    inside
        The setting, and the path inside it: ``optimizer.learning_rate``.
    """

    run: int | None
    change: int | None
    inside: str


def place_of(path: str) -> Place:
    """Return the place that a path leads to: 1, 0, clip of runs[1].changes[0].clip."""
    found = re.match(r"runs\[(\d+)\]\.(?:changes\[(\d+)\]\.?)?(.*)", path)
    if not found:
        return Place(None, None, path)
    return Place(int(found[1]), int(found[2]) if found[2] else None, found[3])


def names_in(draft: Draft, language: str) -> list[str]:
    """Return what the runs of a draft are called."""
    return kinds()[draft.table["kind"]].names(draft.table["runs"], language)


def problem_of(draft: Draft, scope: Scope, language: str) -> str:
    """Return why a draft is not allowed, "" if it is; run or step are named where they are not what is edited."""
    if draft.refusal is None:
        return ""
    path, problem = draft.refusal
    run, change, inside = place_of(path)
    runs = draft.table["runs"]
    if run is None or (run, change) == (scope.run, scope.change(draft.table)):
        return problem
    if run == scope.run:
        where = "" if change is None else step_text(runs[run]["changes"][change], language)
        return f"{where or names_in(draft, language)[run]}: {problem}"
    alike = scope.run == ALL and are_alike(runs, run, inside)
    return problem if alike else f"{names_in(draft, language)[run]}: {problem}"


def are_alike(runs: Sequence[Mapping[str, Any]], run: int, inside: str) -> bool:
    """Tell whether all runs have the setting that a path leads into as run `run` has it."""
    key = re.split(r"[.\[]", inside)[0]
    return all(other.get(key) == runs[run].get(key) for other in runs)


def change_texts(run: Mapping[str, Any], settings: Mapping[str, Parameter], language: str) -> list[tuple[int, str]]:
    """Return the step of each change of a run and what it is called; of what is not allowed, the step alone."""
    found = []
    for change in run["changes"]:
        step = change["step"]
        try:
            text = change_text(change, in_force(run, step - 1), settings, language)
        except (ParameterError, TypeError):
            text = step_text(change, language)
        found.append((step, text))
    return found


def step_text(change: Mapping[str, Any], language: str) -> str:
    """Return what a change is called by its step alone: "from 100"."""
    return change_text({"step": change["step"]}, {}, {}, language)

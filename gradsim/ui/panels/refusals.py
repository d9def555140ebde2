"""Where in the panel a refusal belongs, and how it is told there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from gradsim.schema.errors import Phrase, told
from gradsim.schema.parameters import EntryOf, Parameter, ParameterError, parameters
from gradsim.sim.documents.drafts import Draft
from gradsim.sim.kinds import kinds
from gradsim.sim.run.changes import change_text
from gradsim.sim.run.forks import in_force
from gradsim.ui.panels.scope import ALL, Scope
from gradsim.words.languages import translate
from gradsim.words.numbers import power


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
    return kinds()[draft.table["kind"]].names(draft.table, language)


def problem_of(draft: Draft, scope: Scope, language: str) -> str:
    """Return why a draft is not allowed, "" if it is; run or step are named where they are not what is edited."""
    return _told(draft, [_where(draft, scope, language)], language) if draft.refusal else ""


def told_with_label(draft: Draft, scope: Scope, language: str) -> str:
    """Return why a draft is not allowed where no field is near: the setting is named before it."""
    names = [_where(draft, scope, language), translate(label_at(draft), language)]
    return _told(draft, names, language) if draft.refusal else ""


def _told(draft: Draft, names: Sequence[str], language: str) -> str:
    assert draft.refusal is not None
    problem, where = _worded(draft.refusal.problem, language), translate(", ", language).join(filter(None, names))
    return translate("{where}: {problem}", language).format(where=where, problem=problem) if where else problem


def _where(draft: Draft, scope: Scope, language: str) -> str:
    """Return the run or the change that is refused, by its name, "" where it is what is edited."""
    run, change, inside = place_of(draft.refusal.path if draft.refusal else "")
    runs = draft.table["runs"]
    if run is None or (run, change) == (scope.run, scope.change(draft.table)):
        return ""
    if run == scope.run and change is not None:
        return step_text(runs[run]["changes"][change], language)
    return "" if scope.run == ALL and are_alike(runs, run, inside) else names_in(draft, language)[run]


def label_at(draft: Draft) -> str:
    """Return the English name of the setting that is refused, "" where it is no one setting."""
    place = place_of(draft.refusal.path if draft.refusal else "")
    kind = kinds()[draft.table["kind"]]
    keys = re.findall(r"[^.\[\]]+", place.inside)
    if place.run is None:
        return _label(parameters(kind.experiment), keys, draft.table)
    return _label(parameters(kind.run), keys, draft.table["runs"][place.run])


def _label(known: Mapping[str, Parameter], keys: Sequence[str], table: Any) -> str:
    """Return what the last of the settings is called that keys lead to, from a table through entries in it."""
    parameter = known.get(keys[0]) if keys else None
    if parameter is None:
        return ""
    value = table.get(keys[0]) if isinstance(table, Mapping) else None
    name = value.get("name") if isinstance(value, Mapping) else value
    if isinstance(parameter, EntryOf) and isinstance(name, str) and name in parameter.registry:
        return _label(parameters(parameter.registry[name]), keys[1:], value) or parameter.label
    return parameter.label


_EXPONENT = re.compile(r"(?<![\w.'])(\d+(?:\.\d+)?)e([+-]?\d+)(?!\w)")


def _raised(found: re.Match[str]) -> str:
    """Return a number such as 1e-12 with its power of ten as pictures have it."""
    tens = power(int(found[2]))
    return tens if found[1] == "1" else f"{found[1]} × {tens}"


def _worded(problem: str, language: str) -> str:
    """Return a problem in the words of a window; where a comma was typed in a number, with a word about that."""
    words = _EXPONENT.sub(_raised, told(problem, partial(translate, language=language)))
    given = problem.values.get("value", "") if isinstance(problem, Phrase) else ""
    hint = translate(" Write the decimal mark as a point: 1.25.", language)
    return words + hint if re.fullmatch(r"'-?\d+,\d+'", given) else words


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

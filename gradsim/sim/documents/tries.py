"""Things to try: changes of an experiment that a lesson proposes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gradsim.schema.errors import unknown_name
from gradsim.schema.parameters import EntryOf, ParameterError, parameters
from gradsim.sim.documents.document import Document
from gradsim.sim.documents.experiments import experiment_from, followed, full_table
from gradsim.sim.documents.lesson_parts import Try
from gradsim.sim.documents.measures import run_index
from gradsim.sim.kinds import kind_of

_SHORT_FOR = {"learning_rate": "optimizer"}
"""Settings within an entry that may stand for themselves, and the entry."""


def applied(document: Document, tried: Try) -> Document:
    """Return the document after a change; ParameterError where that is not allowed."""
    before = full_table(document.experiment)
    table = changed_table(document, tried)
    if len(table["runs"]) == len(before["runs"]):
        table = followed(before, before, table)
    return document.with_experiment(experiment_from(table))


def changed_table(document: Document, tried: Try) -> dict[str, Any]:
    """Return the full table of the document's experiment with a change: what a draft is edited with."""
    experiment = document.experiment
    kind, table = kind_of(experiment), full_table(experiment)
    of_runs, known = parameters(kind.run), _settings(document)
    for key in tried.set:
        if key not in known:
            raise ParameterError(f"set.{key}", unknown_name(key, known))
    own = {key: value for key, value in tried.set.items() if key in of_runs or key in _SHORT_FOR}
    whole = {key: value for key, value in tried.set.items() if key not in own}
    chosen = range(len(table["runs"])) if tried.run is None else [run_index(experiment, tried.run)]
    runs = [_merged(run, own) if i in chosen else run for i, run in enumerate(table["runs"])]
    runs += [_merged({**runs[0], "label": "", "changes": []}, more) for more in tried.runs]
    return {**_merged(table, whole), "runs": runs}


def _merged(table: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table with some values in place of others; a table without a name changes the one that is there."""
    found = dict(table)
    for key, value in changes.items():
        if key in _SHORT_FOR:
            key, value = _SHORT_FOR[key], {key: value}
        found[key] = _part_of(found.get(key), value)
    return found


def _part_of(old: object, value: Any) -> Any:
    """Return a new value; a table without a name is put into the old one."""
    old = {"name": old} if isinstance(old, str) else old
    if isinstance(old, Mapping) and isinstance(value, Mapping) and "name" not in value:
        return {**old, **value}
    return value


def _settings(document: Document) -> list[str]:
    """Return the names of the settings that may be changed, those with a short name among them."""
    kind = kind_of(document.experiment)
    return [*parameters(kind.experiment), *parameters(kind.run), *_SHORT_FOR]


def controls(document: Document) -> list[str]:
    """Return the names of all settings that a form shows of an experiment, those of the entries in use among them."""
    experiment = document.experiment
    found: dict[str, None] = {}
    for owner in (experiment, *experiment.runs):
        for name, parameter in parameters(type(owner)).items():
            inner = parameters(type(getattr(owner, name))) if isinstance(parameter, EntryOf) else []
            found |= dict.fromkeys([name, *inner])
    return [*found, "runs"]


def check_tries(document: Document) -> None:
    """Refuse things to try that are not allowed in the lesson's own experiment."""
    for i, tried in enumerate(document.lesson.tries if document.lesson else ()):
        path = f"lesson.tries[{i}]"
        try:
            after = applied(document, tried)
        except ParameterError as error:
            raise _as_written(error, document, tried).below(path) from None
        known = list(dict.fromkeys([*controls(document), *controls(after)]))
        if tried.control and tried.control not in known:
            raise ParameterError(f"{path}.control", unknown_name(tried.control, known))


_RUN = re.compile(r"runs\[(\d+)\]\.?")


def _as_written(error: ParameterError, document: Document, tried: Try) -> ParameterError:
    """Return an error of the changed experiment with its path in the thing to try: of its settings, or its runs."""
    if error.path == "run" or error.path.startswith("set."):
        return error
    path, count = error.path, len(document.experiment.runs)
    found = _RUN.match(path)
    if found and int(found[1]) >= count:
        return ParameterError(f"runs[{int(found[1]) - count}].{path[found.end() :]}", error.problem)
    path = path[found.end() :] if found else path
    short = next((name for name, entry in _SHORT_FOR.items() if path == f"{entry}.{name}" and name in tried.set), "")
    return ParameterError(f"set.{short or path}", error.problem)

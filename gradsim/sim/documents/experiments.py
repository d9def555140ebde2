"""Experiments as frozen, validated values; plain tables in and out.

``[common]`` is a way of writing: a run holds all of its settings, and what all
runs share is found again when an experiment is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gradsim.schema.errors import Phrase, unknown_name
from gradsim.schema.parameters import ParameterError, decode, encode, parameters, parse_table, said
from gradsim.sim.kinds import DEFAULT_KIND, Experiment, kind_of, kinds
from gradsim.sim.run.names import follow_settings, kept_true


def experiment_from(table: Mapping[str, Any]) -> Experiment:
    """Build an experiment from plain values, as in a file.

    Raises
    ------
    ParameterError
        For anything that is unknown, missing, not allowed or contradictory.
    """
    key = table.get("kind", DEFAULT_KIND)
    if not isinstance(key, str) or key not in kinds():
        raise ParameterError("kind", unknown_name(key, kinds()))
    kind = kinds()[key]
    settings = parameters(kind.experiment)
    known = {*settings, "kind", "common", "runs"}
    for name in table:
        if name not in known:
            raise ParameterError(str(name), unknown_name(name, sorted(known)))
    values = parse_table(kind.experiment, {name: value for name, value in table.items() if name in settings})
    built: Experiment = kind.build(values, _runs_from(table, kind.run), table)
    return _without_needless_labels(built)


def adapted(experiment: Experiment, table: Mapping[str, Any]) -> Experiment:
    """Return an experiment built from a table, whose data can be found now, with usual values that suit it."""
    common = table.get("common", {})
    found: Experiment = kind_of(experiment).adapted(experiment, [{**common, **run} for run in table.get("runs", [])])
    return found


def _without_needless_labels(experiment: Experiment) -> Experiment:
    """Return the experiment without labels that say what the runs are called anyway: so the names may follow."""
    tables, fields = [encode(run) for run in experiment.runs], parameters(type(experiment.runs[0]))
    needless = follow_settings(tables, fields, experiment.named_by)
    if not any(run.label and drop for run, drop in zip(experiment.runs, needless, strict=True)):
        return experiment
    runs = [replace(run, label="") if drop else run for run, drop in zip(experiment.runs, needless, strict=True)]
    return experiment.with_settings(runs=tuple(runs))


def _runs_from(table: Mapping[str, Any], run_cls: type[Any]) -> tuple[Any, ...]:
    common, runs = table.get("common", {}), table.get("runs", [])
    parse_table(run_cls, common, "common")
    if not isinstance(runs, list) or not all(isinstance(run, Mapping) for run in runs):
        raise ParameterError("runs", Phrase("is not a list of [[runs]] tables"))
    built = []
    for i, run in enumerate(runs):
        path = f"runs[{i}]"
        parse_table(run_cls, run, path)
        built.append(decode(run_cls, {**common, **run}, path))
    return tuple(built)


def table_of(experiment: Experiment) -> dict[str, Any]:
    """Return the experiment as plain values, what all runs share under ``common``; no changes are not written."""
    runs = [encode(run) for run in experiment.runs]
    for run in runs:
        if not run["label"]:
            del run["label"]
    shared = shared_settings(runs) if len(runs) > 1 else []
    fields = parameters(type(experiment.runs[0]))
    table: dict[str, Any] = {"kind": experiment.kind, **encode(experiment)}
    if common := said({key: runs[0][key] for key in shared}, fields):
        table["common"] = common
    table["runs"] = [said({key: run[key] for key in run if key not in shared}, fields) for run in runs]
    return table


def full_table(experiment: Experiment) -> dict[str, Any]:
    """Return the experiment as plain values with every run complete: what a form edits."""
    return {"kind": experiment.kind, **encode(experiment), "runs": [encode(run) for run in experiment.runs]}


def shared_settings(runs: list[dict[str, Any]]) -> list[str]:
    """Return the settings that have the same value in all `runs` (tables), in their order."""
    return [key for key in runs[0] if key != "label" and all(run[key] == runs[0][key] for run in runs)]


def followed(allowed: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return an edited full table with what follows from the edit.

    `before` is the table before the edit, which need not be allowed, and `allowed` the last that was; all three
    have the same number of runs. A name that was typed stays true, see :func:`gradsim.sim.run.names.kept_true`.
    """
    kind = kinds()[after["kind"]]
    table = kind.after_edit(allowed, before, after)
    fields = parameters(kind.run)
    taken = [str(run["label"]) for run in table["runs"]]
    runs = []
    for i, (old, new) in enumerate(zip(before["runs"], table["runs"], strict=True)):
        label = kept_true(old, new, fields)
        runs.append({**new, "label": label if label not in taken[:i] + taken[i + 1 :] else new["label"]})
    return {**table, "runs": runs}


def with_another_run(table: Mapping[str, Any], like: int) -> dict[str, Any]:
    """Return a full table with one more run at the end, which is called after what differs."""
    return {**table, "runs": [*table["runs"], {**kinds()[table["kind"]].another_run(table, like), "label": ""}]}


def without_run(table: Mapping[str, Any], index: int) -> dict[str, Any]:
    """Return a full table without one of its runs."""
    return {**table, "runs": [run for i, run in enumerate(table["runs"]) if i != index]}

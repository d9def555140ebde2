"""Experiments as frozen, validated values; plain tables in and out.

``[common]`` is a way of writing: a run holds all of its settings, and what all
runs share is found again when an experiment is written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from gradsim.engine.optim import OPTIMIZERS
from gradsim.engine.surfaces import SURFACES, Surface
from gradsim.schema.parameters import (
    EntryOf,
    ParameterError,
    decode,
    encode,
    parameters,
    parse_table,
    unknown_name,
)
from gradsim.sim.kinds.race.spec import Race, RaceRun, race_followed, suited, with_suited_rate
from gradsim.sim.kinds.train.spec import Train, TrainRun
from gradsim.sim.run.settings import LABEL, MAX_RUNS

R = TypeVar("R", TrainRun, RaceRun)

__all__ = ["KINDS", "MAX_RUNS", "Experiment", "Race", "RaceRun", "Train", "TrainRun"]

Experiment = Train | Race
"""What a file holds."""

KINDS: dict[str, tuple[type[Train], type[TrainRun]] | tuple[type[Race], type[RaceRun]]] = {
    "train": (Train, TrainRun),
    "race": (Race, RaceRun),
}


def experiment_from(table: Mapping[str, Any]) -> Experiment:
    """Build an experiment from plain values, as in a file.

    Raises
    ------
    ParameterError
        For anything that is unknown, missing, not allowed or contradictory.
    """
    kind = table.get("kind", "train")
    if not isinstance(kind, str) or kind not in KINDS:
        raise ParameterError("kind", unknown_name(kind, KINDS))
    cls, run_cls = KINDS[kind]
    known = {*parameters(cls), "kind", "common", "runs"}
    for key in table:
        if key not in known:
            raise ParameterError(str(key), unknown_name(key, sorted(known)))
    settings = {key: value for key, value in table.items() if key in parameters(cls)}
    values = parse_table(cls, settings)
    if run_cls is RaceRun:
        runs = _named(_runs_from(table, RaceRun), table)
        return Race(**values, runs=_suited(table, runs, values.get("surface", Race.surface)))
    return Train(**values, runs=_runs_from(table, TrainRun))


def _suited(table: Mapping[str, Any], runs: tuple[RaceRun, ...], surface: Surface) -> tuple[RaceRun, ...]:
    """Return the runs of a race, those whose learning rate is not given with the one that suits them."""
    common = table.get("common", {}).get("optimizer")
    given = [run.get("optimizer", common) for run in table.get("runs", [])]
    return tuple(
        run if isinstance(told, Mapping) and "learning_rate" in told else with_suited_rate(run, surface)
        for run, told in zip(runs, given, strict=True)
    )


def _runs_from(table: Mapping[str, Any], run_cls: type[R]) -> tuple[R, ...]:
    common, runs = table.get("common", {}), table.get("runs", [])
    parse_table(run_cls, common, "common")
    if not isinstance(runs, list) or not all(isinstance(run, Mapping) for run in runs):
        raise ParameterError("runs", "is not a list of [[runs]] tables")
    built = []
    for i, run in enumerate(runs):
        path = f"runs[{i}]"
        parse_table(run_cls, run, path)
        built.append(decode(run_cls, {"label": f"Run {i + 1}", **common, **run}, path))
    return tuple(built)


def _named(runs: tuple[RaceRun, ...], table: Mapping[str, Any]) -> tuple[RaceRun, ...]:
    """Return the runs of a race, those without a name called by their optimizers."""
    given = [run.get("label") for run in table.get("runs", [])]
    taken, named = [label for label in given if label], []
    for run, label in zip(runs, given, strict=True):
        if label is None and "label" not in table.get("common", {}):
            run = replace(run, label=_free_label(run.optimizer.label, taken))
            taken.append(run.label)
        named.append(run)
    return tuple(named)


def table_of(experiment: Experiment) -> dict[str, Any]:
    """Return the experiment as plain values, what all runs share under ``common``."""
    runs = [encode(run) for run in experiment.runs]
    shared = shared_settings(runs) if len(runs) > 1 else []
    table: dict[str, Any] = {"kind": experiment.kind, **encode(experiment)}
    if shared:
        table["common"] = {key: runs[0][key] for key in shared}
    table["runs"] = [{key: value for key, value in run.items() if key not in shared} for run in runs]
    return table


def full_table(experiment: Experiment) -> dict[str, Any]:
    """Return the experiment as plain values with every run complete: what a form edits."""
    return {"kind": experiment.kind, **encode(experiment), "runs": [encode(run) for run in experiment.runs]}


def shared_settings(runs: list[dict[str, Any]]) -> list[str]:
    """Return the settings that have the same value in all `runs` (tables), in their order."""
    return [key for key in runs[0] if key != "label" and all(run[key] == runs[0][key] for run in runs)]


def followed(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return an edited full table with what follows from the edit; `before` is the last that was allowed."""
    return _renamed(before, race_followed(before, after) if after["kind"] == "race" else dict(after))


def _renamed(before: Mapping[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Return an edited full table in which runs that were called by an entry, as Sigmoid or ReLU 2, still are."""
    entries = {k: p for k, p in parameters(KINDS[after["kind"]][1]).items() if isinstance(p, EntryOf)}
    runs = [dict(run) for run in after["runs"]]
    for i, (old, new) in enumerate(zip(before["runs"], runs, strict=True)):
        for key, parameter in entries.items():
            was, now = parameter.label_of(old[key]), parameter.label_of(new[key])
            called = was and re.fullmatch(rf"{re.escape(was)}( \d+)?", old["label"])
            if called and now not in ("", was) and new["label"] == old["label"]:
                new["label"] = _free_label(now, [run["label"] for run in runs[:i] + runs[i + 1 :]])
    return {**after, "runs": runs}


def inapplicable(table: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the settings of runs that mean nothing in an experiment, given as a full table."""
    if table["kind"] != "race":
        return ()
    surface = table["surface"]
    name = surface if isinstance(surface, str) else surface["name"]
    return () if SURFACES[name].sample_count else ("batch_size",)


def with_another_run(table: Mapping[str, Any], like: int) -> dict[str, Any]:
    """Return a full table with one more run at the end.

    It is like run `like` but for its label; in a race it has the first
    optimizer that is not in it yet, at the rate that suits it.
    """
    runs = table["runs"]
    new = {**runs[like]}
    if table["kind"] == "race":
        raced = {run["optimizer"]["name"] for run in runs}
        key = next((key for key in OPTIMIZERS if key not in raced), new["optimizer"]["name"])
        new["label"] = OPTIMIZERS[key].label
        if key not in raced:
            new["optimizer"] = suited(table["surface"], key)
    new["label"] = _free_label(new["label"], [run["label"] for run in runs])
    return {**table, "runs": [*runs, new]}


def without_run(table: Mapping[str, Any], index: int) -> dict[str, Any]:
    """Return a full table without one of its runs."""
    return {**table, "runs": [run for i, run in enumerate(table["runs"]) if i != index]}


def _free_label(label: str, taken: list[str]) -> str:
    """Return `label`, numbered if it is taken, no longer than labels may be."""
    most = LABEL.most - 3
    numbered = (f"{label[:most]} {number}" for number in range(2, len(taken) + 3))
    return next(each for each in (label, *numbered) if each not in taken)

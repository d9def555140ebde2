"""Experiments at the ends of what is allowed, with how they are looked at; and smaller ones, to find the smallest."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gradsim.engine.nn.losses import LOSSES
from gradsim.engine.surfaces import SURFACES
from gradsim.schema.parameters import EntryOf, ParameterError, parameters
from gradsim.sim.documents.document import Document
from gradsim.sim.documents.experiments import experiment_from
from gradsim.sim.kinds import Experiment, kind_of, kinds
from gradsim.sim.kinds.race.spec import RaceRun
from gradsim.sim.kinds.train.spec import TrainRun
from gradsim.ui.themes import THEMES
from gradsim.ui.views.catalogue import VIEWS, of_kind
from gradsim.ui.views.common.options import listed
from gradsim.words.languages import languages
from tests.trials.extremes.values import entry_of, few, value_of, whole

SIZES = (
    (300, 200),
    (400, 300),
    (400, 700),
    (640, 480),
    (640, 480),
    (800, 560),
    (1024, 768),
    (1920, 1080),
    (3840, 2160),
)
RACES = 0.35
"""How often a case is a race."""
SELDOM = 0.02
"""How often a case is of one of the two large sizes, which take long to paint."""
Table = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """What is drawn: an experiment as a table, and views of it with their options, in a look and a size."""

    table: Table
    views: tuple[str, ...]
    options: Table = field(default_factory=dict)
    theme: str = "light"
    language: str = "en"
    size: tuple[int, int] = (640, 480)


def random_case(chance: random.Random) -> Case:
    """Return a case whose experiment is not refused."""
    make = _race if chance.random() < RACES else _training
    while (document := document_of(table := make(chance))) is None:
        pass
    keys, options = _views(document.experiment, chance)
    return Case(
        table,
        keys,
        options,
        chance.choice(list(THEMES)),
        chance.choice(languages()),
        chance.choice(SIZES[-2:] if chance.random() < SELDOM else SIZES[:-2]),
    )


def random_table(chance: random.Random) -> Table:
    """Return an experiment, which may be refused."""
    return _race(chance) if chance.random() < RACES else _training(chance)


def document_of(table: Table) -> Document | None:
    """Return the experiment of a table, None if it is refused."""
    try:
        experiment = experiment_from(table)
        kind_of(experiment).check(experiment)
    except ParameterError:
        return None
    return Document(experiment)


def _views(experiment: Experiment, chance: random.Random) -> tuple[tuple[str, ...], Table]:
    """Return one or two of the views that apply, and some of their options."""
    known = [key for key, view in of_kind(experiment.kind).items() if view.refusal(experiment) is None]
    keys = chance.sample(known, min(len(known), chance.choice((1, 1, 2))))
    options: Table = {}
    for key in keys:
        for name, parameter in parameters(VIEWS[key].options_type).items():
            if chance.random() < 0.4:
                options[name] = chance.choice(listed(parameter) or (value_of(parameter, chance),))
    return tuple(keys), options


def _common(chance: random.Random) -> Table:
    return {
        "steps": chance.choice((1, 1, 2, 3, 5, 12, 40)),
        "replicas": chance.choice((1, 1, 1, 2, 3, 8)),
        "seed": chance.randrange(100),
    }


def _runs(chance: random.Random, names: Sequence[str], cls: type[Any], steps: int) -> list[Table]:
    """Return runs that differ, each with some settings at extremes."""
    declared, runs = parameters(cls), []
    for i in range(chance.choice((1, 1, 1, 2, 2, 3, 8))):
        run: Table = {"label": f"R{i}"}
        for name in names:
            if chance.random() < 0.5:
                run[name] = value_of(declared[name], chance)
        _fit(run, steps, chance)
        runs.append(run)
    return runs


def _fit(run: Table, steps: int, chance: random.Random) -> None:
    """Change what would be refused for the sake of another setting."""
    if run.get("batch_size", "all") != "all" or "batch_size" not in run:
        run["batch_size"] = chance.choice(("all", "all", 1, 2, 4))
    for name in {"length", "every"} & run.get("schedule", {}).keys():
        run["schedule"][name] = min(run["schedule"][name], steps)
    if steps > 1 and chance.random() < 0.2:
        rate = {"name": "sgd", "learning_rate": chance.choice((1e-12, 0.1, 1e6))}
        run["changes"] = [{"step": chance.randrange(1, steps), "optimizer": rate}]


def _training(chance: random.Random) -> Table:
    table = {"kind": "train", **_common(chance), "dtype": chance.choice(("float64", "float32"))}
    if chance.random() < 0.1:
        table["probes"] = "off"
    data = _setting("train", "data")
    table["data"] = entry_of(
        data, chance.choice([*data.registry, "csv", "csv", "point", "points", "formula"]), chance
    )
    if "test_fraction" in table["data"] and chance.random() < 0.5:
        table["data"]["test_fraction"] = 0.3
    names = ("activation", "init", "optimizer", "batch_size", "bias_init", "biases", "schedule", "clip")
    table["runs"] = _runs(chance, names, TrainRun, table["steps"])
    depth = few(100, chance)
    for run in table["runs"]:
        layers = depth if chance.random() < 0.8 else few(100, chance)
        width = 200 if layers < 3 and chance.random() < 0.05 else whole(1, 16, chance)
        run["hidden"] = [width] * layers
        loss = chance.choice(list(LOSSES))
        run["loss"], run["output"] = loss, chance.choice(list(LOSSES[loss].outputs))
    return table


def _setting(kind: str, name: str) -> EntryOf:
    found = parameters(kinds()[kind].experiment)[name]
    assert isinstance(found, EntryOf)
    return found


def _race(chance: random.Random) -> Table:
    table: Table = {"kind": "race", **_common(chance)}
    table["surface"] = entry_of(_setting("race", "surface"), chance.choice([*SURFACES, *["formula"] * 12]), chance)
    for name, parameter in parameters(kinds()["race"].experiment).items():
        if name in ("start", "noise", "spread") and chance.random() < 0.4:
            table[name] = value_of(parameter, chance)
    table["runs"] = _runs(chance, ("optimizer", "schedule", "clip"), RaceRun, table["steps"])
    for run in table["runs"]:
        del run["batch_size"]
    if chance.random() < 0.1:
        table["runs"][0]["surface"] = value_of(parameters(RaceRun)["surface"], chance)
    return table


def smaller(case: Case) -> Iterator[Case]:
    """Yield cases that have a little less to them, those with much less first."""
    for i in range(len(case.views)):
        if len(case.views) > 1:
            yield replace(case, views=case.views[:i] + case.views[i + 1 :])
    for name in case.options:
        yield replace(case, options={key: value for key, value in case.options.items() if key != name})
    usual = Case(case.table, case.views)
    for name in ("theme", "language", "size"):
        if getattr(case, name) != getattr(usual, name):
            yield replace(case, **{name: getattr(usual, name)})
    for table in smaller_tables(case.table):
        yield replace(case, table=table)


def smaller_tables(table: Table) -> Iterator[Table]:
    """Yield the table with something in it left out or halved."""
    for path in _places(table):
        for change in (_without, _halved):
            made = copy.deepcopy(table)
            if change(made, path):
                yield made


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in items:
        yield (*path, key)
        yield from _places(each, (*path, key))


def _parent(table: Table, path: tuple[Any, ...]) -> Any:
    found: Any = table
    for key in path[:-1]:
        found = found[key]
    return found


def _without(table: Table, path: tuple[Any, ...]) -> bool:
    if path[-1] in ("kind", "name"):
        return False
    del _parent(table, path)[path[-1]]
    return True


def _halved(table: Table, path: tuple[Any, ...]) -> bool:
    parent = _parent(table, path)
    value = parent[path[-1]]
    if isinstance(value, list) and len(value) > 1:
        parent[path[-1]] = value[: len(value) // 2]
    elif isinstance(value, int) and value > 1:
        parent[path[-1]] = value // 2
    else:
        return False
    return True

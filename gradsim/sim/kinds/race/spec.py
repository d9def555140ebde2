"""Experiments of kind ``race``: optimizers that descend one surface side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from gradsim.engine.optim import Optimizer
from gradsim.engine.optim.clipping import Clip, NoClip
from gradsim.engine.optim.descent import Sgd
from gradsim.engine.optim.schedules import ConstantRate, Schedule
from gradsim.engine.suited_rates import suited_rate
from gradsim.engine.surfaces import SURFACES, Point, Surface
from gradsim.engine.surfaces.classic import Beale
from gradsim.schema.parameters import EntryOf, Integer, Number, Numbers, ParameterError, encode
from gradsim.sim.kinds.kind import Experiment
from gradsim.sim.run.changes import Change, phases
from gradsim.sim.run.forks import in_force
from gradsim.sim.run.settings import (
    BATCH_SIZE,
    CHANGES,
    CLIP,
    LABEL,
    OPTIMIZER,
    SCHEDULE,
    SEED,
    STEPS,
    check_runs,
)


@dataclass(frozen=True)
class RaceRun:
    """One optimizer in a race. In files, a learning rate that is not given is the one that suits the surface."""

    label: str = LABEL.field("")
    optimizer: Optimizer = OPTIMIZER.field(Sgd())
    batch_size: int | str = BATCH_SIZE.field("all")
    schedule: Schedule = SCHEDULE.field(ConstantRate())
    clip: Clip = CLIP.field(NoClip())
    changes: tuple[Change, ...] = CHANGES(run=lambda: RaceRun).field(())


@dataclass(frozen=True)
class Race(Experiment):
    """Optimizers that descend one surface from the same starts, with the same draws."""

    surface: Surface = EntryOf(
        "Surface",
        help="What is descended: f(x, y).",
        registry=SURFACES,
        implied=("expression", "formula"),
        basic=True,
    ).field(Beale())
    start: Point = Numbers(
        "Start", help="Where all runs begin: x, y.", low=-1e6, high=1e6, least=2, most=2, basic=True
    ).field(())
    noise: float = Number(
        "Gradient noise",
        help="Standard deviation of a normal draw that is added to each component of every gradient, "
        "the same for all runs.",
        low=0,
        high=1e6,
        slider=(0, 10),
        basic=True,
    ).field(0.0)
    replicas: int = Integer(
        "Descents per run",
        help="How many descents each run makes, each with draws of its own; pictures show median and band.",
        low=1,
        high=128,
    ).field(1)
    spread: float = Number(
        "Spread of starts",
        help="Standard deviation of the starts of further descents around the first one's.",
        low=0,
        high=1e6,
        slider=(0, 2),
    ).field(0.0)
    seed: int = replace(SEED, basic=False).field(0)
    steps: int = STEPS.field(400)
    runs: tuple[RaceRun, ...] = field(default=())

    kind = "race"
    named_by = ("optimizer", "batch_size")

    def __post_init__(self) -> None:
        if not self.start:
            object.__setattr__(self, "start", self.surface.start)
        check_runs(self.runs, self.steps)
        for i, run in enumerate(self.runs):
            for phase in phases(run):
                if phase.run.batch_size != "all" and not self.surface.sample_count:
                    raise ParameterError(
                        f"{phase.path(f'runs[{i}]')}.batch_size",
                        f"{phase.run.batch_size} is given, but the surface {self.surface.key!r} is no mean over "
                        "samples; 'all' is allowed",
                    )


def with_suited_rates(runs: Sequence[RaceRun], table: Mapping[str, Any], surface: Surface) -> tuple[RaceRun, ...]:
    """Return the runs that were read from `table`, those without a learning rate with the one that suits them."""
    common = table.get("common", {}).get("optimizer")
    given = [run.get("optimizer", common) for run in table.get("runs", [])]
    changed = [run.get("changes", table.get("common", {}).get("changes", ())) for run in table.get("runs", [])]
    return tuple(
        replace(
            run,
            optimizer=_at_suited_rate(run.optimizer, written, surface),
            changes=tuple(map(partial(_with_suited_rate, surface), run.changes, changes)),
        )
        for run, written, changes in zip(runs, given, changed, strict=True)
    )


def _at_suited_rate(optimizer: Optimizer, written: object, surface: Surface) -> Optimizer:
    """Return an optimizer with the learning rate that suits the surface, unless one was written."""
    if isinstance(written, Mapping) and "learning_rate" in written:
        return optimizer
    return replace(optimizer, learning_rate=suited_rate(surface, optimizer.key))


def _with_suited_rate(surface: Surface, change: Change, written: Mapping[str, Any]) -> Change:
    """Return a change with the learning rate that suits its optimizer, if it has one and no rate was written."""
    settings = dict(change.settings)
    if "optimizer" in settings:
        settings["optimizer"] = _at_suited_rate(settings["optimizer"], written["optimizer"], surface)
    return Change(change.step, tuple(settings.items()))


def race_followed(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return an edited table of a race with what follows from the edit.

    Another optimizer, in a change too, brings the learning rate that suits it. Another surface
    brings its usual start, and the rates that suit it where the rates were
    those that suited the surface before; a rate that was given stays.
    """
    parameter = EntryOf("Surface", registry=SURFACES)
    try:
        surface = parameter.parse(after["surface"])
    except ParameterError:
        return dict(after)
    other = _shape(before["surface"]) != _shape(after["surface"])
    known_before = parameter.allows(before["surface"])
    runs = []
    for old, new in zip(before["runs"], after["runs"], strict=True):
        was, now = old["optimizer"], new["optimizer"]
        suited_before = other and known_before and was == _suited_like(was, before["surface"])
        if suited_before or was["name"] != now["name"]:
            new = {**new, "optimizer": {**now, "learning_rate": suited_rate(surface, now["name"])}}
        new = {**new, "changes": [_change_followed(old, change, surface) for change in new["changes"]]}
        if other and not surface.sample_count:
            new = {**new, "batch_size": "all", "changes": [_without_batch_size(change) for change in new["changes"]]}
        runs.append(new)
    start = list(surface.start) if other else after["start"]
    return {**after, "start": start, "runs": runs}


def adapted_rates(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[int, float, float]]:
    """Return each run whose learning rate has followed another surface, by its number: the rate before and after."""
    if _shape(before["surface"]) == _shape(after["surface"]):
        return []
    pairs = enumerate(zip(before["runs"], after["runs"], strict=False))
    rates = [(i, old["optimizer"]["learning_rate"], new["optimizer"]["learning_rate"]) for i, (old, new) in pairs]
    return [(i, old, new) for i, old, new in rates if old != new]


def _suited_like(optimizer: Mapping[str, Any], surface: str | Mapping[str, Any]) -> dict[str, Any]:
    """Return an optimizer's table with the learning rate that suits a surface, given as in a file."""
    return {**optimizer, "learning_rate": suited(surface, optimizer["name"])["learning_rate"]}


def _change_followed(run: Mapping[str, Any], change: Mapping[str, Any], surface: Surface) -> Mapping[str, Any]:
    """Return a change of an edited run, which was `run`; an optimizer new in it has the rate that suits it."""
    was, now = in_force(run, change["step"])["optimizer"], change.get("optimizer")
    if now is None or now["name"] == was["name"]:
        return change
    return {**change, "optimizer": {**now, "learning_rate": suited_rate(surface, now["name"])}}


def _without_batch_size(change: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in change.items() if key != "batch_size"}


def suited(surface: str | Mapping[str, Any], optimizer: str) -> dict[str, Any]:
    """Return an optimizer as a table, with the learning rate that suits it on a surface given as in a file.

    On a surface that is not allowed, the rate is the usual one.
    """
    table = {"name": optimizer, **encode(OPTIMIZER.registry[optimizer]())}
    try:
        known = EntryOf("Surface", registry=SURFACES).parse(surface)
    except ParameterError:
        return table
    return table | {"learning_rate": suited_rate(known, optimizer)}


def _shape(surface: str | Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what of a surface's table makes it another surface rather than the same one, set otherwise."""
    table = {"name": surface} if isinstance(surface, str) else surface
    return table["name"], table.get("expression"), table.get("window") and tuple(table["window"])

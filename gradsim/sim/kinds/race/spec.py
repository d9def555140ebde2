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
from gradsim.schema.errors import Name, Phrase
from gradsim.schema.parameters import EntryOf, Number, Numbers, ParameterError, encode
from gradsim.schema.registry import Registry
from gradsim.sim.kinds.kind import Experiment
from gradsim.sim.run.changes import Change, phases
from gradsim.sim.run.forks import in_force
from gradsim.sim.run.settings import (
    BATCH_SIZE,
    CHANGES,
    CLIP,
    LABEL,
    OPTIMIZER,
    REPLICAS,
    SCHEDULE,
    SEED,
    STEPS,
    check_runs,
)


class SameSurface(Surface):
    """The surface of the race: what a run descends that has none of its own."""

    key = "same"
    label = "Shared surface"


RUN_SURFACES: Registry[Surface] = Registry("surface")
RUN_SURFACES.add(SameSurface)
for _entry in SURFACES.values():
    RUN_SURFACES.add(_entry)

OWN_SURFACE = EntryOf(
    "Own surface",
    help="What this run descends in place of the surface of the race.",
    registry=RUN_SURFACES,
    implied=("expression", "formula"),
    subject="Function",
    unsaid=(SameSurface.key,),
)


@dataclass(frozen=True)
class RaceRun:
    """One optimizer in a race. In files, a learning rate that is not given is the one that suits the surface."""

    label: str = LABEL.field("")
    surface: Surface = OWN_SURFACE.field(SameSurface())
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
        help="Function to minimise: f(x, y).",
        registry=SURFACES,
        implied=("expression", "formula"),
        basic=True,
        subject="Function",
        in_header="{value}",
    ).field(Beale())
    start: Point = Numbers(
        "Start",
        help="The starting point of all runs: x, y.",
        low=-1e6,
        high=1e6,
        least=2,
        most=2,
        basic=True,
        subject="Function",
        in_header="from {value}",
    ).field(())
    noise: float = Number(
        "Gradient noise",
        help="Standard deviation of a normal draw that is added to each component of every gradient, "
        "the same for all runs.",
        low=0,
        high=1e6,
        slider=(0, 10),
        basic=True,
        subject="Randomness",
        in_header="noise {value}",
    ).field(0.0)
    replicas: int = replace(
        REPLICAS,
        label="Descents per run",
        help="How many descents each run makes, each with draws of its own; pictures show median and band.",
        subject="Randomness",
        in_header="",
    ).field(1)
    spread: float = Number(
        "Spread of starts",
        help="Standard deviation of the starts of further descents around the first one's.",
        low=0,
        high=1e6,
        slider=(0, 2),
        subject="Randomness",
    ).field(0.0)
    seed: int = replace(SEED, basic=False, subject="Randomness", in_header="seed {value}").field(0)
    steps: int = STEPS.field(400)
    runs: tuple[RaceRun, ...] = field(default=())

    kind = "race"
    named_by = ("optimizer", "batch_size")

    @classmethod
    def named_runs(cls, table: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """Return the runs; where some have surfaces of their own, the others with that of the race."""
        runs: Sequence[Mapping[str, Any]] = table["runs"]
        found = [{**run, "surface": surface_in(table, run)} for run in runs]
        has_own = any(shown["surface"] is not table["surface"] for shown in found)
        return found if has_own else runs

    def surface_of(self, run: RaceRun) -> Surface:
        """Return what a run descends: its own surface, or that of the race."""
        return self.surface if isinstance(run.surface, SameSurface) else run.surface

    @property
    def surfaces(self) -> tuple[Surface, ...]:
        """What each run descends."""
        return tuple(self.surface_of(run) for run in self.runs)

    @property
    def has_one_surface(self) -> bool:
        """Whether all runs descend the surface of the race."""
        return all(surface == self.surface for surface in self.surfaces)

    def alone(self, run: int) -> Race:
        """Return the race of one run alone, on its surface."""
        only = replace(self.runs[run], surface=SameSurface())
        return replace(self, surface=self.surface_of(self.runs[run]), runs=(only,))

    def __post_init__(self) -> None:
        if not self.start:
            object.__setattr__(self, "start", self.surface.start)
        check_runs(self.runs, self.steps)
        for i, run in enumerate(self.runs):
            surface = self.surface_of(run)
            for phase in phases(run):
                if phase.run.batch_size != "all" and not surface.sample_count:
                    raise ParameterError(
                        f"{phase.path(f'runs[{i}]')}.batch_size",
                        Phrase(
                            "{batch} is given, but the surface {surface} is no mean over samples; {all} is allowed",
                            batch=str(phase.run.batch_size),
                            surface=Name(f"{surface.key!r}", surface.label),
                            all=Name("'all'", "all"),
                        ),
                    )


def with_suited_rates(runs: Sequence[RaceRun], table: Mapping[str, Any], surface: Surface) -> tuple[RaceRun, ...]:
    """Return the runs that were read from `table`, those without a learning rate with the one that suits them."""
    common = table.get("common", {}).get("optimizer")
    given = [run.get("optimizer", common) for run in table.get("runs", [])]
    changed = [run.get("changes", table.get("common", {}).get("changes", ())) for run in table.get("runs", [])]
    return tuple(
        replace(
            run,
            optimizer=_at_suited_rate(run.optimizer, written, descended),
            changes=tuple(map(partial(_with_suited_rate, descended), run.changes, changes)),
        )
        for run, written, changes in zip(runs, given, changed, strict=True)
        for descended in [surface if isinstance(run.surface, SameSurface) else run.surface]
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


def race_followed(allowed: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return an edited table of a race with what follows from the edit, see :meth:`Kind.after_edit`.

    Another optimizer, in a change too, brings the learning rate that suits it.
    Another surface brings the rates that suit it, in changes too, in place of
    those that suited the last allowed one: others were given, and stay. It
    also brings its usual start, unless one was typed since that surface.
    """
    runs, found = [dict(run) for run in after["runs"]], []
    for i, (old, new) in enumerate(zip(before["runs"], runs, strict=True)):
        try:
            surface = EntryOf("Surface", registry=SURFACES).parse(surface_in(after, new))
        except ParameterError:
            return dict(after)
        if old["optimizer"]["name"] != new["optimizer"]["name"]:
            new["optimizer"] = _at_rate_for(surface, new["optimizer"])
        new["changes"] = [_with_rate_of_new_rule(old, change, surface) for change in new["changes"]]
        if _shape(surface_in(before, old)) != _shape(surface_in(after, new)):
            new = _on_another_surface(new, surface_in(allowed, allowed["runs"][i]), surface)
        found.append(new)
    if _shape(before["surface"]) == _shape(after["surface"]):
        return {**after, "runs": found}
    usual = EntryOf("Surface", registry=SURFACES).parse(after["surface"]).start
    start = list(usual) if after["start"] == allowed["start"] else after["start"]
    return {**after, "start": start, "runs": found}


def surface_in(table: Mapping[str, Any], run: Mapping[str, Any]) -> str | Mapping[str, Any]:
    """Return what a run descends, given as tables: its own surface, or that of the race."""
    own: str | Mapping[str, Any] = run.get("surface", SameSurface.key)
    name = own.get("name") if isinstance(own, Mapping) else own
    shared: str | Mapping[str, Any] = table["surface"]
    return shared if name == SameSurface.key else own


def _with_rate_of_new_rule(run: Mapping[str, Any], change: Mapping[str, Any], surface: Surface) -> Mapping[str, Any]:
    """Return a change of an edited run, which was `run`; an optimizer new in it has the rate that suits it."""
    was, now = in_force(run, change["step"])["optimizer"], change.get("optimizer")
    if not isinstance(now, Mapping) or now["name"] == was["name"]:
        return change
    return {**change, "optimizer": _at_rate_for(surface, now)}


def _on_another_surface(run: dict[str, Any], left: str | Mapping[str, Any], surface: Surface) -> dict[str, Any]:
    """Return a run's table with the rates that suit `surface` in place of those that suited the one it has left."""
    changes = [_with_followed_rate(change, left, surface) for change in run["changes"]]
    if not surface.sample_count:
        run = {**run, "batch_size": "all"}
        changes = [{key: value for key, value in change.items() if key != "batch_size"} for change in changes]
    return {**_with_followed_rate(run, left, surface), "changes": changes}


def _with_followed_rate(table: Mapping[str, Any], left: str | Mapping[str, Any], surface: Surface) -> dict[str, Any]:
    optimizer = table.get("optimizer")
    if not isinstance(optimizer, Mapping) or not _is_suited(optimizer, left):
        return dict(table)
    return {**table, "optimizer": _at_rate_for(surface, optimizer)}


def _at_rate_for(surface: Surface, optimizer: Mapping[str, Any]) -> dict[str, Any]:
    return {**optimizer, "learning_rate": suited_rate(surface, optimizer["name"])}


def _is_suited(optimizer: Mapping[str, Any], surface: str | Mapping[str, Any]) -> bool:
    """Tell whether the learning rate of an optimizer is the one that suits it on a surface, both given as tables."""
    try:
        parsed = EntryOf("Surface", registry=SURFACES).parse(surface)
    except ParameterError:
        return False
    return bool(optimizer["learning_rate"] == suited_rate(parsed, optimizer["name"]))


def adapted_rates(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[int, float, float]]:
    """Return each learning rate that has followed another surface: its run's number, the rate before and after."""
    found: list[tuple[int, float, float]] = []
    for i, (old, new) in enumerate(zip(before["runs"], after["runs"], strict=False)):
        if _shape(surface_in(before, old)) == _shape(surface_in(after, new)):
            continue
        for one, other in zip([old, *old["changes"]], [new, *new["changes"]], strict=False):
            rates = [table.get("optimizer", {}).get("learning_rate") for table in (one, other)]
            if rates[0] != rates[1] and None not in rates:
                found.append((i, *rates))
    return found


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
    """Return the part of a surface's table that identifies it; other settings vary the same surface."""
    table = {"name": surface} if isinstance(surface, str) else surface
    return table.get("name"), table.get("expression"), table.get("window") and tuple(table["window"])

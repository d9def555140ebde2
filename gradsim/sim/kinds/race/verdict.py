"""The verdict on a race: who leads, and where each run has stopped.

A lesson's template names these figures in braces. To add one, add one function to ``RACE_FIGURES``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gradsim.engine.surfaces.stationary import Ended, StationaryPoint, stationary_points
from gradsim.sim.kinds.race.endings import Ending, endings, lowest_minima, reached
from gradsim.sim.kinds.race.spec import Race
from gradsim.sim.run.tape import MEDIAN, Past
from gradsim.words.languages import translate
from gradsim.words.numbers import amount, coordinates, signed
from gradsim.words.sentences import Span, filled

_STANDING = "{leader} leads: f = {best}; {last} is last: f = {worst}"
_LEVEL = "all are level: f = {best}"
_ALONE = "{leader}: f = {best}"

KINDS = {"minimum": "minimum", "saddle": "saddle point", "maximum": "maximum", "degenerate": "degenerate point"}
PLACES = {
    Ended.MOVING: "on the way",
    Ended.PLATEAU: "on a plateau",
    Ended.OUTSIDE: "out of the window",
    Ended.DIVERGED: "diverged",
}
_AT = "at the {kind} {place}"
_THERE = "{where}: {runs}"
_SHARE = "{n} of {all}"
_REACHED = "within 5 % of the window of the lowest minimum {place}: {runs}"
_MAX_PLACES = 2


@dataclass(frozen=True)
class RaceAt:
    """The runs at the step shown."""

    race: Race
    past: Past
    language: str

    def tr(self, text: str) -> str:
        return translate(text, self.language)

    @cached_property
    def values(self) -> list[float]:
        """The median value of each run, inf for those that have diverged."""
        gone = self.past.gone
        found = [float(self.past.band(i, "value")[MEDIAN]) for i in range(len(self.race.runs))]
        return [np.inf if i in gone or np.isnan(value) else value for i, value in enumerate(found)]

    @cached_property
    def endings(self) -> list[Ending]:
        return endings(self.race, self.past)

    @property
    def leader(self) -> int:
        return int(np.argmin(self.values))

    @property
    def last(self) -> int:
        return len(self.values) - 1 - int(np.argmax(self.values[::-1]))


def _name(race_at: RaceAt, run: int) -> list[Span]:
    return [Span(race_at.race.names(race_at.language)[run], run)]


def _value(race_at: RaceAt, run: int) -> list[Span]:
    value = race_at.values[run]
    return [Span(race_at.tr("∞") if np.isinf(value) else signed(value), run)]


def _ends(race_at: RaceAt) -> list[Span]:
    """Return where the runs are, grouped by place."""
    if race_at.race.replicas > 1 and np.isfinite(race_at.values).any():
        return _shares(race_at)
    groups: dict[tuple[Ended, int], list[int]] = {}
    for run, ending in enumerate(race_at.endings):
        groups.setdefault(ending.first, []).append(run)
    clauses = [_group(race_at, key, groups[key]) for key in sorted(groups, key=_order)]
    return _joined(clauses, race_at.tr("; "))


def _order(key: tuple[Ended, int]) -> tuple[int, int]:
    return int(key[0]), key[1]


def _group(race_at: RaceAt, key: tuple[Ended, int], runs: Sequence[int]) -> list[Span]:
    names = _joined([_name(race_at, run) for run in runs], race_at.tr(", "))
    where = where_text(race_at.race, *key, race_at.language)
    return filled(race_at.tr(_THERE), {"where": [Span(where)], "runs": names}.__getitem__)


def where_text(race: Race, ended: Ended, at: int, language: str) -> str:
    """Return where a run is, in words: at which stationary point, on the way, out of the window."""
    if ended != Ended.AT:
        return translate(PLACES[ended], language)
    point = stationary_points(race.surface)[at]
    return translate(_AT, language).format(kind=translate(KINDS[point.kind], language), place=place(point))


def _shares(race_at: RaceAt) -> list[Span]:
    """Return how many descents of each run have reached the lowest minimum; without a minimum, who leads."""
    points = lowest_minima(race_at.race.surface)
    if not points:
        return _filled(race_at, _template(race_at, ""))
    clauses = []
    for run in range(len(race_at.race.runs)):
        count = reached(race_at.race, race_at.past, run)
        share = race_at.tr(_SHARE).format(n=count, all=race_at.race.replicas)
        clauses.append([*_name(race_at, run), Span(" "), Span(share, run)])
    runs = _joined(clauses, race_at.tr(", "))
    if len(points) > _MAX_PLACES:
        several = race_at.tr("within 5 % of the window of one of the {n} lowest minima: {runs}")
        return filled(several, {"n": [Span(str(len(points)))], "runs": runs}.__getitem__)
    places = race_at.tr(" or ").join(place(point) for point in points)
    return filled(race_at.tr(_REACHED), {"place": [Span(places)], "runs": runs}.__getitem__)


def value_text(past: Past, run: int, gone: bool) -> str:
    """Return the median value of a run at the end of `past`, or that there is none."""
    value = float(past.band(run, "value")[MEDIAN])
    return "" if gone or np.isnan(value) else f"f = {signed(value)}"


def place(point: StationaryPoint) -> str:
    """Return a point's coordinates as text."""
    return coordinates(point.x, point.y)


RACE_FIGURES: Mapping[str, Callable[[RaceAt], list[Span]]] = {
    "leader": lambda s: _name(s, s.leader),
    "best": lambda s: _value(s, s.leader),
    "last": lambda s: _name(s, s.last),
    "worst": lambda s: _value(s, s.last),
    "ends": _ends,
}


def race_sentence(race: Race, own: str, past: Past, language: str) -> list[Span]:
    """Return the verdict on a race at the step shown, as pieces to be joined; `own` is a lesson's template."""
    race_at = RaceAt(race, past, language)
    spans = _filled(race_at, _template(race_at, own))
    text = spans[0].text
    if spans[0].run is None:
        spans[0] = Span(text[:1].upper() + text[1:])
    return [*spans, Span(translate(".", language))]


def _filled(race_at: RaceAt, template: str) -> list[Span]:
    """Return the template's words and figures."""
    return filled(template, lambda name: RACE_FIGURES[name](race_at))


def _template(race_at: RaceAt, own: str) -> str:
    """Return the lesson's own template, or the general one that fits this step."""
    if own:
        return own
    if _has_ends(race_at):
        return "{ends}"
    if len(race_at.race.runs) == 1:
        return race_at.tr(_ALONE)
    level = amount(max(race_at.values)) == amount(min(race_at.values))
    return race_at.tr(_LEVEL if level else _STANDING)


def _has_ends(race_at: RaceAt) -> bool:
    """Tell whether the sentence is about places: a run has ended, or there is a minimum that descents may reach."""
    if race_at.race.replicas == 1:
        return any(ending.first[0] != Ended.MOVING for ending in race_at.endings)
    return bool(lowest_minima(race_at.race.surface)) or not np.isfinite(race_at.values).any()


def _joined(clauses: Sequence[list[Span]], between: str) -> list[Span]:
    spans: list[Span] = []
    for clause in clauses:
        spans += [Span(between), *clause] if spans else clause
    return spans

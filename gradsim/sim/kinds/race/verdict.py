"""The verdict on a race: who is first, where each run is, what share of the starts arrives.

A lesson's template names these figures in braces; each is one or more clauses. To add one, add one function to
``RACE_FIGURES``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from gradsim.engine.surfaces.stationary import Ended
from gradsim.sim.kinds.kind import Asked
from gradsim.sim.kinds.race.arrival import TOLERANCE
from gradsim.sim.kinds.race.endings import lowest_minima, reached
from gradsim.sim.kinds.race.leaving import leavings, the_saddle
from gradsim.sim.kinds.race.legs import cost_of
from gradsim.sim.kinds.race.racer import lowest_values, minima
from gradsim.sim.kinds.race.spec import Race
from gradsim.sim.kinds.race.standing import Standing, place, where_text
from gradsim.sim.run.tape import Past
from gradsim.words.numbers import figure, share, signed
from gradsim.words.sentences import Span, filled, joined, plain_text

Clause = list[Span]

_MAX_PLACES = 2
"""How many lowest minima are named by their places."""
_WITH_PLACES_LAST = 1
"""The last brevity at which stationary points are told apart by their coordinates."""
_CLAUSES_LAST = 2
"""The last brevity at which who is last is told too."""
_FEW = 4
"""Up to so many runs, all that have arrived are named with their steps."""


def race_sentence(race: Race, past: Past, asked: Asked) -> list[Span]:
    """Return the verdict on a race at the step shown, as pieces to be joined."""
    standing = Standing(race, past, asked.wording)
    names = race.names(asked.language)
    shares = asked.found.get("shares")
    own = asked.templates[0] if asked.templates else ""
    if shares and not own:
        return asked.wording.sentence(asked.wording.clauses(_from_starts(standing, shares)), names)
    measured = asked.measured
    spans = filled(
        own or "{verdict}", lambda name: measured[name] if name in measured else RACE_FIGURES[name](standing)
    )
    return asked.wording.sentence(asked.answered(spans), names)


def race_question(race: Race, asked: Asked) -> str:
    """Return what the general sentence on a race answers."""
    tr = asked.wording.tr
    if asked.found.get("shares"):
        return tr("From how many starts is a minimum reached?")
    if lowest_values(race) is None and not all(map(lowest_minima, race.surfaces)):
        return tr("Where does each run go?")
    return tr("How many descents reach the lowest minimum?") if race.replicas > 1 else tr("Who is first?")


def race_basis(race: Race, asked: Asked) -> str:
    """Return what it means to have arrived, or to be near; "" where the sentence does not speak of it."""
    wording, tolerance = asked.wording, signed(TOLERANCE)
    own = asked.templates[0] if asked.templates else ""
    if lowest_values(race) is None or (own and "{arrivals}" not in own) or (asked.found.get("shares") and not own):
        return ""
    if race.replicas > 1:
        return wording.tr("near: within 5 % of the window's diagonal")
    return wording.tr("arrived: f − f* stays below {tolerance}").format(tolerance=tolerance)


def _verdict(s: Standing) -> list[Span]:
    """Return what tells most at this step, where no lesson says what to tell."""
    if s.race.replicas > 1 and np.isfinite(s.values).any():
        return _reached(s) if s.race.has_one_surface and lowest_minima(s.race.surface) else _heights(s)
    if any(step is not None for step in s.arrivals):
        return _arrivals(s)
    return _ends(s)


def _all_move(s: Standing) -> bool:
    return all(ending.first[0] == Ended.MOVING for ending in s.endings)


# Who is first


def _arrivals(s: Standing) -> list[Span]:
    """Return who has arrived, in order, and where the others are; before anyone has, how high they are."""
    steps = {run: step for run, step in enumerate(s.arrivals) if step is not None}
    if not steps:
        return _heights(s)
    order = sorted(steps, key=lambda run: steps[run])
    clauses = [_first(s, order, steps)]
    if len(s.race.runs) > _FEW or s.wording.brevity > 1:
        clauses += [_how_many(s, len(order))] if len(order) > 1 else []
    return s.wording.clauses([*clauses, *_not_arrived(s, steps)])


def _first(s: Standing, order: Sequence[int], steps: Mapping[int, int]) -> Clause:
    """Return who is first, at which step, and where there are few, who came next."""
    w, first = s.wording, [run for run in order if steps[run] == steps[order[0]]]
    step = f"{steps[order[0]]:,}"
    if len(s.race.runs) == 1:
        return w.fill(w.tr("{name} arrives at step [{step}]"), order[0], name=s.name(order[0]), step=step)
    if len(first) > 1:
        return w.fill(w.tr("{names} are first, at step {step}"), names=s.names(first), step=step)
    clause = w.fill(w.tr("{name} is first, at step {step}"), name=s.name(order[0]), step=step)
    if len(s.race.runs) > _FEW or w.brevity > 1:
        return clause
    for run in order[1:]:
        later = w.fill(w.tr(", {name} at step {step}"), name=s.name(run), step=f"{steps[run]:,}")
        clause = [*clause, *later]
    return clause


def _how_many(s: Standing, count: int) -> Clause:
    """Return how many of the runs have arrived."""
    every = count == len(s.race.runs)
    return [
        Span((s.wording.tr("all {n} arrive") if every else s.wording.tr("{n} arrive")).format(n=_counted(s, count)))
    ]


def _counted(s: Standing, count: int) -> str:
    """Return a small number as a word where the language has one for it."""
    words = s.wording.tr("one two three four five six seven eight").split()
    return words[count - 1] if count <= len(words) else str(count)


def _not_arrived(s: Standing, steps: Mapping[int, int]) -> list[Clause]:
    """Return clauses on the runs that have not arrived, by where they are."""
    rest = [run for run in range(len(s.race.runs)) if run not in steps]
    swinging = [run for run in rest if s.swings(run)]
    clauses = [_swinging(s, run) for run in swinging]
    groups: dict[str, list[int]] = {}
    for run in rest:
        if run not in swinging:
            groups.setdefault(_state_of(s, run), []).append(run)
    if list(groups) == [s.wording.tr("on the way")] and len(rest) > _FEW and not swinging:
        others = s.wording.tr("the other {n} are still on the way")
        return [[Span(others.format(n=_counted(s, len(rest))))]]
    return [*clauses, *(_are(s, state, runs) for state, runs in groups.items())]


def _state_of(s: Standing, run: int) -> str:
    """Return where a run is that has not arrived."""
    return where_text(s.race.surfaces[run], *s.endings[run].first, s.wording.language)


def _are(s: Standing, state: str, runs: Sequence[int]) -> Clause:
    """Return that these runs are on the way, at a place, or have diverged."""
    w = s.wording
    if state == w.tr("diverged"):
        return w.fill(w.tr("{names} diverged"), names=s.names(runs))
    if state == w.tr("on the way"):
        one, several = w.tr("{names} is still on the way"), w.tr("{names} are still on the way")
        return w.fill(one if len(runs) == 1 else several, names=s.names(runs))
    one, several = w.tr("{names} is {where}"), w.tr("{names} are {where}")
    return w.fill(one if len(runs) == 1 else several, names=s.names(runs), where=state)


def _swinging(s: Standing, run: int) -> Clause:
    w = s.wording
    mean = f"f − f* = {signed(s.excess(run)[-1])}"
    return w.fill(w.tr("noise keeps {name} from arriving, [{mean}] on average"), run, name=s.name(run), mean=mean)


# How high they are


def _heights(s: Standing) -> list[Span]:
    """Return who is lowest and who highest, or that all are about level."""
    w, order = s.wording, s.in_order
    finite = [run for run in order if np.isfinite(s.values[run])]
    gone = (
        [_are(s, w.tr("diverged"), [run for run in order if run not in finite])] if len(finite) < len(order) else []
    )
    if not finite:
        return gone[0]
    return w.clauses([_led(s, finite), *gone])


def _led(s: Standing, runs: Sequence[int]) -> Clause:
    w, first, last = s.wording, runs[0], runs[-1]
    if len(runs) == 1:
        return w.fill(w.tr("{leader}: {best}"), None, leader=s.name(first), best=s.height(first))
    low, high = (s.above[run] for run in (first, last))
    level = [run for run in runs if plain_text(s.height(run)) == plain_text(s.height(first))]
    if last in level:
        return w.fill(w.tr("all are level: {best}"), best=_plain(s.height(first)))
    if s.lowest is not None and high <= 2.0 * low:
        return w.fill(w.tr("all are about level: {best} to {worst}"), best=s.height(first), worst=_number(s, last))
    leads = w.fill(w.tr("{leader} leads: {best}"), None, leader=s.name(first), best=s.height(first))
    if len(level) > 1:
        leads = w.fill(w.tr("{names} lead: {best}"), None, names=s.names(level), best=_plain(s.height(first)))
    if w.brevity > _CLAUSES_LAST:
        return leads
    return joined(
        [leads, w.fill(w.tr("{last} is last: {worst}"), last=s.name(last), worst=s.height(last))], w.tr("; ")
    )


def _plain(spans: Sequence[Span]) -> list[Span]:
    return [Span(span.text) for span in spans]


def _number(s: Standing, run: int) -> list[Span]:
    return [Span(s.height(run)[0].text.rpartition("= ")[2], run)]


# Where they are


def _ends(s: Standing) -> list[Span]:
    """Return where the runs are, those that have ended first, grouped by place; briefly, by kinds of places."""
    if _all_move(s):
        return _heights(s)
    groups: dict[str, list[int]] = {}
    for run in sorted(range(len(s.endings)), key=lambda run: s.endings[run].first):
        with_place = s.wording.brevity <= _WITH_PLACES_LAST
        state = where_text(s.race.surfaces[run], *s.endings[run].first, s.wording.language, with_place)
        groups.setdefault(state, []).append(run)
    return s.wording.clauses([_are(s, state, runs) for state, runs in groups.items()])


def _reached(s: Standing) -> list[Span]:
    """Return how many descents of each run are near the lowest minimum."""
    w, points = s.wording, lowest_minima(s.race.surface)
    counts = [reached(s.race, s.past, run) for run in range(len(s.race.runs))]
    items = [
        w.fill(w.tr("{name} [{n} of {all}]"), run, name=s.name(run), n=str(n), all=str(s.race.replicas))
        for run, n in enumerate(counts)
    ]
    if len(points) > _MAX_PLACES:
        return w.fill(w.tr("near one of the {n} lowest minima: {runs}"), n=str(len(points)), runs=w.listed(items))
    places = w.tr(" or ").join(place(point) for point in points)
    return w.fill(w.tr("near the lowest minimum {place}: {runs}"), place=places, runs=w.listed(items))


def _from_starts(s: Standing, shares: Sequence[float]) -> list[Clause]:
    """Return from what share of the starts in the window each run reaches a minimum."""
    w = s.wording
    first = w.fill(w.tr("{name}: [{share} of starts reach a minimum]"), 0, name=s.name(0), share=share(shares[0]))
    rest = [
        w.fill(w.tr("{name}: [{share}]"), run, name=s.name(run), share=share(shares[run]))
        for run in range(1, len(shares))
    ]
    return [first, *rest]


# What a lesson may ask


def _leaving(s: Standing) -> list[Span]:
    """Return who leaves the ridge through the saddle point, and after how many steps."""
    w, found = s.wording, leavings(s.race, s.past)
    if None in map(the_saddle, s.race.surfaces) or any(run in s.past.gone for run in range(len(found))):
        return _verdict(s)
    left = sorted((run for run, step in enumerate(found) if step is not None), key=lambda run: found[run] or 0)
    if not left:
        return w.fill(w.tr("none has left the ridge by step {step}"), step=f"{s.past.step:,}")
    rest = [run for run, step in enumerate(found) if step is None]
    if not rest:
        return w.fill(w.tr("delayed, not trapped: {who}"), who=_left(s, left, found))
    one, several = w.tr("{names} is still on it"), w.tr("{names} are still on it")
    return w.clauses([_left(s, left, found), w.fill(one if len(rest) == 1 else several, names=s.names(rest))])


def _left(s: Standing, left: Sequence[int], found: Sequence[int | None]) -> Clause:
    w, shown = s.wording, left
    if len(left) > 2 and (w.brevity > 1 or len(left) > w.most_names):
        shown = [left[0], left[-1]]
    first = w.fill(w.tr("{name} leaves the ridge after {n} steps"), name=s.name(shown[0]), n=f"{found[shown[0]]:,}")
    later = [w.fill(w.tr(", {name} after {n}"), name=s.name(run), n=f"{found[run]:,}") for run in shown[1:]]
    return joined([first, *later], "")


def _value(s: Standing, run: int) -> list[Span]:
    """Return f alone."""
    value = s.values[run]
    return [Span(s.wording.tr("∞") if np.isinf(value) else signed(value), run)]


def _costs(s: Standing) -> list[Span]:
    """Return how many gradients of single samples a step of each run costs."""
    w = s.wording
    items = [[Span(f"{cost_of(run, s.race):,}", i)] for i, run in enumerate(s.race.runs)]
    return w.fill(w.tr("a step costs {costs} gradients"), costs=replace(w, brevity=0).listed(items))


def _condition(s: Standing) -> list[Span]:
    """Return the ratio of the curvatures at the lowest minimum."""
    low, high = minima(s.race.surface)[0].eigenvalues if minima(s.race.surface) else (np.nan, np.nan)
    return [Span(figure(high / low))]


def _slopes(s: Standing) -> list[Span]:
    """Return how high each run is, and how steep it is there; briefly, how steep alone."""
    w, brief = s.wording, s.wording.brevity > 0
    template = w.tr("{name}: [{norm}]") if brief else w.tr("{name}: {height}, gradient norm [{norm}]")
    clauses = []
    for run in s.in_order[::-1]:
        norm = signed(float(np.median(s.past.values(run, "grad_norm"))))
        clauses.append(w.fill(template, run, name=s.name(run), height=s.height(run), norm=norm))
    return w.fill(w.tr("gradient norm of {runs}"), runs=w.clauses(clauses)) if brief else w.clauses(clauses)


RACE_FIGURES: Mapping[str, Callable[[Standing], list[Span]]] = {
    "verdict": _verdict,
    "leader": lambda s: s.name(s.in_order[0]),
    "best": lambda s: _value(s, s.in_order[0]),
    "last": lambda s: s.name(s.in_order[-1]),
    "worst": lambda s: _value(s, s.in_order[-1]),
    "ends": _ends,
    "arrivals": _arrivals,
    "heights": _heights,
    "leaving": _leaving,
    "costs": _costs,
    "condition": _condition,
    "slopes": _slopes,
}

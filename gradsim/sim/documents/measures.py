"""Measures: numbers of one's own that are read off the record of a run, such as the step at which it reaches 85 %.

A measure goes from the record to one number in this order: the quantity of a run; one layer, or all hidden ones
taken together; one step, a span of steps, or the first step at which something holds; what it is related to
(``over``, ``minus``), replica by replica; all replicas taken together. It is read off the record up to the step
shown, so it may not be known yet: see :class:`~gradsim.sim.documents.comparison.Reading`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from math import isfinite, isinf, isnan
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from gradsim.schema.errors import Given, Phrase, unknown_name
from gradsim.schema.parameters import Choice, Integer, Number, Parameter, ParameterError, Text
from gradsim.sim.documents.comparison import UNKNOWN, Comparison, ComparisonOf, Reading
from gradsim.sim.documents.tables import NAME, Flag, TableOf, TablesOf
from gradsim.sim.kinds import Experiment, kind_of
from gradsim.sim.run.settings import MAX_RUNS
from gradsim.sim.run.tape import Past, Values
from gradsim.words.languages import translate
from gradsim.words.numbers import factor_text, share, signed

SHOWN, LAST = "shown", "last"
FIRST, LAST_HIDDEN, OUTPUT = "first", "last hidden", "output"
MOST_STEPS = 10_000_000

_TOGETHER: Mapping[str, Callable[[Values], Values]] = {
    "least": lambda values: np.min(values, axis=-2),
    "most": lambda values: np.max(values, axis=-2),
    "mean": lambda values: np.mean(values, axis=-2),
    "product": lambda values: np.prod(values, axis=-2),
    "geometric mean": lambda values: np.exp(np.mean(np.log(np.abs(values)), axis=-2)),
}
"""What takes the hidden layers (…, layers, replicas) together."""


def _turns(values: Values) -> Values:
    signs = np.sign(values)
    return np.asarray((signs[1:] * signs[:-1] < 0).sum(axis=0), np.float64)


_OVER_STEPS: Mapping[str, Callable[[Values], Values]] = {
    "mean": lambda values: np.mean(values, axis=0),
    "least": lambda values: np.min(values, axis=0),
    "most": lambda values: np.max(values, axis=0),
    "deviation": lambda values: np.std(values, axis=0),
    "turns": _turns,
}
"""What takes the steps of a span (steps, replicas) together."""

_OVER_REPLICAS: Mapping[str, Callable[[Values], np.floating]] = {
    "median": np.median,
    "mean": np.mean,
    "least": np.min,
    "most": np.max,
}


@dataclass(frozen=True, kw_only=True)
class RunOf(Parameter):
    """A run of the experiment: its number from 1, or its label."""

    def parse(self, value: object) -> int | str:
        if isinstance(value, str):
            parsed: str = Text(self.label, least=1).parse(value)
            return parsed
        number = Integer(self.label, low=1, high=MAX_RUNS)
        if not number.allows(value):
            raise self._refuse(value)
        return int(str(value))

    @property
    def allowed(self) -> str:
        return Phrase("a run's number from 1 to {most}, or its label", most=str(MAX_RUNS))


@dataclass(frozen=True, kw_only=True)
class FirstOf(Parameter):
    """When the first step counts: a comparison without its first term, or "most" or "least"."""

    def parse(self, value: object) -> Comparison | str:
        if value in ("most", "least"):
            return str(value)
        if not self._comparison.allows(value):
            raise self._refuse(value)
        parsed: Comparison = self._comparison.parse(value)
        return parsed

    def plain(self, value: Comparison | str) -> str:
        return str(value)

    @property
    def _comparison(self) -> ComparisonOf:
        return ComparisonOf(self.label, alone=True)

    @property
    def allowed(self) -> str:
        return Phrase("{comparison}, or 'most' or 'least'", comparison=self._comparison.allowed)


@dataclass(frozen=True, kw_only=True)
class OperandOf(Parameter):
    """The name of another measure, or a number."""

    def parse(self, value: object) -> float | str:
        if isinstance(value, str) and NAME.fullmatch(value):
            return value
        number = Number(self.label, low=-1e300, high=1e300)
        if not number.allows(value):
            raise self._refuse(value)
        return number.parse(value)

    @property
    def allowed(self) -> str:
        return Phrase("the name of another measure, or a number")


@dataclass(frozen=True)
class Measure:
    """A number that is read off the record of a run; see the module for the order in which it is made."""

    quantity: str = Text("Quantity", help="What is measured, by the name that scripts use.", least=1, most=40).field()
    run: int | str = RunOf("Run", help="Of which run, by its number or label.").field(1)
    layer: int | str | None = Integer(
        "Layer",
        help="Which layer, or all hidden layers taken together; for what is measured at each layer.",
        low=1,
        high=65,
        words=(FIRST, LAST_HIDDEN, OUTPUT, *_TOGETHER),
    ).field(None)
    factors: str = Choice(
        "Factors",
        help="Take instead of a value by how much it changes from one hidden layer to the next, towards the input "
        "(backward) or the output (forward); factor n lies between layers n and n + 1.",
        choices=("none", "backward", "forward"),
    ).field("none")
    absolute: bool = Flag("Absolute", help="Without its sign.").field(False)
    step: int | str = Integer("Step", help="At which step.", low=0, high=MOST_STEPS, words=(SHOWN, LAST)).field(SHOWN)
    span: str = Choice(
        "Span",
        help="What the steps from `since` to `until` have come to together: their mean, least, most, standard "
        "deviation, or how often the sign turns.",
        choices=("none", *_OVER_STEPS),
    ).field("none")
    first: Comparison | str | None = FirstOf(
        "First step",
        help="The value is the first step at which the quantity compares so, or at which it is largest or smallest.",
    ).field(None)
    for_good: bool = Flag("For good", help="The first step from which on it stays so.").field(False)
    since: int = Integer(
        "Since", help="Where a span or the search for a first step begins.", low=0, high=MOST_STEPS
    ).field(0)
    until: int | str = Integer("Until", help="Where it ends.", low=0, high=MOST_STEPS, words=(SHOWN, LAST)).field(
        SHOWN
    )
    over: float | str | None = OperandOf("Over", help="What it is divided by, replica by replica.").field(None)
    minus: float | str | None = OperandOf("Minus", help="What is taken away, replica by replica.").field(None)
    replicas: str = Choice(
        "Replicas", help="What the replicas have come to together.", choices=tuple(_OVER_REPLICAS)
    ).field("median")
    share: Comparison | None = ComparisonOf(
        "Share", help="The value is the share of replicas that compare so.", alone=True
    ).field(None)

    def __post_init__(self) -> None:
        """Refuse keys that contradict each other."""
        ways = [key for key, given in (("span", self.span != "none"), ("first", self.first is not None)) if given]
        if len(ways) > 1:
            raise ParameterError("first", Phrase("does not go with span: give one of them"))
        if ways and self.step != SHOWN:
            raise ParameterError(
                "step", Phrase("does not go with {key}, which goes from since to until", key=ways[0])
            )
        if not ways and (self.since or self.until != SHOWN):
            raise ParameterError("until" if self.until != SHOWN else "since", Phrase("needs span or first"))
        if self.for_good and not isinstance(self.first, Comparison):
            raise ParameterError("for_good", Phrase("needs a first step at which something compares so"))
        if self.factors != "none" and self.layer in (FIRST, LAST_HIDDEN, OUTPUT):
            template = "{value} is no factor; give its number, or {names}"
            names = ", ".join(_TOGETHER)
            raise ParameterError("layer", Phrase(template, value=Given(self.layer), names=names))

    @property
    def operands(self) -> dict[str, str]:
        """The names of other measures that it is made from, by the key."""
        return {key: name for key in ("over", "minus") if isinstance(name := getattr(self, key), str)}


MEASURES = TablesOf(
    "Measures",
    help="Numbers read off the record of a run, see [below](#measures).",
    item=TableOf("Measure", cls=Measure),
)


class _Bounds(NamedTuple):
    """What is known of a number of each replica: it is from `low` to `high`, both (replicas,)."""

    low: Values
    high: Values

    @classmethod
    def of(cls, values: Values) -> _Bounds:
        return cls(values, values)


@dataclass(frozen=True)
class Readings:
    """All measures of a lesson, read off the record of an experiment up to a step."""

    experiment: Experiment
    past: Past
    measures: Mapping[str, Measure]
    found: Mapping[str, Any] = field(default_factory=dict)
    """What longer computations have found: by its name, a number of each run that has one."""
    _known: dict[str, _Bounds] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What has been read: several points, and other measures, ask for the same."""

    def __call__(self, name: str) -> Reading:
        """Return what is known of a measure; nothing where the experiment has no such run, layer or quantity."""
        measure = self.measures[name]
        try:
            with np.errstate(all="ignore"):  # of layers that are 0 and of runs that diverged, something is known, too
                return Reading(*_of_replicas(measure, self._bounds(name)))
        except (LookupError, ParameterError):
            return UNKNOWN

    def view_of(self, name: str) -> str:
        """Return the key of the view that computes a measure, "" where it is on the record."""
        studied = kind_of(self.experiment).studied.get(self.measures[name].quantity)
        return studied.view if studied else ""

    def is_final(self, name: str) -> bool:
        """Tell whether what is known of a measure will hold at every later step of the run, too."""
        measure = self.measures[name]
        if self.view_of(name):
            return False
        return _is_final(measure, self.past, self.experiment.steps) and all(
            self.is_final(operand) for operand in measure.operands.values()
        )

    def text(self, name: str, language: str) -> str:
        """Return a measure as it stands in a text, "" while it is not known; a factor is 24,500 there."""
        value = self(name).value
        return "" if value is None else self.told(name, value, language).removeprefix("×")

    def told(self, name: str, value: float, language: str) -> str:
        """Return a number by itself in the form that a measure has; a factor is ×24,500."""
        return _text(self._form(self.measures[name]), value, language)

    def run_of(self, name: str) -> int | None:
        """Return the index of the run that a measure is of; None where there is none or it is related to another."""
        measure = self.measures[name]
        try:
            run = run_index(self.experiment, measure.run)
        except ParameterError:
            return None
        others = [self.run_of(other) for other in measure.operands.values()]
        return run if all(other == run for other in others) else None

    def _form(self, measure: Measure) -> str:
        if measure.share is not None:
            return "share"
        if isinstance(measure.over, str) or measure.factors != "none":
            return "factor"
        if measure.first is not None:
            return "step"
        studied = kind_of(self.experiment).studied.get(measure.quantity)
        if studied and measure.over is None:
            return "share" if studied.is_share else "factor"
        quantity = kind_of(self.experiment).quantities(self.experiment).get(measure.quantity)
        return "share" if quantity and quantity.is_share and measure.over is None else "number"

    def _bounds(self, name: str) -> _Bounds:
        if name not in self._known:
            self._known[name] = self._read(self.measures[name])
        return self._known[name]

    def _read(self, measure: Measure) -> _Bounds:
        if measure.quantity in kind_of(self.experiment).studied:
            bounds = self._studied(measure)
        else:
            bounds = _read(_Record(self.experiment, self.past, measure))
        for key, relate in (("over", np.divide), ("minus", np.subtract)):
            operand = getattr(measure, key)
            if operand is not None:
                bounds = _related(relate, bounds, self._operand(operand))
        return bounds

    def _studied(self, measure: Measure) -> _Bounds:
        """Return what a view has found of the one replica that it shows."""
        value = self.found[measure.quantity][run_index(self.experiment, measure.run)]
        return _Bounds.of(np.full(self.experiment.replicas, value))

    def _operand(self, operand: float | str) -> _Bounds:
        if isinstance(operand, str):
            return self._bounds(operand)
        return _Bounds.of(np.full(self.experiment.replicas, operand))


def run_index(experiment: Experiment, run: int | str) -> int:
    """Return the index of a run that is given by its number or label; ParameterError if there is no such run."""
    labels = experiment.labels
    if isinstance(run, str) and run not in labels:
        raise ParameterError("run", unknown_name(run, labels))
    if not isinstance(run, str) and run > len(labels):
        template = "{run} is not a run's number from 1 to {most}, or its label"
        raise ParameterError("run", Phrase(template, run=str(run), most=str(len(labels))))
    return labels.index(run) if isinstance(run, str) else run - 1


def layer_index(measure: Measure, hidden: int) -> int | slice:
    """Return which layers of a run with so many hidden ones a measure is of: one, or all hidden ones."""
    if measure.layer in _TOGETHER:
        return slice(0, hidden)
    if isinstance(measure.layer, str):
        return {FIRST: 0, LAST_HIDDEN: max(hidden - 1, 0), OUTPUT: hidden}[measure.layer]
    if measure.layer is None:
        what = Phrase("is missing: {name} is measured at each layer", name=Given(measure.quantity))
        raise ParameterError("layer", what)
    most = hidden - 1 if measure.factors != "none" else hidden + 1
    if not 1 <= measure.layer <= most:
        counts = {"layer": str(measure.layer), "most": str(most)}
        if measure.factors != "none":
            raise ParameterError("layer", Phrase("{layer} is not one of the {most} factors of the run", **counts))
        raise ParameterError("layer", Phrase("{layer} is not one of the {most} layers of the run", **counts))
    return measure.layer - 1


class _Record:
    """What one measure needs of the record of its run."""

    def __init__(self, experiment: Experiment, past: Past, measure: Measure) -> None:
        self.measure, self.past, self.end = measure, past, experiment.steps
        self.run = run_index(experiment, measure.run)
        self.quantity = kind_of(experiment).quantities(experiment)[measure.quantity]
        hidden = kind_of(experiment).hidden_layers(experiment, self.run)
        self.layers = layer_index(measure, hidden) if self.quantity.of == "layers" else None
        self.hidden = hidden

    def at(self, index: int) -> Values:
        """Return the values (replicas,) at one of the kept steps; what is measured now and then as it was last."""
        while True:
            values = self._shaped(self.past.values_at(index, self.run, self.quantity.channel))
            if not self.quantity.is_occasional or index == 0 or np.isfinite(values).any():
                return values
            index -= 1

    def between(self, first: int, last: int) -> tuple[npt.NDArray[np.int64], Values]:
        """Return the kept steps (n,) from one to another, and the values (n, replicas) of those that have any."""
        low, high = np.searchsorted(self.past.steps, [first, last + 1])
        steps = self.past.steps[low:high]
        values = self._shaped(self.past.replicas(self.run, self.quantity.channel)[low:high])
        known = np.isfinite(values).any(axis=-1) if self.quantity.is_occasional else np.full(len(steps), True)
        return steps[known], values[known]

    def _shaped(self, values: Values) -> Values:
        if self.measure.absolute:
            values = np.abs(values)
        if self.layers is None:
            return values
        if self.measure.factors != "none":
            values = self._factors(values[..., : self.hidden, :])
        picked = values[..., self.layers, :]
        together = _TOGETHER.get(str(self.measure.layer))
        if together is None:
            return picked
        return together(picked) if picked.shape[-2] else np.full(picked.shape[:-2] + picked.shape[-1:], np.nan)

    def _factors(self, values: Values) -> Values:
        lower, upper = values[..., :-1, :], values[..., 1:, :]
        return lower / upper if self.measure.factors == "backward" else upper / lower

    def step_of(self, given: int | str) -> int:
        """Return a step that is given as in a file."""
        return {SHOWN: self.past.step, LAST: self.end}[given] if isinstance(given, str) else given

    def has_reached(self, step: int) -> bool:
        """Tell whether the record has come to a step, or to the kept one that is nearest to it."""
        stride = self.past.stride
        nearest = min(round(step / stride), self.end // stride) * stride
        return self.past.step >= min(step, nearest)


def _read(record: _Record) -> _Bounds:
    if record.measure.first is not None:
        return _first_steps(record)
    if record.measure.span != "none":
        return _over_span(record)
    step = record.step_of(record.measure.step)
    if not record.has_reached(step):
        return _unknown(record)
    return _Bounds.of(record.at(int(np.abs(record.past.steps - step).argmin())))


def _is_final(measure: Measure, past: Past, end: int) -> bool:
    """Tell whether a measure is not of the step shown, or is of what goes on to its end and has come to that."""
    if measure.first is not None:
        is_over = past.step >= (end if isinstance(measure.until, str) else measure.until)
        return is_over or (isinstance(measure.first, Comparison) and not measure.for_good)
    return (measure.until if measure.span != "none" else measure.step) != SHOWN


def _unknown(record: _Record) -> _Bounds:
    replicas = record.past.layout.replicas
    return _Bounds(np.full(replicas, -np.inf), np.full(replicas, np.inf))


def _over_span(record: _Record) -> _Bounds:
    measure = record.measure
    until = record.step_of(measure.until)
    _, values = record.between(measure.since, until)
    if not len(values):
        return _unknown(record)
    so_far, unknown = _OVER_STEPS[measure.span](values), _unknown(record)
    if record.has_reached(until):
        return _Bounds.of(so_far)
    low, high = measure.span in ("most", "turns"), measure.span == "least"
    return _Bounds(so_far if low else unknown.low, so_far if high else unknown.high)


def _first_steps(record: _Record) -> _Bounds:
    """Return for each replica the first step; inf where it has not come and will not, a bound while it still may."""
    measure, first = record.measure, record.measure.first
    until = record.step_of(measure.until)
    steps, values = record.between(measure.since, until)
    if not len(values):
        return _unknown(record)
    if isinstance(first, Comparison):
        found = _first_where(_compared(first, values), steps, measure.for_good)
    else:
        peaks = np.nan_to_num(values, nan=-np.inf) if first == "most" else np.nan_to_num(-values, nan=-np.inf)
        return _Bounds.of(steps[peaks.argmax(axis=0)].astype(np.float64))
    over = record.has_reached(record.step_of(LAST) if measure.until == SHOWN else until)
    bound = np.inf if over else float(record.past.step + 1)
    return _Bounds(np.where(np.isinf(found), bound, found), found)


def _first_where(holds: npt.NDArray[np.bool_], steps: npt.NDArray[np.int64], for_good: bool) -> Values:
    """Return the first step (replicas,) at which `holds` (n, replicas), or from which on it does; inf for never."""
    if for_good:
        holds = np.logical_and.accumulate(holds[::-1], axis=0)[::-1]
    return np.where(holds.any(axis=0), steps[holds.argmax(axis=0)], np.inf)


def _compared(comparison: Comparison, values: Values) -> npt.NDArray[np.bool_]:
    compare = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal}[comparison.signs[0]]
    found: npt.NDArray[np.bool_] = compare(values, float(comparison.terms[1]))
    return found


def _related(relate: np.ufunc, one: _Bounds, other: _Bounds) -> _Bounds:
    """Return a ratio or difference; it is known of the replicas of which both numbers are."""
    known = (one.low == one.high) & (other.low == other.high) | np.isnan(one.low) | np.isnan(other.low)
    values = relate(one.low, other.low)
    return _Bounds(np.where(known, values, -np.inf), np.where(known, values, np.inf))


def _of_replicas(measure: Measure, bounds: _Bounds) -> tuple[float, float]:
    """Return what all replicas come to together, of those that have a value; NaN where none has."""
    low, high = (each[~np.isnan(bounds.low)] for each in bounds)
    if measure.share is not None:
        return _share(measure.share, bounds)
    if not len(low):
        return float("nan"), float("nan")
    take = _OVER_REPLICAS[measure.replicas]
    return float(take(low)), float(take(high))


def _share(comparison: Comparison, bounds: _Bounds) -> tuple[float, float]:
    """Return the share of replicas that compare so; those without a value do not."""
    readings = [Reading(low, high) for low, high in zip(*bounds, strict=True)]
    found = [comparison.holds_of(reading) for reading in readings]
    return found.count(True) / len(found), 1.0 - found.count(False) / len(found)


def _text(form: str, value: float, language: str) -> str:
    if isnan(value):
        return "–"
    if form == "step":
        return f"{value:,.0f}" if isfinite(value) else translate("never", language)
    if isinf(value):
        return "∞" if value > 0 else "−∞"
    if form == "share":
        return share(value) if value >= 0 else f"−{share(-value)}"
    return factor_text(value) if form == "factor" else signed(value)


# Checks


def check_measures(measures: Mapping[str, Measure], experiment: Experiment) -> None:
    """Refuse measures of what an experiment does not have; ParameterError with its path below ``lesson``."""
    for name, measure in measures.items():
        try:
            _check(measure, experiment)
        except ParameterError as error:
            raise error.below(f"lesson.measures.{name}") from None


def check_names(measures: Mapping[str, Measure]) -> None:
    """Refuse measures that are made from what is no measure, or from themselves."""
    for name, measure in measures.items():
        for key, operand in measure.operands.items():
            path = f"lesson.measures.{name}.{key}"
            if operand not in measures:
                raise ParameterError(path, unknown_name(operand, measures))
            if _is_made_from(operand, name, measures, set()):
                names = {"one": Given(operand), "other": Given(name)}
                raise ParameterError(path, Phrase("{one} is itself made from {other}", **names))


def _is_made_from(name: str, wanted: str, measures: Mapping[str, Measure], seen: set[str]) -> bool:
    if name == wanted:
        return True
    if name in seen or name not in measures:
        return False
    seen.add(name)
    return any(_is_made_from(other, wanted, measures, seen) for other in measures[name].operands.values())


def _check(measure: Measure, experiment: Experiment) -> None:
    kind = kind_of(experiment)
    if measure.quantity in kind.studied:
        _check_studied(measure, experiment)
        return
    quantities = {key: each for key, each in kind.quantities(experiment).items() if each.of != "coordinates"}
    if measure.quantity not in quantities:
        raise ParameterError("quantity", unknown_name(measure.quantity, [*quantities, *kind.studied]))
    run = run_index(experiment, measure.run)
    of_layers = quantities[measure.quantity].of == "layers"
    if not of_layers and (measure.layer or measure.factors != "none"):
        key = "layer" if measure.layer else "factors"
        template = "is given, but {name} is measured of the run as a whole"
        raise ParameterError(key, Phrase(template, name=Given(measure.quantity)))
    if of_layers:
        layer_index(measure, kind.hidden_layers(experiment, run))
    for key in ("step", "since", "until"):
        step = getattr(measure, key)
        if not isinstance(step, str) and step > experiment.steps:
            raise ParameterError(key, after_the_last_step(step, experiment.steps))


def after_the_last_step(step: int, last: int) -> str:
    """Return what is wrong with a step that an experiment does not come to."""
    return Phrase("{step} is after the last step, {last}", step=f"{step:,}", last=f"{last:,}")


_OF_STUDIED = ("quantity", "run", "over", "minus")


def _check_studied(measure: Measure, experiment: Experiment) -> None:
    """Refuse to take layers, steps or replicas of what a view computes of one network at the step shown."""
    run_index(experiment, measure.run)
    for each in fields(measure):
        if each.name not in _OF_STUDIED and getattr(measure, each.name) != each.default:
            what = "is given, but {quantity} is computed by a view as it is now"
            raise ParameterError(each.name, Phrase(what, quantity=Given(measure.quantity)))

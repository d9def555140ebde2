"""Experiments and lessons, generated from the metadata of their settings, survive the way to a file and back."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeVar

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from gradsim.engine.data import DATASETS
from gradsim.engine.data.user_formula import Conditions, FormulaNumbers
from gradsim.engine.data.user_points import MAX_CLASSES, Dot, Dots, Points
from gradsim.engine.nn.activations import ACTIVATIONS
from gradsim.engine.nn.given import GivenNumber, GivenNumbers
from gradsim.engine.nn.initializers import INITIALIZERS
from gradsim.engine.nn.losses import LOSSES
from gradsim.engine.nn.outputs import OUTPUTS
from gradsim.engine.optim import OPTIMIZERS
from gradsim.engine.optim.clipping import CLIPS
from gradsim.engine.optim.schedules import SCHEDULES
from gradsim.engine.surfaces import SURFACES
from gradsim.engine.surfaces.user_formula import Formula
from gradsim.schema.parameters import (
    Choice,
    EntryOf,
    Integer,
    Integers,
    NestedNumbers,
    Number,
    Numbers,
    Parameter,
    ParameterError,
    Text,
    decode,
    encode,
    parameters,
)
from gradsim.sim.documents.comparison import Comparison, ComparisonOf
from gradsim.sim.documents.document import Document, dump, parse
from gradsim.sim.documents.experiments import experiment_from, full_table, table_of
from gradsim.sim.documents.lesson import Lesson
from gradsim.sim.documents.lesson_parts import PointOf, Prediction, SettingsOf
from gradsim.sim.documents.measures import FirstOf, Measure, OperandOf, RunOf
from gradsim.sim.documents.tables import Flag, Table, TableOf, TablesOf
from gradsim.sim.documents.texts import ListOf, Words, WordsOf
from gradsim.sim.documents.view_choice import ViewChoice, ViewChoiceOf
from gradsim.sim.kinds import Experiment, kind_of
from gradsim.sim.kinds.race.spec import Race, RaceRun
from gradsim.sim.kinds.train.spec import Train, TrainRun
from gradsim.sim.run.changes import STEP, Change, ChangesOf
from gradsim.words.languages import languages
from tests.property.cases import cases

T = TypeVar("T")

ENTRIES = [
    entry
    for registry in (ACTIVATIONS, OUTPUTS, LOSSES, INITIALIZERS, OPTIMIZERS, SCHEDULES, CLIPS, DATASETS, SURFACES)
    for entry in registry.values()
]

generated = cases(60)


# Letters of all languages, and all that TOML must quote.
LETTERS = st.characters(codec="utf-8", categories=["L", "N", "P", "S", "M"]) | st.sampled_from(" \"'\\#=[]{},.")


def lines(most: int, least: int = 0) -> st.SearchStrategy[str]:
    line = st.text(LETTERS, max_size=min(most, 20)).filter(str.isprintable).map(str.strip)
    return line.filter(lambda text: len(text) >= least)


def integers(low: float, high: float) -> st.SearchStrategy[int]:
    # Small ones most often: a data set has fewer samples than its parameter allows.
    return st.integers(int(low), int(min(high, low + 100))) | st.integers(int(low), int(high))


def allowed(parameter: Parameter) -> st.SearchStrategy[Any]:  # noqa: C901 (a case per kind)
    """Return all values that `parameter` allows."""
    match parameter:
        case Number(low=low, high=high):
            return st.floats(low, high)
        case Integer(low=low, high=high, words=words):
            return st.one_of(integers(low, high), *(st.just(word) for word in words))
        case Integers(low=low, high=high, most=most):
            return st.lists(integers(low, high), max_size=min(most, 6)).map(tuple)
        case NestedNumbers(low=low, high=high, depth=depth):
            nested: st.SearchStrategy[Any] = st.floats(low, high)
            for _ in range(depth - 1):
                nested = nested | st.lists(nested, min_size=1, max_size=3).map(tuple)
            return st.lists(nested, max_size=3).map(tuple)
        case Numbers(low=low, high=high, least=least, most=most):
            return st.lists(st.floats(low, high), min_size=least, max_size=min(most, 6)).map(tuple)
        case GivenNumbers():
            places = st.integers(0, 1023)
            numbers = st.builds(GivenNumber, st.integers(0, 99), places, st.none() | places, st.floats(-1e6, 1e6))
            return st.lists(numbers, max_size=3, unique_by=lambda number: number.name).map(tuple)
        case Text(least=least, most=most):
            return lines(most, least)
        case Choice(choices=choices):
            return st.sampled_from(choices)
        case EntryOf(registry=registry):
            return st.one_of([instances(entry) for entry in registry.values()])
        case ChangesOf():
            return changes_of(parameter.settings)
        case WordsOf(needed=needed):
            each = lines(600, 1 if needed else 0)
            return st.fixed_dictionaries(dict.fromkeys(languages(), each)).map(lambda w: Words(**w))
        case ViewChoiceOf():
            plain = st.integers(-9, 9) | lines(20) | st.booleans() | st.lists(st.floats(-1.0, 1.0), max_size=3)
            names = st.sampled_from(["over", "probe", "levels"])
            return st.builds(ViewChoice, lines(20, 1), st.dictionaries(names, plain, max_size=2))
        case TableOf(cls=cls) | PointOf(cls=cls):
            return part(cls)
        case TablesOf(item=item):
            names = st.sampled_from(MEASURED)
            return st.dictionaries(names, allowed(item), max_size=2).map(Table)
        case Flag():
            return st.booleans()
        case RunOf():
            return st.integers(1, 8) | lines(20, 1)
        case ComparisonOf(alone=True) | FirstOf():
            return st.builds(Comparison, st.tuples(st.just(""), NUMBERS), SIGNS.map(lambda sign: (sign,)))
        case ComparisonOf():
            return st.builds(Comparison, st.tuples(NUMBERS | st.sampled_from(MEASURED), NUMBERS, NUMBERS), TWO_SIGNS)
        case OperandOf():
            return NUMBERS
        case SettingsOf():
            return st.dictionaries(lines(20, 1), NUMBERS | lines(20) | st.booleans(), max_size=2).map(Table)
        case ListOf(item=item, most=most):
            return st.lists(allowed(item), max_size=min(most, 3)).map(tuple)
        case Dots():
            place = st.floats(-1e6, 1e6)
            return st.lists(st.builds(Dot, place, place, st.integers(0, MAX_CLASSES - 1)), max_size=30).map(tuple)
    raise AssertionError(f"{type(parameter).__name__} is new: say here which values it allows")


NUMBERS = st.floats(-1e9, 1e9)
SIGNS = st.sampled_from(["<", "<=", ">", ">="])
TWO_SIGNS = st.tuples(SIGNS, SIGNS)
MEASURED = ["slow", "fast"]


def part(cls: type[T]) -> st.SearchStrategy[T]:
    """Return parts of lessons with some of their settings, for not all go together."""
    declared = parameters(cls)
    required = {f.name for f in dataclasses.fields(cls) if f.default is dataclasses.MISSING}  # type: ignore[arg-type]
    each = {name: allowed(parameter) for name, parameter in declared.items()}
    needed = {name: each.pop(name) for name in required}
    if cls is Prediction:
        needed["ask"], needed["right"] = st.just("number"), st.sampled_from(MEASURED)
        needed["scale"] = st.tuples(st.floats(0.5, 1.0), st.floats(2.0, 1e6))
        each = {name: each[name] for name in ("usual", "at", "log")}

    def build(values: dict[str, Any]) -> T:
        try:
            return cls(**values)
        except ParameterError:
            reject()

    return st.fixed_dictionaries(needed, optional=each).map(build)


def changes_of(settings: Mapping[str, Parameter]) -> st.SearchStrategy[tuple[Change, ...]]:
    """Return changes in the order of their steps, with settings in the order in which they are declared."""
    each = st.fixed_dictionaries({}, optional={name: allowed(parameter) for name, parameter in settings.items()})
    given_settings = each.map(lambda values: tuple((name, values[name]) for name in settings if name in values))
    steps = st.lists(st.integers(0, 3) | integers(0, STEP.high), max_size=2, unique=True).map(sorted)
    return steps.flatmap(lambda found: st.tuples(*(st.builds(Change, st.just(at), given_settings) for at in found)))


def spans() -> st.SearchStrategy[tuple[float, float]]:
    numbers = st.floats(-1e6, 1e6)
    return st.tuples(numbers, numbers).filter(lambda ends: ends[0] < ends[1])


def race_changes() -> st.SearchStrategy[tuple[Change, ...]]:
    """Return changes of a race on any surface: those that are no mean over samples have no batches."""
    changes = parameters(RaceRun)["changes"]
    assert isinstance(changes, ChangesOf)
    return changes_of({key: parameter for key, parameter in changes.settings.items() if key != "batch_size"})


def windows() -> st.SearchStrategy[tuple[float, ...]]:
    return st.tuples(spans(), spans()).map(lambda pair: (*pair[0], *pair[1]))


FORMULAS = st.sampled_from(["x", "x² − y²", "(x + 2*y)^2 / 3", "sin(pi*x) + exp(-y)"])

# What is allowed together too seldom to be met by chance.
RARE: dict[type, dict[str, st.SearchStrategy[Any]]] = {
    Formula: {"expression": FORMULAS, "window": windows()},
    Conditions: {
        "conditions": st.lists(st.sampled_from(["y > sin(x)", "0 <= x < 1 or y ≠ 2"]), min_size=1).map("; ".join),
        "window": windows(),
    },
    FormulaNumbers: {"expression": FORMULAS, "window": spans() | windows()},
    Points: {"window": windows()},
    RaceRun: {"batch_size": st.just("all"), "changes": st.deferred(race_changes)},
}


def instances(cls: type[T], **given_values: st.SearchStrategy[Any]) -> st.SearchStrategy[T]:
    """Return all instances of a dataclass whose settings are allowed, together too."""

    def build(values: dict[str, Any]) -> T:
        try:
            return cls(**values)
        except ParameterError:
            reject()

    each = {name: allowed(parameter) for name, parameter in parameters(cls).items()}
    each |= RARE.get(cls, {})
    return st.fixed_dictionaries(each | given_values).map(build)


runs = st.lists(instances(TrainRun), min_size=1, max_size=4, unique_by=lambda run: run.label).map(tuple)
race_runs = st.lists(instances(RaceRun), min_size=1, max_size=4, unique_by=lambda run: run.label).map(tuple)
experiments = instances(Train, runs=runs) | instances(Race, runs=race_runs)


@st.composite
def documents_of(draw: st.DrawFn) -> Document:
    """Return experiments, some with a lesson that names what their kind has."""
    experiment = draw(experiments)
    kind = kind_of(experiment)
    pieces = st.sampled_from([*(f"{{{name}}}" for name in kind.figures), " of ", "；"])
    sentences = st.lists(pieces, max_size=6).map("".join)
    templates = st.builds(Words, en=sentences, zh_CN=sentences)
    settings = sorted({*parameters(kind.experiment), *parameters(kind.run)})
    lesson = instances(
        Lesson,
        verdict=templates,
        verdict_next=templates,
        why=templates,
        measures=st.fixed_dictionaries({name: part(Measure) for name in MEASURED}).map(Table),
        hidden=st.lists(st.sampled_from(settings), max_size=3).map(tuple),
        over=st.sampled_from(kind.x_axes),
        projector=st.just(()),
        answer=st.just(Words()),
    )
    found = draw(st.none() | lesson)
    if found is not None and found.verdict and found.holds:
        found = dataclasses.replace(found, answer=Words(en=draw(st.sampled_from(["", "Yes", "no, never"]))))
    if found is not None and found.views:
        keys = st.sampled_from([choice.key for choice in found.views])
        found = dataclasses.replace(found, projector=tuple(draw(st.lists(keys, max_size=2, unique=True))))
    return Document(experiment, found)


documents = documents_of()


@pytest.mark.parametrize("cls", [*ENTRIES, TrainRun, RaceRun, Lesson], ids=lambda cls: cls.__name__)
@cases(25)
@given(data=st.data())
def test_decode_is_the_inverse_of_encode(cls: type[Any], data: st.DataObject) -> None:
    instance = data.draw(instances(cls))
    assert decode(cls, encode(instance)) == instance


@pytest.mark.parametrize("cls", [*ENTRIES, Train, TrainRun, RaceRun, Lesson], ids=lambda cls: cls.__name__)
def test_defaults_are_allowed(cls: type[Any]) -> None:
    for field in dataclasses.fields(cls):
        parameter = field.metadata.get("parameter")
        if parameter and field.default is not dataclasses.MISSING:
            assert parameter.parse(parameter.plain(field.default)) == field.default


@generated
@given(document=documents)
def test_a_file_gives_the_same_document_back(document: Document) -> None:
    text = dump(document)
    assert parse(text, "generated.toml") == document
    assert dump(parse(text, "generated.toml")) == text


@generated
@given(experiment=experiments)
def test_both_tables_give_the_same_experiment_back(experiment: Experiment) -> None:
    assert experiment_from(table_of(experiment)) == experiment
    assert experiment_from(full_table(experiment)) == experiment


@generated
@given(experiment=experiments)
def test_what_all_runs_share_is_written_once(experiment: Experiment) -> None:
    table = table_of(experiment)
    common = table.get("common", {})
    assert not any(key in run for run in table["runs"] for key in common)
    if len(experiment.runs) > 1:
        for key in parameters(type(experiment.runs[0])):
            values = {repr(getattr(run, key)) for run in experiment.runs}
            written = key != "label" and (key != "changes" or experiment.runs[0].changes != ())
            assert (key in common) == (len(values) == 1 and written)

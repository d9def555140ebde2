"""What a lesson says, and what it shows first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from gradsim.engine.nn.probes import INDEX, PROBES
from gradsim.schema.errors import Given, Phrase, unknown_name
from gradsim.schema.parameters import Choice, Integer, ParameterError, Text, parameters
from gradsim.sim.documents.comparison import Comparison, ComparisonOf
from gradsim.sim.documents.lesson_parts import Notes, Point, PointOf, Prediction, Try
from gradsim.sim.documents.measures import LAST, MEASURES, MOST_STEPS, Measure, check_names
from gradsim.sim.documents.tables import Table, TableOf
from gradsim.sim.documents.texts import ListOf, Words, WordsOf
from gradsim.sim.documents.view_choice import KEY, ViewChoice, ViewChoiceOf
from gradsim.sim.kinds import X_AXES, Kind
from gradsim.words.sentences import is_template, names_in

VIEW = ViewChoiceOf("View", help="A view, and options of its own.")
SHARED_OPTIONS = ("over", "probe")
"""Options of views that a lesson may also set for all views at once."""


@dataclass(frozen=True)
class Lesson:
    """What a lesson says, and what it shows first."""

    id: str = Text("Id", help="How the command line calls it.", most=40).field()
    title: Words = WordsOf("Title", needed=True).field()
    number: int = Integer("Number", help="Its place in the course.", low=0, high=99).field(0)
    subtitle: Words = WordsOf("Subtitle").field(Words())
    question: Words = WordsOf("Question", help="What the class is asked.").field(Words())
    chapter: Words = WordsOf(
        "Chapter", help="The chapter of the course; lessons of one chapter all repeat it."
    ).field(Words())
    points: tuple[Point, ...] = ListOf(
        "Points", help="What to watch, and when it is true, see [below](#points).", item=PointOf("Point"), most=6
    ).field(())
    measures: Mapping[str, Measure] = MEASURES.field(Table({}))
    tries: tuple[Try, ...] = ListOf(
        "Things to try",
        help="Changes that one click makes, see [below](#tries).",
        item=TableOf("Try", cls=Try),
        most=6,
    ).field(())
    why: Words = WordsOf("Why", help="A paragraph; {names} are measured.", most=1500).field(Words())
    formula: str = Text("Formula", help="Its formula, in LaTeX.", most=400).field("")
    live_formula: str = Text(
        "Formula with numbers", help="The same with measures, as in `{slow} = 4.2^8`.", most=400
    ).field("")
    notes: Notes = TableOf("Notes", help="Notes for the lecturer, see [below](#notes).", cls=Notes).field(Notes())
    minutes: int = Integer("Minutes", help="How long it takes in class; 0 says nothing.", low=0, high=90).field(0)
    sources: tuple[str, ...] = ListOf("Sources", help="Where to read on.", item=Text("Source", most=300)).field(())
    predict: Prediction | None = TableOf(
        "Prediction", help="What the class is asked before the run, see [below](#predict).", cls=Prediction,
        optional=True, unsaid=(None,),
    ).field(None)  # fmt: skip
    claim: Words = WordsOf("Claim", help="What the run is to show.").field(Words())
    holds: tuple[Comparison, ...] = ListOf(
        "Holds",
        help="What the claim comes to: a test finds it true at the end of the run.",
        item=ComparisonOf("Holds"),
    ).field(())
    answer: Words = WordsOf(
        "Answer",
        help="What the sentence below the pictures begins with, before a colon, once all of `holds` is true of the "
        "run at the step shown.",
        most=80,
    ).field(Words())
    verdict: Words = WordsOf(
        "Verdict",
        help="The sentence below the pictures, which reads well without the answer too; {names} are measured on the "
        "run shown.",
    ).field(Words())
    verdict_next: Words = WordsOf(
        "Verdict, further runs", help="What the sentence adds for each run after the first."
    ).field(Words())
    views: tuple[ViewChoice, ...] = ListOf(
        "Views", help="The views it opens with, with options of their own where they are tables.", item=VIEW
    ).field(())
    projector: tuple[str, ...] = ListOf(
        "Views on a projector", help="Those of its views that carry its claim; left out, the first alone.", item=KEY
    ).field(())
    hidden: tuple[str, ...] = ListOf(
        "Hidden controls", help="Settings it does not show.", item=Text("Setting", least=1, most=40)
    ).field(())
    over: str = Choice(
        "Curves over", help="What all views with this option draw curves over at first.", choices=X_AXES
    ).field(X_AXES[0])
    probe: str = Choice(
        "Measured at each layer", help="What all views with this option show at first.", choices=tuple(INDEX)
    ).field(PROBES[0].key)
    picture_step: int | str = Integer(
        "Picture step", help="The step that export shows.", low=0, high=MOST_STEPS, words=(LAST,)
    ).field(LAST)

    @property
    def words(self) -> Iterator[Words]:
        """All its texts that are in languages, those of its parts among them; some may be empty."""
        yield from _words_of(self)

    def templates(self, language: str) -> tuple[str, ...]:
        """Return the sentence for the first run and for each further one; () where the lesson has none."""
        return (self.verdict(language), self.verdict_next(language)) if self.verdict else ()

    def step_of(self, at: int | str, steps: int) -> int:
        """Return the step that a point or the prediction is about, in an experiment of so many steps."""
        step = at if at != "" else self.picture_step
        return steps if isinstance(step, str) else min(step, steps)

    def check(self, kind: Kind[Any, Any]) -> None:
        """Refuse figures, hidden controls and axes that experiments of this kind do not have, and views not its own.

        An answer without a sentence that it begins, or without what makes it true, is refused too.

        Raises
        ------
        ParameterError
            With its path below ``lesson``.
        """
        figures = [*self.measures, *sorted(kind.figures)]
        for key in ("verdict", "verdict_next", "why"):
            for language, template in getattr(self, key).by_language.items():
                _check_template(template, f"lesson.{key}.{language}", figures)
        self._check_answer()
        settings = [*parameters(kind.experiment), *parameters(kind.run)]
        _check_names("hidden", self.hidden, settings)
        _check_names("projector", self.projector, [choice.key for choice in self.views])
        if self.over not in kind.x_axes:
            raise ParameterError("lesson.over", unknown_name(self.over, kind.x_axes))
        check_names(self.measures)
        for path, name in self._named():
            if name not in self.measures:
                raise ParameterError(f"lesson.{path}", unknown_name(name, self.measures))

    def _check_answer(self) -> None:
        for key in ("verdict", "holds") if self.answer else ():
            if not getattr(self, key):
                raise ParameterError(f"lesson.{key}", Phrase("is missing: {name} asks for it", name=Given("answer")))
        for language, text in self.answer.by_language.items():
            if set("{}") & set(text):
                what = Phrase("{value} has a brace; figures belong into the verdict", value=Given(text))
                raise ParameterError(f"lesson.answer.{language}", what)

    def _named(self) -> Iterator[tuple[str, str]]:
        """Yield the names of measures in points, formulas and the prediction, each with its path."""
        for i, comparison in enumerate(self.holds):
            yield from ((f"holds[{i}]", name) for name in comparison.names)
        for i, point in enumerate(self.points):
            yield from ((f"points[{i}].when", name) for name in _names_of(point.when))
        for key in ("formula", "live_formula"):
            yield from ((key, name) for name in _PLACE_IN_FORMULA.findall(getattr(self, key)))
        if self.predict and self.predict.right:
            yield "predict.right", self.predict.right
        for i, answer in enumerate(self.predict.choices if self.predict else ()):
            yield from ((f"predict.choices[{i}].when", name) for name in _names_of(answer.when))


_PLACE_IN_FORMULA = re.compile(r"(?<![\\A-Za-z_^}\]])\{([a-z][a-z0-9_]+)\}")
"""Braces in LaTeX that are around no argument: around the name of a measure, then."""


def _names_of(comparison: Comparison | None) -> list[str]:
    return comparison.names if comparison else []


def _words_of(part: object) -> Iterator[Words]:
    if isinstance(part, Words):
        yield part
    elif isinstance(part, tuple):
        for each in part:
            yield from _words_of(each)
    elif is_dataclass(part) and not isinstance(part, type):
        for field in fields(part):
            yield from _words_of(getattr(part, field.name))


def _check_names(key: str, names: Sequence[str], known: Sequence[str]) -> None:
    for i, name in enumerate(names):
        if name not in known:
            raise ParameterError(f"lesson.{key}[{i}]", unknown_name(name, known))


def _check_template(template: str, path: str, figures: Sequence[str]) -> None:
    """Refuse a sentence that asks for what is no figure, or has a brace around something else."""
    if not is_template(template):
        what = Phrase("{value} has a brace that is not around a figure's name, as in {{loss}}", value=Given(template))
        raise ParameterError(path, what)
    for name in names_in(template):
        if name not in figures:
            known = [f"{{{figure}}}" for figure in figures]
            raise ParameterError(path, unknown_name(f"{{{name}}}", known))

"""What a lesson says of its own experiment, checked: its runs, layers, steps, and the changes that it proposes."""

from __future__ import annotations

import re
from functools import partial

from gradsim.schema.errors import Given, Phrase, Said
from gradsim.schema.parameters import ParameterError
from gradsim.sim.documents.document import Document
from gradsim.sim.documents.lesson import Lesson
from gradsim.sim.documents.measures import after_the_last_step, check_measures
from gradsim.sim.documents.predict import check_prediction
from gradsim.sim.documents.tries import check_tries
from gradsim.words.formulas import problem


def check_lesson(document: Document) -> None:
    """Refuse what does not go with the lesson's experiment; ParameterError with its path below ``lesson``.

    A document with another experiment is not checked: a lesson that was changed by hand is shown as far as it goes.
    """
    lesson = document.lesson
    if lesson is None or not document.is_as_in_the_lesson:
        return
    check_measures(lesson.measures, document.experiment)
    check_tries(document)
    check_prediction(document)
    check_formulas(lesson)
    if not ID.fullmatch(lesson.id):
        what = Phrase("{value} is not a lesson's id: up to 40 of a–z, 0–9, - and _", value=Given(lesson.id))
        raise ParameterError("lesson.id", what)
    steps = document.experiment.steps
    places: list[tuple[str, int | str]] = [("picture_step", lesson.picture_step)]
    places += [(f"points[{i}].at", point.at) for i, point in enumerate(lesson.points)]
    places += [("predict.at", lesson.predict.at)] if lesson.predict else []
    for path, at in places:
        if not isinstance(at, str) and at > steps:
            raise ParameterError(f"lesson.{path}", after_the_last_step(at, steps))


def check_formulas(lesson: Lesson) -> None:
    """Refuse formulas that cannot be typeset, with a digit in place of each measure."""
    for key, latex in (("formula", lesson.formula), ("live_formula", lesson.live_formula)):
        found = problem(_FIGURE.sub(partial(_with_digit, lesson), latex)) if latex else None
        if found:
            raise ParameterError(f"lesson.{key}", Said(found, "this formula cannot be typeset"))


ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_FIGURE = re.compile(r"\{(\w+)\}")


def _with_digit(lesson: Lesson, found: re.Match[str]) -> str:
    return "{1}" if found[1] in lesson.measures else found[0]

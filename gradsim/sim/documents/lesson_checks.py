"""What a lesson says of its own experiment, checked: its runs, layers, steps, and the changes that it proposes."""

from __future__ import annotations

from gradsim.schema.parameters import ParameterError
from gradsim.sim.documents.document import Document
from gradsim.sim.documents.measures import check_measures
from gradsim.sim.documents.predict import check_prediction
from gradsim.sim.documents.tries import check_tries


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
    steps = document.experiment.steps
    places = [(f"points[{i}].at", point.at) for i, point in enumerate(lesson.points)]
    places += [("predict.at", lesson.predict.at)] if lesson.predict else []
    for path, at in places:
        if not isinstance(at, str) and at > steps:
            raise ParameterError(f"lesson.{path}", f"{at:,} is after the last step, {steps:,}")

"""The right answer to what a class has predicted, measured on the run."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from gradsim.schema.errors import Phrase, unknown_name
from gradsim.schema.parameters import ParameterError
from gradsim.sim.documents.document import Document
from gradsim.sim.documents.lesson_parts import Curve, Prediction
from gradsim.sim.documents.measures import Measure, Readings, layer_index, run_index
from gradsim.sim.kinds import Experiment, kind_of
from gradsim.sim.run.tape import MEDIAN, Past, Values


def _nothing() -> Values:
    return np.empty(0)


@dataclass(frozen=True)
class Right:
    """The right answer as far as the run goes; what is not known yet, or not asked for, is None or empty.

    Attributes
    ----------
    choice
        The index of the right one of the answers.
    value
        The number; inf for a step that is never reached.
    text
        The number as text, "" while it is not known.
    x, y
        The curve, medians over replicas: over steps, or over layers from 1.
    """

    choice: int | None = None
    value: float | None = None
    text: str = ""
    x: Values = field(default_factory=_nothing)
    y: Values = field(default_factory=_nothing)


def answer(document: Document, past: Past, language: str = "en") -> Right:
    """Return the right answer at the end of `past`; an empty one where the lesson asks nothing."""
    lesson = document.lesson
    if lesson is None or lesson.predict is None:
        return Right()
    asked, readings = lesson.predict, Readings(document.experiment, past, lesson.measures)
    if asked.ask == "choice":
        return Right(choice=_right_choice(asked, readings))
    if asked.curve is None:
        return Right(value=readings(asked.right).value, text=readings.text(asked.right, language))
    try:
        x, y = _read(asked.curve, document.experiment, past)
    except (LookupError, ParameterError):
        return Right()
    return Right(x=x, y=y)


def reveal_step(document: Document) -> int:
    """Return the step at which the answer is to be revealed; 0 where nothing is asked."""
    lesson = document.lesson
    if lesson is None or lesson.predict is None:
        return 0
    return lesson.step_of(lesson.predict.at, document.experiment.steps)


def _right_choice(asked: Prediction, readings: Readings) -> int | None:
    """Return the first answer that is right; None while that is not known of one before it."""
    for i, choice in enumerate(asked.choices):
        holds = choice.when.holds(readings) if choice.when else False
        if holds is None:
            return None
        if holds:
            return i
    return None


def _read(curve: Curve, experiment: Experiment, past: Past) -> tuple[Values, Values]:
    run = run_index(experiment, curve.run)
    quantity = kind_of(experiment).quantities(experiment)[curve.quantity]
    if curve.over == "layers":
        medians = past.band(run, quantity.channel)[:, MEDIAN]
        return np.arange(1.0, len(medians) + 1.0), medians
    medians = past.history(run, quantity.channel)[..., MEDIAN]
    if quantity.of == "layers":
        medians = medians[:, _layer(curve, kind_of(experiment).hidden_layers(experiment, run))]
    kept = (past.steps >= curve.since) & ~np.isnan(medians)
    return past.steps[kept].astype(np.float64), medians[kept]


def _layer(curve: Curve, hidden: int) -> int:
    index = layer_index(Measure(curve.quantity, layer=curve.layer), hidden)
    if isinstance(index, slice):
        raise ParameterError("layer", Phrase("is not one layer"))
    return index


def check_prediction(document: Document) -> None:
    """Refuse a curve that the lesson's own experiment does not have."""
    asked = document.lesson.predict if document.lesson else None
    if asked is None or asked.curve is None:
        return
    try:
        _check_curve(asked.curve, document.experiment)
    except ParameterError as error:
        raise error.below("lesson.predict.curve") from None


def _check_curve(curve: Curve, experiment: Experiment) -> None:
    kind = kind_of(experiment)
    known = {key: each for key, each in kind.quantities(experiment).items() if each.of != "coordinates"}
    if curve.over == "layers":
        known = {key: each for key, each in known.items() if each.of == "layers"}
    if curve.quantity not in known:
        raise ParameterError("quantity", unknown_name(curve.quantity, known))
    run = run_index(experiment, curve.run)
    if curve.over == "steps" and known[curve.quantity].of == "layers":
        _layer(curve, kind.hidden_layers(experiment, run))
    elif curve.layer:
        raise ParameterError("layer", Phrase("is given, but the curve is not of one layer"))

"""What of a lesson is measured while it runs: whether its points are true, and the numbers in its texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple

from gradsim.sim.documents.comparison import Comparison
from gradsim.sim.documents.document import Document
from gradsim.sim.documents.measures import Readings
from gradsim.sim.documents.predict import answer, reveal_step
from gradsim.sim.kinds import kind_of
from gradsim.sim.run.tape import Past, Tape
from gradsim.words.languages import ENGLISH, translate
from gradsim.words.sentences import Span, Wording, filled, plain_text, with_never_alone

UNKNOWN = "…"


class Standing(NamedTuple):
    """Whether a point is true: None where it has no condition, or that is not known yet; and what was measured.

    `when` says of one that is false whether it may still become true: "later", at another step alone, or in no
    step of this run. `view` is the key of the view that computes what is not known, if one does.
    """

    true: bool | None
    figure: str = ""
    when: Literal["later", "elsewhere", "never"] = "later"
    view: str = ""


def standings(
    document: Document, past: Past, language: str, found: Mapping[str, Any] | None = None
) -> tuple[Standing, ...]:
    """Return how each point of the document's lesson stands at the end of `past`, and by what views have found."""
    if document.lesson is None:
        return ()
    readings = Readings(document.experiment, past, document.lesson.measures, found or {})
    return tuple(_standing(point.when, readings, language) for point in document.lesson.points)


def _standing(when: Comparison | None, readings: Readings, language: str) -> Standing:
    if when is None:
        return Standing(None)
    true = when.holds(readings)
    missing = [name for name in when.names if readings.view_of(name) and readings(name).value is None]
    if missing:
        return Standing(None, view=readings.view_of(missing[0]))
    figures = [_figure(name, readings, language) for name in dict.fromkeys(when.names)]
    told = translate(", ", language).join(figures) if set(figures) - {UNKNOWN} else ""
    return Standing(true, told, _when(when, readings))


def _when(condition: Comparison, readings: Readings) -> Literal["later", "elsewhere", "never"]:
    """Tell when a condition that is false may be true."""
    if all(readings.is_final(name) for name in condition.names):
        return "never"
    return "elsewhere" if readings.past.step >= readings.experiment.steps else "later"


def _figure(name: str, readings: Readings, language: str) -> str:
    """Return a measure as text; of one that is not known yet, the bounds that are."""
    reading = readings(name)
    low, high = reading
    if reading.value is not None:
        return readings.told(name, reading.value, language)
    if high < float("inf"):
        return f"≤ {readings.told(name, high, language)}"
    return f"≥ {readings.told(name, low, language)}" if low > float("-inf") else UNKNOWN


def untrue(document: Document, tape: Tape, last: int | None = None) -> list[str]:
    """Return, a line each, what a lesson says that its run does not bear out: its claim, points and prediction.

    Each is judged at its own step; those beyond the `last` step that was asked for are left out.
    """
    lesson, steps = document.lesson, document.experiment.steps
    if lesson is None or not document.is_as_in_the_lesson:
        return []
    went = steps if last is None else last
    claims = [("the claim", steps, each) for each in lesson.holds]
    points = enumerate(lesson.points, start=1)
    claims += [(f"point {i}", lesson.step_of(point.at, steps), point.when) for i, point in points if point.when]
    judged = [claim for claim in claims if claim[1] <= went]
    studied = studied_in(document, tape.until(went)) if judged else {}
    lines = []
    for what, step, when in judged:
        readings = Readings(document.experiment, tape.until(step), lesson.measures, studied)
        if when.holds(readings) is not True:
            lines.append(_not_borne_out(readings, what, step, when))
    return lines + (_unanswered(document, tape) if reveal_step(document) <= went else [])


def studied_in(document: Document, past: Past) -> dict[str, dict[int, float]]:
    """Compute what the lesson measures and only views compute, as it is at the end of `past`."""
    kind, measures = kind_of(document.experiment), document.lesson.measures if document.lesson else {}
    names = {measure.quantity for measure in measures.values()} & set(kind.studied)
    return {name: kind.study(document.experiment, past, name) for name in sorted(names)}


def _not_borne_out(readings: Readings, what: str, step: int, when: Comparison) -> str:
    figures = [f"{name} = {_figure(name, readings, ENGLISH)}" for name in dict.fromkeys(when.names)]
    return f"{what} is not true at step {step:,}: {when}; {', '.join(figures)}"


def _unanswered(document: Document, tape: Tape) -> list[str]:
    assert document.lesson is not None
    asked = document.lesson.predict
    if asked is None or asked.ask != "choice":
        return []
    step = reveal_step(document)
    right = answer(document, tape.until(step))
    return [f"none of the answers is right at step {step:,}"] if right.choice is None else []


def live(
    document: Document, past: Past, text: str, language: str, found: Mapping[str, Any] | None = None
) -> list[Span]:
    """Return a text of the lesson with the numbers of now in place of {names}, as pieces to be joined.

    Names are those of measures, and of the figures that the verdict may use, which are the first run's. In the
    formula braces are LaTeX's, and only those around the name of a measure are filled, with numbers in LaTeX.
    """
    lesson = document.lesson
    if lesson is None:
        return [Span(text)]
    readings = Readings(document.experiment, past, lesson.measures, found or {})
    if text in (lesson.formula, lesson.live_formula):
        return [Span(_in_latex(text, readings, _number))]

    def figure(name: str) -> list[Span]:
        if name in lesson.measures:
            return [Span(readings.text(name, language) or UNKNOWN, readings.run_of(name))]
        kind = kind_of(document.experiment)
        found = kind.figure(document.experiment, past, name, Wording(language)) if name in kind.figures else []
        return found or [Span(UNKNOWN)]

    return with_never_alone(filled(text, figure))


def live_formula(document: Document, past: Past) -> str:
    """Return the lesson's formula with the numbers of now, each in the colour of its run, as \\textcolor{run1}{…}."""
    lesson = document.lesson
    if lesson is None:
        return ""
    readings = Readings(document.experiment, past, lesson.measures)
    return _in_latex(lesson.live_formula, readings, _coloured_number)


def live_text(
    document: Document, past: Past, text: str, language: str, found: Mapping[str, Any] | None = None
) -> str:
    """Return :func:`live` without its colours."""
    return plain_text(live(document, past, text, language, found))


_POWER = re.compile(r" × 10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)")
_DIGITS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def _in_latex(text: str, readings: Readings, number: Callable[[str, Readings], str]) -> str:
    names = "|".join(map(re.escape, readings.measures))
    if not names:
        return text
    return re.sub(rf"\{{({names})\}}", lambda found: f"{{{number(found[1], readings)}}}", text)


def _number(name: str, readings: Readings) -> str:
    return _latex(readings.text(name, "en"))


def _coloured_number(name: str, readings: Readings) -> str:
    """Return a measure in the colour of its run, where it has one."""
    number, run = _number(name, readings), readings.run_of(name)
    return number if run is None else rf"\textcolor{{run{run + 1}}}{{{number}}}"


def _latex(text: str) -> str:
    """Return a number as LaTeX has it: with powers of ten."""
    if not text:
        return r"\ldots"
    plain = text.replace("−", "-").replace(",", "{,}").replace(" %", r"\,\%")
    plain = plain.replace("∞", r"\infty").replace("–", r"\text{–}")
    plain = plain if plain != "never" else r"\infty"
    return _POWER.sub(lambda found: rf" \times 10^{{{found[1].translate(_DIGITS)}}}", plain)

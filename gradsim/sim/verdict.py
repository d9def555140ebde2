"""The verdict: one sentence whose figures are measured on the run that is shown.

A template names figures in braces; the first run gets the lesson's ``verdict``,
each further run its ``verdict_next``. To add a figure, add one function to
``FIGURES``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gradsim.i18n import translate
from gradsim.sim.lessons import Lesson
from gradsim.sim.spec import Experiment, TrainRun
from gradsim.sim.tape import MEDIAN, Divergence, Past
from gradsim.sim.train import layer_names

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class Span(NamedTuple):
    """A piece of the sentence; `run` tells whose figure it is, None for plain words."""

    text: str
    run: int | None = None


@dataclass(frozen=True)
class _Subject:
    """One run at the step shown."""

    index: int
    run: TrainRun
    past: Past
    language: str

    def say(self, text: str) -> str:
        return translate(text, self.language)


def power(exponent: int) -> str:
    """Return 10 to `exponent` in plain characters, such as 10⁻⁶."""
    return "10" + str(exponent).translate(_SUPERSCRIPTS)


def figure(value: float) -> str:
    """Return a positive number as people say it: 2.1, 23.6, 73,800, 2.4 × 10¹¹."""
    if not np.isfinite(value):
        return "∞"
    if value >= 1e6 or 0 < value < 1e-3:
        digits, exponent = f"{value:.1e}".split("e")
        return f"{digits} × {power(int(exponent))}"
    if value >= 99.95:
        return f"{float(f'{value:.3g}'):,.0f}"
    return f"{value:.1f}" if value >= 1 else f"{value:.2g}"


def compared_layers(run: TrainRun) -> tuple[int, int]:
    """Return the layers whose speeds are compared: the first, and the last hidden or the output."""
    return 0, max(len(run.hidden) - 1, 1 if run.hidden else 0)


def slowdown(past: Past, index: int, run: TrainRun) -> float:
    """Return how many times smaller the first layer's gradient is: median over replicas.

    The ratio of the RMS gradient of the last hidden layer to that of the first,
    replica by replica; inf where the first layer's gradient is zero.
    """
    first, last = compared_layers(run)
    rms = past.values(index, "grad_rms")
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.median(rms[last] / rms[first]))


def _phrase(subject: _Subject, none: str, endless: str, even: str, more: str, less: str) -> str:
    """Say how the first layer's gradient compares, with one of five phrases."""
    ratio = slowdown(subject.past, subject.index, subject.run)
    if np.isnan(ratio):
        return subject.say(none)
    if np.isinf(ratio):
        return subject.say(endless)
    if round(ratio, 1) == 1.0:
        return subject.say(even)
    if ratio > 1.0:
        return subject.say(more).format(n=figure(ratio))
    return subject.say(less).format(n=figure(1.0 / ratio) if ratio > 0 else "∞")


SPEEDS = ("no faster", "infinitely many times slower", "no slower", "{n} times slower", "{n} times faster")
SIZES = ("no larger", "infinitely many times smaller", "no smaller", "{n} times smaller", "{n} times larger")


def _layer(subject: _Subject, which: int) -> str:
    name, _, number = layer_names(subject.run)[compared_layers(subject.run)[which]].partition(" ")
    return f"{subject.say(name)} {number}".strip()


FIGURES: Mapping[str, Callable[[_Subject], str]] = {
    "label": lambda s: s.say(s.run.label),
    "first": lambda s: _layer(s, 0),
    "last": lambda s: _layer(s, 1),
    "slowdown": lambda s: _phrase(s, *SPEEDS),
    "smaller": lambda s: _phrase(s, *SIZES),
    "loss": lambda s: f"{s.past.band(s.index, 'loss')[MEDIAN]:.3g}",
    "accuracy": lambda s: f"{100 * s.past.band(s.index, 'accuracy')[MEDIAN]:.0f} %",
}

COLOURED = ("slowdown", "smaller", "loss", "accuracy", "diverged")

_DEPTH = ("{first} learns {slowdown} than {last} under {label}", ", {slowdown} under {label}")
_GRADIENT = (
    "the gradient of {first} is {smaller} than that of {last} under {label}",
    ", {smaller} under {label}",
)
_SCORE = ("{label}: loss {loss}, accuracy {accuracy}", "; {label}: loss {loss}, accuracy {accuracy}")
_DIVERGED = "{label} diverged at step {step} in {layer}"


def sentence(
    experiment: Experiment,
    lesson: Lesson | None,
    past: Past,
    diverged: Sequence[Divergence],
    language: str,
) -> list[Span]:
    """Return the verdict on the runs at the step shown, as pieces to be joined."""
    first, following = _templates(experiment, lesson, language)
    gone = {d.run: d for d in diverged if d.step <= past.step}
    going = [i for i in range(len(experiment.runs)) if i not in gone]
    spans: list[Span] = []
    for index in going:
        subject = _Subject(index, experiment.runs[index], past, language)
        spans += _filled(following if spans else first, subject)
    for index, divergence in gone.items():
        if spans:
            spans.append(Span(translate("; ", language)))
        spans.append(Span(_gone(experiment.runs[index], divergence, language), index))
    return _capitalised(spans, translate(".", language))


def _templates(experiment: Experiment, lesson: Lesson | None, language: str) -> tuple[str, str]:
    """Return the lesson's templates, or the general ones where it has none.

    That one layer *learns* slower than another is said only where steps are in
    proportion to the gradients that were measured.
    """
    proportional = all(run.proportional for run in experiment.runs)
    if lesson is not None and lesson.verdict and proportional:
        return lesson.verdict(language), lesson.verdict_next(language)
    first, following = _DEPTH if proportional else _GRADIENT
    if not all(run.hidden for run in experiment.runs):
        first, following = _SCORE
    return translate(first, language), translate(following, language)


def _filled(template: str, subject: _Subject) -> list[Span]:
    spans = []
    for i, piece in enumerate(re.split(r"\{(\w+)\}", template)):
        if i % 2 == 0:
            spans.append(Span(piece))
        else:
            text = FIGURES[piece](subject) if piece in FIGURES else "{" + piece + "}"
            spans.append(Span(text, subject.index if piece in COLOURED else None))
    return spans


def _gone(run: TrainRun, divergence: Divergence, language: str) -> str:
    name, _, number = divergence.layer.partition(" ")
    layer = f"{translate(name, language)} {number}".strip()
    text = translate(_DIVERGED, language)
    return text.format(label=translate(run.label, language), step=f"{divergence.step:,}", layer=layer)


def _capitalised(spans: list[Span], stop: str) -> list[Span]:
    spans = [span for span in spans if span.text]
    if spans:
        text = spans[0].text
        spans[0] = spans[0]._replace(text=text[:1].upper() + text[1:])
    return [*spans, Span(stop)]

"""The verdict: one sentence whose figures are measured on the run that is shown.

A template names figures in braces; the first run gets the lesson's ``verdict``,
each further run its ``verdict_next``. To add a figure, add one function to
``FIGURES``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gradsim.sim.kinds.train.spec import Train, TrainRun
from gradsim.sim.run.changes import measured_in
from gradsim.sim.run.tape import MEDIAN, Divergence, Past
from gradsim.words.languages import translate
from gradsim.words.numbers import amount, figure
from gradsim.words.sentences import Span, filled, names_in


@dataclass(frozen=True)
class _Subject:
    """One run at the step shown."""

    index: int
    name: str
    run: TrainRun
    past: Past
    language: str

    def tr(self, text: str) -> str:
        return translate(text, self.language)


def compared_layers(run: TrainRun) -> tuple[int, int]:
    """Return the layers whose speeds are compared: the first, and the last hidden or the output."""
    return 0, max(len(run.hidden) - 1, 1 if run.hidden else 0)


def slowdown(past: Past, index: int, run: TrainRun) -> float:
    """Return how many times smaller the first layer's gradient is: median over replicas.

    The ratio of the RMS gradient of the last hidden layer to that of the first,
    replica by replica; inf where the first layer's gradient is zero. Replicas
    in which both are zero have no ratio; NaN if that is so in half of them.
    """
    first, last = compared_layers(run)
    rms = past.values(index, "grad_rms")
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = rms[last] / rms[first]
    known = ratios[~np.isnan(ratios)]
    return float(np.median(known)) if 2 * len(known) > len(ratios) else float("nan")


def last_known(past: Past, index: int, name: str) -> float:
    """Return a run's median of what is not measured at each step as it was measured last; NaN if it never was."""
    medians = past.history(index, name)[:, MEDIAN]
    known = np.flatnonzero(~np.isnan(medians))
    return float(medians[known[-1]]) if len(known) else float("nan")


def _phrase(subject: _Subject, endless: str, even: str, more: str, less: str) -> str:
    """Return how the first layer's gradient compares, in one of four phrases."""
    ratio = slowdown(subject.past, subject.index, subject.run)
    if np.isinf(ratio):
        return subject.tr(endless)
    if round(ratio, 1) == 1.0:
        return subject.tr(even)
    if ratio > 1.0:
        return subject.tr(more).format(n=figure(ratio))
    return subject.tr(less).format(n=figure(1.0 / ratio) if ratio > 0 else "∞")


SPEEDS = ("infinitely many times slower", "no slower", "{n} times slower", "{n} times faster")
SIZES = ("infinitely many times smaller", "no smaller", "{n} times smaller", "{n} times larger")


def _layer(subject: _Subject, which: int) -> str:
    return layer_text(subject.run, compared_layers(subject.run)[which], subject.language)


FIGURES: Mapping[str, Callable[[_Subject], str]] = {
    "label": lambda s: s.name,
    "first": lambda s: _layer(s, 0),
    "last": lambda s: _layer(s, 1),
    "slowdown": lambda s: _phrase(s, *SPEEDS),
    "smaller": lambda s: _phrase(s, *SIZES),
    "loss": lambda s: amount(s.past.band(s.index, "loss")[MEDIAN]),
    "accuracy": lambda s: f"{100 * s.past.band(s.index, 'accuracy')[MEDIAN]:.0f} %",
    "test_loss": lambda s: amount(last_known(s.past, s.index, "test_loss")),
    "test_accuracy": lambda s: f"{100 * last_known(s.past, s.index, 'test_accuracy'):.0f} %",
}

SCORES = ("accuracy", "test_loss", "test_accuracy")
"""The figures that not all data have."""

OF_DEPTH = {"first", "last", "slowdown", "smaller"}
"""The figures that compare a first hidden layer with a last one."""

PLAIN = {"label", "first", "last"}
"""The figures that are shown without the run's colour."""

_DEPTH = ("{first} learns {slowdown} than {last} under {label}", ", {slowdown} under {label}")
_GRADIENT = (
    "the gradient of {first} is {smaller} than that of {last} under {label}",
    ", {smaller} under {label}",
)
_SCORE = ("{label}: loss {loss}, accuracy {accuracy}", "; {label}: loss {loss}, accuracy {accuracy}")
_LOSS = ("{label}: loss {loss}", "; {label}: loss {loss}")
_STILL = "{label} does not learn: the gradients of {first} and {last} are 0"
_DIVERGED = "{label} diverged at step {step} in {layer}"


def train_sentence(experiment: Train, own: Sequence[str], past: Past, language: str) -> list[Span]:
    """Return the verdict on the runs at the step shown, as pieces to be joined; `own` are a lesson's templates."""
    gone = {divergence.run: divergence for divergence in past.diverged}
    subjects = [
        _Subject(i, name, run, past, language)
        for i, (name, run) in enumerate(zip(experiment.names(language), experiment.runs, strict=True))
    ]
    going = [subject for subject in subjects if subject.index not in gone]
    unknown = {name for name in SCORES for s in going if np.isnan(last_known(past, s.index, name))}
    templates = _templates(experiment, own, unknown, past.step, language)
    of_depth = bool(OF_DEPTH & set(names_in(templates[0])))
    still = [s for s in going if of_depth and np.isnan(slowdown(past, s.index, s.run))]
    clauses = _compared([s for s in going if s not in still], templates, of_depth)
    clauses += [_filled(translate(_STILL, language), subject) for subject in still]
    clauses += [_gone(subjects[index], divergence) for index, divergence in gone.items()]
    spans: list[Span] = []
    for clause in clauses:
        spans += [Span(translate("; ", language)), *clause] if spans else clause
    return [*_capitalised(spans, experiment.names(language)), Span(translate(".", language))]


def _compared(subjects: Sequence[_Subject], templates: tuple[str, str], of_depth: bool) -> list[list[Span]]:
    """Return clauses for the runs; the short form continues a clause that compares the same layers."""
    clauses: list[list[Span]] = []
    named: tuple[str, str] | None = None
    for subject in subjects:
        layers = (_layer(subject, 0), _layer(subject, 1)) if of_depth else ("", "")
        if templates[1] and layers == named:
            clauses[-1] += _filled(templates[1], subject)
        else:
            clauses.append(_filled(templates[0], subject))
        named = layers
    return clauses


def _templates(experiment: Train, own: Sequence[str], unknown: set[str], step: int, language: str) -> tuple[str, str]:
    """Return the lesson's templates, or the general ones where its own do not apply.

    Layers are compared only where all runs have hidden ones; that one layer
    *learns* slower than another is said only of optimizers whose steps are in
    proportion to the gradients that were measured at the step shown. Figures that are
    `unknown` are not used: accuracy without classes, or those of the test set without one.
    """
    proportional = all(measured_in(run, step).run.proportional for run in experiment.runs)
    deep = experiment.probes == "all" and all(run.hidden for run in experiment.runs)
    if own:
        verdict, following = own
        names = {*names_in(verdict), *names_in(following)}
        missing = unknown | (set() if deep else OF_DEPTH) | (set() if proportional else {"slowdown"})
        if not names & missing:
            return verdict, following
    of_depth, score = _DEPTH if proportional else _GRADIENT, _LOSS if "accuracy" in unknown else _SCORE
    first, following = of_depth if deep else score
    return translate(first, language), translate(following, language)


def _filled(template: str, subject: _Subject, **more: str) -> list[Span]:
    """Return the template's words and figures; `more` are figures in addition to FIGURES."""

    def figure_of(name: str) -> list[Span]:
        if name in more:
            return [Span(more[name], subject.index)]
        return [Span(FIGURES[name](subject), None if name in PLAIN else subject.index)]

    return filled(template, figure_of)


def layer_text(run: TrainRun, layer: int, language: str) -> str:
    """Return the name of a layer (0 is the first with weights) in a language, such as ``hidden 3``."""
    if layer == len(run.hidden):
        return translate("output", language)
    return f"{translate('hidden', language)} {layer + 1}"


def _gone(subject: _Subject, divergence: Divergence) -> list[Span]:
    layer = layer_text(subject.run, divergence.layer, subject.language)
    return _filled(subject.tr(_DIVERGED), subject, step=f"{divergence.step:,}", layer=layer)


def _capitalised(spans: list[Span], names: Sequence[str]) -> list[Span]:
    """Begin with a capital, unless the sentence begins with a run's own name."""
    if spans and spans[0].text not in names:
        text = spans[0].text
        spans[0] = spans[0]._replace(text=text[:1].upper() + text[1:])
    return spans

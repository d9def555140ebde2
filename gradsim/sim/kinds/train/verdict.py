"""The verdict on training: one sentence whose figures are measured on the runs that are shown.

It speaks of what is on screen: of the layers, by the probe chosen; or of how well the runs do. A lesson's template
names figures in braces; the first run gets the lesson's ``verdict``, each further run its ``verdict_next``. To add a
figure, add one function to ``FIGURES``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from gradsim.sim.kinds.kind import Asked
from gradsim.sim.kinds.train.facts import facts
from gradsim.sim.kinds.train.layer_sentences import dead, factors, is_still, layer_clauses, learns, size, speed
from gradsim.sim.kinds.train.score_sentences import score_clauses
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.kinds.train.subject import Subject, spoken_layer
from gradsim.sim.run.changes import measured_in
from gradsim.sim.run.tape import MEDIAN, Divergence, Past
from gradsim.words.numbers import amount
from gradsim.words.sentences import Span, Wording, filled, names_in

Figure = Callable[[Subject], list[Span]]


def _own(text: Callable[[Subject], str]) -> Figure:
    """Return a figure in the colour of its run."""
    return lambda s: [Span(text(s), s.index)]


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


FIGURES: Mapping[str, Figure] = {
    "label": lambda s: s.name,
    "first": lambda s: [Span(s.first)],
    "last": lambda s: [Span(s.last)],
    "learns": learns,
    "slowdown": speed,
    "smaller": size,
    "dead": dead,
    "factors": factors,
    "loss": _own(lambda s: amount(s.past.band(s.index, "loss")[MEDIAN])),
    "accuracy": _own(lambda s: _percent(s.past.band(s.index, "accuracy")[MEDIAN])),
    "train_loss": _own(lambda s: amount(s.known("train_loss"))),
    "train_accuracy": _own(lambda s: _percent(s.known("train_accuracy"))),
    "test_loss": _own(lambda s: amount(s.known("test_loss"))),
    "test_accuracy": _own(lambda s: _percent(s.known("test_accuracy"))),
}

SCORES = ("accuracy", "train_loss", "train_accuracy", "test_loss", "test_accuracy")
"""The figures that not all data have."""

OF_DEPTH = {"first", "last", "learns", "slowdown", "smaller"}
"""The figures that compare a first hidden layer with a last one."""

OF_UNITS_AND_FACTORS = {"dead", "factors"}
"""Those that are measured of every layer."""

OF_SPEED = {"learns", "slowdown"}
"""Those that are right only where steps are in proportion to the gradients."""

OF_LAYERS = ("gradients", "history", "chain", "census")
"""Views that show what is measured of every layer."""

OF_UNITS = ("census",)
"""Views that show which units are dead."""

OF_INPUTS = ("boundary", "fit")
"""Views that show what the networks say over all inputs."""


def train_sentence(experiment: Train, past: Past, asked: Asked) -> list[Span]:
    """Return the verdict on the runs at the step shown, as pieces to be joined."""
    wording, names = asked.wording, experiment.names(asked.language)
    gone = {divergence.run: divergence for divergence in past.diverged}
    subjects = _subjects(experiment, past, wording)
    going = [subject for subject in subjects if subject.index not in gone]
    told = _told(experiment, going, past, asked) if going else []
    diverged = _diverged([subjects[index] for index in gone], list(gone.values()))
    return wording.sentence(wording.clauses([*told[:1], *diverged, *told[1:]]), names)


def _subjects(experiment: Train, past: Past, wording: Wording) -> list[Subject]:
    known = facts(experiment.data)
    training = known.training if known else 0
    named = zip(experiment.names(wording.language), experiment.runs, strict=True)
    return [Subject(i, name, run, past, wording, training) for i, (name, run) in enumerate(named)]


def train_figure(experiment: Train, past: Past, name: str, wording: Wording) -> list[Span]:
    """Return a figure of the first run; [] where it has diverged or the figure does not exist."""
    first = _subjects(experiment, past, wording)[0]
    proportional = measured_in(experiment.runs[0], past.step).run.proportional
    exists = _apply([f"{{{name}}}"], [first], _is_deep(experiment), proportional)
    return FIGURES[name](first) if exists and 0 not in past.gone else []


def train_question(experiment: Train, asked: Asked) -> str:
    """Return what the general sentence on training answers."""
    tr = asked.wording.tr
    if _is_deep(experiment) and _is_about_layers(experiment, asked):
        of_speed = _probe(asked) == "grad_rms"
        return tr("Do all layers learn equally fast?") if of_speed else tr("How do the layers differ?")
    known = facts(experiment.data)
    of_classes = known and known.classes and known.frequent < 1.0
    return tr("How many are classified correctly?") if of_classes else tr("How large is the error?")


def _is_deep(experiment: Train) -> bool:
    return experiment.probes == "all" and all(run.hidden for run in experiment.runs)


def _told(experiment: Train, going: Sequence[Subject], past: Past, asked: Asked) -> list[list[Span]]:
    """Return clauses on the runs that have not diverged: a lesson's own, or those that fit what is on screen."""
    proportional = all(measured_in(run, past.step).run.proportional for run in experiment.runs)
    deep = _is_deep(experiment)
    if asked.templates and _apply(asked.templates, going, deep, proportional):
        first, *rest = _from_templates(asked.templates, going, asked.measured)
        return [asked.answered(first), *rest]
    if deep and _is_about_layers(experiment, asked):
        return layer_clauses(going, _probe(asked), proportional)
    return score_clauses(experiment, going)


def _is_about_layers(experiment: Train, asked: Asked) -> bool:
    """Tell whether the layers are what is asked about: their views alone, a probe chosen, or deep nets on images."""
    of_layers = any(view in OF_LAYERS for view in asked.views)
    if not asked.views or not of_layers:
        return not asked.views and _is_of_depth(experiment)
    alone = all(view in OF_LAYERS for view in asked.views)
    chosen = asked.probe not in ("", "grad_rms")
    return alone or chosen or (_is_of_depth(experiment) and not any(view in OF_INPUTS for view in asked.views))


def _probe(asked: Asked) -> str:
    """Return the probe that is told of: the one chosen, or what views of units show where they are alone."""
    of_units = bool(asked.views) and all(view in OF_UNITS for view in asked.views)
    return "dead" if of_units and asked.probe in ("", "grad_rms") else asked.probe or "grad_rms"


def _is_of_depth(experiment: Train) -> bool:
    """Tell whether the data are the bundled images, on which lessons on depth are given."""
    return experiment.data.key in ("digits", "mnist")


def _apply(templates: Sequence[str], going: Sequence[Subject], deep: bool, proportional: bool) -> bool:
    """Tell whether all figures of a lesson's templates exist: accuracy needs classes, speed a plain rule."""
    unknown = {name for name in SCORES for s in going if np.isnan(s.known(name))}
    missing = unknown | (set() if deep else OF_DEPTH | OF_UNITS_AND_FACTORS) | (set() if proportional else OF_SPEED)
    return not {name for template in templates for name in names_in(template)} & missing


def _from_templates(
    templates: Sequence[str], going: Sequence[Subject], measured: Mapping[str, list[Span]]
) -> list[list[Span]]:
    """Return a lesson's clauses for the runs; the short form continues a clause that compares the same layers."""
    verdict, following = templates
    if measured.keys() >= set(names_in(verdict)) and measured:  # it is about no run more than another
        return [_filled(verdict, going[0], measured)]
    of_depth = bool(OF_DEPTH & set(names_in(verdict)))
    wording = going[0].wording
    clauses: list[list[Span]] = []
    named: tuple[str, str] | None = None
    for subject in going[: wording.most_names]:
        layers = (subject.first, subject.last) if of_depth else ("", "")
        if following and layers == named:
            clauses[-1] += _filled(following, subject, measured)
        else:
            clauses.append(_filled(verdict, subject, measured))
        # Where nothing is compared, no layer is named that the next clause could refer to.
        named = None if of_depth and is_still(subject) else layers
    left = len(going) - wording.most_names
    return [*clauses, wording.fill(wording.tr("{n} more"), n=str(left))] if left > 0 else clauses


def _filled(template: str, subject: Subject, measured: Mapping[str, list[Span]]) -> list[Span]:
    return filled(template, lambda name: measured[name] if name in measured else FIGURES[name](subject))


def _diverged(subjects: Sequence[Subject], divergences: Sequence[Divergence]) -> list[list[Span]]:
    """Return a clause on each run that has diverged, and where; on many runs one clause."""
    if not subjects:
        return []
    w = subjects[0].wording
    if len(subjects) > min(_FEW_GONE, w.most_names):
        return [w.fill(w.tr("{names} diverged"), names=w.listed([s.name for s in subjects]))]
    return [_gone(s, divergence) for s, divergence in zip(subjects, divergences, strict=True)]


_FEW_GONE = 2
"""Of up to so many runs it is told where they diverged."""


def _gone(s: Subject, divergence: Divergence) -> list[Span]:
    w = s.wording
    layer = spoken_layer(s.run, divergence.layer, w.language)
    template = w.tr("{label} [diverged at step {step}] in {layer}")
    return w.fill(template, s.index, label=s.name, step=f"{divergence.step:,}", layer=layer)

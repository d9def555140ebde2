"""What is said of how well the runs do: accuracy against chance, errors of numbers, losses."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from gradsim.engine.data import Dataset
from gradsim.schema.parameters import ParameterError
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.kinds.train.subject import Subject
from gradsim.words.numbers import amount, share
from gradsim.words.sentences import Span, Wording, joined

Clauses = list[list[Span]]

_FEW = 4
_UNEVEN = 1.2
"""Classes are uneven where the most frequent one has more than this times its even share."""


class Baseline(NamedTuple):
    """What can be had without learning, on the test set or where there is none on the training set.

    Attributes
    ----------
    classes
        How many classes there are; 0 where targets are numbers.
    frequent
        The share of the most frequent class.
    spread
        The RMS error of the mean of the training set.
    outputs
        How many numbers there are for each sample.
    """

    classes: int
    frequent: float
    spread: float
    outputs: int


@lru_cache(maxsize=16)
def baseline(data: Dataset) -> Baseline | None:
    """Return what can be had without learning; None where the data can no longer be read."""
    try:
        found = data.load()
    except ParameterError:
        return None
    part = found.test if len(found.test) else found.train
    y, outputs = part.y, part.y.shape[1]
    spread = float(np.sqrt(np.mean((y - found.train.y.mean(axis=0)) ** 2)))
    if not found.classes:
        return Baseline(0, 0.0, spread, outputs)
    shares = y.mean(axis=0) if outputs > 1 else np.array([1.0 - y.mean(), y.mean()])
    return Baseline(len(shares), float(shares.max()), spread, outputs)


def score_clauses(experiment: Train, subjects: Sequence[Subject]) -> Clauses:
    """Return clauses on how well the runs do, in words of their data."""
    tested = not any(np.isnan(s.known("test_loss")) for s in subjects)
    known = baseline(experiment.data)
    alike = known is not None and known.frequent == 1.0  # one sample, or several of one class
    if not alike and not any(np.isnan(s.known("accuracy")) for s in subjects):
        return _accuracy_clauses(subjects, tested, known)
    if known and known.classes == 0 and all(run.loss.key == "mse" for run in experiment.runs):
        return _error_clauses(subjects, tested, known)
    return _loss_clauses(subjects, tested)


def _accuracy_clauses(subjects: Sequence[Subject], tested: bool, known: Baseline | None) -> Clauses:
    w = subjects[0].wording
    values = {s.index: s.known("test_accuracy" if tested else "accuracy") for s in subjects}
    right = w.tr("accuracy on the test set") if tested else w.tr("accuracy on the batch")
    texts = {index: f"{100 * value:.0f} %" for index, value in values.items()}
    ordered = sorted(subjects, key=lambda s: -values[s.index])
    return [_told(w, subjects, ordered, texts, right), *_chance(w, known)]


def _chance(w: Wording, known: Baseline | None) -> Clauses:
    """Return what guessing would get."""
    if not known or not known.classes:
        return []
    if known.frequent * known.classes > _UNEVEN:
        text = w.tr("always naming the most frequent class: {share}")
        return [[Span(text.format(share=share(known.frequent)))]]
    return [[Span(w.tr("chance is {share}").format(share=share(1.0 / known.classes)))]]


def _error_clauses(subjects: Sequence[Subject], tested: bool, known: Baseline) -> Clauses:
    """Return the root mean square of the errors, in units of the target."""
    w = subjects[0].wording
    losses = {s.index: s.known("test_loss" if tested else "loss") for s in subjects}
    errors = {index: float(np.sqrt(2.0 * loss / known.outputs)) for index, loss in losses.items()}
    what = w.tr("RMS error on the test set") if tested else w.tr("RMS error on the batch")
    ordered = sorted(subjects, key=lambda s: errors[s.index])
    clauses = [_told(w, subjects, ordered, {index: amount(error) for index, error in errors.items()}, what)]
    if known.spread:
        text = w.tr("always predicting the mean: {error}")
        clauses.append([Span(text.format(error=amount(known.spread)))])
    return clauses


def _loss_clauses(subjects: Sequence[Subject], tested: bool) -> Clauses:
    w = subjects[0].wording
    losses = {s.index: s.known("test_loss" if tested else "loss") for s in subjects}
    what = w.tr("loss on the test set") if tested else w.tr("loss on the batch")
    ordered = sorted(subjects, key=lambda s: losses[s.index])
    return [_told(w, subjects, ordered, {index: amount(loss) for index, loss in losses.items()}, what)]


def _told(
    w: Wording, subjects: Sequence[Subject], ordered: Sequence[Subject], texts: dict[int, str], what: str
) -> list[Span]:
    """Return the figure of each run; of many, those of the best and the last."""
    if len(subjects) > min(_FEW, w.most_names) and len(subjects) > 1:
        best, last = ordered[0], ordered[-1]
        first = w.fill(w.tr("{what}: {label} is best, [{figure}]"), best.index, what=what, label=best.name,
                       figure=texts[best.index])  # fmt: skip
        if w.brevity > 3:
            return first
        end = w.fill(w.tr("{label} is last, [{figure}]"), last.index, label=last.name, figure=texts[last.index])
        return joined([first, end], w.tr("; "))
    items = [w.fill(w.tr("{label} [{figure}]"), s.index, label=s.name, figure=texts[s.index]) for s in subjects]
    return w.fill(w.tr("{what}: {items}"), what=what, items=joined(items, w.tr(", ")))

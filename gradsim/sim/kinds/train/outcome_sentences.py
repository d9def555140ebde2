"""What networks do with the samples, in one sentence: a clause for each run, the longest that have room."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

import numpy as np

from gradsim.sim.kinds.train.outcomes import Confusion, Outcomes, Values
from gradsim.words.numbers import amount, share
from gradsim.words.sentences import Span, Wording

Clause = list[Span]


def confusion_clause(found: Confusion, label: Span, names: Sequence[str], wording: Wording) -> Clause:
    """Say which class a run takes for which other most often."""
    taken, total = found.counts.sum(axis=0), int(found.counts.sum())
    if (taken > 0).sum() == 1:
        name = names[int(taken.argmax())]
        return _clause(wording, wording.tr("{label} takes every sample for [{name}]"), label, name=name)
    worst = found.worst
    if worst is None:
        return _clause(wording, wording.tr("{label} gets all {n} right"), label, n=f"{total:,}")
    row, column = worst
    return _clause(
        wording,
        wording.tr("{label} most often takes [{true}] for [{other}]: [{n} of {total}]"),
        label,
        true=names[row],
        other=names[column],
        n=f"{found.counts[row, column]:,}",
        total=f"{found.counts[row].sum():,}",
    )


def mistakes_clause(found: Outcomes, label: Span, names: Sequence[str], wording: Wording) -> Clause:
    """Say how many samples a run gets wrong, and which of these it is surest of."""
    wrong, total = found.classes != found.decided, len(found.truth)
    if not wrong.any():
        return _clause(wording, wording.tr("{label} gets all {n} right"), label, n=f"{total:,}")
    scores = found.scores.max(axis=1)
    surest = int(np.where(wrong, scores, -np.inf).argmax())
    return _clause(
        wording,
        wording.tr("{label} gets [{n} of {total}] wrong, at worst {share} sure of [{other}] where it is [{true}]"),
        label,
        n=f"{int(wrong.sum()):,}",
        total=f"{total:,}",
        true=names[int(found.classes[surest])],
        other=names[int(found.decided[surest])],
        share=share(min(1.0, max(0.0, float(scores[surest])))),
    )


def errors_clause(sizes: Values, unit: str, label: Span, wording: Wording) -> Clause:
    """Say how far a run's predictions are off, in the target's unit."""
    unit = f" {unit}" if unit else ""
    middle, most = (f"{amount(float(value))}{unit}" for value in (np.median(sizes), sizes.max()))
    return _clause(
        wording, wording.tr("{label} is off by [{n}] in the median and by {most} at most"), label, n=middle, most=most
    )


def variance_clause(r_squared: float, label: Span, wording: Wording) -> Clause:
    """Say how much of the target's variance a run's predictions explain."""
    if isnan(r_squared):
        return _clause(wording, wording.tr("{label}: one sample has no variance to explain"), label)
    if r_squared <= 0.0:
        return _clause(wording, wording.tr("{label} predicts no better than the mean does"), label)
    return _clause(wording, wording.tr("{label} explains [{share}] of the variance"), label, share=share(r_squared))


def separable_clause(first: float, last: float, layer: int, label: Span, wording: Wording) -> Clause:
    """Say how many samples a straight cut gets right in the plane, and in the last hidden layer."""
    template = wording.tr("{label}: a straight cut gets {first} right in the plane, [{last}] in layer {n}")
    return _clause(wording, template, label, first=share(first), last=share(last), n=str(layer))


def diverged_clause(label: Span, wording: Wording) -> Clause:
    """Say that a run has diverged."""
    return _clause(wording, wording.tr("{label} has diverged"), label)


def _clause(wording: Wording, template: str, label: Span, **figures: str) -> Clause:
    return wording.fill(template, label.run, label=[label], **figures)

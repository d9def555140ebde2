"""What is said of how well the runs do: accuracy against chance, errors of numbers, losses."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gradsim.engine.data import Column
from gradsim.sim.kinds.train.facts import Facts, facts
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.kinds.train.subject import Subject
from gradsim.words.numbers import amount, share
from gradsim.words.sentences import NO_BREAK, Span, Wording, joined

Clauses = list[list[Span]]

_FEW = 4
_UNEVEN = 1.2
"""Classes are uneven where the most frequent one has more than this times its even share."""


def score_clauses(experiment: Train, subjects: Sequence[Subject]) -> Clauses:
    """Return clauses on how well the runs do, in words of their data."""
    tested = not any(np.isnan(s.known("test_loss")) for s in subjects)
    known = facts(experiment.data)
    alike = known is not None and known.frequent == 1.0  # one sample, or several of one class
    if not alike and not any(np.isnan(s.known("accuracy")) for s in subjects):
        return _accuracy_clauses(subjects, tested, known)
    if known and known.classes == 0 and all(run.loss.key == "mse" for run in experiment.runs):
        return _error_clauses(subjects, tested, known)
    return _loss_clauses(subjects, tested)


def _accuracy_clauses(subjects: Sequence[Subject], tested: bool, known: Facts | None) -> Clauses:
    w = subjects[0].wording
    values = {s.index: s.known("test_accuracy" if tested else "accuracy") for s in subjects}
    right = w.tr("accuracy on the test set") if tested else w.tr("accuracy on the batch")
    texts = {index: f"{100 * value:.0f} %" for index, value in values.items()}
    ordered = sorted(subjects, key=lambda s: -values[s.index])
    return [_told(w, subjects, ordered, texts, right), *_chance(w, known)]


def _chance(w: Wording, known: Facts | None) -> Clauses:
    """Return what guessing would get."""
    if not known or not known.classes:
        return []
    if known.frequent * known.classes > _UNEVEN:
        text = w.tr("always naming the most frequent class: {share}")
        return [[Span(text.format(share=share(known.frequent)))]]
    return [[Span(w.tr("chance is {share}").format(share=share(1.0 / known.classes)))]]


def _error_clauses(subjects: Sequence[Subject], tested: bool, known: Facts) -> Clauses:
    """Return the root mean square of the errors: in the target's own unit, of several in their common one."""
    w = subjects[0].wording
    losses = {s.index: s.known("test_loss" if tested else "loss") for s in subjects}
    errors = {index: float(np.sqrt(2.0 * loss / known.outputs)) for index, loss in losses.items()}
    ordered = sorted(subjects, key=lambda s: errors[s.index])
    texts = {index: _own(error, known.target) for index, error in errors.items()}
    clauses = [_told(w, subjects, ordered, texts, _error_name(w, tested, known.target))]
    if known.spread:
        text = w.tr("always predicting the mean: {error}")
        clauses.append([Span(text.format(error=_own(known.spread, known.target)))])
    return clauses


_LEAVES_NAME_OUT = 2
"""The brevity from which on an error does not say of what it is; columns that have no name of their own never do."""


def _error_name(w: Wording, tested: bool, target: Column | None) -> str:
    if target is None or not is_named(target) or w.brevity >= _LEAVES_NAME_OUT:
        return w.tr("RMS error on the test set") if tested else w.tr("RMS error on the batch")
    what = w.tr("RMS error of {target} on the test set") if tested else w.tr("RMS error of {target} on the batch")
    return what.format(target=target.named()[0])


def is_named(column: Column) -> bool:
    """Tell whether a column is a table's and has a name there; without one it is called by its place."""
    return column != Column(column.name) and not column.name.isdigit()


def _own(error: float, target: Column | None) -> str:
    """Return an error in the target's own unit."""
    if target is None:
        return amount(error)
    return f"{amount(abs(target.one) * error)}{NO_BREAK}{target.named()[1]}".strip()


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

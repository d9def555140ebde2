"""How far back the error reaches: the gradient of the first layer's weights against that of the output's."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, isfinite, log10

import numpy as np

from gradsim.sim.kinds.train.chain import ALIKE
from gradsim.sim.kinds.train.told import RunTold, Told, told_of_runs
from gradsim.sim.run.tape import Values
from gradsim.words.numbers import figure
from gradsim.words.sentences import Span

_DIVERGED = Told("{label}: diverged")
_ALONE = Told("{label}: one layer of weights, which gets all of the gradient")
_LOST = Told("Under {label} nothing of the gradient reaches the first weights")
_NONE = Told("{label}: no gradient at all")
_ALIKE = Told("Under {label} the first weights get about as much gradient as the last")
_LESS = Told("Under {label} the first weights get {n} times less gradient than the last", "; under {label} {n} times")
_MORE = Told(
    "Under {label} the first weights get {n} times as much gradient as the last", "; under {label} {n} times as much"
)

TEXTS = tuple(text for said in (_DIVERGED, _ALONE, _LOST, _NONE, _ALIKE, _LESS, _MORE) for text in said if text)
"""All that :func:`reach_sentence` says, to be translated."""


def reach_sentence(figures: Sequence[Values], names: Sequence[str], language: str, most: int = 8) -> list[Span]:
    """Say of each run how much less the first weights get than the last.

    Of more runs than `most`, those are told of whose first and last layer differ by the largest factors.

    Parameters
    ----------
    figures : (layers,) for each run
        Of each layer, from the first hidden one to the output, a figure of its weights' gradient.
    """
    largest = sorted(range(len(figures)), key=lambda run: -_apart(figures[run]))[:most]
    return told_of_runs((RunTold(run, *_told(figures[run])) for run in sorted(largest)), names, language)


def _apart(figures: Values) -> float:
    """Return by how many decades the first and the last layer differ."""
    first, last = float(figures[0]), float(figures[-1])
    return abs(log10(last / first)) if first > 0.0 and 0.0 < last < inf else inf


def _told(figures: Values) -> tuple[Told, str]:
    """Return what is said of one run, and its figure."""
    first, last = float(figures[0]), float(figures[-1])
    if not np.isfinite(figures).all():
        return _DIVERGED, ""
    if last == 0.0 and first == 0.0:
        return _NONE, ""
    if len(figures) == 1:
        return _ALONE, ""
    if first == 0.0:
        return _LOST, ""
    ratio = last / first
    if not isfinite(ratio) or abs(log10(ratio or 1e-300)) > ALIKE:
        return (_LESS, figure(ratio)) if ratio > 1.0 else (_MORE, figure(first / last if last else inf))
    return _ALIKE, ""

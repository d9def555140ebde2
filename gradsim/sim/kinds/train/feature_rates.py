"""Rare features and frequent ones: how far a unit of gradient moves the weights of each.

A weight of the first layer has a gradient only from samples in which its input is not zero. Rules that divide by the
gradients so far take longer steps where there were few: Duchi, Hazan and Singer 2011, section 1.3.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import inf, isnan, nan

import numpy as np

from gradsim.engine.data import Dataset, Split
from gradsim.engine.types import Array
from gradsim.sim.kinds.train.snapshot import Snapshot
from gradsim.sim.kinds.train.told import RunTold, Told, told_of_runs
from gradsim.sim.run.tape import Values
from gradsim.words.numbers import figure
from gradsim.words.sentences import Span

MOST_FREQUENT = 5
"""So many of the most frequent features, but no more than a quarter of all, are compared with the rarest quarter."""
_RARE = 0.25
_ALIKE = 2.0


@dataclass(frozen=True)
class FeatureRates:
    """How long the last step of one network was for each unit of a feature's gradient.

    Attributes
    ----------
    shares : (features,)
        The share of the training samples in which each feature is not zero.
    rates : (features,)
        The median of the effective rates of its weights in the first layer, of those that have had a gradient; NaN
        where none has. None where steps are no multiples of gradients.
    """

    shares: Values
    rates: Values | None

    @cached_property
    def known(self) -> Values:
        """Shares and rates (n, 2) of the features that have had a gradient, the rarest first."""
        rates = np.full_like(self.shares, nan) if self.rates is None else self.rates
        both = np.stack([self.shares, rates], axis=1)[(self.shares > 0.0) & ~np.isnan(rates)]
        return np.asarray(both[np.argsort(both[:, 0], kind="stable")])

    @property
    def unmet(self) -> int:
        """How many features that the training set has have had no gradient yet."""
        return int((self.shares > 0.0).sum()) - len(self.known)

    @property
    def is_one_rate(self) -> bool:
        """Whether all features have the same."""
        return bool(np.ptp(self.known[:, 1]) == 0.0) if len(self.known) else False

    @cached_property
    def ratio(self) -> float:
        """The median rate of the rarest quarter of the features over that of the most frequent; NaN for too few."""
        rates = self.known[:, 1]
        few = int(_RARE * len(rates))
        return float(np.median(rates[:few]) / np.median(rates[-min(few, MOST_FREQUENT) :])) if few else nan


def shares_of(data: Dataset) -> Values:
    """Return in what share of the training samples each input is not zero."""
    data.load()  # first: only then is it known of which version they are
    return _known(data, data.version)


@lru_cache(maxsize=16)
def _known(data: Dataset, version: Hashable) -> Values:
    return _shares(data.load())


def _shares(data: Split) -> Values:
    return np.asarray((data.train.x != 0.0).mean(axis=0))


def are_sparse(data: Dataset) -> bool:
    """Tell whether a quarter of the inputs at least, of those that are ever not zero, are zero at most samples."""
    shares = shares_of(data)
    used = shares[shares > 0.0]
    return bool(len(used)) and bool((used < 0.5).mean() >= _RARE)


def feature_rates(network: Snapshot, data: Split) -> FeatureRates:
    """Return the rates of a network's inputs."""
    rate = network.layers[0].rate
    return FeatureRates(_shares(data), None if rate is None else _medians(rate))


def _medians(rate: Array) -> Values:
    """Return the median of each row, of the numbers in it; NaN for a row without."""
    known = ~np.isnan(rate).all(axis=1)
    found = np.full(len(rate), nan)
    found[known] = np.nanmedian(rate[known], axis=1)
    return found


_DIVERGED = Told("{label}: diverged")
_ANY = Told("{label}: every step is as long, whatever its gradient")
_FEW = Told("{label}: too few features have had a gradient yet")
_ONE = Told("{label}: one rate for all features")
_LEVEL = Told("{label}: rare and frequent features learn at about the same rate")
_RARER = Told("{label}: rare features learn at {n} times the rate of frequent ones", "; {label} at {n} times")
_MORE = Told("{label}: frequent features learn at {n} times the rate of rare ones", "; {label} at {n} times")

TEXTS = tuple(text for said in (_DIVERGED, _ANY, _FEW, _ONE, _LEVEL, _RARER, _MORE) for text in said if text)
"""All that :func:`rates_sentence` says, to be translated."""


def rates_sentence(
    found: Sequence[FeatureRates | None], names: Sequence[str], language: str, brevity: int = 0
) -> list[Span]:
    """Say of each run how rare features fare against frequent ones; with a brevity, of fewer runs."""
    told = [RunTold(run, *_told(each)) for run, each in enumerate(found)]
    order = sorted(told, key=lambda one: -_weight(found[one.run]))[: max(1, len(told) - brevity)]
    return told_of_runs(sorted(order), names, language)


def _weight(found: FeatureRates | None) -> float:
    """Return how much there is to tell of a run."""
    if found is None or isnan(found.ratio):
        return -inf
    return abs(float(np.log(found.ratio)))


def _told(found: FeatureRates | None) -> tuple[Told, str]:
    """Return what is said of one run, and its figure."""
    if found is None:
        return _DIVERGED, ""
    if found.rates is None:
        return _ANY, ""
    if found.is_one_rate:
        return _ONE, ""
    if isnan(found.ratio):
        return _FEW, ""
    if found.ratio > _ALIKE:
        return _RARER, figure(found.ratio)
    if found.ratio < 1.0 / _ALIKE:
        return _MORE, figure(1.0 / found.ratio)
    return _LEVEL, ""

"""The gradient's way back through a network, taken apart into factors.

One layer back, delta_l = (W_{l+1} delta_{l+1}) * f'(z_l): first the weights
change its norm, then f' does. The norm of any layer is that of the output
times all factors between. Rumelhart, Hinton, Williams 1986; as a product of
factors Hochreiter 1991, Bengio, Simard, Frasconi 1994.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite, log10

import numpy as np

from gradsim.sim.kinds.train.told import RunTold, Told, told_of_runs
from gradsim.sim.run.tape import Past, Values
from gradsim.words.numbers import figure
from gradsim.words.sentences import Span

ALIKE = log10(2.0)
"""Norms within a factor of two are about the same."""


@dataclass(frozen=True)
class Chain:
    """The norms of delta of one network, and what changes them from layer to layer.

    Attributes
    ----------
    norms : (layers,)
        Euclidean norm of delta = dL/dz over the batch's samples and units, from the first hidden layer to the output.
    weights, slopes : (layers - 1,)
        Factors from layer l + 1 to l: ||W delta|| / ||delta||, then ||f'(z) * W delta|| / ||W delta||. NaN where
        there is nothing left to divide by.
    """

    norms: Values
    weights: Values
    slopes: Values

    @property
    def is_gone(self) -> bool:
        """Whether the network has left the finite numbers."""
        return not np.isfinite(self.norms).all()

    @property
    def falls(self) -> Values:
        """Each layer's norm over that of the output, as the factors between them multiply to, log10: (layers,)."""
        return _summed(_logs(self.weights) + _logs(self.slopes))

    @property
    def falls_by_weights(self) -> Values:
        """The product of the weights' factors from the output down to each layer, log10: (layers,)."""
        return _summed(_logs(self.weights))

    @property
    def falls_by_slopes(self) -> Values:
        """The product of the factors of f' from the output down to each layer, log10: (layers,)."""
        return _summed(_logs(self.slopes))


def chain(past: Past, run: int, replica: int) -> Chain:
    """Return the way back of one replica of a run at the end of `past`; NaN if it has diverged."""
    norms, weights, slopes = (
        past.values(run, name)[:, replica] for name in ("delta_norm", "weight_factor", "slope_factor")
    )
    return Chain(norms, weights[:-1], slopes[:-1])


def chain_sentence(chains: Sequence[Chain], names: Sequence[str], language: str, most: int = 8) -> list[Span]:
    """Say of each run what becomes of the gradient from the output down to the first layer, and what does that.

    Runs of which the same is to be said share a sentence. Of more than `most`, those are told of whose gradients
    change by the largest factors.
    """
    changes = [abs(found.falls[0]) if isfinite(found.falls[0]) else inf for found in chains]
    shown = sorted(sorted(range(len(chains)), key=lambda run: -changes[run])[:most])
    return told_of_runs((RunTold(run, *_told(chains[run])) for run in shown), names, language)


_DIVERGED = Told("{label}: diverged")
_LOST = Told("{label}: nothing of the gradient is left")
_MADE_UP = Told("{label}: the weights make up for what f′ takes")
_ALIKE = Told("{label}: the gradient stays about the same")
_ENLARGED = Told("{label}: the weights enlarge the gradient {n} times", ", {label} {n} times")
_BY_WEIGHTS = Told("{label}: the weights shrink the gradient {n} times", "; {label} {n} times")
_BY_SLOPES = Told("{label}: f′ shrinks the gradient {n} times", "; {label} {n} times")


TEXTS = tuple(
    text for said in (_DIVERGED, _LOST, _MADE_UP, _ALIKE, _ENLARGED, _BY_WEIGHTS, _BY_SLOPES) for text in said if text
)
"""All that :func:`chain_sentence` says, to be translated."""


def _told(found: Chain) -> tuple[Told, str]:
    """Return what is said of one run, and its figure."""
    fall, by_weights, by_slopes = found.falls[0], found.falls_by_weights[0], found.falls_by_slopes[0]
    if found.is_gone:
        return _DIVERGED, ""
    if not isfinite(fall):
        return _LOST, ""
    if by_slopes < -ALIKE and by_weights > 0.0 and abs(fall) < 0.5 * -by_slopes:
        return _MADE_UP, ""
    if abs(fall) <= ALIKE:
        return _ALIKE, ""
    if fall > 0.0:
        return _ENLARGED, figure(10.0**fall)
    return (
        (_BY_WEIGHTS, figure(10.0**-by_weights)) if by_weights < by_slopes else (_BY_SLOPES, figure(10.0**-by_slopes))
    )


def _summed(logs: Values) -> Values:
    """Return the sums of `logs` from each place to the end, and 0 for the end itself."""
    return np.append(np.cumsum(logs[::-1])[::-1], 0.0)


def _logs(values: Values) -> Values:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.log10(values))

"""The gradient's way back through a network, taken apart into factors.

One layer back, delta_l = (W_{l+1} delta_{l+1}) * f'(z_l): first the weights
change its norm, then f' does. The norm of any layer is that of the output
times all factors between. Rumelhart, Hinton, Williams 1986; as a product of
factors Hochreiter 1991, Bengio, Simard, Frasconi 1994.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf, isfinite, log10, nan

import numpy as np

from gradsim.engine.nn.activations import Activation
from gradsim.sim.kinds.train.snapshot import Snapshot
from gradsim.sim.kinds.train.spec import TrainRun
from gradsim.sim.kinds.train.told import RunTold, Told, told_of_runs
from gradsim.sim.run.tape import Past, Values
from gradsim.words.numbers import factor_text, figure
from gradsim.words.sentences import Span

ALIKE = log10(2.0)
"""Norms within a factor of two are about the same."""
MADE_UP = 1.0
"""What weights make up for leaves the gradient within a factor of ten, log10."""


TINIEST = {"float64": 1e-300, "float32": 1e-38}
"""About the smallest number that floating point can hold with all its digits."""


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
    output
        The factor of the output's f', ||delta|| / ||dL/da||, which comes before all others; NaN while not known.
    cancels
        Whether the loss has divided by it already, as cross-entropy does: then delta = a - y, and the factor is 1.
    dtype
        In which the network computes.
    """

    norms: Values
    weights: Values
    slopes: Values
    output: float = nan
    cancels: bool = False
    dtype: str = "float64"

    @property
    def underflows(self) -> bool:
        """Whether norms that are 0 are products too small for floating point; else no unit of a layer passes any."""
        return has_faded(self.norms, self.dtype)

    @property
    def error(self) -> float:
        """The norm of what the loss gives the output layer: of dL/da, or where f' cancels of a - y over the batch."""
        return float(self.norms[-1]) / self.output if self.output else nan

    @property
    def is_gone(self) -> bool:
        """Whether the network has left the finite numbers."""
        return not np.isfinite(self.norms).all()

    @cached_property
    def falls(self) -> Values:
        """Each layer's norm over that of the output, as the factors between them multiply to, log10: (layers,)."""
        return _summed(_logs(self.weights) + _logs(self.slopes))

    @cached_property
    def falls_by_weights(self) -> Values:
        """The product of the weights' factors from the output down to each layer, log10: (layers,)."""
        return _summed(_logs(self.weights))

    @cached_property
    def falls_by_slopes(self) -> Values:
        """The product of the factors of f' from the output down to each layer, log10: (layers,)."""
        return _summed(_logs(self.slopes))


def has_faded(above: Values, dtype: str) -> bool:
    """Tell whether magnitudes (layers,) above one that is 0 have faded to what floating point can just hold."""
    nonzero = above[above > 0.0]
    return len(nonzero) > 0 and bool(nonzero[0] < TINIEST[dtype] ** 0.5)


def chain(
    past: Past, run: int, replica: int, output: float = nan, cancels: bool = False, dtype: str = "float64"
) -> Chain:
    """Return the way back of one replica of a run at the end of `past`; NaN if it has diverged."""
    norms, weights, slopes = (
        past.values(run, name)[:, replica] for name in ("delta_norm", "weight_factor", "slope_factor")
    )
    return Chain(norms, weights[:-1], slopes[:-1], output, cancels, dtype)


def output_factor(network: Snapshot) -> float:
    """Return the factor of the output's f', NaN where the loss gives it nothing."""
    error = float(np.linalg.norm(network.error))
    return float(np.linalg.norm(network.layers[-1].delta)) / error if error else nan


def cancels(run: TrainRun) -> bool:
    """Tell whether the derivative of the loss has that of the output as a divisor, so that delta = a - y."""
    return run.loss.key == "cross_entropy"


def gives_difference(run: TrainRun) -> bool:
    """Tell whether what the loss gives the output layer is a - y."""
    return run.loss.key in ("cross_entropy", "mse")


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
_IN_PART = Told(
    "{label}: the weights make up for part of what f′ takes, and the gradient shrinks {n} times",
    "; {label} {n} times",
)
_BY_WEIGHTS = Told("{label}: the weights shrink the gradient {n} times", "; {label} {n} times")
_BY_SLOPES = Told("{label}: f′ shrinks the gradient {n} times", "; {label} {n} times")


def chain_note(found: Chain, activation: Activation, tr: Callable[[str], str]) -> tuple[str, str]:
    """Say why the gradient of a run shrinks, grows or stays: what f' is, and what it and the weights do in a layer.

    Empty where there are no factors: in networks without hidden layers, and where nothing of the gradient is left.
    """
    logs = _logs(found.weights), _logs(found.slopes)
    if not len(found.weights) or not np.isfinite(logs).all():
        return "", ""
    by_weights, by_slopes = (float(np.mean(each)) for each in logs)
    known = {"weights": factor_text(10.0**by_weights), "n": figure(10.0**-by_slopes)}
    is_made_up = abs(float(np.sum(logs))) <= MADE_UP
    text = _balance_text(by_weights, by_slopes, is_made_up, activation.switches_off, tr)
    return _slope_text(activation, tr), text.format(**known)


_LITTLE = log10(1.1)
"""Factors of a layer up to this, log10, cost or give next to nothing."""


def _slope_text(activation: Activation, tr: Callable[[str], str]) -> str:
    if activation.switches_off and activation.peak == 1.0:
        return tr("f′ is 1 or 0:")
    if activation.key == "linear":
        return tr("f′ is 1 everywhere:")
    peak = "¼" if activation.peak == 0.25 else f"{activation.peak:.2g}"
    return tr("f′ is at most {peak}:").format(peak=peak)


def _balance_text(
    by_weights: float, by_slopes: float, is_made_up: bool, is_off: bool, tr: Callable[[str], str]
) -> str:
    """Word what f' takes in a layer, and whether the weights give it back; `is_off`: f' takes by being 0."""
    if by_slopes > -_LITTLE:
        return tr("it takes next to nothing, and each layer multiplies by the weights, about {weights}.")
    if is_made_up:
        if is_off:
            return tr("units that are on pass on all they get. The weights, about {weights}, make up for the others.")
        return tr("every layer costs a factor of {n}, and the weights, about {weights}, give it back.")
    if by_weights + by_slopes < 0.0:
        if is_off:
            return tr("units that are on pass on all they get. The weights, about {weights}, do not make up for the "
                      "others.")  # fmt: skip
        return tr("every layer costs a factor of {n}, and the weights, about {weights}, do not give it back.")
    return tr("every layer costs a factor of {n}, and the weights, about {weights}, give more than that.")


TEXTS = tuple(
    text
    for said in (_DIVERGED, _LOST, _MADE_UP, _ALIKE, _ENLARGED, _IN_PART, _BY_WEIGHTS, _BY_SLOPES)
    for text in said
    if text
)
"""All that :func:`chain_sentence` says, to be translated."""


def _told(found: Chain) -> tuple[Told, str]:
    """Return what is said of one run, and its figure."""
    fall, by_weights, by_slopes = found.falls[0], found.falls_by_weights[0], found.falls_by_slopes[0]
    if found.is_gone:
        return _DIVERGED, ""
    if not isfinite(fall):
        return _LOST, ""
    if by_slopes < -ALIKE and by_weights > 0.0 and abs(fall) < min(MADE_UP, 0.5 * -by_slopes):
        return _MADE_UP, ""
    if abs(fall) <= ALIKE:
        return _ALIKE, ""
    if fall > 0.0:
        return _ENLARGED, figure(10.0**fall)
    if by_weights > 0.5 * -by_slopes:
        return _IN_PART, figure(10.0**-fall)
    return (
        (_BY_WEIGHTS, figure(10.0**-by_weights)) if by_weights < by_slopes else (_BY_SLOPES, figure(10.0**-by_slopes))
    )


def _summed(logs: Values) -> Values:
    """Return the sums of `logs` from each place to the end, and 0 for the end itself."""
    return np.append(np.cumsum(logs[::-1])[::-1], 0.0)


def _logs(values: Values) -> Values:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.log10(values))

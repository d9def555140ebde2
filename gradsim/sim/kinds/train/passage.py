"""How the size of signals changes on their way through a network: of activations forward, of gradients backward.

With weights of one size, each layer multiplies both by about the same factor: to the power of the depth, unless it
is 1, they explode or vanish. Glorot, Bengio 2010; He, Zhang, Ren, Sun 2015.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isfinite

import numpy as np

from gradsim.engine.data import Split
from gradsim.engine.types import Array
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.kinds.train.trainer import Trainer
from gradsim.sim.run.tape import Past, Values
from gradsim.words.numbers import factor_text, power
from gradsim.words.sentences import Span, Wording

ALIKE = 1.0
"""Signals keep their size if they change by a factor of ten at most, from the first hidden layer to the last."""
NOTHING = -16.0
"""Smaller than this, log10, nothing arrives: the precision of float64."""


@dataclass(frozen=True)
class Passage:
    """The sizes of signals in the hidden layers of one run, relative to where they start, log10: (layers, replicas).

    They are -inf where nothing is left, inf where they are too large to be numbers; (0, replicas) where not known.

    Attributes
    ----------
    forward
        RMS of a over that of the first layer.
    backward
        RMS of delta over that of the last hidden layer.
    """

    forward: Values
    backward: Values

    @property
    def depth(self) -> int:
        """How many hidden layers are known."""
        return len(self.forward)

    def is_as(self, other: Passage) -> bool:
        """Tell whether both are of the same sizes."""
        return np.array_equal(self.forward, other.forward) and np.array_equal(self.backward, other.backward)

    @cached_property
    def medians(self) -> tuple[Values, Values]:
        """Medians over replicas, (layers,) each: forward and backward."""
        return middle(self.forward), middle(self.backward)

    @property
    def at_the_ends(self) -> tuple[float, float]:
        """What has become of activations in the last layer, and of gradients in the first: medians, log10."""
        forward, backward = self.medians
        return _end(forward), _end(backward[::-1])

    @cached_property
    def factors(self) -> tuple[float, float]:
        """By how much one layer multiplies activations, and gradients, as a geometric mean; NaN for a single layer.

        It is taken over the layers that hold numbers.
        """
        forward, backward = self.medians
        return _factor(forward), _factor(backward[::-1])

    @cached_property
    def change(self) -> float:
        """The larger of both changes, log10: that of the gradients where they are alike."""
        forward, backward = self.at_the_ends
        return backward if abs(forward) <= 1.05 * abs(backward) else forward

    @property
    def factor(self) -> float:
        """The factor of a layer that goes with the larger change."""
        forward, backward = self.factors
        return forward if self.change == self.at_the_ends[0] else backward


def middle(logs: Values) -> Values:
    """Return the median over replicas: (layers,)."""
    ordered = np.sort(logs, axis=1)
    half = logs.shape[1] // 2
    with np.errstate(invalid="ignore"):
        return np.asarray(ordered[:, half] if logs.shape[1] % 2 else (ordered[:, half - 1] + ordered[:, half]) / 2.0)


def _end(logs: Values) -> float:
    return float(logs[-1]) if len(logs) else float("nan")


def _factor(logs: Values) -> float:
    numbers = logs[logs < np.inf]
    return float(10.0 ** (numbers[-1] / (len(numbers) - 1))) if len(numbers) > 1 else float("nan")


def passage(past: Past, run: int, from_start: bool = False) -> Passage:
    """Return what was measured at the end of `past`; at step 0 of a run that has diverged, or if `from_start`."""
    values = past.first_values if from_start or run in past.gone else past.values
    mean, spread, delta = (values(run, name)[:-1] for name in ("activation_mean", "activation_std", "delta_rms"))
    if not np.isfinite(delta).all():
        return Passage(delta[:0], delta[:0])
    with np.errstate(divide="ignore"):
        return Passage(_relative(np.log10(np.hypot(mean, spread)), 0), _relative(np.log10(delta), -1))


def passages_at_start(experiment: Train, data: Split, runs: Sequence[int]) -> dict[int, Passage]:
    """Return those of runs that have diverged at step 0, of which the tape holds nothing, computed again."""
    trainer, found = Trainer(experiment, data), {}
    for run in runs:
        member = trainer.member(run)
        assert member is not None
        group, where = member
        with np.errstate(all="ignore"):
            group.evaluate(0)
            forward, backward = (
                np.array([_log_rms(values[where.rows]) for values in layers[:-1]])
                for layers in (group.stack.a, group.stack.delta)
            )
            found[run] = Passage(_relative(forward, 0), _relative(backward, -1))
    return found


def _log_rms(values: Array) -> Values:
    """Return log10 of the RMS of each replica's values (replicas, B, units), whose squares may be too large."""
    flat = np.abs(np.asarray(values, np.float64)).reshape(len(values), -1)
    largest = flat.max(axis=1)
    logs = np.log10(largest) + 0.5 * np.log10(np.mean((flat / largest[:, None]) ** 2, axis=1))
    logs[largest == 0.0] = -np.inf
    logs[~np.isfinite(largest)] = np.inf
    return np.asarray(logs)


def _relative(logs: Values, start: int) -> Values:
    """Return logs of sizes over those at the start; where that is 0, nothing arrives anywhere else."""
    if not len(logs) or not (logs[start] < np.inf).all():
        return logs[:0]
    with np.errstate(invalid="ignore"):
        found = logs - logs[start]
    found[np.isnan(found)] = -np.inf
    found[start] = 0.0
    return np.asarray(found)


# Words


def outcome(found: Passage, is_gone: bool, w: Wording) -> str:
    """Say in a few words whether signals get through."""
    if is_gone:
        return w.tr("too large to be numbers")
    if found.depth < 2:
        return w.tr("no layers to pass") if not found.depth else w.tr("one layer only")
    forward, backward = found.at_the_ends
    least = min(forward, backward)
    if least < NOTHING:
        return (
            w.tr("nothing arrives: {size}").format(size=_size(least)) if isfinite(least) else w.tr("nothing arrives")
        )
    if abs(found.change) <= ALIKE:
        return w.tr("signals arrive, both ways")
    if found.change == backward:
        text = w.tr("the gradient of layer 1 is {size} that of layer {n}")
    else:
        text = w.tr("the activations of layer {n} are {size} those of layer 1")
    return text.format(size=_size(found.change), n=found.depth)


def _size(log: float) -> str:
    """Return a factor in its power of ten, as ×10⁻⁴; one near 1 as it is."""
    return factor_text(10.0**log) if abs(log) < 3.0 else f"×{power(round(log))}"


def passage_sentence(passages: Sequence[Passage], names: Sequence[str], w: Wording) -> list[Span]:
    """Say which runs keep signals at their size, and what each layer does to them under the others."""
    deep = [run for run, found in enumerate(passages) if found.depth > 1]
    keep = [run for run in deep if abs(passages[run].change) <= ALIKE]
    shrink = [run for run in deep if passages[run].change < -ALIKE]
    grow = [run for run in deep if passages[run].change > ALIKE]
    told = _Told(passages, names, w)
    clauses = [
        told.kept(keep, alone=len(passages) > 1),
        told.changed(shrink, w.tr("{label} shrinks them, {factor} in each"), w.tr("{items} shrink them")),
        told.changed(grow, w.tr("{label} blows them up, {factor} in each"), w.tr("{items} blow them up")),
    ]
    if not deep:
        known = any(found.depth for found in passages)
        text = w.tr("one hidden layer: nothing to multiply") if known else w.tr("no signal is a number")
        clauses = [[Span(text)]]
    return w.sentence(w.clauses(clauses), names)


@dataclass(frozen=True)
class _Told:
    """Clauses on runs, by their indices."""

    passages: Sequence[Passage]
    names: Sequence[str]
    w: Wording

    def kept(self, runs: Sequence[int], alone: bool) -> list[Span]:
        w = self.w
        if not runs:
            return w.fill(w.tr("signals do not keep their size"))
        if len(runs) == 1:
            text = (
                w.tr("only {label} keeps signals at their size, {factor} a layer")
                if alone
                else w.tr("{label} keeps signals at their size, {factor} a layer")
            )
            return w.fill(text, label=self._name(runs[0]), factor=self._factor(runs[0]))
        return w.fill(w.tr("{labels} keep signals at their size"), labels=w.listed([self._name(run) for run in runs]))

    def changed(self, runs: Sequence[int], one: str, several: str) -> list[Span]:
        w = self.w
        ordered = sorted(runs, key=lambda run: abs(self.passages[run].change), reverse=True)
        if len(runs) == 1:
            return w.fill(one, label=self._name(runs[0]), factor=self._factor(runs[0]))
        items = [[*self._name(run), Span(" "), *self._factor(run)] for run in ordered]
        return w.fill(several, items=w.listed(items)) if runs else []

    def _name(self, run: int) -> list[Span]:
        return [Span(self.names[run], run)]

    def _factor(self, run: int) -> list[Span]:
        return [Span(factor_text(self.passages[run].factor), run)]

"""Which units take part: of each unit, on how much of the training set it passes gradient on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gradsim.engine.nn.probes import SATURATED_BELOW
from gradsim.engine.types import Array
from gradsim.sim.kinds.train.snapshot import Snapshot, hidden_passes
from gradsim.words.numbers import share
from gradsim.words.sentences import Filling, Span, Wording, joined

Shares = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class LayerCensus:
    """The units of a hidden layer, (units,) each: shares of the samples, of which none is counted twice.

    Attributes
    ----------
    full
        Where the unit passes gradient on: neither off, nor saturated, nor on the lesser slope.
    leaking
        Where it passes it on by the lesser slope of two straight pieces, as leaky ReLU for z <= 0.
    flat
        Where it is saturated: f'(z) is not 0, but |f'(z)| < 0.05 of its largest value. 0 where f has no flat end.
    """

    full: Shares
    leaking: Shares
    flat: Shares

    @cached_property
    def on(self) -> Shares:
        """The share of samples on which f'(z) is not 0."""
        return np.asarray(self.full + self.leaking + self.flat)

    @cached_property
    def passing(self) -> Shares:
        """The share of samples on which each unit passes gradient on: f'(z) is not 0, nor is it saturated."""
        return np.asarray(self.full + self.leaking)

    @cached_property
    def dead(self) -> Truths:
        """Whether each unit is on for no sample: then no gradient reaches its weights."""
        return np.asarray(self.on == 0.0)

    @cached_property
    def stuck(self) -> Truths:
        """Whether each unit is saturated on all samples: then next to no gradient reaches its weights."""
        return np.asarray((self.passing == 0.0) & ~self.dead)

    @cached_property
    def ranks(self) -> npt.NDArray[np.intp]:
        """The units, those first that pass gradient on for the most samples."""
        return np.lexsort((-self.on, -self.full, -self.passing))


def census(network: Snapshot, x: Array) -> tuple[LayerCensus, ...]:
    """Count over the samples `x` (N, features), layer by layer from the first hidden one."""
    activation, found = network.run.activation, []
    for _, slope in hidden_passes(network, x):
        on = slope > 0.0
        least = SATURATED_BELOW * activation.peak if activation.saturates else activation.peak
        low = on & (slope < least)
        none = np.zeros(low.shape[1])
        share_low = low.mean(axis=0)
        leaking, flat = (none, share_low) if activation.saturates else (share_low, none)
        found.append(LayerCensus((on & ~low).mean(axis=0), leaking, flat))
    return tuple(found)


# The sentence


class Told(NamedTuple):
    """What the sentence tells of a run.

    Attributes
    ----------
    run, label
        Which run it is, and its name.
    layers
        Its layers, or the one that is asked about; None for a run that has diverged.
    saturates
        Whether its activation has a flat end.
    since, before
        The step at which it got an activation under which no unit is dead, and its layers then; -1, () for none.
    """

    run: int
    label: str
    layers: Sequence[LayerCensus] | None
    saturates: bool = False
    since: int = -1
    before: Sequence[LayerCensus] = ()


class Revival(NamedTuple):
    """How many units were dead before a change, and how many of these are on for some samples by now."""

    dead: int
    revived: int


def revival(before: Sequence[LayerCensus], now: Sequence[LayerCensus]) -> Revival:
    """Count the units that were dead, and those of them that are on again: z > 0 on some sample."""
    pairs = list(zip(before, now, strict=True))
    dead = sum(int(one.dead.sum()) for one, _ in pairs)
    return Revival(dead, sum(int((one.dead & (other.full > 0.0)).sum()) for one, other in pairs))


DEAD, FURTHER = "[{n} of {total}] units are dead under {label}", "[{n} of {total}] under {label}"
REVIVED = "[{n} of the {dead}] that were dead at step {step} are on again under {label}"
STUCK = "[{n} of {total}] units are saturated on all samples under {label}"
FLAT = "under {label} a unit is saturated on [{share}] of the samples"
FREE, NONE, DIVERGED = (
    "[no unit is dead] or saturated under {label}",
    "[no unit is dead] under {label}",
    "{label}: diverged",
)
WHERE, BRIEF, ONE = "in layer {n} ", "dead units: ", "{label} [{n}/{total}]"
TEXTS = (DEAD, FURTHER, REVIVED, STUCK, FLAT, FREE, NONE, DIVERGED, WHERE, BRIEF, ONE)
"""All that :func:`census_sentence` says, to be translated."""
FEW = 0.05
"""From this share of the samples on being saturated is worth a word."""


def census_sentence(told: Sequence[Told], layer: int | None, language: str, brevity: int = 0) -> list[Span]:
    """Say how many units are dead, saturated or revived, in a layer (from 0) or in all that are hidden.

    With a brevity from 1 on it tells how many are dead, and of ever fewer runs.
    """
    w = Wording(language)
    where = [] if layer is None else w.fill(w.tr(WHERE), n=str(layer + 1))
    if brevity:
        kept = told[: max(1, len(told) - brevity + 1)]
        brief = joined([_brief(w, one) for one in kept], w.tr(", "))
        return w.sentence([*where, *w.fill(w.tr(BRIEF)), *brief], ())
    clauses, is_told = [], False
    for one in told:
        template, places = _clause(one, is_told)
        is_told = template in (DEAD, FURTHER)
        clauses.append(w.fill(w.tr(template), one.run, label=[Span(one.label, one.run)], **places))
    names = () if layer is not None else [one.label for one in told]
    return w.sentence([*where, *joined(clauses, w.tr("; "))], names)


def _brief(w: Wording, told: Told) -> list[Span]:
    label = [Span(told.label, told.run)]
    if told.layers is None:
        return w.fill(w.tr(DIVERGED), told.run, label=label)
    dead, total = _counted(told.layers)
    return w.fill(w.tr(ONE), told.run, label=label, n=f"{dead:,}", total=f"{total:,}")


def _counted(layers: Sequence[LayerCensus]) -> tuple[int, int]:
    return sum(int(layer.dead.sum()) for layer in layers), sum(len(layer.full) for layer in layers)


def _clause(told: Told, is_told: bool) -> tuple[str, dict[str, Filling]]:
    """Return the template of what is said of a run, and its figures; short where the last clause told the same."""
    if told.layers is None:
        return DIVERGED, {}
    dead, total = _counted(told.layers)
    if dead:
        return FURTHER if is_told else DEAD, {"n": f"{dead:,}", "total": f"{total:,}"}
    was = revival(told.before, told.layers) if told.before else Revival(0, 0)
    if was.dead:
        return REVIVED, {"n": f"{was.revived:,}", "dead": f"{was.dead:,}", "step": f"{told.since:,}"}
    return _of_flats(told.layers, total) if told.saturates else (NONE, {})


def _of_flats(layers: Sequence[LayerCensus], total: int) -> tuple[str, dict[str, Filling]]:
    stuck = sum(int(layer.stuck.sum()) for layer in layers)
    if stuck:
        return STUCK, {"n": f"{stuck:,}", "total": f"{total:,}"}
    flat = sum(float(layer.flat.sum()) for layer in layers) / total
    return (FLAT, {"share": share(flat)}) if flat >= FEW else (FREE, {})

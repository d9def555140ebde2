"""Where on its activation's curve each layer works: the pre-activations it gets, and the slopes it finds there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gradsim.engine.nn.activations import Activation
from gradsim.engine.nn.probes import SATURATED_BELOW
from gradsim.engine.types import Array
from gradsim.sim.kinds.train.snapshot import Snapshot, hidden_passes
from gradsim.words.languages import translate
from gradsim.words.numbers import figure, share
from gradsim.words.sentences import Filling, Span, Wording, joined, plain_text, unbroken

REACH, BINS = 8.0, 64
"""Pre-activations are counted from -REACH to REACH in so many bins; those beyond are counted in the outermost."""

Shares = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Load:
    """What a hidden layer gets, over samples and units.

    Attributes
    ----------
    shares : (BINS,)
        The share of the pre-activations z in each bin.
    slopes : (BINS,)
        The mean of |f'(z)| in each bin over the largest that there is, 0 in empty ones.
    mean_slope, flat, unchanged
        The mean of |f'(z)|, the share of z where it is below 0.05 of its largest value, and that where it is 1.
    low, high
        The least and the largest z.
    other_slope
        The mean slope of another activation at the same z; NaN where none is compared.
    """

    shares: Shares
    slopes: Shares
    mean_slope: float
    flat: float
    unchanged: float
    low: float
    high: float
    other_slope: float = nan


def loads(network: Snapshot, x: Array, other: Activation | None = None) -> tuple[Load, ...]:
    """Measure the samples `x` (N, features), layer by layer from the first hidden one."""
    peak = network.run.activation.peak
    return tuple(_load(z.ravel(), slope.ravel(), peak, other) for z, slope in hidden_passes(network, x))


def _load(z: Array, slope: Array, peak: float, other: Activation | None) -> Load:
    at = np.clip(((z + REACH) * (BINS / (2.0 * REACH))).astype(np.intp), 0, BINS - 1)
    counts = np.bincount(at, minlength=BINS)
    sums = np.bincount(at, weights=slope, minlength=BINS)
    slopes = sums / np.maximum(counts, 1) / (peak or 1.0)
    flat = float((slope < SATURATED_BELOW * peak).mean())
    unchanged = float((slope == 1.0).mean())
    found = nan if other is None else float(np.abs(values(other, z)[1]).mean())
    return Load(counts / len(z), slopes, float(slope.mean()), flat, unchanged, float(z.min()), float(z.max()), found)


def values(activation: Activation, z: Array) -> tuple[Array, Array]:
    """Return f and f' at places z."""
    f, slope, work = np.empty_like(z), np.empty_like(z), np.empty_like(z)
    with np.errstate(over="ignore"):
        activation.value(z, f, work)
        activation.derivative(z, f, slope, work)
    return f, slope


# The sentence


class Told(NamedTuple):
    """What the sentence tells of a run: its name, its activation, and its layer; None for one that has diverged."""

    run: int
    label: str
    activation: Activation
    load: Load | None


ALL, ON, PARTLY = (
    "{label} passes [all of the gradient] unchanged",
    "{label} passes the [{share} that are on] unchanged",
    "{label} passes [{share}] unchanged, the rest times {least}",
)
OF_FLATS = "the mean slope is [{slope}] under {label}, for [{share}] of the z are on its flats"
CAPPED, PLAIN = (
    "the mean slope is [{slope}] under {label}, which passes [{peak}] at most",
    "the mean slope is [{slope}] under {label}, of {peak} at most",
)
OTHER = "in place of {label}, {other} would find {slope} at the same z"
WHERE, DIVERGED = "in layer {n} ", "{label}: diverged"
NOTES = (
    "{share} on the flats: slope under 5 % of the largest",
    "none on the flats, yet no slope above {peak}",
    "none on the flats",
    "{share} are on, with slope 1; the others are off, slope 0",
    "{share} have slope 1, the others {least}",
    "slope 1 everywhere",
)
"""What is said beside the z."""
BRIEF, ONE, DASHED = "mean slope in layer {n}: ", "{label} [{slope}]", "; dashed: {other}"
TEXTS = (ALL, ON, PARTLY, OF_FLATS, CAPPED, PLAIN, OTHER, WHERE, DIVERGED, BRIEF, ONE, DASHED, *NOTES)
"""All that :func:`load_sentence` and :func:`load_note` say, to be translated."""

FEW = 0.05
"""From this share of the z on the flats are worth a word."""

_FRACTIONS = {0.25: "¼", 0.5: "½", 1.0 / 6.0: "⅙"}


def slope_text(value: float) -> str:
    """Return a slope in as few characters as it takes: ¼, 1, 0.23."""
    return _FRACTIONS.get(value, f"{value:.3g}".replace("-", "−"))


def load_sentence(
    layer: int, told: Sequence[Told], language: str, brevity: int = 0, other: Activation | None = None
) -> list[Span]:
    """Say what slope the runs find in a layer (from 0); with a brevity from 1 on the numbers alone, then of fewer."""
    w, n = Wording(language), str(layer + 1)
    if brevity:
        kept = told[: max(1, len(told) - brevity + 1)]
        numbers = [*w.fill(w.tr(BRIEF), n=n), *joined([_brief(w, one) for one in kept], w.tr(", "))]
        dashed = w.fill(w.tr(DASHED), other=translate(other.label, language)) if other else []
        return w.sentence([*numbers, *dashed], ())
    clauses = [_clause(w, one) for one in told]
    first = next((one for one in told if one.load), None)
    if other is not None and first and first.load:
        label, slope = [Span(first.label, first.run)], mean_text(first.load.other_slope)
        clauses.append(w.fill(w.tr(OTHER), label=label, other=translate(other.label, language), slope=slope))
    return w.sentence([*w.fill(w.tr(WHERE), n=n), *joined(clauses, w.tr("; "))], ())


def _brief(w: Wording, told: Told) -> list[Span]:
    label = [Span(told.label, told.run)]
    if told.load is None:
        return w.fill(w.tr(DIVERGED), told.run, label=label)
    return w.fill(w.tr(ONE), told.run, label=label, slope=mean_text(told.load.mean_slope))


def mean_text(value: float) -> str:
    """Return a mean slope as pictures and sentences tell it: 0.23, 3.1 × 10⁻⁵, 0."""
    return f"{value:.2f}" if value >= 0.01 else figure(value) if value else "0"


def _clause(w: Wording, told: Told) -> list[Span]:
    run, activation, load = told.run, told.activation, told.load
    places: dict[str, Filling] = {"label": [Span(told.label, run)]}
    if load is None:
        return w.fill(w.tr(DIVERGED), run, **places)
    places |= {"slope": mean_text(load.mean_slope), "peak": slope_text(activation.peak)}
    if load.unchanged == 1.0:
        return w.fill(w.tr(ALL), run, **places)
    if activation.saturates:
        flats = OF_FLATS if load.flat >= FEW else CAPPED if activation.peak < 1.0 else PLAIN
        return w.fill(w.tr(flats), run, **places, share=share(load.flat))
    least = _lesser_slope(activation)
    template = w.tr(PARTLY if least else ON)
    return w.fill(template, run, **places, share=share(load.unchanged), least=slope_text(least))


def _lesser_slope(activation: Activation) -> float:
    """Return the slope at the left of an activation of two straight pieces."""
    return float(np.abs(values(activation, np.array([-1.0]))[1][0]))


def load_note(load: Load, activation: Activation, language: str) -> str:
    """Say in a few words what the z in a layer meet; no line is to break between a number and its unit."""
    return plain_text(unbroken([Span(_note(load, activation, language))]))


def _note(load: Load, activation: Activation, language: str) -> str:
    flats, capped, free, on, partly, everywhere = (translate(text, language) for text in NOTES)
    if load.unchanged == 1.0:
        return everywhere
    if not activation.saturates:
        least = _lesser_slope(activation)
        return (partly if least else on).format(share=share(load.unchanged), least=slope_text(least))
    if load.flat > 0.0:
        return flats.format(share=share(load.flat))
    return capped.format(peak=slope_text(activation.peak)) if activation.peak < 1.0 else free

"""What is said of the layers: of each probe in its own words and units."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np

from gradsim.engine.nn.probes import INDEX, PROBES
from gradsim.sim.kinds.train.subject import Subject
from gradsim.words.numbers import amount, figure, share, signed
from gradsim.words.sentences import BRIEFEST, Filling, Span, Wording, joined

Clause = list[Span]
Clauses = list[Clause]

_FEW = 4
"""Up to so many runs each is told of by itself; of more, what they have in common and which stands out."""
_HUGE = 1e6
"""Numbers from here on are written as powers of ten."""

RATIOS = ("grad_rms", "grad_norm", "bias_grad_norm", "delta_rms", "delta_norm")
"""Probes that are compared between the first layer and the last hidden one."""


def layer_clauses(subjects: Sequence[Subject], probe: str, proportional: bool) -> Clauses:
    """Return clauses on what a probe has measured at the layers of these runs.

    Parameters
    ----------
    proportional
        Whether steps are in proportion to the gradients, so that a layer with a smaller one learns slower.
    """
    if probe in RATIOS:
        return _ratio_clauses(subjects, probe, proportional and probe == "grad_rms")
    if probe in ("weight_factor", "slope_factor"):
        return _each(subjects, _factors, _at_first(probe))
    if probe in SHARES:
        return _each(subjects, partial(_most_of, probe=probe), lambda s: _most(s, probe)[1])
    if probe == "update_ratio":
        return _each(subjects, _updates, _at_first(probe))
    return _each(subjects, partial(_both_ends, probe=probe), _at_first(probe))


def _each(
    subjects: Sequence[Subject], clause: Callable[[Subject, bool], Clause], key: Callable[[Subject], float]
) -> Clauses:
    """Return a clause on each run, the first in full; of many on those with the largest and the smallest `key`."""
    w = subjects[0].wording
    shown = list(subjects)
    if len(subjects) > min(_FEW, w.most_names):
        ordered = sorted(subjects, key=key, reverse=True)
        shown = [ordered[0], ordered[-1]] if w.brevity < _ONE_AT and len(ordered) > 1 else ordered[:1]
    clauses = [clause(subject, i == 0) for i, subject in enumerate(shown)]
    left = len(subjects) - len(shown)
    if left:
        between = w.tr("{n} in between") if len(shown) > 1 else w.tr("{n} more")
        clauses.append(w.fill(between, n=str(left)))
    return [joined(clauses, w.tr("; "))] if w.brevity < BRIEFEST else clauses[:1]


_ONE_AT = 4
"""The brevity from which on one run of many is told of."""


def _at_first(probe: str) -> Callable[[Subject], float]:
    """Return what a probe has measured at the first layer, for comparison; unknown values count as the least."""
    return lambda s: float(np.nan_to_num(s.medians(probe)[0], nan=-np.inf))


# Ratios between layers


def is_still(subject: Subject, probe: str = "grad_rms") -> bool:
    """Tell whether a run has no gradient at either of the layers compared, or none at the first."""
    ratio = subject.ratio(probe)
    return bool(np.isnan(ratio) or np.isinf(ratio))


def about_level(ratio: float) -> bool:
    """Tell whether two layers are about the same: neither more than twice the other."""
    return 0.5 <= ratio <= 2.0


def learns(s: Subject) -> Clause:
    """Return how fast the first layer learns, as a verb phrase."""
    w, ratio = s.wording, s.ratio()
    if is_still(s):
        return w.fill(w.tr("[does not learn]"), s.index)
    if about_level(ratio):
        return w.fill(w.tr("learns [about as fast] as {last}"), s.index, last=s.last)
    if ratio < 1.0:
        return w.fill(w.tr("learns [{n} times faster] than {last}"), s.index, n=_inverse(ratio), last=s.last)
    if ratio >= _HUGE:
        return w.fill(w.tr("learns slower than {last} [by a factor of {n}]"), s.index, n=figure(ratio), last=s.last)
    return w.fill(w.tr("learns [{n} times slower] than {last}"), s.index, n=figure(ratio), last=s.last)


def speed(s: Subject) -> Clause:
    """Return how fast the first layer learns, where it is known with which layer it is compared."""
    w, ratio = s.wording, s.ratio()
    if is_still(s):
        return w.fill(w.tr("[not at all]"), s.index)
    if about_level(ratio):
        return w.fill(w.tr("[about as fast]"), s.index)
    if ratio < 1.0:
        return w.fill(w.tr("[{n} times faster]"), s.index, n=_inverse(ratio))
    if ratio >= _HUGE:
        return w.fill(w.tr("slower [by a factor of {n}]"), s.index, n=figure(ratio))
    return w.fill(w.tr("[{n} times slower]"), s.index, n=figure(ratio))


def size(s: Subject, probe: str = "grad_rms") -> Clause:
    """Return how large a quantity is at the first layer, as a part or a multiple of the other's."""
    w, ratio = s.wording, s.ratio(probe)
    if np.isnan(ratio) or np.isinf(ratio):
        return [Span("0", s.index)]
    if about_level(ratio):
        return w.fill(w.tr("[about the same]"), s.index)
    if ratio < 1.0:
        return w.fill(w.tr("[{n} times] as large"), s.index, n=_inverse(ratio))
    return [Span(part(ratio), s.index)]


def part(ratio: float) -> str:
    """Return one over a number as a fraction, or as a power of ten."""
    return f"1/{figure(ratio)}" if ratio < _HUGE else figure(1.0 / ratio)


def _inverse(ratio: float) -> str:
    return figure(1.0 / ratio) if ratio > 0.0 else "∞"


def _ratio_clauses(subjects: Sequence[Subject], probe: str, of_speed: bool) -> Clauses:
    w = subjects[0].wording
    if len(subjects) > min(_FEW, w.most_names):
        return _grouped(subjects, probe)
    clauses: list[Clause] = []
    named = ("", "")
    for s in subjects:
        alike = (s.first, s.last) == named
        # Where nothing is compared, no layer is named that the next clause could refer to.
        named = ("", "") if is_still(s, probe) else (s.first, s.last)
        clauses.append(_speed_clause(s, alike) if of_speed else _size_clause(s, probe, alike))
    return [joined(clauses, w.tr("; "))]


def _speed_clause(s: Subject, alike: bool) -> Clause:
    """Return how fast a run's first layer learns; in short, if it is of the same layers as the clause before."""
    w = s.wording
    if alike:
        return w.fill(w.tr("under {label} {slowdown}"), label=s.name, slowdown=speed(s))
    return w.fill(w.tr("under {label} {first} {learns}"), label=s.name, first=s.first, learns=learns(s))


def _size_clause(s: Subject, probe: str, alike: bool) -> Clause:
    """Return how large a quantity is at the first layer of a run."""
    w = s.wording
    if alike:
        return w.fill(w.tr("under {label} {smaller}"), label=s.name, smaller=size(s, probe))
    ratio, what = s.ratio(probe), quantity(probe, w)
    places: dict[str, Filling] = {"what": what, "first": s.first, "last": s.last, "label": s.name}
    if is_still(s, probe):
        return w.fill(w.tr("under {label} {what} of {first} is [0]"), s.index, what=what,
                      label=s.name, first=s.first)  # fmt: skip
    if about_level(ratio):
        return w.fill(w.tr("under {label} {what} of {first} is [about the same] as {last}’s"), s.index, **places)
    if ratio < 1.0:
        whole = w.tr("under {label} {what} of {first} is [{n} times] {last}’s")
        return w.fill(whole, s.index, n=_inverse(ratio), **places)
    return w.fill(
        w.tr("under {label} {what} of {first} is [{part}] of {last}’s"), s.index, part=part(ratio), **places
    )


def quantity(probe: str, w: Wording) -> str:
    """Return what a probe measures, within a sentence."""
    return w.tr("the gradient") if probe == "grad_rms" else w.tr(PROBES[INDEX[probe]].label)


def _grouped(subjects: Sequence[Subject], probe: str) -> Clauses:
    """Return which runs' gradients fall towards the first layer, and which are about level."""
    w = subjects[0].wording
    falling = [s for s in subjects if s.ratio(probe) > 2.0 and not np.isinf(s.ratio(probe))]
    still = [s for s in subjects if is_still(s, probe)]
    rising = [s for s in subjects if s.ratio(probe) < 0.5]
    level = [s for s in subjects if about_level(s.ratio(probe))]
    falling.sort(key=lambda s: -s.ratio(probe))
    clauses: Clauses = []
    if falling:
        clauses.append(_steepest(falling, len(subjects), probe))
    if still:
        clauses.append(w.fill(w.tr("{names}: nothing gets through"), names=w.listed([s.name for s in still])))
    if len(falling) > 1:
        clauses.append(w.fill(w.tr("less steeply: {names}"), names=w.listed([s.name for s in falling[1:]])))
    if rising:
        clauses.append(w.fill(w.tr("{names}: larger in the first layers"), names=w.listed([s.name for s in rising])))
    if level and (falling or rising or still):
        clauses.append(w.fill(w.tr("{names}: about level"), names=w.listed([s.name for s in level])))
    return clauses or [[Span(w.tr("under all {n} the layers are about level").format(n=len(subjects)))]]


def _steepest(falling: Sequence[Subject], count: int, probe: str) -> Clause:
    w, s = falling[0].wording, falling[0]
    only = w.tr("only {label} falls: {first} gets [{part}] of {last}’s gradient")
    most = w.tr("{label} falls most: {first} gets [{part}] of {last}’s gradient")
    template = only if len(falling) == 1 and count > 1 else most
    return w.fill(template, s.index, label=s.name, first=s.first, last=s.last, part=part(s.ratio(probe)))


# Values at layers


SHARES: Mapping[str, str] = {
    "dead": "{label}: [{share} of {layer}’s units are dead]",
    "off": "{label}: [{share} of {layer}’s units are off]",
    "saturated": "{label}: [{share} of {layer}’s units are saturated]",
}
"""What is said of shares of units, at the layer where the share is largest."""
IN_SHORT: Mapping[str, str] = {
    "dead": "{label}: [{share} dead] in {layer}",
    "off": "{label}: [{share} off] in {layer}",
    "saturated": "{label}: [{share} saturated] in {layer}",
}
NONE: Mapping[str, str] = {
    "dead": "{label}: [no hidden unit is dead]",
    "off": "{label}: [no hidden unit is off]",
    "saturated": "{label}: [no hidden unit is saturated]",
}


def _most(s: Subject, probe: str) -> tuple[int, float]:
    """Return the hidden layer where a share is largest, and the share, of the whole training set.

    Dead is judged on it. Off and saturated are measured on the batch of each step: they are the mean over the steps
    of the last epoch.
    """
    medians = s.medians(probe) if probe == "dead" else s.epoch_medians(probe)
    shares = np.nan_to_num(medians[: len(s.run.hidden)] or medians)
    return int(np.argmax(shares)), float(shares.max())


def _most_of(s: Subject, in_full: bool, probe: str) -> Clause:
    """Return the share of the units of the layer where it is largest."""
    w = s.wording
    layer, most = _most(s, probe)
    if not most > 0.0:
        return w.fill(w.tr(NONE[probe]), s.index, label=s.name)
    template = w.tr((SHARES if in_full else IN_SHORT)[probe])
    return w.fill(template, s.index, label=s.name, share=share(most), layer=s.layer(layer))


def dead(s: Subject) -> Clause:
    """Return which share of all hidden units is dead: median over replicas."""
    w, units = s.wording, np.array(s.run.hidden)
    shares = units @ s.past.values(s.index, "dead")[: len(units)] / units.sum()
    median = float(np.median(shares))
    return w.fill(w.tr("[{share} dead]") if median else w.tr("[none dead]"), s.index, share=share(median))


def factors(s: Subject) -> Clause:
    """Return by what the weights and f' multiply the gradient from layer to layer, as a verb phrase."""
    w, (weights, slope) = s.wording, _factor_texts(s)
    return w.fill(w.tr("each layer multiplies by [{weights} × {slope}]"), s.index, weights=weights, slope=slope)


def _factors(s: Subject, in_full: bool) -> Clause:
    """Return by what the weights and f' multiply from layer to layer."""
    w, (weights, slope) = s.wording, _factor_texts(s)
    whole, brief = (
        w.tr("{label}: each layer multiplies by [{weights} × {slope}], weights × f′"),
        w.tr("{label}: [{weights} × {slope}]"),
    )
    return w.fill(whole if in_full else brief, s.index, label=s.name, weights=weights, slope=slope)


def _factor_texts(s: Subject) -> tuple[str, str]:
    """Return the factor of the weights and that of f': geometric means over the hidden layers."""
    found = []
    for probe in ("weight_factor", "slope_factor"):
        values = np.array(s.medians(probe)[: len(s.run.hidden)])
        values = values[np.isfinite(values)]
        with np.errstate(divide="ignore"):
            found.append(_two(amount(float(np.exp(np.log(values).mean()))) if len(values) else "–"))
    return found[0], found[1]


def _two(text: str) -> str:
    """Return a number of three digits with two, if it is a plain one."""
    try:
        value = float(text)
    except ValueError:
        return text
    return f"{value:.1f}" if 1.0 <= value < 10.0 else f"{value:.2g}" if value < 1.0 else text


def _updates(s: Subject, in_full: bool) -> Clause:
    """Return how far the last update has moved the first layer and the last hidden one."""
    w = s.wording
    values = [s.medians("update_ratio")[layer] for layer in s.compared]
    if np.isnan(values).all():
        return w.fill(w.tr("{label}: no update yet"), label=s.name)
    template = w.tr("{label}: an update moves {first} by [{one}] of its norm, {last} by [{other}]")
    if not in_full:
        template = w.tr("{label}: {first} by [{one}], {last} by [{other}]")
    one, other = (amount(value) for value in values)
    return w.fill(template, s.index, label=s.name, first=s.first, last=s.last, one=one, other=other)


def _both_ends(s: Subject, in_full: bool, probe: str) -> Clause:
    """Return what a quantity is at the first layer and at the last hidden one."""
    w, values = s.wording, s.medians(probe)
    text = share if PROBES[INDEX[probe]].kind == "share" else signed
    one, other = (text(values[layer]) for layer in s.compared)
    if in_full:
        template = w.tr("{label}: {what} is [{one}] in {first}, [{other}] in {last}")
        return w.fill(template, s.index, label=s.name, what=w.tr(PROBES[INDEX[probe]].label),
                      one=one, other=other, first=s.first, last=s.last)  # fmt: skip
    template = w.tr("{label}: [{one}] in {first}, [{other}] in {last}")
    return w.fill(template, s.index, label=s.name, one=one, other=other, first=s.first, last=s.last)

"""What a diagram of numbers tells of the weight, the bias or the unit that is chosen: how its numbers come about."""

from __future__ import annotations

from collections.abc import Sequence

from gradsim.sim.kinds.train.sample_passes import SamplePasses, Spot
from gradsim.sim.kinds.train.spec import Train
from gradsim.ui.plots.number_drawing import Shown
from gradsim.ui.plots.numbers_table import GRADIENTS
from gradsim.ui.theme import Look
from gradsim.words.numbers import exact

_MOST_TERMS = 3
"""A sum of more terms than these is not written out."""


def told(look: Look, shown: Shown) -> list[list[str]]:
    """Return two lines on what is chosen, each in full and then shorter: its numbers, and what becomes of it."""
    if shown.chosen.kind == "unit":
        return [_backward(shown), _forward(shown)]
    return [_gradient(shown), _update(look, shown)]


def scope_text(look: Look, experiment: Train, step: int) -> str:
    """Say where a weight or a bias that is given a number has it: "" where there is one place alone."""
    tr, replicas, is_alone = look.tr, experiment.replicas, len(experiment.runs) == 1
    if replicas == 1:
        return tr("w, b from this step on") if step else "" if is_alone else tr("w, b in all runs")
    if step:
        text = tr("w, b from this step on, in all {n} replicas")
    else:
        text = tr("w, b in all {n} replicas") if is_alone else tr("w, b in all {n} replicas of all runs")
    return text.format(n=replicas)


def in_one_line(first: Sequence[str], second: Sequence[str]) -> list[str]:
    """Return both lines in one, in ever shorter forms."""
    both = [f"{one};  {second[-1]}" for one in first] if second[-1] else []
    return [*both, *first]


def _gradient(shown: Shown) -> list[str]:
    """Return the gradient of a weight or a bias; before that is known, what it gives to z."""
    spot = shown.chosen
    layer, is_weight = shown.passes.layers[spot.layer], spot.kind == "weight"
    below = float(layer.below[spot.below]) if is_weight else 1.0
    if not shown.is_backward(spot.layer):
        value = shown.passes.value(spot)
        if not is_weight:
            return [f"b = {exact(value)}"]
        given = "x" if spot.layer == 0 else "a"
        if spot.layer and not shown.is_forward(spot.layer - 1):
            return [f"w = {exact(value)}"]
        return [f"w × {given} = {_times(value, below)} = {exact(value * below)}"]
    delta, result = float(layer.delta[spot.unit]), exact(shown.passes.gradient(spot))
    if not is_weight:
        return [f"∂L/∂b = δ × 1 = {result}", f"∂L/∂b = {result}"]
    given = "x" if spot.layer == 0 else "a"
    return [f"∂L/∂w = δ × {given} = {_times(delta, below)} = {result}", f"δ × {given} = {result}"]


def _update(look: Look, shown: Shown) -> list[str]:
    """Return what the next update makes of a weight or a bias, once all gradients are shown."""
    spot = shown.chosen
    if shown.after is None or shown.stage < 2 * shown.depth:
        return [""]
    symbol = "w" if spot.kind == "weight" else "b"
    change = f"{symbol} {exact(shown.passes.value(spot))} → {exact(shown.after.value(spot))}"
    return [f"{look.tr('next update')}: {change}", change]


def _forward(shown: Shown) -> list[str]:
    spot = shown.chosen
    layer = shown.passes.layers[spot.layer]
    if not shown.is_forward(spot.layer):
        return [""]
    given = "x" if spot.layer == 0 else "a"
    z, a = (exact(float(each[spot.unit])) for each in (layer.z, layer.a))
    short = f"z = Σ w {given} + b = {z}"
    texts = [f"{short};  a = {a}", short]
    if len(layer.below) <= _MOST_TERMS:
        terms = [_times(float(w), float(x)) for w, x in zip(layer.w[:, spot.unit], layer.below, strict=True)]
        terms.append(_signed_term(float(layer.b[spot.unit])))
        texts.insert(0, f"z = Σ w {given} + b = {' + '.join(terms)} = {z};  a = {a}")
    return texts


def _backward(shown: Shown) -> list[str]:
    spot = shown.chosen
    layer = shown.passes.layers[spot.layer]
    delta = exact(float(layer.delta[spot.unit]))
    if not shown.is_backward(spot.layer):
        return [""]
    if spot.layer == shown.depth - 1:
        output = shown.passes.output
        how = GRADIENTS.get((output.loss_key, output.output), "")
        return [f"δ = ∂L/∂z {how} = {delta}" if how else f"δ = ∂L/∂z = {delta}", f"δ = {delta}"]
    slope, error = float(layer.slope[spot.unit]), float(layer.error[spot.unit])
    short = f"δ = f′(z) × Σ w δ = {_times(slope, error)} = {delta}"
    above = shown.passes.layers[spot.layer + 1]
    texts = [short, f"δ = {delta}"]
    if len(above.delta) <= _MOST_TERMS:
        terms = [_times(float(w), float(d)) for w, d in zip(above.w[spot.unit], above.delta, strict=True)]
        texts.insert(0, f"δ = f′(z) × Σ w δ = {exact(slope)} × ({' + '.join(terms)}) = {delta}")
    return texts


def _times(one: float, other: float) -> str:
    return f"{_factor(one)} × {_factor(other)}"


def _factor(value: float) -> str:
    """Return a factor, in brackets where it is negative or itself a product."""
    text = exact(value)
    return f"({text})" if value < 0.0 or "×" in text else text


def _signed_term(value: float) -> str:
    return _factor(value) if value < 0.0 else exact(value)


def pointed(names: Sequence[str], passes: SamplePasses, spot: Spot) -> str:
    """Return what the pointer reads of a spot, with nine digits; `names` are those of the columns."""
    name = f"{names[spot.layer + 1]}, {spot.unit + 1}"
    if spot.kind == "x":
        return f"{names[0]}, {spot.unit + 1}: x {_digits(passes.value(spot))}"
    if spot.kind == "y":
        loss = float(passes.output.terms[spot.unit])
        return f"{names[-2]}, {spot.unit + 1}: y {_digits(passes.value(spot))}   L {_digits(loss)}"
    layer = passes.layers[spot.layer]
    if spot.kind == "unit":
        values = (("z", layer.z), ("a", layer.a), ("δ", layer.delta))
        return f"{name}: " + "   ".join(f"{symbol} {_digits(float(each[spot.unit]))}" for symbol, each in values)
    value, gradient = _digits(passes.value(spot)), _digits(passes.gradient(spot))
    if spot.kind == "bias":
        return f"{name}: b {value}   ∂L/∂b {gradient}"
    return f"{names[spot.layer]}, {spot.below + 1} → {name}: w {value}   ∂L/∂w {gradient}"


def _digits(value: float) -> str:
    return f"{value:.9g}".replace("-", "−")

"""What stands above pictures of networks: how to read them, and what of the networks they draw."""

from __future__ import annotations

from collections.abc import Sequence

from gradsim.sim.kinds.train.network_sample import DrawnNetwork
from gradsim.ui.theme import Look
from gradsim.ui.views.common.view import MEDIAN_ALONE


def how_to_read(look: Look, has_lines: bool, replicas: int) -> list[str]:
    """Say what lines or blocks and the figures below them are, from the longest text to the shortest."""
    tr = look.tr
    whole, what, brief = _what_is_strong(look, has_lines)
    if look.theme.name == "projector":
        return [what, brief]
    below = tr("below, RMS |∂L/∂W| of each layer")
    median = tr(MEDIAN_ALONE).format(n=replicas) if replicas > 1 else ""
    texts = ([whole, below, median], [what, below, median], [what, below])
    return [*(tr("; ").join(filter(None, parts)) for parts in texts), what, brief]


def _what_is_strong(look: Look, has_lines: bool) -> tuple[str, str, str]:
    """Say what more of a colour stands for: in full, of lines or blocks alone, and in short."""
    tr, dark = look.tr, look.theme.name == "dark"
    if has_lines and dark:
        whole = tr("a line is a weight, a dot a unit’s bias: the brighter, the larger |∂L/∂w|, |∂L/∂b|")
        return whole, tr("a line is a weight: the brighter, the larger |∂L/∂w|"), tr("brighter: larger |∂L/∂w|")
    if has_lines:
        whole = tr("a line is a weight, a dot a unit’s bias: the darker, the larger |∂L/∂w|, |∂L/∂b|")
        return whole, tr("a line is a weight: the darker, the larger |∂L/∂w|"), tr("darker: larger |∂L/∂w|")
    if dark:
        what = tr("a block is a layer: the brighter, the larger RMS |∂L/∂W|")
        return what, what, tr("brighter: larger RMS |∂L/∂W|")
    what = tr("a block is a layer: the darker, the larger RMS |∂L/∂W|")
    return what, what, tr("darker: larger RMS |∂L/∂W|")


def what_is_drawn(look: Look, networks: Sequence[DrawnNetwork], replica: str) -> list[str]:
    """Say how many weights and units are drawn and of which `replica`, from the longest text to the shortest."""
    if not networks:
        return [" "]
    tr = look.tr
    dead = tr("crossed units are dead") if any(each.any() for network in networks for each in network.dead) else ""
    about = (_about_weights(look, networks), dead, _about_units(look, networks), replica)
    parts = [part for part in about if part]
    shorter = [tr("; ").join(parts[:n]) for n in range(len(parts), 0, -1)] + [tr("some of the weights")]
    if look.theme.name == "projector":
        return shorter
    return [tr("; ").join([*parts, tr("chosen by lot")]), *shorter]


def with_blocks(look: Look, texts: Sequence[str]) -> list[str]:
    """Add to what is drawn that blocks have hollow parts."""
    hollow = look.tr("the hollow part of a block: dead units")
    whole = [look.tr("; ").join([text, hollow]) for text in texts if text.strip()]
    return [*whole, hollow, look.tr("hollow: dead units")]


def _about_weights(look: Look, networks: Sequence[DrawnNetwork]) -> str:
    samples = [network.sample for network in networks]
    if all(gap.each == len(below) for each in samples for gap, below in zip(each.gaps, each.units, strict=False)):
        return look.tr("all weights are drawn")
    inner = {gap.each for each in samples for gap in each.gaps[:-1]}
    outer = {each.gaps[-1].each for each in samples}
    if not inner or inner == outer:
        return look.tr("{n} of each unit’s weights are drawn").format(n=_span(look, outer))
    text = look.tr("{n} of each unit’s weights are drawn ({m} at the output)")
    return text.format(n=_span(look, inner), m=_span(look, outer))


def _about_units(look: Look, networks: Sequence[DrawnNetwork]) -> str:
    texts = {
        look.tr("{n} of {total} units").format(n=len(units), total=f"{size:,}")
        for network in networks
        for units, size in zip(network.sample.units, network.sample.sizes, strict=True)
        if len(units) < size
    }
    return look.tr(", ").join(sorted(texts)) if len(texts) <= 2 else look.tr("a sample of wide layers")


def _span(look: Look, counts: set[int]) -> str:
    low, high = min(counts), max(counts)
    return str(low) if low == high else look.tr("{a} to {b}").format(a=low, b=high)

"""What is said of activations by themselves, before any run: how much of the gradient their slope can leave."""

from __future__ import annotations

from collections.abc import Sequence

from gradsim.engine.nn.activations import Activation
from gradsim.sim.kinds.train.layer_sentences import part
from gradsim.words.numbers import figure
from gradsim.words.sentences import Filling, Span, Wording, joined

DEPTH = 8
"""Through so many layers the gradient is followed."""

SHRINKS = "through {n} layers f′ of {label} leaves at most [{part}] of the gradient"
PASSES = "f′ of {label} can pass [all of it]"
PASSES_FIRST = "through {n} layers f′ of {label} can pass [all of the gradient]"
ENLARGES = "f′ of {label} can enlarge it [{times} times]"
ENLARGES_FIRST = "through {n} layers f′ of {label} can enlarge the gradient [{times} times]"
FURTHER = "f′ of {label} at most [{part}]"
TEXTS = (SHRINKS, PASSES, PASSES_FIRST, ENLARGES, ENLARGES_FIRST, FURTHER)
"""All that :func:`formula_sentence` says, to be translated."""


def formula_sentence(shown: Sequence[tuple[str, Activation]], language: str, brevity: int = 0) -> list[Span]:
    """Say what the largest slope of activations, given with their names, makes of the gradient through DEPTH layers.

    With a brevity of 1 it is said of the first alone.
    """
    w = Wording(language)
    kept = shown[:1] if brevity else shown
    clauses = [_clause(w, run, label, activation) for run, (label, activation) in enumerate(kept)]
    return w.sentence(joined(clauses, w.tr("; ")), ())


def _clause(w: Wording, run: int, label: str, activation: Activation) -> list[Span]:
    found = activation.peak**DEPTH
    places: dict[str, Filling] = {"label": [Span(label, run)], "n": str(DEPTH)}
    if found < 1.0:
        template = FURTHER if run else SHRINKS
        return w.fill(w.tr(template), run, **places, part=part(1.0 / found) if found else "0")
    if found == 1.0:
        return w.fill(w.tr(PASSES if run else PASSES_FIRST), run, **places)
    return w.fill(w.tr(ENLARGES if run else ENLARGES_FIRST), run, **places, times=figure(found))

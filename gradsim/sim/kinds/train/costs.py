"""What a loss that all runs reach has cost each of them: steps, samples and time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from gradsim.sim.run.tape import MEDIAN, Past
from gradsim.words.numbers import figure, signed
from gradsim.words.sentences import Span, Wording


class Cost(NamedTuple):
    """The step at which a run was first at a loss, and what it had cost by then."""

    step: int
    samples: float
    seconds: float


def common_loss(past: Past, runs: int) -> float | None:
    """Return the lowest loss that the medians of all runs that have not diverged have reached; None without runs."""
    lowest = [float(np.nanmin(past.history(run, "loss")[:, MEDIAN])) for run in range(runs) if run not in past.gone]
    return max(lowest, default=None)


def cost_of(past: Past, run: int, loss: float) -> Cost | None:
    """Return what it cost until the median of a run was first at a loss; None where it never was."""
    below = past.history(run, "loss")[:, MEDIAN] <= loss
    if not below.any():
        return None
    at = int(np.argmax(below))
    samples, seconds = (float(past.history(run, name)[at, MEDIAN]) for name in ("samples", "seconds"))
    return Cost(int(past.steps[at]), samples, seconds)


def cost_sentence(past: Past, names: Sequence[str], language: str, brevity: int = 0) -> list[Span]:
    """Say what the loss that all have reached has cost each run, of as many as the brevity lets."""
    wording, loss = Wording(language), common_loss(past, len(names))
    if loss is None:
        return wording.sentence([Span(wording.tr("all runs diverged"))], names)
    costs = {run: cost for run in range(len(names)) if run not in past.gone and (cost := cost_of(past, run, loss))}
    clauses = []
    for run, cost in sorted(costs.items(), key=lambda item: item[1].samples)[: max(1, len(names) - brevity)]:
        numbers = {"step": f"{cost.step:,}", "samples": f"{cost.samples:,.0f}", "seconds": _time(cost.seconds)}
        text = wording.tr("{name} [at step {step}], [{samples} samples], [{seconds} s]")
        clauses.append(wording.fill(text, run, name=[Span(names[run], run)], **numbers))
    begin = Span(wording.tr("a loss of {loss} is reached by ").format(loss=signed(loss)))
    return wording.sentence([begin, *wording.clauses(clauses)], names)


def _time(seconds: float) -> str:
    return figure(seconds) if seconds > 0.0 else "0"


TEXTS = (
    "all runs diverged",
    "a loss of {loss} is reached by ",
    "{name} [at step {step}], [{samples} samples], [{seconds} s]",
)
"""What :func:`cost_sentence` says, to be translated."""

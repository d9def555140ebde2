"""The loss along the next step of a network: whether the step is too long, too short, or leads up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from gradsim.engine.data import Samples, Split
from gradsim.engine.types import Array
from gradsim.sim.kinds.train.landscape import computed, losses_of, samples_for
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.kinds.train.trainer import Trainer
from gradsim.sim.run.changes import updated_in
from gradsim.sim.run.simulation import go_on
from gradsim.sim.run.tape import Keyframe
from gradsim.words.numbers import amount
from gradsim.words.sentences import Span, Wording

ALONG = np.linspace(-1.0, 3.0, 81)
"""Where the loss along a step is computed, in lengths of the step."""
_HERE, _THERE = 20, 40
"""Where 0 and 1 are in it."""


@dataclass(frozen=True)
class Cut:
    """The loss along one step of a network, at :data:`ALONG`.

    Attributes
    ----------
    whole, batch : (n,)
        The loss on the training set, and on the batch that the step is made from.
    """

    whole: Array
    batch: Array

    @property
    def ends(self) -> tuple[float, float]:
        """The loss on the training set before the step and after it."""
        return float(self.whole[_HERE]), float(self.whole[_THERE])

    @property
    def lowest(self) -> float:
        """Where the loss on the training set is lowest from here on, in lengths of the step; 0 if it only rises."""
        ahead = np.where(np.isfinite(self.whole[_HERE:]), self.whole[_HERE:], np.inf)
        return float(ALONG[_HERE + int(np.argmin(ahead))])


def cuts(
    experiment: Train, data: Split, keyframe: Keyframe, step: int, replica: int
) -> Iterator[tuple[Cut | None, ...] | None]:
    """Compute a step again, and yield, last, the loss along the next step of one replica of each run.

    It is None for runs that have diverged; so is what is yielded on the way.
    """
    trainer = Trainer(experiment, data)
    trainer.restore(*keyframe)
    for _ in go_on(trainer, step):
        yield None
    trainer.measure()
    runs = [run for run in range(len(experiment.runs)) if trainer.member(run) is not None]
    before = {run: trainer.parameters(run)[replica].astype(np.float64) for run in runs}
    batches = {run: _batch(trainer, run, replica) for run in runs}
    trainer.advance()
    found: list[Cut | None] = [None] * len(experiment.runs)
    for run in runs:
        change = trainer.parameters(run)[replica] - before[run]
        points = before[run] + ALONG[:, None] * change
        present = updated_in(experiment.runs[run], step).run
        whole = yield from computed(losses_of(present, data, samples_for(present, data)), points)
        batch = yield from computed(losses_of(present, data, batches[run]), points)
        found[run] = Cut(whole, batch)
    yield tuple(found)


def _batch(trainer: Trainer, run: int, replica: int) -> Samples:
    member = trainer.member(run)
    assert member is not None
    group, _ = member
    return Samples(group.x[replica].copy(), group.y[replica].copy())


# Words


def cut_sentence(found: Sequence[Cut | None], names: Sequence[str], w: Wording) -> list[Span]:
    """Say which steps raise the loss, which go past the lowest point of their line, and which stop short of it."""
    known = [run for run, cut in enumerate(found) if cut is not None]
    up = [run for run in known if _rises(found[run])]
    past, short = ([run for run in known if run not in up and _goes_past(found[run]) is it] for it in (True, False))
    clauses = [
        _clause(up, names, w, w.tr("the next step of {labels} raises the loss")),
        _clause(past, names, w, w.tr("the next step of {labels} goes past the lowest point ahead")),
        _clause(short, names, w, w.tr("the next step of {labels} stops short of the lowest point ahead")),
    ]
    if not known:
        clauses = [[Span(w.tr("all runs have diverged"))]]
    if len(known) == 1:
        clauses = [*filter(None, clauses), _figures(known[0], found[known[0]], w)]
    return w.sentence(w.clauses(clauses), names)


def _rises(cut: Cut | None) -> bool:
    return cut is not None and not cut.ends[1] <= cut.ends[0]


def _goes_past(cut: Cut | None) -> bool:
    return cut is not None and cut.lowest < 1.0


def _clause(runs: Sequence[int], names: Sequence[str], w: Wording, text: str) -> list[Span]:
    return w.fill(text, labels=w.listed([[Span(names[run], run)] for run in runs])) if runs else []


def _figures(run: int, cut: Cut | None, w: Wording) -> list[Span]:
    assert cut is not None
    before, after = cut.ends
    text = w.tr("from [{before}] to [{after}] on the training set")
    return w.fill(text, run, before=amount(before), after=amount(after))


def loss_text(cut: Cut, w: Wording) -> str:
    """Say what a step does to the loss."""
    before, after = cut.ends
    return w.tr("loss {before} → {after}").format(before=amount(before), after=amount(after))


def lowest_text(cut: Cut, w: Wording, brief: bool = False) -> str:
    """Say where the lowest point ahead is."""
    if cut.lowest <= 0.0:
        return w.tr("only up from here")
    if brief:
        beyond = "> " if cut.lowest >= ALONG[-1] else ""
        return w.tr("lowest: {n}×").format(n=f"{beyond}{cut.lowest:.2g}")
    if cut.lowest >= ALONG[-1]:
        return w.tr("still falling at {n} times the step").format(n=f"{ALONG[-1]:.0f}")
    return w.tr("lowest at {n} × the step").format(n=f"{cut.lowest:.2g}")

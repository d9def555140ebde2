"""The loss on the straight line from one trained network to another of the same shape: the barrier between them.

Where it lies above the chord, the loss is not convex. Goodfellow, Vinyals, Saxe 2015; Garipov et al. 2018.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gradsim.engine.types import Array
from gradsim.schema.errors import Phrase
from gradsim.sim.kinds.train.landscape import computed, kin, losses_of, samples_for, states_of
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.run.changes import change_steps, measured_in
from gradsim.sim.run.tape import Keyframes
from gradsim.words.numbers import amount
from gradsim.words.sentences import Span, Wording

ALONG = np.linspace(-0.25, 1.25, 121)
"""Where the loss is computed: 0 is the first network, 1 the second."""
_FROM, _TO = 20, 100
"""Where 0 and 1 are in it."""
_ROUNDING = 1e-9
"""So much of the larger loss may be due to rounding."""


class Network(NamedTuple):
    """One replica of a run."""

    run: int
    replica: int


def pair_of(experiment: Train, run: int, replica: int, among_runs: bool) -> tuple[Network, Network] | None:
    """Return a replica of a run and, among runs, the same of the next that has the same loss of the same weights.

    If there is none, or not among runs, it is the next replica of the same run; None where there is but one.
    """
    others = _always_kin(experiment, run)
    if others and (among_runs or experiment.replicas == 1):
        return Network(run, replica), Network(next((o for o in others if o > run), others[0]), replica)
    if experiment.replicas > 1:
        return Network(run, replica), Network(run, (replica + 1) % experiment.replicas)
    return None


def _always_kin(experiment: Train, run: int) -> list[int]:
    """Return the other runs that have the same loss of the same weights at every step."""
    steps = [0, *(step + 1 for step in change_steps(experiment.runs))]
    return sorted(set.intersection(*(set(kin(experiment, run, step)) for step in steps)) - {run})


def lacks_pair(experiment: Train) -> Phrase | None:
    """Say why there are no two networks between which there is a line with one loss."""
    if experiment.replicas > 1 or any(_always_kin(experiment, run) for run in range(len(experiment.runs))):
        return None
    return Phrase("it needs two networks of one shape and one loss, and there are none")


@dataclass(frozen=True)
class Between:
    """The losses (n,) on the line from one network to another, at :data:`ALONG`; the state is that of a step."""

    pair: tuple[Network, Network]
    step: int
    losses: Array

    @property
    def ends(self) -> tuple[float, float]:
        """The losses of the two networks."""
        return float(self.losses[_FROM]), float(self.losses[_TO])

    @property
    def chord(self) -> Array:
        """What a straight line from one loss to the other is at each place, (n,)."""
        first, last = self.ends
        return np.asarray(first + ALONG * (last - first))

    @property
    def top(self) -> int:
        """Where between the two the loss is farthest above the chord."""
        above = (self.losses - self.chord)[_FROM : _TO + 1]
        return _FROM + int(np.argmax(np.where(np.isnan(above), np.inf, above)))

    @property
    def barrier(self) -> float:
        """By how much the loss is above the chord at most."""
        return float(self.losses[self.top] - self.chord[self.top])

    @property
    def is_convex(self) -> bool:
        """Whether nothing between the two lies above the chord, but for rounding."""
        return self.barrier <= _ROUNDING * max(self.ends)


def between(experiment: Train, keyframes: Keyframes, pair: tuple[Network, Network]) -> Iterator[Between | None]:
    """Compute the loss between two networks in their last states that the tape keeps; None until it is there.

    There is nothing of a network that diverged before its first step."""
    data = experiment.data.load()
    states = [states_of(experiment, data, keyframes, *network)[1] for network in pair]
    if not all(map(len, states)):
        return
    ends = [points[-1] for points in states]
    points = ends[0] + ALONG[:, None] * (ends[1] - ends[0])
    step = int(keyframes.steps[-1])
    present = measured_in(experiment.runs[pair[0].run], step).run
    losses = yield from computed(losses_of(present, data, samples_for(present, data)), points)
    yield Between(pair, step, losses)


def network_names(pair: Sequence[Network], names: Sequence[str], w: Wording) -> list[str]:
    """Return what two networks are called: by their runs, or by their replicas if they are of one run."""
    if pair[0].run != pair[1].run:
        return [names[network.run] for network in pair]
    return [w.tr("replica {n}").format(n=network.replica + 1) for network in pair]


def between_sentence(found: Between, names: Sequence[str], w: Wording) -> list[Span]:
    """Say by how much the loss rises between two networks, and what follows from it."""
    ends = zip(network_names(found.pair, names, w), found.pair, strict=True)
    first, last = ([Span(name, network.run)] for name, network in ends)
    if found.is_convex:
        text = w.tr("between {first} and {last} the loss is nowhere above the straight line: no barrier")
    else:
        text = w.tr("between {first} and {last} the loss is up to {barrier} above the straight line: not convex")
    return w.sentence(w.fill(text, first=first, last=last, barrier=amount(found.barrier)), names)

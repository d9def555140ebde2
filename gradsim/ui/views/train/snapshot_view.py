"""What views have in common that show units, weights or samples: they need whole networks, which the tape lacks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from gradsim.engine.data import Split
from gradsim.runtime.studies import Study
from gradsim.schema.parameters import Integer
from gradsim.sim.kinds import Experiment
from gradsim.sim.kinds.train.snapshot import Snapshot, snapshots
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.run.tape import Keyframes, Past
from gradsim.ui.theme import Look
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.train.train_view import TrainView


@dataclass(frozen=True)
class SeedOptions(ViewOptions):
    """Which replica is shown, where a picture is of one network."""

    seed: int = Integer("Replica", help="Which of the replicas is shown.", low=1, high=1000).field(1)


class Found(NamedTuple):
    """What a view shows of each run at a step; None for runs that have diverged. `earlier` is the same before it."""

    step: int
    runs: tuple[Any, ...]
    earlier: Mapping[int, tuple[Any, ...]] = {}


class ReplicaView(TrainView):
    """Shows one of the replicas."""

    options_type = SeedOptions
    options: SeedOptions

    @property
    def replica(self) -> int:
        """The replica that is shown, from 0."""
        return min(self.options.seed, self.experiment.replicas) - 1

    def about_replica(self) -> str:
        """Name the replica that is shown; "" where there is but one."""
        text = self.look.tr("replica {i} of {n}")
        return text.format(i=self.replica + 1, n=self.experiment.replicas) if self.experiment.replicas > 1 else ""


class SnapshotView(ReplicaView):
    """Computes the step shown again, beside the training, and shows one replica of each run.

    While the run goes on, the next step is asked for when the last one is there: it shows as many as it can.
    """

    def __init__(self, experiment: Experiment, look: Look, options: ViewOptions | None = None) -> None:
        super().__init__(experiment, look, options)
        self._latest: tuple[Keyframes, int] | None = None
        self._wanted: tuple[Keyframes, int] | None = None
        self.earlier: dict[int, tuple[Any, ...]] = {}
        """What is known of earlier steps."""
        self.found: Found | None = None
        """What is shown."""

    @classmethod
    def taken(cls, network: Snapshot, data: Split) -> Any:
        """Return what is shown of a network; called on the thread of studies."""
        raise NotImplementedError

    def taker(self) -> Callable[[Snapshot, Split], Any]:
        """Return what takes it from a network: :meth:`taken`, unless an option has a say in it."""
        return self.taken

    def wanted_earlier(self, step: int) -> tuple[int, ...]:
        """Return the earlier steps with which what is shown at a step is compared."""
        return ()

    def show_found(self, found: Found) -> None:
        """Show what was taken."""
        raise NotImplementedError

    def set_experiment(self, experiment: Experiment) -> None:
        super().set_experiment(experiment)
        self._latest = self._wanted = None
        self.earlier = {}

    def draw(self, past: Past) -> None:
        if past.keyframe is None:
            return
        self._latest = past.keyframes, past.step
        if self._wanted is None or self._is_done(self._wanted[1]):
            self._want()

    def _is_done(self, step: int) -> bool:
        return self.found is not None and self.found.step == step

    def _want(self) -> None:
        if self._latest and (self._wanted is None or self._latest[1] != self._wanted[1]):
            self._wanted = self._latest
            self.study_asked.emit()

    def study(self) -> Study | None:
        if self._wanted is None:
            return None
        keyframes, step = self._wanted
        steps = *(each for each in self.wanted_earlier(step) if each not in self.earlier), step
        key = self.key, self.subject, self.options, steps
        return Study(key, partial(_computed, self.taker(), self.train, keyframes, steps, self.replica))

    def show_study(self, result: Any) -> None:
        if result is not None and result is not self.found:
            self.found = result
            self.earlier |= result.earlier
            self.show_found(result)
        if self._wanted and self._is_done(self._wanted[1]):
            self._want()


def _computed(
    taken: Callable[[Snapshot, Split], Any],
    experiment: Train,
    keyframes: Keyframes,
    steps: Sequence[int],
    replica: int,
) -> Iterator[Found | None]:
    """Take it at these steps, the last of which is shown."""
    data = experiment.data.load()
    found: dict[int, tuple[Any, ...]] = {}
    for step in steps:
        for networks in snapshots(experiment, data, keyframes.before(step), step, replica):
            if networks is not None:
                found[step] = tuple(network and taken(network, data) for network in networks)
            yield None
    runs = found.pop(steps[-1])
    yield Found(steps[-1], runs, found)

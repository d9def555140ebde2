"""Training: an experiment of kind ``train`` becomes a simulation."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np

from gradsim.engine.data import Samples, Split
from gradsim.engine.nn.given import give
from gradsim.engine.nn.probes import DEFINED
from gradsim.engine.types import Array
from gradsim.schema.parameters import ParameterError
from gradsim.sim.kinds.train.checks import check
from gradsim.sim.kinds.train.dimensions import (
    Members,
    channels,
    grouped,
    layer_sizes,
    members_at,
    probes,
    state_places,
    targets,
    two_units,
)
from gradsim.sim.kinds.train.group import Group, Member
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.run.changes import change_steps
from gradsim.sim.run.draws import initial_parameters
from gradsim.sim.run.tape import Divergence, Layout, State, Values


class Trainer:
    """The simulation of a training experiment.

    At each step, :meth:`measure` runs the step's batch forward and backward
    through the present parameters, and :meth:`advance` updates them with those
    very gradients; where a run changes, with those that its new settings give
    on the same step. A run whose values are no longer finite is removed; the
    others go on. `data` may be given if they were loaded and checked before; without `on_sets`, only batches are
    measured, no whole sets.

    Raises
    ------
    ParameterError
        As :func:`check`.
    """

    def __init__(self, experiment: Train, data: Split | None = None, *, on_sets: bool = True) -> None:
        self.experiment, self._on_sets = experiment, on_sets
        self.data = data or check(experiment)
        self.steps = experiment.steps
        self.step = 0
        self.diverged: list[Divergence] = []
        self.probes = probes(experiment)
        self.state_dtype = np.dtype(experiment.dtype)
        self._places = state_places(experiment, self.data)
        self.state_size = self._places[-1].stop
        self.layout = Layout(channels(experiment), experiment.replicas)
        self._train, self._test = (self._samples(part) for part in (self.data.train, self.data.test))
        self._changes = change_steps(experiment.runs)
        self._next_change = self._change_from(0)
        self._groups = self._group(members_at(experiment, range(len(experiment.runs)), 0))
        self._ended: dict[int, Array] = {}
        self._seconds = np.zeros(len(experiment.runs))
        for group in self._groups:
            for member in group.members:
                group.stack.params[member.rows] = self.initial(member.index)

    def _samples(self, part: Samples) -> dict[bool, Samples]:
        """Return a part of the data by whether its one column has two units: one copy for all groups."""
        found: dict[bool, Samples] = {}
        with np.errstate(over="ignore"):  # what is beyond single precision is infinite there
            x = np.ascontiguousarray(part.x, self.state_dtype)
            for run in self.experiment.runs:
                two = two_units(run, self.data)
                if two not in found:
                    found[two] = Samples(x, np.ascontiguousarray(targets(run, self.data, part), self.state_dtype))
        return found

    def _change_from(self, step: int) -> int:
        """Return the next step at or after `step` at which a run changes, -1 for none."""
        return next((change for change in self._changes if change >= step), -1)

    def _group(self, runs: Members) -> list[Group]:
        groups = []
        for members in grouped(runs, self.experiment, self.data):
            two = two_units(members[0][1].run, self.data)
            sets = self._train[two], self._test[two]
            groups.append(Group(members, self.experiment, self.data, *sets, self._on_sets))
        return groups

    def initial(self, index: int) -> Array:
        """Return run `index`'s parameters (replicas, P) before any update."""
        run = self.experiment.runs[index]
        sizes = layer_sizes(run, self.data)
        params = initial_parameters(run.init, run.bias_init, sizes, self.experiment.seed, self.experiment.replicas)
        give(params, run.given, sizes)
        return params

    def parameters(self, index: int) -> Array:
        """Return run `index`'s present parameters (replicas, P); of a diverged run, its last."""
        found = self.member(index)
        if found is None:
            return self._ended[index]
        group, member = found
        return group.stack.params[member.rows].copy()

    def member(self, index: int) -> tuple[Group, Member] | None:
        """Return the group in which run `index` computes, and its place in it; None once it has diverged."""
        found = ((group, member) for group in self._groups for member in group.members)
        return next(((group, member) for group, member in found if member.index == index), None)

    def measure(self) -> Values:
        row = np.full((self.layout.channels, self.layout.replicas), np.nan)
        with np.errstate(all="ignore"):
            lost = [divergence for group in self._groups for divergence in self._measured(group, row)]
        if lost:
            self._remove(lost)
        return row

    def pass_unmeasured(self) -> bool:
        """Run the step's batches without measuring them; False where that will not do.

        It does unless whole sets are due, a run changes, or a value might not be finite.
        """
        if self.step == self._next_change or any(group.has_sets_due(self.step) for group in self._groups):
            return False
        with np.errstate(all="ignore"):
            for group in self._groups:
                group.judge(self.step)
                start = time.thread_time()
                group.evaluate(self.step, fully=False)
                self._spend(group.members, start)
            return all(group.stack.is_finite() for group in self._groups)

    def _measured(self, group: Group, row: Values) -> list[Divergence]:
        """Run a group's batch, write what is measured into `row`, and return which of its runs have diverged.

        What needs whole sets comes first, so that the stack holds the batch afterwards; its time is not counted.
        """
        due = group.due(self.step)
        for name in due:
            group.test(name)
        group.judge(self.step)
        start = time.thread_time()
        group.evaluate(self.step)
        self._spend(group.members, start)
        lost = []
        for member in group.members:
            if not self._record(group, member, row):
                lost.append(self._divergence(group, member))
            else:
                for name in due:
                    row[self.layout.place(member.index, f"{name}_loss")] = group.wholes[name].loss[member.rows]
                    row[self.layout.place(member.index, f"{name}_accuracy")] = group.wholes[name].accuracy[
                        member.rows
                    ]
        return lost

    def _record(self, group: Group, member: Member, row: Values) -> bool:
        """Write a run's measurements into `row` unless one of them is not finite; return whether all are."""
        rows, index = member.rows, member.index
        loss = group.stack.loss[rows]
        probed = group.meter.values[:, rows] if group.meter else None
        if not (np.isfinite(loss).all() and (probed is None or np.isfinite(probed[DEFINED]).all())):
            return False
        row[self.layout.place(index, "loss")] = loss
        row[self.layout.place(index, "accuracy")] = group.accuracy[rows]
        row[self.layout.place(index, "samples")] = group.batches.seen(self.step)
        row[self.layout.place(index, "seconds")] = self._seconds[index]
        if probed is not None:
            first, last = (self.layout.place(index, probe.key) for probe in (self.probes[0], self.probes[-1]))
            layers = row[first.start : last.stop].reshape(len(self.probes), -1, self.layout.replicas)
            np.copyto(layers, probed.swapaxes(1, 2))
        return True

    def _spend(self, members: Sequence[Member], start: float) -> None:
        """Add the processor's time since `start` to the seconds of runs that compute together, in equal shares."""
        share = (time.thread_time() - start) / len(members)
        for member in members:
            self._seconds[member.index] += share

    def _divergence(self, group: Group, member: Member) -> Divergence:
        """Return where the first value is that is not finite: in the forward pass, else in the backward pass."""
        stack = group.stack
        forward = [stack.a[layer][member.rows] for layer in range(stack.depth)]
        backward = [stack.dw[layer][member.rows] for layer in range(stack.depth)]
        for values, order in ((forward, range(stack.depth)), (backward, reversed(range(stack.depth)))):
            for layer in order:
                bad = np.flatnonzero(~np.isfinite(values[layer]).all(axis=(1, 2)))
                if len(bad):
                    return Divergence(member.index, self.step, layer, int(bad[0]))
        bad = np.flatnonzero(~np.isfinite(stack.loss[member.rows]))
        return Divergence(member.index, self.step, stack.depth - 1, int(bad[0]) if len(bad) else 0)

    def _remove(self, lost: Sequence[Divergence]) -> None:
        state = np.empty(self.state_size, self.state_dtype)
        self.save(state)
        for divergence in lost:
            self._ended[divergence.run] = self.parameters(divergence.run)
            state[self._places[divergence.run]] = np.nan
            self.diverged.append(divergence)
        seconds = self._seconds
        self.restore(self.step, state)
        self._seconds = seconds
        self._evaluate()

    def _evaluate(self) -> None:
        with np.errstate(all="ignore"):
            for group in self._groups:
                group.evaluate(self.step)

    def advance(self) -> None:
        if self.step == self._next_change:
            self._change()
        with np.errstate(all="ignore"):
            for group in self._groups:
                for member in group.members:
                    start = time.thread_time()
                    group.update(member, self.step)
                    self._spend([member], start)
        self.step += 1

    def _change(self) -> None:
        """Switch to the settings in which the runs are updated from this step, and evaluate their gradients."""
        before = {
            member.index: (member.phase, group.stack.params[member.rows].copy(), group.dead(member), member.state)
            for group in self._groups
            for member in group.members
        }
        self._groups = []  # free old stacks first, or peak memory doubles
        self._groups = self._group(members_at(self.experiment, sorted(before), self.step, updating=True))
        for group in self._groups:
            for member in group.members:
                phase, params, dead, state = before[member.index]
                np.copyto(group.stack.params[member.rows], params)
                np.copyto(group.dead(member), dead)
                goes_on = phase.rule_first == member.phase.rule_first
                for name in member.state.keys() & state.keys() if goes_on else ():
                    np.copyto(member.state[name], state[name])
        self._next_change = self._change_from(self.step + 1)
        self._evaluate()

    def save(self, state: State) -> None:
        state.fill(np.nan)
        for group in self._groups:
            for member in group.members:
                arrays = [group.stack.params[member.rows], *member.state.values()]
                values = np.concatenate([array.ravel() for array in arrays])
                place, dead = state[self._places[member.index]], group.dead(member).ravel()
                place[: len(values)] = values
                place[len(place) - len(dead) :] = dead

    def restore(self, step: int, state: State) -> None:
        """Go to `step`; runs whose saved parameters are NaN have diverged before it.

        The time spent up to that step is unknown: seconds are NaN from then on.
        """
        alive = [i for i, place in enumerate(self._places) if not np.isnan(state[place]).all()]
        self._groups = []  # free old stacks first, or peak memory doubles
        self._groups = self._group(members_at(self.experiment, alive, step))
        self._next_change = self._change_from(step)
        self._seconds = np.full(len(self.experiment.runs), np.nan)
        self.step = step
        for group in self._groups:
            for member in group.members:
                arrays = [group.stack.params[member.rows], *member.state.values()]
                count = len(arrays) * arrays[0].size
                place, dead = state[self._places[member.index]], group.dead(member)
                saved = place[:count].reshape(len(arrays), *arrays[0].shape)
                for array, values in zip(arrays, saved, strict=True):
                    np.copyto(array, values)
                np.copyto(dead, place[len(place) - dead.size :].reshape(dead.shape))


def trainers(experiment: Train) -> Callable[[], Trainer]:
    """Return a function that makes trainers which share the data loaded by the first, even if their file changes."""
    known: list[Split] = []

    def prepare() -> Trainer:
        if not known:
            try:
                experiment.data.look_again()
            except ParameterError as error:
                raise error.below("data") from None
        trainer = Trainer(experiment, *known)
        known[:] = [trainer.data]
        return trainer

    return prepare

"""Runs that compute together: equal layers, equal batches, one stack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from gradsim.engine.data import Samples, Split
from gradsim.engine.nn.forward import Forward
from gradsim.engine.nn.given import give
from gradsim.engine.nn.network import Model, Stack, bias_places
from gradsim.engine.nn.probes import Meter
from gradsim.engine.optim.schedules import Schedule
from gradsim.engine.types import Array, Indices
from gradsim.sim.kinds.train.dimensions import (
    Members,
    batch_of,
    layer_sizes,
    samples_before,
    scratch_arrays,
    steps_between_judgements,
    steps_between_tests,
)
from gradsim.sim.kinds.train.predictions import decided
from gradsim.sim.kinds.train.spec import Train, TrainRun
from gradsim.sim.run.changes import Phase
from gradsim.sim.run.draws import Batches


@dataclass
class Whole:
    """A whole set of samples, and how the networks do on it as measured last, NaN before: (K,) each.

    Attributes
    ----------
    accuracy
        The share that each network classifies correctly; NaN if targets are numbers.
    every
        So many steps lie between two measurements.
    """

    samples: Samples
    every: int
    loss: Array
    accuracy: Array


@dataclass
class Member:
    """One run in a group: its optimizer's arrays, its schedule of this learning rate, and which parameters stay."""

    index: int
    phase: Phase[TrainRun]
    rows: slice
    hyper: dict[str, Array]
    state: dict[str, Array]
    work: list[Array]
    schedule: Schedule
    rate: Array
    fixed: Indices

    @property
    def run(self) -> TrainRun:
        """The run with the settings in force."""
        return self.phase.run


class Group:
    """Runs of equal shape and equal batches, which share a stack.

    Parameters
    ----------
    train, test
        Their samples in the precision of the experiment; they are not copied.
    on_sets
        Whether the networks are measured on whole sets, too.

    Attributes
    ----------
    accuracy : (K,)
        The share of the last batch that each network classifies correctly; NaN if targets are numbers.
    wholes : dict of Whole
        The training set as "train" and the test set as "test", those that are measured.
    """

    def __init__(
        self, members: Members, experiment: Train, data: Split, train: Samples, test: Samples, on_sets: bool = True
    ) -> None:
        first, phase = members[0]
        run = phase.run
        replicas, dtype = experiment.replicas, np.dtype(experiment.dtype)
        batch = batch_of(run, data)
        self.stack = Stack(
            layer_sizes(run, data),
            batch,
            [Model(each.run.activation, each.run.output, each.run.loss) for _, each in members],
            replicas,
            dtype,
        )
        work: list[Array] = [
            np.zeros_like(self.stack.params) for _ in range(max(scratch_arrays(each.run) for _, each in members))
        ]
        self.members = [self._member(i, index, each, experiment, work) for i, (index, each) in enumerate(members)]
        seen = samples_before(experiment.runs[first], phase.first, data)
        self.batches = Batches(experiment.seed, replicas, len(data.train), batch, first=phase.first, seen=seen)
        self._train = train
        self._classes = decided(train.y) if data.classes else None
        """The classes of all samples, where targets are classes."""
        self.x: Array = np.zeros((replicas, batch, train.x.shape[1]), dtype)
        self.y: Array = np.zeros((replicas, batch, self.stack.sizes[-1]), dtype)
        self.meter = Meter(self.stack, batch == len(train)) if experiment.probes == "all" else None
        self.accuracy: Array = np.full(self.stack.k, np.nan)
        self._last = experiment.steps
        self.wholes = {
            name: Whole(
                samples, steps_between_tests(run, experiment, data, name), *np.full((2, self.stack.k), np.nan)
            )
            for name, samples in (("train", train), ("test", test))
            if on_sets and len(samples)
        }
        if "train" in self.wholes and batch == len(train):  # what is measured of a batch is that of the set
            self.wholes["train"].loss, self.wholes["train"].accuracy = self.stack.loss, self.accuracy
        self._set_pass = Forward(self.stack) if self.wholes else None
        self._judge_every = steps_between_judgements(run, experiment, data)

    def _member(
        self, place: int, index: int, phase: Phase[TrainRun], experiment: Train, work: Sequence[Array]
    ) -> Member:
        run, replicas = phase.run, experiment.replicas
        rows = slice(place * replicas, (place + 1) * replicas)
        params = self.stack.params[rows]
        hyper: dict[str, Array] = {
            f.name: np.full((replicas, 1), getattr(run.optimizer, f.name), np.float64)
            for f in fields(run.optimizer)
            # weight_decay is omitted when 0, so update() skips the decay pass
            if f.name != "weight_decay" or run.optimizer.weight_decay
        }
        biases = bias_places(self.stack.sizes)
        if "weight_decay" in hyper and run.biases != "trained":
            hyper["weight_decay"] = np.full(params.shape, run.optimizer.weight_decay)
            hyper["weight_decay"][:, biases] = 0.0
        state: dict[str, Array] = {name: np.zeros_like(params) for name in run.optimizer.used_state}
        mine = [array[rows] for array in work[: scratch_arrays(run)]]
        schedule, rate = phase.schedule(experiment.steps), hyper["learning_rate"].copy()
        fixed = biases if run.biases == "fixed" else biases[:0]
        return Member(index, phase, rows, hyper, state, mine, schedule, rate, fixed)

    def evaluate(self, step: int) -> None:
        """Run the batch of `step` forward and backward, and measure."""
        rows = self.batches.at(step)
        self._forward(self._train, rows)
        self.stack.backward(self.x, self.y)
        if self.meter:
            self.meter.measure()
        if self._classes is not None:
            right = self._right(np.take(self._classes, rows))
            np.divide(np.add.reduce(right, axis=-1), self.stack.batch, out=self.accuracy)

    def due(self, step: int) -> list[str]:
        """Return the whole sets on which the networks are measured at this step: regularly, and at the last."""
        return [name for name, whole in self.wholes.items() if step % whole.every == 0 or step == self._last]

    def judge(self, step: int) -> None:
        """Count the units that are dead on the training set: regularly, and at the last step."""
        if self.meter and (step % self._judge_every == 0 or step == self._last):
            self.meter.judge(self._train.x)

    def dead(self, member: Member) -> npt.NDArray[np.float64]:
        """Return how many units of a run were dead when that was judged last, (replicas, layers); (0,) unmeasured."""
        return self.meter.dead[member.rows] if self.meter else np.empty(0)

    def test(self, name: str) -> None:
        """Measure the networks on a whole set."""
        whole = self.wholes[name]
        if whole.loss is self.stack.loss or self._set_pass is None:
            return
        count = len(whole.samples)
        loss, right = np.zeros((2, self.stack.k))
        for losses, predictions, targets in self._set_pass.run(whole.samples.x, whole.samples.y):
            loss += losses.sum(axis=-1, dtype=np.float64)
            if self._classes is not None:
                right += (decided(predictions) == decided(targets)).sum(axis=-1)
        whole.loss = loss / count
        if self._classes is not None:
            whole.accuracy = right / count

    def _forward(self, samples: Samples, rows: Indices) -> None:
        """Run the samples of these rows (replicas, B) forward."""
        np.take(samples.x, rows, axis=0, out=self.x, mode="clip")
        np.take(samples.y, rows, axis=0, out=self.y, mode="clip")
        self.stack.forward(self.x)

    def _right(self, classes: Indices) -> npt.NDArray[np.bool_]:
        """Tell which samples of the batch, of these classes (replicas, B), each network gets right: (K, B)."""
        right = decided(self.stack.predictions).reshape(-1, *classes.shape) == classes
        return np.asarray(right.reshape(self.stack.k, -1))

    def _schedule(self, member: Member, step: int) -> None:
        """Set the learning rate of a run's update from `step` to the next."""
        if member.schedule.varies:
            factor = member.schedule.factor(step - member.phase.schedule_first)
            np.multiply(member.rate, factor, out=member.hyper["learning_rate"])

    def effective_rate(self, member: Member, step: int) -> Array | None:
        """Return how long each parameter's step is for a unit of its gradient: of the update that led to `step`.

        That is (replicas, P); NaN and None as :meth:`Optimizer.effective_rate` says.
        """
        last = max(0, step - 1)
        self._schedule(member, last)
        t = last + 1 - member.phase.rule_first
        found = member.run.optimizer.effective_rate(member.state, member.hyper, t)
        return None if found is None else np.broadcast_to(found, self.stack.params[member.rows].shape)

    def _bounded(self, member: Member) -> Array:
        """Return a run's gradients as its optimizer gets them: 0 of what is fixed, and clipped."""
        g = self.stack.grads[member.rows]
        if len(member.fixed):
            np.copyto(member.work[-1], g)
            g = member.work[-1]
            g[:, member.fixed] = 0.0
        return member.run.clip.clipped(g, member.work[-1])

    def update(self, member: Member, step: int) -> None:
        """Let a run's optimizer take its step from `step` to the next."""
        rows, phase = member.rows, member.phase
        self._schedule(member, step)
        params, change = self.stack.params[rows], self.stack.change[rows]
        if self.meter:
            np.copyto(change, params)
        t, held = step + 1 - phase.rule_first, params[:, member.fixed]
        phase.run.optimizer.update(params, self._bounded(member), member.state, member.hyper, t, *member.work)
        params[:, member.fixed] = held
        if self.meter:
            np.subtract(params, change, out=change)
        if phase.number and step == phase.first:
            give(params, phase.run.given, self.stack.sizes)

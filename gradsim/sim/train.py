"""Training: an experiment of kind ``train`` becomes a simulation."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Any

import numpy as np

from gradsim.engine import probes
from gradsim.engine.datasets import Split
from gradsim.engine.losses import LOSSES
from gradsim.engine.network import Model, Stack, layer_views, parameter_count
from gradsim.engine.outputs import OUTPUTS
from gradsim.engine.parameters import ParameterError
from gradsim.engine.registry import Registry
from gradsim.engine.schedules import Schedule
from gradsim.engine.types import Array, Indices
from gradsim.sim.spec import Train, TrainRun
from gradsim.sim.tape import FEWEST_KEYFRAMES, Channel, Divergence, Layout, State, Values

MAX_BYTES = 4 * 2**30

_WEIGHTS, _BIASES, _BATCHES = range(3)


def _rng(seed: int, purpose: int, *ids: int) -> np.random.Generator:
    """Return the generator of one stream of draws; streams never share draws."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, purpose, *ids])))


def layer_names(run: TrainRun) -> list[str]:
    """Return the names of a run's layers from the input: hidden 1 … hidden n, output."""
    return [*(f"hidden {i + 1}" for i in range(len(run.hidden))), "output"]


class Batches:
    """Which samples each step sees.

    Each epoch is a new permutation of the samples, replica by replica, whatever
    the run. Batches cut the endless sequence of epochs into equal pieces, so
    one may reach over the end of an epoch and all have the same size; after
    ceil(N / B) updates each sample has been seen.
    """

    def __init__(self, seed: int, replicas: int, samples: int, batch: int) -> None:
        self._seed, self._replicas, self._samples, self._batch = seed, replicas, samples, batch
        self._orders: dict[int, Indices] = {}

    def at(self, step: int) -> Indices:
        """Return the rows of the batch at `step`: (replicas, B). A whole epoch comes in plain order."""
        if self._batch == self._samples:
            return np.broadcast_to(np.arange(self._samples), (self._replicas, self._samples))
        first = step * self._batch
        epochs = range(first // self._samples, (first + self._batch - 1) // self._samples + 1)
        self._orders = {epoch: self._order(epoch) for epoch in epochs}
        orders = list(self._orders.values())
        joined = orders[0] if len(orders) == 1 else np.concatenate(orders, axis=1)
        start = first % self._samples
        return joined[:, start : start + self._batch]

    def _order(self, epoch: int) -> Indices:
        if epoch in self._orders:
            return self._orders[epoch]
        return np.stack(
            [
                _rng(self._seed, _BATCHES, replica, epoch).permutation(self._samples)
                for replica in range(self._replicas)
            ]
        )


def initial_parameters(run: TrainRun, sizes: Sequence[int], seed: int, replicas: int) -> Array:
    """Return the parameters (replicas, P) that the run starts from, float64."""
    params = np.zeros((replicas, parameter_count(sizes)))
    weights, biases = layer_views(params, sizes)
    for layer, (w, b) in enumerate(zip(weights, biases, strict=True)):
        _, fan_in, fan_out = w.shape
        for replica in range(replicas):
            rng = _rng(seed, _WEIGHTS, replica, layer)
            w[replica] = run.init.draw(rng, fan_in, fan_out, (fan_in, fan_out), layer)
            rng = _rng(seed, _BIASES, replica, layer)
            b[replica] = run.bias_init.draw(rng, fan_in, fan_out, (fan_out,), layer)
    return params


@dataclass
class _Member:
    """One run in a group: its optimizer's arrays, and its schedule of this learning rate."""

    index: int
    run: TrainRun
    rows: slice
    hyper: dict[str, Array]
    state: dict[str, Array]
    work: list[Array]
    schedule: Schedule
    rate: Array


class _Group:
    """Runs of equal shape and batch size, which share a stack."""

    def __init__(self, members: Sequence[tuple[int, TrainRun]], experiment: Train, data: Split) -> None:
        run = members[0][1]
        replicas, dtype = experiment.replicas, np.dtype(experiment.dtype)
        batch = batch_of(run, data)
        self.stack = Stack(
            layer_sizes(run, data),
            batch,
            [Model(member.activation, member.output, member.loss) for _, member in members],
            replicas,
            dtype,
        )
        work: list[Array] = [
            np.zeros_like(self.stack.params) for _ in range(max(scratch_arrays(member) for _, member in members))
        ]
        self.members = [self._member(i, index, member, experiment, work) for i, (index, member) in enumerate(members)]
        self.batches = Batches(experiment.seed, replicas, len(data.train), batch)
        self._train_x = data.train.x.astype(dtype)
        self._train_y = targets(run, data).astype(dtype)
        self._classes = data.classes
        self.x: Array = np.zeros((replicas, batch, data.train.x.shape[1]), dtype)
        self.y: Array = np.zeros((replicas, batch, self.stack.sizes[-1]), dtype)
        self.meter = probes.Meter(self.stack) if experiment.probes == "all" else None

    def _member(self, place: int, index: int, run: TrainRun, experiment: Train, work: Sequence[Array]) -> _Member:
        replicas = experiment.replicas
        rows = slice(place * replicas, (place + 1) * replicas)
        params = self.stack.params[rows]
        hyper: dict[str, Array] = {
            f.name: np.full((replicas, 1), getattr(run.optimizer, f.name), np.float64) for f in fields(run.optimizer)
        }
        state: dict[str, Array] = {name: np.zeros_like(params) for name in run.optimizer.kept}
        mine = [array[rows] for array in work[: scratch_arrays(run)]]
        schedule, rate = run.schedule.over(experiment.steps), hyper["learning_rate"].copy()
        return _Member(index, run, rows, hyper, state, mine, schedule, rate)

    def evaluate(self, step: int) -> None:
        """Run the batch of `step` forward and backward, and measure."""
        rows = self.batches.at(step)
        np.take(self._train_x, rows, axis=0, out=self.x, mode="clip")
        np.take(self._train_y, rows, axis=0, out=self.y, mode="clip")
        self.stack.forward(self.x)
        self.stack.backward(self.x, self.y)
        if self.meter:
            self.meter.measure()

    def accuracy(self, rows: slice) -> Values:
        """Return the share of the batch that each network in `rows` classifies rightly; NaN if targets are numbers.

        A single output unit decides for class 1 above 0.5, whatever the output:
        its targets are 0 and 1 with tanh and linear too.
        """
        predicted = self.stack.predictions[rows]
        if not self._classes:
            return np.full(len(predicted), np.nan)
        if predicted.shape[-1] == 1:
            right = (predicted[..., 0] > 0.5) == (self.y[..., 0] > 0.5)
        else:
            right = predicted.argmax(axis=-1) == self.y.argmax(axis=-1)
        return np.asarray(right.mean(axis=-1))

    def update(self, member: _Member, t: int) -> None:
        """Let a run's optimizer take its step number `t`."""
        rows, run = member.rows, member.run
        if member.schedule.varies:
            np.multiply(member.rate, member.schedule.factor(t - 1), out=member.hyper["learning_rate"])
        g = run.clip.clipped(self.stack.grads[rows], member.work[-1])
        run.optimizer.update(self.stack.params[rows], g, member.state, member.hyper, t, *member.work)


def scratch_arrays(run: TrainRun) -> int:
    """Return how many arrays an update of the run needs; with altered gradients, the last is for these."""
    return run.optimizer.scratch + run.alters_gradients


def layer_sizes(run: TrainRun, data: Split) -> tuple[int, ...]:
    """Return the layer sizes of a run's networks, from inputs to outputs."""
    outputs = data.train.y.shape[1]
    return (data.train.x.shape[1], *run.hidden, 2 if _two_units(run, data) else outputs)


def targets(run: TrainRun, data: Split) -> Array:
    """Return the training targets (N, outputs) of a run's networks.

    They are the data's own, but softmax needs a unit for each class: on a
    column y of two classes it has two units, with targets [1 - y, y].
    """
    y = data.train.y
    return np.hstack([1.0 - y, y]) if _two_units(run, data) else y


def _two_units(run: TrainRun, data: Split) -> bool:
    return run.output.key == "softmax" and data.train.y.shape[1] == 1


def batch_of(run: TrainRun, data: Split) -> int:
    """Return the batch size as a number of samples."""
    return len(data.train) if isinstance(run.batch_size, str) else run.batch_size


def check(experiment: Train) -> Split:
    """Return the experiment's data, after checking what only the data can tell.

    Raises
    ------
    ParameterError
        For data that cannot be had, a loss or output that does not go with
        them, a batch larger than the data, initial values that do not fit the
        layers, or more memory than is allowed.
    """
    try:
        data = experiment.data.load()
    except ParameterError as error:
        raise error.below("data") from None
    count = len(data.train)
    if count == 0:
        raise ParameterError("data", "no sample is left for training; take more samples or a smaller test share")
    for i, run in enumerate(experiment.runs):
        if not data.classes:
            _check_numbers(f"runs[{i}]", run, experiment.data.key)
        if isinstance(run.batch_size, int) and run.batch_size > count:
            raise ParameterError(
                f"runs[{i}].batch_size",
                f"{run.batch_size} is more than the {count} training samples there are; "
                f"a whole number from 1 to {count} or 'all'",
            )
        _check_initial(f"runs[{i}]", run, layer_sizes(run, data))
    need = _bytes_needed(experiment, data)
    if need > MAX_BYTES:
        many = experiment.replicas > 1
        raise ParameterError(
            "replicas" if many else "runs",
            f"training would take {need / 2**30:.1f} GiB; at most {MAX_BYTES / 2**30:.0f} GiB are allowed, "
            f"so take {'fewer replicas, ' if many else ''}smaller layers or smaller batches",
        )
    return data


FOR_CLASSES: dict[str, tuple[Registry[Any], tuple[str, ...]]] = {
    "loss": (LOSSES, ("cross_entropy",)),
    "output": (OUTPUTS, ("softmax",)),
}
"""Losses and outputs that need classes: they speak of probabilities."""


def _check_numbers(path: str, run: TrainRun, data_key: str) -> None:
    """Refuse what does not go with targets that are numbers."""
    for setting, (registry, keys) in FOR_CLASSES.items():
        given = getattr(run, setting).key
        if given in keys:
            others = [key for key in registry if key not in keys]
            raise ParameterError(
                f"{path}.{setting}",
                f"{given!r} needs classes, but the targets of the data {data_key!r} are numbers; "
                f"take the {setting} {' or '.join(others)}",
            )


def has_accuracy(experiment: Train) -> bool:
    """Tell whether the experiment's runs classify; also true of data that are no longer there to tell."""
    try:
        return experiment.data.load().classes
    except ParameterError:
        return True


def _check_initial(path: str, run: TrainRun, sizes: Sequence[int]) -> None:
    weights, biases = list(pairwise(sizes)), [(fan_out,) for fan_out in sizes[1:]]
    for setting, init, shapes in (("init", run.init, weights), ("bias_init", run.bias_init, biases)):
        try:
            init.check(shapes)
        except ParameterError as error:
            raise error.below(f"{path}.{setting}") from None


def _bytes_needed(experiment: Train, data: Split) -> int:
    """Return what the window takes for it: two trainers, for going back needs one, and a tape's states."""
    numbers = 0
    for run in experiment.runs:
        sizes = layer_sizes(run, data)
        count, states = parameter_count(sizes), len(run.optimizer.kept)
        trainer = (2 + states + scratch_arrays(run)) * count + batch_of(run, data) * (
            2 * sizes[0] + 5 * sum(sizes[1:]) + max(sizes)
        )
        numbers += 2 * trainer + FEWEST_KEYFRAMES * (1 + states) * count
    return experiment.replicas * numbers * np.dtype(experiment.dtype).itemsize


class Trainer:
    """The simulation of a training experiment.

    At each step, :meth:`measure` runs the step's batch forward and backward
    through the present parameters, and :meth:`advance` updates them with those
    very gradients. A run that leaves the finite numbers is taken out; the
    others go on. `data` may be given where they were loaded and checked before.

    Raises
    ------
    ParameterError
        As :func:`check`.
    """

    def __init__(self, experiment: Train, data: Split | None = None) -> None:
        self.experiment = experiment
        self.data = data or check(experiment)
        self.steps = experiment.steps
        self.step = 0
        self.diverged: list[Divergence] = []
        self.probes: tuple[probes.Probe, ...] = probes.PROBES if experiment.probes == "all" else ()
        self.state_dtype = np.dtype(experiment.dtype)
        self._places, self.state_size = self._place_runs()
        self.layout = Layout(self._channels(), experiment.replicas)
        self._groups = self._group(range(len(experiment.runs)))
        self._ended: dict[int, Array] = {}
        self._seconds = np.zeros(len(experiment.runs))
        for group in self._groups:
            for member in group.members:
                group.stack.params[member.rows] = self.initial(member.index)

    def _place_runs(self) -> tuple[list[slice], int]:
        """Return where each run lies in a saved state, and the state's size."""
        places, start = [], 0
        for run in self.experiment.runs:
            arrays = 1 + len(run.optimizer.kept)
            count = parameter_count(layer_sizes(run, self.data))
            places.append(slice(start, start + arrays * self.experiment.replicas * count))
            start = places[-1].stop
        return places, start

    def _channels(self) -> list[Channel]:
        channels = []
        for i, run in enumerate(self.experiment.runs):
            channels += [Channel(i, name, 0) for name in ("loss", "accuracy", "samples", "seconds")]
            channels += [Channel(i, probe.key, len(run.hidden) + 1) for probe in self.probes]
        return channels

    def _group(self, alive: Sequence[int]) -> list[_Group]:
        groups: dict[tuple[object, ...], list[tuple[int, TrainRun]]] = {}
        for index in alive:
            run = self.experiment.runs[index]
            groups.setdefault((layer_sizes(run, self.data), batch_of(run, self.data)), []).append((index, run))
        return [_Group(members, self.experiment, self.data) for members in groups.values()]

    def initial(self, index: int) -> Array:
        """Return run `index`'s parameters (replicas, P) before any update."""
        run = self.experiment.runs[index]
        return initial_parameters(run, layer_sizes(run, self.data), self.experiment.seed, self.experiment.replicas)

    def parameters(self, index: int) -> Array:
        """Return run `index`'s present parameters (replicas, P); of a diverged run, its last."""
        for group in self._groups:
            for member in group.members:
                if member.index == index:
                    return group.stack.params[member.rows].copy()
        return self._ended[index]

    def measure(self) -> Values:
        row = np.full((self.layout.channels, self.layout.replicas), np.nan)
        lost = []
        with np.errstate(all="ignore"):
            for group in self._groups:
                with self._timed(group.members):
                    group.evaluate(self.step)
                for member in group.members:
                    if not self._record(group, member, row):
                        lost.append(self._divergence(group, member))
        if lost:
            self._take_out(lost)
        return row

    def _record(self, group: _Group, member: _Member, row: Values) -> bool:
        """Write a run's measurements into `row` unless one of them is not finite; tell which."""
        rows, index = member.rows, member.index
        loss = group.stack.loss[rows]
        probed = group.meter.values[:, rows] if group.meter else None
        if not (np.isfinite(loss).all() and (probed is None or np.isfinite(probed[probes.DEFINED]).all())):
            return False
        row[self.layout.place(index, "loss")] = loss
        row[self.layout.place(index, "accuracy")] = group.accuracy(rows)
        row[self.layout.place(index, "samples")] = self.step * group.stack.batch
        row[self.layout.place(index, "seconds")] = self._seconds[index]
        if probed is not None:
            first, last = (self.layout.place(index, probe.key) for probe in (self.probes[0], self.probes[-1]))
            layers = row[first.start : last.stop].reshape(len(self.probes), -1, self.layout.replicas)
            np.copyto(layers, probed.swapaxes(1, 2))
        return True

    @contextmanager
    def _timed(self, members: Sequence[_Member]) -> Iterator[None]:
        """Add the processor's time to the seconds of runs that compute together, in equal shares."""
        start = time.thread_time()
        yield
        self._seconds[[member.index for member in members]] += (time.thread_time() - start) / len(members)

    def _divergence(self, group: _Group, member: _Member) -> Divergence:
        """Say where the run left the finite numbers: first forward, then backward."""
        names, stack = layer_names(member.run), group.stack
        forward = [stack.a[layer][member.rows] for layer in range(stack.depth)]
        backward = [stack.dw[layer][member.rows] for layer in range(stack.depth)]
        for values, order in ((forward, range(stack.depth)), (backward, reversed(range(stack.depth)))):
            for layer in order:
                bad = np.flatnonzero(~np.isfinite(values[layer]).all(axis=(1, 2)))
                if len(bad):
                    return Divergence(member.index, self.step, names[layer], int(bad[0]))
        bad = np.flatnonzero(~np.isfinite(stack.loss[member.rows]))
        return Divergence(member.index, self.step, names[-1], int(bad[0]) if len(bad) else 0)

    def _take_out(self, lost: Sequence[Divergence]) -> None:
        state = np.empty(self.state_size, self.state_dtype)
        self.save(state)
        for divergence in lost:
            self._ended[divergence.run] = self.parameters(divergence.run)
            state[self._places[divergence.run]] = np.nan
            self.diverged.append(divergence)
        seconds = self._seconds
        self.restore(self.step, state)
        self._seconds = seconds
        with np.errstate(all="ignore"):
            for group in self._groups:
                group.evaluate(self.step)

    def advance(self) -> None:
        self.step += 1
        with np.errstate(all="ignore"):
            for group in self._groups:
                for member in group.members:
                    with self._timed([member]):
                        group.update(member, self.step)

    def save(self, state: State) -> None:
        state.fill(np.nan)
        for group in self._groups:
            for member in group.members:
                arrays = [group.stack.params[member.rows], *member.state.values()]
                state[self._places[member.index]] = np.concatenate([array.ravel() for array in arrays])

    def restore(self, step: int, state: State) -> None:
        """Go to `step`; runs whose saved parameters are NaN have diverged before it.

        How long it took to come there is not known any more: the seconds are NaN from then on.
        """
        alive = [i for i, place in enumerate(self._places) if not np.isnan(state[place]).all()]
        self._groups = self._group(alive)
        self._seconds = np.full(len(self.experiment.runs), np.nan)
        self.step = step
        for group in self._groups:
            for member in group.members:
                arrays = [group.stack.params[member.rows], *member.state.values()]
                saved = state[self._places[member.index]].reshape(len(arrays), *arrays[0].shape)
                for array, values in zip(arrays, saved, strict=True):
                    np.copyto(array, values)


def trainers(experiment: Train) -> Callable[[], Trainer]:
    """Return a function that makes trainers of one and the same data, whatever becomes of their file meanwhile."""
    known: list[Split] = []

    def prepare() -> Trainer:
        trainer = Trainer(experiment, *known)
        known[:] = [trainer.data]
        return trainer

    return prepare

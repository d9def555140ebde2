"""Training: an experiment of kind ``train`` becomes a simulation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from gradsim.engine import probes
from gradsim.engine.datasets import Split
from gradsim.engine.network import Model, Stack, layer_views, parameter_count
from gradsim.engine.parameters import ParameterError
from gradsim.engine.schedules import Schedule
from gradsim.engine.types import Array, Indices
from gradsim.sim.spec import Train, TrainRun
from gradsim.sim.tape import Channel, Divergence, Layout, State, Values

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
            w[replica] = run.init.draw(rng, fan_in, fan_out, (fan_in, fan_out))
            rng = _rng(seed, _BIASES, replica, layer)
            b[replica] = run.bias_init.draw(rng, fan_in, fan_out, (fan_out,))
    return params


@dataclass
class _Member:
    """One run in a group: its optimizer's arrays, and its schedule, of which `rate` is the learning rate."""

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
        self._train_y = data.train.y.astype(dtype)
        self.x: Array = np.zeros((replicas, batch, data.train.x.shape[1]), dtype)
        self.y: Array = np.zeros((replicas, batch, data.train.y.shape[1]), dtype)
        self._meter = probes.Meter(self.stack)
        self.probed = self._meter.values

    def _member(self, place: int, index: int, run: TrainRun, experiment: Train, work: Sequence[Array]) -> _Member:
        replicas = experiment.replicas
        rows = slice(place * replicas, (place + 1) * replicas)
        params = self.stack.params[rows]
        hyper: dict[str, Array] = {
            f.name: np.full((replicas, 1), getattr(run.optimizer, f.name), np.float64)
            for f in fields(run.optimizer)
            if f.name != "weight_decay" or run.optimizer.weight_decay  # left out, it takes no time
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
        self._meter.measure()

    def accuracy(self, rows: slice) -> Values:
        """Return the share of the batch that each network in `rows` classifies rightly."""
        predicted = self.stack.predictions[rows].argmax(axis=-1)
        return np.asarray((predicted == self.y.argmax(axis=-1)).mean(axis=-1))

    def update(self, t: int) -> None:
        """Let each run's optimizer take its step number `t`."""
        for member in self.members:
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
    return (data.train.x.shape[1], *run.hidden, data.train.y.shape[1])


def batch_of(run: TrainRun, data: Split) -> int:
    """Return the batch size as a number of samples."""
    return len(data.train) if isinstance(run.batch_size, str) else run.batch_size


def check(experiment: Train) -> Split:
    """Return the experiment's data, after checking what only the data can tell.

    Raises
    ------
    ParameterError
        For a batch larger than the data, or more memory than is allowed.
    """
    data = experiment.data.load()
    count = len(data.train)
    if count == 0:
        raise ParameterError("data", "no sample is left for training; take more samples or a smaller test share")
    for i, run in enumerate(experiment.runs):
        if isinstance(run.batch_size, int) and run.batch_size > count:
            raise ParameterError(
                f"runs[{i}].batch_size",
                f"{run.batch_size} is more than the {count} training samples there are; "
                f"a whole number from 1 to {count} or 'all'",
            )
    need = _bytes_needed(experiment, data)
    if need > MAX_BYTES:
        raise ParameterError(
            "replicas",
            f"{experiment.replicas} of these networks would take {need / 2**30:.1f} GiB; "
            f"at most {MAX_BYTES / 2**30:.0f} GiB are allowed, so take fewer replicas, smaller layers or batches",
        )
    return data


def _bytes_needed(experiment: Train, data: Split) -> int:
    per_number = np.dtype(experiment.dtype).itemsize
    numbers = 0
    for run in experiment.runs:
        sizes = layer_sizes(run, data)
        # Parameters, gradients, two keyframes at least.
        arrays = 4 + len(run.optimizer.kept) + scratch_arrays(run)
        numbers += arrays * parameter_count(sizes) + batch_of(run, data) * (sizes[0] + 5 * sum(sizes[1:]))
    return experiment.replicas * numbers * per_number


class Trainer:
    """The simulation of a training experiment.

    At each step, :meth:`measure` runs the step's batch forward and backward
    through the present parameters, and :meth:`advance` updates them with those
    very gradients. A run that leaves the finite numbers is taken out; the
    others go on.

    Raises
    ------
    ParameterError
        As :func:`check`.
    """

    def __init__(self, experiment: Train) -> None:
        self.experiment = experiment
        self.data = check(experiment)
        self.steps = experiment.steps
        self.step = 0
        self.diverged: list[Divergence] = []
        self.state_dtype = np.dtype(experiment.dtype)
        self._places, self.state_size = self._place_runs()
        self.layout = Layout(self._channels(), experiment.replicas)
        self._groups = self._group(range(len(experiment.runs)))
        self._ended: dict[int, Array] = {}
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
            channels += [Channel(i, "loss", 0), Channel(i, "accuracy", 0)]
            channels += [Channel(i, probe.key, len(run.hidden) + 1) for probe in probes.PROBES]
        return channels

    def _group(self, alive: Sequence[int]) -> list[_Group]:
        groups: dict[tuple[object, ...], list[tuple[int, TrainRun]]] = {}
        for index in alive:
            run = self.experiment.runs[index]
            groups.setdefault((run.hidden, batch_of(run, self.data)), []).append((index, run))
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
        probed, loss = group.probed[:, rows], group.stack.loss[rows]
        if not (np.isfinite(loss).all() and np.isfinite(probed).all()):
            return False
        row[self.layout.place(index, "loss")] = loss
        row[self.layout.place(index, "accuracy")] = group.accuracy(rows)
        for probe, values in zip(probes.PROBES, probed, strict=True):
            row[self.layout.place(index, probe.key)] = values.T
        return True

    def _divergence(self, group: _Group, member: _Member) -> Divergence:
        """Say where the run left the finite numbers: first forward, then backward."""
        names = layer_names(member.run)
        forward = group.probed[probes.INDEX["activation_mean"], member.rows]
        backward = group.probed[probes.INDEX["grad_norm"], member.rows]
        for values, order in ((forward, range(len(names))), (backward, reversed(range(len(names))))):
            for layer in order:
                bad = np.flatnonzero(~np.isfinite(values[:, layer]))
                if len(bad):
                    return Divergence(member.index, self.step, names[layer], int(bad[0]))
        bad = np.flatnonzero(~np.isfinite(group.stack.loss[member.rows]))
        return Divergence(member.index, self.step, names[-1], int(bad[0]) if len(bad) else 0)

    def _take_out(self, lost: Sequence[Divergence]) -> None:
        state = np.empty(self.state_size, self.state_dtype)
        self.save(state)
        for divergence in lost:
            self._ended[divergence.run] = self.parameters(divergence.run)
            state[self._places[divergence.run]] = np.nan
            self.diverged.append(divergence)
        self.restore(self.step, state)
        with np.errstate(all="ignore"):
            for group in self._groups:
                group.evaluate(self.step)

    def advance(self) -> None:
        self.step += 1
        with np.errstate(all="ignore"):
            for group in self._groups:
                group.update(self.step)

    def save(self, state: State) -> None:
        state.fill(np.nan)
        for group in self._groups:
            for member in group.members:
                arrays = [group.stack.params[member.rows], *member.state.values()]
                state[self._places[member.index]] = np.concatenate([array.ravel() for array in arrays])

    def restore(self, step: int, state: State) -> None:
        """Go to `step`; runs whose saved parameters are NaN have diverged before it."""
        alive = [i for i, place in enumerate(self._places) if not np.isnan(state[place]).all()]
        self._groups = self._group(alive)
        self.step = step
        for group in self._groups:
            for member in group.members:
                arrays = [group.stack.params[member.rows], *member.state.values()]
                saved = state[self._places[member.index]].reshape(len(arrays), *arrays[0].shape)
                for array, values in zip(arrays, saved, strict=True):
                    np.copyto(array, values)

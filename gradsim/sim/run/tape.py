"""The tape: a bounded record of a whole run.

A row is what was measured at one step: an array (channels, replicas), where
each channel is one quantity of one run and layer. The tape keeps rows, their
bands over replicas, and parameter keyframes from which any step between can be
computed again. Its memory is fixed: a long run is kept every so many steps, on
a grid that depends on the run's length alone, so the past of a step is the
same however far the run has gone since.
"""

from __future__ import annotations

import math
import mmap
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

Kept = TypeVar("Kept")
Values = npt.NDArray[np.float64]
Steps = npt.NDArray[np.int64]
State = npt.NDArray[np.floating[Any]]
"""What the next steps of a simulation depend on, as one flat array."""

ROW_BYTES = 24 * 2**20
KEYFRAME_BYTES = 16 * 2**20
MAX_ROWS = 4096
MIN_KEYFRAMES, MAX_KEYFRAMES = 2, 512
RECENT_BYTES, MAX_RECENT = 4 * 2**20, 64
"""Room for the latest rows off the grid, and as much for those that were computed again."""

LOW, MEDIAN, HIGH = range(3)
BAND = (0.05, 0.5, 0.95)
"""The quantiles over replicas that a band holds: its last axis is LOW, MEDIAN, HIGH."""


class Channel(NamedTuple):
    """One quantity of one run; `layers` is 0 for a quantity of the whole network."""

    run: int
    name: str
    layers: int


class Layout:
    """Where each channel lies in a row."""

    def __init__(self, channels: list[Channel], replicas: int) -> None:
        self.replicas = replicas
        self._places: dict[tuple[int, str], tuple[slice, bool]] = {}
        start = 0
        for run, name, layers in channels:
            stop = start + max(layers, 1)
            self._places[run, name] = slice(start, stop), layers == 0
            start = stop
        self.channels = start
        self.runs = len({channel.run for channel in channels})

    def place(self, run: int, name: str) -> slice:
        """Return the rows' slice of a channel; KeyError if it is not recorded."""
        return self._places[run, name][0]

    def is_single(self, run: int, name: str) -> bool:
        """Tell whether a channel is one number a replica, and not one for each layer or coordinate."""
        return self._places[run, name][1]

    def pick(self, array: Values, run: int, name: str) -> Values:
        """Return the channel from an array (…, channels, last): (…, layers, last) or (…, last)."""
        where, single = self._places[run, name]
        picked: Values = array[..., where, :]
        return picked[..., 0, :] if single else picked


class Divergence(NamedTuple):
    """A run that left the finite numbers, and where it was seen first; `layer` is -1 where there are no layers."""

    run: int
    step: int
    layer: int
    replica: int


class Keyframe(NamedTuple):
    """A state (state size,) that the tape holds, and its step."""

    step: int
    state: State


class Keyframes(NamedTuple):
    """States (n, state size) that the tape holds, and their steps (n,) in order."""

    steps: Steps
    states: State

    def before(self, step: int) -> Keyframe:
        """Return the latest state at or before `step`; LookupError if there is none."""
        at = int(np.searchsorted(self.steps, step, side="right")) - 1
        if at < 0:
            raise LookupError(f"no state is kept of step {step} or before")
        return Keyframe(int(self.steps[at]), self.states[at])


@dataclass(frozen=True)
class Past:
    """What is on the tape up to a step; it does not change when the tape grows.

    Attributes
    ----------
    step : int
        The last step in it: the one that was asked for, or the nearest kept before it.
    steps : (n,)
        All kept steps up to it, in order.
    keyframes
        The states up to it that the tape holds.
    diverged
        The runs that have left the finite numbers by then, in that order.
    """

    layout: Layout
    step: int
    steps: Steps
    keyframes: Keyframes
    diverged: tuple[Divergence, ...]
    _rows: Values
    _bands: Values
    _last: tuple[Values, Values] | None
    _known: dict[Hashable, Any] = field(default_factory=dict, repr=False, compare=False)

    def known(self, key: Hashable, compute: Callable[[], Kept]) -> Kept:
        """Return what several views compute of it: once, for it does not change."""
        if key not in self._known:
            self._known[key] = compute()
        found: Kept = self._known[key]
        return found

    @property
    def keyframe(self) -> Keyframe | None:
        """The last state up to :attr:`step` that the tape holds; None before the first."""
        return self.keyframes.before(self.step) if len(self.keyframes.steps) else None

    @property
    def gone(self) -> frozenset[int]:
        """The indices of runs that have diverged."""
        return frozenset(divergence.run for divergence in self.diverged)

    @property
    def stride(self) -> int:
        """How many steps lie between kept ones: more than 1 in long runs alone."""
        return int(self.steps[1] - self.steps[0]) if len(self.steps) > 1 else 1

    def values(self, run: int, name: str) -> Values:
        """Return each replica's value at :attr:`step`: (layers, replicas) or (replicas,)."""
        row = self._last[0] if self._last else self._rows[-1]
        return self.layout.pick(row, run, name)

    def values_at(self, index: int, run: int, name: str) -> Values:
        """Return each replica's value at one of :attr:`steps`, by its index: (layers, replicas) or (replicas,)."""
        if index == len(self.steps) - 1:
            return self.values(run, name)
        return self.layout.pick(self._rows[index], run, name)

    def first_values(self, run: int, name: str) -> Values:
        """Return each replica's value at step 0: (layers, replicas) or (replicas,)."""
        return self.layout.pick(self._rows[0], run, name)

    def band(self, run: int, name: str) -> Values:
        """Return LOW, MEDIAN, HIGH over replicas at :attr:`step`: (layers, 3) or (3,)."""
        band = self._last[1] if self._last else self._bands[-1]
        return self.layout.pick(band, run, name)

    def history(self, run: int, name: str) -> Values:
        """Return the bands at all :attr:`steps`: (n, layers, 3) or (n, 3)."""
        kept = self.layout.pick(self._bands, run, name)
        if self._last:
            return np.concatenate([kept, self.layout.pick(self._last[1], run, name)[None]])
        return kept

    def replicas(self, run: int, name: str) -> Values:
        """Return every replica's values at all :attr:`steps`: (n, layers, replicas) or (n, replicas)."""
        kept = self.layout.pick(self._rows, run, name)
        if self._last:
            return np.concatenate([kept, self.layout.pick(self._last[0], run, name)[None]])
        return kept


class _RecentRows:
    """The last few rows that were put in, by their step."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._rows: OrderedDict[int, tuple[Values, Values]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._rows)

    def put(self, step: int, row: Values, band: Values) -> None:
        self._rows[step] = row, band
        if len(self._rows) > self._most:
            self._rows.popitem(last=False)

    def get(self, step: int) -> tuple[Values, Values] | None:
        return self._rows.get(step)

    def latest(self, first: int, last: int) -> int | None:
        """Return the latest step from `first` to `last` whose row is here."""
        return max((step for step in self._rows if first <= step <= last), default=None)


class Tape:
    """Record of a run of `steps` steps; one thread appends, any thread reads."""

    def __init__(
        self, layout: Layout, steps: int, state_size: int, state_dtype: npt.DTypeLike, every_step: bool = False
    ) -> None:
        self.layout = layout
        self.diverged: list[Divergence] = []
        self._stride, capacity, recent = (1, steps + 1, 1) if every_step else _row_room(layout, steps)
        self._rows = _mapped((capacity, layout.channels, layout.replicas))
        self._bands = _mapped((capacity, layout.channels, len(BAND)))
        self._count = 0
        self._head = -1
        self._recent, self._visited = _RecentRows(recent), _RecentRows(recent)
        self._weights = quantile_weights(layout.replicas)
        self._keyframe_steps = _keyframe_steps(steps, state_size, state_dtype)
        self._keyframes: State = np.full((len(self._keyframe_steps), state_size), np.nan, state_dtype)
        self._keyframe_count = 0
        self._lock = threading.Lock()

    @property
    def head(self) -> int:
        """The latest step recorded, -1 before the first."""
        return self._head

    def keeps(self, step: int) -> bool:
        """Tell whether the row of a step stays on the tape, however long the run is."""
        return step % self._stride == 0

    def append(self, step: int, row: Values | None) -> None:
        """Record `row` as measured at `step` = head + 1; the tape keeps a reference, do not write to `row` again.

        It is None where the step was not measured; one that the tape keeps must be.
        """
        band = None if row is None else self._band(row)
        with self._lock:
            if row is not None and band is not None:
                if self.keeps(step):
                    self._rows[self._count], self._bands[self._count] = row, band
                    self._count += 1
                self._recent.put(step, row, band)
            self._head = step

    def _band(self, row: Values) -> Values:
        """Return the quantiles of a row, over those replicas that have a value."""
        if self.layout.replicas == 1:
            return np.repeat(row + 0.0, len(BAND), axis=1)  # no quantile is -0, as in the sums below
        band = np.asarray(np.sort(row, axis=1) @ self._weights)
        for channel in np.flatnonzero(~np.isfinite(band).all(axis=1) & np.isfinite(row).any(axis=1)):
            band[channel] = np.quantile(row[channel][np.isfinite(row[channel])], BAND)
        return band

    def visit(self, step: int, row: Values) -> None:
        """Keep a row that was computed again, so that :meth:`until` shows it exactly."""
        band = self._band(row)
        with self._lock:
            self._visited.put(step, row, band)

    def holds(self, step: int) -> bool:
        """Tell whether exactly this step can be shown without computing it again."""
        return self.head >= 0 and self.until(step).step == step

    def until(self, step: int) -> Past:
        """Return what was recorded up to `step`; LookupError while nothing is."""
        with self._lock:
            if self._head < 0:
                raise LookupError("nothing is recorded yet")
            step = min(step, self._head)
            count = min(step // self._stride, self._count - 1) + 1
            off_grid = not self.keeps(step)
            last = (self._recent.get(step) or self._visited.get(step)) if off_grid else None
        steps = self._stride * np.arange(count, dtype=np.int64)
        rows, bands = self._rows[:count], self._bands[:count]
        if last is None:
            step = int(steps[-1])
        else:
            steps = np.append(steps, step)
        gone = tuple(divergence for divergence in self.diverged if divergence.step <= step)
        return Past(self.layout, step, steps, self._keyframes_until(step), gone, rows, bands, last)

    def nearest(self, step: int) -> int:
        """Return the latest step up to `step` that is at hand: kept, or one of the last that were measured."""
        with self._lock:
            kept = step - step % self._stride
            found = self._recent.latest(kept, step)
        return kept if found is None else found

    def keyframe_due(self, step: int) -> bool:
        """Tell whether the state at `step` is one to keep."""
        count = self._keyframe_count
        return count < len(self._keyframe_steps) and step == self._keyframe_steps[count]

    def keyframe(self) -> State:
        """Return the array (state size,) into which the state that is due is to be written."""
        due: State = self._keyframes[self._keyframe_count]
        return due

    def keyframe_written(self) -> None:
        """Note that the keyframe that was due is written."""
        self._keyframe_count += 1

    def keyframe_before(self, step: int) -> Keyframe:
        """Return the latest kept state at or before `step`."""
        return self._keyframes_until(step).before(step)

    def _keyframes_until(self, step: int) -> Keyframes:
        kept = self._keyframe_steps[: self._keyframe_count]
        count = int(np.searchsorted(kept, step, side="right"))
        return Keyframes(kept[:count], self._keyframes[:count])


def _mapped(shape: tuple[int, ...]) -> Values:
    """Return an array of NaN in pages of its own.

    They are touched at once and go back to the system when the array is
    dropped, so the memory of a run neither creeps up nor stays behind.
    """
    array: Values = np.frombuffer(mmap.mmap(-1, 8 * math.prod(shape)), np.float64).reshape(shape)
    array.fill(np.nan)
    return array


def tape_bytes(layout: Layout, steps: int, state_size: int, state_dtype: npt.DTypeLike) -> int:
    """Return how many bytes such a tape takes when it is full."""
    _, capacity, recent = _row_room(layout, steps)
    keyframes = len(_keyframe_steps(steps, state_size, state_dtype))
    return (capacity + 2 * recent) * _row_bytes(layout) + keyframes * state_size * np.dtype(state_dtype).itemsize


def _row_bytes(layout: Layout) -> int:
    return 8 * layout.channels * (layout.replicas + len(BAND))


def row_stride(layout: Layout, steps: int) -> int:
    """Return how many steps lie between the rows that a tape keeps."""
    return _row_room(layout, steps)[0]


def _row_room(layout: Layout, steps: int) -> tuple[int, int, int]:
    """Return the number of steps between kept rows, how many rows that makes, and how many recent ones are kept."""
    most = int(np.clip(ROW_BYTES // _row_bytes(layout), 16, MAX_ROWS))
    stride = -(-(steps + 1) // most)
    return stride, steps // stride + 1, int(np.clip(RECENT_BYTES // _row_bytes(layout), 2, MAX_RECENT))


def _keyframe_steps(steps: int, size: int, dtype: npt.DTypeLike) -> Steps:
    """Return the steps whose states are kept: as many as there is room for, at equal distances, and the last."""
    most = int(np.clip(KEYFRAME_BYTES // max(1, size * np.dtype(dtype).itemsize), MIN_KEYFRAMES, MAX_KEYFRAMES))
    every = -(-(steps + 1) // most)
    kept = np.arange(0, steps + 1, every, dtype=np.int64)
    return kept if kept[-1] == steps else np.append(kept, steps)


def middle(values: Values) -> Values:
    """Return the medians along the last axis; np.median would import numpy.ma, 30 ms before the first frame."""
    count = values.shape[-1]
    ordered = np.sort(values, axis=-1)
    found = 0.5 * (ordered[..., (count - 1) // 2] + ordered[..., count // 2])
    return np.asarray(np.where(np.isnan(ordered[..., -1]), np.nan, found))


def quantile_weights(replicas: int) -> Values:
    """Return (replicas, 3): sorted values times this are the BAND quantiles, linearly interpolated."""
    weights = np.zeros((replicas, len(BAND)))
    for column, q in enumerate(BAND):
        position = q * (replicas - 1)
        low = min(int(position), max(replicas - 2, 0))
        weights[low, column] += 1.0 - (position - low)
        if replicas > 1:
            weights[low + 1, column] += position - low
    return weights

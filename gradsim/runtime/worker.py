"""The worker: one thread that takes the steps of whatever experiment it was last given.

The latest state waits in a one-slot mailbox, so a slow reader skips steps and
is never behind; the few events that must not be lost go through a queue. It
computes only while it holds a lease.
"""

from __future__ import annotations

import queue
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from typing import Generic, NamedTuple, TypeVar

from gradsim.runtime.lease import Lease
from gradsim.schema.errors import InputError
from gradsim.sim.run.simulation import Simulation, new_tape, play, revisit
from gradsim.sim.run.tape import Tape

T = TypeVar("T")

Prepare = Callable[[], Simulation]

MEASURED_EVERY_S = 0.008
"""How long no step of a long run is measured at most: less than pictures take to follow one another."""

STOP_S = 0.2
"""How long the end of a thread waits for a step under way; a longer one ends with the process, as daemons do."""


class Latest(NamedTuple):
    """The progress of a run: its tape, and the latest step on it, `head`."""

    run_id: int
    tape: Tape
    head: int


class Problem(NamedTuple):
    """An error on a thread that computes: one line for the reader, and the traceback for the log."""

    text: str
    trace: str

    @classmethod
    def of(cls, error: Exception) -> Problem:
        """Return the problem of an error that was just caught; what is no fault of the input is told with its kind.

        The text of a KeyError is a key, which says nothing by itself.
        """
        text = error.text if isinstance(error, InputError) else f"{type(error).__name__}: {error}".removesuffix(": ")
        return cls(text, "".join(traceback.format_exception(error)))


class Failed(NamedTuple):
    """The experiment could not be prepared, or a step raised."""

    run_id: int
    problem: Problem


class Visited(NamedTuple):
    """A step that was asked for was computed again, and is on the tape."""

    run_id: int
    step: int


Event = Failed | Visited
"""Something that must not be lost."""


class Mailbox(Generic[T]):
    """Holds the latest value put into it, until it is popped."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._value: T | None = None

    def put(self, value: T) -> None:
        """Replace what is in the mailbox."""
        with self._lock:
            self._value = value

    def pop(self) -> T | None:
        """Return the value and leave the mailbox empty; None if it is."""
        with self._lock:
            value, self._value = self._value, None
            return value


class Worker:
    """Runs simulations on a thread of its own, one at a time."""

    def __init__(self, lease: Lease) -> None:
        self.mailbox: Mailbox[Latest] = Mailbox()
        self.events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._lease = lease
        self._changed = threading.Condition()
        self._next_run: tuple[int, Prepare] | None = None
        self._step_to_revisit: int | None = None
        self._target = 0
        self._stopping = False
        self._run: _Run | None = None
        self._thread = threading.Thread(target=self._loop, name="gradsim-worker", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, timeout_s: float = STOP_S) -> bool:
        """End the thread after its present step; tell whether it has ended in time."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._lease.lend_for_good()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def load(self, run_id: int, prepare: Prepare) -> None:
        """Leave the present run and begin another; `prepare` is called on the worker's thread."""
        with self._changed:
            self._next_run, self._step_to_revisit, self._target = (run_id, prepare), None, 0
            self._wake()

    def run_to(self, step: int) -> None:
        """Let the present run go on to `step`; it stops there, or where it is if it is past it."""
        if step == self._target:
            return
        with self._changed:
            self._target = step
            self._wake()

    def revisit(self, step: int) -> None:
        """Compute a past step again that the tape does not hold; an event tells when."""
        with self._changed:
            self._step_to_revisit = step
            self._wake()

    def _wake(self) -> None:
        if not self._idle():
            self._lease.want(self)
            self._changed.notify()

    def _idle(self) -> bool:
        behind = self._run is not None and not self._run.ended and self._run.head < self._target
        return not (self._interrupted() or behind)

    def _interrupted(self) -> bool:
        """Tell whether something else is to be done than steps of the present run."""
        return self._stopping or self._next_run is not None or self._step_to_revisit is not None

    def _loop(self) -> None:
        while True:
            with self._changed:
                while self._idle():
                    self._lease.give_back(self)
                    self._changed.wait()
            self._lease.wait()
            with self._changed:  # what is wanted may have changed during the wait
                next_run, self._next_run = self._next_run, None
                revisited, self._step_to_revisit = self._step_to_revisit, None
            if self._stopping:
                self._lease.give_back(self)
                return
            if next_run:
                self._begin(*next_run)
            elif revisited is not None:
                self._go_back(revisited)
            elif not self._idle():
                self._step()

    def _begin(self, run_id: int, prepare: Prepare) -> None:
        self._run = None
        try:
            self._run = _Run(run_id, prepare)
        except Exception as error:
            self.events.put(Failed(run_id, Problem.of(error)))
        else:
            self._step()

    def _step(self) -> None:
        run = self._run
        assert run is not None
        try:
            run.step(self._target)
        except Exception as error:
            run.ended = True
            self.events.put(Failed(run.run_id, Problem.of(error)))
        else:
            self.mailbox.put(Latest(run.run_id, run.tape, run.head))

    def _go_back(self, step: int) -> None:
        run = self._run
        if run is None or step > run.head or run.tape.holds(step):
            return
        try:
            for _ in run.revisit(step):
                self._lease.wait()
                if self._interrupted():
                    return
        except Exception as error:
            self.events.put(Failed(run.run_id, Problem.of(error)))
        else:
            self.events.put(Visited(run.run_id, step))


class _Run:
    """A simulation under way."""

    def __init__(self, run_id: int, prepare: Prepare) -> None:
        self.run_id = run_id
        self._prepare = prepare
        sim = prepare()
        self.tape = new_tape(sim)
        self.head = -1
        self.ended = False
        self._last = sim.steps
        self._steps = play(sim, self.tape, self._is_wanted)
        self._second: Simulation | None = None
        self._target = 0
        self._measured_s = 0.0

    def _is_wanted(self, step: int) -> bool:
        """Tell whether a step may be shown: the one to be trained to, and one for each picture on the way."""
        now = time.perf_counter()
        wanted = step >= self._target or now - self._measured_s >= MEASURED_EVERY_S
        if wanted:
            self._measured_s = now
        return wanted

    def step(self, target: int) -> None:
        self._target = target
        self.head = next(self._steps)
        self.ended = self.head >= self._last or len(self.tape.diverged) == self.tape.layout.runs

    def revisit(self, step: int) -> Iterator[int]:
        # A second simulation, so that going back does not disturb the one under way.
        self._second = self._second or self._prepare()
        return revisit(self._second, self.tape, step)

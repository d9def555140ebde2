"""The worker: one thread that takes the steps of whatever experiment it was last given.

The latest state waits in a one-slot mailbox, so a slow reader skips steps and
is never behind; the few events that must not be lost go through a queue. While
a frame is drawn the reader closes the gate, and the worker waits before its
next step, so that the two do not fight for the interpreter.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from typing import Generic, NamedTuple, TypeVar

from gradsim.sim.run.simulation import Simulation, new_tape, play, revisit
from gradsim.sim.run.tape import Divergence, Tape

T = TypeVar("T")

Prepare = Callable[[], Simulation]


class Latest(NamedTuple):
    """What a run has come to: its tape, on which `head` is the latest step."""

    run_id: int
    tape: Tape
    head: int


class Event(NamedTuple):
    """Something that must not be lost.

    `kind` is ``diverged``, ``failed`` (the experiment could not be prepared or
    a step raised; `text` says why), ``finished`` or ``visited`` (a step was
    computed again and is on the tape).
    """

    run_id: int
    kind: str
    text: str = ""
    divergence: Divergence | None = None


class Mailbox(Generic[T]):
    """Holds the latest value put into it, until it is taken."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._value: T | None = None

    def put(self, value: T) -> None:
        """Replace what is in the mailbox."""
        with self._lock:
            self._value = value

    def take(self) -> T | None:
        """Return the value and leave the mailbox empty; None if it is."""
        with self._lock:
            value, self._value = self._value, None
            return value


class Gate:
    """Open or closed; the worker passes between steps."""

    def __init__(self) -> None:
        self._open = threading.Event()
        self._open.set()

    def close(self) -> None:
        """Hold the worker before its next step."""
        self._open.clear()

    def open(self) -> None:
        """Let the worker go on."""
        self._open.set()

    def wait(self, timeout_s: float = 0.1) -> None:
        """Return when the gate is open; a gate forgotten closed delays, it never blocks."""
        self._open.wait(timeout_s)


class Worker:
    """Runs simulations on a thread of its own, one at a time."""

    def __init__(self) -> None:
        self.mailbox: Mailbox[Latest] = Mailbox()
        self.events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.gate = Gate()
        self._changed = threading.Condition()
        self._job: tuple[int, Prepare] | None = None
        self._visit: int | None = None
        self._target = 0
        self._stopping = False
        self._run: _Run | None = None
        self._thread = threading.Thread(target=self._loop, name="gradsim-worker", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, timeout_s: float = 10.0) -> bool:
        """End the thread after its present step; tell whether it has ended in time."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self.gate.open()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def load(self, run_id: int, prepare: Prepare) -> None:
        """Leave the present run and begin another; `prepare` is called on the worker's thread."""
        with self._changed:
            self._job, self._visit, self._target = (run_id, prepare), None, 0
            self._changed.notify()

    def run_to(self, step: int) -> None:
        """Let the present run go on to `step`; it stops there, or where it is if it is past it."""
        if step == self._target:
            return
        with self._changed:
            self._target = step
            self._changed.notify()

    def revisit(self, step: int) -> None:
        """Compute a past step again that the tape does not hold; ``visited`` tells when."""
        with self._changed:
            self._visit = step
            self._changed.notify()

    def _idle(self) -> bool:
        behind = self._run is not None and not self._run.ended and self._run.head < self._target
        return not (self._stopping or self._job or self._visit is not None or behind)

    def _loop(self) -> None:
        while True:
            with self._changed:
                while self._idle():
                    self._changed.wait()
                if self._stopping:
                    return
                job, self._job = self._job, None
                visit, self._visit = self._visit, None
            self.gate.wait()
            if job:
                self._begin(*job)
            elif visit is not None:
                self._go_back(visit)
            else:
                self._step()

    def _begin(self, run_id: int, prepare: Prepare) -> None:
        self._run = None
        try:
            self._run = _Run(run_id, prepare)
        except Exception as error:
            self.events.put(Event(run_id, "failed", str(error) or type(error).__name__))
        else:
            self._step()

    def _step(self) -> None:
        run = self._run
        assert run is not None
        known = len(run.tape.diverged)
        try:
            run.step()
        except Exception as error:
            run.ended = True
            self.events.put(Event(run.run_id, "failed", str(error) or type(error).__name__))
            return
        for divergence in run.tape.diverged[known:]:
            self.events.put(Event(run.run_id, "diverged", divergence=divergence))
        self.mailbox.put(Latest(run.run_id, run.tape, run.head))
        if run.ended:
            self.events.put(Event(run.run_id, "finished"))

    def _go_back(self, step: int) -> None:
        run = self._run
        if run is None or step > run.head or run.tape.holds(step):
            return
        try:
            for _ in run.revisit(step):
                self.gate.wait()
                if self._stopping or self._job or self._visit is not None:
                    return
        except Exception as error:
            self.events.put(Event(run.run_id, "failed", str(error) or type(error).__name__))
        else:
            self.events.put(Event(run.run_id, "visited"))


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
        self._steps = play(sim, self.tape)
        self._second: Simulation | None = None

    def step(self) -> None:
        self.head = next(self._steps)
        self.ended = self.head >= self._last or len(self.tape.diverged) == self.tape.layout.runs

    def revisit(self, step: int) -> Iterator[int]:
        # A second simulation, so that going back does not disturb the one under way.
        self._second = self._second or self._prepare()
        return revisit(self._second, self.tape, step)

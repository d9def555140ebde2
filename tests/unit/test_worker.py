"""The worker, its mailbox and its lease."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from gradsim.runtime.lease import Lease
from gradsim.runtime.worker import Event, Failed, Latest, Mailbox, Visited, Worker
from gradsim.schema.errors import FileError
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.kinds.train.trainer import Trainer
from gradsim.sim.run import tape as tape_module
from gradsim.sim.run.simulation import Simulation
from tests.unit.small import HEALTHY, RUNAWAY, experiment, row, trained

SPEC = experiment(HEALTHY, steps=60)
ENDLESS = experiment(HEALTHY, steps=10_000_000)


def preparing(spec: Train = SPEC) -> Callable[[], Simulation]:
    return lambda: Trainer(spec)


def lent_for_good() -> Lease:
    lease = Lease()
    lease.lend_for_good()
    return lease


PATIENCE_S = 60.0
"""How long something is waited for on a machine that has much else to do."""


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker(lent_for_good())
    worker.start()
    yield worker
    assert worker.stop()


def latest(worker: Worker, until: Callable[[Latest], bool]) -> Latest:
    """Return the first thing in the mailbox of which `until` is true."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if (found := worker.mailbox.pop()) and until(found):
            return found
        time.sleep(0.001)
    raise AssertionError("nothing came")


def event(worker: Worker) -> Event:
    return worker.events.get(timeout=PATIENCE_S)


def failure(worker: Worker) -> str:
    failed = event(worker)
    assert isinstance(failed, Failed)
    return failed.problem.text


def at_rest(worker: Worker) -> bool:
    """Tell whether nothing more comes within a time in which dozens of steps could be taken."""
    time.sleep(0.05)
    return worker.mailbox.pop() is None and worker.events.empty()


def test_a_mailbox_holds_the_latest_value_once() -> None:
    mailbox: Mailbox[int] = Mailbox()
    assert mailbox.pop() is None
    mailbox.put(1)
    mailbox.put(2)
    assert mailbox.pop() == 2
    assert mailbox.pop() is None


def test_it_measures_step_0_and_waits(worker: Worker) -> None:
    worker.load(1, preparing())
    assert latest(worker, lambda _: True)[::2] == (1, 0)
    assert at_rest(worker)


def test_it_trains_to_the_target_and_stops_there(worker: Worker) -> None:
    worker.load(1, preparing())
    for target in (5, 17):
        worker.run_to(target)
        found = latest(worker, lambda at: at.head >= target)  # noqa: B023 (called at once)
        assert found.head == found.tape.head == target
        assert at_rest(worker)
    worker.run_to(3)
    assert at_rest(worker)


def test_what_it_records_is_what_training_without_a_thread_gives(worker: Worker) -> None:
    worker.load(1, preparing())
    worker.run_to(60)
    tape = latest(worker, lambda at: at.head == 60).tape
    _, alone = trained(SPEC)
    for step in range(61):
        np.testing.assert_array_equal(row(tape.until(step), 1), row(alone.until(step), 1))


def test_it_stops_at_the_last_step(worker: Worker) -> None:
    worker.load(7, preparing())
    worker.run_to(10_000)
    assert latest(worker, lambda at: at.head == 60).run_id == 7
    assert at_rest(worker)


def test_it_stops_when_all_runs_have_diverged(worker: Worker) -> None:
    worker.load(7, preparing(experiment(RUNAWAY)))
    worker.run_to(40)
    # The tape is the worker's own: it may have diverged when the step before is taken out of the mailbox.
    last = latest(worker, lambda at: [gone.step for gone in at.tape.diverged] == [at.head])
    assert last.head < 40
    assert at_rest(worker)


def test_another_load_drops_the_old_run(worker: Worker) -> None:
    worker.load(1, preparing(ENDLESS))
    worker.run_to(10_000_000)
    latest(worker, lambda at: at.run_id == 1 and at.head > 5)
    worker.load(2, preparing())
    latest(worker, lambda at: at.run_id == 2)
    assert at_rest(worker)
    worker.run_to(60)
    assert latest(worker, lambda at: at.head == 60).run_id == 2


def test_what_cannot_be_prepared_has_failed_and_the_next_goes_well(worker: Worker) -> None:
    def raising() -> Simulation:
        raise ValueError("no such data")

    worker.load(1, raising)
    failed = event(worker)
    assert isinstance(failed, Failed)
    assert (failed.run_id, failed.problem.text) == (1, "ValueError: no such data")
    assert "in raising\n" in failed.problem.trace
    worker.run_to(5)
    assert at_rest(worker)
    worker.load(2, preparing())
    assert latest(worker, lambda _: True)[::2] == (2, 0)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (MemoryError(), "MemoryError"),
        (KeyError("k"), "KeyError: 'k'"),
        (FileError("a.csv: line 3: no number"), "a.csv: line 3: no number"),
    ],
)
def test_an_error_is_named_unless_its_text_is_for_the_user(worker: Worker, error: Exception, text: str) -> None:
    def raising() -> Simulation:
        raise error

    worker.load(1, raising)
    assert failure(worker) == text


class Fragile(Trainer):
    """Fails at its fourth update."""

    def advance(self) -> None:
        if self.step == 3:
            raise RuntimeError("a step went wrong")
        super().advance()


def test_a_step_that_raises_ends_the_run(worker: Worker) -> None:
    worker.load(1, lambda: Fragile(SPEC))
    worker.run_to(60)
    assert failure(worker) == "RuntimeError: a step went wrong"
    assert latest(worker, lambda _: True).head == 3
    assert at_rest(worker)
    worker.load(2, preparing())
    assert latest(worker, lambda _: True).run_id == 2


@pytest.fixture
def short_tape(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tape_module, "MAX_ROWS", 3)
    monkeypatch.setattr(tape_module, "MAX_RECENT", 2)


@pytest.mark.usefixtures("short_tape")
def test_a_step_that_the_tape_has_dropped_is_visited_again(worker: Worker) -> None:
    worker.load(1, preparing())
    worker.run_to(50)
    tape = latest(worker, lambda at: at.head == 50).tape
    assert tape.holds(50), "a step to which it is trained is to be shown, so it is measured"
    assert not tape.holds(7)
    worker.revisit(7)
    assert event(worker) == Visited(1, 7)
    assert tape.holds(7)
    assert tape.head == 50
    np.testing.assert_array_equal(row(tape.until(7), 1), row(trained(replace(SPEC, steps=7))[1].until(7), 1))
    worker.run_to(60)
    assert latest(worker, lambda at: at.head == 60).tape is tape


def test_a_visit_without_a_run_is_nothing(worker: Worker) -> None:
    worker.revisit(3)
    assert at_rest(worker)


@pytest.mark.usefixtures("short_tape")
def test_a_visit_that_cannot_be_prepared_does_not_end_the_worker(worker: Worker) -> None:
    prepared = 0

    def once() -> Simulation:
        nonlocal prepared
        prepared += 1
        if prepared > 1:
            raise MemoryError("no room for a second simulation")
        return Trainer(SPEC)

    worker.load(1, once)
    worker.run_to(50)
    latest(worker, lambda at: at.head == 50)
    worker.revisit(7)
    assert failure(worker) == "MemoryError: no room for a second simulation"
    worker.load(2, preparing())
    assert latest(worker, lambda _: True).run_id == 2


@pytest.mark.parametrize("busy", [False, True])
@pytest.mark.parametrize("lent", [False, True])
def test_stop_leaves_no_thread(busy: bool, lent: bool) -> None:
    before = threading.active_count()
    worker = Worker(lent_for_good() if lent else Lease())
    worker.start()
    if busy:
        worker.load(1, preparing(ENDLESS))
        worker.run_to(10_000_000)
    assert worker.stop(timeout_s=10.0)
    assert worker.stop()
    assert threading.active_count() == before


def test_a_stop_does_not_wait_for_a_long_step() -> None:
    begun, go_on = threading.Event(), threading.Event()

    class Slow(Trainer):
        def advance(self) -> None:
            begun.set()
            go_on.wait()
            super().advance()

    worker = Worker(lent_for_good())
    worker.start()
    worker.load(1, lambda: Slow(SPEC))
    worker.run_to(60)
    assert begun.wait(10.0)
    assert not worker.stop()  # it returns, though the step has not
    go_on.set()
    assert worker.stop(timeout_s=10.0)


def test_a_worker_that_was_never_started_can_be_stopped() -> None:
    assert Worker(Lease()).stop()

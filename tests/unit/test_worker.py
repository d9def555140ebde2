"""The worker, its mailbox and its gate."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from gradsim.runtime.worker import Event, Gate, Latest, Mailbox, Worker
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.kinds.train.trainer import Trainer
from gradsim.sim.run import tape as tape_module
from gradsim.sim.run.simulation import Simulation
from tests.unit.small import HEALTHY, RUNAWAY, experiment, row, trained

SPEC = experiment(HEALTHY, steps=60)
ENDLESS = experiment(HEALTHY, steps=10_000_000)


def preparing(spec: Train = SPEC) -> Callable[[], Simulation]:
    return lambda: Trainer(spec)


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker()
    worker.start()
    yield worker
    assert worker.stop()


def latest(worker: Worker, until: Callable[[Latest], bool]) -> Latest:
    """Return the first thing in the mailbox of which `until` is true."""
    deadline = time.monotonic() + 10.0
    while time.monotonic() < deadline:
        if (found := worker.mailbox.take()) and until(found):
            return found
        time.sleep(0.001)
    raise AssertionError("nothing came")


def event(worker: Worker) -> Event:
    return worker.events.get(timeout=10.0)


def at_rest(worker: Worker) -> bool:
    """Tell whether nothing more comes within a time in which dozens of steps could be taken."""
    time.sleep(0.05)
    return worker.mailbox.take() is None and worker.events.empty()


def test_a_mailbox_holds_the_latest_value_once() -> None:
    mailbox: Mailbox[int] = Mailbox()
    assert mailbox.take() is None
    mailbox.put(1)
    mailbox.put(2)
    assert mailbox.take() == 2
    assert mailbox.take() is None


def test_a_gate_lets_through_when_open_and_when_forgotten() -> None:
    gate = Gate()
    gate.close()
    started = time.monotonic()
    gate.wait(0.05)
    assert 0.04 < time.monotonic() - started < 5.0
    threading.Timer(0.02, gate.open).start()
    started = time.monotonic()
    gate.wait(60.0)
    assert time.monotonic() - started < 30.0
    gate.wait(60.0)


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


def test_it_says_when_it_has_finished(worker: Worker) -> None:
    worker.load(7, preparing())
    worker.run_to(10_000)
    assert event(worker) == Event(7, "finished")
    assert latest(worker, lambda _: True).head == 60
    assert at_rest(worker)


def test_it_says_which_run_diverged_and_goes_on(worker: Worker) -> None:
    worker.load(7, preparing(experiment(HEALTHY, RUNAWAY)))
    worker.run_to(40)
    diverged, finished = event(worker), event(worker)
    assert (diverged.run_id, diverged.kind) == (7, "diverged")
    assert diverged.divergence is not None
    assert diverged.divergence.run == 1
    assert finished == Event(7, "finished")


def test_it_has_finished_when_all_runs_have_diverged(worker: Worker) -> None:
    worker.load(7, preparing(experiment(RUNAWAY)))
    worker.run_to(40)
    assert [event(worker).kind for _ in range(2)] == ["diverged", "finished"]
    assert latest(worker, lambda _: True).head < 40
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
    assert event(worker) == Event(2, "finished")


def test_a_closed_gate_holds_it_back(worker: Worker) -> None:
    worker.load(1, preparing(ENDLESS))
    latest(worker, lambda _: True)
    worker.gate.close()
    worker.run_to(10_000_000)
    time.sleep(0.35)
    held = latest(worker, lambda _: True).head
    assert 1 <= held <= 6, "about one step in 0.1 s"
    worker.gate.open()
    latest(worker, lambda at: at.head > held + 20)


def test_what_cannot_be_prepared_has_failed_and_the_next_goes_well(worker: Worker) -> None:
    def raising() -> Simulation:
        raise ValueError("no such data")

    worker.load(1, raising)
    assert event(worker) == Event(1, "failed", "no such data")
    worker.run_to(5)
    assert at_rest(worker)
    worker.load(2, preparing())
    assert latest(worker, lambda _: True)[::2] == (2, 0)


def test_an_error_without_words_is_named(worker: Worker) -> None:
    def raising() -> Simulation:
        raise MemoryError

    worker.load(1, raising)
    assert event(worker) == Event(1, "failed", "MemoryError")


class Fragile(Trainer):
    """Fails at its fourth update."""

    def advance(self) -> None:
        if self.step == 3:
            raise RuntimeError("a step went wrong")
        super().advance()


def test_a_step_that_raises_ends_the_run(worker: Worker) -> None:
    worker.load(1, lambda: Fragile(SPEC))
    worker.run_to(60)
    assert event(worker) == Event(1, "failed", "a step went wrong")
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
    assert not tape.holds(7)
    worker.revisit(7)
    assert event(worker) == Event(1, "visited")
    assert tape.holds(7)
    assert tape.head == 50
    np.testing.assert_array_equal(row(tape.until(7), 1), row(trained(replace(SPEC, steps=7))[1].until(7), 1))
    worker.run_to(60)
    assert event(worker) == Event(1, "finished")


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
    assert event(worker) == Event(1, "failed", "no room for a second simulation")
    worker.load(2, preparing())
    assert latest(worker, lambda _: True).run_id == 2


@pytest.mark.parametrize("busy", [False, True])
def test_stop_leaves_no_thread(busy: bool) -> None:
    before = threading.active_count()
    worker = Worker()
    worker.start()
    worker.load(1, preparing(ENDLESS))
    if busy:
        worker.run_to(10_000_000)
        worker.gate.close()
        latest(worker, lambda at: at.head > 0)
    assert worker.stop()
    assert worker.stop()
    assert threading.active_count() == before


def test_a_worker_that_was_never_started_can_be_stopped() -> None:
    assert Worker().stop()

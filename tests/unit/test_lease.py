"""Threads compute only while they hold a lease, by a clock that the tests turn."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gradsim.runtime.lease import Lease
from gradsim.runtime.studies import Studies, Study
from gradsim.runtime.worker import Worker
from gradsim.sim.kinds.train.trainer import Trainer
from tests.unit.small import HEALTHY, experiment

ENDLESS = experiment(HEALTHY, steps=10_000_000)
PATIENCE_S = 60.0


class Clock:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class WatchedLease(Lease):
    """A lease that knows how many wait for it."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.clock = clock
        self.waiting = 0

    def wait(self) -> None:
        self.waiting += 1
        super().wait()
        self.waiting -= 1


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.001)


@pytest.fixture
def lease() -> WatchedLease:
    return WatchedLease(Clock())


class Counted(Trainer):
    """Each step takes a millisecond of the test's clock."""

    clock: Clock
    taken: int

    def advance(self) -> None:
        super().advance()
        self.clock.now += 0.001
        self.taken += 1


@pytest.fixture
def training(lease: WatchedLease) -> Iterator[tuple[Worker, Counted]]:
    worker, trainer = Worker(lease), Counted(ENDLESS)
    trainer.clock, trainer.taken = lease.clock, 0
    worker.start()
    worker.load(1, lambda: trainer)
    worker.run_to(10_000_000)
    until(lambda: lease.waiting == 1)
    yield worker, trainer
    assert worker.stop(PATIENCE_S)


def held_back(lease: WatchedLease) -> bool:
    """Tell whether the one borrower waits, and does so without a lease."""
    return lease.waiting == 1 and not lease.lent


def test_a_worker_takes_steps_for_as_long_as_time_is_lent(
    lease: WatchedLease, training: tuple[Worker, Counted]
) -> None:
    _, trainer = training
    assert trainer.taken == 0
    for expected in (12, 24):
        lease.lend(0.0115)
        until(lambda: held_back(lease))
        assert trainer.taken == expected


def test_another_target_and_another_run_wait_for_the_lease_too(
    lease: WatchedLease, training: tuple[Worker, Counted]
) -> None:
    worker, trainer = training
    prepared = threading.Event()

    def prepare() -> Counted:
        prepared.set()
        return trainer

    worker.run_to(5)
    worker.load(2, prepare)
    worker.revisit(0)
    assert not prepared.wait(0.1)
    lease.lend(0.001)
    assert prepared.wait(PATIENCE_S)


def test_stop_releases_a_worker_at_once_and_it_takes_no_step(
    lease: WatchedLease, training: tuple[Worker, Counted]
) -> None:
    worker, trainer = training
    assert worker.stop(PATIENCE_S)
    assert trainer.taken == 0


def counting(clock: Clock, seen: list[int]) -> Iterator[Any]:
    for n in range(10_000_000):
        clock.now += 0.001
        seen.append(n)
        yield n


def test_a_study_goes_on_for_as_long_as_time_is_lent(lease: WatchedLease) -> None:
    seen: list[int] = []
    studies = Studies(lease)
    studies.want([Study("count", lambda: counting(lease.clock, seen))])
    until(lambda: held_back(lease))
    assert seen == []
    for expected in (12, 24):
        lease.lend(0.0115)
        until(lambda: held_back(lease))
        assert len(seen) == expected
    assert studies.stop(PATIENCE_S)
    assert len(seen) <= 25


def test_it_is_wanted_while_there_is_work_and_begins_to_be_lent_then(lease: WatchedLease) -> None:
    asked: list[bool] = []
    lease.on_wanted = lambda: asked.append(lease.wanted)
    worker, studies = Worker(lease), Studies(lease)
    worker.start()
    assert not lease.wanted
    worker.load(1, lambda: Trainer(ENDLESS))
    assert asked == [True]
    lease.lend_for_good()
    until(lambda: not lease.wanted)
    studies.want([Study("one", lambda: iter([1]))])
    assert asked == [True, True]
    until(lambda: not lease.wanted)
    worker.run_to(0)  # nothing to do
    studies.want([])
    assert asked == [True, True]
    assert worker.stop(PATIENCE_S)
    assert studies.stop(PATIENCE_S)


def test_a_shorter_lease_does_not_end_a_longer_one(lease: WatchedLease) -> None:
    lease.lend(1.0)
    lease.lend(0.1)
    lease.clock.now = 0.5
    assert lease.lent
    lease.clock.now = 1.0
    assert not lease.lent


def test_a_lease_that_is_recalled_ends_at_once_but_one_for_good_does_not() -> None:
    lease = Lease(clock=lambda: 1.0)
    lease.lend(5.0)
    assert lease.lent
    lease.recall()
    assert not lease.lent
    lease.lend_for_good()
    lease.recall()
    assert lease.lent

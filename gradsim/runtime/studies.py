"""Studies: longer computations besides the run on screen, such as sweeps of learning rates, on a thread of their own.

A study yields better and better results. The window says which studies it
wants; one that is no longer wanted is stopped at its next result.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from gradsim.runtime.lease import Lease
from gradsim.runtime.worker import STOP_S, Problem


class Study(NamedTuple):
    """A computation by its key: equal keys have equal results."""

    key: Hashable
    make: Callable[[], Iterator[Any]]
    """Yields results every few milliseconds, changed or not: between them the thread waits for a lease."""


def results_of(study: Study) -> Iterator[Any]:
    """Yield the results of a study. Where numbers leave their range, infinity is a result too and no warning."""
    made = study.make()
    while True:
        with np.errstate(all="ignore"):  # which holds only while this thread is in here
            try:
                result = next(made)
            except StopIteration:
                return
        yield result


class Finding(NamedTuple):
    """A result of a study, the latest so far, or what went wrong; `last` tells whether it is the final one."""

    key: Hashable
    result: Any
    last: bool
    problem: Problem | None = None


class Studies:
    """Runs the studies that are wanted, one after the other, while it holds a lease."""

    def __init__(self, lease: Lease) -> None:
        self._lease = lease
        self._changed = threading.Condition()
        self._wanted: list[Study] = []
        self._found: dict[Hashable, Finding] = {}
        self._stopping = False
        self._thread = threading.Thread(target=self._loop, name="gradsim-studies", daemon=True)
        self._thread.start()

    def want(self, studies: Sequence[Study]) -> None:
        """Run these studies, in this order, and no others; the one under way continues if it is among them."""
        with self._changed:
            self._wanted = list(studies)
            if studies:
                self._lease.want(self)
                self._changed.notify()

    def pop(self) -> list[Finding]:
        """Return what was found since the last call, of each study the latest."""
        with self._changed:
            found, self._found = list(self._found.values()), {}
            return found

    @property
    def busy(self) -> bool:
        """Whether there is something that is yet to be found or popped."""
        with self._changed:
            return bool(self._wanted or self._found)

    def stop(self, timeout_s: float = STOP_S) -> bool:
        """End the thread after its present result; tell whether it has ended in time."""
        with self._changed:
            self._stopping, self._wanted = True, []
            self._changed.notify()
        self._lease.lend_for_good()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _loop(self) -> None:
        while True:
            with self._changed:
                while not (self._wanted or self._stopping):
                    self._lease.give_back(self)
                    self._changed.wait()
                if self._stopping:
                    self._lease.give_back(self)
                    return
                study = self._wanted[0]
            self._run(study)

    def _run(self, study: Study) -> None:
        result, problem = None, None
        self._lease.wait()
        try:
            for result in results_of(study):
                if not self._put(Finding(study.key, result, last=False)):
                    return
                self._lease.wait()
        except Exception as error:
            problem = Problem.of(error)
        self._put(Finding(study.key, result, last=True, problem=problem))

    def _put(self, finding: Finding) -> bool:
        """Publish a finding; tell whether its study is still wanted."""
        with self._changed:
            if all(study.key != finding.key for study in self._wanted):
                return False
            self._found[finding.key] = finding
            if finding.last:
                self._wanted = [study for study in self._wanted if study.key != finding.key]
            return True

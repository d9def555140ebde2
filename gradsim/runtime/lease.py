"""The lease: time that the main thread lends to the threads that compute.

Python runs one thread at a time. A main thread that builds, lays out or paints
gives the interpreter away at every call into Qt, and gets it back from a busy
thread milliseconds later: at thousands of calls the window stands still. So
other threads compute only while they hold a lease. The main thread lends a few
milliseconds at a time, from a timer; while it is busy its timer does not fire,
nothing is lent, and it has the interpreter to itself.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from math import inf


class Lease:
    """Time lent to the threads that compute.

    Parameters
    ----------
    clock
        The time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self.on_wanted: Callable[[], object] = lambda: None
        """Called on the main thread when a borrower is given work: begin to lend."""
        self._clock = clock
        self._changed = threading.Condition()
        self._until = 0.0
        self._borrowers: set[object] = set()

    @property
    def lent(self) -> bool:
        """Whether borrowers may compute now."""
        return self._clock() < self._until

    @property
    def wanted(self) -> bool:
        """Whether a borrower has work to do."""
        return bool(self._borrowers)

    def want(self, borrower: object) -> None:
        """Note that `borrower` has been given work."""
        self._borrowers.add(borrower)
        self.on_wanted()

    def give_back(self, borrower: object) -> None:
        """Note that `borrower` has no more work."""
        self._borrowers.discard(borrower)

    def lend(self, seconds: float) -> None:
        """Let borrowers compute from now on for so long; no lease ends sooner for it."""
        with self._changed:
            self._until = max(self._until, self._clock() + seconds)
            self._changed.notify_all()

    def recall(self) -> None:
        """End the lease, unless it is one for good: borrowers wait after their present piece of work."""
        with self._changed:
            if self._until < inf:
                self._until = 0.0

    def lend_for_good(self) -> None:
        """Let borrowers compute whenever they want to: to their ends, or where no window waits."""
        self.lend(inf)

    def wait(self) -> None:
        """Return while there is a lease; without one, wait for the next. Call it between short pieces of work."""
        if self.lent:
            return
        with self._changed:
            while not self.lent:
                self._changed.wait()

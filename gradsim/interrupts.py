"""What Ctrl+C (SIGINT) does to a command: one line, and an exit status of its own."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

INTERRUPTED = 130
"""Exit status after Ctrl+C, as shells have it."""


def end_interrupted(*_: object) -> NoReturn:
    """Say so in one line and end the process at once, without waiting for threads that compute."""
    try:
        print("gradsim: interrupted", file=sys.stderr, flush=True)
    finally:
        os._exit(INTERRUPTED)


@contextmanager
def interrupts_end_at_once(tidy: Callable[[], object] = lambda: None) -> Iterator[None]:
    """Let Ctrl+C end the process where it is, after `tidy`, rather than raise an exception.

    For work in which Qt calls Python: an exception out of an event handler or
    a half-used painter would crash the process. Files are not to be written here but those that `tidy` deletes.
    """

    def end(*_: object) -> NoReturn:
        tidy()
        end_interrupted()

    before = signal.signal(signal.SIGINT, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)

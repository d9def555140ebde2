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
def interrupts_end() -> Iterator[None]:
    """Let Ctrl+C end the process with :func:`end_interrupted`, whatever becomes of the exception on its way here.

    A library that is being imported may make another one of it, such as an ImportError.
    """
    came: list[int] = []

    def note(number: int, *_: object) -> NoReturn:
        came.append(number)
        raise KeyboardInterrupt

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # else somebody wants it to be ignored
        signal.signal(signal.SIGINT, note)
    try:
        yield
    except KeyboardInterrupt:
        end_interrupted()
    except BaseException:
        if came:
            end_interrupted()
        raise


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

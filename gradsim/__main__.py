"""The program as a process: ``gradsim``, ``python -m gradsim`` and ``python main.py`` begin here."""

from __future__ import annotations

import gc
import io
import os
import sys
from contextlib import suppress
from typing import NoReturn

from gradsim.interrupts import interrupts_end


def main() -> NoReturn:
    """Run the command line with the arguments of the process, and end the process with its exit status."""
    with interrupts_end():
        _fill_closed_streams()
        _print_every_character()
        gc.disable()  # what is imported stays: to look through it for garbage would take a fifteenth of a start
        from gradsim.cli import main as run_command  # here, for this takes time, in which Ctrl+C may come

        gc.enable()
        _end(run_command())


def _end(status: int) -> NoReturn:
    """End the process now: to take Qt, NumPy and threads apart one by one takes half a second, and serves nobody."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(status)


def _fill_closed_streams() -> None:
    """Let what is said go nowhere where a stream is closed: else the next file opened would be in its place."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            with suppress(OSError):
                handle = os.open(os.devnull, os.O_RDWR)  # the lowest number that is free, this one
                setattr(sys, name, os.fdopen(handle, "w" if number else "r"))


def _print_every_character() -> None:
    """Write what the output's encoding lacks as an escape, such as \\u2212, as the stream of errors does."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


if __name__ == "__main__":
    main()

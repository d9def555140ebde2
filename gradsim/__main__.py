"""The program as a process: ``gradsim``, ``python -m gradsim`` and ``python main.py`` begin here."""

from __future__ import annotations

import io
import sys

from gradsim.interrupts import end_interrupted


def main() -> int:
    """Run the command line with the arguments of the process; return its exit status."""
    try:
        _print_every_character()
        from gradsim.cli import main as run_command  # here, for this takes time, in which Ctrl+C may come

        return run_command()
    except KeyboardInterrupt:
        end_interrupted()


def _print_every_character() -> None:
    """Write what the output's encoding lacks as an escape, such as \\u2212, as the stream of errors does."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


if __name__ == "__main__":
    sys.exit(main())

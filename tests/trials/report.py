"""What a trial found, and all of it as one table.

A trial is a module of this folder with ``trial(how_many, seed) -> Report``, the name `OPTION` of what it counts on
the command line, how many of it `AT_LENGTH` means, and how many are `SHORT` enough for the test command.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

MIB = 2**20
HEAD = (
    "| trial | how many | faults | longest stall, ms | memory at start, end, MB | notes |\n"
    "| --- | --- | --- | --- | --- | --- |"
)


@dataclass(frozen=True)
class Report:
    """What came of a trial."""

    name: str
    """What was tried, such as "actions on the window"."""
    how_many: int
    faults: tuple[str, ...] = ()
    """Each with what repeats it: its seed and, where there is one, the shortest list of actions."""
    stall_ms: float | None = None
    """The longest time for which the main thread computed between two turns of the event loop."""
    memory_mb: tuple[float, float] | None = None
    """What the process held at its start and at its end; of several processes, that with the largest gain."""
    notes: str = ""

    @property
    def row(self) -> str:
        """The line of the table."""
        stall = "" if self.stall_ms is None else f"{self.stall_ms:.0f}"
        memory = "" if self.memory_mb is None else "{:.0f}, {:.0f}".format(*self.memory_mb)
        return f"| {self.name} | {self.how_many:,} | {len(self.faults)} | {stall} | {memory} | {self.notes} |"


def table(reports: Iterable[Report]) -> str:
    """Return the reports as one table in Markdown."""
    return "\n".join([HEAD, *(report.row for report in reports)])


def memory_mb() -> float:
    """Return how much memory of its own the process holds now; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, IndexError, ValueError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / MIB

"""How a table is to be read, and what is found in its file."""

from __future__ import annotations

from dataclasses import dataclass

from gradsim.engine.data.tables.report import TableReport
from gradsim.engine.types import Array


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How to read a table; the settings are those of :class:`gradsim.engine.data.tables.Csv`."""

    path: str
    target: str = "-1"
    task: str = "auto"
    header: str = "auto"
    separator: str = "auto"
    decimal: str = "auto"
    encoding: str = "auto"
    skip: int = 0
    leave_out: str = ""
    missing: str = "refuse"
    marks: str = "refuse"
    split_column: str = ""


@dataclass(frozen=True)
class Table:
    """The content of a file: inputs `x` (N, inputs) and `targets` (N, targets), with their names.

    Attributes
    ----------
    names, x
        The inputs; nan where the mean of the others is to stand. A column of text is an input for each text.
    zeros
        What was subtracted from each input, for its numbers are close together.
    target_names, targets
        Numbers; the ranks of labels if the only target is text.
    target_zeros
        As `zeros`.
    text
        The first target that is not a number, and its line; "" if all are numbers.
    labels
        The labels whose ranks the targets are; () if these are numbers.
    rank
        What orders the rows, from a column for that; None without one.
    holds_out
        Whether `rank` is 1 for the rows that are for testing, and 0 for others.
    report
        How the table was understood.
    """

    names: tuple[str, ...]
    x: Array
    target_names: tuple[str, ...]
    targets: Array
    text: str
    labels: tuple[str, ...] = ()
    zeros: tuple[float, ...] = ()
    target_zeros: tuple[float, ...] = ()
    rank: Array | None = None
    holds_out: bool = False
    report: TableReport = TableReport("")

    @property
    def nbytes(self) -> int:
        """The size of all arrays in bytes."""
        return self.x.nbytes + self.targets.nbytes + (0 if self.rank is None else self.rank.nbytes)

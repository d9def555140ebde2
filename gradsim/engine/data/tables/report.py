"""How a table was understood: what a window shows of it, and the command line says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from gradsim.engine.data.samples import Column
from gradsim.schema.errors import Given, Phrase, counted, several
from gradsim.schema.parameters import ParameterError

Role = Literal["input", "target", "order", "left out"]
"""What a column is for; "order": it says which rows are for testing."""
ColumnKind = Literal["number", "text", "true/false", "constant", "empty"]
Task = Literal["classes", "numbers", "labels", ""]
"""What is learnt: one class of several, numbers, or several labels of 0 and 1; "" where that is not known."""

MAX_TOLD = 12
"""The largest number of classes that a line names."""


class TableError(ParameterError):
    """A table that is refused, and the cell that it is refused for.

    Attributes
    ----------
    line
        The line of the file, from 1; 0 if it is none in particular.
    place
        The position of the column, from 1; 0 if it is none in particular.
    """

    def __init__(self, path: str, problem: str, line: int = 0, place: int = 0) -> None:
        super().__init__(path, problem)
        self.line, self.place = line, place


@dataclass(frozen=True)
class ColumnReport:
    """How a column was understood.

    Attributes
    ----------
    name
        Its name in the table; without one, its position.
    place
        Its position in the table, from 1.
    why
        Why it is left out; "" if it is not.
    missing
        How many cells hold no number in a column of numbers, or nothing.
    low, high
        The smallest and the largest number, as in the table; None where there are none.
    scale
        What its numbers are shifted and scaled by; None where that is not done or not known.
    values
        What text it holds, each an input of its own; of a target, the classes.
    counts
        How many rows hold each of `values`.
    notes
        What is to be told of it, sentence by sentence.
    """

    name: str
    place: int
    role: Role
    kind: ColumnKind
    why: str = ""
    missing: int = 0
    low: float | None = None
    high: float | None = None
    scale: Column | None = None
    values: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableReport:
    """How a table was understood, or how far it was, where it is refused.

    Attributes
    ----------
    path
        The file, as it was given.
    encoding, separator, decimal
        What the settings of these names stand for here, "auto" resolved.
    guessed
        Which settings were guessed.
    has_names, why_names
        Whether the first row names the columns, and why that is so.
    rows, left_out, train, test
        How many rows of data there are for the networks, and how many are left out; of the former, how many are
        for training and for testing.
    task
        What is learnt.
    columns
        All columns of the table, in their order.
    first, lines
        The cells of the first rows of data as they are written, and the lines they stand in; then those of the row
        that the table is refused for.
    notes
        What is to be told of the whole, sentence by sentence.
    refusal
        Why the table is refused, with the line and the place of the cell where it is one; None if it is not.
    """

    path: str
    encoding: str = ""
    separator: str = ""
    decimal: str = ""
    guessed: tuple[str, ...] = ()
    has_names: bool = False
    why_names: str = ""
    rows: int = 0
    left_out: int = 0
    train: int = 0
    test: int = 0
    task: Task = ""
    columns: tuple[ColumnReport, ...] = ()
    first: tuple[tuple[str, ...], ...] = ()
    lines: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()
    refusal: ParameterError | None = None

    def of_role(self, role: Role) -> tuple[ColumnReport, ...]:
        """Return the columns of a role."""
        return tuple(column for column in self.columns if column.role == role)

    @property
    def told(self) -> tuple[str, ...]:
        """What is to be told: of the whole, and of each column by its name."""
        return (*self.notes, *self._of_columns())

    def _of_columns(self) -> Iterator[str]:
        for column in self.columns:
            for note in filter(None, (column.why, *column.notes)):
                yield Phrase("column {name}: {note}", name=Given(column.name), note=note)

    @property
    def summary(self) -> str:
        """How it was understood, in one line."""
        template = "{rows} of {inputs} and {target}; {layout}"
        return Phrase(
            template,
            rows=counted(self.rows, "row"),
            inputs=counted(len(self.of_role("input")), "input column"),
            target=self.target,
            layout=self.layout,
        )

    @property
    def target(self) -> str:
        """What is learnt, in a few words: for example "3 classes: 0, 1, NA"."""
        targets = self.of_role("target")
        names = tuple(column.name for column in targets)
        if self.task == "classes":
            names = targets[0].values
            return Phrase("{n} classes: {names}", n=f"{len(names):,}", names=_listed(names))
        named = _listed(tuple(map(Given, names)))
        if not self.task:
            return Phrase("the target {names}", names=named)
        return Phrase("the labels {names}" if self.task == "labels" else "the numbers {names}", names=named)

    @property
    def layout(self) -> str:
        """How the file is written, in a few words: "utf-8, comma, decimal point, names"."""
        named = Phrase("names in the first row") if self.has_names else Phrase("no names")
        mark = Phrase("decimal comma") if self.decimal == "comma" else Phrase("decimal point")
        return Phrase(
            "{encoding}, separated by {separator}, {mark}, {named}",
            encoding=self.encoding,
            separator=Phrase(self.separator) if self.separator.isalpha() else self.separator,
            mark=mark,
            named=named,
        )


def _listed(names: Sequence[str]) -> str:
    """Return the first of some names, with commas between them."""
    if not names:
        return "?"
    said = several(names[:MAX_TOLD])
    return Phrase("{names}, …", names=said) if len(names) > MAX_TOLD else said

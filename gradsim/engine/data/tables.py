"""The user's own data, from a CSV file."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Self

import numpy as np

from gradsim.engine.data.csv_file import MAX_CELLS, SEPARATORS, Table, read_table, unreadable
from gradsim.engine.data.samples import (
    DATASETS,
    SEED,
    SPLITS,
    TEST,
    Cache,
    Column,
    Dataset,
    Split,
    class_targets,
    columns,
    generator,
    split,
    standardised,
    training_count,
)
from gradsim.engine.types import Array
from gradsim.schema.errors import Given, Phrase, counted
from gradsim.schema.parameters import Choice, FilePath, ParameterError, Text

MAX_CLASSES = 100
MAX_NUMBERS = 4_000_000
"""The largest number of inputs and targets together, as trained on: more than two classes take a column each."""

MAX_INTEGER_CLASSES, MIN_ROWS_PER_CLASS = 20, 5
"""Whole numbers count as classes if there are at most so many different ones, with so many rows each on average."""

TABLE_ENDINGS = (".csv", ".tsv", ".txt", ".tab", ".dat")
"""How the names of tables end."""

TABLES: Cache[Table] = Cache(32 * 2**20)


@dataclass(frozen=True, kw_only=True)
class _Column(Text):
    """A column, by name or position; a position may also be given as an integer."""

    def parse(self, value: object) -> str:
        is_number = isinstance(value, int) and not isinstance(value, bool) and -1 <= value <= MAX_CELLS
        return super().parse(str(value) if is_number else value)

    @property
    def allowed(self) -> str:
        what = "the name of a column, its position from 1, or -1 for the last; or several with commas between them"
        return Phrase(what)


@DATASETS.add
@dataclass(frozen=True)
class Csv(Dataset):
    """A table of the user's own: a sample per row, one or several target columns, all other columns numeric inputs.

    Rows are shuffled before the split, as files are often sorted by class.
    Inputs, and targets that are numbers, are standardised: each column is shifted
    and scaled to mean 0 and standard deviation 1 over the training set, so that
    usual learning rates suit; the squared error is then in units of the target's
    variance. Classes are numbered in the order of their labels; of two, the
    second is 1. Several target columns are independent labels, used as they are,
    if all of them hold only 0 and 1; otherwise they are numbers.
    """

    key = "csv"
    label = "CSV file"
    own = True

    path: str = FilePath(
        "File",
        help="A CSV file, in UTF-8; in an experiment file its path starts from that file's folder.",
        most=4096,
        endings=TABLE_ENDINGS,
    ).field("")
    target: str = _Column(
        "Target column",
        help="What is learnt: a column by name or position (from 1; -1 is the last). Several, with "
        "commas: numbers, or labels that are there (1) or not (0).",
        most=1000,
    ).field("-1")
    task: str = Choice(
        "Task",
        help="Whether targets are classes or numbers; auto: text and few whole numbers are classes.",
        choices=("auto", "classes", "numbers"),
    ).field("auto")
    header: str = Choice(
        "Header",
        help="Whether the first row names the columns; auto: it does unless it holds a number.",
        choices=("auto", "yes", "no"),
    ).field("auto")
    separator: str = Choice(
        "Separator",
        help="What stands between cells; auto: the first of tab, semicolon and comma that the first line holds.",
        choices=("auto", *SEPARATORS),
    ).field("auto")
    test_fraction: float = TEST.field(0.2)
    seed: int = SEED.field(0)

    def load(self) -> Split:
        """Return the samples; the file is read again if its time or size has changed.

        Raises
        ------
        ParameterError
            For a file that cannot be read, or whose content is not allowed.
        """
        if not self.path:
            raise ParameterError("path", Phrase("is missing; give the path of a CSV file"))
        path = Path(self.path).absolute()
        try:
            found = path.stat()
        except OSError as error:
            raise ParameterError(
                "path", Phrase("{path}: {problem}", path=self.path, problem=unreadable(error))
            ) from None
        if not stat.S_ISREG(found.st_mode):
            raise ParameterError("path", Phrase("{path}: {problem}", path=self.path, problem=Phrase("is not a file")))
        version = (path, found.st_mtime_ns, found.st_size)
        return SPLITS.get((self, version), partial(self._split, version))

    def _split(self, version: tuple[Path, int, int]) -> Split:
        reading = (self.path, self.target, self.header, self.separator)
        return _Splitter(self, TABLES.get((version, *reading), partial(read_table, *reading))).split()

    def resolved_in(self, folder: Path) -> Self:
        return replace(self, path=str(folder.absolute() / self.path)) if self.path else self

    def relative_to(self, folder: Path) -> Self:
        if not self.path:
            return self
        path, folder = Path(self.path).absolute(), folder.absolute()
        return replace(self, path=path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path))


class _Splitter:
    """Turns a table into samples: shuffled, standardised, split."""

    def __init__(self, spec: Csv, table: Table) -> None:
        self._spec, self._table = spec, table
        self._order = generator(spec.seed).permutation(len(table.x))
        self._train = training_count(len(table.x), spec.test_fraction)

    def split(self) -> Split:
        table = self._table
        x = self._scaled(table.x, table.names)
        if len(table.target_names) > 1:
            return split(x, self._several(), self._train, classes=False)
        kinds, labels = np.unique(table.targets[:, 0], return_inverse=True)
        if self._are_classes(len(kinds)):
            self._check_classes(len(kinds))
            if len(np.unique(labels[self._order][: self._train])) == 1:
                what = Phrase("holds one class only in the rows for training; take another seed")
                raise self._bad(table.target_names[0], what)
            names = tuple(table.labels[int(kind)] if table.labels else f"{kind:g}" for kind in kinds)
            found = split(x, class_targets(labels[self._order], len(kinds)), self._train, classes=True)
            return replace(found, inputs=self._columns(table.x, table.names), names=names)
        y = self._scaled(table.targets, table.target_names)
        return replace(
            split(x, y, self._train, classes=False),
            inputs=self._columns(table.x, table.names),
            targets=self._columns(table.targets, table.target_names),
        )

    def _columns(self, x: Array, names: Sequence[str]) -> tuple[Column, ...]:
        """Return what the columns of samples were in the table."""
        if self._train == 0:
            return tuple(map(Column, names))
        with np.errstate(all="ignore"):
            return columns(x[self._order], self._train, names)

    def _several(self) -> Array:
        """Return several target columns: unchanged if they are labels of 0 and 1, otherwise standardised."""
        targets, names = self._table.targets, self._table.target_names
        other = ((targets != 0.0) & (targets != 1.0)).any(axis=0)
        if self._spec.task == "numbers" or (self._spec.task == "auto" and other.any()):
            return self._scaled(targets, names)
        if other.any():
            what = "holds other numbers than 0 and 1, which several targets that are classes need"
            raise self._bad(names[int(other.argmax())], Phrase(what))
        targets = targets[self._order]
        if self._train:
            self._check_varies(targets, names)
        return targets

    def _are_classes(self, kinds: int) -> bool:
        text, target = self._table.text, self._table.targets
        if self._spec.task == "numbers" and text:
            raise self._bad(
                self._table.target_names[0], Phrase("holds {text}, which is not a number such as -1.5", text=text)
            )
        if self._spec.task != "auto":
            return self._spec.task == "classes"
        few = kinds <= MAX_INTEGER_CLASSES and kinds * MIN_ROWS_PER_CLASS <= len(target)
        return bool(text) or (few and bool((target == np.round(target)).all()))

    def _check_classes(self, kinds: int) -> None:
        name, (rows, columns) = self._table.target_names[0], self._table.x.shape
        if kinds == 1:
            raise self._bad(name, Phrase("holds one class only; at least 2 are needed"))
        if kinds > MAX_CLASSES:
            why = Phrase(" (it is text, first {text})", text=self._table.text) if self._table.text else ""
            template = "holds {kinds} classes; at most {most} are allowed{why}"
            raise self._bad(name, Phrase(template, kinds=f"{kinds:,}", most=str(MAX_CLASSES), why=why))
        numbers = rows * (columns + (kinds if kinds > 2 else 1))
        if numbers > MAX_NUMBERS:
            template = (
                "holds {kinds} classes, a column each: {count} numbers with the inputs; at most {most} are allowed"
            )
            counts = {"kinds": str(kinds), "count": f"{numbers:,}", "most": f"{MAX_NUMBERS:,}"}
            raise self._bad(name, Phrase(template, **counts))

    def _bad(self, name: str, problem: str) -> ParameterError:
        where = {"path": self._spec.path, "name": Given(name)}
        return ParameterError("path", Phrase("{path}: column {name} {problem}", **where, problem=problem))

    def _scaled(self, x: Array, names: Sequence[str]) -> Array:
        x, train = x[self._order], self._train
        if train == 0:
            return x
        self._check_varies(x, names)
        with np.errstate(all="ignore"):
            scaled = standardised(x, train)
            # If squares overflowed or underflowed on the way, the standard deviation is not 1 now.
            sound = np.isfinite(scaled).all(axis=0) & (scaled[:train].std(axis=0) > 0.5)
        for column in np.flatnonzero(~sound):
            what = Phrase("holds numbers too far apart, or too close, to be standardised")
            raise self._bad(names[int(column)], what)
        return scaled

    def _check_varies(self, x: Array, names: Sequence[str]) -> None:
        """Refuse a column of shuffled rows that is constant over the training set."""
        for column in np.flatnonzero((x[: self._train] == x[0]).all(axis=0)):
            template = "is constant in the {rows} for training; there is nothing to learn from or of it"
            raise self._bad(names[int(column)], Phrase(template, rows=counted(self._train, "row")))

"""From a table to samples: put in order, split, scaled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from gradsim.engine.data.samples import (
    Column,
    Split,
    class_targets,
    columns,
    generator,
    split,
    standardised,
    training_count,
)
from gradsim.engine.data.tables.report import TableError
from gradsim.engine.data.tables.table import Table
from gradsim.engine.types import Array
from gradsim.schema.errors import Given, Phrase, counted

MAX_CLASSES = 100
MAX_NUMBERS = 4_000_000
"""The largest number of inputs and targets together, as trained on: more than two classes take a column each."""

MAX_INTEGER_CLASSES, MIN_ROWS_PER_CLASS = 20, 5
"""Whole numbers count as classes if there are at most so many different ones, with so many rows each on average."""


@dataclass(frozen=True)
class Scaled:
    """Columns in the order of the samples, and what they were in the table.

    Attributes
    ----------
    constant
        Which of them are constant over the training set.
    """

    values: Array
    columns: tuple[Column, ...]
    constant: npt.NDArray[np.bool_]


class Splitter:
    """Turns a table into samples: in order, scaled, split."""

    def __init__(
        self, table: Table, path: str, task: str, scaling: str, order: str, test_fraction: float, seed: int
    ) -> None:
        self._table, self._path, self._task, self._scaling = table, path, task, scaling
        count = len(table.x)
        self._train = training_count(count, test_fraction)
        if table.rank is not None:
            self._order = np.argsort(table.rank, kind="stable")
            if table.holds_out:
                self._train = int((table.rank == 0.0).sum())
        else:
            self._order = generator(seed).permutation(count) if order == "shuffled" else np.arange(count)

    def split(self) -> Split:
        """Return the samples.

        Raises
        ------
        ParameterError
            For columns from which nothing can be learnt, or which cannot be scaled.
        """
        table = self._table
        self._check_numbers(1)
        x = self.inputs()
        if len(table.target_names) > 1:
            return self._with(split(x.values, self._several(), self._train, classes=False), x)
        kinds, labels = np.unique(table.targets[:, 0], return_inverse=True)
        if self._are_classes(len(kinds)):
            self._check_classes(len(kinds))
            if len(np.unique(labels[self._order][: self._train])) == 1:
                what = Phrase("holds one class only in the rows for training; take another seed")
                raise self._bad(table.target_names[0], what)
            names = tuple(table.labels[int(kind)] if table.labels else f"{kind:g}" for kind in kinds)
            found = split(x.values, class_targets(labels[self._order], len(kinds)), self._train, classes=True)
            return replace(self._with(found, x), names=names)
        y = self._targets()
        return replace(self._with(split(x.values, y.values, self._train, classes=False), x), targets=y.columns)

    def _with(self, found: Split, x: Scaled) -> Split:
        return replace(found, inputs=x.columns)

    def inputs(self) -> Scaled:
        """Return the inputs; if scaled, those that are constant over the training set are 0."""
        table = self._table
        scaled = self._scaled(self._filled(table.x[self._order]), table.names, table.zeros)
        if self._train and scaled.constant.all():
            raise self._constant(table.names[0])
        return scaled

    def _targets(self) -> Scaled:
        """Return targets that are numbers, none of them constant over the training set."""
        table = self._table
        targets = table.targets[self._order]
        self._check_varies(targets, table.target_names)
        return self._scaled(targets, table.target_names, table.target_zeros)

    def _filled(self, x: Array) -> Array:
        """Return rows with the mean over the training set where there is no number."""
        missing = np.isnan(x)
        for at in np.flatnonzero(missing.any(axis=0)):
            known = x[: self._train, at][~missing[: self._train, at]]
            if not len(known):
                raise self._bad(self._table.names[at], Phrase("has no value in the rows for training"))
            x[missing[:, at], at] = known.mean()
        return x

    def _several(self) -> Array:
        """Return several target columns: unchanged if they are labels of 0 and 1, otherwise scaled."""
        targets, names = self._table.targets, self._table.target_names
        other = ((targets != 0.0) & (targets != 1.0)).any(axis=0)
        if self._task == "numbers" or (self._task == "auto" and other.any()):
            return self._targets().values
        if other.any():
            what = "holds other numbers than 0 and 1, which several targets that are classes need"
            raise self._bad(names[int(other.argmax())], Phrase(what))
        targets = targets[self._order]
        self._check_varies(targets, names)
        return targets

    def _are_classes(self, kinds: int) -> bool:
        if self._task != "auto":
            return self._task == "classes"
        target = self._table.targets
        few = kinds <= MAX_INTEGER_CLASSES and kinds * MIN_ROWS_PER_CLASS <= len(target)
        return bool(self._table.text) or (few and bool((target == np.round(target)).all()))

    def _check_classes(self, kinds: int) -> None:
        name = self._table.target_names[0]
        if kinds == 1:
            raise self._bad(name, Phrase("holds one class only; at least 2 are needed"))
        if kinds > MAX_CLASSES:
            why = Phrase(" (it is text, first {text})", text=self._table.text) if self._table.text else ""
            template = "holds {kinds} classes; at most {most} are allowed{why}"
            raise self._bad(name, Phrase(template, kinds=f"{kinds:,}", most=str(MAX_CLASSES), why=why))
        self._check_numbers(kinds)

    def _check_numbers(self, kinds: int) -> None:
        """Refuse more numbers than are allowed, with a column for each class if there are more than two."""
        rows, width = self._table.x.shape
        numbers = rows * (width + (kinds if kinds > 2 else 1))
        if numbers > MAX_NUMBERS and kinds > 1:
            template = (
                "holds {kinds} classes, a column each: {count} numbers with the inputs; at most {most} are allowed"
            )
            counts = {"kinds": str(kinds), "count": f"{numbers:,}", "most": f"{MAX_NUMBERS:,}"}
            raise self._bad(self._table.target_names[0], Phrase(template, **counts))
        if numbers > MAX_NUMBERS:
            template = "{path}: text as inputs makes {count} numbers; at most {most} are allowed"
            counts = {"count": f"{numbers:,}", "most": f"{MAX_NUMBERS:,}"}
            raise TableError("path", Phrase(template, path=self._path, **counts))

    def _bad(self, name: str, problem: str) -> TableError:
        where = {"path": self._path, "name": Given(name)}
        place = next((column.place for column in self._table.report.columns if column.name == name), 0)
        return TableError("path", Phrase("{path}: column {name} {problem}", **where, problem=problem), place=place)

    def _scaled(self, x: Array, names: Sequence[str], zeros: Sequence[float]) -> Scaled:
        """Return columns scaled as they are to be, by what they are over the training set."""
        train = self._train
        if train == 0:
            return Scaled(x, tuple(map(Column, names)), np.zeros(x.shape[1], bool))
        constant = (x[:train] == x[0]).all(axis=0)
        with np.errstate(all="ignore"):
            if self._scaling == "standardise":
                scaled, scales = self._standardised(x, names, constant)
            elif self._scaling == "range":
                scaled, scales = self._ranged(x, names, constant)
            else:
                scaled, scales = x, tuple(map(Column, names))
        shifted = [replace(scale, zero=scale.zero + zero) for scale, zero in zip(scales, zeros, strict=True)]
        return Scaled(scaled, tuple(shifted), constant)

    def _standardised(
        self, x: Array, names: Sequence[str], constant: npt.NDArray[np.bool_]
    ) -> tuple[Array, tuple[Column, ...]]:
        """Return columns of mean 0 and standard deviation 1; constant ones are 0."""
        train = self._train
        scaled, scales = standardised(x, train), list(columns(x, train, names))
        # If squares overflowed or underflowed on the way, or the numbers are too close, the deviation is not 1 now.
        sound = np.isfinite(scaled).all(axis=0) & (np.abs(scaled[:train].std(axis=0) - 1.0) < 0.5)
        wild = ~sound & ~constant
        if wild.any():
            what = Phrase("holds numbers too far apart, or too close, to be standardised")
            raise self._bad(names[int(wild.argmax())], what)
        for column in map(int, np.flatnonzero(constant)):
            scaled[:, column] = 0.0
            scales[column] = Column(names[column], float(x[0, column]))
        return scaled, tuple(scales)

    def _ranged(
        self, x: Array, names: Sequence[str], constant: npt.NDArray[np.bool_]
    ) -> tuple[Array, tuple[Column, ...]]:
        """Return columns from 0 to 1; constant ones are 0."""
        low = x[: self._train].min(axis=0)
        size = np.where(constant, 1.0, x[: self._train].max(axis=0) - low)
        scaled = (x - low) / size
        scaled[:, constant] = 0.0
        wild = ~np.isfinite(scaled).all(axis=0)
        if wild.any():
            raise self._bad(
                names[int(wild.argmax())], Phrase("holds numbers too far apart, or too close, to be scaled")
            )
        return np.asarray(scaled), tuple(map(Column, names, low.tolist(), size.tolist()))

    def _check_varies(self, x: Array, names: Sequence[str]) -> None:
        """Refuse a column of rows in order that is constant over the training set."""
        constant = (x[: self._train] == x[:1]).all(axis=0)
        if self._train and constant.any():
            raise self._constant(names[int(constant.argmax())])

    def _constant(self, name: str) -> TableError:
        template = "is constant in the {rows} for training; there is nothing to learn from or of it"
        return self._bad(name, Phrase(template, rows=counted(self._train, "row")))

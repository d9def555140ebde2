"""Sweeps: an experiment run for all combinations of values of some of its settings, as one table."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gradsim.schema.errors import FileError, InputError, unknown_name
from gradsim.schema.ordinary import exists, opened
from gradsim.scripting import Results, RunResults, document_of, results_of, with_settings
from gradsim.sim.documents.document import Document, dump
from gradsim.sim.documents.experiments import full_table
from gradsim.sim.documents.files import check_target, write_bytes
from gradsim.sim.kinds import kind_of

MOST_JOBS = 1_000_000
"""How many combinations a sweep may have."""
_AT_ONCE = 256
"""How many combinations are handed to the executor before any of them is done."""
_SAVED_EVERY_S = 2.0
_CHECKED = 1000
"""So many values of a setting are checked before anything is run, later ones in their turn."""

Values = tuple[Any, ...]
Rows = list[list[str]]
Progress = Callable[[int, int], object]


class Table:
    """What a sweep has found: a row for each combination, run and replica.

    Attributes
    ----------
    columns : dict of arrays (rows,)
        By name; numbers as float64, all else as text. NaN is what has no value.
    """

    def __init__(self, names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        self._rows = rows
        self.columns = {name: _column([row[i] for row in rows]) for i, name in enumerate(names)}

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        if name not in self.columns:
            raise KeyError(unknown_name(name, self.columns))
        return self.columns[name]

    def __len__(self) -> int:
        return len(self._rows)

    def to_csv(self, path: Path | str) -> None:
        """Write the table to a CSV file."""
        check_target(Path(path), (".csv",))
        write_bytes(Path(path), self.to_text().encode())

    def to_text(self) -> str:
        """Return the table as CSV."""
        return _csv([*self.columns], self._rows)

    def __repr__(self) -> str:
        return f"<gradsim sweep of {len(self):,} rows: {', '.join(self.columns)}>"


def _column(texts: list[str]) -> npt.NDArray[Any]:
    try:
        return np.array([float(text) if text else np.nan for text in texts])
    except ValueError:
        return np.array(texts)


@dataclass(frozen=True)
class Grid:
    """What is run: a document, the values that some of its settings take in turn, and what is to be reached.

    Attributes
    ----------
    document
        The experiment with all settings that are the same throughout.
    names, values
        The settings that change, and for each its values.
    reach
        Quantities and the values at which it is noted when they are reached.
    """

    document: Document
    names: tuple[str, ...]
    values: tuple[Values, ...]
    reach: tuple[tuple[str, float], ...] = ()

    def __len__(self) -> int:
        return prod(len(values) for values in self.values)

    def combinations(self) -> Iterator[Values]:
        """Yield a value for each setting, the last one changing fastest."""
        return product(*self.values)

    def check(self) -> None:
        """Refuse what cannot be run, before anything is."""
        if not self.names:
            raise InputError("a sweep needs a setting with a list of values, such as learning_rate=[0.01, 0.1]")
        if not 0 < len(self) <= MOST_JOBS:
            raise InputError(f"a sweep has {len(self):,} combinations; from 1 to {MOST_JOBS:,} are allowed")
        first = [values[0] for values in self.values]
        for i, values in enumerate(self.values):
            for value in values[:_CHECKED]:
                document = self.with_values([*first[:i], value, *first[i + 1 :]])
                kind_of(document.experiment).check(document.experiment)
        for name, _ in self.reach:
            if name not in self.quantities:
                raise InputError(f"reach: {unknown_name(name, self.quantities)}")

    def with_values(self, values: Sequence[Any]) -> Document:
        """Return the document with these values of the settings that change."""
        return with_settings(self.document, dict(zip(self.names, values, strict=True)))

    @cached_property
    def quantities(self) -> list[str]:
        """What is told of every run: all that is one number, and the same whenever it is computed."""
        experiment = self.document.experiment
        layout = kind_of(experiment).simulations(experiment)().layout
        known = kind_of(experiment).quantities(experiment)
        return [name for name, of in known.items() if layout.is_single(0, of.channel) and name != "seconds"]

    @cached_property
    def columns(self) -> list[str]:
        """The names of the table's columns."""
        reached = [f"steps_to_{name}_{value:g}" for name, value in self.reach]
        return ["experiment", *self.names, "run", "replica", *self.quantities, "diverged_at", *reached]

    @cached_property
    def digest(self) -> str:
        """Which experiment it is, in twelve letters: tables with the same ones may be put together."""
        return hashlib.sha256(f"{dump(self.document)}\n{self.reach}".encode()).hexdigest()[:12]

    def rows(self, values: Values) -> Rows:
        """Run one combination; return its rows."""
        results = results_of(self.with_values(values), every_step=bool(self.reach))
        begin, labels = [self.digest, *map(text_of, values)], self.document.experiment.labels
        return [
            [*begin, label, str(replica), *map(text_of, self._measured(results, run, replica))]
            for run, label in zip(results, labels, strict=True)
            for replica in range(results.experiment.replicas)
        ]

    def _measured(self, results: Results, run: RunResults, replica: int) -> Iterator[Any]:
        for name in self.quantities:
            yield _last(getattr(run, name)[replica], run.diverged is not None)
        yield run.diverged.step if run.diverged else None
        for name, value in self.reach:
            yield first_at(results.steps, getattr(run, name)[replica], value)


def _last(values: npt.NDArray[np.float64], is_gone: bool) -> float | None:
    """Return the last value: of what is measured now and then, the last one known."""
    known = values[-1:] if is_gone else values[np.isfinite(values)]
    return float(known[-1]) if known.size and np.isfinite(known[-1]) else None


def first_at(steps: npt.NDArray[np.int64], values: npt.NDArray[np.float64], wanted: float) -> int | None:
    """Return the first step at which a quantity has come to a value from where it began, None if it never has."""
    known = np.isfinite(values)
    if not known.any():
        return None
    steps, values = steps[known], values[known]
    there = values >= wanted if values[0] < wanted else values <= wanted
    return int(steps[np.argmax(there)]) if there.any() else None


def text_of(value: Any) -> str:
    """Return a value as tables have it: a float so that it is read back exactly, nothing for None."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=float)


# Running


def sweep_experiment(
    source: Document | Path | str | None,
    settings: Mapping[str, Any],
    executor: Executor | None = None,
    out: Path | None = None,
    reach: Mapping[str, float] | None = None,
    progress: Progress | None = None,
) -> Table:
    """Return the table of a sweep, see :func:`gradsim.sweep`."""
    begin, kind = document_of(source), {name: settings[name] for name in ("kind",) if name in settings}
    table = full_table(with_settings(begin, kind).experiment)
    usual = {**table["runs"][0], **table}
    varied = {name: tuple(values) for name, values in settings.items() if is_varied(values, usual.get(name))}
    document = with_settings(begin, {name: value for name, value in settings.items() if name not in varied})
    wanted = tuple((name, float(value)) for name, value in (reach or {}).items())
    grid = Grid(document, tuple(varied), tuple(map(_plain_values, varied.values())), wanted)
    grid.check()
    file = _File(out, grid)
    done = file.read()
    jobs = [(i, values) for i, values in enumerate(grid.combinations()) if i not in done]
    tell = progress or (lambda count, whole: None)
    tell(len(done), len(grid))
    with nullcontext(executor) if executor else processes() as running, file:
        for i, rows in _computed(running, grid, jobs):
            done[i] = rows
            file.keep(done)
            tell(len(done), len(grid))
    return Table(grid.columns, _in_order(done))


def is_varied(value: Any, usual: Any) -> bool:
    """Tell whether a setting is given several values, to be tried in turn; `usual` is one value of it."""
    if not _is_list(value):
        return False
    return all(map(_is_list, value)) if _is_list(usual) else True


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence | np.ndarray) and not isinstance(value, str)


def _plain_values(values: Iterable[Any]) -> Values:
    return tuple(value.item() if isinstance(value, np.generic) else value for value in values)


def _computed(executor: Executor, grid: Grid, jobs: Sequence[tuple[int, Values]]) -> Iterator[tuple[int, Rows]]:
    """Yield the rows of each job, as they are done."""
    waiting, pending = iter(jobs), dict[Future[Rows], int]()
    try:
        while True:
            for i, values in waiting:
                pending[executor.submit(grid.rows, values)] = i
                if len(pending) >= _AT_ONCE:
                    break
            if not pending:
                return
            done = wait(pending, return_when=FIRST_COMPLETED).done
            for future in sorted(done, key=_has_failed):  # what has gone well is kept
                yield pending.pop(future), future.result()
    finally:
        for future in pending:
            future.cancel()


def _has_failed(future: Future[Rows]) -> bool:
    return future.exception() is not None


@contextmanager
def processes(count: int | None = None) -> Iterator[Executor]:
    """Give an executor of so many processes, or one for each core, which ends with what it is at."""
    with ProcessPoolExecutor(count, initializer=_leave_interrupts_to_the_parent) as executor:
        try:
            yield executor
        finally:
            executor.shutdown(wait=True, cancel_futures=True)


def _leave_interrupts_to_the_parent() -> None:
    """Ignore Ctrl+C, which goes to all processes: the one that waits for the others ends them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


# The file


class _File:
    """The table on disk, whole at any time: a sweep that was ended goes on with the combinations it lacks."""

    def __init__(self, path: Path | None, grid: Grid) -> None:
        self._path, self._grid = path, grid
        self._done: dict[int, Rows] = {}
        self._saved_s, self._saved = 0.0, -1
        if path is not None:
            check_target(path, (".csv",))

    def read(self) -> dict[int, Rows]:
        """Return the rows of the combinations that are done, by their numbers."""
        if self._path is None or not exists(self._path):
            return {}
        try:
            with io.TextIOWrapper(opened(self._path), "utf-8") as file:
                names, *rows = list(csv.reader(file))
        except (OSError, ValueError, csv.Error):
            names, rows = [], []
        if names != self._grid.columns or any(row[:1] != [self._grid.digest] for row in rows):
            raise FileError(f"{self._path}: it holds another table; name another file, or delete it")
        numbers = {tuple(map(text_of, values)): i for i, values in enumerate(self._grid.combinations())}
        found: dict[int, Rows] = {}
        for row in rows:
            number = numbers.get(tuple(row[1 : 1 + len(self._grid.names)]))
            if number is not None:
                found.setdefault(number, []).append(row)
        return found

    def keep(self, done: dict[int, Rows]) -> None:
        """Write what is done, unless that was a moment ago."""
        self._done = done
        if time.monotonic() - self._saved_s > _SAVED_EVERY_S:
            self._save()

    def _save(self) -> None:
        if self._path is not None and self._done and len(self._done) != self._saved:
            write_bytes(self._path, _csv(self._grid.columns, _in_order(self._done)).encode())
            self._saved = len(self._done)
        self._saved_s = time.monotonic()

    def __enter__(self) -> _File:
        return self

    def __exit__(self, *_: object) -> None:
        self._save()


def _in_order(done: Mapping[int, Rows]) -> Rows:
    return [row for i in sorted(done) for row in done[i]]


def _csv(names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([names, *rows])
    return text.getvalue()

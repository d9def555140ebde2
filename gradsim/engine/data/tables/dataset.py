"""The user's own data, from a CSV file."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import NamedTuple, Self

from gradsim.engine.data.pictures.inside import file_of
from gradsim.engine.data.samples import DATASETS, SEED, SPLITS, TEST, Cache, Dataset, Split
from gradsim.engine.data.tables.reader import read_table
from gradsim.engine.data.tables.report import TableError
from gradsim.engine.data.tables.rows import MAX_CELLS, SEPARATORS
from gradsim.engine.data.tables.samples import Splitter
from gradsim.engine.data.tables.table import Reading, Table
from gradsim.engine.data.tables.text import ENCODINGS, unreadable
from gradsim.engine.data.tables.understanding import understood
from gradsim.schema.errors import Phrase
from gradsim.schema.ordinary import check_ordinary
from gradsim.schema.parameters import Choice, FilePath, Integer, ParameterError, Text

TABLE_ENDINGS = (".csv", ".tsv", ".txt", ".tab", ".dat")
"""How the names of tables end."""

TABLES: Cache[Table] = Cache(32 * 2**20)


class _Refusal(NamedTuple):
    """Why a table is refused, without what an exception holds on to besides."""

    path: str
    problem: str
    line: int
    place: int
    nbytes: int = 1

    @classmethod
    def of(cls, error: ParameterError) -> Self:
        line, place = (error.line, error.place) if isinstance(error, TableError) else (0, 0)
        return cls(error.path, error.problem, line, place)


_REFUSALS: Cache[_Refusal] = Cache(100)
"""The last of them: the same table is asked for several times after a change of its settings."""

SMALL_BYTES = 200_000
"""A file of so many bytes is read in less time than the eye notices."""

Version = tuple[Path, int, int]
"""A file, its time and its size."""

_MOST_LOOKED_AT = 100
_LOOKED_AT: dict[Csv, Version] = {}
"""How files were when tables were last looked at, the latest last."""


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
    """A table of the user's own: a sample per row, one or several target columns, all other columns inputs.

    Rows are shuffled before the split, as files are often sorted by class.
    Inputs, and targets that are numbers, are standardised: each column is shifted
    and scaled to mean 0 and standard deviation 1 over the training set, so that
    usual learning rates suit; the squared error is then in units of the target's
    variance. A column that is constant over the training set becomes 0. A column
    of text becomes an input for each text, 1 in its rows and 0 in others; of
    True and False, one input. Classes are numbered in the order of their labels;
    of two, the second is 1. Several target columns are independent labels, used
    as they are, if all of them hold only 0 and 1; otherwise they are numbers.
    """

    key = "csv"
    label = "CSV file"
    own = True

    path: str = FilePath(
        "File",
        help="A CSV file or another text file of a table; in an experiment file its path starts from that file's "
        "folder.",
        most=4096,
        endings=TABLE_ENDINGS,
        basic=True,
    ).field("")
    target: str = _Column(
        "Target column",
        help="What is learnt: a column by name or position (from 1; -1 is the last). Several, with "
        "commas: numbers, or labels that are there (1) or not (0).",
        most=1000,
        basic=True,
    ).field("-1")
    task: str = Choice(
        "Task",
        help="Whether targets are classes or numbers; auto: text and few whole numbers are classes.",
        choices=("auto", "classes", "numbers"),
    ).field("auto")
    leave_out: str = _Column(
        "Columns to leave out",
        help="Columns that are no inputs, such as a number of the row, by name or position, with commas.",
        most=4000,
        basic=True,
    ).field("")
    missing: str = Choice(
        "Missing values",
        help="Cells without a value of their column: the table is refused, their rows are left out, or inputs take "
        "the mean over the training set.",
        choices=("refuse", "leave_out", "mean"),
        labels=("Refuse", "Leave rows out", "Mean of the column"),
        basic=True,
    ).field("refuse")
    scaling: str = Choice(
        "Scaling",
        help="How inputs and targets that are numbers are scaled, by their values in the training set: to mean 0 and "
        "standard deviation 1; from 0 to 1; not at all.",
        choices=("standardise", "range", "none"),
        labels=("Mean 0, deviation 1", "0 to 1", "None"),
    ).field("standardise")
    order: str = Choice(
        "Order",
        help="The order of rows before those for testing are split off at the end.",
        choices=("shuffled", "position"),
        labels=("Shuffled", "As in the file"),
    ).field("shuffled")
    split_column: str = _Column(
        "Column for the split",
        help="A column that is no input, but says for each row train or test; or numbers or dates, by which rows are "
        "put in order before the split.",
        most=1000,
    ).field("")
    header: str = Choice(
        "Header",
        help="Whether the first row names the columns; auto: it does unless it holds numbers as the rows below.",
        choices=("auto", "yes", "no"),
    ).field("auto")
    separator: str = Choice(
        "Separator",
        help="What stands between cells; auto: the first of these that cuts the first rows alike.",
        choices=("auto", *SEPARATORS),
    ).field("auto")
    decimal: str = Choice(
        "Decimal mark",
        help="What stands before decimals; auto: a comma where numbers have one and none has a point.",
        choices=("auto", "point", "comma"),
    ).field("auto")
    marks: str = Choice(
        "Marks in numbers",
        help="Thousands separators, currency signs, %: the table is refused, or the marks are left out, so that "
        "1,050 is 1050 and 30% is 30.",
        choices=("refuse", "drop"),
        labels=("Refuse", "Leave them out"),
    ).field("refuse")
    encoding: str = Choice(
        "Encoding",
        help="How the file's bytes stand for letters; auto: UTF-8 where it is that, else a guess.",
        choices=("auto", *ENCODINGS),
    ).field("auto")
    skip: int = Integer(
        "Lines to skip",
        help="Lines above the names, such as notes; blank lines and those that start with # are skipped anyway.",
        low=0,
        high=10_000,
        slider=(0, 20),
    ).field(0)
    test_fraction: float = TEST.field(0.2)
    seed: int = SEED.field(0)

    def load(self) -> Split:
        """Return the samples that the file had when it was last looked at: what is shown of a run is of these.

        Raises
        ------
        ParameterError
            For a file that cannot be read, or whose content is not allowed; for one that has changed, if its samples
            are no longer at hand.
        """
        version = self.version or self._version()
        if SPLITS.find((self, version)) is None and version != self._version():
            changed = Phrase("{path}: has changed since it was read; begin the run anew", path=self.path)
            raise ParameterError("path", changed)
        return self._load(version)

    def look_again(self) -> None:
        self._load(self._version())

    @property
    def version(self) -> Version | None:
        """The file as it was when it was last looked at; None before."""
        found = _LOOKED_AT.get(self)
        return found if found and found[0] == Path(self.path).absolute() else None

    def _load(self, version: Version) -> Split:
        """Return the samples of the file, which is at this version, or whose samples are at hand."""
        split = self._split(version)
        _LOOKED_AT.pop(self, None)
        _LOOKED_AT[self] = version
        while len(_LOOKED_AT) > _MOST_LOOKED_AT:
            _LOOKED_AT.pop(next(iter(_LOOKED_AT)), None)
        return split

    def _split(self, version: Version) -> Split:
        known = _REFUSALS.find((self, version))
        if known:
            raise TableError(*known[:4])
        try:
            return SPLITS.get((self, version), lambda: self.splitter(self._table(version)).split())
        except ParameterError as error:
            _REFUSALS.get((self, version), partial(_Refusal.of, error))
            raise

    @property
    def is_small(self) -> bool:
        """Whether the file is read in less time than the eye notices; one that is not there is refused as fast."""
        try:
            return self._version()[2] <= SMALL_BYTES
        except ParameterError:
            return True

    @property
    def takes_time(self) -> bool:
        """Whether samples can be had only by reading a file that is not small."""
        if self.is_small:
            return False
        key = self, self.version or self._version()
        return SPLITS.find(key) is None and _REFUSALS.find(key) is None

    def table(self) -> Table:
        """Return the table of the file as it is now; ParameterError if it is refused."""
        return self._table(self._version())

    def told(self) -> list[str]:
        try:
            return list(_told(self, self._version()))
        except ParameterError:
            return []

    def _version(self) -> Version:
        """Return the file as it is now; ParameterError if there is none."""
        if not self.path:
            raise ParameterError("path", Phrase("is missing; give the path of a CSV file"))
        path = Path(self.path).absolute()
        try:
            found = check_ordinary(file_of(path))
        except OSError as error:
            raise ParameterError(
                "path", Phrase("{path}: {problem}", path=self.path, problem=unreadable(error))
            ) from None
        return path, found.st_mtime_ns, found.st_size

    @property
    def reading(self) -> Reading:
        """The settings that decide how the file is read."""
        return Reading(**{field.name: getattr(self, field.name) for field in fields(Reading)})

    def _table(self, version: Version) -> Table:
        return TABLES.get((version, self.reading), partial(read_table, self.reading))

    def splitter(self, table: Table) -> Splitter:
        """Return what makes samples of the table."""
        return Splitter(table, self.path, self.task, self.scaling, self.order, self.test_fraction, self.seed)

    @property
    def file(self) -> Path | None:
        return Path(self.path) if self.path else None

    def with_file(self, path: Path) -> Self:
        return replace(self, path=str(path))

    def resolved_in(self, folder: Path) -> Self:
        return replace(self, path=str(folder.absolute() / self.path)) if self.path else self

    def relative_to(self, folder: Path) -> Self:
        if not self.path:
            return self
        path, folder = Path(self.path).absolute(), folder.absolute()
        return replace(self, path=path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path))


@lru_cache(maxsize=16)
def _told(spec: Csv, version: Version) -> tuple[str, ...]:
    """Return how a table of which a file holds this version is understood; () if it is refused."""
    report = understood(spec)
    return () if report.refusal else (report.summary, *report.told)

"""Kinds of table that people have, with examples: ``docs/tables.md`` says what becomes of them, tests hold it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gradsim.engine.data.tables import Csv
from gradsim.engine.data.tables.report import TableReport
from gradsim.engine.data.tables.understanding import understood
from gradsim.words.markdown import table

ROWS = 30
SHOWN_LINES = 3


@dataclass(frozen=True)
class Example:
    """A table, and what should become of it.

    Attributes
    ----------
    kind
        What is particular about it.
    content
        The file.
    settings
        Settings of the data besides the file.
    twin, twin_settings
        A clean table of the same numbers, and its settings; "" where the table is refused.
    refused
        The end of the line that refuses it; "" where it is not.
    """

    kind: str
    content: str | bytes
    settings: Mapping[str, Any] = field(default_factory=dict)
    twin: str = ""
    refused: str = ""
    twin_settings: Mapping[str, Any] = field(default_factory=dict)

    def report(self, content: str | bytes, settings: Mapping[str, Any]) -> TableReport:
        """Return how a table is understood."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "table.csv"
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
            return understood(Csv(path=str(path), **settings))

    @property
    def outcome(self) -> str:
        """What the program says of it."""
        report = self.report(self.content, self.settings)
        if report.refusal:
            name = report.path
            return f"Refused: {report.refusal.problem}".replace(name, "table.csv")
        return ". ".join([report.summary, *report.told])


def _rows(make: Any, count: int = ROWS) -> str:
    return "".join(f"{make(i)}\n" for i in range(count))


def _a(i: int) -> float:
    return (i * 7 % 23) / 2


def _kind(i: int) -> str:
    return ("red", "green", "blue")[i % 3]


CLEAN = "a,b,kind\n" + _rows(lambda i: f"{_a(i)},{i % 11},{_kind(i)}")
NUMBERS = "a,b\n" + _rows(lambda i: f"{_a(i)},{i % 11 + 0.25}")
LABELS = "a,k\n" + _rows(lambda i: f"{_a(i)},{i % 2}")
PRICES = "a,price\n" + _rows(lambda i: f"{_a(i)},{1000 + 37 * i}")


def _without_row(text: str, row: int) -> str:
    lines = text.splitlines(keepends=True)
    return "".join(lines[: row + 1] + lines[row + 2 :])


def _with_cell(text: str, row: int, column: int, cell: str) -> str:
    lines = [line.split(",") for line in text.splitlines()]
    lines[row + 1][column] = cell
    return "".join(",".join(line) + "\n" for line in lines)


def _with_commas(text: str) -> str:
    return _each_last(text.replace(".", ";"), '"{}","{}"').replace(";", ",")


def _with_thousands(text: str, decimal: str = ".") -> str:
    head, *rows = text.splitlines()
    cells = [row.split(",") for row in rows]
    return f"{head}\n" + "".join(f'"{a.replace(".", decimal)}","{int(b):,}"\n' for a, b in cells)


def _each_last(text: str, make: str) -> str:
    head, *rows = text.splitlines()
    return f"{head}\n" + "".join(make.format(*row.split(",")) + "\n" for row in rows)


_EVEN = "a,b,k\n" + _rows(lambda i: f"{_a(i)},4,{i % 2}")
_COLOURS = ("blue", "green", "red")
_STAMPS = "t,y\n" + _rows(lambda i: f"{1_700_000_000_000_000_000 + 1000 * i},{_a(i) + 0.1}")
_NAMED = "name,a,k\n" + _rows(lambda i: f"person {i},{_a(i)},{i % 2}", 120)
_IDS = "Id,a,b,kind\n" + "".join(
    f"{i + 1},{_a(i)},{i % 11},{('red', 'green', 'blue')[i // 10]}\n" for i in range(ROWS)
)
_DATES = "date,a,y\n" + _rows(lambda i: f"2024-{i // 28 + 1:02}-{i % 28 + 1:02},{_a(i)},{i % 11 + 0.25}")
_SETS = "set,a,k\n" + _rows(lambda i: f"{'test' if i % 3 == 0 else 'train'},{_a(i)},{i * i % 5 % 2}")
_FRENCH = CLEAN.replace("a,b,kind", "größe,b,kind").replace("green", "vert d'été")
_CHINESE = CLEAN.replace("a,b,kind", "长度,b,颜色").replace("red", "红").replace("green", "绿").replace("blue", "蓝")

EXAMPLES: Sequence[Example] = (
    Example("decimal comma, semicolons", NUMBERS.replace(",", ";").replace(".", ","), twin=NUMBERS),
    Example("decimal comma in quotes", _with_commas(NUMBERS), twin=NUMBERS),
    Example(
        "decimal comma and decimal point",
        "a;b;k\n" + _rows(lambda i: f"{i},5;{i % 7}.5;{i % 2}"),
        refused="'0,5' has another decimal mark than other cells; mend it, or set decimal = \"comma\" or \"point\"",
    ),
    Example(
        "thousands separators",
        _with_thousands(PRICES),
        refused="'1,000' may be 1000 or 1.000; set marks = \"drop\", or decimal = \"comma\"",
    ),
    Example("the same, left out", _with_thousands(PRICES), {"marks": "drop"}, twin=PRICES),
    Example(
        "the same, as decimals", _with_thousands(PRICES, ","), {"decimal": "comma"},
        twin="a,price\n" + _rows(lambda i: f"{_a(i)},{(1000 + 37 * i) / 1000}"),
    ),
    Example(
        "currency signs",
        _each_last(PRICES, "{},${}"),
        refused="'$1000' is a number with marks; set marks = \"drop\" to read 1000",
    ),
    Example("the same, left out", _each_last(PRICES, "{},${}"), {"marks": "drop"}, twin=PRICES),
    Example(
        "per cent",
        _each_last(NUMBERS, "{},{}%"),
        refused="'0.25%' is a number with marks; set marks = \"drop\" to read 0.25",
    ),
    Example("the same, left out", _each_last(NUMBERS, "{},{}%"), {"marks": "drop"}, twin=NUMBERS),
    Example(
        "NA in a target of numbers",
        _with_cell(LABELS, 1, 1, "NA"),
        refused="'NA' is not a number such as -1.5, as most of the column are; "
        'set missing = "leave_out", or task = "classes"',
    ),
    Example(
        "the same, rows left out", _with_cell(LABELS, 1, 1, "NA"), {"missing": "leave_out"},
        twin=_without_row(LABELS, 1),
    ),
    Example(
        "the same, as a class", _with_cell(LABELS, 1, 1, "NA"), {"task": "classes"},
        twin=_with_cell(LABELS, 1, 1, "NA").replace(",0\n", ",a0\n").replace(",1\n", ",a1\n").replace("NA", "b"),
    ),
    Example(
        "? in an input",
        _with_cell(CLEAN, 1, 1, "?"),
        refused="'?' is not a number such as -1.5, as most of the column are; "
        'set missing = "leave_out" or "mean", or name the column in leave_out',
    ),
    Example(
        "the same, rows left out", _with_cell(CLEAN, 1, 1, "?"), {"missing": "leave_out"}, twin=_without_row(CLEAN, 1)
    ),
    Example(
        "the same, the mean", _with_cell(_EVEN, 1, 1, "?"), {"missing": "mean"}, twin=_EVEN,
    ),
    Example(
        "an empty cell",
        _with_cell(CLEAN, 1, 0, ""),
        refused='is empty; each cell needs a value, or set missing = "leave_out" or "mean", '
        "or name the column in leave_out",
    ),
    Example(
        "names that are numbers",
        "0,1,2,label\n" + _rows(lambda i: f"{_a(i)},{i % 5},{i % 7},{i % 2}"),
        twin="x,y,z,label\n" + _rows(lambda i: f"{_a(i)},{i % 5},{i % 7},{i % 2}"),
    ),
    Example(
        "years as names",
        "2019,2020,change\n" + _rows(lambda i: f"{_a(i)},{i % 5},{i % 7 + 0.5}"),
        twin="x,y,change\n" + _rows(lambda i: f"{_a(i)},{i % 5},{i % 7 + 0.5}"),
    ),
    Example(
        "names that count on from 0",
        "0,1,2\n" + _rows(lambda i: f"{_a(i)},{i % 5},{i % 7 + 0.5}"),
        twin="x,y,z\n" + _rows(lambda i: f"{_a(i)},{i % 5},{i % 7 + 0.5}"),
    ),
    Example(
        "no names", CLEAN.partition("\n")[2], twin=CLEAN
    ),
    Example(
        "a constant column",
        "x,c,y\n" + _rows(lambda i: f"{_a(i)},7,{i % 11 + 0.25}"),
        twin="x,c,y\n" + _rows(lambda i: f"{_a(i)},0,{i % 11 + 0.25}"),
    ),
    Example(
        "far from zero and close together: times in nanoseconds", _STAMPS,
        twin="t,y\n" + _rows(lambda i: f"{1000 * i},{_a(i) + 0.1}"),
    ),
    Example("a comma at each line's end", CLEAN.replace("\n", ",\n"), twin=CLEAN),
    Example("empty rows at the end", CLEAN + ",,\n,,\n", twin=CLEAN),
    Example(
        "another separator in a name",
        CLEAN.replace("a,b", "a; in cm,b"), twin=CLEAN,
    ),
    Example(
        "a row of another length",
        CLEAN + "1,red\n",
        refused="line 32: has 2 cells, where the first row has 3, with commas between cells; else set separator",
    ),
    Example("Windows-1252", _FRENCH.encode("windows-1252"), twin=_FRENCH),
    Example("GB 18030", _CHINESE.encode("gb18030"), twin=_CHINESE),
    Example("UTF-16", CLEAN.encode("utf-16"), twin=CLEAN),
    Example(
        "notes above the names",
        "measured 2024\n\n" + CLEAN,
        refused="the first row has one cell, a later one 3; if notes stand above the names, "
        "tell with skip how many lines they take",
    ),
    Example("the same, skipped", "measured 2024\n\n" + CLEAN, {"skip": 1}, twin=CLEAN),
    Example("comments", "# measured 2024, in spring\n" + CLEAN, twin=CLEAN),
    Example("names in a comment", "# " + CLEAN, twin=CLEAN),
    Example("a line sep=", "sep=;\n" + CLEAN.replace(",", ";"), twin=CLEAN),
    Example(
        "units below the names",
        CLEAN.replace("kind\n", "kind\ncm,g,\n"),
        refused="line 2: column 'a': 'cm' is not a number such as -1.5, as most of the column are; "
        'set missing = "leave_out" or "mean", or name the column in leave_out',
    ),
    Example("the same, left out", CLEAN.replace("kind\n", "kind\ncm,g,\n"), {"missing": "leave_out"}, twin=CLEAN),
    Example("a number of the row, sorted by class", _IDS, twin=_IDS.replace("Id", "n")),
    Example(
        "the same, left out", _IDS, {"leave_out": "Id"},
        twin="".join(line.partition(",")[2] for line in _IDS.splitlines(keepends=True)),
    ),
    Example(
        "the index of pandas",
        "," + CLEAN.replace("\n", "\n{},", ROWS).format(*range(ROWS)),
        twin=CLEAN,
    ),
    Example(
        "names of people as a column",
        _NAMED,
        refused="column 'name' holds 120 texts, and at most 50 can be inputs; name it in leave_out",
    ),
    Example(
        "the same, left out", _NAMED, {"leave_out": "name"},
        twin="a,k\n" + _rows(lambda i: f"{_a(i)},{i % 2}", 120),
    ),
    Example(
        "text as an input",
        "colour,a,y\n" + _rows(lambda i: f"{_kind(i)},{_a(i)},{i % 11 + 0.25}"),
        twin="blue,green,red,a,y\n"
        + _rows(lambda i: f"{','.join(str(int(_kind(i) == k)) for k in _COLOURS)},{_a(i)},{i % 11 + 0.25}"),
    ),
    Example(
        "True and False as an input",
        "ok,a,y\n" + _rows(lambda i: f"{i % 3 > 0},{_a(i)},{i % 11 + 0.25}"),
        twin="ok,a,y\n" + _rows(lambda i: f"{int(i % 3 > 0)},{_a(i)},{i % 11 + 0.25}"),
    ),
    Example(
        "dates that put rows in order", "".join(reversed(_DATES.splitlines(keepends=True)[1:])),
        {"header": "no", "split_column": "1"},
        twin="".join(line.partition(",")[2] for line in _DATES.splitlines(keepends=True)[1:]),
        twin_settings={"order": "position"},
    ),
    Example(
        "a column that says train or test", _SETS, {"split_column": "set"},
        twin="a,k\n" + "".join(
            line.partition(",")[2]
            for word in ("train", "test") for line in _SETS.splitlines(keepends=True)[1:] if line.startswith(word)
        ),
        twin_settings={"order": "position", "test_fraction": 1 / 3},
    ),
    Example("byte order mark, lines of Windows", b"\xef\xbb\xbf" + CLEAN.replace("\n", "\r\n").encode(), twin=CLEAN),
    Example("lines of old Macs", CLEAN.replace("\n", "\r"), twin=CLEAN),
    Example("tabs", CLEAN.replace(",", "\t"), twin=CLEAN),
    Example("vertical bars", CLEAN.replace(",", "|"), twin=CLEAN),
    Example("blanks", CLEAN.replace(",", "  "), twin=CLEAN),
    Example("semicolons, decimal points", CLEAN.replace(",", ";"), twin=CLEAN),
    Example("commas and line breaks in names", CLEAN.replace("a,b,", '"a, in cm","b\nin g",'), twin=CLEAN),
    Example(
        "the target first", "kind,a,b\n" + _rows(lambda i: f"{_kind(i)},{_a(i)},{i % 11}"), {"target": "kind"},
        twin=CLEAN,
    ),
    Example("an empty file", "", refused="is empty"),
    Example("a compressed file", b"\x1f\x8b\x08\x00\x00", refused="is compressed, not text; unpack it first"),
    Example(
        "a spreadsheet", b"PK\x03\x04\x14\x00",
        refused="is a spreadsheet or another zip file, not text; save the table as CSV",
    ),
    Example(
        "a web page", "<!doctype html>\n<table>",
        refused="is a web page or XML, not a table of separated values; save the table as CSV",
    ),
    Example(
        "JSON", '[{"a": 1, "b": 2}]', refused="is JSON, not a table of separated values; save the table as CSV"
    ),
)  # fmt: skip

INTRODUCTION = """\
# Tables

<!-- Written by `python -m gradsim.documentation`: each outcome below is what the program says of the example. -->

`data = { name = "csv", path = "table.csv" }` trains on a table of one's own. What a file leaves open is guessed: its
encoding, its separator, its decimal mark, whether the first row has names. `gradsim check` and `gradsim run` say how
the table was understood, a file that is saved says so in comments on its top, and each guess has a setting that
replaces it ([all settings](file-format.md#data)). Where a guess could change what is learnt, the table is refused in
one line that names the file, the line, the column and the setting that decides.

- **Numbers or classes.** Text as a target is classes. Whole numbers are, if there are at most 20 different ones, with
  at least 5 rows each on average; `task` says otherwise. A column in which at least half of what is there are numbers
  is one of numbers: a cell with something else is refused, until `missing` or `task` says what it is.
- **Scaling.** Inputs, and targets that are numbers, have mean 0 and standard deviation 1 over the training set, or
  what `scaling` says. A column that is constant there is 0. From numbers far from zero and close together one of them
  is subtracted exactly, before they are rounded.
- **Batches.** Where a file does not give `batch_size`, it is 64, or all samples if there are fewer.
- **Limits.** 20 MB, 1,000,000 cells, 100 classes, 50 texts in a column of inputs, 4,000,000 numbers to train on.
- **Paths of Windows** in double quotes need `/` for `\\`, or single quotes: `path = 'C:\\data\\table.csv'`.

## What becomes of which table
"""


def tables() -> str:
    """Return the text of docs/tables.md."""
    return f"{INTRODUCTION}\n{table(['table', 'its first lines', 'settings', 'outcome'], _described())}"


def _described() -> Iterator[list[str]]:
    for example in EXAMPLES:
        settings = ", ".join(f"{key} = {value!r}".replace("'", '"') for key, value in example.settings.items())
        yield [example.kind, _shown(example.content), f"`{settings}`" if settings else "", _escaped(example.outcome)]


def _shown(content: str | bytes) -> str:
    """Return the first lines of a table in one line; of bytes that are no UTF-8, nothing."""
    if isinstance(content, bytes):
        return ""
    lines = content.splitlines()[:SHOWN_LINES]
    return " ⏎ ".join(f"`{line}`".replace("\t", "→") if line else "" for line in lines)


def _escaped(text: str) -> str:
    return text.replace("<", "&lt;").replace("*", "\\*").replace("_", "\\_")

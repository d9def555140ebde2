"""However a spreadsheet or pandas writes a table, its numbers are the same, or one line says why not."""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from gradsim.engine.data import Split
from gradsim.engine.data.tables import Csv
from gradsim.engine.data.tables.understanding import settled
from gradsim.schema.parameters import ParameterError
from tests.property.cases import cases

ENCODINGS = {
    "utf-8": ("größe", "种类"),
    "utf-8-sig": ("größe", "种类"),
    "utf-16": ("größe", "Ἀθήνα"),
    "windows-1252": ("größe", "vert d'été"),
    "gb18030": ("长度", "颜色"),
}
SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "space": " "}


@dataclass(frozen=True)
class Clean:
    """A clean table: cells as text, a row of names first."""

    names: Sequence[str]
    rows: Sequence[Sequence[str]]

    def text(self) -> str:
        """Return it as comma-separated values."""
        return written([self.names, *self.rows], ",", csv.QUOTE_MINIMAL)


def written(rows: Sequence[Sequence[str]], separator: str, quoting: Any) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=separator, quoting=quoting, lineterminator="\n").writerows(rows)
    return text.getvalue()


@st.composite
def cleans(draw: st.DrawFn, words: tuple[str, str]) -> Clean:
    height = draw(st.integers(25, 40))
    columns: list[list[str]] = []
    for _ in range(draw(st.integers(1, 3))):
        digits, size = draw(st.sampled_from([0, 1, 2, 3])), draw(st.sampled_from([9, 900, 90_000]))
        eighths = draw(st.lists(st.integers(-size, size), min_size=height, max_size=height))
        columns.append([f"{each / 8:.{digits}f}" for each in eighths])
    target = draw(st.sampled_from([["red", "ny y", words[1]], ["-1.5", "0.25", "0.5", "12.75"]]))
    columns.append(draw(st.lists(st.sampled_from(target), min_size=height, max_size=height)))
    return Clean([words[0], "b", "c", "d"][: len(columns)], list(zip(*columns, strict=True)))


def loaded(content: bytes, **settings: Any) -> tuple[Split, Split] | str:
    """Return the samples of a table; and again, with what was guessed written out. Or the line that refuses it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_bytes(content)
        data = Csv(path=str(path), **settings)
        try:
            return data.load(), settled(data).load()
        except ParameterError as error:
            return str(error)


def assert_same(one: Split, other: Split) -> None:
    assert one.classes == other.classes
    for a, b in zip((one.train, one.test), (other.train, other.test), strict=True):
        np.testing.assert_array_equal(a.x, b.x)
        np.testing.assert_array_equal(a.y, b.y)


def with_thousands(cell: str, mark: str) -> str:
    """Return a number with a mark between thousands, if there is one; other cells as they are."""
    found = re.fullmatch(r"(-?)(\d+)((?:\.\d+)?)", cell)
    return f"{found[1]}{int(found[2]):,}".replace(",", mark) + found[3] if found and mark else cell


def in_numbers(cell: str, old: str, new: str) -> str:
    return cell.replace(old, new) if re.fullmatch(r"-?[\d.]+", cell) else cell


@dataclass(frozen=True)
class Written:
    """A table as it is written, settings to read it, and whether it may be refused."""

    content: bytes
    settings: dict[str, Any]
    may_be_refused: bool


@st.composite
def ways(draw: st.DrawFn, clean: Clean, encoding: str) -> Written:
    """Write a clean table as a spreadsheet or pandas may."""
    separator = draw(st.sampled_from(list(SEPARATORS)))
    decimal = draw(st.sampled_from(".,"))
    thousands = draw(st.sampled_from(["", "", "", ",", "'"])) if decimal == "." else ""
    drops = draw(st.booleans())
    rows = [[in_numbers(with_thousands(cell, thousands), ".", decimal) for cell in row] for row in clean.rows]
    names = list(clean.names)
    if separator != "space" and draw(st.booleans()):  # as pandas writes its index
        names, rows = ["", *names], [[str(i), *row] for i, row in enumerate(rows)]
    if draw(st.booleans()):  # a separator at each line's end
        names, rows = [*names, ""], [[*row, ""] for row in rows]
    if separator != "space":
        blank = [[""] * len(names)]
        rows = rows[:7] + blank * draw(st.integers(0, 1)) + rows[7:] + blank * draw(st.integers(0, 3))
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    text = draw(_heads(separator)) + written([names, *rows], SEPARATORS[separator], quoting)
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    # Where each comma may be one of thousands, the table is refused; other marks are, unless they are to be dropped.
    cells = {cell for row in rows for cell in row}
    shows_decimals = any(re.fullmatch(r"-?(\d+,\d{1,2}|0,\d{3}|\d{4,},\d{3})", cell) for cell in cells)
    may_be_refused = not shows_decimals if decimal == "," else bool(thousands and not drops)
    settings = {"marks": "drop"} if thousands and drops else {}
    return Written(text.replace("\n", end).encode(encoding), settings, may_be_refused)


@st.composite
def _heads(draw: st.DrawFn, separator: str) -> str:
    """Return what may stand above a table."""
    lines = draw(st.lists(st.sampled_from(["# measured 2024, in spring; twice\n", "\n", "#\n"]), max_size=3))
    says = separator not in ("space", "comma") and draw(st.booleans())
    return "".join([f"sep={SEPARATORS[separator]}\n"] * says + lines)


REFUSAL = re.compile(r"path: .*table\.csv, line \d+: column '.*?': .* set (marks|decimal) = .*")


@cases(60)
@given(data=st.data())
def test_a_table_is_the_same_however_it_is_written(data: st.DataObject) -> None:
    encoding = data.draw(st.sampled_from(list(ENCODINGS)))
    clean = data.draw(cleans(ENCODINGS[encoding]))
    expected = loaded(clean.text().encode())
    assume(not isinstance(expected, str))
    assert not isinstance(expected, str)
    way = data.draw(ways(clean, encoding))
    found = loaded(way.content, **way.settings)
    if isinstance(found, str):
        assert way.may_be_refused
        assert REFUSAL.fullmatch(found)
        assert found.isprintable()
        return
    for one in found:
        assert_same(one, expected[0])

"""Tables of all kinds survive the way to a CSV file and back, and one bad cell is found wherever it is."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gradsim.engine.data.tables import Csv
from gradsim.engine.data.tables.reader import read_table
from gradsim.engine.data.tables.rows import SEPARATORS
from gradsim.engine.data.tables.table import Reading, Table
from gradsim.schema.parameters import ParameterError
from tests.property.cases import cases

numbers = st.floats(allow_nan=False, allow_infinity=False)
# What Python's own writer quotes, and what a reader may trip over.
words = st.text(
    st.characters(codec="utf-8", categories=["L", "N", "P", "S"]) | st.sampled_from(' ",;\t\n'), max_size=8
)
names_of_columns = words.map(lambda word: f"k{word}".strip())
labels = names_of_columns.filter(lambda name: not set("\t\n") & set(name))


def write(path: Path, rows: Sequence[Sequence[object]], separator: str) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter=SEPARATORS[separator]).writerows(rows)
    path.write_bytes(text.getvalue().encode())


def read(rows: Sequence[Sequence[object]], target: str, header: str, separator: str) -> Table:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        write(path, rows, separator)
        return read_table(Reading(path=str(path), target=target, header=header, separator=separator))


@cases(100)
@given(data=st.data())
def test_a_table_is_read_as_it_was_written(data: st.DataObject) -> None:
    width, height = data.draw(st.integers(2, 5)), data.draw(st.integers(1, 6))
    names = data.draw(st.lists(names_of_columns, min_size=width, max_size=width, unique=True))
    separator = data.draw(st.sampled_from(list(SEPARATORS)))
    at = data.draw(st.integers(0, width - 1))
    of_labels = data.draw(st.booleans())
    rows = [[data.draw(numbers) for _ in names] for _ in range(height)]
    targets: list[object] = [data.draw(labels) if of_labels else row[at] for row in rows]
    written = [[*row[:at], target, *row[at + 1 :]] for row, target in zip(rows, targets, strict=True)]
    table = read([names, *written], names[at], "yes", separator)
    assert table.names == (*names[:at], *names[at + 1 :])
    np.testing.assert_array_equal(table.x + table.zeros, np.delete(np.array(rows), at, axis=1))
    if of_labels:
        kinds = sorted({str(target) for target in targets})
        assert [kinds[int(i)] for i in table.targets[:, 0]] == targets
    else:
        assert (table.targets[:, 0] + table.target_zeros[0]).tolist() == targets
        assert table.text == ""


@cases(100)
@given(
    height=st.integers(3, 8),
    at=st.tuples(st.integers(0, 7), st.integers(0, 2)),
    bad=words | st.sampled_from(["nan", "inf", "1e999", "1_0", "0x1", "1,5", "--1", "1e", "+", "NA", "?", "１"]),
)
def test_a_bad_cell_is_named_wherever_it_is(height: int, at: tuple[int, int], bad: str) -> None:
    row, column = at[0] % height, at[1]
    try:
        plain = bad.isascii() and "_" not in bad and np.isfinite(float(bad))
    except ValueError:
        plain = False
    assume(not plain)
    rows: list[list[object]] = [[0.5, -1, 2.25, "x"] for _ in range(height)]
    rows[row][column] = bad
    with pytest.raises(ParameterError) as caught:
        read([["a", "b", "c", "k"], *rows], "k", "yes", "comma")
    line = row + 2 + bad.count("\n")
    assert f"table.csv, line {line}: column {'abc'[column]!r}" in str(caught.value)
    assert str(caught.value).isprintable()


@cases(100)
@given(content=st.binary(max_size=200) | st.text(st.sampled_from('0123456789.-eE,;\t\n\r" ax'), max_size=200))
def test_whatever_a_file_holds_is_read_or_refused_in_one_line(content: bytes | str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "any.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        try:
            split = Csv(path=str(path)).load()
        except ParameterError as error:
            line, sound = str(error), True
        else:
            line, sound = "", all(np.isfinite(part).all() for part in (split.train.x, split.train.y, split.test.x))
    assert sound
    assert line.isprintable()

"""The user's own table: how it is read, and the one line that says what is wrong with it."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradsim.cli import BAD_INPUT, DONE, main
from gradsim.engine.data import Split
from gradsim.engine.data.tables import Csv, progress, text
from gradsim.engine.data.tables.reader import read_table
from gradsim.engine.data.tables.table import Reading, Table
from gradsim.engine.types import Array
from gradsim.schema.parameters import ParameterError, encode
from gradsim.sim.documents.document import Document, read, resolved_in, write
from gradsim.sim.documents.experiments import full_table
from gradsim.sim.kinds.train.checks import check
from tests.unit.small import as_train, experiment, train_from, trained
from tests.unit.test_results import repeat

FLOWERS = "length,width,species\n" + "".join(
    f"{a},{b},{kind}\n"
    for kind, spread in (("rose", 1), ("iris", 3), ("tulip", 7))
    for a, b in ((1 * spread, 2), (2 * spread, 5), (4, 3 * spread), (spread, spread))
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "flowers.csv").write_text(FLOWERS)
    return tmp_path


def saved(folder: Path, content: str | bytes, **settings: Any) -> Csv:
    path = folder / "table.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return Csv(path=str(path), **settings)


def whole(split: Split) -> tuple[Array, Array]:
    return np.concatenate([split.train.x, split.test.x]), np.concatenate([split.train.y, split.test.y])


# What is read.

ROWS = [(1.0, 10.0), (2.0, -5.5), (3.5, 2.0), (-4.0, 0.25), (7.0, 1e3)]
X = np.array(ROWS)


def scaled(x: Array) -> Array:
    """Return standardised columns, in an order that does not depend on how rows were shuffled."""
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    return np.asarray(x[np.argsort(x[:, 0])])


def lines(separator: str = ",", end: str = "\n", quote: str = "") -> str:
    rows = [f"{a!r}{separator} {quote}{b!r}{quote}{separator}{1.5 * a!r}" for a, b in ROWS]
    return end.join(rows) + end


@pytest.mark.parametrize(
    ("content", "settings"),
    [
        (lines(), {}),
        (lines(";"), {}),
        (lines("\t"), {}),
        (lines(end="\r\n"), {}),
        (lines(end="\r"), {}),
        (lines().rstrip("\n"), {}),
        (lines(quote='"'), {}),
        (lines(end="\n\n"), {}),
        ("a,b,c\n" + lines(), {}),
        ("\ufeffa,b,c\n" + lines(), {"target": "c"}),
        ("a,b,c\n" + lines(), {"target": "3", "header": "yes"}),
        ('"a;1",b,c\n' + lines(), {"target": "-1"}),
        ("甲,乙,丙\n" + lines(), {"target": "丙"}),
        (lines(";"), {"separator": "semicolon", "header": "no"}),
    ],
)
def test_a_table_is_read_however_it_is_written(content: str, settings: dict[str, str], tmp_path: Path) -> None:
    split = saved(tmp_path, content, test_fraction=0.0, **settings).load()
    assert not split.classes
    x, y = whole(split)
    np.testing.assert_allclose(scaled(x), scaled(X), rtol=1e-12)
    np.testing.assert_allclose(y[:, 0], x[:, 0], rtol=1e-12)  # the target is in proportion to the first column


@pytest.mark.parametrize(("target", "inputs"), [("a", ("b", "c")), ("2", ("a", "c")), ("-1", ("a", "b"))])
def test_the_target_is_a_name_or_a_position(target: str, inputs: tuple[str, ...], tmp_path: Path) -> None:
    data = saved(tmp_path, "a,b,c\n" + lines(), target=target)
    assert read_table(data.reading).names == inputs


def test_a_name_goes_before_a_position(tmp_path: Path) -> None:
    data = saved(tmp_path, "2,b,1\n" + lines(), target="1", header="yes")
    assert read_table(data.reading).names == ("2", "b")


@pytest.mark.parametrize("target", ["c,a", "c, 1", "-1,1"])
def test_targets_may_be_several(target: str, tmp_path: Path) -> None:
    data = saved(tmp_path, "a,b,c\n" + lines(), target=target, test_fraction=0.0)
    table = read_table(data.reading)
    assert (table.names, table.target_names) == (("b",), ("c", "a"))
    np.testing.assert_array_equal(table.targets, np.stack([1.5 * X[:, 0], X[:, 0]], axis=1))
    split = data.load()
    assert not split.classes
    np.testing.assert_allclose(scaled(split.train.y), scaled(table.targets), rtol=1e-12)


@pytest.mark.parametrize("cells", [1, 4, 7, 15, 100])
@pytest.mark.parametrize("target", ["a", "c,a"])
def test_it_makes_no_difference_in_how_many_pieces_a_table_is_read(
    cells: int, target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = saved(tmp_path, "a,b,c\n" + lines(), target=target)
    whole_table = read_table(data.reading)
    monkeypatch.setattr(progress, "CELLS_AT_ONCE", cells)
    table = read_table(data.reading)
    np.testing.assert_array_equal(table.x, whole_table.x)
    np.testing.assert_array_equal(table.targets, whole_table.targets)
    wrong = saved(tmp_path, "a,b,c\n" + lines() + "1,?,2\n", target=target)
    assert f"line {len(ROWS) + 2}: column 'b': '?'" in refusal(wrong)


def test_a_name_with_a_comma_is_one_name(tmp_path: Path) -> None:
    data = saved(tmp_path, '"a,b",a,b\n1,2,3\n2,3,5\n', target="a,b")
    assert read_table(data.reading).target_names == ("a,b",)


LABELS = "a,b,red,round\n" + "".join(f"{i % 7},{i % 5},{int(i % 7 > 3)},{int(i % 5 > 1)}\n" for i in range(70))


def test_several_columns_of_zeros_and_ones_are_labels(tmp_path: Path) -> None:
    split = saved(tmp_path, LABELS, target="red,round").load()
    assert split.train.y.shape == (56, 2)
    assert np.unique(split.train.y).tolist() == [0.0, 1.0]
    numbers = saved(tmp_path, LABELS, target="red,round", task="numbers").load()
    np.testing.assert_allclose(numbers.train.y.std(axis=0), 1.0, rtol=1e-12)


def test_several_labels_are_learnt_by_as_many_sigmoids(tmp_path: Path) -> None:
    saved(tmp_path, LABELS)
    table = {
        "hidden": "[8]",
        "output": '"sigmoid"',
        "loss": '"cross_entropy"',
        "optimizer": '{ name = "adam", learning_rate = 0.05 }',
    }
    data = 'path = "table.csv"\ntarget = "red, round"'
    spec = replace(as_train(read(write_experiment(tmp_path / "x.toml", data, **table)).experiment), steps=300)
    _, tape = trained(spec)
    loss = tape.until(300).replicas(0, "loss")
    assert (loss[-1] < 0.1 * loss[0]).all()
    assert np.isnan(tape.until(300).replicas(0, "accuracy")).all()
    softmax = write_experiment(tmp_path / "y.toml", data)
    with pytest.raises(ParameterError, match=r"runs\[0\].output: 'softmax' needs .*; take the output sigmoid$"):
        check(as_train(read(softmax).experiment))


def test_a_position_may_be_a_number_in_the_file() -> None:
    table = {"data": {"name": "csv", "path": "x.csv", "target": 2}, "runs": [{}]}
    assert train_from(table).data == Csv(path="x.csv", target="2")


@pytest.mark.parametrize(
    ("values", "task", "classes"),
    [
        (["x", "y"] * 10, "auto", True),
        (["0", "1"] * 10, "auto", True),
        (["3", "-1", "7.0", "7"] * 5, "auto", True),
        (["0.5", "1"] * 10, "auto", False),
        ([str(i % 7) for i in range(20)], "auto", False),
        ([str(i) for i in range(20)], "auto", False),
        (["0", "1"] * 10, "numbers", False),
        (["0.5", "1.5"] * 10, "classes", True),
    ],
)
def test_text_and_few_whole_numbers_are_classes(values: list[str], task: str, classes: bool, tmp_path: Path) -> None:
    content = "\n".join(f"{i},{value}" for i, value in enumerate(values))
    split = saved(tmp_path, content, task=task).load()
    assert split.classes is classes
    y = whole(split)[1]
    kinds = len({float(v) if v[-1].isdigit() else v for v in values})
    assert y.shape == (20, 1 if kinds == 2 or not classes else kinds)


def test_classes_are_in_order_of_their_labels(folder: Path) -> None:
    split = Csv(path=str(folder / "flowers.csv"), test_fraction=0.0).load()
    table = read_table(Csv(path=str(folder / "flowers.csv"), target="species").reading)
    order = [int(np.flatnonzero((scaled_by(table.x, table.x) == row).all(axis=1))[0]) for row in split.train.x]
    kinds = [line.split(",")[-1] for line in FLOWERS.splitlines()[1:]]
    assert [sorted(set(kinds))[i] for i in split.train.y.argmax(axis=1)] == [kinds[i] for i in order]


def scaled_by(x: Array, train: Array) -> Array:
    return np.asarray((x - train.mean(axis=0)) / train.std(axis=0))


def test_only_the_training_part_decides_the_scale(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    content = "\n".join(f"{a},{b},{c}" for a, b, c in rng.standard_normal((50, 3)) * [1, 100, 5] + 7)
    split = saved(tmp_path, content, test_fraction=0.3).load()
    for array in (split.train.x, split.train.y):
        np.testing.assert_allclose(array.mean(axis=0), 0.0, atol=1e-14)
        np.testing.assert_allclose(array.std(axis=0), 1.0, rtol=1e-14)
    assert len(split.test) == 15
    assert (split.test.x.std(axis=0) != 1.0).all()


def test_rows_are_shuffled_and_the_seed_says_how(folder: Path) -> None:
    path = str(folder / "flowers.csv")
    one, same, other = (Csv(path=path, seed=seed).load().train.y.tolist() for seed in (0, 0, 1))
    assert one == same != other
    assert one != sorted(one)


# The cache.


def test_a_changed_file_is_read_anew_once_it_is_looked_at_and_an_unchanged_one_is_not(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_files = []

    def noted(reading: Reading) -> Table:
        read_files.append(reading)
        return read_table(reading)

    monkeypatch.setattr("gradsim.engine.data.tables.dataset.read_table", noted)
    data = Csv(path=str(folder / "flowers.csv"))
    first = data.load()
    assert data.load() is first
    for fraction in (0.1, 0.3):  # another split of the same table
        Csv(path=data.path, test_fraction=fraction).load()
    assert len(read_files) == 1
    Path(data.path).write_text(FLOWERS + "9,9,rose\n")
    assert data.load() is first
    data.look_again()
    assert len(data.load().train) + len(data.load().test) == 13
    before = Path(data.path).stat()
    Path(data.path).write_text(FLOWERS + "8,9,rose\n")  # of the same size
    os.utime(data.path, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    data.look_again()
    data.look_again()
    assert len(read_files) == 3


# What is refused: settings, content, the line that says so.

GOOD = "a,b,kind\n1,2,x\n3,5,y\n"
CASES: dict[str, tuple[dict[str, Any], str | bytes, str]] = {
    "empty": ({}, "", "path: {}: is empty"),
    "only blank lines": ({}, "\n\n\r\n", "path: {}: is empty"),
    "only a mark": ({}, b"\xef\xbb\xbf", "path: {}: is empty"),
    "only a header": ({}, "a,b\n", "path: {}: has no row of data below its header"),
    "not UTF-8": (
        {"encoding": "utf-8"},
        b"a,b\n1,2\n3,\xe9\n",
        "path: {}, line 3: is not UTF-8 text; set its encoding, or save the table as UTF-8",
    ),
    "UTF-16": ({"encoding": "utf-8"}, GOOD.encode("utf-16"), "path: {}, line 1: is not UTF-8 text; *"),
    "not UTF-16": ({"encoding": "utf-16"}, GOOD + "1,2,xy", "path: {}, line *: is not UTF-16 text; *"),
    "bytes that are no text": ({}, b"a,b\n1,\x00\xff\n", "path: {}, line 2: is not UTF-8 text; *"),
    "bad cell": (
        {},
        GOOD + "1,two,x\n",
        "path: {}, line 4: column 'b': 'two' is not a number such as -1.5, as most of the column are; "
        'set missing = "leave_out" or "mean", or name the column in leave_out',
    ),
    "text in a column of numbers": (
        {"target": "a"},
        "a,b\n1,2\n2,3\n3,x\n",
        "path: {}, line 4: column 'b': 'x' is not a number *",
    ),
    "another decimal mark": (
        {},
        "a;b;k\n1,5;2.5;x\n3,5;2.5;y\n",
        "path: {}, line 2: column 'a': '1,5' has another decimal mark than other cells; "
        'mend it, or set decimal = "comma" or "point"',
    ),
    "Python's numbers": (
        {},
        "a,b\n1_000,1\n",
        "path: {}, line 2: column 'a': '1_000' is a number with marks; set marks = \"drop\" to read 1000",
    ),
    "not a number": ({}, "a,b\n1,1\nnan,1\n", "path: {}, line 3: column 'a': 'nan' is not a number *"),
    "infinite": ({}, "a,b\n1e999,1\n", "path: {}, line 2: column 'a': '1e999' is too large; numbers go to 1.8e+308"),
    "infinite target": ({}, "a,b\n1,2\n1,-1e999\n", "path: {}, line 3: column 'b': '-1e999' is too large; *"),
    "infinite among labels": ({}, "a,b\n1,x\n1,1e999\n", "path: {}, line 3: column 'b': '1e999' is too large; *"),
    "infinite and no name": ({}, "1e999,1\n1,2\n", "path: {}, line 1: column '1': '1e999' is too large; *"),
    "a bell in a label": ({}, GOOD + "1,2,x\a\n", "path: {}, line 4: column 'kind': 'x\\x07' holds a control *"),
    "a line break in a label": ({}, GOOD + '1,2,"x\ny"\n', "path: {}, line 5: column 'kind': 'x\\ny' holds a *"),
    "an escape in a label": ({}, GOOD + "1,2,\x1b[31m\n", "path: {}, line 4: column 'kind': '\\x1b[31m' holds *"),
    "other digits": ({}, "a,b\n１,1\n", "path: {}, line 2: column 'a': '１' is a number with marks; *"),
    "a null character": ({}, "a,b\n\0,1\n", "path: {}, line 2: column 'a': '\\x00' holds a control character *"),
    "without names": ({}, "1,2\n3,x\nz,4\n", "path: {}, line 3: column '1': 'z' is not a number *"),
    "missing value": (
        {},
        GOOD + "1,,x\n",
        "path: {}, line 4: column 'b' is empty; each cell needs a value, or "
        'set missing = "leave_out" or "mean", or name the column in leave_out',
    ),
    "missing target": (
        {},
        GOOD + "1,2, \n",
        "path: {}, line 4: column 'kind' is empty; each cell needs a value, or set missing = \"leave_out\"",
    ),
    "short row": (
        {},
        GOOD + "1,x\n",
        "path: {}, line 4: has 2 cells, where the first row has 3, with commas between cells; else set separator",
    ),
    "short row, separator known": (
        {"separator": "comma"},
        GOOD + "1,x\n",
        "path: {}, line 4: has 2 cells, where the first row has 3",
    ),
    "long row": ({}, GOOD + "\n1,2,3,x\n", "path: {}, line 5: has 4 cells, where the first row has 3, with *"),
    "line of a row of several lines": (
        {},
        'a,"b\nc",k\n1,1,x\n2,2,y\n1,?,x\n',
        "path: {}, line 5: column 'b\\nc': '?' is not *",
    ),
    "quote within": ({}, 'a,b\n1,"x"y\n', "path: {}, line 2: is not a row of separated values: *"),
    "quote without end": ({}, 'a,b\n1,"x\n', "path: {}, line 2: is not a row of separated values: *"),
    "one column": ({}, "a\n1\n", "path: {}: has one column only; beside the target an input is needed *"),
    "wrong separator": ({"separator": "tab"}, GOOD, "path: {}: has one column only; *"),
    "unknown target": (
        {"target": "knd"},
        GOOD,
        "target: 'knd' is not one of the columns 'a', 'b', 'kind'; did you mean 'kind'?",
    ),
    "unknown target of many": (
        {"target": "column_77"},
        ",".join(f"column{i}" for i in range(99)) + "\n",
        "target: 'column_77' is not one of the columns *'column11', …; did you mean 'column77'?",
    ),
    "a name twice": ({"target": "a"}, "a,b,a\n1,2,3\n", "target: 2 columns are called 'a'; give a position"),
    "a target twice": ({"target": "a, b,1"}, GOOD, "target: 'a, b,1' names the column 'a' twice"),
    "all are targets": (
        {"target": "a,kind,b"},
        GOOD,
        "target: 'a,kind,b' are all columns; beside the targets an input is needed",
    ),
    "unknown among several": ({"target": "a,c"}, GOOD, "target: 'c' is not one of the columns 'a', 'b', 'kind'*"),
    "nothing among several": ({"target": "a,"}, GOOD, "target: '' is not one of the columns 'a', 'b', 'kind'"),
    "text among several": (
        {"target": "a,kind"},
        GOOD,
        "path: {}, line 2: column 'kind': 'x' is not a number such as -1.5; of several targets each needs to be *",
    ),
    "a missing one of several": (
        {"target": "a,b"},
        "a,b,c\n1,2,1\n3, ,2\n",
        "path: {}, line 3: column 'b' is empty; *",
    ),
    "no labels though wanted": (
        {"target": "b,c", "task": "classes"},
        "a,b,c\n1,0,0\n2,1,2\n3,1,0\n",
        "path: {}: column 'c' holds other numbers than 0 and 1, which several targets that are *",
    ),
    "a label that all have": (
        {"target": "b,c", "test_fraction": 0.0},
        "a,b,c\n1,0,1\n2,1,1\n3,1,1\n",
        "path: {}: column 'c' is constant in the 3 rows for training; *",
    ),
    "one row to train on": (
        {"test_fraction": 0.5},
        "a,b,c\n1,0,1\n2,1,1\n",
        "path: {}: column 'a' is constant in the 1 row for training; *",
    ),
    "a row of one cell": ({}, GOOD + "1\n", "path: {}, line 4: has 1 cell, where the first row has 3, with *"),
    "position 0": ({"target": "0"}, GOOD, "target: there is no column 0; a position is from 1 to 3, or -1 for *"),
    "position too high": ({"target": "4"}, GOOD, "target: there is no column 4; a position is from 1 to 3, *"),
    "position -2": ({"target": "-2"}, GOOD, "target: there is no column -2; a position is from 1 to 3, *"),
    "constant columns alone": (
        {"test_fraction": 0.0},
        "b,k\n7,x\n7,y\n",
        "path: {}: column 'b' is constant in the 2 rows for training; there is nothing to learn from or of it",
    ),
    "one class": ({}, "a,b\n1,x\n2,x\n3,x\n", "path: {}: column 'b' holds one class only; at least 2 are needed"),
    "too many classes": (
        {"target": "k"},
        "a,k\n" + "".join(f"{i},k{i}\n" for i in range(101)),
        "path: {}: column 'k' holds 101 classes; at most 100 are allowed (it is text, first 'k0' in line 2)",
    ),
    "too many numbers for classes": (
        {"task": "classes"},
        "a,k\n" + "".join(f"{i},{i}\n" for i in range(101)),
        "path: {}: column 'k' holds 101 classes; at most 100 are allowed",
    ),
    "text for a number": (
        {"task": "numbers"},
        "a,b\n1,2\n2,?\n3,3\n",
        "path: {}, line 3: column 'b': '?' is not a number such as -1.5, *; set missing = \"leave_out\"",
    ),
    "constant target": (
        {"task": "numbers", "test_fraction": 0.0},
        "a,b\n1,2\n2,2\n",
        "path: {}: column 'b' is constant in the 2 rows for training; *",
    ),
    "numbers too far apart": (
        {"test_fraction": 0.0},
        "a,b\n1e308,x\n-1e308,y\n1e308,y\n",
        "path: {}: column 'a' holds numbers too far apart, or too close, to be standardised",
    ),
    "numbers too close": (
        {"test_fraction": 0.0},
        "a,b\n1e-300,x\n2e-300,y\n",
        "path: {}: column 'a' holds numbers too far apart, or too close, to be standardised",
    ),
}


def matches(line: str, pattern: str) -> bool:
    pieces = pattern.split("*")
    return line.startswith(pieces[0]) and line.endswith(pieces[-1]) and all(piece in line for piece in pieces)


def refusal(data: Csv) -> str:
    with pytest.raises(ParameterError) as caught:
        data.load()
    return str(caught.value)


@pytest.mark.parametrize("name", CASES)
def test_what_is_not_clear_gets_one_line(name: str, tmp_path: Path) -> None:
    settings, content, problem = CASES[name]
    data = saved(tmp_path, content, **settings)
    line = refusal(data)
    assert line.isprintable()
    assert len(line) < 500
    assert matches(line, problem.replace("{}", data.path)), line


def test_a_file_too_large_is_not_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "MAX_BYTES", 20)
    data = saved(tmp_path, "a,b\n" + "1,2\n" * 5)
    assert refusal(data) == f"path: {data.path}: has 24 bytes; at most 20 are allowed"


def test_too_many_cells_are_counted(tmp_path: Path) -> None:
    data = saved(tmp_path, "a,b\n" + "1,2\n" * 500_001)
    assert refusal(data) == f"path: {data.path}: has 1,000,002 cells; at most 1,000,000 are allowed"


def test_too_many_columns_of_classes_are_refused(tmp_path: Path) -> None:
    data = saved(tmp_path, "".join(f"{i},{i % 100}\n" for i in range(50_000)), task="classes")
    what = "column '2' holds 100 classes, a column each: 5,050,000 numbers with the inputs"
    assert refusal(data) == f"path: {data.path}: {what}; at most 4,000,000 are allowed"


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("", "path: is missing; give the path of a CSV file"),
        ("nowhere.csv", "path: nowhere.csv: cannot be read: No such file or directory"),
        (".", "path: .: cannot be read: Is a directory"),
        (os.devnull, f"path: {os.devnull}: cannot be read: It is not an ordinary file"),
        ("x" * 300, f"path: {'x' * 300}: cannot be read: File name too long"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_there(path: str, problem: str) -> None:
    assert refusal(Csv(path=path)) == problem


# In an experiment file.


def write_experiment(path: Path, data: str, **settings: Any) -> Path:
    path.parent.mkdir(exist_ok=True)
    table = {"hidden": "[4]", "batch_size": '"all"'} | settings
    common = "".join(f"{key} = {value}\n" for key, value in table.items())
    path.write_text(f'steps = 5\nreplicas = 2\n[data]\nname = "csv"\n{data}\n[common]\n{common}[[runs]]\n')
    return path


@pytest.mark.parametrize("where", [".", "other"])
def test_an_experiment_runs_from_any_folder(where: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "other").mkdir()
    path = write_experiment(folder / "flowers.toml", 'path = "flowers.csv"')
    monkeypatch.chdir(folder / where)
    assert main(["check", str(path)]) == DONE
    assert main(["run", os.path.relpath(path), "--out", "out.json"]) == DONE
    table = json.loads(Path("out.json").read_text())
    assert all(0 <= x <= 1 for replica in table["runs"][0]["accuracy"] for x in replica)


def test_without_a_file_the_path_starts_from_the_current_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    assert Csv(path="flowers.csv").load().classes


def test_a_bad_table_gets_one_line_that_names_both_files(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_experiment(folder / "bad.toml", 'path = "flowers.csv"\ntarget = "specis"')
    for command in ("check", "run"):
        assert main([command, str(path)]) == BAD_INPUT
        said = capsys.readouterr()
        assert said.err.startswith(f"gradsim: {path}: data.target: 'specis' is not one of the columns 'length', ")
        assert said.err.endswith("did you mean 'species'?\n")
        assert said.err.count("\n") == 1


def test_a_document_saved_elsewhere_finds_its_data(folder: Path) -> None:
    path = write_experiment(folder / "flowers.toml", 'path = "flowers.csv"')
    document = read(path)
    expected = as_train(document.experiment).data.load()
    elsewhere = folder / "saved"
    elsewhere.mkdir()
    for target, named in (
        (folder / "again.toml", "flowers.csv"),
        (elsewhere / "a.toml", str(folder / "flowers.csv")),
    ):
        write(target, document)
        assert f'path = "{named}"\n' in target.read_text()
        assert target.read_text().startswith(
            "# Data: 12 rows of 2 input columns and 3 classes: iris, rose, tulip; utf-8"
        )
        again = read(target)
        assert again == document
        assert as_train(again.experiment).data.load() is expected


def test_a_folder_with_both_files_may_move(folder: Path) -> None:
    document = read(write_experiment(folder / "set" / "flowers.toml", 'path = "data/flowers.csv"'))
    (folder / "set" / "data").mkdir()
    (folder / "flowers.csv").rename(folder / "set" / "data" / "flowers.csv")
    write(folder / "set" / "saved.toml", document)
    (folder / "set").rename(folder / "moved")
    assert as_train(read(folder / "moved" / "saved.toml").experiment).data.load().classes


@pytest.mark.parametrize("data", [Csv(), Csv(path="/somewhere/x.csv"), Csv(path="y.csv"), Csv(path="../z.csv")])
def test_reading_is_the_inverse_of_writing(data: Csv, tmp_path: Path) -> None:
    seen = data.resolved_in(tmp_path)
    assert seen.relative_to(tmp_path).resolved_in(tmp_path) == seen
    assert Csv(**encode(seen)) == seen


def test_data_that_need_no_file_stay_as_they_are(tmp_path: Path) -> None:
    document = Document(experiment())
    assert resolved_in(tmp_path, document) == document


# Results.


@pytest.mark.parametrize(
    ("output", "loss", "target"),
    [("softmax", "cross_entropy", "kind"), ("sigmoid", "cross_entropy", "kind"), ("linear", "mse", "a")],
)
def test_the_run_is_repeated_from_the_npz_without_the_table(
    output: str, loss: str, target: str, tmp_path: Path
) -> None:
    rng = np.random.default_rng(2)
    rows = "".join(f"{a},{b},{int(a > b)}\n" for a, b in rng.standard_normal((30, 2)))
    (tmp_path / "table.csv").write_text("a,b,kind\n" + rows)
    settings = {"output": f'"{output}"', "loss": f'"{loss}"', "batch_size": 4, "activation": '"tanh"'}
    path = write_experiment(tmp_path / "x.toml", f'path = "table.csv"\ntarget = "{target}"', **settings)
    assert main(["run", str(path), "--out", str(tmp_path / "out.npz")]) == DONE
    (tmp_path / "table.csv").unlink()
    with np.load(tmp_path / "out.npz", allow_pickle=False) as npz:
        file = dict(npz)
    assert 'path = "table.csv"' in str(file["experiment"])
    assert file["train_y"].shape == (24, 1)
    y = file["train_y"]
    seen = file | {"train_y": np.hstack([1 - y, y])} if output == "softmax" else file
    (run,) = full_table(read(path).experiment)["runs"]
    for replica in range(2):
        for number, array in enumerate(repeat(seen, 0, replica, run)):
            final = file[f"run0/replica{replica}/{'Wb'[number % 2]}{number // 2}/final"]
            assert np.linalg.norm(final - array) <= 1e-12 * np.linalg.norm(array)


# What pictures over the samples are told of the columns.

WITH_UNITS = """length (cm),"width [mm]",colour
5.1,2,red
4.9,3,blue
6.3,11,red
5.8,9,blue
7.1,21,green
6.5,18,green
5.0,4,blue
"""


def test_columns_lead_back_to_the_table(tmp_path: Path) -> None:
    path = tmp_path / "flowers.csv"
    path.write_text(WITH_UNITS)
    data = Csv(path=str(path), test_fraction=0.3).load()
    assert data.names == ("blue", "green", "red")
    assert [column.named() for column in data.inputs] == [("length", "cm"), ("width", "mm")]
    rows = [line.split(",") for line in WITH_UNITS.splitlines()[1:]]
    there = sorted((float(length), float(width), name) for length, width, name in rows)
    found = []
    for part in (data.train, data.test):
        own = [column.own(part.x[:, i]).round(9).tolist() for i, column in enumerate(data.inputs)]
        found += list(zip(*own, (data.names[i] for i in part.y.argmax(axis=1)), strict=True))
    assert sorted(found) == there
    assert not data.one_unit


def test_numbers_that_are_learnt_lead_back_to_the_table(tmp_path: Path) -> None:
    path = tmp_path / "numbers.csv"
    path.write_text("area,price (€)\n50,100.5\n70,180\n90,170\n120,260\n")
    data = Csv(path=str(path), test_fraction=0.25, task="numbers").load()
    [x], [y] = data.inputs, data.targets
    both = [
        (a, b)
        for part in (data.train, data.test)
        for a, b in zip(x.own(part.x[:, 0]).round(9), y.own(part.y[:, 0]).round(9), strict=True)
    ]
    assert sorted(both) == [(50, 100.5), (70, 180), (90, 170), (120, 260)]
    assert (x.name, y.named()) == ("area", ("price", "€"))


@pytest.mark.parametrize("cells", ["1,2,3", "0.5,1.5,2.5"])
def test_classes_that_are_numbers_are_called_by_these(tmp_path: Path, cells: str) -> None:
    path = tmp_path / "classes.csv"
    path.write_text("a,b\n" + "\n".join(f"{i},{cells.split(',')[i % 3]}" for i in range(15)))
    assert Csv(path=str(path), task="classes").load().names == tuple(cells.split(","))

"""Tables as people have them: each is read as its clean twin, or refused in one line that says what helps."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradsim.cli import BAD_INPUT, DONE, main
from gradsim.engine.data import Split
from gradsim.engine.data.tables import Csv
from gradsim.engine.data.tables.report import TableError, TableReport
from gradsim.engine.data.tables.understanding import settled, understood
from gradsim.schema.errors import FileError
from gradsim.schema.parameters import ParameterError
from gradsim.scripting import with_settings
from gradsim.sim.documents.document import parse, read
from gradsim.table_kinds import CLEAN, EXAMPLES, LABELS, NUMBERS, Example
from tests.unit.small import as_train
from tests.unit.test_csv import whole

IDS = [f"{i}: {example.kind}" for i, example in enumerate(EXAMPLES)]
READ = [example for example in EXAMPLES if example.twin]
REFUSED = [example for example in EXAMPLES if example.refused]


def csv(folder: Path, content: str | bytes, name: str = "table.csv", **settings: Any) -> Csv:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return Csv(path=str(path), **settings)


def report(folder: Path, content: str | bytes, **settings: Any) -> TableReport:
    return understood(csv(folder, content, **settings))


def assert_same(one: Split, other: Split) -> None:
    """Compare samples to the bit."""
    assert one.classes == other.classes
    for a, b in zip((one.train, one.test), (other.train, other.test), strict=True):
        np.testing.assert_array_equal(a.x, b.x)
        np.testing.assert_array_equal(a.y, b.y)


def test_each_example_is_read_or_refused() -> None:
    assert len(READ) + len(REFUSED) == len(EXAMPLES)


@pytest.mark.parametrize("example", READ, ids=lambda example: example.kind)
def test_a_table_is_read_as_its_clean_twin(example: Example, tmp_path: Path) -> None:
    found = csv(tmp_path, example.content, **example.settings).load()
    assert_same(found, csv(tmp_path, example.twin, "twin.csv", **example.twin_settings).load())


@pytest.mark.parametrize("example", REFUSED, ids=lambda example: example.kind)
def test_a_table_is_refused_in_one_line_that_says_what_helps(example: Example, tmp_path: Path) -> None:
    data = csv(tmp_path, example.content, **example.settings)
    with pytest.raises(ParameterError) as caught:
        data.load()
    line = str(caught.value)
    assert line.startswith(f"path: {data.path}")
    assert line.endswith(example.refused)
    assert line.isprintable()


@pytest.mark.parametrize("example", EXAMPLES, ids=IDS)
def test_what_was_guessed_can_be_set(example: Example, tmp_path: Path) -> None:
    data = csv(tmp_path, example.content, **example.settings)
    again = settled(data)
    if example.refused:
        assert again == data
        return
    assert "auto" not in {again.separator, again.decimal, again.encoding, again.header, again.task}
    assert_same(again.load(), data.load())


@pytest.mark.parametrize("example", EXAMPLES, ids=IDS)
def test_a_report_is_made_of_every_table(example: Example, tmp_path: Path) -> None:
    found = report(tmp_path, example.content, **example.settings)
    assert bool(found.refusal) == bool(example.refused)
    assert found.summary.isprintable()
    if found.refusal is None:
        assert found.rows == found.train + found.test
        assert [column.place for column in found.columns] == list(range(1, len(found.columns) + 1))
    is_text = isinstance(example.content, str) and example.content[:1] not in ("", "<", "[")
    assert bool(found.first) == (is_text or found.refusal is None)


def test_a_refused_table_shows_its_rows_and_the_cell(tmp_path: Path) -> None:
    found = report(tmp_path, LABELS.replace("3.5,1\n", "3.5,n.d.\n", 1))
    assert isinstance(found.refusal, TableError)
    assert (found.refusal.line, found.refusal.place) == (3, 2)
    assert found.first[:2] == (("0.0", "0"), ("3.5", "n.d."))
    assert found.lines[:2] == (2, 3)
    assert [(column.name, column.role, column.kind, column.missing) for column in found.columns] == [
        ("a", "input", "number", 0),
        ("k", "target", "number", 1),
    ]
    assert (found.separator, found.decimal, found.encoding, found.has_names) == ("comma", "point", "utf-8", True)


def test_a_ragged_table_is_judged_as_far_as_it_can_be_read(tmp_path: Path) -> None:
    found = report(tmp_path, CLEAN + "1,2\n")
    assert isinstance(found.refusal, TableError)
    assert found.refusal.line == 32
    assert [column.kind for column in found.columns] == ["number", "number", "text"]


def test_a_report_has_classes_and_scales(tmp_path: Path) -> None:
    found = report(tmp_path, CLEAN)
    a, b, kind = found.columns
    assert kind.values == ("blue", "green", "red")
    assert kind.counts == (10, 10, 10)
    assert (a.low, a.high, b.low, b.high) == (0.0, 11.0, 0.0, 10.0)
    assert a.scale is not None
    x = Csv(path=found.path).load().train.x[:, 0]
    assert found.task == "classes"
    np.testing.assert_allclose(np.sort(a.scale.own(x))[[0, -1]] % 0.5, 0.0, atol=1e-12)


def test_a_column_that_is_left_out_shows_what_it_holds(tmp_path: Path) -> None:
    for name, kind in (("a", "number"), ("kind", "text")):
        found = report(tmp_path, CLEAN, target="b", leave_out=name)
        [column] = found.of_role("left out")
        assert (column.name, column.kind) == (name, kind)


@pytest.mark.parametrize("path", ["nowhere.csv", ".", os.devnull])
def test_a_report_of_what_is_no_file_says_so(path: str) -> None:
    found = understood(Csv(path=path))
    assert found.refusal is not None
    assert not found.columns
    assert not found.first


def test_a_row_of_another_length_does_not_change_the_separator(tmp_path: Path) -> None:
    content = "length; cm,width,kind\n" + CLEAN.partition("\n")[2]
    with pytest.raises(ParameterError, match="line 32: has 2 cells, where the first row has 3, with commas between"):
        csv(tmp_path, content + "1,2\n").load()


@pytest.mark.parametrize(
    "word", ["NA", "nan", "NaN", "?", "-", "--", "null", "N/A", "n.d.", "missing", "#N/A", "inf", ""]
)
@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("content", [LABELS, NUMBERS])
def test_an_odd_cell_among_numbers_is_never_another_task(word: str, place: int, content: str, tmp_path: Path) -> None:
    lines = [line.split(",") for line in content.splitlines()]
    for row in (3, 7, 20):
        lines[row][place] = word
    odd = "".join(",".join(line) + "\n" for line in lines)
    name = lines[0][place]
    with pytest.raises(ParameterError, match=f"line 4: column '{name}'.* set missing = "):
        csv(tmp_path, odd).load()
    clean = "".join(",".join(line) + "\n" for i, line in enumerate(lines) if i not in (3, 7, 20))
    left = csv(tmp_path, odd, missing="leave_out").load()
    assert_same(left, csv(tmp_path, clean, "twin.csv").load())


def test_decimal_commas_between_blanks_are_no_separators(tmp_path: Path) -> None:
    rows = "".join(f"{i},5 {i * i % 7},25\n" for i in range(20))
    assert_same(csv(tmp_path, rows).load(), csv(tmp_path, rows.replace(" ", ";"), "twin.csv").load())


@pytest.mark.parametrize("scaling", ["standardise", "range", "none"])
def test_numbers_are_scaled_as_it_is_set(scaling: str, tmp_path: Path) -> None:
    data = csv(tmp_path, NUMBERS, scaling=scaling, order="position", test_fraction=0.0)
    found = data.load()
    own = np.array([[float(cell) for cell in line.split(",")] for line in NUMBERS.splitlines()[1:]])
    low, high = own.min(axis=0), own.max(axis=0)
    expected = {
        "standardise": (own - own.mean(axis=0)) / own.std(axis=0),
        "range": (own - low) / (high - low),
        "none": own,
    }[scaling]
    np.testing.assert_allclose(np.hstack([found.train.x, found.train.y]), expected, rtol=1e-13)
    for column, values, unscaled in zip(
        (*found.inputs, *found.targets), expected.T, own.T, strict=True
    ):  # fmt: skip
        np.testing.assert_allclose(column.own(values), unscaled, atol=1e-12)


def test_numbers_far_from_zero_lead_back_to_the_table(tmp_path: Path) -> None:
    rows = "".join(f"{10**15 + 3 * i},{i % 7 + 0.5}\n" for i in range(40))
    found = csv(tmp_path, rows, order="position", test_fraction=0.0).load()
    assert found.inputs[0].own(found.train.x[:, 0]).tolist() == [10**15 + 3 * i for i in range(40)]


def test_numbers_that_differ_beyond_double_precision_are_told_apart(tmp_path: Path) -> None:
    rows = "".join(f"{10**18 + i},{i % 7 + 0.5}\n" for i in range(40))
    near = "".join(f"{i},{i % 7 + 0.5}\n" for i in range(40))
    assert_same(csv(tmp_path, rows).load(), csv(tmp_path, near, "near.csv").load())


def test_one_outlier_does_not_leave_close_numbers_unscaled(tmp_path: Path) -> None:
    rows = "".join(f"{10**15 + i if i else 10**15 + 10**6},{i % 7 + 0.5}\n" for i in range(40))
    x = csv(tmp_path, rows, test_fraction=0.0).load().train.x
    assert abs(x.std() - 1.0) < 1e-12


def test_the_mean_is_that_of_the_training_set(tmp_path: Path) -> None:
    rows = [f"{i},{i % 7 + 0.5}" for i in range(20)]
    rows[3], rows[18] = "?,3.5", ",4.5"
    data = csv(tmp_path, "\n".join(rows), missing="mean", scaling="none", order="position")
    found = data.load()
    mean = np.mean([i for i in range(16) if i != 3])
    assert found.train.x[3, 0] == mean == found.test.x[2, 0]
    assert any(
        "the mean stands where a value is missing, in 2 of its cells" in note for note in understood(data).told
    )


def test_text_without_a_value_has_the_mean_of_its_columns(tmp_path: Path) -> None:
    rows = [f"{'xy'[i % 2]},{i},{i % 7 + 0.5}" for i in range(20)]
    rows[5] = ",5,1.5"
    found = csv(tmp_path, "\n".join(rows), missing="mean", scaling="none", order="position", test_fraction=0.0).load()
    assert found.train.x[5].tolist() == [10 / 19, 9 / 19, 5]


GIVES_AWAY = {
    "a number of the row": ("{i},{a},{i3}", "it alone tells the classes apart"),
    "a name of the class": ("{word},{a},{i3}", "each of its texts stands in one class only"),
    "a number that only counts": ("{i},{a},{odd}", "it numbers the rows"),
}


@pytest.mark.parametrize("name", GIVES_AWAY)
def test_a_column_that_gives_the_class_away_is_warned_of(name: str, tmp_path: Path) -> None:
    template, told = GIVES_AWAY[name]
    rows = "".join(
        template.format(i=i, a=i * 7 % 11, i3=i // 10, odd=i % 2, word=("one", "two", "three")[i // 10]) + "\n"
        for i in range(30)
    )
    first, second = report(tmp_path, "c,a,k\n" + rows).of_role("input")
    assert any(note.startswith(told) for note in first.notes)
    assert not second.notes


def test_a_measurement_is_not_warned_of(tmp_path: Path) -> None:
    rows = "".join(f"{i * i % 17},{i * 5 % 13},{'xy'[i // 15]}\n" for i in range(30))
    assert report(tmp_path, "a,b,k\n" + rows).told == ()


def test_a_word_for_no_value_is_told_as_a_class(tmp_path: Path) -> None:
    found = report(tmp_path, CLEAN.replace("green", "NA"))
    assert found.target == "3 classes: NA, blue, red"
    assert "column 'kind': 'NA' is a class like others" in found.told


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["1,050", "2,100", "980"], [1050, 2100, 980]),
        (["1,050.5", "-2,100", "0.5"], [1050.5, -2100, 0.5]),
        (["1 050", "2\u202f100", "3\u00a0200"], [1050, 2100, 3200]),
        (["$12", "-$3.5", "€ 4", "5 €", "￥6", "7元"], [12, -3.5, 4, 5, 6, 7]),
        (["EUR 12", "3.5 usd", "1,200 CHF"], [12, 3.5, 1200]),
        (["30%", "2.5 %", "70％"], [30, 2.5, 70]),
        (["\u22125", "-6", "7"], [-5, -6, 7]),
        (["１２", "３", "4"], [12, 3, 4]),
        (["1'000", "2’000", "3_000"], [1000, 2000, 3000]),
    ],
)
@pytest.mark.parametrize("target", ["a", "b"])
def test_numbers_with_marks_are_refused_or_read(
    cells: list[str], numbers: list[float], target: str, tmp_path: Path
) -> None:
    rows = [f'"{cells[i % len(cells)]}";{i + 0.5}\n' for i in range(30)]
    settings: dict[str, Any] = {"target": target, "order": "position", "scaling": "none", "task": "numbers"}
    with pytest.raises(ParameterError, match=r"line 2: column 'a': .* set marks = \"drop\""):
        csv(tmp_path, "a;b\n" + "".join(rows), **settings).load()
    found = csv(tmp_path, "a;b\n" + "".join(rows), marks="drop", **settings).load()
    x, y = whole(found)
    column = (y if target == "a" else x)[:, 0]
    assert column.tolist() == [numbers[i % len(cells)] for i in range(30)]


def test_labels_that_hardly_repeat_are_told(tmp_path: Path) -> None:
    found = report(tmp_path, "a,day\n" + "".join(f"{i},2024-01-{i + 1:02}\n" for i in range(20)))
    assert found.columns[1].notes[0].startswith("most of its classes have one row only")


def test_utf_8_with_a_broken_byte_is_no_other_encoding(tmp_path: Path) -> None:
    content = CLEAN.replace("red", "红").replace("green", "绿").encode()
    with pytest.raises(ParameterError, match="line 32: is not UTF-8 text"):
        csv(tmp_path, content + b"1,2,\xe7\xba\n").load()


@pytest.mark.parametrize(
    ("first", "rows", "names"),
    [
        ("0.5,1,2", "1.5,2,3\n2.5,3,4\n", False),
        ("1,2,3", "4,5,6\n7,8,9\n2,4,8\n", False),
        ("1,2,3", "2,3,5\n3,5,8\n", False),
        ("0,1", "0.1,0.995\n0.2,0.98\n", False),
        ("x,1,2", "y,1,2\nx,3,4\n", False),
        ("two,1,x", "3,4,y\n5,6,x\n", False),
        ("1,5;2,5", "3,5;4,5\n1,5;2,5\n", False),
        ("NA,1,2", "3,4,5\n6,7,9\n", False),
        ("1,2,3,4,5,6", "3,4,1,1,1,0\n6,7,1,1,2,0\n", True),
        ("0,1,2,kind", "1,4,4,x\n2,2,1,y\n3,3,3,x\n", True),
        ("x1,2,y", "1,4,4\n2,2,1\n3,3,3\n", True),
        (",0,1,2", "0,4,4,1\n1,2,1,4\n2,3,3,3\n", True),
    ],
)
def test_the_first_row_is_names_or_a_sample(first: str, rows: str, names: bool, tmp_path: Path) -> None:
    assert report(tmp_path, f"{first}\n{rows}").has_names is names


def test_a_target_named_as_in_the_first_row_settles_it(tmp_path: Path) -> None:
    rows = "1,2,x\n" + "".join(f"{i * 7 % 11},{i % 5},{'xy'[i % 2]}\n" for i in range(20))
    assert not report(tmp_path, rows).has_names
    assert report(tmp_path, rows, target="x").has_names


@pytest.mark.parametrize("word", ["blue", "NA"])
def test_values_missing_in_a_target_are_left_out_whatever_the_task(word: str, tmp_path: Path) -> None:
    content = LABELS.replace("3.5,1\n", f"3.5,{word}\n")
    for task in ("auto", "classes", "numbers"):
        found = report(tmp_path, content, task=task, missing="leave_out")
        assert (found.rows, found.left_out) == (29, 1)


@pytest.mark.parametrize("settings", [{"leave_out": "kind"}, {"split_column": "kind"}, {"leave_out": "a,b"}])
def test_columns_cannot_be_two_things(settings: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(ParameterError) as caught:
        csv(tmp_path, CLEAN, **settings).load()
    assert caught.value.path == next(iter(settings))


def test_a_column_for_the_split_that_orders_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="line 2: column 'kind': 'red' is neither train nor test"):
        csv(tmp_path, CLEAN, target="a", split_column="kind").load()
    everything = CLEAN.replace("red", "train").replace("green", "train").replace("blue", "train")
    with pytest.raises(ParameterError, match="column 'kind' holds no row for testing"):
        csv(tmp_path, everything, target="a", split_column="kind").load()


# From the command line.

EXPERIMENT = """steps = 2
replicas = 2
[data]
name = "csv"
path = "table.csv"
[[runs]]
hidden = [4]
"""


def test_check_and_run_say_how_a_table_was_understood(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "table.csv").write_text(CLEAN.replace("a,b", "a,Id"))
    path = tmp_path / "x.toml"
    path.write_text(EXPERIMENT)
    line = "data: 30 rows of 2 input columns and 3 classes: blue, green, red; utf-8, separated by comma, *"
    start, end = line.split("*")[0], "decimal point, names in the first row"
    assert main(["check", str(path)]) == DONE
    assert capsys.readouterr().out == f"{path}: {start}{end}\n"
    assert main(["run", str(path)]) == DONE
    assert capsys.readouterr().out.startswith(f"{start}{end}\n")


@pytest.mark.parametrize("rows", [2, 30, 60, 79, 80, 81, 200])
def test_the_usual_batch_fits_the_table(rows: int, tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("a,k\n" + "".join(f"{i},{'xy'[i % 2]}\n" for i in range(rows)))
    path = tmp_path / "x.toml"
    path.write_text(
        EXPERIMENT.replace("[data]", "[data]\ntest_fraction = 0.2" if rows > 2 else "[data]\ntest_fraction = 0")
    )
    assert main(["run", str(path)]) == DONE
    batch = as_train(read(path).experiment).runs[0].batch_size
    assert batch == (64 if rows >= 80 else "all")


def test_a_batch_that_a_file_gives_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "table.csv").write_text(LABELS)
    path = tmp_path / "x.toml"
    for text in (EXPERIMENT + "batch_size = 64\n", EXPERIMENT.replace("[[", "[common]\nbatch_size = 64\n[[")):
        path.write_text(text)
        assert main(["run", str(path)]) == BAD_INPUT
        assert "runs[0].batch_size: 64 is more than the 24 training samples there are" in capsys.readouterr().err


def test_the_usual_batch_fits_few_samples_of_any_data() -> None:
    assert (
        as_train(parse('data = { name = "moons", samples = 40 }\n[[runs]]\n', "").experiment).runs[0].batch_size
        == "all"
    )
    assert (
        as_train(parse('data = { name = "moons", samples = 90 }\n[[runs]]\n', "").experiment).runs[0].batch_size == 64
    )
    assert as_train(with_settings(None, {"data": "point"}).experiment).runs[0].batch_size == "all"


@pytest.mark.parametrize(
    "path", ["C:\\Users\\me\\table.csv", "data\\table.csv", "\\\\server\\xyz.csv", "..\\new.csv"]
)
def test_a_path_of_windows_gets_a_hint(path: str) -> None:
    text = EXPERIMENT.replace('"table.csv"', f'"{path}"')
    with pytest.raises(FileError) as caught:
        parse(text, "x.toml")
    assert "single quotes" in str(caught.value)
    assert str(caught.value).isprintable()
    assert as_train(parse(EXPERIMENT.replace('"table.csv"', f"'{path}'"), "").experiment).data == Csv(path=path)


def test_what_is_told_follows_the_file(tmp_path: Path) -> None:
    data = csv(tmp_path, CLEAN)
    assert data.told()[0].startswith("30 rows of 2 input columns and 3 classes: ")
    csv(tmp_path, CLEAN + "1,2,white\n")
    assert data.told()[0].startswith("31 rows of 2 input columns and 4 classes: ")
    Path(data.path).unlink()
    assert data.told() == []

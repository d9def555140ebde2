"""Data from the user's own formulas and points: what they give, and what is refused, and where."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradsim.engine.calculus.expression import ExpressionError, parse, parse_conditions, text
from gradsim.engine.calculus.program import Program
from gradsim.engine.data import DATASETS, Dataset, Split
from gradsim.engine.data.user_points import MAX_POINTS, Dot, Points, rounded, rows_of
from gradsim.schema.parameters import ParameterError, decode, encode
from gradsim.sim.documents.document import Document, dump
from gradsim.sim.documents.document import parse as parse_document
from gradsim.sim.documents.experiments import experiment_from, full_table
from gradsim.sim.kinds import kind_of
from gradsim.sim.kinds.train.painting import cleared, painted, points_in, points_of, with_points
from tests.unit.small import as_train

# Conditions.

X, Y = (grid.ravel() for grid in np.meshgrid(np.linspace(-2.0, 2.0, 41), np.linspace(-2.0, 2.0, 41)))


@pytest.mark.parametrize(
    ("source", "holds"),
    [
        ("y > sin(x)", np.sin(X) < Y),
        ("x**2 + y^2 <= 1", X**2 + Y**2 <= 1),
        ("x² + y² ≤ 1", X**2 + Y**2 <= 1),
        ("0 < x <= 1", (X > 0) & (X <= 1)),
        ("x > 0 and y > 0 or x < -1", ((X > 0) & (Y > 0)) | (X < -1)),
        ("x > 0 and (y > 0 or x < 1)", (X > 0) & ((Y > 0) | (X < 1))),
        ("not x > 0 and y >= x", ~(X > 0) & (Y >= X)),
        ("not (x > 0 and y >= x)", ~((X > 0) & (Y >= X))),
        ("x ≠ 0", X != 0),
        ("x == 2 or y ≥ 2", (X == 2) | (Y >= 2)),
        ("sqrt(x) > 1", X > 1),
        ("1 < 2", np.ones_like(X)),
        ("2 < 1 or 1 < x < 2 < 3", (X > 1) & (X < 2)),
    ],
)
def test_a_condition_holds_where_python_says_so(source: str, holds: Any) -> None:
    [tree] = parse_conditions(source)
    found = np.empty_like(X)
    Program([tree])(X, Y, [found])
    np.testing.assert_array_equal(found, holds)
    assert parse_conditions(text(tree)) == (tree,)


@pytest.mark.parametrize(
    ("source", "column", "problem"),
    [
        ("x", 1, "this is a number, and a condition is needed here, such as y > sin(x)"),
        ("x > 0; y", 8, "this is a number, and a condition is needed here"),
        ("x > 0; y + > 1", 12, "a number, a name, a function or a bracket is missing before '>'"),
        ("x > 0;", 7, "a number, a name, a function or a bracket is missing at the end"),
        ("x > 0 and", 10, "missing at the end"),
        ("or x > 0", 1, "missing before 'or'"),
        ("(x > 0) * 2 > 1", 2, "this is a condition, and a number is needed here"),
        ("min(x > 0, 1) > 0", 5, "this is a condition, and a number is needed here"),
        ("(x > 0) == (y > 0)", 2, "this is a condition, and a number is needed here"),
        ("x > 0 y > 0", 7, "an operator is missing before 'y'"),
        ("x > 0 not y > 0", 7, "an operator is missing before 'not'"),
        ("x = 2", 3, "'=' is not allowed; < <= > >= == != and or not + - * / ** ( ) , and names are"),
        ("andy > 0", 1, "'andy' is not known"),
        ("x > z", 5, "'z' is not known"),
        ("x > not y", 5, "this cannot be read as a formula"),
        ("x is 2 > 1", 3, "an operator is missing before 'is'"),
        ("(y := x) > 1", 4, "':' is not allowed"),
        ("not " * 60 + "x > 0", 201, "more than 50 operations are inside one another"),
        ("x > 0" + " " * 500, 501, "longer than 500 characters"),
    ],
)
def test_what_is_no_condition_is_refused_with_its_column(source: str, column: int, problem: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_conditions(source)
    assert caught.value.column == column
    assert problem in str(caught.value)


@pytest.mark.parametrize(("source", "column"), [("x > 1", 3), ("x and y", 3), ("not x", 5), ("x ≤ 1", 3)])
def test_a_formula_is_no_condition(source: str, column: int) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(source)
    assert caught.value.column == column


# Data.


def data(name: str, **settings: Any) -> Dataset:
    return decode(DATASETS[name], settings)


def own(split: Split) -> tuple[Any, Any]:
    """Return all inputs in their own units, and the targets."""
    x = np.concatenate([split.train.x, split.test.x])
    columns = [column.own(x[:, i]) for i, column in enumerate(split.inputs)]
    return np.stack(columns, axis=1), np.concatenate([split.train.y, split.test.y])


def test_a_condition_gives_class_1_where_it_holds() -> None:
    x, y = own(data("conditions", conditions="y > sin(x)").load())
    np.testing.assert_array_equal(y[:, 0], x[:, 1] > np.sin(x[:, 0]))
    assert x.min(axis=0) == pytest.approx([-4.0, -2.5], abs=0.1)
    assert x.max(axis=0) == pytest.approx([4.0, 2.5], abs=0.1)


def test_the_first_of_several_conditions_that_holds_gives_the_class() -> None:
    x, y = own(data("conditions", conditions="x > 2; x > 0; y > 0").load())
    wanted = np.select([x[:, 0] > 2, x[:, 0] > 0, x[:, 1] > 0], [1, 2, 3], 0)
    np.testing.assert_array_equal(y.argmax(axis=1), wanted)


def test_noise_moves_points_and_wrong_labels_are_as_many_as_asked_for() -> None:
    clean = data("conditions", conditions="x > 0; y > 0", samples=4000).load()
    wrong = data("conditions", conditions="x > 0; y > 0", samples=4000, label_noise=0.25).load()
    (x, y), (same, other) = own(clean), own(wrong)
    np.testing.assert_array_equal(x, same)
    assert (y.argmax(axis=1) != other.argmax(axis=1)).mean() == pytest.approx(0.25, abs=0.03)
    moved, _ = own(data("conditions", conditions="x > 0; y > 0", samples=4000, noise=0.5).load())
    assert (moved - x).std(axis=0) == pytest.approx([0.5, 0.5], rel=0.05)


def test_a_formula_gives_numbers_in_their_own_units() -> None:
    found = data("formula", expression="100*sin(3*x)", noise=0.0).load()
    x, y = own(found)
    assert not found.classes
    assert found.train.y.std() == pytest.approx(1.0)
    np.testing.assert_allclose(found.targets[0].own(y[:, 0]), 100.0 * np.sin(3.0 * x[:, 0]), atol=1e-9)
    assert (x.min(), x.max()) == (pytest.approx(-3.0, abs=0.1), pytest.approx(3.0, abs=0.1))


def test_a_formula_with_y_has_two_inputs_and_a_window_for_each_or_for_both() -> None:
    for window, low, high in (([0, 1], [0, 0], [1, 1]), ([0, 1, 5, 7], [0, 5], [1, 7])):
        x, _ = own(data("formula", expression="x*y", window=window).load())
        assert x.min(axis=0) == pytest.approx(low, abs=0.1)
        assert x.max(axis=0) == pytest.approx(high, abs=0.1)


@pytest.mark.parametrize(
    ("name", "settings", "problem"),
    [
        ("conditions", {"conditions": "x > 9"}, "conditions: no point is in class 1: where 'x > 9' holds"),
        ("conditions", {"conditions": "x > 0; x > 1"}, "conditions: no point is in class 2: where 'x > 1' holds"),
        ("conditions", {"conditions": "x < 9"}, "no point is in class 0: the conditions hold all over the window"),
        ("conditions", {"conditions": "x"}, "conditions: column 1: this is a number"),
        ("conditions", {"conditions": "x > 0" + 7 * "; x > 0"}, "8 conditions are given; at most 7 are allowed"),
        ("conditions", {"window": [1, 0, 0, 1]}, "window: [1.0, 0.0, 0.0, 1.0] is empty"),
        ("formula", {"expression": "sin(3x)"}, "expression: column 6: an operator is missing before 'x'"),
        ("formula", {"expression": "x > 2"}, "expression: column 3: '>' is not allowed"),
        ("formula", {"expression": "log(x)"}, "expression: the formula has no value at x = -"),
        ("formula", {"expression": "1/(y - y)"}, "the formula has no value at x = "),
        ("formula", {"expression": "exp(x**8)"}, "or one beyond 1e+100; take another window"),
        ("formula", {"window": [0, 1, 2]}, "window: [0.0, 1.0, 2.0] has no end for y"),
        ("points", {"points": ["0: 1 2,"]}, "points: row 1, '0: 1 2,', is not like"),
        ("points", {"points": ["0: 1 2", "8: 1 2"]}, "row 2, '8: 1 2', is not like"),
        ("points", {"points": ["0: 1 nan"]}, "row 1, '0: 1 nan', is not like"),
        ("points", {"points": ["0: 1 2e9"]}, "row 1, '0: 1 2e9', is not like"),
        ("points", {"points": ["0: 1 1_0"]}, "row 1, '0: 1 1_0', is not like"),
        ("points", {"points": [7]}, "row 1, 7, is not like"),
        ("points", {"points": "0: 1 2"}, "points: '0: 1 2' is not a list of rows"),
        ("points", {"points": ["0: 1 2"] * (MAX_POINTS + 1)}, "2,001 points are given; at most 2,000 are allowed"),
        ("points", {"points": []}, "points: there is no point yet"),
    ],
)
def test_what_gives_no_data_is_refused_in_one_line(name: str, settings: dict[str, Any], problem: str) -> None:
    with pytest.raises(ParameterError) as caught:
        data(name, **settings).load()
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)


# Painted points.


def test_painted_points_are_scaled_by_the_window_and_come_back() -> None:
    points = decode(Points, {"points": ["0: 1 10, 2 20", "2: 3 30"], "window": [0, 4, 0, 40]})
    found = points.load()
    np.testing.assert_allclose(own(found)[0], [[1, 10], [2, 20], [3, 30]])
    np.testing.assert_array_equal(found.train.y, [[1, 0, 0], [1, 0, 0], [0, 0, 1]])
    assert found.window == (0.0, 4.0, 0.0, 40.0)
    assert not found.one_unit
    more = decode(Points, {"points": ["0: 1 10, 2 20", "2: 3 30, 4 40"], "window": [0, 4, 0, 40]}).load()
    np.testing.assert_array_equal(more.train.x[:3], found.train.x)


def test_a_point_that_is_added_changes_the_part_of_no_other() -> None:
    dots = tuple(Dot(i / 100.0, 0.0, i % 2) for i in range(50))
    for share in (0.0, 0.2, 0.37, 0.9):
        tests = Points(dots, test_fraction=share).are_tests
        assert len(Points(dots, test_fraction=share).load().test) == tests.sum() == int(50 * share + 1e-9)
        np.testing.assert_array_equal(Points(dots[:31], test_fraction=share).are_tests, tests[:31])


def test_the_rows_of_a_file_hold_the_points_in_their_order() -> None:
    dots = (Dot(0.1, -0.25, 1), Dot(-0.0, 3.0, 1), Dot(1 / 3, 1e-7, 0))
    assert rows_of(dots) == ["1: 0.1 -0.25, 0 3", "0: 0.3333333333333333 1e-07"]
    assert decode(Points, encode(Points(dots))).points == dots


def test_the_most_points_fit_into_a_file() -> None:
    window = (-123456.0, 123456.0, -1.0, 1.0)
    rng = np.random.default_rng(0)
    places = rng.uniform(window[::2], window[1::2], (MAX_POINTS, 2)).tolist()
    dots = tuple(rounded(x, y, i % 2, window) for i, (x, y) in enumerate(places))
    points = Points(dots, window)
    document = Document(experiment_from({"data": encode(points) | {"name": "points"}, "runs": [{}]}))
    written = dump(document)
    assert len(written.encode()) < 2**16
    assert parse_document(written, "file") == document


# Painting.


def table_with(**data_settings: Any) -> dict[str, Any]:
    return full_table(experiment_from({"data": data_settings, "runs": [{}]}))


@pytest.mark.parametrize("name", ["moons", "circles", "spirals", "xor", "blobs", "conditions"])
def test_the_points_of_a_plane_are_painted_on_from(name: str) -> None:
    experiment = as_train(experiment_from({"data": {"name": name, "samples": 200}, "runs": [{}]}))
    points = points_of(experiment)
    wanted, y = own(experiment.data.load())
    found = np.array([dot[:2] for dot in points.points])
    low, high = np.array(points.window[::2]), np.array(points.window[1::2])
    np.testing.assert_allclose(np.sort(found, axis=0), np.sort(wanted, axis=0), atol=(high - low).max() / 1000)
    assert points.classes == max(2, y.shape[1])
    assert ((low < found) & (found < high)).all()
    table = with_points(full_table(experiment), points)
    kind_of(experiment).check(experiment_from(table))


def test_more_points_than_a_file_may_hold_are_cut() -> None:
    experiment = as_train(experiment_from({"data": {"name": "moons", "samples": 5000}, "runs": [{}]}))
    assert len(points_of(experiment).points) == MAX_POINTS


def test_data_that_are_no_plane_leave_the_usual_points() -> None:
    assert points_of(as_train(experiment_from({"data": "digits", "runs": [{}]}))) == Points()


def test_points_are_added_and_taken_away_and_the_batch_follows() -> None:
    table = table_with(name="points")
    one, other = Dot(0.5, 0.5, 3), Points().points[0]
    after = points_in(painted([one], [other], table))
    assert after is not None
    assert after.points == (*Points().points[1:], one)
    assert painted([one], [other], table)["runs"][0]["batch_size"] == 64
    few = painted([], Points().points[:50], table)
    assert few["runs"][0]["batch_size"] == "all"
    kind_of(experiment_from(few)).check(experiment_from(few))
    assert points_in(cleared(table)) == Points(())
    assert points_in(painted([one], [], cleared(table))) == Points((one,))


def test_a_change_on_the_way_takes_no_batch_that_is_too_large() -> None:
    changes = [{"step": 5, "batch_size": 70}, {"step": 9, "batch_size": 4}]
    table = full_table(experiment_from({"data": "points", "runs": [{"changes": changes}]}))
    few = painted([], Points().points[:50], table)
    assert [change["batch_size"] for change in few["runs"][0]["changes"]] == ["all", 4]


def test_a_stroke_on_other_data_changes_nothing() -> None:
    table = table_with(name="moons")
    assert painted([Dot(0.0, 0.0, 0)], [], table) == table

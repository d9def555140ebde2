"""Stationary points: all of them, what they are, and where runs have ended."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from gradsim.engine.surfaces import SURFACES, Surface
from gradsim.engine.surfaces.stationary import (
    MAX_DEGENERATE,
    MAX_ISOLATED,
    NEAR,
    Ended,
    StationaryPoint,
    stationary_points,
    where_ended,
)
from gradsim.engine.surfaces.user_formula import Formula
from gradsim.engine.types import Array
from gradsim.schema.parameters import decode

EACH = [pytest.param(entry(), id=key) for key, entry in SURFACES.items()]
REFERENCE = {
    entry["name"]: entry
    for entry in json.loads((Path(__file__).parents[1] / "reference" / "reference.json").read_text("utf-8"))
}
# Of Rastrigin's function, x is a root of x + 10 pi sin(2 pi x), which has 21 in the window; 11 are minima.
COUNTS = {
    "himmelblau": (4, 4, 1),
    "six_hump_camel": (6, 7, 2),
    "three_hump_camel": (3, 2, 0),
    "styblinski_tang": (4, 4, 1),
    "rastrigin": (11 * 11, 2 * 11 * 10, 10 * 10),
}


def formula(expression: str, size: float = 3.0) -> Surface:
    return decode(Formula, {"expression": expression, "window": [-size, size, -size, size]})


def kinds(surface: Surface) -> Counter[str]:
    return Counter(point.kind for point in stationary_points(surface))


@pytest.mark.parametrize("surface", EACH)
def test_all_known_points_are_found(surface: Surface) -> None:
    found = stationary_points(surface)
    for known in surface.known:
        near = [point for point in found if np.hypot(point.x - known.x, point.y - known.y) < 1e-8]
        assert [point.kind for point in near] == [known.kind]
        assert near[0].value == pytest.approx(known.value, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("name", [name for name in REFERENCE if name.startswith("critical_points_")])
def test_the_points_of_the_reference_are_found(name: str) -> None:
    entry = REFERENCE[name]
    found = stationary_points(SURFACES[name.removeprefix("critical_points_")]())
    words = {"min": "minimum", "max": "maximum", "saddle": "saddle", "degenerate saddle (zero Hessian)": "degenerate"}
    tolerance = entry["tolerance"] or {"x": 0.0, "f": 0.0}
    for point in entry["expected"]:
        near = [p for p in found if np.hypot(p.x - point["x"], p.y - point["y"]) <= tolerance["x"]]
        assert [p.kind for p in near] == [words[point["type"]]]
        assert near[0].value == pytest.approx(point["f"], abs=tolerance["f"])
    if "rastrigin" not in name and "ackley" not in name:  # of which it lists one point
        assert len(found) == len(entry["expected"])


@pytest.mark.parametrize("key", COUNTS)
def test_there_are_as_many_as_there_should_be(key: str) -> None:
    found = kinds(SURFACES[key]())
    assert (found["minimum"], found["saddle"], found["maximum"]) == COUNTS[key]
    assert found["degenerate"] == 0


@pytest.mark.parametrize("key", ["ackley", "goldstein_price", "rastrigin", "formula", "beale"])
def test_the_minima_and_maxima_are_those_of_a_fine_grid(key: str) -> None:
    surface = SURFACES[key]()
    x0, x1, y0, y1 = surface.window
    x, y = np.meshgrid(np.linspace(x0, x1, 1501), np.linspace(y0, y1, 1501), indexing="ij")
    values = surface.value(x, y)
    middle = values[1:-1, 1:-1]
    around = [
        values[1 + i : values.shape[0] - 1 + i, 1 + j : values.shape[1] - 1 + j]
        for i in (-1, 0, 1)
        for j in (-1, 0, 1)
        if i or j
    ]
    found = kinds(surface)
    if key not in ("goldstein_price", "beale"):  # whose narrow valleys are stairs on a grid
        assert np.all([middle < other for other in around], axis=0).sum() == found["minimum"]
    assert np.all([middle > other for other in around], axis=0).sum() == found["maximum"]


@pytest.mark.parametrize("surface", EACH)
def test_each_is_what_it_is_called(surface: Surface) -> None:
    x0, x1, y0, y1 = surface.window
    found = stationary_points(surface)
    assert len({(point.x, point.y) for point in found}) == len(found) <= MAX_ISOLATED
    assert [point.value for point in found] == sorted(point.value for point in found)
    scale = np.abs(surface.hessian(*np.random.default_rng(0).uniform((x0, y0), (x1, y1), (99, 2)).T)).max()
    for point in found:
        assert x0 <= point.x <= x1
        assert y0 <= point.y <= y1
        assert point.value == surface.value(point.x, point.y)
        assert np.abs(surface.gradient(point.x, point.y)).max() < 1e-12 * max(1.0, float(scale))
        xx, xy, yy = surface.hessian(point.x, point.y)
        hessian, vectors = np.array([[xx, xy], [xy, yy]]), np.array(point.eigenvectors)
        np.testing.assert_allclose(vectors @ vectors.T, np.eye(2), atol=1e-14)
        if np.isfinite(point.eigenvalues).all():
            expected = np.linalg.eigvalsh(hessian)
            np.testing.assert_allclose(point.eigenvalues, expected, rtol=1e-9, atol=1e-12 * abs(expected[1]))
            np.testing.assert_allclose(
                hessian @ vectors.T, vectors.T * point.eigenvalues, atol=1e-12 * np.abs(hessian).max()
            )
        signs = tuple(int(np.sign(value)) for value in point.eigenvalues)
        expected_kind: dict[tuple[int, ...], str] = {(1, 1): "minimum", (-1, 1): "saddle", (-1, -1): "maximum"}
        assert point.kind == expected_kind.get(signs, "degenerate")


def test_the_tip_of_a_cone_is_a_minimum_of_infinite_curvature() -> None:
    tip = stationary_points(SURFACES["ackley"]())[0]
    assert (tip.x, tip.y, tip.kind) == (0.0, 0.0, "minimum")
    assert tip.eigenvalues == (np.inf, np.inf)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("x**3 - 3*x*y**2", {"degenerate": 1}),
        ("x**2 + y**4", {"degenerate": 1}),
        ("x**4 + y**4", {"degenerate": 1}),
        ("x**2 + 1e-8*y**2", {"minimum": 1}),
        ("1e-9*(x**2 - y**2)", {"saddle": 1}),
        ("1e9*((x**2 - 1)**2 + y**2)", {"minimum": 2, "saddle": 1}),
        ("-(x**2 + 2*y**2)", {"maximum": 1}),
        ("x + y", {}),
        ("exp(x + y)", {}),
        ("sqrt(-1 - x**2)", {}),
        ("1/0 + x", {}),
        ("log(x)*y", {"saddle": 1}),
    ],
)
def test_formulas_have_the_points_that_they_should(expression: str, expected: dict[str, int]) -> None:
    assert kinds(formula(expression)) == expected


@pytest.mark.parametrize(
    "expression", ["x**2", "x**3", "(x*y)**2", "(y - sin(x))**2", "3", "0*x", "(x**2 + y**2 - 4)**2"]
)
def test_what_is_level_throughout_does_not_flood_the_list(expression: str) -> None:
    found = kinds(formula(expression))
    assert 5 <= found["degenerate"] <= MAX_DEGENERATE
    assert found["minimum"] == found["saddle"] == 0


def test_a_great_number_of_points_is_cut() -> None:
    assert len(stationary_points(formula("sin(20*x)*sin(20*y)"))) <= MAX_ISOLATED


def test_many_points_are_all_found() -> None:
    """sin x is 0 at 19 multiples of pi below 30, and of slope 0 at 20 points."""
    found = kinds(formula("sin(x)*sin(y)", 30.0))
    assert found == {"saddle": 19 * 19, "minimum": 200, "maximum": 200}


# Where runs have ended.


def ended(surface: Surface, points: list[tuple[float, float]], last_step: float = 0.0) -> list[tuple[Ended, int]]:
    at = np.array(points, float)
    gradients: Array = np.empty_like(at)
    surface.gradient_into(at, gradients)
    kinds, which = where_ended(surface, at, gradients, np.full_like(at, last_step), stationary_points(surface))
    return [(Ended(kind), int(number)) for kind, number in zip(kinds, which, strict=True)]


def number(surface: Surface, x: float, y: float) -> int:
    distances = [np.hypot(point.x - x, point.y - y) for point in stationary_points(surface)]
    return int(np.argmin(distances))


def test_runs_end_in_the_minimum_that_they_are_in() -> None:
    surface = SURFACES["himmelblau"]()
    minima = [(point.x, point.y) for point in surface.known if point.kind == "minimum"]
    near = [(x + 0.05, y - 0.05) for x, y in minima]
    for points in (minima, near):
        assert ended(surface, points) == [(Ended.AT, number(surface, *point)) for point in minima]
    assert {stationary_points(surface)[at].kind for _, at in ended(surface, minima)} == {"minimum"}


def test_a_run_on_a_saddle_has_ended_at_a_saddle() -> None:
    surface = SURFACES["walled_saddle"]()
    [(where, at)] = ended(surface, [(1e-9, 0.0)])
    assert where == Ended.AT
    assert stationary_points(surface)[at].kind == "saddle"


def test_a_small_gradient_is_no_arrival() -> None:
    surface = SURFACES["plateau"]()
    assert np.abs(surface.gradient(-4.5, 4.0)).max() < 1e-6
    assert ended(surface, [(-4.5, 4.0)]) == [(Ended.PLATEAU, -1)]
    assert ended(surface, [(-1.0, 1.0), (0.0, 0.001)]) == [(Ended.MOVING, -1), (Ended.AT, 0)]


def test_a_valley_with_a_slope_is_no_plateau() -> None:
    assert ended(SURFACES["rosenbrock"](), [(-1.0, 1.0), (0.5, 0.25)]) == [(Ended.MOVING, -1)] * 2


def test_who_still_runs_has_not_arrived() -> None:
    surface = SURFACES["booth"]()
    diagonal = 20.0 * np.sqrt(2.0)
    assert ended(surface, [(1.0, 3.0)], 0.2 * NEAR * diagonal) == [(Ended.MOVING, -1)]
    assert ended(surface, [(1.0, 3.0)], 0.02 * NEAR * diagonal) == [(Ended.AT, 0)]


def test_who_is_out_or_nowhere_is_said_to_be() -> None:
    nowhere = [(np.nan, 0.0), (0.0, np.inf), (-np.inf, np.nan)]
    found = ended(SURFACES["saddle"](), [(0.0, 1.6), (-1.6, 0.0), (1e300, 0.0), *nowhere])
    assert found == [(Ended.OUTSIDE, -1)] * 3 + [(Ended.DIVERGED, -1)] * 3


def test_a_level_floor_is_a_plateau_between_its_listed_points() -> None:
    surface = formula("x**2")
    assert all(isinstance(point, StationaryPoint) for point in stationary_points(surface))
    assert {where for where, _ in ended(surface, [(0.0, y) for y in np.linspace(-3, 3, 50)])} == {
        Ended.AT,
        Ended.PLATEAU,
    }

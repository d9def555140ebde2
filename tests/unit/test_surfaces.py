"""Surfaces: their values and derivatives, what is known of them, and the figures of others."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradsim.engine.optim import OPTIMIZERS
from gradsim.engine.surfaces import SURFACES, ExpressionSurface, Surface
from gradsim.engine.surfaces.stationary import stationary_points
from gradsim.engine.surfaces.user_formula import Formula
from gradsim.engine.types import Array
from gradsim.schema.parameters import ParameterError, decode, encode

EACH = [pytest.param(entry(), id=key) for key, entry in SURFACES.items()]
FORMULAS = [pytest.param(entry(), id=key) for key, entry in SURFACES.items() if issubclass(entry, ExpressionSurface)]
SETTINGS: list[tuple[str, dict[str, Any]]] = [
    ("rosenbrock", {"a": -0.5, "b": 3.0}),
    ("ravine", {"kappa": 7.0}),
    ("two_wells", {"tilt": 0.0}),
    ("two_wells", {"tilt": 1.5}),
]
SET = [pytest.param(decode(SURFACES[key], table), id=f"{key}-{table}") for key, table in SETTINGS]
REFERENCE = {
    entry["name"]: entry
    for entry in json.loads((Path(__file__).parents[1] / "reference" / "reference.json").read_text("utf-8"))
}


def some_points(surface: Surface, count: int = 500) -> Array:
    x0, x1, y0, y1 = surface.window
    return np.random.default_rng(0).uniform((x0, y0), (x1, y1), (count, 2))


@pytest.mark.parametrize("surface", [*EACH, *SET])
def test_what_is_known_of_a_surface_is_so(surface: Surface) -> None:
    x0, x1, y0, y1 = surface.window
    for point in surface.known:
        assert x0 <= point.x <= x1
        assert y0 <= point.y <= y1
        assert surface.value(point.x, point.y) == pytest.approx(point.value, rel=1e-9, abs=1e-9)
        # The coordinates are given to ten decimals: what the gradient may be is what they leave open.
        open_to = 1e-10 * max(1.0, float(np.abs(surface.hessian(point.x, point.y)).max()))
        assert np.abs(surface.gradient(point.x, point.y)).max() <= 2.0 * open_to
    values = [point.value for point in surface.known if point.kind == "minimum"]
    assert values == sorted(values)
    assert bool(surface.known) == (isinstance(surface, ExpressionSurface) and surface.key != "formula")


@pytest.mark.parametrize("surface", [*EACH, *SET])
def test_no_point_of_the_window_is_below_the_lowest_minimum(surface: Surface) -> None:
    x, y = np.meshgrid(np.linspace(*surface.window[:2], 301), np.linspace(*surface.window[2:], 301))
    values = surface.value(x, y)
    assert np.isfinite(values).all()
    minima = [point.value for point in surface.known if point.kind == "minimum"]
    if minima and surface.key != "mccormick":  # which falls on beyond its window, and does so in its corner already
        assert values.min() >= minima[0] - 1e-9


@pytest.mark.parametrize("surface", [*EACH, *SET])
def test_derivatives_are_central_differences(surface: Surface) -> None:
    """Of fourth order: (8 (f(h) - f(-h)) - (f(2h) - f(-2h))) / 12h."""
    points = some_points(surface)
    x, y = points.T
    h = 1e-3

    def differences(f: Any, along: int) -> Array:
        def at(s: float) -> Array:
            return np.asarray(f(x + s * (along == 0), y + s * (along == 1)))

        return np.asarray((8.0 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12.0 * h))

    if surface.key == "ackley":  # the differences must not reach across its tip
        x, y = points[np.hypot(x, y) > 0.2].T
    gradient = surface.gradient(x, y)
    scale = np.abs(gradient).max()
    for along in (0, 1):
        np.testing.assert_allclose(gradient[along], differences(surface.value, along), rtol=0, atol=1e-7 * scale)
    xx, xy, yy = surface.hessian(x, y)
    curvature = max(np.abs(part).max() for part in (xx, xy, yy))
    by_x, by_y = (differences(surface.gradient, along) for along in (0, 1))
    for found, expected in ((xx, by_x[0]), (xy, by_x[1]), (xy, by_y[0]), (yy, by_y[1])):
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6 * curvature)


@pytest.mark.parametrize("surface", FORMULAS)
def test_gradients_for_a_race_are_the_gradients_and_allocate_nothing(surface: Surface) -> None:
    points = some_points(surface, 40_000)
    out, work = np.empty_like(points), surface.workspace(len(points))
    surface.gradient_into(points, out, work)
    np.testing.assert_array_equal(out.T, surface.gradient(*points.T))
    tracemalloc.start()
    try:
        surface.gradient_into(points, out, work)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 20_000


def test_single_precision_is_kept() -> None:
    points = some_points(SURFACES["beale"](), 100)
    single = points.astype(np.float32)
    out, expected = np.empty_like(single), np.empty_like(points)
    SURFACES["beale"]().gradient_into(single, out)
    SURFACES["beale"]().gradient_into(points, expected)
    np.testing.assert_allclose(out, expected, rtol=1e-2, atol=1e-5 * float(np.abs(expected).max()))


def test_values_and_derivatives_have_the_shape_of_the_points() -> None:
    surface = SURFACES["booth"]()
    x, y = np.linspace(0.0, 1.0, 3)[:, None], np.linspace(0.0, 1.0, 4)
    assert surface.value(x, y).shape == (3, 4)
    assert surface.gradient(x, y).shape == (2, 3, 4)
    assert surface.hessian(x, y).shape == (3, 3, 4)
    assert surface.hessian(1.0, 2.0).tolist() == [10.0, 8.0, 10.0]


def test_the_tip_of_ackleys_funnel_has_no_gradient_but_zero_is_a_subgradient() -> None:
    ackley = SURFACES["ackley"]()
    assert ackley.gradient(0.0, 0.0).tolist() == [0.0, 0.0]
    angles = np.linspace(0.0, 2.0 * np.pi, 8, endpoint=False)
    near = 1e-9 * np.stack([np.cos(angles), np.sin(angles)])
    outward = (ackley.gradient(*near) * near).sum(axis=0) / 1e-9
    np.testing.assert_allclose(outward, 4.0 / np.sqrt(2.0), rtol=1e-6)


def test_settings_are_the_constants_of_the_expression() -> None:
    for key, table in SETTINGS:
        surface = decode(SURFACES[key], table)
        assert isinstance(surface, ExpressionSurface)
        assert surface.constants == {**surface.constants, **table}
        assert encode(decode(type(surface), encode(surface))) == encode(surface)
    assert decode(SURFACES["ravine"], {"kappa": 7.0}).value(0.0, 2.0) == 14.0


# Formulas of one's own.


def test_a_formula_is_a_surface() -> None:
    surface = decode(Formula, {"expression": "x^2 + 2·y²", "window": [-1, 1, -2, 2]})
    assert surface.value(1.0, 2.0) == 9.0
    assert surface.gradient(1.0, 2.0).tolist() == [2.0, 8.0]
    assert encode(surface) == {"expression": "x^2 + 2·y²", "window": [-1.0, 1.0, -2.0, 2.0]}
    assert surface.start == pytest.approx((0.6, 0.88))


@pytest.mark.parametrize(
    ("table", "line"),
    [
        ({"expression": "x + z"}, "surface.expression: column 5: 'z' is not known; x, y, pi, e or a function are"),
        ({"expression": ""}, "surface.expression: '' is not one line of text of 1 to 500 characters"),
        ({"expression": 3}, "surface.expression: 3 is not one line of text"),
        ({"window": [0, 1, 0]}, "surface.window: [0, 1, 0] is not a list of 4 numbers from -1,000,000 to 1,000,000"),
        ({"window": [0, 1, 0, 1, 0]}, "surface.window: "),
        ({"window": [1, 0, 0, 1]}, "surface.window: [1.0, 0.0, 0.0, 1.0] is empty; x from < x to"),
        ({"window": [0, 1, 2, 2]}, "surface.window: [0.0, 1.0, 2.0, 2.0] is empty"),
        ({"window": [0, 1, 0, float("nan")]}, "surface.window[3]: nan is not a number from"),
    ],
)
def test_a_formula_that_cannot_be_shown_is_refused_in_one_line(table: dict[str, Any], line: str) -> None:
    with pytest.raises(ParameterError) as refused:
        decode(Formula, table, "surface")
    assert str(refused.value).startswith(line)
    assert "\n" not in str(refused.value)


# The figures of others.


@pytest.mark.parametrize("name", [name for name in REFERENCE if name.startswith("critical_points_")])
def test_the_known_points_of_the_reference_have_its_values(name: str) -> None:
    entry = REFERENCE[name]
    surface = SURFACES[name.removeprefix("critical_points_")]()
    assert list(surface.window) == entry["setup"]["window"]
    tolerance = entry["tolerance"] or {"x": 0.0, "f": 0.0}
    for point in entry["expected"]:
        assert surface.value(point["x"], point["y"]) == pytest.approx(point["f"], abs=tolerance["f"])
        xx, xy, yy = surface.hessian(point["x"], point["y"])
        if "eig" in point:
            found = np.linalg.eigvalsh([[xx, xy], [xy, yy]])
            np.testing.assert_allclose(found, point["eig"], rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize("name", [name for name in REFERENCE if name.startswith("parity_")])
def test_races_are_those_of_pytorch(name: str) -> None:
    entry = REFERENCE[name]
    setup, expected = entry["setup"], entry["expected"]["torch"]
    _, place, key = name.split("_")
    surface = SURFACES[{"beale": "beale", "quad100": "ravine"}[place]]()
    path = race(surface, key, setup["lr"], setup["start"], max(map(int, expected)))
    for step, point in expected.items():
        np.testing.assert_allclose(path[int(step)], point, rtol=entry["tolerance"])


RACES = {
    name: setup | {"surface": SURFACES[name]() if name in SURFACES else Formula("0.1*x**2 + 2*y**2")}
    for name, setup in REFERENCE["race_learning_rates"]["expected"].items()
}


@pytest.mark.parametrize(
    ("name", "key"), [(name, key) for name, setup in RACES.items() for key, o in setup["opt"].items() if o["reached"]]
)
def test_races_reach_what_those_of_the_reference_reach(name: str, key: str) -> None:
    """The same minimum, to within the reference's own 1.5 % of the window: some rules swing around it without end."""
    setup = RACES[name]
    expected = setup["opt"][key]
    more = {"alpha": 0.9} if key == "rmsprop" else {}
    path = race(setup["surface"], key, expected["lr"], setup["start"], setup["steps"], **more)
    x0, x1, y0, y1 = setup["window"]
    goals = np.array([(point.x, point.y) for point in stationary_points(setup["surface"]) if point.kind == "minimum"])
    goal = goals[np.hypot(*(goals - expected["end"]).T).argmin()]
    assert np.hypot(*(path[-1] - goal)) <= 0.015 * np.hypot(x1 - x0, y1 - y0)


def test_mccormicks_points_are_the_closed_forms() -> None:
    expected, surface = REFERENCE["mccormick_closed_form"]["expected"], SURFACES["mccormick"]()
    for point, value in (("min", "fmin"), ("local_min", "f_local"), ("saddle", "f_saddle")):
        x, y = expected[point]
        assert surface.value(x, y) == pytest.approx(expected[value], abs=1e-12)
        np.testing.assert_allclose(surface.gradient(x, y), 0.0, atol=1e-12)


def race(surface: Surface, key: str, rate: float, start: tuple[float, float], steps: int, **settings: float) -> Array:
    rule = decode(OPTIMIZERS[key], {"learning_rate": rate, **settings})
    x, g = np.array([start], float), np.empty((1, 2))
    columns = {name: np.full((1, 1), value) for name, value in encode(rule).items()}
    state: dict[str, Array] = {name: np.zeros_like(x) for name in rule.state}
    path = [x[0].copy()]
    for t in range(1, steps + 1):
        surface.gradient_into(x, g)
        rule.update(x, g, state, columns, t)
        path.append(x[0].copy())
    return np.array(path)


def test_beales_second_valley_has_the_depth_of_the_reference() -> None:
    expected = REFERENCE["beale_escape_valley"]["expected"]
    x = -1e6
    found = SURFACES["beale"]().value(x, 1.0 - expected["c"] / x)
    assert found == pytest.approx(expected["f_inf"], abs=1e-5)


def test_descent_from_a_saddle_is_the_closed_form() -> None:
    entry = REFERENCE["saddle_gd_exact"]
    setup = entry["setup"]
    end = race(SURFACES["saddle"](), "sgd", setup["lr"], setup["start"], setup["steps"])[-1]
    np.testing.assert_allclose(end, [entry["expected"]["x"], entry["expected"]["y"]], rtol=entry["tolerance"])

"""Formulas: what is read, what is refused and where, and their values."""

from __future__ import annotations

import math
import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest

from gradsim.engine.calculus.derivative import derivative, simplified
from gradsim.engine.calculus.expression import (
    FUNCTIONS,
    MAX_CHARACTERS,
    MAX_NESTING,
    MAX_POWER,
    ExpressionError,
    Node,
    number,
    parse,
    text,
)
from gradsim.engine.calculus.program import BLOCK, WORKSPACE, Program
from gradsim.engine.types import Array
from gradsim.schema.parameters import ParameterError


def value(source: str, x: float = 0.3, y: float = -0.7) -> float:
    out = np.empty(1)
    Program([parse(source)])(np.array([x]), np.array([y]), [out])
    return out.item()


def test_a_formula_is_a_tree() -> None:
    x, y = Node("x"), Node("y")
    assert parse("2*x - y") is Node("-", Node("*", number(2.0), x), y)
    assert parse("sin(x)**2") is Node("**", Node("sin", x), number(2.0))


@pytest.mark.parametrize(
    ("source", "python"),
    [
        ("x + y*2 - 1/x", lambda x, y: x + y * 2 - 1 / x),
        ("-x**2", lambda x, y: -(x**2)),
        ("-x^2", lambda x, y: -(x**2)),
        ("2^x^2", lambda x, y: 2 ** (x**2)),
        ("2**-x", lambda x, y: 2**-x),
        ("x - y - 1", lambda x, y: x - y - 1),
        ("x/y/2", lambda x, y: x / y / 2),
        ("x*(y + 1)", lambda x, y: x * (y + 1)),
        ("+x - -y", lambda x, y: x + y),
        ("2×x² − 3·y³", lambda x, y: 2 * x**2 - 3 * y**3),
        ("(x + y)²", lambda x, y: (x + y) ** 2),
        (".5e1*x + 1.", lambda x, y: 5 * x + 1),
        ("pi*x + e", lambda x, y: math.pi * x + math.e),
        ("x**-3", lambda x, y: x**-3),
        ("x**7", lambda x, y: x**7),
        ("x**0.5", lambda x, y: x**0.5),
        ("x**0", lambda x, y: 1.0),
        ("min(x, y) + 2*max(x, y)", lambda x, y: min(x, y) + 2 * max(x, y)),
        ("hypot(x, y)", math.hypot),
        ("heaviside(y, 0.5) + 2*heaviside(x - 0.3, 0.5)", lambda x, y: 1.0),
        ("sign(x) + 3*sign(y)", lambda x, y: -2.0),
        ("sigmoid(x)", lambda x, y: 1 / (1 + math.exp(-x))),
        ("ln(x)", lambda x, y: math.log(x)),
        ("abs(y)", lambda x, y: abs(y)),
    ],
)
def test_values_are_those_of_arithmetic(source: str, python: Callable[[float, float], float]) -> None:
    assert value(source) == pytest.approx(python(0.3, -0.7), rel=1e-15)


@pytest.mark.parametrize(
    "name", ["sin", "cos", "tan", "asin", "acos", "atan", "exp", "log", "sqrt", "sinh", "cosh", "tanh"]
)
def test_functions_are_those_of_the_library(name: str) -> None:
    for x in (0.05, 0.3, 0.95):
        assert value(f"{name}(x)", x) == pytest.approx(getattr(math, name)(x), rel=1e-15)


def test_named_numbers_are_the_callers() -> None:
    assert parse("kappa*x", {"kappa": 3.0}) is parse("3*x")
    assert parse("e*x", {"e": 3.0}) is parse("3*x")


REFUSED = [
    ("x + z", 5, "'z' is not known; x, y, pi, e or a function are"),
    ("x + sni(x)", 5, "'sni' is not a function; sin, cos, "),
    ("", 1, "missing at the end"),
    ("   ", 4, "missing at the end"),
    ("x +", 4, "missing at the end"),
    ("(x + y", 7, "a closing bracket is missing at the end"),
    ("x + y)", 6, "this bracket was never opened"),
    ("2x", 2, "an operator is missing before 'x'; a product is 2*x"),
    ("x y", 3, "an operator is missing before 'y'"),
    ("x(y)", 1, "'x' is not a function"),
    ("x² y", 4, "an operator is missing before 'y'"),
    ("3 (x)", 3, "an operator is missing before '('"),
    ("x * / y", 5, "missing before '/'"),
    ("x^^2", 3, "missing before '^'"),
    ("()", 2, "missing before ')'"),
    ("sin()", 5, "missing before ')'"),
    ("sin", 1, "'sin' is a function; write sin(…)"),
    ("x^2 + sin(x, y)", 7, "sin takes 1 argument, not 2"),
    ("hypot(x)", 1, "hypot takes 2 arguments, not 1"),
    ("x, y", 1, "this is not allowed"),
    ("(x, y) + 1", 1, "this is not allowed"),
    ("sin(x)(y)", 7, "an operator is missing before '('"),
    ("x // y", 4, "missing before '/'"),
    ("x.real", 2, "'.' is not allowed"),
    ("x = 2", 3, "'=' is not allowed"),
    ("x % 2", 3, "'%' is not allowed"),
    ("x if y else 2", 3, "an operator is missing before 'if'"),
    ("lambda", 1, "cannot be read"),
    ("lambda: 1", 7, "':' is not allowed"),
    ("not x", 5, "an operator is missing"),
    ("[x]", 1, "'[' is not allowed"),
    ("'x'", 1, '"\'" is not allowed'),
    ("True", 1, "True is not a number"),
    ("1 + None", 5, "None is not a number"),
    ("0x10", 2, "an operator is missing before 'x10'"),
    ("1_000", 2, "an operator is missing before '_000'"),
    ("2j", 2, "an operator is missing before 'j'"),
    ("007*x", 1, "cannot be read"),
    ("x\0", 2, "is not allowed"),
    ("x\n+y", 2, "is not allowed"),
    ("x\t+y", 2, "is not allowed"),
    ("x + \u202ey", 5, "is not allowed"),
    ("\uff58 + 1", 1, "is not allowed"),
    ("x + \u0663", 5, "is not allowed"),
    ("\ud800", 1, "is not allowed"),
    ("1e999*x", 1, "this number is too large"),
    ("2 + " + "9" * 400, 5, "this number is too large"),
    ("__import__(x)", 1, "'__import__' is not a function"),
    ("__class__", 1, "'__class__' is not known"),
    ("eval(x)", 1, "'eval' is not a function"),
    ("9**9**9**9", 7, "the power 3.8742e+08 is too large; from -64 to 64 is allowed"),
    ("x²³", 3, "a power of a power needs brackets"),
    ("x²^2", 3, "a power of a power needs brackets"),
    ("y + x**9**9", 8, "the power 3.8742e+08 is too large"),
    ("x**65", 4, "the power 65 is too large"),
    ("x**-65", 4, "the power -65 is too large"),
    ("x**(1/0)", 5, "the power inf is too large"),
    ("x**sqrt(-1)", 4, "the power nan is too large"),
    ("y*x²**9", 5, "a power of a power needs brackets"),
]


@pytest.mark.parametrize(("source", "column", "problem"), REFUSED)
def test_what_is_not_a_formula_is_refused_in_one_line(source: str, column: int, problem: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        parse(source)
    line = str(refused.value)
    assert problem in line
    assert line.startswith(f"column {column}: ")
    assert refused.value.column == column
    assert line.isprintable()
    assert isinstance(refused.value, ParameterError)


def test_the_nearest_name_is_suggested() -> None:
    with pytest.raises(
        ExpressionError, match="'kapa' is not known; x, y, pi, e, kappa or a function are; did you mean"
    ):
        parse("kapa*x", {"kappa": 1.0})


@pytest.mark.parametrize(
    "source",
    [
        "(" * 200 + "x" + ")" * 200,
        "-" * (MAX_CHARACTERS - 1) + "x",
        "sin(" * 90 + "x" + ")" * 90,
        "x" + "^x" * 200,
        "x" + "+x" * 200,
        "-(" * 150 + "x" + ")" * 150,
    ],
)
def test_endless_nesting_is_refused(source: str) -> None:
    with pytest.raises(ExpressionError, match=f"more than {MAX_NESTING} .* inside one another"):
        parse(source)


def test_a_long_formula_is_refused() -> None:
    parse("x" + " " * (MAX_CHARACTERS - 1))
    with pytest.raises(ExpressionError, match=f"column {MAX_CHARACTERS + 1}: the formula is longer than"):
        parse("x" * 10_000_000)


def test_the_largest_powers_are_computed() -> None:
    assert value(f"x**{MAX_POWER}", 1.01) == pytest.approx(1.01**MAX_POWER, rel=1e-14)
    assert value(f"x**-{MAX_POWER}", 1.01) == pytest.approx(1.01**-MAX_POWER, rel=1e-14)


def test_the_second_derivatives_of_the_most_nested_formula_are_taken() -> None:
    tree = parse("sin(x*" * 24 + "y" + ")" * 24)
    Program([derivative(derivative(tree, "x"), "y")])


def test_nodes_cannot_be_changed() -> None:
    with pytest.raises(AttributeError, match="immutable"):
        Node("x").op = "y"


# What a derivative is at a kink, and where it would lose its digits.


def slope(source: str, variable: str, x: float, y: float = 0.0) -> float:
    return value(text(derivative(parse(source), variable)), x, y)


def test_a_derivative_at_a_kink_is_the_mean_of_both_sides() -> None:
    assert slope("abs(x)", "x", 0.0) == 0.0
    assert slope("max(0, 3*x)", "x", 0.0) == 1.5
    assert slope("min(5*x, 3*x)", "x", 0.0) == 4.0
    assert slope("hypot(x, y)", "x", 0.0) == 0.0
    assert slope("sign(x)", "x", 0.0) == 0.0
    assert slope("heaviside(x, 0.5)", "x", 0.0) == 0.0


def test_small_slopes_keep_their_digits() -> None:
    assert slope("tanh(x)", "x", 30.0) == pytest.approx(4.0 * math.exp(-60.0), rel=1e-12)
    assert slope("sigmoid(x)", "x", 40.0) == pytest.approx(math.exp(-40.0), rel=1e-12)


def test_the_derivative_of_a_power_has_a_value_where_its_base_is_zero() -> None:
    assert slope("x**2", "x", 0.0) == 0.0
    assert slope("x**2.5", "x", 0.0) == 0.0
    assert slope("x", "x", 0.0) == 1.0


@pytest.mark.parametrize(
    ("source", "simple"),
    [
        ("x*0 + y*1 + 0", "y"),
        ("x - x", "0"),
        ("x + x", "2*x"),
        ("2*(3*x)", "6*x"),
        ("(2*x)*(3*y)", "6*(x*y)"),
        ("-(-x)", "x"),
        ("x + -y", "x - y"),
        ("x**1 + x**0", "x + 1"),
        ("0/x", "0"),
        ("sin(0)*x + cos(0)*y", "y"),
        ("sqrt(-1)*x", "sqrt(-1)*x"),
        ("1/0 + x", "1/0 + x"),
    ],
)
def test_formulas_are_simplified(source: str, simple: str) -> None:
    assert simplified(parse(source)) is parse(simple)


# Programs.


def test_a_shared_part_is_computed_once() -> None:
    once = Program([parse("sin(x*y)")])
    assert Program([parse("sin(x*y)"), parse("sin(x*y) + 1")]).operations == once.operations + 1
    assert Program([parse("x**8")]).operations == 3
    assert Program([parse("x**2 + x**4")]).operations == 3


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(), (0,), (7,), (3, 5), (2, 3, 4), (2 * BLOCK + 3,)])
def test_points_have_any_shape(shape: tuple[int, ...], dtype: type[np.floating]) -> None:
    rng = np.random.default_rng(0)
    x, y = (rng.standard_normal(shape).astype(dtype) for _ in range(2))
    out: list[Array] = [np.empty(shape, dtype) for _ in range(3)]
    Program([parse("x*y + 2"), parse("y"), parse("3")])(x, y, out)
    np.testing.assert_allclose(out[0], x * y + 2, rtol=4 * float(np.finfo(dtype).eps))
    np.testing.assert_array_equal(out[1], y)
    np.testing.assert_array_equal(out[2], np.full(shape, 3.0))


def test_the_workspace_of_the_largest_formula_is_bounded() -> None:
    tree = parse("^".join(["x", "y"] * 24))
    program = Program([derivative(derivative(tree, a), b) for a in "xy" for b in "xy"])
    x, y = np.random.default_rng(0).uniform(0.5, 1.0, (2, 50_000))
    out: list[Array] = [np.empty(50_000) for _ in range(4)]
    work = program.workspace(50_000)
    assert work.size <= WORKSPACE < 50_000 * work.shape[0]
    program(x, y, out, work)
    alone: list[Array] = [np.empty(1) for _ in range(4)]
    for i in (0, 40_000, 49_999):
        program(x[i : i + 1], y[i : i + 1], alone)
        np.testing.assert_allclose([part[i] for part in out], [part.item() for part in alone], rtol=1e-9)


def test_columns_of_points_can_be_replaced_by_their_results() -> None:
    points = np.random.default_rng(0).standard_normal((BLOCK + 5, 2))
    expected = np.stack([points[:, 0] * points[:, 1], points[:, 0] - points[:, 1]], axis=1)
    Program([parse("x*y"), parse("x - y")])(points[:, 0], points[:, 1], [points[:, 0], points[:, 1]])
    np.testing.assert_array_equal(points, expected)


def test_shapes_that_differ_are_refused() -> None:
    program = Program([parse("x")])
    with pytest.raises(ValueError, match="shapes"):
        program(np.zeros(3), np.zeros(2), [np.zeros(3)])
    with pytest.raises(ValueError, match="shapes"):
        program(np.zeros(3), np.zeros(3), [])
    with pytest.raises(ValueError, match="contiguous"):
        program(np.zeros((2, 2)), np.zeros((2, 2)), [np.zeros((2, 2)).T])


def test_where_a_formula_has_no_value_it_is_not_a_number_and_nothing_warns() -> None:
    assert math.isnan(value("log(x)", -1.0))
    assert math.isnan(value("x**0.5", -1.0))
    assert value("1/x", 0.0) == math.inf
    assert value("exp(x)", 1e4) == math.inf


def test_an_evaluation_in_a_workspace_allocates_nothing_of_the_points_size() -> None:
    x, y, out = np.random.default_rng(0).standard_normal((3, 100_000))
    program = Program([parse("(1.5 - x + x*y)**2 + exp(-x**2)/(1 + y**2)")])
    work = program.workspace(x.size)
    program(x, y, [out], work)
    tracemalloc.start()
    try:
        program(x, y, [out], work)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 20_000


def test_every_function_has_a_derivative() -> None:
    for name, function in FUNCTIONS.items():
        tree = parse(f"{name}(x*y)" if function.nin == 1 else f"{name}(x, y)")
        assert parse(text(derivative(tree, "x"))) is derivative(tree, "x")

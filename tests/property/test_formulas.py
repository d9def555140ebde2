"""Any formula: written and read again, and its derivatives against two independent ways to take them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import elementwise_grad
from hypothesis import assume, given
from hypothesis import strategies as st

from gradsim.engine.calculus.derivative import derivative
from gradsim.engine.calculus.expression import (
    FUNCTIONS,
    MAX_POWER,
    OPERATORS,
    VARIABLES,
    ExpressionError,
    Node,
    constant_value,
    number,
    parse,
    postorder,
    text,
)
from gradsim.engine.calculus.program import Program
from gradsim.engine.types import Array

ONE_ARGUMENT = [name for name, function in FUNCTIONS.items() if function.nin == 1]
TWO_ARGUMENTS = [name for name, function in FUNCTIONS.items() if function.nin == 2]

leaves = st.sampled_from([Node(name) for name in VARIABLES]) | st.floats(
    -5, 5, allow_nan=False, allow_infinity=False, allow_subnormal=False
).map(number)


def _compound(children: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return (
        # The minus of a positive number is a number, as it is read.
        st.builds(lambda a: Node("neg", a), children.filter(lambda a: a.op != "number" or a.value < 0))
        | st.builds(Node, st.sampled_from(ONE_ARGUMENT), children)
        | st.builds(Node, st.sampled_from([*"+-*/", *TWO_ARGUMENTS]), children, children)
        | st.builds(lambda a, n: Node("**", a, number(n)), children, st.integers(-3, 5))
        | st.builds(lambda a, b: Node("**", Node("exp", a), b), children, children.filter(lambda b: b.op != "number"))
    )


trees = st.recursive(leaves, _compound, max_leaves=8)
points = st.tuples(*[st.floats(-2, 2, allow_subnormal=False)] * 2)


@given(trees)
def test_what_is_written_is_read_as_the_same(tree: Node) -> None:
    written = text(tree)
    assume(len(written) <= 500)
    assume(
        all(node.op != "**" or abs(constant_value(node.args[1]) or 0.0) <= MAX_POWER for node in postorder([tree]))
    )
    assert parse(written) is tree


@given(st.text(max_size=600))
def test_any_text_is_a_formula_or_refused(source: str) -> None:
    _read(source)


@given(st.lists(st.sampled_from([*"xyz0129+-*/^²·(),. e", "sin", "max", "**", "lambda", "__"])).map("".join))
def test_any_mix_of_tokens_is_a_formula_or_refused(source: str) -> None:
    _read(source)


def _read(source: str) -> None:
    try:
        tree = parse(source)
    except ExpressionError as refused:
        error = refused
    else:
        assert parse(text(tree)) is tree
        return
    assert 1 <= error.column <= len(source) + 1
    assert str(error).isprintable()


AUTOGRAD: dict[str, Callable[..., Any]] = {
    "+": anp.add,
    "-": anp.subtract,
    "*": anp.multiply,
    "/": anp.divide,
    "**": anp.power,
    "neg": anp.negative,
    "asin": anp.arcsin,
    "acos": anp.arccos,
    "atan": anp.arctan,
    "sigmoid": lambda u: 0.5 * (1.0 + anp.tanh(0.5 * u)),
    "heaviside": lambda u, h: anp.where(u == 0.0, h, 1.0 * (u > 0.0)),
    "min": anp.minimum,
    "max": anp.maximum,
    "hypot": lambda u, v: anp.sqrt(u**2 + v**2),
}


def by_autograd(tree: Node, x: Any, y: Any) -> Any:
    if tree.op in VARIABLES:
        return x if tree.op == "x" else y
    if tree.op == "number":
        return tree.value * anp.ones_like(x)
    function = AUTOGRAD.get(tree.op) or getattr(anp, tree.op)
    if tree.op == "**" and tree.args[1].op == "number":
        return by_autograd(tree.args[0], x, y) ** tree.args[1].value
    return function(*(by_autograd(arg, x, y) for arg in tree.args))


def evaluated(trees: list[Node], x: Array, y: Array) -> Array:
    out = np.empty((len(trees), *x.shape))
    Program(trees)(x, y, list(out))
    return out


def in_place(tree: Node, x: float, y: float) -> dict[Node, float]:
    """Return the value of every part of a tree, each operation by NumPy alone, powers by its power."""
    values: dict[Node, float] = {}
    with np.errstate(all="ignore"):
        for node in postorder([tree]):
            function = OPERATORS.get(node.op) or FUNCTIONS.get(node.op)
            if function is not None:
                values[node] = float(function(*(values[arg] for arg in node.args)))
            else:
                values[node] = {"x": x, "y": y, "number": node.value}[node.op]
    return values


def room(tree: Node, x: float, y: float) -> float:
    """Return what rounding may come to: a share of the largest part; leave points where a part is huge."""
    largest = max(map(abs, in_place(tree, x, y).values()))
    assume(largest < 1e5)
    return 1e-9 * largest


def smooth(tree: Node, x: float, y: float) -> bool:
    """Tell whether no part of a tree is near a kink, a jump, a pole or an end of where it has values."""
    values = in_place(tree, x, y)
    return all(np.isfinite(value) for value in values.values()) and all(
        abs(distance) > 1e-2
        for node in values
        if node.op in EDGES
        for distance in EDGES[node.op](*(values[arg] for arg in node.args))
    )


EDGES: dict[str, Callable[..., tuple[float, ...]]] = {
    "abs": lambda u: (u,),
    "sign": lambda u: (u,),
    "log": lambda u: (u,),
    "sqrt": lambda u: (u,),
    "asin": lambda u: (u - 1, u + 1),
    "acos": lambda u: (u - 1, u + 1),
    "tan": lambda u: (np.cos(u),),
    "/": lambda u, v: (v,),
    "**": lambda u, v: (u,),
    "heaviside": lambda u, h: (u,),
    "min": lambda u, v: (u - v,),
    "max": lambda u, v: (u - v,),
    "hypot": lambda u, v: (abs(u) + abs(v),),
}


def value(tree: Node, x: float, y: float) -> float:
    return evaluated([tree], np.array([x]), np.array([y])).item()


@given(trees, points)
def test_simplifying_changes_no_value(tree: Node, point: tuple[float, float]) -> None:
    assume(smooth(tree, *point))
    assert value(tree, *point) == pytest.approx(in_place(tree, *point)[tree], abs=room(tree, *point))


@given(trees, points, st.sampled_from(VARIABLES))
def test_derivatives_are_those_of_autograd(tree: Node, point: tuple[float, float], variable: str) -> None:
    assume(smooth(tree, *point))
    found = derivative(tree, variable)
    allowed = room(found, *point)
    with np.errstate(all="ignore"):
        x, y = (np.array([part]) for part in point)
        whole = lambda x, y: by_autograd(tree, x, y) + 0.0 * (x + y)  # noqa: E731 (it warns of what depends on nothing)
        expected = elementwise_grad(whole, VARIABLES.index(variable))(x, y).item()
    assert value(found, *point) == pytest.approx(expected, rel=1e-9, abs=allowed)


@given(trees, points, st.sampled_from(VARIABLES), st.sampled_from(VARIABLES))
def test_second_derivatives_are_differences_of_first(
    tree: Node, point: tuple[float, float], first: str, second: str
) -> None:
    assume(smooth(tree, *point))
    slope = derivative(tree, first)
    curvature = derivative(slope, second)
    allowed = room(slope, *point) + room(curvature, *point)

    def central(h: float) -> float:
        ahead, behind = (
            tuple(at + s * h * (v == second) for at, v in zip(point, VARIABLES, strict=True)) for s in (1, -1)
        )
        assume(smooth(tree, *ahead) and smooth(tree, *behind))
        return (value(slope, *ahead) - value(slope, *behind)) / (2.0 * h)

    h = 1e-4
    near, far = central(h), central(2.0 * h)
    # The error of a central difference is of second order: that of `near` is a third of what they differ by.
    assert value(curvature, *point) == pytest.approx(near, abs=abs(far - near) + allowed / h)
    assume(abs(near - far) + allowed / h < 1e-2 * (1.0 + abs(near)))  # or it has not told much

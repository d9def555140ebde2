"""Exact derivatives of formulas, simplified while they are built."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite

import numpy as np

from gradsim.engine.calculus.expression import OPERATORS, Node, apply, number, postorder

ZERO, ONE = number(0.0), number(1.0)

TINY = float(np.finfo(np.float32).tiny)


def derivative(tree: Node, variable: str) -> Node:
    """Return the partial derivative of a tree with respect to "x" or "y".

    At a kink it is the mean of both sides: 0 for abs at 0, and the mean of both
    derivatives for min and max of equal arguments. At hypot(0, 0) it is 0, which
    is a subgradient. The derivatives of sign and heaviside are 0 everywhere.
    """
    tree = simplified(tree)
    slopes: dict[Node, Node] = {}
    for node in postorder([tree]):
        if node.args:
            slopes[node] = _slope(node, *(slopes[arg] for arg in node.args))
        else:
            slopes[node] = ONE if node.op == variable else ZERO
    return slopes[tree]


def simplified(tree: Node) -> Node:
    """Return an equivalent tree: constants folded, no sums with 0, no products with 0 or 1."""
    made: dict[Node, Node] = {}
    for node in postorder([tree]):
        made[node] = build(node.op, *(made[arg] for arg in node.args)) if node.args else node
    return made[tree]


def build(op: str, *args: Node) -> Node:
    """Return the simplified node of an operation on simplified nodes."""
    if all(arg.op == "number" for arg in args):
        value = apply(op, *(arg.value for arg in args))
        if isfinite(value):
            return number(value)
    return _BUILDERS[op](*args) if op in _BUILDERS else Node(op, *args)


# Arguments of these builders are simplified; not all of them are numbers, or the result is not finite.


def _add(a: Node, b: Node) -> Node:
    if ZERO in (a, b):
        return b if a is ZERO else a
    if b.op == "neg":
        return build("-", a, b.args[0])
    if a.op == "neg":
        return build("-", b, a.args[0])
    return build("*", number(2.0), a) if a is b else Node("+", a, b)


def _subtract(a: Node, b: Node) -> Node:
    if b is ZERO:
        return a
    if a is ZERO:
        return build("neg", b)
    if b.op == "neg":
        return build("+", a, b.args[0])
    return ZERO if a is b else Node("-", a, b)


def _multiply(a: Node, b: Node) -> Node:
    if b.op == "number" or (b.op == "neg" and a.op != "number"):
        a, b = b, a
    if a is ZERO:
        return ZERO
    if a.op == "number":
        return _scale(a.value, b)
    if a.op == "neg":
        return build("neg", build("*", a.args[0], b))
    if _is_scaled(b):
        return build("*", b.args[0], build("*", a, b.args[1]))
    if _is_scaled(a):
        return build("*", a.args[0], build("*", a.args[1], b))
    return Node("*", a, b)


def _is_scaled(node: Node) -> bool:
    return node.op == "*" and node.args[0].op == "number"


def _scale(factor: float, b: Node) -> Node:
    if factor == 1.0:
        return b
    if factor == -1.0:
        return build("neg", b)
    if b.op == "neg":
        return _scale(-factor, b.args[0])
    if _is_scaled(b) and isfinite(factor * b.args[0].value):
        return _scale(factor * b.args[0].value, b.args[1])
    return Node("*", number(factor), b)


def _divide(a: Node, b: Node) -> Node:
    if b is ONE:
        return a
    if a is ZERO:
        return ZERO
    if a.op == "neg":
        return build("neg", build("/", a.args[0], b))
    return Node("/", a, b)


def _power(a: Node, b: Node) -> Node:
    if b is ZERO:
        return ONE
    return a if b is ONE else Node("**", a, b)


def _negate(a: Node) -> Node:
    if a.op == "neg":
        return a.args[0]
    if _is_scaled(a):
        return _scale(-a.args[0].value, a.args[1])
    return build("-", a.args[1], a.args[0]) if a.op == "-" else Node("neg", a)


_BUILDERS: dict[str, Callable[..., Node]] = {
    "+": _add,
    "-": _subtract,
    "*": _multiply,
    "/": _divide,
    "**": _power,
    "neg": _negate,
}
assert set(_BUILDERS) == set(OPERATORS)


# Rules of differentiation: `u` and `v` are the arguments, `du` and `dv` their derivatives.


def _slope(node: Node, *slopes: Node) -> Node:
    if all(slope is ZERO for slope in slopes):
        return ZERO
    if node.op in _BINARY_RULES:
        return _BINARY_RULES[node.op](*node.args, *slopes)
    return build("*", _UNARY_RULES[node.op](*node.args), slopes[0])


def _times(*factors: Node) -> Node:
    product = ONE
    for factor in factors:
        product = build("*", product, factor)
    return product


def _square(u: Node) -> Node:
    return build("**", u, number(2.0))


def _inverse_root(u: Node) -> Node:
    """1 / sqrt(1 - u^2)."""
    return build("/", ONE, build("sqrt", build("-", ONE, _square(u))))


_UNARY_RULES: dict[str, Callable[[Node], Node]] = {
    "neg": lambda u: number(-1.0),
    "sin": lambda u: build("cos", u),
    "cos": lambda u: build("neg", build("sin", u)),
    "tan": lambda u: build("/", ONE, _square(build("cos", u))),
    "asin": _inverse_root,
    "acos": lambda u: build("neg", _inverse_root(u)),
    "atan": lambda u: build("/", ONE, build("+", ONE, _square(u))),
    "exp": lambda u: build("exp", u),
    "log": lambda u: build("/", ONE, u),
    "sqrt": lambda u: build("/", number(0.5), build("sqrt", u)),
    "sinh": lambda u: build("cosh", u),
    "cosh": lambda u: build("sinh", u),
    # Unlike 1 - tanh^2 and 1 - sigmoid, these do not cancel where the slope is small.
    "tanh": lambda u: build("/", ONE, _square(build("cosh", u))),
    "sigmoid": lambda u: build("*", build("sigmoid", u), build("sigmoid", build("neg", u))),
    "abs": lambda u: build("sign", u),
    "sign": lambda u: ZERO,
}


def _of_product(u: Node, v: Node, du: Node, dv: Node) -> Node:
    return build("+", build("*", du, v), build("*", u, dv))


def _of_quotient(u: Node, v: Node, du: Node, dv: Node) -> Node:
    """(du - u/v dv) / v, which avoids v^2, as that overflows sooner."""
    if dv is ZERO:
        return build("/", du, v)
    return build("/", build("-", du, build("*", build("/", u, v), dv)), v)


def _of_power(u: Node, v: Node, du: Node, dv: Node) -> Node:
    """v u^(v-1) du + u^v log(u) dv; u^v v/u du would be NaN where u is 0."""
    by_base = ZERO if du is ZERO else _times(v, build("**", u, build("-", v, ONE)), du)
    by_power = ZERO if dv is ZERO else _times(build("**", u, v), build("log", u), dv)
    return build("+", by_base, by_power)


def _of_max(u: Node, v: Node, du: Node, dv: Node) -> Node:
    half = number(0.5)
    larger = build("heaviside", build("-", u, v), half)
    smaller = build("heaviside", build("-", v, u), half)
    return build("+", build("*", larger, du), build("*", smaller, dv))


def _of_hypot(u: Node, v: Node, du: Node, dv: Node) -> Node:
    """(u du + v dv) / hypot(u, v), with a positive denominator."""
    length = build("max", build("hypot", u, v), number(TINY))
    return build("/", build("+", build("*", u, du), build("*", v, dv)), length)


_BINARY_RULES: dict[str, Callable[[Node, Node, Node, Node], Node]] = {
    "+": lambda u, v, du, dv: build("+", du, dv),
    "-": lambda u, v, du, dv: build("-", du, dv),
    "*": _of_product,
    "/": _of_quotient,
    "**": _of_power,
    "max": _of_max,
    "min": lambda u, v, du, dv: _of_max(v, u, du, dv),
    "hypot": _of_hypot,
    "heaviside": lambda u, v, du, dv: ZERO,
}

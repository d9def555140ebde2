"""Formulas in x and y, and conditions on them: text to tree, and tree to text.

Python's own parser reads the text, and every node of its result is checked
against what a formula may contain; nothing is ever executed as Python.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial, reduce
from itertools import pairwise
from math import e, isfinite, pi
from threading import Lock
from typing import Any, NoReturn
from weakref import WeakValueDictionary

import numpy as np

from gradsim.schema.errors import Given, Phrase, counted, nearest
from gradsim.schema.parameters import ParameterError

VARIABLES = ("x", "y")
CONSTANTS = {"pi": pi, "e": e}


class _Sigmoid:
    """1 / (1 + exp(-u)) for all u (where exp overflows, the quotient is 0), with the interface of a ufunc."""

    nin = 1

    def __call__(self, u: Any, out: Any = None) -> Any:
        denominator = np.exp(np.negative(u, out=out), out=out)
        return np.divide(1.0, np.add(denominator, 1.0, out=out), out=out)


FUNCTIONS: dict[str, np.ufunc | _Sigmoid] = {
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "sigmoid": _Sigmoid(),
    "abs": np.abs,
    "sign": np.sign,
    "heaviside": np.heaviside,
    "min": np.minimum,
    "max": np.maximum,
    "hypot": np.hypot,
}
"""The functions of formulas; `heaviside(u, h)` is 0, h or 1 where u is negative, zero or positive."""

ALIASES = {"ln": "log"}

OPERATORS: dict[str, np.ufunc] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "**": np.power,
    "neg": np.negative,
}

CONDITIONS: dict[str, np.ufunc] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
    "and": np.logical_and,
    "or": np.logical_or,
    "not": np.logical_not,
}
"""What conditions are made of, beside formulas; the result is 1 where a condition holds, else 0."""

MAX_CHARACTERS = 500
MAX_NESTING = 50
MAX_POWER = 64
"""The limits of a formula: its length, nested operations, and constant powers."""


class ExpressionError(ParameterError):
    """A formula that cannot be read; `column` is where, counted from 1."""

    def __init__(self, column: int, problem: str) -> None:
        super().__init__("", Phrase("column {column}: {problem}", column=str(column), problem=problem))
        self.column = column


class Node:
    """One operation of a formula: "number", "x", "y", an operator or a function, and its arguments.

    Equal nodes are the same object (hash consing): repeated parts of a tree are
    shared, and trees of any depth are compared by identity.
    """

    __slots__ = ("__weakref__", "args", "op", "value")

    op: str
    args: tuple[Node, ...]
    value: float
    """The value of a number; 0 for all other operations."""

    def __new__(cls, op: str, *args: Node, value: float = 0.0) -> Node:
        key = (op, args, value)
        with _LOCK:
            node = _NODES.get(key)
            if node is None:
                node = super().__new__(cls)
                for name, part in (("op", op), ("args", args), ("value", value + 0.0)):  # no negative zero
                    object.__setattr__(node, name, part)
                _NODES[key] = node
        return node

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a node is immutable")

    def __repr__(self) -> str:
        return f"<{text(self)}>"


_LOCK = Lock()
_NODES: WeakValueDictionary[tuple[Any, ...], Node] = WeakValueDictionary()


def number(value: float) -> Node:
    """Return the node of a number."""
    return Node("number", value=value)


def postorder(roots: Sequence[Node]) -> Iterator[Node]:
    """Yield `roots` and all nodes below them, each once, arguments before the operations that use them."""
    done: set[Node] = set()
    waiting = [(root, False) for root in reversed(roots)]
    while waiting:
        node, ready = waiting.pop()
        if node in done:
            continue
        if ready:
            done.add(node)
            yield node
        else:
            waiting.append((node, True))
            waiting.extend((arg, False) for arg in reversed(node.args))


# Writing.

_STRENGTH = {"+": 1, "-": 1, "*": 2, "/": 2, "neg": 3, "**": 4}
_STRENGTH |= {"or": -3, "and": -2, "not": -1} | dict.fromkeys(("<", "<=", ">", ">=", "==", "!="), 0)
_ATOM = 5
_PREFIXES = {"neg": "-", "not": "not "}


def text(tree: Node) -> str:
    """Write a tree with the fewest brackets that keep its meaning: the inverse of :func:`parse`."""
    written: dict[Node, tuple[str, int]] = {}
    for node in postorder([tree]):
        written[node] = _written(node, [written[arg] for arg in node.args])
    return written[tree][0]


def _written(node: Node, args: list[tuple[str, int]]) -> tuple[str, int]:
    def bracketed(i: int, least: int) -> str:
        words, strength = args[i]
        return words if strength >= least else f"({words})"

    strength = _STRENGTH.get(node.op, _ATOM)
    if node.op == "number":
        return _digits(node.value), _ATOM if node.value >= 0.0 else _STRENGTH["neg"]
    if node.op in _PREFIXES:
        return _PREFIXES[node.op] + bracketed(0, strength), strength
    if node.op == "**":
        return f"{bracketed(0, _ATOM)}**{bracketed(1, strength)}", strength
    if node.op in _STRENGTH:
        return f"{bracketed(0, strength)} {node.op} {bracketed(1, strength + 1)}", strength
    if node.args:
        return f"{node.op}({', '.join(words for words, _ in args)})", _ATOM
    return node.op, _ATOM


def _digits(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 1e16 else repr(value)


# Reading.

_TOKEN = re.compile(
    r"(?P<blank> +)|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<sign>\*\*|[-+*/^−·×])|(?P<power>[²³])|(?P<open>\()|(?P<close>\))|(?P<comma>,)",
    re.ASCII,
)
_TOKEN_OF_CONDITION = re.compile(
    rf"(?P<compare>[<>=!]=|[<>≤≥≠])|(?P<join>(?:and|or)\b)|(?P<not>not\b)|{_TOKEN.pattern}", re.ASCII
)
_MEANING = {"^": "**", "−": "-", "·": "*", "×": "*", "²": "**2", "³": "**3", "≤": "<=", "≥": ">=", "≠": "!="}
_MEANING |= {word: f" {word} " for word in ("and", "or", "not")}
_BINARY = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}
_COMPARED = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
_JOINED = {ast.And: "and", ast.Or: "or"}
_ENDS = ("number", "name", "close", "power")  # the tokens that end an operand
_BEGIN = ("number", "name", "open", "not")
_BETWEEN = ("close", "comma", "power", "compare", "join")


def parse(source: str, constants: Mapping[str, float] | None = None) -> Node:
    """Read a formula such as ``(1.5 - x + x*y)**2 + sin(pi*x)``.

    Operators are + - * / ** (or ^), also written − · × ² ³, with Python's
    precedence: ``-x**2`` is -(x**2), and powers are taken from the right.

    Parameters
    ----------
    source : str
        At most :data:`MAX_CHARACTERS` characters.
    constants : mapping of str to float
        Further names and the numbers that they stand for.

    Raises
    ------
    ExpressionError
        For anything that is not a formula, with the column of the problem.
    """
    body, columns = _parsed(source, _TOKEN)
    return _Reader(columns, {**CONSTANTS, **(constants or {})}).node(body, 1)


def parse_conditions(source: str) -> tuple[Node, ...]:
    """Read conditions with semicolons between them, such as ``y > sin(x); 0 < x <= 1 and not y < 0``.

    Conditions compare formulas by < <= > >= == != (also written ≤ ≥ ≠); `and`, `or` and `not` join them, with
    Python's precedence. The value of a condition is 1 where it holds, else 0.

    Raises
    ------
    ExpressionError
        For anything that is no condition, with the column of the problem in `source`.
    """
    found, start = [], 0
    for part in source.split(";"):
        body, columns = _parsed(" " * start + part, _TOKEN_OF_CONDITION)
        found.append(_Reader(columns, CONSTANTS).condition(body, 1))
        start += len(part) + 1
    return tuple(found)


def _parsed(source: str, tokens: re.Pattern[str]) -> tuple[ast.expr, list[int]]:
    """Return Python's tree of a text of these tokens, and the column in `source` of each character of Python's."""
    if len(source) > MAX_CHARACTERS:
        raise ExpressionError(
            MAX_CHARACTERS + 1, Phrase("the formula is longer than {most} characters", most=str(MAX_CHARACTERS))
        )
    python, columns = _to_python(source, tokens)
    try:
        return ast.parse(python, mode="eval").body, columns
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        offset = getattr(error, "offset", None) or 1
        raise ExpressionError(
            columns[min(offset, len(columns)) - 1], Phrase("this cannot be read as a formula")
        ) from None


def _to_python(source: str, tokens: re.Pattern[str]) -> tuple[str, list[int]]:
    """Return the formula as Python writes it, and the column in `source` of each of its characters."""
    python, columns = "", []
    at, depth, before = 0, 0, ""
    while at < len(source):
        token = tokens.match(source, at)
        if token is None:
            raise ExpressionError(at + 1, _not_allowed(source[at], tokens))
        kind, word = str(token.lastgroup), token.group()
        if kind != "blank":
            _follows(before, kind, word, at + 1, depth)
            depth += (kind == "open") - (kind == "close")
            before = kind
        meant = _MEANING.get(word, word)
        if not python:  # leading blanks would be an indentation error
            meant = meant.lstrip(" ")
        if meant:
            python += meant
            columns += [at + 1] * len(meant)
        at = token.end()
    if before not in _ENDS:
        raise ExpressionError(at + 1, Phrase("a number, a name, a function or a bracket is missing at the end"))
    if depth:
        raise ExpressionError(at + 1, Phrase("a closing bracket is missing at the end"))
    return python, columns


def _not_allowed(sign: str, tokens: re.Pattern[str]) -> Phrase:
    if tokens is _TOKEN:
        return Phrase("{sign} is not allowed; + - * / ** ( ) , and names are", sign=Given(sign))
    template = "{sign} is not allowed; < <= > >= == != and or not + - * / ** ( ) , and names are"
    return Phrase(template, sign=Given(sign))


def _follows(before: str, kind: str, word: str, column: int, depth: int) -> None:
    """Refuse a token that cannot follow one of the kind `before`."""
    ended = before in _ENDS
    if ended and kind in _BEGIN and (before, kind) != ("name", "open"):
        raise ExpressionError(
            column, Phrase("an operator is missing before {word}; a product is 2*x", word=Given(word))
        )
    if not ended and (kind in _BETWEEN or (kind == "sign" and word not in "+-−")):
        template = "a number, a name, a function or a bracket is missing before {word}"
        raise ExpressionError(column, Phrase(template, word=Given(word)))
    if before == "power" and _MEANING.get(word, word).startswith("**"):
        raise ExpressionError(column, Phrase("a power of a power needs brackets, as in (x²)²"))
    if kind == "close" and depth == 0:
        raise ExpressionError(column, Phrase("this bracket was never opened"))
    if kind == "open" and depth == MAX_NESTING:
        raise ExpressionError(
            column, Phrase("more than {most} brackets are inside one another", most=str(MAX_NESTING))
        )


class _Reader:
    """Turns Python's tree into a formula's."""

    def __init__(self, columns: list[int], constants: Mapping[str, float]) -> None:
        self.columns = columns
        self.constants = constants

    def refused(self, tree: ast.expr, problem: str) -> ExpressionError:
        return ExpressionError(self.columns[tree.col_offset], problem)

    def too_deep(self, tree: ast.expr) -> ExpressionError:
        return self.refused(tree, Phrase("more than {most} operations are inside one another", most=str(MAX_NESTING)))

    def node(self, tree: ast.expr, depth: int) -> Node:
        if depth > MAX_NESTING:
            raise self.too_deep(tree)
        match tree:
            case ast.Constant():
                return self.number(tree)
            case ast.Name():
                return self.name(tree)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd()):
                return self.signed(tree, depth)
            case ast.BinOp() if type(tree.op) in _BINARY:
                return self.binary(tree, depth)
            case ast.Call():
                return self.call(tree, depth)
            case ast.Compare() | ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
                what = "this is a condition, and a number is needed here; conditions are joined by and, or and not"
                raise self.refused(tree, Phrase(what))
        raise self.refused(tree, Phrase("this is not allowed; numbers, x, y, + - * / ** and functions are"))

    def condition(self, tree: ast.expr, depth: int) -> Node:
        if depth > MAX_NESTING:
            raise self.too_deep(tree)
        match tree:
            case ast.Compare():
                return self.compared(tree, depth)
            case ast.BoolOp():
                parts = [self.condition(part, depth + 1) for part in tree.values]
                return reduce(partial(Node, _JOINED[type(tree.op)]), parts)
            case ast.UnaryOp(op=ast.Not()):
                return Node("not", self.condition(tree.operand, depth + 1))
        what = "this is a number, and a condition is needed here, such as y > sin(x)"
        raise self.refused(tree, Phrase(what))

    def compared(self, tree: ast.Compare, depth: int) -> Node:
        """Return a comparison; of several in a row, as in 0 < x < 1, each has to hold."""
        values = [self.node(part, depth + 1) for part in (tree.left, *tree.comparators)]
        pairs = zip((_COMPARED[type(op)] for op in tree.ops), pairwise(values), strict=True)
        return reduce(partial(Node, "and"), (Node(op, *pair) for op, pair in pairs))

    def number(self, tree: ast.Constant) -> Node:
        value = tree.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.refused(tree, Phrase("{value} is not a number", value=Given(value)))
        try:
            value = float(value)
        except OverflowError:
            value = float("inf")
        if not isfinite(value):
            raise self.refused(tree, Phrase("this number is too large"))
        return number(value)

    def name(self, tree: ast.Name) -> Node:
        if tree.id in VARIABLES:
            return Node(tree.id)
        if tree.id in self.constants:
            return number(self.constants[tree.id])
        if ALIASES.get(tree.id, tree.id) in FUNCTIONS:
            raise self.refused(
                tree, Phrase("{word} is a function; write {name}(…)", word=Given(tree.id), name=tree.id)
            )
        known = (*VARIABLES, *self.constants)
        template = "{word} is not known; {known} or a function are{nearest}"
        near = nearest(tree.id, (*known, *FUNCTIONS, *ALIASES))
        raise self.refused(tree, Phrase(template, word=Given(tree.id), known=", ".join(known), nearest=near))

    def signed(self, tree: ast.UnaryOp, depth: int) -> Node:
        operand = self.node(tree.operand, depth + 1)
        if isinstance(tree.op, ast.UAdd):
            return operand
        if operand.op == "number" and operand.value >= 0.0:
            return number(-operand.value)
        return Node("neg", operand)

    def binary(self, tree: ast.BinOp, depth: int) -> Node:
        left, right = self.node(tree.left, depth + 1), self.node(tree.right, depth + 1)
        if isinstance(tree.op, ast.Pow):
            power = constant_value(right)
            if power is not None and not abs(power) <= MAX_POWER:
                template = "the power {power} is too large; from {low} to {high} is allowed"
                ends = {"low": str(-MAX_POWER), "high": str(MAX_POWER)}
                raise self.refused(tree.right, Phrase(template, power=f"{power:.6g}", **ends))
        return Node(_BINARY[type(tree.op)], left, right)

    def call(self, tree: ast.Call, depth: int) -> Node:
        word = tree.func.id if isinstance(tree.func, ast.Name) else ""
        name = ALIASES.get(word, word)
        if name not in FUNCTIONS or tree.keywords:
            known = (*FUNCTIONS, *ALIASES)
            template, near = "{word} is not a function; {known} are{nearest}", nearest(word, known)
            raise self.refused(tree, Phrase(template, word=Given(word), known=", ".join(known), nearest=near))
        wanted = FUNCTIONS[name].nin
        if len(tree.args) != wanted:
            arguments, count = counted(wanted, "argument"), str(len(tree.args))
            what = Phrase("{word} takes {arguments}, not {given}", word=word, arguments=arguments, given=count)
            raise self.refused(tree, what)
        return Node(name, *(self.node(arg, depth + 1) for arg in tree.args))


def constant_value(tree: Node) -> float | None:
    """Return the value of a tree without x and y, and None for any other."""
    values: dict[Node, float] = {}
    for node in postorder([tree]):
        if node.op in VARIABLES:
            return None
        values[node] = node.value if node.op == "number" else apply(node.op, *(values[arg] for arg in node.args))
    return values[tree]


def apply(op: str, *values: float) -> float:
    """Apply an operator or a function to numbers; the result is NaN or infinite where it is undefined."""
    with np.errstate(all="ignore"):
        return float(function_of(op)(*values))


def function_of(op: str) -> np.ufunc | _Sigmoid:
    """Return what computes an operation."""
    return OPERATORS.get(op) or CONDITIONS.get(op) or FUNCTIONS[op]

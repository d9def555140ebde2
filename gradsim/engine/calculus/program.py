"""Evaluation of formulas on arrays: shared parts once, in blocks that fit into the processor's cache."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gradsim.engine.calculus.derivative import simplified
from gradsim.engine.calculus.expression import VARIABLES, Node, function_of, number, postorder
from gradsim.engine.types import Array

BLOCK, WORKSPACE = 2**14, 2**20
"""The largest number of points evaluated at once, and of elements of the workspace."""


class Program:
    """Several formulas, compiled to be evaluated together.

    Immutable, so that threads may share it; scratch space is passed in. Where a
    formula is undefined, the result is NaN or infinite, without a warning.
    """

    def __init__(self, trees: Sequence[Node]) -> None:
        outputs = [_without_powers(simplified(tree)) for tree in trees]
        order = [node for node in postorder(outputs) if node.args]
        self._registers, self._code, self._results = _allocated(order, outputs)

    @property
    def operations(self) -> int:
        """The number of array operations of an evaluation."""
        return len(self._code)

    def workspace(self, points: int, dtype: Any = np.float64) -> Array:
        """Return a scratch array (registers, block) for :meth:`__call__` with up to `points` points."""
        block = min(points, BLOCK, WORKSPACE // self._registers)
        return np.empty((self._registers, max(block, 1)), dtype)

    def __call__(self, x: Array, y: Array, out: Sequence[Array], work: Array | None = None) -> None:
        """Evaluate at points of any number of axes, into one array of the same shape for each formula.

        Parameters
        ----------
        x, y : arrays of one shape
        out : sequence of arrays of that shape
            One-dimensional or contiguous; may be `x` and `y`.
        work : array of (registers, block)
            A :meth:`workspace`; allocated if missing.
        """
        if x.shape != y.shape or any(to.shape != x.shape for to in out) or len(out) != len(self._results):
            raise ValueError(
                f"{len(self._results)} formulas: shapes {x.shape}, {y.shape}, {[to.shape for to in out]}"
            )
        if any(to.ndim != 1 and not to.flags.c_contiguous for to in out):
            raise ValueError("an output is neither one-dimensional nor contiguous")
        if work is None:
            work = self.workspace(x.size, out[0].dtype if out else np.float64)
        x, y, out = x.reshape(-1), y.reshape(-1), [to.reshape(-1) for to in out]
        with np.errstate(all="ignore"):
            block = work.shape[1]
            for first in range(0, x.size, block):
                part = slice(first, first + block)
                self._run(x[part], y[part], [to[part] for to in out], work)

    def _run(self, x: Array, y: Array, out: Sequence[Array], work: Array) -> None:
        registers = [row[: x.size] for row in work]
        registers[0][:], registers[1][:] = x, y
        for function, args, target in self._code:
            function(*[registers[arg] if type(arg) is int else arg for arg in args], out=registers[target])
        for to, result in zip(out, self._results, strict=True):
            to[:] = registers[result] if type(result) is int else result


# An argument is the number of a register, or a constant (a float).
Argument = int | float
Instruction = tuple[Callable[..., Any], tuple[Argument, ...], int]


def _allocated(order: Sequence[Node], outputs: Sequence[Node]) -> tuple[int, list[Instruction], list[Argument]]:
    """Allocate registers; return their number, the instructions, and the registers of the results.

    A register is reused after the last instruction that reads it.
    """
    last = {arg: i for i, node in enumerate(order) for arg in node.args}
    last |= dict.fromkeys(outputs, len(order))
    places: dict[Node, int] = {Node(name): i for i, name in enumerate(VARIABLES)}
    count, code = len(places), list[Instruction]()
    free = [place for variable, place in places.items() if variable not in last]

    def argument(node: Node) -> Argument:
        return node.value if node.op == "number" else places[node]

    for i, node in enumerate(order):
        args = tuple(argument(arg) for arg in node.args)
        free += [places[arg] for arg in dict.fromkeys(node.args) if last[arg] == i and arg.op != "number"]
        if not free:
            free.append(count)
            count += 1
        places[node] = free.pop()
        code.append((function_of(node.op), args, places[node]))
    return count, code, [argument(output) for output in outputs]


def _without_powers(tree: Node) -> Node:
    """Return a tree with integer powers replaced by products, which are much faster."""
    made: dict[Node, Node] = {}
    for node in postorder([tree]):
        args = [made[arg] for arg in node.args]
        if node.op == "**" and args[1].op == "number" and args[1].value.is_integer():
            made[node] = _product(args[0], int(args[1].value))
        else:
            made[node] = Node(node.op, *args, value=node.value)
    return made[tree]


def _product(base: Node, power: int) -> Node:
    """Return base^power by repeated squaring."""
    if power < 0:
        return Node("/", number(1.0), _product(base, -power))
    if power < 2:
        return base if power else number(1.0)
    if power % 2:
        return Node("*", _product(base, power - 1), base)
    half = _product(base, power // 2)
    return Node("*", half, half)

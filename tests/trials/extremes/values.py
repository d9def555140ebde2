"""Values at the ends of what settings allow, and between; plain, as in files."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from typing import Any

from gradsim.engine.data.user_points import Dots
from gradsim.schema.parameters import (
    Choice,
    EntryOf,
    Integer,
    Integers,
    NestedNumbers,
    Number,
    Numbers,
    Parameter,
    Text,
    parameters,
)
from tests.trials.extremes.tables import table_file

FORMULAS = (
    "x", "0*x", "x*y", "1e150*x", "1e-150*x*y", "1e300*(x^2+y^2)", "1e-300*x^2", "exp(x)*exp(y)", "exp(exp(x))+y",
    "log(x)+y", "sqrt(x)*y", "1/x+1/y", "x^y", "abs(x)+abs(y)", "tan(x)*y", "x^2+y^2", "x^100+y^100", "sin(1e6*x)+y",
    "x/0+y", "(x-y)^3", "5+0*x*y", "exp(-x^2)/y", "x^-3", "1e308*x*1e308", "-x^2-y^2",
)  # fmt: skip
"""Flat, steep, huge, tiny, with gaps and with poles."""
CONDITIONS = ("y > x", "x > 0; y > 0", "x*1e300 > y", "sin(9*x) > y", "x > 0 and y > 0 or x < -1")


def value_of(parameter: Parameter, chance: random.Random) -> Any:  # noqa: C901 (a case for each kind)
    """Return a value that `parameter` allows by itself."""
    match parameter:
        case Number(low=low, high=high):
            return number(low, high, chance)
        case Integer(low=low, high=high, words=words):
            return chance.choice((whole(low, high, chance), whole(low, high, chance), *words))
        case Integers(low=low, high=high, most=most):
            return [whole(low, min(high, 16), chance) for _ in range(few(most, chance))]
        case Numbers(low=low, high=high, most=4):
            return window(low, high, chance)
        case Numbers():
            return numbers(parameter, chance)
        case NestedNumbers(low=low, high=high):
            return [[[number(low, high, chance)]]]
        case Dots():
            return dots(chance)
        case Text(most=most):
            return chance.choice(FORMULAS) if most > 100 else chance.choice(("", "A"))
        case Choice(choices=choices):
            return chance.choice(choices)
        case EntryOf():
            return entry(parameter, chance)
    raise AssertionError(f"{type(parameter).__name__} is new: say here which values are extreme")


def number(low: float, high: float, chance: random.Random) -> float:
    """Return a number from `low` to `high`: an end, one near 0, or any order of magnitude."""
    ends = [end for end in (low, high) if math.isfinite(end)]
    if chance.random() < 0.35:
        return float(chance.choice(ends))
    least, most = max(abs(low) if low > 0 else 0.0, 1e-300), min(max(abs(low), abs(high)), 1e300)
    size = 10.0 ** chance.uniform(math.log10(least), math.log10(most)) if chance.random() < 0.5 else chance.random()
    found = -size if low < 0 and chance.random() < 0.5 else size
    return float(min(max(found, low), high))


def whole(low: float, high: float, chance: random.Random) -> int:
    """Return a small whole number most often, seldom a larger one that is still quick to compute."""
    return int(min(high, low + chance.choice((0, 0, 1, 2, 3, 7, 20, 60))))


def few(most: int, chance: random.Random) -> int:
    """Return how many layers there are: few most often, seldom as many as may be."""
    return min(most, chance.choice((0, 1, 1, 1, 2, 2, 3, 5, 8, 30, 100)))


def numbers(parameter: Numbers, chance: random.Random) -> list[float]:
    """Return as many numbers as are allowed, few most often."""
    count = chance.randint(parameter.least, min(parameter.most, parameter.least + 3))
    return [number(parameter.low, parameter.high, chance) for _ in range(count)]


def window(low: float, high: float, chance: random.Random) -> list[float]:
    """Return a window: tiny, huge, far from 0, or long and narrow."""
    found: list[float] = []
    for _ in range(2):
        side = 10.0 ** chance.choice((-150, -12, -6, -1, 0, 0, 1, 3, 6))
        middle = chance.choice((0.0, 0.0, 0.0, 1.0, 1e3, -9e5))
        ends = [min(max(middle + by * side, low), high) for by in (-0.5, 0.5)]
        found += ends if ends[0] < ends[1] else [-1.0, 1.0]
    return found


def dots(chance: random.Random) -> list[str]:
    """Return painted points: one, all at one place, or far apart."""
    place = chance.choice(("0 0", "1e-300 0", "1e6 -1e6", "0.5 0.5"))
    rows = [f"{label}: {', '.join([place] * chance.randint(1, 5))}" for label in range(chance.randint(1, 3))]
    return [*rows, f"{chance.randint(0, 7)}: -1 {chance.random()}"] if chance.random() < 0.5 else rows


def entry(parameter: EntryOf, chance: random.Random) -> dict[str, Any]:
    """Return an entry of a registry, some of its settings at extremes."""
    return entry_of(parameter, chance.choice([key for key in parameter.registry if key != "same"]), chance)


def entry_of(parameter: EntryOf, key: str, chance: random.Random) -> dict[str, Any]:
    """Return this entry of a registry, some of its settings at extremes."""
    declared = parameters(parameter.registry[key])
    if key == "csv":
        return {"name": key, "path": table_file(chance), "scaling": value_of(declared["scaling"], chance)}
    if key == "point":  # as many numbers as it is given decide what else there is
        return {"name": key, **{name: value_of(each, chance)[:3] for name, each in declared.items()}}
    return {"name": key, **settings_of(declared, chance)}


def settings_of(declared: Mapping[str, Parameter], chance: random.Random) -> dict[str, Any]:
    """Return some of the settings that are declared."""
    found: dict[str, Any] = {}
    for name, parameter in declared.items():
        if name == "conditions":
            found[name] = chance.choice(CONDITIONS)
        elif name == "samples":
            found[name] = chance.choice((10, 11, 30, 60))
        elif name == "layers" or chance.random() < 0.5:
            found[name] = value_of(parameter, chance)
    return found

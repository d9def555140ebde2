"""Long formulas in several lines, broken where one would break them by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from gradsim.words.formulas import FormulaError, Typeset, typeset

INDENT_EM, BETWEEN_EM = 1.0, 0.3
"""How far lines after the first are indented, and how far lines are apart, in heights of the type."""

_TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|.", re.DOTALL)
_OPENS, _CLOSES = ("{", r"\left", r"\begin"), ("}", r"\right", r"\end")
_GAPS = {r"\quad": 1.0, r"\qquad": 2.0}
_BEFORE = {
    "=",
    "<",
    ">",
    r"\lt",
    r"\gt",
    r"\le",
    r"\ge",
    r"\leq",
    r"\geq",
    r"\approx",
    r"\propto",
    r"\cdot",
    r"\odot",
}
"""Signs that a line may begin with."""


class Placed(NamedTuple):
    """A piece of a formula, and where its upper left corner is."""

    picture: Typeset
    x: float
    y: float


class Laid(NamedTuple):
    """A formula in lines, and how large it is."""

    pieces: tuple[Placed, ...]
    width: float
    height: float


class Unit(NamedTuple):
    """What stays in one line: a sign, and what follows it, typeset apart, so that the sign is known already."""

    parts: tuple[str, ...]
    gap: float = 0.0
    """Before it, in heights of the type."""


@lru_cache(maxsize=128)
def laid(latex: str, px: float, colour: str, width: int) -> Laid:
    """Return a formula in as many lines as a width needs; what cannot be broken may be wider.

    FormulaError as for :func:`typeset`.
    """
    units = _typeset_units(latex, px, colour)
    found: list[Placed] = []
    bottom = 0.0
    for _, line in groupby(_lines(units, px, width), key=lambda each: each[0]):
        placed = [(picture, x) for _, picture, x in line]
        base = max(picture.above for picture, _ in placed) + bottom
        found += [Placed(picture, x, base - picture.above) for picture, x in placed]
        bottom = base + max(picture.height - picture.above for picture, _ in placed) + BETWEEN_EM * px
    return Laid(tuple(found), max(each.x + each.picture.width for each in found), bottom - BETWEEN_EM * px)


def typeset_apart(latex: str, px: float, colour: str) -> Iterator[None]:
    """Typeset what :func:`laid` will ask for, and yield after each part: one takes milliseconds."""
    with suppress(FormulaError):  # which is told when it is laid out
        for unit in broken(latex):
            for part in unit.parts:
                typeset(part, px, colour)
                yield


def _typeset_units(latex: str, px: float, colour: str) -> list[tuple[list[Typeset], float]]:
    """Return the pictures of units, and the gaps before them."""
    try:
        return [([typeset(part, px, colour) for part in parts], gap * px) for parts, gap in broken(latex)]
    except FormulaError:  # one that only as a whole may be a formula
        return [([typeset(latex, px, colour)], 0.0)]


def _lines(units: list[tuple[list[Typeset], float]], px: float, width: int) -> Iterator[tuple[int, Typeset, float]]:
    """Yield of each picture its line, itself, and where in the line it begins."""
    line, x = 0, 0.0
    for pictures, gap in units:
        if x and x + gap + sum(picture.width for picture in pictures) > width:
            line, x, gap = line + 1, INDENT_EM * px, 0.0
        x += gap
        for picture in pictures:
            yield line, picture, x
            x += picture.width


def broken(latex: str) -> list[Unit]:
    """Return the units of a formula: between them a line may end."""
    units, depth = [Unit(("",))], 0
    for token in _TOKEN.findall(latex):
        depth += (token in _OPENS) - (token in _CLOSES)
        if depth == 0 and token in _GAPS:
            units.append(Unit(("",), _GAPS[token]))
        elif depth == 0 and token in _BEFORE and units[-1].parts[-1].strip():
            # Without something around it, a sign would stand as close as that of a negative number.
            units.append(Unit((rf"{{}} {token} {{}}", "")))
        else:
            *before, last = units[-1].parts
            units[-1] = units[-1]._replace(parts=(*before, last + token))
    stripped = [Unit(tuple(part.strip() for part in parts if part.strip()), gap) for parts, gap in units]
    return [unit for unit in stripped if unit.parts] or [Unit((latex,))]

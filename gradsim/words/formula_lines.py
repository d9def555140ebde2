"""Long formulas in several lines, broken where one would break them by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
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


@lru_cache(maxsize=128)
def laid(latex: str, px: float, colour: str, width: int) -> Laid:
    """Return a formula in as many lines as a width needs; what cannot be broken may be wider.

    FormulaError as for :func:`typeset`.
    """
    pieces = _typeset_pieces(latex, px, colour)
    found: list[Placed] = []
    bottom = 0.0
    for _, line in groupby(_lines(pieces, px, width), key=lambda each: each[0]):
        placed = [(picture, x) for _, picture, x in line]
        base = max(picture.above for picture, _ in placed) + bottom
        found += [Placed(picture, x, base - picture.above) for picture, x in placed]
        bottom = base + max(picture.height - picture.above for picture, _ in placed) + BETWEEN_EM * px
    return Laid(tuple(found), max(each.x + each.picture.width for each in found), bottom - BETWEEN_EM * px)


def _typeset_pieces(latex: str, px: float, colour: str) -> list[tuple[Typeset, float]]:
    """Return the pieces with the gaps before them; apart they take less time, and many are known already."""
    try:
        return [(typeset(piece, px, colour), gap * px) for piece, gap in broken(latex)]
    except FormulaError:  # one that only as a whole may be a formula
        return [(typeset(latex, px, colour), 0.0)]


def _lines(pieces: list[tuple[Typeset, float]], px: float, width: int) -> Iterator[tuple[int, Typeset, float]]:
    """Yield of each piece its line, the picture, and where in the line it begins."""
    line, x = 0, 0.0
    for picture, gap in pieces:
        if x and x + gap + picture.width > width:
            line, x, gap = line + 1, INDENT_EM * px, 0.0
        yield line, picture, x + gap
        x += gap + picture.width


def broken(latex: str) -> list[tuple[str, float]]:
    """Return the pieces between which a line may end, and the gap before each, in heights of the type."""
    pieces, depth = [("", 0.0)], 0
    for token in _TOKEN.findall(latex):
        depth += (token in _OPENS) - (token in _CLOSES)
        if depth == 0 and token in _GAPS:
            pieces.append(("", _GAPS[token]))
        elif depth == 0 and token in _BEFORE and pieces[-1][0].strip():
            # Without something before it, a sign would stand as close as that of a negative number.
            pieces.append((rf"{{}} {token}", 0.0))
        else:
            pieces[-1] = (pieces[-1][0] + token, pieces[-1][1])
    return [(piece.strip(), gap) for piece, gap in pieces if piece.strip()] or [(latex, 0.0)]

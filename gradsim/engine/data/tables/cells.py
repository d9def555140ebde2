"""What a cell of a table holds: a number, a number with marks around it, no value, or text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import isfinite
from typing import Literal, NamedTuple
from unicodedata import normalize

import numpy as np

from gradsim.engine.types import Array

Decimal = Literal["point", "comma"]
CellKind = Literal["number", "marked", "other decimal", "missing", "blank", "true/false", "text"]

_OF_NUMBERS = "0123456789+-.eE \t"
_WORDS = ("na", "n/a", "n.a.", "nan", "<na>", "null", "none", "nil", "missing", "unknown")
_SIGNS = ("?", "-", "--", "---", "—", "–", ".", "..", "…", "#n/a", "#na", "#value!", "#div/0!")
MISSING = frozenset([*_WORDS, *_SIGNS])
"""What stands for no value in many tables, in small letters."""
TRUTHS = {"true": 1.0, "false": 0.0}

_CURRENCY = "$€£¥₹₩₽￥元"
_CODES = re.compile("(usd|eur|gbp|chf|cny|rmb|jpy|inr)? *(.*?) *(usd|eur|gbp|chf|cny|rmb|jpy|inr)?", re.IGNORECASE)
_GROUPS = {
    "point": re.compile("[+-]?[0-9]{1,3}(([,_' ’])[0-9]{3})(\\2[0-9]{3})*(\\.[0-9]*)?"),
    "comma": re.compile("[+-]?[0-9]{1,3}(([._' ’])[0-9]{3})(\\2[0-9]{3})*(,[0-9]*)?"),
}
_LIKE_THOUSANDS = re.compile("[+-]?[1-9][0-9]{0,2}(([.,])[0-9]{3})(\\2[0-9]{3})*")


class Cell(NamedTuple):
    """What a cell holds, and its number, nan where there is none."""

    kind: CellKind
    text: str = ""
    """A number as Python reads it."""

    @property
    def number(self) -> float:
        """The number; nan where there is none."""
        return float(self.text) if self.text else float("nan")


def is_number(cell: str) -> bool:
    """Tell whether a cell holds a number with a decimal point, even one too large for floating point."""
    try:
        float(cell)
    except ValueError:
        return False
    return not cell.strip(_OF_NUMBERS)


def values_of(cells: Sequence[str], decimal: Decimal = "point") -> Array | None:
    """Return the numbers in cells, such as 1, -2.5 or 3e-4; None if some hold others, or what only Python reads."""
    if decimal == "comma":
        text = "\n".join(cells)
        count, cells = len(cells), text.replace(",", ".").split("\n")
        if "." in text or len(cells) != count:
            return None
    try:
        values = np.fromiter(map(float, cells), np.float64, len(cells))
    except ValueError:
        return None
    return None if "".join(cells).strip(_OF_NUMBERS) or not np.isfinite(values).all() else values


def with_point(cell: str, decimal: Decimal) -> str:
    """Return the number in a cell without marks as Python reads it; "" if it holds none."""
    if decimal == "comma":
        cell = "x" if "." in cell else cell.replace(",", ".")
    return cell if is_number(cell) else ""


def unmarked(cell: str, decimal: Decimal) -> str:
    """Return the number in a cell with thousands separators, a currency sign or % as Python reads it; "" if none."""
    bare = normalize("NFKC", cell).replace("\u2212", "-").strip(_CURRENCY + "% ")
    if found := _CODES.fullmatch(bare):
        bare = found[2]
    sign, rest = (bare[0], bare[1:].lstrip(_CURRENCY + " ")) if bare[:1] in ("-", "+") else ("", bare)
    found = _GROUPS[decimal].fullmatch(sign + rest)
    if found:
        whole = (sign + rest).replace(found[2], "")
        return with_point(whole, decimal)
    return with_point(sign + rest, decimal)


def cell_of(cell: str, decimal: Decimal) -> Cell:
    """Return what a cell, without blanks at its ends, holds."""
    if not cell:
        return Cell("blank")
    if text := with_point(cell, decimal):
        return Cell("number", text)
    if cell.lower() in MISSING:
        return Cell("missing")
    if cell.lower() in TRUTHS:
        return Cell("true/false", str(TRUTHS[cell.lower()]))
    if text := unmarked(cell, decimal):
        return Cell("marked", text)
    return Cell("other decimal" if unmarked(cell, "comma" if decimal == "point" else "point") else "text")


def is_finite(text: str) -> bool:
    """Tell whether a number is not too large for floating point."""
    return isfinite(float(text))


def decimal_of(cell: str) -> Decimal | None:
    """Return the decimal mark that a cell shows; None if it shows none, or may be one of thousands."""
    if ("," in cell) == ("." in cell) or _LIKE_THOUSANDS.fullmatch(cell):
        return None
    mark: Decimal = "comma" if "," in cell else "point"
    return mark if with_point(cell, mark) else None

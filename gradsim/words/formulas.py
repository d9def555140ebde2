r"""Formulas in LaTeX: typeset as vector pictures, and what is wrong with one that cannot be.

The library, ziamath, is imported with the first formula: that takes longer than a window needs to open.

Besides plain LaTeX a formula may have parts in the colours of runs, counted from one: ``\textcolor{run1}{f'}``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from functools import lru_cache
from itertools import accumulate
from typing import Any, NamedTuple
from xml.etree import ElementTree

LONGEST = 400
"""Characters of a formula at most."""
LONGEST_QUOTED = 60
"""How much of one is said where it is refused."""

_RUN = re.compile(r"\\textcolor\s*\{run([1-8])\}")
_COLOUR = re.compile(r"\\(?:text)?color\s*\{([^}]*)\}")
_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_ESCAPED = re.compile(r"\\.")
_BARE_PERCENT = re.compile(r"(?<!\\)%")
_ANY_COLOUR = "#000000"


class Typeset(NamedTuple):
    """A formula as a vector picture.

    Attributes
    ----------
    svg
        The picture, of paths alone.
    width, height
        Its size in pixels.
    above
        How much of the height is above the line on which it stands.
    """

    svg: str
    width: float
    height: float
    above: float


def is_loaded() -> bool:
    """Tell whether the first formula would be typeset without waiting for the library."""
    return "ziamath" in sys.modules and hasattr(sys.modules["ziamath"], "Latex")


def load() -> None:
    """Import the library, which another thread may do."""
    from ziamath.config import config

    config.svg2 = False  # Qt draws no <symbol>


class FormulaError(ValueError):
    """Why a formula cannot be typeset."""


def _quoted(latex: str) -> str:
    return repr(latex if len(latex) <= LONGEST_QUOTED else f"{latex[:LONGEST_QUOTED]}…")


def problem(latex: str) -> str | None:
    """Return why a formula cannot be typeset, None where it can."""
    try:
        typeset(coloured(latex, lambda _: _ANY_COLOUR), 20, _ANY_COLOUR)
    except FormulaError as error:
        return str(error)
    return None


def coloured(latex: str, colour: Callable[[int], str]) -> str:
    """Return a formula whose parts of runs have the colours that `colour` returns for these, counted from 0."""
    return _RUN.sub(lambda found: rf"\textcolor{{{colour(int(found[1]) - 1)}}}", latex)


@lru_cache(maxsize=256)
def typeset(latex: str, px: float, colour: str) -> Typeset:
    """Return a formula with type of `px` pixels; FormulaError where that cannot be done.

    Parameters
    ----------
    latex
        The formula; parts in other colours are ``\\textcolor{#rrggbb}{…}``.
    px
        The height of its type.
    colour
        That of all else, as #rrggbb.
    """
    _check(latex)
    load()
    from ziamath.tex import tex2mml
    from ziamath.zmath import Math

    try:
        tree = ElementTree.fromstring(tex2mml(latex))
        _flatten(tree)
        tree.set("mathcolor", colour)
        formula = Math(tree, size=px)
        picture = formula.svgxml()
        strange = _strange(formula)
    except Exception as error:  # of many types, by what it stumbled on
        raise FormulaError(f"{_quoted(latex)} is no formula in LaTeX{_reason(error)}") from None
    if strange:
        raise FormulaError(f"{_quoted(latex)} has {strange}, which cannot be typeset")
    _, top, width, height = map(float, picture.attrib["viewBox"].split())
    # Accents do not take the colour of what they stand on.
    svg = ElementTree.tostring(picture, encoding="unicode").replace('"black"', f'"{colour}"')
    return Typeset(svg, width, height, -top)


def _flatten(tree: ElementTree.Element) -> None:
    """Take rows of one element out of a tree, and make colours those of rows: the library lays each row out twice."""
    for i, child in enumerate(tree):
        _flatten(child)
        if child.tag.endswith("mstyle") and set(child.attrib) == {"mathcolor"}:
            child.tag = child.tag.replace("mstyle", "mrow")
        if child.tag.endswith("mrow") and len(child) == 1:
            tree[i] = child[0]
            tree[i].attrib = {**child.attrib, **child[0].attrib}


def _reason(error: Exception) -> str:
    known = {
        "MissingSuperScriptOrSubscriptError": "after ^ or _ there is nothing",
        "ExtraLeftOrMissingRightError": r"a \left has no \right",
        "DoubleSubscriptsError": "there are two indices at one place",
        "DoubleSuperscriptsError": "there are two exponents at one place",
        "NumeratorNotFoundError": "a fraction has no numerator",
        "DenominatorNotFoundError": "a fraction has no denominator",
    }
    reason = known.get(type(error).__name__, "")
    return f": {reason}" if reason else ""


def _check(latex: str) -> None:
    """Refuse what the library would draw as something else."""
    if not latex.strip():
        raise FormulaError("is empty")
    if len(latex) > LONGEST:
        raise FormulaError(f"has more than {LONGEST} characters")
    if not _is_balanced(_ESCAPED.sub("", latex)):
        raise FormulaError(f"{_quoted(latex)} has a brace that is not closed, or not opened")
    if _BARE_PERCENT.search(latex):
        raise FormulaError(rf"{_quoted(latex)} has % alone, which begins a comment: write \%")
    for name in _COLOUR.findall(latex):
        if not _HEX.fullmatch(name):
            raise FormulaError(f"{_quoted(latex)} has the colour {_quoted(name)}, not that of a run, run1 to run8")


def _is_balanced(text: str) -> bool:
    depths = list(accumulate((character == "{") - (character == "}") for character in text))
    return not depths or (min(depths) >= 0 and depths[-1] == 0)


def _strange(formula: Any) -> str:
    """Return what of a formula is no command or is not in the font, "" if all is."""
    for text in ElementTree.fromstring(formula.mathmlstr()).itertext():
        if text.startswith("\\"):
            return text
        for character in text.strip():
            if not character.isspace() and formula.font.glyphindex(character) == 0:
                return _quoted(character)
    return ""

"""Comparisons such as ``0.25 < slow <= fast``: numbers and names of measures with signs between them, no more."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite, isnan
from typing import NamedTuple

from gradsim.schema.errors import Phrase
from gradsim.schema.parameters import Parameter
from gradsim.sim.documents.tables import NAME

_SIGN = re.compile(r"(<=|>=|<|>|≤|≥)")
_PLAIN = {"≤": "<=", "≥": ">="}


class Reading(NamedTuple):
    """A number that may not be known yet: it is from `low` to `high`, and known where they are the same."""

    low: float
    high: float

    @classmethod
    def of(cls, value: float) -> Reading:
        """Return the reading of a number that is known."""
        return cls(value, value)

    @property
    def value(self) -> float | None:
        """The number, None where it is not known yet; NaN where there is none."""
        return self.low if self.low == self.high or isnan(self.low) else None


UNKNOWN = Reading(float("-inf"), float("inf"))

Term = float | str
"""A number, or the name of a measure."""


@dataclass(frozen=True)
class Comparison:
    """Terms with signs between them; where what is compared goes without saying, the first term is ""."""

    terms: tuple[Term, ...]
    signs: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        """The names of the measures in it, in order."""
        return [term for term in self.terms if isinstance(term, str) and term]

    def holds(self, reading: Callable[[str], Reading]) -> bool | None:
        """Tell whether it is true of what `reading` returns for each name; None where that is not known yet."""
        found = [Reading.of(term) if isinstance(term, float) else reading(term) for term in self.terms]
        results = [_holds(sign, *pair) for sign, pair in zip(self.signs, pairwise(found), strict=True)]
        return False if False in results else None if None in results else True

    def holds_of(self, reading: Reading) -> bool | None:
        """Tell whether it is true of what goes without saying."""
        return self.holds(lambda _: reading)

    def __str__(self) -> str:
        terms = [term if isinstance(term, str) else repr(term) for term in self.terms]
        pieces = [terms[0]]
        for sign, term in zip(self.signs, terms[1:], strict=True):
            pieces += [sign, term]
        return " ".join(pieces).strip()


def _holds(sign: str, one: Reading, other: Reading) -> bool | None:
    if isnan(one.low) or isnan(other.low):
        return False
    if sign.startswith(">"):
        one, other = other, one
    if sign.endswith("="):
        return True if one.high <= other.low else False if one.low > other.high else None
    return True if one.high < other.low else False if one.low >= other.high else None


@dataclass(frozen=True, kw_only=True)
class ComparisonOf(Parameter):
    """A comparison as a text; `alone` says that its first term is left out, as in ``< 0.5``."""

    alone: bool = False

    def parse(self, value: object) -> Comparison:
        pieces = _SIGN.split(value) if isinstance(value, str) else []
        terms = [_term(piece.strip()) for piece in pieces[::2]]
        missing = [term is None for term in terms]
        if len(terms) < 2 or any(missing) != self.alone or any(missing[1:]):
            raise self._refuse(value)
        if self.alone and (len(terms) > 2 or pieces[0].strip() or isinstance(terms[1], str)):
            raise self._refuse(value)
        given: list[Term] = [term if term is not None else "" for term in terms]
        return Comparison(tuple(given), tuple(_PLAIN.get(sign, sign) for sign in pieces[1::2]))

    def plain(self, value: Comparison) -> str:
        return str(value)

    @property
    def allowed(self) -> str:
        if self.alone:
            return Phrase("a text such as '< 0.5' or '>= 85 %'")
        return Phrase(
            "a text such as 'slow > 1000' or '0.2 < fast < slow', of numbers and measures with <, <=, >, >= between"
        )


def _term(text: str) -> Term | None:
    """Return the number or name that a text is, None if it is neither; 85 % is 0.85."""
    if NAME.fullmatch(text):
        return text
    number, percent, rest = text.partition("%")
    try:
        value = float(number) / (100.0 if percent else 1.0)
    except ValueError:
        return None
    return value if isfinite(value) and not rest else None

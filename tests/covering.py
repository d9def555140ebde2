"""Cases of several choices each: few are tried every time, and every two choices meet in one of them.

What goes wrong with a picture or a text goes wrong for a value of one choice or for two together: a long word in a
small window, a colour in a theme. All combinations are tried with the mark ``course``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import combinations, product
from typing import Any

import pytest

Case = tuple[Any, ...]


def covering(*choices: Collection[Any]) -> list[Any]:
    """Return all combinations as parameters; those beyond the fewest in which all pairs meet are marked."""
    few = pairs_met(*choices)
    return [case if case in few else pytest.param(*case, marks=pytest.mark.course) for case in product(*choices)]


def pairs_met(*choices: Collection[Any]) -> list[Case]:
    """Return few combinations in which every two values of two choices meet, the fullest first."""
    found: list[Case] = []
    cases = list(product(*choices))
    left = {pair for case in cases for pair in _pairs(case)}
    while left:
        best = max(cases, key=lambda case: len(left.intersection(_pairs(case))))
        found.append(best)
        left.difference_update(_pairs(best))
    return found


def _pairs(case: Sequence[Any]) -> list[tuple[int, Any, int, Any]]:
    return [(i, case[i], j, case[j]) for i, j in combinations(range(len(case)), 2)]

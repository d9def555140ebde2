"""Values of a column as text, each with as many decimals as the column needs."""

from __future__ import annotations

from math import floor, log10

import numpy as np

from gradsim.engine.data import Column
from gradsim.engine.types import Array
from gradsim.words.numbers import exact

_LOOKED_AT = 200
"""By so many values, the first, it is judged how many decimals a column needs."""
_SLACK = 1e-6
_PLAIN = (1e-3, 1e6)
"""Columns whose largest value is between these are written without exponents."""


class ColumnTexts:
    """Writes values of one column.

    Parameters
    ----------
    column, values
        The column, and samples' values of it.
    """

    def __init__(self, column: Column, values: Array) -> None:
        self.column = column
        self._decimals = _decimals(column.own(values[:_LOOKED_AT]))

    def __call__(self, own: float) -> str:
        """Return a value in the column's own unit as text."""
        if self._decimals is None:
            return exact(own)
        text = f"{own:,.{self._decimals}f}"
        return (text[1:] if float(text.replace(",", "")) == 0.0 and text[0] == "-" else text).replace("-", "−")


def _decimals(values: Array) -> int | None:
    """Return how many decimals tell these values apart, of four digits at most; None where they need exponents."""
    largest = float(np.abs(values).max(initial=0.0))
    if not _PLAIN[0] <= largest < _PLAIN[1]:
        return 0 if largest == 0.0 else None
    most = max(0, 3 - floor(log10(largest)))
    exactly = (n for n in range(most) if np.abs(values - np.round(values, n)).max() <= _SLACK * largest)
    return next(exactly, most)

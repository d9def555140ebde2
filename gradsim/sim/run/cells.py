"""Numbers and texts as files of results hold them: cells of CSV, joined as they are, and lists of JSON."""

from __future__ import annotations

import csv
import io
from math import isfinite
from typing import Any

import numpy as np

from gradsim.sim.run.tape import Values


def number_cells(values: Values) -> list[str]:
    """Return numbers (n,) as texts, which are read as the same numbers again; what is not finite is empty."""
    found: list[float] = values.tolist()
    if np.isfinite(values).all():
        return list(map(repr, found))
    return [repr(x) if isfinite(x) else "" for x in found]


def number_lists(values: Values) -> list[Any]:
    """Return numbers (m, n) as lists; what is not finite is None."""
    found: list[list[float]] = values.tolist()
    if np.isfinite(values).all():
        return found
    return [[x if isfinite(x) else None for x in row] for row in found]


def text_cell(text: str) -> str:
    """Return a text in quotes if it needs them."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([text, ""])
    return line.getvalue()[:-1]

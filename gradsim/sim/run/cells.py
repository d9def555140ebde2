"""Cells of CSV files, as texts that are joined as they are."""

from __future__ import annotations

import csv
import io
from math import isfinite

import numpy as np

from gradsim.sim.run.tape import Values


def number_cells(values: Values) -> list[str]:
    """Return numbers (n,) as texts, which are read as the same numbers again; what is not finite is empty."""
    found: list[float] = values.tolist()
    if np.isfinite(values).all():
        return list(map(repr, found))
    return [repr(x) if isfinite(x) else "" for x in found]


def text_cell(text: str) -> str:
    """Return a text in quotes if it needs them."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([text, ""])
    return line.getvalue()[:-1]

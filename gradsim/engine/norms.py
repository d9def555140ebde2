"""Euclidean norms of many rows at once, however large or small they are.

Squares of a deep sigmoid network's gradients leave the range of floating point
long before the gradients do, so rows whose sum of squares comes near its ends
are scaled by their largest magnitude first.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from gradsim.engine.types import Array


class Norms:
    """Norms of the rows of several arrays, a layer and network each, measured together."""

    def __init__(self, k: int, layers: int, dtype: npt.DTypeLike) -> None:
        self._squares: Array = np.ones((layers, k), dtype)
        self._rows: list[Array] = []
        self._sources: list[tuple[Array, Array]] = []

    def add(self, layers: slice, rows: Array) -> None:
        """Measure `rows` (layers, K, n) too, as those of `layers`; layers come in their order."""
        self._sources.append((rows, self._squares[layers]))
        self._rows += list(rows)

    def measure(self, out: Array) -> None:
        """Write the norms into `out` (K, layers), float64."""
        for rows, squares in self._sources:
            np.vecdot(rows, rows, out=squares)
        np.sqrt(self._squares.T, out=out)
        mend(out.T, self._squares, self._rows)


def row_norms(rows: Array) -> npt.NDArray[np.float64]:
    """Return Euclidean norms along the last axis of `rows` (…, n), as float64, however large or small they are."""
    flat = rows.reshape(-1, rows.shape[-1])
    squares = np.vecdot(flat, flat)
    norms = np.asarray(np.sqrt(squares, dtype=np.float64))
    mend(norms[None], squares[None], [flat])
    return norms.reshape(rows.shape[:-1])


def mend(norms: Array, squares: Array, rows: Sequence[Array]) -> bool:
    """Compute norms (n, m) again whose squares came near the ends of their range; tell whether there are any.

    `rows` are n arrays (m, length).
    """
    limits = np.finfo(squares.dtype)
    least, most = limits.tiny / limits.eps**2, limits.max
    if squares.size == 0 or (np.minimum.reduce(squares, None) > least and np.maximum.reduce(squares, None) < most):
        return False
    for i, j in np.argwhere(~((squares > least) & (squares < most))):
        row = rows[i][j]
        largest = float(np.abs(row).max(initial=0.0))
        if 0.0 < largest < np.inf:
            scaled = row.astype(np.float64) / largest
            norms[i, j] = largest * np.sqrt(scaled @ scaled)
    return True

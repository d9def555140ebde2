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

_ENDS = {
    limits.dtype: (float(limits.tiny / limits.eps**2), float(limits.max))
    for limits in (np.finfo(np.float32), np.finfo(np.float64))
}
"""Between which values a sum of squares has lost nothing to underflow or overflow."""


class Norms:
    """Norms of the rows of several arrays, of `kinds` quantities for each layer and network, measured together.

    Attributes
    ----------
    values : (kinds, layers, K)
        What was measured last.
    """

    def __init__(self, kinds: int, layers: int, k: int, dtype: npt.DTypeLike) -> None:
        self._squares: Array = np.ones((kinds, layers, k), dtype)
        self.values: npt.NDArray[np.float64] = np.zeros((kinds, layers, k))
        self._rows: list[list[Array]] = [[] for _ in range(kinds)]
        self._sources: list[tuple[Array, Array]] = []

    def add(self, kind: int, layers: slice, rows: Array) -> None:
        """Measure `rows` (layers, K, n) too; the layers of a kind come in their order."""
        self._sources.append((rows, self._squares[kind, layers]))
        self._rows[kind] += list(rows)

    def measure(self) -> None:
        """Fill :attr:`values`."""
        for rows, squares in self._sources:
            np.vecdot(rows, rows, out=squares)
        np.sqrt(self._squares, out=self.values)
        if not _all_in_range(self._squares):
            for norms, squares_of_kind, each in zip(self.values, self._squares, self._rows, strict=True):
                _mend(norms, squares_of_kind, each)


def row_norms(rows: Array) -> npt.NDArray[np.float64]:
    """Return Euclidean norms along the last axis of `rows` (…, n), as float64, however large or small they are."""
    flat = rows.reshape(-1, rows.shape[-1])
    squares = np.vecdot(flat, flat)
    norms = np.asarray(np.sqrt(squares, dtype=np.float64))
    _mend(norms[None], squares[None], [flat])
    return norms.reshape(rows.shape[:-1])


def are_in_range(squares: Array) -> bool:
    """Tell whether a few sums of squares are all so far from the ends of their range that their roots are exact."""
    least, most = _ENDS[squares.dtype]
    each = squares.tolist()  # of a few, Python finds the smallest in a third of the time
    return bool(min(each) > least and max(each) < most)


def in_range(squares: Array) -> npt.NDArray[np.bool_]:
    """Tell the same of each."""
    least, most = _ENDS[squares.dtype]
    return np.asarray((squares > least) & (squares < most))


def _all_in_range(squares: Array) -> bool:
    """Tell the same of many."""
    least, most = _ENDS[squares.dtype]
    return bool(np.minimum.reduce(squares, None) > least and np.maximum.reduce(squares, None) < most)


def _mend(norms: Array, squares: Array, rows: Sequence[Array]) -> None:
    """Compute norms (n, m) again whose squares came near the ends of their range; `rows` are n arrays (m, length)."""
    for i, j in np.argwhere(~in_range(squares)):
        row = rows[i][j]
        largest = float(np.abs(row).max(initial=0.0))
        if 0.0 < largest < np.inf:
            scaled = row.astype(np.float64) / largest
            norms[i, j] = largest * np.sqrt(scaled @ scaled)

"""Euclidean norms of many rows at once, without overflow or underflow.

Squares of a deep sigmoid network's gradients underflow long before the
gradients do, so rows whose sum of squares is close to underflow or overflow are
computed again, divided by their largest magnitude.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from gradsim.engine.types import Array, Indices

_SAFE = {
    limits.dtype: (float(limits.tiny / limits.eps**2), float(limits.max))
    for limits in (np.finfo(np.float32), np.finfo(np.float64))
}
"""The smallest and the largest sum of squares that underflow and overflow have not affected, by dtype."""

Rows = Callable[[slice | Indices], Array]
"""Returns some of the rows (m, n) of an array, and computes them if need be."""

_MOST_NUMBERS = 2**14
"""How many numbers are scaled at once, unless a row alone has more: so little memory is taken besides."""


class Norms:
    """Norms of the rows of several arrays, computed together: `kinds` quantities of each layer and network.

    Attributes
    ----------
    values : (kinds, layers, K)
        The norms computed by the last :meth:`measure`.
    """

    def __init__(self, kinds: int, layers: int, k: int, dtype: npt.DTypeLike) -> None:
        self._squares: Array = np.ones((kinds, layers, k), dtype)
        self.values: npt.NDArray[np.float64] = np.zeros((kinds, layers, k))
        self._rows: list[list[Rows]] = [[] for _ in range(kinds)]
        self._sources: list[tuple[Array, Array]] = []

    def add(self, kind: int, layers: slice, rows: Array) -> None:
        """Register `rows` (layers, K, n) to be measured; the layers of a kind must be added in order."""
        self._sources.append((rows, self._squares[kind, layers]))
        self._rows[kind] += [each.__getitem__ for each in rows]

    def add_squares(self, kind: int, layers: slice, rows: Sequence[Rows]) -> Array:
        """Return where the sums of squares (layers, K) are to be written before :meth:`measure`.

        `rows` are asked for those of each layer (K, n) whose squares underflow or overflow.
        """
        self._rows[kind] += rows
        return self._squares[kind, layers]

    def measure(self) -> None:
        """Fill :attr:`values`."""
        for rows, squares in self._sources:
            np.vecdot(rows, rows, out=squares)
        np.sqrt(self._squares, out=self.values)
        if not _all_in_range(self._squares):
            for norms, squares_of_kind, each in zip(self.values, self._squares, self._rows, strict=True):
                _recompute_extremes(norms, squares_of_kind, each)


def row_norms(rows: Array) -> npt.NDArray[np.float64]:
    """Return the Euclidean norms along the last axis of `rows` (…, n) as float64, without overflow or underflow."""
    flat = rows.reshape(-1, rows.shape[-1])
    squares = np.vecdot(flat, flat)
    norms = np.asarray(np.sqrt(squares, dtype=np.float64))
    _recompute_extremes(norms[None], squares[None], [flat.__getitem__])
    return norms.reshape(rows.shape[:-1])


def are_in_range(squares: Array) -> bool:
    """Tell whether a few sums of squares are all unaffected by underflow and overflow."""
    least, most = _SAFE[squares.dtype]
    each = squares.tolist()  # for a few numbers, Python's min takes a third of NumPy's time
    return bool(min(each) > least and max(each) < most)


def in_range(squares: Array) -> npt.NDArray[np.bool_]:
    """Tell the same of each."""
    least, most = _SAFE[squares.dtype]
    return np.asarray((squares > least) & (squares < most))


def _all_in_range(squares: Array) -> bool:
    """Do the same as :func:`are_in_range` for many."""
    least, most = _SAFE[squares.dtype]
    return bool(np.minimum.reduce(squares, None) > least and np.maximum.reduce(squares, None) < most)


def _recompute_extremes(norms: Array, squares: Array, rows: Sequence[Rows]) -> None:
    """Compute those of the norms (n, m) again whose squares are out of range; `rows` are n times m rows."""
    extreme = ~in_range(squares)
    for i in np.flatnonzero(extreme.any(axis=1)).tolist():
        if squares[i].any() or rows[i](slice(None)).any():  # else all norms are 0, as they should be
            recompute(norms[i], rows[i], extreme[i])


def recompute(norms: Array, rows: Rows, which: npt.NDArray[np.bool_]) -> None:
    """Compute some of the norms (m,) of m rows again, without overflow or underflow."""
    places = np.flatnonzero(which)
    are_all = len(places) == len(norms)  # to take slices copies nothing
    length = rows(slice(0, 1)).shape[1]
    at_once = max(1, _MOST_NUMBERS // length)
    for start in range(0, len(places), at_once):
        part = slice(start, start + at_once)
        again = part if are_all else places[part]
        values = rows(again)
        if values.any():
            norms[again] = _scaled_norms(values, norms[again])


def _scaled_norms(rows: Array, otherwise: Array) -> Array:
    """Return the norms of rows divided by their largest magnitudes; where these are 0 or not finite, the others."""
    sizes = np.abs(rows, dtype=np.float64)
    largest = sizes.max(axis=1, initial=0.0)
    can = (largest > 0.0) & (largest < np.inf)
    if not can.all():
        found = otherwise.copy()
        if can.any():
            found[can] = _scaled_norms(rows[can], otherwise[can])
        return found
    np.divide(sizes, largest[:, None], out=sizes)
    return np.asarray(largest * np.sqrt(np.vecdot(sizes, sizes)))

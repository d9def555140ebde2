"""Loss surfaces of models with one weight and one bias, on measurements of the bundled digits.

x is the weight w and y the bias b; f is the mean of the samples' losses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from gradsim.engine.surfaces.ink import DIGITS, TWOS_AND_EIGHTS, halves, middles
from gradsim.engine.surfaces.surface import SURFACES, Surface
from gradsim.engine.types import Array, Indices
from gradsim.schema.parameters import Integer, Number

_BLOCK = 2**15
"""The largest number of elements of an array (points, samples)."""


class ModelSurface(Surface):
    """The mean loss of a model over its first `samples` samples."""

    samples: int

    @property
    def sample_count(self) -> int:  # type: ignore[override]  # where there are no settings it is a constant, 0
        return self.samples


# A line.


@SURFACES.add
@dataclass(frozen=True)
class LeastSquares(ModelSurface):
    """Least squares: a line predicts the ink in the right half of a digit (v) from that in its left half (u).

    Both are standardised, then `offset` is added to u. The Hessian is
    [[1 + offset², offset], [offset, 1]] everywhere: level lines are circles at
    offset 0, the condition number is 34 at offset 2. The minimum is that of
    ordinary least squares.
    """

    key = "least_squares"
    label = "Ink left, right: least squares"
    short = "least squares"
    formula = "1/n Σ ½ (wu + b − v)²,  w = x, b = y"
    window = (-5.0, 5.0, -5.0, 5.0)
    start = (3.0, -3.0)

    samples: int = Integer(
        "Samples",
        help="How many digits, from the first: a line predicts the ink in the right half from that in the left half.",
        low=10,
        high=DIGITS,
    ).field(200)
    offset: float = Number(
        "Offset",
        help="The mean of the standardised input: at 0 the valley is round; as measured, the ink is at about 3.4.",
        low=0,
        high=4,
        basic=True,
    ).field(2.0)

    @property
    def data(self) -> tuple[Array, Array]:
        return halves(self.samples, self.offset)

    def value(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Array:
        w, b = np.asarray(x, np.float64), np.asarray(y, np.float64)
        m = _moments(self)
        with np.errstate(all="ignore"):
            across = w * (m.uu * w + 2.0 * (m.u * b - m.uv))
            return np.asarray((across + b * (b - 2.0 * m.v) + m.vv) / 2.0)

    def derivatives(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Array:
        w, b = np.asarray(x, np.float64), np.asarray(y, np.float64)
        m = _moments(self)
        with np.errstate(all="ignore"):
            slopes = (m.uu * w + m.u * b - m.uv, m.u * w + b - m.v)
        return np.stack(np.broadcast_arrays(*slopes, m.uu, m.u, 1.0))

    def gradient_into(self, points: Array, out: Array, work: Array | None = None) -> None:
        m, (w, b) = _moments(self), points.T
        spare = (self.workspace(len(points), out.dtype) if work is None else work)[: len(points)]
        with np.errstate(all="ignore"):
            for to, by_w, by_b, less in ((out[:, 0], m.uu, m.u, m.uv), (out[:, 1], m.u, 1.0, m.v)):
                np.multiply(w, by_w, out=to)
                to += np.multiply(b, by_b, out=spare)
                to -= less

    def workspace(self, points: int, dtype: Any = np.float64) -> Array:
        return np.empty(points, dtype)

    def minibatch_gradient(self, points: Array, rows: Indices, out: Array) -> None:
        u, v = (column[rows] for column in self.data)
        with np.errstate(all="ignore"):
            errors = points[:, :1] * u
            errors += points[:, 1:]
            errors -= v
            errors.mean(axis=1, out=out[:, 1])
            errors *= u
            errors.mean(axis=1, out=out[:, 0])


class _Moments(NamedTuple):
    """Means over the samples, of u, v, and their products."""

    u: float
    v: float
    uu: float
    uv: float
    vv: float


@lru_cache(maxsize=64)
def _moments(surface: LeastSquares) -> _Moments:
    u, v = surface.data
    return _Moments(*(float(each.mean()) for each in (u, v, u * u, u * v, v * v)))


# A sigmoid neuron.


class _Neuron(ModelSurface):
    """A sigmoid neuron with one input classifies digits as 8 or 2 by their ink u: p = sigmoid(w u + b).

    u is the ink in the two middle rows of the eight, standardised; v is 1 for an
    8 and 0 for a 2. With the margin m = (2v - 1)(w u + b), the probability of the
    wrong class is q = sigmoid(-m) = |p - v|, that of the right one r = 1 - q, and
    the loss is a function of m alone. Both q and r are computed without
    cancellation. With few samples the squared error may have several minima and
    saddles, or none in the window.
    """

    window = (-12.0, 12.0, -12.0, 12.0)
    start = (-8.0, 1.0)

    @staticmethod
    def _losses(margins: Array, out: Array) -> None:
        """Write the losses into `out`; overwrite `margins`."""
        raise NotImplementedError

    @staticmethod
    def _slopes(wrong: Array, right: Array, out: Array) -> None:
        """Write the negative first derivatives with respect to the margins into `out`."""
        raise NotImplementedError

    @staticmethod
    def _curvatures(wrong: Array, right: Array, out: Array) -> None:
        """Write the second derivatives with respect to the margins into `out`."""
        raise NotImplementedError

    @property
    def losses(self) -> Mapping[str, Surface]:
        return {each.short: each(self.samples) for each in (Logistic, LogisticSquared)}

    @property
    def data(self) -> tuple[Array, Array]:
        return middles(self.samples)

    def value(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Array:
        w, b, shape = _flat(x, y)
        out, terms, work = np.empty(w.size), _terms(self.samples, np.dtype(np.float64)), self.workspace(w.size)
        with np.errstate(all="ignore"):
            for part, (margins, losses, _) in _blocks(w.size, work):
                _margins(w[part], b[part], terms, margins, losses)
                self._losses(margins, losses)
                np.einsum("km,km->k", losses, terms.weights, out=out[part])
        return out.reshape(shape)

    def derivatives(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Array:
        w, b, shape = _flat(x, y)
        out, terms, work = np.empty((5, w.size)), _terms(self.samples, np.dtype(np.float64)), self.workspace(w.size)
        twice = [terms.weights * terms.by_w**power * terms.by_b ** (2 - power) for power in (2, 1, 0)]
        with np.errstate(all="ignore"):
            for part, (wrong, right, each) in _blocks(w.size, work):
                _margins(w[part], b[part], terms, wrong, right)
                _probabilities(wrong, right)
                self._slopes(wrong, right, each)
                for to, pull in zip(out[:2], (terms.pull_w, terms.pull_b), strict=True):
                    np.einsum("km,km->k", each, pull, out=to[part])
                self._curvatures(wrong, right, each)
                for to, factors in zip(out[2:], twice, strict=True):
                    np.einsum("km,km->k", each, factors, out=to[part])
        return out.reshape(5, *shape)

    def gradient_into(self, points: Array, out: Array, work: Array | None = None) -> None:
        if work is None:
            work = self.workspace(len(points), out.dtype)
        terms = _terms(self.samples, work.dtype)
        for part, (wrong, right, slopes) in _blocks(len(points), work):
            self._gradient(points[part], terms, out[part], wrong, right, slopes)

    def workspace(self, points: int, dtype: Any = np.float64) -> Array:
        return _workspace(points, _terms(self.samples, np.dtype(dtype)).weights.size, dtype)

    def minibatch_gradient(self, points: Array, rows: Indices, out: Array) -> None:
        u, v = (column.astype(out.dtype) for column in self.data)
        batch = rows.shape[1]
        for part, (wrong, right, slopes) in _blocks(len(points), _workspace(len(points), batch, out.dtype)):
            of = rows[part] if len(rows) > 1 else rows
            terms = _Terms.of(u[of], v[of], np.full((1, batch), 1.0 / batch, out.dtype))
            self._gradient(points[part], terms, out[part], wrong, right, slopes)

    def _gradient(self, points: Array, terms: _Terms, out: Array, wrong: Array, right: Array, slopes: Array) -> None:
        """Write the gradients of a block into `out` (K, 2); `wrong`, `right` and `slopes` are scratch arrays."""
        with np.errstate(all="ignore"):
            _margins(points[:, 0], points[:, 1], terms, wrong, right)
            _probabilities(wrong, right)
            self._slopes(wrong, right, slopes)
            np.einsum("km,km->k", slopes, terms.pull_w, out=out[:, 0])
            np.einsum("km,km->k", slopes, terms.pull_b, out=out[:, 1])


_SAMPLES = Integer(
    "Samples",
    help="How many images of 2 and 8, from the first: a neuron tells them apart by the ink in their two middle rows.",
    low=10,
    high=TWOS_AND_EIGHTS,
)


@SURFACES.add
@dataclass(frozen=True)
class Logistic(_Neuron):
    """Cross-entropy of a neuron that tells digits 8 from 2 by the ink in their two middle rows: convex.

    -ln p for an 8 and -ln(1 - p) for a 2, that is ln(1 + exp(-m)), from logits.
    """

    key = "logistic"
    label = "Digits 2 and 8: cross-entropy"
    short = "cross-entropy"
    formula = "−1/n Σ [v ln p + (1 − v) ln(1 − p)],  p = σ(wu + b),  w = x, b = y"

    samples: int = _SAMPLES.field(200)

    @staticmethod
    def _losses(margins: Array, out: Array) -> None:
        np.abs(margins, out=out)
        np.negative(out, out=out)
        np.exp(out, out=out)
        np.log1p(out, out=out)
        out -= np.minimum(margins, 0.0, out=margins)

    @staticmethod
    def _slopes(wrong: Array, right: Array, out: Array) -> None:
        np.copyto(out, wrong)

    @staticmethod
    def _curvatures(wrong: Array, right: Array, out: Array) -> None:
        np.multiply(wrong, right, out=out)


@SURFACES.add
@dataclass(frozen=True)
class LogisticSquared(_Neuron):
    """Squared error of the same neuron: almost level where it is confidently wrong.

    ½ (p - v)² = ½ q²: where q is near 1, the slope q² (1 - q) is almost zero.
    """

    key = "logistic_squared"
    label = "Digits 2 and 8: squared error"
    short = "squared error"
    formula = "1/n Σ ½ (p − v)²,  p = σ(wu + b),  w = x, b = y"

    samples: int = _SAMPLES.field(200)

    @staticmethod
    def _losses(margins: Array, out: Array) -> None:
        _probabilities(margins, out)
        np.square(margins, out=out)
        out *= 0.5

    @staticmethod
    def _slopes(wrong: Array, right: Array, out: Array) -> None:
        np.square(wrong, out=out)
        out *= right

    @staticmethod
    def _curvatures(wrong: Array, right: Array, out: Array) -> None:
        """q² r (2 - 3q)."""
        np.multiply(wrong, -3.0, out=out)
        out += 2.0
        out *= wrong
        out *= wrong
        out *= right


class _Terms(NamedTuple):
    """The samples of the mean: M samples shared by all points (1, M), or M samples for each point (K, M)."""

    by_w: Array
    by_b: Array
    """The derivatives of the margins, (2v - 1) u and 2v - 1."""
    weights: Array
    """The weight of each sample in the mean; they sum to 1."""
    pull_w: Array
    pull_b: Array
    """The negative weighted derivatives of the margins."""

    @classmethod
    def of(cls, u: Array, v: Array, weights: Array) -> _Terms:
        signs = 2.0 * v - 1.0
        return cls(signs * u, signs, weights, -weights * signs * u, -weights * signs)


@lru_cache(maxsize=64)
def _terms(samples: int, dtype: np.dtype[Any]) -> _Terms:
    """Return all samples, equal ones merged into one term: 200 samples are 78 terms."""
    alike, counts = np.unique(np.stack(middles(samples)), axis=1, return_counts=True)
    u, v, weights = alike[:1], alike[1:], counts[None] / samples
    return _Terms.of(*(np.ascontiguousarray(part, dtype) for part in (u, v, weights)))


def _margins(w: Array, b: Array, terms: _Terms, out: Array, spare: Array) -> None:
    """Write the margins of K points into `out` (K, M); einsum does these products without a temporary array."""
    np.einsum("k,km->km", w, terms.by_w, out=out)
    out += np.einsum("k,km->km", b, terms.by_b, out=spare)


def _probabilities(margins: Array, right: Array) -> None:
    """Turn margins into the probability of the wrong class, and write that of the right one into `right`."""
    largest = np.log(np.finfo(margins.dtype).max) - 1.0  # the exponential of this is finite
    np.exp(np.minimum(margins, largest, out=margins), out=right)
    np.add(right, 1.0, out=margins)
    np.reciprocal(margins, out=margins)
    right *= margins


def _flat(x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Array, Array, tuple[int, ...]]:
    """Return the flattened coordinates of points of any shape, and the shape."""
    x, y = np.broadcast_arrays(np.asarray(x, np.float64), np.asarray(y, np.float64))
    return x.reshape(-1), y.reshape(-1), x.shape


def _workspace(points: int, terms: int, dtype: Any) -> Array:
    return np.empty((3, max(1, min(points, _BLOCK // terms)), terms), dtype)


def _blocks(points: int, work: Array) -> Iterator[tuple[slice, Array]]:
    """Yield slices of points that fit into `work` (3, block, terms), each with the part of `work` for it."""
    size = work.shape[1]
    for first in range(0, points, size):
        yield slice(first, first + size), work[:, : min(size, points - first)]

"""The true loss of real models that have two parameters: a weight x and a bias y, on images of digits.

What is descended is the mean loss over the samples, so that its gradient over
a batch of them is that of mini-batch descent.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from gradsim.engine.images import Digits
from gradsim.engine.parameters import Integer, Number
from gradsim.engine.surfaces.surface import SURFACES, Surface
from gradsim.engine.types import Array, Indices

BLOCK = 2**17
"""At most how many pairs of a point and a sample are worked on together."""

_SIDE = 8  # pixels


class ModelSurface(Surface):
    """f(x, y) = mean of l(x u + y, v) over samples with the input u and the target v.

    A subclass gives l and its first two derivatives by the prediction z = x u + y.
    """

    samples: int

    @property
    def samples_of(self) -> int:  # type: ignore[override]
        """How many samples there are."""
        return len(self.data[0])

    def loss(self, z: Array, v: Array) -> Array:
        """Return l(z, v)."""
        raise NotImplementedError

    def slope(self, z: Array, v: Array) -> Array:
        """Return dl/dz."""
        raise NotImplementedError

    def curvature(self, z: Array, v: Array) -> Array:
        """Return d2l/dz2."""
        raise NotImplementedError

    def value(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Array:
        _, v = self.data
        return self._means(x, y, 1, lambda z: [self.loss(z, v).mean(axis=1)])[0, ...]

    def gradient(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Array:
        u, v = self.data

        def means(z: Array) -> list[Array]:
            slope = self.slope(z, v)
            return [slope @ u / len(u), slope.mean(axis=1)]

        return self._means(x, y, 2, means)

    def derivatives(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Array:
        u, v = self.data
        count = len(u)

        def means(z: Array) -> list[Array]:
            slope, bend = self.slope(z, v), self.curvature(z, v)
            return [slope @ u / count, slope.mean(axis=1), bend @ u**2 / count, bend @ u / count, bend.mean(axis=1)]

        return self._means(x, y, 5, means)

    def _means(self, x: npt.ArrayLike, y: npt.ArrayLike, count: int, means: Any) -> Array:
        """Return `count` means over the samples at points of any shape, along a first axis; block by block."""
        x, y = np.broadcast_arrays(np.asarray(x, np.float64), np.asarray(y, np.float64))
        u, _ = self.data
        out = np.empty((count, x.size))
        block = max(1, BLOCK // len(u))
        flat_x, flat_y = x.reshape(-1, 1), y.reshape(-1, 1)
        with np.errstate(all="ignore"):
            for first in range(0, x.size, block):
                part = slice(first, first + block)
                out[:, part] = means(flat_x[part] * u + flat_y[part])
        return out.reshape(count, *x.shape)

    def gradient_into(self, points: Array, out: Array, work: Array | None = None) -> None:
        out[:] = self.gradient(points[:, 0], points[:, 1]).T

    def workspace(self, points: int, dtype: Any = np.float64) -> Array:
        return np.empty(0, dtype)

    def gradient_on(self, points: Array, rows: Indices, out: Array) -> None:
        u, v = self.data
        u, v = u[rows], v[rows]
        with np.errstate(all="ignore"):
            slope = self.slope(points[:, :1] * u + points[:, 1:], v)
            np.mean(slope * u, axis=1, out=out[:, 0])
            np.mean(slope, axis=1, out=out[:, 1])


@lru_cache(maxsize=8)
def _ink(digits: tuple[int, ...], samples: int, half: str) -> tuple[Array, Array]:
    """Return the mean ink of a half of the first images of some digits, and the digits."""
    parts = {"left": np.s_[:, :, : _SIDE // 2], "upper": np.s_[:, : _SIDE // 2], "lower": np.s_[:, _SIDE // 2 :]}
    data = Digits(test_fraction=0.0).load().train
    labels = data.y.argmax(axis=1)
    chosen = np.flatnonzero(np.isin(labels, digits))[:samples]
    images = data.x[chosen].reshape(-1, _SIDE, _SIDE)
    return images[parts[half]].mean(axis=(1, 2)), labels[chosen]


def _standard(values: Array) -> Array:
    return np.asarray((values - values.mean()) / values.std())


def _samples(most: int) -> Any:
    return Integer("Samples", help="How many samples to take, from the first.", low=10, high=most, slider=(10, most))


@SURFACES.add
@dataclass(frozen=True)
class LeastSquares(ModelSurface):
    """Linear regression: the ink in the lower half of a digit from that in its upper half, l = 1/2 (z - v)^2.

    Both are standardised; the input is then moved off its middle by `offset`, which ties weight and bias
    together and makes a narrow valley, as inputs do that are not centred.
    """

    key = "least_squares"
    label = "Least squares (real)"
    formula = "mean of ½ (x u + y − v)²"
    window = (-2.5, 2.0, -3.0, 4.5)
    start = (1.4, -2.2)

    samples: int = _samples(1797).field(200)
    offset: float = Number(
        "Offset of the input",
        help="What is added to the standardised input. 0 is a centred input, and a round valley.",
        low=-10,
        high=10,
        slider=(0, 5),
        basic=True,
    ).field(2.0)

    @property
    def data(self) -> tuple[Array, Array]:
        everything = tuple(range(10))
        u, v = (_ink(everything, self.samples, half)[0] for half in ("upper", "lower"))
        return _standard(u) + self.offset, _standard(v)

    def slope(self, z: Array, v: Array) -> Array:
        return z - v

    # All of it is in the samples' moments.

    def value(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Array:
        x, y, (u, v) = np.asarray(x, np.float64), np.asarray(y, np.float64), self.data
        linear = x * np.mean(u * v) + y * np.mean(v)
        return np.asarray(0.5 * (x**2 * np.mean(u * u) + 2.0 * x * y * np.mean(u) + y**2 + np.mean(v * v)) - linear)

    def derivatives(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Array:
        x, y = np.broadcast_arrays(np.asarray(x, np.float64), np.asarray(y, np.float64))
        u, v = self.data
        square, mean = np.mean(u * u), np.mean(u)
        first = [x * square + y * mean - np.mean(u * v), x * mean + y - np.mean(v)]
        return np.array([*first, *(np.full(x.shape, bend) for bend in (square, mean, 1.0))])

    def gradient(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Array:
        return self.derivatives(x, y)[:2]


class _Logistic(ModelSurface):
    """Is it an 8 or a 3? From the standardised ink in the left half of the image, p = sigmoid(x u + y)."""

    window = (-9.0, 9.0, -7.0, 7.0)
    start = (-6.5, 1.0)

    @property
    def data(self) -> tuple[Array, Array]:
        ink, digit = _ink((3, 8), self.samples, "left")
        return _standard(ink), (digit == 8).astype(np.float64)


def _sigmoid(z: Array) -> Array:
    return np.asarray(1.0 / (1.0 + np.exp(-z)))


@SURFACES.add
@dataclass(frozen=True)
class Logistic(_Logistic):
    """Logistic regression with cross-entropy, l = log(1 + e^z) - v z, which is convex.

    The input is the standardised ink in the left half of an image, the target whether it is an 8 rather than a 3.
    """

    key = "logistic"
    label = "Logistic, cross-entropy (real)"
    formula = "mean of −v ln p − (1−v) ln(1−p),  p = σ(x u + y)"

    samples: int = _samples(357).field(200)

    def loss(self, z: Array, v: Array) -> Array:
        return np.asarray(np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z))) - v * z)

    def slope(self, z: Array, v: Array) -> Array:
        return _sigmoid(z) - v

    def curvature(self, z: Array, v: Array) -> Array:
        return _sigmoid(z) * _sigmoid(-z)


@SURFACES.add
@dataclass(frozen=True)
class LogisticSquared(_Logistic):
    """Logistic regression with squared error, l = 1/2 (p - v)^2, which is not convex: it is level where p is wrong.

    The same samples as those of :class:`Logistic`.
    """

    key = "logistic_squared"
    label = "Logistic, squared error (real)"
    formula = "mean of ½ (p − v)²,  p = σ(x u + y)"

    samples: int = _samples(357).field(200)

    def loss(self, z: Array, v: Array) -> Array:
        return 0.5 * (_sigmoid(z) - v) ** 2

    def slope(self, z: Array, v: Array) -> Array:
        p = _sigmoid(z)
        return (p - v) * p * _sigmoid(-z)

    def curvature(self, z: Array, v: Array) -> Array:
        p, q = _sigmoid(z), _sigmoid(-z)
        return p * q * (p * q + (p - v) * (q - p))

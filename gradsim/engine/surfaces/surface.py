"""Base classes of surfaces: any function of x and y, and one that is given by a formula."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from gradsim.engine.calculus.derivative import derivative
from gradsim.engine.calculus.expression import parse
from gradsim.engine.calculus.program import Program
from gradsim.engine.types import Array, Indices
from gradsim.schema.parameters import encode
from gradsim.schema.registry import Entry, Registry

SURFACES: Registry[Surface] = Registry("surface")

Point = tuple[float, float]
Bounds = tuple[float, float, float, float]
"""The rectangle in which a surface is shown: x from, x to, y from, y to."""

PointKind = Literal["minimum", "maximum", "saddle", "degenerate"]
"""The kind of a stationary point; degenerate where the Hessian has an eigenvalue of zero, so cannot decide."""


@dataclass(frozen=True)
class KnownPoint:
    """A stationary point as given by the literature or the formula."""

    x: float
    y: float
    value: float
    kind: PointKind = "minimum"


class Programs(NamedTuple):
    """A surface's formulas, compiled for evaluation on arrays."""

    value: Program
    gradient: Program
    """df/dx, df/dy."""
    derivatives: Program
    """df/dx, df/dy, d2f/dx2, d2f/dxdy, d2f/dy2."""


class Surface(Entry):
    """A function of x and y for optimizers to minimise.

    It is a formula (:class:`ExpressionSurface`), or the mean loss of a model over
    samples, where x is the model's weight and y its bias.
    """

    window: Bounds

    sample_count: int = 0
    """The number of samples over which the value is the mean; 0 for a formula."""

    @property
    def start(self) -> Point:
        """Where races begin unless their experiment says otherwise."""
        raise NotImplementedError

    @property
    def known(self) -> tuple[KnownPoint, ...]:
        """Known stationary points: minima first, the lowest of them global; then others from the literature."""
        return ()

    @property
    def losses(self) -> Mapping[str, Surface]:
        """The losses of the same model on the same data by their names; a function of one kind is alone."""
        return {self.label: self}

    def value(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Array:
        """Return f at points of any shape."""
        raise NotImplementedError

    def derivatives(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Array:
        """Return df/dx, df/dy, d2f/dx2, d2f/dxdy and d2f/dy2, along a first axis of 5."""
        raise NotImplementedError

    def gradient(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Array:
        """Return df/dx and df/dy, along a first axis of 2."""
        return self.derivatives(x, y)[:2]

    def hessian(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Array:
        """Return d2f/dx2, d2f/dxdy and d2f/dy2, along a first axis of 3."""
        return self.derivatives(x, y)[2:]

    def gradient_into(self, points: Array, out: Array, work: Array | None = None) -> None:
        """Write the gradients at `points` (K, 2) into `out` (K, 2); `work` is scratch from :meth:`workspace`."""
        raise NotImplementedError

    def workspace(self, points: int, dtype: Any = np.float64) -> Array:
        """Return the scratch array that :meth:`gradient_into` needs for up to `points` points."""
        raise NotImplementedError

    def minibatch_gradient(self, points: Array, rows: Indices, out: Array) -> None:
        """Write the mean gradients over the samples with indices `rows`, (K, B) or (1, B), into `out` (K, 2)."""
        raise NotImplementedError

    @property
    def data(self) -> tuple[Array, Array]:
        """The samples: inputs and targets, (sample_count,) each."""
        raise NotImplementedError


class ExpressionSurface(Surface):
    """A surface of one formula. Its settings are constants of the expression, under their own names."""

    expression: str
    """The formula, as :func:`~gradsim.engine.calculus.expression.parse` reads it."""

    @property
    def constants(self) -> dict[str, float]:
        """The named numbers of the expression."""
        return encode(self)

    @property
    def programs(self) -> Programs:
        """The value and its derivatives, compiled; cached for the surfaces used last."""
        return _programs(self)

    def value(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Array:
        return _evaluated(self.programs.value, 1, x, y)[0, ...]

    def gradient(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Array:
        return _evaluated(self.programs.gradient, 2, x, y)

    def derivatives(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Array:
        return _evaluated(self.programs.derivatives, 5, x, y)

    def gradient_into(self, points: Array, out: Array, work: Array | None = None) -> None:
        self.programs.gradient(points[:, 0], points[:, 1], (out[:, 0], out[:, 1]), work)

    def workspace(self, points: int, dtype: Any = np.float64) -> Array:
        return self.programs.gradient.workspace(points, dtype)


def _evaluated(program: Program, count: int, x: npt.ArrayLike, y: npt.ArrayLike) -> Array:
    x, y = np.broadcast_arrays(np.asarray(x, np.float64), np.asarray(y, np.float64))
    out = np.empty((count, *x.shape))
    parts: Sequence[Array] = [out[i, ...] for i in range(count)]
    program(x, y, parts)
    return out


@lru_cache(maxsize=64)
def _programs(surface: ExpressionSurface) -> Programs:
    f = parse(surface.expression, surface.constants)
    fx, fy = (derivative(f, variable) for variable in ("x", "y"))
    curvatures = (derivative(fx, "x"), derivative(fx, "y"), derivative(fy, "y"))
    return Programs(Program([f]), Program([fx, fy]), Program([fx, fy, *curvatures]))

"""What surfaces are: what all of them share, and those that are formulas, whose derivatives are taken from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from gradsim.engine.derivative import derivative
from gradsim.engine.expression import parse
from gradsim.engine.parameters import encode
from gradsim.engine.program import Program
from gradsim.engine.registry import Entry, Registry
from gradsim.engine.samples import Samples
from gradsim.engine.types import Array, Indices

SURFACES: Registry[Surface] = Registry("surface")

Point = tuple[float, float]
Window = tuple[float, float, float, float]
"""Where a surface is shown: x from the first to the second, y from the third to the fourth."""

Kind = Literal["minimum", "maximum", "saddle", "degenerate"]
"""What a stationary point is; degenerate where the Hessian has an eigenvalue of zero and so does not tell."""


@dataclass(frozen=True)
class Known:
    """A stationary point as the literature or the formula gives it."""

    x: float
    y: float
    value: float
    kind: Kind = "minimum"


class Programs(NamedTuple):
    """A surface's formulas, ready to be evaluated."""

    value: Program
    gradient: Program
    """df/dx, df/dy."""
    derivatives: Program
    """df/dx, df/dy, d2f/dx2, d2f/dxdy, d2f/dy2."""


class Surface(Entry):
    """A function of x and y for optimizers to descend.

    It is a formula (:class:`Symbolic`), or the mean loss of a model over
    samples, of which x is the weight and y the bias.
    """

    window: Window
    start: Point
    """Where races begin unless they are told otherwise."""

    samples: int = 0
    """Over how many samples the value is a mean: a setting of models; 0 for formulas, which have none."""

    @property
    def known(self) -> tuple[Known, ...]:
        """Minima first, the lowest of them global; other stationary points where they are standard."""
        return ()

    @property
    def data(self) -> Samples:
        """The samples, where there are any: inputs (n, 1) and targets (n, 1)."""
        raise NotImplementedError

    def value(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Array:
        """Return f at points of any shape."""
        raise NotImplementedError

    def gradient(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Array:
        """Return df/dx and df/dy, along a first axis of 2."""
        x, y = coordinates(x, y)
        points = np.stack([x.ravel(), y.ravel()], axis=1)
        out = np.empty_like(points)
        self.gradient_into(points, out)
        return out.T.reshape(2, *x.shape)

    def hessian(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Array:
        """Return d2f/dx2, d2f/dxdy and d2f/dy2, along a first axis of 3."""
        x, y = coordinates(x, y)
        out = np.empty((5, *x.shape))
        self.derivatives(x, y, [out[i, ...] for i in range(5)])
        return out[2:]

    def derivatives(self, x: Array, y: Array, out: Sequence[Array]) -> None:
        """Write df/dx, df/dy, d2f/dx2, d2f/dxdy, d2f/dy2 into five contiguous arrays; all are of one shape."""
        raise NotImplementedError

    def gradient_into(self, points: Array, out: Array, work: Array | None = None) -> None:
        """Write the gradients at `points` (K, 2) into `out` (K, 2); `work` is a :meth:`workspace`."""
        raise NotImplementedError

    def workspace(self, points: int, dtype: Any = np.float64) -> Array:
        """Return what :meth:`gradient_into` works in for `points` points or less."""
        raise NotImplementedError

    def gradient_on(self, points: Array, rows: Indices, out: Array) -> None:
        """Write the mean gradients over some of the samples into `out` (K, 2).

        `rows` (K, B) are the numbers of each point's samples, (1, B) those of samples that all share.
        """
        raise NotImplementedError


class Symbolic(Surface):
    """A surface given by one formula, from which the derivatives follow.

    The settings are constants of the expression, under their own names.
    """

    expression: str
    """The formula, as :func:`~gradsim.engine.expression.parse` reads it."""

    @property
    def constants(self) -> dict[str, float]:
        """The named numbers of the expression."""
        return encode(self)

    @property
    def programs(self) -> Programs:
        """The value and its derivatives; kept for the surfaces of late."""
        return _programs(self)

    def value(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Array:
        x, y = coordinates(x, y)
        out = np.empty(x.shape)
        self.programs.value(x, y, [out])
        return out

    def derivatives(self, x: Array, y: Array, out: Sequence[Array]) -> None:
        self.programs.derivatives(x, y, out)

    def gradient_into(self, points: Array, out: Array, work: Array | None = None) -> None:
        self.programs.gradient(points[:, 0], points[:, 1], (out[:, 0], out[:, 1]), work)

    def workspace(self, points: int, dtype: Any = np.float64) -> Array:
        return self.programs.gradient.workspace(points, dtype)


def coordinates(x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Array, Array]:
    """Return x and y of points as float64 arrays of one shape."""
    x, y = np.broadcast_arrays(np.asarray(x, np.float64), np.asarray(y, np.float64))
    return x, y


@lru_cache(maxsize=64)
def _programs(surface: Symbolic) -> Programs:
    f = parse(surface.expression, surface.constants)
    fx, fy = (derivative(f, variable) for variable in ("x", "y"))
    curvatures = (derivative(fx, "x"), derivative(fx, "y"), derivative(fy, "y"))
    return Programs(Program([f]), Program([fx, fy]), Program([fx, fy, *curvatures]))

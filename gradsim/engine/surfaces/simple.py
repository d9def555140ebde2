"""Simple surfaces with one feature each: a saddle, a ravine, two wells, a plateau."""

from __future__ import annotations

from dataclasses import dataclass
from math import acos, cos, pi, sqrt

from gradsim.engine.surfaces.surface import SURFACES, ExpressionSurface, KnownPoint, PointKind
from gradsim.schema.parameters import Number


@SURFACES.add
class Saddle(ExpressionSurface):
    """The simplest saddle: on the line y = 0, descent ends at a point that is not a minimum."""

    key = "saddle"
    label = "Saddle"
    formula = "x² − y²"
    expression = "x**2 - y**2"
    window = (-1.5, 1.5, -1.5, 1.5)
    start = (1.0, 0.001)
    known = (KnownPoint(0.0, 0.0, 0.0, "saddle"),)


@SURFACES.add
class WalledSaddle(ExpressionSurface):
    """A saddle between two minima: a path that leaves the saddle reaches a minimum."""

    key = "walled_saddle"
    label = "Saddle with walls"
    formula = "x² − y² + y⁴/4"
    expression = "x**2 - y**2 + y**4/4"
    window = (-2.0, 2.0, -2.5, 2.5)
    start = (1.5, 0.001)
    known = (
        KnownPoint(0.0, sqrt(2), -1.0),
        KnownPoint(0.0, -sqrt(2), -1.0),
        KnownPoint(0.0, 0.0, 0.0, "saddle"),
    )


@SURFACES.add
class MonkeySaddle(ExpressionSurface):
    """Three ways down from a point where all second derivatives are zero."""

    key = "monkey_saddle"
    label = "Monkey saddle"
    formula = "x³ − 3xy²"
    expression = "x**3 - 3*x*y**2"
    window = (-1.5, 1.5, -1.5, 1.5)
    start = (1.0, 0.01)
    known = (KnownPoint(0.0, 0.0, 0.0, "degenerate"),)


@SURFACES.add
@dataclass(frozen=True)
class Ravine(ExpressionSurface):
    """A quadratic bowl that is steeper across than along: kappa is the Hessian's condition number."""

    key = "ravine"
    label = "Ravine"
    formula = "½ (x² + κ y²)"
    expression = "(x**2 + kappa*y**2)/2"
    window = (-10.0, 10.0, -1.5, 1.5)
    start = (-9.0, 1.0)

    kappa: float = Number(
        "Condition number",
        help="How much steeper it is across the ravine than along it: the ratio of the curvatures.",
        low=1,
        high=1e6,
        slider=(1, 10_000),
        log=True,
        basic=True,
    ).field(100.0)

    @property
    def known(self) -> tuple[KnownPoint, ...]:
        return (KnownPoint(0.0, 0.0, 0.0),)


@SURFACES.add
@dataclass(frozen=True)
class TwoWells(ExpressionSurface):
    """A deep well and a shallow one: the start and the step size decide in which a run ends."""

    key = "two_wells"
    label = "Two wells"
    formula = "(x² − 1)² + t x + y²"
    expression = "(x**2 - 1)**2 + tilt*x + y**2"
    window = (-2.0, 2.0, -1.5, 1.5)
    start = (1.7, 1.0)

    tilt: float = Number(
        "Tilt", help="How much deeper the left well is than the right one.", low=0, high=1.5, basic=True
    ).field(0.25)

    @property
    def known(self) -> tuple[KnownPoint, ...]:
        """From the three real roots of 4x^3 - 4x + tilt, by Viète's formula."""
        third = acos(-3.0 * sqrt(3.0) / 8.0 * self.tilt) / 3.0
        right, left, ridge = (2.0 / sqrt(3.0) * cos(third - 2.0 * pi * k / 3.0) for k in (0, 2, 1))
        kinds: tuple[PointKind, ...] = ("minimum", "minimum", "saddle")
        return tuple(
            KnownPoint(x, 0.0, (x**2 - 1.0) ** 2 + self.tilt * x, kind)
            for x, kind in zip((left, right, ridge), kinds, strict=True)
        )


@SURFACES.add
class Plateau(ExpressionSurface):
    """A basin in a wide plain, where the gradient is almost zero far from any minimum."""

    key = "plateau"
    label = "Plateau"
    formula = "1 − exp(−(x² + y²)/2)"
    expression = "1 - exp(-(x**2 + y**2)/2)"
    window = (-5.0, 5.0, -5.0, 5.0)
    start = (-3.0, 2.0)
    known = (KnownPoint(0.0, 0.0, 0.0),)

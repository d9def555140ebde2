"""The usual test functions of optimization.

Names, formulas and minima are those of Jamil and Yang 2013 ("A literature
survey of benchmark functions for global optimization problems") unless a
docstring says otherwise; windows are the usual domains, or the interesting part
of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, sqrt

from gradsim.engine.surfaces.surface import SURFACES, ExpressionSurface, KnownPoint
from gradsim.schema.parameters import Number


@SURFACES.add
class Beale(ExpressionSurface):
    """Steep walls around a curved flat valley, and a second valley that keeps falling towards x = -inf.

    Beale 1958. Along y = 1 - 0.99/x the second valley approaches 0.452 but has no lowest point.
    """

    key = "beale"
    label = "Beale"
    formula = "(1.5 − x + xy)² + (2.25 − x + xy²)² + (2.625 − x + xy³)²"
    expression = "(1.5 - x + x*y)**2 + (2.25 - x + x*y**2)**2 + (2.625 - x + x*y**3)**2"
    window = (-4.5, 4.5, -4.5, 4.5)
    start = (1.0, 1.5)
    known = (
        KnownPoint(3.0, 0.5, 0.0),
        KnownPoint(0.0, 1.0, 14.203125, "saddle"),
        KnownPoint(0.1005379373, -2.6445135850, 9.8645122848, "saddle"),
    )


@SURFACES.add
@dataclass(frozen=True)
class Rosenbrock(ExpressionSurface):
    """A curved valley with steep walls and a nearly flat floor. Rosenbrock 1960."""

    key = "rosenbrock"
    label = "Rosenbrock"
    formula = "(a − x)² + b (y − x²)²"
    expression = "(a - x)**2 + b*(y - x**2)**2"
    window = (-2.0, 2.0, -1.0, 3.0)
    start = (-1.2, 1.0)

    a: float = Number("Goal", help="x of the minimum; its y is the square of this.", low=-2, high=2).field(1.0)
    b: float = Number(
        "Steepness", help="How steep the walls of the valley are.", low=0.01, high=1e6, slider=(1, 1000), log=True
    ).field(100.0)

    @property
    def known(self) -> tuple[KnownPoint, ...]:
        return (KnownPoint(self.a, self.a**2, 0.0),)


@SURFACES.add
class Himmelblau(ExpressionSurface):
    """Four minima of equal depth around a maximum. Himmelblau 1972."""

    key = "himmelblau"
    label = "Himmelblau"
    formula = "(x² + y − 11)² + (x + y² − 7)²"
    expression = "(x**2 + y - 11)**2 + (x + y**2 - 7)**2"
    window = (-6.0, 6.0, -6.0, 6.0)
    start = (0.0, 0.0)
    known = (
        KnownPoint(3.0, 2.0, 0.0),
        KnownPoint(-2.805118087, 3.1313125183, 0.0),
        KnownPoint(-3.7793102534, -3.2831859913, 0.0),
        KnownPoint(3.5844283403, -1.848126527, 0.0),
        KnownPoint(3.3851541836, 0.0738518798, 13.3119262704, "saddle"),
        KnownPoint(0.0866775046, 2.8842547012, 67.7191500875, "saddle"),
        KnownPoint(-3.0730257508, -0.0813530443, 104.0151629176, "saddle"),
        KnownPoint(-0.1279613467, -1.9537149802, 178.3372392019, "saddle"),
        KnownPoint(-0.2708445907, -0.9230385565, 181.6165215226, "maximum"),
    )


@SURFACES.add
class Booth(ExpressionSurface):
    """A quadratic bowl, askew, of condition number 9."""

    key = "booth"
    label = "Booth"
    formula = "(x + 2y − 7)² + (2x + y − 5)²"
    expression = "(x + 2*y - 7)**2 + (2*x + y - 5)**2"
    window = (-10.0, 10.0, -10.0, 10.0)
    start = (-8.0, 8.0)
    known = (KnownPoint(1.0, 3.0, 0.0),)


@SURFACES.add
class Matyas(ExpressionSurface):
    """A flat quadratic bowl, askew, of condition number 25."""

    key = "matyas"
    label = "Matyas"
    formula = "0.26 (x² + y²) − 0.48 xy"
    expression = "0.26*(x**2 + y**2) - 0.48*x*y"
    window = (-10.0, 10.0, -10.0, 10.0)
    start = (-9.0, -4.0)
    known = (KnownPoint(0.0, 0.0, 0.0),)


@SURFACES.add
class ThreeHumpCamel(ExpressionSurface):
    """Three minima in a row; the middle one is the lowest."""

    key = "three_hump_camel"
    label = "Three-hump camel"
    formula = "2x² − 1.05x⁴ + x⁶/6 + xy + y²"
    expression = "2*x**2 - 1.05*x**4 + x**6/6 + x*y + y**2"
    window = (-2.5, 2.5, -2.5, 2.5)
    start = (-2.0, -1.5)
    known = (
        KnownPoint(0.0, 0.0, 0.0),
        KnownPoint(-1.7475523458, 0.8737761729, 0.2986384422),
        KnownPoint(1.7475523458, -0.8737761729, 0.2986384422),
        KnownPoint(-1.0705422918, 0.5352711459, 0.8773615578, "saddle"),
        KnownPoint(1.0705422918, -0.5352711459, 0.8773615578, "saddle"),
    )


@SURFACES.add
class SixHumpCamel(ExpressionSurface):
    """Six minima in pairs, the lowest pair at -1.0316. Dixon and Szegö 1978."""

    key = "six_hump_camel"
    label = "Six-hump camel"
    formula = "(4 − 2.1x² + x⁴/3) x² + xy + (4y² − 4) y²"
    expression = "(4 - 2.1*x**2 + x**4/3)*x**2 + x*y + (4*y**2 - 4)*y**2"
    window = (-2.5, 2.5, -1.5, 1.5)
    start = (-1.8, -1.2)
    known = (
        KnownPoint(0.0898420131, -0.712656403, -1.0316284535),
        KnownPoint(-0.0898420131, 0.712656403, -1.0316284535),
        KnownPoint(1.703606715, -0.7960835687, -0.2154638244),
        KnownPoint(-1.703606715, 0.7960835687, -0.2154638244),
        KnownPoint(1.6071047529, 0.5686514549, 2.1042503103),
        KnownPoint(-1.6071047529, -0.5686514549, 2.1042503103),
        KnownPoint(0.0, 0.0, 0.0, "saddle"),
    )


@SURFACES.add
class Rastrigin(ExpressionSurface):
    """A bowl with a minimum in every unit square. Rastrigin 1974."""

    key = "rastrigin"
    label = "Rastrigin"
    formula = "20 + x² − 10 cos 2πx + y² − 10 cos 2πy"
    expression = "20 + x**2 - 10*cos(2*pi*x) + y**2 - 10*cos(2*pi*y)"
    window = (-5.12, 5.12, -5.12, 5.12)
    start = (-2.0, 3.5)
    known = (KnownPoint(0.0, 0.0, 0.0),)


@SURFACES.add
class Ackley(ExpressionSurface):
    """A nearly flat outside with many minima, and a funnel in the middle. Ackley 1987.

    The minimum is the tip of a cone: there is no gradient there. `hypot` gives
    the subgradient 0, and the true gradient at every other point.
    """

    key = "ackley"
    label = "Ackley"
    formula = "20 + e − 20 exp(−0.2 √((x² + y²)/2)) − exp((cos 2πx + cos 2πy)/2)"
    expression = "20 + e - 20*exp(-0.2*hypot(x, y)/sqrt(2)) - exp((cos(2*pi*x) + cos(2*pi*y))/2)"
    window = (-5.0, 5.0, -5.0, 5.0)
    start = (-1.5, 0.7)
    known = (KnownPoint(0.0, 0.0, 0.0),)


@SURFACES.add
class StyblinskiTang(ExpressionSurface):
    """Four minima of different depths. Styblinski and Tang 1990."""

    key = "styblinski_tang"
    label = "Styblinski–Tang"
    formula = "½ (x⁴ − 16x² + 5x + y⁴ − 16y² + 5y)"
    expression = "(x**4 - 16*x**2 + 5*x + y**4 - 16*y**2 + 5*y)/2"
    window = (-5.0, 5.0, -5.0, 5.0)
    start = (0.5, 4.5)
    known = (
        KnownPoint(-2.9035340278, -2.9035340278, -78.3323314075),
        KnownPoint(-2.9035340278, 2.7468027710, -64.1956123591),
        KnownPoint(2.7468027710, -2.9035340278, -64.1956123591),
        KnownPoint(2.7468027710, 2.7468027710, -50.0588933106),
        KnownPoint(0.1567312568, 0.1567312568, 0.3912247181, "maximum"),
    )


@SURFACES.add
class GoldsteinPrice(ExpressionSurface):
    """Four minima on slopes that differ by six decades. Goldstein and Price 1971."""

    key = "goldstein_price"
    label = "Goldstein–Price"
    formula = (
        "[1 + (x + y + 1)² (19 − 14x + 3x² − 14y + 6xy + 3y²)]"
        " · [30 + (2x − 3y)² (18 − 32x + 12x² + 48y − 36xy + 27y²)]"
    )
    expression = (
        "(1 + (x + y + 1)**2*(19 - 14*x + 3*x**2 - 14*y + 6*x*y + 3*y**2))"
        "*(30 + (2*x - 3*y)**2*(18 - 32*x + 12*x**2 + 48*y - 36*x*y + 27*y**2))"
    )
    window = (-2.0, 2.0, -2.0, 2.0)
    start = (-1.5, 1.0)
    known = (
        KnownPoint(0.0, -1.0, 3.0),
        KnownPoint(-0.6, -0.4, 30.0),
        KnownPoint(1.8, 0.2, 84.0),
        KnownPoint(1.2, 0.8, 840.0),
    )


@SURFACES.add
class McCormick(ExpressionSurface):
    """A tilted trough with waves across it. McCormick 1976. It is unbounded below outside the window."""

    key = "mccormick"
    label = "McCormick"
    formula = "sin(x + y) + (x − y)² − 1.5x + 2.5y + 1"
    expression = "sin(x + y) + (x - y)**2 - 1.5*x + 2.5*y + 1"
    window = (-1.5, 4.0, -3.0, 4.0)
    start = (3.5, -2.0)
    known = (
        KnownPoint(0.5 - pi / 3, -0.5 - pi / 3, -sqrt(3) / 2 - pi / 3),
        KnownPoint(0.5 + 2 * pi / 3, -0.5 + 2 * pi / 3, 2 * pi / 3 - sqrt(3) / 2),
        KnownPoint(0.5 + pi / 3, -0.5 + pi / 3, pi / 3 + sqrt(3) / 2, "saddle"),
    )

"""A surface given by the user's own formula."""

from __future__ import annotations

from dataclasses import dataclass

from gradsim.engine.calculus.expression import MAX_CHARACTERS, ExpressionError, parse
from gradsim.engine.surfaces.surface import SURFACES, Bounds, ExpressionSurface, Point
from gradsim.schema.errors import Given, Phrase
from gradsim.schema.parameters import Numbers, ParameterError, Text


@SURFACES.add
@dataclass(frozen=True)
class Formula(ExpressionSurface):
    """The user's own formula."""

    key = "formula"
    label = "Formula"
    formula = "f(x, y)"

    expression: str = Text(
        "Formula",
        help="A formula in x and y, such as (x² + y − 11)² + sin(pi*x): + - * / ^, brackets, pi, e and functions.",
        least=1,
        most=MAX_CHARACTERS,
        basic=True,
    ).field("(x**2 + y**2)/4 + sin(2*x)*cos(2*y)")
    window: Bounds = Numbers(
        "Window", help="What is shown: x from, x to, y from, y to.", low=-1e6, high=1e6, least=4, most=4
    ).field((-3.0, 3.0, -3.0, 3.0))

    def __post_init__(self) -> None:
        try:
            parse(self.expression)
        except ExpressionError as error:
            raise ParameterError("expression", error.problem) from None
        x0, x1, y0, y1 = self.window
        if not (x0 < x1 and y0 < y1):
            raise ParameterError(
                "window",
                Phrase(
                    "{window} is empty; x from < x to and y from < y to are allowed", window=Given(list(self.window))
                ),
            )

    @property
    def start(self) -> Point:
        """A point that is neither the centre of the window nor on its axes."""
        x0, x1, y0, y1 = self.window
        return (0.2 * x0 + 0.8 * x1, 0.28 * y0 + 0.72 * y1)

    @property
    def constants(self) -> dict[str, float]:
        return {}

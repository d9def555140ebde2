"""A surface that the user writes."""

from __future__ import annotations

from dataclasses import dataclass

from gradsim.engine.expression import MOST_CHARACTERS, ExpressionError, parse
from gradsim.engine.parameters import Numbers, ParameterError, Text
from gradsim.engine.surfaces.surface import SURFACES, Point, Surface, Window


@SURFACES.add
@dataclass(frozen=True)
class Formula(Surface):
    """A formula of one's own."""

    key = "formula"
    label = "Formula"
    formula = "f(x, y)"

    expression: str = Text(
        "Formula",
        help="A formula in x and y, such as (x² + y − 11)² + sin(pi*x): + - * / ^, brackets, pi, e and functions.",
        least=1,
        most=MOST_CHARACTERS,
        basic=True,
    ).field("(x**2 + y**2)/4 + sin(2*x)*cos(2*y)")
    window: Window = Numbers(
        "Window", help="What is shown: x from, x to, y from, y to.", low=-1e6, high=1e6, most=4
    ).field((-3.0, 3.0, -3.0, 3.0))
    start: Point = Numbers("Start", help="Where descent begins: x, y.", low=-1e6, high=1e6, most=2).field((2.5, 2.0))

    def __post_init__(self) -> None:
        try:
            parse(self.expression)
        except ExpressionError as error:
            raise ParameterError("expression", error.problem) from None
        x0, x1, y0, y1 = _count("window", self.window, 4)
        if not (x0 < x1 and y0 < y1):
            raise ParameterError(
                "window", f"{list(self.window)} is empty; x from < x to and y from < y to are allowed"
            )
        _count("start", self.start, 2)

    @property
    def constants(self) -> dict[str, float]:
        return {}


def _count(path: str, numbers: tuple[float, ...], wanted: int) -> tuple[float, ...]:
    if len(numbers) != wanted:
        given = "1 number is" if len(numbers) == 1 else f"{len(numbers)} numbers are"
        raise ParameterError(path, f"{given} given; {wanted} are allowed")
    return numbers

"""Data from the user's own formulas: classes of the plane by conditions, and numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gradsim.engine.calculus.expression import (
    MAX_CHARACTERS,
    ExpressionError,
    Node,
    parse,
    parse_conditions,
    postorder,
    text,
)
from gradsim.engine.calculus.program import Program
from gradsim.engine.data.samples import DATASETS, SEED, TEST, Split, class_targets, columns, split, standardised
from gradsim.engine.data.synthetic import INPUT_NOISE, SAMPLES, TARGET_NOISE, Generated
from gradsim.engine.types import Array
from gradsim.schema.errors import Given, Phrase
from gradsim.schema.parameters import Number, Numbers, ParameterError, Text

Window = tuple[float, ...]
"""Where samples are drawn: x from, x to, and y from, y to."""

MAX_CONDITIONS = 7
FARTHEST = 1e6
LARGEST = 1e100


def check_window(window: Window) -> None:
    """Refuse a window that is empty along an axis, or has but one end of it."""
    if len(window) % 2:
        template = "{window} has no end for y; two or four numbers are allowed"
        raise ParameterError("window", Phrase(template, window=Given(list(window))))
    if not all(low < high for low, high in zip(window[::2], window[1::2], strict=True)):
        template = "{window} is empty; x from < x to and y from < y to are allowed"
        raise ParameterError("window", Phrase(template, window=Given(list(window))))


class _Drawn(Generated):
    """Samples drawn evenly from a window, and what a formula says of them."""

    window: Window

    def places(self, rng: np.random.Generator, axes: int) -> Array:
        """Return places (samples, axes), evenly drawn from the window."""
        low, high = np.array(self.window[::2]), np.array(self.window[1::2])
        return np.asarray(rng.uniform(low, high, (self.samples, len(low)))[:, :axes])

    def values(self, trees: tuple[Node, ...], x: Array) -> Array:
        """Return the values (trees, samples) of formulas at places (samples, axes)."""
        out = np.empty((len(trees), len(x)))
        Program(trees)(x[:, 0].copy(), x[:, -1].copy(), list(out))
        return out


@DATASETS.add
@dataclass(frozen=True)
class Conditions(_Drawn):
    """Classes of the plane by conditions such as y > sin(x), on points drawn evenly from a window.

    A point is in class i where the i-th condition is the first that holds, in
    class 0 where none holds. That is so of its place before noise is added, so
    noise mixes the classes along their boundaries.
    """

    key = "conditions"
    label = "Classes by conditions"

    conditions: str = Text(
        "Conditions",
        help="What makes a point one of class 1, such as y > sin(x) and x < 2; after a semicolon, "
        "of class 2, and so on.",
        least=1,
        most=MAX_CHARACTERS,
    ).field("y > sin(x)")
    window: Window = Numbers(
        "Window",
        help="Where the points are: x from, x to, y from, y to.",
        low=-FARTHEST,
        high=FARTHEST,
        least=4,
        most=4,
    ).field((-4.0, 4.0, -2.5, 2.5))
    samples: int = SAMPLES.field(500)
    noise: float = INPUT_NOISE.field(0.0)
    label_noise: float = Number(
        "Wrong labels", help="Share of the points that get the label of another class.", low=0, high=0.5
    ).field(0.0)
    test_fraction: float = TEST.field(0.2)
    seed: int = SEED.field(0)

    def __post_init__(self) -> None:
        check_window(self.window)
        try:
            count = len(parse_conditions(self.conditions))
        except ExpressionError as error:
            raise ParameterError("conditions", error.problem) from None
        if count > MAX_CONDITIONS:
            template, numbers = "{count} conditions are given; at most {most} are allowed", (count, MAX_CONDITIONS)
            raise ParameterError("conditions", Phrase(template, count=f"{numbers[0]:,}", most=str(numbers[1])))

    def sample(self, rng: np.random.Generator) -> tuple[Array, Array]:
        x, trees = self.places(rng, 2), parse_conditions(self.conditions)
        holds = np.vstack([np.zeros(len(x)), self.values(trees, x)]) != 0.0
        labels = holds.argmax(axis=0)
        self._check_classes(trees, labels)
        moved = x + self.noise * rng.standard_normal(x.shape)
        wrong, by = rng.random(len(x)) < self.label_noise, rng.integers(1, len(holds), len(x))
        return moved, class_targets(np.where(wrong, (labels + by) % len(holds), labels), len(holds))

    def _check_classes(self, trees: tuple[Node, ...], labels: Array) -> None:
        """Refuse conditions by which a class has no point."""
        counts = np.bincount(labels, minlength=len(trees) + 1)
        if counts.all():
            return
        number = int(counts.argmin())
        if number:
            template = (
                "no point is in class {number}: where {condition} holds, an earlier one does, or it does nowhere"
            )
            problem = Phrase(template, number=str(number), condition=Given(text(trees[number - 1])))
        else:
            problem = Phrase("no point is in class 0: the conditions hold all over the window")
        raise ParameterError("conditions", problem)

    def finish(self, x: Array, y: Array, train: int) -> Split:
        found = split(standardised(x, train, one_unit=True), y, train, classes=True)
        return replace(found, inputs=columns(x, train, ("x", "y"), one_unit=True), one_unit=True)


@DATASETS.add
@dataclass(frozen=True)
class FormulaNumbers(_Drawn):
    """Regression on a formula such as sin(3*x): its value and noise, at places drawn evenly from a window.

    A formula with y in it has two inputs, one without has one. Inputs and target
    are standardised, so that usual learning rates suit.
    """

    key = "formula"
    label = "Numbers by a formula"
    formula = "f(x), f(x, y)"

    expression: str = Text(
        "Formula",
        help="A formula in x, or in x and y, such as sin(3*x): + - * / ^, brackets, pi, e and functions.",
        least=1,
        most=MAX_CHARACTERS,
    ).field("sin(3*x)")
    window: Window = Numbers(
        "Window",
        help="Where the inputs are: x from, x to; where the formula has y and that has other ends, also y from, "
        "y to.",
        low=-FARTHEST,
        high=FARTHEST,
        least=2,
        most=4,
    ).field((-3.0, 3.0))
    samples: int = SAMPLES.field(200)
    noise: float = TARGET_NOISE.field(0.1)
    test_fraction: float = TEST.field(0.2)
    seed: int = SEED.field(0)

    def __post_init__(self) -> None:
        check_window(self.window)
        try:
            parse(self.expression)
        except ExpressionError as error:
            raise ParameterError("expression", error.problem) from None

    def places(self, rng: np.random.Generator, axes: int) -> Array:
        whole = self if len(self.window) > 2 else replace(self, window=self.window * axes)
        return _Drawn.places(whole, rng, axes)

    def sample(self, rng: np.random.Generator) -> tuple[Array, Array]:
        tree = parse(self.expression)
        x = self.places(rng, 1 + any(node.op == "y" for node in postorder([tree])))
        [y] = self.values((tree,), x)
        usable = np.abs(y) <= LARGEST  # a NaN is not
        if not usable.all():
            raise ParameterError("expression", _undefined(x[int(usable.argmin())]))
        return x, (y + self.noise * rng.standard_normal(len(y)))[:, None]

    def finish(self, x: Array, y: Array, train: int) -> Split:
        names = ("x", "y")[: x.shape[1]]
        found = split(standardised(x, train), standardised(y, train), train, classes=False)
        targets = columns(y, train, ("y" if len(names) == 1 else "f",))
        return replace(found, inputs=columns(x, train, names), targets=targets)


def _undefined(place: Array) -> Phrase:
    """Say where a formula has no value, or one too large to be learnt."""
    where = [f"{name} = {value:.4g}" for name, value in zip(("x", "y"), place.tolist(), strict=False)]
    template = "the formula has no value at {place}, or one beyond {most}; take another window"
    return Phrase(template, place=", ".join(where), most=f"{LARGEST:.0e}")

"""What is said of activations by themselves: by how much their largest slope changes the gradient."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest

from gradsim.engine.nn.activations import ACTIVATIONS
from gradsim.sim.kinds.train.formulas import DEPTH, formula_sentence
from gradsim.sim.kinds.train.loads import values
from gradsim.words.sentences import plain_text

SAID = {
    "sigmoid": "Through 8 layers f′ of A leaves at most 1/65,500 of the gradient.",
    "hard_sigmoid": "Through 8 layers f′ of A leaves at most 6.0 × 10⁻⁷ of the gradient.",
    "relu": "Through 8 layers f′ of A can pass all of the gradient.",
    "tanh": "Through 8 layers f′ of A can pass all of the gradient.",
    "gelu": "Through 8 layers f′ of A can enlarge the gradient 2.6 times.",
}


@pytest.mark.parametrize("name", SAID)
def test_the_largest_slope_is_followed_through_the_layers(name: str) -> None:
    assert plain_text(formula_sentence([("A", ACTIVATIONS[name]())], "en")) == SAID[name]


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_it_is_the_largest_slope_that_the_curve_has(name: str) -> None:
    activation = ACTIVATIONS[name]()
    slope = np.abs(values(activation, np.linspace(-8.0, 8.0, 160_001))[1])
    assert slope.max() == pytest.approx(activation.peak, rel=1e-3)
    said = plain_text(formula_sentence([("A", activation)], "en"))
    found = activation.peak**DEPTH
    assert ("leaves" in said, "enlarge" in said) == (found < 1.0, found > 1.0)


def test_of_two_the_second_is_told_of_in_short_or_not_at_all() -> None:
    two = [("A", ACTIVATIONS["sigmoid"]()), ("B", ACTIVATIONS["relu"]())]
    first = "Through 8 layers f′ of A leaves at most 1/65,500 of the gradient"
    assert plain_text(formula_sentence(two, "en")) == f"{first}; f′ of B can pass all of it."
    assert plain_text(formula_sentence(two, "en", 1)) == f"{first}."


def normal_density(z: float) -> float:
    return math.exp(-z * z / 2) / math.sqrt(2 * math.pi)


def normal_share(z: float) -> float:
    return 0.5 * (1 + math.erf(z / math.sqrt(2)))


def logistic(z: float) -> float:
    return 1 / (1 + math.exp(-z))


def read(formula: str, z: float, **known: Any) -> float:
    """Compute a formula of the registry as it is written: of pieces with a condition each, the one that holds."""
    names = known | {"z": z, "exp": math.exp, "Φ": normal_share, "φ": normal_density, "σ": logistic}
    pieces = re.findall(r"(.+?) \(([^()]*[<>≤≥][^()]*)\)(?:, |$)", formula) or [(formula, "True")]
    for text, condition in pieces:
        if eval(python(condition), names):
            return float(eval(python(text), names))
    raise AssertionError(f"{formula!r} says nothing of z = {z}")


def python(text: str) -> str:
    text = (
        re.sub(r"\|z\|", "abs(z)", text).replace("−", "-").replace("²", "**2").replace("≤", "<=").replace("≥", ">=")
    )
    text = re.sub(r"(exp|ln|tanh) z", r"\1(z)", text)
    return re.sub(r"(?<=[\w)]) (?=[\w(αλφΦσ])", " * ", text)


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("z", [-4.0, -1.3, -0.2, 0.4, 2.1, 5.0])
def test_the_formula_of_the_slope_is_that_of_the_derivative(name: str, z: float) -> None:
    activation = ACTIVATIONS[name]()
    (value,), (slope,) = values(activation, np.array([z]))
    settings = {"α": 1.6733, "λ": 1.0507} if name == "selu" else {"α": getattr(activation, "alpha", None)}
    told = read(activation.slope_formula, z, f=lambda _: value, slope=getattr(activation, "slope", None), **settings)
    assert told == pytest.approx(slope, rel=1e-4, abs=1e-12)

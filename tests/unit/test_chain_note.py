"""What the note in the corner says: what f' is, and whether the weights give back what it takes."""

from __future__ import annotations

import numpy as np
import pytest

from gradsim.engine.nn.activations import ACTIVATIONS
from gradsim.sim.kinds.train.chain import Chain, chain, chain_note, chain_sentence
from gradsim.words.sentences import plain_text
from tests.unit.small import experiment, trained


def plain(text: str) -> str:
    return text


def even(weights: float, slopes: float, layers: int = 9) -> Chain:
    """Return a way back on which each layer multiplies by these."""
    norms = np.array([(weights * slopes) ** power for power in range(layers)][::-1])
    return Chain(norms, np.full(layers - 1, weights), np.full(layers - 1, slopes))


@pytest.mark.parametrize(
    ("activation", "weights", "slopes", "note"),
    [
        ("sigmoid", 1.0, 0.25, "f′ is at most ¼: every layer costs a factor of 4.0, and the weights, about ×1.00, "
                               "do not give it back."),
        ("sigmoid", 4.2, 0.25, "f′ is at most ¼: every layer costs a factor of 4.0, and the weights, about ×4.20, "
                               "give it back."),
        ("tanh", 5.5, 0.31, "f′ is at most 1: every layer costs a factor of 3.2, and the weights, about ×5.50, "
                            "give more than that."),
        ("relu", 1.4, 0.7, "f′ is 1 or 0: units that are on pass on all they get. The weights, about ×1.40, "
                           "make up for the others."),
        ("relu", 1.0, 0.7, "f′ is 1 or 0: units that are on pass on all they get. The weights, about ×1.00, "
                           "do not make up for the others."),
        ("linear", 1.4, 1.0, "f′ is 1 everywhere: it takes next to nothing, and each layer multiplies by the "
                             "weights, about ×1.40."),
    ],
)  # fmt: skip
def test_note(activation: str, weights: float, slopes: float, note: str) -> None:
    assert " ".join(chain_note(even(weights, slopes), ACTIVATIONS[activation](), plain)) == note


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_figures_are_the_geometric_means_of_the_run(activation: str) -> None:
    spec = experiment({"activation": activation, "hidden": [9] * 6, "init": "xavier_normal"}, steps=1)
    _, tape = trained(spec)
    found = chain(tape.until(1), 0, 0)
    head, rest = chain_note(found, spec.runs[0].activation, plain)
    assert head.startswith("f′ is ")
    assert f"×{np.prod(found.weights) ** (1 / 6):.2f}" in rest
    if "costs a factor of" in rest:
        assert f"a factor of {np.prod(found.slopes) ** (-1 / 6):.1f}," in rest


@pytest.mark.parametrize(
    ("weights", "slopes", "said"),
    [
        (1.4, 0.7, "A: the weights make up for what f′ takes."),
        (5.5, 0.31, "A: the weights enlarge the gradient 71.4 times."),
        (1.01, 0.23, "A: f′ shrinks the gradient 128,000 times."),
        (1.45, 0.5, "A: the weights make up for part of what f′ takes, and the gradient shrinks 13.1 times."),
        (0.04, 0.7, "A: the weights shrink the gradient 1.5 × 10¹¹ times."),
    ],
)
def test_the_sentence_calls_made_up_only_what_is(weights: float, slopes: float, said: str) -> None:
    assert plain_text(chain_sentence([even(weights, slopes)], ["A"], "en")) == said


def test_there_is_none_where_nothing_is_left_or_nothing_lies_between() -> None:
    relu = ACTIVATIONS["relu"]()
    assert chain_note(even(1.0, 0.0), relu, plain) == ("", "")
    assert chain_note(even(1.0, 1.0, layers=1), relu, plain) == ("", "")


@pytest.mark.parametrize(
    ("norms", "dtype", "underflows"),
    [
        ([0.0, 0.0, 1e-3, 0.1], "float64", False),  # no unit of the second layer passes any on
        ([0.0, 1e-170, 1e-80, 0.1], "float64", True),
        ([0.0, 1e-30, 1e-10, 0.1], "float32", True),
        ([0.0, 1e-30, 1e-10, 0.1], "float64", False),
        ([0.0, 0.0, 0.0, 0.0], "float64", False),
    ],
)
def test_a_norm_of_zero_is_underflow_only_where_those_above_have_faded(
    norms: list[float], dtype: str, underflows: bool
) -> None:
    ones = np.ones(len(norms) - 1)
    assert Chain(np.array(norms), ones, ones, dtype=dtype).underflows == underflows

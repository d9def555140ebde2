"""How signals pass through the layers, against plain NumPy on the same weights, and what is said of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradsim.sim.kinds.train.passage import Passage, middle, outcome, passage, passage_sentence, passages_at_start
from gradsim.sim.run.tape import Values
from gradsim.words.sentences import Wording, plain_text
from tests.unit.small import HEALTHY, RELU, RUNAWAY, experiment, trained
from tests.unit.test_census import seen

EN = Wording("en")
WIDE: dict[str, Any] = RELU | {"label": "Wide", "init": {"name": "normal", "std": 1000.0}, "hidden": [9] * 40}
NARROW: dict[str, Any] = RELU | {"label": "Narrow", "init": {"name": "normal", "std": 1e-3}, "hidden": [9] * 40}


def rms(values: Values) -> float:
    return float(np.sqrt(np.mean(np.asarray(values, float) ** 2)))


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
@pytest.mark.parametrize("step", [1, 12])
def test_sizes_are_those_of_the_network(activation: str, step: int) -> None:
    run: dict[str, Any] = RELU | {"activation": activation, "hidden": [9, 7, 8, 6]}
    network, _, past = seen(run, step)
    found = passage(past, 0)
    a, delta = ([rms(getattr(layer, name)) for layer in network.layers[:-1]] for name in ("a", "delta"))
    np.testing.assert_allclose(10.0 ** found.forward[:, 1], np.array(a) / a[0], rtol=1e-9)
    np.testing.assert_allclose(10.0 ** found.backward[:, 1], np.array(delta) / delta[-1], rtol=1e-9)
    forward, backward = found.factors
    assert forward**3 == pytest.approx(np.sqrt(np.prod(10.0 ** found.forward[-1])))  # of two replicas, in logs
    assert backward**3 == pytest.approx(np.sqrt(np.prod(10.0 ** found.backward[0])))


def test_before_the_first_step_is_step_0_whatever_came_later() -> None:
    _, tape = trained(experiment(RELU, steps=20))
    early, late = tape.until(0), tape.until(20)
    np.testing.assert_array_equal(passage(late, 0, from_start=True).forward, passage(early, 0).forward)
    assert (passage(late, 0).forward != passage(early, 0).forward).any()


def test_a_run_that_has_diverged_is_shown_as_it_began() -> None:
    trainer, tape = trained(experiment(RUNAWAY, HEALTHY, steps=30))
    assert [each.run for each in trainer.diverged] == [0]
    assert trainer.diverged[0].step > 0
    np.testing.assert_array_equal(passage(tape.until(30), 0).forward, passage(tape.until(0), 0).forward)


def test_what_diverges_at_step_0_is_computed_again() -> None:
    spec = experiment(WIDE, RELU, dtype="float32", steps=2)
    trainer, tape = trained(spec)
    assert [(each.run, each.step) for each in trainer.diverged] == [(0, 0)]
    assert passage(tape.until(2), 0).depth == 0
    found = passages_at_start(spec, trainer.data, [0])[0]
    line = middle(found.forward)
    first = int((line < np.inf).sum())
    assert 2 < first <= trainer.diverged[0].layer + 1
    assert (line[first:] == np.inf).all()
    # He's factor is 1 at a standard deviation of the root of 2/9: a layer multiplies by about 1000 over it.
    assert found.factors[0] == pytest.approx(1000.0 / np.sqrt(2.0 / 9.0), rel=0.5)
    assert not len(found.backward)


def test_what_is_computed_again_is_what_would_have_been_measured() -> None:
    spec = experiment(RELU, steps=1)
    trainer, tape = trained(spec)
    found, measured = passages_at_start(spec, trainer.data, [0])[0], passage(tape.until(0), 0)
    np.testing.assert_allclose(found.forward, measured.forward, atol=1e-9)
    np.testing.assert_allclose(found.backward, measured.backward, atol=1e-9)


def test_zero_is_nothing_and_not_a_missing_value() -> None:
    trainer, tape = trained(experiment(NARROW, dtype="float32", steps=1))
    assert not trainer.diverged
    found = passage(tape.until(1), 0)
    assert found.at_the_ends[1] == -np.inf
    assert not np.isnan(found.forward).any()
    assert not np.isnan(found.backward).any()
    assert outcome(found, False, EN) == "nothing arrives"


def straight(forward: float, backward: float, depth: int = 11) -> Passage:
    """Return a passage on which each layer multiplies by these, log10."""
    layers = np.arange(float(depth))[:, None]
    return Passage(forward * layers, backward * (depth - 1.0 - layers))


@pytest.mark.parametrize(
    ("forward", "backward", "words"),
    [
        (0.0, 0.0, "signals arrive, both ways"),
        (0.09, -0.09, "signals arrive, both ways"),
        (0.0, -0.4, "the gradient of layer 1 is ×10⁻⁴ that of layer 11"),
        (0.0, 0.7, "the gradient of layer 1 is ×10⁷ that of layer 11"),
        (-0.4, 0.0, "the activations of layer 11 are ×10⁻⁴ those of layer 1"),
        (-0.2, 0.0, "the activations of layer 11 are ×0.01 those of layer 1"),
        (0.0, -3.3, "nothing arrives: ×10⁻³³"),
        (-3.3, 0.0, "nothing arrives: ×10⁻³³"),
    ],
)
def test_words_on_one_run(forward: float, backward: float, words: str) -> None:
    assert outcome(straight(forward, backward), False, EN) == words
    assert outcome(straight(forward, backward), True, EN) == "too large to be numbers"


def test_words_where_there_is_nothing_to_pass() -> None:
    assert outcome(straight(0.0, 0.0, 1), False, EN) == "one layer only"
    assert outcome(straight(0.0, 0.0, 0), False, EN) == "no layers to pass"
    assert np.isnan(straight(0.0, 0.0, 1).factors).all()


def said(**runs: Passage) -> str:
    return plain_text(passage_sentence(list(runs.values()), list(runs), EN))


def test_the_sentence_tells_who_keeps_the_size() -> None:
    he, lecun = straight(0.0, 0.0), straight(-0.155, -0.155)
    assert said(He=he, LeCun=lecun) == (
        "Only He keeps signals at their size, ×1.00 a layer; LeCun shrinks them, ×0.70 in each."
    )
    assert said(He=he) == "He keeps signals at their size, ×1.00 a layer."
    assert said(He=he, Xavier=he) == "He and Xavier keep signals at their size."
    large = straight(0.6, 0.6)
    assert said(Small=straight(-1.0, -1.0), LeCun=lecun, Large=large) == (
        "Signals do not keep their size; Small ×0.10 and LeCun ×0.70 shrink them; Large blows them up, ×3.98 in each."
    )
    assert said(Short=straight(0.0, 0.0, 1)) == "One hidden layer: nothing to multiply."
    assert said(Lost=straight(0.0, 0.0, 0)) == "No signal is a number."

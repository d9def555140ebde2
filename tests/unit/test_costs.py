"""What a loss costs: the first step at which each run is at the loss that all reach, counted here by hand."""

from __future__ import annotations

import numpy as np
import pytest

from gradsim.sim.kinds.train.costs import common_loss, cost_of, cost_sentence
from gradsim.words.sentences import plain_text
from tests.unit.small import RELU, RUNAWAY, SIGMOID, experiment, trained

WHOLE = RELU | {"label": "Whole", "batch_size": "all"}
SMALL = RELU | {"label": "Small", "batch_size": 8}


@pytest.mark.parametrize("step", [3, 20, 30])
def test_costs_are_those_of_the_first_step_at_the_loss(step: int) -> None:
    spec = experiment(WHOLE, SMALL, SIGMOID, steps=30, replicas=3, data={"name": "digits", "samples": 120})
    trainer, tape = trained(spec)
    past = tape.until(step)
    medians = [np.median(past.replicas(run, "loss"), axis=1) for run in range(3)]
    loss = common_loss(past, 3)
    assert loss == max(float(each.min()) for each in medians)
    for run, (each, batch) in enumerate(zip(medians, (len(trainer.data.train), 8, 16), strict=True)):
        first = next(i for i, value in enumerate(each) if value <= loss)
        cost = cost_of(past, run, loss)
        assert cost is not None
        assert (cost.step, cost.samples) == (first, first * batch)
        assert cost.seconds >= 0.0
    assert cost_of(past, 0, -1.0) is None


def test_the_cheapest_in_samples_comes_first_and_those_that_diverged_are_left_out() -> None:
    spec = experiment(RUNAWAY, WHOLE | {"output": "linear", "loss": "mse"}, steps=30)
    past = trained(spec)[1].until(30)
    assert past.gone == {0}
    text = plain_text(cost_sentence(past, spec.labels, "en"))
    assert text.startswith("A loss of ")
    assert "Whole at step" in text
    assert "Runaway" not in text
    alone = experiment(RUNAWAY, steps=30)
    assert plain_text(cost_sentence(trained(alone)[1].until(30), alone.labels, "en")) == "All runs diverged."

"""The loss along the next step: its ends are losses that training measures itself; and what is said of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradsim.sim.kinds.train.cuts import ALONG, Cut, cut_sentence, cuts, loss_text, lowest_text
from gradsim.words.sentences import Wording, plain_text
from tests.unit.small import HEALTHY, RELU, RUNAWAY, SIGMOID, experiment, trained
from tests.unit.test_landscape import plain_loss

EN = Wording("en")
ALL = {"batch_size": "all", "hidden": [4, 3]}
MOONS = {"name": "moons", "samples": 60}
FIT: dict[str, Any] = {"label": "Fit", "activation": "tanh", "output": "linear", "loss": "mse"}


def cut_of(spec: Any, step: int, replica: int = 0) -> tuple[Cut | None, ...]:
    _, tape = trained(spec)
    *_, found = cuts(spec, spec.data.load(), tape.until(step).keyframes.before(step - min(step, 2)), step, replica)
    assert isinstance(found, tuple)
    return found


@pytest.mark.parametrize("optimizer", ["sgd", "adam", {"name": "momentum", "learning_rate": 0.2}])
def test_the_batch_begins_with_the_loss_that_was_measured(optimizer: Any) -> None:
    spec = experiment(SIGMOID, RELU | {"optimizer": optimizer}, steps=20)
    _, tape = trained(spec)
    for step in (0, 7, 19):
        for run, cut in enumerate(cut_of(spec, step, replica=2)):
            assert cut is not None
            assert cut.batch[20] == pytest.approx(tape.until(step).values(run, "loss")[2], rel=1e-12)


def test_of_whole_batches_it_ends_with_the_loss_of_the_next_step() -> None:
    spec = experiment(FIT | {"optimizer": "adam"}, common=ALL, data=MOONS, steps=9)
    _, tape = trained(spec)
    [cut] = cut_of(spec, 4, replica=1)
    assert cut is not None
    before, after = (tape.until(step).values(0, "loss")[1] for step in (4, 5))
    assert cut.ends == pytest.approx((before, after), rel=1e-12)
    np.testing.assert_allclose(cut.batch, cut.whole, rtol=1e-12)


def test_between_and_beyond_it_is_the_loss_of_the_weights_there() -> None:
    spec = experiment(FIT, common=ALL, data=MOONS, steps=9)
    trainer, tape = trained(spec)
    states = tape.until(9).keyframes.states
    start, end = (states[step].reshape(3, -1)[0][: 4 * 3 + 5 * 3 + 4] for step in (4, 5))
    [cut] = cut_of(spec, 4)
    assert cut is not None
    data = trainer.data
    wanted = [
        plain_loss(start + at * (end - start), (2, 4, 3, 1), data.train.x, data.train.y, "tanh") for at in ALONG
    ]
    np.testing.assert_allclose(cut.whole, wanted, rtol=1e-12)


def test_a_run_that_has_diverged_takes_no_step() -> None:
    spec = experiment(RUNAWAY, HEALTHY, steps=60)
    trainer, _ = trained(spec)
    step = trainer.diverged[0].step + 5
    lost, healthy = cut_of(spec, step)
    assert lost is None
    assert healthy is not None
    assert plain_text(cut_sentence((lost, healthy), ["Runaway", "Healthy"], EN)).startswith(
        "The next step of Healthy "
    )
    assert plain_text(cut_sentence((None, None), ["A", "B"], EN)) == "All runs have diverged."


def bowl(lowest: float) -> Cut:
    losses = 1.0 + (ALONG - lowest) ** 2
    return Cut(losses, losses)


def test_what_a_step_does_is_told() -> None:
    climbing, past, short = bowl(0.4), bowl(0.75), bowl(2.0)
    assert [climbing.lowest, past.lowest, short.lowest] == pytest.approx([0.4, 0.75, 2.0])
    assert plain_text(cut_sentence([climbing, past, short], "ABC", EN)) == (
        "The next step of A raises the loss; the next step of B goes past the lowest point ahead; "
        "the next step of C stops short of the lowest point ahead."
    )
    assert plain_text(cut_sentence([climbing], "A", EN)) == (
        "The next step of A raises the loss; from 1.16 to 1.36 on the training set."
    )
    assert loss_text(climbing, EN) == "loss 1.16 → 1.36"
    assert [lowest_text(cut, EN, brief=True) for cut in (climbing, bowl(9.0))] == ["lowest: 0.4×", "lowest: > 3×"]
    assert [lowest_text(cut, EN) for cut in (climbing, bowl(-0.5), bowl(9.0))] == [
        "lowest at 0.4 × the step", "only up from here", "still falling at 3 times the step"
    ]  # fmt: skip


def test_a_step_to_where_there_are_no_numbers_raises_the_loss() -> None:
    losses = np.where(ALONG > 0.5, np.nan, 2.0 - ALONG)
    cut = Cut(losses, losses)
    assert cut.lowest == pytest.approx(0.5)
    assert plain_text(cut_sentence([cut, bowl(2.0)], "AB", EN)).startswith("The next step of A raises the loss; ")

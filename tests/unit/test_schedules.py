"""Learning-rate schedules: their length, their ends, and what a run makes of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradsim.engine.optim.schedules import SCHEDULES, Schedule
from gradsim.schema.parameters import ParameterError, decode, parameters
from gradsim.sim.kinds.train.trainer import Trainer
from tests.unit.small import RELU, SIGMOID, experiment

LONG = [key for key in SCHEDULES if "length" in parameters(SCHEDULES[key])]


def factors(key: str, steps: int, updates: int | None = None, **settings: Any) -> list[float]:
    schedule: Schedule = decode(SCHEDULES[key], settings).for_run(steps)
    return [schedule.factor(t) for t in range(updates or steps)]


@pytest.mark.parametrize("key", SCHEDULES)
@pytest.mark.parametrize("steps", [1, 2, 3, 10, 1_000_000])
def test_a_factor_is_a_share_of_the_learning_rate_from_the_first_update_to_the_last(key: str, steps: int) -> None:
    schedule = SCHEDULES[key]().for_run(steps)
    for t in {0, steps // 3, steps // 2, steps - 1}:
        assert 0.0 <= schedule.factor(t) <= 1.0


@pytest.mark.parametrize("key", SCHEDULES)
def test_only_what_varies_is_ever_other_than_one(key: str) -> None:
    assert SCHEDULES[key].varies == any(factor != 1.0 for factor in factors(key, 200))


@pytest.mark.parametrize("key", LONG)
def test_a_length_of_zero_is_the_whole_run(key: str) -> None:
    assert factors(key, 40) == factors(key, 40, length=40)
    assert factors(key, 40) != factors(key, 40, length=20)


def test_each_schedule_at_its_marks() -> None:
    assert factors("step", 7, every=3, gamma=0.5) == [1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.25]
    assert factors("exponential", 3, gamma=0.5) == [1.0, 0.5, 0.25]
    assert factors("inverse_time", 3, rate=1.0) == [1.0, 1 / 2, 1 / 3]
    assert factors("warm_up", 6, length=4, start=0.0) == [0.0, 0.25, 0.5, 0.75, 1.0, 1.0]
    cosine = factors("cosine", 40, 41, length=20, floor=0.1)
    np.testing.assert_allclose([cosine[t] for t in (0, 10, 20, 30, 40)], [1.0, 0.55, 0.1, 0.55, 1.0], rtol=1e-12)
    cycle = factors("one_cycle", 20, length=10, peak=0.5, div_factor=4.0, final_div_factor=8.0)
    np.testing.assert_allclose([cycle[t] for t in (0, 2, 4, 9, 19)], [0.25, 0.625, 1.0, 1 / 32, 1 / 32], rtol=1e-12)


@pytest.mark.parametrize(
    ("length", "peak", "expected"),
    [
        (1, 0.3, [1 / 250]),
        (1, 1.0, [1.0]),
        (2, 0.5, [1.0, 1 / 250]),
        (2, 0.0, [0.502, 1 / 250]),
        (3, 1.0, [0.1, 0.55, 1.0, 1.0]),
    ],
)
def test_a_cycle_with_no_room_for_one_of_its_phases(length: int, peak: float, expected: list[float]) -> None:
    found = factors("one_cycle", 5, len(expected), length=length, peak=peak, div_factor=10.0, final_div_factor=25.0)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_steps_of_usual_length_fall_twice_in_a_run() -> None:
    assert factors("step", 600) == factors("step", 600, every=200)
    assert factors("step", 7, gamma=0.5) == [1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.25]
    assert factors("step", 2, gamma=0.5) == [1.0, 0.5]
    assert factors("step", 1, gamma=0.5) == [1.0]


@pytest.mark.parametrize(
    ("key", "setting", "zero"),
    [*((key, "length", "the whole run") for key in LONG), ("step", "every", "a third of the run")],
)
def test_a_schedule_longer_than_the_run_is_refused(key: str, setting: str, zero: str) -> None:
    experiment(SIGMOID, RELU | {"schedule": {"name": key, setting: 40}}, steps=40)
    with pytest.raises(ParameterError) as caught:
        experiment(SIGMOID, RELU | {"schedule": {"name": key, setting: 1041}}, steps=1040)
    assert str(caught.value) == (
        f"runs[1].schedule.{setting}: 1,041 updates are more than the 1,040 steps of the run; "
        f"a whole number from 1 to 1,040, or 0 for {zero}"
    )
    with pytest.raises(ParameterError, match=f"2 updates are more than the 1 step of the run; 1, or 0 for {zero}$"):
        experiment(SIGMOID | {"schedule": {"name": key, setting: 2}}, steps=1)


@pytest.mark.parametrize("key", SCHEDULES)
@pytest.mark.parametrize("steps", [1, 2, 10])
def test_each_schedule_as_it_is_suits_every_run(key: str, steps: int) -> None:
    experiment(SIGMOID | {"schedule": key}, steps=steps)


def test_the_run_takes_each_update_at_its_rate() -> None:
    """Plain descent from the gradients that are there, one update after the other."""
    schedule = {"name": "one_cycle", "length": 8}
    spec = experiment(SIGMOID | {"schedule": schedule}, RELU, steps=10)
    trainer = Trainer(spec)
    expected = [0.1 * factor for factor in factors("one_cycle", 10, length=8)]
    for rate in expected:
        trainer.measure()
        before = [trainer.parameters(i) for i in range(2)]
        grads = [trainer._groups[0].stack.grads[member.rows].copy() for member in trainer._groups[0].members]
        trainer.advance()
        for i, eta in enumerate((rate, 0.1)):
            np.testing.assert_allclose(trainer.parameters(i), before[i] - eta * grads[i], rtol=0, atol=1e-15)

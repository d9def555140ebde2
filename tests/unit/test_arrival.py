"""Arrival in races: the step from which f stays at its lowest value, counted here value by value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from gradsim.engine.surfaces.stationary import Ended, stationary_points
from gradsim.sim.documents.lessons import lessons
from gradsim.sim.kinds.race.arrival import TOLERANCE, arrivals
from gradsim.sim.kinds.race.endings import endings, lowest_minima
from gradsim.sim.kinds.race.spec import Race
from gradsim.sim.run.tape import Tape
from tests.unit.races import ADAM, AWAY, path, race, raced, seven


def counted(excess: Sequence[float], noisy: bool) -> int | None:
    """Return the first step whose window, and each later whole one, is below the tolerance."""
    found, least = None, 60 if noisy else 10
    for step in reversed(range(len(excess))):
        window = excess[step : step + max(least, step // 10) + 1]
        whole = len(window) == max(least, step // 10) + 1
        if not noisy and not excess[step] < TOLERANCE:
            return found
        if noisy and whole and not sum(window) / len(window) < TOLERANCE:
            return found
        found = step if whole else found
    return found


def of_half(steps: Sequence[int | None]) -> int | None:
    arrived = sorted(step for step in steps if step is not None)
    return arrived[(len(steps) - 1) // 2] if 2 * len(arrived) >= len(steps) else None


def expected(spec: Race, tape: Tape, step: int, lowest: float, noisy: Sequence[bool]) -> list[int | None]:
    found = []
    for i in range(len(spec.runs)):
        values = path(tape, i, "value")[: step + 1] - lowest
        found.append(of_half([counted(list(values[:, k]), noisy[i]) for k in range(values.shape[1])]))
    return found


def test_the_grand_race_arrives_in_this_order() -> None:
    """The figures are those of the sketch, which was computed without this program."""
    spec = seven()
    _, tape = raced(spec)
    known = {"Adam": 98, "Adagrad": 141, "Momentum": 218, "Nesterov": 238, "RMSprop": 257}
    assert dict(zip(spec.labels, arrivals(spec, tape.until(300)), strict=True)) == {
        label: known.get(label) for label in spec.labels
    }


RACES: dict[str, dict[str, Any]] = {
    "bowl": {"surface": "booth", "steps": 400},
    "several descents": {"surface": "booth", "steps": 400, "replicas": 4, "spread": 1.0},
    "noise": {"surface": "booth", "steps": 400, "replicas": 3, "noise": 0.1},
    "much noise": {"surface": "booth", "steps": 400, "replicas": 3, "noise": 3.0},
}


@pytest.mark.parametrize("name", RACES)
def test_arrival_is_what_counting_the_values_gives(name: str) -> None:
    fast = {"label": "Fast", "optimizer": {"name": "sgd", "learning_rate": 0.05}}
    swings = {"label": "Swings", "optimizer": {"name": "momentum", "learning_rate": 0.01}}
    spec = race(fast, swings, ADAM, **RACES[name])
    _, tape = raced(spec)
    for step in (0, 9, 10, 11, 60, 150, 400):
        noisy = [spec.noise > 0] * 3
        assert arrivals(spec, tape.until(step)) == expected(spec, tape, step, 0.0, noisy)
    assert any(arrivals(spec, tape.until(400))) == (name != "much noise")


@pytest.mark.parametrize("seed", range(20))
def test_a_stochastic_run_that_crosses_the_minimum_has_not_arrived(seed: int) -> None:
    """Its excess stays about 0.01 in the mean, ten times the tolerance, however low single values are."""
    table = {"optimizer": {"name": "sgd", "learning_rate": 1.0}}
    runs = [table | {"label": f"{size}", "batch_size": size} for size in ("all", 20, 1)]
    spec = race(*runs, surface="logistic", seed=seed, steps=400)
    _, tape = raced(spec)
    crossed = path(tape, 2, "value")[:, 0] - 0.17376
    assert crossed.min() < 5 * TOLERANCE
    whole, batches, single = arrivals(spec, tape.until(400))
    assert whole is not None
    assert batches is not None
    assert single is None
    assert not any(arrivals(spec, tape.until(step))[2] for step in range(400))


def test_without_a_lowest_value_and_after_diverging_none_arrives() -> None:
    assert arrivals(race(surface="saddle"), raced(race(surface="saddle"))[1].until(40)) == [None, None]
    spec = race(AWAY, surface="booth")
    _, tape = raced(spec)
    assert arrivals(spec, tape.until(40)) == [None]


def test_an_arrival_that_was_told_does_not_move() -> None:
    spec = race({"label": "Fast", "optimizer": {"name": "sgd", "learning_rate": 0.05}}, surface="booth", steps=300)
    _, tape = raced(spec)
    told = [arrivals(spec, tape.until(step))[0] for step in range(301)]
    [arrived] = {step for step in told if step is not None}
    assert told.index(arrived) == arrived + max(10, arrived // 10)


@pytest.mark.parametrize("name", ["saddle", "ravine", "wells", "race", "batches"])
def test_a_run_is_at_the_lowest_minimum_from_when_it_has_arrived(name: str) -> None:
    spec = lessons()[name].experiment
    assert isinstance(spec, Race)
    _, tape = raced(spec)
    lowest = [stationary_points(spec.surface).index(point) for point in lowest_minima(spec.surface)]
    seen = set()
    for step in range(0, spec.steps + 1, 3):
        past = tape.until(step)
        ends = [ending.first for ending in endings(spec, past)]
        there = [ended == Ended.AT and at in lowest for ended, at in ends]
        assert there == [arrived is not None for arrived in arrivals(spec, past)]
        seen |= set(there)
    assert True in seen

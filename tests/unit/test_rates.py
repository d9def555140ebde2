"""Sweeps of learning rates: each is the race at that rate, and none is computed twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from gradsim.engine.optim import OPTIMIZERS
from gradsim.sim.documents.experiments import experiment_from
from gradsim.sim.kinds.race import rates as module
from gradsim.sim.kinds.race.racer import Racer
from gradsim.sim.kinds.race.rates import alike, first_of, sweep
from gradsim.sim.kinds.race.spec import Race
from gradsim.sim.run.simulation import new_tape, play
from gradsim.sim.run.sweep import MAX_RECORDS, Sweep

RUNS = [{"label": key, "optimizer": key} for key in ("sgd", "momentum", "adam", "lion")]


def race(**settings: Any) -> Race:
    made = experiment_from({"kind": "race", "steps": 30, "surface": "himmelblau", "runs": RUNS} | settings)
    assert isinstance(made, Race)
    return made


def last(found: Race) -> Sweep:
    return list(sweep(found))[-1]


def raced(found: Race, run: int, rate: float) -> list[float]:
    """The values of a race in which one run has this rate."""
    spec = found.runs[run]
    at_rate = replace(spec, optimizer=replace(spec.optimizer, learning_rate=rate))
    racer = Racer(replace(found, runs=(at_rate,)))
    tape = new_tape(racer)
    for _ in play(racer, tape):
        pass
    values: list[float] = tape.until(found.steps).replicas(0, "value")[:, 0].tolist()
    return values


CASES = {
    "plain": {},
    "noise": {"noise": 0.5, "seed": 3, "replicas": 4, "spread": 1.0},
    "schedule": {"common": {"schedule": "cosine", "clip": {"name": "norm", "max_norm": 5.0}}},
    "batches": {"surface": "logistic", "common": {"batch_size": 20}},
}


@pytest.mark.parametrize("settings", CASES.values(), ids=list(CASES))
def test_a_sweep_is_the_race_at_every_rate(settings: dict[str, Any]) -> None:
    found = race(**settings)
    swept = last(found)
    for run in range(len(found.runs)):
        for at in (0, 47, 60, 75):
            values = raced(found, run, float(swept.rates[run, at]))
            mine = [swept.values(step)[run, at] for step in range(len(values))]
            known = np.isfinite(mine)
            np.testing.assert_allclose(np.array(mine)[known], np.array(values)[known], rtol=1e-10)
            # One that has diverged stays in the race where it was last.
            assert len(set(np.array(values)[~known])) <= 1
            assert at > 60 or known.all()


def test_what_diverges_counts_as_infinitely_high() -> None:
    values = last(race(runs=[{"optimizer": "sgd"}], surface="ravine", steps=300)).values(300)[0]
    rates = last(race(runs=[{"optimizer": "sgd"}], surface="ravine", steps=300)).rates[0]
    np.testing.assert_array_equal(np.isinf(values), rates > 0.0215)  # 2 / 100, and a little: it takes its time
    assert np.isfinite(values[rates < 0.02]).all()


def test_rates_and_labels_are_all_the_same_to_it() -> None:
    found = race()
    other = race(runs=[{"label": "a", "optimizer": {"name": "sgd", "learning_rate": 7.0}}, *RUNS[1:]])
    assert alike(found) == alike(other)
    assert alike(found) != alike(race(start=[1.0, 2.0]))
    assert alike(found) != alike(race(noise=0.1))
    np.testing.assert_array_equal(last(found).values(30), last(other).values(30))


def test_it_tells_what_it_has_on_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PAUSE_S", 0.0)
    parts = list(sweep(race()))
    assert [len(part.steps) for part in parts] == [*range(1, 32), 31]
    np.testing.assert_array_equal(parts[10].values(5), parts[-1].values(5))
    assert parts[10].step(30) == 10


def test_before_its_first_step_all_rates_are_at_the_start() -> None:
    spec = race()
    first, found = first_of(spec), last(spec)
    np.testing.assert_array_equal(first.rates, found.rates)
    np.testing.assert_array_equal(first.values(7), found.values(0))
    assert first.step(7) == 0


def test_long_races_are_kept_coarsely() -> None:
    swept = last(race(steps=5_000, runs=[{"optimizer": "sgd"}]))
    assert len(swept.steps) <= MAX_RECORDS
    assert swept.step(4_999) <= 4_999
    assert swept.values(5_000).shape == (1, 121)


@pytest.mark.parametrize("key", list(OPTIMIZERS))
def test_every_optimizer_has_rates_at_which_it_descends(key: str) -> None:
    swept = last(race(runs=[{"optimizer": key}], steps=200))
    assert swept.values(200)[0].min() < 0.05 * swept.values(0)[0, 0]

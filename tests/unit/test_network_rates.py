"""Rates of networks: each value is that of a run made by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import gradsim
from gradsim.sim.documents.document import Document
from gradsim.sim.kinds.train.rates import MEAN_OF, alike, nothing_of, rates_of, sweep
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.run.sweep import MAX_RECORDS, Sweep
from tests.unit.small import HEALTHY, RELU, experiment

ADAM: dict[str, Any] = RELU | {"label": "Adam", "optimizer": {"name": "adam", "learning_rate": 0.01}}
DATA = {"name": "digits", "samples": 100, "test_fraction": 0.2}


def swept(spec: Train) -> list[Sweep]:
    found: list[Sweep] = []
    for result in sweep(spec):
        if not found or found[-1] is not result:
            found.append(result)
    return found


@pytest.fixture(scope="module")
def spec() -> Train:
    return experiment(HEALTHY | {"activation": "linear"}, ADAM, steps=30, replicas=3, seed=4, data=DATA)


def test_values_are_those_of_runs_made_one_by_one(spec: Train) -> None:
    last = swept(spec)[-1]
    rates = rates_of(spec)
    assert last.rates.tolist() == rates.tolist()
    gone = 0
    for run, row in enumerate(rates):
        for k in range(0, len(row), 3):
            optimizer = replace(spec.runs[run].optimizer, learning_rate=float(row[k]))
            alone = replace(spec, runs=(replace(spec.runs[run], optimizer=optimizer),), replicas=1, probes="off")
            losses = gradsim.run(Document(alone))[0].loss[0]
            for step in (0, 7, 20, 30):
                mean = losses[max(0, step - MEAN_OF + 1) : step + 1].mean() if step < len(losses) else np.nan
                expected = mean if np.isfinite(mean) else np.inf
                np.testing.assert_allclose(last.values(step)[run, k], expected, rtol=1e-12)
                gone += np.isinf(expected)
    assert gone > 0  # some diverge


def test_it_begins_with_every_fourth_rate_and_knows_nothing_else(
    spec: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gradsim.sim.kinds.train.rates._NEWS_S", 0.0)
    monkeypatch.setattr("gradsim.sim.kinds.train.rates._PAUSE_S", 0.0)
    results = swept(spec)
    assert np.isnan(nothing_of(spec).values(0)).all()
    known = [np.isfinite(result.values(0)) for result in results]
    counts = [int(each.sum()) for each in known]
    assert counts == sorted(counts)
    coarse = known[counts.index(14)]  # 7 of 25 rates of two runs
    assert (np.flatnonzero(coarse[0]) % 4 == 0).all()
    assert [result.done for result in results] == sorted(result.done for result in results)
    assert results[-1].done == 1.0
    assert not np.isnan(results[-1].values(30)).any()


def test_it_depends_on_neither_rate_nor_name_nor_replicas(spec: Train) -> None:
    runs = tuple(
        replace(run, label=f"x{i}", optimizer=replace(run.optimizer, learning_rate=0.5))
        for i, run in enumerate(spec.runs)
    )
    assert alike(replace(spec, runs=runs, replicas=1)) == alike(spec)
    assert alike(replace(spec, seed=5)) != alike(spec)


def test_long_runs_are_tried_for_some_of_their_steps(spec: Train) -> None:
    long = replace(spec, steps=1_000_000)
    begun = nothing_of(long)
    assert len(begun.steps) <= MAX_RECORDS
    assert begun.step(10**6) <= 3000

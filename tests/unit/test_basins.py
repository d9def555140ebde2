"""Basins: each start ends where a race from there ends, and arrives when that does."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from gradsim.engine.surfaces.stationary import NEAR, Ended, stationary_points
from gradsim.sim.documents.document import parse
from gradsim.sim.kinds.race.basins import CELLS, NONE, SIDE, Basins, basin_map, basin_maps, start_grid
from gradsim.sim.kinds.race.endings import momentary_endings
from gradsim.sim.kinds.race.racer import Racer, diagonal
from gradsim.sim.kinds.race.spec import Race
from gradsim.sim.run.simulation import new_tape, play


def race(optimizer: str, surface: str = '"himmelblau"', more: str = "", of_run: str = "", steps: int = 40) -> Race:
    text = f'kind = "race"\nsteps = {steps}\nsurface = {surface}\n{more}\n'
    experiment = parse(f'{text}[[runs]]\nlabel = "A"\noptimizer = {optimizer}\n{of_run}', "x").experiment
    assert isinstance(experiment, Race)
    return experiment


@lru_cache(maxsize=16)
def last(experiment: Race) -> Basins:
    *_, found = basin_map(experiment, experiment.runs[0])
    return found


def from_start(experiment: Race, x: float, y: float) -> tuple[Ended, int, int]:
    """Where a race from there ends, at which stationary point, and since when it has been near that."""
    single = replace(experiment, start=(x, y))
    racer = Racer(single)
    tape = new_tape(racer)
    for _ in play(racer, tape):
        pass
    past = tape.until(single.steps)
    ended, at = momentary_endings(single, past)[0].first
    if ended != Ended.AT:
        return ended, NONE, NONE
    point = stationary_points(single.surface)[at]
    path = np.stack([past.replicas(0, "x")[:, 0], past.replicas(0, "y")[:, 0]])
    assert path.shape[1] == single.steps + 1
    away = np.hypot(path[0] - point.x, path[1] - point.y) > NEAR * diagonal(single.surface)
    return ended, at, int(np.flatnonzero(away)[-1] + 1) if away.any() else 0


RACES = {
    "sgd": race('{ name = "sgd", learning_rate = 0.02 }'),
    "overshooting": race('{ name = "momentum", learning_rate = 0.01 }', steps=120),
    "adam": race('{ name = "adam", learning_rate = 0.5 }', steps=80),
    "noise": race('{ name = "rmsprop", learning_rate = 0.05 }', more="noise = 4.0\nseed = 3\nreplicas = 4"),
    "schedule and clip": race(
        '{ name = "nag", learning_rate = 0.02 }',
        of_run='schedule = { name = "cosine" }\nclip = { name = "norm", max_norm = 20.0 }',
    ),
    "plateau": race('{ name = "sgd", learning_rate = 0.5 }', '"plateau"'),
    "out": race('{ name = "sgd", learning_rate = 0.1 }', '"saddle"', steps=15),
    "formula": race('{ name = "sgd", learning_rate = 0.1 }', '{ expression = "x**2 - y**2 + y**4/8 + log(x + 3)" }'),
}


@pytest.mark.parametrize("name", RACES)
def test_each_start_ends_as_a_race_from_there(name: str) -> None:
    experiment = RACES[name]
    basins = last(experiment)
    grid = start_grid(experiment.surface)
    chosen = np.random.default_rng(1).choice(SIDE * SIDE, 60, replace=False)
    expected = [from_start(experiment, *grid[start].tolist()) for start in chosen]
    places = chosen // SIDE, chosen % SIDE
    found = zip(basins.ended[places], basins.at[places], basins.arrived[places], strict=True)
    assert [tuple(map(int, entry)) for entry in found] == [tuple(map(int, entry)) for entry in expected]


def test_the_races_end_in_all_ways() -> None:
    seen = {Ended(int(end)) for name in RACES for end in np.unique(last(RACES[name]).ended)}
    assert seen == set(Ended)


def arrived_from_beside(experiment: Race) -> set[int]:
    """When those arrive that start near where they end."""
    basins = last(experiment)
    points = np.array([(point.x, point.y) for point in stationary_points(experiment.surface)])
    at = basins.at.ravel()
    away = np.hypot(*(start_grid(experiment.surface) - points[at]).T)
    beside = (at != NONE) & (away <= NEAR * diagonal(experiment.surface))
    return set(basins.arrived.ravel()[beside].tolist())


def test_only_who_stays_has_arrived_at_once() -> None:
    assert 0 in arrived_from_beside(RACES["sgd"])
    assert min(arrived_from_beside(RACES["adam"])) > 5  # the first steps are as long as the rate, and lead away


def test_coarse_grids_are_parts_of_finer_ones() -> None:
    experiment = RACES["overshooting"]
    complete: dict[int, Basins] = {}
    for basins in basin_map(experiment, experiment.runs[0]):
        complete.setdefault(basins.cell, basins)
    assert sorted(complete) == [0, *sorted(CELLS)]
    finest = complete[1]
    for cell in CELLS:
        coarse = complete[cell]
        squares = coarse.at.reshape(SIDE // cell, cell, SIDE // cell, cell)
        assert (squares == squares[:, :1, :, :1]).all()  # one start each
        assert (coarse.ended != NONE).all()
        offset = {4: 2, 2: 0, 1: 0}[cell]
        places = slice(offset, None, cell)
        for name in ("ended", "at", "arrived"):
            assert np.array_equal(getattr(coarse, name)[places, places], getattr(finest, name)[places, places])


def test_results_never_change_once_they_are_given() -> None:
    experiment = RACES["sgd"]
    given = [(basins, basins.at.copy()) for basins in basin_map(experiment, experiment.runs[0])]
    for basins, at in given:
        assert not basins.at.flags.writeable
        assert np.array_equal(basins.at, at)


def test_all_runs_come_coarse_before_any_gets_finer() -> None:
    first = race('{ name = "sgd", learning_rate = 0.02 }', steps=5)
    experiment = replace(first, runs=(first.runs[0], replace(first.runs[0], label="B")))
    seen = list(dict.fromkeys(tuple(basins.cell for basins in maps) for maps in basin_maps(experiment)))
    assert seen == [(0, 0), (4, 0), (4, 4), (2, 4), (2, 2), (1, 2), (1, 1)]


def test_shares_are_those_of_the_starts() -> None:
    basins = last(RACES["sgd"])
    shares = [basins.share(ended) for ended in Ended]
    assert sum(shares) == pytest.approx(1.0)
    at = [basins.share(Ended.AT, i) for i in range(len(stationary_points(RACES["sgd"].surface)))]
    assert sum(at) == pytest.approx(basins.share(Ended.AT))
    assert max(at) < 0.5

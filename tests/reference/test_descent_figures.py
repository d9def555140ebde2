"""Figures that lessons on descent and optimizers name and that no measure reads, and published ones on their runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradsim.engine.surfaces.models import Logistic
from gradsim.engine.surfaces.stationary import Ended
from gradsim.sim.documents import results
from gradsim.sim.documents.document import Document, read
from gradsim.sim.documents.lessons import check_all, lessons
from gradsim.sim.documents.tries import applied
from gradsim.sim.kinds.race.basins import basin_maps
from gradsim.sim.kinds.race.spec import Race
from gradsim.sim.kinds.train.feature_rates import feature_rates
from gradsim.sim.kinds.train.landscape import Landscape, landscape
from gradsim.sim.kinds.train.snapshot import snapshots
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.run.tape import Tape, Values
from tests.unit.races import path, race, raced

ENTRIES: dict[str, Any] = {
    entry["name"]: entry for entry in json.loads((Path(__file__).parent / "reference.json").read_text("utf-8"))
}
OWN_AND_OTHERS = [0, *(pytest.param(seed, marks=pytest.mark.course) for seed in range(1, 9))]


def race_of(name: str, **settings: Any) -> tuple[Race, Tape]:
    experiment = lessons()[name].experiment.with_settings(**settings)
    assert isinstance(experiment, Race)
    return experiment, raced(experiment)[1]


def train_of(name: str, **settings: Any) -> tuple[Train, Tape]:
    experiment = lessons()[name].experiment.with_settings(**settings)
    assert isinstance(experiment, Train)
    return experiment, results.run(Document(experiment))[1]


# Batches


def test_the_noise_of_its_batches_follows_the_law() -> None:
    """Var g_B = S²/B · (N − B)/(N − 1), with each sample's gradient by plain NumPy; all samples have no noise."""
    entry, errors = ENTRIES["minibatch_variance_law"], list[Values]()
    for seed in range(60):
        spec, tape = race_of("batches", replicas=128, steps=1, seed=seed)
        surface = spec.surface
        assert isinstance(surface, Logistic)
        u, v = surface.data
        w, b = spec.start
        wrong = 1.0 / (1.0 + np.exp(-(w * u + b))) - v
        each = np.stack([wrong * u, wrong])
        full = each.mean(axis=1, keepdims=True)
        found = [path(tape, run, "gradient")[0] for run in range(3)]  # (2, replicas)
        np.testing.assert_allclose(found[0], np.broadcast_to(full, found[0].shape), rtol=1e-12)
        errors.append(np.array([np.square(one - full).sum(axis=0).mean() for one in found[1:]]))
    spread = np.square(each - full).sum(axis=0).mean()
    law = [spread / size * (200 - size) / 199 for size in (20, 1)]
    assert np.mean(errors, axis=0).tolist() == pytest.approx(law, rel=entry["tolerance"])


# Saddle points


def test_beside_the_ridge_descent_is_the_closed_form() -> None:
    """As in the entry: each step multiplies y by 1 + 2 η, as long as y⁴ is nothing beside y²."""
    spec, tape = race_of("saddle")
    y = path(tape, 0, "y")[:, 0]
    near = np.flatnonzero(np.abs(y) < 1e-3)
    np.testing.assert_allclose(y[near], spec.start[1] * 1.1**near, rtol=1e-5)
    entry = ENTRIES["saddle_gd_exact"]["setup"]
    sgd = {"optimizer": {"name": "sgd", "learning_rate": entry["lr"]}}
    _, exact = raced(race(sgd, surface="saddle", start=entry["start"], steps=entry["steps"]))
    end = [path(exact, 0, key)[-1, 0] for key in ("x", "y")]
    assert end == pytest.approx(list(ENTRIES["saddle_gd_exact"]["expected"].values()), abs=1e-12)


def escapes(tape: Tape, runs: int) -> list[int]:
    """Return the first step at which each run is beyond |y| = 1, 0 for never."""
    return [int(np.argmax(np.abs(path(tape, run, "y")[:, 0]) > 1.0)) for run in range(runs)]


def test_each_factor_of_ten_costs_24_steps() -> None:
    found = [escapes(race_of("saddle", start=(1.5, 10.0**-power))[1], 1)[0] for power in range(3, 8)]
    assert set(np.diff(found)) <= {24, 25}
    assert found[:4:3] == [76, 149]


def test_on_the_ridge_none_leaves_and_with_the_least_noise_all_do() -> None:
    document = lessons()["saddle"]
    assert document.lesson is not None
    on_the_ridge, noisy, _ = (applied(document, tried).experiment for tried in document.lesson.tries)
    assert isinstance(on_the_ridge, Race)
    assert isinstance(noisy, Race)
    _, tape = raced(on_the_ridge)
    assert all((path(tape, run, "y") == 0.0).all() for run in range(5))
    assert all(step > 0 for step in escapes(raced(noisy)[1], 5))


# Ravines


@pytest.mark.parametrize(("name", "limit"), [("sgd", 0.02), ("momentum", 0.038), ("nag", 0.038 / 2.8)])
def test_who_bears_which_rate_in_the_ravine(name: str, limit: float) -> None:
    runs = [{"optimizer": {"name": name, "learning_rate": limit * factor}} for factor in (0.99, 1.01)]
    _, tape = raced(race(*runs, surface="ravine", steps=1000))
    stays, leaves = (path(tape, run, "value")[-1, 0] for run in range(2))
    assert stays < 1e-3
    assert not leaves < 1e3
    assert ENTRIES["stability_limits"]["expected"]["nag_edge_beta_0p9"] == pytest.approx(3.8 / 2.8)


# Two wells


@pytest.mark.parametrize("seed", OWN_AND_OTHERS)
def test_from_the_other_side_nearly_all_reach_the_deeper_well(seed: int) -> None:
    _, tape = race_of("wells", start=(1.7, 1.0), seed=seed)
    shares = [(path(tape, run, "x")[-1] < 0).mean() for run in range(3)]
    assert shares[1] > 0.85
    assert (shares[0], shares[2]) == (0.0, 0.0)


BASINS = Path(__file__).parents[2] / "docs" / "examples" / "basins.toml"


@pytest.mark.course
def test_momentum_frays_the_borders_of_basins_and_adam_does_not() -> None:
    """Measured with plain NumPy beside it, on half as fine a grid: SGD 0.018, momentum 0.216, Adam 0.014."""
    document = read(BASINS)
    check_all(document)
    assert isinstance(document.experiment, Race)
    *_, maps = basin_maps(document.experiment)
    places = [np.where(found.ended == Ended.AT, found.at, -1) for found in maps]
    sgd, momentum, adam = ((at[1:] != at[:-1]).mean() + (at[:, 1:] != at[:, :-1]).mean() for at in places)
    assert momentum > 5.0 * max(sgd, adam)


# Rare features


@pytest.mark.parametrize("seed", OWN_AND_OTHERS)
def test_under_adagrad_rare_features_take_longer_steps(seed: int) -> None:
    spec, tape = train_of("rare-features", seed=seed)
    data, found = spec.data.load(), list[float]()
    for replica in range(spec.replicas):
        *_, networks = snapshots(spec, data, tape.keyframe_before(spec.steps), spec.steps, replica)
        assert networks is not None
        adagrad, sgd = networks[3], networks[0]
        assert adagrad is not None
        assert sgd is not None
        assert feature_rates(sgd, data).is_one_rate
        found.append(feature_rates(adagrad, data).ratio)
    assert min(found) > 5.0
    assert 7.0 < np.median(found) < 13.0  # "about ten times"


# The landscape


@pytest.mark.parametrize("seed", OWN_AND_OTHERS)
def test_the_plane_holds_nearly_all_positions_and_half_of_the_steps(seed: int) -> None:
    spec, tape = train_of("landscape", seed=seed)
    for replica in range(2):
        computed = landscape(spec, tape.until(spec.steps).keyframes, (0,), replica, 1.5)
        found = next(each for each in computed if isinstance(each, Landscape))  # a finer grid changes none of these
        assert found.shares.sum() > 0.98
        assert 0.3 < found.moves < 0.6
        assert (found.errors > 0.1).mean() < 0.5
        assert found.weights == 3466

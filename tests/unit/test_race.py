"""Races: what each run owes to its seed alone, descents that leave, going back, and closed forms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradsim.engine.optim import OPTIMIZERS
from gradsim.engine.optim.schedules import SCHEDULES
from gradsim.engine.surfaces import SURFACES
from gradsim.engine.surfaces.user_formula import Formula
from gradsim.sim.documents.document import parse
from gradsim.sim.documents.results import run
from gradsim.sim.kinds.race.endings import endings
from gradsim.sim.kinds.race.racer import FAR, QUANTITIES, VECTORS, Racer, diagonal, lowest_value, minima
from gradsim.sim.kinds.race.results import race_table
from gradsim.sim.kinds.race.spec import Race
from gradsim.sim.run import tape as tape_module
from gradsim.sim.run.draws import Batches, noise
from gradsim.sim.run.simulation import new_tape, play, revisit
from gradsim.sim.run.tape import Tape, Values
from tests.unit.races import ADAM, AWAY, SGD, everything, path, race, raced
from tests.unit.small import assert_same
from tests.unit.test_trainer import CHANGES

RANDOM: dict[str, Any] = {"noise": 0.3, "spread": 0.2, "replicas": 3}

QUARTIC = {"expression": "x**4/4 + y**2/2"}
"""By plain descent at rate 1, x of more than sqrt 2 leaves, others go to 0."""

LEAP = {"label": "Leap", "optimizer": {"name": "sgd", "learning_rate": 1.0}}


# Seeds and draws.


def test_the_same_race_gives_the_same_bits_and_another_seed_others() -> None:
    _, first = raced(race(**RANDOM))
    _, again = raced(race(**RANDOM))
    _, other = raced(race(**RANDOM, seed=6))
    for i in range(2):
        assert_same(everything(first, i), everything(again, i))
        assert (path(first, i, "x")[1:] != path(other, i, "x")[1:]).all()


def test_the_noise_is_the_same_for_all_runs() -> None:
    spec = race(SGD, ADAM, SGD | {"label": "Again"}, **RANDOM)
    _, tape = raced(spec)
    drawn = np.array([spec.noise * noise(spec.seed, step, spec.replicas).T for step in range(spec.steps + 1)])
    for i in range(3):
        exact = spec.surface.gradient(path(tape, i, "x"), path(tape, i, "y"))
        np.testing.assert_allclose(path(tape, i, "gradient"), np.moveaxis(exact, 0, 1) + drawn, rtol=0, atol=1e-12)
    assert_same(everything(tape, 0), everything(tape, 2))
    assert drawn.std() == pytest.approx(spec.noise, rel=0.1)
    assert np.unique(drawn).size == drawn.size


@pytest.mark.parametrize("replicas", [1, 2, 7])
def test_a_descent_does_not_depend_on_how_many_there_are(replicas: int) -> None:
    _, few = raced(race(**RANDOM | {"replicas": replicas}))
    _, many = raced(race(**RANDOM | {"replicas": 7}))
    for i in range(2):
        for name, values in everything(few, i).items():
            np.testing.assert_array_equal(values, everything(many, i)[name][..., :replicas])


def test_a_run_does_not_depend_on_the_others() -> None:
    _, together = raced(race(SGD, AWAY, ADAM, **RANDOM))
    for i, alone in ((0, SGD), (2, ADAM)):
        _, tape = raced(race(alone, **RANDOM))
        assert_same(everything(together, i), everything(tape, 0))


def test_the_first_descent_begins_at_the_start_and_others_around_it() -> None:
    racer = Racer(race(start=[0.5, -0.25], spread=0.1, replicas=128))
    points = racer.points(0)
    assert points[0].tolist() == [0.5, -0.25]
    np.testing.assert_array_equal(points, racer.points(1))
    np.testing.assert_allclose(points.mean(axis=0), [0.5, -0.25], atol=0.03)
    np.testing.assert_allclose(points[1:].std(axis=0), 0.1, rtol=0.2)
    assert np.unique(points).size == points.size


def test_without_draws_all_descents_are_the_same() -> None:
    _, tape = raced(race(replicas=3))
    for values in everything(tape, 0).values():
        np.testing.assert_array_equal(values, values[..., :1] + np.zeros(3))


def test_batches_are_those_of_the_seed_and_what_is_measured_is_of_all_samples() -> None:
    small = SGD | {"batch_size": 8}
    spec = race(small, SGD | {"label": "All"}, surface="least_squares", replicas=2)
    _, tape = raced(spec)
    batches, out = Batches(spec.seed, 2, spec.surface.sample_count, 8), np.empty((2, 2))
    for step in range(spec.steps + 1):
        points = np.stack([path(tape, 0, name)[step] for name in ("x", "y")], axis=1)
        spec.surface.minibatch_gradient(points, batches.at(step), out)
        np.testing.assert_allclose(path(tape, 0, "gradient")[step], out.T, rtol=1e-12)
        exact = np.hypot(*spec.surface.gradient(*points.T))
        np.testing.assert_allclose(path(tape, 0, "grad_norm")[step], exact, rtol=1e-12)
    counts = np.arange(spec.steps + 1)
    assert path(tape, 0, "samples")[:, 0].tolist() == (8 * counts).tolist()
    assert path(tape, 1, "samples")[:, 0].tolist() == (spec.surface.sample_count * counts).tolist()
    norms = np.hypot(*np.moveaxis(path(tape, 1, "gradient"), 1, 0))
    np.testing.assert_allclose(norms, path(tape, 1, "grad_norm"), rtol=1e-12)


# What is measured.


def test_each_step_leads_from_a_place_to_the_next() -> None:
    spec = race(**RANDOM)
    racer, tape = raced(spec)
    assert racer.layout.channels == 2 * (len(QUANTITIES) + 2 * len(VECTORS))
    for i in range(2):
        x, y = path(tape, i, "x"), path(tape, i, "y")
        np.testing.assert_allclose(np.diff(x, axis=0), path(tape, i, "move")[:-1, 0], rtol=1e-9, atol=1e-14)
        np.testing.assert_array_equal(path(tape, i, "value"), spec.surface.value(x, y))
        np.testing.assert_array_equal(path(tape, i, "distance"), np.hypot(x - 3.0, y - 0.5))
        assert path(tape, i, "samples")[:, 0].tolist() == list(range(spec.steps + 1))
        np.testing.assert_array_equal(racer.points(i), np.stack([x[-1], y[-1]], axis=1))


def test_there_is_no_distance_where_the_window_has_no_minimum() -> None:
    _, tape = raced(race(surface="saddle"))
    assert np.isnan(path(tape, 0, "distance")).all()


# Descents that leave.


def test_a_descent_that_leaves_is_held_and_the_others_go_on() -> None:
    spec = race(LEAP, surface=QUARTIC, start=[0.5, 0.5], spread=1.5, replicas=20)
    racer, tape = raced(spec)
    far = np.abs(racer.points(0)[:, 0]) > 1.0
    assert 0 < far.sum() < 20
    assert racer.diverged == []
    x, move = path(tape, 0, "x"), path(tape, 0, "move")
    lost = np.asarray(np.isnan(move).any(axis=1))
    assert (np.isfinite(x)).all()
    assert (lost[1:] >= lost[:-1]).all()
    np.testing.assert_array_equal(lost[-1], far)
    np.testing.assert_array_equal(x[1:][lost[:-1]], x[:-1][lost[:-1]])
    assert np.isnan(path(tape, 0, "gradient")[1:, 0][lost[:-1]]).all()
    assert np.isfinite(path(tape, 0, "gradient")[0]).all()
    assert np.abs(x[-1, ~far]).max() < np.abs(x[0, ~far]).max()
    [ending] = endings(spec, tape.until(tape.head))
    np.testing.assert_array_equal(ending.ended == 4, far)


def test_a_descent_that_has_left_never_comes_back() -> None:
    """A rate that shrinks would let it, for it would take the same step again, only shorter."""
    shrinking = LEAP | {"schedule": {"name": "exponential", "gamma": 0.5}}
    spec = race(shrinking, surface=QUARTIC, start=[0.5, 0.5], spread=1e3, replicas=4, steps=60)
    _, tape = raced(spec)
    x = path(tape, 0, "x")
    assert np.unique(x[:, 1:], axis=0).shape == (1, 3)
    assert np.unique(x[:, 0]).size > 1


def test_a_run_diverges_with_its_last_descent_and_the_others_go_on() -> None:
    spec = race(AWAY, ADAM, **RANDOM)
    racer, tape = raced(spec)
    [gone] = racer.diverged
    assert (gone.run, tape.head) == (0, spec.steps)
    assert 0 < gone.step < 10
    limit = FAR * diagonal(spec.surface)
    for name in ("x", "y", "value", "samples"):
        assert np.isfinite(path(tape, 0, name)[: gone.step + 1]).all()
        assert np.isnan(path(tape, 0, name)[gone.step + 1 :]).all()
    assert np.abs(racer.points(0)).max() <= limit
    assert np.isnan(path(tape, 0, "move")[gone.step]).all()
    for values in everything(tape, 1).values():
        assert np.isfinite(values).all() or np.isnan(values).all()


def test_a_band_is_over_the_descents_that_have_a_value() -> None:
    """Some of the eight starts lie where the logarithm has none."""
    surface = {"name": "formula", "expression": "log(x) + 0.1*y", "window": [-3.0, 3.0, -3.0, 3.0]}
    _, tape = raced(race(SGD, surface=surface, start=[1.0, 0.0], replicas=8, spread=0.8))
    past = tape.until(0)
    values = past.values(0, "value")
    known = values[np.isfinite(values)]
    assert 0 < len(known) < 8
    np.testing.assert_allclose(past.band(0, "value"), np.quantile(known, (0.05, 0.5, 0.95)))


def test_a_race_ends_where_the_last_run_diverges() -> None:
    racer, tape = raced(race(AWAY, LEAP))
    assert {gone.run for gone in racer.diverged} == {0, 1}
    assert racer.step == tape.head == max(gone.step for gone in racer.diverged) < 40


# Going back.

HISTORIES = {f"optimizer {key}": race({"optimizer": key}, AWAY, steps=25, **RANDOM) for key in OPTIMIZERS}
HISTORIES |= {
    f"schedule {key}": race(
        {"schedule": key, "clip": "norm", "optimizer": {"name": "rmsprop", "weight_decay": 0.1, "centered": 1}},
        AWAY | {"schedule": key},
        steps=25,
        **RANDOM,
    )
    for key in SCHEDULES
}
HISTORIES["batches"] = race(
    ADAM | {"batch_size": 3}, SGD | {"batch_size": 70}, surface="least_squares", steps=70, replicas=2
)
HISTORIES["some leave"] = race(
    LEAP, {"optimizer": "nadam"}, surface=QUARTIC, start=[0.5, 0.5], spread=1.0, replicas=9, noise=0.2, steps=70
)
HISTORIES["changes"] = race(
    ADAM | {"batch_size": 3, "changes": CHANGES}, SGD, surface="least_squares", steps=70, replicas=2, noise=0.1
)
LATE = {"label": "Late", "optimizer": {"name": "sgd", "learning_rate": 0.026}}
HISTORIES["one diverges late"] = race(LATE, ADAM, surface="ravine", start=[1, 1], steps=70)


def everything_at(tape: Tape, step: int, spec: Race) -> Values:
    past = tape.until(step)
    assert past.step == step
    return np.vstack([np.atleast_2d(past.values(i, name)) for name in (*QUANTITIES, *VECTORS) for i in (0, 1)])


def test_one_history_diverges_between_keyframes() -> None:
    [gone] = raced(HISTORIES["one diverges late"])[0].diverged
    assert 0 < gone.step < 36


@pytest.mark.parametrize("name", HISTORIES)
def test_each_step_is_replayed_bit_for_bit(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = HISTORIES[name]
    _, whole = raced(spec)
    monkeypatch.setattr(tape_module, "KEYFRAME_BYTES", 1)
    monkeypatch.setattr(tape_module, "MAX_ROWS", 4)
    monkeypatch.setattr(tape_module, "MAX_RECENT", 2)
    racer, sparse = raced(spec)
    second = Racer(spec)
    for step in [*range(racer.step, -1, -7), *range(racer.step + 1)]:
        assert list(revisit(second, sparse, step))[-1] == step
        np.testing.assert_array_equal(everything_at(sparse, step, spec), everything_at(whole, step, spec))


@pytest.mark.parametrize("name", HISTORIES)
def test_a_saved_state_is_all_that_a_step_depends_on(name: str) -> None:
    spec = HISTORIES[name]
    racer, other = Racer(spec), Racer(spec)
    state = np.empty(racer.state_size, racer.state_dtype)
    for step in range(spec.steps + 1):
        racer.save(state)
        before = state.copy()
        row = racer.measure()
        racer.save(state)
        np.testing.assert_array_equal(state, before)  # measuring prepares the step and takes none
        other.restore(step, state)
        np.testing.assert_array_equal(other.measure(), row)
        racer.advance()


def test_going_back_does_not_disturb_the_run_under_way() -> None:
    spec = race(SGD, AWAY, **RANDOM)
    racer, second = Racer(spec), Racer(spec)
    tape = new_tape(racer)
    for step in play(racer, tape):
        if step % 9 == 8:
            list(revisit(second, tape, step // 2))
    _, undisturbed = raced(spec)
    for i in range(2):
        assert_same(everything(tape, i), everything(undisturbed, i))


# The figures of others, and closed forms.

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "reference.json").read_text("utf-8"))
PARITY = {entry["name"]: entry for entry in REFERENCE if entry["name"].startswith("parity_")}
SURFACE = {"beale": "beale", "quad100": "ravine"}


def test_all_of_the_reference_are_raced() -> None:
    assert len(PARITY) == 14


@pytest.mark.parametrize("name", PARITY)
def test_a_file_races_as_pytorch_does(name: str) -> None:
    setup, expected = PARITY[name]["setup"], PARITY[name]["expected"]["torch"]
    _, place, key = name.split("_")
    file = f"""
        kind = "race"
        steps = {max(map(int, expected))}
        surface = "{SURFACE[place]}"
        start = {setup["start"]}
        [[runs]]
        optimizer = {{ name = "{key}", learning_rate = {setup["lr"]} }}
    """
    [found] = race_table(*_at_the_end(file))["runs"]
    for step, point in expected.items():
        at = [found["x"][int(step)], found["y"][int(step)]]
        np.testing.assert_allclose(at, point, rtol=PARITY[name]["tolerance"])


def _at_the_end(file: str) -> Any:
    simulation, tape = run(parse(file, "race.toml"))
    return simulation, tape.until(simulation.step)


KAPPA = 50.0
RAVINE = {"name": "ravine", "kappa": KAPPA}


def test_plain_descent_on_the_ravine_is_the_closed_form() -> None:
    rate = 0.03
    spec = race({"optimizer": {"name": "sgd", "learning_rate": rate}}, surface=RAVINE, start=[2.0, -1.5])
    _, tape = raced(spec)
    steps = np.arange(spec.steps + 1)
    np.testing.assert_allclose(path(tape, 0, "x")[:, 0], 2.0 * (1.0 - rate) ** steps, rtol=1e-12)
    np.testing.assert_allclose(path(tape, 0, "y")[:, 0], -1.5 * (1.0 - rate * KAPPA) ** steps, rtol=1e-12)


def test_momentum_on_the_ravine_is_the_closed_form() -> None:
    """A linear recurrence: (x, v) is multiplied by the same matrix in each step, along each axis."""
    rate, mu = 0.01, 0.8
    optimizer = {"name": "momentum", "learning_rate": rate, "momentum": mu}
    spec = race({"optimizer": optimizer}, surface=RAVINE, start=[2.0, -1.5])
    _, tape = raced(spec)
    for name, start, curvature in (("x", 2.0, 1.0), ("y", -1.5, KAPPA)):
        matrix = np.array([[1.0 - rate * curvature, -rate * mu], [curvature, mu]])
        expected = [(np.linalg.matrix_power(matrix, step) @ (start, 0.0))[0] for step in range(spec.steps + 1)]
        np.testing.assert_allclose(path(tape, 0, name)[:, 0], expected, rtol=1e-9, atol=1e-13)


def test_plain_descent_is_stable_up_to_two_over_the_largest_curvature() -> None:
    below, above = (
        {"label": label, "optimizer": {"name": "sgd", "learning_rate": factor * 2.0 / KAPPA}}
        for label, factor in (("below", 0.99), ("above", 1.01))
    )
    racer, tape = raced(race(below, above, surface=RAVINE, start=[1.0, 1.0], steps=2000))
    assert [gone.run for gone in racer.diverged] == [1]
    assert path(tape, 0, "distance")[-1, 0] < 1e-12


def test_the_step_is_that_of_the_schedule() -> None:
    """The step after step t is taken at the rate times the factor of t."""
    spec = race(SGD | {"schedule": {"name": "exponential", "gamma": 0.8}})
    _, tape = raced(spec)
    factors = 0.01 * 0.8 ** np.arange(spec.steps + 1)
    expected = -factors[:, None] * path(tape, 0, "gradient")[..., 0]
    np.testing.assert_allclose(path(tape, 0, "move")[..., 0], expected, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("key", sorted(set(SURFACES) - {"saddle", "monkey_saddle"}))
def test_descents_are_measured_against_the_lowest_minimum(key: str) -> None:
    surface = SURFACES[key]()
    assert lowest_value(surface) == minima(surface)[0].value


def test_but_not_where_the_surface_is_lower_elsewhere() -> None:
    surface = Formula(expression="x**2 - y**2 - x**4 + 0.1*y**4", window=(-3.0, 3.0, -3.0, 3.0))
    assert minima(surface)
    assert lowest_value(surface) is None
    assert lowest_value(SURFACES["saddle"]()) is None

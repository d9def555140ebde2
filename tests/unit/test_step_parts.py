"""A step taken apart: its parts make up the step, as each optimizer's formula says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradsim.engine.optim import OPTIMIZERS
from gradsim.engine.types import Array
from gradsim.sim.documents.experiments import experiment_from
from gradsim.sim.kinds.race.racer import VECTORS, Racer
from gradsim.sim.kinds.race.spec import Race
from gradsim.sim.run.simulation import new_tape, play

RATE, STEPS = 0.013, 12


def parts_of(
    key: str, clip: Any = "none", start: Any = (1.0, 1.5), **settings: Any
) -> tuple[dict[str, Array], Array]:
    """Return the parts of steps 1 to STEPS, (STEPS, 2) each, and the path (STEPS + 1, 2)."""
    race = experiment_from(
        {
            "kind": "race",
            "steps": STEPS,
            "surface": "beale",
            "start": list(start),
            "runs": [{"clip": clip, "optimizer": {"name": key, "learning_rate": RATE, **settings}}],
        }
    )
    assert isinstance(race, Race)
    racer = Racer(race)
    tape = new_tape(racer)
    for _ in play(racer, tape):
        pass
    past = tape.until(STEPS)
    path = np.stack([past.replicas(0, name)[:, 0] for name in ("x", "y")], axis=1)
    return {name: past.replicas(0, name)[:-1, :, 0] for name in VECTORS}, path


def close(one: Array, other: Array) -> None:
    np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("key", list(OPTIMIZERS))
def test_the_step_is_what_the_path_does_next(key: str) -> None:
    parts, path = parts_of(key)
    close(parts["move"], np.diff(path, axis=0))


FORMULAS = {
    "sgd": lambda g, m, s: g,
    "momentum": lambda g, m, s: m,
    "nag": lambda g, m, s: g + 0.9 * m,
    "adagrad": lambda g, m, s: s,
    "adadelta": lambda g, m, s: s,
    "rmsprop": lambda g, m, s: s,
    "adam": lambda g, m, s: m * s / g,
    "amsgrad": lambda g, m, s: m * s / g,
    "adamax": lambda g, m, s: m * s / g,
    "lion": lambda g, m, s: s,
}


@pytest.mark.parametrize("key", list(FORMULAS))
def test_the_parts_make_up_the_step(key: str) -> None:
    parts, _ = parts_of(key)
    close(parts["move"], -RATE * FORMULAS[key](parts["gradient"], parts["momentum"], parts["scaled"]))


def test_adamw_decays_beside_its_parts() -> None:
    parts, path = parts_of("adamw", weight_decay=0.3)
    scaled = parts["momentum"] * parts["scaled"] / parts["gradient"]
    close(parts["move"], -RATE * scaled - RATE * 0.3 * path[:-1])


def test_lion_decays_beside_its_sign() -> None:
    parts, path = parts_of("lion", weight_decay=0.3)
    close(np.abs(parts["scaled"]), np.ones((STEPS, 2)))
    close(parts["move"], -RATE * parts["scaled"] - RATE * 0.3 * path[:-1])


def test_decay_that_is_coupled_is_part_of_what_is_scaled() -> None:
    parts, path = parts_of("adagrad", weight_decay=0.3)
    close(parts["move"], -RATE * parts["scaled"])
    close(np.sign(parts["scaled"]), np.sign(parts["gradient"] + 0.3 * path[:-1]))


@pytest.mark.parametrize(("key", "first"), [("adam", 1.0), ("adagrad", 1.0), ("rmsprop", 10.0)])
def test_what_is_scaled_is_the_clipped_gradient(key: str, first: float) -> None:
    """At (3, 3), Beale's gradient is far beyond the bound; that which is shown is not clipped."""
    parts, _ = parts_of(key, clip={"name": "value", "clip_value": 0.5}, start=[3.0, 3.0])
    assert np.abs(parts["gradient"][0]).min() > 1e3
    np.testing.assert_allclose(parts["scaled"][0], first, rtol=1e-6)
    np.testing.assert_allclose(parts["move"][0], -RATE * first, rtol=1e-6)


def test_momentum_is_a_velocity_that_fades() -> None:
    parts, _ = parts_of("momentum")
    close(parts["momentum"][1:], 0.9 * parts["momentum"][:-1] + parts["gradient"][1:])


def test_adams_average_is_corrected_for_its_start() -> None:
    parts, _ = parts_of("adam")
    g = parts["gradient"]
    weights = 0.9 ** np.arange(STEPS)
    average = (weights[::-1, None] * g).sum(axis=0) / weights.sum()
    close(parts["momentum"][-1], average)
    close(np.abs(parts["scaled"][0]), np.ones(2) / (1.0 + 1e-8 / np.abs(g[0])))


def test_rmsprop_with_momentum_has_a_velocity_of_scaled_gradients() -> None:
    parts, _ = parts_of("rmsprop", momentum=0.5, centered=1)
    close(parts["move"], -RATE * parts["momentum"])
    close(parts["momentum"][1:], 0.5 * parts["momentum"][:-1] + parts["scaled"][1:])


@pytest.mark.parametrize(("key", "missing"), [("sgd", ("momentum", "scaled")), ("momentum", ("scaled",)),
                                              ("adagrad", ("momentum",)), ("adam", ())])  # fmt: skip
def test_what_an_optimizer_has_not_is_not_there(key: str, missing: tuple[str, ...]) -> None:
    parts, _ = parts_of(key)
    assert tuple(name for name in VECTORS if np.isnan(parts[name]).any()) == missing

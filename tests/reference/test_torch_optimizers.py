"""Optimizers, schedules and clipping as PyTorch has them: trajectories that make_torch_optimizers.py has written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from gradsim.documentation import ENTRIES
from gradsim.engine.optim import OPTIMIZERS
from gradsim.engine.optim.clipping import CLIPS
from gradsim.engine.optim.schedules import SCHEDULES
from gradsim.engine.types import Array
from gradsim.schema.parameters import decode, encode

TABLE = json.loads((Path(__file__).parent / "torch_optimizers.json").read_text("utf-8"))
TRAJECTORIES: list[dict[str, Any]] = TABLE["trajectories"]
STEPS: int = TABLE["steps"]

RELATIVE = 1e-10


def beale(p: Array) -> Array:
    x, y = p[:, 0], p[:, 1]
    terms = [(c - x + x * y**n, y**n - 1.0, n * x * y ** (n - 1)) for n, c in ((1, 1.5), (2, 2.25), (3, 2.625))]
    return np.stack([sum(2.0 * t * dx for t, dx, _ in terms), sum(2.0 * t * dy for t, _, dy in terms)], axis=1)


SURFACES: dict[str, Callable[[Array], Array]] = {"beale": beale, "valley": lambda p: p * (1.0, 100.0)}


def entry(registry: Any, table: dict[str, Any]) -> Any:
    """Return an entry of a registry from a name and settings."""
    return decode(registry[table["name"]], {key: value for key, value in table.items() if key != "name"})


def described(each: dict[str, Any]) -> str:
    tables = [each[key] for key in ("optimizer", "schedule", "clip") if key in each]
    return "-".join([each["surface"], *(f"{value}" for table in tables for value in table.values())])


def descent(each: dict[str, Any]) -> list[npt.NDArray[np.float64]]:
    """Return the points of the descent that a trajectory describes, from its start."""
    rule = entry(OPTIMIZERS, each["optimizer"])
    schedule = entry(SCHEDULES, each.get("schedule", {"name": "constant"})).for_run(STEPS)
    clip = entry(CLIPS, each.get("clip", {"name": "none"}))
    x: Array = np.array([each["start"]], np.float64)
    h: dict[str, Array] = {name: np.full((1, 1), value, np.float64) for name, value in encode(rule).items()}
    state: dict[str, Array] = {name: np.zeros_like(x) for name in rule.used_state}
    path = [x[0].copy()]
    for t in range(STEPS):
        h["learning_rate"][:] = rule.learning_rate * schedule.factor(t)
        g = clip.clipped(SURFACES[each["surface"]](x), np.empty_like(x))
        rule.update(x, g, state, h, t + 1, np.empty_like(x))
        path.append(x[0].copy())
    return path


@pytest.mark.parametrize("each", TRAJECTORIES, ids=described)
def test_a_descent_is_that_of_pytorch(each: dict[str, Any]) -> None:
    path = descent(each)
    for step, point in each["points"].items():
        np.testing.assert_allclose(path[int(step)], point, rtol=RELATIVE, atol=0.0)


@pytest.mark.parametrize("each", [each for each in TRAJECTORIES if "rates" in each], ids=described)
def test_the_learning_rate_of_each_update_is_that_of_pytorch(each: dict[str, Any]) -> None:
    schedule = entry(SCHEDULES, each["schedule"]).for_run(STEPS)
    rates = [each["optimizer"]["learning_rate"] * schedule.factor(t) for t in range(STEPS)]
    np.testing.assert_allclose(rates, each["rates"], rtol=RELATIVE, atol=0.0)


def test_all_that_pytorch_has_is_compared() -> None:
    def names(key: str) -> set[str]:
        return {each[key]["name"] for each in TRAJECTORIES if key in each}

    others = set(OPTIMIZERS) - names("optimizer")
    [row] = [line for line in ENTRIES.splitlines() if line.startswith("| optimizer |")]
    assert others == {name for name in OPTIMIZERS if f"{name}: " in row}, "the documentation says whose rule it is"
    assert names("schedule") == set(SCHEDULES) - {"constant"}
    assert names("clip") == set(CLIPS) - {"none"}


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize(
    "settings",
    [{}, {"learning_rate": 0.03, "beta1": 0.7, "beta2": 0.95}, {"learning_rate": 0.03, "weight_decay": 0.4}],
)
def test_lion_is_the_algorithm_of_its_paper(surface: str, settings: dict[str, float]) -> None:
    """Chen et al. 2023, algorithm 2, line by line; PyTorch has no Lion."""
    eta, lam, beta1, beta2 = (
        settings.get(name, default)
        for name, default in (("learning_rate", 1e-4), ("weight_decay", 0.0), ("beta1", 0.9), ("beta2", 0.99))
    )
    theta = np.array([[1.0, 1.5]])
    m = np.zeros_like(theta)
    path = descent({"surface": surface, "start": [1.0, 1.5], "optimizer": {"name": "lion", **settings}})
    for point in path[1:]:
        g = SURFACES[surface](theta)
        update = beta1 * m + (1.0 - beta1) * g
        theta = theta - eta * (np.sign(update) + lam * theta)
        m = beta2 * m + (1.0 - beta2) * g
        np.testing.assert_allclose(point, theta[0], rtol=RELATIVE, atol=0.0)

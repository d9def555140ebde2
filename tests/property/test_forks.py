"""Forks: up to its step, a run with a change is the run without it, to the bit, whatever shares its stack."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gradsim.engine.nn.activations import ACTIVATIONS
from gradsim.engine.optim import OPTIMIZERS
from gradsim.engine.optim.clipping import CLIPS
from gradsim.engine.optim.schedules import SCHEDULES
from gradsim.sim.kinds.race.racer import QUANTITIES, VECTORS, Racer
from gradsim.sim.kinds.train.dimensions import OF_NETWORKS
from gradsim.sim.kinds.train.trainer import Trainer
from gradsim.sim.run.tape import Values
from tests.property.cases import cases
from tests.unit.races import race
from tests.unit.small import experiment

STEPS = 12
COMMON: dict[str, Any] = {"hidden": [5, 4], "batch_size": 8}

stepping = {
    "optimizer": st.sampled_from(list(OPTIMIZERS)),
    "clip": st.sampled_from(list(CLIPS)),
    "schedule": st.sampled_from(list(SCHEDULES)),
}
batches = st.sampled_from([1, 5, 8, "all"])
settings = stepping | {
    "batch_size": batches,
    "activation": st.sampled_from(list(ACTIVATIONS)),
    "loss": st.sampled_from(["cross_entropy", "mse"]),
    "given": st.sampled_from(["w1[64,5] = 0.5", "b2[1] = -3; w3[4,10] = 0"]),
}


def changes_of(known: dict[str, Any], most: int) -> st.SearchStrategy[list[dict[str, Any]]]:
    change = st.fixed_dictionaries({"step": st.integers(0, STEPS - 1)}, optional=known)
    several = st.lists(change, max_size=most, unique_by=lambda each: each["step"])
    return several.map(lambda found: sorted(found, key=lambda each: each["step"]))


def runs_of(known: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"changes": changes_of(known, 2)}, optional=known)


def forked(parent: dict[str, Any], step: int, change: dict[str, Any]) -> dict[str, Any]:
    before = [each for each in parent["changes"] if each["step"] < step]
    return parent | {"label": "Fork", "changes": [*before, {"step": step, **change}]}


def of_training(trainer: Trainer, row: Values, run: int) -> list[Any]:
    """Return all that is measured of a run at a step, but for the time it took, and its parameters."""
    names = [name for name in OF_NETWORKS if name != "seconds"]
    names += [probe.key for probe in trainer.probes]
    return [*(trainer.layout.pick(row, run, name) for name in names), trainer.parameters(run)]


@cases(60)
@given(
    parent=runs_of(settings),
    step=st.integers(0, STEPS - 1),
    change=st.fixed_dictionaries({}, optional=settings),
    others=st.lists(runs_of(settings), max_size=2),
    place=st.integers(0, 2),
    dtype=st.sampled_from(["float64", "float32"]),
)
def test_up_to_its_step_a_fork_is_its_parent(
    parent: dict[str, Any],
    step: int,
    change: dict[str, Any],
    others: list[dict[str, Any]],
    place: int,
    dtype: str,
) -> None:
    runs = [other | {"label": str(i)} for i, other in enumerate(others)]
    place = min(place, len(runs))
    runs.insert(place, forked(parent, step, change))
    given_settings: dict[str, Any] = {"common": COMMON, "steps": STEPS, "replicas": 2, "dtype": dtype}
    alone = Trainer(experiment(parent | {"label": "Parent"}, **given_settings))
    together = Trainer(experiment(*runs, **given_settings))
    # Once more without the companions: to the end they must make no difference, after the change neither.
    fork = Trainer(experiment(forked(parent, step, change), **given_settings))
    for at in range(STEPS + 1):
        rows = [trainer.measure() for trainer in (alone, together, fork)]
        found = of_training(together, rows[1], place)
        if at <= step:
            for mine, its in zip(found, of_training(alone, rows[0], 0), strict=True):
                np.testing.assert_array_equal(mine, its)
        for mine, its in zip(found, of_training(fork, rows[2], 0), strict=True):
            np.testing.assert_array_equal(mine, its)
        if at < STEPS:
            for trainer in (alone, together, fork):
                trainer.advance()


@cases(60)
@given(
    parent=runs_of(stepping | {"batch_size": batches}),
    step=st.integers(0, STEPS - 1),
    change=st.fixed_dictionaries({}, optional=stepping | {"batch_size": batches}),
    other=runs_of(stepping | {"batch_size": batches}),
)
def test_up_to_its_step_a_fork_in_a_race_is_its_parent(
    parent: dict[str, Any], step: int, change: dict[str, Any], other: dict[str, Any]
) -> None:
    spec = race(
        parent | {"label": "Parent"},
        other | {"label": "Other"},
        forked(parent, step, change),
        surface="least_squares",
        steps=STEPS,
        replicas=2,
        noise=0.1,
    )
    racer = Racer(spec)
    for at in range(step + 1):
        row = racer.measure()
        # The step that is prepared at the change is the first with the new settings.
        for name in (*QUANTITIES, *(VECTORS if at < step else ())):
            mine, its = (racer.layout.pick(row, run, name) for run in (2, 0))
            np.testing.assert_array_equal(mine, its)
        if at < step:
            racer.advance()

"""Forks: up to its step, a run with a change is the run without it, to the bit, whatever shares its stack."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradsim.engine.nn.activations import ACTIVATIONS
from gradsim.engine.optim import OPTIMIZERS
from gradsim.engine.optim.clipping import CLIPS
from gradsim.engine.optim.schedules import SCHEDULES
from gradsim.sim.kinds.race.racer import QUANTITIES, VECTORS, Racer
from gradsim.sim.kinds.train.dimensions import OF_NETWORKS
from gradsim.sim.kinds.train.trainer import Trainer
from gradsim.sim.run import tape as tape_module
from gradsim.sim.run.changes import updated_in
from gradsim.sim.run.simulation import new_tape, play, revisit
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
        same_step = at < step or updated_in(spec.runs[0], at).run == updated_in(spec.runs[2], at).run
        for name in (*QUANTITIES, *(VECTORS if same_step and at < step else ())):
            mine, its = (racer.layout.pick(row, run, name) for run in (2, 0))
            np.testing.assert_array_equal(mine, its)
        if at < step:
            racer.advance()


@pytest.fixture
def sparse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tape_module, "MOST_KEYFRAMES", 3)
    monkeypatch.setattr(tape_module, "MAX_ROWS", 4)
    monkeypatch.setattr(tape_module, "MAX_RECENT", 2)


CHANGES = [
    {"step": 0, "optimizer": {"name": "rmsprop", "momentum": 0.5}},
    {"step": 9, "optimizer": {"name": "rmsprop", "centered": 1}, "batch_size": 5},
    {"step": 10, "optimizer": "adam", "batch_size": "all"},
    {"step": 25, "optimizer": {"name": "adam", "learning_rate": 0.01}, "batch_size": 7},
]


@pytest.mark.usefixtures("sparse")
def test_each_step_of_a_changing_run_is_replayed_bit_for_bit() -> None:
    spec = experiment({"changes": [*CHANGES, {"step": 30, "activation": "relu"}]}, {"label": "Other"})
    first, second, third = Trainer(spec), Trainer(spec), Trainer(spec)
    tape = new_tape(first)
    for _ in play(first, tape):
        pass
    whole = []
    for _ in range(spec.steps + 1):
        whole.append(third.measure())
        third.advance()
    timed = [first.layout.place(run, "seconds").start for run in range(2)]
    for step in [*range(spec.steps, -1, -7), *range(spec.steps + 1)]:
        assert list(revisit(second, tape, step))[-1] == step
        again = np.vstack([np.atleast_2d(tape.until(step).values(run, "loss")) for run in range(2)])
        expected = np.vstack([np.atleast_2d(first.layout.pick(whole[step], run, "loss")) for run in range(2)])
        np.testing.assert_array_equal(again, expected)
        mine, its = (np.delete(row, timed, axis=0) for row in (second.measure(), whole[step]))
        np.testing.assert_array_equal(mine, its)


@pytest.mark.usefixtures("sparse")
def test_each_step_of_a_changing_race_is_replayed_bit_for_bit() -> None:
    spec = race({"batch_size": 3, "changes": CHANGES}, {"label": "Other"}, surface="least_squares", replicas=2)
    first, second, third = Racer(spec), Racer(spec), Racer(spec)
    tape = new_tape(first)
    for _ in play(first, tape):
        pass
    for step in [*range(spec.steps, -1, -7)]:
        assert list(revisit(second, tape, step))[-1] == step
    for step in range(spec.steps + 1):
        list(revisit(second, tape, step))
        np.testing.assert_array_equal(second.measure(), third.measure())
        third.advance()

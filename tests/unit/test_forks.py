"""Which runs share their past, and tables in which one goes its own way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from gradsim.sim.documents.document import read
from gradsim.sim.documents.experiments import experiment_from, full_table, without_run
from gradsim.sim.documents.results import run
from gradsim.sim.run.forks import SharedPast, change_from, fork_of, shared_past
from gradsim.sim.run.tape import MEDIAN
from tests.unit.races import race
from tests.unit.small import RELU, SIGMOID, experiment

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "leaky-from-100.toml"
LEAKY = {"step": 10, "activation": "leaky_relu"}


def pasts(*runs: dict[str, Any]) -> list[SharedPast | None]:
    return shared_past(experiment(*(run | {"label": str(i)} for i, run in enumerate(runs))).runs)


def changed(*changes: dict[str, Any]) -> dict[str, Any]:
    return RELU | {"changes": list(changes)}


def test_a_fork_shares_its_past_up_to_its_change() -> None:
    assert pasts(SIGMOID, RELU, changed(LEAKY)) == [None, None, (1, 10)]


def test_twins_and_other_runs_are_no_forks() -> None:
    assert pasts(RELU, RELU, RELU | {"batch_size": 4}) == [None, None, None]
    assert pasts(changed(LEAKY), changed(LEAKY)) == [None, None]


def test_forks_of_one_run_have_one_parent() -> None:
    other = LEAKY | {"activation": "elu"}
    assert pasts(RELU, changed(LEAKY), changed(other), changed(LEAKY | {"step": 5}))[1:] == [(0, 10), (0, 10), (0, 5)]


def test_a_fork_of_a_fork_leaves_the_fork() -> None:
    late = {"step": 20, "batch_size": 4}
    assert pasts(RELU, changed(LEAKY), changed(LEAKY, late), changed(LEAKY, late | {"step": 15})) == [
        None, (0, 10), (1, 20), (1, 15),
    ]  # fmt: skip


def test_of_two_changes_at_one_step_the_past_is_shared_up_to_it() -> None:
    assert pasts(changed(LEAKY), changed(LEAKY | {"batch_size": 4}))[1] == (0, 10)


def test_races_fork_too() -> None:
    spec = race({"label": "A"}, {"label": "B", "changes": [{"step": 7, "optimizer": "adam"}]})
    assert shared_past(spec.runs) == [None, (0, 7)]


def test_a_fork_is_made_and_what_comes_later_stays_behind() -> None:
    early, late = {"step": 3, "batch_size": 4}, {"step": 30, "clip": "norm"}
    table = full_table(experiment(SIGMOID, changed(early, late)))
    forked = fork_of(table, 1, 20)
    spec = experiment_from(forked)
    assert [change["step"] for change in forked["runs"][2]["changes"]] == [3, 20]
    assert len(table["runs"]) == 2
    assert spec.runs[2].label not in spec.labels[:2]
    assert shared_past(spec.runs) == [None, None, (1, 20)]
    assert shared_past(experiment_from(without_run(forked, 1)).runs) == [None, None]


def test_where_a_run_changes_already_that_change_is_edited() -> None:
    table = full_table(experiment(changed(LEAKY)))
    assert change_from(table, 0, 10) == table
    assert fork_of(table, 0, 10)["runs"][1]["changes"] == table["runs"][0]["changes"]


def test_a_change_is_put_in_its_place() -> None:
    table = change_from(full_table(experiment(SIGMOID, changed(LEAKY))), 1, 4)
    changes = experiment_from(table).runs[1].changes
    assert [(change.step, len(change.settings)) for change in changes] == [(4, 0), (10, 1)]
    assert table["runs"][0]["changes"] == []


def test_the_example_shows_what_it_says() -> None:
    document = read(EXAMPLE)
    assert shared_past(document.experiment.runs) == [None, (0, 100), (0, 100)]
    _, tape = run(document)
    past = tape.until(300)
    dead = [np.median(past.replicas(i, "dead")[:, :3], axis=(1, 2)) for i in range(3)]
    accuracy = [past.band(i, "accuracy")[MEDIAN] for i in range(3)]
    assert (np.array(dead)[:, 100] > 0.6).all()
    assert min(dead[0][300], dead[1][300]) > 0.6
    assert dead[2][101:].max() == 0.0
    assert max(accuracy[:2]) < 0.2 < 0.5 < accuracy[2]

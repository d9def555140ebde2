"""Which runs share their past, and tables in which one goes its own way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from gradsim.schema.parameters import parameters
from gradsim.sim.documents.document import read
from gradsim.sim.documents.experiments import experiment_from, full_table, without_run
from gradsim.sim.documents.results import run
from gradsim.sim.kinds.train.spec import TrainRun
from gradsim.sim.run.forks import (
    SharedPast,
    change_from,
    fork_of,
    in_force,
    shared_past,
    with_setting,
    without_change,
)
from gradsim.sim.run.tape import MEDIAN
from tests.unit.races import race
from tests.unit.small import RELU, SIGMOID, experiment

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "leaky-from-100.toml"
FIELDS = parameters(TrainRun)
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


def test_what_is_in_force_at_a_step() -> None:
    run = full_table(experiment(changed({"step": 3, "batch_size": 4}, {"step": 9, "batch_size": 8, "clip": "norm"})))
    found = [in_force(run["runs"][0], step) for step in (0, 2, 3, 8, 9)]
    assert [each["batch_size"] for each in found] == [16, 16, 4, 4, 8]
    assert [each["clip"] == "none" for each in found] == [True, True, True, True, False]
    assert not any("step" in each for each in found)


def set_to(value: Any, name: str = "activation", at: int = 9) -> list[dict[str, Any]]:
    """Return the changes of a run that is ReLU, ELU from 3 on, after an edit of its second change."""
    table = full_table(experiment(changed({"step": 3, "activation": "elu"}, {"step": 9, "activation": "tanh"})))
    return [dict(each) for each in with_setting(table["runs"][0], at, name, value, FIELDS[name])["changes"]]


def test_a_change_names_what_is_not_as_it_was_before_it() -> None:
    elu = {"name": "elu", "alpha": 1.0}
    assert set_to({"name": "sigmoid"})[1] == {"step": 9, "activation": {"name": "sigmoid"}}
    assert set_to("relu")[1] == {"step": 9, "activation": "relu"}
    assert set_to("elu")[1] == set_to(elu)[1] == {"step": 9}
    assert set_to("relu", at=3)[0] == {"step": 3}
    assert set_to("relu", at=3)[1] == {"step": 9, "activation": "tanh"}
    assert set_to(16, "batch_size")[1] == {"step": 9, "activation": "tanh"}
    assert set_to("many", "batch_size")[1] == {"step": 9, "activation": "tanh", "batch_size": "many"}


def test_of_an_entry_that_stays_other_settings_are_a_change() -> None:
    other = {"name": "elu", "alpha": 0.5}
    table = full_table(experiment(changed({"step": 3, "activation": "elu"}, {"step": 9})))
    assert with_setting(table["runs"][0], 9, "activation", other, FIELDS["activation"])["changes"][1] == {
        "step": 9,
        "activation": other,
    }


def test_a_change_is_taken_out() -> None:
    table = full_table(experiment(SIGMOID, changed(LEAKY, LEAKY | {"step": 20})))
    assert [change["step"] for change in without_change(table, 1, 10)["runs"][1]["changes"]] == [20]
    assert without_change(table, 1, 11) == table


def test_the_example_shows_what_it_says() -> None:
    document = read(EXAMPLE)
    assert shared_past(document.experiment.runs) == [None, (0, 100), (0, 100)]
    _, tape = run(document)
    past = tape.until(300)
    dead = [np.median(past.replicas(i, "dead")[:, :3], axis=(1, 2)) for i in range(3)]
    accuracy = [past.band(i, "accuracy")[MEDIAN] for i in range(3)]
    assert (np.array(dead)[:, 100] > 0.5).all()
    assert min(dead[0][300], dead[1][300]) > 0.5
    assert dead[2][101:].max() == 0.0
    assert max(accuracy[:2]) < 0.2 < 0.5 < accuracy[2]

"""What runs are called."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradsim.sim.documents.document import Document, dump, parse
from gradsim.sim.documents.experiments import experiment_from, followed, full_table, with_another_run, without_run
from gradsim.sim.documents.lessons import lessons
from gradsim.sim.kinds import kinds
from gradsim.words.languages import languages


def sgd(rate: float) -> dict[str, Any]:
    return {"optimizer": {"name": "sgd", "learning_rate": rate}}


MSE = {"loss": "mse", "output": "sigmoid"}
CROSS_ENTROPY = {"loss": "cross_entropy", "output": "sigmoid"}

NAMED: dict[str, tuple[list[dict[str, Any]], tuple[str, ...]]] = {
    "alone": ([{}], ("Sigmoid",)),
    "by activation, whatever else differs": (
        [{"activation": "sigmoid", "init": "xavier_normal"}, {"activation": "relu", "init": "he_normal"}],
        ("Sigmoid", "ReLU"),
    ),
    "by loss": ([CROSS_ENTROPY, MSE], ("Cross-entropy", "Squared error")),
    "by rate": ([sgd(0.1), sgd(1.0)], ("SGD, rate 0.1", "SGD, rate 1")),
    "by rate where one has another rule": (
        [sgd(0.1), sgd(1.0), {"optimizer": "adam"}],
        ("SGD, rate 0.1", "SGD, rate 1", "Adam"),
    ),
    "by batch": ([{"batch_size": 1}, {"batch_size": "all"}], ("Stochastic", "Full batch")),
    "by depth": ([{"hidden": []}, {"hidden": [8, 8]}, {"hidden": [8, 4]}], ("No hidden layer", "2 × 8", "8-4")),
    "by an inner setting": (
        [{"activation": {"name": "leaky_relu", "slope": slope}} for slope in (0.01, 0.2)],
        ("Leaky ReLU, slope 0.01", "Leaky ReLU, slope 0.2"),
    ),
    "by two settings": (
        [{**loss, "activation": a} for a in ("tanh", "relu") for loss in (CROSS_ENTROPY, MSE)],
        ("Tanh, Cross-entropy", "Tanh, Squared error", "ReLU, Cross-entropy", "ReLU, Squared error"),
    ),
    "copies by number": ([{}, {}, {}], ("Sigmoid", "Sigmoid 2", "Sigmoid 3")),
    "a name that is taken": ([{"label": "ReLU"}, {"activation": "relu"}], ("ReLU", "ReLU 2")),
    "typed": ([{"label": "Mine"}, {"activation": "relu"}], ("Mine", "ReLU")),
}


@pytest.mark.parametrize(("runs", "names"), NAMED.values(), ids=NAMED)
def test_runs_are_called_after_what_differs(runs: list[dict[str, Any]], names: tuple[str, ...]) -> None:
    assert experiment_from({"runs": runs}).labels == names


def test_names_are_in_the_language_of_the_window() -> None:
    experiment = experiment_from({"runs": [CROSS_ENTROPY, MSE]})
    assert experiment.names("zh_CN") == ("交叉熵", "平方误差（MSE）")


@pytest.mark.parametrize(
    "runs",
    [[sgd(0.1), sgd(1.0)], [{**loss, "activation": a} for a in ("tanh", "relu") for loss in (CROSS_ENTROPY, MSE)]],
)
def test_names_have_the_comma_of_their_language(runs: list[dict[str, Any]]) -> None:
    experiment = experiment_from({"runs": runs})
    assert all(", " in name for name in experiment.names("en"))
    assert all("，" in name and ", " not in name for name in experiment.names("zh_CN"))


@pytest.mark.parametrize("name", lessons())
def test_names_of_lessons_follow_their_settings_unless_they_would_be_cut(name: str) -> None:
    document = lessons()[name]
    runs = document.experiment.runs
    if any(run.label for run in runs):
        unnamed = tuple(replace(run, label="") for run in runs)
        followed_names = document.experiment.with_settings(runs=unnamed).names("en")
        is_shorter = all(len(run.label) < len(name) for run, name in zip(runs, followed_names, strict=True))
        says_more = name in ("scale", "exploding")  # N(0, 1) and N(0, 0.01²) are both called normal
        assert is_shorter or says_more or any("…" in text for text in followed_names)
    for language in languages():
        assert len(set(document.experiment.names(language))) == len(document.experiment.runs)


def edited(table: dict[str, Any], run: int, **settings: Any) -> dict[str, Any]:
    after = copy.deepcopy(table)
    after["runs"][run] |= settings
    return followed(table, table, after)


def labels(table: dict[str, Any]) -> tuple[str, ...]:
    return experiment_from(table).labels


def test_a_label_that_says_no_more_than_the_settings_follows_them() -> None:
    table = full_table(experiment_from({"runs": [{"label": "Sigmoid"}, {"label": "ReLU", "activation": "relu"}]}))
    assert labels(edited(table, 0, activation="gelu")) == ("GELU", "ReLU")
    three = with_another_run(table, 1)
    assert labels(three) == ("Sigmoid", "ReLU", "ReLU 2")
    assert labels(without_run(three, 1)) == ("Sigmoid", "ReLU")
    assert "label" not in dump(Document(experiment_from(table)))


def test_a_label_that_is_typed_stays() -> None:
    table = full_table(experiment_from({"runs": [{"label": "Mine"}, {"activation": "relu"}]}))
    assert labels(edited(table, 0, activation="gelu")) == ("Mine", "ReLU")
    document = Document(experiment_from(table))
    assert parse(dump(document), "x").experiment.labels == ("Mine", "ReLU")


def test_a_typed_label_that_names_a_value_says_what_it_is_now() -> None:
    runs = [{"label": "Batch, all 200", "batch_size": "all", **sgd(1.0)}, {"batch_size": 20, **sgd(1.0)}]
    table = full_table(experiment_from({"kind": "race", "surface": "logistic", "runs": runs}))
    smaller = edited(table, 0, batch_size=10)
    assert labels(smaller)[0] == "Batch, all 200 → 10"
    assert labels(edited(smaller, 0, batch_size=5))[0] == "Batch, all 200 → 5"
    assert labels(edited(smaller, 0, batch_size="all"))[0] == "Batch, all 200"
    assert labels(edited(smaller, 0, clip={"name": "norm", "max_norm": 2.0}))[0] == "Batch, all 200 → 10"
    assert labels(edited(smaller, 0, label="Small"))[0] == "Small"


def test_a_typed_label_that_names_what_the_run_changes_says_so() -> None:
    table = full_table(experiment_from({"runs": [{"label": "My ReLU", "activation": "relu"}, {"batch_size": 8}]}))
    elu = {"step": 100, "activation": {"name": "elu", "alpha": 1.0}}
    changed = edited(table, 0, changes=[elu])
    assert labels(changed)[0] == "My ReLU → ELU from 100"
    assert labels(edited(changed, 0, batch_size=5))[0] == "My ReLU → ELU from 100"
    assert labels(edited(changed, 0, changes=[{**elu, "step": 9}]))[0] == "My ReLU → ELU from 9"
    assert labels(edited(changed, 0, changes=[]))[0] == "My ReLU"
    other = {"step": 100, "batch_size": 4}
    assert labels(edited(table, 0, changes=[other]))[0] == "My ReLU"


def test_a_number_that_two_settings_have_names_neither() -> None:
    runs = [{"label": "Stochastic, 1", "batch_size": 1, **sgd(1.0)}, {"batch_size": 20, **sgd(1.0)}]
    table = full_table(experiment_from({"kind": "race", "surface": "logistic", "runs": runs}))
    assert labels(edited(table, 0, **{"optimizer": {**table["runs"][0]["optimizer"], "learning_rate": 0.5}}))[0] == (
        "Stochastic, 1"
    )


def test_a_mark_never_makes_a_name_twice() -> None:
    runs = [{"label": "rate 0.1", **sgd(0.1)}, {"label": "rate 0.1 → 0.5", **sgd(0.7)}]
    table = full_table(experiment_from({"runs": runs}))
    assert labels(edited(table, 0, **sgd(0.5))) == ("rate 0.1", "rate 0.1 → 0.5")


BATCH_16 = {"changes": [{"step": 50, "batch_size": 16}]}
CHANGED: dict[str, tuple[list[dict[str, Any]], tuple[str, ...]]] = {
    "by what changes": (
        [{"activation": "relu"}, {"activation": "relu", "changes": [{"step": 9, "activation": "leaky_relu"}]}],
        ("ReLU", "Leaky ReLU from 9"),
    ),
    "by what differs, where the same changes": (
        [BATCH_16, {"activation": "relu", **BATCH_16}],
        ("Sigmoid, Batch size 16 …", "ReLU, Batch size 16 fro…"),
    ),
    "not by a change to what is in force": (
        [{"changes": [{"step": 50, "activation": "sigmoid"}]}, {"activation": "relu", "changes": [{"step": 3}]}],
        ("Sigmoid", "ReLU"),
    ),
}


@pytest.mark.parametrize(("runs", "names"), CHANGED.values(), ids=CHANGED)
def test_runs_that_change_are_called_after_that(runs: list[dict[str, Any]], names: tuple[str, ...]) -> None:
    assert experiment_from({"runs": runs}).labels == names


LABELS = {
    "another entry": ("My Adam", {"name": "adam"}, {"name": "lion"}, "My Adam → Lion"),
    "a rate": ("lr=0.5 it is", {"name": "sgd", "learning_rate": 0.5}, {"name": "sgd", "learning_rate": 2.5}, "→ 2.5"),
    "a number inside another is none": ("No 20.5", sgd(0.5)["optimizer"], sgd(1.0)["optimizer"], "No 20.5"),
    "a name of something else": ("Steep", {"name": "adam"}, {"name": "sgd"}, "Steep"),
}


@pytest.mark.parametrize(("label", "old", "new", "end"), LABELS.values(), ids=LABELS)
def test_what_a_label_names(label: str, old: dict[str, Any], new: dict[str, Any], end: str) -> None:
    table = full_table(experiment_from({"runs": [{"label": label, "optimizer": old}, {"activation": "relu"}]}))
    after = full_table(experiment_from({"runs": [{"label": label, "optimizer": new}, {"activation": "relu"}]}))
    assert labels(edited(table, 0, optimizer=after["runs"][0]["optimizer"]))[0].endswith(end)


ENTRIES = st.sampled_from(["sigmoid", "tanh", "relu", {"name": "leaky_relu", "slope": 0.3}])
OPTIMIZERS = st.sampled_from([sgd(0.1)["optimizer"], sgd(0.2)["optimizer"], {"name": "adam"}, {"name": "rmsprop"}])
RUNS = st.lists(
    st.fixed_dictionaries(
        {"activation": ENTRIES, "optimizer": OPTIMIZERS, "batch_size": st.sampled_from([1, 16, "all"])},
        optional={"hidden": st.sampled_from([[], [8], [8, 8], list(range(1, 12))])},
    ),
    min_size=1,
    max_size=8,
)


@given(runs=RUNS)
def test_names_are_distinct_and_short_and_survive_a_file(runs: list[dict[str, Any]]) -> None:
    experiment = experiment_from({"runs": runs})
    for language in languages():
        names = experiment.names(language)
        assert len(set(names)) == len(runs)
        assert all(1 <= len(name) <= 24 for name in names)
    assert parse(dump(Document(experiment)), "x").experiment == experiment
    named = [{**run, "label": name} for run, name in zip(runs, experiment.labels, strict=True)]
    assert experiment_from({"runs": named}).labels == experiment.labels


@pytest.mark.parametrize("refused", ["many", None, -1.0, [1.0]])
def test_a_run_that_changes_has_a_name_while_what_it_was_before_is_refused(refused: object) -> None:
    runs: list[dict[str, Any]] = [sgd(0.1), {**sgd(0.1), "changes": [{"step": 5, **sgd(0.2)}]}]
    table = full_table(experiment_from({"kind": "race", "surface": "booth", "runs": runs}))
    names = kinds()["race"].names
    assert names(table, "en")[1] == "η 0.2 from 5"
    for run in table["runs"]:
        run["optimizer"]["learning_rate"] = refused
    assert names(table, "en")[1] == "SGD from 5"

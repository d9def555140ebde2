"""Weights and biases that are given numbers: how they are written, when they hold, and what else stays as it was."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradsim.engine.nn.given import GivenNumber, GivenNumbers, check_given, give
from gradsim.engine.nn.network import layer_views
from gradsim.schema.parameters import ParameterError, encode, parameters
from gradsim.sim.documents.document import Document, dump, parse
from gradsim.sim.documents.experiments import full_table
from gradsim.sim.kinds.train.spec import TrainRun
from gradsim.sim.kinds.train.trainer import Trainer
from gradsim.sim.run.changes import change_texts, phases
from gradsim.sim.run.forks import in_force, with_setting
from tests.unit.small import RELU, SIGMOID, assert_same, experiment, measured, trained

PARAMETER = GivenNumbers("Given numbers")
TEXT = "w1[30,7] = 0.5; b3[10] = -2"
LATE = {"changes": [{"step": 12, "given": TEXT}]}


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", ()),
        ("w2[1,3] = 0.4", (GivenNumber(1, 2, 0, 0.4),)),
        ("b1[2]=−1e-3 ;w1[1, 1] = 2", (GivenNumber(0, 1, None, -0.001), GivenNumber(0, 0, 0, 2.0))),
    ],
)
def test_numbers_are_read_and_written_in_one_form(text: str, numbers: tuple[GivenNumber, ...]) -> None:
    assert PARAMETER.parse(text) == numbers
    assert PARAMETER.parse(PARAMETER.plain(numbers)) == numbers


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (3, "3 is not one line of text such as "),
        *(
            (text, f"'{text}' is neither like ")
            for text in ("w2[1] = 1", "b2[1,3] = 1", "w0[1,3] = 1", "c = 1", "b1[0] = 1")
        ),
        *(
            (f"b1[1] = {text}", f"b1[1] = {text} is not a number from ")
            for text in ("", "much", "nan", "1_0", "-1000001")
        ),
        ("b1[1] = 1; b1[1] = 1", "b1[1] is given twice"),
        ("; ".join(f"b1[{unit}] = 0" for unit in range(1, 202)), "201 numbers are given; at most 200 are allowed"),
    ],
)
def test_what_is_no_number_of_a_network_is_refused_in_one_line(text: object, problem: str) -> None:
    with pytest.raises(ParameterError) as caught:
        PARAMETER.parse(text)
    assert str(caught.value).startswith(problem)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("b3[1] = 0", "b3[1] is not there: the layers with weights are 2"),
        ("w1[3,1] = 0", "w1[3,1] is not there: layer 1 has 2 inputs and 4 units"),
        ("w2[5,1] = 0", "w2[5,1] is not there: layer 2 has 4 inputs and 3 units"),
        ("b2[4] = 0", "b2[4] is not there: layer 2 has 4 inputs and 3 units"),
    ],
)
def test_what_a_network_does_not_have_is_refused(text: str, problem: str) -> None:
    check_given(PARAMETER.parse("w1[2,4] = 0; b1[4] = 0; w2[4,3] = 0; b2[3] = 0"), (2, 4, 3))
    with pytest.raises(ParameterError, match=problem.replace("[", r"\[")):
        check_given(PARAMETER.parse(text), (2, 4, 3))


@pytest.mark.parametrize(
    "run", [{"given": "b9[1] = 0"}, {"changes": [{"step": 3}, {"step": 9, "given": "b9[1] = 0"}]}]
)
def test_a_refusal_says_where_it_is(run: dict[str, Any]) -> None:
    where = r"runs\[0\].given" if "given" in run else r"runs\[0\].changes\[1\].given"
    with pytest.raises(ParameterError, match=f"^{where}: "):
        Trainer(experiment(RELU | run))


def test_numbers_are_written_for_every_network_and_no_other_number_is() -> None:
    params = np.zeros((3, 2 * 4 + 4 + 4 * 3 + 3))
    give(params, PARAMETER.parse("w2[4,3] = 5; b1[2] = 7"), (2, 4, 3))
    weights, biases = layer_views(params, (2, 4, 3))
    assert (weights[1][:, 3, 2] == 5.0).all()
    assert (biases[0][:, 1] == 7.0).all()
    assert np.count_nonzero(params) == 6


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_up_to_the_change_all_is_as_it_was_and_then_the_numbers_hold(dtype: str) -> None:
    spec = experiment(SIGMOID, SIGMOID | {"label": "B"} | LATE, dtype=dtype)
    trainer = Trainer(spec)
    for _ in range(13):
        trainer.measure()
        before = trainer.parameters(0), trainer.parameters(1)
        np.testing.assert_array_equal(*before)
        trainer.advance()
    plain, given = trainer.parameters(0), trainer.parameters(1)
    weights, biases = layer_views(given, (64, 7, 5, 10))
    assert (weights[0][:, 29, 6] == 0.5).all()
    assert (biases[2][:, 9] == -2.0).all()
    assert ((plain != given).sum(axis=1) == 2).all()
    trainer.measure()
    trainer.advance()
    assert (layer_views(trainer.parameters(1), (64, 7, 5, 10))[0][0][:, 29, 6] != 0.5).all()


def test_what_is_given_is_no_part_of_the_measured_update() -> None:
    _, tape = trained(experiment(SIGMOID, SIGMOID | {"label": "B"} | LATE))
    plain, given = (measured(tape, run) for run in range(2))
    for name in plain:
        np.testing.assert_array_equal(plain[name][:13], given[name][:13])
    assert (plain["loss"][13] != given["loss"][13]).all()
    np.testing.assert_allclose(plain["update_ratio"][13], given["update_ratio"][13], rtol=0.5)


@pytest.mark.parametrize("step", [0, 12, 13, 30])
def test_a_step_is_computed_again_from_any_step_before(step: int) -> None:
    spec = experiment(SIGMOID | LATE)
    trainer, tape = trained(spec)
    again = Trainer(spec)
    again.restore(*tape.keyframe_before(step))
    while again.step < 40:
        again.measure()
        again.advance()
    np.testing.assert_array_equal(again.parameters(0), trainer.parameters(0))


def test_at_the_start_numbers_take_the_place_of_those_drawn() -> None:
    plain, given = Trainer(experiment(RELU)).initial(0), Trainer(experiment(RELU | {"given": TEXT})).initial(0)
    assert ((plain != given).sum(axis=1) == 2).all()
    assert (layer_views(given, (64, 7, 5, 10))[0][0][:, 29, 6] == 0.5).all()


def test_numbers_are_given_once() -> None:
    later = [*LATE["changes"], {"step": 20}, {"step": 30, "clip": "none"}]
    one, other = (trained(experiment(SIGMOID | {"changes": each}))[1] for each in (LATE["changes"], later))
    assert_same(measured(one, 0), measured(other, 0))
    run = experiment(RELU | {"given": TEXT, "changes": later}).runs[0]
    assert [bool(phase.run.given) for phase in phases(run)] == [True, True, False, False]


def test_files_hold_them_and_say_nothing_where_there_are_none() -> None:
    spec = experiment(RELU | {"given": TEXT}, SIGMOID | LATE)
    assert parse(dump(Document(spec)), "x") == Document(spec)
    assert dump(Document(spec)).count(f'given = "{TEXT}"') == 2
    assert "given" not in dump(Document(experiment(RELU)))


def test_a_form_shows_those_of_the_change_it_edits() -> None:
    run = full_table(experiment(RELU | {"given": "b1[1] = 1"} | LATE))["runs"][0]
    assert [in_force(run, step)["given"] for step in (3, 12, 13)] == ["", TEXT, ""]
    assert with_setting(run, 12, "given", "", PARAMETER)["changes"] == [{"step": 12}]
    assert with_setting(run, 12, "given", "b1[2] = 0", PARAMETER)["changes"] == [{"step": 12, "given": "b1[2] = 0"}]


@pytest.mark.parametrize(
    ("change", "english", "chinese"),
    [
        ({"given": "w2[1,3] = 0.4"}, "w2[1,3] = 0.4 at 13", "第 13 步 w2[1,3] = 0.4"),
        (
            {"given": "b2[1] = 3", "loss": "mse"},
            "Squared error, b2[1] = 3 from 12",
            "第 12 步起 平方误差（MSE）、b2[1] = 3",
        ),
    ],
)
def test_a_change_is_called_after_them(change: dict[str, Any], english: str, chinese: str) -> None:
    table = {**encode(TrainRun()), "changes": [{"step": 12, **change}]}
    settings = {name: each for name, each in parameters(TrainRun).items() if each.changeable}
    assert [change_texts(table, settings, language) for language in ("en", "zh_CN")] == [[english], [chinese]]


def test_fixed_biases_stay_where_they_are_put() -> None:
    trainer, _ = trained(experiment(RELU | {"biases": "fixed"} | LATE))
    biases = layer_views(trainer.parameters(0), (64, 7, 5, 10))[1]
    assert (biases[2] == [[0.0] * 9 + [-2.0]] * 3).all()


def test_runs_are_not_called_after_them_so_that_a_name_stays_while_a_number_is_dragged() -> None:
    for value in ("0.5", "0.75"):
        number = f"b1[1] = {value}"
        change = {"changes": [{"step": 12, "given": number}]}
        assert experiment({}, change).names("en") == experiment({}, {}).names("en")
        assert experiment({}, {"given": number}).names("en") == experiment({}, {}).names("en")
        both = {"changes": [{"step": 12, "given": number, "clip": "norm"}]}
        without = {"changes": [{"step": 12, "clip": "norm"}]}
        assert experiment({}, both).names("en") == experiment({}, without).names("en")

"""Runs that change while they go on: what is allowed, when a change comes into force, and what outlives it."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradsim.schema.parameters import Parameter, ParameterError, decode, encode, parameters
from gradsim.sim.documents import results
from gradsim.sim.documents.document import Document, dump, parse, sentence
from gradsim.sim.documents.experiments import experiment_from, full_table, table_of
from gradsim.sim.kinds import Experiment, kind_of
from gradsim.sim.kinds.race.rates import alike, rates_of, sweep
from gradsim.sim.kinds.race.spec import RaceRun
from gradsim.sim.kinds.train.predictions import Predictor
from gradsim.sim.kinds.train.spec import TrainRun
from gradsim.sim.kinds.train.trainer import Trainer
from gradsim.sim.run import tape as tape_module
from gradsim.sim.run.changes import ChangesOf, change_texts, measured_in, phases, updated_in
from gradsim.sim.run.draws import Batches
from gradsim.sim.run.simulation import new_tape, play
from tests.unit.races import everything, path, race, raced
from tests.unit.small import HEALTHY, LATE, RELU, SIGMOID, experiment, measured, trained

LEAKY = {"step": 20, "activation": {"name": "leaky_relu", "slope": 0.1}}


def run_of(*changes: dict[str, Any], **settings: Any) -> TrainRun:
    return decode(TrainRun, {**settings, "changes": list(changes)})


def settings_of(cls: type[Any]) -> dict[str, Parameter]:
    changes = parameters(cls)["changes"]
    assert isinstance(changes, ChangesOf)
    return changes.settings


# What is allowed.

REFUSED: dict[str, tuple[list[Any] | Any, str]] = {
    "no list": (3, "runs[0].changes: 3 is not a list of at most 32 tables with a step and any of activation, "),
    "no table": ([3], "runs[0].changes[0]: 3 is not a table of step, activation, "),
    "no step": ([{}], "runs[0].changes[0].step: is missing; give a whole number from 0 to "),
    "a fraction": ([{"step": 1.5}], "runs[0].changes[0].step: 1.5 is not a whole number "),
    "before the start": ([{"step": -1}], "runs[0].changes[0].step: -1 is not a whole number from 0 "),
    "beyond all numbers": ([{"step": 10**19}], "runs[0].changes[0].step: 10000000000000000000 is not a whole "),
    "the last step": (
        [{"step": 40}],
        "runs[0].changes[0].step: 40 is not before the last step of the run, which is 40",
    ),
    "not in order": ([{"step": 9}, {"step": 9}], "runs[0].changes[1].step: 9 is not after the change before, "),
    "what stays": ([{"step": 9, "hidden": [3]}], "runs[0].changes[0].hidden: 'hidden' is not one of step, "),
    "an unknown entry": (
        [{"step": 9, "activation": "relo"}],
        "runs[0].changes[0].activation: 'relo' is not one of sigmoid, ",
    ),
    "an unknown setting": (
        [LEAKY, {"step": 30, "optimizer": {"name": "adam", "beta3": 1}}],
        "runs[0].changes[1].optimizer.beta3: 'beta3' is not one of learning_rate, ",
    ),
    "a loss for another output": (
        [{"step": 9, "loss": "huber"}, {"step": 11, "loss": "cross_entropy"}],
        "runs[0].changes[1].loss: 'cross_entropy' does not go with the output 'linear'",
    ),
    "a schedule longer than what is left": (
        [{"step": 30, "schedule": {"name": "cosine", "length": 11}}],
        "runs[0].changes[0].schedule.length: 11 updates are more than the 10 steps of the run",
    ),
    "more than there are": (
        [{"step": 9, "batch_size": 10_000}],
        "runs[0].changes[0].batch_size: 10000 is more than ",
    ),
    "too many": ([{"step": step} for step in range(33)], "runs[0].changes: "),
}


def allowed(made: Callable[..., Experiment], *runs: dict[str, Any], **given: Any) -> None:
    spec = made(*runs, **given)
    kind_of(spec).check(spec)


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_allowed_gets_one_line_with_its_place(name: str) -> None:
    changes, problem = REFUSED[name]
    with pytest.raises(ParameterError) as caught:
        allowed(experiment, HEALTHY | {"changes": changes})
    assert str(caught.value).startswith(problem)
    assert "\n" not in str(caught.value)


def test_batches_in_a_race_of_no_samples_are_refused() -> None:
    with pytest.raises(ParameterError, match=r"^runs\[0\]\.changes\[0\]\.batch_size: 4 is given, but the surface"):
        race({"changes": [{"step": 3, "batch_size": 4}]})
    with pytest.raises(ParameterError, match=r"^runs\[0\]\.changes\[0\]\.batch_size: 999 is more than the 200"):
        allowed(race, {"changes": [{"step": 3, "batch_size": 999}]}, surface="least_squares")


def test_a_change_is_written_as_it_is_read_and_none_is_not_written() -> None:
    spec = experiment(RELU | {"changes": [LEAKY, {"step": 30}]}, SIGMOID)
    assert parse(dump(Document(spec)), "x") == Document(spec)
    assert experiment_from(full_table(spec)) == spec
    table = table_of(spec)
    assert table["runs"][0]["changes"] == [LEAKY, {"step": 30}]
    assert "changes" not in table["runs"][1]
    assert "changes" not in table["common"]
    assert len({spec.runs[0], spec.runs[1], decode(TrainRun, encode(spec.runs[0]))}) == 2


def test_changes_may_be_common_to_all_runs() -> None:
    common = {"hidden": [4], "batch_size": 16, "changes": [LEAKY]}
    spec = experiment(RELU, SIGMOID | {"changes": []}, common=common)
    assert [len(run.changes) for run in spec.runs] == [1, 0]
    both = experiment(RELU, SIGMOID, common=common)
    assert table_of(both)["common"]["changes"] == [LEAKY]


def test_order_of_writing_makes_no_difference() -> None:
    one = run_of({"step": 3, "batch_size": 4, "activation": "tanh"})
    assert one == run_of({"activation": "tanh", "batch_size": 4, "step": 3})


def test_in_a_race_a_rate_that_is_not_given_is_the_suited_one() -> None:
    changes = [{"step": 3, "optimizer": "adam"}, {"step": 4, "optimizer": {"name": "adam", "learning_rate": 0.25}}]
    spec = race({"optimizer": "adam", "changes": changes}, surface="ravine")
    suited, given = (dict(change.settings)["optimizer"].learning_rate for change in spec.runs[0].changes)
    assert suited == spec.runs[0].optimizer.learning_rate
    assert given == 0.25


# Phases.


def test_a_change_is_in_force_after_its_step_was_measured() -> None:
    run = run_of(LEAKY, {"step": 30, "batch_size": 4})
    for step, measuring, updating in ((0, 0, 0), (19, 0, 0), (20, 0, 1), (21, 1, 1), (30, 1, 2), (31, 2, 2)):
        assert measured_in(run, step).number == measuring
        assert updated_in(run, step).number == updating
    assert [phase.run.activation.key for phase in phases(run)] == ["sigmoid", "leaky_relu", "leaky_relu"]
    assert [phase.run.batch_size for phase in phases(run)] == [64, 64, 4]
    assert not any(phase.run.changes for phase in phases(run))


def test_a_change_at_step_0_leaves_the_first_measurement() -> None:
    run = run_of(LEAKY | {"step": 0})
    assert measured_in(run, 0).number == 0
    assert updated_in(run, 0).number == measured_in(run, 1).number == 1


@pytest.mark.parametrize("cls", [TrainRun, RaceRun])
def test_all_that_may_change_is_declared_once(cls: type[Any]) -> None:
    changeable = {name for name, parameter in parameters(cls).items() if parameter.changeable}
    assert set(settings_of(cls)) == changeable
    expected = {"optimizer", "schedule", "clip", "batch_size"} | (
        {"activation", "loss", "biases", "given"} if cls is TrainRun else set()
    )
    assert changeable == expected


# Training.


def test_samples_are_counted_truly_and_batches_go_on() -> None:
    changes = [{"step": 7, "batch_size": 5}, {"step": 9, "batch_size": "all"}, {"step": 11, "batch_size": 16}]
    trainer, tape = trained(experiment(RELU | {"changes": changes}, steps=14))
    counts = np.cumsum([0] + [16] * 7 + [5] * 2 + [118] * 2 + [16] * 3)
    np.testing.assert_array_equal(tape.until(14).replicas(0, "samples")[:, 0], counts)
    stream = np.concatenate([Batches(5, 3, 118, 1).at(i) for i in range(counts[-1])], axis=1)
    for step, batch in ((7, 5), (8, 5), (11, 16), (13, 16)):
        second = Trainer(trainer.experiment)
        second.restore(step, tape.keyframe_before(step).state)
        second.measure()
        second.advance()
        (group,) = second._groups
        np.testing.assert_array_equal(group.batches.at(step), stream[:, counts[step] : counts[step] + batch])


def weights_after(steps: int, *changes: dict[str, Any], **settings: Any) -> Any:
    trainer, _ = trained(experiment(SIGMOID | settings | {"changes": list(changes)}, steps=steps))
    return trainer.parameters(0)


def test_an_empty_change_and_one_to_the_same_change_nothing() -> None:
    same = {"step": 9, "activation": "sigmoid", "optimizer": "adam", "batch_size": 16, "clip": "none"}
    unchanged = weights_after(20, optimizer="adam")
    np.testing.assert_array_equal(weights_after(20, {"step": 9}, optimizer="adam"), unchanged)
    np.testing.assert_array_equal(weights_after(20, same, optimizer="adam"), unchanged)


def test_another_rule_starts_afresh_and_the_same_goes_on() -> None:
    """Two optimizers that do nothing for a while: the rates are next to nothing."""
    slow = {"name": "adam", "learning_rate": 1e-12}
    other = {"name": "momentum", "learning_rate": 1e-12}
    back = {"step": 12, "optimizer": "adam"}
    fresh = weights_after(20, {"step": 6, "optimizer": other}, back, optimizer=slow)
    gone_on = weights_after(20, back, optimizer=slow)
    from_there = weights_after(20, back, optimizer=other)
    np.testing.assert_allclose(fresh, from_there, rtol=0, atol=1e-10)
    assert np.abs(fresh - gone_on).max() > 1e-4


def test_a_schedule_that_is_named_starts_at_the_change_and_another_goes_on() -> None:
    cosine = {"schedule": "cosine"}
    for changes, first in (([{"step": 10, "optimizer": "adam"}], 0), ([{"step": 10, **cosine}], 10)):
        *_, last = phases(run_of(*changes, **cosine))
        assert last.schedule_first == first
        assert last.schedule(40).factor(0) == 1.0
        assert last.schedule(40).factor(40 - first) == pytest.approx(0.0, abs=1e-15)


def test_a_run_that_has_diverged_does_not_hinder_a_change() -> None:
    runaway = HEALTHY | {"activation": "linear", "optimizer": {"name": "sgd", "learning_rate": 30.0}}
    changes = {"changes": [{"step": 39, "activation": "tanh"}]}
    trainer, tape = trained(experiment(runaway | changes, HEALTHY | {"label": "B"} | changes))
    assert [divergence.run for divergence in trainer.diverged] == [0]
    assert np.isfinite(measured(tape, 1)["loss"]).all()


def test_a_change_may_heal_what_would_diverge() -> None:
    trainer, _ = trained(experiment(LATE))
    (divergence,) = trainer.diverged
    healed = {"step": divergence.step // 2, "optimizer": {"name": "sgd", "learning_rate": 1e-12}}
    trainer, _ = trained(experiment(LATE | {"changes": [healed]}))
    assert not trainer.diverged


def test_networks_are_asked_with_the_activation_in_force() -> None:
    spec = experiment(SIGMOID | {"changes": [{"step": 20, "activation": "relu"}]}, data={"name": "moons"})
    trainer = Trainer(spec)
    predictor = Predictor(spec, trainer.data, 0, trainer.data.train.x[:16])
    tape = new_tape(trainer)
    for step in play(trainer, tape):
        (group,) = trainer._groups
        (member,) = group.members
        if step in (0, 20, 21, 40):
            group.stack.forward(np.broadcast_to(trainer.data.train.x[:16], (3, 16, 2)))
            found = predictor(tape.keyframe_before(step))
            assert found is not None
            np.testing.assert_allclose(found, group.stack.predictions[member.rows], rtol=1e-4, atol=1e-5)
            group.evaluate(step)
    back = predictor(tape.keyframe_before(0))
    np.testing.assert_array_equal(
        back, Predictor(spec, trainer.data, 0, trainer.data.train.x[:16])(tape.keyframe_before(0))
    )


def test_the_sentence_is_that_of_the_phase_shown() -> None:
    spec = experiment(SIGMOID | {"changes": [{"step": 20, "optimizer": "adam"}]})
    _, tape = trained(spec)
    for step, learns in ((20, True), (21, False)):
        spans = sentence(Document(spec), tape.until(step), "en")
        assert ("learns" in "".join(span.text for span in spans)) == learns


def test_channels_are_on_a_thinned_tape_what_they_are_on_a_whole_one(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = experiment(RELU | {"changes": [LEAKY]}, RELU | {"label": "B"})
    _, whole = trained(spec)
    monkeypatch.setattr(tape_module, "MAX_ROWS", 4)
    _, thinned = trained(spec)
    kept = thinned.until(40).steps
    assert len(kept) < 41
    for name in ("loss", "grad_rms"):
        np.testing.assert_array_equal(thinned.until(40).replicas(0, name), whole.until(40).replicas(0, name)[kept])


# Races.


def test_the_step_that_is_prepared_at_a_change_is_the_first_with_the_new_settings() -> None:
    parent = {"optimizer": {"name": "sgd", "learning_rate": 0.01}}
    change = {"step": 10, "optimizer": {"name": "sgd", "learning_rate": 0.03}}
    _, tape = raced(race(parent | {"label": "A"}, parent | {"label": "B", "changes": [change]}))
    plain, changed = everything(tape, 0), everything(tape, 1)
    for name in ("x", "y", "value", "distance", "grad_norm", "samples"):
        np.testing.assert_array_equal(changed[name][:11], plain[name][:11])
    np.testing.assert_array_equal(changed["gradient"][:11], plain["gradient"][:11])
    np.testing.assert_array_equal(changed["move"][:10], plain["move"][:10])
    np.testing.assert_allclose(changed["move"][10], 3.0 * plain["move"][10], rtol=1e-14)
    np.testing.assert_allclose(changed["x"][11] - changed["x"][10], changed["move"][10, 0], rtol=1e-9)


def test_evaluations_of_a_race_are_counted_truly() -> None:
    changes = [{"step": 4, "batch_size": 7}, {"step": 6, "batch_size": "all"}]
    _, tape = raced(race({"batch_size": 2, "changes": changes}, surface="least_squares", steps=8))
    np.testing.assert_array_equal(path(tape, 0, "samples")[:, 0], np.cumsum([0, 2, 2, 2, 2, 7, 7, 200, 200]))


@pytest.mark.parametrize("name", [{"clip": "value"}, {"optimizer": {"name": "adam", "learning_rate": 0.02}}], ids=str)
def test_a_sweep_of_rates_passes_through_what_the_run_comes_to(name: dict[str, Any]) -> None:
    """The rate that a run begins with is swept; a change that names the optimizer brings its own."""
    rate = float(rates_of(race({"optimizer": "adam"}))[0, 60])
    run = {"optimizer": {"name": "adam", "learning_rate": rate}, "changes": [{"step": 15, **name}]}
    spec = race(run)
    assert alike(spec).runs[0].changes == spec.runs[0].changes
    *_, last = sweep(spec)
    _, tape = raced(spec)
    for step in (15, 16, 40):
        assert last.values(step)[0, 60] == path(tape, 0, "value")[step, 0]


# Names and files.


@pytest.mark.parametrize(
    ("changes", "english", "chinese"),
    [
        ([LEAKY], ["Leaky ReLU from 20"], ["第 20 步起 Leaky ReLU"]),
        ([{"step": 3, "optimizer": {"name": "sgd", "learning_rate": 0.5}}], ["η 0.5 from 3"], ["第 3 步起 η 0.5"]),
        (
            [{"step": 3, "optimizer": "adam", "batch_size": 4}, {"step": 5}],
            ["Adam, Batch size 4 from 3", "from 5"],
            ["第 3 步起 Adam、批量大小 4", "第 5 步起"],
        ),
    ],
)
def test_a_change_has_a_name(changes: list[dict[str, Any]], english: list[str], chinese: list[str]) -> None:
    table = encode(run_of(*changes))
    settings = settings_of(TrainRun)
    assert change_texts(table, settings, "en") == english
    assert change_texts(table, settings, "zh_CN") == chinese


def saved(path: Path, document: Document) -> None:
    simulation, tape = results.run(document)
    results.save(path, document, simulation, tape.until(simulation.step))


def test_json_says_changes_where_there_are_some(tmp_path: Path) -> None:
    changed, plain = RELU | {"changes": [LEAKY]}, RELU | {"label": "B"}
    for spec in (experiment(changed, plain), race({"changes": [{"step": 3, "clip": "norm"}]}, {"label": "B"})):
        document = Document(spec)
        saved(tmp_path / "out.json", document)
        one, other = json.loads((tmp_path / "out.json").read_text())["runs"]
        assert one["changes"] == encode(spec.runs[0])["changes"]
        assert "changes" not in other


def test_npz_holds_the_settings_of_each_phase_and_no_objects(tmp_path: Path) -> None:
    changes = [{"step": 0, "activation": "tanh"}, {"step": 30, "batch_size": 5, "schedule": "cosine"}]
    document = Document(experiment(RELU | {"changes": changes}, SIGMOID))
    saved(tmp_path / "out.npz", document)
    with np.load(tmp_path / "out.npz", allow_pickle=False) as file:
        found = {key: file[key] for key in file}
    assert not any(key.startswith("run0/phase0/") for key in found)  # no update was taken in it
    assert [int(found[f"run0/phase{k}/{name}"]) for k in (1, 2) for name in ("first", "schedule_first")] == [
        0, 0, 30, 30,
    ]  # fmt: skip
    assert found["run0/phase1/replica0/batches"].shape == (30, 16)
    assert found["run0/phase2/replica0/batches"].shape == (10, 5)
    assert found["run1/replica0/batches"].shape == (40, 16)
    settings = tomllib.loads(str(found["run0/phase2/settings"]))
    assert (settings["activation"], settings["batch_size"]) == ("tanh", 5)
    assert all(array.dtype.kind != "O" for array in found.values())


@pytest.mark.parametrize(("language", "wanted"), [("en", "Fixed biases from 20"), ("zh_CN", "第 20 步起 固定偏置")])
def test_a_change_of_one_of_a_few_words_is_called_what_names_call_it(language: str, wanted: str) -> None:
    spec = experiment({"label": "a"}, {"changes": [{"step": 20, "biases": "fixed"}]})
    assert spec.names(language)[1] == wanted

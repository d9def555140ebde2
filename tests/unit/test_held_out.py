"""The training and the test set: what is measured on them, when, and that training does not feel it."""

from __future__ import annotations

import csv
import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradsim.engine.nn.network import layer_views
from gradsim.engine.types import Array
from gradsim.sim.documents import results
from gradsim.sim.documents.document import Document, parse
from gradsim.sim.documents.lesson import Lesson
from gradsim.sim.documents.texts import Words
from gradsim.sim.kinds.train.dimensions import MAX_TESTS, layer_sizes, steps_between_tests
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.kinds.train.trainer import Trainer
from gradsim.sim.run import tape
from gradsim.sim.run.simulation import new_tape, play, revisit
from gradsim.sim.run.tape import MEDIAN, Past, Tape, Values
from tests.unit.small import RUNAWAY, as_train, assert_same, experiment, measured, trained, verdict

TANH: dict[str, Any] = {"label": "a", "activation": "tanh"}
ON_TEST = ("test_loss", "test_accuracy")
PARTS = ("train", "test")


def measured_at(past: Past, run: int = 0, part: str = "test") -> list[int]:
    """Return the steps at which a run was measured on a whole set."""
    known = ~np.isnan(past.history(run, f"{part}_loss")[:, MEDIAN])
    return [int(step) for step in past.steps[known]]


def on_part(trainer: Trainer, params: Array, part: str) -> tuple[Values, Values]:
    """Compute loss and accuracy (replicas,) of a tanh network on a whole set in plain NumPy."""
    run, test = trainer.experiment.runs[0], getattr(trainer.data, part)
    weights, biases = layer_views(params, layer_sizes(run, trainer.data))
    a = np.broadcast_to(test.x, (len(params), *test.x.shape))
    for layer, (w, b) in enumerate(zip(weights, biases, strict=True)):
        z = a @ w + b[:, None]
        a = np.tanh(z) if layer < len(weights) - 1 else z
    if run.output.key == "softmax":
        y = test.y if test.y.shape[1] > 1 else np.hstack([1 - test.y, test.y])
        logs = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
        return -(y * logs).sum(axis=-1).mean(axis=-1), (z.argmax(-1) == y.argmax(-1)).mean(axis=-1)
    decided = (z[..., 0] > 0.5) == test.y[:, 0] if trainer.data.classes else np.full(z.shape[:2], np.nan)
    return (0.5 * (z - test.y) ** 2).sum(axis=-1).mean(axis=-1), decided.mean(axis=-1)


NUMBERS: dict[str, Any] = {"output": "linear", "loss": "mse"}
CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "digits": ({}, {}),
    "one by one": ({"batch_size": 1}, {"steps": 130}),
    "a batch that does not divide the test set": ({"batch_size": 17}, {}),
    "a batch larger than the test set": ({"batch_size": "all"}, {}),
    "two units for one column": ({}, {"data": {"name": "moons", "samples": 90}}),
    "one unit": (NUMBERS, {"data": {"name": "moons", "samples": 90}}),
    "numbers": (NUMBERS, {"data": {"name": "sine", "samples": 90}}),
}


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("case", CASES)
def test_what_is_measured_on_a_whole_set_is_what_plain_numpy_finds(case: str, part: str) -> None:
    run, settings = CASES[case]
    trainer = Trainer(experiment(TANH | run, **settings))
    record = new_tape(trainer)
    params = [trainer.parameters(0) for _ in play(trainer, record)]
    past = record.until(trainer.step)
    steps = measured_at(past, part=part)
    assert len(steps) > 1
    assert (steps[0], steps[-1]) == (0, trainer.steps)
    for step in steps:
        for name, expected in zip(("loss", "accuracy"), on_part(trainer, params[step], part), strict=True):
            np.testing.assert_allclose(past.replicas(0, f"{part}_{name}")[step], expected, rtol=1e-12, err_msg=name)


def test_training_is_the_same_with_and_without_a_test_set() -> None:
    digits = {"name": "digits", "samples": 150}
    runs = [TANH | {"label": str(size), "batch_size": size} for size in (1, 16, "all")]
    whole = experiment(*runs, data=digits | {"test_fraction": 0.2})
    bare = experiment(*runs, data=digits | {"samples": 120, "test_fraction": 0.0})
    (one, one_tape), (two, two_tape) = trained(whole), trained(bare)
    for run in range(len(runs)):
        np.testing.assert_array_equal(one.parameters(run), two.parameters(run))
        assert_same(measured(one_tape, run), measured(two_tape, run))
        assert measured_at(one_tape.until(40), run)
        assert measured_at(two_tape.until(40), run) == []


def test_training_is_the_same_whether_whole_sets_are_measured_or_not() -> None:
    runs = [TANH | {"label": str(size), "batch_size": size} for size in (1, 16, "all")]
    spec = experiment(*runs)
    (one, one_tape), two = trained(spec), Trainer(spec, on_sets=False)
    two_tape = new_tape(two)
    for _ in play(two, two_tape):
        pass
    for run in range(len(runs)):
        np.testing.assert_array_equal(one.parameters(run), two.parameters(run))
        assert_same(measured(one_tape, run), measured(two_tape, run))
        for part in PARTS:
            assert measured_at(one_tape.until(40), run, part)
            assert measured_at(two_tape.until(40), run, part) == []


def test_the_training_set_is_measured_every_fifth_epoch_or_with_each_batch_that_is_all_of_it() -> None:
    runs = [TANH | {"label": str(size), "batch_size": size} for size in (40, 16, 118, "all")]
    _, record = trained(experiment(*runs))  # of 118 training samples
    past = record.until(40)
    found = [measured_at(past, run, "train") for run in range(4)]
    assert found == [[0, 15, 30, 40], [0, 40], list(range(41)), list(range(41))]
    for name in ("loss", "accuracy"):
        np.testing.assert_array_equal(past.replicas(3, f"train_{name}"), past.replicas(3, name))


def test_it_is_measured_once_an_epoch_and_at_the_end() -> None:
    runs = [TANH | {"label": str(size), "batch_size": size} for size in (16, 30, 1)]
    _, record = trained(experiment(*runs))  # of 120 training samples
    found = [measured_at(record.until(40), run) for run in range(3)]
    assert found == [[0, 8, 16, 24, 32, 40], [*range(0, 41, 4)], [0, 40]]


def test_in_a_long_run_it_is_measured_about_a_hundred_times() -> None:
    spec = experiment(TANH | {"batch_size": "all"}, steps=1050)
    assert steps_between_tests(spec.runs[0], spec, spec.data.load()) == 1050 // MAX_TESTS


def test_nothing_is_measured_that_a_thinned_record_would_lose(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tape, "MAX_ROWS", 20)
    _, record = trained(experiment(TANH, TANH | {"label": "b", "batch_size": 40}))
    past = record.until(40)
    assert past.stride == 3
    assert [measured_at(past, run) for run in range(2)] == [[0, 9, 18, 27, 36, 40], [*range(0, 40, 3), 40]]


def test_a_step_that_is_computed_again_is_the_same() -> None:
    spec = experiment(TANH, steps=80)
    trainer, record = trained(spec)
    again = new_tape(trainer)
    for _ in play(Trainer(spec), again):
        pass
    for step in (32, 40, 41, 80):
        for _ in revisit(Trainer(spec), again, step):
            pass
        for name in ON_TEST:
            found = again.until(step).values(0, name)
            np.testing.assert_array_equal(found, record.until(step).values(0, name))
            assert np.isnan(found).all() == (step == 41)


def test_of_a_run_that_has_diverged_nothing_more_is_measured() -> None:
    trainer, record = trained(experiment(TANH, RUNAWAY))
    past, (divergence,) = record.until(40), trainer.diverged
    assert measured_at(past, 0) == [0, 8, 16, 24, 32, 40]
    assert measured_at(past, 1) == [step for step in measured_at(past, 0) if step < divergence.step]


def saved(path: Path, spec: Train) -> Tape:
    trainer, record = trained(spec)
    results.save(path, Document(spec), trainer, record.until(trainer.step))
    return record


def test_json_has_whole_sets_at_their_own_steps(tmp_path: Path) -> None:
    record = saved(tmp_path / "out.json", experiment(TANH))
    (run,) = json.loads((tmp_path / "out.json").read_text())["runs"]
    for part, steps in (("train", [0, 40]), ("test", [0, 8, 16, 24, 32, 40])):
        assert list(run[part]) == ["steps", "loss", "accuracy"]
        assert run[part]["steps"] == steps
        for name in ("loss", "accuracy"):
            expected = record.until(40).replicas(0, f"{part}_{name}")[steps]
            np.testing.assert_array_equal(run[part][name], expected.T)


def test_csv_has_the_test_part_where_it_was_measured(tmp_path: Path) -> None:
    record = saved(tmp_path / "out.csv", experiment(TANH))
    with (tmp_path / "out.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert {int(line["step"]) for line in lines if line["test_loss"]} == {0, 8, 16, 24, 32, 40}
    assert {int(line["step"]) for line in lines if line["train_accuracy"]} == {0, 40}
    for line in lines:
        for name in ("train_loss", "train_accuracy", *ON_TEST):
            if line[name]:
                assert (
                    float(line[name]) == record.until(40).replicas(0, name)[int(line["step"]), int(line["replica"])]
                )


def said(spec: Train, template: str, step: int) -> str:
    trainer, record = trained(spec)
    lesson = dataclasses.replace(LESSON, verdict=Words(template))
    return "".join(span.text for span in verdict(spec, lesson, record.until(step), trainer.diverged, "en"))


def lesson_of(text: str) -> Lesson:
    found = parse(text, "test").lesson
    assert found is not None
    return found


LESSON = lesson_of('[lesson]\nid = "t"\ntitle = "T"\nverdict = "{label}"\n[[runs]]\nlabel = "a"\n')


def test_a_verdict_tells_what_was_measured_last() -> None:
    spec = experiment(TANH)
    _, record = trained(spec)
    loss, accuracy = (record.until(40).band(0, name)[1] for name in ON_TEST)
    template = "{label}: {test_loss}, {test_accuracy}"
    assert said(spec, template, 40) == f"a: {loss:.3g}, {100 * accuracy:.0f} %."
    assert said(spec, template, 15) == said(spec, template, 8)
    of_training = [record.until(40).band(0, f"train_{name}")[1] for name in ("loss", "accuracy")]
    wanted = f"a: {of_training[0]:.3g}, {100 * of_training[1]:.0f} %."
    assert said(spec, "{label}: {train_loss}, {train_accuracy}", 40) == wanted


def test_a_verdict_does_not_speak_of_a_test_part_that_is_not_there() -> None:
    bare = as_train(experiment(TANH, data={"name": "digits", "samples": 150, "test_fraction": 0.0}))
    assert said(bare, "{label}: {test_loss}", 40) == "Under a layer 1 learns about as fast as layer 2."

"""Figures that lessons on depth and on losses name: published ones, and those of their things to try."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradsim.sim.documents import results
from gradsim.sim.documents.document import Document
from gradsim.sim.documents.lesson_parts import Try
from gradsim.sim.documents.lessons import lessons
from gradsim.sim.documents.measures import Readings
from gradsim.sim.documents.tables import Table
from gradsim.sim.documents.texts import Words
from gradsim.sim.documents.tries import applied
from gradsim.sim.kinds.race.convexity import curvature, places
from gradsim.sim.kinds.race.spec import Race
from gradsim.sim.kinds.train.between import Between, between, pair_of
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.run.tape import MEDIAN
from tests.reference.test_reference import ENTRIES
from tests.unit.small import train_from

SIDE = 101


def tried(name: str, run: int | None = None, **settings: Any) -> Document:
    """Return a lesson after a change of its settings."""
    return applied(lessons()[name], Try(text=Words(), set=Table(settings), run=run))


def readings_of(document: Document) -> Readings:
    assert document.lesson is not None
    _, tape = results.run(document)
    return Readings(document.experiment, tape.until(document.experiment.steps), document.lesson.measures)


@pytest.mark.parametrize(("run", "rate", "entry"), [(1, 0.15, "mse_eta0.15"), (2, 0.005, "ce_eta0.005")])
def test_the_slow_start_is_the_books(run: int, rate: float, entry: str) -> None:
    published = ENTRIES[f"nielsen_ch3_{entry}_w2.0_b2.0"]
    document = tried("slow-start", run, learning_rate=rate)
    _, tape = results.run(document)
    output = tape.until(document.experiment.steps).history(run - 1, "activation_mean")[:, -1, MEDIAN]
    start = ENTRIES["nielsen_ch3_initial_output_w2.0_b2.0"]["expected"]["a"]
    assert output[0] == pytest.approx(start, rel=published["tolerance"])
    for step, expected in published["expected"].items():
        assert output[int(step)] == pytest.approx(expected["a"], rel=published["tolerance"])


def test_softmax_gives_the_published_shares() -> None:
    published = ENTRIES["pinard_softmax_3_1_-3"]
    found = readings_of(lessons()["softmax"])
    losses = np.array([found(name).value for name in ("loss1", "loss2", "loss3")], dtype=np.float64)
    np.testing.assert_allclose(np.exp(-losses), published["expected"]["p"], rtol=published["tolerance"])
    np.testing.assert_allclose(losses, [0.129, 2.129, 6.129], atol=5e-4)


@pytest.mark.parametrize(("target", "loss"), [([0.0, 1.0, 0.0], 2.129), ([0.0, 0.0, 1.0], 6.129)])
def test_softmax_with_another_true_class(target: list[float], loss: float) -> None:
    found = readings_of(tried("softmax", data={"name": "point", "x": [1.0], "y": target}))
    assert found("loss1").value == pytest.approx(loss, abs=5e-4)


def test_he_gives_back_what_xavier_loses_over_30_layers() -> None:
    """With biases of 0 ReLU takes a factor out of all layers, so that the two differ by just that factor."""
    entry = ENTRIES["he_init"]["expected"]
    found = []
    for init in ("he_normal", "xavier_normal"):
        document = tried("exploding", 3, init=init)
        start = Document(document.experiment.with_settings(steps=1), document.lesson)
        _, tape = results.run(start)
        sizes = tape.until(0).replicas(2, "activation_std")[0]
        found.append(sizes[29] / sizes[0])
    np.testing.assert_allclose(found[1] / found[0], entry["xavier_signal_factor_L30"] ** (29 / 30), rtol=1e-10)


def test_the_two_bowls_curve_as_the_lesson_says() -> None:
    race = lessons()["two-bowls"].experiment
    assert isinstance(race, Race)
    down = {}
    for surface in race.surfaces:
        x, y = places(surface, SIDE)
        down[surface.key] = float((curvature(surface, *np.meshgrid(x, y)) < 0.0).mean())
    assert down["logistic"] == 0.0
    assert down["logistic_squared"] == pytest.approx(0.95, abs=0.01)


def barrier(hidden: list[int], **settings: Any) -> Between:
    common = {"hidden": hidden, "optimizer": {"name": "sgd", "learning_rate": 1.0}} | settings
    spec = train_from({"replicas": 2, "steps": 300, "common": common, "runs": [{}]})
    assert isinstance(spec, Train)
    _, tape = results.run(Document(spec))
    pair = pair_of(spec, 0, 0, among_runs=False)
    assert pair is not None
    *_, found = between(spec, tape.until(spec.steps).keyframes, pair)
    assert isinstance(found, Between)
    return found


def test_cross_entropy_is_convex_without_hidden_layers_alone() -> None:
    assert barrier([]).is_convex
    assert barrier([30]).barrier > 0.01


Bounds = dict[str, tuple[float, float]]

NAMED: list[tuple[str, int | None, dict[str, Any], Bounds]] = [
    (
        "slow-start",
        None,
        {
            "init": {"name": "values", "layers": [[[3.0]]]},
            "bias_init": {"name": "values", "layers": [[3.0]]},
            "steps": 2000,
        },
        {"mse_half": (1416, 1416), "ce_half": (23, 23)},
    ),
    ("slow-start", 1, {"learning_rate": 3.0}, {"mse_half": (10, 30)}),
    ("softmax", 1, {"init": {"name": "values", "layers": [[[6.0, 2.0, -6.0]]]}}, {"loss1": (0.0175, 0.0185)}),
    ("two-bowls", None, {"learning_rate": 20.0}, {"mse_steps": (345, 355), "ce_steps": (6, 6)}),
    ("exploding", None, {"hidden": [32] * 10}, {"ratio": (50, 500)}),
    ("exploding", 1, {"init": {"name": "normal", "std": 0.177}}, {"grows": (0.92, 0.97)}),
    ("slow-digits", None, {"learning_rate": 2.0}, {"mse": (0.86, 0.92), "ce": (0.88, 0.93)}),
    (
        "slow-digits",
        None,
        {"bias_init": "zeros", "learning_rate": 0.5},
        {"mse": (0.855, 0.885), "ce": (0.885, 0.915)},
    ),
    ("scale", 1, {"init": "he_normal"}, {"tanh_xavier": (0.5, 0.95)}),
    ("scale", None, {"hidden": [32] * 8, "learning_rate": 0.1}, {"relu_xavier": (0.3, 0.9)}),
    ("scale", None, {"learning_rate": 0.1}, {"relu_he": (0.05, 0.45)}),
    ("chain", 2, {"init": "xavier_normal"}, {"relu_weights": (0.95, 1.05), "relu_slope": (0.65, 0.77)}),
    ("loss-and-output", None, {}, {"softmax_later": (4.0, 9.0), "sigmoid_ce": (150, 450)}),
]
"""Changes that texts name, and between which bounds measures are then."""


@pytest.mark.course
@pytest.mark.parametrize(("name", "run", "settings", "bounds"), NAMED)
def test_what_is_said_of_changes_is_so(name: str, run: int | None, settings: dict[str, Any], bounds: Bounds) -> None:
    found = readings_of(tried(name, run, **settings))
    values = {measure: found(measure).value for measure in bounds}
    wrong = {
        measure: value
        for measure, value in values.items()
        if value is None or not bounds[measure][0] <= value <= bounds[measure][1]
    }
    assert wrong == {}

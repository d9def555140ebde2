"""Pictures over all inputs: they show what the networks say, and follow the run."""

from __future__ import annotations

import re
from math import inf
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QToolTip
from pytestqt.qtbot import QtBot

from gradsim.engine.data import Split
from gradsim.engine.types import Array
from gradsim.sim.documents.document import Document
from gradsim.sim.documents.experiments import experiment_from
from gradsim.sim.kinds.train.predictions import Predictor, scores_of
from gradsim.sim.run.tape import LOW, MEDIAN
from gradsim.ui.plots.classes import class_colour
from gradsim.ui.themes import THEMES
from gradsim.ui.views.common.view import View
from gradsim.ui.views.train.boundary import NODES, Boundary, DecisionPlane, leads_of
from gradsim.ui.views.train.fit import Fit, FittedLine
from gradsim.ui.views.train.over_inputs import OverInputs
from gradsim.ui.window import Window
from tests.gui.conftest import OpenWindow, edit_to, menu_actions
from tests.look.recorder import recorded
from tests.unit.small import as_train

TABLE: dict[str, Any] = {
    "steps": 40,
    "replicas": 3,
    "data": {"name": "moons", "samples": 120},
    "common": {"hidden": [8], "batch_size": 16, "optimizer": {"name": "adam", "learning_rate": 0.05}},
    "runs": [{"label": "Tanh", "activation": "tanh"}, {"label": "ReLU", "activation": "relu"}],
}
BLOBS = {"data": {"name": "blobs", "samples": 120}}


def document(**settings: Any) -> Document:
    return Document(experiment_from(TABLE | settings))


def boundary(qtbot: QtBot, window: Window) -> Boundary:
    def shown() -> list[Boundary]:
        return [view for view in window.board.findChildren(Boundary) if view.isVisibleTo(window.board)]

    qtbot.waitUntil(lambda: len(shown()) == 1, timeout=10_000)
    return shown()[0]


def planes(view: Boundary) -> list[DecisionPlane]:
    found = [picture for picture in view.pictures if isinstance(picture, DecisionPlane)]
    assert len(found) == len(view.pictures)
    return found


def at_the_end(qtbot: QtBot, window: Window) -> Boundary:
    window.controller.set_speed(inf)
    qtbot.waitUntil(lambda: window.board.shown_step == 40, timeout=30_000)
    view = boundary(qtbot, window)
    qtbot.waitUntil(lambda: view.asked == 40, timeout=10_000)
    return view


def named_step(view: Boundary) -> str | None:
    """Return the step that the view names, if it does."""
    texts = [label.text() for label in view.findChildren(QLabel)]
    return next((found[0] for text in texts if (found := re.match(r"step \d+", text))), None)


def shown_views(window: Window) -> list[str]:
    return [view.key for view in window.board.findChildren(View) if view.isVisibleTo(window.board)]


def trained_on(data: Split, places: Array) -> Array:
    """Return inputs in the units of their source as networks see them."""
    return np.stack([(places[:, i] - column.zero) / column.one for i, column in enumerate(data.inputs)], axis=1)


def rgb(colour: str) -> Array:
    shade = QColor(colour)
    return np.array([shade.redF(), shade.greenF(), shade.blueF()])


@given(arrays(np.float64, (4, 3), elements=st.floats(-2, 2)))
def test_a_lead_is_the_distance_to_the_best_of_the_others(scores: Array) -> None:
    for row, leads in zip(scores, leads_of(scores), strict=True):
        assert leads.tolist() == [row[i] - max(np.delete(row, i)) for i in range(3)]
    two = scores[:, :2]
    np.testing.assert_array_equal(leads_of(two), two - two[:, ::-1])


def test_one_output_is_the_score_of_the_second_class() -> None:
    np.testing.assert_array_equal(scores_of(np.array([[0.25], [1.0]])), [[0.75, 0.25], [0.0, 1.0]])


@pytest.mark.parametrize("settings", [{}, BLOBS], ids=["two classes", "three classes"])
@pytest.mark.parametrize("theme", THEMES)
def test_each_place_has_the_colour_of_the_class_that_is_decided_for(
    qtbot: QtBot, open_window: OpenWindow, settings: dict[str, Any], theme: str
) -> None:
    window = open_window(document(**settings), theme)
    window.show_views(("boundary",))
    window.settle()
    view = at_the_end(qtbot, window)
    assert window.controller.tape is not None
    kept = window.controller.tape.until(40).keyframe
    assert kept is not None
    spec = as_train(window.controller.running_document.experiment)
    for run, plane in enumerate(planes(view)):
        image = plane.image.image / 255.0
        centres = (np.arange(len(image)) + 0.5) / len(image)
        x, y = (low + centres * (high - low) for low, high in ((s[0], s[-1]) for s in (plane.x, plane.y)))
        places = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
        data = spec.data.load()
        predictions = Predictor(spec, data, run, trained_on(data, places))(kept)
        assert predictions is not None
        decided = np.median(scores_of(predictions), axis=0).argmax(axis=-1)
        # The hue of a place, less the card's, is that of a class: the one whose colour lies in this direction.
        card = rgb(THEMES[theme].card)
        hues = np.array([rgb(class_colour(THEMES[theme], number)) - card for number in range(3)])
        tint = image.reshape(-1, 3) - card
        towards = (tint @ hues.T) / np.linalg.norm(hues, axis=1)
        shown = towards[:, : predictions.shape[-1] if predictions.shape[-1] > 1 else 2].argmax(axis=1)
        assert (shown == decided).mean() > 0.97  # but for what is interpolated beside the boundary


def test_the_boundary_runs_between_the_moons(qtbot: QtBot, open_window: OpenWindow) -> None:
    view = at_the_end(qtbot, open_window(document()))
    for plane in planes(view):
        ends = plane.median.ends
        assert len(ends) > 10
        scores = plane.scores
        assert scores is not None
        assert scores.shape == (NODES, NODES, 2)
        for a, b in ends.reshape(-1, 2):
            column, row = np.abs(plane.x - a).argmin(), np.abs(plane.y - b).argmin()
            around = scores[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2, 0]
            assert around.min() <= 0.5 <= around.max()


def test_it_follows_other_data_and_tells_the_score(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(document())
    view = at_the_end(qtbot, window)
    before = planes(view)[0].x
    with qtbot.waitSignal(window.controller.started, timeout=10_000):
        edit_to(window, TABLE | {"data": {"name": "circles", "samples": 120}})
    view = at_the_end(qtbot, window)
    plane = planes(view)[0]
    assert plane.x.tolist() != before.tolist()
    middle = NODES // 2
    plane.plot.hovered.emit(QPointF(plane.x[middle], plane.y[middle]))
    assert plane.scores is not None
    assert f"{100 * plane.scores[middle, middle].max():.0f} %" in QToolTip.text()


def test_in_a_run_of_many_states_the_step_of_the_picture_is_named(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gradsim.sim.run.tape.MAX_KEYFRAMES", 3)
    window = open_window(document())
    view = at_the_end(qtbot, window)
    window.controller.back()
    qtbot.waitUntil(lambda: named_step(view) == "step 28", timeout=10_000)
    window.controller.forward()
    qtbot.waitUntil(lambda: named_step(view) == "step 40", timeout=10_000)


def test_where_all_states_are_kept_the_step_is_not_named(qtbot: QtBot, open_window: OpenWindow) -> None:
    view = at_the_end(qtbot, open_window(document()))
    assert named_step(view) is None


def test_a_fit_is_what_the_networks_predict(qtbot: QtBot, open_window: OpenWindow) -> None:
    regression = {"data": {"name": "sine", "samples": 100}, "replicas": 5}
    runs = [{"label": "A", "activation": "tanh", "hidden": [8], "output": "linear", "loss": "mse"}]
    window = open_window(document(**regression, runs=runs))
    window.controller.set_speed(inf)
    [view] = [view for view in window.board.findChildren(Fit) if view.isVisibleTo(window.board)]
    qtbot.waitUntil(lambda: view.asked == 40, timeout=30_000)
    [line] = view.pictures
    assert isinstance(line, FittedLine)
    assert window.controller.tape is not None
    kept = window.controller.tape.until(40).keyframe
    assert kept is not None
    spec = as_train(window.controller.running_document.experiment)
    data = spec.data.load()
    predictions = Predictor(spec, data, 0, trained_on(data, line.x[:, None]))(kept)
    assert predictions is not None
    assert line.bands is not None
    np.testing.assert_allclose(line.bands[:, MEDIAN], np.median(predictions[..., 0], axis=0), rtol=1e-6)
    assert (line.bands[:, LOW] <= line.bands[:, MEDIAN]).all()
    line.plot.hovered.emit(QPointF(line.x[7], 0.0))
    assert f"y {line.bands[7, MEDIAN]:.2f}".replace("-", "−") in QToolTip.text()


@pytest.mark.parametrize(("bias", "said"), [(0.5, ""), (50.0, "line above"), (-50.0, "line below"), (0.0, "")])
def test_a_line_that_is_nowhere_among_the_samples_is_told_of(
    qtbot: QtBot, open_window: OpenWindow, bias: float, said: str
) -> None:
    """Of one sample, too, whose surroundings reach to 0."""
    neuron = {"hidden": [], "output": "linear", "loss": "mse", "batch_size": 1}
    runs = [{"label": "A", "bias_init": {"name": "constant", "value": bias}} | neuron]
    window = open_window(document(data={"name": "point", "x": [1.0], "y": [0.5]}, runs=runs, replicas=1))
    [view] = [view for view in window.board.findChildren(Fit) if view.isVisibleTo(window.board)]
    [line] = view.pictures
    assert isinstance(line, FittedLine)
    assert window.controller.tape is not None
    view.draw(window.controller.tape.until(0))
    assert [text.text for text in recorded(view).texts if text.text.startswith("line ")] == ([said] if said else [])
    (left, right), (low, high) = line.plot.box.viewRange()
    assert (left, right, low, high) == (0.0, 2.0, -0.5, 1.5)


@pytest.mark.parametrize("data", ["moons", "blobs", "sine"])
def test_runs_that_leave_break_no_picture(qtbot: QtBot, open_window: OpenWindow, data: str) -> None:
    """They go through ever larger numbers, which float32 does not hold."""
    far = {"activation": "linear", "output": "linear", "loss": "mse", "hidden": [8]}
    runs = [{"label": "A", "optimizer": {"name": "sgd", "learning_rate": 3.0}} | far, {"label": "B"} | far]
    window = open_window(document(runs=runs, data={"name": data, "samples": 100}, steps=200))
    [view] = [view for view in window.board.findChildren(OverInputs) if view.isVisibleTo(window.board)]
    qtbot.waitUntil(lambda: window.controller.tape is not None and bool(window.controller.tape.diverged))
    assert window.controller.tape is not None
    last = window.controller.tape.diverged[0].step
    for step in range(last + 1):
        view.draw(window.controller.tape.until(step))
        view.grab()


@pytest.mark.parametrize(("data", "view"), [("sine", Fit), ("xor", Boundary)])
def test_without_a_test_set_there_are_no_hollow_marks(
    qtbot: QtBot, open_window: OpenWindow, data: str, view: type[OverInputs]
) -> None:
    runs = [{"label": "A", "hidden": [4], "output": "linear", "loss": "mse"}]
    for share, least in ((0.0, 1), (0.2, 2)):
        window = open_window(document(runs=runs, data={"name": data, "samples": 50, "test_fraction": share}))
        [shown] = [found for found in window.board.findChildren(view) if found.isVisibleTo(window.board)]
        [picture] = shown.pictures
        kinds = 2 if view is Boundary else 1
        assert len(picture._marks) == kinds * least
        assert sum(len(marks.points) for marks in picture._marks) == 50


def test_views_are_the_usual_ones_of_the_data_unless_others_were_chosen(
    qtbot: QtBot, open_window: OpenWindow
) -> None:
    window = open_window(document())

    def edited(**settings: Any) -> None:
        with qtbot.waitSignal(window.controller.started, timeout=10_000):
            edit_to(window, TABLE | settings)

    def in_menu() -> bool:
        return menu_actions(window)["Decision boundary"].isEnabled()

    def shows(key: str, instead_of: str) -> bool:
        return key in shown_views(window) and instead_of not in shown_views(window)

    qtbot.waitUntil(lambda: shows("boundary", instead_of="history"), timeout=10_000)
    assert in_menu()
    edited(data={"name": "digits", "samples": 100})
    qtbot.waitUntil(lambda: shows("history", instead_of="boundary"), timeout=10_000)
    assert not in_menu()
    window.show_views(("gradients", "loss"))
    window.settle()
    edited(data={"name": "circles", "samples": 100})
    qtbot.waitUntil(lambda: set(shown_views(window)) == {"gradients", "loss"}, timeout=10_000)
    assert in_menu()

"""Losses at a sigmoid output in the window: the start is dragged along σ, and what cannot be dragged says so."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.document import Document
from gradsim.sim.kinds.train.spec import Train
from gradsim.ui.views.train.duel import DuelView
from gradsim.ui.window import Window
from tests.gui.conftest import OpenWindow, the_view
from tests.reference.test_duel import neuron
from tests.unit.small import as_train, experiment


def shown(qtbot: QtBot, window: Window, step: int) -> DuelView:
    """Return the view once it shows the outputs at a step, of the experiment that runs."""
    window.settle()
    window.controller.pause()
    window.controller.seek(step)

    def is_there() -> bool:
        view = the_view(window, DuelView)
        found = view.found
        return view.experiment is window.controller.running_document.experiment and bool(
            found and found.step == step and view.earlier
        )

    qtbot.waitUntil(is_there, timeout=10_000)
    return the_view(window, DuelView)


def of(window: Window) -> Train:
    """Return the experiment that runs."""
    return as_train(window.controller.running_document.experiment)


def spot(view: DuelView, z: float) -> QPoint:
    """Return where a z is on σ."""
    place: QPointF = view.places._on_curves(z)[0]
    return place.toPoint()


def drag(view: DuelView, start: float, end: float) -> None:
    """Take the start by the mouse, move it, and let it go."""
    QTest.mousePress(view.places, Qt.MouseButton.LeftButton, pos=spot(view, start))
    for z in ((start + end) / 2.0, end):
        QTest.mouseMove(view.places, spot(view, z))
    QTest.mouseRelease(view.places, Qt.MouseButton.LeftButton, pos=spot(view, end))


@pytest.mark.parametrize("step", [0, 12])
def test_the_start_is_dragged_to_another_place(qtbot: QtBot, open_window: OpenWindow, step: int) -> None:
    window = open_window(Document(neuron(2.0, 2.0, 0.15, 40)))
    window.show_views(("duel",))
    view = shown(qtbot, window, step)
    assert view.places._starts[0] == pytest.approx(4.0)
    given = of(window).runs[0].bias_init
    drag(view, 4.0, -2.0)
    qtbot.waitUntil(lambda: abs(view.places._starts[0] + 2.0) < 0.1, timeout=10_000)
    qtbot.waitUntil(lambda: len({run.bias_init for run in of(window).runs} | {given}) == 2, timeout=10_000)
    runs = of(window).runs
    view = shown(qtbot, window, step)
    start = view.earlier[0][0]
    assert start is not None
    wanted = runs[0].bias_init.layers[0][0] + 2.0  # type: ignore[attr-defined]
    assert start.z == pytest.approx(wanted)
    assert start.z == pytest.approx(-2.0, abs=0.1)  # a pixel is some hundredths
    qtbot.waitUntil(lambda: view.places._starts == [start.z], timeout=10_000)
    drag(view, start.z, 1.0)
    qtbot.waitUntil(lambda: abs(view.places._starts[0] - 1.0) < 0.1, timeout=10_000)


def test_a_start_that_is_drawn_at_random_stays(qtbot: QtBot, open_window: OpenWindow) -> None:
    common = {"hidden": [5], "output": "sigmoid", "batch_size": 16, "bias_init": "normal"}
    window = open_window(Document(experiment({"loss": "mse"}, {"loss": "cross_entropy"}, common=common)))
    window.show_views(("duel",))
    view = shown(qtbot, window, 0)
    before = of(window)
    start = view.places._starts[0]
    drag(view, start, start + 2.0)
    assert of(window) == before
    assert view.places._starts[0] == start


def test_the_replica_chosen_is_the_one_shown(qtbot: QtBot, open_window: OpenWindow) -> None:
    common = {"hidden": [5], "output": "sigmoid", "batch_size": 16}
    window = open_window(Document(experiment({"loss": "mse"}, {"loss": "cross_entropy"}, common=common)))
    window.show_views(("duel",))
    view = shown(qtbot, window, 3)
    assert "replica 1 of 3" in " ".join(view._where._plain)
    assert view.found is not None
    assert [each.is_single for each in view.found.runs] == [False, False]
    assert view._sentence.told.startswith("Squared error: ∂L/∂z is 0.")


def test_a_view_of_a_single_output_is_not_kept_for_several() -> None:
    common = {"hidden": [], "output": "sigmoid", "batch_size": "all"}
    alone, several = (
        experiment({"loss": "mse"}, common=common, data={"name": "point", "x": [1.0], "y": targets})
        for targets in ([0.0], [0.0, 1.0])
    )
    assert DuelView.frame(alone) != DuelView.frame(several)

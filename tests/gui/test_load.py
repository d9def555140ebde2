"""Activation under load: a layer is chosen by its button, and stays chosen."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gradsim.engine.nn.activations import ACTIVATIONS
from gradsim.sim.documents.document import Document
from gradsim.sim.kinds.train.loads import BINS, REACH, Load, loads, values
from gradsim.sim.kinds.train.snapshot import snapshots
from gradsim.ui.app import application
from gradsim.ui.export import Picture, prepared
from gradsim.ui.plots.activation_curves import ActivationCurves, Curve
from gradsim.ui.plots.layer_buttons import LayerButtons
from gradsim.ui.plots.load_picture import LoadPicture
from gradsim.ui.theme import Look
from gradsim.ui.views.train.load import LoadView
from tests.gui.conftest import OpenWindow, the_view
from tests.unit.small import RELU, SIGMOID, as_train, experiment, trained


def test_a_layer_is_chosen_by_its_button_and_stays_so(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    window.show_views(("load",))
    window.settle()
    window.controller.pause()
    qtbot.waitUntil(lambda: the_view(window, LoadView).found is not None, timeout=10_000)
    view = the_view(window, LoadView)
    assert view.state() == {}
    buttons = view._buttons[0]
    assert buttons.isVisible()
    QTest.mouseClick(buttons, Qt.MouseButton.LeftButton, pos=buttons.cell(1).center().toPoint())
    assert view.state() == {"layer": 1}
    assert view.found is not None
    for picture, layers in zip(view._pictures, view.found.runs, strict=True):
        assert picture._load is layers[1]
    window.set_theme("dark")
    window.settle()
    assert the_view(window, LoadView).state() == {"layer": 1}


def test_it_shows_what_the_networks_of_the_step_get(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    window.show_views(("load",))
    window.settle()
    window.controller.pause()
    window.controller.seek(7)
    qtbot.waitUntil(lambda: window.board.shown_step == 7, timeout=10_000)
    view = the_view(window, LoadView)
    qtbot.waitUntil(lambda: view.found is not None and view.found.step == 7, timeout=10_000)
    found = view.found
    assert found is not None
    spec = as_train(window.controller.running_document.experiment)
    trainer, tape = trained(spec)
    *_, networks = snapshots(spec, trainer.data, tape.keyframe_before(7), 7, 0)
    assert networks is not None
    for shown, network in zip(found.runs, networks, strict=True):
        assert network is not None
        wanted = loads(network, trainer.data.train.x)
        assert [load.mean_slope for load in shown] == [load.mean_slope for load in wanted]


def test_another_activation_is_compared_at_the_same_z(qtbot: QtBot) -> None:
    spec = experiment(SIGMOID, RELU, replicas=2, steps=6)
    picture = Picture(size=(1400, 900), view="load")
    with prepared(Document(spec), 6, picture, {"compare": "tanh"}) as (board, _):
        [view] = board.findChildren(LoadView)
        assert view.found is not None
        trainer, tape = trained(spec)
        *_, networks = snapshots(spec, trainer.data, tape.keyframe_before(6), 6, 0)
        assert networks is not None
        for run, network in enumerate(networks):
            assert network is not None
            z = trainer.data.train.x @ network.layers[0].w + network.layers[0].b
            mean = (1.0 - np.tanh(z) ** 2).mean()
            np.testing.assert_allclose(view.found.runs[run][0].other_slope, mean)
            own, other = view._pictures[run].curves
            assert (own.dashed, other.dashed) == (False, True)
            assert other.activation == ACTIVATIONS["tanh"]()
            assert other.colour not in {view.look.run_colour(i) for i in range(2)}
        assert f"Tanh would find {view.found.runs[0][0].other_slope:.2f}" in view._sentence.told


@pytest.mark.parametrize("count", [1, 8, 30, 100])
@pytest.mark.parametrize("width", [220, 450, 900])
def test_each_of_many_layers_has_a_button_that_chooses_it(qtbot: QtBot, count: int, width: int) -> None:
    application()
    buttons = LayerButtons(Look.fit("light", "en", QSize(1920, 1080)), 0, "mean slope of every layer")
    qtbot.addWidget(buttons)
    buttons.resize(width, buttons.sizeHint().height())
    chosen: list[int] = []
    buttons.layer_chosen.connect(chosen.append)
    for layer in range(count):
        buttons.show_values([0.2] * count, (layer + 1) % count, 1.0)
        assert buttons.isHidden() == (count == 1)
        cell = buttons.cell(layer)
        assert 0 <= cell.left() < cell.right() <= width
        if count > 1:
            QTest.mouseClick(buttons, Qt.MouseButton.LeftButton, pos=cell.center().toPoint())
    assert chosen == (list(range(count)) if count > 1 else [])
    assert not buttons.grab().isNull()


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_curves_are_what_the_activation_computes_and_jumps_are_upright(qtbot: QtBot, name: str) -> None:
    application()
    curves = ActivationCurves(Look.fit("light", "en", QSize(1920, 1080)), REACH)
    qtbot.addWidget(curves)
    curves.show_curves([Curve(ACTIVATIONS[name](), "#000000", name)], 2.0)
    [drawn] = curves._sampled
    f, slope = values(ACTIVATIONS[name](), drawn.z)
    np.testing.assert_array_equal(drawn.f, f)
    np.testing.assert_array_equal(drawn.slope, slope)
    assert (np.diff(drawn.z) >= 0).all()
    jumps = np.abs(np.diff(drawn.slope)) > 0.1 * ACTIVATIONS[name]().peak
    assert (np.diff(drawn.z)[jumps] < 1e-9).all()
    assert jumps.sum() == {"relu": 1, "leaky_relu": 1, "hard_sigmoid": 2, "selu": 1}.get(name, 0)


@pytest.mark.parametrize(("low", "high", "ends"), [(-2.0, 3.0, ["−8", "8"]), (-9.0, 8.5, ["≤ −8", "≥ 8"])])
def test_the_ends_of_the_axis_say_that_what_lies_beyond_is_counted_there(
    qtbot: QtBot, low: float, high: float, ends: list[str]
) -> None:
    application()
    picture = LoadPicture(Look.fit("light", "en", QSize(1920, 1080)))
    qtbot.addWidget(picture)
    shares = np.full(BINS, 1.0 / BINS)
    picture.show_load(Load(shares, shares, 0.5, 0.0, 0.0, low, high), "")
    assert [picture.tick_text(-REACH), picture.tick_text(REACH)] == ends
    assert picture.tick_text(0.0) == "0"

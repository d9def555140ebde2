"""Activation under load: a layer is chosen by its button, and stays chosen."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gradsim.sim.kinds.train.loads import loads
from gradsim.sim.kinds.train.snapshot import snapshots
from gradsim.ui.views.train.load import LoadView
from tests.gui.conftest import OpenWindow, the_view
from tests.unit.small import as_train, trained


def test_a_layer_is_chosen_by_its_button_and_stays_so(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    window.show_views(("load",))
    window.settle()
    window.controller.pause()
    qtbot.waitUntil(lambda: the_view(window, LoadView).found is not None, timeout=10_000)
    view = the_view(window, LoadView)
    assert view.state() == {}
    picture = view._pictures[0]
    QTest.mouseClick(picture, Qt.MouseButton.LeftButton, pos=picture._cell(1).center().toPoint())
    assert view.state() == {"layer": 1}
    assert all(each._layer == 1 for each in view._pictures)
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

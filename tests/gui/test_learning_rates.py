"""Loss against learning rate in the window: dots are dragged, and trying rates can be stopped."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QSize
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.document import Document
from gradsim.sim.kinds.race.rates import sweep
from gradsim.ui.app import application
from gradsim.ui.plots.curve import Line, Points
from gradsim.ui.theme import Look
from gradsim.ui.views.race.rates import Rates
from gradsim.ui.views.train.learning_rates import LearningRates
from tests.gui.conftest import OpenWindow, the_view
from tests.unit.races import race as small_race
from tests.unit.races import raced


def test_a_dot_is_dragged_to_another_rate(qtbot: QtBot, open_window: OpenWindow, small: Document) -> None:
    window = open_window(small)
    window.show_views(("learning_rates",))
    window.settle()
    view = the_view(window, LearningRates)
    qtbot.waitUntil(lambda: view._sweep is not None and view._sweep.done == 1.0, timeout=30_000)
    qtbot.waitUntil(lambda: window.board.shown_step == 40, timeout=20_000)
    place = view._places[1]
    assert window.controller.tape is not None
    losses = [float(loss) for loss in window.controller.tape.until(40).replicas(1, "loss")[-15:, 0]]
    assert abs(place.y() - np.log10(np.mean(losses))) < 1e-9
    view._on_pressed(place)
    view._on_dragged(QPointF(-3.0, place.y()))
    view._on_released()
    qtbot.waitUntil(
        lambda: window.controller.running_document.experiment.runs[1].optimizer.learning_rate == 0.001, timeout=20_000
    )
    assert window.controller.running_document.experiment.runs[0].optimizer.learning_rate != 0.001


def test_it_can_be_stopped_and_begun_again(qtbot: QtBot, open_window: OpenWindow, small: Document) -> None:
    window = open_window(small)
    window.show_views(("learning_rates",))
    window.settle()
    view = the_view(window, LearningRates)
    [tool] = [button for button in view.findChildren(QPushButton) if button.text() == "Stop"]
    tool.click()
    assert view.study() is None
    assert tool.text() == "Try again"
    tool.click()
    qtbot.waitUntil(lambda: view._sweep is not None and view._sweep.done == 1.0, timeout=30_000)
    assert tool.isHidden()


def test_lines_stay_while_nothing_new_is_known_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    application()
    race = small_race()
    _, tape = raced(race)
    view = Rates(race, Look.fit("light", "en", QSize(1600, 1000)))
    view.resize(600, 400)
    view.show()
    application().processEvents()
    shown: list[Line] = []
    show_line = Line.show_line

    def noted(line: Line, x: Points, y: Points) -> None:
        shown.append(line)
        show_line(line, x, y)

    monkeypatch.setattr(Line, "show_line", noted)
    places = []
    for step in (1, 2, 3):
        view.draw(tape.until(step))
        places.append([place.y() for place in view._places])
    assert not shown  # of all rates but the runs' own, only their start is known
    assert places[0] != places[1] != places[2]
    *_, found = sweep(race)
    view.show_study(found)
    assert len(shown) == len(race.runs)
    view.close()

"""Threads are held while frames are painted, and let go after that."""

from __future__ import annotations

from math import inf

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from gradsim.runtime.worker import Gate
from gradsim.sim.documents.document import parse
from gradsim.ui.after_paint import AfterPaint
from gradsim.ui.plots.map import MapPlot
from tests.gui.conftest import RACE, OpenWindow


class _Paints(QObject):
    """Notes which of some widgets are painted, and whether a gate is open then."""

    def __init__(self, kinds: tuple[type, ...], gate: Gate | None = None) -> None:
        super().__init__()
        self._kinds, self._gate = kinds, gate
        self.seen: list[tuple[str, bool]] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            owner = watched if isinstance(watched, self._kinds) else watched.parent()
            if isinstance(owner, self._kinds):
                self.seen.append((type(owner).__name__, self._gate is None or self._gate._open.is_set()))
        return False


def test_it_tells_after_the_paints_of_widgets_and_scenes(qtbot: QtBot) -> None:
    label, plot = QLabel("a"), pg.PlotWidget()
    curve = plot.plot([0.0, 1.0], [0.0, 1.0])
    for widget in (label, plot):
        qtbot.addWidget(widget)
        widget.show()
        qtbot.waitExposed(widget)
    qtbot.wait(50)
    paints, after, told = _Paints((QLabel, pg.PlotWidget)), AfterPaint(plot), []
    app = QApplication.instance()
    assert app is not None
    app.installEventFilter(paints)
    after.painted.connect(lambda: told.append({name for name, _ in paints.seen}))
    label.setText("b")
    curve.setData([0.0, 1.0], [1.0, 0.0])
    after.wait()
    qtbot.waitUntil(lambda: bool(told), timeout=5_000)
    app.removeEventFilter(paints)
    assert told == [{"QLabel", "PlotWidget"}]


def test_all_of_a_frame_is_painted_while_the_threads_are_held(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(parse(RACE.replace("steps = 60", "steps = 20000"), "a.toml"))
    window.controller.set_speed(inf)
    qtbot.waitUntil(lambda: window.controller.step > 20, timeout=20_000)
    paints = _Paints((MapPlot,), window.controller.worker.gate)
    app = QApplication.instance()
    assert app is not None
    app.installEventFilter(paints)
    qtbot.waitUntil(lambda: len(paints.seen) > 20, timeout=20_000)
    app.removeEventFilter(paints)
    assert {name for name, is_open in paints.seen if is_open} == set()
    qtbot.waitUntil(window.controller.worker.gate._open.is_set, timeout=5_000)

"""What is told after paints, and that time is lent while the event loop turns and not otherwise."""

from __future__ import annotations

import time
from functools import partial
from math import inf

import pyqtgraph as pg
import pytest
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from gradsim.runtime.lease import Lease
from gradsim.sim.documents.document import parse
from gradsim.ui.after_paint import AfterPaint
from gradsim.ui.lender import EVERY_MS, Lender
from tests.gui.conftest import PATIENCE_MS, RACE, OpenWindow


class _Paints(QObject):
    """Notes which of some widgets are painted."""

    def __init__(self, kinds: tuple[type, ...]) -> None:
        super().__init__()
        self._kinds = kinds
        self.seen: set[str] = set()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            owner = watched if isinstance(watched, self._kinds) else watched.parent()
            if isinstance(owner, self._kinds):
                self.seen.add(type(owner).__name__)
        return False


def test_it_tells_after_the_paints_of_widgets_and_scenes(qtbot: QtBot) -> None:
    label, plot = QLabel("a"), pg.PlotWidget()
    curve = plot.plot([0.0, 1.0], [0.0, 1.0])
    for widget in (label, plot):
        qtbot.addWidget(widget)
        widget.show()
        qtbot.waitExposed(widget)
    qtbot.wait(50)
    paints, after = _Paints((QLabel, pg.PlotWidget)), AfterPaint(plot)
    told: list[set[str]] = []
    app = QApplication.instance()
    assert app is not None
    app.installEventFilter(paints)
    after.painted.connect(lambda: told.append(set(paints.seen)))
    label.setText("b")
    curve.setData([0.0, 1.0], [1.0, 0.0])
    after.wait()
    qtbot.waitUntil(lambda: bool(told), timeout=5_000)
    app.removeEventFilter(paints)
    assert told == [{"QLabel", "PlotWidget"}]


def test_a_busy_main_thread_lends_nothing_and_an_idle_one_goes_on(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(parse(RACE.replace("steps = 60", "steps = 2000000"), "a.toml"))
    lease = window.controller.lease
    window.controller.set_speed(inf)
    qtbot.waitUntil(lambda: window.controller.step > 20, timeout=20_000)
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while lease.lent:  # without an event loop that turns, what was lent runs out
        assert time.monotonic() < deadline
        time.sleep(0.001)
    step = window.controller.head
    qtbot.waitUntil(lambda: window.controller.head > step, timeout=20_000)


def test_at_rest_nothing_is_lent_and_no_frames_are_made(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    controller = window.controller
    timers = [timer for timer in controller.findChildren(QTimer) if not timer.isSingleShot()]
    assert len(timers) == 2
    for act in (controller.pause, controller.forward, controller.back, partial(controller.seek, 30)):
        act()
        qtbot.waitUntil(lambda: not any(timer.isActive() for timer in timers), timeout=20_000)
        assert not controller.lease.wanted
    assert controller.step == 30
    controller.toggle()
    qtbot.waitUntil(lambda: controller.step > 30, timeout=20_000)


def test_nothing_is_lent_from_when_a_frame_is_drawn_until_it_is_painted(qtbot: QtBot) -> None:
    lease, borrower, owner = Lease(), object(), QObject()
    lender = Lender(lease, owner)
    lease.want(borrower)
    qtbot.waitUntil(lambda: lease.lent, timeout=PATIENCE_MS)
    lender.hold()
    assert not lease.lent
    qtbot.wait(5 * EVERY_MS)
    assert not lease.lent
    lender.release()
    qtbot.waitUntil(lambda: lease.lent, timeout=PATIENCE_MS)
    lease.give_back(borrower)


def test_a_frame_holds_what_is_lent_and_its_paint_lets_it_go_on(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(parse(RACE, "a.toml"))
    calls: list[str] = []

    def note(name: str) -> None:
        known = getattr(Lender, name)

        def noted(lender: Lender) -> None:
            calls.append(name)
            known(lender)

        monkeypatch.setattr(Lender, name, noted)

    note("hold")
    note("release")
    qtbot.waitUntil(lambda: window.controller.step > 5, timeout=PATIENCE_MS)
    window.controller.pause()
    qtbot.wait(50)
    calls.clear()
    window.controller.back()
    qtbot.waitUntil(lambda: "release" in calls, timeout=PATIENCE_MS)
    assert calls == ["hold", "release"]

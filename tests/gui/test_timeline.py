"""The timeline is painted where it looks other than before, and nothing below it is painted with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QEvent, QObject, QSize
from PySide6.QtWidgets import QHBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from gradsim.ui.app import application
from gradsim.ui.theme import WINDOW_SIZE, Look
from gradsim.ui.transport import Timeline

STEPS, WIDTH = 50_000, 600


class Paints(QObject):
    """Counts how often widgets are painted."""

    def __init__(self, *widgets: QWidget) -> None:
        super().__init__(widgets[0])
        self.of = dict.fromkeys(widgets, 0)
        for widget in widgets:
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and isinstance(watched, QWidget):
            self.of[watched] += 1
        return super().eventFilter(watched, event)


@contextmanager
def shown(qtbot: QtBot) -> Iterator[tuple[Timeline, Paints]]:
    """Show a timeline in a bar with a style of its own, at rest."""
    application()
    bar = QWidget()
    qtbot.addWidget(bar)
    bar.setStyleSheet("QSlider { min-height: 30px; } QSlider::handle:horizontal { width: 20px; margin: -4px 0; }")
    timeline = Timeline(Look.fit("light", "en", QSize(*WINDOW_SIZE)))
    timeline.setMaximum(STEPS)
    QHBoxLayout(bar).addWidget(timeline)
    bar.resize(WIDTH, 60)
    bar.show()
    qtbot.waitExposed(bar)
    qtbot.wait(20)
    yield timeline, Paints(bar, timeline)


def test_steps_at_one_pixel_are_painted_once(qtbot: QtBot) -> None:
    with shown(qtbot) as (timeline, paints):
        timeline.setValue(1)
        timeline.show_trained(2)
        qtbot.wait(20)
        assert paints.of[timeline] == 0
        timeline.setValue(STEPS // 2)
        qtbot.wait(20)
        assert paints.of[timeline] == 1


def test_what_is_trained_is_painted_where_it_has_grown_by_a_pixel(qtbot: QtBot) -> None:
    with shown(qtbot) as (timeline, paints):
        timeline.show_trained(STEPS // 2)
        qtbot.wait(20)
        assert paints.of[timeline] == 1
        timeline.show_trained(STEPS // 2 + 1)
        qtbot.wait(20)
        assert paints.of[timeline] == 1


def test_a_longer_run_is_painted_at_once(qtbot: QtBot) -> None:
    with shown(qtbot) as (timeline, paints):
        timeline.setValue(STEPS // 2)
        timeline.setMaximum(2 * STEPS)
        qtbot.wait(20)
        assert paints.of[timeline] == 1


def test_the_bar_is_not_painted_with_its_timeline(qtbot: QtBot) -> None:
    with shown(qtbot) as (timeline, paints):
        bar = timeline.window()
        bar.setStyleSheet(bar.styleSheet().replace("20px", "24px"))
        qtbot.wait(20)
        paints.of[bar] = paints.of[timeline] = 0
        timeline.setValue(STEPS // 2)
        qtbot.wait(20)
        assert (paints.of[bar], paints.of[timeline]) == (0, 1)

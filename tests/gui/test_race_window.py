"""A race in the window: its start dragged and clicked on the map, zoom, maps side by side, and the form."""

from __future__ import annotations

import time

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QPushButton, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.document import Document, parse
from gradsim.sim.documents.experiments import table_of
from gradsim.sim.kinds.race.spec import Race
from gradsim.ui.app import application
from gradsim.ui.export import settle
from gradsim.ui.plots.map import MapPlot
from gradsim.ui.plots.steered import Steered
from gradsim.ui.plots.trails import TrailLayer
from gradsim.ui.views.common.rate_strip import rate_edit
from gradsim.ui.views.race.map import Map, start_edit
from gradsim.ui.views.race.rates import Rates
from gradsim.ui.window import Window
from gradsim.ui.writers.writer import image_of
from tests.golden.compare import colours, pixels
from tests.gui.conftest import RACE, OpenWindow, edit_to, the_view


@pytest.fixture
def document() -> Document:
    return parse(RACE, "race")


def race_of(window: Window) -> Race:
    experiment = window.controller.document.experiment
    assert isinstance(experiment, Race)
    return experiment


def the_map(window: Window) -> MapPlot:
    [plot] = [plot for plot in window.board.findChildren(MapPlot) if plot.isVisible()]
    return plot


def whole_map(window: Window) -> MapPlot:
    """Return the map, with all of the surface's window in it rather than the part that the paths cross."""
    plot = the_map(window)
    plot.show_all()
    plot.settle()
    return plot


def at(plot: MapPlot, x: float, y: float) -> QPoint:
    return plot.plane.point_px(x, y).toPoint()


def pause_at(qtbot: QtBot, window: Window, step: int) -> None:
    window.controller.pause()
    window.controller.seek(step)
    qtbot.waitUntil(lambda: window.board.shown_step == step, timeout=10_000)


def drag(plot: MapPlot, start: QPoint, *way: QPoint) -> None:
    QTest.mousePress(plot, Qt.MouseButton.LeftButton, pos=start)
    for place in way:
        QTest.mouseMove(plot, place)
        QApplication.processEvents()
    QTest.mouseRelease(plot, Qt.MouseButton.LeftButton, pos=way[-1])


def test_the_start_is_dragged_and_the_step_stays(qtbot: QtBot, open_window: OpenWindow, document: Document) -> None:
    window = open_window(document)
    pause_at(qtbot, window, 40)
    plot = whole_map(window)
    drag(plot, at(plot, *race_of(window).start), at(plot, 1.0, 1.0), at(plot, -2.0, 4.0))
    assert race_of(window).start == pytest.approx((-2.0, 4.0), abs=0.05)
    assert window.panel is not None
    qtbot.waitUntil(lambda: window.controller.running_document.experiment == race_of(window), timeout=10_000)
    qtbot.waitUntil(lambda: window.board.shown_step == 40, timeout=10_000)
    assert the_map(window) is plot  # built once: what is dragged stays in the hand
    assert not window.controller.playing
    past = window.controller.tape.until(40) if window.controller.tape else None
    assert past is not None
    np.testing.assert_allclose(past.replicas(0, "x")[0], race_of(window).start[0])


def test_the_step_stays_while_the_hand_moves_on(qtbot: QtBot, open_window: OpenWindow, document: Document) -> None:
    """A second edit, while the run of the first is being begun."""
    window = open_window(document)
    pause_at(qtbot, window, 40)
    controller = window.controller
    window.board.edit_asked.emit(start_edit(1.0, 1.0))
    controller.restart()
    window.board.edit_asked.emit(start_edit(2.0, 1.0))
    time.sleep(0.3)  # without frames: the first run arrives while the second edit waits
    qtbot.waitUntil(lambda: controller.running_document.experiment == race_of(window), timeout=10_000)
    qtbot.waitUntil(lambda: window.board.shown_step == 40, timeout=10_000)
    assert race_of(window).start == (2.0, 1.0)


def test_the_step_is_kept_through_a_rate_that_diverges(
    qtbot: QtBot, open_window: OpenWindow, document: Document
) -> None:
    window = open_window(document)
    pause_at(qtbot, window, 40)
    for rate in (50.0, 1e-4):
        for i, run in enumerate(race_of(window).runs):
            window.board.edit_asked.emit(rate_edit(i, run.optimizer.key, rate))
        qtbot.waitUntil(lambda: window.controller.running_document.experiment == race_of(window), timeout=10_000)
        qtbot.waitUntil(lambda: window.board.shown_step >= 0, timeout=10_000)
    qtbot.waitUntil(lambda: window.board.shown_step == 40, timeout=10_000)


def test_the_path_is_drawn_anew_when_old_and_new_run_have_diverged(
    qtbot: QtBot, open_window: OpenWindow, document: Document
) -> None:
    window = open_window(document)
    pause_at(qtbot, window, 60)
    for rate in (0.1, 0.05):
        window.board.edit_asked.emit(rate_edit(0, "sgd", rate))
        qtbot.waitUntil(lambda: window.controller.running_document.experiment == race_of(window), timeout=10_000)
        qtbot.waitUntil(lambda: window.board.shown_step == 60, timeout=10_000)
        assert window.controller.tape is not None
        assert [gone.run for gone in window.controller.tape.diverged] == [0]
        plot = the_map(window)
        kept = plot.grab().toImage()
        plot._layer = TrailLayer(plot.look, plot._layer.first)
        assert plot.grab().toImage() == kept


def test_the_strip_names_the_step_of_its_values(qtbot: QtBot, open_window: OpenWindow, document: Document) -> None:
    """Of a long race, every so many steps are kept."""
    window = open_window(parse(RACE.replace("steps = 60", "steps = 5000"), "race"))
    window.show_views(("rates",))
    window.settle()
    pause_at(qtbot, window, 5)
    view = the_view(window, Rates)
    qtbot.waitUntil(lambda: view._sweep is not None and len(view._sweep.steps) > 2, timeout=20_000)
    window.controller.seek(7)
    qtbot.waitUntil(lambda: window.board.shown_step == 7, timeout=10_000)
    qtbot.waitUntil(
        lambda: any("after 0 steps" in label.text() for label in view.findChildren(QLabel)), timeout=10_000
    )


def test_an_edit_of_a_run_that_is_gone_changes_no_other(
    qtbot: QtBot, open_window: OpenWindow, document: Document
) -> None:
    window = open_window(document)
    before = race_of(window)
    window.board.edit_asked.emit(rate_edit(0, "adam", 0.123))
    window.board.edit_asked.emit(rate_edit(2, "adam", 0.123))
    assert race_of(window) == before


HALF = 'surface = { expression = "x - log(x) + y**2", window = [-3, 3, -3, 3] }\nstart = [1.0, 1.0]'


def test_a_start_that_is_not_allowed_is_told_and_taken_back(qtbot: QtBot, open_window: OpenWindow) -> None:
    """With the panel hidden, too; and the next edit is free of it."""
    window = open_window(parse(RACE.replace('surface = "himmelblau"', HALF), "race"))
    window.toggle_panel()
    pause_at(qtbot, window, 5)
    settle(application())  # the board has its new size, and is built for it
    plot = whole_map(window)
    drag(plot, at(plot, 1.0, 1.0), at(plot, 0.5, 1.0), at(plot, -2.0, 1.0))
    assert "no finite value" in QToolTip.text()
    assert race_of(window).start[0] > 0.0
    qtbot.waitUntil(lambda: window.controller.running_document.experiment == race_of(window), timeout=10_000)
    window.board.edit_asked.emit(rate_edit(0, "sgd", 0.021))
    assert race_of(window).runs[0].optimizer.learning_rate == 0.021


def test_an_edit_in_the_panel_begins_anew_whatever_was_dragged_before(
    qtbot: QtBot, open_window: OpenWindow, document: Document
) -> None:
    window = open_window(document)
    pause_at(qtbot, window, 40)
    window.board.edit_asked.emit(start_edit(1.0, 1.0))
    edit_to(window, {**table_of(race_of(window)), "noise": 0.5})
    qtbot.waitUntil(lambda: window.controller.running_document.experiment == race_of(window), timeout=10_000)
    qtbot.waitUntil(lambda: window.board.shown_step == 0, timeout=10_000)
    assert (race_of(window).start, race_of(window).noise) == ((1.0, 1.0), 0.5)


def test_a_click_puts_the_start_there(qtbot: QtBot, open_window: OpenWindow, document: Document) -> None:
    window = open_window(document)
    plot = whole_map(window)
    QTest.mouseClick(plot, Qt.MouseButton.LeftButton, pos=at(plot, 3.0, -4.0))
    assert race_of(window).start == pytest.approx((3.0, -4.0), abs=0.05)


def test_the_wheel_zooms_around_the_pointer_and_dragging_moves(
    qtbot: QtBot, open_window: OpenWindow, document: Document
) -> None:
    window = open_window(document)
    plot, start = the_map(window), race_of(window).start
    first = plot.window_shown
    before, (left, right, _, _) = at(plot, 2.0, 2.0), plot.window_shown
    wheel(plot, before, 480)
    assert (at(plot, 2.0, 2.0) - before).manhattanLength() <= 2
    x0, x1, y0, _ = plot.window_shown
    assert x1 - x0 == pytest.approx((right - left) / 1.15**4, rel=0.02)  # the axis may have become wider
    map_view = the_view(window, Map)
    buttons = {button.text(): button for button in map_view.findChildren(QPushButton)}
    whole, paths = buttons["Whole window"], buttons["Around the paths"]
    assert whole.isVisible()
    assert paths.isVisible()
    drag(plot, at(plot, 2.0, 2.0), at(plot, 2.5, 1.5), at(plot, 3.0, 1.0))
    assert plot.window_shown[0] == pytest.approx(x0 - 1.0, abs=0.05)
    assert plot.window_shown[2] == pytest.approx(y0 + 1.0, abs=0.05)
    assert race_of(window).start == start
    whole.click()
    assert plot.is_whole
    assert not whole.isVisible()
    x0, x1, y0, y1 = plot.window_shown
    w0, w1, v0, v1 = race_of(window).surface.window
    assert (x0 <= w0 < w1 <= x1, y0 <= v0 < v1 <= y1) == (True, True)
    paths.click()
    assert plot.wanted is None
    assert plot.window_shown == pytest.approx(first)


def wheel(plot: MapPlot, where: QPoint, angle: int) -> None:
    none = Qt.KeyboardModifier.NoModifier
    event = QWheelEvent(
        QPointF(where), QPointF(plot.mapToGlobal(where)), QPoint(), QPoint(0, angle),
        Qt.MouseButton.NoButton, none, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(plot, event)


def test_zoom_ends_before_rounding_shows(qtbot: QtBot, open_window: OpenWindow, document: Document) -> None:
    plot = the_map(open_window(document))
    for angle in (12_000, -24_000):
        for _ in range(40):
            wheel(plot, at(plot, 1.0, 1.0) if angle > 0 else QPoint(200, 200), angle // 10)
            QApplication.processEvents()
        x0, x1, _, _ = plot.window_shown
        assert 1e-9 < x1 - x0 < 1e5


def how_shown(plot: Steered) -> object:
    return plot.window_shown if isinstance(plot, MapPlot) else (plot.turn, plot.tilt, plot.zoom)  # type: ignore[attr-defined]


@pytest.mark.parametrize("view", ["map", "surface3d"])
def test_keys_steer_a_plot_that_tab_has_reached(
    qtbot: QtBot, open_window: OpenWindow, document: Document, view: str
) -> None:
    window = open_window(document)
    window.show_views((view,))
    window.settle()
    pause_at(qtbot, window, 5)
    settle(application())
    window.board.setFocus()
    for _ in range(2):
        window.focusNextChild()
        plot = window.focusWidget()
        if isinstance(plot, Steered):
            break
    assert isinstance(plot, Steered)
    first, looks = how_shown(plot), [plot.grab().toImage()]
    for key in ("Left", "Up", "Plus", "Minus", "Right", "Down"):
        QTest.keyClick(plot, getattr(Qt.Key, f"Key_{key}"))
        settle(application())
        looks.append(plot.grab().toImage())
        assert looks[-1] != looks[-2]
    assert window.board.shown_step == 5  # the arrows are the plot's own now
    QTest.keyClick(plot, Qt.Key.Key_Home)
    assert how_shown(plot) == first
    QTest.keyClick(plot, Qt.Key.Key_D)  # another theme, another plot
    qtbot.waitUntil(lambda: window.focusWidget() is not plot, timeout=10_000)
    assert isinstance(window.focusWidget(), Steered)
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Escape)
    QTest.keyClick(window.board, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: window.board.shown_step == 6, timeout=5_000)


def test_one_map_or_side_by_side(qtbot: QtBot, open_window: OpenWindow, document: Document) -> None:
    window = open_window(document)
    tool = next(b for b in window.board.findChildren(QPushButton) if b.text() == "Side by side" and b.isVisible())
    tool.click()
    qtbot.waitUntil(lambda: len([p for p in window.board.findChildren(MapPlot) if p.isVisible()]) == 2)
    tool = next(b for b in window.board.findChildren(QPushButton) if b.text() == "One map" and b.isVisible())
    tool.click()
    qtbot.waitUntil(lambda: len([p for p in window.board.findChildren(MapPlot) if p.isVisible()]) == 1)


def test_another_surface_brings_its_start_and_its_rates(
    qtbot: QtBot, open_window: OpenWindow, document: Document
) -> None:
    window = open_window(document)
    assert window.panel is not None
    combo = next(c for c in window.panel.findChildren(QComboBox) if c.findData("ravine") >= 0 and c.isVisible())
    combo.setCurrentIndex(combo.findData("ravine"))
    combo.activated.emit(combo.currentIndex())
    race = race_of(window)
    assert (race.surface.key, race.start) == ("ravine", (-9.0, 1.0))
    assert [run.optimizer.learning_rate for run in race.runs] == [0.01, 1.0]
    qtbot.waitUntil(lambda: window.controller.running_document.experiment == race, timeout=10_000)


@pytest.mark.parametrize("theme", ["light", "dark", "projector"])
@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_every_view_of_a_race_in_every_look(
    qtbot: QtBot, open_window: OpenWindow, document: Document, theme: str, language: str
) -> None:
    from gradsim.ui.views.catalogue import VIEWS, applying

    window = open_window(document, theme, language)
    for key in applying(VIEWS, document.experiment):
        window.show_views((key,))
        window.settle()
        settle(application())
        assert colours(pixels(image_of(window.board, 1.0))) > 20
        window.next_over()
        settle(application())


def test_a_dot_is_dragged_along_the_strip(qtbot: QtBot, open_window: OpenWindow, document: Document) -> None:
    window = open_window(document)
    pause_at(qtbot, window, 30)
    view = the_view(window, Rates)
    qtbot.waitUntil(lambda: view._sweep is not None and len(view._sweep.steps) == 61, timeout=10_000)
    qtbot.waitUntil(lambda: not studying(window), timeout=10_000)  # that it was the last result comes after it
    view._show()
    before = race_of(window).runs[0].optimizer.learning_rate
    scene = view.plot.box.mapViewToScene(view._places[0])
    dot = view.plot.mapFromScene(scene)
    tenfold = view.plot.mapFromScene(view.plot.box.mapViewToScene(view._places[0] + QPointF(1.0, 0.0)))
    viewport = view.plot.viewport()
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=dot)
    for part in (0.3, 0.7, 1.0):
        move_held(viewport, dot + QPoint(round(part * (tenfold - dot).x()), 0))
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=QPoint(tenfold.x(), dot.y()))
    after = race_of(window).runs[0].optimizer.learning_rate
    assert after == pytest.approx(10.0 * before, rel=0.1)
    assert race_of(window).runs[1] == document.experiment.runs[1]
    qtbot.waitUntil(lambda: window.controller.running_document.experiment == race_of(window), timeout=10_000)
    qtbot.waitUntil(lambda: window.board.shown_step == 30, timeout=10_000)
    assert not studying(window)  # nothing is computed anew


def studying(window: Window) -> bool:
    return window.board._studies is not None and window.board._studies.busy


def move_held(widget: QWidget, place: QPoint) -> None:
    left = Qt.MouseButton.LeftButton
    event = QMouseEvent(
        QEvent.Type.MouseMove, QPointF(place), QPointF(widget.mapToGlobal(place)),
        left, left, Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)


def test_a_dot_shows_the_value_of_its_run(qtbot: QtBot, open_window: OpenWindow) -> None:
    """Between swept rates, large ones above all, the value may be any other."""
    text = RACE.replace('"himmelblau"', '"beale"\nstart = [-2.228, 0.397]').replace(
        'optimizer = "adam"', 'optimizer = { name = "adam", learning_rate = 7.5 }'
    )
    window = open_window(parse(text, "a.toml"))
    pause_at(qtbot, window, 60)
    view = the_view(window, Rates)
    qtbot.waitUntil(lambda: view._sweep is not None and len(view._sweep.steps) == 61, timeout=10_000)
    view._show()
    tape = window.controller.tape
    assert tape is not None
    value = tape.until(60).values(1, "value")[0]
    swept = np.interp(7.5, view._sweep.rates[1], view._sweep.values(60)[1])  # type: ignore[union-attr]
    assert abs(np.log10(swept / value)) > 0.05
    assert view._places[1].y() == pytest.approx(np.log10(value))


def test_a_line_that_leaves_by_far_is_seen_as_far_as_it_can_be(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(parse(RACE.replace("himmelblau", "saddle"), "a.toml"))
    pause_at(qtbot, window, 60)
    view = the_view(window, Rates)
    qtbot.waitUntil(lambda: view._sweep is not None and len(view._sweep.steps) == 61, timeout=10_000)
    assert np.abs(view._sweep.values(60)[0]).max() > 1e12  # type: ignore[union-attr]
    view._show()
    (low, high) = view.plot.box.viewRange()[1]
    assert view._lines[0].boundingRect().height() < 30 * (high - low)
    assert (np.diff(view._lines[0]._points[:, 1]) < 0).any()


def test_an_edit_in_a_picture_of_runs_that_have_gone_since_is_refused(
    qtbot: QtBot, open_window: OpenWindow, document: Document
) -> None:
    window = open_window(document)
    pause_at(qtbot, window, 40)
    table = table_of(document.experiment)
    last = len(table["runs"]) - 1
    edit_to(window, {**table, "runs": table["runs"][:-1]})
    draft = window.editing.draft
    window.board.edit_asked.emit(lambda table: {**table, "runs": [*table["runs"][:last], table["runs"][last]]})
    assert window.editing.draft is draft
    assert "added or removed" in QToolTip.text()
    qtbot.waitUntil(lambda: len(window.controller.running_document.experiment.runs) == last, timeout=10_000)
    window.board.edit_asked.emit(rate_edit(0, race_of(window).runs[0].optimizer.key, 0.0123))
    assert race_of(window).runs[0].optimizer.learning_rate == 0.0123

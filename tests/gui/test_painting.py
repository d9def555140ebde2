"""Painting data by the mouse: strokes, the eraser, undo, and the ways to get there."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gradsim.engine.data.user_points import MAX_POINTS, Points
from gradsim.sim.documents.document import Document, parse
from gradsim.sim.documents.experiments import full_table
from gradsim.sim.kinds.train.painting import DATA, with_points
from gradsim.ui.panels.dots import DotsEditor
from gradsim.ui.views.train.boundary import Boundary, DecisionPlane
from gradsim.ui.views.train.brush import ERASER, FEWEST_BRUSHES, BrushBar
from gradsim.ui.window import Window
from tests.gui.conftest import RACE, OpenWindow, show_all_settings, the_view
from tests.unit.small import as_train

PAINTED = """
replicas = 2
steps = 400
data = "points"
[[runs]]
label = "A"
activation = "tanh"
hidden = [6]
batch_size = 16
[[runs]]
label = "B"
hidden = [6]
batch_size = 16
"""


@pytest.fixture
def painted() -> Document:
    return parse(PAINTED, "painted")


def points_of(window: Window) -> Points:
    data = as_train(window.editing.draft.document.experiment).data
    assert isinstance(data, Points)
    return data


def brushes(window: Window) -> BrushBar:
    painter = the_view(window, Boundary).painter
    assert painter is not None
    assert painter.bar is not None
    return painter.bar


def stroke(window: Window, *shares: tuple[float, float], run: int = 0) -> None:
    """Drag the mouse over the plane of a run, through these shares of the window's sides."""
    picture = the_view(window, Boundary).pictures[run]
    x0, x1, y0, y1 = points_of(window).window
    plot = picture.plot
    pixels = [
        plot.mapFromScene(plot.box.mapViewToScene(QPointF(x0 + across * (x1 - x0), y0 + up * (y1 - y0))))
        for across, up in shares
    ]
    none, left = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
    QTest.mousePress(plot.viewport(), left, none, pixels[0])
    for pixel in pixels[1:]:
        QTest.mouseMove(plot.viewport(), pixel)
    QTest.mouseRelease(plot.viewport(), left, none, pixels[-1])


def shown(window: Window, run: int = 0) -> int:
    """Return how many points a picture shows."""
    picture = the_view(window, Boundary).pictures[run]
    return sum(len(marks.points) for marks in picture._marks)


def test_a_click_adds_a_point_where_it_is_and_the_run_begins_anew(
    qtbot: QtBot, open_window: OpenWindow, painted: Document
) -> None:
    window = open_window(painted)
    window.controller.pause()
    window.controller.seek(20)
    qtbot.waitUntil(lambda: window.controller.step == 20, timeout=60_000)
    with qtbot.waitSignal(window.controller.started, timeout=60_000):
        stroke(window, (0.75, 0.25), run=1)
    *before, added = points_of(window).points
    assert tuple(before) == Points().points
    assert [added.x, added.y] == pytest.approx([0.5, -0.5], abs=0.03)
    assert added.label == 0
    assert shown(window, 0) == shown(window, 1) == 81
    assert window.controller.running_document == window.editing.draft.document
    assert window.controller.step == 0


def test_each_stroke_is_one_change_however_soon_it_follows(open_window: OpenWindow, painted: Document) -> None:
    window = open_window(painted)
    brushes(window).button(1).click()
    stroke(window, (0.1, 0.1), (0.3, 0.1), (0.5, 0.1), (0.7, 0.1))
    first = points_of(window).points
    assert len(first) > 82
    assert {dot.label for dot in first[80:]} == {1}
    brushes(window).button(2).click()
    stroke(window, (0.9, 0.9))
    assert points_of(window).points[-1].label == 2
    assert window.editing.history.to_undo == "Points"
    window.undo()
    assert points_of(window).points == first
    assert shown(window) == len(first)
    window.undo()
    assert points_of(window) == Points()
    assert shown(window) == 80
    window.redo()
    window.redo()
    assert len(points_of(window).points) == len(first) + 1


def test_a_wide_brush_spreads_points_around_the_pointer(open_window: OpenWindow, painted: Document) -> None:
    window = open_window(painted)
    brushes(window).wide.click()
    stroke(window, (0.5, 0.5))
    stroke(window, (0.5, 0.5))
    added = points_of(window).points[80:]
    assert len(added) == len(set(added)) > 10
    assert all(abs(dot.x) < 0.5 and abs(dot.y) < 0.5 for dot in added)


def test_nothing_is_painted_outside_the_window(open_window: OpenWindow, painted: Document) -> None:
    window = open_window(painted)
    brushes(window).wide.click()
    stroke(window, (0.0, 0.0), (0.0, 0.5), (0.0, 1.0))
    added = points_of(window).points[80:]
    assert added
    assert all(-1.0 <= dot.x <= 1.0 and -1.0 <= dot.y <= 1.0 for dot in added)


def test_the_eraser_takes_away_what_it_goes_over(open_window: OpenWindow, painted: Document) -> None:
    window = open_window(painted)
    brushes(window).button(ERASER).click()
    stroke(window, *((0.05 * i, 0.5) for i in range(21)))
    left = points_of(window).points
    assert len(left) < 80
    assert set(left) < set(Points().points)
    assert min(abs(dot.y) for dot in left) > 0.03
    window.undo()
    assert points_of(window) == Points()


def test_what_is_cleared_is_not_run_and_the_next_stroke_is(
    qtbot: QtBot, open_window: OpenWindow, painted: Document
) -> None:
    window = open_window(painted)
    brushes(window).clear.click()
    refusal = window.editing.draft.refusal
    assert refusal is not None
    assert "there is no point yet" in refusal.problem
    assert shown(window) == 0
    with qtbot.waitSignal(window.controller.started, timeout=60_000):
        stroke(window, (0.5, 0.5), (0.6, 0.6))
    assert window.editing.draft.refusal is None
    assert 1 <= len(points_of(window).points) <= 3
    assert as_train(window.editing.draft.document.experiment).runs[0].batch_size == "all"
    while window.editing.history.can_undo:
        window.undo()
    assert points_of(window) == Points()
    assert shown(window) == 80


def test_no_more_is_painted_than_a_file_may_hold(open_window: OpenWindow, painted: Document) -> None:
    dots = tuple(Points().points[i % 80] for i in range(MAX_POINTS - 2))
    table = with_points(full_table(painted.experiment), Points(dots))
    window = open_window(painted)
    window.editing.edit(table)
    window.settle()
    brushes(window).wide.click()
    stroke(window, (0.2, 0.2), (0.5, 0.5), (0.8, 0.8))
    assert len(points_of(window).points) == MAX_POINTS
    assert window.editing.draft.refusal is None


def test_there_is_a_brush_for_each_class_and_one_more(open_window: OpenWindow, painted: Document) -> None:
    window = open_window(painted)

    def offered() -> list[int]:
        return [label for label in range(8) if not brushes(window).button(label).isHidden()]

    assert offered() == list(range(FEWEST_BRUSHES))
    brushes(window).button(2).click()
    stroke(window, (0.9, 0.9))
    assert offered() == [0, 1, 2, 3]


def test_the_brush_stays_chosen_when_the_board_is_built_anew(open_window: OpenWindow, painted: Document) -> None:
    window = open_window(painted)
    brushes(window).button(1).click()
    brushes(window).wide.click()
    window.set_theme("dark")
    window.settle()
    assert brushes(window).button(1).isChecked()
    assert brushes(window).wide.isChecked()
    stroke(window, (0.1, 0.1))
    assert {dot.label for dot in points_of(window).points[80:]} == {1}
    assert len(points_of(window).points) > 82


def test_painting_goes_on_from_the_points_of_a_plane(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(parse(PAINTED.replace('"points"', '{ name = "moons", samples = 60 }'), "moons"))
    view = the_view(window, Boundary)
    assert view.painter is None
    assert view.tool is not None
    with qtbot.waitSignal(window.controller.started, timeout=60_000):
        view.tool.click()
    assert len(points_of(window).points) == 60
    window.settle()
    stroke(window, (0.5, 0.5))
    assert len(points_of(window).points) == 61
    window.undo()
    window.undo()
    assert as_train(window.editing.draft.document.experiment).data.key == "moons"


def test_its_key_leads_from_images_to_the_picture_that_is_painted_on(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    with qtbot.waitSignal(window.controller.started, timeout=60_000):
        QTest.keyClick(window, Qt.Key.Key_I)
    assert points_of(window) == Points()
    window.settle()
    assert window.board.asked_views == ("boundary",)
    window.undo()
    assert as_train(window.editing.draft.document.experiment).data.key == "digits"


def test_its_key_leads_from_a_race_to_networks(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(parse(RACE, "race"))
    with qtbot.waitSignal(window.controller.started, timeout=60_000):
        window.paint()
    assert points_of(window) == Points()
    assert window.board.asked_views == ("boundary",)
    window.settle()
    assert brushes(window).isVisible()


def test_painted_points_chosen_in_the_panel_bring_the_picture(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    window.show_views(("loss",))
    table = full_table(window.editing.draft.document.experiment)
    with qtbot.waitSignal(window.controller.started, timeout=60_000):
        window.editing.edit({**table, "data": DATA.plain(Points())})
    assert window.board.asked_views == ("boundary",)
    show_all_settings(window)
    assert window.panel is not None
    [editor] = window.panel.findChildren(DotsEditor)
    assert editor._count.text() == "80 points"


def test_samples_kept_for_testing_are_hollow(open_window: OpenWindow, painted: Document) -> None:
    window = open_window(parse(PAINTED.replace('"points"', '{ name = "points", test_fraction = 0.25 }'), "tests"))
    [picture, _] = the_view(window, Boundary).pictures
    assert isinstance(picture, DecisionPlane)
    hollow = [marks for marks in picture._marks if marks._brush.color().name() == picture.look.theme.card]
    assert sum(len(marks.points) for marks in hollow) == 20
    assert shown(window) == 80

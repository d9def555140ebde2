"""Maps say only what is so: one scale, equal steps of f, every path seen, and names that hide nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gradsim.engine.surfaces.stationary import stationary_points
from gradsim.engine.surfaces.user_formula import Formula
from gradsim.sim.documents.lessons import lessons
from gradsim.sim.kinds.race.extent import MOST_STEPS, crossed
from gradsim.sim.kinds.race.racer import Racer
from gradsim.sim.kinds.race.spec import Race
from gradsim.sim.run.simulation import new_tape, play
from gradsim.sim.run.tape import Tape
from gradsim.ui.app import application
from gradsim.ui.board import Board
from gradsim.ui.export import settle
from gradsim.ui.plots.basin_plot import BasinPlot
from gradsim.ui.plots.contours import level_lines, line_pen
from gradsim.ui.plots.ground import ground_colours
from gradsim.ui.plots.lanes import CELL_PX
from gradsim.ui.plots.map import MapPlot
from gradsim.ui.plots.marks import draw_head, rings
from gradsim.ui.plots.plane import Plane, stretch_of
from gradsim.ui.plots.scene import Scene
from gradsim.ui.theme import Look, font
from gradsim.ui.themes import THEMES
from gradsim.ui.views.common.view import View
from gradsim.ui.views.race.map import Map, MapOptions
from gradsim.ui.views.race.step import Step
from tests.golden.compare import pixels
from tests.unit.races import race as small_race
from tests.unit.test_ground import contrast

RACES: dict[str, Race] = {
    key: document.experiment for key, document in lessons().items() if isinstance(document.experiment, Race)
}
SIZES = [(1100, 800), (1880, 420), (500, 420)]


def look_of(theme: str = "light", size: tuple[int, int] = (1600, 1000)) -> Look:
    application()
    return Look.fit(theme, "en", QSize(*size))


def tape_of(race: Race) -> Tape:
    simulation = Racer(race)
    tape = new_tape(simulation)
    for _ in play(simulation, tape):
        pass
    return tape


FULL_LATER = {"ravine": 120}
"""Steps after which a run that diverges has filled half of the map, so that there is no place without a path."""


def shown_step(key: str) -> int:
    lesson = lessons()[key].lesson
    assert lesson is not None
    return FULL_LATER.get(key, lesson.step_of("", RACES[key].steps))


@pytest.fixture(scope="module", params=list(RACES))
def run(request: pytest.FixtureRequest) -> tuple[str, Race, Tape]:
    race = RACES[request.param]
    return request.param, race, tape_of(race)


def drawn(key: str, race: Race, tape: Tape, look: Look, size: tuple[int, int]) -> Iterator[MapPlot]:
    view = Map(race, look)
    view.resize(*size)
    view.show()
    view.draw(tape.until(shown_step(key)))
    settle(application())
    yield view._map
    view.close()


def per_unit(plane: Plane) -> tuple[float, float]:
    x0, x1, y0, y1 = plane.window
    return plane.rect.width() / (x1 - x0), plane.rect.height() / (y1 - y0)


# One scale


@pytest.mark.parametrize("size", SIZES)
def test_one_scale_holds_for_both_axes(run: tuple[str, Race, Tape], size: tuple[int, int]) -> None:
    key, race, _ = run
    look = look_of()
    for plot in (MapPlot(look, race.surface, home=crossed(race).window), BasinPlot(look, race.surface)):
        plot.resize(*size)
        across, up = per_unit(plot.plane)
        assert up / across == pytest.approx(plot.plane.stretch, rel=1e-9)
    if key != "ravine" or size == SIZES[1]:
        assert plot.plane.stretch == 1.0


@pytest.mark.parametrize("width", [60, 90, 120, 800])
def test_the_numbers_at_an_axis_leave_room_for_the_map(width: int) -> None:
    look, far = look_of(), (-1e6 - 5.0, -1e6 + 5.0, 1e6 - 5.0, 1e6 + 5.0)
    plane = Plane(look, far, QSize(width, 400), small=True)
    assert plane.rect.width() >= min(0.5 * width, width - 3 * look.metrics.tick)


@pytest.mark.parametrize("x", [(-1.0, 1.0), (1e6, 1e6 + 1e-3), (8.98e-113, 8.99e-113)])
@pytest.mark.parametrize("width", [200, 500, 1200])
def test_the_numbers_below_a_map_do_not_run_into_each_other(x: tuple[float, float], width: int) -> None:
    look, half = look_of(), 0.3 * (x[1] - x[0])
    plane = Plane(look, (*x, -half, half), QSize(width, 400))
    metrics = QFontMetrics(font(look.metrics.tick))
    told = [(plane.point_px(at, 0.0).x(), metrics.horizontalAdvance(text)) for at, text in plane._x_ticks if text]
    assert told
    for (left, wide), (right, also) in pairwise(told):
        assert left + wide / 2 < right - also / 2


def test_what_would_be_a_hair_is_stretched_by_a_round_factor_and_told() -> None:
    look, size, wanted = look_of(), QSize(1000, 800), (0.0, 1000.0, 0.0, 2.0)
    stretch = stretch_of(look, wanted, size)
    assert stretch in (50.0, 100.0)
    plane = Plane(look, wanted, size, stretch=stretch)
    across, up = per_unit(plane)
    assert up / across == pytest.approx(stretch)
    assert 2.0 * up >= 4.0 * look.metrics.tick
    assert stretch_of(look, (0.0, 2.0, 0.0, 1000.0), size) < 1.0
    thin = Formula("x**2 + 1e6*y**2", (-1000.0, 1000.0, -1.0, 1.0))
    race = replace(RACES["ravine"], surface=thin, start=(-900.0, 0.5))
    view = Map(race, look)
    view.resize(1000, 800)
    view.show()
    settle(application())
    assert f"y stretched {view._map.plane.stretch:g} : 1" in view.card._subtitle.text()
    view.close()


def test_all_of_the_paths_is_shown_at_first(run: tuple[str, Race, Tape]) -> None:
    _, race, tape = run
    (x0, x1, y0, y1), past = crossed(race).window, tape.until(race.steps)
    w0, w1, v0, v1 = race.surface.window
    for i in range(len(race.runs)):
        x, y = (past.replicas(i, name).ravel() for name in ("x", "y"))
        inside = (x >= w0) & (x <= w1) & (y >= v0) & (y <= v1)
        assert inside.any()
        assert (x[inside] >= x0).all() and (x[inside] <= x1).all()  # noqa: PT018
        assert (y[inside] >= y0).all() and (y[inside] <= y1).all()  # noqa: PT018


def test_the_first_path_is_known_ahead(run: tuple[str, Race, Tape]) -> None:
    _, race, tape = run
    past = tape.until(race.steps)
    path = np.stack([past.replicas(0, name)[:, 0] for name in ("x", "y")], axis=1)
    np.testing.assert_array_equal(crossed(race).first, path[: MOST_STEPS + 1])


def test_a_wide_map_takes_the_whole_width_and_a_square_one_a_column(qtbot: QtBot) -> None:
    for key, is_wide in (("ravine", True), ("saddle", False)):
        board = Board("light", "en")
        qtbot.addWidget(board)
        board.resize(1600, 1000)
        board.show_document(lessons()[key], ("map", "value", "step"))
        board.show()
        settle(application())
        [shown] = board.findChildren(Map)
        assert (shown.width() > 0.95 * board.width()) == is_wide
        others = [view for view in board.findChildren(View) if view is not shown]
        assert all((view.y() > shown.geometry().bottom()) == is_wide for view in others)


# Level lines


@pytest.mark.parametrize("formula", ["x**2 + y**2", "exp(x)*cos(y)", "1e-9*x + y*1e-9"])
def test_level_lines_are_in_equal_round_steps(formula: str) -> None:
    look, surface = look_of(), Formula(formula, (-2.0, 2.0, -2.0, 2.0))
    path, told = level_lines(look, surface, Plane(look, surface.window, QSize(800, 700)))
    plane = Plane(look, surface.window, QSize(800, 700))
    at = [path.elementAt(i) for i in range(path.elementCount())]
    places = [plane.place(QPointF(one.x, one.y)) for one in at]
    values = surface.value([p.x() for p in places], [p.y() for p in places])
    span = float(values.max() - values.min())
    levels = np.sort(values)
    known = [group.mean() for group in np.split(levels, np.flatnonzero(np.diff(levels) > 1e-2 * span) + 1)]
    steps = np.diff(known)
    assert len(steps) >= 3
    step = float(np.median(steps))
    assert step == pytest.approx(told, rel=0.02)
    np.testing.assert_allclose(steps / step, np.round(steps / step), atol=0.05)
    digits = float(f"{step:.0e}".split("e")[0])
    assert digits in (1.0, 2.0, 5.0)


def test_the_card_names_the_step(run: tuple[str, Race, Tape]) -> None:
    key, race, tape = run
    view = Map(race, look_of())
    view.resize(1100, 800)
    view.show()
    view.draw(tape.until(shown_step(key)))
    settle(application())
    lines = view._map.lines
    assert lines is not None
    assert lines.step > 0.0
    assert f"a level line every {lines.step:.4g}" in view.card._subtitle.text()
    view.close()


@pytest.mark.parametrize("theme", list(THEMES))
def test_level_lines_stand_out_and_grow_with_the_picture(theme: str) -> None:
    small, large = (line_pen(look_of(theme, size)) for size in ((1600, 1000), (3200, 2000)))
    assert contrast(ground_colours(THEMES[theme]), small.color().name()) >= 3.0
    assert large.widthF() == pytest.approx(2.0 * small.widthF(), rel=0.02)


def test_lines_by_rank_are_a_switch_that_is_told() -> None:
    race = RACES["race"]
    view = Map(race, look_of(), MapOptions(level_lines="rank"))
    view.resize(1100, 800)
    view.show()
    settle(application())
    assert "level lines by rank" in view.card._subtitle.text()
    view.close()


def test_where_others_go_is_known_anew_when_the_race_is_edited() -> None:
    race = RACES["saddle"]
    first = replace(race.runs[0], optimizer=replace(race.runs[0].optimizer, learning_rate=0.2))
    edited = replace(race, runs=(first, *race.runs[1:]))
    view = Map(race, look_of())
    assert view._map._layer.first is crossed(race).first
    view.set_experiment(edited)
    view._ahead.finish()
    np.testing.assert_array_equal(view._map._layer.first, crossed(edited).first)
    assert view._map.wanted is None
    window = view._map._home
    far = replace(edited, start=(-1.9, -2.4))
    view.set_experiment(far)
    view._ahead.finish()
    assert view._map._home != window  # the start would have been outside
    x0, x1, y0, y1 = view._map._home
    assert (x0 <= -1.9 <= x1, y0 <= -2.4 <= y1) == (True, True)
    view.close()


# Paths, heads and names


def count_of(image: QImage, colour: QColor) -> int:
    away = np.abs(pixels(image).astype(int) - (colour.red(), colour.green(), colour.blue())).max(axis=2)
    return int((away <= 8).sum())


@pytest.mark.parametrize("theme", list(THEMES))
def test_every_path_is_seen(run: tuple[str, Race, Tape], theme: str) -> None:
    """Names and arrows, which have its colour too, are left away: it is the line that is counted."""
    key, race, tape = run
    for plot in drawn(key, race, tape, look_of(theme), (1100, 800)):
        bare = [replace(trail, label="", move=None, downhill=None) for trail in plot._trails]
        plot.show_trails(bare)
        image = plot.grab().toImage()
        for trail in bare:
            assert count_of(image, trail.pen.color()) >= 250, trail.pen.color().name()


def test_dots_at_one_place_are_rings() -> None:
    look, at = look_of(), QPointF(50.0, 50.0)
    image = QImage(100, 100, QImage.Format.Format_RGB32)
    image.fill("white")
    painter = QPainter(image)
    colours = [QColor(look.run_colour(i)) for i in range(4)]
    for colour, radius in reversed(list(zip(colours, rings([at] * 4, 8.0), strict=True))):
        draw_head(painter, look, colour, at, radius, QRectF(0, 0, 100, 100))
    painter.end()
    for colour in colours:
        assert count_of(image, colour) >= 40


@pytest.mark.parametrize(
    ("theme", "board"), [("light", (1600, 1000)), ("dark", (800, 640)), ("projector", (1920, 1080))]
)
def test_names_hide_nothing(run: tuple[str, Race, Tape], theme: str, board: tuple[int, int]) -> None:
    key, race, tape = run
    look = look_of(theme, board)
    share = 1.0 if theme == "projector" else 0.6  # there a map has all the room
    size = (round(share * board[0]), round(0.75 * board[1]))
    for plot in drawn(key, race, tape, look, size):
        plot.grab()
        rects = [label.rect for label in plot.labels]
        assert rects
        marks = [plot.plane.point_px(*trail.end) for trail in plot._trails if trail.end is not None]
        marks += [plot.plane.point_px(point.x, point.y) for point, _ in plot._named]
        for one, other in combinations(rects, 2):
            assert not one.adjusted(1, 1, -1, -1).intersects(other.adjusted(1, 1, -1, -1))
        for rect in rects:
            assert plot.plane.rect.contains(rect)
            assert not any(rect.contains(mark) for mark in marks)
            assert hidden(plot, rect) <= 0.12


def test_names_that_go_along_hide_each_other_never() -> None:
    race = RACES["saddle"]
    tape, view = tape_of(race), Map(race, look_of())
    view.resize(900, 700)
    view.show()
    for step in range(0, 120, 2):
        view.draw(tape.until(step))
        settle(application())
        view._map.grab()
        rects = [label.rect for label in view._map.labels]
        for one, other in combinations(rects, 2):
            assert not one.adjusted(1, 1, -1, -1).intersects(other.adjusted(1, 1, -1, -1)), step
        assert all(view._map.plane.rect.contains(rect) for rect in rects), step
    view.close()


def test_a_mark_is_shown_whole_or_not_at_all() -> None:
    race = RACES["plateaus"]
    plot = MapPlot(look_of(), race.surface)
    plot.resize(800, 600)
    [lowest] = [point for point in stationary_points(race.surface) if point.kind == "minimum"][:1]
    for below, is_named in ((1e-3, False), (0.5, True)):
        plot.show_window((lowest.x - 1.0, lowest.x + 1.0, lowest.y - below * 4.0, lowest.y + (1.0 - below) * 4.0))
        plot.settle()
        plot.grab()
        assert any(point == lowest for point, _ in plot._named) == is_named
    plot.close()


def hidden(plot: MapPlot, rect: QRectF) -> float:
    """Return the share of a place through which paths run."""
    busy = plot._layer.lanes.busy
    top, bottom = int(rect.top()) // CELL_PX, int(rect.bottom()) // CELL_PX + 1
    left, right = int(rect.left()) // CELL_PX, int(rect.right()) // CELL_PX + 1
    return float(busy[top:bottom, left:right].mean())


# Steps


def test_a_step_is_made_up_of_its_parts() -> None:
    rates = {"sgd": 0.018, "momentum": 0.01, "nag": 0.005, "adam": 0.5}
    runs = [{"optimizer": {"name": name, "learning_rate": rate}} for name, rate in rates.items()]
    race = small_race(*runs, surface="ravine")
    view = Step(race, look_of())
    past = tape_of(race).until(20)
    sgd, momentum, nesterov, adam = (view._part(past, run) for run in range(4))
    np.testing.assert_allclose(sgd.downhill, sgd.move)
    for part in (momentum, nesterov):
        assert part.rest is not None
        np.testing.assert_allclose(part.downhill + part.rest, part.move)
        assert np.hypot(*part.rest) > 0.0
    assert adam.rest is None
    view.draw(past)
    assert view._squares.side >= 2.0 * max(part.longest for part in (sgd, momentum, nesterov, adam))


# Three dimensions


def test_heights_are_those_of_f() -> None:
    scene = Scene(look_of(), Formula("x**2 + y**2", (-1.0, 1.0, -1.0, 1.0)))
    places = np.array([(0.0, 0.0), (0.5, 0.0), (0.5, 0.5), (1.0, 0.0)])
    heights = scene._box(places)[:, 2]
    np.testing.assert_allclose(heights / heights[-1], [0.0, 0.25, 0.5, 1.0], atol=1e-3)


def test_what_explodes_at_the_rim_is_cut_off_at_a_round_height() -> None:
    race = RACES["race"]
    scene = Scene(look_of(), race.surface, race.surface.window)
    assert scene.cut is not None
    assert scene._box(np.array([(4.5, 4.5), (3.0, 0.5)]))[:, 2].tolist() == pytest.approx([0.9, 0.0], abs=1e-2)


@pytest.mark.parametrize("key", list(RACES))
def test_minimum_and_start_are_seen_at_first(key: str) -> None:
    from gradsim.sim.kinds.race.racer import minima

    race = RACES[key]
    window, path = crossed(race)
    scene = Scene(look_of(), race.surface, window, path)
    scene.resize(900, 700)
    scene.show()
    settle(application())
    lowest = [(point.x, point.y) for point in minima(race.surface)][:1]
    places = np.array([*lowest, race.start])
    places = places[scene._are_inside(places)]
    assert scene._seen(scene._box(places), scene.turn, scene.tilt).all()
    scene.close()


def test_other_runs_are_framed_anew_where_they_leave_the_picture_or_are_lost_in_it(qtbot: QtBot) -> None:
    race = RACES["ravine"]
    plot = MapPlot(look_of(), race.surface, home=(-1.0, 1.0, -1.0, 1.0))
    qtbot.addWidget(plot)
    plot.resize(800, 800)
    plot.show_start(0.5, 0.5)
    nowhere = np.empty((0, 2))
    for home, shown in (
        ((-0.8, 0.9, -0.9, 0.7), (-1.0, 1.0, -1.0, 1.0)),  # about the same: it stays
        ((-3.0, 1.0, -1.0, 1.0), (-3.0, 1.0, -1.0, 1.0)),  # they leave it
        ((0.4, 0.6, 0.4, 0.6), (0.4, 0.6, 0.4, 0.6)),  # they are a speck in it
    ):
        plot.show_ahead(home, nowhere)
        assert plot.plane.wanted == shown
    # Not under the hand that drags the start.
    at = plot.plane.point_px(0.5, 0.5)
    QTest.mousePress(plot, Qt.MouseButton.LeftButton, pos=at.toPoint())
    plot.show_ahead((-2.0, 2.0, -2.0, 2.0), nowhere)
    assert plot.plane.wanted == (0.4, 0.6, 0.4, 0.6)
    QTest.mouseRelease(plot, Qt.MouseButton.LeftButton, pos=at.toPoint())
    assert plot.plane.wanted == (-2.0, 2.0, -2.0, 2.0)

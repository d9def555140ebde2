"""The maps of convexity on screen: what they show, what is hatched, and the chord that is dragged on them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtTest import QTest

from gradsim.sim.kinds.race.convexity import chord, first_chord
from gradsim.sim.kinds.race.spec import Race
from gradsim.ui.app import application
from gradsim.ui.theme import Look, Metrics
from gradsim.ui.themes import THEMES
from gradsim.ui.views.race.convexity import ConvexityOptions, ConvexityView
from gradsim.ui.writers.writer import image_of
from tests.unit.races import ADAM, SGD, race

SIZE = QSize(1600, 800)


def neuron(**settings: object) -> Race:
    return race(SGD, ADAM, surface="logistic_squared", start=[-8.0, 1.0], **settings)


def view_of(
    spec: Race, options: ConvexityOptions | None = None, size: QSize = SIZE, theme: str = "light"
) -> ConvexityView:
    application()
    view = ConvexityView(spec, Look(THEMES[theme], Metrics.fit(THEMES[theme], size, "en"), "en"), options)
    view.resize(size)
    study(view)
    view.grab()
    return view


def study(view: ConvexityView) -> None:
    for result in view.study().make():
        view.show_study(result)


def test_both_losses_of_a_neuron_are_shown_side_by_side_at_one_scale() -> None:
    view = view_of(neuron())
    assert [part.map.surface.key for part in view.parts] == ["logistic", "logistic_squared"]
    for part in view.parts:
        rect = part.map.plane.rect
        assert part.map.plane.window == (-12.0, 12.0, -12.0, 12.0)
        assert rect.width() == pytest.approx(rect.height(), rel=0.01)
    assert view.sentence.told.startswith("Cross-entropy is convex here: 0 % of the window")


def test_a_surface_of_another_kind_is_shown_alone() -> None:
    view = view_of(race(surface="himmelblau"))
    assert len(view.parts) == 1
    assert view.sentence.told.startswith("Himmelblau is not convex")


def test_what_curves_down_is_hatched_and_nothing_else() -> None:
    """Against the same picture without the hatching, away from paths, lines and marks."""
    [part] = view_of(race(surface="two_wells")).parts
    found = part.map.found
    assert found is not None
    bare = replace(found, paths=None)
    pictures = []
    for each in (bare, replace(bare, share=0.0)):
        part.map.show_found(each)
        picture = image_of(part.map, 1.0)
        pictures.append(np.frombuffer(picture.constBits(), np.uint8).reshape(picture.height(), picture.width(), 4))
    differs = (pictures[0] != pictures[1]).any(axis=2)
    plane, side = part.map.plane, len(found.curvature)
    x0, x1, y0, y1 = plane.window
    for row in range(5, side - 5, 13):
        for column in range(5, side - 5, 13):
            near = found.curvature[row - 4 : row + 5, column - 4 : column + 5] < 0.0
            if near.all() or not near.any():
                x, y = x0 + (x1 - x0) * column / (side - 1), y0 + (y1 - y0) * row / (side - 1)
                at = plane.point_px(x, y).toPoint()
                assert differs[at.y(), at.x()] == near.all() or _near_chord(part.map, QPointF(at)), (x, y)


def _near_chord(plot: object, at: QPointF) -> bool:
    a, b = (plot.plane.point_px(*end) for end in plot.chord)  # type: ignore[attr-defined]
    along = np.array([b.x() - a.x(), b.y() - a.y()])
    share = np.clip(np.dot((at.x() - a.x(), at.y() - a.y()), along) / np.dot(along, along), 0.0, 1.0)
    return bool(np.hypot(a.x() + share * along[0] - at.x(), a.y() + share * along[1] - at.y()) < 40.0)


def test_the_end_of_the_chord_is_dragged_on_one_map_and_moves_on_both() -> None:
    view = view_of(neuron())
    first, second = view.parts
    a, b = view.chord
    assert (a, b) == first_chord(view.race)
    start, end = first.map.plane.point_px(*b).toPoint(), first.map.plane.point_px(6.0, -7.0).toPoint()
    QTest.mousePress(first.map, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(first.map, end)
    QTest.mouseRelease(first.map, Qt.MouseButton.LeftButton, pos=end)
    wanted = first.map.plane.place(QPointF(end))
    assert view.chord == (a, (wanted.x(), wanted.y()))
    assert first.map.chord == second.map.chord == view.chord
    for part in view.parts:
        told = part.cut_card._plain[0]
        assert ("not convex" in told) == (chord(part.surface, *view.chord).rise > 0.0)


def test_an_end_dragged_out_of_the_window_stays_at_its_edge() -> None:
    view = view_of(neuron())
    plot = view.parts[1].map
    at = plot.plane.point_px(*view.chord[0]).toPoint()
    QTest.mousePress(plot, Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseMove(plot, QPoint(-400, at.y()))
    QTest.mouseRelease(plot, Qt.MouseButton.LeftButton, pos=at)
    assert view.chord[0][0] == -12.0


def test_a_press_away_from_the_ends_moves_nothing() -> None:
    view = view_of(neuron())
    plot, before = view.parts[0].map, view.chord
    QTest.mousePress(plot, Qt.MouseButton.LeftButton, pos=plot.plane.point_px(0.0, -9.0).toPoint())
    QTest.mouseMove(plot, plot.plane.point_px(3.0, -9.0).toPoint())
    QTest.mouseRelease(plot, Qt.MouseButton.LeftButton, pos=plot.plane.point_px(3.0, -9.0).toPoint())
    assert view.chord == before


def test_keys_move_an_end_and_bring_the_first_chord_back() -> None:
    view = view_of(neuron())
    before = view.chord
    QTest.keyClick(view.parts[0].map, Qt.Key.Key_Up)
    assert view.chord[0] == before[0]
    assert view.chord[1][1] > before[1][1]
    QTest.keyClick(view.parts[1].map, Qt.Key.Key_Plus)
    assert view.chord[1][0] > before[1][0]
    other = view_of(neuron())
    other.restore(view.state())
    assert other.chord == view.chord
    QTest.keyClick(view.parts[0].map, Qt.Key.Key_Home)
    assert view.chord == before
    assert view.state() == {}


def test_a_chord_of_another_surface_is_not_taken_over() -> None:
    view, other = view_of(neuron()), view_of(race(surface="himmelblau"))
    view.parts[0].map.nudge(1, 0)
    before = other.chord
    other.restore(view.state())
    assert other.chord == before


def test_another_rate_of_the_run_is_another_study_only_where_it_is_used() -> None:
    spec = neuron()
    faster = replace(spec, runs=(replace(spec.runs[0], optimizer=replace(spec.runs[0].optimizer, learning_rate=4.0)),
                                 *spec.runs[1:]))  # fmt: skip
    suited = view_of(spec)
    found = suited.parts[0].map.found
    suited.set_experiment(faster)
    assert suited.parts[0].map.found is found
    own = view_of(spec, ConvexityOptions(rates="own"))
    before = own.study().key
    own.set_experiment(faster)
    assert own.study().key != before
    assert own.sentence.told == "computing …"
    study(own)
    assert all(part.map.found is not None and part.map.found.rate == 4.0 for part in own.parts)


def test_what_does_not_matter_keeps_what_was_found() -> None:
    spec = neuron()
    view = view_of(spec)
    found = view.parts[0].map.found
    view.set_experiment(replace(spec, start=(3.0, 3.0)))
    assert view.parts[0].map.found is found
    assert view.parts[0].map.chord == first_chord(view.race)


def test_the_run_that_is_chosen_descends() -> None:
    view = view_of(neuron(), ConvexityOptions(run=2, rates="own"))
    assert "Adam, η 0.1" in view.parts[0].key.text()
    beyond = view_of(neuron(), ConvexityOptions(run=8))
    assert "Adam" in beyond.parts[0].key.text()


@pytest.mark.parametrize("theme", ["light", "dark", "projector"])
@pytest.mark.parametrize("size", [QSize(1920, 760), QSize(1024, 500), QSize(700, 900), QSize(300, 200)])
def test_maps_fit_and_a_chord_is_only_shown_with_its_cut(theme: str, size: QSize) -> None:
    view = view_of(neuron(), None, size, theme)
    for part in view.parts:
        assert part.map.rect().contains(part.map.plane.rect.toAlignedRect())
        assert part.map._has_chord == part.cut_card.isVisibleTo(view)
        if not part.map._has_chord:
            continue
        assert part.cut.room_px()[1] > 2 * view.look.metrics.tick


def test_a_surface_without_values_everywhere_is_painted() -> None:
    view = view_of(race(surface={"expression": "log(x)", "window": [-1, 1, -1, 1]}, start=[0.5, 0.0]))
    assert "100 %" in view.sentence.told
    view.parts[0].map.show_chord(((-1.0, 0.0), (1.0, 0.0)))
    view._on_chord_moved(((-0.5, 0.0), (0.5, 0.0)))
    view.grab()


def test_what_has_diverged_has_a_mark_and_no_path() -> None:
    away = {"label": "Away", "optimizer": {"name": "sgd", "learning_rate": 1.0}}
    [part] = view_of(race(away, surface="himmelblau"), ConvexityOptions(rates="own")).parts
    found = part.map.found
    assert found is not None
    assert found.paths is not None
    assert np.isnan(found.paths[-1]).all()
    pictures = []
    for paths in (found.paths, np.repeat(found.paths[:1], 2, axis=0)):  # as it is, and if nothing had moved
        part.map.show_found(replace(found, paths=paths))
        pictures.append(image_of(part.map, 1.0))
    assert pictures[0] == pictures[1]

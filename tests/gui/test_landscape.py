"""The view of the landscape: where paths are, what is dashed, what is told, and what it computes when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.document import Document
from gradsim.sim.kinds.train.landscape import Landscape
from gradsim.ui.export import Picture, prepared
from gradsim.ui.plots.landscape_map import GridHeights, LandscapeMap, path_colour
from gradsim.ui.views.train.landscape import LandscapeView
from gradsim.ui.window import Window
from tests.gui.conftest import OpenWindow, the_view
from tests.unit.small import HEALTHY, RELU, RUNAWAY, experiment

ADAM = RELU | {"label": "Adam", "optimizer": {"name": "adam", "learning_rate": 0.01}}
TANH = {"label": "Tanh", "activation": "tanh"}
QUICK: dict[str, Any] = {"replicas": 2, "steps": 30, "data": {"name": "moons", "samples": 60}}


def channels(colour: QColor) -> tuple[int, int, int]:
    return colour.red(), colour.green(), colour.blue()


def alike(one: QColor, other: QColor) -> bool:
    """Tell whether a pixel is mostly of a colour: lines are antialiased."""
    return max(abs(a - b) for a, b in zip(channels(one), channels(other), strict=True)) < 40


@contextmanager
def shown(
    *runs: dict[str, Any],
    theme: str = "light",
    size: tuple[int, int] = (1920, 1080),
    step: int = 30,
    options: Mapping[str, Any] = {},
    **settings: Any,
) -> Iterator[LandscapeView]:
    document = Document(experiment(*runs, **(QUICK | settings)))
    with prepared(document, step, Picture(theme, size=size, view="landscape"), options) as (board, _):
        [view] = board.findChildren(LandscapeView)
        yield view


def landscape_in(view: LandscapeView) -> Landscape:
    assert isinstance(view.found, Landscape)
    return view.found


def test_heights_between_points_of_a_grid_are_linear() -> None:
    x, y = np.linspace(-1.0, 2.0, 7), np.linspace(0.0, 1.0, 5)
    heights = GridHeights(x, y, 2.0 * x[None, :] + 3.0 * y[:, None] + x[None, :] * y[:, None])
    at_x, at_y = np.array([-1.0, 2.0, 0.3, 1.99]), np.array([0.0, 1.0, 0.61, 0.26])
    on_grid = heights.value(*np.meshgrid(x, y))
    np.testing.assert_allclose(on_grid, heights.losses, atol=1e-12)
    np.testing.assert_allclose(heights.value(at_x, at_y), 2.0 * at_x + 3.0 * at_y + at_x * at_y, atol=1e-12)
    assert np.isnan(heights.value([-1.1, 2.1, 0.0, 0.0], [0.5, 0.5, -0.1, 1.1])).all()


@pytest.mark.parametrize("theme", ["light", "dark", "projector"])
@pytest.mark.parametrize("size", [(1024, 768), (1920, 1080)])
@pytest.mark.parametrize("runs", [1, 2])
def test_paths_are_drawn_whole_in_the_colours_of_their_states(
    qtbot: QtBot, theme: str, size: tuple[int, int], runs: int
) -> None:
    with shown(*(RELU, ADAM)[:runs], theme=theme, size=size) as view:
        found, drawn = landscape_in(view), view.map._drawn
        assert drawn is not None
        assert drawn.size == view.map.size()
        image = drawn.picture.toImage()
        for track in found.tracks:
            px = drawn.plane.to_px(track.places)
            assert drawn.plane.rect.contains(QPointF(*px.min(axis=0)))
            assert drawn.plane.rect.contains(QPointF(*px.max(axis=0)))
            wanted = [QColor(path_colour(view.look, track.run, runs)), QColor(view.look.theme.alarm)]
            middles = (px[1:] + px[:-1]) / 2.0
            colours = [image.pixelColor(*np.round(at).astype(int).tolist()) for at in middles]
            hits = [any(alike(colour, one) for one in wanted) for colour in colours]
            assert sum(hits) > 0.5 * len(hits)  # not in gaps, under marks and under names


def shows(window: Window, step: int) -> bool:
    return window.board.shown_step == step


def test_the_dot_is_at_the_step_shown_and_the_plane_stays(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(Document(experiment(RELU, **QUICK)))
    window.show_views(("landscape",))
    view = the_view(window, LandscapeView)
    qtbot.waitUntil(lambda: isinstance(view.found, Landscape) and view._is_done, timeout=30_000)
    window.controller.pause()
    found = landscape_in(view)
    assert found.tracks[0].steps[-1] == 30
    for step in (10, 3, 30):
        window.controller.seek(step)
        qtbot.waitUntil(partial(shows, window, step), timeout=10_000)
        assert view.map._step == step
        assert found.tracks[0].at(step) == step
        assert view.found is found
        assert view.meter._now.ends[0, 0] == step


def test_the_sentence_and_the_grey_lines_tell_it(qtbot: QtBot) -> None:
    with shown(RELU) as view:
        found = landscape_in(view)
        assert view._sentence.told.startswith("The plane holds ")
        assert "training loss of all 48 samples; 2 of 73 dimensions; a level line every " in view._card._plain[0]
        off = round(100 * float((found.errors > 0.1).mean()))
        assert f"{off} % of the states are off" in view._meter_card._plain[0]


def test_before_there_are_three_states_it_says_so(qtbot: QtBot) -> None:
    with shown(RELU, step=1) as view:
        assert view.found is None
        assert view._sentence.told == "A plane takes three different states of the weights; so far there are 2."
        assert view.meter.isHidden()


def test_runs_of_another_loss_have_no_common_plane_and_it_says_so(qtbot: QtBot) -> None:
    with shown(RELU, TANH, ADAM) as view:
        assert [track.run for track in landscape_in(view).tracks] == [0, 2]
        assert view._key_texts()[-1] == "no common plane with Tanh: another shape or another loss"
    with shown(RELU, TANH, ADAM, options={"run": 2}) as view:
        assert [track.run for track in landscape_in(view).tracks] == [1]
        assert view._key_texts()[-1] == "no common plane with ReLU, Adam: another shape or another loss"
    with shown(RELU, ADAM, options={"run": 2, "paths": "one"}) as view:
        assert [track.run for track in landscape_in(view).tracks] == [1]
        assert "no common plane" not in "".join(view._key_texts())


def test_it_says_which_of_its_runs_have_diverged(qtbot: QtBot) -> None:
    for run, warned in ((1, True), (2, False)):
        with shown(RUNAWAY, HEALTHY, options={"run": run, "paths": "one"}) as view:
            assert view._card._warning.startswith("Runaway: diverged at step ") == warned
            assert view.found is not None


def test_the_replica_that_is_chosen_is_shown(qtbot: QtBot) -> None:
    ends = []
    for seed in (1, 2):
        with shown(RELU, options={"seed": seed}) as view:
            ends.append(landscape_in(view).tracks[0].true[-1])
    assert ends[0] != ends[1]


def test_the_pointer_reads_losses(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    with shown(RELU) as view:
        told: list[str | None] = []
        monkeypatch.setattr(view, "show_tooltip", told.append)
        track, drawn = landscape_in(view).tracks[0], view.map._drawn
        assert drawn is not None
        at = drawn.plane.point_px(*track.places[12].tolist())
        under = view.map._under(at)
        assert isinstance(under, tuple)
        view.map.hovered.emit(under)
        assert told[-1] is not None
        assert told[-1].startswith(f"ReLU, step {under[1]}: true loss {track.true[under[1]]:.4g}, on the slice ")
        view.map.hovered.emit(view.map._under(drawn.plane.rect.topLeft() + QPointF(3, 3)))
        assert told[-1].startswith("loss ")
        view.map.hovered.emit(None)
        assert told[-1] is None
        view.meter.hovered.emit(7.2)
        assert told[-1] is not None
        assert told[-1].startswith("ReLU, step 7: ")


def test_a_seen_picture_is_not_painted_again(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    with shown(RELU) as view:
        view.grab()
        painted: list[object] = []
        monkeypatch.setattr(LandscapeMap, "_paint_at_once", lambda self, *args: painted.append(args))
        for step in (3, 9):
            view.map.show_step(step)
            view.grab()
        assert not painted
        view.resize(view.width() - 100, view.height())
        view.grab()
        assert painted

"""What a viewer has changed in a picture survives whatever builds it anew; and nothing that fails takes it away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.document import Document, parse
from gradsim.sim.documents.experiments import full_table, with_another_run, without_run
from gradsim.sim.documents.lessons import lessons
from gradsim.ui.app import application
from gradsim.ui.export import settle
from gradsim.ui.views.catalogue import VIEWS
from gradsim.ui.views.common.view import View
from gradsim.ui.views.race.convexity import ConvexityView
from gradsim.ui.views.race.map import Map
from gradsim.ui.views.race.step import Step
from gradsim.ui.views.race.surface3d import Surface3D
from gradsim.ui.views.train.boundary import Boundary, DecisionPlane
from gradsim.ui.window import Window
from tests.gui.conftest import RACE, SMALL, OpenWindow, the_view


def zoomed(window: Window) -> None:
    plot = the_view(window, Map)._map
    plot.zoom_by(4)
    plot.nudge(1, 2)


def turned(window: Window) -> None:
    scene = the_view(window, Surface3D)._scene
    scene.nudge(2, 1)
    scene.zoom_by(3)


def picked(window: Window) -> None:
    tool = next(b for b in the_view(window, Step).findChildren(QPushButton) if b.text() == "▶")
    tool.click()


def dragged(window: Window) -> None:
    the_view(window, ConvexityView).parts[0].map.nudge(3, 2)


STATEFUL: dict[str, Callable[[Window], None]] = {
    "map": zoomed,
    "surface3d": turned,
    "step": picked,
    "convexity": dragged,
}


def edited(window: Window, edit: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    window.editing.edit(edit(full_table(window.controller.document.experiment)))


def away_and_back(window: Window) -> None:
    window.show_views(("value",))
    window.view_all()


TRIGGERS: dict[str, Callable[[Window], None]] = {
    "theme": Window.toggle_dark,
    "language": Window.next_language,
    "size": lambda window: window.resize(1500, 950),
    "an axis": Window.next_over,
    "another start": lambda window: edited(window, lambda table: {**table, "start": [1.0, 1.0]}),
    "a longer run": lambda window: edited(window, lambda table: {**table, "steps": 80}),
    "a run more": lambda window: edited(window, lambda table: with_another_run(table, 1)),
    "other views and back": away_and_back,
}


def with_view(view: str) -> Document:
    return parse(f'{RACE}[lesson]\nid = "t"\ntitle = "T"\nviews = ["{view}", "value"]\n', "race")


def opened(qtbot: QtBot, open_window: OpenWindow, document: Document) -> Window:
    window = open_window(document)
    window.controller.pause()
    qtbot.waitUntil(lambda: window.board.shown_step >= 0, timeout=10_000)
    settle(application())
    window.settle()
    return window


def rebuilt(qtbot: QtBot, window: Window, trigger: Callable[[Window], None]) -> None:
    before = window.board._content
    trigger(window)
    qtbot.wait(50)
    experiment = window.controller.document.experiment
    qtbot.waitUntil(lambda: window.controller.running_document.experiment == experiment, timeout=10_000)
    qtbot.waitUntil(lambda: window.board.shown_step >= 0, timeout=10_000)
    if trigger is not TRIGGERS["another start"]:  # the same pictures, told of another experiment
        qtbot.waitUntil(lambda: window.board._content is not before, timeout=10_000)


def test_each_view_that_keeps_something_is_tried_here() -> None:
    keeping = {key for key, view in VIEWS.items() if view.state is not View.state}
    assert keeping == {*STATEFUL, "boundary", "census", "chain", "diagram", "fit", "load", "samples"}


@pytest.mark.parametrize("view", STATEFUL)
def test_a_view_is_shown_as_it_was(qtbot: QtBot, open_window: OpenWindow, view: str) -> None:
    window = opened(qtbot, open_window, with_view(view))
    kind = VIEWS[view]
    assert the_view(window, kind).state() == {}
    STATEFUL[view](window)
    state = the_view(window, kind).state()
    assert state
    for name, trigger in TRIGGERS.items():
        rebuilt(qtbot, window, trigger)
        assert the_view(window, kind).state() == state, name


def test_the_run_stays_chosen_when_another_goes(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = opened(qtbot, open_window, with_view("step"))
    for _ in range(2):
        picked(window)
    assert the_view(window, Step).state() == {"name": "Adam", "run": 1}
    edited(window, lambda table: with_another_run(table, 1))
    rebuilt(qtbot, window, lambda window: edited(window, lambda table: without_run(table, 0)))
    assert the_view(window, Step).state() == {"name": "Adam", "run": 0}


@pytest.mark.parametrize("view", ["map", "surface3d"])
def test_another_surface_is_shown_whole(qtbot: QtBot, open_window: OpenWindow, view: str) -> None:
    window = opened(qtbot, open_window, with_view(view))
    STATEFUL[view](window)
    other = {"surface": "beale", "start": [1.0, 1.5]}
    rebuilt(qtbot, window, lambda window: edited(window, lambda table: {**table, **other}))
    assert the_view(window, VIEWS[view]).state() == {}


def test_another_lesson_begins_afresh(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = opened(qtbot, open_window, with_view("map"))
    zoomed(window)
    other = parse(f'{RACE}[lesson]\nid = "u"\ntitle = "U"\nviews = ["map"]\n', "race")
    rebuilt(qtbot, window, lambda window: window.editing.open(other))
    assert the_view(window, Map).state() == {}


AWAY = 'label = "Away"\nactivation = "relu"\noptimizer = { name = "sgd", learning_rate = 1e6 }'
RUNAWAY = SMALL.replace('data = { name = "digits", samples = 200 }', 'data = "moons"').replace(
    'label = "Sigmoid"\nactivation = "sigmoid"', AWAY
)


def test_what_a_run_predicted_last_stays(qtbot: QtBot, open_window: OpenWindow) -> None:
    """Of a run that has diverged, the networks say nothing any more: the picture cannot be made anew."""
    document = parse(f'{RUNAWAY}[lesson]\nid = "t"\ntitle = "T"\nviews = ["gradients", "boundary"]\n', "away")
    window = opened(qtbot, open_window, document)

    def picture() -> DecisionPlane:
        found = the_view(window, Boundary).pictures[0]
        assert isinstance(found, DecisionPlane)
        return found

    def scores() -> np.ndarray[Any, Any]:
        found = picture().scores
        assert found is not None
        return found

    window.controller.pause()
    window.reset()  # where it has a prediction yet, however far the run is by now
    qtbot.waitUntil(lambda: window.board.shown_step == 0 and picture().scores is not None, timeout=10_000)
    window.controller.seek(40)
    qtbot.waitUntil(lambda: window.board.shown_step == 40, timeout=10_000)

    before = scores()
    for trigger in (*(TRIGGERS[name] for name in ("theme", "language", "size")), Window.next_probe):
        rebuilt(qtbot, window, trigger)
        np.testing.assert_array_equal(scores(), before)


def test_what_was_chosen_of_an_option_stays(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = opened(qtbot, open_window, with_view("map"))
    window.next_over()
    for trigger in ("theme", "language", "size", "another start", "a longer run"):
        rebuilt(qtbot, window, TRIGGERS[trigger])
        assert window.board.options.value("over") == "samples", trigger
        assert the_view(window, VIEWS["value"]).options == window.board.options.of("value"), trigger


# What fails


def broken(*args: object) -> None:
    raise RuntimeError("broken")


@pytest.mark.parametrize("where", ["__init__", "draw", "restore"])
def test_a_view_that_cannot_be_built_leaves_the_old_ones_working(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    window = opened(qtbot, open_window, with_view("map"))
    board, content = window.board, window.board._content
    with monkeypatch.context() as patched:
        patched.setattr(Surface3D, where, broken)
        board.show_views(("surface3d",))
        with pytest.raises(RuntimeError, match="broken"):
            board.settle()
        qtbot.wait(50)
        assert board._content is content
        assert board.isVisible()
        assert the_view(window, Map).isVisible()
        window.controller.seek(7)
        qtbot.waitUntil(lambda: board.shown_step == 7, timeout=10_000)
        board.show_views(("map",))
        qtbot.waitUntil(lambda: the_view(window, Map).isVisible(), timeout=5_000)
    board.show_views(("surface3d",))
    qtbot.waitUntil(lambda: the_view(window, Surface3D).isVisible(), timeout=5_000)


def test_an_experiment_whose_views_cannot_be_built_draws_nothing_on_the_old_ones(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = opened(qtbot, open_window, with_view("map"))
    content = window.board._content
    other = lessons()["vanishing"]
    with monkeypatch.context() as patched:
        patched.setattr(VIEWS["gradients"], "__init__", broken)
        window.board.show_document(other, ("gradients", "loss"))
        with pytest.raises(RuntimeError, match="broken"):
            window.board.settle()
        drawn: list[object] = []
        patched.setattr(Map, "draw", lambda self, past: drawn.append(past))
        assert window.controller.tape is not None
        window.board.draw(window.controller.tape, 0)
        assert drawn == []
        assert window.board._content is content
    window.board.show_document(other, ("loss",))
    window.board.settle()
    assert window.board._content is not content

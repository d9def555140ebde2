"""Runs that diverge, at step 0 or later, alone or all: each view says so, and draws the others whole."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from typing import Any

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.document import Document, parse
from gradsim.sim.documents.experiments import experiment_from
from gradsim.sim.kinds import kind_of
from gradsim.sim.run.simulation import new_tape, play
from gradsim.sim.run.tape import Tape
from gradsim.ui.app import application
from gradsim.ui.board import Board
from gradsim.ui.export import settle
from gradsim.ui.plots.dots import Dots
from gradsim.ui.plots.end_labels import EndLabels, crossed
from gradsim.ui.themes import THEMES
from gradsim.ui.views.catalogue import VIEWS, applying
from gradsim.ui.views.common.view import View
from gradsim.ui.views.race.race_curves import Value
from gradsim.ui.views.train.boundary import Boundary
from gradsim.ui.views.train.over_inputs import OverInputs
from gradsim.ui.window import Window
from gradsim.ui.writers.writer import image_of
from tests.coarse import coarse_studies
from tests.golden.compare import pixels
from tests.gui.conftest import OpenWindow

STEPS = 20
TRAIN: dict[str, Any] = {
    "steps": STEPS,
    "replicas": 3,
    "dtype": "float32",
    "common": {"hidden": [16] * 12, "loss": "mse", "batch_size": 8, "activation": "relu", "output": "linear"},
}
AT_ONCE: dict[str, Any] = {"init": {"name": "constant", "value": 1000}, "activation": "linear"}
LATER: dict[str, Any] = {
    "optimizer": {"name": "sgd", "learning_rate": 3.0},
    "activation": "linear",
    "hidden": [16, 16],
}
RACE: dict[str, Any] = {
    "kind": "race",
    "steps": STEPS,
    "surface": {"expression": "10000 * (x**2 + y**2)**2", "window": [-1, 1, -1, 1]},
    "start": [0.5, 0.5],
    "common": {"optimizer": {"name": "sgd", "learning_rate": 1e-6}},
}

HOW: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "step 0": (AT_ONCE, {"optimizer": {"name": "sgd", "learning_rate": 1000}}),
    "later": (LATER, {"optimizer": {"name": "sgd", "learning_rate": 3.0}}),
}
KINDS: dict[str, dict[str, Any]] = {
    "classes": TRAIN | {"data": {"name": "moons", "samples": 120}},
    "numbers": TRAIN | {"data": {"name": "sine", "samples": 120}},
    "race": RACE,
}

SAID_ELSEWHERE = {"map", "basins", "arrivals", "convexity"}
"""Views whose words are painted, with the cross of a run that is gone, or that do not depend on the step."""


def document(kind: str, *runs: Mapping[str, Any]) -> Document:
    labelled = [{"label": label, **run} for label, run in zip("AB", runs, strict=False)]
    return Document(experiment_from(KINDS[kind] | {"runs": labelled}))


def played(document: Document) -> Tape:
    simulation = kind_of(document.experiment).simulations(document.experiment)()
    tape = new_tape(simulation)
    for _ in play(simulation, tape):
        pass
    return tape


def board(qtbot: QtBot, document: Document, tape: Tape, view: str, step: int) -> tuple[Board, View]:
    made = shown_board(document, tape, view, step)
    qtbot.addWidget(made)
    return made, shown_on(made, view)


def shown_board(document: Document, tape: Tape, view: str, step: int, theme: str = "light") -> Board:
    made = Board(theme, "en")
    made.resize(900, 500)
    made.show_document(document, [view])
    made.show()
    settle(application())
    made.draw(tape, step)
    return made


def shown_on(board: Board, view: str) -> View:
    """Show a view of what is on the board, and return it with all that it computes."""
    app = application()
    board.show_views([view])
    with coarse_studies():
        board.finish_studies()
    settle(app)
    if focused := app.focusWidget():
        focused.clearFocus()  # its frame has a run's colour
    assert board._content is not None
    [shown] = board._content.views
    return shown


def words(view: View) -> str:
    labels = [label.text() for label in view.findChildren(QLabel) if not label.isHidden()]
    plots = view.findChildren(pg.PlotWidget) + view.findChildren(pg.GraphicsView)
    items = [item for plot in plots for item in plot.scene().items()]
    ends = [label.text or "" for item in items if isinstance(item, EndLabels) for label in item.labels]
    ends += [dot.text for item in items if isinstance(item, Dots) for dot in item.dots]
    texts = [item.toPlainText() for item in items if isinstance(item, pg.TextItem)]
    return "\n".join([*labels, *texts, *ends])


def coloured(view: View, run: int) -> int:
    """Return how many pixels have a run's colour."""
    colour = QColor(THEMES["light"].runs[run])
    own = np.array([colour.red(), colour.green(), colour.blue()])
    return int((pixels(image_of(view, 1.0)) == own).all(axis=2).sum())


@cache
def coloured_where_all_are_well(kind: str) -> Mapping[str, int]:
    """Return, for each view of two runs of which none diverges, how many pixels have the second one's colour."""
    well = document(kind, {}, {})
    made = shown_board(well, played(well), "loss" if kind != "race" else "map", STEPS)
    found = {key: coloured(shown_on(made, key), 1) for key in applying(VIEWS, well.experiment)}
    made.deleteLater()
    return found


@pytest.mark.parametrize("when", HOW)
@pytest.mark.parametrize("kind", KINDS)
def test_each_view_draws_the_others_whole_and_says_which_run_is_gone(qtbot: QtBot, kind: str, when: str) -> None:
    gone = HOW[when][kind == "race"]
    one, both = document(kind, gone, {}), document(kind, gone, gone)
    tape, all_gone = played(one), played(both)
    assert [d.run for d in tape.diverged] == [0]
    assert (tape.diverged[0].step == 0) == (when == "step 0")
    views = applying(VIEWS, one.experiment)
    assert len(views) >= 5
    boards = [board(qtbot, each, of, views[0], STEPS)[0] for each, of in ((one, tape), (both, all_gone))]
    well = coloured_where_all_are_well(kind)
    for key in views:
        view, without = (shown_on(each, key) for each in boards)
        if key not in SAID_ELSEWHERE:
            assert "diverged" in words(view) or "A ×" in words(view), key
            assert "diverged" in words(without) or "B ×" in words(without), key
        # Where all are well, the second run has as much room; two views show a single run, one what is between two.
        assert key in ("step", "convexity", "between") or coloured(view, 1) > 0.3 * well[key] > 10, key
        if isinstance(view, Boundary):
            assert view.pictures[1].scores is not None  # type: ignore[attr-defined]


def is_at(window: Window, step: int) -> bool:
    return window.controller.step == step


@pytest.mark.parametrize("when", HOW)
@pytest.mark.parametrize("kind", KINDS)
def test_the_window_shows_each_step_of_it(qtbot: QtBot, open_window: OpenWindow, kind: str, when: str) -> None:
    """Qt prints an exception of a slot, and pytest-qt fails the test for it."""
    gone = HOW[when][kind == "race"]
    for runs in ((gone, {}), (gone, gone)):
        made = document(kind, *runs)
        window = open_window(made)
        last = max(d.step for d in played(made).diverged) if runs[1] else STEPS
        window.show_views(tuple(applying(VIEWS, made.experiment)))
        window.controller.pause()
        for step in (0, 1, STEPS, 0):
            window.controller.seek(step)
            qtbot.waitUntil(partial(is_at, window, min(step, last)), timeout=20_000)
        window.close()


def test_a_run_that_diverges_at_once_does_not_show_what_was_there_before(qtbot: QtBot) -> None:
    for kind, key in (("classes", "boundary"), ("numbers", "fit")):
        before, after = document(kind, {}, {}), document(kind, {}, AT_ONCE)
        made, view = board(qtbot, before, played(before), key, STEPS)
        assert isinstance(view, OverInputs)
        made.show_document(after, [key])
        made.draw(played(after), STEPS)
        *_, view = made.findChildren(VIEWS[key])  # Qt is yet to delete the one before
        assert isinstance(view, OverInputs)
        shown = [getattr(picture, "scores" if key == "boundary" else "bands") for picture in view.pictures]
        assert [each is not None for each in shown] == [True, False]


RAVINE = """
kind = "race"
steps = 80
surface = "ravine"
[[runs]]
optimizer = { name = "sgd", learning_rate = 0.018 }
[[runs]]
optimizer = { name = "sgd", learning_rate = 0.03 }
"""


@pytest.mark.parametrize("theme", THEMES)
def test_the_marker_of_a_line_that_has_left_the_picture_is_whole(qtbot: QtBot, theme: str) -> None:
    ravine = parse(RAVINE, "ravine")
    made = shown_board(ravine, played(ravine), "value", 80, theme)
    view = shown_on(made, "value")
    assert isinstance(view, Value)
    labels, (low, high) = view._labels, view.plot.box.viewRange()[1]
    px = (high - low) / view.plot.room_px()[1]
    assert max(float(v) for v in view._lines[1].points[1]) >= high - px  # it has left
    assert all(low + labels.radius * px <= label.y <= high - labels.radius * px for label in labels.labels)
    made.deleteLater()


def test_the_cross_after_a_number_is_no_factor() -> None:
    assert crossed("Adam") == "Adam ×"
    assert crossed("Nesterov, rate 0.014") == "Nesterov, rate 0.014: ×"

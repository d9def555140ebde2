"""While steps follow one another: what moves with every frame, and what stays for as long as it takes to be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.document import Document
from gradsim.sim.documents.results import run
from gradsim.ui.app import application
from gradsim.ui.board import Board
from gradsim.ui.panels.panel import Panel
from tests.gui.conftest import OpenWindow
from tests.unit.small import experiment

FRAME_S, LAST = 1 / 30, 40
DOCUMENT = Document(experiment(steps=LAST))
VIEWS = ("network", "gradients", "loss", "accuracy")


class Clock:
    """A time that frames move on."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("gradsim.ui.board.time.perf_counter", clock)
    return clock


@pytest.fixture
def board(qtbot: QtBot) -> Iterator[Board]:
    application()
    made = Board("light", "en")
    qtbot.addWidget(made)
    made.resize(1200, 800)
    made.show_document(DOCUMENT, VIEWS)
    made.show()
    yield made
    made.stop()


def _noted(draw: Callable[..., None], steps: list[int], step_of: Callable[..., int]) -> Callable[..., None]:
    """Return what draws as before, and notes the steps."""

    def noted(*told: Any) -> None:
        steps.append(step_of(*told))
        draw(*told)

    return noted


def _drawn(board: Board, clock: Clock, frame_s: float, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[int]]:
    """Draw all steps in motion; return the steps that each view and the verdict were drawn at, but for the first."""
    _, tape = run(DOCUMENT)
    content = board._content
    assert content is not None
    found: dict[str, list[int]] = {}

    def note(key: str, owner: QWidget, name: str, step_of: Callable[..., int]) -> None:
        found[key] = []
        monkeypatch.setattr(owner, name, _noted(getattr(owner, name), found[key], step_of))

    for view in content.views:
        note(view.key, view, "draw", lambda past: past.step)
    note("verdict", content.foot, "show_verdict", lambda document, past, shown: past.step)
    note("corner", content.foot, "count", lambda document, step, shown: step)
    for step in range(LAST + 1):
        board.draw(tape, step, in_motion=True)
        clock.now += frame_s
    assert all(steps[0] == 0 for steps in found.values())  # at first all is drawn
    return {key: steps[1:] for key, steps in found.items()}


def test_the_main_row_moves_with_every_frame_and_the_rest_takes_turns(
    board: Board, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = _drawn(board, clock, FRAME_S, monkeypatch)
    assert drawn["gradients"] == list(range(1, LAST + 1))
    rest = [step for key in ("network", "loss", "accuracy", "verdict") for step in drawn[key]]
    assert len(rest) == len(set(rest))  # no two in one frame
    for key in ("network", "loss", "accuracy", "verdict"):
        assert 4 <= len(drawn[key]) <= 0.3 * LAST
    assert drawn["corner"] == drawn["verdict"]


def test_where_steps_are_rare_all_is_drawn_with_each(
    board: Board, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = _drawn(board, clock, 1.0, monkeypatch)
    assert all(steps == list(range(1, LAST + 1)) for steps in drawn.values())


def test_at_rest_the_buttons_name_the_very_step_that_is_shown(open_window: OpenWindow) -> None:
    window = open_window(DOCUMENT)
    panel = window.panel
    assert isinstance(panel, Panel)
    button = panel._form.runs.changes.change_button
    panel.show_step(7)
    panel.show_step(8, in_motion=True)
    panel.show_step(9, in_motion=True)
    assert "9" not in button.shown
    panel.show_step(9)
    assert "9" in button.shown

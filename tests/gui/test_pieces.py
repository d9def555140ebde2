"""What takes long is done in pieces, with a turn of the event loop for each, behind what is on screen."""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial

import pytest
from PySide6.QtCore import QObject, QSize, QTimer
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.lessons import lessons
from gradsim.ui.pieces import Pieces
from gradsim.ui.plots.map import MapPlot
from gradsim.ui.theme import Look
from gradsim.ui.views.catalogue import VIEWS, applying
from gradsim.ui.views.common.view import View
from gradsim.ui.window import Window
from tests.gui.conftest import OpenWindow


class Turns(QObject):
    """Counts the turns of the event loop: its timer is always due, and fires once in each."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._on_turn)
        self._timer.start(0)

    def _on_turn(self) -> None:
        self.count += 1


def work(done: list[int], turns: Turns, pieces: int, fails_at: int = -1) -> Generator[None, None, None]:
    try:
        for i in range(pieces):
            if i == fails_at:
                raise RuntimeError("a piece failed")
            done.append(turns.count)
            yield
    finally:
        done.append(-1)


def test_each_piece_has_a_turn_of_its_own(qtbot: QtBot) -> None:
    turns, done = Turns(), list[int]()
    pieces = Pieces(turns)
    pieces.begin(work(done, turns, 5))
    assert done == []
    qtbot.waitUntil(lambda: not pieces.are_left, timeout=5_000)
    assert done[-1] == -1
    assert len(set(done[:-1])) == 5


def test_what_follows_waits_for_the_end_and_of_several_the_last_is_done(qtbot: QtBot) -> None:
    turns, first, second, third = Turns(), list[int](), list[int](), list[int]()
    pieces = Pieces(turns)
    pieces.begin(work(first, turns, 3))
    pieces.follow(work(second, turns, 2))
    pieces.follow(work(third, turns, 2))
    qtbot.waitUntil(lambda: not pieces.are_left, timeout=5_000)
    assert (len(first), len(second), len(third)) == (4, 0, 3)
    assert first[-2] < third[0]


def test_what_follows_is_done_also_where_the_work_before_it_fails(qtbot: QtBot) -> None:
    turns, first, second = Turns(), list[int](), list[int]()
    pieces = Pieces(turns)
    pieces.begin(work(first, turns, 3, fails_at=1))
    pieces.follow(work(second, turns, 2))
    with qtbot.captureExceptions() as caught:
        qtbot.waitUntil(lambda: not pieces.are_left, timeout=5_000)
    assert [str(error) for _, error, _ in caught] == ["a piece failed"]
    assert len(second) == 3


def test_another_work_takes_the_place_of_one_that_is_not_done(qtbot: QtBot) -> None:
    turns, first, second = Turns(), list[int](), list[int]()
    pieces = Pieces(turns)
    pieces.begin(work(first, turns, 1000))
    qtbot.waitUntil(lambda: bool(first), timeout=5_000)
    pieces.begin(work(second, turns, 2))
    assert first[-1] == -1
    pieces.finish()
    assert (len(second), pieces.are_left) == (3, False)


def test_a_work_that_raises_has_ended(qtbot: QtBot) -> None:
    turns, done = Turns(), list[int]()
    pieces = Pieces(turns)
    with qtbot.captureExceptions() as raised:
        pieces.begin(work(done, turns, 5, fails_at=2))
        qtbot.waitUntil(lambda: not pieces.are_left, timeout=5_000)
    assert [str(error) for _, error, _ in raised] == ["a piece failed"]
    assert len(done) == 3


def building(window: Window, monkeypatch: pytest.MonkeyPatch, fails_at: int = -1) -> list[tuple[int, object]]:
    """Note, for each view that is built, the turn and what is on screen then."""
    turns, built = Turns(), list[tuple[int, object]]()
    turns.setParent(window)
    plain = View.__init__

    def noted(view: View, *arguments: object) -> None:
        if len(built) == fails_at:
            raise RuntimeError("a view failed")
        content = window.board._content
        assert content is not None
        assert content.isVisible()
        if type(view) in VIEWS.values():  # and not a part of one
            built.append((turns.count, content))
        plain(view, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(View, "__init__", noted)
    return built


def test_views_are_built_one_a_turn_behind_the_old_ones(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window()
    old = window.board._content
    views = tuple(applying(VIEWS, window.controller.document.experiment))
    built = building(window, monkeypatch)
    window.show_views(views)
    assert built == []
    qtbot.waitUntil(lambda: window.board._content is not old, timeout=20_000)
    assert len({turn for turn, _ in built}) == len(built) == len(views)
    assert {content for _, content in built} == {old}


def test_a_view_that_fails_after_others_leaves_the_old_ones(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window()
    board, old = window.board, window.board._content
    views = tuple(applying(VIEWS, window.controller.document.experiment))
    with monkeypatch.context() as patched, qtbot.captureExceptions() as raised:
        building(window, patched, fails_at=2)
        window.show_views(views)
        qtbot.waitUntil(lambda: bool(raised), timeout=20_000)
    assert [str(error) for _, error, _ in raised] == ["a view failed"]
    assert board._content is old
    window.show_views(views)
    window.settle()
    assert old is not board._content is not None
    assert [view.key for view in board._content.views] == list(views)


def test_a_theme_that_is_coming_comes_also_where_size_theme_and_language_change_meanwhile(
    qtbot: QtBot, open_window: OpenWindow
) -> None:
    window = open_window()
    narrow = partial(window.resize, QSize(1000, 700))
    changes: list[Callable[[], object]] = [narrow, window.next_language, window.toggle_projector, window.toggle_dark]
    for change in changes:
        window.toggle_dark()
        qtbot.waitUntil(lambda: window._is_rebuilding, timeout=20_000)
        change()
    window.settle()
    look = window._look_now
    # Dark, light, dark, light and the projector, dark, light.
    assert (look.theme.name, look.language) == ("light", "zh_CN")
    assert look == Look.fit("light", "zh_CN", window.size())
    assert window.board.likeness.theme_and_language == ("light", "zh_CN")
    assert window.updatesEnabled()


def _shows(window: Window, step: int) -> bool:
    return window.board.shown_step == step


def test_the_panel_of_the_lesson_before_stays_until_that_of_the_next_is_whole_and_edits_nothing(
    open_window: OpenWindow,
) -> None:
    window = open_window()
    before = window.panel
    assert before is not None
    window.editing.open(lessons()["chain"])
    assert before.isVisible()
    assert window.panel is not before
    table = window.editing.draft.table
    before._on_add()
    assert window.editing.draft.table == table
    window.editing.open(lessons()["scale"])  # before the one before it has been shown
    assert before.isVisible()
    window.settle()
    assert before.isHidden()
    assert window.panel is not None
    assert window.panel.isVisible()
    assert window.transport is not None
    assert window.editing.draft.document.lesson is not None
    assert window.transport.title.accessibleName().startswith(window.editing.draft.document.lesson.title("en"))


def test_the_step_that_is_asked_for_is_drawn_also_while_there_are_pieces(
    qtbot: QtBot, open_window: OpenWindow
) -> None:
    window, turns, done = open_window(), Turns(), list[int]()
    window.controller.pause()
    pieces = Pieces(turns)
    pieces.begin(work(done, turns, 10**6))
    for step in (20, 40):
        window.controller.seek(step)
        qtbot.waitUntil(partial(_shows, window, step), timeout=20_000)
    assert pieces.are_left
    pieces.drop()


def test_settings_that_are_not_shown_have_no_editors(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    assert window.panel is not None
    fields = len(window.panel.findChildren(QLineEdit))
    window.panel._on_more()
    assert len(window.panel.findChildren(QLineEdit)) > fields


def test_a_map_that_is_resized_shows_its_last_ground_until_there_is_another(
    qtbot: QtBot, open_window: OpenWindow
) -> None:
    from gradsim.sim.documents.lessons import lessons

    window = open_window(lessons()["saddle"])
    window.controller.pause()
    window.show_views(("map",))
    window.settle()
    [plot] = window.board._content.findChildren(MapPlot) if window.board._content else []
    qtbot.waitUntil(lambda: plot._ground is not None, timeout=5_000)
    plot._ahead = True
    ground = plot._ground
    plot.resize(plot.width() - 20, plot.height() - 10)
    plot.repaint()
    assert plot._ground is ground
    plot.settle()
    plot.repaint()
    assert plot._ground is not ground
    assert plot._ground_plane is plot.plane

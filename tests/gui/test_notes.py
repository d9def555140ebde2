"""The notes of a lesson: points that light up, things to try, why, the lecturer's, and where they are shown."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from gradsim import cli
from gradsim.sim.documents.document import Document, parse
from gradsim.sim.documents.lessons import lessons
from gradsim.sim.documents.points import Standing, standings
from gradsim.ui.notes.lecturer import LecturerNotes, other_screen
from gradsim.ui.notes.panel import MOVING_MS, NotesPanel
from gradsim.ui.panels.editors import Editor
from gradsim.ui.panels.section import Header
from gradsim.ui.settings import Settings, load, save
from gradsim.ui.transport import Transport
from gradsim.ui.window import Window
from tests.gui.conftest import SMALL, OpenWindow
from tests.gui.notes import LESSON, notes_of, small_lesson

WIDE, NARROW = (1600, 900), (1024, 768)


@pytest.fixture
def window(open_window: OpenWindow) -> Window:
    """Return a window with the small lesson, at rest on its last step."""
    return _opened(open_window, WIDE)


def _opened(open_window: OpenWindow, size: tuple[int, int], theme: str = "light") -> Window:
    window = open_window(small_lesson(), size=size, theme=theme)
    window.controller.pause()
    return window


def _at(qtbot: QtBot, window: Window, step: int) -> NotesPanel:
    """Return the notes when the window has come to a step."""
    window.controller.seek(step)
    qtbot.waitUntil(lambda: window.board.shown_step == step, timeout=20_000)
    return notes_of(window)


def _shows(window: Window, step: int) -> bool:
    return window.board.shown_step == step


# What to watch


def test_points_light_up_when_they_become_true(qtbot: QtBot, window: Window) -> None:
    rows = _at(qtbot, window, 5).rows
    assert [row.true for row in rows] == [None, False, None]
    assert "not yet: " in rows[1].shown_figure
    rows = _at(qtbot, window, 20).rows
    assert [row.true for row in rows] == [True, False, None]
    assert rows[0].shown_figure.startswith("true now: ")
    assert rows[2].shown_figure == ""
    assert [row.true for row in _at(qtbot, window, 4).rows] == [None, False, None]


def test_the_figure_is_the_one_measured_at_the_step_shown(qtbot: QtBot, window: Window) -> None:
    for step in (3, 17):
        panel = _at(qtbot, window, step)
        tape = window.controller.tape
        assert tape is not None
        told = standings(window.controller.running_document, tape.until(step), "en")[1].figure
        assert panel.rows[1].shown_figure == f"not yet: {told}"


def test_a_point_that_is_not_true_says_whether_it_may_still_be(qtbot: QtBot, window: Window) -> None:
    end = window.controller.document.experiment.steps
    assert _at(qtbot, window, end).rows[1].shown_figure.startswith("not at this step: ")
    row = _at(qtbot, window, 5).rows[1]
    row.show_standing(Standing(False, "53", "never"))
    assert row.shown_figure == "not in this run: 53"


BENT = """
kind = "race"
surface = "logistic_squared"
steps = 5
[[runs]]
[lesson]
id = "bent"
title = "Bent"
views = ["map"]
points = [{ text = "Nearly everywhere.", when = "down > 90 %" }]
measures.down = { quantity = "curves_down" }
"""


def test_a_point_that_a_view_computes_lights_up_once_it_has(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(parse(BENT, "bent"), size=WIDE)
    row = notes_of(window).rows[0]
    assert (row.true, row.shown_figure) == (None, "computed by the view “Convexity”")
    window.show_views(("map", "convexity"))
    qtbot.waitUntil(lambda: row.true is True, timeout=30_000)
    assert row.shown_figure == "true now: 95 %"


def test_at_rest_it_is_told_without_being_asked(qtbot: QtBot, window: Window) -> None:
    _at(qtbot, window, 3)
    window.controller.seek(20)
    assert window.notes.panel is not None
    row = window.notes.panel.rows[0]
    qtbot.waitUntil(lambda: row.true is True, timeout=10_000)


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list of the steps at which points are measured."""
    steps: list[int] = []

    def counted(document: Document, past: object, language: str, found: object) -> tuple[Standing, ...]:
        steps.append(past.step)  # type: ignore[attr-defined]
        return tuple(Standing(None) for _ in document.lesson.points) if document.lesson else ()

    monkeypatch.setattr("gradsim.ui.notes.panel.standings", counted)
    return steps


def test_folded_away_nothing_is_measured(qtbot: QtBot, window: Window, measured: list[int]) -> None:
    window.toggle_notes()
    window.settle()
    measured.clear()
    for step in (4, 8, 12):
        window.controller.seek(step)
        qtbot.waitUntil(partial(_shows, window, step), timeout=20_000)
    qtbot.wait(2 * MOVING_MS)
    assert measured == []
    window.toggle_notes()
    qtbot.waitUntil(lambda: measured == [12], timeout=10_000)


def test_in_motion_points_are_measured_at_most_four_times_a_second(
    qtbot: QtBot, window: Window, measured: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = _at(qtbot, window, 20)
    tape, document = window.controller.tape, window.controller.running_document
    assert tape is not None
    clock = [100.0]
    monkeypatch.setattr("gradsim.ui.notes.panel.time.perf_counter", lambda: clock[0])
    panel.settle()
    measured.clear()
    waits = []
    for step in range(1, 12):
        clock[0] += 0.010
        panel.show_past(document, tape.until(step), in_motion=True)
        waits.append(panel._due.remainingTime())
    assert measured == []
    assert min(waits) > 0  # it goes on waiting
    assert panel._due.interval() == MOVING_MS - 10  # as it was asked for by the first of them
    panel._due.stop()
    panel.show_past(document, tape.until(12), in_motion=False)
    assert panel._due.interval() < 50


# Things to try


def test_pointing_at_an_entry_rings_its_control(window: Window) -> None:
    assert window.panel is not None
    first, second = notes_of(window).tries
    first.setFocus()
    lit = window.panel.lit
    assert isinstance(lit, Editor)
    assert lit.property("key") == "learning_rate"
    second.setFocus()
    lit = window.panel.lit
    assert isinstance(lit, Editor)
    assert (lit.property("key"), lit.property("run")) == ("activation", 0)
    window.board.setFocus()
    assert window.panel.lit is None


def test_the_mouse_rings_a_control_too(window: Window) -> None:
    assert window.panel is not None
    button = notes_of(window).tries[0]
    button._point(True)
    assert window.panel.lit is not None
    button.leaveEvent(QEvent(QEvent.Type.Leave))
    assert window.panel.lit is None


def test_of_a_closed_section_the_header_is_ringed(window: Window) -> None:
    assert window.panel is not None
    [header] = [h for h in window.panel.findChildren(Header) if h.accessibleName() == "Training"]
    if header.is_open:
        header.click()
    notes_of(window).tries[0].setFocus()
    assert window.panel.lit is header


def test_one_click_does_it_and_undo_takes_all_of_it_back(window: Window) -> None:
    panel, before = notes_of(window), window.editing.draft.table
    position = window.editing.history.position
    panel.tries[1].click()
    assert window.editing.history.position == position + 1
    assert [run["activation"] for run in window.editing.draft.table["runs"]] == ["tanh", "relu"]
    assert [button.is_done for button in panel.tries] == [False, True]
    panel.tries[0].click()
    assert [button.is_done for button in panel.tries] == [True, True]
    window.undo()
    assert [button.is_done for button in panel.tries] == [False, True]
    window.undo()
    assert [button.is_done for button in panel.tries] == [False, False]
    assert window.editing.draft.table == before


def test_a_click_on_what_is_done_changes_nothing(window: Window) -> None:
    button = notes_of(window).tries[0]
    button.click()
    position = window.editing.history.position
    button.click()
    assert window.editing.history.position == position


def test_a_try_of_a_run_that_is_gone_is_told_and_changes_nothing(
    window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(window.alarm, "tell", lambda text, trace="": told.append(text))
    panel = notes_of(window)
    gone = replace(panel.tries[1].entry, run=7)
    before = window.editing.draft
    panel.tried.emit(gone)
    panel.pointed.emit(gone)
    assert window.panel is not None
    assert (len(told), window.editing.draft, window.panel.lit) == (1, before, None)


# Why


def test_formula_and_paragraph_have_the_numbers_of_the_step_in_the_colours_of_their_runs(
    qtbot: QtBot, window: Window
) -> None:
    seen = set()
    for step in (2, 30):
        why = _at(qtbot, window, step).why
        assert why.formula.is_typeset
        assert why.live.is_typeset
        seen.add(why.live.latex)
        look = window.board._content.look if window.board._content else None
        assert look is not None
        for run in (0, 1):
            assert rf"\textcolor{{{look.run_colour(run)}}}" in why.live.latex
            assert look.run_colour(run) in why.paragraph.text()
        assert "{" not in why.paragraph.shown
    assert len(seen) == 2


def test_formulas_wait_for_the_library_without_holding_up_the_window(
    qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[int] = []
    monkeypatch.setattr("gradsim.words.formulas.is_loaded", lambda: bool(loaded))
    monkeypatch.setattr("gradsim.words.formulas.load", lambda: loaded.append(1))
    panel = notes_of(window)
    panel._on_due()
    qtbot.waitUntil(lambda: bool(loaded) and panel.why.formula.is_typeset, timeout=10_000)


def test_empty_parts_are_left_out(open_window: OpenWindow) -> None:
    lesson = small_lesson().lesson
    assert lesson is not None
    bare = replace(
        small_lesson(),
        lesson=replace(lesson, tries=(), formula="", live_formula="", why=type(lesson.why)(), sources=()),
    )
    panel = notes_of(open_window(bare, size=WIDE))
    headings = [label.text() for label in panel.findChildren(QLabel) if label.property("role") == "heading"]
    assert headings == ["Lesson 3", "Watch"]
    assert panel.why.isHidden() or not panel.why.isVisibleTo(panel)


@pytest.mark.parametrize("key", ["formula", "live_formula"])
def test_check_refuses_a_formula_that_cannot_be_typeset(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], key: str
) -> None:
    path = tmp_path / "a.toml"
    path.write_text(SMALL + LESSON, encoding="utf-8")
    assert cli.main(["check", str(path)]) == 0
    text = (SMALL + LESSON).replace(f"\n{key} = '", f"\n{key} = '\\nosuch ", 1)
    path.write_text(text, encoding="utf-8")
    assert cli.main(["check", str(path)]) == 2
    [line] = capsys.readouterr().err.strip().splitlines()
    assert f"lesson.{key}: " in line
    assert r"has \nosuch, which cannot be typeset" in line


# Where they are shown


def test_a_key_folds_them_away_and_that_outlives_lesson_theme_and_language(window: Window) -> None:
    assert window.notes.is_shown
    QTest.keyClick(window.board, Qt.Key.Key_N)
    assert not window.notes.is_shown
    for change in (window.toggle_dark, window.next_language, window.next_lesson, window.toggle_projector):
        change()
        window.settle()
        assert not window.notes.is_shown
    window.toggle_notes()
    for change in (window.toggle_dark, window.next_language, window.next_lesson):
        change()
        window.settle()
        assert window.notes.is_shown


def test_the_next_start_is_as_this_one_was_left(window: Window, open_window: OpenWindow) -> None:
    window.toggle_notes()
    save(window.settings())
    assert load().notes is False
    following = _opened(open_window, WIDE)
    following.restore(Settings(notes=False))
    assert not following.notes.is_shown
    following.restore(Settings(notes=True))
    assert following.notes.is_shown or following.width() < WIDE[0]


@pytest.mark.parametrize("theme", ["light", "projector"])
def test_in_a_narrow_window_they_lie_over_the_pictures_once_asked_for(open_window: OpenWindow, theme: str) -> None:
    window = _opened(open_window, NARROW, theme)
    assert not window.notes.is_shown
    assert window.notes.panel is None  # it is not even built
    board = QRect(window.board.mapTo(window, QPoint()), window.board.size())
    window.toggle_notes()
    panel = notes_of(window)
    assert panel.isVisible()
    assert QRect(window.board.mapTo(window, QPoint()), window.board.size()) == board
    place = QRect(panel.mapTo(window, QPoint()), panel.size())
    assert place.right() == board.right()
    assert place.bottom() < board.top() + window.board.foot_top
    window.next_language()
    window.settle()
    assert window.notes.is_shown
    window.toggle_notes()
    assert not window.notes.is_shown


def test_those_of_another_lesson_are_built_while_the_others_stay_which_do_nothing_then(window: Window) -> None:
    before = notes_of(window)
    window.editing.open(lessons()["chain"])
    table = window.editing.draft.table
    assert window.notes.panel is before
    assert before.isVisible()
    QTest.mouseClick(before.tries[0], Qt.MouseButton.LeftButton)
    assert window.editing.draft.table == table
    assert notes_of(window).lesson == lessons()["chain"].lesson
    assert before.isHidden()


def test_beside_them_the_pictures_keep_most_of_the_window(open_window: OpenWindow) -> None:
    for size in ((1920, 1080), (1600, 900), (1366, 768), (1100, 800), (900, 1400)):
        window = _opened(open_window, size)
        assert window.notes.is_shown is (size[0] >= 1366)
        if window.notes.is_shown:
            assert window.board.width() >= 0.59 * window.width()


@pytest.mark.parametrize(
    ("width", "theme", "seen", "text"),
    [(1600, "light", True, "Notes"), (1024, "light", True, ""), (800, "projector", False, "")],
)
def test_the_button_for_them_takes_no_room_that_the_title_needs(
    open_window: OpenWindow, width: int, theme: str, seen: bool, text: str
) -> None:
    window = _opened(open_window, (width, 700), theme)
    assert window.transport is not None
    assert (window.transport._notes.isVisible(), window.transport._notes.text()) == (seen, text)


def test_an_experiment_that_is_no_lesson_has_no_notes(window: Window, small: Document) -> None:
    window.editing.open(small)
    window.settle()
    assert window.notes.panel is None
    window.toggle_notes()
    window.toggle_lecturer_notes()
    window.settle()
    assert isinstance(window.transport, Transport)
    assert not window.transport._notes.isEnabled()


def test_every_lesson_has_notes(open_window: OpenWindow) -> None:
    window = open_window(size=WIDE)
    for document in lessons().values():
        window.editing.open(document)
        window.controller.pause()
        panel = notes_of(window)
        assert panel.lesson is document.lesson
        assert len(panel.rows) == len(panel.lesson.points)


# The lecturer's


def _lecturer(window: Window) -> LecturerNotes:
    [found] = window.findChildren(LecturerNotes)
    return found


def _texts(window: Window) -> str:
    scroll = _lecturer(window)._content
    assert scroll is not None
    return "\n".join(label.text() for label in scroll.findChildren(QLabel)).replace("\xa0", " ")


def test_the_lecturers_notes_have_a_window_that_follows_the_lesson(window: Window) -> None:
    QTest.keyClick(window.board, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    shown = _lecturer(window)
    assert shown.isWindow()
    assert shown.isVisible()
    for text in ("5 minutes", "Ask first.", "Eight factors, multiplied.", "All alike.", "No constant factor."):
        assert text in _texts(window)
    window.next_language()
    window.settle()
    assert "先提问。" in _texts(window)
    window.walk.open("saddle")
    window.settle()
    assert "先提问。" not in _texts(window)
    window.toggle_lecturer_notes()
    assert not shown.isVisible()


def test_the_notes_lead_to_the_lecturers_but_do_not_say_them(window: Window) -> None:
    panel = notes_of(window)
    assert "Eight factors" not in "\n".join(label.text() for label in panel.findChildren(QLabel))
    panel.lecturer_asked.emit()
    assert _lecturer(window).isVisible()


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_keys_do_the_same_in_the_lecturers_window(qtbot: QtBot, window: Window) -> None:
    window.toggle_lecturer_notes()
    shown = _lecturer(window)
    shown.activateWindow()
    qtbot.waitUntil(lambda: shown.isActiveWindow(), timeout=10_000)
    step = window.controller.step
    QTest.keyClick(shown, Qt.Key.Key_Left if step else Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: window.controller.step != step, timeout=10_000)
    QTest.keyClick(shown, Qt.Key.Key_Escape)
    assert not shown.isVisible()


def test_it_is_gone_with_the_main_window(window: Window) -> None:
    window.toggle_lecturer_notes()
    shown = _lecturer(window)
    window.close()
    assert not shown.isVisible()


def test_it_opens_on_a_screen_that_the_class_does_not_see() -> None:
    one, other = object(), object()
    assert other_screen(one, [one, other]) is other  # type: ignore[arg-type, list-item]
    assert other_screen(other, [one, other]) is one  # type: ignore[arg-type, list-item]
    assert other_screen(one, [one]) is None  # type: ignore[arg-type, list-item]

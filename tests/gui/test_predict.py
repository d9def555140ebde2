"""Predict, run, reveal: what a class is asked over the pictures, by keys and mouse, while the training runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.document import Document, parse
from gradsim.sim.documents.lessons import lessons
from gradsim.sim.run.tape import Past, Tape
from gradsim.sim.votes.hands import Hands
from gradsim.ui.pictures import Moment
from gradsim.ui.plots.plot import Plot
from gradsim.ui.predict.choice import ChoiceQuestion
from gradsim.ui.predict.curve import CurveQuestion
from gradsim.ui.predict.hour import HourList
from gradsim.ui.predict.number import NumberQuestion
from gradsim.ui.predict.question import Question, number_in
from gradsim.ui.predict.sheet import Sheet
from gradsim.ui.settings import Settings, load, save
from gradsim.ui.window import Window
from tests.gui.asking import ALL, CHOICE, LAYERS, LESSON, NUMBER, STEPS, race, training
from tests.gui.conftest import SMALL, OpenWindow, chosen_name, menu_actions

_SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def asked(open_window: OpenWindow, qtbot: QtBot) -> Callable[..., Window]:
    """Return a function that opens a window, in which a lesson asks while it plays."""

    def make(document: Document, size: tuple[int, int] = (1200, 800)) -> Window:
        window = open_window(document, size=size)
        QTest.keyClick(window, Qt.Key.Key_G)
        assert window.controller.playing
        return window

    return make


def _sheet(window: Window) -> Sheet:
    assert window.predictions.sheet is not None
    return window.predictions.sheet


def _press(key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press a key where the focus is."""
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, key, modifiers)


def _type(text: str) -> None:
    for character in text:
        focused = QApplication.focusWidget()
        assert focused is not None
        QTest.keyClicks(focused, character)
    _press(Qt.Key.Key_Return)


def _reveal(qtbot: QtBot, window: Window) -> Sheet:
    _press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: _sheet(window).is_revealed, timeout=30_000)
    return _sheet(window)


def _question(window: Window, kind: type[Question]) -> Question:
    question = _sheet(window).question
    assert isinstance(question, kind)
    return question


def _hands(window: Window) -> Hands:
    question = _question(window, ChoiceQuestion)
    assert isinstance(question, ChoiceQuestion)
    return question.hands


# Choices


def test_keys_count_hands_while_the_training_runs(qtbot: QtBot, asked: Callable[..., Window]) -> None:
    window = asked(race(CHOICE))
    for key in (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_2, Qt.Key.Key_3, Qt.Key.Key_3, Qt.Key.Key_4):
        _press(key)
    assert _hands(window).counts == [1, 2, 2]
    _press(Qt.Key.Key_Backspace)
    _press(Qt.Key.Key_2, _SHIFT)
    _press(Qt.Key.Key_Exclam, _SHIFT)
    assert _hands(window).counts == [0, 1, 1]
    qtbot.waitUntil(lambda: window.controller.head > 10, timeout=20_000)
    sheet = _reveal(qtbot, window)
    assert sheet.verdict == "1 of 2 had it, 50 %: “150 steps”, measured 149."
    assert sheet.said == "Usual wrong answer: For ever."
    _press(Qt.Key.Key_1)
    assert _hands(window).counts == [0, 1, 1]


def test_the_keys_of_the_main_window_count_from_the_lecturers_too(asked: Callable[..., Window]) -> None:
    window = asked(race(CHOICE))
    views = window._views
    window.view_2()
    assert (_hands(window).counts, window._views) == ([0, 1, 0], views)


def test_keys_still_count_once_the_mouse_has_used_the_bar_on_top(qtbot: QtBot, asked: Callable[..., Window]) -> None:
    window = asked(race(CHOICE))
    assert window.transport is not None
    QTest.mouseClick(window.transport._play, Qt.MouseButton.LeftButton)
    assert not window.controller.playing
    _press(Qt.Key.Key_3)
    assert _hands(window).counts == [0, 0, 1]
    _press(Qt.Key.Key_Space)
    assert window.controller.playing
    _press(Qt.Key.Key_Escape)
    assert not window.predictions.is_open
    assert window.board.hasFocus()


def test_a_click_on_an_answer_counts_a_hand_and_the_other_button_takes_one_back(
    asked: Callable[..., Window],
) -> None:
    window = asked(race(CHOICE))
    question = _question(window, ChoiceQuestion)
    assert isinstance(question, ChoiceQuestion)
    at = [question.row(i).center().toPoint() for i in range(3)]
    for i in (0, 2, 2):
        QTest.mouseClick(question, Qt.MouseButton.LeftButton, pos=at[i])
    assert question.hands.counts == [1, 0, 2]
    QTest.mouseClick(question, Qt.MouseButton.RightButton, pos=at[2])
    QTest.mouseClick(question, Qt.MouseButton.LeftButton, pos=QPoint(5, 2))
    assert question.hands.counts == [1, 0, 1]


def test_the_tally_is_hidden_until_it_is_wanted_or_revealed(qtbot: QtBot, asked: Callable[..., Window]) -> None:
    window = asked(race(CHOICE))
    question = _question(window, ChoiceQuestion)
    assert isinstance(question, ChoiceQuestion)
    _press(Qt.Key.Key_2)
    assert not question.shows_counts
    assert [field.text() for field in question.fields] == ["", "", ""]
    _press(Qt.Key.Key_T)
    assert question.shows_counts
    assert [field.text() for field in question.fields] == ["0", "1", "0"]
    _press(Qt.Key.Key_T)
    assert not question.shows_counts
    _reveal(qtbot, window)
    assert question.shows_counts


def test_a_number_of_hands_can_be_typed_and_nonsense_is_refused_in_a_line(asked: Callable[..., Window]) -> None:
    window = asked(race(CHOICE))
    question = _question(window, ChoiceQuestion)
    assert isinstance(question, ChoiceQuestion)
    question.fields[1].setFocus()
    _type("14")
    assert question.hands.counts == [0, 14, 0]
    assert question.hasFocus()
    for text in ("many", "-3", "2.5", "100000"):
        question.fields[0].setFocus()
        _type(text)
        assert _sheet(window).said == f"“{text}” is no number of hands: 0 to 9,999."
        assert question.hands.counts == [0, 14, 0]
    assert not _sheet(window).is_revealed
    _press(Qt.Key.Key_1)
    assert _sheet(window).said.startswith("Keys 1 to 3")


# Numbers


def _pixel(plot: Plot, x: float, y: float) -> QPoint:
    place: QPoint = plot.mapFromScene(plot.box.mapViewToScene(QPointF(x, y)))
    return place


def test_guesses_are_marked_moved_typed_and_taken_back(qtbot: QtBot, asked: Callable[..., Window]) -> None:
    window = asked(race(NUMBER))
    question = _question(window, NumberQuestion)
    assert isinstance(question, NumberQuestion)
    qtbot.waitUntil(lambda: question.plot.box.sceneBoundingRect().width() > 200, timeout=5_000)
    viewport, left = question.plot.viewport(), Qt.MouseButton.LeftButton
    QTest.mouseClick(viewport, left, pos=_pixel(question.plot, 1.0, 0.5))
    assert question.guesses.values == pytest.approx([10.0], rel=0.02)
    dot = _pixel(question.plot, 1.0, 0.0) - QPoint(0, round(0.4 * question.look.metrics.body) + 4)
    QTest.mousePress(viewport, left, pos=dot)
    QTest.mouseMove(viewport, _pixel(question.plot, 2.0, 0.5))
    QTest.mouseRelease(viewport, left, pos=_pixel(question.plot, 2.0, 0.5))
    assert question.guesses.values == pytest.approx([100.0], rel=0.02)
    _type("20")
    assert question.guesses.values[1] == 20
    assert question.hasFocus()
    _press(Qt.Key.Key_Right)
    assert 20 < question.guesses.values[1] < 22
    _press(Qt.Key.Key_Backspace)
    _type("30")
    sheet = _reveal(qtbot, window)
    hundred = f"{question.guesses.values[0]:,.0f}"
    middle = f"{(question.guesses.values[0] + 30) / 2:,.0f}"
    assert sheet.verdict == f"The room guessed 30 to {hundred}, the middle {middle}; measured 149."


def test_an_arrow_marks_the_first_guess_in_the_middle(asked: Callable[..., Window]) -> None:
    window = asked(race(NUMBER))
    _press(Qt.Key.Key_Left)
    question = _question(window, NumberQuestion)
    assert isinstance(question, NumberQuestion)
    assert question.guesses.values == pytest.approx([200**0.5], rel=0.01)


def test_what_is_no_number_or_not_on_the_scale_is_refused_in_a_line(asked: Callable[..., Window]) -> None:
    window = asked(race(NUMBER))
    question = _question(window, NumberQuestion)
    assert isinstance(question, NumberQuestion)
    for text, told in (("8x", "“8x” is no number."), ("500", "500 is not on the scale from 1 to 200.")):
        question.field.clear()
        question.setFocus()
        _type(text)
        assert (_sheet(window).said, question.guesses.values) == (told, [])
    _press(Qt.Key.Key_Escape)
    assert question.hasFocus()
    assert window.predictions.is_open


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("8", 8.0), ("2.5", 2.5), ("33,000", 33_000.0), ("1,000,000", 1e6), ("1e4", 1e4), ("85 %", 0.85),
        ("8 : 1", 8.0), ("1：4", 0.25), ("−3", -3.0), ("8x", None), ("", None), ("nan", None), ("inf", None),
        ("1e999", None), ("1 : 0", None), ("2,5", None), ("全部", None),
    ],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(text: str, number: float | None) -> None:
    assert number_in(text) == number


# Curves


def test_a_curve_is_drawn_with_the_mouse_and_drawn_anew(qtbot: QtBot, asked: Callable[..., Window]) -> None:
    window = asked(training(LAYERS))
    question = _question(window, CurveQuestion)
    assert isinstance(question, CurveQuestion)
    qtbot.waitUntil(lambda: question.plot.box.sceneBoundingRect().width() > 200, timeout=5_000)
    viewport, left = question.plot.viewport(), Qt.MouseButton.LeftButton
    for height in (-4.0, -2.0):
        QTest.mousePress(viewport, left, pos=_pixel(question.plot, 1.0, height))
        for x in (2.2, 3.1, 4.0):
            QTest.mouseMove(viewport, _pixel(question.plot, x, height))
        QTest.mouseRelease(viewport, left, pos=_pixel(question.plot, 4.0, height))
        assert question.drawing.y == pytest.approx([10.0**height] * 4, rel=0.1)
    sheet = _reveal(qtbot, window)
    assert sheet.verdict.startswith("Layer 1 to output: the room drew 1 : 1, measured 1 : ")


def test_a_curve_is_drawn_with_the_arrow_keys(qtbot: QtBot, asked: Callable[..., Window]) -> None:
    window = asked(training(STEPS))
    question = _question(window, CurveQuestion)
    assert isinstance(question, CurveQuestion)
    for key in (Qt.Key.Key_Home, Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_End, Qt.Key.Key_Down, Qt.Key.Key_Down):
        _press(key)
    drawn = question.drawing.y
    assert (drawn[0], drawn[-1]) == (pytest.approx(2.1), pytest.approx(2.0))
    assert question.drawing.drawn.all()
    assert window.controller.playing
    _press(Qt.Key.Key_Backspace)
    assert question.drawing.is_empty
    _press(Qt.Key.Key_Up)
    sheet = _reveal(qtbot, window)
    assert sheet.verdict.startswith("The gap is widest at step 0: the room drew 2, measured ")


# What is hidden, and when it asks


def test_the_run_is_computed_to_the_reveal_while_the_class_thinks(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(training(STEPS))
    window.controller.pause()
    window.controller.seek(2)
    qtbot.waitUntil(lambda: window.controller.at_rest, timeout=20_000)
    assert window.controller.head < 40
    window.predict()
    qtbot.waitUntil(lambda: window.controller.head == 40, timeout=30_000)
    assert window.controller.step == 2


def test_nothing_of_the_run_is_drawn_or_told_before_the_reveal(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(training(LAYERS), size=(1600, 900))
    drawn: list[int] = []
    draw = window.board.draw

    def counted(tape: Tape, step: int, *more: bool) -> Past:
        drawn.append(step)
        return draw(tape, step, *more)

    monkeypatch.setattr(window.board, "draw", counted)
    told: list[object] = []
    monkeypatch.setattr(window.notes, "show_past", lambda *what, **how: told.append(what))
    QTest.keyClick(window, Qt.Key.Key_G)
    drawn.clear()
    told.clear()
    qtbot.waitUntil(lambda: window.controller.head >= 40, timeout=30_000)
    assert (drawn, told) == ([], [])
    sheet = _sheet(window)
    for part in (window.board, window.panel, window.notes.panel):
        assert part is not None
        on_top = window.childAt(part.mapTo(window, part.rect().center()))
        assert on_top is not None
        assert on_top is sheet or sheet.isAncestorOf(on_top)
    _reveal(qtbot, window)
    assert (drawn, window.controller.step) == ([], 30)
    _press(Qt.Key.Key_Return)
    assert not window.predictions.is_open
    assert drawn[-1] == 30
    assert window.board.hasFocus()


def test_the_notes_stay_below_the_sheet_where_they_lie_over_the_pictures(asked: Callable[..., Window]) -> None:
    window = asked(training(LAYERS), (1024, 768))
    window.toggle_notes()
    window.settle()
    panel = window.notes.panel
    assert panel is not None
    assert panel.isVisible()
    assert not panel.isEnabled()
    assert window.childAt(panel.mapTo(window, panel.rect().center())) is not panel
    children = window.centralWidget().children()
    assert children.index(_sheet(window)) > children.index(panel)
    window.predict()
    assert panel.isEnabled()


def test_a_run_that_ends_early_says_that_it_does_not_tell(qtbot: QtBot, asked: Callable[..., Window]) -> None:
    rate = '[common]\noutput = "linear"\nloss = "mse"\noptimizer = { name = "sgd", learning_rate = 1e6 }'
    window = asked(parse(SMALL.replace("[common]", rate) + LESSON + LAYERS, "wild"))
    _press(Qt.Key.Key_Up)
    sheet = _reveal(qtbot, window)
    assert sheet.verdict == "The run does not tell the answer at step 25."
    assert window.predictions.votes == []


def test_a_lesson_asks_by_itself_only_where_that_is_switched_on_and_once(
    qtbot: QtBot, open_window: OpenWindow
) -> None:
    window = open_window()
    window.walk.open("vanishing")
    assert not window.predictions.is_open
    assert window.board.foot is not None
    qtbot.waitUntil(lambda: window.controller.running_document.lesson is not None, timeout=20_000)
    window.toggle_asking_first()
    assert window.predictions.is_open
    window.predict()
    others = [name for name in lessons() if name != "vanishing"]
    window.walk.open(others[0])
    window.walk.open("vanishing")
    assert not window.predictions.is_open
    window.predict()
    assert window.predictions.is_open
    window.toggle_asking_first()
    assert not window.predictions.is_open


def test_another_lesson_is_another_question_or_none(qtbot: QtBot, asked: Callable[..., Window]) -> None:
    window = asked(race(CHOICE))
    _press(Qt.Key.Key_1)
    window.editing.open(race(NUMBER))
    assert not window.predictions.is_open
    window.toggle_asking_first()
    window.editing.open(training(LAYERS))
    assert isinstance(_sheet(window).question, CurveQuestion)
    window.editing.undo()
    assert not window.predictions.is_open  # it has asked in this hour


def test_what_would_change_hidden_pictures_is_not_done(asked: Callable[..., Window]) -> None:
    window = asked(race(CHOICE))
    before = window.editing.draft.document
    window.fork()
    window.change_from_here()
    assert window.editing.draft.document == before
    assert not menu_actions(window)["Fork"].isEnabled()


def test_whether_lessons_ask_first_is_remembered(open_window: OpenWindow) -> None:
    window = open_window(race(CHOICE))
    assert window.settings().asks_first is False
    window.toggle_asking_first()
    assert menu_actions(window)["Ask first in every lesson"].isChecked()
    save(window.settings())
    assert load().asks_first is True
    again = open_window(race(CHOICE))
    assert not again.predictions.is_open
    again.restore(load())
    assert again.predictions.is_open
    again.restore(Settings())
    assert not again.predictions.is_open


def test_a_button_beside_the_question_asks(qtbot: QtBot, open_window: OpenWindow, small: Document) -> None:
    window = open_window(race(CHOICE))
    [button] = [each for each in window.board.findChildren(QPushButton) if each.text() == "Predict first"]
    assert button.isVisible()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert window.predictions.is_open
    plain = open_window(small)
    assert not any(
        each.isVisible() for each in plain.board.findChildren(QPushButton) if each.text() == "Predict first"
    )
    plain.predict()
    assert not plain.predictions.is_open
    assert not menu_actions(plain)["Predict first: hide the pictures and ask, or show them"].isEnabled()


@pytest.mark.parametrize("name", ALL)
def test_a_guess_outlives_a_change_of_look_before_and_after_the_reveal(
    qtbot: QtBot, asked: Callable[..., Window], name: str
) -> None:
    window = asked(ALL[name]())
    for key in _SOMETHING[name]:
        _press(key)
    guess = window.predictions._guess
    window.set_theme("dark")
    window.settle()
    window.next_language()
    window.settle()
    assert window.predictions._guess is guess
    assert guess is not None
    assert not guess.is_empty
    told = _reveal(qtbot, window).verdict
    assert told.endswith("。")
    window.set_theme("projector")
    window.settle()
    assert _sheet(window).verdict == told
    assert _sheet(window).is_revealed


_SOMETHING = {
    "choice": (Qt.Key.Key_1,),
    "number": (Qt.Key.Key_1, Qt.Key.Key_Return),
    "layers": (Qt.Key.Key_Up,),
    "steps": (Qt.Key.Key_Up,),
}
"""Keys that guess something."""


# The hour


def test_the_votes_of_the_hour_are_listed_and_saved(
    qtbot: QtBot, asked: Callable[..., Window], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = asked(race(CHOICE))
    for key in (Qt.Key.Key_2, Qt.Key.Key_2, Qt.Key.Key_1):
        _press(key)
    _reveal(qtbot, window)
    _press(Qt.Key.Key_V)
    assert _hands(window).is_empty
    _press(Qt.Key.Key_3)
    _reveal(qtbot, window)
    assert [vote.sentence("en")[:6] for vote in window.predictions.votes] == ["2 of 3", "0 of 1"]
    window.show_predictions()
    [listed] = window.findChildren(HourList)
    texts = [label.accessibleName() for label in listed.findChildren(QLabel)]
    assert texts.count("How long does SGD stay?") == 2
    assert "✓ 150 steps: 2" in texts
    chosen_name(monkeypatch, str(tmp_path / "hour"))
    [saves] = [each for each in listed.findChildren(QPushButton) if each.text() == "Save as JSON"]
    saves.click()
    saved = json.loads((tmp_path / "hour.json").read_text("utf-8"))
    assert [[each["hands"] for each in vote["answers"]] for vote in saved] == [[1, 2, 0], [0, 0, 1]]
    listed.reject()


def test_an_hour_without_votes_says_so(open_window: OpenWindow) -> None:
    window = open_window()
    window.show_predictions()
    [listed] = window.findChildren(HourList)
    assert "Nothing has been predicted yet." in [label.accessibleName() for label in listed.findChildren(QLabel)]
    listed.reject()


def test_a_picture_is_of_the_sheet_while_there_is_one(
    qtbot: QtBot, asked: Callable[..., Window], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = asked(race(CHOICE))
    painted: list[object] = []
    chosen_name(monkeypatch, "")
    monkeypatch.setattr(window.pictures, "save_painting", lambda painting: painted.append(painting.board))
    monkeypatch.setattr(window.pictures, "ask", painted.append)
    window.picture_dialog()
    window.predict()
    window.picture_dialog()
    assert isinstance(painted[1], Moment)
    assert isinstance(painted[0], Sheet)

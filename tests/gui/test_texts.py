"""Texts of users: shown as they are, in the room there is."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QLabel, QMessageBox
from pytestqt.qtbot import QtBot

from gradsim.runtime import log
from gradsim.sim.documents.document import Document, parse
from gradsim.ui.app import application
from gradsim.ui.export import settle
from gradsim.ui.label import ElidedLabel, Paragraph, tip
from gradsim.ui.panels.card import RunCard
from gradsim.ui.plots.plot import ValueAxis
from gradsim.ui.theme import Look, Metrics
from gradsim.ui.themes import THEMES
from gradsim.ui.transport import Transport
from gradsim.ui.views.common.view import View
from gradsim.ui.window import Window
from tests.covering import covering
from tests.gui.conftest import SMALL, OpenWindow

LATIN = "Which of the <b>layers</b> & their 𝛼 learns fastest? " * 20
HAN = "哪一层学得最快？" * 100

LESSON = """
[lesson]
id = "long"
title = {{ en = "{0}", zh_CN = "{1}" }}
subtitle = {{ en = "{0}", zh_CN = "{1}" }}
question = {{ en = "{0}", zh_CN = "{1}" }}
"""

EIGHT = SMALL.partition("[[runs]]")[0] + "".join(
    f"""
[[runs]]
label = "{i} run with 24 characters"
activation = "{"relu" if i % 2 else "tanh"}"
init = "he_normal"
optimizer = {{ name = "adam", learning_rate = 0.00{i}1 }}
"""
    for i in range(1, 9)
)


def long_lesson(text: str = LATIN) -> Document:
    return parse(SMALL + LESSON.format(text[:600], HAN[:600]), "long")


def outside(window: Window) -> list[str]:
    """Return the texts of labels that are not wholly inside the window; what is scrolled, inside its width."""
    found = []
    for label in window.findChildren(QLabel):
        seat = QRect(label.mapTo(window, QPoint(0, 0)), label.size())
        room = window.rect()
        if window.panel and window.panel.isAncestorOf(label):
            room.setCoords(room.left(), seat.top(), room.right(), seat.bottom())
        if label.isVisible() and not room.contains(seat):
            found.append(label.text())
    return found


@pytest.mark.parametrize(
    ("theme", "language", "size", "text"),
    covering(THEMES, ["en", "zh_CN"], [(1024, 768), (800, 560)], [LATIN, "w" * 600]),
    ids=lambda choice: str(choice)[:12],
)
def test_long_texts_stay_inside_the_window(
    qtbot: QtBot, open_window: OpenWindow, theme: str, language: str, size: tuple[int, int], text: str
) -> None:
    document = long_lesson(text)
    window = open_window(document, theme=theme, language=language, size=size)
    plain = open_window(theme=theme, language=language, size=size)
    qtbot.waitUntil(lambda: any(view.isVisible() for view in window.board.findChildren(View)), timeout=10_000)
    settle(application())
    assert (window.width(), window.height()) == size
    assert window.minimumSizeHint().width() <= max(size[0], plain.minimumSizeHint().width())
    assert window.board.width() == plain.board.width()
    assert window.board.minimumSizeHint().width() <= max(window.board.width(), plain.board.minimumSizeHint().width())
    qtbot.waitUntil(lambda: outside(window) == [], timeout=5_000)
    assert document.lesson is not None
    question = document.lesson.question(language)
    asked = [label for label in window.board.findChildren(Paragraph) if label.text() == question]
    assert len(asked) == 1
    for label in asked:
        assert len(label.lines(label.width())) == 2
        assert label.lines(label.width())[-1].endswith("…")
        assert label.height() >= label.heightForWidth(label.width())
        assert label.toolTip() == tip(question)
    assert isinstance(window.transport, Transport)
    title = window.transport.findChildren(ElidedLabel)[0]
    assert 40 < title.width() < 0.5 * window.width()
    assert title.toolTip().startswith("<qt>0 · ")


def test_a_short_title_is_shown_whole(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(parse(SMALL + LESSON.format("Which?", "何？"), "short"), size=(800, 560))
    assert window.transport is not None
    title = window.transport.findChildren(ElidedLabel)[0]
    assert title.width() >= title.fontMetrics().horizontalAdvance(title.text())


def test_a_paragraph_shows_all_of_what_fits_and_marks_what_does_not(qtbot: QtBot) -> None:
    text = "one two three 𝛼𝛼 four"
    label = Paragraph(text, most_lines=3)
    qtbot.addWidget(label)
    assert label.lines(10_000) == [text]
    wide = label.fontMetrics().horizontalAdvance("one two three")
    assert label.lines(wide + 2) == ["one two three", "𝛼𝛼 four"]
    assert len(Paragraph("w" * 500, most_lines=3).lines(100)) == 3
    assert label.heightForWidth(wide + 2) == 2 * label.fontMetrics().height()


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        ("Never more than 20 % of the images", "20 %"),
        ("in less than 100 steps of all", "100 steps"),
        ("about a factor of 3 × 10⁻⁵ is left", "3 × 10⁻⁵"),
        ("its gradient with respect to z is p − y.", "p − y."),
        ("from x ≈ −1.7 on", "x ≈ −1.7"),
    ],
)
def test_no_line_of_a_paragraph_ends_inside_a_figure(qtbot: QtBot, text: str, figure: str) -> None:
    label = Paragraph(text, most_lines=9)
    qtbot.addWidget(label)
    measure = label.fontMetrics().horizontalAdvance
    for width in range(max(map(measure, [figure, *text.split()])) + 20, measure(text), 3):
        lines = label.lines(width)
        assert " ".join(lines) == text
        assert any(figure in line for line in lines)


def test_tooltips_say_text_as_it_is() -> None:
    assert tip("a <b>&\nc") == "<qt>a &lt;b&gt;&amp;<br>c</qt>"
    assert Qt.mightBeRichText(tip("plain")) if hasattr(Qt, "mightBeRichText") else tip("plain").startswith("<qt>")


def boxes(window: Window) -> list[QMessageBox]:
    return [box for box in window.findChildren(QMessageBox) if box.isVisible()]


def test_errors_are_plain_text_in_one_box_at_a_time(
    qtbot: QtBot, open_window: OpenWindow, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    window = open_window()
    window.alarm.show_exceptions()
    for i in range(5):
        error = ValueError(f"<b>number {i}</b>")
        sys.excepthook(ValueError, error, None)
    qtbot.waitUntil(lambda: len(boxes(window)) == 1)
    settle(application())
    [box] = boxes(window)
    assert box.textFormat() == Qt.TextFormat.PlainText
    assert box.text() == f"ValueError: <b>number 0</b>\n\nMore about it is in {log.file()}"
    assert log.file().read_text("utf-8").count("ValueError: <b>number ") == 10  # title and traceback of each
    assert capsys.readouterr().err.count("ValueError: <b>number ") == 5
    window.controller.failed.emit("a file", "")
    assert boxes(window) == [box]
    assert "a file" in capsys.readouterr().err
    box.close()
    qtbot.waitUntil(lambda: boxes(window) == [])
    window.controller.failed.emit("another file", "")
    assert [box.text() for box in boxes(window)] == ["another file"]
    boxes(window)[0].close()


@pytest.mark.parametrize("theme", list(THEMES))
def test_cards_of_eight_runs_do_not_overlap(qtbot: QtBot, open_window: OpenWindow, theme: str) -> None:
    window = open_window(parse(EIGHT, "eight"), theme=theme, size=(1024, 768))
    if theme == "projector":
        window.toggle_panel()
    settle(application())
    assert window.panel is not None
    cards = window.panel.findChildren(RunCard)
    assert len(cards) == 8
    seats = [card.geometry() for card in cards]
    for i, seat in enumerate(seats):
        assert not any(seat.intersects(other) for other in seats[:i])
        label = f"{i + 1} run with 24 characters"
        lines = cards[i].lines()
        assert label in "".join(text for _, text in lines) or label in " ".join(text for _, text in lines)
        assert any(f"0.00{i + 1}1" in text for _, text in lines)
        assert label in cards[i].toolTip()
        assert f"0.00{i + 1}1" in cards[i].toolTip()
        for used, text in lines:
            assert QFontMetrics(used).horizontalAdvance(text) <= cards[i].width()
        assert cards[i].height() >= sum(QFontMetrics(used).height() for used, _ in lines)


def test_choosing_a_card_moves_nothing(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(parse(EIGHT, "eight"), size=(1024, 768))
    assert window.panel is not None
    cards = window.panel.findChildren(RunCard)
    settle(application())
    before = [(card.y(), card.height()) for card in cards]
    cards[2].setFocus()
    cards[2].click()
    settle(application())
    assert [(card.y(), card.height()) for card in cards] == before


def test_a_short_axis_tells_its_end(qtbot: QtBot) -> None:
    axis = ValueAxis("bottom", Look(THEMES["light"], Metrics.fit(THEMES["light"], QSize(1024, 768), "en"), "en"))
    axis.whole, axis.end = True, 300.0
    assert axis.tickValues(0.0, 560.0, 90.0)[0][1] == [0.0, 300.0]
    assert axis.tickValues(0.0, 560.0, 900.0)[0][1] == [0.0, 100.0, 200.0, 300.0]

"""The foot: a question, a verdict that never takes more than two lines, and the way back to a lesson."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QSize
from PySide6.QtGui import QFont, QTextDocument, QTextLayout
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from gradsim.engine.nn.activations import ACTIVATIONS
from gradsim.engine.nn.probes import PROBES
from gradsim.sim.documents.document import Document, Shown, question, sentence
from gradsim.sim.documents.experiments import experiment_from, full_table
from gradsim.sim.documents.lessons import lessons
from gradsim.sim.documents.points import studied_in
from gradsim.sim.documents.results import run
from gradsim.sim.documents.texts import Words
from gradsim.sim.run.tape import Past
from gradsim.ui.export import step_shown
from gradsim.ui.foot import MOST_LINES, Foot
from gradsim.ui.line_breaks import laid_out, lines_of, narrowed
from gradsim.ui.theme import Look, font, style_sheet
from gradsim.words.languages import languages
from gradsim.words.sentences import BRIEFEST, NO_BREAK, plain_text
from tests.gui.conftest import OpenWindow, edit_to, few_replicas
from tests.trained import own_seed, trained
from tests.unit.small import SIGMOID, experiment

SIZES = ((1920, 1080), (1600, 900), (1024, 768))
THEMES = ("light", "dark", "projector")
KINDS = ("layers", "scores", "arrivals", "diverged", "shares")
OPTIMIZERS = ("sgd", "momentum", "nag", "adagrad", "adadelta", "rmsprop", "adam", "adamw")


def look_of(theme: str, language: str, size: tuple[int, int] = SIZES[0]) -> Look:
    return Look.fit(theme, language, QSize(*size))


@cache
def ran(kind: str, count: int, label: str) -> tuple[Document, Past]:
    """Return an experiment of some runs, whose names are as long as a label may be where one is given, at its end."""
    names = [{"label": f"{label}{i}"[-24:]} if label else {} for i in range(1, count + 1)]
    table: dict[str, Any] = {"steps": 12, "replicas": 2}
    if kind in ("layers", "scores", "diverged"):
        rate = 1e6 if kind == "diverged" else 0.1
        table |= {
            "data": {"name": "digits", "samples": 100},
            "common": {"hidden": [4, 4, 4], "batch_size": 16, "optimizer": {"name": "sgd", "learning_rate": rate}},
            "runs": [{"activation": key} | name for key, name in zip(list(ACTIVATIONS), names, strict=False)],
        }
    else:
        table |= {
            "kind": "race",
            "steps": 300,
            "surface": "beale",
            "replicas": 8 if kind == "shares" else 1,
            "runs": [{"optimizer": key} | name for key, name in zip(OPTIMIZERS, names, strict=False)],
        }
    document = Document(experiment_from(table))
    _, tape = run(document)
    return document, tape.until(tape.head)


def lines(foot: Foot) -> int:
    """Return how many lines Qt lays the verdict out in, coloured as it is."""
    verdict = next(label for label in foot.findChildren(QLabel) if label.property("role") == "verdict")
    shown = QTextDocument()
    shown.setDefaultFont(font(verdict.fontInfo().pixelSize(), QFont.Weight.Bold))
    shown.setDocumentMargin(0)
    shown.setHtml(verdict.text())
    shown.setTextWidth(verdict.width())
    assert shown.size().width() > 0  # this lays it out
    layout = shown.firstBlock().layout()
    assert all(layout.lineAt(i).naturalTextWidth() <= verdict.width() + 1 for i in range(layout.lineCount()))
    assert layout.lineCount() > 0
    return layout.lineCount()


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("theme", THEMES)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(KINDS),
    count=st.integers(1, 8),
    label=st.sampled_from(["", "Momentum, rate 0.02, μ 0.", "动量法学习率零点零二并且批量大小为六十四的第一次运行"]),
    size=st.sampled_from(SIZES),
    probe=st.sampled_from([probe.key for probe in PROBES]),
    panel=st.booleans(),
)
def test_the_verdict_takes_two_lines_at_most(
    qtbot: QtBot,
    theme: str,
    language: str,
    kind: str,
    count: int,
    label: str,
    size: tuple[int, int],
    probe: str,
    panel: bool,
) -> None:
    document, past = ran(kind, count, label)
    look = look_of(theme, language, size)
    foot = Foot(look)
    qtbot.addWidget(foot)
    foot.setStyleSheet(style_sheet(look))
    foot.resize(round(0.82 * size[0]) if panel and theme != "projector" else size[0], 200)
    foot.show()
    shown = Shown(views=("loss",) if kind == "scores" else ("gradients",), probe=probe)
    foot.count(document, past.step, shown)
    foot.show_verdict(document, past, shown)
    assert lines(foot) <= MOST_LINES
    said = [plain_text(sentence(document, past, language, shown, brevity)) for brevity in range(BRIEFEST + 1)]
    assert foot.text in said, "nothing is cut: it is one of the sentences"


def broken(text: str, width: int) -> list[str]:
    """Return the lines of a text in large type."""
    layout = QTextLayout(text, font(40, QFont.Weight.Bold))
    found = []
    layout.beginLayout()
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        found.append(text[line.textStart() : line.textStart() + line.textLength()])
    layout.endLayout()
    return found


PUNCTUATION = ",;:，；：、"
"""After these a line may begin with a number: rows of figures would have no other place to break."""
UNITS = ("%", "×", "times", "steps", "=")
COUNTERS = ("步", "层", "倍")
"""Units after a figure; elsewhere words begin with them."""


@pytest.mark.parametrize("name", lessons(), ids=own_seed)
def test_no_number_is_parted_from_its_unit(qtbot: QtBot, name: str) -> None:
    document = lessons()[name]
    past = trained(name, document.experiment.seed).until(step_shown(document, None))
    for language in languages():
        check_units(qtbot, document, past, language)


@pytest.mark.parametrize("name", lessons(), ids=own_seed)
def test_a_lessons_sentence_fits_a_small_projector_in_large_type(qtbot: QtBot, name: str) -> None:
    """At its start, in the middle, in its picture and at the end, where its answer stands before it."""
    document = lessons()[name]
    assert document.lesson is not None
    tape, last = trained(name, document.experiment.seed), document.experiment.steps
    shown = Shown(found=studied_in(document, tape.until(last)))
    for language in languages():
        foot = Foot(look_of("projector", language, (1024, 768)))
        qtbot.addWidget(foot)
        foot.resize(1024, 200)
        for step in (0, last // 2, document.lesson.step_of("", last), last):
            foot.show_verdict(document, tape.until(step), shown)
            assert foot._scale == 1.0, foot.text


@pytest.mark.parametrize("language", languages())
def test_there_is_room_for_the_answer_from_the_start(qtbot: QtBot, language: str) -> None:
    """When it comes, nothing above moves."""
    document = lessons()["ravine"]
    assert document.lesson is not None
    without = Document(document.experiment, replace(document.lesson, answer=Words()))
    tape = trained("ravine", document.experiment.seed)
    grown = 0
    for width in range(900, 1920, 30):
        for shown in (document, without):
            foot = Foot(look_of("light", language))
            qtbot.addWidget(foot)
            foot.resize(width, 200)
            foot.show_verdict(shown, tape.until(150), Shown())
            before = foot.lines
            foot.show_verdict(document, tape.until(300), Shown())
            assert foot.lines == before or shown is without
            grown += foot.lines - before
    assert grown, "there are widths at which the answer takes a line more"


def check_units(qtbot: QtBot, document: Document, past: Past, language: str) -> None:
    foot = Foot(look_of("light", language))
    qtbot.addWidget(foot)
    foot.resize(1800, 200)
    foot.show_verdict(document, past, Shown())
    text = next(label for label in foot.findChildren(QLabel) if label.property("role") == "verdict")
    shown = QTextDocument()
    shown.setHtml(text.text())
    assert NO_BREAK in shown.toRawText() or not any(unit in foot.text for unit in (*UNITS, *COUNTERS))
    for width in range(300, 1500, 37):
        for before, line in pairwise(broken(shown.toRawText(), width)):
            assert not line.startswith(UNITS), line
            assert not (line.startswith(COUNTERS) and before.rstrip()[-1:].isdigit()), line
            assert not (before.endswith(" ") and line[0].isdigit() and before[-2] not in PUNCTUATION), line


def test_lines_are_counted() -> None:
    small = font(20)
    assert lines_of("one", small, 300) == 1
    assert lines_of("one two three four five six seven", small, 200) == 2
    assert lines_of("unbreakable" * 20, small, 200) > MOST_LINES


# What it says beside the verdict


@pytest.mark.parametrize("text", ["four words and then one", "动量法用二十七步离开山脊，梯度下降还在山脊上。"])
def test_no_word_is_alone_in_the_last_line(qtbot: QtBot, text: str) -> None:
    type_font = font(40, QFont.Weight.Bold)
    whole = round(laid_out(text, type_font, 10**6)[0][0])
    narrower = 0
    for width in range(whole // 2 + 60, whole):
        used = narrowed(text, type_font, width)
        *_, last = laid_out(text, type_font, used)
        assert lines_of(text, type_font, width) == 2
        assert last[0] >= 0.2 * width
        narrower += used < width
    assert narrower > 0
    assert narrowed(text, type_font, whole + 1) == whole + 1


def test_the_question_is_asked_in_the_projector_theme_too(open_window: OpenWindow, qtbot: QtBot) -> None:
    window = open_window(few_replicas("vanishing"), theme="projector")
    qtbot.waitUntil(lambda: window.board.shown_step >= 0, timeout=20_000)
    window.settle()
    foot = window.board.foot
    assert foot is not None
    labels = [label for label in foot.findChildren(QLabel) if label.isVisible()]
    assert "Do all layers learn equally fast?" in [label.text() for label in labels]


def test_the_corner_says_step_and_statistic(qtbot: QtBot) -> None:
    document, past = ran("layers", 2, "")
    foot = Foot(look_of("light", "en"))
    qtbot.addWidget(foot)
    foot.resize(1600, 200)
    foot.count(document, past.step, Shown())
    assert foot.corner == "step 12, median of 2 seeds"
    foot.resize(300, 200)
    foot.count(document, past.step, Shown())
    assert foot.corner == "step 12"


# Changed lessons


def test_a_changed_lesson_says_so_and_leads_back(open_window: OpenWindow, qtbot: QtBot) -> None:
    document = lessons()["saddle"]
    window = open_window(document)
    qtbot.waitUntil(lambda: window.board.shown_step >= 0, timeout=20_000)
    assert ", changed" not in window.windowTitle()
    edit_to(window, full_table(document.experiment) | {"start": [1.5, 0.5]})
    qtbot.waitUntil(lambda: window.board.shown_step >= 0, timeout=20_000)
    window.settle()
    assert window.editing.draft.is_as_in_the_lesson is False
    assert "Saddle points, changed" in window.windowTitle()
    foot = window.board.foot
    assert foot is not None

    def shown() -> list[str]:
        return [label.text() for label in foot.findChildren(QLabel) if not label.isHidden()]

    qtbot.waitUntil(lambda: "changed by hand" in shown(), timeout=20_000)
    assert document.lesson is not None
    assert document.lesson.question("en") not in shown()
    assert question(window.editing.draft.document, "en") in shown()
    links = {button.text(): button for button in foot.findChildren(QPushButton) if not button.isHidden()}
    back = links["Back to the lesson"]
    back.click()
    assert window.editing.draft.document == document
    assert ", changed" not in window.windowTitle()
    window.undo()
    assert "Saddle points, changed" in window.windowTitle()


def test_other_views_do_not_change_a_lesson(open_window: OpenWindow, qtbot: QtBot) -> None:
    window = open_window(few_replicas("vanishing"))
    qtbot.waitUntil(lambda: window.board.shown_step >= 0, timeout=20_000)
    window.view_1()
    window.choose_option("probe", "slope")
    window.settle()
    assert window.editing.draft.is_as_in_the_lesson
    assert ", changed" not in window.windowTitle()
    foot = window.board.foot
    assert foot is not None
    assert foot.text.startswith("Sigmoid: mean |f′(z)| is ")


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("theme", THEMES)
def test_there_is_room_for_the_lines(open_window: OpenWindow, qtbot: QtBot, theme: str, language: str) -> None:
    window = open_window(few_replicas("vanishing"), theme=theme, language=language, size=(1024, 768))
    qtbot.waitUntil(lambda: window.board.shown_step >= 0, timeout=20_000)
    window.settle()
    foot = window.board.foot
    assert foot is not None
    verdict = next(label for label in foot.findChildren(QLabel) if label.property("role") == "verdict")
    qtbot.waitUntil(lambda: verdict.mapTo(foot, verdict.rect().bottomLeft()).y() < foot.height(), timeout=5_000)
    assert verdict.heightForWidth(verdict.width()) <= verdict.height()


def test_a_verdict_with_a_chinese_name_in_it_is_seen_whole(qtbot: QtBot, open_window: OpenWindow) -> None:
    """Its lines are higher than English ones."""
    names = ["A name of 24 characters!", "随机梯度下降法与动量的结合以及初始化", "Another of 24 characters"]
    runs = [SIGMOID | {"label": name} for name in names]
    window = open_window(Document(experiment(*runs, steps=5)), size=(1280, 800))
    window.settle()
    foot = window.board.foot
    assert foot is not None
    label = foot._verdict
    assert "随机" in foot.text
    assert label.heightForWidth(label.width()) <= label.height() + 1

"""Every text of the panel has room, in each lesson, theme, language and size; what has a name has a tooltip."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QAbstractButton, QAbstractSlider, QComboBox, QLabel, QLineEdit, QScrollBar, QWidget
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.document import Document, parse
from gradsim.sim.documents.drafts import Draft
from gradsim.sim.documents.lessons import lessons
from gradsim.ui.app import application
from gradsim.ui.label import ElidedLabel, Paragraph
from gradsim.ui.panels.card import RunCard
from gradsim.ui.panels.change_list import Deed, StepButton
from gradsim.ui.panels.differing import Row
from gradsim.ui.panels.editor import Editor
from gradsim.ui.panels.fields import Combo, LineField
from gradsim.ui.panels.numbers import RangeEditor
from gradsim.ui.panels.panel import Panel
from gradsim.ui.panels.room import panel_px
from gradsim.ui.panels.section import Header
from gradsim.ui.panels.state import PanelState
from gradsim.ui.shown_options import ShownOptions
from gradsim.ui.theme import Look, style_sheet
from gradsim.ui.themes import THEMES
from gradsim.ui.views.catalogue import VIEWS, views_of
from gradsim.ui.views.common.view import Card
from gradsim.ui.window import Window
from gradsim.words.languages import languages, translate
from tests.gui.conftest import SMALL, OpenWindow, few_replicas, open_sections
from tests.gui.test_editors import ALL

SIZES = [(1024, 768), (1920, 1080)]
LONG = SMALL.replace('"Sigmoid"', '"Sigmoid of 24 characters"').replace('"ReLU"', '"各层使用线性整流函数"')


APART = ("light", "projector")
"""The themes whose texts are of different sizes."""


def documents() -> Iterator[tuple[str, Document]]:
    yield from lessons().items()
    yield "long", parse(LONG, "long")


def panel_in(document: Document, look: Look, everything: bool) -> Panel:
    options = ShownOptions()
    options.open(document)
    options.show(views_of(document, "light"))
    panel = Panel(Draft.of(document), look, options, PanelState(everything, frozenset()) if everything else None)
    panel.setStyleSheet(style_sheet(look))
    panel.resize(panel_px(look), 900)
    panel.show()
    application().processEvents()
    return panel


def wide(widget: QWidget, text: str) -> int:
    return widget.fontMetrics().horizontalAdvance(text)


def cut(panel: Panel) -> list[str]:
    """Return the texts that do not fit into their widgets."""
    found: list[str] = []
    for widget in panel.findChildren(QWidget):
        if widget.isVisible():
            found += cut_texts(widget)
    return found


def cut_texts(widget: QWidget) -> list[str]:
    match widget:
        case ElidedLabel():
            return [widget.text()] if wide(widget, widget.text()) > widget.width() else []
        case Paragraph():
            return [text for text in widget.lines(widget.width()) if text.endswith("…")]
        case Combo():
            return cut_choices(widget)
        case LineField():
            room, text = widget.width() - widget.fontMetrics().height() // 4, widget.text()
            return [text] if is_number(widget) and wide(widget, text) > room else []
        case RunCard():
            return [text for used, text in widget.lines() if "…" in text or too_wide(used, text, widget.width())]
        case Header():
            return [widget.accessibleName()] if widget._values and not widget.is_open and not widget.shown else []
        case Deed():
            return cut_deeds(widget)
    return []


def cut_deeds(button: Deed) -> list[str]:
    if isinstance(button, StepButton) and too_wide(button.small_font(), button.shown, button.width()):
        return [button.shown]
    return [button.text()] if wide(button, button.text()) > button.width() - 4 else []


def too_wide(used: QFont, text: str, room: int) -> bool:
    return QFontMetrics(used).horizontalAdvance(text) > room


def is_number(field: QWidget) -> bool:
    """Tell whether a field is of one number: others are longer than any room, and scroll."""
    at = field.parentWidget()
    while at is not None and not isinstance(at, Editor):
        at = at.parentWidget()
    return isinstance(at, RangeEditor)


def cut_choices(combo: Combo) -> list[str]:
    """Return the choices of a list that would not fit, whichever is chosen."""
    found, chosen = [], combo.currentIndex()
    for i in range(combo.count()):
        combo.setCurrentIndex(i)
        used, lines = combo.shown()
        room = combo.text_rect().width()
        if any("…" in line or too_wide(used, line, room) for line in lines):
            found.append(combo.itemText(i))
    combo.setCurrentIndex(chosen)
    return found


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", languages())
def test_the_other_themes_have_the_sizes_of_one_of_them(language: str, size: tuple[int, int]) -> None:
    metrics = {theme: Look.fit(theme, language, QSize(*size)).metrics for theme in THEMES}
    assert all(each in [metrics[theme] for theme in APART] for each in metrics.values())


@pytest.mark.parametrize(("name", "language"), list(product([name for name, _ in documents()], languages())))
def test_no_text_of_the_panel_is_cut(qtbot: QtBot, name: str, language: str) -> None:
    document = dict(documents())[name]
    for theme, size, everything in [*product(APART, SIZES, [True]), ("light", SIZES[0], False)]:
        look = Look.fit(theme, language, QSize(*size))
        panel = panel_in(document, look, everything)
        qtbot.addWidget(panel)
        assert (theme, size, cut(panel)) == (theme, size, [])
        panel._on_picked(0)
        application().processEvents()
        assert (theme, size, "one run", cut(panel)) == (theme, size, "one run", [])
        panel.hide()


CHANGED = ("changed by hand", translate("changed by hand", "zh_CN"))
NAMED = (QAbstractButton, QComboBox, QLineEdit, QAbstractSlider, QLabel)


def tooltip(widget: QWidget) -> str:
    """Return what is shown where the pointer rests on a widget: its own tooltip, or that of what it is a part of."""
    at: QWidget | None = widget
    while at is not None and not isinstance(at, Panel | Window):
        if at.toolTip():
            return at.toolTip()
        at = at.parentWidget()
    return ""


def named(window: Window) -> Iterator[QWidget]:
    """Yield what has a name in the panel, the bars, the cards of the pictures, and the foot."""
    assert window.panel is not None
    assert window.transport is not None
    foot = window.board.foot
    assert foot is not None
    for part in (window.panel, window.transport, window.menus, foot, *window.board.findChildren(Card)):
        for widget in part.findChildren(QWidget):
            if isinstance(widget, NAMED) and widget.isVisible() and not isinstance(widget, QScrollBar):
                yield widget


def says_changed(window: Window) -> bool:
    return any(label.text() in CHANGED and label.isVisible() for label in window.findChildren(QLabel))


@pytest.mark.parametrize("name", ["vanishing", "race", "plateaus"])
@pytest.mark.parametrize("language", languages())
def test_everything_with_a_name_has_a_tooltip(
    qtbot: QtBot, open_window: OpenWindow, name: str, language: str
) -> None:
    window = open_window(lessons()[name], language=language, size=(1900, 1000))
    open_sections(window)
    assert window.panel is not None
    window.panel._on_more()
    window.editing.edit({**window.editing.draft.table, "steps": 50})  # what is said of a changed lesson, too
    qtbot.waitUntil(lambda: says_changed(window), timeout=10_000)
    lacking = [
        getattr(widget, "text", lambda: "")() or widget.accessibleName() or type(widget).__name__
        for widget in named(window)
        if not tooltip(widget) and not (isinstance(widget, QLabel) and not widget.text().strip())
    ]
    assert lacking == []


def test_every_setting_and_every_view_explains_itself() -> None:
    assert [parameter.label for parameter in ALL if not parameter.help] == []
    assert [key for key, view in VIEWS.items() if not view.help] == []


LONGEST = 150
"""Of a tooltip that is read in passing, in letters; a Chinese character counts as two."""


@pytest.mark.parametrize("language", languages())
def test_what_a_setting_is_is_told_in_two_lines(language: str) -> None:
    helps = {translate(parameter.help, language) for parameter in ALL}
    helps |= {translate(view.help, language) for view in VIEWS.values()}
    assert [text for text in helps if sum(2 if ord(each) > 0x2E7F else 1 for each in text) > LONGEST] == []


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("size", [(1024, 768), (1280, 800), (1920, 1080)])
def test_choices_beside_each_other_are_written_in_one_size(
    open_window: OpenWindow, language: str, size: tuple[int, int]
) -> None:
    """Xavier normal is wider than He normal: where one has to be smaller, so is the other."""
    window = open_window(few_replicas("vanishing"), language=language, size=size)
    assert window.panel is not None
    rows = [row.findChildren(Combo) for row in window.panel.findChildren(Row)]
    rows = [[combo for combo in row if combo.isVisible()] for row in rows]
    assert sum(len(row) == 2 for row in rows) >= 2
    for row in rows:
        assert len({combo.shown()[0].pixelSize() for combo in row}) <= 1


@pytest.mark.parametrize("name", ["vanishing", "race", "plateaus"])
@pytest.mark.parametrize("language", languages())
def test_no_field_lies_over_its_label(qtbot: QtBot, name: str, language: str) -> None:
    panel = panel_in(lessons()[name], Look.fit("light", language, QSize(1024, 768)), everything=True)
    qtbot.addWidget(panel)
    labels = [label for label in panel.findChildren(QLabel) if label.isVisible() and label.buddy()]
    assert len(labels) > 3
    assert [label.text() for label in labels if label.geometry().intersects(label.buddy().geometry())] == []

"""What is refused is told in the words of the window: its labels, its language, no keys of files."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from gradsim.engine.calculus.expression import ALIASES, FUNCTIONS
from gradsim.schema.errors import told
from gradsim.schema.parameters import Choice, EntryOf, ParameterError, parameters
from gradsim.sim.documents.document import Document, parse
from gradsim.sim.documents.drafts import Draft
from gradsim.sim.kinds import kinds
from gradsim.ui.panels.bubble import Bubble
from gradsim.ui.panels.editors import Editor
from gradsim.ui.panels.refusals import told_with_label
from gradsim.ui.panels.scope import Scope
from gradsim.ui.theme import Look
from gradsim.ui.views.race.map import start_edit
from gradsim.ui.window import Window
from gradsim.words.languages import catalogue, languages, translate
from tests.gui.conftest import RACE, SMALL, OpenWindow
from tests.gui.test_editors import ALL
from tests.gui.test_panel import editor, fields, panel_of, paste_text, type_text

Table = dict[str, Any]
FLAT = SMALL.replace("hidden = [8, 8, 8]", "hidden = []")
WORDS = re.compile(r"[A-Za-z]{2,}")
NAMES = {word for english, words in catalogue("zh_CN").items() if len(english) < 24 for word in WORDS.findall(words)}
"""Latin words that Chinese texts of the window have too: names such as ReLU."""
NOTATION = {*FUNCTIONS, *ALIASES, "pi", "CSV", "UTF", "GiB", "inf", "nan", "null", "csv", "many"}
KEYS = {key for kind in kinds().values() for cls in (kind.run, kind.experiment) for key in parameters(cls)}
KEYS |= {key for p in ALL if isinstance(p, EntryOf) for key in p.registry}
KEYS |= {k for p in ALL if isinstance(p, EntryOf) for entry in p.registry.values() for k in parameters(entry)}


def run_edit(**settings: Any) -> Callable[[Table], None]:
    return lambda table: table["runs"][0].update(settings)


def edit(**settings: Any) -> Callable[[Table], None]:
    return lambda table: table.update(settings)


def optimizer(**settings: Any) -> Callable[[Table], None]:
    return lambda table: table["runs"][0]["optimizer"].update(settings)


def formula(text: str) -> Callable[[Table], None]:
    return edit(surface={"name": "formula", "expression": text})


def csv(content: str | None, **settings: Any) -> Callable[[Table], None]:
    """Learn from a table with this content; from none that is there where it is None."""

    def change(table: Table) -> None:
        path = Path("table.csv")
        if content is None:
            path.unlink(missing_ok=True)
        else:
            path.write_text(content)
        table["data"] = {"name": "csv", "path": "table.csv", **settings}

    return change


NUMBERS = SMALL.replace('{ name = "digits", samples = 200 }', '"linear"').replace(
    "[common]", '[common]\noutput = "linear"\nloss = "mse"'
)
COLUMNS = "a,b\n" + "".join(f"{i},{i * i}\n" for i in range(9))
REFUSED: dict[str, tuple[str, Callable[[Table], None]]] = {
    "batch of more than there are": (SMALL, run_edit(batch_size=5000)),
    "no number": (SMALL, optimizer(learning_rate="many")),
    "decimal comma": (SMALL, optimizer(learning_rate="1,250")),
    "no number of layers": (SMALL, run_edit(hidden="many")),
    "a layer too wide": (SMALL, run_edit(hidden=[8, 10**9])),
    "a name twice": (SMALL.replace('"ReLU"', '"ReLU, mine"'), run_edit(label="ReLU, mine")),
    "a name too long": (SMALL, run_edit(label="x" * 90)),
    "loss and output": (SMALL, run_edit(output="linear")),
    "schedule too long": (SMALL, run_edit(schedule={"name": "cosine", "length": 10**6})),
    "samples": (SMALL, edit(data={"name": "digits", "samples": 5000})),
    "no sample to train on": (SMALL, edit(data={"name": "digits", "samples": 1, "test_fraction": 0.9})),
    "too large": (SMALL, lambda table: table["runs"][0].update(hidden=[1024] * 64)),
    "biases as matrices": (SMALL, run_edit(bias_init="orthogonal")),
    "given layers": (SMALL, run_edit(init={"name": "values", "layers": []})),
    "given values": (FLAT, run_edit(init={"name": "values", "layers": [[[1.0]]]})),
    "given no values": (FLAT, run_edit(init={"name": "values", "layers": [[[None]]]})),
    "targets out of range": (NUMBERS, run_edit(output="sigmoid")),
    "change too late": (SMALL, lambda table: table["runs"][0].update(changes=[{"step": 40}])),
    "start": (RACE, edit(surface={"name": "formula", "expression": "ln(x)"}, start=[-1.0, 0.0])),
    "start of one number": (RACE, edit(start=[1.0])),
    "window": (RACE, edit(surface={"name": "formula", "window": [1.0, 1.0, 0.0, 1.0]})),
    "batch on a surface": (RACE, run_edit(batch_size=5)),
    **{
        f"formula {text}": (RACE, formula(text))
        for text in (
            "",
            "x**",
            "x y",
            "(x",
            "x)",
            "()",
            "foo",
            "sin",
            "foo(x)",
            "sin(x, y)",
            "x²²",
            "x # y",
            "x^999",
        )
    },
    "no table": (SMALL, csv(None)),
    "no path": (SMALL, edit(data={"name": "csv"})),
    "a folder": (SMALL, edit(data={"name": "csv", "path": "."})),
    "empty table": (SMALL, csv("")),
    "one column": (SMALL, csv("a\n1\n2\n")),
    "no rows": (SMALL, csv("a,b\n")),
    "ragged": (SMALL, csv("a,b\n1,2\n3\n")),
    "text in an input": (SMALL, csv("a,b\nzzz,2\n1,2\n")),
    "empty cell": (SMALL, csv("a,b\n,2\n1,2\n")),
    "cell too large": (SMALL, csv("a,b\n1e999,2\n1,2\n")),
    "no such column": (SMALL, csv(COLUMNS, target="zzz")),
    "no such position": (SMALL, csv(COLUMNS, target="9")),
    "all columns": (SMALL, csv(COLUMNS, target="a, b")),
    "a column twice": (SMALL, csv(COLUMNS, target="a, a")),
    "constant column": (SMALL, csv("a,b\n" + "1,2\n1,3\n" * 9)),
    "one class": (SMALL, csv("a,b\n1,z\n2,z\n3,z\n")),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_are_told_in_the_words_of_the_window(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text, change = REFUSED[name]
    draft = Draft.of(parse(text, "document"))
    table = copy.deepcopy(dict(draft.table))
    change(table)
    refused = draft.edited(table)
    assert refused.refusal is not None
    for language in languages():
        words = told_with_label(refused, Scope(), language)
        assert "runs[" not in words
        assert {each for each in re.findall(r"\w+", words) if "_" in each} & KEYS == set()
        if language != "en":
            known = NAMES | NOTATION | {"zzz", "foo", "table", "ReLU", "Plain", "mine"}
            assert [word for word in WORDS.findall(words) if word not in known and not word.startswith("xxx")] == []


@pytest.mark.parametrize(
    "junk", ["many", -(10**9), 1e300, [[["x"]]], None, True, 10**5000, "1,250"], ids=lambda junk: type(junk).__name__
)
def test_each_setting_refuses_in_chinese(junk: object) -> None:
    for parameter in ALL:
        if isinstance(parameter, Choice | EntryOf):
            continue  # a form offers those there are
        try:
            parameter.parse(junk)
        except ParameterError as error:
            words = told(error.problem, partial(translate, language="zh_CN"))
            assert [w for w in WORDS.findall(words) if w not in {"many", "null", "true"}] == []


def seats(window: Window) -> list[QPoint]:
    found: list[QWidget] = [e for e in panel_of(window).findChildren(Editor) if e.isVisible()]
    return [each.mapTo(panel_of(window), QPoint(0, 0)) for each in found]


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_nothing_moves_when_something_is_refused(qtbot: QtBot, open_window: OpenWindow, language: str) -> None:
    window = open_window(language=language)
    before, field = seats(window), fields(window, "batch_size")[0]
    type_text(field, "many")
    qtbot.wait(50)
    assert seats(window) == before
    bubble = panel_of(window)._bubble
    assert bubble.isVisible()
    assert bubble.x() >= panel_of(window).width() - window._look.metrics.body  # type: ignore[union-attr]
    middle = field.mapTo(window, field.rect().center()).y()
    assert bubble.y() <= middle <= bubble.y() + bubble.height()
    assert window._sign.is_over_old_pictures
    assert panel_of(window).told in window._sign.text().replace("\n", " ") or language != "en"
    type_text(field, "5")
    assert seats(window) == before
    assert not bubble.isVisible()
    assert not window._sign.is_over_old_pictures


def test_what_one_run_is_refused_is_told_at_its_own_editor(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(parse(SMALL.replace('init = "he_normal"', "batch_size = 8"), "batches"))
    [field] = fields(window, "batch_size", 1)
    assert isinstance(field, QLineEdit)
    type_text(field, "many")
    assert panel_of(window).told_at is editor(window, "batch_size", 1)
    assert [run["batch_size"] for run in window.editing.draft.table["runs"]] == [16, "many"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0,1", 0.1),
        ("12,5", 12.5),
        ("0.25", 0.25),
        ("2 × 10⁻³", 0.002),
        ("10⁻²", 0.01),
        ("1,250", None),
        ("1.2.3", None),
    ],
)
def test_a_decimal_comma_is_read_where_it_can_mean_one_thing(
    qtbot: QtBot, open_window: OpenWindow, text: str, value: float | None
) -> None:
    window = open_window()
    paste_text(fields(window, "optimizer")[0], text)
    if value is None:
        assert window.editing.draft.refusal is not None
        assert ("point" in panel_of(window).told) is ("," in text)
    else:
        rates = [run.optimizer.learning_rate for run in window.controller.document.experiment.runs]
        assert rates == [value, value]


@pytest.mark.parametrize(("language", "name"), [("en", "Start: "), ("zh_CN", "起点：")])
def test_what_is_refused_in_a_picture_is_told_with_the_name_of_the_setting(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, language: str, name: str
) -> None:
    window = open_window(parse(RACE, "race"), language=language)
    said: list[str] = []
    monkeypatch.setattr(window.board, "refuse", said.append)
    window.board.edit_asked.emit(start_edit(1e300, 0.0))
    assert said[0].startswith(name)


def test_the_bubble_leaves_with_its_document(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    type_text(fields(window, "batch_size")[0], "many")
    old = panel_of(window)._bubble
    window.editing.open(Document(parse(RACE, "race").experiment))
    assert old.isHidden()
    QTest.keyClick(window.board, Qt.Key.Key_F9)
    assert not panel_of(window)._bubble.isVisible()


@pytest.mark.parametrize(
    ("which", "typed", "told_there"),
    [
        (0, "many", "'many' is not a whole number from 0 to 100"),
        (0, "101", "101 is not a whole number from 0 to 100"),
        (1, "wide", "'wide' is not a whole number from 1 to 1,024"),
        (1, "0", "0 is not a whole number from 1 to 1,024"),
    ],
)
def test_layers_are_refused_in_the_words_of_the_field_that_is_wrong(
    qtbot: QtBot, open_window: OpenWindow, which: int, typed: str, told_there: str
) -> None:
    window = open_window()
    field = fields(window, "hidden")[which]
    type_text(field, typed)
    assert panel_of(window).told == told_there
    at = panel_of(window).told_at
    assert at is not None
    assert at.isAncestorOf(field)
    assert field.text() == typed


def test_a_bubble_whose_attributes_are_gone_is_left_in_peace(qtbot: QtBot) -> None:
    """As garbage, it loses them before Qt deletes it; an exception in its event filter may end the process."""
    area = QScrollArea()
    qtbot.addWidget(area)
    bubble = Bubble(area, Look.fit("light", "en", QSize(800, 600)))
    vars(bubble).clear()
    area.resize(300, 200)
    area.show()
    QApplication.processEvents()


def test_a_bubble_survives_the_field_that_it_points_at(qtbot: QtBot) -> None:
    area, look = QScrollArea(), Look.fit("light", "en", QSize(800, 600))
    qtbot.addWidget(area)
    form = QWidget()
    area.setWidget(form)
    bubble, field = Bubble(area, look), Field(form)
    bubble.tell("not so", field, look)
    assert bubble.target is field
    with qtbot.captureExceptions() as raised:
        field.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        bubble.place()
        assert bubble.target is None
        bubble.tell("not so either", form, look)
    assert bubble.target is form
    assert not raised


class Field(QWidget):
    """A field with a class of its own, whose object of Python's goes before Qt's."""

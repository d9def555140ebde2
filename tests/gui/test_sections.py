"""Sections of the panel, and what differs between the runs on top of them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QComboBox, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.document import parse
from gradsim.ui import settings
from gradsim.ui.panels.editors import Editor
from gradsim.ui.panels.scope import ALL
from gradsim.ui.panels.section import Header
from gradsim.ui.window import Window
from tests.gui.conftest import RACE, SMALL, OpenWindow, show_all_settings
from tests.gui.test_panel import cards, choose, editor, fields, more, panel_of, type_text
from tests.unit.small import as_train


def header(window: Window, title: str) -> Header:
    [found] = [h for h in panel_of(window).findChildren(Header) if h.accessibleName() == title and h.isVisible()]
    return found


def made(window: Window, key: str) -> list[Editor]:
    return [e for e in panel_of(window).findChildren(Editor) if e.property("key") == key]


def on_top(window: Window) -> list[tuple[str, int]]:
    shown = [
        e for e in panel_of(window).findChildren(Editor) if e.isVisible() and e.property("run") not in (None, ALL)
    ]
    return [(str(e.property("key")), int(e.property("run"))) for e in shown]


def test_a_closed_section_builds_nothing_and_says_its_values(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(size=(1600, 1000))
    assert not header(window, "Data").is_open
    assert header(window, "Data").shown == "Digits 8×8, 3 seeds"
    assert made(window, ".seed") == []
    header(window, "Data").click()
    assert header(window, "Data").shown == ""
    assert made(window, ".seed")[0].isVisible()
    header(window, "Training").click()
    assert header(window, "Training").shown == "SGD, batch 16"
    assert not made(window, "batch_size")[0].isVisible()


def test_sections_and_more_stay_as_they_are(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(size=(1600, 1000))
    header(window, "Data").click()
    header(window, "Network").click()
    more(window).click()
    choose(window, "loss", "mse")
    changes: list[Callable[[], None]] = [window.next_language, window.toggle_dark, window.next_language]
    for change in changes:
        change()
        window.settle()
    window.editing.open(parse(SMALL.replace("steps = 40", "steps = 41"), "other"))
    window.settle()
    for _ in range(2):
        assert [header(window, title).is_open for title in ("Network", "Training", "Data")] == [False, True, True]
        assert more(window).accessibleName() == "Fewer settings"
        settings.save(window.settings())
        window = open_window(size=(1600, 1000))
        window.restore(settings.load())


def test_each_run_has_its_own_editor_of_what_differs(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    assert on_top(window) == [("activation", 0), ("activation", 1), ("init", 0), ("init", 1)]
    choose(window, "activation", "tanh", 0)
    runs = as_train(window.controller.document.experiment).runs
    assert [run.activation.key for run in runs] == ["tanh", "relu"]
    choose(window, "activation", "relu", 0)
    assert ("activation", 0) in on_top(window)  # it stays in the hand, though nothing differs any more
    window.undo()
    window.undo()
    assert [e.findChild(QComboBox).currentData() for e in made(window, "activation")] == ["sigmoid", "relu"]  # type: ignore[union-attr]


def test_what_begins_to_differ_stays_under_the_hand(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    cards(window)[1].click()
    [field] = fields(window, "batch_size")
    type_text(field, "8")
    assert editor(window, "batch_size").isAncestorOf(field)
    assert ("batch_size", 1) not in on_top(window)
    cards(window)[1].click()
    assert [e.findChildren(QLineEdit)[0].text() for e in made(window, "batch_size") if e.isVisible()] == ["16", "8"]
    assert ("batch_size", 1) in on_top(window)


def test_of_many_runs_the_cards_say_how_they_differ(qtbot: QtBot, open_window: OpenWindow) -> None:
    names = ("sgd", "momentum", "nag", "adam", "rmsprop")
    runs = "".join(f'[[runs]]\noptimizer = "{name}"\n' for name in names)
    window = open_window(parse(RACE.partition("[[runs]]")[0] + runs, "race"))
    assert on_top(window) == []
    for card, run in zip(cards(window), window.controller.document.experiment.runs, strict=True):
        assert f"{run.optimizer.learning_rate:g}" in "".join(text for _, text in card.lines())


def test_zero_that_means_all_is_called_so(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(parse(SMALL.replace("samples = 200", "samples = 0"), "all"))
    show_all_settings(window)
    [field] = [f for f in fields(window, ".data") if f.accessibleName() == "Samples"]
    assert field.text() == "all"
    type_text(field, "300")
    type_text(field, "all")
    assert as_train(window.controller.document.experiment).data.samples == 0  # type: ignore[attr-defined]


def test_buttons_are_never_absent(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    names = {"+ Fork a run", "− Remove", "+ Add a run", "Change from here"}
    for _ in range(7):
        shown = {b.accessibleName() for b in panel_of(window).findChildren(QPushButton) if b.isVisible()}
        assert names <= shown
        panel_of(window)._on_add()

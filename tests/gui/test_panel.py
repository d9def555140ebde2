"""The panel: what it keeps in another look, and edits of runs that differ."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QLineEdit, QPushButton, QSlider, QWidget
from pytestqt.qtbot import QtBot

from gradsim.engine.optim import OPTIMIZERS
from gradsim.sim.documents.document import parse
from gradsim.sim.documents.experiments import full_table
from gradsim.ui.alarm import Alarm
from gradsim.ui.keys import stops
from gradsim.ui.panels.card import RunCard
from gradsim.ui.panels.editors import Editor
from gradsim.ui.panels.panel import Panel
from gradsim.ui.panels.scope import ALL
from gradsim.ui.window import Window
from tests.gui.conftest import RACE, SMALL, OpenWindow, show_all_settings
from tests.unit.small import as_train

MORE_RUNS = "".join(f'[[runs]]\nlabel = "{name}"\nactivation = "tanh"\nhidden = [9]\n' for name in "CDE")
"""Further runs, so that there are more than have their own editors on top."""

DIFFERING = (
    SMALL.replace("hidden = [8, 8, 8]\n", "")
    .replace(
        'activation = "sigmoid"',
        'activation = "sigmoid"\nhidden = [8, 8]\noptimizer = { name = "sgd", learning_rate = 0.3 }',
    )
    .replace(
        'activation = "relu"',
        'activation = "relu"\nhidden = [4, 6, 5]\noptimizer = { name = "adam", learning_rate = 0.02 }',
    )
)


def panel_of(window: Window) -> Panel:
    assert window.panel is not None
    return window.panel


def editor(window: Window, key: str, run: int = ALL) -> Editor:
    """Return the editor of a setting: on top that of one run, else the one in its section."""
    found = [e for e in panel_of(window).findChildren(Editor) if e.property("key") == key and e.isVisible()]
    [one] = [e for e in found if len(found) == 1 or e.property("run") == run]
    return one


def fields(window: Window, key: str, run: int = ALL) -> list[QLineEdit]:
    return editor(window, key, run).findChildren(QLineEdit)


def type_text(field: QLineEdit, text: str) -> None:
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def paste_text(field: QLineEdit, text: str) -> None:
    field.setFocus()
    field.selectAll()
    field.insert(text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def cards(window: Window) -> list[RunCard]:
    return panel_of(window).findChildren(RunCard)


def more(window: Window) -> QPushButton:
    [found] = [b for b in panel_of(window).findChildren(QPushButton) if b.accessibleName().endswith("settings")]
    return found


def alarms(window: Window) -> list[str]:
    """Return what is said at a field that is refused."""
    return [panel_of(window).told] if panel_of(window).told else []


def resized(window: Window) -> None:
    window.resize(1700, 1000)


@pytest.mark.parametrize("change", [resized, Window.toggle_dark, Window.next_language])
def test_another_look_keeps_what_the_panel_was_about(qtbot: QtBot, open_window: OpenWindow, change: object) -> None:
    assert callable(change)
    window = open_window(size=(1000, 600))
    cards(window)[1].click()
    more(window).click()
    type_text(fields(window, "batch_size")[0], "many")
    assert len(alarms(window)) == 1
    assert panel_of(window).told_at is editor(window, "batch_size")
    before = panel_of(window).stops()
    field = fields(window, "optimizer")[0]
    at = before.index(field)
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "0.7")
    bar = panel_of(window).verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    qtbot.wait(100)  # until the error has its place, too
    bar.setValue(bar.maximum())
    look, title = window.styleSheet(), window.windowTitle()
    change(window)
    qtbot.waitUntil(lambda: (window.styleSheet(), window.windowTitle()) != (look, title))
    window.settle()
    assert [card.isChecked() for card in cards(window)] == [False, True]
    assert editor(window, "bias_init").isVisible()
    assert len(alarms(window)) == 1
    assert panel_of(window).told_at is editor(window, "batch_size")
    assert fields(window, "batch_size")[0].text() == "many"
    after = panel_of(window).stops()
    assert len(after) == len(before)
    assert window.focusWidget() is after[at]
    assert fields(window, "optimizer")[0].text() == "0.7"
    bar = panel_of(window).verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() == 0 or bar.value() == bar.maximum(), timeout=10_000)


def test_what_is_being_typed_is_no_edit_until_it_is_ended(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    before = window.controller.document
    field = fields(window, "batch_size")[0]
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "5")
    window.next_language()
    assert window.controller.document is before
    [field] = fields(window, "batch_size")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert [run.batch_size for run in as_train(window.controller.document.experiment).runs] == [5, 5]


def test_another_document_starts_afresh_but_shows_as_many_settings(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    cards(window)[1].click()
    more(window).click()
    type_text(fields(window, "batch_size")[0], "many")
    field = fields(window, "batch_size")[0]
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "5")
    other = parse(SMALL.replace("steps = 40", "steps = 41"), "other")
    window.editing.open(other)
    window.settle()
    assert not any(card.isChecked() for card in cards(window))
    assert editor(window, "bias_init").isVisible()
    assert alarms(window) == []
    assert window.controller.document == other
    assert window.focusWidget() is window.board


def test_the_transport_keeps_the_focus_in_another_look(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    assert window.transport is not None
    before = stops(window.transport.layout())
    before[3].setFocus()
    window.toggle_dark()
    assert window.focusWidget() is stops(window.transport.layout())[3]


def widths(window: Window) -> list[tuple[int, ...]]:
    """Return the layers of the first two runs."""
    return [run.hidden for run in as_train(window.controller.document.experiment).runs[:2]]


def test_how_many_layers_changes_each_runs_own_list(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(parse(DIFFERING + MORE_RUNS, "differing"))
    type_text(fields(window, "hidden")[0], "4")
    assert widths(window) == [(8, 8, 8, 8), (4, 6, 5, 5)]
    slider = editor(window, "hidden").findChildren(QSlider)[0]
    slider.setValue(slider.maximum() // 16)
    assert widths(window) == [(8,), (4,)]


def test_units_a_layer_changes_each_runs_own_list(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(parse(DIFFERING + MORE_RUNS, "differing"))
    type_text(fields(window, "hidden")[1], "7")
    assert widths(window) == [(7, 7), (7, 7, 7)]


def test_a_list_typed_whole_is_the_list_of_all_runs(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(parse(DIFFERING + MORE_RUNS, "differing"))
    type_text(fields(window, "hidden")[1], "2 x 3")
    assert widths(window) == [(3, 3), (3, 3)]


@pytest.mark.parametrize(
    ("key", "text"), [("hidden", "3, 1_0"), ("hidden", "2 x 1_0"), ("batch_size", "1_0"), ("optimizer", "1_0.5")]
)
def test_what_only_python_takes_for_a_number_is_refused(
    key: str, text: str, qtbot: QtBot, open_window: OpenWindow
) -> None:
    window = open_window()
    before = window.controller.document
    type_text(fields(window, key)[0], text)
    assert [f"'{text}' is not " in alarm for alarm in alarms(window)] == [True]
    assert window.controller.document is before


def test_a_list_that_was_refused_does_not_replace_each_runs_own(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(parse(DIFFERING + MORE_RUNS, "differing"))
    type_text(fields(window, "hidden")[1], "8, many")
    assert "'8, many' is not a list" in alarms(window)[0]
    type_text(fields(window, "hidden")[0], "2")
    assert alarms(window) == []
    assert widths(window) == [(8, 8), (4, 6)]


def test_another_optimizer_keeps_each_runs_own_learning_rate(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(parse(DIFFERING + MORE_RUNS, "differing"))
    show_all_settings(window)
    combo = editor(window, "optimizer").findChild(QComboBox)
    assert combo is not None
    assert combo.currentIndex() == -1
    combo.activated.emit(combo.findData("momentum"))
    rules = [run["optimizer"] for run in full_table(window.controller.document.experiment)["runs"][:2]]
    assert [(rule["name"], rule["learning_rate"]) for rule in rules] == [("momentum", 0.3), ("momentum", 0.02)]
    (momentum,) = (e for e in editor(window, "optimizer").findChildren(Editor) if e.property("key") == "momentum")
    field = momentum.findChild(QLineEdit)
    assert field is not None
    type_text(field, "0.5")
    rules = [run["optimizer"] for run in full_table(window.controller.document.experiment)["runs"][:2]]
    assert [(rule["momentum"], rule["learning_rate"]) for rule in rules] == [(0.5, 0.3), (0.5, 0.02)]


def test_an_entry_chosen_while_another_field_is_refused_shows_its_settings(
    qtbot: QtBot, open_window: OpenWindow
) -> None:
    window = open_window()
    type_text(fields(window, "batch_size")[0], "many")
    combo = editor(window, "optimizer").findChild(QComboBox)
    assert combo is not None
    combo.activated.emit(combo.findData("adam"))
    assert len(alarms(window)) == 1
    assert visible_settings(window, "optimizer") == ["Learning rate"]


def visible_settings(window: Window, key: str) -> list[str]:
    return [field.accessibleName() for field in fields(window, key) if field.isVisible()]


def test_what_is_usually_left_alone_waits_behind_more(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    combo = editor(window, "optimizer").findChild(QComboBox)
    assert combo is not None
    combo.activated.emit(combo.findData("momentum"))
    assert visible_settings(window, "optimizer") == ["Learning rate"]
    assert window.panel is not None
    (more,) = (b for b in window.panel.findChildren(QPushButton) if b.accessibleName() == "More settings")
    more.click()
    assert visible_settings(window, "optimizer") == ["Learning rate", "Weight decay", "Momentum factor", "Dampening"]
    (momentum,) = (e for e in editor(window, "optimizer").findChildren(Editor) if e.property("key") == "momentum")
    field = momentum.findChild(QLineEdit)
    assert field is not None
    type_text(field, "0.5")
    more.click()
    assert visible_settings(window, "optimizer") == ["Learning rate", "Momentum factor"]


def test_a_usual_value_becomes_what_is_usual_in_another_entry(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    combo = editor(window, "optimizer").findChild(QComboBox)
    assert combo is not None
    combo.activated.emit(combo.findData("adamw"))
    optimizers = [run.optimizer for run in as_train(window.controller.document.experiment).runs]
    assert optimizers == [OPTIMIZERS["adamw"]()] * 2


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("-2 × 3", "-2 is not a whole number from 0 to"),
        ("3 x 1000000000", "1000000000 is not a whole number from 1 to"),
        ("1000000000 x 3", "'1000000000 x 3' is not a list"),
        ("3 x", "'3 x' is not a list"),
    ],
)
def test_a_product_that_is_no_list_is_refused_in_words(
    qtbot: QtBot, open_window: OpenWindow, text: str, part: str
) -> None:
    window = open_window()
    before = window.controller.document
    type_text(fields(window, "hidden")[0], text)
    [told] = alarms(window)
    assert part in told
    assert window.controller.document is before


def below(window: Window) -> list[QWidget]:
    """Return the widgets at which Tab stops, one after the other, from the board round to it."""
    found: list[QWidget] = []
    window.board.setFocus()
    while True:
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
        focused = window.focusWidget()
        assert focused is not None
        if focused is window.board:
            return found
        assert focused not in found
        found.append(focused)


@pytest.mark.parametrize("entry", ["sgd", "adam"])
def test_tab_goes_from_top_to_bottom_by_what_has_a_name(qtbot: QtBot, open_window: OpenWindow, entry: str) -> None:
    window = open_window(size=(1200, 1000))
    show_all_settings(window)
    combo = editor(window, "optimizer").findChild(QComboBox)
    assert combo is not None
    combo.activated.emit(combo.findData(entry))
    qtbot.wait(50)
    for names in (
        {"Learning rate", "Activation", "Fewer settings", "Seed"},
        {"学习率", "激活函数", "较少设置", "随机种子"},
    ):
        found = below(window)
        unnamed = [type(widget).__name__ for widget in found if not widget.accessibleName()]
        assert unnamed == []
        inside = [widget for widget in found if panel_of(window).isAncestorOf(widget)]
        assert found[-len(inside) :] == inside
        assert names <= {widget.accessibleName() for widget in inside}
        seats = [widget.mapTo(panel_of(window), widget.rect().topLeft()) for widget in inside]
        rows = [(seat.y() // 8, seat.x()) for seat in seats]
        assert rows == sorted(rows)
        window.next_language()
        window.settle()
        qtbot.wait(50)


def test_buttons_show_an_ampersand_and_labels_no_markup(qtbot: QtBot, open_window: OpenWindow) -> None:
    marked = SMALL.replace('label = "ReLU"', 'label = "<b>A</b>&B"').replace('label = "Sigmoid"', 'label = "Linear"')
    window = open_window(parse(marked, "marked"), language="zh_CN", size=(1900, 1000))
    linear, other = cards(window)
    assert [text for _, text in linear.lines()] == ["Linear"]
    assert "".join(text for _, text in other.lines()) == "<b>A</b>&B"
    assert "&lt;b&gt;A&lt;/b&gt;&amp;B" in other.toolTip()
    linear.click()
    assert any(label.text() == "仅此运行" for label in panel_of(window).findChildren(QLabel))
    other.click()
    type_text(fields(window, "label")[0], "<i>" + "x" * 100)
    [told] = alarms(window)
    assert "<i>" in told
    for label in panel_of(window).findChildren(QLabel):
        assert label.textFormat() == Qt.TextFormat.PlainText
    for button in panel_of(window).findChildren(QAbstractButton):
        assert not button.shortcut().toString()


def test_runs_are_added_and_taken_out(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    link(window, "+ Add a run").click()
    assert list(window.controller.document.experiment.labels) == ["Sigmoid", "ReLU", "ReLU 2"]
    qtbot.waitUntil(lambda: len(window.controller.running_document.experiment.runs) == 3, timeout=10_000)
    [card] = [c for c in panel_of(window).findChildren(RunCard) if c.isChecked()]
    assert card.run == 2
    link(window, "− Remove").click()
    assert list(window.controller.document.experiment.labels) == ["Sigmoid", "ReLU"]
    remove = link(window, "− Remove")
    assert remove.isVisible()
    assert not remove.isEnabled()
    assert "First choose a run" in remove.toolTip()
    qtbot.waitUntil(lambda: len(window.controller.running_document.experiment.runs) == 2, timeout=10_000)


def test_there_are_never_more_than_eight_runs(open_window: OpenWindow) -> None:
    window = open_window()
    for _ in range(6):
        link(window, "+ Add a run").click()
    assert len(window.controller.document.experiment.runs) == 8
    assert link(window, "+ Add a run").isVisible()
    assert not link(window, "+ Add a run").isEnabled()
    assert "8 runs" in link(window, "+ Add a run").toolTip()


def link(window: Window, text: str) -> QPushButton:
    [found] = [b for b in panel_of(window).findChildren(QPushButton) if b.text() == text and b.isVisible()]
    return found


def test_what_is_refused_in_one_run_is_not_laid_at_anothers_door(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(Alarm, "tell", lambda _, text: said.append(text))
    window = open_window(parse(DIFFERING + MORE_RUNS, "differing"))
    cards(window)[0].click()
    (rate,) = (f for f in fields(window, "optimizer") if f.accessibleName() == "Learning rate")
    type_text(rate, "fast")
    assert alarms(window)[0].startswith("'fast' is not a number")
    assert panel_of(window).told_at in editor(window, "optimizer").findChildren(Editor)
    cards(window)[1].click()
    assert alarms(window)[0].startswith("Sigmoid: 'fast' is not a number")
    assert panel_of(window).told_at is cards(window)[0]
    cards(window)[1].click()
    assert alarms(window)[0].startswith("Sigmoid: 'fast' is not a number")
    assert panel_of(window).told_at is cards(window)[0]
    window.save_dialog()
    assert said == [f"Not saved: {alarms(window)[0].replace('Sigmoid:', 'Sigmoid, Learning rate:')}"]


def choose(window: Window, key: str, entry: str, run: int = ALL) -> None:
    combo = editor(window, key, run).findChildren(QComboBox)[0]
    combo.activated.emit(combo.findData(entry))


def init_layers(window: Window, run: int) -> QLineEdit:
    [found] = [field for field in fields(window, "init", run) if field.isVisible()]
    return found


def test_given_values_typed_wrongly_are_typed_again(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(parse(SMALL.replace("hidden = [8, 8, 8]", "hidden = []"), "flat"))
    show_all_settings(window)
    for run in (0, 1):
        choose(window, "init", "values", run)
    for text in ("[[1, 2", "7", '{"a": 1}', "9" * 400):
        paste_text(init_layers(window, 1), text)
        assert init_layers(window, 1).text().startswith(text[:80])
        assert len(alarms(window)) == 1
        # The keys that follow are the window's own.
        assert not isinstance(window.focusWidget(), QLineEdit)
    for run in (1, 0):
        paste_text(init_layers(window, run), str([[[0.5] * 10] * 64]))
    assert alarms(window) == []
    for run in full_table(window.controller.document.experiment)["runs"]:
        assert run["init"] == {"name": "values", "layers": [[[0.5] * 10] * 64]}


def test_layers_that_were_refused_are_mended_after_a_run_is_added(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    count, _ = fields(window, "hidden")
    type_text(count, "-1")
    assert len(alarms(window)) == 1
    link(window, "+ Add a run").click()
    cards(window)[2].click()  # from the new run alone to all runs
    count, width = fields(window, "hidden")
    type_text(width, "16")
    type_text(count, "2")
    assert alarms(window) == []
    assert [run.hidden for run in as_train(window.controller.document.experiment).runs] == [(16, 16)] * 3


def test_refused_values_survive_another_look_and_are_mended(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    show_all_settings(window)
    keys = ("hidden", "batch_size", ".seed", ".steps", "optimizer")
    before = {key: [field.text() for field in fields(window, key)][:2] for key in keys}
    for junk in ("9" * 400, "9" * 4300, ", ".join(["9" * 50] * 3), "1e19", "abc"):
        for key in keys:
            paste_text(fields(window, key)[0], junk)
        look = window._look
        window.toggle_dark()
        qtbot.waitUntil(lambda look=look: window._look != look)  # type: ignore[misc]
        assert len(alarms(window)) == 1
        for key, texts in before.items():
            for i, text in enumerate(texts):
                paste_text(fields(window, key)[i], text)
        assert alarms(window) == []
    paste_text(fields(window, "batch_size")[0], "5")
    assert [run.batch_size for run in as_train(window.controller.document.experiment).runs] == [5, 5]


def test_a_run_is_added_on_a_surface_that_is_refused(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(parse(RACE.replace('"himmelblau"', '{ expression = "x**2 + y**2" }'), "race"))
    type_text(fields(window, ".surface")[0], "x**")
    assert len(alarms(window)) == 1
    link(window, "+ Add a run").click()
    assert len(cards(window)) == 3
    cards(window)[2].click()
    type_text(fields(window, ".surface")[0], "x**2 + 2*y**2")
    assert alarms(window) == []
    assert len(window.controller.document.experiment.runs) == 3

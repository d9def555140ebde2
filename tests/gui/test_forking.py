"""Changes and forks that are made in the window, on the network that is running."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.document import parse, read
from gradsim.sim.run.tape import Past, Values
from gradsim.ui.export import Picture, export
from gradsim.ui.panels.card import RunCard
from gradsim.ui.panels.change_list import ChangeList, ChangeRow
from gradsim.ui.panels.editors import Editor
from gradsim.ui.panels.scope import ALL
from gradsim.ui.themes import THEMES
from gradsim.ui.views.train.train_curves import Loss
from gradsim.ui.window import Window
from tests.golden.compare import pixels
from tests.gui.conftest import RACE, SMALL, OpenWindow, menu_actions
from tests.gui.test_panel import alarms, cards, editor, fields, link, panel_of, type_text

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "leaky-from-100.toml"
ONE_RUN = SMALL.partition('[[runs]]\nlabel = "ReLU"')[0]
RELU = 1


def go_to(qtbot: QtBot, window: Window, step: int) -> Past:
    """Show a step of the run of what is edited; return the past up to it."""
    c = window.controller
    qtbot.waitUntil(lambda: c.running_document == c.document, timeout=20_000)
    c.pause()
    c.seek(step)
    qtbot.waitUntil(lambda: c.step == step, timeout=20_000)
    assert c.tape is not None
    return c.tape.until(step)


def changes(window: Window) -> ChangeList:
    found = panel_of(window).findChild(ChangeList)
    assert found is not None
    return found


def rows(window: Window) -> list[ChangeRow]:
    return [row for row in changes(window).findChildren(ChangeRow) if not row.isHidden()]


def settings(window: Window, run: int) -> list[tuple[int, dict[str, Any]]]:
    """Return the changes of a run of what is edited."""
    return [
        (change.step, dict(change.settings)) for change in window.controller.document.experiment.runs[run].changes
    ]


def choose(window: Window, key: str, name: str, run: int = ALL) -> None:
    """Choose an entry in the form."""
    combo = editor(window, key, run).findChildren(QComboBox)[0]
    combo.setCurrentIndex(combo.findData(name))
    combo.activated.emit(combo.currentIndex())


def shown_keys(window: Window) -> set[str]:
    return {e.property("key") for e in panel_of(window).findChildren(Editor) if e.property("key") and e.isVisible()}


def replicas(past: Past, run: int) -> Values:
    return past.replicas(run, "loss")


def forked(qtbot: QtBot, window: Window, step: int = 10) -> None:
    """Fork the ReLU run and let the fork be leaky."""
    go_to(qtbot, window, step)
    cards(window)[RELU].click()
    changes(window).fork_button.click()
    choose(window, "activation", "leaky_relu")


def test_a_fork_shares_the_past_and_goes_its_own_way(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    before = window.controller.document
    forked(qtbot, window)
    assert window.controller.document.experiment.labels == ("Sigmoid", "ReLU", "Leaky ReLU from 10")
    assert [card.isChecked() for card in cards(window)] == [False, False, True]
    past = go_to(qtbot, window, 40)
    assert np.array_equal(replicas(past, 1)[:11], replicas(past, 2)[:11])
    assert (replicas(past, 1)[12:] != replicas(past, 2)[12:]).any(axis=1).all()
    window.settle()
    [loss] = [view for view in window.board.findChildren(Loss) if view.isVisible()]
    assert [line._line._points[0, 0] for line in loss._lines] == [0, 0, 10]
    assert [[mark.x for mark in line._marks.marks] for line in loss._lines] == [[], [], [10]]
    window.undo()
    assert settings(window, 2) == [(10, {})]
    window.undo()
    assert window.controller.document == before
    assert not any(card.isChecked() for card in cards(window)[2:])
    go_to(qtbot, window, 40)
    window.redo()
    window.redo()
    assert window.controller.document.experiment.labels[2] == "Leaky ReLU from 10"


def test_the_form_has_what_may_change_and_shows_what_is_in_force(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    go_to(qtbot, window, 10)
    cards(window)[RELU].click()
    assert {"label", "hidden"} <= shown_keys(window)
    changes(window).change_button.click()
    assert {"activation", "optimizer", "batch_size", "loss"} <= shown_keys(window)
    assert not {"label", "hidden", "init", "output", ".steps", ".seed", ".data"} & shown_keys(window)
    type_text(fields(window, "batch_size")[0], "8")
    go_to(qtbot, window, 20)
    changes(window).change_button.click()
    assert fields(window, "batch_size")[0].text() == "8"
    type_text(fields(window, "batch_size")[0], "4")
    assert [(step, found["batch_size"]) for step, found in settings(window, RELU)] == [(10, 8), (20, 4)]
    assert window.controller.document.experiment.runs[RELU].batch_size == 16


def test_a_setting_that_is_as_before_goes_out_of_the_change(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    forked(qtbot, window)
    type_text(fields(window, "batch_size")[0], "8")
    assert list(settings(window, 2)[0][1]) == ["activation", "batch_size"]
    choose(window, "activation", "relu")
    type_text(fields(window, "batch_size")[0], "16")
    assert settings(window, 2) == [(10, {})]


def test_changes_are_listed_chosen_and_removed(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    go_to(qtbot, window, 10)
    cards(window)[RELU].click()
    assert rows(window) == []
    changes(window).change_button.click()
    choose(window, "activation", "elu")
    go_to(qtbot, window, 20)
    changes(window).change_button.click()
    assert [row.name.accessibleName() for row in rows(window)] == ["ELU from 10", "from 20"]
    assert [row.name.isChecked() for row in rows(window)] == [False, True]
    rows(window)[0].name.click()
    choose(window, "activation", "tanh")
    assert [row.name.isChecked() for row in rows(window)] == [True, False]
    cards(window)[RELU].click()
    assert [row.name.isChecked() for row in rows(window)] == [False, False]
    assert cards(window)[RELU].isChecked()
    assert fields(window, "label")[0].isVisible()
    rows(window)[0].remove.click()
    assert [step for step, _ in settings(window, RELU)] == [20]
    rows(window)[0].name.click()
    rows(window)[0].remove.click()
    assert settings(window, RELU) == []
    assert rows(window) == []
    assert cards(window)[RELU].isChecked()
    cards(window)[RELU].click()
    assert not any(card.isChecked() for card in cards(window))
    assert window.controller.step == 20


def test_what_is_refused_is_told_at_its_field(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    forked(qtbot, window)
    before = window.controller.document
    type_text(fields(window, "batch_size")[0], "many")
    [told] = alarms(window)
    assert panel_of(window).told_at is editor(window, "batch_size")
    assert window.controller.document == before
    cards(window)[2].click()
    assert alarms(window) == [f"from 10: {told}"]
    cards(window)[RELU].click()
    assert alarms(window)[0].endswith(told)
    assert panel_of(window).told_at is cards(window)[2]
    window.undo()
    assert alarms(window) == []
    rate = fields_of_change(window, 2)
    type_text(rate, "fast")
    assert len(alarms(window)) == 1
    assert rows(window)[0].name.accessibleName() == "from 10"
    type_text(rate, "0.2")
    assert alarms(window) == []
    assert settings(window, 2)[0][1]["optimizer"].learning_rate == 0.2


def fields_of_change(window: Window, run: int) -> QLineEdit:
    """Return the field of the learning rate in the first change of a run."""
    if not cards(window)[run].isChecked():
        cards(window)[run].click()
    rows(window)[0].name.click()
    return fields(window, "optimizer")[0]


@pytest.mark.parametrize("key", [Qt.Key.Key_F, Qt.Key.Key_C])
def test_pressed_while_it_trains_nothing_jumps_back(qtbot: QtBot, open_window: OpenWindow, key: Qt.Key) -> None:
    window = open_window(parse(SMALL.replace("steps = 40", "steps = 4000"), "long"))
    c = window.controller
    cards(window)[RELU].click()
    window.board.setFocus()
    c.set_speed(120)
    qtbot.waitUntil(lambda: c.step > 60, timeout=20_000)
    steps: list[int] = []
    c.moved.connect(lambda: steps.append(window.board.shown_step))
    at = window.board.shown_step
    QTest.keyClick(window.board, key)
    assert c.document != c.running_document
    qtbot.waitUntil(lambda: c.document == c.running_document and c.step > at + 5, timeout=20_000)
    assert c.playing
    assert min(steps) >= at
    run = 2 if key == Qt.Key.Key_F else RELU
    [(made, _)] = settings(window, run)
    assert made == at


def test_what_is_asked_for_meanwhile_counts(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    forked(qtbot, window)
    window.controller.reset()
    qtbot.waitUntil(lambda: window.controller.running_document == window.controller.document, timeout=20_000)
    assert window.controller.step == 0


def test_an_earlier_step_asked_for_while_the_fork_comes_up_is_shown(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(parse(SMALL.replace("steps = 40", "steps = 4000"), "long"))
    forked(qtbot, window, 900)
    c = window.controller
    qtbot.waitUntil(lambda: c._waiting is not None or c.running_document == c.document, timeout=20_000)
    c.seek(7)
    qtbot.waitUntil(lambda: c.running_document == c.document and window.board.shown_step == 7, timeout=20_000)


def test_the_buttons_name_the_step_shown_and_are_not_laid_out_anew(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    cards(window)[RELU].click()
    for step in (3, 12):
        go_to(qtbot, window, step)
        found = changes(window).change_button, changes(window).fork_button
        assert found[0].shown == f"from step {step}; until then as it was"
        assert [button.accessibleName() for button in found] == ["Change from here", "+ Fork a run"]


def menu_entries(window: Window) -> dict[str, bool]:
    return {text: action.isEnabled() for text, action in menu_actions(window).items()}


@pytest.mark.parametrize("why", ["the last step", "no run is chosen"])
def test_where_nothing_can_change_it_is_said(qtbot: QtBot, open_window: OpenWindow, why: str) -> None:
    window = open_window()
    go_to(qtbot, window, 40 if why == "the last step" else 10)
    if why == "the last step":
        cards(window)[RELU].click()
    before = window.controller.document
    for button in (changes(window).change_button, changes(window).fork_button):
        assert not button.isEnabled()
        assert ("last step" if why == "the last step" else "choose a run") in button.toolTip()
    for key in (Qt.Key.Key_F, Qt.Key.Key_C):
        QTest.keyClick(window.board, key)
    assert window.controller.document == before
    entries = menu_entries(window)
    assert not entries["Fork"]
    assert not entries["Change from here"]
    cards(window)[0].click()
    go_to(qtbot, window, 12)
    assert changes(window).fork_button.isEnabled()
    assert menu_entries(window)["Fork"]


def test_the_only_run_need_not_be_chosen(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(parse(ONE_RUN, "one"))
    go_to(qtbot, window, 10)
    QTest.keyClick(window.board, Qt.Key.Key_C)
    choose(window, "activation", "relu")
    assert settings(window, 0)[0][0] == 10
    assert len(window.controller.document.experiment.runs) == 1


def test_eight_runs_are_forked_no_more(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(parse(ONE_RUN, "one"))
    go_to(qtbot, window, 5)
    for _ in range(7):
        assert changes(window).fork_button.isEnabled()
        changes(window).fork_button.click()
    assert not changes(window).fork_button.isEnabled()
    assert changes(window).change_button.isEnabled()


def test_removing_the_parent_leaves_the_fork_whole(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    forked(qtbot, window)
    past = go_to(qtbot, window, 20)
    before = replicas(past, 2)
    cards(window)[RELU].click()
    link(window, "− Remove").click()
    past = go_to(qtbot, window, 20)
    assert np.array_equal(replicas(past, 1), before)
    window.settle()
    [loss] = [view for view in window.board.findChildren(Loss) if view.isVisible()]
    assert [line._line._points[0, 0] for line in loss._lines] == [0, 0]
    assert [[(m.x, m.of_fork) for m in line._marks.marks] for line in loss._lines] == [[], [(10, False)]]


def test_a_race_whose_rate_changes_midway(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(parse(RACE, "race"))
    before = go_to(qtbot, window, 60).history(0, "value")
    go_to(qtbot, window, 20)
    cards(window)[0].click()
    rate = fields(window, "optimizer", 0)[0].text()
    changes(window).change_button.click()
    type_text(fields(window, "optimizer")[0], "0.0001")
    after = go_to(qtbot, window, 60).history(0, "value")
    assert np.array_equal(before[:21], after[:21])
    assert (before[21:] != after[21:]).any(axis=1).all()
    assert window.controller.document.experiment.runs[0].optimizer.learning_rate == float(rate)
    choose(window, "optimizer", "adam")
    adam = window.controller.document.experiment.runs[1].optimizer  # at the rate that suits it
    assert settings(window, 0) == [(20, {"optimizer": adam})]
    choose(window, "optimizer", "sgd")
    assert settings(window, 0) == [(20, {})]


def test_a_fork_is_saved_opened_and_exported(qtbot: QtBot, open_window: OpenWindow, tmp_path: Path) -> None:
    window = open_window()
    forked(qtbot, window)
    type_text(fields(window, "optimizer")[0], "0.02")
    document, file = window.controller.document, tmp_path / "fork.toml"
    assert window.editing.save_file(file)
    window.editing.open(parse(SMALL, "small"))
    window.editing.open_file(file)
    assert window.controller.document.experiment == document.experiment
    picture = tmp_path / "fork.png"
    export(read(file), picture, 40, Picture(size=(640, 600), view="loss"))
    left = [leftmost(QImage(str(picture)), colour) for colour in THEMES["light"].runs[:3]]
    assert left[0] < 120
    assert left[2] > left[0] + 0.15 * 640 * (10 / 40)


def leftmost(image: QImage, colour: str) -> int:
    """Return the first column of a picture that has a pixel of just this colour above the sentence."""
    wanted = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    plot = pixels(image)[:360, :, :3]
    return int(np.flatnonzero((plot == wanted).all(axis=2).any(axis=0))[0])


def test_the_example_opens(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(read(EXAMPLE))
    assert window.controller.document.experiment.labels[2] == "Leaky ReLU from 100"
    window.findChildren(RunCard)[2].click()
    assert [row.name.accessibleName() for row in rows(window)] == ["Leaky ReLU, η 0.05 from 100"]
    rows(window)[0].name.click()
    assert {"activation", "optimizer"} <= shown_keys(window)

"""The window in use: play, step, drag, edit, close."""

from __future__ import annotations

import gc
import sys
import threading
from functools import partial
from math import inf
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QImage, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from gradsim.engine.data import Split
from gradsim.engine.data.pictures.carried import unpacked
from gradsim.sim.documents.document import Document, parse
from gradsim.sim.documents.experiments import full_table
from gradsim.sim.documents.picture_text import KEY
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.kinds.train.trainer import Trainer
from gradsim.ui.app import application
from gradsim.ui.keys import KEYS
from gradsim.ui.panels.editors import Editor
from gradsim.ui.views.catalogue import VIEWS
from gradsim.ui.views.train.train_curves import Loss
from gradsim.ui.window import Window
from tests.gui.conftest import SMALL, OpenWindow, chosen_name, open_sections, the_view
from tests.unit.small import as_train


def play_to_end(qtbot: QtBot, window: Window) -> None:
    window.controller.set_speed(inf)
    qtbot.waitUntil(lambda: not window.controller.playing, timeout=30_000)


def editor(window: Window, key: str) -> Editor:
    assert window.panel is not None
    if not key.startswith("."):
        found = [e for e in window.panel.findChildren(Editor) if e.property("key") == key and e.isVisible()]
    else:
        open_sections(window)
        found = [e for e in window.panel.findChildren(Editor) if e.property("key") == key]
    return found[0]


def type_value(qtbot: QtBot, window: Window, key: str, text: str) -> None:
    field = editor(window, key).findChild(QLineEdit)
    assert field is not None
    field.setText(text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def test_it_opens_in_training_and_ends_at_the_last_step(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    assert window.controller.playing
    play_to_end(qtbot, window)
    assert window.controller.step == window.controller.steps == 40


def test_pausing_holds_the_step_and_playing_goes_on(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    qtbot.waitUntil(lambda: window.controller.step >= 2, timeout=10_000)
    window.toggle()
    step = window.controller.step
    for _ in range(8):  # frames in which it would have gone on
        qtbot.wait(20)
        assert window.controller.step == step
    window.toggle()
    qtbot.waitUntil(lambda: window.controller.step > step, timeout=10_000)


def test_stepping_forward_and_back_moves_by_one(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    window.controller.pause()
    start = window.controller.step
    window.forward()
    qtbot.waitUntil(lambda: window.controller.step == start + 1, timeout=10_000)
    window.back()
    assert window.controller.step == start
    window.reset()
    assert window.controller.step == 0
    window.back()
    assert window.controller.step == 0


def test_the_timeline_goes_beyond_what_is_trained(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    window.controller.pause()
    window.controller.seek(33)
    qtbot.waitUntil(lambda: window.controller.step == 33, timeout=10_000)
    window.controller.seek(7)
    assert window.controller.step == 7


def test_playing_at_the_end_starts_over(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    play_to_end(qtbot, window)
    window.controller.set_speed(1)
    window.toggle()
    assert window.controller.step == 0
    assert window.controller.playing


def test_a_step_that_the_tape_thinned_out_is_computed_again(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gradsim.sim.run.tape.MAX_ROWS", 16)
    monkeypatch.setattr("gradsim.sim.run.tape.MAX_RECENT", 2)
    window = open_window()
    play_to_end(qtbot, window)
    tape = window.controller.tape
    assert tape is not None
    assert not tape.holds(22)
    window.controller.seek(22)
    qtbot.waitUntil(lambda: tape.holds(22), timeout=10_000)
    assert tape.until(22).step == 22


def test_an_edit_restarts_with_the_new_value(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    with qtbot.waitSignal(window.controller.started, timeout=10_000):
        type_value(qtbot, window, "batch_size", "5")
    assert [run.batch_size for run in as_train(window.controller.running_document.experiment).runs] == [5, 5]


def test_an_edit_of_one_run_leaves_the_other_alone(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    assert window.panel is not None
    card = window.panel.findChildren(QPushButton)[1]
    QTest.mouseClick(card, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(window.controller.started, timeout=10_000):
        type_value(qtbot, window, "hidden", "4 × 6")
    sigmoid, relu = as_train(window.controller.running_document.experiment).runs
    assert sigmoid.hidden == (8, 8, 8)
    assert relu.hidden == (6, 6, 6, 6)


def test_choosing_an_activation_restarts(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    combo = editor(window, "activation").findChild(QComboBox)
    assert combo is not None
    index = combo.findData("tanh")
    combo.setCurrentIndex(index)
    with qtbot.waitSignal(window.controller.started, timeout=10_000):
        combo.activated.emit(index)
    keys = [run.activation.key for run in as_train(window.controller.running_document.experiment).runs]
    assert keys == ["tanh", "relu"]


@pytest.mark.parametrize(
    ("key", "text", "part"),
    [
        ("batch_size", "100000", "training samples"),
        ("batch_size", "many", "a whole number from 1"),
        ("hidden", "0, 3", "from 1 to"),
        ("hidden", "3 × 0", "from 1 to"),
        (".replicas", "-1", "from 1 to 128"),
        (".seed", "0.5", "a whole number"),
    ],
)
def test_a_bad_value_is_told_beside_its_field_and_the_run_stays(
    qtbot: QtBot, open_window: OpenWindow, key: str, text: str, part: str
) -> None:
    window = open_window()
    before = window.controller.document
    type_value(qtbot, window, key, text)
    assert window.panel is not None
    assert window.panel.told_at is editor(window, key) or window.panel.told_at in editor(window, key).findChildren(
        Editor
    )
    assert part in window.panel.told
    qtbot.wait(250)
    assert window.controller.document == before
    assert window.controller.running_document == before


def test_a_contradiction_is_told_and_mended_by_the_second_edit(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    assert window.panel is not None
    window.panel._on_more()
    for key, value in (("output", "linear"), ("loss", "mse")):
        combo = editor(window, key).findChild(QComboBox)
        assert combo is not None
        combo.activated.emit(combo.findData(value))
        if key == "output":
            assert "does not go with" in window.panel.told
            assert window.panel.told_at is editor(window, "loss")
    qtbot.waitUntil(
        lambda: as_train(window.controller.running_document.experiment).runs[0].loss.key == "mse", timeout=10_000
    )
    assert window.panel.told == ""


def test_a_diverged_run_is_told_and_the_other_goes_on(qtbot: QtBot, open_window: OpenWindow) -> None:
    linear = 'activation = "linear"\noutput = "linear"\nloss = "mse"\n'
    exploding = SMALL.replace('activation = "relu"', linear + 'optimizer = { name = "sgd", learning_rate = 50 }')
    window = open_window(parse(exploding, "exploding"))
    play_to_end(qtbot, window)
    tape = window.controller.tape
    assert tape is not None
    assert [d.run for d in tape.diverged] == [1]
    assert window.controller.step == 40
    past = tape.until(40)
    assert np.isfinite(past.band(0, "loss")).all()
    assert np.isnan(past.band(1, "loss")).all()
    texts = [label.text() for label in window.board.findChildren(QLabel)]
    assert any("diverged at step" in text for text in texts)


def test_keys_do_what_the_list_says(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    for key in KEYS:
        assert callable(getattr(window, key.action))
        for keys in key.keys:
            assert not QKeySequence(keys).isEmpty()
    window.board.setFocus()
    QTest.keyClick(window.board, Qt.Key.Key_Space)
    assert not window.controller.playing
    QTest.keyClick(window.board, Qt.Key.Key_Plus)
    assert window.controller.speed == 60
    QTest.keyClick(window.board, Qt.Key.Key_F9)
    assert window.panel is not None
    assert not window.panel.isVisible()


def test_every_action_while_training_raises_nothing(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *a, **k: ("", ""))
    chosen_name(monkeypatch, "")
    monkeypatch.setattr(Window, "show_menu", lambda self: None)
    window = open_window()
    for _ in range(2):
        for key in KEYS:
            if key.action != "close":
                getattr(window, key.action)()
            QApplication.processEvents()
        qtbot.wait(60)
    for box in window.findChildren(QMessageBox):
        box.close()


class Shown(QObject):
    """Notes what is shown as a window of its own: on a desk it would flash, and take the keyboard away."""

    def __init__(self) -> None:
        super().__init__()
        self.windows: list[QObject] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.windows.append(watched)
        return False


def test_nothing_is_ever_shown_outside_the_window(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    shown = Shown()
    application().installEventFilter(shown)
    for action in ("toggle_dark", "next_language", "toggle_projector", "toggle_projector", *["next_lesson"] * 6):
        getattr(window, action)()
        qtbot.wait(150)
    for view in VIEWS:
        window.show_views((view,))
        qtbot.wait(30)
    application().removeEventFilter(shown)
    assert shown.windows == []
    assert QApplication.activeWindow() is window


def test_resizing_and_closing_in_the_middle_leaves_no_thread(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    window.controller.set_speed(inf)
    for size in ((1024, 768), (1920, 1080), (800, 560)):
        window.resize(*size)
        qtbot.wait(40)
    window.close()
    qtbot.waitUntil(lambda: not [t for t in threading.enumerate() if t.name.startswith("gradsim")], timeout=10_000)


def test_a_new_run_drops_what_the_old_one_still_sends(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    for _ in range(5):
        window.controller.restart()
    begun: list[int] = []
    window.controller.started.connect(lambda: begun.append(window.controller.head))
    qtbot.waitUntil(lambda: bool(begun), timeout=10_000)
    play_to_end(qtbot, window)
    assert len(begun) == 1
    assert (window.controller.step, window.controller.head) == (40, 40)


def test_an_edit_while_a_run_begins_does_not_mix_the_two(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    controller = window.controller
    layers: list[tuple[int, int]] = []

    def note() -> None:
        assert controller.tape is not None
        place = controller.tape.layout.place(0, "grad_rms")
        layers.append(
            (len(as_train(controller.running_document.experiment).runs[0].hidden) + 1, place.stop - place.start)
        )

    controller.started.connect(note)
    controller.restart()
    table = full_table(controller.document.experiment)
    for run in table["runs"]:
        run["hidden"] = [5] * 6
    window.editing.edit(table)
    qtbot.waitUntil(lambda: (7, 7) in layers, timeout=30_000)
    # On a busy machine the edit may begin before the run that it replaces has come to its first step.
    assert layers in ([(4, 4), (7, 7)], [(7, 7)])


def holds(window: Window, step: int) -> bool:
    return window.controller.tape is not None and window.controller.tape.holds(step)


def test_a_run_that_cannot_be_begun_leaves_the_one_on_screen_going(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gradsim.sim.run.tape.MAX_ROWS", 16)
    window = open_window()
    controller = window.controller
    play_to_end(qtbot, window)
    controller.seek(21)
    first = controller.tape
    assert first is not None
    qtbot.waitUntil(lambda: first.holds(21), timeout=10_000)
    begun, shown = controller.started, controller.running_document

    def no_memory_for_more(trainer: Trainer, experiment: Train, *data: Split) -> None:
        if experiment != shown.experiment:
            raise MemoryError("no room")
        begin(trainer, experiment, *data)

    begin = Trainer.__init__
    monkeypatch.setattr(Trainer, "__init__", no_memory_for_more)
    controller.failed.connect(lambda: controller.seek(27))
    with qtbot.assertNotEmitted(begun), qtbot.waitSignal(controller.failed, timeout=10_000):
        type_value(qtbot, window, "batch_size", "5")
    for box in window.findChildren(QMessageBox):
        box.close()
    with qtbot.assertNotEmitted(begun):
        seen = set()
        for _ in range(60):
            qtbot.wait(5)
            seen.add((controller.step, controller.head, controller.running_document is shown))
        assert seen == {(27, 40, True)}
        qtbot.waitUntil(partial(holds, window, 27), timeout=10_000)
        window.back()
        assert controller.step == 26
        for step in (23, 21):
            controller.seek(step)
            qtbot.waitUntil(partial(holds, window, step), timeout=10_000)
        assert controller.tape is not None
        for name in ("grad_rms", "loss"):
            assert np.array_equal(controller.tape.until(21).values(1, name), first.until(21).values(1, name))
        controller.set_speed(30)
        window.toggle()
        play_to_end(qtbot, window)
    assert controller.step == 40


def test_a_picture_carries_its_experiment(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    window = open_window()
    target = tmp_path / "shot.png"
    chosen_name(monkeypatch, str(target))
    window.picture_dialog()
    window.pictures.finish()
    image = QImage(str(target))
    assert image.width() == 2 * window.board.width()
    assert parse(unpacked(image.text(KEY)).experiment, "picture") == window.controller.running_document


def test_saving_and_opening_a_file_gives_the_experiment_back(
    qtbot: QtBot, open_window: OpenWindow, tmp_path: Path, small: Document
) -> None:
    window = open_window()
    path = tmp_path / "a.toml"
    window.editing.save_file(path)
    with qtbot.waitSignal(window.controller.started, timeout=10_000):
        window.editing.open_file(path)
    assert window.controller.running_document == small


def test_opening_a_bad_file_says_so_and_keeps_the_run(qtbot: QtBot, open_window: OpenWindow, tmp_path: Path) -> None:
    window = open_window()
    path = tmp_path / "bad.toml"
    path.write_text('kind = "train"\n[[runs]]\nactivation = "relo"\n')
    before = window.controller.document
    with qtbot.waitSignal(window.editing.failed, timeout=10_000) as said:
        window.editing.open_file(path)
    assert "did you mean 'relu'?" in said.args[0]
    assert "\n" not in said.args[0]
    assert window.controller.document is before


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal from 3.12 on")
def test_signals_do_not_lose_references_to_none(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    window.controller.pause()
    qtbot.wait(50)
    # What other tests have left is collected before, and nothing while it is counted.
    gc.collect()
    gc.disable()
    try:
        before = sys.getrefcount(None)
        for _ in range(200):
            window.controller.moved.emit()
            QApplication.processEvents()
        # A release that drops one at each call loses several a round.
        assert sys.getrefcount(None) > before - 100
    finally:
        gc.enable()


def test_curves_over_samples_follow_another_batch_size(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    window.next_over()
    with qtbot.waitSignal(window.controller.started, timeout=10_000):
        type_value(qtbot, window, "batch_size", "150")
    play_to_end(qtbot, window)
    qtbot.waitUntil(lambda: len(window.board.findChildren(Loss)) == 1, timeout=10_000)
    loss = the_view(window, Loss)
    assert loss.plot.box.viewRange()[0][1] >= 40 * 150
    window.reset()
    assert window.controller.step == 0
    assert loss.plot.box.viewRange()[0][1] >= 40 * 150


@pytest.mark.parametrize(("text", "widths"), [("0", ()), ("2", (8, 8)), ("2 x 3", (3, 3)), ("5, 4", (5, 4))])
def test_no_hidden_layer_is_typed_as_it_is_shown(
    qtbot: QtBot, open_window: OpenWindow, text: str, widths: tuple[int, ...]
) -> None:
    window = open_window()
    with qtbot.waitSignal(window.controller.started, timeout=10_000):
        type_value(qtbot, window, "hidden", text)
    assert [run.hidden for run in as_train(window.controller.running_document.experiment).runs] == [widths, widths]

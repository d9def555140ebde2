"""Data in the window: another set is chosen, lists of numbers are typed, views that do not apply are left out."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit, QToolTip
from pytestqt.qtbot import QtBot

from gradsim.engine.data import DATASETS
from gradsim.schema.errors import FileError
from gradsim.schema.parameters import Numbers
from gradsim.sim.documents.document import Document, parse, read
from gradsim.sim.documents.experiments import experiment_from
from gradsim.sim.documents.picture_text import KEY
from gradsim.sim.run.tape import MEDIAN
from gradsim.ui.export import Picture, export
from gradsim.ui.panels.editors import EntryEditor, NumbersEditor, editor_for
from gradsim.ui.theme import Look, Metrics
from gradsim.ui.themes import THEMES
from gradsim.ui.views.catalogue import views_of
from gradsim.ui.views.common.view import View
from gradsim.ui.views.train.train_curves import LossOnTest
from gradsim.ui.window import Window
from tests.gui.conftest import OpenWindow, chosen_name, edit_to, show_all_settings, the_view
from tests.unit.small import as_train

CLASSES = ("digits", "mnist", "moons", "circles", "spirals", "xor", "blobs", "sparse")
"""Data sets of classes that have 1,000 samples where nobody says otherwise, and images."""

WAVE = """
replicas = 2
steps = 30
data = "sine"
[[runs]]
label = "A"
output = "linear"
loss = "mse"
hidden = [4, 4]
batch_size = 16
"""


@pytest.fixture
def wave() -> Document:
    return parse(WAVE, "wave")


def views(window: Window) -> list[str]:
    return [view.key for view in window.board.findChildren(View) if view.isVisibleTo(window.board)]


def test_accuracy_is_left_out_of_numbers_and_comes_back_with_classes(
    qtbot: QtBot, open_window: OpenWindow, wave: Document
) -> None:
    window = open_window(wave)
    others = [key for key in views_of(wave, "light") if key != "accuracy"]
    assert views(window) == others
    window.show_views(("loss",))
    qtbot.waitUntil(lambda: views(window) == ["loss"], timeout=10_000)
    window.show_views(("accuracy",))  # as the menu does: what applies is shown instead of an empty room
    qtbot.waitUntil(lambda: views(window) == others, timeout=10_000)
    window.view_all()
    table = {"data": {"name": "moons", "samples": 100}, "runs": [{"label": "A", "hidden": [4], "batch_size": 16}]}
    with qtbot.waitSignal(window.controller.started, timeout=10_000):
        edit_to(window, table | {"steps": 30, "replicas": 2})
    qtbot.waitUntil(lambda: views(window) == list(views_of(window.controller.document, "light")), timeout=10_000)


def test_the_test_part_is_shown_where_there_is_one(qtbot: QtBot, open_window: OpenWindow) -> None:
    table = {"data": {"name": "moons", "samples": 100}, "runs": [{"label": "A", "hidden": [4], "batch_size": 16}]}
    window = open_window(Document(experiment_from(table | {"steps": 30, "replicas": 2})))
    window.show_views(("test_loss", "test_accuracy"))
    qtbot.waitUntil(lambda: views(window) == ["test_loss", "test_accuracy"], timeout=10_000)
    window.controller.set_speed(inf)
    qtbot.waitUntil(lambda: not window.controller.playing, timeout=30_000)
    curve = the_view(window, LossOnTest)
    assert window.controller.tape is not None
    past = window.controller.tape.until(30)
    # Five batches are an epoch of 80 samples: step 10 is the nearest measured.
    curve.plot.hovered.emit(QPointF(11.0, 0.5))
    assert f"step 10: {past.history(0, 'test_loss')[10, MEDIAN]:.4g} " in QToolTip.text()
    edit_to(window, table | {"data": {"name": "moons", "samples": 100, "test_fraction": 0.0}, "steps": 30})
    qtbot.waitUntil(lambda: views(window) == list(views_of(window.controller.document, "light")), timeout=10_000)


@pytest.mark.parametrize("view", ["test_loss", "test_accuracy"])
def test_a_picture_of_no_test_part_is_refused(view: str, tmp_path: Path) -> None:
    bare = parse('data = { name = "xor", test_fraction = 0 }\n[[runs]]\nlabel = "A"\nhidden = [4]', "bare")
    with pytest.raises(FileError, match=f"--view: '{view}' has nothing to show of this experiment"):
        export(bare, tmp_path / "out.png", None, Picture(view=view))


def test_a_picture_of_accuracy_is_refused(wave: Document, tmp_path: Path) -> None:
    with pytest.raises(FileError, match="--view: 'accuracy' has nothing to show of this experiment"):
        export(wave, tmp_path / "out.png", None, Picture(view="accuracy"))
    export(wave, tmp_path / "out.png", 5, Picture(size=(800, 600)))
    assert (tmp_path / "out.png").exists()


@pytest.mark.parametrize("name", CLASSES)
def test_choosing_other_data_takes_their_own_number_of_samples(
    name: str, qtbot: QtBot, open_window: OpenWindow
) -> None:
    window = open_window()
    show_all_settings(window)
    assert window.panel is not None
    [editor] = [e for e in window.panel.findChildren(EntryEditor) if e.property("key") == ".data"]
    combo = editor.findChild(QComboBox)
    assert combo is not None
    combo.setCurrentIndex(combo.findData(name))
    combo.activated.emit(combo.currentIndex())
    expected = 200 if name in ("digits", "mnist") else 1000  # 200 is what the images shown before had
    assert as_train(window.controller.document.experiment).data == DATASETS[name](samples=expected)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("text", "edited"),
    [
        ("1, -2.5e3", [1.0, -2500.0]),
        ("−1", [-1.0]),
        ("one", "one"),
        ("1,,2", "1,,2"),
        ("", ""),
        ("1, 2", [1.0, 2.0]),
        ("0,5; 1,25", [0.5, 1.25]),
        ("2, 0.333333", [2.0, 1 / 3]),  # what is not typed anew keeps the digits that are not shown
    ],
)
def test_numbers_are_typed_with_commas(text: str, edited: object, qtbot: QtBot) -> None:
    theme = THEMES["light"]
    look = Look(theme, Metrics.fit(theme, QLineEdit().sizeHint(), "en"), "en")
    editor = editor_for(Numbers("Inputs", low=-1e6, high=1e6), look)
    qtbot.addWidget(editor)
    assert isinstance(editor, NumbersEditor)
    editor.show_value([0.1, 1 / 3])
    field = editor.findChild(QLineEdit)
    assert field is not None
    assert field.text() == "0.1, 0.333333"
    field.setText(text)
    with qtbot.waitSignal(editor.edited) as caught:
        QTest.keyClick(field, Qt.Key.Key_Return)
    assert caught.args is not None
    assert caught.args[0]([0.5]) == edited


TABLE = """
replicas = 1
steps = 10
data = { name = "csv", path = "table.csv" }
[[runs]]
label = "A"
hidden = [4]
output = "linear"
loss = "mse"
batch_size = 4
"""


@pytest.mark.parametrize("below", [True, False])
def test_a_picture_names_a_table_as_export_does(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, below: bool
) -> None:
    home, other = tmp_path / "home", tmp_path / "other"
    for folder in (home, other):
        folder.mkdir()
    (home / "table.csv").write_text("x,y\n" + "".join(f"{i / 7},{i * i / 9}\n" for i in range(30)))
    (home / "a.toml").write_text(TABLE)
    document = read(home / "a.toml")
    window = open_window(document)
    taken, exported = ((home if below else other) / name for name in ("taken.png", "exported.png"))
    chosen_name(monkeypatch, str(taken))
    window.picture_dialog()
    window.pictures.finish()
    step = read(taken).step
    export(document, exported, step, Picture(size=(400, 300)))
    texts = [QImage(str(path)).text(KEY) for path in (taken, exported)]
    assert texts[0] == texts[1]
    assert f'path = "{"table.csv" if below else (home / "table.csv")}"' in texts[0]
    assert read(taken) == replace(document, step=step)

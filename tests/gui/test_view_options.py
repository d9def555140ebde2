"""A view costs one file: what it declares there, lesson files, menu, keys, form and command line know."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit, QMenu
from pytestqt.qtbot import QtBot

from gradsim.cli import main
from gradsim.schema.errors import FileError
from gradsim.sim.documents.document import dump, parse
from gradsim.ui.panels.editors import Editor
from gradsim.ui.panels.picture_options import PictureOptions
from gradsim.ui.views import train
from gradsim.ui.views.catalogue import VIEWS, found_views
from gradsim.ui.views.common.view import View
from gradsim.ui.window import Window
from tests.gui.conftest import RACE, SMALL, OpenWindow, menu_actions, open_sections

TRIAL = """
from dataclasses import dataclass

from gradsim.schema.parameters import Choice, Integer
from gradsim.ui.label import ElidedLabel
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.train.train_view import TrainView


@dataclass(frozen=True)
class TrialOptions(ViewOptions):
    levels: int = Integer("Levels", help="How many.", low=1, high=5).field(2)
    shape: str = Choice("Shape", help="Of what is drawn.", choices=("bars", "dots")).field("bars")


class Trial(TrainView):
    key = "trial"
    title = "Trial"
    order = 25
    options_type = TrialOptions
    options: TrialOptions

    def __init__(self, experiment, look, options=None):
        super().__init__(experiment, look, options)
        self.label = ElidedLabel()
        self.box.addWidget(self.label)

    def draw(self, past):
        self.label.setText(f"{self.options.levels} {self.options.shape}")
"""

LESSON = """
[lesson]
id = "t"
title = "T"
views = ["loss", {{ view = "trial", {0} }}]
"""


@pytest.fixture(autouse=True)
def trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put a view of one file into the package of views, as somebody who writes one does."""
    folder = tmp_path / "views"
    folder.mkdir()
    (folder / "trial.py").write_text(TRIAL)
    monkeypatch.setattr(train, "__path__", [*train.__path__, str(folder)])
    found = found_views()
    monkeypatch.setitem(VIEWS, "trial", found["trial"])
    yield
    del sys.modules["gradsim.ui.views.train.trial"], train.trial  # type: ignore[attr-defined]


def lesson(options: str = "levels = 3") -> str:
    return SMALL + LESSON.format(options)


def shown(window: Window) -> dict[str, View]:
    window.settle()
    assert window.board._content is not None
    return {view.key: view for view in window.board._content.views}


def option(window: Window, name: str, view: str = "trial") -> object:
    return getattr(shown(window)[view].options, name)


def editor(window: Window, label: str) -> Editor:
    assert window.panel is not None
    open_sections(window)
    forms = [form for form in window.panel.findChildren(PictureOptions) if form.isVisibleTo(window.panel)]
    [found] = [e for e in forms[-1].findChildren(Editor) if e.parameter.label == label and not e.isHidden()]
    return found


def test_a_view_is_found_in_its_place() -> None:
    keys = [key for key in found_views() if VIEWS[key].kind == "train"]
    at = keys.index("trial")
    assert keys[at - 1 : at + 2] == ["loss", "trial", "accuracy"]


def test_a_lesson_gives_a_view_its_options(qtbot: QtBot, open_window: OpenWindow) -> None:
    document = parse(lesson('levels = 3, shape = "dots"'), "lesson")
    assert parse(dump(document), "again") == document
    window = open_window(document)
    qtbot.waitUntil(lambda: window.board.shown_step >= 0, timeout=10_000)
    assert (option(window, "levels"), option(window, "shape")) == (3, "dots")
    assert option(window, "over", "loss") == "steps"


REFUSED = {
    "levels = 9": "lesson.views[1].levels: 9 is not a whole number from 1 to 5",
    "level = 3": "lesson.views[1].level: 'level' is not one of levels, shape; did you mean 'levels'?",
    'shape = "dot"': "lesson.views[1].shape: 'dot' is not one of bars, dots; did you mean 'dots'?",
    "view = 'trials'": "lesson.views[1].view: 'trials' is not one of",
}


@pytest.mark.parametrize(("options", "problem"), REFUSED.items())
def test_check_refuses_what_a_view_does_not_have(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: str, problem: str
) -> None:
    file = tmp_path / "a.toml"
    text = lesson(options)
    file.write_text(text.replace('view = "trial", view = ', "levels = 3, view = "))
    assert main(["check", str(file)]) == 2
    said = capsys.readouterr()
    assert problem in said.err
    assert said.err.count("\n") == 1
    file.write_text(lesson())
    assert main(["check", str(file)]) == 0


def test_the_menu_lists_what_there_is_to_choose(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(parse(lesson(), "lesson"))
    below = {text: menu for text, action in menu_actions(window).items() if isinstance(menu := action.menu(), QMenu)}
    levels = below["Levels"].actions()
    assert [action.text() for action in levels] == ["1", "2", "3", "4", "5"]
    assert [action.isChecked() for action in levels] == [False, False, True, False, False]
    assert [action.text() for action in below["Curves over"].actions()] == ["steps", "samples", "seconds"]
    levels[4].trigger()
    below["Shape"].actions()[1].trigger()
    assert (option(window, "levels"), option(window, "shape")) == (5, "dots")


def test_the_form_has_an_editor_for_each(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(parse(lesson(), "lesson"), size=(1400, 1000))
    before = window.controller.document
    qtbot.wait(1)  # the editors come with the pictures
    field = editor(window, "Levels").findChild(QLineEdit)
    assert field is not None
    assert field.text() == "3"
    for text, levels in (("4", 4), ("9", 4)):
        field.setText(text)
        field.editingFinished.emit()
        assert option(window, "levels") == levels
    assert window.panel is not None
    assert window.panel.told == "9 is not a whole number from 1 to 5"
    assert window.panel.told_at is editor(window, "Levels")
    combo = editor(window, "Shape").findChild(QComboBox)
    assert combo is not None
    combo.setCurrentIndex(1)
    combo.activated.emit(1)
    assert option(window, "shape") == "dots"
    assert window.controller.document == before
    window.toggle_dark()  # another panel, the same choice
    qtbot.waitUntil(lambda: shown(window)["trial"].look.theme.name == "dark", timeout=5_000)
    assert option(window, "levels") == 4
    combo = editor(window, "Shape").findChild(QComboBox)
    assert combo is not None
    assert combo.currentData() == "dots"


def test_the_form_shows_what_views_on_screen_have(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(parse(lesson(), "lesson"))
    for views, names in (
        (("loss",), ["over"]),
        (("trial",), ["levels", "shape"]),
        (("fit", "boundary"), ["probe", "over"]),
    ):
        window.show_views(views)
        window.settle()
        assert list(window.board.options.on_screen()) == names


def test_export_has_a_flag_for_each(
    qtbot: QtBot, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.toml").write_text(lesson())

    def picture(name: str, *more: str) -> QImage:
        assert main(["export", "a.toml", "--out", name, "--size", "400x300", "--step", "2", *more]) == 0
        return QImage(name)

    usual = picture("a.png", "--view", "trial")
    assert picture("b.png", "--view", "trial", "--levels", "3") == usual
    assert picture("c.png", "--view", "trial", "--levels", "5") != usual
    assert picture("d.png", "--view", "trial", "--shape", "dots") != usual
    for given, problem in {
        ("--levels", "9"): "--levels: 9 is not a whole number from 1 to 5",
        ("--shape", "dot"): "--shape: 'dot' is not one of bars, dots; did you mean 'dots'?",
        ("--view", "loss", "--levels", "2"): "--levels: loss have no such option; trial have",
        ("--over", "second"): "--over: 'second' is not one of",
    }.items():
        assert main(["export", "a.toml", "--out", "x.png", *given]) == 2
        said = capsys.readouterr()
        assert problem in said.err
        assert said.err.count("\n") == 1
        assert not Path("x.png").exists()


# Options that several views share


SHARED = '[lesson]\nid = "t"\ntitle = "T"\nviews = [{ view = "loss", over = "samples" }, "accuracy", "trial"]\n'


def test_a_key_changes_an_option_in_all_views_that_have_it(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(parse(SMALL + SHARED, "lesson"))
    assert [option(window, "over", key) for key in ("loss", "accuracy")] == ["samples", "steps"]
    QTest.keyClick(window, Qt.Key.Key_X)
    assert [option(window, "over", key) for key in ("loss", "accuracy")] == ["seconds", "seconds"]
    QTest.keyClick(window, Qt.Key.Key_Q)  # no view on screen has a probe
    window.show_views(("gradients", "test_loss"))
    assert option(window, "over", "test_loss") == "seconds"
    assert option(window, "probe", "gradients") == "grad_rms"


def test_a_lesson_sets_an_option_for_all_views_and_for_one(qtbot: QtBot, open_window: OpenWindow) -> None:
    views = 'over = "seconds"\nviews = [{ view = "loss", over = "samples" }, "accuracy"]\n'
    window = open_window(parse(f'{SMALL}[lesson]\nid = "t"\ntitle = "T"\n{views}', "lesson"))
    assert [option(window, "over", key) for key in ("loss", "accuracy")] == ["samples", "seconds"]


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        ('probe = "slope"', "lesson.probe: 'slope' is given, but no view of the kind 'race' has it"),
        ('over = "seconds"', "lesson.over: 'seconds' is not one of steps, samples"),
        ('views = [{ view = "value", over = "seconds" }]', "lesson.views[0].over: 'seconds' is not one of"),
        ('views = [{ view = "step", over = "steps" }]', "lesson.views[0].over: 'over' is not known"),
        ('views = ["map", "map"]', "lesson.views[1]: 'map' is named twice"),
        ("views = [{ over = 'steps' }]", "lesson.views[0]: "),
        ("views = [{ view = 3 }]", "lesson.views[0].view: 3 is not"),
    ],
)
def test_a_lesson_about_a_race_sets_what_views_of_races_have(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], setting: str, problem: str
) -> None:
    (tmp_path / "a.toml").write_text(f'{RACE}[lesson]\nid = "t"\ntitle = "T"\n{setting}\n')
    assert main(["check", str(tmp_path / "a.toml")]) == 2
    assert problem in capsys.readouterr().err


def test_views_swap_in_pairs() -> None:
    pairs = {key: view.swaps_with for key, view in VIEWS.items() if view.swaps_with}
    assert pairs == {"map": "maps", "maps": "map", "basins": "arrivals", "arrivals": "basins"}


def test_two_views_may_not_declare_an_option_differently(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = TRIAL.replace('key = "trial"', 'key = "other"').replace("high=5", "high=6")
    (tmp_path / "views" / "other.py").write_text(text)
    try:
        with pytest.raises(ValueError, match="option 'levels' differently"):
            found_views()
    finally:
        del sys.modules["gradsim.ui.views.train.other"], train.other  # type: ignore[attr-defined]


def test_a_view_may_not_have_an_axis_that_its_kind_has_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "from gradsim.ui.views.common.curves import Curves\nfrom gradsim.ui.views.race.race_view import RaceView\n"
    text += "class Other(Curves, RaceView):\n    key = title = channel = 'other'\n    order = 99\n"
    (tmp_path / "views" / "other.py").write_text(text)
    try:
        with pytest.raises(ValueError, match="view 'other': its kind has no axis seconds"):
            found_views()
    finally:
        del sys.modules["gradsim.ui.views.train.other"], train.other  # type: ignore[attr-defined]


def test_a_view_that_names_no_view_is_refused_before_anything_is_written() -> None:
    with pytest.raises(FileError, match=r"lesson\.views\[0\]"):
        parse(f'{SMALL}[lesson]\nid = "t"\ntitle = "T"\nviews = [3]\n', "lesson")

"""The file that is open: shown anew when an editor has saved it, unless that would lose changes made by hand."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.lessons import first_lesson, lessons, use_own_lessons
from gradsim.ui.window import Window
from tests.gui.conftest import OpenWindow, edit_to

LESSON = """
steps = 60
replicas = 2
data = {{ name = "digits", samples = 100 }}
common = {{ hidden = [8, 8], optimizer = {{ name = "sgd", learning_rate = {rate} }} }}
runs = [{{ activation = "sigmoid" }}, {{ activation = "tanh" }}]
[lesson]
id = "written"
title = "{title}"
"""

_saved = 0


def save(path: Path, text: str) -> None:
    """Save a file as editors do: a new one takes its place. No two are of the same time."""
    global _saved
    _saved += 1
    new = path.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    os.utime(new, ns=(10**18 + _saved, 10**18 + _saved))
    new.replace(path)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "written.toml"
    save(path, LESSON.format(rate=0.1, title="First"))
    return path


@pytest.fixture
def own_folder(file: Path) -> Iterator[Path]:
    use_own_lessons(file.parent)
    yield file.parent
    use_own_lessons(None)


def opened(open_window: OpenWindow, file: Path) -> Window:
    window = open_window()
    window.editing.open_file(file)
    return window


def title(window: Window) -> str:
    lesson = window.editing.draft.document.lesson
    return lesson.title("en") if lesson else ""


def rate(window: Window) -> float:
    return float(window.editing.draft.table["runs"][0]["optimizer"]["learning_rate"])


def press(window: Window, name: str) -> None:
    [button] = [button for button in window.reloading.slip.buttons if button.text() == name]
    button.click()


def test_a_saved_file_is_shown_at_the_same_step(qtbot: QtBot, open_window: OpenWindow, file: Path) -> None:
    window = opened(open_window, file)
    qtbot.waitUntil(lambda: window.controller.step > 10, timeout=20_000)
    window.controller.pause()
    window.controller.seek(20)
    save(file, LESSON.format(rate=0.2, title="Second"))
    qtbot.waitUntil(lambda: title(window) == "Second", timeout=20_000)  # by its own timer
    assert rate(window) == 0.2
    assert not window.isWindowModified()
    shown = window.editing.draft.document
    qtbot.waitUntil(lambda: window.controller.running_document == shown, timeout=20_000)
    qtbot.waitUntil(lambda: window.controller.step == 20, timeout=20_000)
    assert window.controller.running_document.is_as_in_the_lesson
    window.undo()
    assert title(window) == "First"


def test_a_bad_file_is_told_in_a_line_and_what_is_shown_stays(
    qtbot: QtBot, open_window: OpenWindow, file: Path
) -> None:
    window = opened(open_window, file)
    before = window.editing.draft
    save(file, LESSON.format(rate=-1, title="Bad"))
    window.reloading.look_at_file()
    assert window.reloading.slip.text.startswith(f"{file}: common.optimizer.learning_rate: ")
    assert "\n" not in window.reloading.slip.text
    assert window.editing.draft is before
    save(file, LESSON.format(rate=0.3, title="Good"))
    window.reloading.look_at_file()
    assert title(window) == "Good"
    assert window.reloading.slip.text == ""


@pytest.mark.parametrize(("answer", "after"), [("Show the file", 0.4), ("Keep the changes", 0.7)])
def test_changes_by_hand_are_not_lost_without_asking(
    qtbot: QtBot, open_window: OpenWindow, file: Path, answer: str, after: float
) -> None:
    window = opened(open_window, file)
    table = dict(window.editing.draft.table)
    for run in table["runs"]:
        run["optimizer"]["learning_rate"] = 0.7
    edit_to(window, table)
    assert rate(window) == 0.7
    save(file, LESSON.format(rate=0.4, title="Second"))
    window.reloading.look_at_file()
    assert rate(window) == 0.7
    assert window.reloading.slip.text.startswith("written.toml has been saved elsewhere")
    press(window, answer)
    assert rate(window) == after
    assert window.reloading.slip.text == ""
    window.reloading.look_at_file()
    assert rate(window) == after


def test_what_is_saved_from_the_window_is_not_loaded_again(
    qtbot: QtBot, open_window: OpenWindow, file: Path, tmp_path: Path
) -> None:
    window = opened(open_window, file)
    table = dict(window.editing.draft.table)
    table["steps"] = 50
    edit_to(window, table)
    other = tmp_path / "other.toml"
    assert window.editing.save_file(other)
    assert window.editing.path == other
    before = window.editing.draft
    os.utime(other, ns=(10**18, 10**18))
    window.reloading.look_at_file()
    assert window.editing.draft is before
    save(other, other.read_text().replace("steps = 50", "steps = 40"))
    window.reloading.look_at_file()
    assert window.editing.draft.document.experiment.steps == 40


def test_nothing_is_looked_at_where_no_file_is_open(qtbot: QtBot, open_window: OpenWindow, file: Path) -> None:
    window = opened(open_window, file)
    assert window.reloading._timer.isActive()
    window.editing.open(first_lesson())
    assert not window.reloading._timer.isActive()
    save(file, LESSON.format(rate=0.2, title="Second"))
    window.reloading.look_at_file()
    assert window.editing.draft.document == first_lesson()
    file.unlink()
    window.undo()
    window.reloading.look_at_file()
    assert title(window) == "First"


def test_the_course_knows_a_lesson_that_was_saved(
    qtbot: QtBot, open_window: OpenWindow, own_folder: Path, file: Path
) -> None:
    window = open_window()
    window.walk.open("written")
    save(file, LESSON.format(rate=0.2, title="First"))
    window.reloading.look_at_file()
    assert rate(window) == 0.2
    assert window.editing.draft.document.is_as_in_the_lesson
    assert lessons()["written"] == window.editing.draft.document
    save(file, "steps = ")
    window.reloading.look_at_file()
    assert "not a TOML file" in window.reloading.slip.text
    assert "written" in lessons()

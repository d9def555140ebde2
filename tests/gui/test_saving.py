"""New, save, save under another name, recent files, and what the window is called."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import qGray
from PySide6.QtWidgets import QMenu, QMessageBox
from pytestqt.qtbot import QtBot

from gradsim.schema.errors import one_line
from gradsim.sim.documents.document import Document, dump, read
from gradsim.sim.documents.kept import Writer, read_kept
from gradsim.sim.documents.lessons import file_of, lessons
from gradsim.ui import recent
from gradsim.ui.saving import has_comments
from gradsim.ui.settings import file_of_settings, load, reset, save
from gradsim.ui.themes import THEMES
from gradsim.ui.window import Window
from tests.gui.conftest import OpenWindow, chosen_name, menu_actions


@pytest.fixture
def file(tmp_path: Path, small: Document) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(dump(small), encoding="utf-8")
    return path


def change(window: Window, seed: int) -> None:
    window.editing.edit({**window.editing.draft.table, "seed": seed})


def test_an_experiment_is_saved_to_its_file_unasked(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, file: Path
) -> None:
    window, asked = open_window(), chosen_name(monkeypatch, "")
    window.editing.open_file(file)
    change(window, 77)
    assert window.isWindowModified()
    window.save()
    assert read(file).experiment.seed == 77
    assert not window.isWindowModified()
    assert asked == []


def test_it_is_saved_under_another_name_and_from_then_on_there(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, file: Path
) -> None:
    window = open_window()
    window.editing.open_file(file)
    change(window, 77)
    other = file.with_name("other.toml")
    asked = chosen_name(monkeypatch, str(other))
    window.save_dialog()
    assert [texts[1] for texts in asked] == [str(file)]
    assert (read(file).experiment.seed, read(other).experiment.seed) == (1, 77)
    change(window, 78)
    window.save()
    assert (read(file).experiment.seed, read(other).experiment.seed) == (1, 78)
    assert len(asked) == 1


@pytest.mark.parametrize("name", ["mine.png", ""])
def test_what_came_from_no_file_of_text_asks_for_one(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, small: Document, name: str
) -> None:
    window = open_window()
    window.editing.open(small, tmp_path / name if name else None)
    asked = chosen_name(monkeypatch, "")
    change(window, 77)
    window.save()
    assert [texts[1] for texts in asked] == [str(tmp_path / "mine.toml") if name else "experiment.toml"]


def test_a_lesson_of_the_program_is_not_written_over(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = file_of("vanishing")
    before, window = path.read_bytes(), open_window()
    window.editing.open(lessons()["vanishing"], path)
    asked = chosen_name(monkeypatch, "")
    change(window, 77)
    window.save()
    assert [texts[1] for texts in asked] == ["vanishing.toml"]
    assert path.read_bytes() == before
    assert recent.paths() == []
    assert "toml" not in window.windowTitle()


@pytest.mark.parametrize(("answer", "expected"), [("Save", (77, 0)), ("Open", (1, 1)), ("Cancel", (1, 0))])
def test_comments_are_not_lost_unasked(
    qtbot: QtBot,
    open_window: OpenWindow,
    monkeypatch: pytest.MonkeyPatch,
    file: Path,
    answer: str,
    expected: tuple[int, int],
) -> None:
    file.write_text("# which took an evening\n" + file.read_text())
    window, asked = open_window(), chosen_name(monkeypatch, "")
    window.editing.open_file(file)
    change(window, 77)
    monkeypatch.setattr(QMessageBox, "exec", lambda box: QMessageBox.StandardButton[answer].value)
    window.save()
    assert (read(file).experiment.seed, len(asked)) == expected
    assert has_comments(file) is (answer != "Save")


@pytest.mark.parametrize(
    ("text", "has"),
    [
        ('a = "#"', False),
        ("a = '#'", False),
        ('a = """\n#\n"""', False),
        ("a = '''\n#\n'''", False),
        ('a = "\\"#"', False),
        ("a = 1 # b", True),
        ("# it's", True),
        ('a = """\n#\n"""\n# b', True),
    ],
)
def test_comments_are_told_from_texts(tmp_path: Path, text: str, has: bool) -> None:
    (tmp_path / "a.toml").write_text(text)
    assert has_comments(tmp_path / "a.toml") is has


def test_a_save_that_fails_is_said_and_stays_unsaved(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, file: Path
) -> None:
    window, said = open_window(language="zh_CN"), list[str]()
    window.editing.open_file(file)
    change(window, 77)

    def show(text: str) -> bool:
        said.append(text)
        return True

    monkeypatch.setattr(window.alarm, "_show", show)
    file.unlink()
    file.mkdir()
    window.save()
    assert said == [f"{file}：无法写入（这是文件夹）"]
    assert window.isWindowModified()


def test_the_window_is_called_by_the_file(qtbot: QtBot, open_window: OpenWindow, file: Path) -> None:
    window = open_window()
    assert window.windowTitle() == "Experiment[*] – gradsim"
    odd = file.with_name("a[*].toml")
    file.rename(odd)
    window.editing.open_file(odd)
    assert window.windowTitle() == "a[*][*].toml[*] – gradsim"
    lesson = lessons()["vanishing"]
    window.editing.open(lesson, file)
    assert lesson.lesson is not None
    assert window.windowTitle().startswith(f"mine.toml – {lesson.lesson.number} · ")


@pytest.mark.parametrize("kind", ["train", "race"])
def test_a_new_experiment_is_of_the_kind_that_is_open(qtbot: QtBot, open_window: OpenWindow, kind: str) -> None:
    window = open_window(lessons()["vanishing" if kind == "train" else "race"])
    change(window, 77)
    window.new_experiment()
    document = window.editing.draft.document
    assert (document.experiment.kind, document.lesson, len(document.experiment.runs)) == (kind, None, 2)
    assert not window.isWindowModified()
    window.undo()
    assert window.editing.draft.document.experiment.seed == 77


# Recent files


def test_files_that_were_opened_and_saved_are_recent(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, file: Path
) -> None:
    window, other = open_window(), file.with_name("other.toml")
    window.editing.open_file(file)
    chosen_name(monkeypatch, str(other))
    window.save_dialog()
    assert recent.paths() == [other, file]
    actions = menu_actions(window)
    actions["mine.toml"].trigger()
    assert window.editing.path == file
    assert recent.paths() == [file, other]
    other.unlink()
    assert [menu_actions(window)[name].isEnabled() for name in ("mine.toml", "other.toml")] == [True, False]
    menu_actions(window)["Clear the list"].trigger()
    assert recent.paths() == []
    assert "Recent files" not in menu_actions(window)


@pytest.mark.parametrize("theme", THEMES)
def test_a_recent_file_that_is_gone_is_paler_than_one_that_is_there(
    open_window: OpenWindow, file: Path, theme: str
) -> None:
    window = open_window(theme=theme)
    recent.note(file)
    recent.note(file.with_name("gone.toml"))
    [menu] = window.menus.menu("File").findChildren(QMenu)
    menu.resize(menu.sizeHint())
    picture = menu.grab().toImage()

    def strongest(name: str) -> int:
        """Return how far the letters of an entry are from their ground."""
        [action] = [each for each in menu.actions() if each.text() == name]
        room = menu.actionGeometry(action).adjusted(3, 3, -3, -3)
        levels = [
            qGray(picture.pixel(x, y))
            for x in range(room.left(), room.right())
            for y in range(room.top(), room.bottom())
        ]
        return max(levels) - min(levels)

    assert strongest("gone.toml") < 0.75 * strongest("mine.toml")
    [gone] = [each for each in menu.actions() if each.text() == "gone.toml"]
    assert "no longer there" in gone.toolTip()


def test_the_list_is_bounded_and_of_all_windows(settings_folder: Path) -> None:
    for i in range(recent.MOST + 5):
        recent.note(Path(f"/a/{i}.toml"))
    assert recent.paths() == [Path(f"/a/{i}.toml") for i in range(14, 4, -1)]
    recent.note(Path("/a/7.toml"))
    assert len(recent.paths()) == recent.MOST
    assert recent.paths()[0] == Path("/a/7.toml")


@pytest.mark.parametrize("content", [b"", b"7", b"{}", b"[[]]", b"\xff", b'["a"', b"[" * 10**5])
def test_a_damaged_list_is_none(settings_folder: Path, content: bytes) -> None:
    recent.file().parent.mkdir()
    recent.file().write_bytes(content)
    assert recent.paths() == []
    recent.note(Path("/a.toml"))
    assert json.loads(recent.file().read_text()) == ["/a.toml"]


def test_settings_are_reset_by_one_command(settings_folder: Path) -> None:
    from gradsim.cli import DONE, main

    first = load()
    reset()  # where there is nothing yet
    recent.note(Path("/a.toml"))
    save(type(first)("dark", "zh_CN"))
    assert load() != first
    assert main(["--reset-settings"]) == DONE
    assert load() == first
    assert recent.paths() == []
    assert list(file_of_settings().parent.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="names of any bytes are Linux's")
@pytest.mark.parametrize("name", [b"caf\xe9", b"two\nlines", b"<b>bold"])
def test_a_folder_and_a_file_of_any_name(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, file: Path, name: bytes
) -> None:
    folder = Path(os.fsdecode(os.fsencode(file.parent) + b"/" + name))
    folder.mkdir()
    odd, other = folder / f"{folder.name}.toml", folder / f"other {folder.name}.toml"
    odd.write_bytes(file.read_bytes())
    window = open_window()
    window.editing.open_file(odd)
    change(window, 77)
    window.save()
    assert read(odd).experiment.seed == 77
    chosen_name(monkeypatch, str(other))
    window.save_dialog()
    assert read(other).experiment.seed == 77
    assert recent.paths() == [other, odd]
    menu_actions(window)[one_line(odd.name)].trigger()
    assert window.editing.path == odd
    assert window.windowTitle().isprintable()
    assert read_kept(Writer().text(window.editing.kept)).paths == window.editing.kept.paths

"""Files from the window: endings, what is told, what is refused, Qt's own words."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QFileInfo, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QFileIconProvider,
    QFileSystemModel,
    QLineEdit,
    QMessageBox,
    QPushButton,
)
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.document import read
from gradsim.ui.files import asked_path, name_in_dialog
from gradsim.ui.later import later
from gradsim.ui.window import Window
from tests.gui.conftest import OpenWindow, chosen_name


def told(window: Window) -> str:
    assert window.menus._corner is not None
    return window.menus._corner.told


@pytest.mark.parametrize("name", ["a", "a.toml", "a.TOML", "a.txt"])
def test_an_experiment_is_saved_with_its_ending(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    window = open_window()
    chosen_name(monkeypatch, str(tmp_path / name))
    window.save_dialog()
    [written] = list(tmp_path.iterdir())
    assert written.name == (name if name.lower().endswith(".toml") else f"{name}.toml")
    assert read(written) == window.editing.draft.document
    assert told(window) == f"Saved …/{written.name}"


@pytest.mark.parametrize("name", ["a", "a.png", "a.PNG"])
def test_a_picture_is_saved_with_its_ending(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    window = open_window()
    chosen_name(monkeypatch, str(tmp_path / name))
    window.picture_dialog()
    window.pictures.finish()
    [written] = list(tmp_path.iterdir())
    assert written.name == (name if "." in name else f"{name}.png")
    assert not QImage(str(written)).isNull()
    assert told(window) == f"Saved …/{written.name}"


def test_a_picture_of_an_unknown_format_is_refused_in_a_line(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    window, said = open_window(), list[str]()
    monkeypatch.setattr(window.files, "_refuse", said.append)
    chosen_name(monkeypatch, str(tmp_path / "pic1.tiff"))
    window.picture_dialog()
    window.pictures.finish()
    assert said == ["pic1.tiff: a picture's name ends in .pdf, .png, .svg"]
    assert list(tmp_path.iterdir()) == []
    assert told(window) == ""


def test_a_file_that_gets_its_ending_only_then_is_not_overwritten_unasked(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "a.toml").write_text("precious")
    asked = chosen_name(monkeypatch, str(tmp_path / "a"), "")
    window = open_window()
    assert asked_path(window, "Save", "b.toml", "TOML (*.toml)", [".toml"]) is None
    assert [texts[1] for texts in asked] == ["b.toml", str(tmp_path / "a.toml")]


def test_the_dialog_puts_the_ending_behind_a_name(qtbot: QtBot, open_window: OpenWindow, tmp_path: Path) -> None:
    window = open_window()

    def answer() -> None:
        [dialog] = window.findChildren(QFileDialog)
        field = dialog.findChild(QLineEdit)
        assert field is not None
        field.setText(str(tmp_path / "b"))
        dialog.accept()

    later(window, answer)
    assert name_in_dialog(window, "Save", str(tmp_path / "a.toml"), "TOML (*.toml)") == str(tmp_path / "b.toml")


def test_qts_own_dialogs_speak_the_language_of_the_window(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(language="zh_CN")

    def words() -> list[str]:
        box = QMessageBox(QMessageBox.Icon.Question, "", "", QMessageBox.StandardButton.Cancel, window)
        found = [button.text() for button in box.findChildren(QPushButton)]
        box.deleteLater()
        return [*found, QCoreApplication.translate("QLineEdit", "&Copy")]

    assert words() == ["取消", "复制(&C)"]
    window.next_language()
    window.settle()
    assert words() == ["Cancel", "&Copy"]
    assert QApplication.activeWindow() is window


def test_the_words_of_qts_file_dialog_are_in_the_language_of_the_window(open_window: OpenWindow) -> None:
    window = open_window(language="zh_CN")
    assert QFileSystemModel().headerData(0, Qt.Orientation.Horizontal) == "名称"
    assert QFileIconProvider().type(QFileInfo("/")) in ("文件夹", "驱动器")
    assert QApplication.translate("QAbstractFileIconProvider", "Folder") == "文件夹"
    assert QApplication.translate("QAbstractFileIconProvider", "no such word") == "no such word"
    window.next_language()
    window.settle()
    assert QApplication.translate("QAbstractFileIconProvider", "Folder") == "Folder"

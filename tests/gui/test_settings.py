"""What the window takes from one start to the next; never from the real place of the user's settings."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from gradsim import cli
from gradsim.sim.documents.document import Document, dump
from gradsim.ui import app
from gradsim.ui.settings import Settings, load, save
from gradsim.ui.window import Window
from tests.gui.conftest import OpenWindow

LEFT = Settings("dark", "zh_CN", False, b"\x01\x02", more=True, closed=frozenset({"Training"}), still=True)


@pytest.fixture
def ini(settings_folder: Path) -> Path:
    path = settings_folder / "gradsim" / "gradsim.ini"
    path.parent.mkdir()
    return path


def test_the_first_start_is_light_and_english(ini: Path) -> None:
    assert load() == Settings("light", "en", True, b"")


def test_what_is_saved_is_loaded_from_the_users_file(ini: Path) -> None:
    save(LEFT)
    assert load() == LEFT
    assert ini.is_file()
    assert "theme=dark" in ini.read_text()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00garbage\x00[[[=\n]]",
        b"[General]\ntheme=lite\nlanguage=xx\npanel=7\ngeometry=zz\n",
        b'[General]\ntheme=a, b\nlanguage="\ngeometry=@ByteArray(\\x1)\n',
        b"theme=dark\n" * 10_000,
    ],
)
def test_a_broken_file_does_no_harm_and_is_replaced(ini: Path, content: bytes) -> None:
    ini.write_bytes(content)
    assert load() == Settings()
    save(LEFT)
    assert load() == LEFT


def test_a_file_never_makes_objects(ini: Path, tmp_path: Path) -> None:
    made = tmp_path / "made"

    class Malicious:
        def __reduce__(self) -> tuple[object, ...]:
            return Path.touch, (made,)

    written = QSettings(str(tmp_path / "written.ini"), QSettings.Format.IniFormat)
    written.setValue("theme", Malicious())
    written.sync()
    # Copied, for Qt remembers what it wrote itself.
    ini.write_bytes((tmp_path / "written.ini").read_bytes())
    assert b"pathlib" in ini.read_bytes()
    assert load() == Settings()
    save(LEFT)
    assert not made.exists()
    assert load() == LEFT


@pytest.mark.parametrize("odd", [b"\\x0theme", b"a@b", b"\\x7", b"@@x"])
def test_what_is_kept_of_a_damaged_file_is_read_at_every_later_start(ini: Path, odd: bytes) -> None:
    """Qt writes some texts with an @, and a file with an @ is never read."""
    ini.write_bytes(b"[General]\ntheme=dark\nlanguage=zh_CN\npicture=" + odd + b"\nunknown=" + odd + b"\n")
    first = load()
    save(first)
    assert load() == first


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
def test_a_pipe_in_its_place_is_not_waited_for(ini: Path) -> None:
    os.mkfifo(ini)
    assert load() == Settings()
    save(LEFT)
    assert ini.is_file()
    assert load() == LEFT


def test_a_place_that_cannot_be_written_does_no_harm(ini: Path) -> None:
    ini.mkdir()
    save(LEFT)
    assert load() == Settings()


def test_the_window_is_as_it_was_left(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(theme="dark", language="zh_CN", size=(800, 600))
    window.toggle_panel()
    left = window.settings()
    assert (left.theme, left.language, left.panel) == ("dark", "zh_CN", False)
    following = open_window(theme="dark", language="zh_CN", size=(1100, 700))
    following.restore(left)
    qtbot.waitUntil(lambda: (following.width(), following.height()) == (800, 600), timeout=10_000)
    assert following.panel is not None
    assert not following.panel.isVisible()
    now = following.settings()
    assert (now.theme, now.language, now.panel) == (left.theme, left.language, left.panel)


def test_full_screen_is_not_kept(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(size=(800, 600))
    window.toggle_fullscreen()
    left = window.settings()
    following = open_window()
    following.restore(left)
    assert not following.isFullScreen()


@pytest.mark.parametrize(("theme", "panel"), [("light", False), ("projector", False)])
def test_a_panel_left_open_does_not_open_in_the_projector(
    qtbot: QtBot, open_window: OpenWindow, theme: str, panel: bool
) -> None:
    window = open_window(theme=theme)
    window.restore(Settings("dark", "en", theme == "projector", b"nonsense"))
    assert window.panel is not None
    assert window.panel.isVisible() is panel


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], ("dark", "zh_CN")),
        (["--theme", "light"], ("light", "zh_CN")),
        (["--lang", "en"], ("dark", "en")),
    ],
)
def test_options_win_over_settings_and_leaving_saves(
    qtbot: QtBot,
    ini: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    expected: tuple[str, str],
) -> None:
    application = app.application()
    opened: list[Window] = []

    def run() -> int:
        [window] = [w for w in application.topLevelWidgets() if isinstance(w, Window) and w.isVisible()]
        opened.append(window)
        window.close()
        application.aboutToQuit.emit()
        return 0

    monkeypatch.setattr(type(application), "exec", staticmethod(run))
    monkeypatch.setattr("sys.excepthook", lambda *_: None)
    monkeypatch.setattr("gc.freeze", lambda: None)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    save(LEFT)
    assert cli.main(arguments) == 0
    [window] = opened
    qtbot.addWidget(window)
    now = load()
    assert (now.theme, now.language, now.panel) == (*expected, False)
    assert len(now.geometry) > len(LEFT.geometry)
    application.aboutToQuit.disconnect()


def test_export_is_not_influenced(qtbot: QtBot, ini: Path, small: Document, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(dump(small))

    def picture(name: str) -> QImage:
        out = tmp_path / name
        command = ["export", str(tmp_path / "a.toml"), "--out", str(out), "--step", "2", "--size", "500x300"]
        assert cli.main(command) == 0
        return QImage(str(out))

    before = picture("before.png")
    save(LEFT)
    assert picture("after.png") == before


@pytest.mark.parametrize(
    ("content", "asks"), [(b"", True), (b"ask=false", False), (b"ask=true", True), (b"ask=7", True)]
)
def test_closing_asks_unless_it_was_told_not_to(ini: Path, content: bytes, asks: bool) -> None:
    ini.write_bytes(b"[General]\n" + content)
    assert load().ask is asks
    save(load())
    assert load().ask is asks


ENDING = """
import os, signal, sys, time
from PySide6.QtCore import QSettings, QTimer
from PySide6.QtWidgets import QApplication
from gradsim.sim.documents.lessons import first_lesson
from gradsim.ui.app import application, open_window
from gradsim.ui.window import Window

QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, sys.argv[2])
app = application()

def end() -> None:
    [window] = [w for w in app.topLevelWidgets() if isinstance(w, Window)]
    window.editing.edit({**window.editing.draft.table, "seed": 12345})
    assert window.asks and window.isWindowModified()
    os.kill(os.getpid(), getattr(signal, sys.argv[1]))

QTimer.singleShot(1000, end)
sys.exit(open_window(first_lesson(), None, None, None, False))
"""


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_signal_ends_the_program_without_a_question(name: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", ENDING, name, str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "ask=true" in (tmp_path / "gradsim" / "gradsim.ini").read_text()

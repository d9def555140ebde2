"""Unsaved work is offered back after a program that did not end by itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.document import Document, write
from gradsim.sim.documents.files import AFTER, BEFORE
from gradsim.sim.documents.lessons import lessons
from gradsim.ui import rescue
from gradsim.ui.window import Window
from tests.gui.conftest import OpenWindow

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of work that is kept aside."""
    folder = tmp_path / "state" / "drafts"
    monkeypatch.setattr(rescue, "folder", lambda: folder)
    return folder


def change(window: Window, seed: int) -> None:
    window.editing.edit({**window.editing.draft.table, "seed": seed})


def kept(place: Path) -> list[Path]:
    return sorted(place.glob("*.json"))


def keep(window: Window) -> None:
    """Keep unsaved work now, without the wait."""
    assert window.rescue._timer.isActive()
    window.rescue._timer.stop()
    window.rescue.keep()
    window.rescue._wait()


def crash(window: Window) -> None:
    """End a window as a program ends that is killed: what it has kept stays, and its lock holds no more."""
    assert window.rescue._place is not None
    window.rescue._timer.stop()
    window.rescue._place.leave()
    window.rescue._place = None


def press(window: Window, text: str) -> None:
    [button] = [button for button in window.rescue.slip.buttons if button.text() == text]
    button.click()


@pytest.fixture
def crashed(open_window: OpenWindow, small: Document, tmp_path: Path) -> Window:
    """Return a window that has crashed with two unsaved changes of an experiment from a file."""
    window = open_window(lessons()["saddle"])
    window.rescue.begin()
    write(tmp_path / "mine.toml", small)
    window.editing.open_file(tmp_path / "mine.toml")
    change(window, 77)
    change(window, 78)
    keep(window)
    crash(window)
    return window


def test_unsaved_work_comes_back_with_its_history_and_its_file(
    qtbot: QtBot, open_window: OpenWindow, crashed: Window, place: Path, tmp_path: Path
) -> None:
    [left] = kept(place)
    window = open_window(lessons()["vanishing"])
    window.rescue.begin()
    assert window.rescue.slip.text.startswith("Not saved when the program ended on 20")
    assert window.rescue.slip.text.endswith(": Experiment")
    assert [button.text() for button in window.rescue.slip.buttons] == ["Restore it", "Delete it"]
    assert window.editing.draft.document == lessons()["vanishing"]  # nothing has happened yet
    press(window, "Restore it")
    editing = window.editing
    assert editing.draft.document.experiment.seed == 78
    assert editing.path == tmp_path / "mine.toml"
    assert window.isWindowModified()
    assert not window.rescue.slip.isVisible()
    assert not left.exists()
    assert len(kept(place)) == 1  # its own by now
    seeds = []
    while editing.history.can_undo:
        window.undo()
        seeds.append((editing.draft.document.lesson is None, editing.draft.document.experiment.seed))
    assert seeds[:2] == [(True, 77), (True, 1)]
    assert editing.draft.document == lessons()["vanishing"]


def test_a_file_that_was_opened_stays_until_somebody_asks(
    qtbot: QtBot, open_window: OpenWindow, crashed: Window, place: Path, small: Document, tmp_path: Path
) -> None:
    window = open_window(small)
    window.editing.came_from(tmp_path / "mine.toml")
    window.rescue.begin()
    change(window, 5)
    press(window, "Restore it")
    window.undo()
    window.undo()
    window.undo()
    window.undo()
    assert window.editing.draft.document.experiment.seed == 5  # what was changed meanwhile is not lost


def test_what_nobody_wants_is_deleted(
    qtbot: QtBot, open_window: OpenWindow, crashed: Window, place: Path, small: Document
) -> None:
    window = open_window(small)
    window.rescue.begin()
    press(window, "Delete it")
    assert not window.rescue.slip.isVisible()
    assert list(place.iterdir()) == []
    assert window.editing.draft.document == small


def test_what_was_left_unanswered_is_offered_again_and_by_one_window_alone(
    qtbot: QtBot, open_window: OpenWindow, crashed: Window, place: Path
) -> None:
    first, second = open_window(), open_window()
    first.rescue.begin()
    second.rescue.begin()
    assert first.rescue.slip.isVisible()
    assert not second.rescue.slip.isVisible()
    first.close()
    second.rescue.offer()
    assert second.rescue.slip.isVisible()


def test_two_windows_keep_their_work_apart(qtbot: QtBot, open_window: OpenWindow, place: Path) -> None:
    windows = [open_window(), open_window()]
    for i, window in enumerate(windows):
        window.rescue.begin()
        change(window, 70 + i)
        keep(window)
    assert len(kept(place)) == 2
    third = open_window()
    third.rescue.begin()
    assert not third.rescue.slip.isVisible()  # both are at work
    for window in windows:
        crash(window)
    third.rescue.offer()
    press(third, "Restore it")
    press(third, "Restore it")
    seeds = {draft.document.experiment.seed for draft in third.editing.history.drafts}
    assert seeds >= {70, 71}
    assert len(kept(place)) == 1


def test_nothing_is_kept_of_what_is_in_a_file(
    qtbot: QtBot, open_window: OpenWindow, place: Path, tmp_path: Path
) -> None:
    window = open_window()
    window.rescue.begin()
    assert not place.exists()
    change(window, 77)
    keep(window)
    assert len(kept(place)) == 1
    window.editing.save_file(tmp_path / "a.toml")
    keep(window)
    assert list(place.iterdir()) == []


@pytest.mark.parametrize("by_hand", [True, False])
def test_only_who_closes_the_window_discards(
    qtbot: QtBot, open_window: OpenWindow, place: Path, by_hand: bool
) -> None:
    window = open_window()
    window.rescue.begin()
    change(window, 77)
    if by_hand:
        window.close()
    else:
        window.shut_down()  # as at a signal, where nobody was asked
    assert len(kept(place)) == (not by_hand)


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe", b'{"format": 99}'])
def test_what_cannot_be_read_is_set_aside(
    qtbot: QtBot, open_window: OpenWindow, place: Path, crashed: Window, content: bytes
) -> None:
    (place / "bad.json").write_bytes(content)
    window = open_window()
    window.rescue.begin()
    assert (place / "bad.unreadable").read_bytes() == content
    assert window.rescue.slip.isVisible()  # of the other one
    old = time.time() - 86_400 * (rescue.KEPT_DAYS + 1)
    os.utime(place / "bad.unreadable", (old, old))
    open_window().rescue.begin()
    assert not (place / "bad.unreadable").exists()


def test_a_place_that_cannot_be_written_stops_nothing(
    qtbot: QtBot, open_window: OpenWindow, place: Path, log_file: Path
) -> None:
    place.parent.mkdir(parents=True)
    place.write_text("in the way")
    window = open_window()
    window.rescue.begin()
    change(window, 77)
    keep(window)
    assert window.editing.draft.document.experiment.seed == 77
    assert "unsaved work cannot be kept" in log_file.read_text()


KILLED = """
import os, signal, sys
from pathlib import Path
from PySide6.QtCore import QSettings, QTimer
from PySide6.QtWidgets import QApplication
from gradsim.sim.documents.lessons import first_lesson
from gradsim.ui import rescue
from gradsim.ui.app import application, open_window
from gradsim.ui.window import Window

folder, deed = Path(sys.argv[1]), sys.argv[2]
QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(folder / "settings"))
rescue.folder = lambda: folder / "drafts"
rescue.AFTER_MS = 100
app = application()

def step() -> None:
    [window] = [w for w in app.topLevelWidgets() if isinstance(w, Window)]
    if deed == "look" and not window.rescue._begun:
        return
    if deed == "look":
        print(window.rescue.slip.text, flush=True)
        os._exit(0)
    if window.editing.history.is_saved:
        window.editing.edit({**window.editing.draft.table, "seed": 12345})
    elif list((folder / "drafts").glob("*.json")):
        os.kill(os.getpid(), signal.SIGKILL)

timer = QTimer()
timer.timeout.connect(step)
timer.start(200)
sys.exit(open_window(first_lesson(), None, None, None, False))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
def test_a_program_that_was_killed_leaves_its_work(tmp_path: Path) -> None:
    def run(deed: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", KILLED, str(tmp_path), deed]
        return subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=ROOT)

    assert run("edit").returncode == -signal.SIGKILL
    assert not list((tmp_path / "drafts").glob(f"{BEFORE}*{AFTER}"))
    looked = run("look")
    assert looked.stdout.startswith("Not saved when the program ended on "), looked.stderr

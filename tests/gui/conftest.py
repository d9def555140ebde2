"""Windows for tests: made, waited for, closed."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QDialog, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.document import Document, parse
from gradsim.sim.documents.experiments import experiment_from, full_table
from gradsim.sim.documents.lessons import load
from gradsim.ui.app import application
from gradsim.ui.menus import MENUS
from gradsim.ui.panels.section import Header
from gradsim.ui.picture_dialog import PictureDialog
from gradsim.ui.views.common.view import View
from gradsim.ui.window import Window

SMALL = """
replicas = 3
steps = 40
seed = 1
data = { name = "digits", samples = 200 }
[common]
hidden = [8, 8, 8]
batch_size = 16
[[runs]]
label = "Sigmoid"
activation = "sigmoid"
[[runs]]
label = "ReLU"
activation = "relu"
init = "he_normal"
"""


RACE = """
kind = "race"
steps = 60
surface = "himmelblau"
[[runs]]
label = "Plain"
optimizer = "sgd"
[[runs]]
label = "Adam"
optimizer = "adam"
"""


@pytest.fixture(scope="session")
def qapp_cls() -> type:
    from PySide6.QtWidgets import QApplication

    return QApplication


PATIENCE_MS = 60_000
"""How long a condition is waited for on a machine that has much else to do; only a test that fails waits so long."""


class PatientBot(QtBot):
    """Waits longer than a test asks for before it fails it."""

    def waitUntil(self, callback: Callable[[], bool | None], *, timeout: int = 0) -> None:
        super().waitUntil(callback, timeout=max(timeout, PATIENCE_MS))

    def waitSignal(self, signal: Any, *, timeout: int = 0, raising: bool | None = None, **more: Any) -> Any:
        patience = PATIENCE_MS if raising is not False else 0  # whoever expects none waits in vain
        return super().waitSignal(signal, timeout=max(timeout, patience), raising=raising, **more)


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    application()  # whose fonts are known from now on, whichever test is the first
    return PatientBot(request)


@pytest.fixture(autouse=True)
def garbage_elsewhere() -> Iterator[None]:
    """Let Python collect garbage by itself again in tests without windows."""
    yield
    gc.enable()


@pytest.fixture(autouse=True)
def settings_folder(new_folders: Iterator[Path]) -> Path:
    """Keep the user's own settings out of every test."""
    folder = next(new_folders)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(folder))
    return folder


@pytest.fixture
def small() -> Document:
    return parse(SMALL, "small")


def few_replicas(lesson: str) -> Document:
    """Return a lesson of two replicas, whose run is soon computed."""
    document = load(lesson)
    return Document(document.experiment.with_settings(replicas=2), document.lesson)


def edit_to(window: Window, table: dict[str, Any]) -> None:
    """Edit the experiment to what a file with this table says."""
    window.editing.edit(full_table(experiment_from(table)))


def open_sections(window: Window) -> None:
    """Open all sections of the panel: what is in them is made then."""
    assert window.panel is not None
    for header in window.panel.findChildren(Header):
        if not header.is_open and not header.isHidden():
            header.click()


def show_all_settings(window: Window) -> None:
    """Show all settings, those that wait behind "More" too: their editors are made then."""
    assert window.panel is not None
    open_sections(window)
    [more] = [b for b in window.panel.findChildren(QPushButton) if b.accessibleName() == "More settings"]
    more.click()


def menu_actions(window: Window) -> dict[str, QAction]:
    """Return what the menus offer now, with the menus in them, by its text without the key."""
    found = {}
    waiting: list[QMenu] = [window.menus.menu(name) for name in MENUS]
    while waiting:
        for action in waiting.pop(0).actions():
            found[action.text().partition("\t")[0]] = action
            if isinstance(below := action.menu(), QMenu):
                waiting.append(below)
    return found


def chosen_name(monkeypatch: pytest.MonkeyPatch, *names: str) -> list[tuple[str, ...]]:
    """Let dialogs for a file to be written, and for how a picture is to be, be answered.

    The first return these names, one after the other; what they were given is returned.
    """
    asked: list[tuple[str, ...]] = []

    def answer(window: Window, *texts: str) -> str:
        asked.append(texts)
        return names[min(len(asked), len(names)) - 1]

    monkeypatch.setattr("gradsim.ui.files.name_in_dialog", answer)
    monkeypatch.setattr(PictureDialog, "exec", lambda _: QDialog.DialogCode.Accepted)  # as the last picture was
    return asked


V = TypeVar("V", bound=View)


def the_view(window: Window, kind: type[V]) -> V:
    """Return the view of this class that is on the board; ones that Qt is yet to delete do not count."""
    window.settle()
    assert window.board._content is not None
    [view] = [view for view in window.board._content.views if isinstance(view, kind)]
    return view


OpenWindow = Callable[..., Window]


@pytest.fixture
def open_window(qtbot: QtBot, small: Document) -> Iterator[OpenWindow]:
    """Return a function that opens a window and waits for its first picture."""
    application()
    opened: list[Window] = []

    def make(
        document: Document | None = None,
        theme: str = "light",
        language: str = "en",
        size: tuple[int, int] = (1200, 800),
    ) -> Window:
        window = Window(document or small, theme, language)
        opened.append(window)
        qtbot.addWidget(window)
        window.resize(*size)
        window.show()
        qtbot.waitUntil(lambda: window.controller.tape is not None, timeout=20_000)
        window.settle()
        return window

    yield make
    for window in opened:
        window.asks = False  # a test may have switched the question on, and nobody is there to answer it
        window.close()

"""Windows for tests: made, waited for, closed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from pytestqt.qtbot import QtBot

from gradsim.sim.lessons import Document, parse
from gradsim.ui.app import application
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


@pytest.fixture(scope="session")
def qapp_cls() -> type:
    from PySide6.QtWidgets import QApplication

    return QApplication


@pytest.fixture
def small() -> Document:
    return parse(SMALL, "small")


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
        return window

    yield make
    for window in opened:
        window.close()

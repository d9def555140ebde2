"""Widgets for tests of how they look: shown, and closed at the end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QWidget

from gradsim.ui.app import application


@pytest.fixture
def shown() -> Iterator[list[QWidget]]:
    """Give a list for what a test shows, and close all of it."""
    application()
    widgets: list[QWidget] = []
    yield widgets
    for widget in widgets:
        widget.deleteLater()
    application().sendPostedEvents(None, QEvent.Type.DeferredDelete)

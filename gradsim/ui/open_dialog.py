"""The dialog in which a file to be opened is chosen."""

from __future__ import annotations

from PySide6.QtWidgets import QFileDialog, QWidget


def name_to_open(window: QWidget, title: str, start: str, filters: str) -> str:
    """Let an existing file be chosen in a dialog; return its name, "" for none. `start` is the folder shown first."""
    name, _ = QFileDialog.getOpenFileName(window, title, start, filters)
    return name

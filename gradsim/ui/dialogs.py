"""What dialogs share: letters of the size that is read at the desk, and buttons in a row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtWidgets import QHBoxLayout, QPushButton

from gradsim.ui.theme import Look
from gradsim.ui.transport import furniture_px


def desk_look(look: Look) -> Look:
    """Return the look of a dialog for who sits at the computer: on a projector, its letters are smaller."""
    metrics, body = look.metrics, furniture_px(look)
    if body == metrics.body:
        return look
    title = max(body, round(metrics.title * body / metrics.body))
    sizes = replace(metrics, body=body, tick=body, name=body, title=title, verdict=title)
    return replace(look, metrics=sizes)


def add_button(row: QHBoxLayout, text: str, action: Callable[[], object]) -> QPushButton:
    """Add a button that Return does not press unless it is in focus."""
    button = QPushButton(text)
    button.setAutoDefault(False)
    button.clicked.connect(lambda: action())
    row.addWidget(button)
    return button

"""What lies over the board without being a part of it, so that pictures of the board are without it."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget


def join(widget: QWidget, board: QWidget) -> None:
    """Let a widget go where the board has gone, such as to a window of its own; what was shown stays so."""
    parent = board.parentWidget()
    if widget.parentWidget() is not parent:
        hidden = widget.isHidden()
        widget.setParent(parent)
        widget.setHidden(hidden)

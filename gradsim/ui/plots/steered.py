"""A plot that keys steer while it has the focus, which Tab gives it: arrows, + and −, Home."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from gradsim.ui.keys import MOVES
from gradsim.ui.theme import Look

_WAYS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}
_ZOOMS = {Qt.Key.Key_Plus: 1, Qt.Key.Key_Equal: 1, Qt.Key.Key_Minus: -1}


class Steered(QWidget):
    """What the mouse moves and zooms, keys do too."""

    look: Look
    own_keys: ClassVar = MOVES | frozenset(_ZOOMS)

    def nudge(self, across: int, up: int) -> None:
        """Move a little, by -1, 0 or 1 each way."""
        raise NotImplementedError

    def zoom_by(self, notches: float) -> None:
        """Zoom in around the middle, or out where `notches` is negative."""
        raise NotImplementedError

    def show_whole(self) -> None:
        """Go back to how it is shown at first."""
        raise NotImplementedError

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _WAYS:
            self.nudge(*_WAYS[key])
        elif key in _ZOOMS:
            self.zoom_by(_ZOOMS[key])
        elif key == Qt.Key.Key_Home:
            self.show_whole()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def draw_focus(self, painter: QPainter) -> None:
        """Draw a frame if keys steer it."""
        if self.hasFocus():
            painter.setPen(QPen(QColor(self.look.theme.accent), 2.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))

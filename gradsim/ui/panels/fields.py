"""The fields in which values stand."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QKeySequence, QMouseEvent, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QLineEdit,
    QSizePolicy,
    QSlider,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
)

from gradsim.ui.keys import REDO, UNDO
from gradsim.ui.label import wrapped
from gradsim.ui.theme import font

SLIDER_TICKS = 1000


class LineField(QLineEdit):
    """A value as text, right-aligned, as wide as it needs to be."""

    def __init__(self) -> None:
        super().__init__()
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setAcceptDrops(False)  # what is dropped is for the window
        self.editingFinished.connect(self._on_finished)
        # Return ends the editing, so that the window's keys are its own again.
        self.returnPressed.connect(self.clearFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    @property
    def is_being_typed(self) -> bool:
        """Whether its text was typed and is no edit yet."""
        return self.isUndoAvailable()

    def _on_finished(self) -> None:
        if self.isUndoAvailable():
            self.setText(self.text())  # what was typed is an edit now, and undone as one

    def event(self, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and _keys(event) in UNDO + REDO
        ):
            event.setAccepted(self.isUndoAvailable() if _keys(event) in UNDO else self.isRedoAvailable())
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if _keys(event) in UNDO:
            self.undo()
        elif _keys(event) in REDO:
            self.redo()
        elif event.key() == Qt.Key.Key_Escape:
            while self.isUndoAvailable():
                self.undo()
            event.ignore()  # the window takes the focus away
        else:
            super().keyPressEvent(event)


def _keys(event: QKeyEvent) -> str:
    return QKeySequence(event.keyCombination()).toString()


class Slider(QSlider):
    """A slider that leaves the wheel to the panel around it."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._is_held = False
        self.setRange(0, SLIDER_TICKS)
        self.setSingleStep(10)
        self.setPageStep(100)

    @property
    def is_in_hand(self) -> bool:
        """Whether what moves it now is one move: the mouse holds it or its groove, or keys move it."""
        return self._is_held or self.hasFocus()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._is_held = True
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._is_held = False
        super().mouseReleaseEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


SMALLER = 0.8
"""How small a text gets that would not fit else, before it is broken into two lines."""


class Combo(QComboBox):
    """A choice that leaves the wheel to the panel around it; what is chosen is seen whole.

    Parameters
    ----------
    body
        The size of its letters; where a name is too wide, they are smaller, and in two lines.
    """

    def __init__(self, body: int) -> None:
        super().__init__()
        self._body = body
        self.align_right = False
        self._row: Sequence[Combo] = ()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(2 * body)

    def sizeHint(self) -> QSize:
        return QSize(1, 2 * self._body)  # its width is that of the column; Qt would measure all names

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def shown(self) -> tuple[QFont, list[str]]:
        """Return how the choice is painted: its font, and its one or two lines."""
        for share in (1.0, 0.9, SMALLER):
            used = font(round(share * self._body), QFont.Weight.DemiBold)
            if all(combo.fits(used) for combo in self._row or (self,)):
                break
        text = self._text()
        return used, [text] if self.fits(used) else wrapped(text, used, self.text_rect().width(), 2)

    def fits(self, used: QFont) -> bool:
        """Tell whether the choice has room in one line."""
        return QFontMetrics(used).horizontalAdvance(self._text()) <= self.text_rect().width()

    def _text(self) -> str:
        return self.currentText() or self.placeholderText()

    def stand_in(self, row: Sequence[Combo]) -> None:
        """Write in one size with the others of a row: in that of the widest name."""
        self._row = row
        for combo in row:
            self.currentTextChanged.connect(combo.update)

    def text_rect(self) -> QRect:
        """Return where the choice is painted."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        field = QStyle.SubControl.SC_ComboBoxEditField
        return self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, field, self)

    def paintEvent(self, event: QPaintEvent) -> None:
        option, place = QStyleOptionComboBox(), self.text_rect()
        self.initStyleOption(option)
        option.currentText = ""
        with QStylePainter(self) as painter:
            assert isinstance(painter, QStylePainter)
            painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
            used, lines = self.shown()
            painter.setFont(used)
            painter.setPen(self.palette().color(self.foregroundRole()))
            side = Qt.AlignmentFlag.AlignRight if self.align_right else Qt.AlignmentFlag.AlignLeft
            painter.drawText(place, side | Qt.AlignmentFlag.AlignVCenter, "\n".join(lines))

    def show_choice(self, choices: Sequence[str], value: object, missing: str) -> None:
        """Show which of `choices`, the items in their order, a value is; the text `missing` if it is none."""
        self.setPlaceholderText(missing)
        self.setCurrentIndex(choices.index(value) if isinstance(value, str) and value in choices else -1)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

"""The fields in which values stand."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QPaintEvent, QWheelEvent
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

SLIDER_TICKS = 1000


class LineField(QLineEdit):
    """A value as text, right-aligned, as wide as it needs to be."""

    def __init__(self) -> None:
        super().__init__()
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
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
        self.setRange(0, SLIDER_TICKS)
        self.setSingleStep(10)
        self.setPageStep(100)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class Combo(QComboBox):
    """A choice that leaves the wheel to the panel around it."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it with an ellipsis where its text has no room: Qt would cut the text off."""
        option, style = QStyleOptionComboBox(), self.style()
        self.initStyleOption(option)
        field = QStyle.SubControl.SC_ComboBoxEditField
        room = style.subControlRect(QStyle.ComplexControl.CC_ComboBox, option, field, self).width()
        option.currentText = self.fontMetrics().elidedText(
            self.currentText() or self.placeholderText(), Qt.TextElideMode.ElideRight, room
        )
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.end()

    def show_choice(self, choices: Sequence[str], value: object, missing: str) -> None:
        """Show which of `choices`, the items in their order, a value is; the text `missing` if it is none."""
        self.setPlaceholderText(missing)
        self.setCurrentIndex(choices.index(value) if isinstance(value, str) and value in choices else -1)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

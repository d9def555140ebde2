"""What every editor of a setting is: a label, and the field in which the value stands."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from gradsim.schema.errors import quoted
from gradsim.schema.parameters import Parameter
from gradsim.ui.label import ElidedLabel, Paragraph, tip
from gradsim.ui.panels.room import Room
from gradsim.ui.theme import Look, font

Edit = Callable[[Any], Any]
"""What an edit does: takes a run's own plain value, allowed or not, which it leaves as it is, to the new one."""

MIXED = object()
"""The value of a setting in which the runs that are edited together differ."""


def always(value: Any, own: Any) -> Any:
    """Edit any value to this one."""
    return value


def as_text(value: Any) -> str:
    """Return any plain value as a field shows it: a text as it is, others as in a file, cut where endless."""
    return value if isinstance(value, str) else quoted(value)


class Editor(QWidget):
    """Label and value of one parameter: beside each other where both have room, else one above the other.

    Parameters
    ----------
    parameter
        What is edited.
    look
        Colours, sizes, language.
    room
        How wide it may be, and whether it says its own name.
    """

    edited = Signal(object)
    """An :data:`Edit` by the user."""

    more = False
    """Whether settings are shown that are usually left as they are, if they are at their usual value."""

    def __init__(self, parameter: Parameter, look: Look, room: Room) -> None:
        super().__init__()
        self.parameter, self.look, self.room = parameter, look, room
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(look.metrics.body // 9)
        if parameter.help:
            self.setToolTip(tip(look.tr(parameter.help)))

    @property
    def place(self) -> QWidget:
        """The part of it at which a problem with its value is told."""
        return self

    def add_field(self, field: QWidget, needed: int) -> None:
        """Put the field in which the value stands beside the label, or below it where it needs more room."""
        text = self.look.tr(self.parameter.label)
        field.setAccessibleName(text)
        if not self.room.named:
            self.column.addWidget(field)
            return
        wide = QFontMetrics(font(self.look.metrics.body)).horizontalAdvance(text) + 2
        label = ElidedLabel(text) if wide <= self.room.px else Paragraph(text, most_lines=2)
        label.setBuddy(field)
        if wide + self.look.metrics.body // 2 + needed > self.room.px:
            self.column.addWidget(label)
            self.column.addWidget(field)
            return
        row = QHBoxLayout()
        row.setSpacing(self.look.metrics.body // 2)
        label.setFixedWidth(wide)
        label.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)  # else the field lies over it
        row.addWidget(label)
        row.addWidget(field, stretch=1)
        self.column.addLayout(row)

    def show_value(self, value: Any) -> None:
        """Show `value` without signalling an edit; MIXED where runs differ."""
        raise NotImplementedError

    def give(self, value: Any) -> None:
        """Signal an edit to `value`, whatever the value was."""
        self.edited.emit(partial(always, value))

    def refused_part(self, path: str) -> Editor:
        """Return the editor of what is refused, this one or one inside it, and show it; `path` leads to it."""
        return self

"""One editor for each kind of parameter; a form is a column of them.

An editor shows a plain value, as a file holds it, and signals ``edited`` with
the new plain value. Whether that is allowed is not its business.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import log10
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QSizePolicy, QSlider, QVBoxLayout, QWidget

from gradsim.engine.parameters import (
    Choice,
    EntryOf,
    Integer,
    Integers,
    NestedNumbers,
    Number,
    Parameter,
    encode,
    parameters,
)
from gradsim.ui.label import ElidedLabel
from gradsim.ui.theme import Look

SLIDER_TICKS = 1000
HOW_MANY, HOW_WIDE = "How many", "Units a layer"
MIXED = object()
"""The value of a setting in which the runs that are edited together differ."""


class Editor(QWidget):
    """Label, value and a place for an error, for one parameter."""

    edited = Signal(object)

    field_share = 5
    """Width of the field, where the label has 5."""

    def __init__(self, parameter: Parameter, look: Look) -> None:
        super().__init__()
        self.parameter, self.look = parameter, look
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(2)
        self.row = QHBoxLayout()
        self.row.setSpacing(6)
        self._label = ElidedLabel(look.tr(parameter.label))
        self.row.addWidget(self._label, stretch=5)
        self.column.addLayout(self.row)
        self._problem = QLabel()
        self._problem.setProperty("role", "alarm")
        self._problem.setWordWrap(True)
        self._problem.hide()
        if parameter.help:
            self.setToolTip(look.tr(parameter.help))

    def finish(self) -> None:
        """Put the place for an error below what the subclass has added."""
        self.column.addWidget(self._problem)

    def add_field(self, field: QWidget) -> None:
        """Put the field in which the value stands beside the label."""
        field.setAccessibleName(self.look.tr(self.parameter.label))
        self._label.setBuddy(field)
        self.row.addWidget(field, stretch=self.field_share)

    def show_value(self, value: Any) -> None:
        """Show `value` without signalling an edit; MIXED where runs differ."""
        raise NotImplementedError

    def show_problem(self, path: str, problem: str | None) -> None:
        """Show what is wrong with the value, or nothing; `path` is the place inside it."""
        self._problem.setText(problem or "")
        self._problem.setVisible(bool(problem))


class _LineField(QLineEdit):
    """A value as text, right-aligned, as wide as it needs to be."""

    def __init__(self) -> None:
        super().__init__()
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        # Return ends the editing, so that the window's keys are its own again.
        self.returnPressed.connect(self.clearFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)


class _Slider(QSlider):
    """A slider that leaves the wheel to the panel around it."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setRange(0, SLIDER_TICKS)
        self.setSingleStep(10)
        self.setPageStep(100)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class _Combo(QComboBox):
    """A choice that leaves the wheel to the panel around it."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class RangeEditor(Editor):
    """A number: text for exact values, and a slider over the usual range."""

    parameter: Number | Integer

    def __init__(self, parameter: Number | Integer, look: Look) -> None:
        super().__init__(parameter, look)
        self._field = _LineField()
        self._field.editingFinished.connect(self._on_typed)
        self.add_field(self._field)
        self._slider = _Slider()
        self._slider.setAccessibleName(look.tr(parameter.label))
        self._slider.valueChanged.connect(self._on_slid)
        self.column.addWidget(self._slider)
        self._shown = ""
        self.finish()

    @property
    def _ends(self) -> tuple[float, float]:
        return self.parameter.slider or (self.parameter.low, self.parameter.high)

    def show_value(self, value: Any) -> None:
        text = self.look.tr("differs") if value is MIXED else self._text(value)
        self._shown = text
        self._field.setText(text)
        if isinstance(value, int | float) and not self._slider.isSliderDown():
            with QSignalBlocker(self._slider):
                self._slider.setValue(round(SLIDER_TICKS * self._share(float(value))))

    def _text(self, value: Any) -> str:
        if isinstance(value, str):
            return self.look.tr(value)
        return f"{value:.6g}" if isinstance(value, float) else str(value)

    def _share(self, value: float) -> float:
        low, high = self._ends
        if self.parameter.log:
            value, low, high = (log10(max(x, 1e-300)) for x in (value, low, high))
        return min(1.0, max(0.0, (value - low) / (high - low)))

    def _value_at(self, share: float) -> float:
        low, high = self._ends
        if self.parameter.log:
            return float(f"{10 ** (log10(low) + share * (log10(high) - log10(low))):.2g}")
        return low + share * (high - low)

    def _on_slid(self, ticks: int) -> None:
        value: float | int = self._value_at(ticks / SLIDER_TICKS)
        value = round(value) if isinstance(self.parameter, Integer) else float(f"{value:.3g}")
        text = self._text(value)
        if text != self._shown:
            self._shown = text
            self._field.setText(text)
            self.edited.emit(value)

    def _on_typed(self) -> None:
        text = self._field.text().strip()
        if text == self._shown:
            return
        self._shown = text
        self.edited.emit(self._typed(text))

    def _typed(self, text: str) -> object:
        if isinstance(self.parameter, Integer):
            for word in self.parameter.words:
                if text in (word, self.look.tr(word)):
                    return word
        try:
            # A comma may stand for thousands or for the decimal point: it is not guessed which.
            number = float(text.replace("−", "-"))
        except ValueError:
            return text
        return int(number) if isinstance(self.parameter, Integer) and number.is_integer() else number


class ChoiceEditor(Editor):
    """One of a few words."""

    parameter: Choice
    field_share = 7

    def __init__(self, parameter: Choice, look: Look) -> None:
        super().__init__(parameter, look)
        self._combo = _Combo()
        for choice in parameter.choices:
            self._combo.addItem(look.tr(choice), choice)
        self._combo.activated.connect(self._on_chosen)
        self.add_field(self._combo)
        self.finish()

    def show_value(self, value: Any) -> None:
        self._combo.setCurrentIndex(self._combo.findData(value) if value is not MIXED else -1)

    def _on_chosen(self, index: int) -> None:
        self.edited.emit(self._combo.itemData(index))


class EntryEditor(Editor):
    """An entry of a registry, and below it the entry's own settings."""

    parameter: EntryOf
    field_share = 7

    def __init__(self, parameter: EntryOf, look: Look) -> None:
        super().__init__(parameter, look)
        self._combo = _Combo()
        self._combo.setPlaceholderText(look.tr("differs"))
        for key, entry in parameter.registry.items():
            self._combo.addItem(look.tr(entry.label), key)
            self._combo.setItemData(self._combo.count() - 1, entry.formula, Qt.ItemDataRole.ToolTipRole)
        self._combo.activated.connect(self._on_chosen)
        self.add_field(self._combo)
        self._settings: dict[str, Editor] = {}
        self._value: dict[str, Any] = {}
        self.finish()

    def show_value(self, value: Any) -> None:
        if value is MIXED:
            self._value = {}
            self._combo.setCurrentIndex(-1)
        else:
            self._value = {"name": value} if isinstance(value, str) else dict(value)
            self._combo.setCurrentIndex(self._combo.findData(self._value["name"]))
        self._show_settings()

    def _show_settings(self) -> None:
        name = self._value.get("name")
        wanted = parameters(self.parameter.registry[name]) if name else {}
        if {key: editor.parameter for key, editor in self._settings.items()} != wanted:
            for editor in self._settings.values():
                self.column.removeWidget(editor)
                editor.deleteLater()
            self._settings = {key: editor_for(setting, self.look) for key, setting in wanted.items()}
            for key, editor in self._settings.items():
                editor.setProperty("key", key)
                editor.edited.connect(self._on_setting_edited)
                self.column.insertWidget(self.column.count() - 1, editor)
        for key, editor in self._settings.items():
            editor.show_value(self._value.get(key, _defaults(self.parameter.registry[str(name)])[key]))

    def _on_chosen(self, index: int) -> None:
        name = self._combo.itemData(index)
        entry = self.parameter.registry[name]
        # What both entries know keeps its value: another optimizer, the same learning rate.
        kept = {key: value for key, value in self._value.items() if key in parameters(entry)}
        self._value = {"name": name, **_defaults(entry), **kept}
        self._show_settings()
        self.edited.emit(dict(self._value))

    def _on_setting_edited(self, value: object) -> None:
        sender = self.sender()
        self._value[str(sender.property("key"))] = value
        self.edited.emit(dict(self._value))

    def show_problem(self, path: str, problem: str | None) -> None:
        key, _, rest = path.partition(".")
        key = key.partition("[")[0]
        inside = self._settings.get(key)
        for other, editor in self._settings.items():
            editor.show_problem(rest, problem if other == key else None)
        super().show_problem(path, None if inside else problem)


def _defaults(entry: type) -> Mapping[str, Any]:
    return encode(entry())


class IntegersEditor(Editor):
    """Layers: how many and how wide, by slider; unequal widths as text."""

    parameter: Integers

    def __init__(self, parameter: Integers, look: Look) -> None:
        super().__init__(parameter, look)
        self._value: list[int] = []
        self._field = _LineField()
        self._field.editingFinished.connect(self._on_typed)
        self._shown = ""
        self.add_field(self._field)
        count = Integer(HOW_MANY, help=parameter.help, low=0, high=parameter.most, slider=(0, 16))
        width = Integer(HOW_WIDE, low=parameter.low, high=parameter.high, slider=(1, 128), log=True)
        self._count, self._width = RangeEditor(count, look), RangeEditor(width, look)
        self._count.edited.connect(self._on_count_edited)
        self._width.edited.connect(self._on_width_edited)
        self.column.addWidget(self._count)
        self.column.addWidget(self._width)
        self.finish()

    def show_value(self, value: Any) -> None:
        if value is MIXED:
            for editor in (self._count, self._width):
                editor.show_value(MIXED)
            self._show_text(self.look.tr("differs"))
            return
        self._value = list(value)
        self._count.show_value(len(self._value))
        self._width.show_value(self._value[0] if len(set(self._value)) == 1 else MIXED)
        self._show_text(_as_product(self._value))

    def _show_text(self, text: str) -> None:
        self._shown = text
        self._field.setText(text)

    def _on_count_edited(self, count: object) -> None:
        if isinstance(count, int) and count >= 0:
            width = self._value[-1] if self._value else 32
            self._emit([*self._value[:count], *[width] * (min(count, 1000) - len(self._value))])
        else:
            self.edited.emit(count)

    def _on_width_edited(self, width: object) -> None:
        self._emit([width] * len(self._value))

    def _emit(self, value: list[Any]) -> None:
        if all(isinstance(width, int) for width in value):
            self.show_value(value)
        self.edited.emit(list(value))

    def _on_typed(self) -> None:
        text = self._field.text().strip()
        if text == self._shown:
            return
        self._shown = text
        count, times, width = (part.strip() for part in text.replace("x", "×").partition("×"))
        try:
            if times:
                self._emit([int(width)] * min(int(count), 1000))
            else:
                self._emit([int(part) for part in text.split(",") if part.strip()])
        except ValueError:
            self.edited.emit(text)


def _as_product(widths: list[int]) -> str:
    if len(widths) > 1 and len(set(widths)) == 1:
        return f"{len(widths)} × {widths[0]}"
    return ", ".join(str(width) for width in widths) or "0"


class TextEditor(Editor):
    """A line of text."""

    def __init__(self, parameter: Parameter, look: Look) -> None:
        super().__init__(parameter, look)
        self._field = _LineField()
        self._field.editingFinished.connect(self._on_typed)
        self.add_field(self._field)
        self._shown = ""
        self.finish()

    def show_value(self, value: Any) -> None:
        self._shown = "" if value is MIXED else str(value)
        self._field.setText(self._shown)

    def _on_typed(self) -> None:
        if self._field.text() != self._shown:
            self._shown = self._field.text()
            self.edited.emit(self._typed(self._shown))

    def _typed(self, text: str) -> object:
        return text


class NestedEditor(TextEditor):
    """Numbers in lists, written as in a file: [[0.6, 1], [-2, 3]]. What is no list is left as text, to be refused."""

    def __init__(self, parameter: Parameter, look: Look) -> None:
        super().__init__(parameter, look)
        self._field.setMaxLength(1_000_000)

    def show_value(self, value: Any) -> None:
        super().show_value(value if value is MIXED or isinstance(value, str) else json.dumps(value))

    def _typed(self, text: str) -> object:
        try:
            return json.loads(text.replace("−", "-"))
        except (ValueError, RecursionError):
            return text


_KINDS: dict[type[Parameter], Any] = {
    Number: RangeEditor,
    Integer: RangeEditor,
    Integers: IntegersEditor,
    NestedNumbers: NestedEditor,
    Choice: ChoiceEditor,
    EntryOf: EntryEditor,
}


def editor_for(parameter: Parameter, look: Look) -> Editor:
    """Return a new editor for a parameter, by its kind."""
    made: Editor = _KINDS.get(type(parameter), TextEditor)(parameter, look)
    return made

"""One editor for each kind of parameter; a form is a column of them.

An editor shows a plain value, as a file holds it, and signals ``edited`` with
an :data:`Edit`: so one edit of many runs changes in each what was edited and
nothing else. Whether the outcome is allowed is not its business, so a value
that is shown or edited may be of any type: what was refused is to be mended.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from math import log10
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gradsim.schema.errors import quoted
from gradsim.schema.parameters import (
    Choice,
    EntryOf,
    Integer,
    Integers,
    NestedNumbers,
    Number,
    Numbers,
    Parameter,
    encode,
    parameters,
)
from gradsim.schema.registry import Registry
from gradsim.ui.label import ElidedLabel, Paragraph, tip
from gradsim.ui.panels.fields import SLIDER_TICKS, Combo, LineField, Slider
from gradsim.ui.theme import Look

Edit = Callable[[Any], Any]
"""What an edit does: takes a run's own plain value, allowed or not, which it leaves as it is, to the new one."""

MOST_LINES = 8
"""Lines of an error."""
START_WIDTH = 32
"""Units of the first layer that is added to none."""
HOW_MANY, HOW_WIDE = "How many", "Units a layer"
MIXED = object()
"""The value of a setting in which the runs that are edited together differ."""


def _always(value: Any, own: Any) -> Any:
    return value


def _as_text(value: Any) -> str:
    """Return any plain value as a field shows it: a text as it is, others as in a file, cut where endless."""
    return value if isinstance(value, str) else quoted(value)


class Editor(QWidget):
    """Label, value and a place for an error, for one parameter."""

    edited = Signal(object)
    """An :data:`Edit` by the user."""

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
        self._problem = Paragraph(most_lines=MOST_LINES)
        self._problem.setProperty("role", "alarm")
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

    more = False
    """Whether settings are shown that are usually left as they are, if they are at their usual value."""

    def show_value(self, value: Any) -> None:
        """Show `value` without signalling an edit; MIXED where runs differ."""
        raise NotImplementedError

    def give(self, value: Any) -> None:
        """Signal an edit to `value`, whatever the value was."""
        self.edited.emit(partial(_always, value))

    def show_problem(self, path: str, problem: str | None) -> None:
        """Show what is wrong with the value, or nothing; `path` is the place inside it."""
        self._problem.setText(problem or "")
        self._problem.setVisible(bool(problem))


class RangeEditor(Editor):
    """A number: text for exact values, and a slider over the usual range."""

    parameter: Number | Integer

    def __init__(self, parameter: Number | Integer, look: Look) -> None:
        super().__init__(parameter, look)
        self._field = LineField()
        self._field.editingFinished.connect(self._on_typed)
        self.add_field(self._field)
        self._slider = Slider()
        self._slider.setAccessibleName(look.tr(parameter.label))
        self._slider.valueChanged.connect(self._on_slid)
        self.column.addWidget(self._slider)
        self._shown = ""
        self.finish()

    @property
    def _ends(self) -> tuple[float, float]:
        return self.parameter.slider or (self.parameter.low, self.parameter.high)

    def show_value(self, value: Any) -> None:
        self._show_text(self.look.tr("differs") if value is MIXED else self._text(value))
        if isinstance(value, int | float) and not self._slider.isSliderDown():
            with QSignalBlocker(self._slider):
                self._slider.setValue(round(SLIDER_TICKS * self._share(value)))

    def _show_text(self, text: str) -> None:
        self._field.setText(text)
        self._shown = self._field.text().strip()

    def _text(self, value: Any) -> str:
        if isinstance(self.parameter, Integer) and value in self.parameter.words:
            return self.look.tr(value)
        return f"{value:.6g}" if isinstance(value, float) else _as_text(value)

    def _share(self, value: float) -> float:
        low, high = self._ends
        value = min(max(value, low), high)  # a whole number may be too large to become a float
        if self.parameter.log:
            value, low, high = (log10(max(x, 1e-300)) for x in (value, low, high))
        return (value - low) / (high - low) if low <= value <= high else 0.0

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
            self._show_text(text)
            self.give(value)

    def _on_typed(self) -> None:
        text = self._field.text().strip()
        if text == self._shown:
            return
        self._shown = text
        self.give(self._typed(text))

    def _typed(self, text: str) -> object:
        if isinstance(self.parameter, Integer):
            for word in self.parameter.words:
                if text in (word, self.look.tr(word)):
                    return word
        try:
            number = _number(text)
        except ValueError:
            return text
        return int(number) if isinstance(self.parameter, Integer) and number.is_integer() else number


def _number(text: str) -> float:
    """Return the number that is typed; ValueError for what only Python takes for one, as 1_000.

    A comma may stand for thousands or for the decimal point: it is not guessed which.
    """
    if "_" in text:
        raise ValueError(text)
    return float(text.replace("−", "-"))


class ChoiceEditor(Editor):
    """One of a few words."""

    parameter: Choice
    field_share = 7

    def __init__(self, parameter: Choice, look: Look) -> None:
        super().__init__(parameter, look)
        self._combo = Combo()
        for choice in parameter.choices:
            self._combo.addItem(look.tr(parameter.label_of(choice)), choice)
            note = look.tr(parameter.note_on(choice))
            self._combo.setItemData(self._combo.count() - 1, tip(note) if note else None, Qt.ItemDataRole.ToolTipRole)
        self._combo.activated.connect(self._on_chosen)
        self.add_field(self._combo)
        self.finish()

    def show_value(self, value: Any) -> None:
        self._combo.show_choice(self.parameter.choices, value, self.look.tr("differs") if value is MIXED else "")

    def _on_chosen(self, index: int) -> None:
        self.give(self._combo.itemData(index))


class EntryEditor(Editor):
    """An entry of a registry, and below it the entry's own settings."""

    parameter: EntryOf
    field_share = 7

    def __init__(self, parameter: EntryOf, look: Look) -> None:
        super().__init__(parameter, look)
        self._combo = Combo()
        for key, entry in parameter.registry.items():
            self._combo.addItem(look.tr(entry.label), key)
            self._combo.setItemData(self._combo.count() - 1, tip(entry.formula), Qt.ItemDataRole.ToolTipRole)
        self._combo.activated.connect(self._on_chosen)
        self.add_field(self._combo)
        self._settings: dict[str, Editor] = {}
        self.finish()

    def show_value(self, value: Any) -> None:
        table = _with_name(value)
        missing = self.look.tr("differs") if value is MIXED else ""
        self._combo.show_choice(tuple(self.parameter.registry), table.get("name"), missing)
        entry = _entry_of(table, self.parameter.registry)
        self._build_settings(parameters(entry) if entry else {})
        usual = _defaults(entry) if entry else {}
        only_basic = any(editor.parameter.basic for editor in self._settings.values()) and not self.more
        for key, editor in self._settings.items():
            own = table.get(key, usual[key])
            editor.show_value(own)
            editor.setVisible(editor.parameter.basic or not only_basic or own is MIXED or own != usual[key])

    def _build_settings(self, wanted: Mapping[str, Parameter]) -> None:
        if {key: editor.parameter for key, editor in self._settings.items()} == wanted:
            return
        for editor in self._settings.values():
            self.column.removeWidget(editor)
            # A field that loses the focus because it goes must not edit what has come in its place.
            editor.blockSignals(True)
            editor.hide()
            editor.deleteLater()
        self._settings = {key: editor_for(setting, self.look) for key, setting in wanted.items()}
        for key, editor in self._settings.items():
            editor.setProperty("key", key)
            editor.edited.connect(self._on_setting_edited)
            self.column.insertWidget(self.column.count() - 1, editor)

    def _on_chosen(self, index: int) -> None:
        name = self._combo.itemData(index)
        self.edited.emit(partial(_renamed, name, self.parameter.registry))

    def _on_setting_edited(self, edit: Edit) -> None:
        self.edited.emit(partial(_inside, str(self.sender().property("key")), edit))

    def show_problem(self, path: str, problem: str | None) -> None:
        key, _, rest = path.partition(".")
        key = key.partition("[")[0]
        inside = self._settings.get(key)
        for other, editor in self._settings.items():
            editor.show_problem(rest, problem if other == key else None)
        if inside and problem:
            inside.setVisible(True)
        super().show_problem(path, None if inside else problem)


def _defaults(entry: type) -> Mapping[str, Any]:
    return encode(entry())


def _with_name(own: Any) -> dict[str, Any]:
    """Return an entry as a table: a name alone is short for one; what is neither has no settings."""
    if isinstance(own, Mapping):
        return dict(own)
    return {"name": own} if isinstance(own, str) else {}


def _entry_of(table: Mapping[str, Any], registry: Registry[Any]) -> type | None:
    """Return the entry that a table names, None if it names none."""
    name = table.get("name")
    return registry[name] if isinstance(name, str) and name in registry else None


def _renamed(name: str, registry: Registry[Any], own: Any) -> dict[str, Any]:
    """Return another entry; a value that was chosen stays if both know it alike, others become what is usual."""
    table, entry = _with_name(own), registry[name]
    return {"name": name, **_defaults(entry), **_chosen(table, _entry_of(table, registry), entry)}


def _chosen(table: Mapping[str, Any], before: type | None, after: type) -> dict[str, Any]:
    """Return the settings in an entry's table that are not the usual ones, and mean the same in the entry `after`."""
    if before is None:
        return {}
    known, usual = _unexplained(before), _defaults(before)
    return {
        key: table[key]
        for key, parameter in _unexplained(after).items()
        if known.get(key) == parameter and table.get(key, usual[key]) != usual[key] and parameter.allows(table[key])
    }


def _unexplained(entry: type) -> dict[str, Parameter]:
    """Return an entry's settings without their help, which may speak of the entry."""
    return {key: replace(parameter, help="") for key, parameter in parameters(entry).items()}


def _inside(key: str, edit: Edit, own: Any) -> dict[str, Any]:
    table = _with_name(own)
    return {**table, key: edit(table.get(key))}


class IntegersEditor(Editor):
    """Layers: how many and how wide, by slider; unequal widths as text."""

    parameter: Integers

    def __init__(self, parameter: Integers, look: Look) -> None:
        super().__init__(parameter, look)
        self._field = LineField()
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
        widths = value if isinstance(value, list) else None
        self._count.show_value(MIXED if widths is None else len(widths))
        self._width.show_value(widths[0] if widths and are_equal(widths) else MIXED)
        if widths is not None:
            text = _as_product(widths)
        else:
            text = self.look.tr("differs") if value is MIXED else _as_text(value)
        self._field.setText(text)
        self._shown = self._field.text().strip()

    def _on_count_edited(self, edit: Edit) -> None:
        self.edited.emit(partial(_resized, edit, self.parameter.most))

    def _on_width_edited(self, edit: Edit) -> None:
        self.edited.emit(partial(_each, edit))

    def _on_typed(self) -> None:
        text = self._field.text().strip()
        if text != self._shown:
            self._shown = text
            self.give(_widths(text, self.parameter.most))


def _resized(edit: Edit, most: int, own: Any) -> Any:
    """Return as many widths as `edit` says: cut at the end, or the last one repeated."""
    widths = own if isinstance(own, list) else []
    count = edit(len(widths))
    if not isinstance(count, int) or not 0 <= count <= most:
        return count  # refused as it was given
    return [*widths[:count], *widths[-1:] * (count - len(widths))] if widths else [START_WIDTH] * count


def _each(edit: Edit, own: Any) -> list[Any]:
    """Return `edit` of each width; what is no list becomes one layer."""
    return [edit(width) for width in own] if isinstance(own, list) else [edit(START_WIDTH)]


def _widths(text: str, most: int) -> list[int] | str:
    """Return what "3 × 8" or "8, 8, 8" stands for; what stands for no list is left as it is, to be refused."""
    count, times, width = text.replace("x", "×").partition("×")
    if text == "0":  # as no layer is shown
        return []
    if "_" in text:  # as in 1_000, which Python takes for a number
        return text
    try:
        if not times:
            return [int(part) for part in text.split(",") if part.strip()]
        return [int(width)] * int(count) if 0 <= int(count) <= most else text
    except ValueError:
        return text


def _as_product(widths: list[Any]) -> str:
    if len(widths) > 1 and are_equal(widths):
        return f"{len(widths)} × {_as_text(widths[0])}"
    return ", ".join(map(_as_text, widths)) or "0"


def are_equal(values: list[Any]) -> bool:
    """Tell whether values, of any types, are all alike."""
    return all(value == values[0] for value in values)


class TextEditor(Editor):
    """A line of text."""

    def __init__(self, parameter: Parameter, look: Look) -> None:
        super().__init__(parameter, look)
        self._field = LineField()
        self._field.editingFinished.connect(self._on_typed)
        self.add_field(self._field)
        self._shown = ""
        self.finish()

    def show_value(self, value: Any) -> None:
        self._field.setText("" if value is MIXED else self._text(value))
        self._shown = self._field.text()
        self._field.setCursorPosition(0)  # where it is too long, its beginning is seen

    def _on_typed(self) -> None:
        if self._field.text() != self._shown:
            self._shown = self._field.text()
            self.give(self._typed(self._shown))

    def _text(self, value: Any) -> str:
        return _as_text(value)

    def _typed(self, text: str) -> object:
        return text


class NumbersEditor(TextEditor):
    """A list of numbers, as text with commas between them."""

    def _text(self, value: Any) -> str:
        return ", ".join(map(_as_text, value)) if isinstance(value, list) else _as_text(value)

    def _typed(self, text: str) -> object:
        try:
            return [_number(part) for part in text.split(",")]
        except ValueError:
            return text


class NestedEditor(TextEditor):
    """Numbers in lists, written as in a file: [[0.6, 1], [-2, 3]]. What is no list is left as text, to be refused."""

    def __init__(self, parameter: Parameter, look: Look) -> None:
        super().__init__(parameter, look)
        self._field.setMaxLength(1_000_000)

    def _text(self, value: Any) -> str:
        try:
            return value if isinstance(value, str) else json.dumps(value)
        except (TypeError, ValueError, RecursionError):  # such as whole numbers of thousands of digits
            return _as_text(value)

    def _typed(self, text: str) -> object:
        try:
            return json.loads(text.replace("−", "-"))
        except (ValueError, RecursionError):
            return text


_KINDS: dict[type[Parameter], Any] = {
    Number: RangeEditor,
    Integer: RangeEditor,
    Integers: IntegersEditor,
    Numbers: NumbersEditor,
    NestedNumbers: NestedEditor,
    Choice: ChoiceEditor,
    EntryOf: EntryEditor,
}


def editor_for(parameter: Parameter, look: Look) -> Editor:
    """Return a new editor for a parameter, by its kind."""
    made: Editor = _KINDS.get(type(parameter), TextEditor)(parameter, look)
    return made

"""Editors of numbers: one by text and slider, layers by how many and how wide, lists as text."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from math import log10
from typing import Any

from PySide6.QtCore import QSignalBlocker
from PySide6.QtGui import QFont, QFontMetrics

from gradsim.schema.parameters import TIMES, Integer, Integers, Number, Parameter
from gradsim.ui.panels.editor import MIXED, Edit, Editor, as_text
from gradsim.ui.panels.fields import SLIDER_TICKS, LineField, Slider
from gradsim.ui.panels.room import Room, column_px
from gradsim.ui.panels.typed import number, number_text, parts, whole_number
from gradsim.ui.theme import Look, font

START_WIDTH = 32
"""Units of the first layer that is added to none."""
HOW_MANY, HOW_WIDE = "How many", "Units a layer"
WIDTH_HELP = "How many units a hidden layer has; where layers differ, all of them: 32, 16, 8."
MANY = 10_000
WIDE_NUMBER, SHORT_NUMBER = "0.000123", "0.00123"
"""A number as wide as most, and as most that are typed: a field has so much room beside its label, or is below it."""


class TextEditor(Editor):
    """A line of text."""

    def __init__(self, parameter: Parameter, look: Look, room: Room) -> None:
        super().__init__(parameter, look, room)
        self._field = LineField()
        self._field.editingFinished.connect(self._on_typed)
        self.add_field(self._field, needed=room.px // 2)
        self._shown = ""

    def show_value(self, value: Any) -> None:
        self._show_text(self.look.tr("differs") if value is MIXED else self._text(value))

    def show_usual(self, text: str) -> None:
        """Show, pale, what holds while the field is empty."""
        self._field.setPlaceholderText(text)

    def _show_text(self, text: str) -> None:
        if self._field.text() != text:
            self._field.setText(text)
            self._field.setCursorPosition(0)  # where it is too long, its beginning is seen
        self._shown = self._field.text()

    def _on_typed(self) -> None:
        text = self._field.text()
        if text.strip() != self._shown.strip():
            self._shown = text
            self.give(self._typed(text))

    def _text(self, value: Any) -> str:
        return as_text(value)

    def _typed(self, text: str) -> object:
        return text


class NumbersEditor(TextEditor):
    """A list of numbers, as text with commas between them; decimal commas need semicolons between the numbers."""

    def __init__(self, parameter: Parameter, look: Look, room: Room) -> None:
        super().__init__(parameter, look, room)
        self._given: dict[str, float] = {}
        """The numbers that are shown with fewer digits than they have, by their texts."""

    def _text(self, value: Any) -> str:
        if not isinstance(value, list):
            return as_text(value)
        texts = [number_text(each) if isinstance(each, float) else as_text(each) for each in value]
        self._given = {text: each for text, each in zip(texts, value, strict=True) if isinstance(each, float)}
        return ", ".join(texts)

    def _typed(self, text: str) -> object:
        try:
            return [self._given[part] if part in self._given else number(part) for part in parts(text)]
        except ValueError:
            return text


class NestedEditor(TextEditor):
    """Numbers in lists, written as in a file: [[0.6, 1], [-2, 3]]. What is no list is left as text, to be refused."""

    def __init__(self, parameter: Parameter, look: Look, room: Room) -> None:
        super().__init__(parameter, look, room)
        self._field.setMaxLength(1_000_000)

    def _text(self, value: Any) -> str:
        try:
            return value if isinstance(value, str) else json.dumps(value)
        except (TypeError, ValueError, RecursionError):  # such as whole numbers of thousands of digits
            return as_text(value)

    def _typed(self, text: str) -> object:
        try:
            return json.loads(text.replace("−", "-"))
        except (ValueError, RecursionError):
            return text


class RangeEditor(Editor):
    """A number: text for exact values, and a slider over the usual range."""

    parameter: Number | Integer

    def __init__(self, parameter: Number | Integer, look: Look, room: Room) -> None:
        super().__init__(parameter, look, room)
        self._field = LineField()
        self._field.setProperty("role", "number")
        self._field.editingFinished.connect(self._on_typed)
        self.add_field(self._field, self._needed())
        self._slider = Slider()
        self._slider.setAccessibleName(look.tr(parameter.label))
        self._slider.valueChanged.connect(self._on_slid)
        self.column.addWidget(self._slider)
        self._shown = ""

    def _needed(self) -> int:
        metrics = QFontMetrics(font(self.look.metrics.body, QFont.Weight.DemiBold))
        zero = self.look.tr(self.parameter.zero) if isinstance(self.parameter, Integer) else ""
        usual = WIDE_NUMBER if self.room.px > column_px(self.look) else SHORT_NUMBER
        if isinstance(self.parameter, Integer) and self.parameter.high < MANY:
            usual = str(int(self.parameter.high))
        widest = max(map(metrics.horizontalAdvance, (usual, zero, self.look.tr("differs"))))
        return widest + self.look.metrics.body

    @property
    def _ends(self) -> tuple[float, float]:
        return self.parameter.slider or (self.parameter.low, self.parameter.high)

    def show_value(self, value: Any) -> None:
        self._show_text(self.look.tr("differs") if value is MIXED else self._text(value))
        if self._slider.isSliderDown():
            return
        with QSignalBlocker(self._slider):
            if isinstance(value, int | float):
                self._slider.setValue(round(SLIDER_TICKS * self._share(value)))
            elif isinstance(self.parameter, Integer) and value in self.parameter.words:
                self._slider.setValue(SLIDER_TICKS)  # all of them are more than any number

    def _show_text(self, text: str) -> None:
        self._field.setText(text)
        self._shown = self._field.text().strip()

    def _text(self, value: Any) -> str:
        if isinstance(self.parameter, Integer):
            if value in self.parameter.words:
                return self.look.tr(value)
            if self.parameter.zero and value == 0 and not isinstance(value, bool):
                return self.look.tr(self.parameter.zero)
        return number_text(value) if isinstance(value, float) else as_text(value)

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
        if not isinstance(self.parameter, Integer):
            return _read(number, text)
        for word in self.parameter.words:
            if text in (word, self.look.tr(word)):
                return word
        if self.parameter.zero and text in (self.parameter.zero, self.look.tr(self.parameter.zero)):
            return 0
        typed = _read(whole_number, text)
        return int(typed) if isinstance(typed, float) and typed.is_integer() else typed


def _read(reading: Callable[[str], float], text: str) -> float | str:
    """Return the number that a text stands for, the text itself if it is none."""
    try:
        return reading(text)
    except ValueError:
        return text


class WidthEditor(RangeEditor):
    """The units of all layers: one number, or a list where layers differ."""

    def _text(self, value: Any) -> str:
        return ", ".join(map(as_text, value)) if isinstance(value, list) else super()._text(value)


class IntegersEditor(Editor):
    """Layers: how many and how wide, by slider; unequal widths as text."""

    parameter: Integers

    def __init__(self, parameter: Integers, look: Look, room: Room) -> None:
        super().__init__(parameter, look, room)
        label = parameter.label if room.named else HOW_MANY
        count = Integer(label, help=parameter.help, low=0, high=parameter.most, slider=(0, 16))
        width = Integer(
            HOW_WIDE,
            help=WIDTH_HELP,
            low=parameter.low,
            high=parameter.high,
            slider=(1, 128),
            log=True,
        )
        inside = room._replace(named=True)
        self._count, self._width = RangeEditor(count, look, inside), WidthEditor(width, look, inside)
        self._count.edited.connect(self._on_count_edited)
        self._width.edited.connect(self._on_width_edited)
        self.column.setSpacing(look.metrics.body // 3)
        self.column.addWidget(self._count)
        self.column.addWidget(self._width)

    def show_value(self, value: Any) -> None:
        if isinstance(value, list):
            self._count.show_value(len(value))
            self._width.show_value(value[0] if value and are_equal(value) else value or START_WIDTH)
            return
        # What is no list is shown as it was typed, to be mended where it was.
        count, times, width = as_text(value).partition(TIMES) if value is not MIXED else ("", "", "")
        self._count.show_value(MIXED if value is MIXED else count if times else "")
        self._width.show_value(MIXED if value is MIXED else width if times else count)

    def _on_count_edited(self, edit: Edit) -> None:
        self.edited.emit(partial(_resized, edit, self.parameter.most))

    def _on_width_edited(self, edit: Edit) -> None:
        self.edited.emit(partial(_widened, edit, self.parameter.most))

    def refused_part(self, path: str) -> Editor:
        return self._width if path else self._count


def _resized(edit: Edit, most: int, own: Any) -> Any:
    """Return as many widths as `edit` says: cut at the end, or the last one repeated."""
    widths = own if isinstance(own, list) else []
    count = edit(len(widths))
    if _is_list(count):
        return _widths(count, most)
    if not isinstance(count, int) or not 0 <= count <= most:
        width = widths[0] if widths and are_equal(widths) else ", ".join(map(as_text, widths)) or START_WIDTH
        return f"{as_text(count)}{TIMES}{width}"  # refused, and shown as it was given
    return [*widths[:count], *widths[-1:] * (count - len(widths))] if widths else [START_WIDTH] * count


def _widened(edit: Edit, most: int, own: Any) -> Any:
    """Return `edit` of each width, or the widths that were typed; what is no list becomes one layer."""
    before = own if isinstance(own, list) and own else [START_WIDTH]
    after = [edit(width) for width in before]
    if not isinstance(after[0], str):
        return after
    widths = _widths(after[0], most)
    return f"{len(before)}{TIMES}{widths}" if isinstance(widths, str) and not _is_list(widths) else widths


def _is_list(typed: object) -> bool:
    """Tell whether what was typed is meant as a list: 8, 4 or 2 × 8."""
    return isinstance(typed, str) and bool(set(",;×x") & set(typed))


def _widths(text: str, most: int) -> list[int] | str:
    """Return what "3 × 8" or "8, 8, 8" stands for; what stands for no list is left as it is, to be refused."""
    count, times, width = text.replace("x", "×").partition("×")
    if "_" in text:  # as in 1_000, which Python takes for a number
        return text
    try:
        if not times:
            return [int(part) for part in parts(text) if part]
        return [int(width)] * int(count) if 0 <= int(count) <= most else text
    except ValueError:
        return text


def are_equal(values: Sequence[Any]) -> bool:
    """Tell whether values, of any types, are all alike."""
    return all(value == values[0] for value in values)

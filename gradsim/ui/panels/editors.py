"""One editor for each kind of parameter; a form is made of them.

An editor shows a plain value, as a file holds it, and signals ``edited`` with
an :data:`Edit`: so one edit of many runs changes in each what was edited and
nothing else. Whether the outcome is allowed is not its business, so a value
that is shown or edited may be of any type: what was refused is to be mended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetrics

from gradsim.engine.data.user_points import Dots
from gradsim.schema.parameters import (
    Choice,
    EntryOf,
    FilePath,
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
from gradsim.ui.label import tip
from gradsim.ui.panels.dots import DotsEditor
from gradsim.ui.panels.editor import MIXED, Edit, Editor
from gradsim.ui.panels.fields import Combo
from gradsim.ui.panels.numbers import IntegersEditor, NestedEditor, NumbersEditor, RangeEditor, TextEditor
from gradsim.ui.panels.paths import PathEditor
from gradsim.ui.panels.room import Room, whole
from gradsim.ui.theme import Look, font

__all__ = ["MIXED", "ChoiceEditor", "Edit", "Editor", "EntryEditor", "NumbersEditor", "editor_for"]


class _ComboEditor(Editor):
    """A choice among items, each with a name and a tooltip."""

    def __init__(self, parameter: Parameter, look: Look, room: Room, items: Mapping[str, tuple[str, str]]) -> None:
        super().__init__(parameter, look, room)
        self._combo = Combo(look.metrics.body)
        for key, (name, note) in items.items():
            self._combo.addItem(name, key)
            self._combo.setItemData(self._combo.count() - 1, tip(note) if note else None, Qt.ItemDataRole.ToolTipRole)
        self._combo.activated.connect(self._on_chosen)
        metrics = QFontMetrics(font(look.metrics.body, QFont.Weight.DemiBold))
        names = [name for name, _ in items.values()]
        widest = max(map(metrics.horizontalAdvance, [*names, look.tr("differs")]))
        self._combo.align_right = room.named
        self.add_field(self._combo, widest + 2 * look.metrics.body)

    def _on_chosen(self, index: int) -> None:
        raise NotImplementedError


class ChoiceEditor(_ComboEditor):
    """One of a few words."""

    parameter: Choice

    def __init__(self, parameter: Choice, look: Look, room: Room) -> None:
        items = {
            each: (look.tr(parameter.label_of(each)), look.tr(parameter.note_on(each))) for each in parameter.choices
        }
        super().__init__(parameter, look, room, items)

    def show_value(self, value: Any) -> None:
        self._combo.show_choice(self.parameter.choices, value, self.look.tr("differs") if value is MIXED else "")

    def _on_chosen(self, index: int) -> None:
        self.give(self._combo.itemData(index))


class EntryEditor(_ComboEditor):
    """An entry of a registry, and below it the entry's own settings."""

    parameter: EntryOf

    def __init__(self, parameter: EntryOf, look: Look, room: Room) -> None:
        items = {key: (look.tr(entry.label), entry.formula) for key, entry in parameter.registry.items()}
        super().__init__(parameter, look, room, items)
        self._known: dict[str, Parameter] = {}
        """The settings of the entry that is shown."""
        self._settings: dict[str, Editor] = {}
        """The editors of those that have been shown."""

    def show_value(self, value: Any) -> None:
        table = _with_name(value)
        missing = self.look.tr("differs") if value is MIXED else ""
        self._combo.show_choice(tuple(self.parameter.registry), table.get("name"), missing)
        entry = _entry_of(table, self.parameter.registry)
        self._take(parameters(entry) if entry else {})
        usual = _defaults(entry) if entry else {}
        only_basic = any(setting.basic for setting in self._known.values()) and not self.more
        for key, setting in self._known.items():
            own = table.get(key, usual[key])
            shown = setting.basic or not only_basic or own is MIXED or own != usual[key]
            if shown or key in self._settings:
                editor = self._setting(key)
                editor.show_value(own)
                editor.setVisible(shown)

    def _take(self, known: dict[str, Parameter]) -> None:
        """Let the editors of other settings go."""
        if self._known == known:
            return
        for editor in self._settings.values():
            self.column.removeWidget(editor)
            # A field that loses the focus because it goes must not edit what has come in its place.
            editor.blockSignals(True)
            editor.hide()
            editor.deleteLater()
        self._known, self._settings = known, {}

    def _setting(self, key: str) -> Editor:
        """Return the editor of a setting, made when it is shown for the first time."""
        if key not in self._settings:
            editor = editor_for(self._known[key], self.look, self.room._replace(named=True))
            editor.setProperty("key", key)
            editor.edited.connect(self._on_setting_edited)
            after = list(self._known)[list(self._known).index(key) :]
            self.column.insertWidget(self.column.count() - len(self._settings.keys() & set(after)), editor)
            self._settings[key] = editor
        return self._settings[key]

    def _on_chosen(self, index: int) -> None:
        name = self._combo.itemData(index)
        self.edited.emit(partial(_renamed, name, self.parameter.registry))

    def _on_setting_edited(self, edit: Edit) -> None:
        self.edited.emit(partial(_inside, str(self.sender().property("key")), edit))

    def refused_part(self, path: str) -> Editor:
        key, _, rest = path.partition(".")
        key = key.partition("[")[0]
        if key not in self._known:
            return self
        inside = self._setting(key)
        inside.setVisible(True)
        return inside.refused_part(rest)


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


_KINDS: dict[type[Parameter], Any] = {
    Number: RangeEditor,
    Integer: RangeEditor,
    Integers: IntegersEditor,
    Numbers: NumbersEditor,
    NestedNumbers: NestedEditor,
    Choice: ChoiceEditor,
    EntryOf: EntryEditor,
    FilePath: PathEditor,
    Dots: DotsEditor,
}


def editor_for(parameter: Parameter, look: Look, room: Room | None = None) -> Editor:
    """Return a new editor for a parameter, by its kind; without a room given, it has all of the panel's width."""
    made: Editor = _KINDS.get(type(parameter), TextEditor)(parameter, look, room or whole(look))
    return made

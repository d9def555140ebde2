"""The editor of a file's path: typed, or looked for in a dialog."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from gradsim.schema.ordinary import is_folder
from gradsim.schema.parameters import FilePath
from gradsim.ui.label import tip
from gradsim.ui.open_dialog import name_to_open
from gradsim.ui.panels.numbers import TextEditor
from gradsim.ui.panels.room import Room
from gradsim.ui.theme import Look


class PathEditor(TextEditor):
    """A path as text, of which the end is seen where it is too long, and a button that looks for the file."""

    parameter: FilePath

    def __init__(self, parameter: FilePath, look: Look, room: Room) -> None:
        self._row = QWidget()
        self._button = QPushButton(look.tr("Browse…"))
        super().__init__(parameter, look, room)
        row = QHBoxLayout(self._row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(look.metrics.body // 3)
        row.addWidget(self._field, stretch=1)
        row.addWidget(self._button)
        self._field.setAccessibleName(look.tr(parameter.label))
        self._button.setToolTip(tip(look.tr("Look for the file.")))
        self._button.clicked.connect(self._on_browse)

    def add_field(self, field: QWidget, needed: int) -> None:
        super().add_field(self._row, self.room.px)  # below its label, for a path is long

    def show_value(self, value: Any) -> None:
        super().show_value(value)
        self._field.end(False)  # which file it is stands at its end
        self._field.setToolTip(tip(self._shown) if self._shown else "")

    def _on_browse(self) -> None:
        endings = " ".join(f"*{ending}" for ending in self.parameter.endings)
        shown = Path(self._shown) if self._shown else None
        start = str(shown.parent) if shown and is_folder(shown.parent) else ""
        filters = f"{self.look.tr(self.parameter.label)} ({endings});;{self.look.tr('All files')} (*)"
        name = name_to_open(self.window(), self.look.tr("Open"), start, filters)
        if name:
            self._field.setText(name)
            self._on_typed()
            self._field.end(False)

"""What differs between the runs: under their cards, an editor for each run beside each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from gradsim.schema.parameters import Parameter
from gradsim.ui.label import ElidedLabel, tip
from gradsim.ui.panels.editor import Edit, Editor
from gradsim.ui.panels.editors import editor_for
from gradsim.ui.panels.fields import Combo
from gradsim.ui.panels.room import Room, column_px, gap
from gradsim.ui.plots.devices import painting_on
from gradsim.ui.theme import Look

COLUMNS = 2


class Cell(QWidget):
    """An editor under an edge in the colour of its run."""

    def __init__(self, editor: Editor, look: Look, run: int) -> None:
        super().__init__()
        self._run, self._edge = run, max(2, look.metrics.body // 8)
        self._colour = QColor(look.run_colour(run))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, self._edge, 0, 0)
        column.addWidget(editor)

    def show_colour(self, colours: Sequence[str]) -> None:
        """Take the colour of its run from those of all."""
        if self._colour.name() != colours[self._run]:
            self._colour = QColor(colours[self._run])
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting_on(self) as painter:
            painter.fillRect(0, 0, self.width(), self._edge, self._colour)


class Row(QWidget):
    """A setting by its name, and below it an editor for each run."""

    def __init__(self, parameter: Parameter, look: Look, editors: Sequence[Editor]) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.metrics.body // 9)
        caption = ElidedLabel(look.tr(parameter.label))
        caption.setProperty("role", "caption")
        caption.setToolTip(tip(look.tr(parameter.help)))
        column.addWidget(caption)
        grid = QGridLayout()
        grid.setHorizontalSpacing(gap(look))
        grid.setVerticalSpacing(gap(look))
        self.cells: list[Cell] = []
        for i, editor in enumerate(editors):
            self.cells.append(Cell(editor, look, i))
            grid.addWidget(self.cells[-1], i // COLUMNS, i % COLUMNS, Qt.AlignmentFlag.AlignTop)
        for i in range(COLUMNS):
            grid.setColumnStretch(i, 1)
        column.addLayout(grid)
        combos = [combo for editor in editors for combo in editor.findChildren(Combo)]
        for combo in combos:
            combo.stand_in(combos)


class Differing(QWidget):
    """A row for each setting in which the runs differ; a row is built when it is shown for the first time."""

    edited = Signal(object, object)
    """An editor, with its key and its run as properties, and the :data:`Edit` in it."""

    def __init__(self, look: Look, count: int, settings: Mapping[str, Parameter]) -> None:
        super().__init__()
        self._look, self._count, self._settings = look, count, settings
        self._rows: dict[str, Row] = {}
        self._editors: dict[tuple[str, int], Editor] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(look.metrics.body // 3)

    def editors(self) -> Mapping[tuple[str, int], Editor]:
        """Return the editors that have been made, by key and run."""
        return self._editors

    def place_of(self, key: str, run: int | None) -> QWidget:
        """Return the editor of a setting that is shown for one run, or all of them."""
        return self._rows[key] if run is None else self._editors[key, run]

    def show_values(
        self,
        keys: Sequence[str],
        value: Callable[[str, int], Any],
        names: Sequence[str],
        colours: Sequence[str],
    ) -> None:
        """Show these settings, with the value of each run; `names` are what the runs are called."""
        for key in keys:
            if key not in self._rows:
                self._add_row(key)
        for key, row in self._rows.items():
            row.setVisible(key in keys)
            for cell in row.cells:
                cell.show_colour(colours)
        for (key, run), editor in self._editors.items():
            if key in keys:
                editor.show_value(value(key, run))
                editor.setAccessibleDescription(names[run])
        self.setVisible(bool(keys))

    def _add_row(self, key: str) -> None:
        editors = [self._new_editor(key, run) for run in range(self._count)]
        row = self._rows[key] = Row(self._settings[key], self._look, editors)
        order = list(self._settings)
        before = sum(order.index(other) < order.index(key) for other in self._rows if other != key)
        self._column.insertWidget(before, row)

    def _new_editor(self, key: str, run: int) -> Editor:
        editor = editor_for(self._settings[key], self._look, Room(column_px(self._look), named=False))
        editor.setProperty("key", key)
        editor.setProperty("run", run)
        editor.edited.connect(self._on_edited)
        self._editors[key, run] = editor
        return editor

    def _on_edited(self, edit: Edit) -> None:
        self.edited.emit(self.sender(), edit)

"""The changes of the run that is edited, and the buttons that make one at the step shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from gradsim.ui.label import ElidedButton, tip
from gradsim.ui.theme import Look


class StepButton(ElidedButton):
    """A button that names the step shown; as the step moves on, nothing is laid out anew."""

    def __init__(self, template: str, name: str) -> None:
        super().__init__(name)
        self._template, self._name = template, name
        self._shown = ""
        self.setAccessibleName(self._name)

    def show_step(self, step: int, problem: str) -> None:
        """Name a step; with a problem, the button is off and says why."""
        shown = self._template.format(n=f"{step:,}")
        if shown != self._shown:
            self._shown = shown
            self.update()
        hint = tip(problem or self._name)
        if hint != self.toolTip():
            self.setToolTip(hint)
            self.setEnabled(not problem)

    @property
    def shown(self) -> str:
        """The text that is painted."""
        return self._shown


class ChangeRow(QWidget):
    """A change: click it to edit it, or take it out."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        row = QHBoxLayout(self)
        row.setContentsMargins(look.metrics.gap, 0, 0, 0)
        row.setSpacing(look.metrics.gap // 2)
        self.name = ElidedButton()
        self.name.setProperty("role", "link")
        self.name.setCheckable(True)
        row.addWidget(self.name, stretch=1)
        self.remove = QPushButton("×")
        self.remove.setProperty("role", "link")
        row.addWidget(self.remove)

    def show_change(self, text: str, colour: str, chosen: bool) -> None:
        """Show what changes, in the colour of its run."""
        self.name.setText(f"◇ {text}")
        self.name.setAccessibleName(text)
        self.name.setToolTip(tip(f"{text}\n{self._look.tr('Edit the settings from this step on.')}"))
        self.name.setChecked(chosen)
        weight = 700 if chosen else 400
        self.name.setStyleSheet(
            f"QPushButton {{ color: {colour}; font-weight: {weight}; }} QPushButton:focus {{ font-weight: 700; }}"
        )
        remove = self._look.tr("Remove {run}").format(run=text)
        self.remove.setToolTip(tip(remove))
        self.remove.setAccessibleName(remove)


class ChangeList(QWidget):
    """A row for each change of the run that is edited, and the two buttons below them."""

    picked = Signal(object)
    """The row of the change at this step was clicked."""
    remove_asked = Signal(object)
    """The change at this step is to be taken out."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._rows: list[ChangeRow] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(look.metrics.gap // 2)
        self.change_button = StepButton(look.tr("Change from step {n}"), look.tr("Change from here (C)"))
        self.fork_button = StepButton(
            look.tr("Fork at step {n}"), look.tr("Fork: a run more that shares the past (F)")
        )
        self._column.addWidget(self.change_button)
        self._column.addWidget(self.fork_button)

    def show_changes(self, changes: Sequence[tuple[int, str]], colour: str, chosen: int | None) -> None:
        """Show changes by their steps and texts; `chosen` is the step of the one that is edited."""
        while len(self._rows) < len(changes):
            self._add_row()
        for row, (step, text) in zip(self._rows, changes, strict=False):
            row.setProperty("step", step)
            row.show_change(text, colour, step == chosen)
        for i, row in enumerate(self._rows):
            row.setVisible(i < len(changes))

    def _add_row(self) -> None:
        row = ChangeRow(self._look)
        row.name.clicked.connect(self._on_name)
        row.remove.clicked.connect(self._on_remove)
        self._column.insertWidget(len(self._rows), row)
        self._rows.append(row)

    def _on_name(self) -> None:
        self.picked.emit(self._step_of_sender())

    def _on_remove(self) -> None:
        self.remove_asked.emit(self._step_of_sender())

    def _step_of_sender(self) -> Any:
        [row] = [row for row in self._rows if self.sender() in (row.name, row.remove)]
        return row.property("step")

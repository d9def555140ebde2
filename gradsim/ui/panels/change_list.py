"""The changes of the run that is edited, and the buttons that make runs and changes, and take them out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from gradsim.ui.label import ElidedButton, tip
from gradsim.ui.panels.room import gap
from gradsim.ui.plots.devices import painting_on
from gradsim.ui.theme import Look, font, mixed


class Deed(QPushButton):
    """A button that does something to runs; where it is not possible it is pale, and says why."""

    def __init__(self, look: Look, name: str, hint: str) -> None:
        super().__init__(name)
        self._hint = hint
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setProperty("role", "deed")
        self.setToolTip(tip(hint))

    def allow(self, problem: str) -> None:
        """Let it be pressed or, with a problem, not."""
        hint = tip(problem or self._hint)
        if hint != self.toolTip():
            self.setToolTip(hint)
            self.setEnabled(not problem)


class StepButton(Deed):
    """A button with a smaller second line, about the step shown; as that moves on, nothing is laid out anew."""

    def __init__(self, look: Look, name: str, template: str, hint: str) -> None:
        super().__init__(look, name, hint)
        self._look, self._name, self._template = look, name, template
        self.setText("")
        self.setProperty("role", "step")
        self._shown = ""

    def show_step(self, step: int, problem: str) -> None:
        """Name a step; with a problem, the button is off and says why."""
        shown = self._template.format(n=f"{step:,}")
        if shown != self._shown:
            self._shown = shown
            self.update()
        self.allow(problem)

    @property
    def shown(self) -> str:
        """The second line."""
        return self._shown

    def sizeHint(self) -> QSize:
        return QSize(1, 3 * self._look.metrics.body)

    def small_font(self) -> QFont:
        """Return the font of the second line, in which it fits."""
        body, room = self._look.metrics.body, self.width() - self._look.metrics.body
        sizes = [round(share * body) for share in (0.8, 0.75, 0.7, 0.65)]
        fonts = [font(size) for size in sizes]
        return next((f for f in fonts if QFontMetrics(f).horizontalAdvance(self._shown) <= room), fonts[-1])

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        with painting_on(self) as painter:
            theme, body = self._look.theme, self._look.metrics.body
            pale = 1.0 if self.isEnabled() else 0.5
            left, line = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), round(1.2 * body)
            top = (self.height() - 2 * line) // 2
            painter.setFont(font(body, QFont.Weight.DemiBold))
            painter.setPen(mixed(theme.accent, theme.card, pale))
            painter.drawText(body // 2, top, self.width() - body, line, left, self._name)
            painter.setFont(self.small_font())
            painter.setPen(mixed(QColor(theme.muted).name(), theme.card, pale))
            painter.drawText(body // 2, top + line, self.width() - body, line, left, self._shown)


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
    """A row for each change of the run that is edited, and the buttons."""

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
        self._column.setSpacing(gap(look))
        tr = look.tr
        self.fork_button = Deed(look, tr("+ Fork a run"), tr("A run more that shares the past up to this step (F)."))
        self.remove_button = Deed(look, tr("− Remove"), tr("Take the chosen run out."))
        self.add_button = Deed(look, tr("+ Add a run"), tr("A run more from step 0 on."))
        self.change_button = StepButton(
            look,
            tr("Change from here"),
            tr("from step {n}; until then as it was"),
            tr("Give the chosen run other settings from this step on (C)."),
        )
        grid = QGridLayout()
        grid.setSpacing(gap(look))
        grid.addWidget(self.fork_button, 0, 0)
        grid.addWidget(self.remove_button, 0, 1)
        grid.addWidget(self.change_button, 1, 0, 1, 2)
        grid.addWidget(self.add_button, 2, 0, 1, 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        self._column.addLayout(grid)

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

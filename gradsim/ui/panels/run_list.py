"""The runs of an experiment as cards, one of which may be chosen; runs are added, forked and taken out here."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from gradsim.sim.run.settings import MAX_RUNS
from gradsim.ui.label import ElidedButton, ElidedLabel
from gradsim.ui.panels.card import RunCard
from gradsim.ui.panels.change_list import ChangeList
from gradsim.ui.theme import Look


class RunList(QWidget):
    """A card for each run, below them the changes of the chosen one, and what adds a run and takes it out."""

    picked = Signal(int)
    """The card of this run was clicked."""
    add_asked = Signal()
    remove_asked = Signal()

    def __init__(self, look: Look, count: int) -> None:
        super().__init__()
        self._look = look
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.metrics.gap // 2)
        heading = ElidedLabel(look.tr("What differs"))
        heading.setProperty("role", "heading")
        column.addWidget(heading)
        grid = QGridLayout()
        grid.setSpacing(look.metrics.gap // 2)
        self._cards: list[RunCard] = []
        for i in range(count):
            card = RunCard(i, look)
            card.clicked.connect(self._on_card)
            self._cards.append(card)
            grid.addWidget(card, i // 2, i % 2)
        column.addLayout(grid)
        row = QHBoxLayout()
        row.setSpacing(look.metrics.gap)
        self._add = _link(QPushButton(look.tr("Add a run")))
        self._add.clicked.connect(self.add_asked)
        row.addWidget(self._add)
        self._remove = _link(ElidedButton())
        self._remove.clicked.connect(self.remove_asked)
        row.addWidget(self._remove, stretch=1)
        self.changes = ChangeList(look)
        column.addWidget(self.changes)
        column.addLayout(row)

    def show_runs(self, lines: Sequence[tuple[str, str]], chosen: int, look: Look) -> None:
        """Show each run's name and what differs in it; `chosen` is the run that alone is edited, or -1."""
        for i, (card, (label, values)) in enumerate(zip(self._cards, lines, strict=True)):
            card.show_run(label, values, i == chosen, look)
        self._add.setVisible(len(lines) < MAX_RUNS)
        self._remove.setVisible(chosen >= 0 and len(lines) > 1)
        if chosen >= 0:
            text = self._look.tr("Remove {run}").format(run=lines[chosen][0])
            self._remove.setText(text)
            self._remove.setAccessibleName(text)

    def _on_card(self) -> None:
        card = self.sender()
        assert isinstance(card, RunCard)
        self.picked.emit(card.run)


def _link(button: QPushButton) -> QPushButton:
    """Return a button that looks like a link."""
    button.setProperty("role", "link")
    button.setAccessibleName(button.text())
    return button

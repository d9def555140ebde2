"""The runs of an experiment as cards, one of which may be chosen, and below them what differs between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from gradsim.schema.parameters import Parameter
from gradsim.sim.run.settings import MAX_RUNS
from gradsim.ui.label import ElidedLabel, tip
from gradsim.ui.panels.card import RunCard
from gradsim.ui.panels.change_list import ChangeList
from gradsim.ui.panels.differing import COLUMNS, Differing
from gradsim.ui.panels.room import gap
from gradsim.ui.theme import Look


class RunList(QWidget):
    """A card for each run, what differs, the changes of the chosen run, and what adds runs and takes them out."""

    picked = Signal(int)
    """The card of this run was clicked."""

    def __init__(self, look: Look, count: int, settings: Mapping[str, Parameter]) -> None:
        super().__init__()
        self._look = look
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.metrics.body // 2)
        heading = ElidedLabel(look.tr("Differs between the runs") if count > 1 else look.tr("The run"))
        heading.setProperty("role", "heading")
        heading.setToolTip(tip(look.tr("Click a run to change it alone; everything else is the same for all runs.")))
        column.addWidget(heading)
        grid = QGridLayout()
        grid.setSpacing(gap(look))
        self.cards: list[RunCard] = []
        for i in range(count):
            card = RunCard(i, look)
            card.clicked.connect(self._on_card)
            self.cards.append(card)
            grid.addWidget(card, i // COLUMNS, i % COLUMNS)
        for i in range(COLUMNS):
            grid.setColumnStretch(i, 1)
        column.addLayout(grid)
        self.rows = QVBoxLayout()
        """Where the name of the chosen run is edited."""
        column.addLayout(self.rows)
        self.differing = Differing(look, count, settings)
        column.addWidget(self.differing)
        self.changes = ChangeList(look)
        column.addWidget(self.changes)

    def show_runs(self, lines: Sequence[tuple[str, str]], chosen: int, look: Look) -> None:
        """Show each run's name and what differs in it; `chosen` is the run that alone is edited, or -1."""
        for i, (card, (label, values)) in enumerate(zip(self.cards, lines, strict=True)):
            card.show_run(label, values, i == chosen, look)
        tr, changes = self._look.tr, self.changes
        full = tr("There are {n} runs, and no more are possible.").format(n=MAX_RUNS)
        changes.add_button.allow(full if len(lines) >= MAX_RUNS else "")
        alone = tr("This is the only run.") if len(lines) == 1 else ""
        changes.remove_button.allow(alone or ("" if chosen >= 0 else tr("First choose a run: click its card.")))

    def _on_card(self) -> None:
        card = self.sender()
        assert isinstance(card, RunCard)
        self.picked.emit(card.run)

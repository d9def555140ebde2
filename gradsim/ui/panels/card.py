"""The card of a run: its name, what differs in it, and whether it alone is edited."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy

from gradsim.ui.label import tip
from gradsim.ui.theme import Look

WIDE = 3
"""Width of the edge of a card that is chosen or in focus."""


class RunCard(QPushButton):
    """A button in the colour of a run, checked while that run alone is edited."""

    def __init__(self, run: int, look: Look) -> None:
        super().__init__()
        self.run = run
        self._look = look
        self._lines: tuple[str, str] = ("", "")
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_run(self, label: str, values: str, chosen: bool, look: Look) -> None:
        """Show a run's name and the values in which it differs, in the colours that it has in a look."""
        # Always two lines, so that nothing below moves under the pointer when more comes to differ.
        self._lines, self._look = (label, values), look
        self.setAccessibleName(", ".join(line for line in self._lines if line))
        hint = self._look.tr("Change this run alone; once more: change all runs.")
        self.setToolTip(tip("\n".join([*self._lines, hint])))
        self.setChecked(chosen)
        self.setStyleSheet(
            f"QPushButton {{ {self._edge(WIDE if chosen else 1)} color: {look.text_colour(self.run)};"
            " text-align: left; font-weight: 600; }"
            f"QPushButton:focus {{ {self._edge(WIDE)} }}"
        )
        self._fit()

    def _edge(self, width: int) -> str:
        # A wide edge grows inwards, for the same reason.
        body, inwards = self._look.metrics.body, WIDE - width
        padding = f"{max(0, body // 4 - WIDE) + inwards}px {max(0, body // 2 - WIDE) + inwards}px"
        return f"border: {width}px solid {self._look.run_colour(self.run)}; padding: {padding};"

    def _fit(self) -> None:
        metrics, room = self.fontMetrics(), self.width() - self._look.metrics.body - 2
        lines = [metrics.elidedText(line, Qt.TextElideMode.ElideRight, room) for line in self._lines]
        # A button takes & for the mark of a key.
        self.setText("\n".join(lines).replace("&", "&&"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

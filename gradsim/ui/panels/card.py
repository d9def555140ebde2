"""The card of a run: its name in its colour, and whether it alone is edited."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy

from gradsim.ui.label import tip, wrapped
from gradsim.ui.panels.room import column_px
from gradsim.ui.theme import Look, font, mixed

MOST_LINES = 3
"""Lines of a name, and of what differs."""
TINT = 0.07
"""How much of a run's colour is in the ground of its card."""


class RunCard(QPushButton):
    """A button in the colour of a run, checked while that run alone is edited."""

    def __init__(self, run: int, look: Look) -> None:
        super().__init__()
        self.run = run
        self._look = look
        self._edge = self._ink = ""
        self._texts: tuple[str, str] = ("", "")
        self._bold = font(look.metrics.body, QFont.Weight.DemiBold)
        self._plain = font(round(0.85 * look.metrics.body))
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setProperty("role", "run")

    def show_run(self, label: str, values: str, chosen: bool, look: Look) -> None:
        """Show a run's name and, where they are told nowhere else, the values in which it differs."""
        hint = self._look.tr("Change this run alone; once more: change all runs.")
        self.setToolTip(tip("\n".join([*filter(None, (label, values)), hint])))
        self.setChecked(chosen)
        self._show_colours(look)
        if (label, values) != self._texts:
            self._texts = (label, values)
            self.setAccessibleName(", ".join(filter(None, self._texts)))
            self.updateGeometry()
            self.update()

    def _show_colours(self, look: Look) -> None:
        edge, self._ink = look.run_colour(self.run), look.text_colour(self.run)
        if edge == self._edge:
            return
        self._edge = edge
        theme, body = look.theme, look.metrics.body
        self.setStyleSheet(
            f"QPushButton {{ border: {max(1, body // 9)}px solid {edge}; border-radius: {body // 3}px;"
            f" background: {mixed(edge, theme.card, TINT).name()}; }}"
            f"QPushButton:checked {{ background: {edge}; }}"
            f"QPushButton:focus {{ border: {max(2, body // 6)}px solid {theme.ink}; }}"
        )

    def lines(self) -> list[tuple[QFont, str]]:
        """Return the lines that are painted, with their fonts."""
        room = column_px(self._look) - self._look.metrics.body
        label, values = self._texts
        named = [(self._bold, line) for line in wrapped(label, self._bold, room, MOST_LINES)]
        return named + [(self._plain, line) for line in wrapped(values, self._plain, room, MOST_LINES) if values]

    def _line_px(self) -> int:
        return round(1.25 * self._look.metrics.body)

    def sizeHint(self) -> QSize:
        body = self._look.metrics.body
        return QSize(column_px(self._look), len(self.lines()) * self._line_px() + body)

    def minimumSizeHint(self) -> QSize:
        return QSize(1, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        theme = self._look.theme
        painter.setPen(QColor(theme.card if self.isChecked() else self._ink))
        lines, high = self.lines(), self._line_px()
        top = (self.height() - len(lines) * high) // 2
        for i, (used, text) in enumerate(lines):
            painter.setFont(used)
            painter.drawText(0, top + i * high, self.width(), high, int(Qt.AlignmentFlag.AlignCenter), text)
        painter.end()

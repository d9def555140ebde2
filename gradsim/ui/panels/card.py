"""The card of a run: its name in its colour, and whether it alone is edited."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QSizePolicy

from gradsim.ui.label import tip, wrapped
from gradsim.ui.panels.room import column_px
from gradsim.ui.plots.devices import painting_on
from gradsim.ui.theme import Look, font, mixed

MOST_LINES = 3
"""Lines of a name, and of what differs."""
TINT = 0.03
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

    def show_run(self, label: str, values: str, chosen: bool, look: Look) -> None:
        """Show a run's name and, where they are told nowhere else, the values in which it differs."""
        hint = self._look.tr("Change this run alone; once more: change all runs.")
        self.setToolTip(tip("\n".join([*filter(None, (label, values)), hint])))
        self.setChecked(chosen)
        colours = look.run_colour(self.run), look.text_colour(self.run)
        if colours != (self._edge, self._ink):
            self._edge, self._ink = colours
            self.update()
        if (label, values) != self._texts:
            self._texts = (label, values)
            self.setAccessibleName(", ".join(filter(None, self._texts)))
            self.updateGeometry()
            self.update()

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
        with painting_on(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            theme, body, colour = self._look.theme, self._look.metrics.body, QColor(self._edge)
            edge = max(2.0, body / 6) if self.hasFocus() else max(1.0, body / 9)
            painter.setPen(QPen(QColor(theme.ink) if self.hasFocus() else colour, edge))
            painter.setBrush(colour if self.isChecked() else mixed(colour.name(), theme.card, TINT))
            inside = QRectF(self.rect()).adjusted(edge / 2, edge / 2, -edge / 2, -edge / 2)
            painter.drawRoundedRect(inside, body / 3, body / 3)
            painter.setPen(QColor(theme.card if self.isChecked() else self._ink))
            lines, high = self.lines(), self._line_px()
            top = (self.height() - len(lines) * high) // 2
            for i, (used, text) in enumerate(lines):
                painter.setFont(used)
                painter.drawText(0, top + i * high, self.width(), high, int(Qt.AlignmentFlag.AlignCenter), text)

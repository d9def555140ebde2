"""A count in a line of text, whose number changes with every frame: painted as it is, nothing is laid out."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPaintEvent
from PySide6.QtWidgets import QWidget

from gradsim.ui.plots.devices import painting_on
from gradsim.ui.theme import Look, font, text_width


class CountLabel(QWidget):
    """A text with one bold number in it, at the right end of its room, on the colour of cards.

    Parameters
    ----------
    look, px
        Colours; the height of the type.
    """

    def __init__(self, look: Look, px: int) -> None:
        super().__init__()
        self._ink, self._muted, self._card = (
            QColor(each) for each in (look.theme.ink, look.theme.muted, look.theme.card)
        )
        self._plain, self._bold = font(px), font(px, QFont.Weight.Bold)
        self._parts = "", "", ""
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # nothing below it is painted

    def text(self) -> str:
        """Return what is shown."""
        return "".join(self._parts)

    def show_count(self, before: str, number: str, after: str) -> None:
        """Show a number between two texts."""
        parts = before, number, after
        if parts != self._parts:
            self._parts = parts
            self.setAccessibleName(self.text())
            self.update()

    def width_px(self, before: str, number: str, after: str) -> int:
        """Return how wide a number between two texts is."""
        return text_width(self._plain, before) + text_width(self._bold, number) + text_width(self._plain, after)

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting_on(self) as painter:
            painter.fillRect(self.rect(), self._card)
            metrics = QFontMetrics(self._plain)
            y = (self.height() - metrics.height()) // 2 + metrics.ascent()
            x = self.width() - self.width_px(*self._parts)
            looks = (self._plain, self._muted), (self._bold, self._ink), (self._plain, self._muted)
            for part, (drawn_in, colour) in zip(self._parts, looks, strict=True):
                painter.setFont(drawn_in)
                painter.setPen(colour)
                painter.drawText(x, y, part)
                x += text_width(drawn_in, part)

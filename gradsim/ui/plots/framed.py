"""A plot with the titles of its axes beside it, and one scale on both axes where they have one unit."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradsim.ui.plots.devices import painting_on
from gradsim.ui.plots.plot import Plot
from gradsim.ui.theme import Look, font

_STRIP = 1.35
"""Width of the strip of a title, in heights of its type."""


class Framed(QWidget):
    """Holds a plot as large as there is room for it.

    Parameters
    ----------
    look
        Colours and sizes.
    plot
        The plot; its ranges are set by whoever owns it.
    """

    def __init__(self, look: Look, plot: Plot) -> None:
        super().__init__()
        self._look, self._plot = look, plot
        self._x_title = self._y_title = ""
        self._ratio = 0.0
        self._strip = 0
        """Width of the strips of the titles, if there are any."""
        plot.setParent(self)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(plot.minimumSizeHint())

    def show_frame(self, x_title: str, y_title: str, ratio: float = 0.0) -> None:
        """Show these titles; keep the width of the room between the axes at `ratio` times its height, 0: as it comes.

        To be called again after the width of the left axis has changed.
        """
        self._x_title, self._y_title, self._ratio = x_title, y_title, ratio
        self._strip = round(_STRIP * self._look.metrics.tick) if x_title or y_title else 0
        self._place()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        width, height = max(1, self.width() - self._strip), max(1, self.height() - self._strip)
        self._plot.setGeometry(self._strip, 0, width, height)
        if not self._ratio:
            return
        room_width, room_height = self._plot.room_px()
        if room_width > self._ratio * room_height:
            width -= round(room_width - self._ratio * room_height)
        else:
            height -= round(room_height - room_width / self._ratio)
        self._plot.setGeometry(self._strip, 0, width, height)

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting_on(self) as painter:
            text_font = font(self._look.metrics.tick)
            painter.setFont(text_font)
            painter.setPen(QColor(self._look.theme.muted))
            metrics, place = QFontMetrics(text_font), self._plot.geometry()
            _, room_height = self._plot.room_px()
            right = place.right() - self._look.metrics.tick
            across = metrics.elidedText(self._x_title, Qt.TextElideMode.ElideRight, place.width())
            painter.drawText(
                QRectF(right - place.width(), place.bottom() + 1, place.width(), self._strip),
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop,
                across,
            )
            upwards = metrics.elidedText(self._y_title, Qt.TextElideMode.ElideRight, room_height)
            painter.rotate(-90.0)
            top = 0.7 * self._look.metrics.tick
            painter.drawText(
                QRectF(-top - room_height, 0.0, room_height, self._strip),
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                upwards,
            )

"""What of a picture changes seldom, kept as a pixmap: a frame then paints the rest alone."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from gradsim.ui.plots.devices import paints_pixels


class KeptGround:
    """The ground of a picture, which covers all of it.

    Parameters
    ----------
    picture
        What it is the ground of; nothing below it is painted any more.
    colour
        Of the ground.
    paint
        Paints what is on it.
    """

    def __init__(self, picture: QWidget, colour: str, paint: Callable[[QPainter], None]) -> None:
        self._picture, self._colour, self._paint = picture, QColor(colour), paint
        self._kept: QPixmap | None = None
        self._key: Hashable = None
        picture.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def forget(self) -> None:
        """Paint it anew the next time."""
        self._kept = None

    def draw(self, painter: QPainter, key: Hashable) -> None:
        """Draw it, painted anew where the `key`, which is all that it depends on beside the size, has changed."""
        if not paints_pixels(painter):
            self._paint_on(painter)
            return
        ratio, size = painter.device().devicePixelRatioF(), self._picture.size()
        wanted = key, size.width(), size.height(), ratio
        if self._kept is None or self._key != wanted:
            self._key = wanted
            self._kept = QPixmap(size * ratio)
            self._kept.setDevicePixelRatio(ratio)
            self._kept.fill(self._colour)
            with QPainter(self._kept) as within:
                within.setRenderHint(QPainter.RenderHint.Antialiasing)
                self._paint_on(within)
        painter.drawPixmap(QPointF(0, 0), self._kept)

    def _paint_on(self, painter: QPainter) -> None:
        painter.fillRect(self._picture.rect(), self._colour)
        self._paint(painter)

"""A legend of marks and lines: what they are called, in as many lines as that needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradsim.ui.plots.devices import painting_on
from gradsim.ui.plots.sample_marks import SHAPES
from gradsim.ui.theme import Look, font

_MOST_EM = 14
"""The width of a name at most, in heights of its type."""
_ROW, _BEFORE, _GAP = 1.5, 1.5, 1.2
"""Height of a line, room for a mark, and room between two entries, in heights of the type."""


class Key(NamedTuple):
    """An entry: a mark of some shape, or a line if it has none; `pen` and `brush` are as in the picture."""

    text: str
    pen: QPen
    brush: QBrush = QBrush()
    shape: str = ""
    radius: float = 0.0


class SampleLegend(QWidget):
    """Says what marks and lines mean.

    Parameters
    ----------
    look
        Sizes and the colour of text.
    """

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._font = font(look.metrics.tick)
        self.keys: Sequence[Key] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_keys(self, keys: Sequence[Key]) -> None:
        """Show these."""
        self.keys = keys
        self._fit()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        height = round(max((place.bottom() for place in self._places()), default=0.0))
        if height != self.height() or height != self.minimumHeight():
            self.setFixedHeight(height)

    def _texts(self) -> list[str]:
        """Return the names as far as they are written."""
        metrics = QFontMetrics(self._font)
        most = _MOST_EM * self._look.metrics.tick
        return [metrics.elidedText(key.text, Qt.TextElideMode.ElideRight, most) for key in self.keys]

    def _places(self) -> list[QRectF]:
        """Return where the entries are, line by line."""
        tick, metrics = self._look.metrics.tick, QFontMetrics(self._font)
        left, top, places = 0.0, 0.2 * tick, list[QRectF]()
        for text in self._texts():
            width = _BEFORE * tick + metrics.horizontalAdvance(text)
            if left > 0.0 and left + width > self.width():
                left, top = 0.0, top + _ROW * tick
            places.append(QRectF(left, top, width, _ROW * tick))
            left += width + _GAP * tick
        return places

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting_on(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
            painter.setFont(self._font)
            tick = self._look.metrics.tick
            for key, text, place in zip(self.keys, self._texts(), self._places(), strict=True):
                middle = QPointF(place.left() + 0.55 * tick, place.center().y())
                painter.setPen(key.pen)
                painter.setBrush(key.brush)
                if key.shape:
                    corners = [middle + QPointF(*corner) for corner in key.radius * SHAPES[key.shape]]
                    painter.drawPolygon(QPolygonF(corners))
                else:
                    reach = QPointF(0.5 * tick, 0.0)
                    painter.drawLine(QLineF(middle - reach, middle + reach))
                painter.setPen(QColor(self._look.theme.ink))
                painter.drawText(
                    place.adjusted(_BEFORE * tick, 0, tick, 0),
                    Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
                    text,
                )

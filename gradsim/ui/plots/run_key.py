"""The key of runs: each marker with its name, in a row of its own where names have no room in the pictures."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import ceil

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradsim.ui.label import mode_for
from gradsim.ui.plots.devices import painting_on
from gradsim.ui.plots.end_labels import draw_end
from gradsim.ui.theme import Look, font

_MOST_ROWS = 3
_LINE, _MARK, _GAP = 1.2, 1.0, 0.7
"""The height of a row, and the widths of a marker and of the gap after a name, in heights of the type."""
_SPARE = 2
"""Pixels that a name has more than its width, for fractions of them."""


class RunKey(QWidget):
    """Markers with the names of their runs, in at most three rows; names are cut short where that is too little.

    Parameters
    ----------
    look, names
        Colours and sizes; the names of the runs.
    """

    def __init__(self, look: Look, names: Sequence[str]) -> None:
        super().__init__()
        self._look, self._names = look, names
        self._font = font(look.metrics.name, QFont.Weight.Bold)
        self._metrics = QFontMetrics(self._font)
        self._gone: Collection[int] = ()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_gone(self, gone: Collection[int]) -> None:
        """Strike out the names of runs that have diverged: a cross beside them would move the others."""
        if set(gone) != set(self._gone):
            self._gone = gone
            self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        bottom = max(place.bottom() for place in self.places())
        if ceil(bottom) != self.height() or ceil(bottom) != self.minimumHeight():
            self.setFixedHeight(ceil(bottom))

    def places(self) -> list[QRectF]:
        """Return where each marker with its name is: one after the other, in columns where that needs more rows."""
        em = self._look.metrics.name
        widths = [_MARK * em + self._metrics.horizontalAdvance(name) + _SPARE for name in self._names]
        found: list[QRectF] = []
        left, top = 0.0, 0.0
        for width in widths:
            if left > 0.0 and left + width > self.width():
                left, top = 0.0, top + _LINE * em
            found.append(QRectF(left, top, width, _LINE * em))
            left += width + _GAP * em
        if top < _MOST_ROWS * _LINE * em and max(widths) <= self.width():
            return found
        columns = -(-len(widths) // _MOST_ROWS)
        wide = self.width() / columns
        return [
            QRectF(i % columns * wide, i // columns * _LINE * em, wide - _GAP * em, _LINE * em)
            for i in range(len(widths))
        ]

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting_on(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            em = self._look.metrics.name
            for run, place in enumerate(self.places()):
                middle = place.center().y()
                draw_end(painter, self._look, run, QPointF(place.left() + 0.4 * em, middle), 0.3 * em)
                painter.setPen(QColor(self._look.text_colour(run)))
                left = place.left() + _MARK * em
                at = QPointF(left, middle + self._metrics.capHeight() / 2.0)
                self._font.setStrikeOut(run in self._gone)
                painter.setFont(self._font)
                room = ceil(place.right() - left)
                painter.drawText(at, self._metrics.elidedText(self._names[run], mode_for(self._names), room))

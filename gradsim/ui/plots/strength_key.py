"""The key of strengths: a strip for each run over one log scale."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradsim.ui.exponents import draw_in, width_of
from gradsim.ui.plots.devices import painting_on
from gradsim.ui.plots.strength import LEVELS, Strength
from gradsim.ui.theme import Look, font
from gradsim.words.numbers import power

_LENGTH, _HIGH, _TICKS = 12.0, 1.1, 1.5
"""Length and height of all strips together, and the height of their ticks' row, in heights of the type."""
_APART_PX = 4.0
"""From this height on there is a line between two strips."""
_ROUND = (1, 2, 5, 10, 20, 50, 100)
_CENTRE = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter


class StrengthKey(QWidget):
    """What the strengths of lines stand for.

    Parameters
    ----------
    look, runs
        Colours and sizes; how many runs there are.
    what
        What is measured, such as |∂L/∂w|.
    """

    def __init__(self, look: Look, runs: int, what: str) -> None:
        super().__init__()
        self.look, self._runs, self._what = look, runs, what
        self.decades = (-8, 0)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_decades(self, decades: tuple[int, int]) -> None:
        """Show a scale between two powers of ten."""
        if decades != self.decades:
            self.decades = decades
            self.update()

    def sizeHint(self) -> QSize:
        tick = self.look.metrics.tick
        return QSize(ceil(self._left + (_LENGTH + 1.6) * tick), ceil((_HIGH + _TICKS + 0.3) * tick))

    @property
    def _left(self) -> float:
        tick = self.look.metrics.tick
        return width_of(self.look, font(tick), self._what) + 0.8 * tick

    def _x(self, decade: float) -> float:
        low, high = self.decades
        return self._left + _LENGTH * self.look.metrics.tick * (decade - low) / (high - low)

    def ticks(self) -> list[int]:
        """Return the powers of ten that are written: as many as have room."""
        low, high = self.decades
        widest = max(width_of(self.look, font(self.look.metrics.tick), power(end)) for end in (low, high))
        room = _LENGTH * self.look.metrics.tick / (high - low)
        every = next((n for n in _ROUND if n * room >= widest + 0.6 * self.look.metrics.tick), high - low)
        return list(range(high, low - 1, -every))

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting_on(self) as painter:
            tick = self.look.metrics.tick
            painter.setFont(font(tick))
            painter.setPen(QColor(self.look.theme.ink))
            draw_in(painter, self.look, QRectF(0, 0, self._left, 1.3 * tick), Qt.AlignmentFlag.AlignLeft, self._what)
            high, cell = _HIGH * tick / self._runs, _LENGTH * tick / LEVELS
            between = 1.0 if high >= _APART_PX else 0.0
            for run in range(self._runs):
                strength = Strength(self.look, run, self.decades)
                for level in range(LEVELS):
                    rect = QRectF(self._left + level * cell, run * high, cell + 1.0, high - between)
                    painter.fillRect(rect, strength.colour(level / (LEVELS - 1)))
            for decade in self.ticks():
                x = self._x(decade)
                painter.setPen(QPen(QColor(self.look.theme.muted), self.look.metrics.hair))
                painter.drawLine(QPointF(x, _HIGH * tick), QPointF(x, (_HIGH + 0.25) * tick))
                rect = QRectF(x - 3 * tick, (_HIGH + 0.25) * tick, 6 * tick, _TICKS * tick)
                draw_in(painter, self.look, rect, _CENTRE, power(decade))

"""Bars of units, layer beside layer: how much of the training set each is on for, the dead ones boxed and counted."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradsim.sim.kinds.train.census import LayerCensus
from gradsim.ui.exponents import draw_in, width_of
from gradsim.ui.theme import Look, font, mixed

_FILLED = 0.84
"""Widths of a layer's bars and of the space between two bars, in those of their columns and rows."""
_Entry = tuple[str, QColor | None, float]
"""Of the key: what is said of a bar, its colour, or None for the box of dead units, and how full it is."""
_CENTRE = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter
_ROUND = (1, 2, 5, 10, 20, 50)


class CensusBars(QWidget):
    """One network's units, sorted in each layer.

    Parameters
    ----------
    look, run
        Colours and sizes; the run, whose colour the bars have.
    """

    hovered = Signal(object)
    """The layer under the pointer, or None when it has left."""

    def __init__(self, look: Look, run: int) -> None:
        super().__init__()
        self.look, self.run = look, run
        self._layers: Sequence[LayerCensus] = ()
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 100)

    def show_layers(self, layers: Sequence[LayerCensus]) -> None:
        """Show these layers, from the first hidden one."""
        self._layers = layers
        self.update()

    # Places

    @property
    def _most(self) -> int:
        return max(len(layer.on) for layer in self._layers)

    def _room(self) -> QRectF:
        tick = self.look.metrics.tick
        left = width_of(self.look, font(tick), self.look.tr("layer")) + 0.6 * tick
        return QRectF(left, 1.7 * tick, self.width() - left, max(1.0, self.height() - 3.6 * tick))

    def _column(self, layer: int) -> QRectF:
        room = self._room()
        width = room.width() / len(self._layers)
        return QRectF(room.left() + layer * width, room.top(), _FILLED * width, room.height())

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._layers:
            return
        painter = QPainter(self)
        painter.setFont(font(self.look.metrics.tick))
        self._draw_heads(painter)
        for layer, census in enumerate(self._layers):
            self._draw_layer(painter, self._column(layer), census)
        self._draw_key(painter)
        painter.end()

    def _draw_heads(self, painter: QPainter) -> None:
        """Write the layers' numbers above, and how many units there are at the left."""
        tick, room = self.look.metrics.tick, self._room()
        painter.setPen(QColor(self.look.theme.muted))
        draw_in(painter, self.look, QRectF(0, 0, room.left() - 0.5 * tick, 1.5 * tick), _RIGHT, self.look.tr("layer"))
        width = width_of(self.look, painter.font(), str(len(self._layers))) + 0.6 * tick
        column = room.width() / len(self._layers)
        every = next((n for n in _ROUND if n * column >= width), len(self._layers))
        for layer in range(0, len(self._layers), every):
            middle = self._column(layer).center().x()
            draw_in(painter, self.look, QRectF(middle - 2 * tick, 0, 4 * tick, 1.5 * tick), _CENTRE, str(layer + 1))
        row = room.height() / self._most
        for rank in sorted({1, self._most // 2, self._most} - {0}):
            y = room.top() + (rank - 0.5) * row
            if rank in (1, self._most) or row * self._most > 6 * tick:
                rect = QRectF(0, y - tick, room.left() - 0.5 * tick, 2 * tick)
                draw_in(painter, self.look, rect, _RIGHT | Qt.AlignmentFlag.AlignVCenter, str(rank))

    def _draw_layer(self, painter: QPainter, column: QRectF, census: LayerCensus) -> None:
        row, colour = column.height() / self._most, QColor(self.look.run_colour(self.run))
        order = np.lexsort((-census.taking_part, -census.on))
        alive = int((~census.dead).sum())
        units = len(order)
        ground = QRectF(column.left(), column.top(), column.width(), row * units)
        painter.fillRect(ground, mixed(self.look.theme.line, self.look.theme.card, 0.5))
        thick = row * _FILLED if row * _FILLED >= 2.0 else max(1.0, row) + 0.5  # thin ones leave no gaps
        flat = mixed(colour.name(), self.look.theme.card, 0.35)
        for rank, unit in enumerate(order[:alive].tolist()):
            top = column.top() + rank * row
            for share, fill in ((census.on[unit], flat), (census.taking_part[unit], colour)):
                width = max(1.0 if share > 0.0 else 0.0, share * column.width())
                painter.fillRect(QRectF(column.left(), top, width, thick), fill)
        if alive < units:
            self._draw_dead(painter, column, alive, units, row)

    def _draw_dead(self, painter: QPainter, column: QRectF, alive: int, units: int, row: float) -> None:
        """Box the dead units, with a cross for each and their number where there is room."""
        box = QRectF(column.left(), column.top() + alive * row, column.width(), (units - alive) * row)
        edge = QPen(QColor(self.look.theme.ink), max(1.5, 1.6 * self.look.metrics.hair))
        if column.width() < 5 * edge.widthF():  # edges would fill it
            painter.fillRect(box, QColor(self.look.theme.card))
            painter.fillRect(QRectF(box.left(), box.top(), box.width(), edge.widthF()), edge.color())
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(QColor(self.look.theme.card))
        painter.setPen(edge)
        painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))
        tick = self.look.metrics.tick
        side = min(0.32 * row, 0.3 * tick)
        crossed = side >= 2.0 and column.width() > 4 * side
        if crossed:
            for rank in range(alive, units):
                _cross(painter, QPointF(column.left() + 2.2 * side, column.top() + (rank + 0.5) * row), side)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        left = 4.6 * side if crossed else 0.0
        painter.setFont(font(tick, QFont.Weight.DemiBold))
        for text in (self.look.tr("{n} dead").format(n=units - alive), str(units - alive)):
            if width_of(self.look, painter.font(), text) + left + 4 <= column.width() and box.height() >= 1.1 * tick:
                draw_in(painter, self.look, box.adjusted(left, 0, -2, 0), _CENTRE, text)
                break
        painter.setFont(font(tick))

    def _draw_key(self, painter: QPainter) -> None:
        """Say below what bars and boxes are."""
        tick, room = self.look.metrics.tick, self._room()
        y, x = self.height() - 1.55 * tick, room.left()
        for said, fill, share in self._entries(self.width() - x):
            width = width_of(self.look, painter.font(), said)
            self._draw_sample(painter, QRectF(x, y + 0.2 * tick, 1.6 * tick, 0.9 * tick), fill, share)
            painter.setPen(QColor(self.look.theme.muted))
            beside = QRectF(x + 2.1 * tick, y, width, 1.3 * tick)
            draw_in(painter, self.look, beside, Qt.AlignmentFlag.AlignLeft, said)
            x += 3.2 * tick + width

    def _entries(self, room: float) -> list[_Entry]:
        """Return what the key explains, in the longest words that have room."""
        tr, colour = self.look.tr, QColor(self.look.run_colour(self.run))
        flat = mixed(colour.name(), self.look.theme.card, 0.35)
        saturated: list[_Entry] = [(tr("saturated"), flat, 1.0)] if any(c.flat.any() for c in self._layers) else []
        dead = any(census.dead.any() for census in self._layers)
        half: _Entry = (tr("on for half of the samples"), colour, 0.5)
        whole: list[_Entry] = [half, *saturated, (tr("dead: on for none"), None, 1.0)]
        brief: list[_Entry] = [(tr("on"), colour, 1.0), *saturated, (tr("dead"), None, 1.0)]
        least = brief[-1:] if dead else saturated or brief[:1]
        for entries in (whole, brief):
            if self._entries_px(entries) <= room:
                return entries
        return least if self._entries_px(least) <= room else []

    def _entries_px(self, entries: Sequence[_Entry]) -> float:
        tick = self.look.metrics.tick
        return sum(width_of(self.look, font(tick), said) + 3.2 * tick for said, _, _ in entries) - 1.1 * tick

    def _draw_sample(self, painter: QPainter, rect: QRectF, fill: QColor | None, share: float) -> None:
        if fill is None:
            painter.setBrush(QColor(self.look.theme.card))
            painter.setPen(QPen(QColor(self.look.theme.ink), max(1.5, 1.6 * self.look.metrics.hair)))
            painter.drawRect(rect)
            _cross(painter, rect.center(), 0.28 * self.look.metrics.tick)
            return
        painter.fillRect(rect, mixed(self.look.theme.line, self.look.theme.card, 0.5))
        painter.fillRect(QRectF(rect.left(), rect.top(), rect.width() * share, rect.height()), fill)

    # The mouse

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        room = self._room()
        layer = floor((event.position().x() - room.left()) / room.width() * max(1, len(self._layers)))
        self.hovered.emit(layer if 0 <= layer < len(self._layers) else None)

    def leaveEvent(self, event: object) -> None:
        self.hovered.emit(None)


_RIGHT = Qt.AlignmentFlag.AlignRight


def _cross(painter: QPainter, at: QPointF, side: float) -> None:
    painter.drawLine(at + QPointF(-side, -side), at + QPointF(side, side))
    painter.drawLine(at + QPointF(-side, side), at + QPointF(side, -side))

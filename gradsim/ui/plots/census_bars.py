"""Bars of units, layer beside layer: how much of the training set each is on for, the dead ones boxed and counted."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QImage, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradsim.engine.nn.activations import Activation
from gradsim.engine.nn.dead import dies
from gradsim.sim.kinds.train.census import LayerCensus, Shares
from gradsim.ui.exponents import draw_in, width_of
from gradsim.ui.plots.devices import painting_on, writes_shapes
from gradsim.ui.theme import Look, font, mixed

_KINDS = ("on", "passing", "full")
"""What is drawn of a unit, each over the one before."""
_FILLED = 0.84
"""Widths of a layer's bars and of the space between two bars, in those of their columns and rows."""
_LEAST_GAPPED = 2.0
"""How many pixels high a bar is at least that has a gap below it."""
_FLAT, _LEAKING = 0.3, 0.6
"""How much of a run's colour the parts of its bars have that are saturated, and that leak."""
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
    layer_chosen = Signal(int)
    """A layer, from 0, was clicked."""

    def __init__(self, look: Look, run: int) -> None:
        super().__init__()
        self.look, self.run = look, run
        self._layers: Sequence[LayerCensus] = ()
        self._activation: Activation | None = None
        self._chosen: int | None = None
        self._most = 0
        """How many units the widest layer has."""
        self._left = 0.0
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 100)

    def show_layers(self, layers: Sequence[LayerCensus], activation: Activation, chosen: int | None) -> None:
        """Show these layers, from the first hidden one, under their activation; one of them may be chosen."""
        self._layers, self._activation, self._chosen = layers, activation, chosen
        self._most = max(len(layer.full) for layer in layers)
        tick, words = self.look.metrics.tick, (self.look.tr("layer"), str(self._most))
        self._left = max(width_of(self.look, font(tick), word) for word in words) + 0.6 * tick
        self.update()

    # Places

    def _room(self) -> QRectF:
        tick, left = self.look.metrics.tick, self._left
        return QRectF(left, 1.7 * tick, self.width() - left, max(1.0, self.height() - 3.6 * tick))

    def _column(self, layer: int) -> QRectF:
        room = self._room()
        width = room.width() / len(self._layers)
        return QRectF(room.left() + layer * width, room.top(), _FILLED * width, room.height())

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._layers:
            return
        with painting_on(self) as painter:
            painter.setFont(font(self.look.metrics.tick))
            self._draw_heads(painter)
            self._draw_bars(painter)
            for layer, census in enumerate(self._layers):
                self._draw_layer(painter, self._column(layer), census)
            self._draw_key(painter)

    def _draw_heads(self, painter: QPainter) -> None:
        """Write the layers' numbers above, and how many units there are at the left."""
        tick, room = self.look.metrics.tick, self._room()
        painter.setPen(QColor(self.look.theme.muted))
        draw_in(painter, self.look, QRectF(0, 0, room.left() - 0.5 * tick, 1.5 * tick), _RIGHT, self.look.tr("layer"))
        width = width_of(self.look, painter.font(), str(len(self._layers))) + 0.6 * tick
        column = room.width() / len(self._layers)
        every = next((n for n in _ROUND if n * column >= width), len(self._layers))
        for layer in sorted({0, *range(every - 1, len(self._layers), every)}):
            near = layer * column < width and layer > 0
            if not near and (self._chosen is None or abs(layer - self._chosen) * column >= width):
                self._draw_head(painter, layer)
        if self._chosen is not None and self._chosen < len(self._layers):
            painter.setFont(font(tick, QFont.Weight.Bold))
            painter.setPen(QColor(self.look.theme.ink))
            self._draw_head(painter, self._chosen)
            painter.setFont(font(tick))
            painter.setPen(QColor(self.look.theme.muted))
        row = room.height() / self._most
        for rank in sorted({1, self._most // 2, self._most} - {0}):
            y = room.top() + (rank - 0.5) * row
            if rank == self._most or row * self._most > (2.4 if rank == 1 else 6.0) * tick:
                rect = QRectF(0, y - tick, room.left() - 0.5 * tick, 2 * tick)
                draw_in(painter, self.look, rect, _RIGHT | Qt.AlignmentFlag.AlignVCenter, str(rank))

    def _draw_head(self, painter: QPainter, layer: int) -> None:
        text = str(layer + 1)
        width = width_of(self.look, painter.font(), text)
        left = min(self._column(layer).center().x() - width / 2, self.width() - width)
        draw_in(painter, self.look, QRectF(left, 0, width, 1.5 * self.look.metrics.tick), _CENTRE, text)

    def _draw_layer(self, painter: QPainter, column: QRectF, census: LayerCensus) -> None:
        row = column.height() / self._most
        units, dead, stuck = len(census.full), int(census.dead.sum()), int(census.stuck.sum())
        if stuck:
            first = units - dead - stuck
            box = QRectF(column.left(), column.top() + first * row, column.width(), stuck * row)
            self._write(painter, box, 0.0, (self.look.tr("{n} saturated").format(n=stuck), str(stuck)))
        if dead:
            self._draw_dead(painter, column, units - dead, units, row)

    def _draw_bars(self, painter: QPainter) -> None:
        """Draw the bars of all layers as one image: a hundred layers are thousands of them."""
        if writes_shapes(painter):
            for layer in range(len(self._layers)):
                self._draw_shapes(painter, layer)
            return
        room, per_px = self._room(), painter.device().devicePixelRatio()
        image = self._image(ceil(room.width() * per_px), ceil(room.height() * per_px), per_px)
        painter.drawImage(QRectF(room.left(), room.top(), image.width() / per_px, image.height() / per_px), image)

    def _draw_shapes(self, painter: QPainter, layer: int) -> None:
        """Draw the bars of a layer as one shape for each kind."""
        column, units = self._column(layer), len(self._layers[layer].full)
        row = column.height() / self._most
        high = _FILLED * row if row * _FILLED >= _LEAST_GAPPED else row
        painter.fillRect(QRectF(column.left(), column.top(), column.width(), units * row), self._fills()[1])
        for fill, kind in zip(self._fills()[2:], _KINDS, strict=True):
            bars = QPainterPath()
            for rank, share in enumerate(_ranked(self._layers, self._most, kind)[:units, layer].tolist()):
                if share > 0.0:
                    bars.addRect(column.left(), column.top() + rank * row, max(1.0, share * column.width()), high)
            painter.fillPath(bars if high < row else bars.simplified(), fill)

    def _fills(self) -> list[QColor]:
        """Return the colours of nothing, of a unit's room, and of each kind of bar."""
        theme = self.look.theme
        bars = [self._tint(share) for share in (_FLAT, _LEAKING, 1.0)]
        return [QColor(theme.card), mixed(theme.line, theme.card, 0.5), *bars]

    def _image(self, width: int, height: int, per_px: float) -> QImage:
        """Return the bars in so many pixels."""
        room = self._room()
        across, down = (np.arange(width) + 0.5) / per_px, (np.arange(height) + 0.5) / per_px
        one = room.width() / len(self._layers)
        layer = np.minimum((across / one).astype(int), len(self._layers) - 1)
        along = (across - layer * one) / (_FILLED * one)
        table = np.zeros((self._most, width), np.uint8)  # of each rank and pixel across: which colour there is
        units = np.array([len(census.full) for census in self._layers])
        table[np.arange(self._most)[:, None] < units[layer]] = 1
        for i, kind in enumerate(_KINDS):
            shares = _ranked(self._layers, self._most, kind)
            shares = np.where(shares > 0.0, np.maximum(shares, 1.0 / (_FILLED * one)), 0.0)
            table[along < shares[:, layer]] = i + 2
        table[:, along >= 1.0] = 0
        row = room.height() / self._most
        rank = np.minimum((down / row).astype(int), self._most - 1)
        drawn = table[rank]
        if row * _FILLED >= _LEAST_GAPPED:
            gaps = drawn[down - rank * row >= _FILLED * row]
            drawn[down - rank * row >= _FILLED * row] = np.minimum(gaps, 1)
        colours = np.array([fill.rgba() for fill in self._fills()], np.uint32)
        pixels = np.ascontiguousarray(colours[drawn])
        return QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32).copy()

    def _tint(self, share: float) -> QColor:
        return mixed(self.look.run_colour(self.run), self.look.theme.card, share)

    def _write(self, painter: QPainter, box: QRectF, left: float, texts: Sequence[str]) -> None:
        """Write the first of the texts that has room into a box, right of its first pixels."""
        tick = self.look.metrics.tick
        painter.setFont(font(tick, QFont.Weight.DemiBold))
        painter.setPen(QColor(self.look.theme.ink))
        for text in texts:
            if width_of(self.look, painter.font(), text) + left + 4 <= box.width() and box.height() >= 1.1 * tick:
                draw_in(painter, self.look, box.adjusted(left, 0, -2, 0), _CENTRE, text)
                break
        painter.setFont(font(tick))

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
        self._write(painter, box, left, (self.look.tr("{n} dead").format(n=units - alive), str(units - alive)))

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
        paler = self._paler()
        dead = any(census.dead.any() for census in self._layers)
        can_die = self._activation is None or dies(self._activation)
        of_dead: list[_Entry] = [(tr("dead: on for none"), None, 1.0)] if can_die else []
        saturates = self._activation is not None and self._activation.saturates
        half = tr("not saturated on half of the samples") if saturates else tr("on for half of the samples")
        whole: list[_Entry] = [(half, colour, 0.5), *paler, *of_dead]
        brief_dead: list[_Entry] = [(tr("dead"), None, 1.0)] if can_die else []
        brief: list[_Entry] = [(tr("passes gradient"), colour, 1.0), *paler, *brief_dead]
        least = brief_dead if dead else paler or brief[:1]
        for entries in (whole, brief):
            if self._entries_px(entries) <= room:
                return entries
        return least if self._entries_px(least) <= room else []

    def _paler(self) -> list[_Entry]:
        """Return what is said of the paler parts of the bars."""
        found: list[_Entry] = []
        if any(census.leaking.any() for census in self._layers):
            found.append((self.look.tr("off, but leaks"), self._tint(_LEAKING), 1.0))
        if any(census.flat.any() for census in self._layers):
            found.append((self.look.tr("saturated"), self._tint(_FLAT), 1.0))
        return found

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

    def _layer_at(self, place: QPointF) -> int | None:
        room = self._room()
        layer = floor((place.x() - room.left()) / room.width() * max(1, len(self._layers)))
        return layer if 0 <= layer < len(self._layers) else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.hovered.emit(self._layer_at(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        layer = self._layer_at(event.position())
        if layer is not None:
            self.layer_chosen.emit(layer)

    def leaveEvent(self, event: object) -> None:
        self.hovered.emit(None)


_RIGHT = Qt.AlignmentFlag.AlignRight


def _ranked(layers: Sequence[LayerCensus], most: int, kind: str) -> Shares:
    """Return the shares of the units of layers (ranks, layers), with 0 for units that a layer has not."""
    found = np.zeros((len(layers), most))
    for row, census in zip(found, layers, strict=True):
        row[: len(census.full)] = getattr(census, kind)[census.ranks]
    return found.T


def _cross(painter: QPainter, at: QPointF, side: float) -> None:
    painter.drawLine(at + QPointF(-side, -side), at + QPointF(side, side))
    painter.drawLine(at + QPointF(-side, side), at + QPointF(side, -side))

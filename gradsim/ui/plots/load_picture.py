"""An activation under load: f and f' over z, and hanging below them the z that a layer gets."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradsim.engine.nn.activations import Activation
from gradsim.engine.types import Array
from gradsim.sim.kinds.train.loads import BINS, REACH, Load
from gradsim.ui.exponents import draw_in, width_of
from gradsim.ui.theme import Look, font, mixed
from gradsim.words.numbers import figure

_RIGHT, _LEFT = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignLeft
_MIDDLE, _CENTRE = Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignHCenter
_POINTS = 321
_SHARES = (0.2, 0.38, 0.42)
"""Of the height: f, f', and the z."""


class LoadPicture(QWidget):
    """One run's activation, and one of its layers.

    Parameters
    ----------
    look, run
        Colours and sizes; the run, whose colour f' and the z have.
    """

    layer_chosen = Signal(int)
    """A layer's button was clicked."""
    hovered = Signal(object)
    """The z under the pointer, or None when it has left."""

    def __init__(self, look: Look, run: int) -> None:
        super().__init__()
        self.look, self.run = look, run
        self._activation: Activation | None = None
        self._loads: Sequence[Load] = ()
        self._layer, self._top = 0, 1.0
        self._z: Array = np.linspace(-REACH, REACH, _POINTS)
        self._f: Array = np.zeros(_POINTS)
        self._slope: Array = np.zeros(_POINTS)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 160)

    def show_activation(self, activation: Activation, top: float) -> None:
        """Show the curve of an activation; the axis of slopes ends at `top`."""
        self._top = top
        if activation != self._activation:
            self._activation = activation
            self._f, self._slope = values(activation, self._z)
        self.update()

    def show_loads(self, loads: Sequence[Load], layer: int) -> None:
        """Show what the layers get, one of them in full."""
        self._loads, self._layer = loads, min(layer, len(loads) - 1)
        self.update()

    # Places

    def _bands(self) -> list[QRectF]:
        """Return where f, f' and the z are, above the axis and the buttons of layers."""
        tick = self.look.metrics.tick
        left = 3.2 * tick
        high = max(5.0 * tick, self.height() - (1.4 + (4.6 if self._has_buttons else 0.0)) * tick)
        found, top = [], 0.7 * tick
        for share in _SHARES:
            found.append(QRectF(left, top, self.width() - left - 0.6 * tick, share * high - 1.5 * tick))
            top += share * high
        return found

    @property
    def _has_buttons(self) -> bool:
        return self.look.theme.name != "projector" and len(self._loads) > 1

    def _x(self, z: float) -> float:
        band = self._bands()[0]
        return band.left() + band.width() * (z + REACH) / (2.0 * REACH)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        upper, middle, lower = self._bands()
        low, high = min(0.0, float(self._f.min())), max(1.0, float(self._f.max()))
        self._draw_curve(painter, upper, "f(z)", self._f, (low, high), QColor(self.look.theme.ink), filled=False)
        colour = QColor(self.look.run_colour(self.run))
        bottom = min(0.0, float(self._slope.min()))
        self._draw_curve(painter, middle, "f′(z)", self._slope, (bottom, self._top), colour, filled=True)
        if self._loads:
            load = self._loads[self._layer]
            self._draw_mean(painter, middle, load, bottom)
            self._draw_bars(painter, lower, load, colour)
        self._draw_axis(painter, lower)
        if self._has_buttons:
            self._draw_buttons(painter, colour)
        painter.end()

    def _draw_curve(
        self,
        painter: QPainter,
        band: QRectF,
        name: str,
        curve: Array,
        ends: tuple[float, float],
        colour: QColor,
        filled: bool,
    ) -> None:
        tick, (low, high) = self.look.metrics.tick, ends
        painter.setFont(font(tick))
        for value in (0.0, high):
            y = band.bottom() - band.height() * (value - low) / (high - low)
            painter.setPen(QPen(QColor(self.look.theme.line), self.look.metrics.hair))
            painter.drawLine(QPointF(band.left(), y), QPointF(band.right(), y))
            painter.setPen(QColor(self.look.theme.muted))
            rect = QRectF(0, y - tick, band.left() - 0.4 * tick, 2 * tick)
            draw_in(painter, self.look, rect, _RIGHT | _MIDDLE, f"{value:.3g}")
        heights = band.bottom() - band.height() * (curve - low) / (high - low)
        points = [QPointF(self._x(z), at) for z, at in zip(self._z.tolist(), heights.tolist(), strict=True)]
        if filled:
            base = band.bottom() - band.height() * (0.0 - low) / (high - low)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(mixed(colour.name(), self.look.theme.card, 0.15))
            painter.drawPolygon(QPolygonF([QPointF(band.left(), base), *points, QPointF(band.right(), base)]))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour, self.look.metrics.line))
        painter.drawPolyline(QPolygonF(points))
        painter.setPen(QColor(self.look.theme.muted))
        rect = QRectF(band.left() + 0.4 * tick, band.top() - 0.1 * tick, 4 * tick, 1.4 * tick)
        draw_in(painter, self.look, rect, _LEFT, name)

    def _draw_mean(self, painter: QPainter, band: QRectF, load: Load, low: float) -> None:
        """Draw the mean slope that the layer finds as a dashed line, with its number at the right."""
        tick = self.look.metrics.tick
        y = band.bottom() - band.height() * (load.mean_slope - low) / (self._top - low)
        pen = QPen(QColor(self.look.theme.ink), max(1.2, 1.2 * self.look.metrics.hair), Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawLine(QPointF(band.left(), y), QPointF(band.right(), y))
        painter.setFont(font(tick, QFont.Weight.DemiBold))
        text = self.look.tr("mean {value}").format(value=figure(load.mean_slope) if load.mean_slope else "0")
        width = width_of(self.look, painter.font(), text)
        rect = QRectF(band.right() - width - 0.3 * tick, max(band.top(), y - 1.5 * tick), width, 1.4 * tick)
        painter.fillRect(rect, QColor(self.look.theme.card))
        painter.setPen(QColor(self.look.theme.ink))
        draw_in(painter, self.look, rect, _LEFT | _MIDDLE, text)

    def _draw_bars(self, painter: QPainter, band: QRectF, load: Load, colour: QColor) -> None:
        """Hang a bar for each bin of z, the paler the smaller the slope that it meets."""
        width, most = band.width() / BINS, float(load.shares.max()) or 1.0
        painter.setPen(Qt.PenStyle.NoPen)
        grey = mixed(self.look.theme.muted, self.look.theme.card, 0.45).name()
        for i, (share, slope) in enumerate(zip(load.shares.tolist(), load.slopes.tolist(), strict=True)):
            if share > 0.0:
                height = max(1.0, share / most * band.height())
                rect = QRectF(band.left() + i * width, band.top(), max(1.0, 0.86 * width), height)
                painter.fillRect(rect, mixed(colour.name(), grey, min(1.0, slope)))
        painter.setPen(QPen(QColor(self.look.theme.ink), self.look.metrics.hair))
        painter.drawLine(band.topLeft(), band.topRight())

    def _draw_axis(self, painter: QPainter, band: QRectF) -> None:
        tick = self.look.metrics.tick
        painter.setFont(font(tick))
        painter.setPen(QColor(self.look.theme.muted))
        for z in (-8, -4, 0, 4, 8):
            rect = QRectF(self._x(z) - 3 * tick, band.bottom() + 0.3 * tick, 6 * tick, 1.5 * tick)
            draw_in(painter, self.look, rect, _CENTRE, f"{z}".replace("-", "−"))
        draw_in(painter, self.look, QRectF(0, band.bottom() + 0.3 * tick, 2 * tick, 1.5 * tick), _LEFT, "z")

    def _cell(self, layer: int) -> QRectF:
        tick = self.look.metrics.tick
        width = (self.width() - 0.6 * tick) / len(self._loads)
        return QRectF(layer * width, self.height() - 3.2 * tick, width - 0.3 * tick, 1.8 * tick)

    def _draw_buttons(self, painter: QPainter, colour: QColor) -> None:
        """Draw a button for each layer with its mean slope, and the slope as a length."""
        tick = self.look.metrics.tick
        painter.setPen(QColor(self.look.theme.muted))
        title = QRectF(0, self.height() - 4.8 * tick, self.width(), 1.4 * tick)
        draw_in(painter, self.look, title, _LEFT, self.look.tr("mean slope of every layer"))
        for layer, load in enumerate(self._loads):
            cell, chosen = self._cell(layer), layer == self._layer
            edge = QColor(self.look.theme.ink if chosen else self.look.theme.line)
            painter.setPen(QPen(edge, (2.0 if chosen else 1.0) * self.look.metrics.hair))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(cell, 0.3 * tick, 0.3 * tick)
            length = (cell.width() - 0.6 * tick) * min(1.0, load.mean_slope / self._top)
            painter.fillRect(QRectF(cell.left() + 0.3 * tick, cell.bottom() - 0.4 * tick, length, 0.2 * tick), colour)
            painter.setPen(colour)
            text = f"{load.mean_slope:.2f}"
            if width_of(self.look, painter.font(), text) < cell.width():
                draw_in(painter, self.look, cell.adjusted(0, 0, 0, -0.4 * tick), _CENTRE | _MIDDLE, text)
            below = QRectF(cell.left(), cell.bottom() + 0.1 * tick, cell.width(), 1.3 * tick)
            if width_of(self.look, painter.font(), "88") < cell.width() or layer % 10 == 9:
                painter.setPen(QColor(self.look.theme.muted))
                draw_in(painter, self.look, below, _CENTRE, str(layer + 1))

    # The mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        cells = range(len(self._loads)) if self._has_buttons else ()
        for layer in cells:
            if self._cell(layer).contains(event.position()):
                self.layer_chosen.emit(layer)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        band = self._bands()[0]
        z = 2.0 * REACH * (event.position().x() - band.left()) / band.width() - REACH
        self.hovered.emit(z if abs(z) <= REACH else None)

    def leaveEvent(self, event: object) -> None:
        self.hovered.emit(None)


def values(activation: Activation, z: Array) -> tuple[Array, Array]:
    """Return f and f' at places z."""
    f, slope, work = np.empty_like(z), np.empty_like(z), np.empty_like(z)
    activation.value(z, f, work)
    activation.derivative(z, f, slope, work)
    return f, slope


def bin_of(z: float) -> int:
    """Return the bin in which a place is counted."""
    return min(max(floor((z + REACH) * BINS / (2.0 * REACH)), 0), BINS - 1)

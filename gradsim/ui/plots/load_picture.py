"""An activation under load: f and f' over z, and hanging below them the z that a layer gets."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen

from gradsim.sim.kinds.train.loads import BINS, REACH, Load, mean_text
from gradsim.ui.exponents import draw_in, width_of
from gradsim.ui.label import wrapped
from gradsim.ui.plots.activation_curves import LEFT, MIDDLE, ActivationCurves
from gradsim.ui.theme import Look, font, mixed

_SHARES = (0.22, 0.36, 0.42)
"""Of the height: f, f', and the z."""
_SHARES_OF_FEW = (0.0, 0.52, 0.48)
"""The same where there is no room for f."""
_ROOMY_EM, _ROOMY_EM_OF_TWO = 15, 20
"""How many heights of type high a picture of one and one of two curves are where f has a part of its own."""
_LEAST_EM = 6
"""How high it is at least where there is room for the numbers of the axis of z."""
_LEFT_PART = 0.36
"""The share of the width that is told of a mean takes at most: at the left no curve is high."""
_NOTE, _MOST_ROWS = 0.29, 4
"""The share of the width that the note on the z takes, and how many lines it has at most."""


class _Mean(NamedTuple):
    """A mean slope, how it is told and in which colour, and whether that is to stand above its line."""

    value: float
    template: str
    colour: str
    above: bool


class LoadPicture(ActivationCurves):
    """One run's activation, and one of its layers.

    Parameters
    ----------
    look
        Colours and sizes.
    """

    is_self_told = True

    def __init__(self, look: Look) -> None:
        super().__init__(look, REACH)
        self._load: Load | None = None
        self._note = ""

    def show_load(self, load: Load, note: str) -> None:
        """Show what the layer gets, and what is to be said of that."""
        self._load, self._note = load, note
        self.update()

    # Places

    def bands(self) -> list[QRectF]:
        tick = self.look.metrics.tick
        high = self.height() - (1.8 if self._has_axis else 0.5) * tick
        found, top = [], 0.7 * tick
        for share in _SHARES if self.shows_values else _SHARES_OF_FEW:
            found.append(self.band(top, share * high - 1.3 * tick))
            top += share * high
        return found

    def axes(self, bands: Sequence[QRectF]) -> Sequence[QRectF]:
        return bands[-1:] if self._has_axis else ()

    @property
    def _has_axis(self) -> bool:
        return self.height() >= _LEAST_EM * self.look.metrics.tick

    @property
    def shows_values(self) -> bool:
        return self.height() >= (_ROOMY_EM if len(self.curves) < 2 else _ROOMY_EM_OF_TWO) * self.look.metrics.tick

    # Painting

    def draw_more(self, painter: QPainter, bands: Sequence[QRectF]) -> None:
        load = self._load
        if load is None or not self.curves:
            return
        colour = QColor(self.curves[0].colour)
        self._draw_means(painter, bands[1], load)
        self._draw_bars(painter, bands[2], load, colour)
        self._draw_note(painter, bands[2], load)

    def tick_text(self, z: float) -> str:
        """Say at the ends of the axis where what lies beyond is counted there."""
        text, load = super().tick_text(z), self._load
        if load is not None and z == -self.reach and load.low < z:
            return f"≤ {text}"
        return f"≥ {text}" if load is not None and z == self.reach and load.high > z else text

    def _draw_means(self, painter: QPainter, band: QRectF, load: Load) -> None:
        """Draw the mean slope that the layer finds as a thin dashed line, and that of what is compared with it."""
        own = _Mean(load.mean_slope, self.look.tr("mean {value}"), self.look.theme.ink, above=True)
        if len(self.curves) < 2 or not np.isfinite(load.other_slope):
            self._draw_mean(painter, band, own, QRectF())
            return
        is_higher = load.other_slope > load.mean_slope
        is_near = abs(self.y_of(load.other_slope) - self.y_of(load.mean_slope)) < 1.4 * self.look.metrics.tick
        other = _Mean(load.other_slope, self.curves[1].name + " {value}", self.curves[1].colour, is_higher)
        taken = self._draw_mean(painter, band, other, QRectF())
        self._draw_mean(painter, band, own._replace(above=not (is_higher and is_near)), taken)

    def _draw_mean(self, painter: QPainter, band: QRectF, mean: _Mean, taken: QRectF) -> QRectF:
        """Draw a line at a mean, with its number at the left beside what is taken; return where that is."""
        look, tick, y = self.look, self.look.metrics.tick, self.y_of(mean.value)
        painter.setPen(QPen(QColor(mean.colour), max(1.2, 1.2 * look.metrics.hair), Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(band.left(), y), QPointF(band.right(), y))
        painter.setFont(font(tick, QFont.Weight.DemiBold))
        texts = [mean.template.format(value=mean_text(mean.value)), mean_text(mean.value)]
        widths = [width_of(look, painter.font(), text) for text in texts]
        shown = 0 if widths[0] < _LEFT_PART * band.width() else 1
        above = (mean.above or y + 1.5 * tick > band.bottom()) and y - 1.4 * tick >= band.top()
        rect = QRectF(band.left() + 0.4 * tick, y + (-1.4 if above else 0.1) * tick, widths[shown], 1.4 * tick)
        if self.shows_values and rect.top() < band.top() + 1.3 * tick:  # beside the name of the axis
            rect.moveLeft(rect.left() + width_of(look, font(tick), self.slope_label(band)) + 0.6 * tick)
        if rect.intersects(taken):
            rect.moveLeft(taken.right() + 0.6 * tick)
        painter.setPen(QColor(mean.colour))
        draw_in(painter, look, rect, LEFT | MIDDLE, texts[shown])
        return rect

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

    def _draw_note(self, painter: QPainter, band: QRectF, load: Load) -> None:
        """Write what is to be said of the z below them, at the left or at the right, where no bar reaches down to."""
        tick, bold = self.look.metrics.tick, font(self.look.metrics.tick, QFont.Weight.DemiBold)
        line, wide = 1.3 * tick, round(_NOTE * band.width())
        rows = wrapped(self._note, bold, wide, _MOST_ROWS + 1) if self._note else []
        bins, free = ceil(_NOTE * BINS) + 1, band.height() - (len(rows) + 0.5) * line
        most = float(load.shares.max()) or 1.0
        fits = 0 < len(rows) <= _MOST_ROWS and free > 0
        sides = (load.shares[:bins], band.left() + 0.4 * tick), (load.shares[-bins:], band.right() - wide)
        free_at = [left for side, left in sides if side.max() / most * band.height() < free]
        if not fits or not free_at:
            return
        painter.setFont(bold)
        painter.setPen(QColor(self.look.theme.ink))
        for i, row in enumerate(rows):
            top = band.bottom() - (len(rows) - i) * line
            draw_in(painter, self.look, QRectF(free_at[0], top, wide, line), LEFT | MIDDLE, row)


def bin_of(z: float) -> int:
    """Return the bin in which a place is counted."""
    return min(max(floor((z + REACH) * BINS / (2.0 * REACH)), 0), BINS - 1)

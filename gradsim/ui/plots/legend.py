"""A legend: swatches and a scale of colours with their names, in as many lines as they need."""

from __future__ import annotations

from collections.abc import Sequence
from math import log10
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradsim.ui.plots.devices import painting_on
from gradsim.ui.plots.plot import Colours
from gradsim.ui.theme import Look, font, text_width


class Swatch(NamedTuple):
    """A colour, or a few that mean the same, and what it means."""

    colours: tuple[str, ...]
    text: str


class Scale(NamedTuple):
    """Colours of values from `low` to `high`, both positive, on a logarithmic scale; `text` says of what."""

    colours: Colours
    low: float
    high: float
    text: str

    def shares(self, values: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Return where values are on the scale, from 0 to 1; those beyond its ends are at its ends."""
        logs = np.log10(np.clip(np.asarray(values, np.float64), self.low, self.high))
        return np.asarray((logs - log10(self.low)) / max(log10(self.high / self.low), 1e-9))


class Legend(QWidget):
    """Says what colours mean.

    Parameters
    ----------
    look
        Sizes and the colours of text.
    """

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._swatches: Sequence[Swatch] = ()
        self._scale: Scale | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_entries(self, swatches: Sequence[Swatch], scale: Scale | None = None) -> None:
        """Show these, the scale first."""
        self._swatches, self._scale = swatches, scale
        self._fit()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Take the height of the lines that there are."""
        places = self._places()
        height = round(max((place.bottom() for place in places), default=0.0))
        if height != self.height() or height != self.minimumHeight():
            self.setFixedHeight(height)

    def _widths(self) -> list[float]:
        tick = self._look.metrics.tick
        size = font(tick)
        scale = [16.0 * tick + text_width(size, f"{self._scale.text}  ")] if self._scale else []
        return scale + [(len(s.colours) + 0.5) * tick + text_width(size, s.text) for s in self._swatches]

    def _places(self) -> list[QRectF]:
        """Return where the entries are: the scale, then the swatches, line by line."""
        tick = self._look.metrics.tick
        height, gap = 1.5 * tick, 1.3 * tick
        left, top = 0.0, 0.3 * tick
        places: list[QRectF] = []
        for i, width in enumerate(self._widths()):
            if left > 0.0 and left + width > self.width():
                left, top = 0.0, max(place.bottom() for place in places)
            tall = height * (2.0 if self._scale and i == 0 else 1.0)
            places.append(QRectF(left, top, width, tall))
            left += width + gap
        return places

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting_on(self) as painter:
            painter.setFont(font(self._look.metrics.tick))
            places = self._places()
            if self._scale:
                self._draw_scale(painter, self._scale, places.pop(0))
            for swatch, place in zip(self._swatches, places, strict=True):
                self._draw_swatch(painter, swatch, place)

    def _draw_swatch(self, painter: QPainter, swatch: Swatch, place: QRectF) -> None:
        tick, theme = self._look.metrics.tick, self._look.theme
        box = QRectF(place.left(), place.top() + 0.25 * tick, tick, tick)
        for i, colour in enumerate(swatch.colours):
            painter.fillRect(box.translated(i * tick, 0), QColor(colour))
        painter.setPen(QPen(QColor(theme.muted), 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(box.left(), box.top(), len(swatch.colours) * tick, tick))
        painter.setPen(QColor(theme.ink))
        left = place.left() + (len(swatch.colours) + 0.5) * tick
        painter.drawText(QRectF(left, place.top(), place.width(), 1.5 * tick), _MIDDLE, swatch.text)

    def _draw_scale(self, painter: QPainter, scale: Scale, place: QRectF) -> None:
        tick, theme = self._look.metrics.tick, self._look.theme
        metrics = QFontMetrics(font(tick))
        before = metrics.horizontalAdvance(f"{scale.text}  ")
        painter.setPen(QColor(theme.ink))
        painter.drawText(QRectF(place.left(), place.top(), before, 1.5 * tick), _MIDDLE, scale.text)
        left, width = round(place.left() + before), round(place.width() - before - 2 * tick)
        for column in range(width):
            colour = scale.colours[round(column / max(1, width - 1) * (len(scale.colours) - 1))]
            painter.fillRect(QRectF(left + column, place.top() + 0.25 * tick, 1, tick), QColor(*colour.tolist()))
        painter.setPen(QColor(theme.ink))
        free = 0.0
        for value in _round_values(scale.low, scale.high):
            text = f"{value:,.0f}"
            half = metrics.horizontalAdvance(text) / 2
            at = left + float(scale.shares(value)) * width
            if at - half >= free:
                top = place.top() + 1.25 * tick
                painter.drawLine(QLineF(at, top, at, top + 0.25 * tick))
                painter.drawText(QRectF(at - half, top + 0.2 * tick, 2 * half + 1, 1.5 * tick), _MIDDLE, text)
                free = at + half + 0.6 * tick


_MIDDLE = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)


def _round_values(low: float, high: float) -> list[float]:
    """Return the values of 1, 2 and 5 times powers of ten in a range, or its ends where there are less than two."""
    values = [base * 10.0**decade for decade in range(-1, 8) for base in (1, 2, 5)]
    found = [value for value in values if low <= value <= high]
    return found if len(found) >= 2 else [low, high]

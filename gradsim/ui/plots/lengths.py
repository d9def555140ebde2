"""Factors as lengths on a log scale, laid end to end: a product is where they lead to."""

from __future__ import annotations

from itertools import pairwise
from math import ceil, floor, isfinite
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradsim.sim.kinds.train.chain import Chain
from gradsim.ui.exponents import draw_in, width_of
from gradsim.ui.label import mode_for
from gradsim.ui.plots.devices import painting_on
from gradsim.ui.plots.kept import KeptGround
from gradsim.ui.plots.stairs import grey
from gradsim.ui.theme import Look, font
from gradsim.words.numbers import factor_text, power

_ROUND = (1, 2, 5, 10, 20, 50)
_RIGHT, _LEFT = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignLeft


class _Texts(NamedTuple):
    """What is written of a run: its product, and the factors of weights and of f'."""

    product: str
    weights: str
    slopes: str


class Lengths(QWidget):
    """A row for each run: the product of the weights in grey, from there back the factors of f', layer by layer.

    Parameters
    ----------
    look, names
        Colours and sizes; the names of the runs.
    """

    def __init__(self, look: Look, names: tuple[str, ...]) -> None:
        super().__init__()
        self.look, self._names = look, names
        self._chains: list[Chain] = []
        self._ends, self._room = (-0.5, 0.5), QRectF()
        """The lowest and the highest place that anything leads to, in decades, and the rectangle of the bars."""
        self._texts: list[_Texts] = []
        """Those of each run."""
        self._name_font, self._name_px = font(look.metrics.name), 0
        """The letters of the names, and the room that they have."""
        self._ground = KeptGround(self, look.theme.card, self._draw_names)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 60)

    def show_chains(self, chains: list[Chain]) -> None:
        """Show these, one of each run."""
        self._chains = chains
        self._texts = [self._texts_of(chain) for chain in chains]
        self._place()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        if self._chains:
            self._name_font = self._found_name_font()
            self._name_px = self._found_name_px()
            self._ends, self._room = self._found_ends(), self._found_room()

    def _found_name_font(self) -> QFont:
        """Return the letters of the names, no larger than there is room for a row each."""
        row = (self.height() - 2.2 * self.look.metrics.tick) / len(self._names)
        return font(max(6, min(self.look.metrics.name, round(0.9 * row))), QFont.Weight.DemiBold)

    def _found_name_px(self) -> int:
        widest = max(width_of(self.look, self._name_font, name) for name in self._names)
        return min(widest + self.look.metrics.gap, self.width() // 4)

    def _label_px(self) -> tuple[int, int]:
        """Return the room that labels need left and right of the bars."""
        label_font = font(self.look.metrics.tick, QFont.Weight.DemiBold)
        left = max(width_of(self.look, label_font, texts.product) for texts in self._texts)
        beside = [text for texts in self._texts for text in (texts.weights, texts.slopes)]
        right = max(width_of(self.look, label_font, text) for text in beside)
        return left + self.look.metrics.tick, right + self.look.metrics.tick

    def _texts_of(self, chain: Chain) -> _Texts:
        slopes = f"f′ {factor_text(10.0 ** chain.falls_by_slopes[0])}"
        return _Texts(self._product_text(chain), self._weights_text(chain), slopes)

    def _product_text(self, chain: Chain) -> str:
        if chain.is_gone:
            return "–"
        if chain.norms[0] == 0.0:
            return f"= {self.look.tr('0 (underflow)') if chain.underflows else '0'}"
        return f"= {factor_text(10.0 ** (chain.falls_by_weights[0] + chain.falls_by_slopes[0]))}"

    def _weights_text(self, chain: Chain) -> str:
        return f"{self.look.tr('weights')} {factor_text(10.0 ** chain.falls_by_weights[0])}"

    def _found_ends(self) -> tuple[float, float]:
        """Return the lowest and the highest place that anything leads to, in decades; 1 is within."""
        places = [0.0]
        for chain in self._chains:
            weights, slopes = chain.falls_by_weights[0], chain.falls_by_slopes[0]
            places += [value for value in (weights, weights + slopes) if isfinite(value)]
        low, high = min(places), max(places)
        return (low, high) if high - low >= 1.0 else (low - 0.5, high + 0.5)

    def _found_room(self) -> QRectF:
        tick = self.look.metrics.tick
        left_px, right_px = self._label_px()
        left, right = self._name_px + left_px, self.width() - right_px
        return QRectF(left, 0.2 * tick, max(1.0, right - left), max(1.0, self.height() - 2.0 * tick))

    def _x(self, decades: float) -> float:
        low, high = self._ends
        room = self._room
        return room.left() + room.width() * (decades - low) / (high - low)

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting_on(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            named = len(self._chains), self._name_font.pixelSize(), self._name_px
            self._ground.draw(painter, (*named, self._room.top(), self._room.height()))
            if self._chains:
                self._draw_axis(painter)
            for run, chain in enumerate(self._chains):
                self._draw_row(painter, run, chain, self._texts[run], self._row(run))

    def _row(self, run: int) -> QRectF:
        """Return where a run's row is."""
        height = self._room.height() / max(1, len(self._chains))
        return QRectF(0, self._room.top() + run * height, self.width(), height)

    def _draw_names(self, painter: QPainter) -> None:
        """Write the names, as much of each as has room: they stay while their places do."""
        painter.setFont(self._name_font)
        for run in range(len(self._chains)):
            painter.setPen(QColor(self.look.text_colour(run)))
            name = painter.fontMetrics().elidedText(self._names[run], mode_for(self._names), self._name_px)
            row = self._row(run)
            place = QRectF(0, row.top(), self._name_px, row.height())
            draw_in(painter, self.look, place, _LEFT | Qt.AlignmentFlag.AlignVCenter, name)

    def _draw_axis(self, painter: QPainter) -> None:
        room, tick = self._room, self.look.metrics.tick
        low, high = self._ends
        painter.setFont(font(tick))
        width = width_of(self.look, painter.font(), f"×{power(floor(low))}") + tick
        every = next((n for n in _ROUND if n * room.width() / (high - low) >= width), 100)
        for decade in range(ceil(low / every) * every, floor(high) + 1, every):
            x = self._x(decade)
            is_one = decade == 0
            colour, pen_width = (self.look.theme.ink, 2.0) if is_one else (self.look.theme.line, 1.0)
            painter.setPen(QPen(QColor(colour), pen_width * self.look.metrics.hair))
            painter.drawLine(QPointF(x, room.top()), QPointF(x, room.bottom()))
            painter.setPen(QColor(self.look.theme.muted))
            rect = QRectF(x - 5 * tick, room.bottom() + 0.2 * tick, 10 * tick, 1.6 * tick)
            text = "×1" if is_one else f"×{power(decade)}"
            draw_in(painter, self.look, rect, Qt.AlignmentFlag.AlignHCenter, text)

    def _draw_row(self, painter: QPainter, run: int, chain: Chain, texts: _Texts, row: QRectF) -> None:
        tick, colour = self.look.metrics.tick, QColor(self.look.run_colour(run))
        weights, slopes = chain.falls_by_weights[0], chain.falls_by_slopes[0]
        thick = min(0.36 * row.height(), 2.2 * tick)
        middle = row.center().y()
        label_font = font(min(tick, self._name_font.pixelSize()), QFont.Weight.DemiBold)
        if not isfinite(weights + slopes):
            painter.setPen(QColor(self.look.theme.ink))
            painter.setFont(label_font)
            self._label(painter, texts.product, self._x(0.0), middle, to_left=True)
            return
        self._draw_weights(painter, weights, texts.weights, QRectF(0, middle - thick, 0, thick))
        self._draw_slopes(painter, chain, texts.slopes, colour, QRectF(0, middle, 0, thick))
        end = self._x(weights + slopes)
        painter.setPen(QPen(QColor(self.look.theme.ink), max(3.0, 0.2 * tick)))
        painter.drawLine(QPointF(end, middle - 0.3 * thick), QPointF(end, middle + 1.15 * thick))
        painter.setFont(label_font)
        to_left = slopes <= 0.0
        x = self._beside(painter, texts.product, weights, end, thick, to_left)
        self._label(painter, texts.product, x, middle + thick / 2, to_left)

    def _beside(self, painter: QPainter, text: str, weights: float, end: float, thick: float, to_left: bool) -> float:
        """Return where a product's text stands: at its end, or else beside what it would lie over there."""
        tick = self.look.metrics.tick
        one, width = self._x(0.0), width_of(self.look, painter.font(), text) + tick
        if not to_left:
            return max(end, one) if end < one < end + width else end
        covers = end - width < one <= end or thick < 1.1 * tick
        return min(end, one, self._x(weights)) if covers else end

    def _draw_weights(self, painter: QPainter, weights: float, text: str, at: QRectF) -> None:
        left, right = sorted((self._x(0.0), self._x(weights)))
        painter.setPen(QPen(QColor(self.look.theme.muted), self.look.metrics.hair))
        painter.setBrush(grey(self.look))
        painter.drawRect(QRectF(left, at.top(), max(1.0, right - left), at.height()))
        if at.height() >= 1.1 * self.look.metrics.tick:
            painter.setPen(QColor(self.look.theme.ink))
            painter.setFont(font(self.look.metrics.tick))
            x = self._x(max(0.0, weights))
            self._label(painter, text, x, at.center().y(), to_left=False)

    def _draw_slopes(self, painter: QPainter, chain: Chain, text: str, colour: QColor, at: QRectF) -> None:
        """Lay the factors of f' end to end, from the output's neighbour to the first layer."""
        start = float(chain.falls_by_weights[0])
        stops = (start + chain.falls_by_slopes[::-1]).tolist()
        painter.setBrush(colour)
        rim = QPen(QColor(self.look.theme.card), 1.5 * self.look.metrics.hair)
        narrow = abs(self._x(stops[-1]) - self._x(start)) / len(stops) < 6 * self.look.metrics.hair
        painter.setPen(QPen(Qt.PenStyle.NoPen) if narrow else rim)
        sides = pairwise([self._x(stop) for stop in stops])
        top, height = at.top(), at.height()
        for one, other in sides:  # in one call, their rims would be drawn otherwise
            painter.drawRect(QRectF(min(one, other), top, max(1.0, abs(other - one)), height))
        if at.height() >= 1.1 * self.look.metrics.tick:
            painter.setPen(colour)
            painter.setFont(font(self.look.metrics.tick, QFont.Weight.DemiBold))
            self._label(painter, text, self._x(max(0.0, start, *stops)), at.center().y(), to_left=False)

    def _label(self, painter: QPainter, text: str, x: float, y: float, to_left: bool) -> None:
        tick = self.look.metrics.tick
        width = width_of(self.look, painter.font(), text)
        left = x - 0.5 * tick - width if to_left else x + 0.5 * tick
        draw_in(
            painter, self.look, QRectF(left, y - tick, width, 2 * tick), _LEFT | Qt.AlignmentFlag.AlignVCenter, text
        )

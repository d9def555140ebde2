"""One run's network: lines or blocks, the names of its layers, and the layer's figure under every gap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QImage, QMouseEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradsim.engine.types import Array
from gradsim.sim.kinds.train.network_sample import DrawnNetwork
from gradsim.sim.run.tape import Values
from gradsim.ui.exponents import draw_in, width_of
from gradsim.ui.plots.devices import draw_cells, painting_on, paints_pixels
from gradsim.ui.plots.network_blocks import NetworkBlocks
from gradsim.ui.plots.network_lines import NetworkLines
from gradsim.ui.plots.pulse import Pulse
from gradsim.ui.plots.strength import Strength
from gradsim.ui.theme import Look, font

MOST_HIDDEN = 12
"""Networks with more hidden layers are drawn as blocks."""

_ROW = 1.4
"""The height of a row of text, in heights of the type."""
_LOWEST = (4.0, 5.6, 10.0)
"""From how many heights of the type on a picture has one row of text below it, two, and three."""
_BESIDE, _LEAST_IMAGE = 1.2, 2.5
"""Room between a sample and the inputs, and how small a sample may be, in heights of the type."""
_LEFT, _CENTRE = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter
_MIDDLE = Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class Figures:
    """What is known of each layer's weights at a step, from the first hidden layer to the output.

    Attributes
    ----------
    values : (layers,)
        Figures of their gradient.
    texts
        The same as they are written.
    dead : (layers,)
        The share of units that are dead, 0 at the output.
    decades
        The ends of the scale of all runs, as powers of ten.
    """

    values: Values
    texts: tuple[str, ...]
    dead: Values
    decades: tuple[int, int]


class _Fitted(NamedTuple):
    """Where all is in a picture of some size: the units, how many rows of text, how large a sample.

    The first row of text has the names of layers, the others have figures.
    """

    room: QRectF
    rows: int
    image_side: float


class NetworkPicture(QWidget):
    """The picture of one run.

    What changes seldom is kept as a picture: all but the figures and the pulse.

    Parameters
    ----------
    look, run
        Colours and sizes; the run, whose colour the lines have.
    hidden
        How many hidden layers it has.
    """

    hovered = Signal(object)
    """The :class:`Spot` under the pointer, or None."""

    def __init__(self, look: Look, run: int, hidden: int) -> None:
        super().__init__()
        self.look, self.run = look, run
        self._hidden = hidden
        self._outputs: Sequence[str] = ()
        self._pixels = (0, 0)
        self._below: tuple[float, float] | None = None
        """The columns below that the picture was fitted to."""
        self._figures: Figures | None = None
        self._network: DrawnNetwork | None = None
        self._drawing: NetworkLines | NetworkBlocks | None = None
        self._kept: QPixmap | None = None
        self._fit: _Fitted | None = None
        self.columns_below: Callable[[], tuple[float, float] | None] = lambda: None
        """Returns where the columns of a view below begin and end, in pixels of the window.

        Where there is room there, the gaps between the columns stand over them.
        """
        self.pulse = Pulse(self, self._pulse_rect)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(60, 20)

    @property
    def has_lines(self) -> bool:
        """Whether it draws units and weights."""
        return self._hidden <= MOST_HIDDEN

    @property
    def drawing(self) -> NetworkLines | NetworkBlocks | None:
        """What is drawn of the network and where; None while nothing is known."""
        if self._drawing is None and self._figures is not None:
            strength = Strength(self.look, self.run, self._figures.decades)
            if not self.has_lines:
                self._drawing = NetworkBlocks(self._figures.values, self._figures.dead, strength, self.room())
            elif self._network is not None:
                self._drawing = NetworkLines(self._network, strength, self.room())
        return self._drawing

    def show_data(self, outputs: Sequence[str], pixels: tuple[int, int]) -> None:
        """Call the output units so; samples are images of this height and width, or none where that is (0, 0)."""
        if (outputs, pixels) != (self._outputs, self._pixels):
            self._outputs, self._pixels = outputs, pixels
            self._refit()

    def show_figures(self, figures: Figures) -> None:
        """Show these figures of the layers."""
        before, self._figures = self._figures, figures
        self.pulse.show_shares(Strength(self.look, self.run, figures.decades).shares(figures.values))
        if before is None or before.decades != figures.decades or not self.has_lines:
            self._forget()
        elif before.texts != figures.texts:
            self.update(0, ceil(self.room().bottom()), self.width(), self.height())

    def show_network(self, network: DrawnNetwork) -> None:
        """Show these units and weights."""
        if self._network is None or self._network.sample is not network.sample:
            self.pulse.forget()
        self._network = network
        if self.has_lines:
            self._forget()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._refit()

    def _refit(self) -> None:
        self._fit = None
        self.pulse.forget()
        self._forget()

    def _forget(self) -> None:
        self._drawing = self._kept = None
        self.update()

    # Places

    def room(self) -> QRectF:
        """Return where the units are: right of the sample, left of the names of outputs, above rows of text."""
        return self._fitted.room

    @property
    def _fitted(self) -> _Fitted:
        if self._fit is None:
            tick, top = self.look.metrics.tick, 0.25 * self.look.metrics.tick
            left, width, side = self._across()
            rows = min(1 + self._figure_rows(width), sum(self.height() >= lowest * tick for lowest in _LOWEST))
            height = self.height() - top - (0.3 + _ROW * rows) * tick
            self._fit = _Fitted(QRectF(left, top, width, max(1.0, height)), rows, side)
        return self._fit

    def _across(self) -> tuple[float, float, float]:
        """Return where the units begin, how much of the width they take, and the size of the sample left of them."""
        self._below, tick, side = self._over(), self.look.metrics.tick, self._image_side()
        if self._below is not None:
            left, right = self._below
            side = min(side, left - _BESIDE * tick)
            return left, right - left, side if side >= _LEAST_IMAGE * tick else 0.0
        left = self._left_px(side)
        return left, max(1.0, self.width() - left - self._right_px()), side

    def _over(self) -> tuple[float, float] | None:
        """Return where columns below begin and end, if there is room for what stands left and right of these."""
        span = self.columns_below()
        if span is None:
            return None
        here = self.mapTo(self.window(), QPoint(0, 0)).x()
        left, right, air = span[0] - here, span[1] - here, 0.12 * self.look.metrics.tick
        fits = left >= self._left_px(0.0) and right + self._right_px() <= self.width() + air
        return (left, right) if fits and left < right else None

    def _figure_rows(self, width: float) -> int:
        """Return in how many rows the figures are: in two where they are too wide for one, if that helps."""
        tick = self.look.metrics.tick
        widest = width_of(self.look, self._figure_font(), "8.8 × 10⁻⁸") + 0.5 * tick
        return 2 if 0.5 * widest <= width / (self._hidden + 1) < widest else 1

    def _left_px(self, image_side: float) -> float:
        tick = self.look.metrics.tick
        if not self.has_lines:
            return 0.0
        beside = image_side + _BESIDE * tick if image_side else 0.0
        return max(beside, 0.5 * width_of(self.look, font(tick), self.look.tr("input")) + 0.1 * tick)

    def _right_px(self) -> float:
        tick = self.look.metrics.tick
        if not self.has_lines:
            return 0.0
        widest = max((width_of(self.look, font(tick), name) for name in self._outputs), default=0)
        half = 0.5 * width_of(self.look, font(tick), self.look.tr("out"))
        return max(half + 0.1 * tick, min(widest, 0.16 * self.width()) + 0.9 * tick)

    def _image_side(self) -> float:
        """Return the size of the sample at the left, 0 where it has no room."""
        tick = self.look.metrics.tick
        if not any(self._pixels) or self.width() < 34 * tick or self.height() < 8 * tick:
            return 0.0
        return min(5.0 * tick, 0.34 * self.height())

    def _figure_font(self) -> QFont:
        return font(self.look.metrics.tick, QFont.Weight.DemiBold)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._over() != self._below:
            self._refit()
        with painting_on(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if paints_pixels(painter):
                kept = self._kept_for(painter.device().devicePixelRatioF())
                painter.drawPixmap(QPointF(0, 0), kept)
            else:
                self._paint_kept(painter)
            if event.rect().bottom() >= self.room().bottom():
                self._paint_figures(painter)
            if self.drawing is not None:
                self.pulse.paint(painter, self.drawing, event.rect())

    def _kept_for(self, ratio: float) -> QPixmap:
        if self._kept is None or self._kept.devicePixelRatioF() != ratio:
            self._kept = QPixmap(self.size() * ratio)
            self._kept.setDevicePixelRatio(ratio)
            self._kept.fill(QColor(self.look.theme.card))
            with QPainter(self._kept) as painter:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                self._paint_kept(painter)
        return self._kept

    def _paint_kept(self, painter: QPainter) -> None:
        painter.fillRect(QRectF(0, 0, self.width(), self.height()), QColor(self.look.theme.card))
        painter.setFont(font(self.look.metrics.tick))
        if self.drawing is None:
            return
        self.drawing.paint(painter)
        self._paint_layer_names(painter)
        if isinstance(self.drawing, NetworkLines):
            self._paint_outputs(painter, self.drawing)
            self._paint_sample(painter, self.drawing)

    def _paint_layer_names(self, painter: QPainter) -> None:
        drawing, tick = self.drawing, self.look.metrics.tick
        if drawing is None or not self._fitted.rows:
            return
        out = self.look.tr("out")
        names = [*map(str, range(1, self._hidden + 1)), out]
        places = [
            drawing.x(i + 1) if isinstance(drawing, NetworkLines) else drawing.middle(i) for i in range(len(names))
        ]
        if isinstance(drawing, NetworkLines):
            names, places = [self.look.tr("input"), *names], [drawing.x(0), *places]
        painter.setPen(QColor(self.look.theme.muted))
        widths = [width_of(self.look, painter.font(), name) for name in names]
        places = [_inside(place, width, self.width()) for place, width in zip(places, widths, strict=True)]
        for at in spaced(places, widths, 0.6 * tick):
            rect = QRectF(places[at] - 4 * tick, self.room().bottom() + 0.2 * tick, 8 * tick, _ROW * tick)
            draw_in(painter, self.look, rect, _CENTRE | _MIDDLE, names[at])

    def _paint_figures(self, painter: QPainter) -> None:
        """Write the figures under the gaps, in two rows in turn where one is too narrow."""
        drawing, figures, tick = self.drawing, self._figures, self.look.metrics.tick
        if drawing is None or figures is None:
            return
        painter.setFont(self._figure_font())
        painter.setPen(QColor(self.look.text_colour(self.run)))
        rows, count = self._fitted.rows - 1, len(figures.texts)
        top = self.room().bottom() + (0.2 + _ROW) * tick
        for row in range(rows):
            which = range(row, count, rows)
            widths = [width_of(self.look, painter.font(), figures.texts[i]) for i in which]
            places = [_inside(drawing.middle(i), width, self.width()) for i, width in zip(which, widths, strict=True)]
            for at in spaced(places, widths, 0.5 * tick):
                rect = QRectF(places[at] - 4 * tick, top + row * _ROW * tick, 8 * tick, _ROW * tick)
                draw_in(painter, self.look, rect, _CENTRE | _MIDDLE, figures.texts[which[at]])

    def _paint_outputs(self, painter: QPainter, drawing: NetworkLines) -> None:
        """Write the names of output units beside them, as many as have room."""
        tick, last = self.look.metrics.tick, self._hidden + 1
        units, points = drawing.network.sample.units[last], drawing.points(last)
        every = ceil(1.05 * tick * len(points) / drawing.room.height())
        left = drawing.room.right() + drawing.radius(last) + 0.4 * tick
        painter.setPen(QColor(self.look.theme.ink))
        for unit, (_, y) in list(zip(units.tolist(), points.tolist(), strict=True))[:: max(1, every)]:
            if unit < len(self._outputs):
                rect = QRectF(left, y - 0.7 * tick, self.width() - left, 1.4 * tick)
                text = painter.fontMetrics().elidedText(
                    self._outputs[unit], Qt.TextElideMode.ElideRight, ceil(rect.width())
                )
                draw_in(painter, self.look, rect, _LEFT | _MIDDLE, text)

    def _paint_sample(self, painter: QPainter, drawing: NetworkLines) -> None:
        """Draw the first image of the batch left of the inputs."""
        side, tick, network = self._fitted.image_side, self.look.metrics.tick, drawing.network
        height, width = self._pixels
        if not side or len(network.x) != height * width:
            return
        middle = drawing.room.center().y()
        text = self.look.tr("one of {n}").format(n=f"{network.batch:,}")
        fits = network.batch > 1 and width_of(self.look, painter.font(), text) <= side + 0.8 * tick
        rect = QRectF(0.0, middle - side / 2 - (0.7 * tick if fits else 0.0), side, side)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        draw_cells(painter, rect, _image(network.x.reshape(height, width)))
        if fits:
            painter.setPen(QColor(self.look.theme.muted))
            below = QRectF(rect.center().x() - 5 * tick, rect.bottom() + 0.2 * tick, 10 * tick, 1.4 * tick)
            below.moveLeft(max(below.left(), width_of(self.look, painter.font(), text) / 2 - 5 * tick))
            draw_in(painter, self.look, below, _CENTRE | _MIDDLE, text)

    # The pulse and the pointer

    def _pulse_rect(self) -> QRect:
        """Return where a pulse may be seen."""
        return self.room().toAlignedRect()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.hovered.emit(self.drawing.spot(event.position()) if self.drawing else None)

    def leaveEvent(self, event: object) -> None:
        self.hovered.emit(None)


def spaced(places: Sequence[float], widths: Sequence[float], between: float) -> list[int]:
    """Return which texts are written so that none touches another: all, or evenly chosen ones, always both ends."""
    last = len(places) - 1
    for every in range(1, last + 1):
        chosen = [at for at in range(0, last, every) if last - at >= every] + [last]
        ends = [(places[at] - widths[at] / 2, places[at] + widths[at] / 2) for at in chosen]
        if all(right + between <= left for (_, right), (left, _) in pairwise(ends)):
            return chosen
    return [last]


def _inside(middle: float, width: float, room: float) -> float:
    """Return the middle of a text moved so that none of it is cut."""
    most = width / 2 + 1.0  # letters may be a pixel wider than their advance
    return float(np.clip(middle, most, max(most, room - most)))


def _image(grey: Array) -> QImage:
    """Return a picture of brightnesses from 0 to 1, white on black."""
    bytes_ = np.ascontiguousarray(np.clip(255.0 * grey, 0, 255).astype(np.uint8))
    height, width = bytes_.shape
    return QImage(bytes_.data, width, height, width, QImage.Format.Format_Grayscale8).copy()

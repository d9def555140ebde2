"""A plot: two axes in the theme's look, nothing that moves by itself."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, log10
from typing import Any

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QGraphicsGridLayout, QGraphicsItem, QSizePolicy, QWidget

from gradsim.ui.exponents import draw_in, draw_text, width_of
from gradsim.ui.theme import Look, font
from gradsim.words.numbers import figure, power

Colours = npt.NDArray[np.uint8]
"""A table of colours (n, 3)."""

COLOURS = 256
ZERO_COLOUR = (140, 146, 156)

BOTTOM_TICKS = 1.8
"""Height of a bottom axis, in heights of its labels."""


class _Axis(pg.AxisItem):  # type: ignore[misc]
    """Ticks in a row that never overlap, with labels made here rather than by pyqtgraph."""

    def __init__(self, orientation: str, look: Look) -> None:
        super().__init__(orientation, showValues=True)
        self._look = look
        self.setStyle(tickLength=0, tickFont=font(look.metrics.tick), autoExpandTextSpace=False)
        self.setStyle(hideOverlappingLabels=False)
        self.setTextPen(QColor(look.theme.muted))
        self.setPen(QPen(Qt.PenStyle.NoPen))
        self.setTickPen(QPen(QColor(look.theme.line), look.metrics.hair))
        self._tick_px = look.metrics.tick
        self._room = 3.0 if look.theme.name == "projector" else 2.0

    def drawPicture(self, painter: QPainter, axis: Any, ticks: Any, texts: Sequence[Any]) -> None:
        """Draw the labels with their exponents as the theme has them."""
        super().drawPicture(painter, axis, ticks, [])
        for rect, flags, text in texts:
            draw_in(painter, self._look, rect, Qt.AlignmentFlag(flags), text)

    def boundingRect(self) -> QRectF:
        """Reach over the ends, so that labels there are drawn: pyqtgraph drops those that stick out."""
        over = 3 * self._tick_px
        within: QRectF = super().boundingRect()
        upright = self.orientation in ("left", "right")
        return within.adjusted(0, -over, 0, over) if upright else within.adjusted(-over, 0, over, 0)

    def _spaced(self, low: float, high: float, length_px: float, room: float) -> int:
        """Return how many whole units lie between ticks that need `room` tick heights each."""
        fitting = max(1.0, length_px / (room * self._tick_px))
        return max(1, round(round_step((high - low) / fitting)))


class NamedAxis(_Axis):
    """An axis of a few named places."""

    def __init__(self, orientation: str, look: Look, places: Sequence[tuple[float, str]]) -> None:
        super().__init__(orientation, look)
        self.setTicks([list(places)])


class DecadeAxis(_Axis):
    """An axis of log10 values, labelled with powers of ten."""

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        every = self._spaced(low, high, size, self._room)
        first = ceil(low / every - 1e-9)
        return [(every, [float(i * every) for i in range(first, floor(high / every + 1e-9) + 1)])]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        return [power(round(value)) for value in values]

    def labels(self, low: float, high: float) -> list[str]:
        """Return labels as wide as those from `low` to `high` can become."""
        return self.tickStrings([low, high], 1.0, 1.0)


class ValueAxis(_Axis):
    """An axis of plain numbers at round steps of 1, 2 or 5."""

    percent = False
    whole = False
    end = float("inf")
    """No tick lies beyond this value."""

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        room = 2.2 if self.orientation in ("left", "right") else 3.6
        wanted = max(1.0, size / (room * self._tick_px))
        spacing = round_step((high - low) / wanted)
        if self.whole:
            spacing = max(1.0, spacing)
        first = ceil(low / spacing - 1e-9)
        last = floor(min(high, self.end) / spacing + 1e-9)
        places = [i * spacing for i in range(first, last + 1)]
        # One tick tells no scale: where the round steps are too wide, the end is told.
        return [(spacing, [*places, self.end] if len(places) == 1 and low < self.end <= high else places)]

    def labels(self, low: float, high: float) -> list[str]:
        """Return labels as wide as those from `low` to `high` can become, however long the axis."""
        spacing = round_step((high - low) / 12)
        return self.tickStrings([low, high], 1.0, spacing)

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        if self.percent:
            return [f"{100 * value:.0f} %" for value in values]
        if values and max(abs(value) for value in values) >= 1e5:
            return [figure(value) if value else "0" for value in values]
        return [tick_text(value, spacing) for value in values]


def tick_text(value: float, spacing: float) -> str:
    """Return a number with as many digits as ticks `spacing` apart need."""
    digits = max(0, -floor(log10(spacing) + 1e-9)) if spacing > 0 else 0
    text = f"{value:,.{digits}f}" if abs(value) < 1e5 else f"{value:.3g}"
    return text.replace("-", "−")


def round_step(least: float) -> float:
    """Return the smallest of 1, 2 and 5 times a power of ten that is `least` or more."""
    if least <= 0:
        return 1.0
    base = 10.0 ** floor(log10(least))
    return next(base * factor for factor in (1, 2, 5, 10) if base * factor >= least * (1 - 1e-9))


class Plot(pg.GraphicsView):  # type: ignore[misc]
    """A plot of fixed ranges, which its view sets; reports where the pointer is.

    It is made of pyqtgraph's parts. Its PlotItem would also bring a title, two
    more axes and the widgets of a menu, and take four times as long to make.

    Parameters
    ----------
    look
        Colours and sizes.
    left, bottom
        The axes.
    """

    hovered = Signal(object)
    """The pointer's place in data coordinates as a QPointF, or None when it has left."""
    pressed = Signal(QPointF)
    """The left button was pressed at this place, in data coordinates."""
    dragged = Signal(QPointF)
    """The pointer was moved to this place with the left button down."""
    released = Signal()
    resized = Signal()
    """Its size in pixels has changed; what was placed by pixels is to be placed again."""

    def __init__(self, look: Look, left: _Axis, bottom: _Axis) -> None:
        super().__init__(background=look.theme.card)
        self.look = look
        self.box = pg.ViewBox(enableMouse=False, enableMenu=False)
        self._left = left
        self._left_px = 0
        self.setFrameShape(self.Shape.NoFrame)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(60, 60)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAntialiasing(True)
        self.enableMouse(False)
        self.box.disableAutoRange()
        if not isinstance(left, NamedAxis):
            left.setGrid(255)
        bottom.setHeight(round(BOTTOM_TICKS * look.metrics.tick))
        self._frame = self._framed(left, bottom)
        self.setCentralItem(self._frame)
        self.scene().sigMouseMoved.connect(self._on_pointer_moved)

    def _framed(self, left: _Axis, bottom: _Axis) -> pg.GraphicsWidget:
        """Return the region between its axes, which lie below all that is drawn."""
        frame = pg.GraphicsWidget()
        grid = QGraphicsGridLayout()
        frame.setLayout(grid)
        grid.setSpacing(0)
        tick = self.look.metrics.tick
        grid.setContentsMargins(1, round(0.7 * tick) + 1, tick + 1, 1)
        for item, row, column in ((left, 0, 0), (self.box, 0, 1), (bottom, 1, 1)):
            grid.addItem(item, row, column)
        for axis in (left, bottom):
            axis.linkToView(self.box)
            axis.setZValue(-1000)
            axis.setFlag(QGraphicsItem.GraphicsItemFlag.ItemNegativeZStacksBehindParent)
        return frame

    def add(self, item: QGraphicsItem) -> None:
        """Show an item, which is in data coordinates."""
        self.box.addItem(item, ignoreBounds=True)

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)
        self.resized.emit()

    def wheelEvent(self, event: object) -> None:
        """Leave the wheel to the window: a plot's ranges belong to its view."""
        event.ignore()  # type: ignore[attr-defined]

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.pressed.emit(self._place(event))
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.dragged.emit(self._place(event))
        else:
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.released.emit()
        event.accept()

    def _place(self, event: QMouseEvent) -> QPointF:
        place: QPointF = self.box.mapSceneToView(self.mapToScene(event.position().toPoint()))
        return place

    def set_ranges(self, x: tuple[float, float] | None = None, y: tuple[float, float] | None = None) -> None:
        """Show these ranges exactly; nothing happens where they are shown already."""
        shown_x, shown_y = self.box.viewRange()
        if x is not None and tuple(shown_x) != x:
            self.box.setXRange(*x, padding=0)
        if y is not None and tuple(shown_y) != y:
            self.box.setYRange(*y, padding=0)

    def left_width(self, labels: Sequence[str]) -> None:
        """Fix the left axis so that these labels fit, and plots beside each other line up."""
        tick_font = font(self.look.metrics.tick)
        widest = max((width_of(self.look, tick_font, label) for label in labels), default=0)
        self._left_px = widest + self.look.metrics.tick // 2 + 4
        self._left.setWidth(self._left_px)

    def room_px(self) -> tuple[int, int]:
        """Return width and height of the region between the axes.

        From the sizes set, not from pyqtgraph's layout, which follows only with the next paint.
        """
        tick = self.look.metrics.tick
        width = self.width() - self._left_px - tick
        return max(1, width), max(1, self.height() - round((BOTTOM_TICKS + 0.7) * tick))

    def _on_pointer_moved(self, place: QPointF) -> None:
        inside = self.box.sceneBoundingRect().contains(place)
        self.hovered.emit(self.box.mapSceneToView(place) if inside else None)

    def leaveEvent(self, event: object) -> None:
        self.hovered.emit(None)
        super().leaveEvent(event)


def text_width(text_font: QFont, text: str) -> int:
    """Return how many pixels wide `text` is in `text_font`."""
    return QFontMetrics(text_font).horizontalAdvance(text)


def with_zero(colours: pg.ColorMap) -> Colours:
    """Return a table of COLOURS colours (n, 3), the first of which is kept for zero."""
    table: Colours = colours.getLookupTable(nPts=COLOURS - 1, mode="byte")[:, :3]
    return np.vstack([np.array([ZERO_COLOUR], np.uint8), table])


class Ramp(QWidget):
    """The colours of a strip from low to high, upright, with the labels of an axis beside them, and that of zero."""

    def __init__(self, look: Look, colours: Colours, axis: DecadeAxis | ValueAxis) -> None:
        super().__init__()
        self._look, self._colours, self._axis = look, colours, axis
        self._range = (-8.0, 0.0)
        self._zero = False
        self._fit([power(-288)])

    def _fit(self, labels: Sequence[str]) -> None:
        """Take the width of the widest label; it never becomes narrower, so that nothing beside it jumps."""
        widest = max(width_of(self._look, font(self._look.metrics.tick), label) for label in labels)
        self.setFixedWidth(max(self.minimumWidth(), widest + 2 * self._look.metrics.tick))

    def set_range(self, shown: tuple[float, float], zero: bool) -> None:
        """Show this range of the axis, and the colour of `zero` below it if there is one."""
        if (shown, zero) != (self._range, self._zero):
            self._range, self._zero = shown, zero
            self._fit(self._axis.labels(*shown))
            self.update()

    def paintEvent(self, event: object) -> None:
        painter = QPainter(self)
        tick, (low, high) = self._look.metrics.tick, self._range
        top, bottom = tick, self.height() - (3 if self._zero else 1) * tick
        for row in range(top, bottom):
            share = (bottom - 1 - row) / max(1, bottom - 1 - top)
            colour = self._colours[1 + round(share * (COLOURS - 2))]
            painter.fillRect(tick // 2, row, tick, 1, QColor(*(int(c) for c in colour)))
        if self._zero:
            painter.fillRect(tick // 2, bottom + tick, tick, tick, QColor(*ZERO_COLOUR))
        painter.setFont(font(tick))
        painter.setPen(QColor(self._look.theme.muted))
        [(spacing, values)] = self._axis.tickValues(low, high, float(bottom - top))
        for value, text in zip(values, self._axis.tickStrings(values, 1.0, spacing), strict=True):
            y = bottom - (bottom - top) * (value - low) / ((high - low) or 1.0)
            draw_text(painter, self._look, QPointF(2 * tick, round(y + 0.35 * tick)), text)
        if self._zero:
            painter.drawText(2 * tick, bottom + round(1.85 * tick), "0")
        painter.end()

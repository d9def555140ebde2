"""A plot: two axes in the theme's look, nothing that moves by itself."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, inf, log10
from sys import float_info

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QGraphicsGridLayout, QGraphicsItem, QSizePolicy, QWidget

from gradsim.ui.exponents import draw_text, lowered_px, width_of
from gradsim.ui.plots.devices import painting_on
from gradsim.ui.theme import Look, font
from gradsim.words.numbers import power

Colours = npt.NDArray[np.uint8]
"""A table of colours (n, 3)."""

COLOURS = 256
ZERO_COLOUR = (140, 146, 156)

BOTTOM_TICKS = 1.9
"""Height of a bottom axis, in heights of its labels."""

_MARK = 0.3
"""Length of a tick mark, in heights of the labels."""

_MOST_TICKS = 8
"""About the largest number of round values on an axis: more only fill it."""

_MOST_DECADES = 10

_ROOMS = (1.0, 0.6, 0.25)
"""Room around labels, the most that leaves three ticks."""

_ROW = 1.2
"""Height of a row of labels, in heights of the type."""


class _Axis(pg.AxisItem):  # type: ignore[misc]
    """Ticks at round places with labels that never overlap, and a title in their row.

    All of it is placed and drawn here rather than by pyqtgraph, which leaves out labels at the ends and lets
    those overlap that are wider than they are high.
    """

    title = ""
    """What is counted along a horizontal axis, written in the row of its labels."""
    title_first = False
    """Whether the title stands before the labels rather than behind them."""
    end = inf
    """Nothing lies beyond this value: no tick, and no line across the plot."""
    has_room = True
    """Whether an upright axis has room for labels."""
    grid_from, grid_to = 0.0, 1.0
    """Where across the plot the lines at an upright axis's ticks begin and end, as shares of it."""

    def __init__(self, orientation: str, look: Look) -> None:
        self._tick_px = look.metrics.tick
        self._bounds = QRectF()
        self._bounds_for: tuple[object, ...] | None = None
        super().__init__(orientation, showValues=True)
        self.enableAutoSIPrefix(False)  # which lays out a title that is never shown, at each new range
        self._look = look
        self.setStyle(tickLength=0, tickFont=font(look.metrics.tick), autoExpandTextSpace=False)
        self.setPen(QPen(Qt.PenStyle.NoPen))
        self._text = QColor(look.theme.muted)
        self._lines = QPen(QColor(look.theme.line), look.metrics.hair)
        self._marks = QPen(QColor(look.theme.muted), self._lines.widthF())

    @property
    def is_upright(self) -> bool:
        """Whether it goes up rather than across."""
        return self.orientation in ("left", "right")

    def boundingRect(self) -> QRectF:
        """Reach over the ends, so that the labels there are drawn."""
        view = self.linkedView()
        key = self.geometry(), self.grid, None if view is None else view.geometry()
        if key != self._bounds_for:  # Qt asks several times a frame
            self._bounds_for, self._bounds = key, self._found_bounds()
        return self._bounds

    def _found_bounds(self) -> QRectF:
        over = 3 * self._tick_px
        within: QRectF = super().boundingRect()
        if self.is_upright:
            return within.adjusted(0, -over, 0, over)
        return within.adjusted(-max(over, self.x()), 0, over, 0)

    def set_reach(self, end: float = inf, across: tuple[float, float] = (0.0, 1.0)) -> None:
        """End the ticks at a value, and the lines across the plot at shares of it."""
        if (end, across) != (self.end, (self.grid_from, self.grid_to)):
            (self.grid_from, self.grid_to), self.end, self.picture = across, end, None
            self.update()

    def ticks(self, low: float, high: float, length_px: float) -> list[tuple[float, str]]:
        """Return values and labels of the ticks on an axis of this length."""
        [(spacing, values)] = self.tickValues(low, high, length_px)
        return list(zip(values, self.tickStrings(values, 1.0, spacing), strict=True))

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        raise NotImplementedError

    def generateDrawSpecs(self, painter: QPainter) -> _Drawn | None:
        """Return what is drawn at the present size and range; pyqtgraph keeps the picture of it."""
        bounds = self.mapRectFromParent(self.geometry())
        low, high = self.range
        length = bounds.height() if self.is_upright else bounds.width()
        if length <= 0 or not high > low:
            return None
        ticks = self.ticks(low, high, length)
        shares = [(value - low) / (high - low) for value, _ in ticks]
        if self.is_upright:
            return self._upright(bounds, [bounds.bottom() - length * share for share in shares], ticks)
        return self._across(bounds, [bounds.left() + length * share for share in shares], ticks)

    def _upright(self, bounds: QRectF, places: Sequence[float], ticks: Sequence[tuple[float, str]]) -> _Drawn:
        tick = self._tick_px
        at_left = self.orientation == "left"
        edge, row = (bounds.right() if at_left else bounds.left()), _ROW * tick
        lines = []
        if self.grid is not False:
            box = self.linkedView().mapRectToItem(self, self.linkedView().boundingRect())
            start, stop = (box.left() + share * box.width() for share in (self.grid_from, self.grid_to))
            lines = [(self._lines, QPointF(start, y), QPointF(stop, y)) for y in places]
        rects = [QRectF(bounds.left() if at_left else edge + 0.4 * tick, y - row / 2,
                        bounds.width() - 0.4 * tick, row) for y in places]  # fmt: skip
        flags = (
            Qt.AlignmentFlag.AlignRight if at_left else Qt.AlignmentFlag.AlignLeft
        ) | Qt.AlignmentFlag.AlignVCenter
        labels = zip(rects, ticks, strict=True) if self.has_room else ()
        return None, lines, [(rect, flags, text) for rect, (_, text) in labels]

    def _across(self, bounds: QRectF, places: Sequence[float], ticks: Sequence[tuple[float, str]]) -> _Drawn:
        tick, top = self._tick_px, bounds.top()
        room = (-self.x(), self.parentItem().size().width() - self.x() - 1.0)
        widths, gap = [self._width(text) for _, text in ticks], 0.5 * tick
        kept, title = row_of_labels(places, widths, room, gap, self._width(self.title), self.title_first)
        if len(ticks) > 1 and len(kept) - kept.count(None) < 2:  # one tick tells no scale: better no title
            kept, title = row_of_labels(places, widths, room, gap)
        mark = _MARK * tick
        lines = [(self._marks, QPointF(x, top), QPointF(x, top + mark)) for x in places]
        flags = Qt.AlignmentFlag.AlignHCenter
        spans = [(span, text) for span, (_, text) in zip(kept, ticks, strict=True) if span]
        texts = [
            (QRectF(start, top + mark + 0.1 * tick, stop - start, _ROW * tick), flags, text)
            for (start, stop), text in [*spans, *([(title, self.title)] if title else [])]
        ]
        return None, lines, texts

    def drawPicture(self, painter: QPainter, axis: None, lines: Sequence[_Stroke], texts: Sequence[_Written]) -> None:
        """Draw what :meth:`generateDrawSpecs` returned."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing, True)
        for pen, start, stop in lines:
            painter.setPen(pen)
            painter.drawLine(start, stop)
        painter.setFont(font(self._tick_px))
        painter.setPen(self._text)
        for rect, flags, text in texts:
            draw_tick(painter, self._look, rect, flags, text)

    def _width(self, text: str) -> float:
        return width_of(self._look, font(self._tick_px), text)


_Stroke = tuple[QPen, QPointF, QPointF]
_Written = tuple[QRectF, Qt.AlignmentFlag, str]
_Drawn = tuple[None, list[_Stroke], list[_Written]]


def draw_tick(painter: QPainter, look: Look, rect: QRectF, side: Qt.AlignmentFlag, text: str) -> None:
    """Write the label of a tick, in the painter's font and pen: every axis does it here.

    All labels of a row stand on one line, whatever their script; with raised exponents it is lower.
    """
    metrics = QFontMetrics(painter.font())
    width, capitals = width_of(look, painter.font(), text), metrics.capHeight()
    left = {Qt.AlignmentFlag.AlignLeft: rect.left(), Qt.AlignmentFlag.AlignRight: rect.right() - width}.get(
        side, rect.center().x() - width / 2
    )
    baseline = rect.center().y() + capitals / 2 + lowered_px(look, painter.font(), text)
    draw_text(painter, look, QPointF(left, baseline), text)


_Span = tuple[float, float]
_ROUNDING = 1e-6


def row_of_labels(
    places: Sequence[float],
    widths: Sequence[float],
    room: tuple[float, float],
    gap: float,
    title: float = 0.0,
    title_first: bool = False,
) -> tuple[list[_Span | None], _Span | None]:
    """Return where labels stand in a row, None for those without room, and where its title does.

    The ends of an axis are told first: the last label, then the first, then those between from left to right.

    Parameters
    ----------
    places
        The middles of the labels, which move only as far as they must to stay in the `room`.
    widths
        How wide they are.
    room
        Where the row begins and ends.
    gap
        Between two of them, at least.
    title
        How wide the title is, 0 where there is none.
    title_first
        Whether it stands before the labels rather than at the end of the row.
    """
    spans = [_within(place - width / 2, width, room) for place, width in zip(places, widths, strict=True)]
    named = None
    if title > 0.0:
        start = spans[0][0] - gap - title if title_first and spans else room[1] - title
        named = (start, start + title) if room[0] <= start else _within(room[1] - title, title, room)
    taken: list[_Span] = [named] if named else []
    kept: list[_Span | None] = [None] * len(spans)
    last = len(spans) - 1
    for i in [last, *range(last)] if last >= 0 else []:
        start, stop = spans[i]
        if all(stop + gap <= other[0] + _ROUNDING or other[1] + gap <= start + _ROUNDING for other in taken):
            kept[i] = spans[i]
            taken.append(spans[i])
    return kept, named


def _within(start: float, width: float, room: tuple[float, float]) -> _Span:
    start = max(room[0], min(start, room[1] - width))
    return start, start + width


class NamedAxis(_Axis):
    """An axis of named places; where there is no room for all names, of every second, fifth, tenth and so on."""

    title_first = True

    def __init__(self, orientation: str, look: Look, places: Sequence[tuple[float, str]]) -> None:
        super().__init__(orientation, look)
        self.places = list(places)

    def ticks(self, low: float, high: float, length_px: float) -> list[tuple[float, str]]:
        if not self.places:
            return []
        px = length_px / (high - low)
        tick = self._tick_px
        most = max((self._width(text) for _, text in self.places[:-1]), default=0.0)
        needed = 1.1 * tick if self.is_upright else most + 0.5 * tick
        distance = px * (self.places[1][0] - self.places[0][0]) if len(self.places) > 1 else needed
        every = max(1, round(round_step(needed / distance)))
        last = self.places[-1]
        apart = needed if self.is_upright else (most + self._width(last[1])) / 2 + 0.5 * tick
        others = [place for i, place in enumerate(self.places[:-1])
                  if (i == 0 or (i + 1) % every == 0) and (last[0] - place[0]) * px >= apart]  # fmt: skip
        if len(others) > 1 and (others[1][0] - others[0][0]) * px < needed:
            del others[1]
        return [*others, last]


class DecadeAxis(_Axis):
    """An axis of log10 values, labelled with powers of ten; a short one has numbers between them too."""

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        end = min(high, self.end)
        if high - low < _SHORT and self.is_upright and size * log10(2) >= 1.5 * (high - low) * self._tick_px:
            decades = range(floor(low), ceil(end) + 1)
            between = [decade + log10(factor) for decade in decades for factor in (1, 2, 5)]
            return [(log10(2), [value for value in between if low - 1e-9 <= value <= end + 1e-9])]
        for roomy in (True, False):
            every = self._every(low, high, size, roomy)
            values = _multiples(low, end, float(every))
            if len(values) > 2:
                break
        return [(every, values)]

    def _every(self, low: float, high: float, size: float, roomy: bool) -> int:
        """Return how many decades lie between two ticks."""
        needed = (2.0 if roomy else 1.3) * self._tick_px
        if not self.is_upright:
            needed = (
                max(self._width(text) for text in self.labels(low, high)) + (1.2 if roomy else 0.6) * self._tick_px
            )
        return max(1, round(round_step((high - low) * max(needed / max(size, 1.0), 1.0 / _MOST_DECADES))))

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        if spacing >= 1:
            return [power(round(value)) for value in values]
        return [_leading(value) for value in values]

    def labels(self, low: float, high: float) -> list[str]:
        """Return labels as wide as those from `low` to `high` can become."""
        return self.tickStrings([low, high], 1.0, 0.0 if high - low < _SHORT else 1.0)


_SHORT = 2.0
"""With fewer decades than this, powers of ten alone would be two or three ticks."""


def _leading(log: float) -> str:
    """Return 10 to `log` as a number of one digit: 0.05, 2,000, 5 × 10⁻⁶, 2 × 10³⁹⁹."""
    exponent = floor(log + 1e-9)
    digit = round(10.0 ** (log - exponent))
    if digit == 10:
        digit, exponent = 1, exponent + 1
    if -4 < exponent < 6:
        return f"{digit * 10.0**exponent:,.{max(0, -exponent)}f}"
    return f"{digit} × {power(exponent)}"


class ValueAxis(_Axis):
    """An axis of plain numbers at round steps of 1, 2 or 5."""

    percent = False
    whole = False

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        end = min(high, self.end)
        for room in _ROOMS:
            spacing = self._spacing(low, high, size, room)
            values = _multiples(low, end, spacing)
            if len(values) > 2:
                break
        if len(values) < 2:  # one tick tells no scale: the coarsest steps of which two lie on the axis
            finer = reversed(_round_steps((high - low) / 10.0, self.whole))
            pairs = ((step, found) for step in finer if len(found := _multiples(low, end, step)) > 1)
            spacing, values = next(pairs, (spacing, values))
        # Two ticks tell most where they are the ends.
        is_short = 0 < len(values) < 3 and low <= values[0] < self.end <= high
        return [(spacing, [values[0], self.end] if is_short else values)]

    def _spacing(self, low: float, high: float, size: float, room: float) -> float:
        """Return the finest round step at which the labels have room; one that ends at the end is preferred."""
        px = max(size, 1.0) / (high - low)
        least = (high - low) / _MOST_TICKS
        fitting = [step for step in _round_steps(least, self.whole) if self._fits(step, low, high, px, room)]
        ending = [step for step in fitting[:3] if self.end < high and _divides(step, self.end)]
        plain = [step for step in fitting if not _is_quarter(step)]
        return next(iter([*ending[:1], *plain, high - low]))

    def _fits(self, step: float, low: float, high: float, px: float, room: float) -> bool:
        if self.is_upright:
            return px * step >= (1.2 + 0.8 * room) * self._tick_px
        widest = max(self._width(text) for text in self.tickStrings([low, min(high, self.end)], 1.0, step))
        return px * step >= widest + 1.2 * room * self._tick_px

    def labels(self, low: float, high: float) -> list[str]:
        """Return labels as wide as those from `low` to `high` can become, however long the axis."""
        spacing = round_step((high - low) / 12)
        return self.tickStrings([low, high], 1.0, spacing)

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        if self.percent:
            return [f"{tick_text(100 * value, 100 * spacing)} %" for value in values]
        return [tick_text(value, spacing) for value in values]


def _multiples(low: float, high: float, spacing: float) -> list[float]:
    """Return the multiples of `spacing` in a range."""
    first, last = ceil(low / spacing - 1e-9), floor(high / spacing + 1e-9)
    return [i * spacing for i in range(first, last + 1)]


def _round_steps(least: float, whole: bool) -> list[float]:
    """Return steps of 1, 2, 2.5 and 5 times powers of ten from `least` on, over several powers."""
    first = floor(log10(least)) if least > 0 else 0
    powers = range(first, min(first + 6, float_info.max_10_exp + 1))
    steps = [factor * 10.0**exponent for exponent in powers for factor in (1, 2, 2.5, 5)]
    known = [step for step in steps if step < inf and step >= least * (1 - 1e-9) and (not whole or step % 1 == 0)]
    return known or [least]  # near the largest numbers there is none


def _is_quarter(step: float) -> bool:
    return f"{step:e}".startswith("2.5")


def _divides(step: float, value: float) -> bool:
    return abs(value / step - round(value / step)) < 1e-6


MOST_DECIMALS = 6
"""Tiny numbers that need more decimals than these to be told apart are multiples of powers of ten."""


def tick_text(value: float, spacing: float) -> str:
    """Return a number with as many digits as ticks `spacing` apart need."""
    digits = -floor(log10(spacing) + 1e-9) if spacing > 0 else 0
    digits += spacing > 0 and (digits > 0 or abs(value) >= 1e6) and _is_quarter(spacing)
    if abs(value) >= 1e6:
        return _with_power(value, max(1, digits + floor(log10(abs(value)))))
    if digits > MOST_DECIMALS and abs(value) < 1e-3:
        return _with_power(value, max(0, digits + floor(log10(abs(value))))) if value else "0"
    return f"{value:,.{max(0, digits)}f}".replace("-", "−")


def _with_power(value: float, decimals: int) -> str:
    """Return a number as a multiple, with so many decimals, of a power of ten."""
    multiple, _, exponent = f"{value:.{decimals}e}".partition("e")
    return f"{multiple} × {power(int(exponent))}".replace("-", "−")


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
    _widest = 0
    """Width of the labels of the left axis."""

    def __init__(self, look: Look, left: _Axis, bottom: _Axis) -> None:
        super().__init__(background=QColor(look.theme.card))
        self.look = look
        self.box = pg.ViewBox(enableMouse=False, enableMenu=False)
        self._said: pg.TextItem | None = None
        """What says why there is nothing, made when there is first something to say."""
        self._left = left
        self._left_px, self._at_left = 0, left.orientation == "left"
        if not QColor(look.theme.card).alpha():
            self.setStyleSheet("background: transparent")
        self.setFrameShape(self.Shape.NoFrame)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(60, 60)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAntialiasing(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # its ground covers all of it
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
        at_left = self._at_left
        for item, row, column in ((left, 0, 0 if at_left else 2), (self.box, 0, 1), (bottom, 1, 1)):
            grid.addItem(item, row, column)
        for axis in (left, bottom):
            axis.linkToView(self.box)
            axis.setZValue(-1000)
            axis.setFlag(QGraphicsItem.GraphicsItemFlag.ItemNegativeZStacksBehindParent)
        return frame

    def add(self, item: QGraphicsItem) -> None:
        """Show an item, which is in data coordinates."""
        self.box.addItem(item, ignoreBounds=True)

    def say(self, text: str, height: float = 0.5) -> None:
        """Say in the plot, at a share of its height, why there is nothing in it; "" takes that away."""
        if text and self._said is None:
            ink, card = QColor(self.look.theme.ink), QColor(self.look.theme.card)
            self._said = pg.TextItem(color=ink, fill=card, anchor=(0.5, 0.5))
            self._said.setFont(font(self.look.metrics.tick))
            self.add(self._said)
        if self._said is not None:
            (left, right), (low, high) = self.box.viewRange()
            self._said.setVisible(bool(text))
            self._said.setPos(0.5 * (left + right), low + height * (high - low))
            self._said.setText(text)

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)
        if self._widest:
            self._fit_left()
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
        self._widest = max((width_of(self.look, tick_font, label) for label in labels), default=0)
        self._fit_left()

    def _fit_left(self) -> None:
        """Leave the labels of the left axis out where they would take more room than they leave."""
        self._left.has_room = self._widest <= self.width() / 2
        self._left_px = (self._widest if self._left.has_room else 0) + self.look.metrics.tick // 2 + 4
        self._left.setWidth(self._left_px)

    def room_px(self) -> tuple[int, int]:
        """Return width and height of the region between the axes.

        From the sizes set, not from pyqtgraph's layout, which follows only with the next paint.
        """
        tick = self.look.metrics.tick
        width = self.width() - self._left_px - tick - 2
        height = self.height() - round(BOTTOM_TICKS * tick) - round(0.7 * tick) - 2
        return max(1, width), max(1, height)

    def region(self) -> tuple[float, float]:
        """Return where the region between the axes begins and ends across, in pixels of the window."""
        left = self.mapTo(self.window(), QPoint(0, 0)).x() + 1 + (self._left_px if self._at_left else 0)
        return float(left), float(left + self.room_px()[0])

    def _on_pointer_moved(self, place: QPointF) -> None:
        inside = self.box.sceneBoundingRect().contains(place)
        self.hovered.emit(self.box.mapSceneToView(place) if inside else None)

    def leaveEvent(self, event: object) -> None:
        self.hovered.emit(None)
        super().leaveEvent(event)


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
        with painting_on(self) as painter:
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
            side = Qt.AlignmentFlag.AlignLeft
            [(spacing, values)] = self._axis.tickValues(low, high, float(bottom - top))
            for value, text in zip(values, self._axis.tickStrings(values, 1.0, spacing), strict=True):
                y = bottom - (bottom - top) * (value - low) / ((high - low) or 1.0)
                draw_tick(painter, self._look, QRectF(2 * tick, y - tick, self.width(), 2 * tick), side, text)
            if self._zero:
                draw_tick(painter, self._look, QRectF(2 * tick, bottom + tick / 2, self.width(), 2 * tick), side, "0")

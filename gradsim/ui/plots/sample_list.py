"""Samples with what a network says of them, page by page: images as tiles, rows of a table as lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSizePolicy

from gradsim.engine.data import Column
from gradsim.engine.types import Array
from gradsim.ui.plots.devices import draw_cells, painting_on
from gradsim.ui.plots.steered import Steered
from gradsim.ui.theme import Look, font, mixed

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_NOTCH = 120
"""What a wheel turns in one notch."""


class Answer(NamedTuple):
    """A value that is told of a sample, with a bar beside it."""

    name: str
    figure: str
    share: float
    """How long the bar is, from 0 to 1."""


class Told(NamedTuple):
    """What is shown of a sample."""

    pixels: Array | None
    """The pixels of an image from 0 to 1, None of a row of a table."""
    inputs: Sequence[str]
    """The cells of a row."""
    said: Answer
    """What the network says."""
    true: Answer
    """What is true, and what the network gives to that."""
    wrong: bool


class SampleList(Steered):
    """Samples in an order, from the first that is shown.

    Parameters
    ----------
    look, run
        Colours and sizes; the run, whose colour mistakes have.
    """

    scrolled = Signal()
    """Others are shown than before."""
    hovered = Signal(object)
    """The place in the order of the sample under the pointer, or None when there is none."""

    def __init__(self, look: Look, run: int) -> None:
        super().__init__()
        self.look, self.run = look, run
        self.first = 0
        """The place in the order of the first sample that is shown."""
        self._wanted = 0
        """That which was asked for: as a row begins elsewhere in other sizes, it comes back with the size."""
        self.count = 0
        """How many samples there are."""
        self._tell: Callable[[int], Told] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 100)

    def show_samples(self, count: int, tell: Callable[[int], Told]) -> None:
        """Show so many samples, of which `tell` returns what is shown by the place in the order, which stays."""
        self.count, self._tell = count, tell
        self._fit()
        self.update()

    # Which are shown

    @property
    def columns(self) -> int:
        """How many samples are beside each other."""
        raise NotImplementedError

    @property
    def rows(self) -> int:
        """How many rows have room."""
        raise NotImplementedError

    def place(self, at: int) -> QRectF:
        """Return where a sample is, counted from the first that is shown."""
        raise NotImplementedError

    @property
    def shown(self) -> range:
        """The places in the order of those that are shown."""
        return range(self.first, min(self.count, self.first + self.rows * self.columns))

    def go_to(self, first: int) -> None:
        """Show the samples from a place in the order, in whole rows, as many as there are room for."""
        self.keep(first)
        self._wanted = self.first

    def keep(self, first: int) -> None:
        """Show the samples from a place in the order now and whatever the size becomes, once there are samples."""
        self._wanted = first
        self._fit()

    def _fit(self) -> None:
        if not self.count:
            return
        columns = self.columns
        last = max(0, ceil(self.count / columns) - self.rows)
        first = min(last, max(0, self._wanted // columns)) * columns
        if first != self.first:
            self.first = first
            self.update()
        self.scrolled.emit()

    def nudge(self, across: int, up: int) -> None:
        self.go_to(self.first + self.columns * (across * self.rows - up))

    def zoom_by(self, notches: float) -> None:
        """Keep the size: all samples are of one."""

    def show_whole(self) -> None:
        self.go_to(0)

    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = event.angleDelta().y() / _NOTCH
        if notches:
            self.go_to(self.first - self.columns * (ceil(notches) if notches > 0 else -ceil(-notches)))
        event.accept()

    def resizeEvent(self, event: object) -> None:
        self._fit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        found = (at for at in range(len(self.shown)) if self.place(at).contains(event.position()))
        at = next(found, None)
        self.hovered.emit(None if at is None else self.first + at)

    def leaveEvent(self, event: object) -> None:
        self.hovered.emit(None)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting_on(self) as painter:
            painter.setFont(font(self.look.metrics.tick))
            self.draw_head(painter)
            for at, number in enumerate(self.shown):
                if self._tell is not None:
                    self.draw_sample(painter, self.place(at), self._tell(number))
            self.draw_focus(painter)

    def draw_head(self, painter: QPainter) -> None:
        """Draw what stands above the samples."""

    def draw_sample(self, painter: QPainter, place: QRectF, told: Told) -> None:
        """Draw what is told of a sample."""
        raise NotImplementedError

    def colour(self, wrong: bool) -> QColor:
        """Return the colour of what the network says."""
        return QColor(self.look.run_colour(self.run) if wrong else self.look.theme.muted)

    def draw_bar(self, painter: QPainter, place: QRectF, share: float, colour: QColor) -> None:
        """Draw a bar on a ground as long as a share of 1."""
        painter.fillRect(place, mixed(self.look.theme.line, self.look.theme.card, 0.6))
        wide = max(1.0, share * place.width()) if share > 0.0 else 0.0
        painter.fillRect(QRectF(place.left(), place.top(), wide, place.height()), colour)


class DigitTiles(SampleList):
    """Images with what the network says of them at their right."""

    _WIDTH, _HEIGHT = 12.4, 5.2
    """Of a tile at least, in heights of its type."""

    def __init__(self, look: Look, run: int, side: int) -> None:
        super().__init__(look, run)
        self._side = side

    @property
    def columns(self) -> int:
        return max(1, int(self.width() / (self._WIDTH * self.look.metrics.tick)))

    @property
    def rows(self) -> int:
        return max(1, int(self.height() / (self._HEIGHT * self.look.metrics.tick)))

    def place(self, at: int) -> QRectF:
        row, column = divmod(at, self.columns)
        width, height = self.width() / self.columns, self.height() / self.rows
        return QRectF(column * width, row * height, width, height)

    def draw_sample(self, painter: QPainter, place: QRectF, told: Told) -> None:
        tick = self.look.metrics.tick
        assert told.pixels is not None
        side = min(place.height() - 0.8 * tick, 0.45 * place.width())
        image = QRectF(place.left() + 2, place.center().y() - side / 2, side, side)
        draw_cells(painter, image, self._image(told.pixels))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        colour, hair = self.colour(told.wrong), self.look.metrics.hair
        painter.setPen(QPen(colour, 2 * hair) if told.wrong else QPen(QColor(self.look.theme.line), hair))
        painter.drawRect(image)
        left = image.right() + 0.6 * tick
        line = QRectF(left, image.center().y() - 2.0 * tick, place.right() - 0.9 * tick - left, 1.4 * tick)
        if not told.wrong:
            self._draw_answer(painter, line.translated(0.0, tick), told.said, colour)
            return
        self._draw_answer(painter, line, told.said, colour)
        self._draw_answer(painter, line.translated(0.0, 2.05 * tick), told.true, QColor(self.look.theme.muted))

    def _draw_answer(self, painter: QPainter, line: QRectF, answer: Answer, colour: QColor) -> None:
        tick = self.look.metrics.tick
        metrics = QFontMetrics(painter.font())
        painter.setPen(QColor(self.look.theme.ink))
        painter.drawText(line, _RIGHT, answer.figure)
        room = round(line.width() - metrics.horizontalAdvance(answer.figure) - 0.4 * tick)
        painter.drawText(line, _LEFT, metrics.elidedText(answer.name, Qt.TextElideMode.ElideRight, room))
        self.draw_bar(painter, QRectF(line.left(), line.bottom(), line.width(), 0.38 * tick), answer.share, colour)

    def _image(self, pixels: Array) -> QImage:
        """Return an image in the colours of the theme: ink on paper."""
        ink, paper = QColor(self.look.theme.ink), QColor(self.look.theme.card)
        ends = np.array([[colour.red(), colour.green(), colour.blue()] for colour in (paper, ink)], np.float64)
        shares = np.clip(pixels, 0.0, 1.0).reshape(self._side, self._side, 1)
        rgb = np.ascontiguousarray(np.round(ends[0] + shares * (ends[1] - ends[0])), np.uint8)
        return QImage(rgb.data, self._side, self._side, 3 * self._side, QImage.Format.Format_RGB888).copy()


class SampleRows(SampleList):
    """Lines of a table: the inputs, what is true, and what the network says with a bar.

    Parameters
    ----------
    columns
        The names of the inputs.
    heads
        What stands above what is true and what the network says.
    """

    _ROW, _CELL, _WIDEST, _NAME, _BAR = 1.75, 5.6, 10.0, 6.5, 8.5
    """In heights of type: a line; the widths of an input, its name at most, what is true or said, and a bar."""

    def __init__(self, look: Look, run: int, columns: Sequence[str], heads: tuple[str, str, str]) -> None:
        super().__init__(look, run)
        self._names, self._heads = columns, heads

    @property
    def columns(self) -> int:
        return 1

    @property
    def rows(self) -> int:
        return max(1, int(self.height() / (self._ROW * self.look.metrics.tick)) - 1)

    def place(self, at: int) -> QRectF:
        height = self._ROW * self.look.metrics.tick
        return QRectF(0.0, (at + 1) * height, self.width(), height)

    @property
    def fitting(self) -> int:
        """How many of the inputs have room."""
        room = self.width() / self.look.metrics.tick - self._told_em
        return min(len(self._names), max(0, int(room / self._cell_em)))

    @property
    def _cell_em(self) -> float:
        """How wide an input is at least: its name has room, or most of it."""
        metrics, tick = QFontMetrics(font(self.look.metrics.tick)), self.look.metrics.tick
        widest = max(metrics.horizontalAdvance(Column(name).named()[0]) for name in self._names) / tick
        return max(self._CELL, min(self._WIDEST, widest + 1.0))

    @property
    def _told_em(self) -> float:
        return 2 * self._NAME + self._BAR + 1.0

    def _places(self, line: QRectF) -> tuple[list[QRectF], list[QRectF]]:
        """Return the places of the inputs, and of what is true, what is said, and the bar, on a line."""
        tick, count = self.look.metrics.tick, self.fitting
        told = self._told_em * tick
        spare = (line.width() - told) / max(1, count)
        width = min(spare, 1.8 * self._cell_em * tick)
        cell = QRectF(line.left(), line.top(), width - 0.8 * tick, line.height())
        inputs = [cell.translated(at * width, 0.0) for at in range(count)]
        left, found = line.left() + count * width + 0.6 * tick, []
        unit = min(tick, (line.width() - 0.6 * tick) / (2 * self._NAME + self._BAR))
        for em in (self._NAME, self._NAME, self._BAR):
            found.append(QRectF(left, line.top(), (em - 0.6) * unit, line.height()))
            left += em * unit
        return inputs, found

    def draw_head(self, painter: QPainter) -> None:
        inputs, told = self._places(QRectF(0.0, 0.0, self.width(), self._ROW * self.look.metrics.tick))
        painter.setPen(QColor(self.look.theme.muted))
        names = [*zip(inputs, self._names, strict=False)]
        for place, name in names:
            whole = QFontMetrics(painter.font()).horizontalAdvance(name) <= place.width()
            self._draw_text(painter, place, name if whole else Column(name).named()[0], _RIGHT)
        for place, name in zip(told, self._heads, strict=True):
            self._draw_text(painter, place, name, _LEFT)
        painter.setPen(QPen(QColor(self.look.theme.line), self.look.metrics.hair))
        bottom = self.place(0).top()
        painter.drawLine(QPointF(0.0, bottom), QPointF(self.width(), bottom))

    def draw_sample(self, painter: QPainter, place: QRectF, told: Told) -> None:
        inputs, (is_, says, bar) = self._places(place)
        tick = self.look.metrics.tick
        painter.setPen(QColor(self.look.theme.ink))
        for cell, text in zip(inputs, told.inputs, strict=False):
            self._draw_text(painter, cell, text, _RIGHT)
        self._draw_text(painter, is_, told.true.name, _LEFT)
        if told.wrong:
            painter.setPen(QColor(self.look.text_colour(self.run)))
            painter.setFont(font(tick, QFont.Weight.DemiBold))
        self._draw_text(painter, says, told.said.name, _LEFT)
        painter.setFont(font(tick))
        painter.setPen(QColor(self.look.theme.ink))
        wide = max(0.0, bar.width() - painter.fontMetrics().horizontalAdvance("99.9 %") - 0.8 * tick)
        ground = QRectF(bar.left(), bar.center().y() - 0.3 * tick, wide, 0.6 * tick)
        self.draw_bar(painter, ground, told.said.share, self.colour(told.wrong))
        self._draw_text(painter, bar.adjusted(wide + 0.4 * tick, 0, 0, 0), told.said.figure, _LEFT)

    def _draw_text(self, painter: QPainter, place: QRectF, text: str, side: Qt.AlignmentFlag) -> None:
        metrics = QFontMetrics(painter.font())
        painter.drawText(place, side, metrics.elidedText(text, Qt.TextElideMode.ElideRight, round(place.width())))

"""A confusion matrix: true classes as rows, those they are taken for as columns, counts in the cells."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradsim.sim.kinds.train.outcomes import Confusion
from gradsim.ui.plots.devices import draw_cells, painting_on
from gradsim.ui.theme import Look, font, mixed
from gradsim.ui.themes import Theme

_CENTRE = Qt.AlignmentFlag.AlignCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_NAME_EM, _WIDEST = 7.0, 2.2
"""The width of a name at most, in heights of its type; and that of a cell, in its heights."""
_NAMED_EM, _TITLED_EM = 8.0, 13.0
"""How wide and high a picture is at least that has names, and titles of axes and recalls too, in heights of type."""
_PALE = 0.22
"""The share of the deepest tint that a cell has at least unless its count is 0."""
_LEGIBLE = (5.4, 12.5)
"""The contrast that text has at least on a cell, and in a bright room."""


class ConfusionMatrix(QWidget):
    """The matrix of one network.

    Parameters
    ----------
    look, run
        Colours and sizes; the run, whose colour mistakes have.
    names
        Of the classes.
    """

    hovered = Signal(object)
    """The (row, column) under the pointer, or None when there is none."""

    def __init__(self, look: Look, run: int, names: Sequence[str]) -> None:
        super().__init__()
        self.look, self.run, self._names = look, run, names
        self._found: Confusion | None = None
        self._place: QRectF | None = None
        self._font = font(look.metrics.tick)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 120)

    def show_confusion(self, found: Confusion) -> None:
        """Show these counts."""
        self._found = found
        self.update()

    # Places

    @property
    def _spare(self) -> float:
        """How wide or high the picture is, in heights of type: with little room, only the cells are drawn."""
        return min(self.width(), self.height()) / self.look.metrics.tick

    def _name_px(self) -> int:
        if self._spare < _NAMED_EM:
            return 0
        metrics = QFontMetrics(self._font)
        widest = max(metrics.horizontalAdvance(name) for name in self._names)
        return min(widest, round(_NAME_EM * self.look.metrics.tick))

    def _room(self) -> QRectF:
        if self._place is None:
            self._place = self._placed()
        return self._place

    def resizeEvent(self, event: object) -> None:
        self._place = None

    def _placed(self) -> QRectF:
        """Return the place of the cells: titles and names are at the left and above, recalls at the right."""
        tick = self.look.metrics.tick
        left = self._name_px() + (0.5 * tick if self._spare >= _NAMED_EM else 1.0)
        top = 1.6 * tick if self._spare >= _NAMED_EM else 1.0
        if self._spare >= _TITLED_EM:
            left, top = left + 1.6 * tick, top + 1.9 * tick
        right = self._recall_px()
        width, height = max(1.0, self.width() - left - right), max(1.0, self.height() - top - 0.3 * tick)
        wide = min(width, _WIDEST * height)
        return QRectF(left + 0.5 * (width - wide), top, wide, height)

    def _recall_px(self) -> float:
        """Return how much room recalls have at the right: none where it is needed for the cells."""
        if self._spare < _TITLED_EM:
            return 1.0
        metrics, tick = QFontMetrics(self._font), self.look.metrics.tick
        wanted = max(metrics.horizontalAdvance("100 %"), metrics.horizontalAdvance(self.look.tr("recall"))) + tick
        return wanted if wanted < 0.25 * self.width() else 1.0

    def cell(self, row: int, column: int) -> QRectF:
        """Return the place of a cell."""
        room, n = self._room(), len(self._names)
        width, height = room.width() / n, room.height() / n
        return QRectF(room.left() + column * width, room.top() + row * height, width, height)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._found is None:
            return
        with painting_on(self) as painter:
            painter.setFont(self._font)
            if self._spare >= _TITLED_EM:
                self._draw_titles(painter)
            if self._spare >= _NAMED_EM:
                self._draw_names(painter)
            self._draw_cells(painter, self._found)
            if self._recall_px() > 1.0:
                self._draw_recalls(painter, self._found)

    def _draw_titles(self, painter: QPainter) -> None:
        room, tick = self._room(), self.look.metrics.tick
        painter.setPen(QColor(self.look.theme.muted))
        over = QRectF(room.left() - 4 * tick, 0.5 * tick, room.width() + 8 * tick, 1.4 * tick)
        painter.drawText(over, _CENTRE, self.look.tr("predicted class"))
        painter.save()
        painter.translate(room.left() - self._name_px() - 2.0 * tick, room.center().y())
        painter.rotate(-90.0)
        painter.drawText(
            QRectF(-room.height() / 2, 0.0, room.height(), 1.4 * tick), _CENTRE, self.look.tr("true class")
        )
        painter.restore()

    def _draw_names(self, painter: QPainter) -> None:
        """Write the classes at the left and above, as many as have room."""
        metrics, tick, first = QFontMetrics(self._font), self.look.metrics.tick, self.cell(0, 0)
        painter.setPen(QColor(self.look.theme.ink))
        down = ceil(1.15 * tick / first.height())
        across = ceil((min(self._name_px(), 2.5 * tick) + 0.3 * tick) / first.width())
        for at, name in enumerate(self._names):
            row = self.cell(at, 0)
            if at % down == 0:
                text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, self._name_px() + 2)
                beside = QRectF(0.0, row.center().y() - tick, row.left() - 0.4 * tick, 2 * tick)
                painter.drawText(beside, _RIGHT, text)
            if at % across == 0:
                above = self._above(at, across)
                text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, round(above.width()))
                painter.drawText(above, _CENTRE, text)

    def _above(self, at: int, across: int) -> QRectF:
        """Return where the name of every so many columns is written: not so far to the right as "recall"."""
        tick, column = self.look.metrics.tick, self.cell(0, at)
        wide = across * column.width()
        if self._recall_px() > 1.0:
            wide = min(wide, 2 * (self._room().right() + 0.3 * tick - column.center().x()))
        return QRectF(column.center().x() - wide / 2, column.top() - 1.5 * tick, wide, 1.4 * tick)

    def _draw_cells(self, painter: QPainter, found: Confusion) -> None:
        """Fill each cell the deeper, the larger its share of the row; mistakes in the colour of the run."""
        text_font, room = self._count_font(found), self._room()
        colours = self._colours(found, written=text_font is not None)
        n = len(colours)
        draw_cells(painter, room, QImage(colours.data, n, n, 3 * n, QImage.Format.Format_RGB888))
        if n <= _MOST_LINED:
            self._draw_lines(painter, room, n)
        if text_font is not None:
            painter.setFont(text_font)
            painter.setPen(QColor(self.look.theme.ink))
            for row, column in np.argwhere(found.counts > 0).tolist():
                painter.drawText(self.cell(row, column), _CENTRE, f"{found.counts[row, column]:,}")
        self._mark_diagonal(painter)

    def _colours(self, found: Confusion, written: bool) -> npt.NDArray[np.uint8]:
        """Return the colours of the cells (classes, classes, 3), paler where counts are written on them."""
        theme = self.look.theme
        card, own, right = theme.card, self.look.run_colour(self.run), theme.muted
        strength = np.where(found.counts > 0, _PALE + (1.0 - _PALE) * np.sqrt(found.shares), 0.0)[..., None]
        is_right = np.eye(len(strength), dtype=bool)[..., None]
        ink = np.where(is_right, _rgb(right) - _rgb(card), _rgb(own) - _rgb(card))
        deepest = [_deepest(theme, colour) if written else 1.0 for colour in (right, own)]
        depth = strength * np.where(is_right, *deepest)
        return np.ascontiguousarray(np.round(_rgb(card) + depth * ink), np.uint8)

    def _draw_lines(self, painter: QPainter, room: QRectF, n: int) -> None:
        painter.setPen(QPen(QColor(self.look.theme.line), max(1.0, 0.7 * self.look.metrics.hair)))
        for at in range(n + 1):
            x, y = room.left() + at * room.width() / n, room.top() + at * room.height() / n
            painter.drawLine(QLineF(x, room.top(), x, room.bottom()))
            painter.drawLine(QLineF(room.left(), y, room.right(), y))

    def _mark_diagonal(self, painter: QPainter) -> None:
        """Frame what is right."""
        painter.setPen(QPen(QColor(self.look.theme.ink), max(1.0, 1.6 * self.look.metrics.hair)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self.cell(0, 0).height() < 5.0:
            painter.drawLine(self._room().topLeft(), self._room().bottomRight())
            return
        for at in range(len(self._names)):
            painter.drawRect(self.cell(at, at).adjusted(1, 1, -1, -1))

    def _count_font(self, found: Confusion) -> QFont | None:
        """Return the largest type in which all counts have room, None if none is legible."""
        cell, metrics = self.cell(0, 0), self.look.metrics
        widest = f"{int(found.counts.max()):,}"
        for size in range(max(metrics.tick, min(metrics.title, round(0.6 * cell.height()))), metrics.tick - 1, -1):
            text_font = font(size, QFont.Weight.DemiBold)
            if QFontMetrics(text_font).horizontalAdvance(widest) + 4 <= cell.width() and size <= cell.height():
                return text_font
        return None

    def _draw_recalls(self, painter: QPainter, found: Confusion) -> None:
        """Write the share of each row that is right beside it."""
        room, tick = self._room(), self.look.metrics.tick
        painter.setFont(self._font)
        painter.setPen(QColor(self.look.theme.muted))
        left, wide = room.right() + 0.5 * tick, self._recall_px()
        painter.drawText(QRectF(left, room.top() - 1.5 * tick, wide, 1.4 * tick), _LEFT, self.look.tr("recall"))
        painter.setPen(QColor(self.look.theme.ink))
        every = ceil(1.15 * tick / self.cell(0, 0).height())
        for at, recall in enumerate(found.recall.tolist()):
            if at % every == 0:
                text = "–" if recall != recall else f"{100 * recall:.0f} %"
                beside = QRectF(left, self.cell(at, 0).center().y() - tick, wide, 2 * tick)
                painter.drawText(beside, _LEFT, text)

    # The mouse

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.hovered.emit(self._at(event.position()))

    def leaveEvent(self, event: object) -> None:
        self.hovered.emit(None)

    def _at(self, place: QPointF) -> tuple[int, int] | None:
        room, n = self._room(), len(self._names)
        if self._found is None or not room.contains(place):
            return None
        row = int((place.y() - room.top()) / room.height() * n)
        column = int((place.x() - room.left()) / room.width() * n)
        return min(row, n - 1), min(column, n - 1)


_MOST_LINED = 20
"""Of more classes, cells have no lines between them."""


def _rgb(colour: str) -> npt.NDArray[np.float64]:
    shade = QColor(colour)
    return np.array([shade.red(), shade.green(), shade.blue()], np.float64)


def _deepest(theme: Theme, colour: str) -> float:
    """Return the largest share of a colour over the card on which text in ink is legible."""
    wanted, ink = _LEGIBLE[theme.name == "projector"], _luminance(QColor(theme.ink))
    for share in np.linspace(1.0, _PALE, 60).tolist():
        if _contrast(ink, _luminance(mixed(colour, theme.card, share))) >= wanted:
            return float(share)
    return _PALE


def _contrast(one: float, other: float) -> float:
    """Return the contrast of WCAG between two luminances."""
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def _luminance(colour: QColor) -> float:
    """Return the relative luminance of a colour, from 0 to 1."""
    red, green, blue = colour.redF(), colour.greenF(), colour.blueF()
    return float(0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2)

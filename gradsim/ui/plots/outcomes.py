"""What has become of the runs: a row for each, in it a dot for each replica, and a few words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradsim.sim.run.tape import Values
from gradsim.ui.exponents import draw_in, width_of
from gradsim.ui.plots.devices import painting_on
from gradsim.ui.plots.end_labels import draw_end
from gradsim.ui.plots.marks import fill_outlined
from gradsim.ui.plots.plot import DecadeAxis, ValueAxis, row_of_labels
from gradsim.ui.theme import Look, font

_LEFT, _RIGHT = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
_MIDDLE = Qt.AlignmentFlag.AlignVCenter


MOST_DOTS = 32
"""More replicas than these are thin upright lines."""
_ABOVE_AND_BELOW = 3.3
"""Height of what is above and below the rows, in heights of the type."""
_LEAST_ROOM = 0.38
"""Words are left out where less than this share of the width is left for dots."""


@dataclass(frozen=True)
class Outcome:
    """What is said of one run: where its replicas stand, what has gone wrong if it has, and what its signals do."""

    values: Values
    problem: str
    words: str


@dataclass(frozen=True)
class Measure:
    """What the replicas are compared by.

    Attributes
    ----------
    is_share
        Whether it is from 0 to 100 %; otherwise it is positive, and on a log axis where it differs much.
    reference
        The value that needs no learning, 0 where it is not known.
    reference_name
        What that is called.
    """

    is_share: bool
    reference: float
    reference_name: str


class _Places(NamedTuple):
    """The letters of names and words, the widths of their columns, and the rectangle of the dots with its ticks.

    Words for which there is too little room have none.
    """

    name_font: QFont
    text_font: QFont
    name_px: float
    words_px: float
    room: QRectF
    ticks: list[tuple[float, str]]


class Outcomes(QWidget):
    """Rows of dots, one for each run.

    Parameters
    ----------
    look, names
        Colours and sizes; the names of the runs.
    """

    def __init__(self, look: Look, names: Sequence[str]) -> None:
        super().__init__()
        self._look, self._names = look, names
        self._outcomes: Sequence[Outcome] = ()
        self._measure = Measure(True, 0.0, "")
        self._range, self._is_log = (0.0, 1.0), False
        self._places = self._placed()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 60)

    def show_outcomes(self, outcomes: Sequence[Outcome], measure: Measure) -> None:
        """Show these, one of each run."""
        if measure == self._measure and list(map(_said, outcomes)) == list(map(_said, self._outcomes)):
            return
        self._outcomes, self._measure = outcomes, measure
        known = np.concatenate([np.array([measure.reference or np.nan]), *(each.values for each in outcomes)])
        self._range, self._is_log = (0.0, 1.0), False
        if not measure.is_share:
            self._range, self._is_log = _range(known[np.isfinite(known)])
        self._places = self._placed()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._places = self._placed()

    # Places

    def _placed(self) -> _Places:
        """Return where all stands: letters are no larger than there is room for a row each."""
        look, width = self._look, self.width()
        tick, count = look.metrics.tick, max(1, len(self._names))
        row = round(0.85 * (self.height() - _ABOVE_AND_BELOW * tick) / count)
        name_font = font(max(6, min(look.metrics.name, row)), QFont.Weight.DemiBold)
        text_font = font(max(6, min(tick, row)))
        name_px = 1.6 * tick
        if not look.has_key:
            widest = max(width_of(look, name_font, name) for name in self._names)
            name_px = min(widest + look.metrics.gap, 0.25 * width)
        words_px = 2.0 * tick + max((width_of(look, text_font, each.words) for each in self._outcomes), default=0)
        if width - name_px - words_px < _LEAST_ROOM * width:
            words_px = 0.0
        left, right = name_px + tick, width - max(words_px, 1.6 * tick)
        high = self.height() - _ABOVE_AND_BELOW * tick
        room = QRectF(left, 1.7 * tick, max(1.0, right - left), max(1.0, high))
        return _Places(name_font, text_font, name_px, words_px, room, self._ticks(room.width()))

    def _ticks(self, width: float) -> list[tuple[float, str]]:
        if self._is_log:
            return DecadeAxis("bottom", self._look).ticks(*self._range, width)
        axis = ValueAxis("bottom", self._look)
        axis.percent = self._measure.is_share
        return axis.ticks(*self._range, width)

    def _room(self) -> QRectF:
        """Return the rectangle of the dots."""
        return self._places.room

    def _x(self, value: float) -> float:
        """Return where a value stands."""
        low, high = self._range
        place = log10(max(value, 1e-300)) if self._is_log else value
        room = self._room()
        return room.left() + room.width() * min(1.0, max(0.0, (place - low) / (high - low)))

    def _row(self, run: int) -> QRectF:
        """Return where a run's row is."""
        room = self._room()
        height = room.height() / len(self._outcomes)
        return QRectF(0.0, room.top() + run * height, self.width(), height)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._outcomes:
            return
        with painting_on(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if any(np.isfinite(each.values).any() for each in self._outcomes):
                self._draw_axis(painter)
            self._draw_reference(painter)
            for run, each in enumerate(self._outcomes):
                self._draw_row(painter, run, each)

    def _draw_axis(self, painter: QPainter) -> None:
        room, tick, look = self._room(), self._look.metrics.tick, self._look
        (low, high), ticks = self._range, self._places.ticks
        places = [room.left() + room.width() * (value - low) / (high - low) for value, _ in ticks]
        painter.setFont(font(tick))
        widths = [width_of(look, painter.font(), text) for _, text in ticks]
        painter.setPen(QPen(QColor(look.theme.line), look.metrics.hair))
        for x in places:
            painter.drawLine(QPointF(x, room.top()), QPointF(x, room.bottom()))
        painter.setPen(QColor(look.theme.muted))
        kept, _ = row_of_labels(places, widths, (0.0, self.width()), 0.5 * tick)
        for span, (_, text) in zip(kept, ticks, strict=True):
            if span:
                rect = QRectF(span[0], room.bottom() + 0.2 * tick, span[1] - span[0], 1.3 * tick)
                draw_in(painter, look, rect, Qt.AlignmentFlag.AlignHCenter, text)

    def _draw_reference(self, painter: QPainter) -> None:
        """Draw a dashed line at what needs no learning, with its name above."""
        value, text, look = self._measure.reference, self._measure.reference_name, self._look
        if not value:
            return
        room, tick, x = self._room(), look.metrics.tick, self._x(value)
        painter.setPen(QPen(QColor(look.theme.muted), 1.3 * look.metrics.hair, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(x, room.top()), QPointF(x, room.bottom()))
        painter.setPen(QColor(look.theme.muted))
        width = width_of(look, painter.font(), text)
        left = min(max(0.0, x - 0.2 * tick), self.width() - width)
        draw_in(painter, look, QRectF(left, 0.3 * tick, width, 1.3 * tick), _LEFT, text)

    def _draw_row(self, painter: QPainter, run: int, each: Outcome) -> None:
        row, look = self._row(run), self._look
        self._draw_name(painter, run, row)
        painter.setFont(self._places.text_font)
        painter.setPen(QColor(look.theme.muted))
        if words_px := self._places.words_px:
            left = self.width() - words_px + 2.0 * look.metrics.tick
            draw_in(painter, look, QRectF(left, row.top(), self.width(), row.height()), _LEFT | _MIDDLE, each.words)
        if each.problem:
            self._draw_problem(painter, each.problem, row)
            return
        self._draw_dots(painter, run, each.values[np.isfinite(each.values)].tolist(), row)

    def _draw_dots(self, painter: QPainter, run: int, values: Sequence[float], row: QRectF) -> None:
        look, middle = self._look, row.center().y()
        colour, card, marker = QColor(look.run_colour(run)), QColor(look.theme.card), look.run_marker(run)
        if len(values) > MOST_DOTS:
            painter.setPen(QPen(colour, look.metrics.hair))
            half = 0.36 * row.height()
            places = [self._x(value) for value in values]
            painter.drawLines([QLineF(x, middle - half, x, middle + half) for x in places])
            return
        radius = min(0.5 * look.metrics.tick, 0.4 * row.height())
        edge, inside = (colour, card) if marker.hollow else (card, colour)
        for value in values:
            at = QPointF(self._x(value), middle)
            fill_outlined(painter, marker.shape, radius, at, 0.25 * radius, edge, inside)

    def _draw_name(self, painter: QPainter, run: int, row: QRectF) -> None:
        look = self._look
        if look.has_key:
            at = QPointF(0.7 * look.metrics.tick, row.center().y())
            draw_end(painter, look, run, at, min(0.4 * look.metrics.tick, 0.4 * row.height()))
            return
        painter.setFont(self._places.name_font)
        painter.setPen(QColor(look.text_colour(run)))
        width = self._places.name_px
        metrics = QFontMetrics(painter.font())
        name = metrics.elidedText(self._names[run], Qt.TextElideMode.ElideRight, int(width))
        draw_in(painter, look, QRectF(0.0, row.top(), width, row.height()), _RIGHT | _MIDDLE, name)

    def _draw_problem(self, painter: QPainter, text: str, row: QRectF) -> None:
        """Say what has gone wrong, beside the line of what needs no learning."""
        room, tick = self._room(), self._look.metrics.tick
        painter.setFont(font(self._places.text_font.pixelSize(), QFont.Weight.DemiBold))
        painter.setPen(QColor(self._look.theme.alarm))
        value = self._measure.reference
        start = self._x(value) if value else room.left()
        width = width_of(self._look, painter.font(), text)
        left = max(room.left(), min(start + 0.8 * tick, room.right() - width))
        rect = QRectF(left - 0.2 * tick, row.center().y() - 0.6 * tick, width + 0.4 * tick, 1.2 * tick)
        painter.fillRect(rect, QColor(self._look.theme.card))
        draw_in(painter, self._look, QRectF(left, row.top(), width, row.height()), _LEFT | _MIDDLE, text)


def _range(known: Values) -> tuple[tuple[float, float], bool]:
    """Return the range of an axis that holds these, and whether it is in powers of ten: from a factor of 30 on."""
    positive = known[known > 0.0]
    if not len(positive):
        return (0.0, 1.0), False
    low, high = float(positive.min()), float(positive.max())
    if high < 30.0 * low:
        return (0.0, 1.05 * high), False
    return (log10(low) - 0.1, log10(high) + 0.1), True


def _said(each: Outcome) -> tuple[bytes, str, str]:
    return each.values.tobytes(), each.problem, each.words

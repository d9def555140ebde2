"""What has become of the runs: a row for each, in it a dot for each replica, and a few words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradsim.sim.run.tape import Values
from gradsim.ui.exponents import draw_in, width_of
from gradsim.ui.plots.end_labels import draw_end
from gradsim.ui.plots.plot import DecadeAxis, ValueAxis, row_of_labels
from gradsim.ui.theme import Look, font

_LEFT, _RIGHT = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
_MIDDLE = Qt.AlignmentFlag.AlignVCenter


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
        The value that needs no learning, NaN where it is not known.
    reference_name
        What that is called.
    """

    is_share: bool
    reference: float
    reference_name: str


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
        self._measure = Measure(True, float("nan"), "")
        self._range, self._is_log = (0.0, 1.0), False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 60)

    def show_outcomes(self, outcomes: Sequence[Outcome], measure: Measure) -> None:
        """Show these, one of each run."""
        self._outcomes, self._measure = outcomes, measure
        known = np.concatenate([np.array([measure.reference]), *(each.values for each in outcomes)])
        self._range, self._is_log = (0.0, 1.0), False
        if not measure.is_share:
            self._range, self._is_log = _range(known[np.isfinite(known)])
        self.update()

    # Places

    def _text_font(self, weight: QFont.Weight = QFont.Weight.Normal, name: bool = False) -> QFont:
        """Return letters that are no larger than there is room for a row each."""
        metrics = self._look.metrics
        row = (self.height() - 3.3 * metrics.tick) / max(1, len(self._names))
        return font(max(6, min(metrics.name if name else metrics.tick, round(0.85 * row))), weight)

    def _name_px(self) -> float:
        if self._look.has_key:
            return 1.6 * self._look.metrics.tick
        names = self._text_font(QFont.Weight.DemiBold, name=True)
        widest = max(width_of(self._look, names, name) for name in self._names)
        return min(widest + self._look.metrics.gap, 0.25 * self.width())

    def _words_px(self) -> float:
        """Return the room of the words, 0 where they would take most of the width."""
        widest = max((width_of(self._look, self._text_font(), each.words) for each in self._outcomes), default=0)
        whole = widest + 2.0 * self._look.metrics.tick
        return whole if self.width() - self._name_px() - whole >= 0.38 * self.width() else 0.0

    def _room(self) -> QRectF:
        """Return the rectangle of the dots."""
        tick = self._look.metrics.tick
        left = self._name_px() + tick
        right = self.width() - max(self._words_px(), 1.6 * tick)
        return QRectF(left, 1.7 * tick, max(1.0, right - left), max(1.0, self.height() - 3.3 * tick))

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
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if any(np.isfinite(each.values).any() for each in self._outcomes):
            self._draw_axis(painter)
        self._draw_reference(painter)
        for run, each in enumerate(self._outcomes):
            self._draw_row(painter, run, each)
        painter.end()

    def _draw_axis(self, painter: QPainter) -> None:
        room, tick, look = self._room(), self._look.metrics.tick, self._look
        axis: ValueAxis | DecadeAxis = DecadeAxis("bottom", look)
        if not self._is_log:
            axis = ValueAxis("bottom", look)
            axis.percent = self._measure.is_share
        low, high = self._range
        ticks = axis.ticks(low, high, room.width())
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
        if not (value > 0.0 and np.isfinite(value)):
            return
        room, tick, x = self._room(), look.metrics.tick, self._x(value)
        painter.setPen(QPen(QColor(look.theme.muted), 1.3 * look.metrics.hair, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(x, room.top()), QPointF(x, room.bottom()))
        painter.setPen(QColor(look.theme.muted))
        width = width_of(look, painter.font(), text)
        left = min(max(0.0, x - 0.2 * tick), self.width() - width)
        draw_in(painter, look, QRectF(left, 0.3 * tick, width, 1.3 * tick), _LEFT, text)

    def _draw_row(self, painter: QPainter, run: int, each: Outcome) -> None:
        row, look, room = self._row(run), self._look, self._room()
        self._draw_name(painter, run, row)
        painter.setFont(self._text_font())
        painter.setPen(QColor(look.theme.muted))
        if self._words_px():
            left = self.width() - self._words_px() + 2.0 * look.metrics.tick
            draw_in(painter, look, QRectF(left, row.top(), self.width(), row.height()), _LEFT | _MIDDLE, each.words)
        if each.problem:
            self._draw_problem(painter, each.problem, row)
            return
        radius = min(0.42 * look.metrics.tick, 0.4 * row.height())
        for value in each.values[np.isfinite(each.values)].tolist():
            draw_end(painter, look, run, QPointF(min(self._x(value), room.right()), row.center().y()), radius)

    def _draw_name(self, painter: QPainter, run: int, row: QRectF) -> None:
        look = self._look
        if look.has_key:
            at = QPointF(0.7 * look.metrics.tick, row.center().y())
            draw_end(painter, look, run, at, min(0.4 * look.metrics.tick, 0.4 * row.height()))
            return
        painter.setFont(self._text_font(QFont.Weight.DemiBold, name=True))
        painter.setPen(QColor(look.text_colour(run)))
        width = self._name_px()
        metrics = QFontMetrics(painter.font())
        name = metrics.elidedText(self._names[run], Qt.TextElideMode.ElideRight, int(width))
        draw_in(painter, look, QRectF(0.0, row.top(), width, row.height()), _RIGHT | _MIDDLE, name)

    def _draw_problem(self, painter: QPainter, text: str, row: QRectF) -> None:
        """Say what has gone wrong, beside the line of what needs no learning."""
        room, tick = self._room(), self._look.metrics.tick
        painter.setFont(self._text_font(QFont.Weight.DemiBold))
        painter.setPen(QColor(self._look.theme.alarm))
        value = self._measure.reference
        start = self._x(value) if value > 0.0 and np.isfinite(value) else room.left()
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

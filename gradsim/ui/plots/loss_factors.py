"""What a loss gives a sigmoid output and what σ′ leaves of it, as lengths on a log scale laid end to end."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, isfinite, log10
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradsim.ui.exponents import draw_in, width_of
from gradsim.ui.label import mode_for, wrapped
from gradsim.ui.plots.devices import painting_on
from gradsim.ui.plots.stairs import grey
from gradsim.ui.theme import Look, font
from gradsim.words.numbers import amount, power

_ROUND = (1, 2, 5, 10, 20, 50, 100)
_LEFT, _MIDDLE = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignVCenter
_LOW = -2.0
"""The axis reaches down to here at least, in decades."""
_DEEPEST = -30.0
"""Smaller numbers are drawn there."""
_FLAT_EM = 3.4
"""Rows that are lower than this have one line of bars without numbers in them."""


class Factors(NamedTuple):
    """A run's factors: RMS of dL/da and dL/dz, whether σ′ cancels, and whether they are of a single output."""

    error: float
    delta: float
    cancels: bool
    is_single: bool


class LossFactors(QWidget):
    """A row for each run: from 1 to ∂L/∂a, from there by σ′ to ∂L/∂z.

    Parameters
    ----------
    look, names
        Colours and sizes; the names of the runs.
    """

    def __init__(self, look: Look, names: Sequence[str]) -> None:
        super().__init__()
        self.look, self._names = look, names
        self._factors: Sequence[Factors | None] = ()
        self._notes = "", ""
        self._low, self._most = _LOW, 0.0
        """The lowest and the highest place that anything leads to, in decades."""
        self._ends, self._room = (_LOW, 0.0), QRectF()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 60)

    def show_factors(
        self, factors: Sequence[Factors | None], earlier: Sequence[Factors | None], notes: tuple[str, str]
    ) -> None:
        """Show these, one of each run, None if it has diverged, on an axis that has room for `earlier` ones too.

        `notes` say what ∂L/∂z is where σ′ is left in it, and where it cancels.
        """
        self._factors, self._notes = factors, notes
        known = [found for found in (*factors, *earlier) if found is not None]
        self._low = min([_LOW, *(float(floor(_log(found.delta))) for found in known)])
        self._most = max([0.0, *(_log(found.error) for found in known)])
        self.update()

    def _found_ends(self) -> tuple[float, float]:
        """Return the ends of the axis, so far to the right that what is told of the longest bar is beside it."""
        wide = 0
        if self._shows_numbers:
            wide = max(width_of(self.look, self._bold(), _given(found)) for found in self._factors if found)
        share = min(0.6, (wide + self.look.metrics.tick) / self._room.width())
        return self._low, self._low + (max(0.3, self._most) - self._low) / (1.0 - share)

    # Places

    def _bold(self) -> QFont:
        return font(self.look.metrics.tick, QFont.Weight.DemiBold)

    def _name_font(self) -> QFont:
        row = (self.height() - 2.0 * self.look.metrics.tick) / len(self._names)
        return font(max(6, min(self.look.metrics.name, round(0.9 * row))), QFont.Weight.DemiBold)

    def _name_px(self) -> int:
        widest = max(width_of(self.look, self._name_font(), name) for name in self._names)
        return min(widest + self.look.metrics.gap, round(0.36 * self.width()))

    def _result_font(self) -> QFont:
        size = max(6, min(self.look.metrics.title, round(0.8 * self._row_px)))
        return font(size, QFont.Weight.Bold)

    def _result_px(self) -> float:
        texts = [self._result(found) for found in self._factors if found is not None]
        wide = max(width_of(self.look, self._result_font(), text) for text in texts)
        notes = max(width_of(self.look, font(self.look.metrics.tick), note) for note in self._notes)
        roomy = self._shows_notes and self.width() > 3.2 * notes
        return (max(wide, notes) if roomy else wide) + self.look.metrics.gap

    def _result(self, found: Factors) -> str:
        text = _number(found.delta)
        return text if self.look.theme.name == "projector" else f"∂L/∂z = {text}"

    @property
    def _row_px(self) -> float:
        return (self.height() - 2.0 * self.look.metrics.tick) / max(1, len(self._names))

    @property
    def _shows_numbers(self) -> bool:
        return self._row_px >= _FLAT_EM * self.look.metrics.tick and self.look.theme.name != "projector"

    @property
    def _shows_notes(self) -> bool:
        return self._row_px > 3.0 * self.look.metrics.tick and self.look.theme.name != "projector"

    def _x(self, decades: float) -> float:
        low, high = self._ends
        return self._room.left() + self._room.width() * (min(max(decades, low), high) - low) / (high - low)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        if not any(found is not None for found in self._factors):
            return
        tick = self.look.metrics.tick
        left, right = self._name_px() + 0.5 * tick, self.width() - self._result_px()
        self._room = QRectF(left, 0.2 * tick, max(1.0, right - left), max(1.0, self.height() - 2.0 * tick))
        self._ends = self._found_ends()
        with painting_on(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._draw_axis(painter)
            for run, found in enumerate(self._factors):
                row = QRectF(0, self._room.top() + run * self._row_px, self.width(), self._row_px)
                self._draw_name(painter, run, row)
                if found is not None:
                    self._draw_row(painter, run, found, row)

    def _draw_axis(self, painter: QPainter) -> None:
        room, tick, (low, high) = self._room, self.look.metrics.tick, self._ends
        painter.setFont(font(tick))
        width = max(width_of(self.look, painter.font(), _decade(at)) for at in (round(low), round(high))) + tick
        every = next((n for n in _ROUND if n * room.width() / (high - low) >= width), 100)
        for decade in range(ceil(low / every) * every, floor(high) + 1, every):
            x, is_one = self._x(decade), decade == 0
            colour, wide = (self.look.theme.ink, 2.0) if is_one else (self.look.theme.line, 1.0)
            painter.setPen(QPen(QColor(colour), wide * self.look.metrics.hair))
            painter.drawLine(QPointF(x, room.top()), QPointF(x, room.bottom()))
            painter.setPen(QColor(self.look.theme.muted))
            rect = QRectF(x - 5 * tick, room.bottom() + 0.2 * tick, 10 * tick, 1.6 * tick)
            draw_in(painter, self.look, rect, Qt.AlignmentFlag.AlignHCenter, _decade(decade))

    def _draw_name(self, painter: QPainter, run: int, row: QRectF) -> None:
        painter.setPen(QColor(self.look.text_colour(run)))
        painter.setFont(self._name_font())
        room, high = self._name_px(), 1.2 * self._name_font().pixelSize()
        lines = wrapped(self._names[run], self._name_font(), room, 2)
        if len(lines) > 1 and (row.height() < 2.2 * high or _is_cut(lines)):
            lines = [painter.fontMetrics().elidedText(self._names[run], mode_for(self._names), room)]
        for i, line in enumerate(lines):
            top = row.center().y() + (i - len(lines) / 2) * high
            draw_in(painter, self.look, QRectF(0, top, room, high), _LEFT | _MIDDLE, line)

    def _draw_row(self, painter: QPainter, run: int, found: Factors, row: QRectF) -> None:
        """Draw what the loss gives above, what σ′ makes of it below, and a mark where that leads to."""
        tick, colour = self.look.metrics.tick, QColor(self.look.run_colour(run))
        thick = min(0.36 * row.height(), 2.2 * tick)
        middle, error, delta = row.center().y(), _log(found.error), _log(found.delta)
        painter.setPen(QPen(QColor(self.look.theme.muted), self.look.metrics.hair))
        painter.setBrush(colour)
        painter.drawRect(self._bar(0.0, error, middle - thick, thick))
        painter.setBrush(grey(self.look))
        painter.drawRect(self._bar(error, delta, middle, thick))
        painter.setPen(QPen(QColor(self.look.theme.ink), max(3.0, 0.25 * tick)))
        end = self._x(delta)
        painter.drawLine(QPointF(end, middle - 0.2 * thick), QPointF(end, middle + 1.2 * thick))
        if self._shows_numbers:
            self._draw_numbers(painter, found, QColor(self.look.text_colour(run)), middle, thick)
        self._draw_result(painter, run, found, row)

    def _bar(self, one: float, other: float, top: float, high: float) -> QRectF:
        left, right = sorted((self._x(one), self._x(other)))
        return QRectF(left, top, max(1.0, right - left), high)

    def _draw_numbers(self, painter: QPainter, found: Factors, colour: QColor, middle: float, thick: float) -> None:
        painter.setFont(self._bold())
        painter.setPen(colour)
        error, delta = _log(found.error), _log(found.delta)
        self._beside(painter, _given(found), self._bar(0.0, error, middle - thick, thick))
        painter.setPen(QColor(self.look.theme.ink))
        bar, text = self._bar(error, delta, middle, thick), _left(found)
        inside = self._room_in(bar)
        if width_of(self.look, painter.font(), text) + self.look.metrics.tick < inside.width():
            draw_in(painter, self.look, inside, Qt.AlignmentFlag.AlignHCenter | _MIDDLE, text)
        else:
            self._beside(painter, text, bar)

    def _room_in(self, bar: QRectF) -> QRectF:
        """Return the larger part of a bar beside the line at 1."""
        one = self._x(0.0)
        if not bar.left() < one < bar.right():
            return bar
        parts = QRectF(bar), QRectF(bar)
        parts[0].setRight(one)
        parts[1].setLeft(one)
        return max(parts, key=QRectF.width)

    def _beside(self, painter: QPainter, text: str, bar: QRectF) -> None:
        """Write at the right of a bar, or where there is no room at its left, or in it."""
        tick = self.look.metrics.tick
        width = width_of(self.look, painter.font(), text)
        left, one = bar.right() + 0.5 * tick, self._x(0.0)
        if left < one < left + width:  # not over the line at 1
            left = one + 0.5 * tick
        if left + width > self._room.right() + 0.3 * tick:
            left = bar.left() - 0.5 * tick - width
        if left < self._room.left():
            left = self._room.right() - width
        draw_in(painter, self.look, QRectF(left, bar.top(), width, bar.height()), _LEFT | _MIDDLE, text)

    def _draw_result(self, painter: QPainter, run: int, found: Factors, row: QRectF) -> None:
        left, tick = self.width() - self._result_px() + 0.7 * self.look.metrics.gap, self.look.metrics.tick
        painter.setFont(self._result_font())
        painter.setPen(QColor(self.look.text_colour(run)))
        note = self._notes[found.cancels]
        shows_note = self._shows_notes and width_of(self.look, font(tick), note) <= self.width() - left + 1
        place = QRectF(left, row.top(), self.width() - left, row.height())
        if shows_note:
            place = QRectF(left, row.center().y() - 1.6 * tick, self.width() - left, 1.7 * tick)
        draw_in(painter, self.look, place, _LEFT | _MIDDLE, self._result(found))
        if shows_note:
            painter.setFont(font(tick))
            painter.setPen(QColor(self.look.theme.muted))
            draw_in(painter, self.look, place.translated(0, 1.8 * tick), _LEFT | _MIDDLE, note)


def _is_cut(lines: Sequence[str]) -> bool:
    return lines[-1].endswith("…")


def _log(value: float) -> float:
    return max(_DEEPEST, log10(value)) if value > 0.0 and isfinite(value) else (-_DEEPEST if value else _DEEPEST)


def _decade(decade: int) -> str:
    return f"{10.0**decade:,g}" if -3 <= decade <= 3 else power(decade)


def _number(value: float) -> str:
    return amount(value) if isfinite(value) else "∞"


def _given(found: Factors) -> str:
    return f"∂L/∂a = {_number(found.error)}"


def _left(found: Factors) -> str:
    """Return what σ′ leaves; of several outputs it is a mean factor."""
    factor = found.delta / found.error if found.error else 0.0
    return f"σ′ = {_number(factor)}" if found.is_single else f"σ′: ×{_number(factor)}"

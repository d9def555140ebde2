"""The numbers of an output layer as a table: a row for each unit, columns from z to the loss and back, with bars."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradsim.sim.kinds.train.numbers import OutputNumbers, exponential_text
from gradsim.sim.run.tape import Values
from gradsim.ui.exponents import draw_in, width_of
from gradsim.ui.plots.devices import painting_on
from gradsim.ui.plots.stairs import grey
from gradsim.ui.theme import Look, font, mixed
from gradsim.words.numbers import amount, signed

_LEFT, _MIDDLE = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignVCenter
_PLAIN = 0.3
"""How much of the width that is left over a column without bars gets, against one with bars."""
_LEAST_ROW_EM = 1.5
"""How low rows may be, in heights of the type."""
_PX_EM = 2.0
"""By how many heights of type a z is dragged for 1 more."""
_HARDLY = 0.01
"""Units with less than this share of the largest gradient are hardly moved."""
_ARROW = "↑", "↓"


class Column(NamedTuple):
    """A column: its title, what it is in short, its texts, its bars if it has any, and what stands below the line."""

    title: str
    about: str
    texts: Sequence[str]
    bars: Values | None = None
    is_signed: bool = False
    is_share: bool = False
    total: str = ""
    least: float = 0.0
    """The number that the longest bar stands for at least."""

    def part(self, rows: Sequence[int]) -> Column:
        """Return these rows alone, with bars of the same lengths."""
        if self.bars is None:
            return self._replace(texts=[self.texts[row] for row in rows])
        least = max(self.least, float(np.abs(self.bars).max()))
        return self._replace(texts=[self.texts[row] for row in rows], bars=self.bars[list(rows)], least=least)


class NumbersTable(QWidget):
    """The table of one run.

    Parameters
    ----------
    look
        Colours and sizes.
    run
        Whose colour the true class has.
    """

    hovered = Signal(object)
    """The unit under the pointer, or None when it has left."""
    dragged = Signal(int, float)
    """The z of a unit is to be another one."""

    def __init__(self, look: Look, run: int) -> None:
        super().__init__()
        self.look, self._run = look, run
        self.columns: Sequence[Column] = ()
        """All of them, in full."""
        self._ranks: Sequence[int] = ()
        """The units, that of the true class first, then those with most gradient."""
        self._rows: list[int] = []
        """The units that are shown."""
        self._true_unit: int | None = None
        self._true_class = ""
        """What the unit of the true class is called where there is room."""
        self._true: int | None = None
        """The row of the true class, of those that are shown."""
        self._z: Values = np.empty(0)
        self._held: tuple[int, float, float] | None = None
        """The unit whose z is held, where it was taken, and the z there."""
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 80)

    def show_numbers(self, found: OutputNumbers, names: Sequence[str], true_class: str) -> None:
        """Show the numbers of units that are called so; `true_class` is said beside the unit of that class.

        Each z is underlined, for it can be dragged.
        """
        self._z = found.z
        self._true_unit = found.true_unit
        ordered = np.argsort(-np.abs(found.delta), kind="stable").tolist()
        self._ranks = sorted(ordered, key=lambda unit: unit != self._true_unit)
        self.columns = columns(found, names, self.look.tr)
        if self._true_unit is not None:
            self._true_class = f"{names[self._true_unit]}  {true_class}"
        self.update()

    # Places

    @property
    def _is_brief(self) -> bool:
        """Whether there is no room for more than the numbers."""
        return self.look.theme.name == "projector" or self.width() < 46 * self.look.metrics.tick

    def _shown(self) -> list[Column]:
        """Return what has room: in a low table the units with most gradient, in a narrow one fewer columns."""
        room, units, columns = self.height() - self._head_px() - self._foot_px(), len(self._ranks), list(self.columns)
        most = max(1, int(room / (_LEAST_ROW_EM * self.look.metrics.tick)))
        if self._true_unit is not None and not self._is_brief:
            texts = list(columns[0].texts)
            texts[self._true_unit] = self._true_class
            columns[0] = columns[0]._replace(texts=texts)
        self._rows = rows = sorted(self._ranks[:most])
        self._true = rows.index(self._true_unit) if self._true_unit is not None else None
        if most < units:
            columns[0] = columns[0]._replace(total=self.look.tr("{n} of {total}").format(n=most, total=units))
            columns = [column.part(rows) for column in columns]
        for spare in ("exp z", "L", self.look.tr("target y")):
            if self._left_px(columns) < 0.0:
                columns = [column for column in columns if column.title != spare]
        return columns

    def _needed(self, shown: Sequence[Column]) -> list[float]:
        """Return how wide the texts of the columns are."""
        rows, small = self._row_font(len(shown[0].texts)), font(self.look.metrics.tick, QFont.Weight.Bold)
        needed = []
        for column in shown:
            head = max(width_of(self.look, small, text) for text in (column.title, column.total))
            needed.append(float(max(head, *(width_of(self.look, rows, text) for text in column.texts))))
        return needed

    @property
    def _gap(self) -> float:
        return (1.0 if self._is_brief else 1.6) * self.look.metrics.tick

    def _left_px(self, shown: Sequence[Column]) -> float:
        """Return how much of the width is left over by the texts."""
        return self.width() - self._gap * (len(shown) - 1) - 0.8 * self.look.metrics.tick - sum(self._needed(shown))

    def _row_font(self, rows: int) -> QFont:
        size = min(round(1.2 * self.look.metrics.title), round(0.66 * self._row_px(rows)))
        return font(max(6, size), QFont.Weight.DemiBold)

    def _foot_px(self) -> float:
        return 2.4 * self.look.metrics.tick

    def _head_px(self) -> float:
        return (1.7 if self._is_brief else 3.6) * self.look.metrics.tick

    def _row_px(self, rows: int) -> float:
        return max(1.0, (self.height() - self._head_px() - self._foot_px()) / max(1, rows))

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.columns:
            return
        with painting_on(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            shown = self._shown()
            rows = len(shown[0].texts)
            self._draw_ground(painter, rows)
            left = 0.4 * self.look.metrics.tick
            for column, wide in zip(shown, self._widths(shown), strict=True):
                self._draw_column(painter, column, QRectF(left, 0.0, wide, self.height()), rows)
                left += wide + self._gap

    def _widths(self, shown: Sequence[Column]) -> list[float]:
        """Return how wide the columns are: as their texts need, and what is left over for bars, or for all alike."""
        left = self._left_px(shown)
        has_bars = [column.bars is not None and not self._is_brief for column in shown]
        weights = [1.0 if each or not any(has_bars) else _PLAIN for each in has_bars]
        return [
            max(0.0, wide + left * weight / sum(weights))
            for wide, weight in zip(self._needed(shown), weights, strict=True)
        ]

    def _draw_ground(self, painter: QPainter, rows: int) -> None:
        if self._true is None:
            return
        high, tint = self._row_px(rows), mixed(self.look.run_colour(self._run), self.look.theme.card, 0.1)
        rect = QRectF(0.0, self._head_px() + self._true * high, self.width(), high)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tint)
        if self.look.theme.name == "projector":  # text on a tint is too faint in a bright room
            painter.setPen(QPen(QColor(self.look.run_colour(self._run)), self.look.metrics.hair))
            painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(rect, 0.5 * self.look.metrics.radius, 0.5 * self.look.metrics.radius)

    def _draw_column(self, painter: QPainter, column: Column, place: QRectF, rows: int) -> None:
        look, tick, high = self.look, self.look.metrics.tick, self._row_px(rows)
        self._draw_head(painter, column, place)
        row_font = self._row_font(rows)
        texts_px = max(width_of(look, row_font, text) for text in column.texts) + 0.6 * tick
        room = place.width() - texts_px
        for row, text in enumerate(column.texts):
            rect = QRectF(place.left(), self._head_px() + row * high, place.width(), high)
            is_true = row == self._true
            painter.setFont(row_font)
            painter.setPen(QColor(look.text_colour(self._run) if is_true else look.theme.ink))
            draw_in(painter, look, rect, _LEFT | _MIDDLE, text)
            if column.title == "z":
                self._underline(painter, rect, width_of(look, row_font, text))
            if column.bars is not None and not self._is_brief and room > 2.0 * tick:
                thick = min(0.5 * high, 1.8 * tick)
                bar = QRectF(rect.left() + texts_px, rect.center().y() - thick / 2, room, thick)
                self._draw_bar(painter, column, row, bar)
        if column.total:
            self._draw_total(painter, column.total, place, rows)

    def _underline(self, painter: QPainter, rect: QRectF, wide: float) -> None:
        pen = QPen(QColor(self.look.theme.accent), 2.0 * self.look.metrics.hair)
        pen.setDashPattern([2.0, 1.5])
        painter.setPen(pen)
        y = rect.center().y() + 0.62 * painter.font().pixelSize()
        painter.drawLine(QPointF(rect.left(), y), QPointF(rect.left() + wide, y))

    def _draw_head(self, painter: QPainter, column: Column, place: QRectF) -> None:
        tick = self.look.metrics.tick
        rect = QRectF(place.left(), 0.0 if self._is_brief else 0.4 * tick, place.width(), 1.5 * tick)
        painter.setFont(font(tick, QFont.Weight.Bold))
        painter.setPen(QColor(self.look.theme.ink))
        draw_in(painter, self.look, rect, _LEFT | _MIDDLE, column.title)
        painter.setFont(font(tick))
        if not self._is_brief and width_of(self.look, painter.font(), column.about) <= place.width() + 0.5 * tick:
            painter.setPen(QColor(self.look.theme.muted))
            draw_in(painter, self.look, rect.translated(0.0, 1.5 * tick), _LEFT | _MIDDLE, column.about)

    def _draw_bar(self, painter: QPainter, column: Column, row: int, place: QRectF) -> None:
        """Draw a number as a length: shares on a track, signed numbers to both sides of a line."""
        assert column.bars is not None
        look, value = self.look, float(column.bars[row])
        most = 1.0 if column.is_share else max(column.least, float(np.abs(column.bars).max()))
        colour = QColor(look.run_colour(self._run)) if row == self._true else grey(look)
        painter.setPen(Qt.PenStyle.NoPen)
        if column.is_share:
            painter.fillRect(place, QColor(look.theme.line))
        share = value / most if isfinite(value) else 0.0
        if not column.is_signed:
            before = 0.0
            painter.fillRect(_part(place, before, before + share), colour)
            return
        half = QRectF(place.left(), place.top(), 0.86 * place.width(), place.height())
        middle = half.center().x()
        end = middle + 0.5 * half.width() * share
        painter.fillRect(QRectF(min(middle, end), half.top(), max(1.0, abs(end - middle)), half.height()), colour)
        painter.setPen(QPen(QColor(look.theme.ink), look.metrics.hair))
        extra = 0.25 * half.height()
        painter.drawLine(QPointF(middle, half.top() - extra), QPointF(middle, half.bottom() + extra))
        if column.title == "∂L/∂z" and abs(share) > _HARDLY:
            painter.setFont(font(look.metrics.tick, QFont.Weight.Bold))
            rect = QRectF(half.right(), place.top(), place.right() - half.right(), place.height())
            draw_in(painter, look, rect, Qt.AlignmentFlag.AlignRight | _MIDDLE, _ARROW[value > 0.0])

    def _draw_total(self, painter: QPainter, text: str, place: QRectF, rows: int) -> None:
        look, tick = self.look, self.look.metrics.tick
        y = self._head_px() + rows * self._row_px(rows) + 0.3 * tick
        painter.setPen(QPen(QColor(look.theme.ink), look.metrics.hair))
        painter.drawLine(QPointF(place.left(), y), QPointF(place.right(), y))
        painter.setFont(font(tick, QFont.Weight.DemiBold))
        draw_in(painter, look, QRectF(place.left(), y, place.width(), 2.0 * tick), _LEFT | _MIDDLE, text)

    # The mouse

    def cell(self, unit: int) -> QRectF:
        """Return where the z of a unit stands; empty where it is not shown."""
        shown = self._shown()
        left, high = 0.4 * self.look.metrics.tick, self._row_px(len(shown[0].texts))
        if unit not in self._rows:
            return QRectF()
        for column, wide in zip(shown, self._widths(shown), strict=True):
            if column.title == "z":
                return QRectF(left, self._head_px() + self._rows.index(unit) * high, wide, high)
            left += wide + self._gap
        return QRectF()

    def _unit_at(self, place: QPointF) -> int | None:
        if not self.columns:
            return None
        row = int((place.y() - self._head_px()) // self._row_px(len(self._rows)))
        return self._rows[row] if 0 <= row < len(self._rows) else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = event.position()
        unit = self._unit_at(place)
        if unit is not None and self.cell(unit).contains(place):
            self._held = unit, place.x(), float(self._z[unit])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = event.position()
        if self._held is None:
            unit = self._unit_at(place)
            is_over = unit is not None and self.cell(unit).contains(place)
            self.setCursor(Qt.CursorShape.SizeHorCursor if is_over else Qt.CursorShape.ArrowCursor)
            self.hovered.emit(unit)
            return
        unit, start, z = self._held
        self.dragged.emit(unit, round(z + (place.x() - start) / (_PX_EM * self.look.metrics.tick), 1))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = None

    def leaveEvent(self, event: object) -> None:
        self.hovered.emit(None)


def columns(found: OutputNumbers, names: Sequence[str], tr: Callable[[str], str]) -> list[Column]:
    """Return the columns of a table, from the units' names to dL/dz."""
    z = Column("z", tr("any number"), _texts(found.z), found.z, is_signed=True, least=1.0)
    y = Column(tr("target y"), "", _texts(found.y))
    parts = Column(
        "L", _LOSSES.get((found.loss_key, found.is_softmax), ""), _texts(found.terms), total=_total(found.loss)
    )
    moved = [
        f"+{text}" if value > 0.0 else text for value, text in zip(found.delta, _texts(found.delta), strict=True)
    ]
    about = GRADIENTS.get((found.loss_key, found.output), tr("minus: its z rises in the next step"))
    sum_of_delta = f"Σ = {signed(round(float(found.delta.sum()), 9) + 0.0)}" if found.is_softmax else ""
    delta = Column("∂L/∂z", about, moved, found.delta, True, total=sum_of_delta, least=1.0)
    return [Column(tr("unit"), "", names), z, *_outputs(found, tr), y, parts, delta]


def _outputs(found: OutputNumbers, tr: Callable[[str], str]) -> list[Column]:
    """Return the columns that lead from z to the outputs."""
    if not found.is_softmax:
        title = {"sigmoid": "a = σ(z)", "tanh": "a = tanh z", "linear": "a = z"}[found.output]
        is_share = found.output == "sigmoid"
        return [Column(title, "", _texts(found.a), found.a, not is_share, is_share, least=1.0)]
    texts = [exponential_text(float(z)) for z in found.z]
    total = f"Σ = {exponential_text(found.log_sum)}"
    powers = Column("exp z", tr("positive; e ≈ 2.7 times per 1 of z"), texts, found.exponentials, total=total)
    shares = Column(
        "a = exp z / Σ", tr("shares of the whole"), _texts(found.a), found.a, is_share=True, total="Σ = 1"
    )
    return [powers, shares]


OR_ELSE = "−ln a, or −ln(1 − a)"
_LOSSES = {
    ("cross_entropy", True): "−y ln a",
    ("cross_entropy", False): OR_ELSE,
    ("mse", True): "½ (a − y)²",
    ("mse", False): "½ (a − y)²",
    ("mae", True): "|a − y|",
    ("mae", False): "|a − y|",
}
GRADIENTS = {
    ("cross_entropy", "softmax"): "= a − y",
    ("cross_entropy", "sigmoid"): "= a − y",
    ("mse", "linear"): "= a − y",
    ("mse", "sigmoid"): "= (a − y) σ′(z)",
    ("mse", "tanh"): "= (a − y) (1 − a²)",
}


def _texts(values: Values) -> list[str]:
    return [signed(float(value)) for value in values]


def _total(loss: float) -> str:
    return f"L = {amount(loss)}"


def _part(place: QRectF, start: float, end: float) -> QRectF:
    return QRectF(
        place.left() + start * place.width(), place.top(), max(1.0, (end - start) * place.width()), place.height()
    )

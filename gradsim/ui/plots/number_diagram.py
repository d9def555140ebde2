"""A small network with every number of one sample's forward and backward pass, chosen, dragged and typed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradsim.sim.kinds.train.sample_passes import Spot
from gradsim.ui.exponents import draw_in, lowered_px, width_of
from gradsim.ui.panels.fields import LineField
from gradsim.ui.plots.devices import painting_on
from gradsim.ui.plots.number_drawing import NAMES_EM, ColumnWidths, NumberDrawing, Shown, bold
from gradsim.ui.plots.number_layout import NumberLayout, fitted
from gradsim.ui.theme import Look

_LARGEST, _SHRINK = 1.5, 0.92
"""The largest type of numbers, in heights of titles, and how it shrinks until all has room."""
_PX_EM = 8.0
"""By how many heights of type a number is dragged for 1 more."""
_DECIMALS = 2
"""Of numbers that are dragged."""
_MOVED_PX, _NEAR_EM = 4, 0.6
"""From how far on a press is a drag, and how near to a line a click takes it."""
_FOOT_EM, _ROW_EM = 8.0, 1.3
"""The height for which there is one line of text below the network, and that of such a line."""


class NumberDiagram(QWidget):
    """The diagram of one run.

    Parameters
    ----------
    look, run
        Colours and sizes; the run, whose colour have the numbers that come back.
    """

    hovered = Signal(object)
    """The :class:`Spot` under the pointer, or None."""
    chosen = Signal(object)
    """A weight, a bias or a unit was clicked."""
    dragged = Signal(object, float)
    """A number is to be another one."""
    typed = Signal(object, str)
    """A number is to be what was typed."""

    def __init__(self, look: Look, run: int) -> None:
        super().__init__()
        self.look, self._run = look, run
        self.shown: Shown | None = None
        self._kept: NumberLayout | None = None
        self._held: tuple[Spot, float, float] | None = None
        """The number that is held, where it was taken, and what it was."""
        self._is_dragged = False
        self._typed_at: Spot | None = None
        self.field = LineField()
        self.field.setParent(self)
        self.field.hide()
        self.field.editingFinished.connect(self._on_typed)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 100)

    def show_numbers(self, shown: Shown) -> None:
        """Show these."""
        self.shown, self._kept = shown, None
        self.update()

    def let_go(self) -> None:
        """End a drag: what it asked for is not allowed."""
        self._held = None

    def sizeHint(self) -> QSize:
        return QSize(600, 360)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._kept = None

    # Places

    def numbers_layout(self, shown: Shown) -> NumberLayout:
        """Return where all is."""
        if self._kept is None:
            top = NAMES_EM * self.look.metrics.tick
            high = max(1.0, self.height() - top - self._foot_px)
            room = QRectF(1.0, top, self.width() - 2.0, high)
            self._kept = fitted(room, shown.passes.sizes, self._types(), ColumnWidths(self.look, shown))
        return self._kept

    def _types(self) -> list[int]:
        m = self.look.metrics
        found = [round(_LARGEST * m.title)]
        while found[-1] > m.tick:
            found.append(max(m.tick, min(found[-1] - 1, round(_SHRINK * found[-1]))))
        return found

    @property
    def _lines(self) -> Sequence[Sequence[str]]:
        """What is told below the network, as far as it has room."""
        lines = self.shown.lines if self.shown else ()
        return lines[: int(self.height() / (_FOOT_EM * self.look.metrics.tick))]

    @property
    def _foot_px(self) -> float:
        return len(self._lines) * _ROW_EM * self.look.metrics.title + 0.3 * self.look.metrics.tick

    def place(self, spot: Spot) -> QRectF:
        """Return where a number or a unit stands; empty while nothing is shown."""
        spots = self.numbers_layout(self.shown).spots if self.shown else ()
        return next((rect for each, rect in spots if each == spot), QRectF())

    def spot_at(self, at: QPointF) -> Spot | None:
        """Return the number or unit at a place, else the weight whose line passes near it."""
        if self.shown is None:
            return None
        layout = self.numbers_layout(self.shown)
        for spot, rect in layout.spots:
            if self.shown.is_written(spot, layout) and rect.contains(at):
                return spot
        weights = [spot for spot, _ in layout.spots if spot.kind == "weight"]
        away, spot = min((_away(at, layout, spot), spot) for spot in weights)
        return spot if away <= _NEAR_EM * self.look.metrics.tick else None

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.shown is None:
            return
        with painting_on(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            NumberDrawing(painter, self.look, self._run, self.shown, self.numbers_layout(self.shown)).draw()
            self._paint_lines(painter)

    def _paint_lines(self, painter: QPainter) -> None:
        """Tell of what is chosen: of its gradient in the run's colour."""
        m, flags = self.look.metrics, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        high, top = _ROW_EM * m.title, self.height() - self._foot_px + 0.3 * m.tick
        for line, texts in enumerate(self._lines):
            text, size = self._fitting(texts)
            painter.setPen(QColor(self.look.theme.ink if line else self.look.text_colour(self._run)))
            painter.setFont(bold(size))
            above = top + line * high - lowered_px(self.look, painter.font(), text)  # all that is below is in use
            draw_in(painter, self.look, QRectF(0.0, above, self.width(), high), flags, text)

    def _fitting(self, texts: Sequence[str]) -> tuple[str, int]:
        """Return the fullest text that has room, in the largest type in which it has."""
        m = self.look.metrics
        for text, size in product(texts, (m.title, round(0.85 * m.title), m.tick)):
            if width_of(self.look, bold(size), text) <= self.width():
                return text, size
        return texts[-1], m.tick

    # The mouse

    def _number_at(self, at: QPointF) -> Spot | None:
        """Return the number at a place that can be dragged."""
        spot = self.spot_at(at)
        is_one = spot is not None and self.shown is not None and spot.kind in self.shown.editable
        return spot if spot is not None and is_one and self.place(spot).contains(at) else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        spot, number = self.spot_at(event.position()), self._number_at(event.position())
        self._is_dragged = False
        if number is not None and self.shown is not None:
            self._held = number, event.position().y(), self.shown.passes.value(number)
        if spot is not None and spot.kind not in ("x", "y"):
            self.chosen.emit(spot)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = event.position()
        if self._held is None:
            if not event.buttons():  # else what was refused of a drag stays to be read
                self._point_at(place)
            return
        spot, start, value = self._held
        self._is_dragged |= abs(place.y() - start) >= _MOVED_PX
        if self._is_dragged:
            up = (start - place.y()) / (_PX_EM * self.look.metrics.tick)
            self.dragged.emit(spot, round(value + up, _DECIMALS))

    def _point_at(self, place: QPointF) -> None:
        spot = self.spot_at(place)
        hand = Qt.CursorShape.PointingHandCursor if spot else Qt.CursorShape.ArrowCursor
        self.setCursor(Qt.CursorShape.SizeVerCursor if self._number_at(place) else hand)
        self.hovered.emit(spot)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = None

    def leaveEvent(self, event: object) -> None:
        self.hovered.emit(None)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        spot = self._number_at(event.position())
        if spot is None or self.shown is None:
            return
        rect, body = self.place(spot), self.look.metrics.body
        wide, high = max(round(rect.width()), 6 * body), 2 * body
        left = min(max(0, round(rect.center().x() - wide / 2)), self.width() - wide)
        self.field.setGeometry(QRect(left, round(rect.center().y() - high / 2), wide, high))
        self.field.setText(repr(self.shown.passes.value(spot)))
        self.field.selectAll()
        self._typed_at = spot
        self.field.show()
        self.field.setFocus()

    def _on_typed(self) -> None:
        spot, self._typed_at = self._typed_at, None
        self.field.hide()
        if spot is not None and self.shown is not None and self.field.text() != repr(self.shown.passes.value(spot)):
            self.typed.emit(spot, self.field.text())


def _away(at: QPointF, layout: NumberLayout, spot: Spot) -> float:
    """Return how far a place is from a weight's line."""
    start, stop = layout.line(spot.layer, spot.below, spot.unit)
    way, to = stop - start, at - start
    length = max(1e-9, way.x() ** 2 + way.y() ** 2)
    along = float(np.clip((to.x() * way.x() + to.y() * way.y()) / length, 0.0, 1.0))
    return float(np.hypot(to.x() - along * way.x(), to.y() - along * way.y()))

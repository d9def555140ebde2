"""A button for each layer, with a number and a bar as long; a hundred of them are bars beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradsim.ui.exponents import draw_in, width_of
from gradsim.ui.plots.devices import painting_on
from gradsim.ui.theme import Look, font, mixed

_CENTRE = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft
_ROUND = (1, 2, 5, 10, 20, 50, 100)
_TITLE, _CELLS, _NUMBERS = 1.5, 1.9, 1.4
"""Heights of the title, of the buttons and of the layers' numbers below, in those of the type."""


class LayerButtons(QWidget):
    """Buttons in a row; a click, or a drag across them, chooses a layer.

    Parameters
    ----------
    look
        Colours and sizes.
    run
        The run, whose colour the numbers have.
    title
        What the numbers are; a projector leaves it out.
    """

    layer_chosen = Signal(int)
    """A layer, from 0, is to be shown."""

    def __init__(self, look: Look, run: int, title: str) -> None:
        super().__init__()
        self.look, self.run = look, run
        self._title = "" if look.theme.name == "projector" else title
        self._values: Sequence[float] = ()
        self._chosen, self._top = 0, 1.0
        self._ground = mixed(look.theme.line, look.theme.card, 0.5)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.setMinimumHeight(1)  # whoever shows it hides it where it has no room

    def show_values(self, values: Sequence[float], chosen: int, top: float) -> None:
        """Show these numbers of layers, one of which is chosen; bars are full at `top`."""
        self._values, self._chosen, self._top = values, min(chosen, len(values) - 1), top
        self.setVisible(len(values) > 1)
        self.update()

    def sizeHint(self) -> QSize:
        ems = _CELLS + _NUMBERS + (_TITLE if self._title else 0.0)
        return QSize(120, round(ems * self.look.metrics.tick))

    def cell(self, layer: int) -> QRectF:
        """Return where the button of a layer is."""
        tick = self.look.metrics.tick
        width = self.width() / len(self._values)
        gap = min(0.3 * tick, 0.25 * width)
        top = _TITLE * tick if self._title else 0.0
        return QRectF(layer * width + gap / 2, top + 1, width - gap, _CELLS * tick - 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._values:
            return
        with painting_on(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            tick, look = self.look.metrics.tick, self.look
            painter.setFont(font(tick))
            painter.setPen(QColor(look.theme.muted))
            numbers = font(tick, QFont.Weight.DemiBold)
            is_roomy = width_of(look, numbers, "0.88") + 4 <= self.cell(0).width()
            self._draw_title(painter, is_roomy)
            for layer, value in enumerate(self._values):
                self._draw_cell(painter, self.cell(layer), value, layer == self._chosen, is_roomy)
            self._draw_numbers(painter)

    def _draw_title(self, painter: QPainter, is_roomy: bool) -> None:
        """Say what the numbers are, and that of the layer chosen where the buttons have no room for theirs."""
        if not self._title:
            return
        what, n, value = self._title, self._chosen + 1, f"{self._values[self._chosen]:.2f}"
        texts = [what] if is_roomy else []
        texts += [self.look.tr("{what}; layer {n}: {value}").format(what=what, n=n, value=value)]
        texts += [self.look.tr("layer {n}: {value}").format(n=n, value=value)]
        plain = painter.font()
        text = next((each for each in texts if width_of(self.look, plain, each) <= self.width()), texts[-1])
        draw_in(painter, self.look, QRectF(0, 0, self.width(), 1.4 * self.look.metrics.tick), _LEFT, text)

    def _draw_cell(self, painter: QPainter, cell: QRectF, value: float, chosen: bool, is_roomy: bool) -> None:
        look, tick = self.look, self.look.metrics.tick
        colour, share = QColor(look.run_colour(self.run)), min(1.0, value / self._top)
        edge = QPen(
            QColor(look.theme.ink if chosen else look.theme.line), (2.0 if chosen else 1.0) * look.metrics.hair
        )
        if not is_roomy:  # the whole button is a bar
            painter.fillRect(cell, self._ground)
            height = share * cell.height()
            painter.fillRect(QRectF(cell.left(), cell.bottom() - height, cell.width(), height), colour)
            if chosen:
                painter.setPen(edge)
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(cell.adjusted(-1, -1, 1, 1))
            return
        painter.setPen(edge)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(cell, 0.3 * tick, 0.3 * tick)
        length = (cell.width() - 0.6 * tick) * share
        painter.fillRect(QRectF(cell.left() + 0.3 * tick, cell.bottom() - 0.4 * tick, length, 0.2 * tick), colour)
        painter.setPen(QColor(look.text_colour(self.run)))
        painter.setFont(font(tick, QFont.Weight.DemiBold if chosen else QFont.Weight.Normal))
        draw_in(painter, look, cell.adjusted(0, 0, 0, -0.3 * tick), _CENTRE, f"{value:.2f}")

    def _draw_numbers(self, painter: QPainter) -> None:
        """Number the layers below, as many as there is room for, and the chosen one always."""
        tick, look = self.look.metrics.tick, self.look
        count = len(self._values)
        painter.setFont(font(tick))
        width = width_of(look, painter.font(), str(count)) + 0.5 * tick
        step = self.width() / count
        every = next((n for n in _ROUND if n * step >= width), count)
        lefts = [max(0.0, min(self.cell(n).center().x() - width / 2, self.width() - width)) for n in range(count)]
        shown: list[int] = []
        for layer in (self._chosen, *range(every - 1, count, every), 0):
            if all(abs(lefts[layer] - lefts[other]) >= width for other in shown):
                shown.append(layer)
        for layer in shown:
            rect = QRectF(lefts[layer], self.cell(layer).bottom() + 1, width, 1.3 * tick)
            painter.setPen(QColor(look.theme.ink if layer == self._chosen else look.theme.muted))
            draw_in(painter, look, rect, _CENTRE, str(layer + 1))

    # The mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._choose(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._choose(event.position())

    def _choose(self, place: QPointF) -> None:
        count = len(self._values)
        layer = floor(place.x() / max(1, self.width()) * count)
        if 0 <= layer < count and layer != self._chosen:
            self.layer_chosen.emit(layer)

"""How the numbers of a small network are drawn: values on units, weights on lines, what comes back in colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen

from gradsim.sim.kinds.train.sample_passes import Kind, SamplePasses, Spot
from gradsim.sim.run.tape import Values
from gradsim.ui.exponents import draw_in, full_size, width_of
from gradsim.ui.plots.interrupted import interrupted
from gradsim.ui.plots.number_layout import PAD_EM, NumberLayout, Widths, Writer
from gradsim.ui.plots.stairs import grey
from gradsim.ui.theme import Look, font, mixed

_LEFT, _RIGHT, _CENTRE = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignHCenter
_MIDDLE = Qt.AlignmentFlag.AlignVCenter
_THIN, _THICKER, _CHOSEN = 1.2, 3.0, 2.0
"""Widths of lines, in those of fine lines: the least, what the largest gradient adds, and what being chosen adds."""


_MEASURED_PX, _SHORTER = 100, 2
"""The size of type in which numbers are measured; those with so many characters fewer may be as wide as others."""


@dataclass(frozen=True)
class Shown:
    """What is shown of a network.

    Attributes
    ----------
    passes
        Its numbers.
    after
        The same network after the next update, where that is known.
    stage
        How much is shown: 0 inputs and weights, then layer by layer forward, then backward, then the update.
    names
        Of the columns: inputs, layers, targets.
    chosen
        The weight, bias or unit that is told of.
    lines
        What is told of it, each line in full first and then ever shorter.
    editable
        The kinds of numbers that can be dragged and typed.
    """

    passes: SamplePasses
    after: SamplePasses | None
    stage: int
    names: Sequence[str]
    chosen: Spot
    lines: Sequence[Sequence[str]] = ()
    editable: frozenset[Kind] = frozenset()

    @property
    def depth(self) -> int:
        """How many layers have weights."""
        return len(self.passes.layers)

    def is_forward(self, layer: int) -> bool:
        """Whether z and a of a layer are shown."""
        return self.stage > layer

    def is_backward(self, layer: int) -> bool:
        """Whether delta of a layer is shown."""
        return self.stage >= 2 * self.depth - layer

    @property
    def is_updated(self) -> bool:
        """Whether weights are those after the update."""
        return self.after is not None and self.stage > 2 * self.depth

    def value(self, spot: Spot) -> float:
        """Return the weight or the bias that stands at a spot."""
        return (self.after if self.after is not None and self.is_updated else self.passes).value(spot)

    def is_told(self, spot: Spot) -> bool:
        """Whether a number is what is chosen, or belongs to the unit that is."""
        at_unit = self.chosen.kind == "unit" and spot.kind in ("weight", "bias") and spot[1:3] == self.chosen[1:3]
        return spot == self.chosen or at_unit

    def is_written(self, spot: Spot, is_full: bool) -> bool:
        """Whether a number is written: all where there is room for all, else inputs, targets and what is told of."""
        return is_full or spot.kind in ("x", "y", "unit") or self.is_told(spot)


def bold(size_px: int) -> QFont:
    """Return the type of numbers."""
    return font(size_px, QFont.Weight.DemiBold)


class ColumnWidths:
    """How wide the columns are in any size of type: as wide as their numbers at all stages.

    They are measured in one size.
    """

    def __init__(self, look: Look, shown: Shown) -> None:
        self._look, self._shown = look, shown
        self._metrics = QFontMetrics(bold(_MEASURED_PX))
        self._known: dict[tuple[bool, Writer], list[float]] = {}

    def __call__(self, type_px: int, is_full: bool, write: Writer) -> Widths:
        if (is_full, write) not in self._known:
            self._known[is_full, write] = [self._widest(each, write) for each in self._columns(is_full)]
        x, unit, weight, target = (1.0 + each * type_px / _MEASURED_PX for each in self._known[is_full, write])
        pad, symbol = 2.0 * PAD_EM * type_px, symbol_px(self._look, type_px)
        return Widths(x + 2.0 * pad, unit + symbol, weight + pad, target + symbol)

    def _columns(self, is_full: bool) -> list[list[Values]]:
        """Return the numbers of inputs, units, weights and targets."""
        shown, output = self._shown, self._shown.passes.output
        networks = [shown.passes] if shown.after is None else [shown.passes, shown.after]
        layers = [layer for each in networks for layer in each.layers]
        units = [values for layer in layers for values in (layer.z, layer.a, layer.delta, layer.b)]
        targets = [output.y, output.terms] if is_full else [output.y]
        return [[shown.passes.x], units, [layer.w.ravel() for layer in layers], targets]

    def _widest(self, values: Sequence[Values], write: Writer) -> float:
        texts = {full_size(self._look, write(number)) for number in np.concatenate(values).tolist()}
        most = max(map(len, texts))
        return float(max(self._metrics.horizontalAdvance(text) for text in texts if len(text) >= most - _SHORTER))


def symbol_px(look: Look, type_px: int) -> float:
    """Return how wide a symbol before a number is, with what is free between them."""
    return max(width_of(look, font(type_px), text) for text in "zaδyLb") + 0.4 * type_px


class NumberDrawing:
    """Draws one network.

    Parameters
    ----------
    painter, look, run
        What is drawn with; the run, whose colour have the numbers that come back.
    shown, layout
        What is drawn, and where.
    """

    def __init__(self, painter: QPainter, look: Look, run: int, shown: Shown, layout: NumberLayout) -> None:
        self._painter, self._look, self._run = painter, look, run
        self._shown, self._layout = shown, layout

    def draw(self) -> None:
        """Draw all, what lies on top last."""
        self._draw_names()
        self._draw_lines()
        self._draw_inputs()
        for layer in range(self._shown.depth):
            for unit in range(self._layout.sizes[layer + 1]):
                self._draw_unit(layer, unit)
        self._draw_targets()
        self._draw_weights()

    @property
    def _back(self) -> QColor:
        return QColor(self._look.text_colour(self._run))

    def _draw_names(self) -> None:
        tick, layout, painter = self._look.metrics.tick, self._layout, self._painter
        painter.setFont(font(tick))
        painter.setPen(QColor(self._look.theme.muted))
        end = float(-tick)
        for column, name in enumerate(self._shown.names):
            left, right = layout.column(column)
            wide = width_of(self._look, painter.font(), name)
            start = min(max((left + right - wide) / 2, 0.0), layout.room.right() - wide)
            if start >= end + 0.5 * tick:  # else the one before says enough
                draw_in(painter, self._look, QRectF(start, 0.0, wide, 1.5 * tick), _LEFT | _MIDDLE, name)
                end = start + wide

    def _draw_lines(self) -> None:
        """Draw weights as lines: grey, and once their gradient is known in the run's colour and as thick as it is."""
        gradients = [np.abs(layer.dw) for layer in self._shown.passes.layers]
        most = max(float(each.max()) for each in gradients) or 1.0
        theme, hair = self._look.theme, self._look.metrics.hair
        colour = QColor(self._look.run_colour(self._run))
        faint = mixed(self._look.run_colour(self._run), theme.card, 0.45)
        spots = [spot for spot, _ in self._layout.spots if spot.kind == "weight"]
        spots.sort(key=self._shown.is_told)
        lines = [self._layout.line(spot.layer, spot.below, spot.unit) for spot in spots]
        pieces = interrupted(lines, [self._ground(*each) for each in self._written()])
        for spot, left in zip(spots, pieces, strict=True):
            is_known, is_told = self._shown.is_backward(spot.layer), self._shown.is_told(spot)
            share = float(gradients[spot.layer][spot.below, spot.unit]) / most if is_known else 0.0
            thick = _THIN + _THICKER * share + _CHOSEN * is_told
            known = colour if is_told else faint
            self._painter.setPen(QPen(known if is_known else grey(self._look), hair * thick))
            for piece in left:
                self._painter.drawLine(*piece)

    def _draw_inputs(self) -> None:
        layout = self._layout
        flags = (_CENTRE if layout.is_full else _RIGHT) | _MIDDLE
        for unit, value in enumerate(self._shown.passes.x.tolist()):
            box = layout.box(0, unit)
            self._frame(box, False, 0.5 * box.height())
            self._write(layout.input_text(unit), flags, Spot("x", 0, unit), value)

    def _draw_unit(self, layer: int, unit: int) -> None:
        shown, layout = self._shown, self._layout
        box, spot = layout.box(layer + 1, unit), Spot("unit", layer, unit)
        self._frame(box, shown.chosen == spot, 0.4 * layout.type_px if layout.is_full else 0.5 * box.height())
        if not layout.is_full:
            return
        numbers = shown.passes.layers[layer]
        forward, backward = shown.is_forward(layer), shown.is_backward(layer)
        rows = (("z", numbers.z, forward), ("a", numbers.a, forward), ("δ", numbers.delta, backward))
        for symbol, values, is_known in rows:
            place, is_back = layout.cell(layer, unit, symbol), symbol == "δ"
            self._write_symbol(place, symbol, is_back)
            if is_known:
                self._write(place, _RIGHT | _MIDDLE, spot, float(values[unit]), is_back)

    def _frame(self, rect: QRectF, is_chosen: bool, round_px: float) -> None:
        hair = self._look.metrics.hair
        colour = QColor(self._look.run_colour(self._run)) if is_chosen else grey(self._look)
        self._painter.setPen(QPen(colour, (_THIN + _CHOSEN * is_chosen) * hair))
        self._painter.setBrush(QColor(self._look.theme.card))
        self._painter.drawRoundedRect(rect, round_px, round_px)

    def _draw_targets(self) -> None:
        shown, layout = self._shown, self._layout
        output, em = shown.passes.output, layout.type_px
        for unit, value in enumerate(output.y.tolist()):
            place, box = layout.target(unit), layout.box(shown.depth, unit)
            self._painter.setPen(QPen(grey(self._look), _THIN * self._look.metrics.hair, Qt.PenStyle.DotLine))
            middle = box.center().y()
            self._painter.drawLine(QPointF(box.right(), middle), QPointF(place.left() - 0.4 * em, middle))
            rows = [("y", value, Spot("y", 0, unit))]
            if layout.is_full and shown.is_forward(shown.depth - 1):
                rows.append(("L", float(output.terms[unit]), Spot("unit", shown.depth - 1, unit)))
            for row, (symbol, number, spot) in enumerate(rows):
                line = layout.target(unit, row)
                self._write_symbol(line, symbol)
                self._write(line, _RIGHT | _MIDDLE, spot, number)

    def _written(self) -> list[tuple[Spot, QRectF]]:
        """Return the weights and biases that are written, with their places, what is told of last."""
        spots = [each for each in self._layout.spots if each[0].kind in ("weight", "bias")]
        written = [each for each in spots if self._shown.is_written(each[0], self._layout.is_full)]
        return sorted(written, key=lambda each: self._shown.is_told(each[0]))

    def _draw_weights(self) -> None:
        """Write weights and biases, with a frame around what is chosen."""
        shown, em = self._shown, self._layout.type_px
        for spot, rect in self._written():
            if spot == shown.chosen:
                self._painter.setPen(QPen(QColor(self._look.run_colour(self._run)), 2.0 * self._look.metrics.hair))
                self._painter.setBrush(QColor(self._look.theme.card))
                self._painter.drawRoundedRect(self._ground(spot, rect), 0.25 * em, 0.25 * em)
            is_bias = spot.kind == "bias"
            if is_bias:
                self._write_symbol(rect, "b")
            self._write(rect, (_RIGHT if is_bias else _CENTRE) | _MIDDLE, spot, shown.value(spot), shown.is_updated)

    def _ground(self, spot: Spot, rect: QRectF) -> QRectF:
        """Return the room that a weight or a bias takes."""
        em, text = self._layout.type_px, self._layout.write(self._shown.value(spot))
        wide = rect.width() if spot.kind == "bias" else width_of(self._look, bold(em), text)
        return QRectF(rect.center().x() - wide / 2 - 0.25 * em, rect.top(), wide + 0.5 * em, rect.height())

    def _write_symbol(self, place: QRectF, symbol: str, is_back: bool = False) -> None:
        self._painter.setFont(font(self._layout.type_px))
        self._painter.setPen(self._back if is_back else QColor(self._look.theme.muted))
        draw_in(self._painter, self._look, place, _LEFT | _MIDDLE, symbol)

    def _write(self, rect: QRectF, flags: Qt.AlignmentFlag, spot: Spot, value: float, is_back: bool = False) -> None:
        """Write a number, underlined where it can be dragged."""
        text, painter = self._layout.write(value), self._painter
        painter.setFont(bold(self._layout.type_px))
        painter.setPen(self._back if is_back else QColor(self._look.theme.ink))
        draw_in(painter, self._look, rect, flags, text)
        if spot.kind not in self._shown.editable:
            return
        wide = width_of(self._look, painter.font(), text)
        left = rect.right() - wide if flags & _RIGHT else rect.center().x() - wide / 2
        pen = QPen(QColor(self._look.theme.accent), 1.6 * self._look.metrics.hair)
        pen.setDashPattern([2.0, 1.5])
        painter.setPen(pen)
        y = rect.center().y() + 0.55 * self._layout.type_px
        painter.drawLine(QPointF(left, y), QPointF(left + wide, y))

"""Where the units and weights of a small network stand, so that their numbers have room; or where they have none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF

from gradsim.sim.kinds.train.sample_passes import Spot
from gradsim.sim.run.tape import Values
from gradsim.words.numbers import exact, signed

Writer = Callable[[float], str]

ROW_EM, PAD_EM = 1.3, 0.35
"""Heights of a row of numbers, and of what is left free around them, in heights of the type."""
_APART_EM = 0.5
"""How far units are apart at least."""
IN_A_COLUMN, IN_A_SQUARE = ("b", "z", "a", "δ"), ("z", "a", "b", "δ")
"""The numbers of a unit, from above, or in two columns row by row."""
_LABEL_EM = 1.25
"""How far weights that stand above each other are apart at least."""
_PLACES = np.linspace(0.1, 0.7, 25)
"""Where along the lines of a gap their weights may stand."""


class Widths(NamedTuple):
    """How wide the widest input, number of a unit, weight and target is, in pixels."""

    x: float
    unit: float
    weight: float
    target: float


_NONE = Widths(0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class NumberLayout:
    """The places of one network in a room.

    Attributes
    ----------
    room
        Where it is.
    sizes
        Layer sizes from inputs to outputs.
    type_px
        The size of the type.
    is_full
        Whether all numbers have room; else units are dots.
    widths
        Of what stands in it.
    columns
        In how many columns the four numbers of a unit stand.
    write
        Returns a number as text, with as many digits as have room.
    """

    room: QRectF
    sizes: tuple[int, ...]
    type_px: int
    is_full: bool
    widths: Widths
    columns: int = 1
    write: Writer = exact

    @cached_property
    def unit_px(self) -> tuple[float, float]:
        """Width and height of a unit."""
        if self.is_full:
            between, rows = (self.columns - 1) * self.type_px, 4 // self.columns
            wide = self.columns * self.widths.unit + between + 2.0 * PAD_EM * self.type_px
            return wide, (rows * ROW_EM + 2.0 * PAD_EM) * self.type_px
        side = min(1.7 * self.type_px, 0.62 * self.room.height() / max(self.sizes))
        return side, side

    @property
    def _input_px(self) -> float:
        return self.widths.x if self.is_full else self.unit_px[0]

    @cached_property
    def gap_px(self) -> float:
        """How much is free between the columns of two layers."""
        layers = len(self.sizes) - 1
        outside = self._input_px + self._left_px + self._right_px
        return (self.room.width() - outside - layers * self.unit_px[0]) / layers

    @property
    def _left_px(self) -> float:
        """What is left of the inputs: their values, where they are dots."""
        return 0.0 if self.is_full else self.widths.x + 0.5 * self.type_px

    @property
    def _right_px(self) -> float:
        return self.widths.target + 1.6 * self.type_px

    def _y(self, layer: int, unit: int) -> float:
        """Return the middle of a unit; layer 0 are the inputs."""
        return self.room.top() + (unit + 0.5) * self.room.height() / self.sizes[layer]

    def column(self, layer: int) -> tuple[float, float]:
        """Return left and right end of a column of units; layer 0 are the inputs, the last one is that of targets."""
        left = self.room.left() + self._left_px
        if layer == 0:
            return left, left + self._input_px
        if layer == len(self.sizes):
            return self.room.right() - self.widths.target, self.room.right()
        left += self._input_px + layer * self.gap_px + (layer - 1) * self.unit_px[0]
        return left, left + self.unit_px[0]

    def box(self, layer: int, unit: int) -> QRectF:
        """Return the frame of a unit; layer 0 are the inputs."""
        left, right = self.column(layer)
        is_value = layer == 0 and self.is_full
        high = (ROW_EM + 2.0 * PAD_EM) * self.type_px if is_value else self.unit_px[1]
        return QRectF(left, self._y(layer, unit) - high / 2, right - left, high)

    def input_text(self, unit: int) -> QRectF:
        """Return where the value of an input stands."""
        box = self.box(0, unit)
        if self.is_full:
            return box
        wide = self.widths.x
        return QRectF(box.left() - wide - 0.5 * self.type_px, box.center().y() - self.type_px, wide, 2 * self.type_px)

    def target(self, unit: int, row: int | None = None) -> QRectF:
        """Return where a target and, in a second row, what its unit adds to the loss stand; or one row alone."""
        left, right = self.column(len(self.sizes))
        rows, high = 2 if self.is_full else 1, ROW_EM * self.type_px
        top = self._y(len(self.sizes) - 1, unit) - rows * high / 2
        if row is None:
            return QRectF(left, top, right - left, rows * high)
        return QRectF(left, top + row * high, right - left, high)

    def cell(self, layer: int, unit: int, symbol: str) -> QRectF:
        """Return where a number of a unit of a layer stands, 0 being the first with weights."""
        box, em = self.box(layer + 1, unit), self.type_px
        if not self.is_full:
            return QRectF(box.center().x() - self.widths.unit / 2, box.bottom(), self.widths.unit, ROW_EM * em)
        order = IN_A_COLUMN if self.columns == 1 else IN_A_SQUARE
        row, column = divmod(order.index(symbol), self.columns)
        left = box.left() + PAD_EM * em + column * (self.widths.unit + em)
        return QRectF(left, box.top() + (PAD_EM + row * ROW_EM) * em, self.widths.unit, ROW_EM * em)

    def line(self, layer: int, below: int, unit: int) -> tuple[QPointF, QPointF]:
        """Return the ends of a weight's line."""
        start, stop = self.box(layer, below), self.box(layer + 1, unit)
        return QPointF(start.right(), start.center().y()), QPointF(stop.left(), stop.center().y())

    def weight(self, layer: int, below: int, unit: int) -> QRectF:
        """Return where a weight stands on its line."""
        (start, stop), at = self.line(layer, below, unit), self._along[layer][0]
        middle, wide, high = start + (stop - start) * at, self.widths.weight, _LABEL_EM * self.type_px
        return QRectF(middle.x() - wide / 2, middle.y() - high / 2, wide, high)

    @cached_property
    def _along(self) -> list[tuple[float, float]]:
        """Where along the lines of each gap weights stand, and how far they are apart there."""
        return [self._best(layer) for layer in range(len(self.sizes) - 1)]

    def _best(self, layer: int) -> tuple[float, float]:
        """Return where along the lines of a gap those above each other are furthest apart, and how far."""
        margin = min(0.5, (0.5 * self.widths.weight + 0.4 * self.type_px) / max(1.0, self.gap_px))
        allowed = _PLACES[np.abs(_PLACES - 0.5) <= 0.5 - margin]
        if not len(allowed):
            return 0.5, 0.0
        start = np.array([self._y(layer, below) for below in range(self.sizes[layer])])
        stop = np.array([self._y(layer + 1, unit) for unit in range(self.sizes[layer + 1])])
        apart = [_least_apart(start[:, None] * (1.0 - at) + stop * at) for at in allowed]
        best = int(np.argmax(apart))
        return float(allowed[best]), apart[best]

    @property
    def is_high_enough(self) -> bool:
        """Whether units have room below each other, however wide their numbers are."""
        inputs = (ROW_EM + 2.0 * PAD_EM) * self.type_px
        columns = (self.unit_px[1], max(self.sizes[1:])), (inputs, self.sizes[0])
        return all(high + _APART_EM * self.type_px <= self.room.height() / units for high, units in columns)

    @property
    def has_room(self) -> bool:
        """Whether no number touches another."""
        is_wide_enough = self.gap_px >= self.widths.weight + self.type_px
        return is_wide_enough and all(apart >= _LABEL_EM * self.type_px for _, apart in self._along)

    @cached_property
    def spots(self) -> tuple[tuple[Spot, QRectF], ...]:
        """Every number and unit with its place, those first that lie on top."""
        return tuple(self._spots())

    def _spots(self) -> Iterator[tuple[Spot, QRectF]]:
        """Yield every number and unit with its place, those first that lie on top."""
        layers = range(len(self.sizes) - 1)
        yield from ((Spot("x", 0, unit), self.input_text(unit)) for unit in range(self.sizes[0]))
        yield from ((Spot("y", 0, unit), self.target(unit, 0)) for unit in range(self.sizes[-1]))
        for layer in layers:
            for unit in range(self.sizes[layer + 1]):
                yield Spot("bias", layer, unit), self.cell(layer, unit, "b")
                yield Spot("unit", layer, unit), self.box(layer + 1, unit)
                for below in range(self.sizes[layer]):
                    yield Spot("weight", layer, unit, below), self.weight(layer, below, unit)


def _least_apart(heights: Values) -> float:
    return float(np.diff(np.sort(heights.ravel())).min(initial=np.inf))


def fitted(
    room: QRectF, sizes: tuple[int, ...], types: Sequence[int], widths: Callable[[int, bool, Writer], Widths]
) -> NumberLayout:
    """Return the layout in the largest of these sizes of type in which all has room; else, in the least, with dots.

    `widths` returns how wide the columns are in a size of type, with all numbers or without, as they are written:
    with four digits where these have room in any type, else with three.
    """
    for write, type_px, columns in product((exact, signed), types, (1, 2)):
        layout = NumberLayout(room, sizes, type_px, True, _NONE, columns, write)
        if layout.is_high_enough:  # first, for widths take longer to find
            layout = replace(layout, widths=widths(type_px, True, write))
            if layout.has_room:
                return layout
    return NumberLayout(room, sizes, types[-1], False, widths(types[-1], False, exact))

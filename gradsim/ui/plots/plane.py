"""A window of the plane on a widget: places in pixels and back, one scale on both axes, and axes around it."""

from __future__ import annotations

from collections.abc import Hashable
from math import ceil

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen

from gradsim.engine.surfaces import Bounds
from gradsim.engine.types import Array
from gradsim.ui.plots.plot import round_step, tick_text
from gradsim.ui.theme import Look, font
from gradsim.words.numbers import figure

BEYOND = 1e4
"""Pixels beyond which nothing is followed."""

_APART = (4.3, 2.9)
"""How far ticks are apart at least, along x and y, in sizes of their text; in a small plane a third more."""

_LEGIBLE = 4.0
"""The least height of what is wanted, in sizes of the text: where one scale leaves less, the plane is stretched."""


class Plane:
    """Where a window lies on a widget.

    Parameters
    ----------
    look
        Colours and sizes.
    wanted
        What is to be shown at least: x0, x1, y0, y1.
    size
        Of the widget.
    small
        Whether the widget is one of several, with fewer ticks.
    stretch
        How many times as long a unit of y is as one of x.
    exact
        Whether just what is wanted is shown, in a part of the widget; else as much more as there is room for.
    names
        Those of the axes.

    Attributes
    ----------
    window
        What is shown.
    rect
        The pixels of the window, inside the axes.
    """

    def __init__(
        self,
        look: Look,
        wanted: Bounds,
        size: QSize,
        small: bool = False,
        stretch: float = 1.0,
        exact: bool = False,
        names: tuple[str, str] = ("x", "y"),
    ) -> None:
        self.wanted, self.size, self.stretch = wanted, size, stretch
        self._names = names
        self._look, self._crowd = look, 4 / 3 if small else 1.0
        tick = look.metrics.tick
        self.window, self.rect = wanted, self._room(2.5 * tick)
        for _ in range(2):  # how wide the axis is depends on the window, and that on the axis
            self.window = self._fitted(exact)
            self._y_ticks = self._ticks(*self.window[2:], self.rect.height(), _APART[1])
            widest = max(QFontMetrics(font(tick)).horizontalAdvance(text) for _, text in self._y_ticks)
            if widest > size.width() / 2:  # they would take more room than they leave
                self._y_ticks, widest = [(at, "") for at, _ in self._y_ticks], 0
            self.rect = self._room(widest + 0.75 * tick)
        self.window = self._fitted(exact)
        if exact:
            self.rect = self._shrunk()
        self._x_ticks = self._told_apart(self._ticks(*self.window[:2], self.rect.width(), _APART[0]))

    def _room(self, left: float) -> QRectF:
        tick = self._look.metrics.tick
        width, height = self.size.width() - left - 0.8 * tick, self.size.height() - 2.1 * tick
        return QRectF(left, 0.45 * tick, max(1.0, width), max(1.0, height))

    def _per_px(self) -> tuple[float, float]:
        """Return how many units are a pixel along x and along y."""
        x0, x1, y0, y1 = self.wanted
        per_px = max((x1 - x0) / self.rect.width(), (y1 - y0) * self.stretch / self.rect.height())
        return per_px, per_px / self.stretch

    def _fitted(self, exact: bool) -> Bounds:
        """Return what is wanted, with as much more on both sides as fits."""
        if exact:
            return self.wanted
        (x0, x1, y0, y1), (across, up) = self.wanted, self._per_px()
        more_x = (across * self.rect.width() - (x1 - x0)) / 2.0
        more_y = (up * self.rect.height() - (y1 - y0)) / 2.0
        return x0 - more_x, x1 + more_x, y0 - more_y, y1 + more_y

    def _shrunk(self) -> QRectF:
        """Return the part of the room that the window takes at one scale, in its middle from left to right."""
        (x0, x1, y0, y1), (across, up) = self.wanted, self._per_px()
        width, height = (x1 - x0) / across, (y1 - y0) / up
        return QRectF(self.rect.left() + (self.rect.width() - width) / 2.0, self.rect.top(), width, height)

    def _ticks(self, low: float, high: float, length: float, apart: float) -> list[tuple[float, str]]:
        """Return round values from `low` to `high`, at least two, and their texts."""
        count, first, last, spacing = max(1.0, length / (apart * self._crowd * self._look.metrics.tick)), 0, 0, 1.0
        while last - first < 1:
            spacing = round_step((high - low) / count)
            first, last = int(np.ceil(low / spacing - 1e-9)), int(np.floor(high / spacing + 1e-9))
            count += 1.0
        return [(i * spacing, tick_text(i * spacing, spacing)) for i in range(first, last + 1)]

    def _told_apart(self, ticks: list[tuple[float, str]]) -> list[tuple[float, str]]:
        """Return ticks along x without those texts that would run into others."""
        metrics, (x0, x1) = QFontMetrics(font(self._look.metrics.tick)), self.window[:2]
        widest = max(metrics.horizontalAdvance(text) for _, text in ticks) + 0.4 * self._look.metrics.tick
        apart = (ticks[1][0] - ticks[0][0]) / (x1 - x0) * self.rect.width()
        every = max(1, ceil(widest / apart))
        return [(at, "" if i % every else text) for i, (at, text) in enumerate(ticks)]

    def to_px(self, places: Array) -> Array:
        """Return places (n, 2) in pixels, those far outside not quite so far."""
        x0, x1, y0, y1 = self.window
        px = np.empty_like(places)
        with np.errstate(over="ignore"):
            px[:, 0] = self.rect.left() + (places[:, 0] - x0) / (x1 - x0) * self.rect.width()
            px[:, 1] = self.rect.bottom() - (places[:, 1] - y0) / (y1 - y0) * self.rect.height()
        return np.asarray(np.clip(px, -BEYOND, BEYOND))

    @property
    def key(self) -> Hashable:
        """What a picture in it depends on."""
        return self.window, self.size

    def seen(self, places: Array) -> npt.NDArray[np.bool_]:
        """Tell which places (n, 2) nothing hides: all."""
        return np.ones(len(places), bool)

    def point_px(self, x: float, y: float) -> QPointF:
        """Return where a place lies in pixels."""
        # As to_px has it; for a single place NumPy takes ten times as long.
        x0, x1, y0, y1 = self.window
        px = self.rect.left() + (x - x0) / (x1 - x0) * self.rect.width()
        py = self.rect.bottom() - (y - y0) / (y1 - y0) * self.rect.height()
        return QPointF(min(max(px, -BEYOND), BEYOND), min(max(py, -BEYOND), BEYOND))

    def place(self, at: QPointF) -> QPointF:
        """Return the place of a pixel."""
        x0, x1, y0, y1 = self.window
        across, up = (
            (at.x() - self.rect.left()) / self.rect.width(),
            (self.rect.bottom() - at.y()) / self.rect.height(),
        )
        return QPointF(x0 + across * (x1 - x0), y0 + up * (y1 - y0))

    def draw_axes(self, painter: QPainter) -> None:
        """Draw a frame, ticks with their texts, and the names of the axes at their ends."""
        tick, rect = self._look.metrics.tick, self.rect
        painter.setFont(font(tick))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(self._look.theme.muted), max(1.0, 0.4 * self._look.metrics.line)))
        painter.drawRect(rect)
        metrics = QFontMetrics(font(tick))
        end = rect.right() + 0.65 * tick - metrics.horizontalAdvance(self._names[0])
        painter.drawText(QPointF(end, rect.bottom() + 1.35 * tick), self._names[0])
        start = rect.left() - 0.5 * tick - metrics.horizontalAdvance(self._names[1])
        painter.drawText(QPointF(start, rect.top() + 0.6 * tick), self._names[1])
        for value, text in self._x_ticks:
            width, at = metrics.horizontalAdvance(text), self.point_px(value, self.window[2]).x()
            painter.drawLine(QLineF(at, rect.bottom(), at, rect.bottom() + 0.25 * tick))
            if at + width / 2 < end - 0.4 * tick and at - width / 2 > 0:
                painter.drawText(QPointF(at - width / 2, rect.bottom() + 1.35 * tick), text)
        for value, text in self._y_ticks:
            at = self.point_px(self.window[0], value).y()
            painter.drawLine(QLineF(rect.left() - 0.25 * tick, at, rect.left(), at))
            if at > rect.top() + 1.4 * tick:
                place = QPointF(rect.left() - 0.5 * tick - metrics.horizontalAdvance(text), at + 0.35 * tick)
                painter.drawText(place, text)


def stretch_of(look: Look, wanted: Bounds, size: QSize) -> float:
    """Return by what round factor y (or, below 1, x) is to be stretched so that what is wanted can be made out."""
    x0, x1, y0, y1 = wanted
    tick = look.metrics.tick
    width, height = max(1.0, size.width() - 3.3 * tick), max(1.0, size.height() - 2.1 * tick)
    per_px, least = max((x1 - x0) / width, (y1 - y0) / height), _LEGIBLE * tick
    if (y1 - y0) / per_px < least:
        return round_step(min(least * per_px / (y1 - y0), height * per_px / (y1 - y0)))
    if (x1 - x0) / per_px < least:
        return 1.0 / round_step(min(least * per_px / (x1 - x0), width * per_px / (x1 - x0)))
    return 1.0


def stretch_text(look: Look, stretch: float) -> str:
    """Say by how much a plane is stretched, "" if it is not."""
    if stretch == 1.0:
        return ""
    if stretch > 1.0:
        return look.tr("y stretched {n} : 1").format(n=f"{stretch:g}")
    return look.tr("x stretched {n} : 1").format(n=f"{1.0 / stretch:g}")


def step_text(step: float) -> str:
    """Return by how much level lines differ, a round number, as text."""
    if 1e3 <= step < 1e6:
        return f"{step:,.0f}"
    return f"{step:.4g}" if 1e-4 <= step < 1e3 else figure(step)

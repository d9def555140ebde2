"""Activations over z: the curves f above their derivatives f', each with its name and formula."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import ClassVar, NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradsim.engine.nn.activations import Activation
from gradsim.engine.types import Array
from gradsim.sim.kinds.train.loads import slope_text, values
from gradsim.ui.exponents import draw_in, width_of
from gradsim.ui.plots.devices import painting_on, writes_shapes
from gradsim.ui.theme import Look, font, mixed

RIGHT, LEFT = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignLeft
MIDDLE, CENTRE = Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignHCenter

_POINTS = 321
_SLOPES = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Where the axis of f' may have ticks."""
_APART = 1.3
"""The least distance of two ticks, in heights of the type."""
_NAMED_FROM = 2.5
"""From how many lines of names high on a picture has room for a name beside its curve."""
_LEFT_PART = 0.47
"""The share of the width that names and formulas take at most: at the left no curve is high."""


class Curve(NamedTuple):
    """An activation as it is drawn, and its name."""

    activation: Activation
    colour: str
    name: str
    dashed: bool = False


class _Sampled(NamedTuple):
    """A curve's places z, and f and f' there."""

    z: Array
    f: Array
    slope: Array


class ActivationCurves(QWidget):
    """One or two activations over one axis of z.

    Parameters
    ----------
    look
        Colours and sizes.
    reach
        The axis goes from minus this to this.
    most
        The axis of f ends there at the latest, on both sides.
    """

    is_self_told: ClassVar[bool] = False
    """Whether formulas are told beside the names, and f is drawn in ink, so that f' alone has the colour of a run."""

    slope_name: ClassVar[str] = "f′(z)"
    """What the axis of slopes is called."""

    hovered = Signal(object)
    """The z under the pointer, or None when it has left."""

    def __init__(self, look: Look, reach: float, most: float = inf) -> None:
        super().__init__()
        self.look, self.reach, self._most = look, reach, most
        self.curves: Sequence[Curve] = ()
        self._sampled: list[_Sampled] = []
        self._key: object = None
        self._pixmap = QPixmap()
        self.top = 1.0
        """Where the axis of slopes ends."""
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(100, 100)

    def show_curves(self, curves: Sequence[Curve], top: float) -> None:
        """Show these curves; the axis of slopes ends at `top`."""
        if (curves, top) != (self.curves, self.top):
            self.curves, self.top = curves, top
            self._sampled = [_sampled(curve.activation, self.reach) for curve in curves]
            self.update()

    def set_reach(self, reach: float) -> None:
        """Let the axis of z go from minus this to this."""
        if reach != self.reach:
            self.reach = reach
            self._sampled = [_sampled(curve.activation, reach) for curve in self.curves]
            self.update()

    # Places

    def bands(self) -> list[QRectF]:
        """Return where f and f' are, and whatever else there is: the two beside each other."""
        tick = self.look.metrics.tick
        whole = self.band(0.7 * tick, self.height() - 2.8 * tick)
        half = 0.5 * (whole.width() - 3.8 * tick)
        left = QRectF(whole.left(), whole.top(), max(1.0, half), whole.height())
        return [left, left.translated(half + 3.8 * tick, 0.0)]

    def axes(self, bands: Sequence[QRectF]) -> Sequence[QRectF]:
        """Return the bands below which there is an axis of z."""
        return bands

    def band(self, top: float, height: float) -> QRectF:
        """Return a band over the axis of z."""
        tick = self.look.metrics.tick
        left = 3.2 * tick
        return QRectF(left, top, max(1.0, self.width() - left - 0.6 * tick), max(1.0, height))

    @property
    def shows_values(self) -> bool:
        """Whether there is room for f as well as f'."""
        return True

    @property
    def bottom(self) -> float:
        """Where the axis of slopes begins."""
        return min(0.0, *(float(one.slope.min()) for one in self._sampled))

    def y_of(self, slope: float) -> float:
        """Return where a slope is."""
        band = self.bands()[1]
        return band.bottom() - band.height() * (slope - self.bottom) / (self.top - self.bottom)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting_on(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            bands = self.bands()
            if self.curves and writes_shapes(painter):
                painter.fillRect(self.rect(), QColor(self.look.theme.card))
                self._draw_curves(painter)
            elif self.curves:
                painter.drawPixmap(0, 0, self._kept(painter.device().devicePixelRatio()))
            for i, band in enumerate(self.axes(bands)):
                self._draw_axis(painter, band, "z" if i == 0 else "")
            self.draw_more(painter, bands)

    def _kept(self, per_px: float) -> QPixmap:
        """Return the curves in pixels: they stay while what lies over them changes with each step."""
        key = self.size().toTuple(), per_px, tuple(self.curves), self.top, self.reach
        if key != self._key:
            self._key, self._pixmap = key, QPixmap(self.size() * per_px)
            self._pixmap.setDevicePixelRatio(per_px)
            self._pixmap.fill(QColor(self.look.theme.card))
            with QPainter(self._pixmap) as painter:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                self._draw_curves(painter)
        return self._pixmap

    def _draw_curves(self, painter: QPainter) -> None:
        values, slopes = self.bands()[:2]
        if self.shows_values:
            self._draw_values(painter, values)
        self._draw_slopes(painter, slopes)

    def draw_more(self, painter: QPainter, bands: Sequence[QRectF]) -> None:
        """Draw what there is besides the curves."""

    def _draw_values(self, painter: QPainter, band: QRectF) -> None:
        low = max(-self._most, min(0.0, *(float(one.f.min()) for one in self._sampled)))
        high = min(self._most, max(1.0, *(float(one.f.max()) for one in self._sampled)))
        wanted = [(value, f"{value:.2g}".replace("-", "−")) for value in (0.0, high, low)]
        self._draw_ticks(painter, band, (low, high), wanted)
        painter.save()
        painter.setClipRect(band.adjusted(0, -self.look.metrics.line, 0, self.look.metrics.line))
        for curve, one in zip(self.curves, self._sampled, strict=True):
            points = self._points(band, one.z, one.f, (low, high))
            self._draw_line(painter, points, self._pen(self._ink_of(curve), curve))
        painter.restore()
        for row, curve in enumerate(self.curves):
            self._draw_name(painter, band, row, curve)

    def _draw_slopes(self, painter: QPainter, band: QRectF) -> None:
        ends = self.bottom, self.top
        tick = self.look.metrics.tick
        wanted = [(value, slope_text(value)) for value in (*_SLOPES, self.top) if value <= self.top]
        self._draw_ticks(painter, band, ends, wanted)
        drawn = list(zip(self.curves, self._sampled, strict=True))
        for curve, one in drawn[:1]:
            self._fill(painter, band, self._points(band, one.z, one.slope, ends), curve)
        for curve, one in drawn:
            points = self._points(band, one.z, one.slope, ends)
            self._draw_line(painter, points, self._pen(QColor(curve.colour), curve))
        if self.shows_values:
            painter.setFont(font(tick))
            painter.setPen(QColor(self.look.theme.muted))
            rect = QRectF(band.left() + 0.4 * tick, band.top() + 0.1 * tick, 4 * tick, 1.4 * tick)
            draw_in(painter, self.look, rect, LEFT, self.slope_label(band))

    def slope_label(self, band: QRectF) -> str:
        """Return what is written over the slope: its formula too where there is room, and but one curve."""
        if self.slope_name != ActivationCurves.slope_name or not self.is_self_told or len(self.curves) != 1:
            return self.slope_name
        whole = f"{self.slope_name} = {self.curves[0].activation.slope_formula}"
        fits = width_of(self.look, font(self.look.metrics.tick), whole) <= (_LEFT_PART - 0.03) * band.width()
        return whole if fits else self.slope_name

    def _ink_of(self, curve: Curve) -> QColor:
        return QColor(self.look.theme.ink if self.is_self_told and not curve.dashed else curve.colour)

    def _pen(self, colour: QColor, curve: Curve) -> QPen:
        pen = QPen(colour, self.look.metrics.line)
        if curve.dashed:
            pen.setDashPattern([3.0, 2.0])
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        return pen

    def _draw_ticks(
        self, painter: QPainter, band: QRectF, ends: tuple[float, float], wanted: Sequence[tuple[float, str]]
    ) -> None:
        """Draw the ticks of an axis, those first that are wanted most: others stay away from them."""
        tick, (low, high) = self.look.metrics.tick, ends
        painter.setFont(font(tick))
        taken: list[float] = []
        for value, text in wanted:
            y = band.bottom() - band.height() * (value - low) / (high - low)
            if any(abs(y - other) < _APART * tick for other in taken):
                continue
            taken.append(y)
            painter.setPen(QPen(QColor(self.look.theme.line), self.look.metrics.hair))
            painter.drawLine(QPointF(band.left(), y), QPointF(band.right(), y))
            painter.setPen(QColor(self.look.theme.muted))
            draw_in(painter, self.look, QRectF(0, y - tick, band.left() - 0.4 * tick, 2 * tick), RIGHT | MIDDLE, text)

    def _points(self, band: QRectF, z: Array, heights: Array, ends: tuple[float, float]) -> QPolygonF:
        low, high = ends
        x = band.left() + band.width() * (z + self.reach) / (2.0 * self.reach)
        y = band.bottom() - band.height() * (heights - low) / (high - low)
        return QPolygonF([QPointF(*place) for place in zip(x.tolist(), y.tolist(), strict=True)])

    def _draw_line(self, painter: QPainter, points: QPolygonF, pen: QPen) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(pen)
        painter.drawPolyline(points)

    def _fill(self, painter: QPainter, band: QRectF, points: QPolygonF, curve: Curve) -> None:
        base = self.y_of(0.0)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(mixed(curve.colour, self.look.theme.card, 0.15))
        ends = QPointF(band.left(), base), QPointF(band.right(), base)
        painter.drawPolygon(QPolygonF([ends[0], *points.toList(), ends[1]]))

    def _draw_name(self, painter: QPainter, band: QRectF, row: int, curve: Curve) -> None:
        """Write a curve's name and formula at the left, in the longest words that have room."""
        look, tick = self.look, self.look.metrics.tick
        line = 1.4 * look.metrics.name
        rect = QRectF(band.left() + 0.4 * tick, band.top() + 0.1 * tick + row * line, band.width(), line)
        if curve.dashed:
            painter.setPen(self._pen(QColor(curve.colour), curve))
            y = rect.center().y()
            painter.drawLine(QPointF(rect.left(), y), QPointF(rect.left() + 1.9 * tick, y))
            rect.setLeft(rect.left() + 2.4 * tick)
        bold, plain = font(look.metrics.name, QFont.Weight.DemiBold), font(tick)
        name, formula = curve.name, f"f(z) = {curve.activation.formula}"
        most = band.left() + (_LEFT_PART if self.is_self_told else 0.65) * band.width() - rect.left()
        named = width_of(look, bold, name) + 0.7 * tick
        is_low = band.height() < _NAMED_FROM * line
        if self.is_self_told and not curve.dashed and (is_low or named > most + 0.7 * tick):
            return  # the title of its card tells it too
        shows_formula = self.is_self_told and named + width_of(look, plain, formula) <= most
        painter.setFont(bold)
        painter.setPen(self._ink_of(curve))
        if named <= most or not shows_formula:
            draw_in(painter, look, rect, LEFT, painter.fontMetrics().elidedText(
                name, Qt.TextElideMode.ElideRight, round(max(most, 2.0 * tick))))  # fmt: skip
        painter.setFont(plain)
        painter.setPen(QColor(look.theme.muted))
        if shows_formula:
            draw_in(painter, look, rect.adjusted(named, 0, 0, 0), LEFT, formula)

    def tick_text(self, z: float) -> str:
        """Return what is written at a place of the axis of z."""
        return f"{z:g}".replace("-", "−")

    def _draw_axis(self, painter: QPainter, band: QRectF, title: str) -> None:
        """Draw the axis of z below a band, with its title at the left edge."""
        tick, reach = self.look.metrics.tick, self.reach
        painter.setFont(font(tick))
        painter.setPen(QColor(self.look.theme.muted))
        places = (-reach, -reach / 2, 0.0, reach / 2, reach)
        for z in places if band.width() > 14 * tick else places[::2] if band.width() > 6 * tick else (0.0,):
            text = self.tick_text(z)
            width = width_of(self.look, painter.font(), text)
            x = band.left() + band.width() * (z + reach) / (2.0 * reach)
            left = min(x - width / 2, self.width() - width)
            rect = QRectF(left, band.bottom() + 0.3 * tick, width, 1.5 * tick)
            draw_in(painter, self.look, rect, LEFT, text)
        draw_in(painter, self.look, QRectF(0, band.bottom() + 0.3 * tick, 2 * tick, 1.5 * tick), LEFT, title)

    # The mouse

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = event.position()
        band = next((band for band in self.bands() if band.left() <= place.x() <= band.right()), None)
        if band is None:
            self.hovered.emit(None)
            return
        self.hovered.emit(2.0 * self.reach * (place.x() - band.left()) / band.width() - self.reach)

    def leaveEvent(self, event: object) -> None:
        self.hovered.emit(None)


_JUMP = 0.03
"""The difference of f' between two places, in times of its largest value, from which there may be a jump between."""


def _sampled(activation: Activation, reach: float) -> _Sampled:
    """Return a curve at places close to each other, and at both sides of each jump of f', so that it is upright."""
    z: Array = np.linspace(-reach, reach, _POINTS)
    slope = values(activation, z)[1]
    found = [z]
    for i in np.flatnonzero(np.abs(np.diff(slope)) > _JUMP * activation.peak).tolist():
        found.append(np.array(_jump(activation, float(z[i]), float(z[i + 1]))))
    z = np.sort(np.concatenate(found))
    return _Sampled(z, *values(activation, z))


def _jump(activation: Activation, low: float, high: float) -> tuple[float, float]:
    """Return the two sides, next to each other, of the steepest place between two z."""
    for _ in range(40):
        middle = 0.5 * (low + high)
        at = values(activation, np.array([low, middle, high]))[1]
        if abs(at[1] - at[0]) > abs(at[2] - at[1]):
            high = middle
        else:
            low = middle
    return low, high

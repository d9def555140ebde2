"""A map of where a surface curves down, with descents from many starts, and a chord whose ends can be dragged."""

from __future__ import annotations

from itertools import pairwise
from operator import is_

import numpy as np
import pyqtgraph as pg
from contourpy import FillType, contour_generator
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QFont, QMouseEvent, QPainter, QPainterPath, QPen, QPixmap

from gradsim.engine.surfaces import Point, Surface
from gradsim.engine.surfaces.stationary import stationary_points
from gradsim.engine.types import Array
from gradsim.sim.kinds.race.convexity import SIDE, STARTS, Convexity, places
from gradsim.ui.plots.contours import Lines, contours
from gradsim.ui.plots.devices import writes_shapes
from gradsim.ui.plots.labels import HaloText
from gradsim.ui.plots.marks import draw_stationary, mark_width
from gradsim.ui.plots.steered import Steered
from gradsim.ui.plots.strokes import Strokes, joined
from gradsim.ui.plots.window_plot import WindowPlot
from gradsim.ui.theme import Look, font

Ends = tuple[Point, Point]

EVERY = 2
"""Of every so many starts along each side, one has its path drawn."""
LETTERS = "AB"
"""What the ends of the chord are called."""

_APART_PX = 2.5
"""How far the places of a path are apart at least."""
_HATCH, _TINT = 0.34, 0.10
"""How opaque the lines of the hatching are, and the tint under them."""
_SPACING = 0.75
"""How far the lines of the hatching are apart, in heights of the type."""
_START, _OF_CELL = 0.24, 0.17
"""The radius of the mark of a start, in heights of the type, and as a share of its cell at most."""
_REACH = 1.6
"""How far from an end of the chord it can be grabbed, in heights of the type."""
_NUDGE = 0.01
"""How far a key moves an end, as a share of the window's sides."""
_LONGER = 1.1


class ConvexityPlot(WindowPlot, Steered):
    """The map of one loss over the window.

    Parameters
    ----------
    look
        Colours and sizes.
    surface
        The loss.
    run
        Whose colour it has.
    """

    chord_moved = Signal(object)
    """The chord is to have these ends."""
    chord_reset = Signal()
    """The chord is to be as it was at first."""

    def __init__(self, look: Look, surface: Surface, run: int) -> None:
        super().__init__(look, surface)
        self.colour = QColor(look.run_colour(run))
        self.found: Convexity | None = None
        self.chord: Ends = ((0.0, 0.0), (0.0, 0.0))
        self._has_chord = True
        self._held = 1
        """Which end was moved last: keys move it."""
        self._is_dragged = False
        self._layer: QPixmap | None = None
        self._layer_of: tuple[object, ...] = ()
        self._strokes = Strokes()
        bold, theme = font(look.metrics.name, QFont.Weight.Bold), look.theme
        self._letters = [HaloText(each, bold, theme.ink, theme.card, 0.16 * look.metrics.tick) for each in LETTERS]
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def show_found(self, found: Convexity | None) -> None:
        """Show what is known of the surface."""
        self.found = found
        self.update()

    def show_chord(self, chord: Ends) -> None:
        """Show a chord between two places."""
        self.chord = chord
        self.update()

    def set_chord_shown(self, shown: bool) -> None:
        """Show the chord only where the loss along it is shown too."""
        self._has_chord = shown
        self.update()

    # Painting

    def paint_frame(self, painter: QPainter) -> float:
        painting = contours(painter, self.look, self.surface, self.plane)
        while True:
            try:
                next(painting)
            except StopIteration as done:
                lines: Lines = done.value
                return lines.step

    def paint_above(self, painter: QPainter, room: QRectF) -> None:
        if writes_shapes(painter):
            self._draw_found(painter)
        else:
            self._draw_kept(painter)
        for point in stationary_points(self.surface):
            if point.kind == "minimum":
                draw_stationary(painter, self.look, point.kind, self.plane.point_px(point.x, point.y))
        if self._has_chord:
            self._draw_chord(painter, room)
        painter.setClipping(False)
        self.draw_focus(painter)

    def _draw_kept(self, painter: QPainter) -> None:
        ratio = painter.device().devicePixelRatioF()
        # What was found before stands in for what is found now; nothing stands in for nothing.
        stands_in = self.waits and self._layer is not None and self.found is not None
        if not (self._is_layer_settled or stands_in):
            self._make_layer(ratio)
        assert self._layer is not None
        painter.drawPixmap(self.rect(), self._layer)

    @property
    def is_settled(self) -> bool:
        return super().is_settled and self._is_layer_settled

    @property
    def _is_layer_settled(self) -> bool:
        return self._layer is not None and all(map(is_, self._layer_of, (self.found, self.plane)))

    def make_frame(self, ratio: float | None = None) -> None:
        super().make_frame(ratio)
        if not self._is_layer_settled:
            self._make_layer(ratio or self.devicePixelRatioF())

    def _make_layer(self, ratio: float) -> None:
        self._layer, self._layer_of = self._painted(ratio), (self.found, self.plane)

    def _painted(self, ratio: float) -> QPixmap:
        """Return the region that curves down, and the descents, on a transparent ground."""
        pixmap = QPixmap(QSize(round(self.width() * ratio), round(self.height() * ratio)))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        with QPainter(pixmap) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setClipRect(self.plane.rect)
            self._draw_found(painter)
        return pixmap

    def _draw_found(self, painter: QPainter) -> None:
        """Draw the region that curves down, and the descents."""
        if self.found is not None:
            self._draw_region(painter, self.found)
            if self.found.paths is not None:
                self._draw_descents(painter, self.found, self.found.paths)

    def _draw_region(self, painter: QPainter, found: Convexity) -> None:
        region = self._region(found)
        if region.isEmpty():
            return
        painter.fillPath(region, QBrush(_faint(self.colour, _TINT)))
        rect, spacing = self.plane.rect, _SPACING * self.look.metrics.tick
        offsets = np.arange(rect.left() - rect.height(), rect.right(), spacing)
        lines = np.stack([offsets, np.full_like(offsets, rect.bottom()), offsets + rect.height(),
                          np.full_like(offsets, rect.top())], axis=1)  # fmt: skip
        painter.save()
        painter.setClipPath(region, Qt.ClipOperation.IntersectClip)
        self._strokes.segments(painter, lines, QPen(_faint(self.colour, _HATCH), 1.2 * self.look.metrics.hair))
        painter.restore()
        painter.setClipRect(self.plane.rect)  # as it is already, but Qt's SVG does not know of it (seen in 6.10)
        painter.strokePath(region, QPen(self.colour, 0.6 * self.look.metrics.line))

    def _region(self, found: Convexity) -> QPainterPath:
        """Return where the smallest eigenvalue is negative, in pixels."""
        x, y = places(self.surface, SIDE)
        values = np.ma.masked_invalid(found.curvature)
        path = QPainterPath()
        if not found.share:
            return path
        generator = contour_generator(x, y, values, fill_type=FillType.OuterOffset)
        # Zero, which is where it is flat, is outside.
        for points, offsets in zip(*generator.filled(-np.inf, -1e-12), strict=True):
            px = self.plane.to_px(np.asarray(points, np.float64))
            for start, stop in pairwise(offsets):
                path.addPolygon(pg.functions.arrayToQPolygonF(px[start:stop, 0], px[start:stop, 1]))
        return path

    def _draw_descents(self, painter: QPainter, found: Convexity, paths: Array) -> None:
        arrived = np.ones(paths.shape[1], bool) if found.arrived is None else found.arrived
        rim, width = QColor(self.look.theme.card), 0.55 * self.look.metrics.line
        # What has diverged crosses the map in leaps: its path tells nothing that its mark does not.
        for i in np.flatnonzero(_has_path() & np.isfinite(paths[-1]).all(axis=1)):
            px = _thinned(self.plane.to_px(paths[:, i]))
            colour = self.colour if arrived[i] else QColor(self.look.theme.ink)
            self._strokes.segments(painter, joined(px), QPen(_faint(rim, 0.6), width + 2.0 * self.look.metrics.hair))
            self._strokes.segments(painter, joined(px), QPen(colour, width))
        starts = self.plane.to_px(paths[0])
        cell = min(self.plane.rect.width(), self.plane.rect.height()) / STARTS
        radius = min(_START * self.look.metrics.tick, _OF_CELL * cell)
        for (x, y), has_arrived in zip(starts.tolist(), arrived.tolist(), strict=True):
            self._draw_start(painter, QPointF(x, y), radius, has_arrived)

    def _draw_start(self, painter: QPainter, at: QPointF, radius: float, has_arrived: bool) -> None:
        hair = min(self.look.metrics.hair, 0.3 * radius)
        card, ink = QColor(self.look.theme.card), QColor(self.look.theme.ink)
        if has_arrived:
            painter.setPen(QPen(self.colour, 1.6 * hair))
            painter.setBrush(card)
            painter.drawEllipse(at, radius, radius)
            return
        for pen in (QPen(card, 4.5 * hair), QPen(ink, 2.0 * hair)):
            painter.setPen(pen)
            painter.drawLine(QLineF(at.x() - radius, at.y() - radius, at.x() + radius, at.y() + radius))
            painter.drawLine(QLineF(at.x() - radius, at.y() + radius, at.x() + radius, at.y() - radius))

    def _draw_chord(self, painter: QPainter, room: QRectF) -> None:
        tick, theme = self.look.metrics.tick, self.look.theme
        ends = [self.plane.point_px(*end) for end in self.chord]
        width = 0.9 * self.look.metrics.line
        for pen in (QPen(QColor(theme.card), width + 4.0 * self.look.metrics.hair), QPen(QColor(theme.ink), width)):
            painter.setPen(pen)
            painter.drawLine(*ends)
        for at, letter in zip(ends, self._letters, strict=True):
            painter.setPen(QPen(QColor(theme.card), mark_width(self.look)))
            painter.setBrush(QColor(theme.ink))
            painter.drawEllipse(at, 0.42 * tick, 0.42 * tick)
            letter.draw(painter, _beside(at, letter, room, 0.5 * tick))

    # The mouse and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or not self._has_chord:
            return
        away = [QLineF(event.position(), self.plane.point_px(*end)).length() for end in self.chord]
        nearest = int(np.argmin(away))
        if away[nearest] <= _REACH * self.look.metrics.tick:
            self._held, self._is_dragged = nearest, True
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._is_dragged:
            at = self.plane.place(event.position())
            self._move(at.x(), at.y())
            return
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._is_dragged = False
        self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.show_whole()

    def nudge(self, across: int, up: int) -> None:
        x0, x1, y0, y1 = self.surface.window
        x, y = self.chord[self._held]
        self._move(x + across * _NUDGE * (x1 - x0), y + up * _NUDGE * (y1 - y0))

    def zoom_by(self, notches: float) -> None:
        """Make the chord longer, its other end where it is."""
        held, other = self.chord[self._held], self.chord[1 - self._held]
        x, y = (there + _LONGER**notches * (here - there) for here, there in zip(held, other, strict=True))
        self._move(x, y)

    def show_whole(self) -> None:
        self.chord_reset.emit()

    def _move(self, x: float, y: float) -> None:
        """Ask for the end that is held to be at a place of the window."""
        x0, x1, y0, y1 = self.surface.window
        moved = [*self.chord]
        moved[self._held] = (min(max(x, x0), x1), min(max(y, y0), y1))
        self.chord_moved.emit((moved[0], moved[1]))


def _has_path() -> Array:
    """Tell which starts have their paths drawn."""
    rows = np.arange(STARTS) % EVERY == 0
    return np.asarray((rows[:, None] & rows).ravel())


def _thinned(px: Array) -> Array:
    """Return the places of a path (n, 2) without those too near to the one before; the last one stays."""
    if not len(px):
        return px
    (x, y), *others = px.tolist()
    kept = [0]
    for i, (here, there) in enumerate(others, 1):
        if abs(here - x) >= _APART_PX or abs(there - y) >= _APART_PX:
            kept.append(i)
            x, y = here, there
    return px[[*kept, len(px) - 1]]


def _faint(colour: QColor, opacity: float) -> QColor:
    faint = QColor(colour)
    faint.setAlphaF(opacity)
    return faint


def _beside(at: QPointF, text: HaloText, room: QRectF, gap: float) -> QPointF:
    """Return the upper left corner of a text above a point, inside the room."""
    x = min(max(at.x() - text.size.width() / 2.0, room.left()), room.right() - text.size.width())
    y = at.y() - gap - text.size.height()
    return QPointF(x, y if y > room.top() else at.y() + gap)

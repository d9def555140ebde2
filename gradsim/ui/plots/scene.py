"""A surface in three dimensions with paths on it, turned by the mouse; painted by QPainter, so it needs no OpenGL.

A surface over a plane hides only what is behind it, so its facets are painted
from back to front. What it hides of the paths is told by a buffer of depths.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import isfinite

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy

from gradsim.engine.surfaces import Surface
from gradsim.engine.surfaces.stationary import stationary_points
from gradsim.engine.types import Array, Indices
from gradsim.ui.plots.branch_marks import draw_branch
from gradsim.ui.plots.ground import ground_colours, magnitude, measured
from gradsim.ui.plots.labels import HaloText, place_labels
from gradsim.ui.plots.marks import draw_head, draw_start, draw_stationary
from gradsim.ui.plots.plot import round_step, tick_text
from gradsim.ui.plots.steered import Steered
from gradsim.ui.plots.trails import Trail, thinned
from gradsim.ui.theme import Look, font, mixed

FACETS, FACETS_TURNING = 60, 30
"""Facets along a side; fewer while it is being turned."""

_FINE = 240  # places along a side at which depths are known
_FLOOR = 0.1  # of the median height: what is lower is not drawn out, for facets could not follow
_HEIGHT = 0.9  # of the box, whose base is 2 by 2
_USUAL = (-0.6, 0.62)  # turn and tilt in radians
_TILTS = (0.12, 1.45)
_ZOOMS = (0.4, 6.0)
_LIFT = 0.012  # how much above the surface paths are drawn
_BUFFER_PX = 4  # pixels to a place in the buffer of depths
_MOST_MARKED = 20


class Scene(Steered):
    """A surface over its window.

    Parameters
    ----------
    look
        Colours and sizes.
    surface
        What is shown. Its height is that of the map's colours: half the share
        of the window that is lower, half the logarithm of the value.
    """

    def __init__(self, look: Look, surface: Surface) -> None:
        super().__init__()
        self.look, self.surface = look, surface
        self.turn, self.tilt = _USUAL
        self.zoom = 1.0
        self._trails: Sequence[Trail] = ()
        self._start = (0.0, 0.0)
        self._ground: QPixmap | None = None
        self._depths: Array | None = None
        self._key: object = None
        self._grabbed: QPointF | None = None
        self._choices: list[int] = []
        self._paths: dict[str, tuple[Array, Array]] = {}
        """By label, the places of a path and its points in the box."""
        self._texts: dict[str, HaloText] = {}
        x0, x1, y0, y1 = surface.window
        fine = surface.value(*np.meshgrid(np.linspace(x0, x1, _FINE + 1), np.linspace(y0, y1, _FINE + 1)))
        self._unit = magnitude(fine)
        self._values, self._shares = measured(fine / self._unit, _FLOOR)
        self._fine = self._shares_of(fine)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(80, 80)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def nudge(self, across: int, up: int) -> None:
        """Turn by about six degrees."""
        self._turn(-0.1 * across, -0.1 * up)

    def zoom_by(self, notches: float) -> None:
        """Come nearer, or go farther away."""
        self.zoom = float(np.clip(self.zoom * 1.15**notches, *_ZOOMS))
        self.update()

    def show_whole(self) -> None:
        """Turn it back."""
        self.set_pose(*_USUAL, 1.0)

    @property
    def pose(self) -> tuple[float, float, float]:
        """How it is shown: turn and tilt in radians, and zoom."""
        return self.turn, self.tilt, self.zoom

    def set_pose(self, turn: float, tilt: float, zoom: float) -> None:
        """Show it as :attr:`pose` was."""
        self.turn, self.tilt, self.zoom = turn, tilt, zoom
        self.update()

    @property
    def is_whole(self) -> bool:
        """Whether it is shown as at first."""
        return self.pose == (*_USUAL, 1.0)

    def _turn(self, turn: float, tilt: float) -> None:
        self.turn = (self.turn + turn) % (2.0 * np.pi)
        self.tilt = float(np.clip(self.tilt + tilt, *_TILTS))
        self.update()

    def show_trails(self, trails: Sequence[Trail], start: tuple[float, float]) -> None:
        """Show these paths, and where they begin."""
        self._trails, self._start = trails, start
        self.update()

    # Places

    def _shares_of(self, values: Array) -> Array:
        """Return heights from 0 to 1; NaN where there is no value."""
        heights = np.interp(values / self._unit, self._values, self._shares)
        return np.asarray(np.where(np.isfinite(values), heights, np.nan))

    def _box(self, places: Array) -> Array:
        """Return places (n, 2) as points in the box (n, 3), on the surface."""
        x0, x1, y0, y1 = self.surface.window
        with np.errstate(all="ignore"):
            heights = self._shares_of(self.surface.value(places[:, 0], places[:, 1]))
        x = 2.0 * (places[:, 0] - x0) / (x1 - x0) - 1.0
        y = 2.0 * (places[:, 1] - y0) / (y1 - y0) - 1.0
        return np.stack([x, y, _HEIGHT * heights], axis=1)

    def _project(self, points: Array) -> Array:
        """Return box points (n, 3) as pixels and depths (n, 3); what is nearer has the larger depth."""
        cos, sin = np.cos(self.turn), np.sin(self.turn)
        across = points[:, 0] * cos - points[:, 1] * sin
        away = points[:, 0] * sin + points[:, 1] * cos
        up = points[:, 2] - _HEIGHT / 2.0
        scale = self._scale
        return np.stack(
            [
                self.width() / 2.0 + scale * across,
                self.height() / 2.0 - scale * (up * np.cos(self.tilt) + away * np.sin(self.tilt)),
                up * np.sin(self.tilt) - away * np.cos(self.tilt),
            ],
            axis=1,
        )

    @property
    def _scale(self) -> float:
        return self.zoom * min(self.width() / 3.0, self.height() / 2.6)

    def _grid(self, every: int) -> Array:
        """Return the surface's points (m, m, 3), every so many of the fine ones."""
        side = np.linspace(-1.0, 1.0, _FINE + 1)[::every]
        x, y = np.meshgrid(side, side)
        return np.stack([x, y, _HEIGHT * self._fine[::every, ::every]], axis=2)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        ratio = painter.device().devicePixelRatioF()
        key = self.turn, self.tilt, self.zoom, self.width(), self.height(), ratio, self._grabbed is None
        if self._ground is None or self._key != key:
            self._key = key
            self._depths = self._buffer()
            self._ground = self._painted(ratio)
        painter.drawPixmap(0, 0, self._ground)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for trail in self._trails:
            self._draw_trail(painter, trail)
        for trail in self._trails:
            self._draw_branches(painter, trail)
        self._draw_heads(painter)
        self.draw_focus(painter)
        painter.end()

    def _painted(self, ratio: float) -> QPixmap:
        pixmap = QPixmap(QSize(round(self.width() * ratio), round(self.height() * ratio)))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(QColor(self.look.theme.card))
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_base(painter)
        self._draw_facets(painter)
        self._draw_marks(painter)
        painter.end()
        return pixmap

    def _draw_facets(self, painter: QPainter) -> None:
        facets = FACETS if self._grabbed is None else FACETS_TURNING
        grid = self._grid(_FINE // facets)
        px = self._project(grid.reshape(-1, 3)).reshape(grid.shape)
        corners = np.stack([px[:-1, :-1], px[:-1, 1:], px[1:, 1:], px[1:, :-1]], axis=2).reshape(-1, 4, 3)
        heights = grid[..., 2]
        middle = (heights[:-1, :-1] + heights[:-1, 1:] + heights[1:, 1:] + heights[1:, :-1]).ravel() / (4 * _HEIGHT)
        # Back to front by where a facet lies on the base, whatever its height.
        side = (grid[:-1, :-1, :2] + grid[1:, 1:, :2]).reshape(-1, 2)
        order = np.argsort(-(side[:, 0] * np.sin(self.turn) + side[:, 1] * np.cos(self.turn)), kind="stable")
        order = order[np.isfinite(middle[order])]
        table = ground_colours(self.look.theme)
        shades = np.round(255 * middle[order]).astype(np.intp)
        colours = (table[shades] * _light(heights, facets)[order, None]).clip(0, 255).astype(int)
        lines = mixed(self.look.theme.ink, QColor(*table[128].tolist()).name(), 0.22)
        painter.setPen(QPen(lines, 0.6))
        # Smooth edges take most of the time, and are not seen in motion.
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, self._grabbed is None)
        for (a, b, c, d), (red, green, blue) in zip(corners[order, :, :2].tolist(), colours.tolist(), strict=True):
            painter.setBrush(QColor(red, green, blue))
            painter.drawConvexPolygon([QPointF(*a), QPointF(*b), QPointF(*c), QPointF(*d)])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)

    def _draw_base(self, painter: QPainter) -> None:
        """Draw the base and ticks along its two sides that are in front."""
        corners = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], float)
        px = self._project(corners)
        painter.setPen(QPen(QColor(self.look.theme.muted), 1.2))
        painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y, _ in px.tolist()]))
        x0, x1, y0, y1 = self.surface.window
        front_y = -1.0 if np.cos(self.turn) > 0.0 else 1.0
        front_x = -1.0 if np.sin(self.turn) > 0.0 else 1.0
        self._draw_ticks(painter, "x", x0, x1, lambda share: (share, front_y))
        self._draw_ticks(painter, "y", y0, y1, lambda share: (front_x, share))

    def _draw_ticks(self, painter: QPainter, name: str, low: float, high: float, place: object) -> None:
        tick = self.look.metrics.tick
        painter.setFont(font(tick))
        painter.setPen(QColor(self.look.theme.muted))
        spacing = round_step((high - low) / 5.0)
        values = np.arange(np.ceil(low / spacing), np.floor(high / spacing) + 1) * spacing
        for value in [*values.tolist(), None]:
            share = 0.0 if value is None else 2.0 * (value - low) / (high - low) - 1.0
            x, y = place(share)  # type: ignore[operator]
            out = 1.12 if value is not None else 1.32
            at = self._project(np.array([[x * (out if abs(x) == 1.0 and name == "y" else 1.0),
                                          y * (out if abs(y) == 1.0 and name == "x" else 1.0), 0.0]]))[0]  # fmt: skip
            text = name if value is None else tick_text(value, spacing)
            room = QRectF(at[0] - 3 * tick, at[1] - 0.7 * tick, 6 * tick, 1.4 * tick)
            painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter), text)

    def _draw_marks(self, painter: QPainter) -> None:
        points = stationary_points(self.surface)[:_MOST_MARKED]
        if points:
            px = self._project(self._box(np.array([(point.x, point.y) for point in points])))
            assert self._depths is not None
            for point, (x, y, depth) in zip(points, px.tolist(), strict=True):
                if _is_seen(self._depths, np.array([[x, y, depth]]))[0]:
                    draw_stationary(painter, self.look, point.kind, QPointF(x, y))

    def _buffer(self) -> Array:
        """Return the depth of the nearest part of the surface at every few pixels, -inf where there is none."""
        px = self._project(self._grid(1).reshape(-1, 3))
        shape = self.height() // _BUFFER_PX + 1, self.width() // _BUFFER_PX + 1
        buffer = np.full(shape, -np.inf)
        inside, row, column = _cells(px, shape)
        np.maximum.at(buffer, (row[inside], column[inside]), px[inside, 2])
        return buffer

    def _draw_trail(self, painter: QPainter, trail: Trail) -> None:
        """Draw a path on the surface; behind a hill it is faint."""
        points = self._path(trail)
        if len(points) < 2 or self._depths is None:
            return
        px = self._project(points)
        seen = _is_seen(self._depths, px)
        faint = mixed(trail.pen.color().name(), self.look.theme.card, 0.4)
        for start, stop in _stretches(seen):
            part = thinned(px[max(0, start - 1) : stop, :2])
            solid = QPen(trail.pen)
            solid.setStyle(Qt.PenStyle.SolidLine)
            if not seen[start]:
                solid = QPen(faint, 0.5 * trail.pen.widthF())
            painter.setPen(solid)
            painter.drawPolyline(pg.functions.arrayToQPolygonF(part[:, 0].copy(), part[:, 1].copy()))

    def _draw_branches(self, painter: QPainter, trail: Trail) -> None:
        """Mark where a path leaves another, and where its run changes, unless a hill hides that."""
        places = np.array([(mark.x, mark.y) for mark in trail.marks]).reshape(-1, 2)
        if not len(places) or self._depths is None:
            return
        px = self._project(self._box(places))
        shown = self._are_inside(places) & np.isfinite(px).all(axis=1) & _is_seen(self._depths, px)
        for mark, (x, y, _), is_shown in zip(trail.marks, px.tolist(), shown, strict=True):
            if is_shown:
                draw_branch(painter, self.look, trail.pen.color(), QPointF(x, y), mark)

    def _path(self, trail: Trail) -> Array:
        """Return a path's points in the box, lifted a little; those of the last frame are not computed anew."""
        known, points = self._paths.get(trail.label, (np.empty((0, 2)), np.empty((0, 3))))
        if not np.array_equal(known, trail.places[: len(known)], equal_nan=True):
            known, points = known[:0], points[:0]
        new = trail.places[len(known) :]
        added = self._box(new[self._are_inside(new)])
        added[:, 2] += _LIFT
        points = np.concatenate([points, added[np.isfinite(added).all(axis=1)]])
        self._paths[trail.label] = trail.places, points
        return points

    def _are_inside(self, places: Array) -> npt.NDArray[np.bool_]:
        x0, x1, y0, y1 = self.surface.window
        inside = (places >= (x0, y0)) & (places <= (x1, y1))
        return np.asarray(inside.all(axis=1))

    def _draw_heads(self, painter: QPainter) -> None:
        room = QRectF(self.rect())
        start = np.array([self._start])
        if self._are_inside(start)[0]:
            x, y, _ = self._project(self._box(start))[0].tolist()
            if np.isfinite(y):
                draw_start(painter, self.look, QPointF(x, y))
        ends = [(trail, trail.end) for trail in self._trails]
        inside = [(trail, end) for trail, end in ends if end is not None and self._are_inside(end[None])[0]]
        if not inside:
            return
        px = self._project(self._box(np.array([end for _, end in inside])))
        # A path may have come to where the surface has no value, so no height.
        both = zip(inside, px.tolist(), strict=True)
        shown = [(trail, QPointF(x, y)) for (trail, _), (x, y, _) in both if isfinite(y)]
        points = [point for _, point in shown]
        tick = self.look.metrics.tick
        for trail, point in shown:
            draw_head(painter, self.look, trail.pen.color(), point, 0.36 * tick, room)
        texts = [self._text(trail.label, trail.pen.color().name()) for trail, _ in shown]
        sizes: list[QSizeF] = [text.size for text in texts]
        placed = place_labels(points, sizes, room, 0.75 * tick, self._choices)
        self._choices = [label.choice for label in placed]
        for label, text in zip(placed, texts, strict=True):
            text.draw(painter, label.rect.topLeft())

    def _text(self, text: str, colour: str) -> HaloText:
        if text not in self._texts:
            tick = self.look.metrics.tick
            bold = font(tick, QFont.Weight.Bold)
            self._texts[text] = HaloText(text, bold, colour, self.look.theme.card, 0.16 * tick)
        return self._texts[text]

    # The mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._grabbed = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grabbed is None:
            return
        moved, self._grabbed = event.position() - self._grabbed, event.position()
        self._turn(-0.008 * moved.x(), 0.006 * moved.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grabbed = None
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.show_whole()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom_by(event.angleDelta().y() / 120)
        event.accept()


def _light(heights: Array, facets: int) -> Array:
    """Return a brightness for each facet, by how it is inclined to a light from the left."""
    across = (heights[:-1, 1:] - heights[:-1, :-1]) * facets / 2.0
    return np.asarray(1.0 + 0.1 * across / np.sqrt(1.0 + across**2)).ravel()


def _cells(px: Array, shape: tuple[int, int]) -> tuple[npt.NDArray[np.bool_], Indices, Indices]:
    """Return which points are inside a buffer, and their rows and columns in it."""
    with np.errstate(invalid="ignore"):
        row, column = (np.nan_to_num(px[:, i], nan=-1e6) // _BUFFER_PX for i in (1, 0))
    inside = (row >= 0) & (row < shape[0]) & (column >= 0) & (column < shape[1])
    return inside, row.astype(np.intp), column.astype(np.intp)


def _is_seen(buffer: Array, px: Array) -> npt.NDArray[np.bool_]:
    """Tell which points (n, [x, y, depth]) the surface does not hide."""
    inside, row, column = _cells(px, buffer.shape)
    seen = np.ones(len(px), bool)
    seen[inside] = px[inside, 2] >= buffer[row[inside], column[inside]] - 0.04
    return seen


def _stretches(seen: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the ranges of equal values."""
    edges = np.flatnonzero(np.diff(seen)) + 1
    bounds = [0, *edges.tolist(), len(seen)]
    return [(start, stop) for start, stop in pairwise(bounds) if stop > start]

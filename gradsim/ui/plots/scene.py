"""A surface in three dimensions with paths on it, turned by the mouse; painted by QPainter, so it needs no OpenGL.

A surface over a plane hides only what is behind it, so its facets are painted
from back to front. What it hides of the paths is told by looking from them to the viewer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from math import isfinite

import numpy as np
import numpy.typing as npt
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

from gradsim.engine.surfaces import Bounds, Surface
from gradsim.engine.surfaces.stationary import stationary_points
from gradsim.engine.types import Array
from gradsim.ui.plots.branch_marks import draw_branch
from gradsim.ui.plots.devices import painting_on, writes_shapes
from gradsim.ui.plots.ground import ground_colours, magnitude, measured
from gradsim.ui.plots.labels import Choices, HaloText, Taken, arrange_labels
from gradsim.ui.plots.lanes import CELL_PX, NOWHERE
from gradsim.ui.plots.marks import HEAD, draw_head, draw_start, draw_stationary, rings
from gradsim.ui.plots.plane import BEYOND
from gradsim.ui.plots.plot import round_step, tick_text
from gradsim.ui.plots.steered import Steered
from gradsim.ui.plots.trails import Trail, TrailLayer
from gradsim.ui.theme import Look, font, mixed

FACETS, FACETS_TURNING = 60, 30
"""Facets along a side; fewer while it is being turned."""

_FINE = 240  # places along a side at which depths are known
_CUT_SHARE = 0.85  # of the picture is lower than where heights are cut off, if the highest is far above
_CUT_FROM = 1.6  # times that height
_HEIGHT_TICKS = 4.0
_THROUGH = 0.75  # how opaque a mark is where a slope hides it
_NAMES_OUT = 0.3  # how far from the base the names of its axes are
_TURNS, _TILTS_TRIED = 12, (0.62, 0.85, 1.1, 1.3)  # poses from which the first is chosen
_WEIGHT, _OF_PATH = 24, 24  # minimum and start count so many times as one of so many places of the path
_RAY = 0.03 * 1.055 ** np.arange(86)  # how far from a point it is looked whether something hides it, up to 2.9
_FLOOR = 0.1  # of the median height: what is lower is not drawn out, for facets could not follow
_HEIGHT = 0.9  # of the box, whose base is 2 by 2
_USUAL = (-0.6, 0.62)  # turn and tilt in radians
_TILTS = (0.12, 1.45)
_ZOOMS = (0.4, 6.0)
_LIFT = 0.012  # how much above the surface paths are drawn
_MOST_MARKED = 20


class Scene(Steered):
    """A surface over its window.

    Parameters
    ----------
    look
        Colours and sizes.
    surface
        What is shown: f itself is its height, cut off where it is far above most of the picture.
    window
        Over which it is shown, at one scale along both sides; left out, the window of the surface.
    path : (n, 2)
        The path that is to be seen at first, as is the lowest minimum.
    by_rank
        Whether the height is that of the map's colours by rank instead: half the share of the window that is
        lower, half the logarithm of the value.
    """

    def __init__(
        self,
        look: Look,
        surface: Surface,
        window: Bounds | None = None,
        path: Array = NOWHERE,
        by_rank: bool = False,
    ) -> None:
        super().__init__()
        self.look, self.surface = look, surface
        self.shown = window or surface.window
        x0, x1, y0, y1 = self.shown
        self._half = np.array([x1 - x0, y1 - y0]) / max(x1 - x0, y1 - y0)
        """Half the sides of the base in the box."""
        self.turn, self.tilt = self._usual = _USUAL
        self.zoom = 1.0
        self._trails: Sequence[Trail] = ()
        self._start = (0.0, 0.0)
        self._ground: QPixmap | None = None
        self._key: object = None
        self._grabbed: QPointF | None = None
        self._choices: Choices = {}
        self._layer = TrailLayer(look, path)
        self._texts: dict[str, HaloText] = {}
        with np.errstate(all="ignore"):
            fine = surface.value(*np.meshgrid(np.linspace(x0, x1, _FINE + 1), np.linspace(y0, y1, _FINE + 1)))
        self._unit = magnitude(fine)
        self.cut: float | None = None
        """The value at which heights are cut off, if they are."""
        if by_rank:
            self._values, self._shares = measured(fine / self._unit, _FLOOR)
            self._axis: list[tuple[float, str]] = []
        else:
            self._values, self._shares = self._true_heights(fine, path[:1]), np.array([0.0, 1.0])
        self._fine = self._shares_of(fine)
        self._above = np.isfinite(fine) & (fine > self.cut) if self.cut is not None else np.zeros(fine.shape, bool)
        self.turn, self.tilt = self._usual = self._first_pose(path)
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
        self.set_pose(*self._usual, 1.0)

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
        return self.pose == (*self._usual, 1.0)

    def _turn(self, turn: float, tilt: float) -> None:
        self.turn = (self.turn + turn) % (2.0 * np.pi)
        self.tilt = float(np.clip(self.tilt + tilt, *_TILTS))
        self.update()

    def draw_in_pieces(self) -> None:
        """Draw long paths in pieces from now on, one a paint."""
        self._layer.in_pieces = True

    def settle(self) -> None:
        """Have whole paths in the next paint."""
        self._layer.settle()
        self.update()

    def show_trails(self, trails: Sequence[Trail], start: tuple[float, float]) -> None:
        """Show these paths, and where they begin."""
        self._trails, self._start = trails, start
        self.update()

    def forget_ahead(self) -> None:
        """Know no more where the first path will run: it is another."""
        self._layer.first = NOWHERE

    # Places

    def _true_heights(self, fine: Array, start: Array) -> Array:
        """Return the values at the bottom and at the top of the box, in units; find the ticks of its height.

        The start of the paths (1, 2), if there is one, and all stationary points lie below the top.
        """
        # In units, so that differences of values near the largest numbers are numbers.
        unit, finite = self._unit, np.sort(fine[np.isfinite(fine)], axis=None) / self._unit
        if not len(finite):
            finite = np.zeros(1)
        low, high = float(finite[0]), float(finite[-1])
        usual = float(finite[int(_CUT_SHARE * (len(finite) - 1))])
        known = np.array([(point.x, point.y) for point in stationary_points(self.surface)]).reshape(-1, 2)
        shown = np.concatenate([start, known[self._are_inside(known)]])
        for value in (self.surface.value(shown[:, 0], shown[:, 1]) / unit).tolist():
            usual = max(usual, value + 0.05 * (value - low)) if np.isfinite(value) else usual
        span = (min(high, usual) - low) or (high - low)  # of a needle on a plain, the usual height is none
        step = round_step(max(span, 1e-9) / _HEIGHT_TICKS * unit) / unit
        if high - low > _CUT_FROM * (usual - low) > 0.0:
            high = step * float(np.ceil(usual / step))
            self.cut = high * unit
        first, last = int(np.ceil(low / step - 1e-9)), int(np.floor(high / step + 1e-9))
        self._axis = [
            ((i * step - low) / ((high - low) or 1.0), tick_text(i * step * unit, step * unit))
            for i in range(first, last + 1)
        ]
        return np.array([low, high if high > low else low + 1.0])

    def _first_pose(self, path: Array) -> tuple[float, float]:
        """Return the turn and tilt nearest to the usual ones from which minimum, start and path are best seen."""
        known = [(p.x, p.y) for p in stationary_points(self.surface) if p.kind == "minimum"]
        weighty = [*known[:1], *path[:1].tolist()]
        places = np.array([*_WEIGHT * weighty, *path[:: 1 + len(path) // _OF_PATH].tolist()]).reshape(-1, 2)
        points = self._box(places[self._are_inside(places)])
        points = points[np.isfinite(points).all(axis=1)]
        if not len(points):
            return _USUAL
        poses = [
            ((_USUAL[0] + 2.0 * np.pi * turn / _TURNS + np.pi) % (2.0 * np.pi) - np.pi, tilt)
            for tilt in _TILTS_TRIED
            for turn in sorted(range(_TURNS), key=lambda turn: min(turn, _TURNS - turn))
        ]
        return max(poses, key=lambda pose: int(self._seen(points, *pose).sum()))

    def _seen(self, points: Array, turn: float, tilt: float) -> npt.NDArray[np.bool_]:
        """Tell which points on the surface (n, 3) nothing hides in a pose: on the way to the viewer it is lower."""
        x = points[:, :1] - _RAY * np.sin(turn)
        y = points[:, 1:2] - _RAY * np.cos(turn)
        height = points[:, 2:] + _RAY * np.tan(tilt)
        column, row = ((at / half + 1.0) / 2.0 * _FINE for at, half in zip((x, y), self._half, strict=True))
        inside = (column >= 0) & (column <= _FINE) & (row >= 0) & (row <= _FINE)
        cells = np.round(np.where(inside, row, 0)).astype(int), np.round(np.where(inside, column, 0)).astype(int)
        hides = inside & ~self._above[cells] & (_HEIGHT * self._fine[cells] > height)
        return np.asarray(~hides.any(axis=1))

    def _shares_of(self, values: Array) -> Array:
        """Return heights from 0 to 1; NaN where there is no value."""
        heights = np.interp(values / self._unit, self._values, self._shares)
        return np.asarray(np.where(np.isfinite(values), heights, np.nan))

    def _box(self, places: Array) -> Array:
        """Return places (n, 2) as points in the box (n, 3), on the surface."""
        x0, x1, y0, y1 = self.shown
        with np.errstate(all="ignore"):
            heights = self._shares_of(self.surface.value(places[:, 0], places[:, 1]))
        x = self._half[0] * (2.0 * (places[:, 0] - x0) / (x1 - x0) - 1.0)
        y = self._half[1] * (2.0 * (places[:, 1] - y0) / (y1 - y0) - 1.0)
        return np.stack([x, y, _HEIGHT * heights], axis=1)

    def _project(self, points: Array) -> Array:
        """Return box points (n, 3) as pixels and depths (n, 3); what is nearer has the larger depth."""
        scale, middle = (
            self.zoom * self._fit,
            np.array([self.width() / 2.0, self.height() / 2.0 + self._lowered, 0.0]),
        )
        return np.asarray(middle + _flat(points, self.turn, self.tilt) * (scale, scale, 1.0))

    @property
    def _fit(self) -> float:
        """How many pixels a unit of the box is, so that all of it fits as it is shown at first."""
        tick, (low, high) = self.look.metrics.tick, self._reach
        room = max(20.0, self.width() - 5.0 * tick), max(20.0, self.height() - 3.0 * tick)
        return float(min(room[0] / (2.0 * max(-low[0], high[0])), room[1] / (high[1] - low[1])))

    @property
    def _lowered(self) -> float:
        """How many pixels below the middle of the picture the middle of the box is."""
        low, high = self._reach
        return float(-self.zoom * self._fit * (low[1] + high[1]) / 2.0)

    @cached_property
    def _reach(self) -> tuple[Array, Array]:
        """The least and the largest coordinates (2,) of the box and its ticks, as shown at first, in its units."""
        signs = np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (0, 1)], float)
        out = np.where(signs[:, 2:] == 0.0, self._half + _NAMES_OUT, self._half)
        corners = np.concatenate([signs[:, :2] * out, _HEIGHT * signs[:, 2:]], axis=1)
        flat = _flat(corners, *self._usual)[:, :2]
        return flat.min(axis=0), flat.max(axis=0)

    def _grid(self, every: int) -> Array:
        """Return the surface's points (m, m, 3), every so many of the fine ones."""
        side = np.linspace(-1.0, 1.0, _FINE + 1)[::every]
        x, y = np.meshgrid(self._half[0] * side, self._half[1] * side)
        return np.stack([x, y, _HEIGHT * self._fine[::every, ::every]], axis=2)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting_on(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if writes_shapes(painter):
                self._paint_ground(painter)
                self._layer.draw_shapes(painter, self._trails, _Posed(self))
            else:
                self._draw_kept(painter)
            for trail in self._trails:
                self._draw_branches(painter, trail)
            self._draw_heads(painter)
            self.draw_focus(painter)

    def _draw_kept(self, painter: QPainter) -> None:
        """Draw ground and paths, which are kept."""
        ratio = painter.device().devicePixelRatioF()
        key = self.turn, self.tilt, self.zoom, self.width(), self.height(), ratio, self._grabbed is None
        if self._ground is None or self._key != key:
            self._key = key
            self._ground = self._painted(ratio)
        self._layer.draw(painter, self._trails, _Posed(self), ratio, self._ground)
        if self._layer.lags:
            self.update()

    def _painted(self, ratio: float) -> QPixmap:
        pixmap = QPixmap(QSize(round(self.width() * ratio), round(self.height() * ratio)))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(QColor(self.look.theme.card))  # a fraction of a pixel at the edges is not painted below
        with QPainter(pixmap) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_ground(painter)
        return pixmap

    def _paint_ground(self, painter: QPainter) -> None:
        painter.fillRect(self.rect(), QColor(self.look.theme.card))
        self._draw_base(painter)
        self._draw_facets(painter)
        self._draw_marks(painter)

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
        above = self._above[:: _FINE // facets, :: _FINE // facets]
        whole_above = above[:-1, :-1] & above[:-1, 1:] & above[1:, 1:] & above[1:, :-1]
        order = order[(np.isfinite(middle) & ~whole_above.ravel())[order]]
        table = ground_colours(self.look.theme)
        shades = np.round(255 * middle[order]).astype(np.intp)
        colours = (table[shades] * _light(heights, facets)[order, None]).clip(0, 255).astype(int)
        lines = mixed(self.look.theme.ink, QColor(*table[128].tolist()).name(), 0.22)
        painter.setPen(QPen(lines, 0.6 * self.look.metrics.hair))
        # Smooth edges take most of the time, and are not seen in motion.
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, self._grabbed is None)
        for (a, b, c, d), (red, green, blue) in zip(corners[order, :, :2].tolist(), colours.tolist(), strict=True):
            painter.setBrush(QColor(red, green, blue))
            painter.drawConvexPolygon([QPointF(*a), QPointF(*b), QPointF(*c), QPointF(*d)])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)

    def _draw_base(self, painter: QPainter) -> None:
        """Draw the base and ticks along its two sides that are in front."""
        corners = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]]) * (*self._half, 1.0)
        px = self._project(corners)
        painter.setPen(QPen(QColor(self.look.theme.muted), 1.2))
        painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y, _ in px.tolist()]))
        x0, x1, y0, y1 = self.shown
        half_x, half_y = self._half
        front_y = -half_y if np.cos(self.turn) > 0.0 else half_y
        front_x = -half_x if np.sin(self.turn) > 0.0 else half_x
        self._draw_ticks(painter, "x", x0, x1, lambda share, out: (half_x * share, front_y + np.sign(front_y) * out))
        self._draw_ticks(painter, "y", y0, y1, lambda share, out: (front_x + np.sign(front_x) * out, half_y * share))
        self._draw_height(painter, min(px.tolist(), key=lambda corner: float(corner[0])))

    def _draw_height(self, painter: QPainter, foot: Sequence[float]) -> None:
        """Draw the axis of heights at the corner of the base that is farthest to the left."""
        if not self._axis:
            return
        tick = self.look.metrics.tick
        up = self.zoom * self._fit * _HEIGHT * np.cos(self.tilt)
        x, y = foot[0], foot[1]
        painter.drawLine(QPointF(x, y), QPointF(x, y - up))
        painter.setFont(font(tick))
        for share, text in [*self._axis, (1.0 + 1.3 * tick / max(up, 1.0), "f")]:
            at = QPointF(x, y - share * up)
            if text != "f":
                painter.drawLine(at - QPointF(0.3 * tick, 0.0), at)
            room = QRectF(at.x() - 6.5 * tick, at.y() - 0.7 * tick, 6.0 * tick, 1.4 * tick)
            painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), text)

    def _draw_ticks(
        self,
        painter: QPainter,
        name: str,
        low: float,
        high: float,
        place: Callable[[float, float], tuple[float, float]],
    ) -> None:
        tick = self.look.metrics.tick
        painter.setFont(font(tick))
        painter.setPen(QColor(self.look.theme.muted))
        spacing = round_step((high - low) / 5.0)
        values = np.arange(np.ceil(low / spacing), np.floor(high / spacing) + 1) * spacing + 0.0  # no −0
        for value in [*values.tolist(), None]:
            share = 0.0 if value is None else 2.0 * (value - low) / (high - low) - 1.0
            x, y = place(share, _NAMES_OUT / 2.5 if value is not None else _NAMES_OUT)
            at = self._project(np.array([[x, y, 0.0]]))[0]
            text = name if value is None else tick_text(value, spacing)
            room = QRectF(at[0] - 3 * tick, at[1] - 0.7 * tick, 6 * tick, 1.4 * tick)
            painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter), text)

    def _draw_marks(self, painter: QPainter) -> None:
        points = stationary_points(self.surface)[:_MOST_MARKED]
        if points:
            at = self._box(np.array([(point.x, point.y) for point in points]))
            px = self._project(at)
            inside = self._are_inside(np.array([(point.x, point.y) for point in points]))
            seen = self._seen(at, self.turn, self.tilt)
            for i in np.flatnonzero(inside & np.isfinite(px).all(axis=1)):
                painter.setOpacity(1.0 if seen[i] else _THROUGH)
                draw_stationary(painter, self.look, points[i].kind, QPointF(*px[i, :2]))
            painter.setOpacity(1.0)

    def _draw_branches(self, painter: QPainter, trail: Trail) -> None:
        """Mark where a path leaves another, and where its run changes, unless a hill hides that."""
        places = np.array([(mark.x, mark.y) for mark in trail.marks]).reshape(-1, 2)
        if not len(places):
            return
        points = self._box(places)
        px = self._project(points)
        shown = self._are_inside(places) & np.isfinite(px).all(axis=1) & self._seen(points, self.turn, self.tilt)
        for mark, (x, y, _), is_shown in zip(trail.marks, px.tolist(), shown, strict=True):
            if is_shown:
                draw_branch(painter, self.look, trail.pen.color(), QPointF(x, y), mark)

    def _are_inside(self, places: Array) -> npt.NDArray[np.bool_]:
        x0, x1, y0, y1 = self.shown
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
        radii = rings(points, HEAD * tick)
        for (trail, point), radius in reversed(list(zip(shown, radii, strict=True))):
            draw_head(painter, self.look, trail.pen.color(), point, radius, room, trail.marker)
        named = [(trail, point) for trail, point in shown if trail.label]
        texts = [self._text(trail.label, trail.text_colour) for trail, _ in named]
        sizes: list[QSizeF] = [text.size for text in texts]
        taken = Taken(self._layer.lanes.busy, CELL_PX)
        points = [point for _, point in named]
        placed, self._choices = arrange_labels(points, sizes, room, 0.75 * tick, self._choices, (), taken)
        for label, text, (trail, point) in zip(placed, texts, named, strict=True):
            if label.led:
                painter.setPen(QPen(trail.pen.color(), max(1.2, 0.5 * self.look.metrics.line)))
                painter.drawLine(point, label.lead_from(point))
            text.draw(painter, label.rect.topLeft())

    def _text(self, text: str, colour: str) -> HaloText:
        if text not in self._texts:
            tick = self.look.metrics.tick
            bold = font(self.look.metrics.name, QFont.Weight.Bold)
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


class _Posed:
    """A scene as it is turned, as what paths are drawn on."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.size, self.rect, self.key = scene.size(), QRectF(scene.rect()), (scene.pose, scene.size())

    def to_px(self, places: Array) -> Array:
        """Return places (n, 2) in pixels, a little above the surface; NaN for those outside."""
        return np.asarray(np.clip(self._scene._project(self._lifted(places))[:, :2], -BEYOND, BEYOND))

    def seen(self, places: Array) -> npt.NDArray[np.bool_]:
        """Tell which places (n, 2) nothing hides."""
        return self._scene._seen(self._lifted(places), self._scene.turn, self._scene.tilt)

    def _lifted(self, places: Array) -> Array:
        inside = np.where(self._scene._are_inside(places)[:, None], places, np.nan)
        return np.asarray(self._scene._box(inside) + np.array([0.0, 0.0, _LIFT]))


def _flat(points: Array, turn: float, tilt: float) -> Array:
    """Return points of the box (n, 3) as seen in a pose: to the right, down, and towards the viewer, in its units."""
    cos, sin = np.cos(turn), np.sin(turn)
    across = points[:, 0] * cos - points[:, 1] * sin
    away = points[:, 0] * sin + points[:, 1] * cos
    up = points[:, 2] - _HEIGHT / 2.0
    return np.stack(
        [across, -(up * np.cos(tilt) + away * np.sin(tilt)), up * np.sin(tilt) - away * np.cos(tilt)], axis=1
    )


def _light(heights: Array, facets: int) -> Array:
    """Return a brightness for each facet, by how it is inclined to a light from the left."""
    across = (heights[:-1, 1:] - heights[:-1, :-1]) * facets / 2.0
    return np.asarray(1.0 + 0.1 * across / np.sqrt(1.0 + across**2)).ravel()

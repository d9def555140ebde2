"""A map: filled contours with axes, on which paths are drawn; zoomed by the wheel, moved by dragging."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy

from gradsim.engine.surfaces import Bounds, Surface
from gradsim.engine.surfaces.stationary import StationaryPoint, stationary_points
from gradsim.engine.types import Array
from gradsim.sim.kinds.race.standing import KINDS, place
from gradsim.ui.pieces import Pieces
from gradsim.ui.plots.branch_marks import draw_branch
from gradsim.ui.plots.contours import Lines, contours
from gradsim.ui.plots.devices import painting_on, paints_pixels, writes_shapes
from gradsim.ui.plots.end_labels import crossed
from gradsim.ui.plots.labels import Choices, HaloText, Placed, Taken, arrange_labels, cells_under
from gradsim.ui.plots.lanes import CELL_PX, NOWHERE
from gradsim.ui.plots.marks import HEAD, draw_arrow, draw_head, draw_start, draw_stationary, rings, within
from gradsim.ui.plots.plane import Plane, stretch_of
from gradsim.ui.plots.steered import Steered
from gradsim.ui.plots.trails import Trail, TrailLayer
from gradsim.ui.theme import Look, font

_MOST_NAMED = 6
"""Up to so many stationary points are named on the map; of more, only the minima, or only the lowest of these."""
_MOST_MARKED = 60
"""Of more stationary points than this, only the minima are marked."""
_MOST_SQUARES = 12
"""Labels keep off so many squares along an arrow, at most."""
_ALONG, _CLASH = 6, 25
"""Over how many cells names go along with their points, and as how many hidden ones a clash with another counts."""
_CLICK_PX = 4
_SETTLED_MS = 60
_ZOOM = 1.15
_SMALL = 0.5
"""What runs cross is small where both its sides are below this share of those of the runs before."""


class MapPlot(Steered):
    """The map of one surface.

    Parameters
    ----------
    look
        Colours, sizes, language.
    surface
        What is shown.
    small
        Whether it is one of several: without names of stationary points, with fewer ticks, not to be moved.
    home
        What is shown at first, and more around it as there is room: one scale holds for both axes. Left out, the
        window of the surface.
    first : (n, 2)
        Where the first path will run, as far as that is known: others leave it free.
    by_rank
        Whether level lines are by rank rather than in equal steps.
    """

    hovered = Signal(object)
    """The pointer's place in data coordinates as a QPointF, or None when it has left."""
    start_moved = Signal(float, float)
    """The start was dragged or clicked to this place."""
    window_changed = Signal()
    lines_changed = Signal()
    """Level lines differ by another step, or the picture is stretched by another factor."""

    def __init__(
        self,
        look: Look,
        surface: Surface,
        small: bool = False,
        home: Bounds | None = None,
        first: Array = NOWHERE,
        by_rank: bool = False,
    ) -> None:
        super().__init__()
        self.look, self.surface = look, surface
        self._home = home or surface.window
        self._next_home: Bounds | None = None
        """What other runs cross, while the start is being dragged: the map is not to move under the hand."""
        self._wanted: Bounds | None = None
        """What a viewer has asked for in place of it."""
        self.lines: Lines | None = None
        """By how much level lines differ, once they have been drawn."""
        self._small, self._by_rank = small, by_rank
        self._plane = Plane(look, self._home, self.size(), small)
        self._trails: Sequence[Trail] = ()
        self._start = self._allowed = QPointF()
        self._refused = False
        self._choices: Choices = {}
        self.labels: Sequence[Placed] = ()
        """Where names are, as they were painted last."""
        self._arranged: Sequence[Placed] = ()
        self._arranged_for: tuple[QRectF, QPointF, list[HaloText]] | None = None
        self._arranged_at: Sequence[QPointF] = ()
        """For which texts, and where, places were chosen last; points that are still near take their names along."""
        self._were_in_the_way = 0
        """How much the names hid there."""
        self._named: list[tuple[StationaryPoint, HaloText]] = []
        """Stationary points that are named, and their names."""
        self._texts: dict[str, HaloText] = {}
        self._ground: QPixmap | None = None
        self._ground_plane = self._plane
        """Where the ground was painted for."""
        self._ahead = False
        """Whether the ground is painted in pieces, while the last one stands in for it."""
        self._pieces = Pieces(self)
        self._layer = TrailLayer(look, first)
        self._pressed: QPointF | None = None
        self._grabbed = False
        self._moved = False
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.timeout.connect(self._repaint_ground)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus if small else Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(60, 60)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # its picture covers all of it
        self.setCursor(Qt.CursorShape.CrossCursor)

    # What it shows

    def show_trails(self, trails: Sequence[Trail]) -> None:
        """Show these paths."""
        self._trails = trails
        self.update()

    def show_start(self, x: float, y: float) -> None:
        """Mark where all paths begin, unless it is being dragged."""
        self._allowed, self._refused = QPointF(x, y), False
        if not self._grabbed:
            self._start = self._allowed
            self.update()

    def forget_ahead(self) -> None:
        """Know no more where runs will go: they are others."""
        self._layer.first = NOWHERE

    def show_ahead(self, home: Bounds, first: Array) -> None:
        """Know where other runs will go; what is shown stays as it is while that is in it, and not lost in it."""
        self._layer.first = first
        self._next_home = home
        if self._pressed is None:
            self._go_home()
        self.update()

    def _go_home(self) -> None:
        """Show another part of the surface where runs leave the present one or take little of it."""
        home, self._next_home = self._next_home, None
        if home is not None and not _suits(self.window_shown, self._home, home):
            self._home = home
            self._settle.start(_SETTLED_MS)
            self.update()

    def take_back(self) -> None:
        """Mark the start where it was shown last, as soon as it is not being dragged: it may not be where it is."""
        self._refused = True
        if not self._grabbed:
            self._start = self._allowed
            self.update()

    @property
    def wanted(self) -> Bounds | None:
        """What a viewer has asked to see, None while that is what is shown at first."""
        return self._wanted

    @property
    def window_shown(self) -> Bounds:
        """What is shown: what is wanted, and as much more as there is room for at one scale."""
        return self.plane.window

    @property
    def is_whole(self) -> bool:
        """Whether all of the surface's window was asked for."""
        return (self._wanted or self._home) == self.surface.window

    def show_whole(self) -> None:
        """Show what is shown at first."""
        self._want(None)

    def show_all(self) -> None:
        """Show all of the surface's window."""
        self._want(self.surface.window)

    def nudge(self, across: int, up: int) -> None:
        """Move by a tenth of what is shown."""
        x0, x1, y0, y1 = self.window_shown
        self._shift(QPointF(0.1 * across * (x1 - x0), 0.1 * up * (y1 - y0)))

    def zoom_by(self, notches: float) -> None:
        """Zoom around the middle."""
        self._zoom_around(self.plane.rect.center(), notches)

    def show_window(self, window: Bounds) -> None:
        """Show this window."""
        self._want(window)

    def _want(self, window: Bounds | None) -> None:
        self._wanted = window
        self._settle.start(_SETTLED_MS)
        self.update()
        self.window_changed.emit()

    @property
    def plane(self) -> Plane:
        """Where places are in pixels."""
        wanted = self._wanted or self._home
        if self._plane.wanted != wanted or self._plane.size != self.size():
            stretch = stretch_of(self.look, self._home, self.size())
            self._plane = Plane(self.look, wanted, self.size(), self._small, stretch)
            self._choices = {}
        return self._plane

    # Painting

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._ahead:
            self._settle.start(_SETTLED_MS)
        else:
            self._ground = None

    def _repaint_ground(self) -> None:
        if self._ahead:
            self._pieces.begin(self._paint_ground(self.devicePixelRatioF()))
        else:
            self._ground = None
            self.update()

    def paint_ahead(self) -> Iterator[None]:
        """Paint ground and paths in pieces, yielding in between, and from now on do so whenever others are needed."""
        self._ahead, self._layer.in_pieces, ratio = True, True, self.devicePixelRatioF()
        yield from self._paint_ground(ratio)
        yield
        if self._ground_plane is self.plane:
            yield from self._layer.draw_ahead(self._trails, self.plane, ratio, self._ground)

    def settle(self) -> None:
        """Have the ground that belongs to what is shown, and whole paths, here and now."""
        self._layer.settle()
        self.update()
        if self._ground_plane is not self.plane:
            self._pieces.drop()
            self._ground = None

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting_on(self) as painter:
            self._paint(painter)

    def _paint(self, painter: QPainter) -> None:
        settled = self._draw_shapes(painter) if writes_shapes(painter) else self._draw_kept(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        rect = self.plane.rect
        start = self.plane.point_px(self._start.x(), self._start.y())
        painter.save()
        painter.setClipRect(rect)
        self._draw_marks(painter, start, settled)
        heads = self._heads(rect)
        arrows = self._arrows(heads)
        self._draw_arrows(painter, arrows)
        painter.restore()
        entries = self._labelled(heads, settled)
        self._place_labels(entries, rect, start, arrows, heads)
        self._draw_leaders(painter, entries)
        self._draw_heads(painter, rect, heads)
        for (text, _, _), label in zip(entries, self.labels, strict=True):
            text.draw(painter, label.rect.topLeft())
        self.draw_focus(painter)

    def _draw_kept(self, painter: QPainter) -> bool:
        """Draw ground and paths, which are kept; tell whether the ground is that of the plane shown."""
        ratio = painter.device().devicePixelRatioF()
        if self._ground is None or self._ground.devicePixelRatioF() != ratio:
            for _ in self._paint_ground(ratio):
                pass
        settled = self._ground_plane is self.plane
        if not settled:
            self._draw_moved_ground(painter)
        self._layer.draw(painter, self._trails, self.plane, ratio, self._ground if settled else None)
        if self._layer.lags:
            self.update()
        if not paints_pixels(painter):
            self.plane.draw_axes(painter)
            self._layer.draw_shapes(painter, self._trails, self.plane, with_others=False)
        return settled

    def _draw_shapes(self, painter: QPainter) -> bool:
        """Draw ground and paths of the plane shown, nothing of which is kept."""
        painter.fillRect(self.rect(), QColor(self.look.theme.card))
        for _ in self._draw_ground(painter, self.plane):
            pass
        self._layer.draw_shapes(painter, self._trails, self.plane)
        return True

    def _draw_marks(self, painter: QPainter, start: QPointF, settled: bool) -> None:
        draw_start(painter, self.look, start)
        for trail in self._trails:
            for mark in trail.marks:
                at = self.plane.point_px(mark.x, mark.y)
                draw_branch(painter, self.look, trail.pen.color(), at, mark)
        for point, _ in self._named if settled else ():
            draw_stationary(painter, self.look, point.kind, self.plane.point_px(point.x, point.y))

    def _paint_ground(self, ratio: float) -> Generator[None, None, None]:
        pixmap, plane = QPixmap(QSize(round(self.width() * ratio), round(self.height() * ratio))), self.plane
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(QColor(self.look.theme.card))
        with QPainter(pixmap) as painter:
            lines = yield from self._draw_ground(painter, plane)
            if plane is not self.plane:
                return  # it has been resized or moved since
            before = self.lines, self._ground_plane.stretch
            self._ground, self._ground_plane, self.lines = pixmap, plane, lines
            if before != (lines, plane.stretch):
                self.lines_changed.emit()
            self.update()

    def _draw_ground(self, painter: QPainter, plane: Plane) -> Generator[None, None, Lines]:
        """Draw the surface in a plane, its stationary points and its axes; return by how much its lines differ."""
        painter.save()
        painter.setClipRect(plane.rect)
        try:
            lines = yield from contours(painter, self.look, self.surface, plane, self._by_rank)
            if plane is self.plane:
                self._draw_stationary(painter)
        finally:
            painter.restore()
        plane.draw_axes(painter)
        return lines

    def _draw_moved_ground(self, painter: QPainter) -> None:
        """Show the last picture of the ground where it lies in the window shown now, until there is a new one."""
        assert self._ground is not None
        painter.fillRect(self.rect(), QColor(self.look.theme.card))
        x0, x1, y0, y1 = self._ground_plane.window
        rect = self.plane.rect
        painter.save()
        painter.setClipRect(rect)
        target = QRectF(self.plane.point_px(x0, y1), self.plane.point_px(x1, y0))
        ratio = self._ground.devicePixelRatioF()
        source = QRectF(self._ground_plane.rect.topLeft() * ratio, self._ground_plane.rect.size() * ratio)
        painter.drawPixmap(target, self._ground, source)
        painter.restore()

    def _draw_stationary(self, painter: QPainter) -> None:
        """Mark stationary points, and choose the few that are named."""
        inset = 0.55 * self.look.metrics.tick  # a mark is shown whole or not at all
        room = self.plane.rect.adjusted(inset, inset, -inset, -inset)
        shown = [p for p in stationary_points(self.surface) if room.contains(self.plane.point_px(p.x, p.y))]
        for point in shown:
            if len(shown) <= _MOST_MARKED or point.kind == "minimum":
                draw_stationary(painter, self.look, point.kind, self.plane.point_px(point.x, point.y))
        self._named = []
        if self._small:
            return
        lowest = [p for p in shown if p.kind == "minimum"]
        named = next((some for some in (shown, lowest) if len(some) <= _MOST_NAMED), lowest[:1])
        ink, is_brief = self.look.theme.ink, self.look.theme.name == "projector"
        if is_brief:  # there the kind alone, once
            named = list({point.kind: point for point in reversed(named)}.values())
        names = [self.look.tr(KINDS[p.kind]) + ("" if is_brief else f" {place(p)}") for p in named]
        self._named = [(p, self._text(name, ink, QFont.Weight.Normal)) for p, name in zip(named, names, strict=True)]

    def _text(self, text: str, colour: str, weight: QFont.Weight) -> HaloText:
        key = f"{colour}{weight}{text}"
        if key not in self._texts:
            metrics = self.look.metrics
            em = metrics.name if weight == QFont.Weight.Bold else metrics.tick
            self._texts[key] = HaloText(text, font(em, weight), colour, self.look.theme.card, 0.16 * metrics.tick)
        return self._texts[key]

    def _heads(self, rect: QRectF) -> list[_Head]:
        """Return where the paths have come to; of heads at one place, those below are rings around the one on top."""
        ends = [(trail, self.plane.point_px(*trail.end)) for trail in self._trails if trail.end is not None]
        shown = [within(end, rect) for _, end in ends]
        sizes = rings(shown, (0.36 if self._small else HEAD) * self.look.metrics.tick)
        return [_Head(*end, at, size) for end, at, size in zip(ends, shown, sizes, strict=True)]

    def _arrows(self, heads: Sequence[_Head]) -> list[_Arrow]:
        """Return the next steps to the scale of the map, those of the first run last.

        Those too short to be seen are left out.
        """
        line, least, found = self.look.metrics.line, 0.8 * self.look.metrics.tick, []
        for trail, start, _, _ in reversed(heads):
            if trail.end is None or trail.gone:
                continue
            arrows = ((trail.downhill, QColor(self.look.theme.muted), 0.8), (trail.move, trail.pen.color(), 1.4))
            for vector, colour, width in arrows:
                if vector is not None and np.isfinite(vector).all():
                    tip = self.plane.point_px(*(trail.end + vector))
                    if np.hypot(tip.x() - start.x(), tip.y() - start.y()) >= least:
                        found.append(_Arrow(start, tip, colour, width * line))
        return found

    def _draw_arrows(self, painter: QPainter, arrows: Sequence[_Arrow]) -> None:
        for start, tip, colour, width in arrows:
            draw_arrow(painter, colour, start, tip, width, QColor(self.look.theme.card))

    def _under(self, arrows: Sequence[_Arrow]) -> list[QRectF]:
        """Return squares that cover arrows."""
        side, found = self.look.metrics.tick, []
        for start, tip, _, _ in arrows:
            away = tip - start
            count = min(_MOST_SQUARES, 1 + int(np.hypot(away.x(), away.y()) / side))
            middles = [start + away * (i / count) for i in range(1, count + 1)]
            found += [_square(middle, side / 2) for middle in middles]
        return found

    def _draw_heads(self, painter: QPainter, rect: QRectF, heads: Sequence[_Head]) -> None:
        """Draw where the paths have come to."""
        for trail, end, _, size in reversed(heads):
            draw_head(painter, self.look, trail.pen.color(), end, size, rect, trail.marker)

    def _labelled(self, heads: Sequence[_Head], settled: bool) -> list[_Entry]:
        """Return what is written on the map, what it belongs to, and in which colour."""
        ink = QColor(self.look.theme.ink)
        entries = [(text, self.plane.point_px(p.x, p.y), ink) for p, text in self._named if settled]
        for trail, _, at, _ in heads:
            if trail.label:
                name = crossed(trail.label) if trail.gone else trail.label
                text = self._text(name, trail.text_colour, QFont.Weight.Bold)
                entries.append((text, at, trail.pen.color()))
        return entries

    def _place_labels(
        self,
        entries: Sequence[_Entry],
        rect: QRectF,
        start: QPointF,
        arrows: Sequence[_Arrow],
        heads: Sequence[_Head],
    ) -> None:
        """Find places for names; while what they belong to has hardly moved, they move along."""
        points, key = [point for _, point, _ in entries], (rect, start, [text for text, _, _ in entries])
        if key == self._arranged_for and all(map(_is_near, points, self._arranged_at)):
            moves = zip(self._arranged, points, self._arranged_at, strict=True)
            self.labels = [label._replace(rect=label.rect.translated(to - at)) for label, to, at in moves]
            if self._in_the_way(rect, heads) <= self._were_in_the_way:
                return  # they hide no more than at their places then
        avoid = [_square(start, 0.6 * self.look.metrics.tick)]
        avoid += [_square(at, 1.3 * size) for _, _, at, size in heads]
        self.labels = self._arranged = self._arrange(entries, rect, [*avoid, *self._under(arrows)])
        self._arranged_for, self._arranged_at = key, points
        self._were_in_the_way = self._in_the_way(rect, heads)

    def _in_the_way(self, rect: QRectF, heads: Sequence[_Head]) -> int:
        """Return how much the names hide, in cells: of the paths, of each other and of heads, or are outside."""
        names = [label.rect for label in self.labels]
        marks = [_square(at, size) for _, _, at, size in heads]
        clashes = sum(one.intersects(other) for i, one in enumerate(names) for other in (*names[:i], *marks))
        outside = sum(not rect.contains(name) for name in names)
        return cells_under(self._layer.lanes.busy, CELL_PX, names) + _CLASH * (clashes + outside)

    def _draw_leaders(self, painter: QPainter, entries: Sequence[_Entry]) -> None:
        """Draw lines from names to what they belong to, below the heads of paths."""
        leader = max(1.2, 0.5 * self.look.metrics.line)
        for (_, point, colour), label in zip(entries, self.labels, strict=True):
            if label.led:
                painter.setPen(QPen(colour, leader))
                painter.drawLine(point, label.lead_from(point))

    def _arrange(self, entries: Sequence[_Entry], rect: QRectF, avoid: Sequence[QRectF]) -> Sequence[Placed]:
        """Return where labels hide neither marks nor paths; as far as that is about as good, where they were."""
        tick, taken = self.look.metrics.tick, Taken(self._layer.lanes.busy, CELL_PX)
        points, sizes = [point for _, point, _ in entries], [text.size for text, _, _ in entries]
        room = rect.adjusted(CELL_PX, CELL_PX, -CELL_PX, -CELL_PX)
        placed, self._choices = arrange_labels(points, sizes, room, 0.75 * tick, self._choices, avoid, taken)
        return placed

    # The mouse

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self._small or not event.angleDelta().y():
            event.ignore()
            return
        self._zoom_around(event.position(), event.angleDelta().y() / 120)
        event.accept()

    def _zoom_around(self, pixel: QPointF, notches: float) -> None:
        factor = _ZOOM**-notches
        at = self.plane.place(pixel)
        x0, x1, y0, y1 = self.window_shown
        window = (
            at.x() + factor * (x0 - at.x()),
            at.x() + factor * (x1 - at.x()),
            at.y() + factor * (y0 - at.y()),
            at.y() + factor * (y1 - at.y()),
        )
        if self._is_reasonable(window):
            self._wanted = window
            # The axis may have become wider or narrower: what is under the pointer is to stay there.
            self._shift(at - self.plane.place(pixel))

    def _is_reasonable(self, window: Bounds) -> bool:
        """Tell whether a window is neither so small that rounding shows nor so large that nothing does."""
        (x0, x1, y0, y1), (w0, w1, _, _) = window, self.surface.window
        largest = max(abs(v) for v in window)
        return 1e-9 * largest < min(x1 - x0, y1 - y0) and x1 - x0 < 1e3 * (w1 - w0)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        self._pressed, self._moved = event.position(), False
        near = event.position() - self.plane.point_px(self._start.x(), self._start.y())
        self._grabbed = float(np.hypot(near.x(), near.y())) <= self.look.metrics.body

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = self.plane.place(event.position())
        if self._pressed is None:
            self.hovered.emit(place if self.plane.rect.contains(event.position()) else None)
            return
        self.hovered.emit(None)
        away = event.position() - self._pressed
        self._moved = self._moved or float(np.hypot(away.x(), away.y())) > _CLICK_PX
        if self._grabbed:
            self._put_start(event.position())
        elif self._moved and not self._small:
            self._shift(self.plane.place(self._pressed) - self.plane.place(event.position()))
            self._pressed = event.position()

    def _shift(self, moved: QPointF) -> None:
        x0, x1, y0, y1 = self.window_shown
        self.show_window((x0 + moved.x(), x1 + moved.x(), y0 + moved.y(), y1 + moved.y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pressed is not None and not self._moved and self.plane.rect.contains(event.position()):
            self._put_start(event.position())
        self._pressed, self._grabbed = None, False
        if self._refused:
            self.take_back()
        self._go_home()

    def _put_start(self, at: QPointF) -> None:
        place = self.plane.place(within(at, self.plane.rect))
        self._start, self._refused = place, False
        self.update()
        x0, x1, y0, y1 = self.window_shown
        # As exact as the pixels are: the file that holds it stays readable.
        digits = max(0, 1 - int(np.floor(np.log10(min(x1 - x0, y1 - y0) / 500))))
        self.start_moved.emit(round(place.x(), digits), round(place.y(), digits))

    def leaveEvent(self, event: object) -> None:
        self.hovered.emit(None)


def _square(middle: QPointF, half: float) -> QRectF:
    """Return the square around a place."""
    return QRectF(middle.x() - half, middle.y() - half, 2 * half, 2 * half)


_Entry = tuple[HaloText, QPointF, QColor]
"""What is written, what it belongs to, and the colour of the line between the two."""


class _Head(NamedTuple):
    """Where a path has come to, the nearest place to it on the map, and the radius of its marker."""

    trail: Trail
    end: QPointF
    at: QPointF
    size: float


class _Arrow(NamedTuple):
    start: QPointF
    tip: QPointF
    colour: QColor
    width: float


def _is_near(one: QPointF, other: QPointF) -> bool:
    """Tell whether two points are so near that a name goes along from one to the other."""
    return max(abs(one.x() - other.x()), abs(one.y() - other.y())) < _ALONG * CELL_PX


def _suits(shown: Bounds, before: Bounds, home: Bounds) -> bool:
    """Tell whether what other runs cross is inside of what is shown, and not small beside what was crossed before."""
    x0, x1, y0, y1 = home
    inside = shown[0] <= x0 and x1 <= shown[1] and shown[2] <= y0 and y1 <= shown[3]
    return inside and max((x1 - x0) / (before[1] - before[0]), (y1 - y0) / (before[3] - before[2])) > _SMALL

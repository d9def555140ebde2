"""Dots that can be told apart where they coincide, with names that lie on none of them nor on any line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen, QTransform

from gradsim.engine.types import Array
from gradsim.ui.label import mode_for
from gradsim.ui.plots.end_labels import draw_end
from gradsim.ui.plots.labels import Field, Placed, runs_through, shared
from gradsim.ui.plots.marks import within
from gradsim.ui.plots.strokes import in_px
from gradsim.ui.theme import Look, font, text_width

_RADIUS = 0.5
"""Of a dot, in heights of the type."""
_WIDEST = 0.35
"""What share of the width a name takes at most; a short one may take more."""
_SHORT_EM, _SHORT_WIDEST = 5.0, 0.6
_MORE = 0.7
"""How much more names hide before they choose new places, in squares of the type's height."""
_RING = 0.55
"""How much larger a dot is than one that lies on it, in radii."""


class Dot(NamedTuple):
    """A run's dot in data coordinates, and its name."""

    x: float
    y: float
    text: str


def radii(places: Array, radius: float) -> list[float]:
    """Return the radii of dots at `places` (n, 2) in the order of drawing: what has another on it is a ring."""
    found = []
    for i, place in enumerate(places):
        away = np.hypot(*(places[i + 1 :] - place).T)
        found.append(radius * (1.0 + _RING * int((away < radius).sum())))
    return found


def covers(px: Sequence[Array], width: float) -> Array:
    """Return rectangles (m, [left, top, right, bottom]) that cover lines through points (n, 2), a width wide."""
    found = [np.empty((0, 4))]
    for line in px:
        parts = line[np.minimum(np.arange(0, len(line) - 1, 3)[:, None] + np.arange(4), len(line) - 1)]
        around = np.array([0.0, width / 2.0])
        found.append(np.concatenate([parts.min(axis=1) - around, parts.max(axis=1) + around], axis=1))
    return np.concatenate(found)


class Dots(pg.GraphicsObject):  # type: ignore[misc]
    """The dots of all runs and their names, over all lines; crosses stand where lines leave the picture."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._font = font(look.metrics.name, QFont.Weight.Bold)
        self.dots: Sequence[Dot] = ()
        self.placed: list[Placed] = []
        """Where the names are, in pixels from the corner of the plot's region."""
        self.named: list[bool] = []
        """Which dots have their names beside them."""
        self._crosses: Sequence[tuple[int, float, float]] = ()
        self._metrics = QFontMetrics(self._font)
        self._at: Array = np.empty((0, 2))
        self._placed_for: tuple[Sequence[str], QRectF] | None = None
        self._least: Array = np.empty(0)
        """The area that each name hid when its place was chosen."""
        self._bounds = QRectF()
        self._lines: Sequence[Array] = ()
        self._covered_for: tuple[QRectF, tuple[int, int]] | None = None
        self._covered: Array = np.empty((0, 4))
        """Rectangles that cover the lines."""
        self.setZValue(20)

    @property
    def radius(self) -> float:
        """Radius of a dot in pixels."""
        return _RADIUS * self._look.metrics.tick

    def show_dots(
        self,
        dots: Sequence[Dot],
        crosses: Sequence[tuple[int, float, float]],
        lines: Sequence[Array],
        bounds: QRectF,
        size: tuple[int, int],
    ) -> None:
        """Show dots, and crosses of runs at (x, y), among lines through points (n, 2).

        Parameters
        ----------
        bounds
            What is shown, in data coordinates; the origin is the corner of the least x and y.
        size
            Its width and height in pixels.
        """
        self.prepareGeometryChange()
        most = max(_WIDEST * size[0], min(_SHORT_EM * self._look.metrics.name, _SHORT_WIDEST * size[0]))
        mode = mode_for([dot.text for dot in dots])
        self.dots = [dot._replace(text=self._metrics.elidedText(dot.text, mode, round(most))) for dot in dots]
        self._crosses, self._bounds = crosses, bounds
        scale = np.array([size[0] / bounds.width(), -size[1] / bounds.height()])
        origin = np.array([bounds.left(), bounds.bottom()])
        places = (np.array([(dot.x, dot.y) for dot in dots]) - origin) * scale
        if lines is not self._lines or (bounds, size) != self._covered_for:
            self._lines, self._covered_for = lines, (bounds, size)
            self._covered = covers([(line - origin) * scale for line in lines], 1.5 * self._look.metrics.line)
        around = np.array(radii(places, self.radius))[:, None]
        taken = np.concatenate([self._covered, np.concatenate([places - around, places + around], axis=1)])
        if not self._look.has_key:
            self._place_names(places, taken, QRectF(0.0, 0.0, *size))
        self.update()

    def _place_names(self, places: Array, taken: Array, room: QRectF) -> None:
        """Let the names go with their dots, and choose new places for those that come to hide more than they did."""
        texts = [dot.text for dot in self.dots]
        if (texts, room) != self._placed_for:
            self.placed, self._placed_for = self._named(places, taken, room, {}), (texts, room)
            self._least = self._hidden(taken, room)
        else:
            moves = zip(self.placed, (places - self._at).tolist(), strict=True)
            self.placed = [placed._replace(rect=placed.rect.translated(*move)) for placed, move in moves]
            stay = self._hidden(taken, room) <= self._least + _MORE * self._look.metrics.tick**2
            if not stay.all():
                kept = {run: self.placed[run] for run in np.flatnonzero(stay).tolist()}
                self.placed = self._named(places, taken, room, kept)
                self._least = np.where(stay, self._least, self._hidden(taken, room))
        self._at = places
        # One alone is told by the map and the sentence.
        self.named = _apart(self.placed, places) if len(places) > 1 else [False] * len(places)

    def _hidden(self, taken: Array, room: QRectF) -> Array:
        """Return the area that each name shares with what is taken and with other names, or has outside."""
        rects = [placed.rect for placed in self.placed]
        boxes = np.array([(rect.left(), rect.top(), rect.right(), rect.bottom()) for rect in rects])
        whole = np.array([[room.left(), room.top(), room.right(), room.bottom()]])
        # Of its own area it shares all with itself, and what is in the room with that.
        hidden = shared(boxes, taken).sum(axis=1) + shared(boxes, boxes).sum(axis=1)
        return np.asarray(hidden - shared(boxes, whole)[:, 0])

    def _named(self, places: Array, taken: Array, room: QRectF, kept: Mapping[int, Placed]) -> list[Placed]:
        """Return where the names of dots at `places` are; some are `kept`, of the others the highest choose first.

        A name keeps out of what is taken, of other names and of the lines that lead to them.
        """
        tick = self._look.metrics.tick
        before = [placed.choice for placed in self.placed] if len(self.placed) == len(self.dots) else []
        field, found = Field(room, places, 0.9 * tick, taken), dict(kept)
        for run, placed in kept.items():
            field.keep(placed, places[run])
        for run in np.argsort(places[:, 1], kind="stable").tolist():
            if run not in found:
                em = self._look.metrics.name
                size = QSizeF(text_width(self._font, self.dots[run].text) + 0.4 * em, 1.3 * em)
                placed = field.place(places[run], size, before[run] if before else -1)
                found[run] = placed._replace(rect=_moved_into(placed.rect, room))
        return [found[run] for run in range(len(self.dots))]

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(self, painter: QPainter, *args: object) -> None:
        if not self.dots:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        places = in_px(painter, np.array([(dot.x, dot.y) for dot in self.dots]))
        corner = in_px(painter, np.array([[self._bounds.left(), self._bounds.bottom()]]))[0]
        crosses = in_px(painter, np.array([(x, y) for _, x, y in self._crosses]).reshape(-1, 2))
        to_px = painter.worldTransform()
        painter.setWorldTransform(QTransform())
        for (run, *_), at in zip(self._crosses, crosses.tolist(), strict=True):
            self._draw_cross(painter, run, QPointF(*at))
        rects = [placed.rect.translated(*corner) for placed in self.placed]
        ends = [QPointF(*place) for place in places.tolist()]
        for run, (placed, rect) in enumerate(zip(self.placed, rects, strict=True)):
            if placed.led and self.named[run]:
                painter.setPen(QPen(QColor(self._look.run_colour(run)), max(1.0, 0.4 * self._look.metrics.line)))
                painter.drawLine(QLineF(ends[run], within(ends[run], rect)))
        for run, (radius, end) in enumerate(zip(radii(places, self.radius), ends, strict=True)):
            draw_end(painter, self._look, run, end, radius)
        self._draw_names(painter, rects)
        painter.setWorldTransform(to_px)

    def _draw_names(self, painter: QPainter, rects: Sequence[QRectF]) -> None:
        painter.setFont(self._font)
        for run, rect in enumerate(rects):
            if not self.named[run]:
                continue
            painter.setPen(QColor(self._look.text_colour(run)))
            metrics = painter.fontMetrics()
            at = QPointF(rect.left() + 0.2 * self._look.metrics.name, rect.center().y() + metrics.capHeight() / 2)
            painter.drawText(at, self.dots[run].text)

    def _draw_cross(self, painter: QPainter, run: int, at: QPointF) -> None:
        size = 0.24 * self._look.metrics.tick
        painter.setPen(QPen(QColor(self._look.run_colour(run)), max(1.5, 0.7 * self._look.metrics.line)))
        for side in (-1.0, 1.0):
            painter.drawLine(QLineF(at.x() - size, at.y() - side * size, at.x() + size, at.y() + side * size))


def _apart(placed: Sequence[Placed], ends: Array) -> list[bool]:
    """Tell for each name whether it is off those before it that are, and off the lines that lead to them."""
    kept: list[tuple[QRectF, QLineF]] = []
    found = []
    for one, end in zip(placed, ends.tolist(), strict=True):
        lead = QLineF(QPointF(*end), within(QPointF(*end), one.rect) if one.led else QPointF(*end))
        found.append(
            not any(
                one.rect.intersects(rect) or runs_through(lead, rect) or runs_through(other, one.rect)
                for rect, other in kept
            )
        )
        if found[-1]:
            kept.append((one.rect, lead))
    return found


def _moved_into(rect: QRectF, room: QRectF) -> QRectF:
    """Return a rectangle moved as little as it takes to be inside of another."""
    left = max(room.left(), min(rect.left(), room.right() - rect.width()))
    top = max(room.top(), min(rect.top(), room.bottom() - rect.height()))
    return QRectF(left, top, rect.width(), rect.height())

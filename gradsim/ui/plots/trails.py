"""Paths on a map. They grow from frame to frame, so only what has come since is drawn, on a picture that is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from gradsim.engine.types import Array
from gradsim.ui.plots.branch_marks import BranchMark
from gradsim.ui.plots.lanes import FINEST_PX, NOWHERE, Lanes
from gradsim.ui.plots.plane import Plane
from gradsim.ui.plots.strokes import Strokes, joined, lengths
from gradsim.ui.theme import Look, mixed

MOST_POINTS = 1500


@dataclass
class Trail:
    """One run's path up to the step shown.

    Attributes
    ----------
    places : (n, 2)
        Its places in data coordinates.
    pen
        Its colour and width; it is drawn solid.
    label
        What is written at its head.
    gone
        Whether it has diverged.
    others : (n, m, 2)
        Further descents of the run, which are drawn as thin lines.
    marks
        Where it leaves another run, and where it changes.
    downhill, move : (2,)
        The gradient's part of the next step at the learning rate, against its direction, and the next step.
    """

    places: Array
    pen: QPen
    label: str = ""
    gone: bool = False
    others: Array = field(default_factory=lambda: np.empty((0, 0, 2)))
    marks: Sequence[BranchMark] = ()
    downhill: Array | None = None
    move: Array | None = None

    @property
    def end(self) -> Array | None:
        """The last place (2,), None where there is none."""
        finite = self.places[np.isfinite(self.places).all(axis=1)]
        return finite[-1] if len(finite) else None


class TrailLayer:
    """A picture of paths, the first of which lies on top.

    Parameters
    ----------
    look
        Colours.
    first : (n, 2)
        Where the first path will run, in data coordinates, as far as that is known: others leave it free.
    """

    def __init__(self, look: Look, first: Array = NOWHERE) -> None:
        self._look, self.first = look, first
        self._pixmap = QPixmap()
        self._key: object = None
        self._drawn: list[_Drawn] = []
        self._strokes = Strokes()
        self.lanes = Lanes(0, QSize(), 1.0)

    def painted(self, trails: Sequence[Trail], plane: Plane, ratio: float, ground: QPixmap | None) -> QPixmap:
        """Return the picture of the paths in a plane, on a ground; without one, it is transparent."""
        key = plane.window, plane.size, ratio, None if ground is None else ground.cacheKey(), id(self.first)
        fits = self._key == key and len(trails) == len(self._drawn)
        if not (fits and all(drawn.goes_on_as(trail) for drawn, trail in zip(self._drawn, trails, strict=True))):
            self._key, self._drawn = key, [_Drawn() for _ in trails]
            unit = self._look.metrics.tick / 17.0
            self.lanes = Lanes(len(trails), plane.size, unit, plane.to_px(self.first))
            self._pixmap = _transparent(plane.size, ratio) if ground is None else ground.copy()
        new = [trail.places[drawn.count :] for drawn, trail in zip(self._drawn, trails, strict=True)]
        lines = self.lanes.follow([plane.to_px(places) for places in new])
        painter = QPainter(self._pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(plane.rect)
        for drawn, trail in zip(self._drawn, trails, strict=True):
            self._draw_others(painter, trail, drawn, plane)
        for drawn, trail, line in reversed(list(zip(self._drawn, trails, lines, strict=True))):
            self._draw_path(painter, trail, line)
            drawn.remember(trail)
        painter.end()
        return self._pixmap

    def _draw_others(self, painter: QPainter, trail: Trail, drawn: _Drawn, plane: Plane) -> None:
        new = trail.others[max(0, drawn.count - 1) :]
        if new.size == 0 or len(new) < 2:
            return
        px = plane.to_px(new.reshape(-1, 2)).reshape(new.shape)
        ends = np.concatenate([px[:-1], px[1:]], axis=2).reshape(-1, 4)
        width = 0.4 * self._look.metrics.line
        pen = QPen(mixed(trail.pen.color().name(), self._look.theme.card, 0.6), width, c=Qt.PenCapStyle.RoundCap)
        self._strokes.segments(painter, ends[np.isfinite(ends).all(axis=1)], pen)

    def _draw_path(self, painter: QPainter, trail: Trail, line: Array) -> None:
        if len(line) < 2:
            return
        width = trail.pen.widthF()
        # Flat: it must not cover the end of what was drawn before.
        rim = QPen(QColor(self._look.theme.card), width + 0.7 * self._look.metrics.line, c=Qt.PenCapStyle.FlatCap)
        pen = QPen(trail.pen)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        self._strokes.segments(painter, joined(line), rim)
        self._strokes.segments(painter, joined(line), pen)


def _transparent(size: QSize, ratio: float) -> QPixmap:
    pixmap = QPixmap(QSize(round(size.width() * ratio), round(size.height() * ratio)))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    return pixmap


class _Drawn:
    """How far a path is drawn."""

    def __init__(self) -> None:
        self.count = 0
        self._places: Array = np.empty((0, 2))
        self._others: Array = np.empty((0, 0, 2))
        self._pen = QPen()

    def goes_on_as(self, trail: Trail) -> bool:
        """Tell whether what is drawn is the beginning of this path."""
        if self.count == 0:
            return True
        if len(trail.places) < self.count or trail.pen != self._pen:
            return False
        same = np.array_equal(trail.places[: self.count], self._places, equal_nan=True)
        return same and np.array_equal(trail.others[: self.count], self._others, equal_nan=True)

    def remember(self, trail: Trail) -> None:
        """Note that all of a path is drawn."""
        self.count, self._pen = len(trail.places), trail.pen
        self._places, self._others = trail.places, trail.others


def thinned(px: Array) -> Array:
    """Return a path in pixels (n, 2) without points that lie next to the one before; its first point stays."""
    if len(px) < 2:
        return px
    steps = lengths(px)
    finest = max(FINEST_PX, float(steps.sum()) / MOST_POINTS)
    keep = np.diff(np.floor(np.cumsum(steps) / finest), prepend=0.0) > 0
    return np.concatenate([px[:1], px[1:][keep]])

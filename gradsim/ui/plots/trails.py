"""Paths on a map. They grow from frame to frame, so only what has come since is drawn, on a picture that is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPen, QPixmap

from gradsim.engine.types import Array
from gradsim.ui.plots.branch_marks import BranchMark
from gradsim.ui.plots.plane import Plane
from gradsim.ui.plots.strokes import Strokes, joined, lengths
from gradsim.ui.theme import Look, mixed

FINEST_PX = 1.5
"""Points nearer than this to the one before are left out."""
MOST_POINTS = 1500


@dataclass
class Trail:
    """One run's path up to the step shown.

    Attributes
    ----------
    places : (n, 2)
        Its places in data coordinates.
    pen
        Its colour and dash.
    label
        What is written at its head.
    gone
        Whether it has diverged.
    others : (n, m, 2)
        Further descents of the run, which are drawn as thin lines.
    marks
        Where it leaves another run, and where it changes.
    """

    places: Array
    pen: QPen
    label: str = ""
    gone: bool = False
    others: Array = field(default_factory=lambda: np.empty((0, 0, 2)))
    marks: Sequence[BranchMark] = ()

    @property
    def end(self) -> Array | None:
        """The last place (2,), None where there is none."""
        finite = self.places[np.isfinite(self.places).all(axis=1)]
        return finite[-1] if len(finite) else None


class TrailLayer:
    """A picture of paths.

    Parameters
    ----------
    look
        Colours.
    """

    def __init__(self, look: Look) -> None:
        self._look = look
        self._pixmap = QPixmap()
        self._key: object = None
        self._drawn: list[_Drawn] = []
        self._strokes = Strokes()

    def painted(self, trails: Sequence[Trail], plane: Plane, ratio: float, ground: QPixmap | None) -> QPixmap:
        """Return the picture of the paths in a plane, on a ground; without one, it is transparent."""
        key = plane.window, plane.size, ratio, None if ground is None else ground.cacheKey()
        fits = self._key == key and len(trails) == len(self._drawn)
        if not (fits and all(drawn.goes_on_as(trail) for drawn, trail in zip(self._drawn, trails, strict=True))):
            self._key, self._drawn = key, [_Drawn() for _ in trails]
            self._pixmap = _transparent(plane.size, ratio) if ground is None else ground.copy()
        painter = QPainter(self._pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(plane.rect)
        for drawn, trail in zip(self._drawn, trails, strict=True):
            self._draw_others(painter, trail, drawn, plane)
        for drawn, trail in zip(self._drawn, trails, strict=True):
            self._draw_path(painter, trail, drawn, plane)
            drawn.remember(trail)
        painter.end()
        return self._pixmap

    def draw_shapes(self, painter: QPainter, trails: Sequence[Trail], plane: Plane) -> None:
        """Draw the paths as lines, for a painter that makes no pixels."""
        for trail in trails:
            line = thinned(plane.to_px(trail.places[np.isfinite(trail.places).all(axis=1)]))
            self._strokes.line(painter, line, trail.pen)

    def _draw_others(self, painter: QPainter, trail: Trail, drawn: _Drawn, plane: Plane) -> None:
        new = trail.others[max(0, drawn.count - 1) :]
        if new.size == 0 or len(new) < 2:
            return
        px = plane.to_px(new.reshape(-1, 2)).reshape(new.shape)
        ends = np.concatenate([px[:-1], px[1:]], axis=2).reshape(-1, 4)
        pen = QPen(mixed(trail.pen.color().name(), self._look.theme.card, 0.6), 1.0, c=Qt.PenCapStyle.RoundCap)
        self._strokes.segments(painter, ends[np.isfinite(ends).all(axis=1)], pen)

    def _draw_path(self, painter: QPainter, trail: Trail, drawn: _Drawn, plane: Plane) -> None:
        new = trail.places[drawn.count :]
        px = plane.to_px(new[np.isfinite(new).all(axis=1)])
        if drawn.tip is not None:
            px = np.concatenate([drawn.tip, px])
        line = thinned(px)
        if len(line):
            drawn.tip = line[-1:]
        if len(line) < 2:
            return
        solid = trail.pen.style() == Qt.PenStyle.SolidLine
        # Under dashes, a light band of the same colour holds the path together and sets it off from the map.
        under = mixed(trail.pen.color().name(), self._look.theme.card, 0.0 if solid else 0.35)
        rim = QPen(under, trail.pen.widthF() + 1.8, c=Qt.PenCapStyle.RoundCap)
        pen = QPen(trail.pen)
        if solid:
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        self._strokes.segments(painter, joined(line), rim)
        self._strokes.line(painter, line, pen, drawn.length)
        drawn.length += float(lengths(line).sum())


def _transparent(size: QSize, ratio: float) -> QPixmap:
    pixmap = QPixmap(QSize(round(size.width() * ratio), round(size.height() * ratio)))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    return pixmap


class _Drawn:
    """How far a path is drawn."""

    def __init__(self) -> None:
        self.count = 0
        self.tip: Array | None = None
        """The last point in pixels that was drawn to, (1, 2)."""
        self.length = 0.0
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

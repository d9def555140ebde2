"""Paths on a map. They grow from frame to frame, so only what has come since is drawn, on a picture that is kept.

The way to the last place is not part of it: of a long run every so many steps are kept, and besides them the
present one, which the next frame does not have.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from math import isfinite
from typing import Protocol

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from gradsim.engine.types import Array
from gradsim.ui.plots.branch_marks import BranchMark
from gradsim.ui.plots.lanes import NOWHERE, Lanes, points_between
from gradsim.ui.plots.strokes import Strokes, dashes, joined, lengths
from gradsim.ui.theme import DOT, Look, Marker, mixed

_THROUGH = 0.75
"""Of its colour has a path where something hides it."""
AT_ONCE = 300
"""So many points of all lines are drawn in one turn of the event loop, where it must not take long."""
_FEW = 8
"""So many places of each path are drawn in any case."""
_LONG = 64
"""So many places in common tell a path from others that begin alike."""


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
    marker
        What is drawn at its head.
    ink
        The colour of its label, where that is not the pen's.
    """

    places: Array
    pen: QPen
    label: str = ""
    gone: bool = False
    others: Array = field(default_factory=lambda: np.empty((0, 0, 2)))
    marks: Sequence[BranchMark] = ()
    downhill: Array | None = None
    move: Array | None = None
    marker: Marker = DOT
    ink: str = ""

    @property
    def text_colour(self) -> str:
        """The colour of its label: that of the path, unless another one is given."""
        return self.ink or self.pen.color().name()

    @cached_property
    def end(self) -> Array | None:
        """The last place (2,), None where there is none."""
        finite = np.flatnonzero(np.isfinite(self.places).all(axis=1))
        return self.places[finite[-1]] if len(finite) else None


class Ground(Protocol):
    """What paths are drawn on: where places are in pixels, and which are behind something."""

    @property
    def key(self) -> Hashable:
        """What a picture of paths depends on."""

    @property
    def size(self) -> QSize:
        """That of the picture."""

    @property
    def rect(self) -> QRectF:
        """Where paths are drawn."""

    def to_px(self, places: Array) -> Array:
        """Return places (n, 2) in pixels, NaN where there is none."""

    def seen(self, places: Array) -> npt.NDArray[np.bool_]:
        """Tell which places (n, 2) nothing hides."""


class TrailLayer:
    """A picture of paths up to their last places but one, the first of which lies on top.

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
        self.in_pieces = False
        """Whether one drawing adds AT_ONCE points to all lines, or little more; the next goes on from there."""
        self._settles = False

    @property
    def lags(self) -> bool:
        """Whether not all places are drawn that are to be."""
        return any(drawn.left for drawn in self._drawn)

    def settle(self) -> None:
        """Have the next drawing draw all that is left."""
        self._settles = True

    def draw_ahead(
        self, trails: Sequence[Trail], plane: Ground, ratio: float, ground: QPixmap | None
    ) -> Iterator[None]:
        """Paint in pieces what :meth:`draw` would have to, yielding before each but the first."""
        self._painted(trails, plane, ratio, ground)
        while self.lags:
            yield
            self._painted(trails, plane, ratio, ground)

    def draw(
        self, painter: QPainter, trails: Sequence[Trail], plane: Ground, ratio: float, ground: QPixmap | None
    ) -> None:
        """Draw the paths in a plane, on a ground if there is one."""
        painter.drawPixmap(0, 0, self._painted(trails, plane, ratio, ground))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(plane.rect)
        self._draw_tips(painter, trails, plane)
        painter.restore()

    def _draw_tips(self, painter: QPainter, trails: Sequence[Trail], plane: Ground) -> None:
        """Draw the ways to the last places."""
        places = np.array([trail.places[-1] if len(trail.places) else (np.nan, np.nan) for trail in trails])
        places = places.reshape(-1, 2)
        px, seen = plane.to_px(places), plane.seen(places)
        known = (np.isfinite(places) & np.isfinite(px)).all(axis=1)
        for run in reversed(range(len(trails))):
            trail, tip = trails[run], self.lanes.tip(run)
            if self._drawn[run].left:
                continue
            if len(trail.others) > 1:
                self._draw_others(painter, trail, trail.others[-2:], plane)
            if tip is not None and known[run] and isfinite(tip[0] + tip[1]):
                line = np.array([tip, px[run]])
                self._draw_path(painter, trail, _Drawn(), line, np.repeat(seen[run : run + 1], 2))

    def _painted(self, trails: Sequence[Trail], plane: Ground, ratio: float, ground: QPixmap | None) -> QPixmap:
        """Return the picture that is kept; without a ground it is transparent."""
        key = plane.key, ratio, None if ground is None else ground.cacheKey(), id(self.first)
        fits = self._key == key and len(trails) == len(self._drawn)
        if not (fits and all(drawn.goes_on_as(trail) for drawn, trail in zip(self._drawn, trails, strict=True))):
            self._key, self._drawn = key, [_Drawn() for _ in trails]
            unit = self._look.metrics.tick / 17.0
            self.lanes = Lanes(len(trails), plane.size, unit, plane.to_px(self.first))
            self._pixmap = _transparent(plane.size, ratio) if ground is None else ground.copy()
        self._go_on(trails, plane)
        if not any(drawn.grows for drawn in self._drawn):
            return self._pixmap
        new = [trail.places[drawn.new] for drawn, trail in zip(self._drawn, trails, strict=True)]
        ends = np.cumsum([len(places) for places in new])[:-1]
        every = np.concatenate([*new, NOWHERE])
        lines = self.lanes.follow(np.split(plane.to_px(every), ends))
        seen = np.split(plane.seen(every), ends)
        with QPainter(self._pixmap) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setClipRect(plane.rect)
            for drawn, trail in zip(self._drawn, trails, strict=True):
                start, stop = drawn.new.start, drawn.new.stop
                self._draw_others(painter, trail, trail.others[max(0, start - 1) : stop], plane)
            for i in reversed(range(len(trails))):
                line, source = lines[i]
                self._draw_path(painter, trails[i], self._drawn[i], line, seen[i][source])
                self._drawn[i].remember(trails[i])
        return self._pixmap

    def _go_on(self, trails: Sequence[Trail], plane: Ground) -> None:
        """Settle up to where each path is drawn now: all up to one time, and no further than is drawn at once."""
        ends = [max(0, len(trail.places) - 1) for trail in trails]
        rests = [trail.places[drawn.count : end] for trail, drawn, end in zip(trails, self._drawn, ends, strict=True)]
        is_whole = self._settles or not self.in_pieces
        left = 0 if is_whole else _too_many(rests, plane)
        self._settles = False
        for end, drawn in zip(ends, self._drawn, strict=True):
            drawn.left = min(end - drawn.count, left)
            drawn.new = slice(drawn.count, end - drawn.left)

    def draw_shapes(
        self, painter: QPainter, trails: Sequence[Trail], plane: Ground, with_others: bool = True
    ) -> None:
        """Draw the paths whole, for a painter that makes no pixels, with those of the other replicas or without."""
        self.lanes = lanes = Lanes(len(trails), plane.size, self._look.metrics.tick / 17.0, plane.to_px(self.first))
        self._key = None  # what is kept belongs to lanes of its own
        lines = lanes.follow([plane.to_px(trail.places) for trail in trails])
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(plane.rect)
        for trail in trails if with_others else ():
            self._draw_others(painter, trail, trail.others, plane)
        for trail, (line, source) in reversed(list(zip(trails, lines, strict=True))):
            self._draw_path(painter, trail, _Drawn(), line, plane.seen(trail.places)[source])
        painter.restore()

    def _draw_others(self, painter: QPainter, trail: Trail, new: Array, plane: Ground) -> None:
        if new.size == 0 or len(new) < 2:
            return
        px = plane.to_px(new.reshape(-1, 2)).reshape(new.shape)
        ends = np.concatenate([px[:-1], px[1:]], axis=2).reshape(-1, 4)
        width = 0.4 * self._look.metrics.line
        pen = QPen(mixed(trail.pen.color().name(), self._look.theme.card, 0.6), width, c=Qt.PenCapStyle.RoundCap)
        self._strokes.segments(painter, ends[np.isfinite(ends).all(axis=1)], pen)

    def _draw_path(
        self, painter: QPainter, trail: Trail, drawn: _Drawn, line: Array, seen: npt.NDArray[np.bool_]
    ) -> None:
        """Draw a line, where it is hidden thin and dashed."""
        if len(line) < 2:
            return
        width = trail.pen.widthF()
        # Flat: it must not cover the end of what was drawn before.
        rim = QPen(QColor(self._look.theme.card), width + 0.7 * self._look.metrics.line, c=Qt.PenCapStyle.FlatCap)
        pen = QPen(trail.pen)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        ends, shown = joined(line), seen[1:]
        all_shown = bool(shown.all())
        for drawn_with in (rim, pen):
            self._strokes.segments(painter, ends if all_shown else ends[shown], drawn_with)
        if not all_shown:
            through = QPen(mixed(trail.pen.color().name(), self._look.theme.card, _THROUGH), 0.7 * width)
            pattern = through.widthF() * np.array([3.0, 2.5])
            for start, stop in stretches(shown):
                if not shown[start]:
                    part = line[start : stop + 1]
                    self._strokes.segments(painter, dashes(part, pattern, drawn.hidden), through)
                    drawn.hidden += float(lengths(part).sum())


def _too_many(rests: Sequence[Array], plane: Ground) -> int:
    """Return how many of the last places of paths (n, 2), which end at one time, have to wait."""
    points = np.zeros(max(map(len, rests), default=0))
    if len(points) <= _FEW:
        return 0
    for rest in rests:
        points[len(points) - len(rest) :] += points_between(plane.to_px(rest))
    return max(0, len(points) - 1 - int(np.searchsorted(points.cumsum(), AT_ONCE)))


def stretches(values: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the ranges of equal values."""
    edges = np.flatnonzero(np.diff(values)) + 1
    return list(pairwise([0, *edges.tolist(), len(values)]))


def _transparent(size: QSize, ratio: float) -> QPixmap:
    pixmap = QPixmap(QSize(round(size.width() * ratio), round(size.height() * ratio)))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    return pixmap


class _Drawn:
    """How far a path is drawn, its last place left out."""

    def __init__(self) -> None:
        self.count, self.left = 0, 0
        """How many places are drawn, and how many are yet to be."""
        self.new = slice(0, 0)
        """Which places are being drawn."""
        self.hidden = 0.0
        """The length of what is dashed."""
        self._places: Array = np.empty((0, 2))
        self._others: Array = np.empty((0, 0, 2))
        self._pen = QPen()

    @property
    def grows(self) -> bool:
        """Whether places are being drawn."""
        return bool(self.new.start != self.new.stop)

    def goes_on_as(self, trail: Trail) -> bool:
        """Tell whether what is drawn is the beginning of this path."""
        if self.count == 0:
            return True
        return trail.pen == self._pen and (self._begins(trail, self._places, self._others) or self._is_halved(trail))

    @staticmethod
    def _begins(trail: Trail, places: Array, others: Array) -> bool:
        """Tell whether a path begins with these places."""
        same = len(trail.places) > len(places) and np.array_equal(trail.places[: len(places)], places, equal_nan=True)
        return same and np.array_equal(trail.others[: len(others)], others, equal_nan=True)

    def _is_halved(self, trail: Trail) -> bool:
        """Tell whether a path begins with every other place of what is drawn, as when a run grows long."""
        for places, others in ((self._places[i::2], self._others[i::2]) for i in (0, 1)):
            if len(places) >= _LONG and self._begins(trail, places, others):
                self.count, self._places, self._others = len(places), places, others
                return True
        return False

    def remember(self, trail: Trail) -> None:
        """Note that the new places of a path are drawn."""
        self.count, self._pen = self.new.stop, trail.pen
        self._places, self._others = trail.places[: self.count], trail.others[: self.count]

"""The loss on a plane with level lines, and on it the paths of networks: dashed where the plane is not true."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradsim.engine.types import Array
from gradsim.sim.kinds.train.landscape import Landscape, Track
from gradsim.ui.pieces import Pieces
from gradsim.ui.plots.contours import Lines, contours
from gradsim.ui.plots.labels import HaloText, Taken, arrange_labels
from gradsim.ui.plots.lanes import CELL_PX
from gradsim.ui.plots.marks import HEAD, draw_marker, draw_start
from gradsim.ui.plots.plane import Plane
from gradsim.ui.plots.strokes import Strokes, dashes, joined
from gradsim.ui.plots.trails import stretches
from gradsim.ui.theme import Look, font
from gradsim.words.numbers import share

DASHES = np.array([2.2, 1.6])
"""A dash and a gap, in widths of the line."""
_WIDTH = 1.25
"""The width of paths, in widths of lines."""
_APART = 5.0
"""How far marks along a path are apart at least, in heights of the type."""
_ROUND = (1, 2, 5)
_NEAR_PX = 12.0


@dataclass(frozen=True)
class GridHeights:
    """A loss that is known on a grid, linear in between."""

    x: Array
    y: Array
    losses: Array
    sample_count: int = 0

    def value(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Array:
        """Return the loss at places of any shape, NaN outside of the grid and beside what is no number."""
        column, across = _cell(self.x, np.asarray(x, np.float64))
        row, up = _cell(self.y, np.asarray(y, np.float64))
        with np.errstate(all="ignore"):
            below, above = (
                (1.0 - across) * self.losses[at, column] + across * self.losses[at, column + 1]
                for at in (row, row + 1)
            )
            found = (1.0 - up) * below + up * above
        inside = (across >= 0.0) & (across <= 1.0) & (up >= 0.0) & (up <= 1.0)
        return np.where(inside, found, np.nan)


def _cell(grid: Array, values: Array) -> tuple[npt.NDArray[np.int64], Array]:
    """Return between which points of an even grid values lie, by the lower one, and how far beyond it."""
    at = (values - grid[0]) / (grid[1] - grid[0])
    at = np.where(np.abs(at - np.round(at)) < 1e-9, np.round(at), at)
    lower = np.clip(np.floor(at), 0, len(grid) - 2).astype(np.int64)
    return lower, at - lower


class _Mark(NamedTuple):
    """A place on a path with what is written beside it."""

    at: QPointF
    text: HaloText


class LandscapeMap(QWidget):
    """The plane of some paths, at one scale.

    Ground and paths are painted once for each result, in pieces while a picture is there that can stand in for it.

    Parameters
    ----------
    look, names
        Colours and sizes; the names of all runs.
    """

    hovered = Signal(object)
    """The (track, state) nearest to the pointer, its place as a QPointF where there is none near, or None."""
    lines_changed = Signal()

    def __init__(self, look: Look, names: Sequence[str]) -> None:
        super().__init__()
        self.look, self._names = look, names
        self._found: Landscape | None = None
        self.lines: Lines | None = None
        """By how much level lines differ, once they have been drawn."""
        self.plane: Plane | None = None
        """Where places are in pixels, as painted last."""
        self._picture = QPixmap()
        self._painted: tuple[object, ...] = ()
        """What the picture shows."""
        self._step = 0
        self._ahead = False
        self._pieces = Pieces(self)
        self._strokes = Strokes()
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.setMinimumSize(60, 60)

    def show_landscape(self, found: Landscape) -> None:
        """Show another result."""
        self._found = found
        self.update()

    def show_step(self, step: int) -> None:
        """Mark the last states at or before this step."""
        if step != self._step:
            self._step = step
            self.update()

    # Painting

    def paint_ahead(self) -> Iterator[None]:
        """Paint ground and paths, and from now on in pieces whenever others are needed."""
        self._ahead = True
        if self._found is not None:
            yield from self._paint_picture(self._found, self.devicePixelRatioF())

    def settle(self) -> None:
        """Have the picture that belongs to what is shown, here and now."""
        self._pieces.finish()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._pieces.drop()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(self.look.theme.card))
        if self._found is not None:
            self._paint(painter, self._found)
        painter.end()

    def _paint(self, painter: QPainter, found: Landscape) -> None:
        ratio = painter.device().devicePixelRatioF()
        key = self._key(found, ratio)
        if self._painted != key:
            if self._ahead and not self._picture.isNull() and self._picture.deviceIndependentSize() == self.size():
                if not self._pieces.are_left:
                    self._pieces.begin(self._paint_picture(found, ratio))
            else:
                for _ in self._paint_picture(found, ratio):
                    pass
        painter.drawPixmap(0, 0, self._picture)
        if self.plane is not None:
            for track in found.tracks:
                self._draw_head(painter, self.plane, track, path_colour(self.look, found, track))

    def _key(self, found: Landscape, ratio: float) -> tuple[object, ...]:
        return id(found.losses), self.size(), ratio

    def _draw_head(self, painter: QPainter, plane: Plane, track: Track, colour: str) -> None:
        place = plane.point_px(*track.places[track.at(self._step)].tolist())
        radius, marker = 1.1 * HEAD * self.look.metrics.tick, self.look.run_marker(track.run)
        draw_marker(painter, self.look, QColor(colour), place, radius, marker)

    def _paint_picture(self, found: Landscape, ratio: float) -> Generator[None, None, None]:
        size = QSize(round(self.width() * ratio), round(self.height() * ratio))
        pixmap, key = QPixmap(size), self._key(found, ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(QColor(self.look.theme.card))
        window = float(found.x[0]), float(found.x[-1]), float(found.y[0]), float(found.y[-1])
        plane = Plane(self.look, window, self.size(), exact=True, names=("", ""))
        painter = QPainter(pixmap)
        try:
            painter.save()
            painter.setClipRect(plane.rect)
            try:
                heights = GridHeights(found.x, found.y, found.losses)
                lines = yield from contours(painter, self.look, heights, plane)
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                for track in reversed(found.tracks):
                    self._draw_path(painter, plane, track, path_colour(self.look, found, track))
                self._draw_names(painter, plane, found)
                self._draw_marks(painter, plane, found)
            finally:
                painter.restore()
            plane.draw_axes(painter)
        finally:
            painter.end()
        has_changed = lines != self.lines
        self._picture, self._painted, self.plane, self.lines = pixmap, key, plane, lines
        if has_changed:
            self.lines_changed.emit()
        self.update()

    def _draw_path(self, painter: QPainter, plane: Plane, track: Track, colour: str) -> None:
        """Draw a path in its colour, and dashed in that of alarm between states that the slice misses."""
        px, width, theme = plane.to_px(track.places), _WIDTH * self.look.metrics.line, self.look.theme
        self._strokes.line(painter, px, QPen(QColor(theme.card), 1.9 * width))
        is_true = track.is_true[1:] & track.is_true[:-1]
        for start, stop in stretches(is_true) if len(is_true) else []:
            true, part = bool(is_true[start]), px[start : stop + 1]
            ends = joined(part) if true else dashes(part, width * DASHES)
            self._strokes.segments(painter, ends, QPen(QColor(colour if true else theme.alarm), width))

    # What is written

    def _text(self, text: str, colour: str, bold: bool = False) -> HaloText:
        metrics, weight = self.look.metrics, QFont.Weight.Bold if bold else QFont.Weight.Normal
        em = metrics.name if bold else metrics.tick
        return HaloText(text, font(em, weight), colour, self.look.theme.card, 0.16 * metrics.tick)

    def _names_px(self, plane: Plane, found: Landscape) -> list[tuple[HaloText, QPointF]]:
        """Return the names of the axes and where they stand: inside, at the end of each."""
        tr, tick = self.look.tr, self.look.metrics.tick
        first, second = (share(float(value)) for value in found.shares)
        across = self._text(tr("direction 1 ({share} of the movement) →").format(share=first), self.look.theme.ink)
        up = self._text(tr("↑ direction 2 ({share})").format(share=second), self.look.theme.ink)
        edge = 0.3 * tick
        right = plane.rect.bottomRight() - QPointF(across.size.width() + edge, across.size.height() + edge)
        return [(across, right), (up, plane.rect.topLeft() + QPointF(edge, edge))]

    def _draw_names(self, painter: QPainter, plane: Plane, found: Landscape) -> None:
        for text, place in self._names_px(plane, found):
            text.draw(painter, place)

    def _draw_marks(self, painter: QPainter, plane: Plane, found: Landscape) -> None:
        """Mark starts, ends, and some steps between, with their names where these hide nothing."""
        marks = self._marks(plane, found)
        tick = self.look.metrics.tick
        for mark in marks:
            draw_start(painter, self.look, mark.at)
        paths = [plane.to_px(track.places) for track in found.tracks]
        avoid = [QRectF(place, text.size) for text, place in self._names_px(plane, found)]
        room = plane.rect.adjusted(CELL_PX, CELL_PX, -CELL_PX, -CELL_PX)
        placed, _ = arrange_labels(
            [mark.at for mark in marks], [mark.text.size for mark in marks], room, 0.75 * tick, {}, avoid,
            Taken(_busy(self.size(), paths), CELL_PX),
        )  # fmt: skip
        for mark, label in zip(marks, placed, strict=True):
            if label.led:
                painter.setPen(QPen(QColor(self.look.theme.ink), max(1.0, 0.4 * self.look.metrics.line)))
                painter.drawLine(mark.at, label.lead_from(mark.at))
            mark.text.draw(painter, label.rect.topLeft())

    def _marks(self, plane: Plane, found: Landscape) -> list[_Mark]:
        tr, ink, several = self.look.tr, self.look.theme.ink, len(found.tracks) > 1
        marks: list[_Mark] = []
        for track in found.tracks:
            px = [QPointF(*at) for at in plane.to_px(track.places).tolist()]
            end = tr("end, step {step}").format(step=f"{int(track.steps[-1]):,}")
            name, colour = (self._names[track.run], self.look.text_colour(track.run)) if several else (end, ink)
            if several and self.look.has_key:
                name = ""
            marks.append(_Mark(px[-1], self._text(name, colour, bold=True)))
            if all(_distance(px[0], mark.at) > HEAD * self.look.metrics.tick for mark in marks):
                marks.append(_Mark(px[0], self._text(tr("start"), ink)))
            if not several and self.look.theme.name != "projector":
                marks += self._between(track, px, marks)
        return marks

    def _between(self, track: Track, px: Sequence[QPointF], marks: Sequence[_Mark]) -> list[_Mark]:
        """Return marks at states of round steps that are far from all others."""
        found: list[_Mark] = []
        for at in np.flatnonzero([_is_round(int(step)) for step in track.steps]).tolist():
            taken = [mark.at for mark in [*marks, *found]]
            if all(_distance(px[at], other) > _APART * self.look.metrics.tick for other in taken):
                text = self.look.tr("step {step}").format(step=f"{int(track.steps[at]):,}")
                found.append(_Mark(px[at], self._text(text, self.look.theme.ink)))
        return found

    # The mouse

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.hovered.emit(self._under(event.position()))

    def leaveEvent(self, event: object) -> None:
        self.hovered.emit(None)

    def _under(self, pixel: QPointF) -> tuple[int, int] | QPointF | None:
        if self._found is None or self.plane is None or not self.plane.rect.contains(pixel):
            return None
        near = []
        for number, track in enumerate(self._found.tracks):
            away = np.hypot(*(self.plane.to_px(track.places) - (pixel.x(), pixel.y())).T)
            near.append((float(away.min()), number, int(away.argmin())))
        nearest, number, state = min(near)
        return (number, state) if nearest < _NEAR_PX else self.plane.place(pixel)


def path_colour(look: Look, found: Landscape, track: Track) -> str:
    """Return the colour of a path: of one alone that of emphasis, for some runs' own are too near that of alarm."""
    return look.run_colour(track.run) if len(found.tracks) > 1 else look.theme.accent


def _is_round(step: int) -> bool:
    """Tell whether a step is 1, 2 or 5 times a power of ten."""
    return step > 0 and step / 10 ** (len(str(step)) - 1) in _ROUND


def _distance(one: QPointF, other: QPointF) -> float:
    return float(np.hypot(one.x() - other.x(), one.y() - other.y()))


def _busy(size: QSize, paths: Sequence[Array]) -> npt.NDArray[np.bool_]:
    """Return the cells of a picture through which paths run."""
    busy = np.zeros((size.height() // CELL_PX + 1, size.width() // CELL_PX + 1), bool)
    for px in paths:
        along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(px, axis=0).T))])
        at = np.arange(0.0, along[-1] + CELL_PX, CELL_PX)
        rows, columns = (
            np.clip(np.interp(at, along, px[:, axis]) // CELL_PX, 0, busy.shape[1 - axis] - 1).astype(int)
            for axis in (1, 0)
        )
        busy[rows, columns] = True
    return busy

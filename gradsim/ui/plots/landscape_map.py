"""The loss on a plane with level lines, and on it the paths of networks: dashed where the plane is not true."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from math import log
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradsim.engine.types import Array
from gradsim.sim.kinds.train.landscape import Landscape, Track
from gradsim.ui.pieces import Pieces
from gradsim.ui.plots.contours import Lines, contours
from gradsim.ui.plots.devices import painting_on, writes_shapes
from gradsim.ui.plots.labels import HaloText, Taken, arrange_labels, boxes
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
ASPECTS = (0.75, 1.0, 4.0 / 3.0, 16.0 / 9.0, 2.4, 3.2)
"""How many times as wide as high planes are: few, so that seldom another is to be computed."""
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
    text: str
    colour: str
    bold: bool = False


class _Drawn(NamedTuple):
    """A picture that is painted, where places are in it, and what it is of."""

    picture: QPixmap
    plane: Plane
    found: Landscape
    size: QSize


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
    """Level lines differ by another step."""
    aspect_changed = Signal()
    """Another plane would fill it better."""

    def __init__(self, look: Look, names: Sequence[str]) -> None:
        super().__init__()
        self.look, self._names = look, names
        self._found: Landscape | None = None
        self.lines: Lines | None = None
        """By how much level lines differ, once they have been drawn."""
        self._drawn: _Drawn | None = None
        self._painted: tuple[object, ...] = ()
        """What the picture shows."""
        self.aspect = ASPECTS[2]
        """How many times as wide as high a plane best fills it, of a few."""
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
        self._pieces.drop()
        if self._found is not None and self._painted != self._key(self._found, self.devicePixelRatioF()):
            self._paint_at_once(self._found, self.devicePixelRatioF())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._pieces.drop()
        tick = self.look.metrics.tick
        wide, high = max(1.0, self.width() - 3.3 * tick), max(1.0, self.height() - 2.1 * tick)
        nearest = min(ASPECTS, key=lambda aspect: abs(log(aspect * high / wide)))
        if nearest != self.aspect:
            self.aspect = nearest
            self.aspect_changed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting_on(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.fillRect(self.rect(), QColor(self.look.theme.card))
            if self._found is not None and writes_shapes(painter):
                self._draw_shapes(painter, self._found)
            else:
                self._draw_kept(painter)

    def _draw_shapes(self, painter: QPainter, found: Landscape) -> None:
        plane = self._plane_of(found)
        for _ in self._draw_plane(painter, found, plane):
            pass
        self._draw_heads(painter, plane, found)

    def _draw_kept(self, painter: QPainter) -> None:
        if self._found is not None:
            self._prepare(self._found, painter.device().devicePixelRatioF())
        if self._drawn is not None and self._drawn.size == self.size():
            painter.drawPixmap(0, 0, self._drawn.picture)
            self._draw_heads(painter, self._drawn.plane, self._drawn.found)

    def _prepare(self, found: Landscape, ratio: float) -> None:
        """Have the picture of a result, in a window as soon as its pieces are done."""
        if self._painted == self._key(found, ratio):
            return
        if not self._ahead:
            self._paint_at_once(found, ratio)
        elif not self._pieces.are_left:
            self._pieces.begin(self._paint_picture(found, ratio))

    def _paint_at_once(self, found: Landscape, ratio: float) -> None:
        for _ in self._paint_picture(found, ratio):
            pass

    def _key(self, found: Landscape, ratio: float) -> tuple[object, ...]:
        return id(found.losses), self.size(), ratio

    def _draw_heads(self, painter: QPainter, plane: Plane, found: Landscape) -> None:
        for track in found.tracks:
            place = plane.point_px(*track.places[track.at(self._step)].tolist())
            radius, marker = 1.1 * HEAD * self.look.metrics.tick, self.look.run_marker(track.run)
            colour = QColor(path_colour(self.look, track.run, len(self._names)))
            draw_marker(painter, self.look, colour, place, radius, marker)

    def _paint_picture(self, found: Landscape, ratio: float) -> Generator[None, None, None]:
        size = QSize(round(self.width() * ratio), round(self.height() * ratio))
        pixmap, key = QPixmap(size), self._key(found, ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(QColor(self.look.theme.card))
        plane = self._plane_of(found)
        with QPainter(pixmap) as painter:
            lines = yield from self._draw_plane(painter, found, plane)
        has_changed = lines != self.lines
        self._drawn, self._painted, self.lines = _Drawn(pixmap, plane, found, self.size()), key, lines
        if has_changed:
            self.lines_changed.emit()
        self.update()

    def _draw_plane(self, painter: QPainter, found: Landscape, plane: Plane) -> Generator[None, None, Lines]:
        """Draw the losses, the paths, what is written on them, and the axes; return how much lines differ."""
        painter.save()
        painter.setClipRect(plane.rect)
        try:
            lines = yield from contours(painter, self.look, GridHeights(found.x, found.y, found.losses), plane)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for track in reversed(found.tracks):
                self._draw_path(painter, plane, track, path_colour(self.look, track.run, len(self._names)))
            self._write(painter, plane, found)
        finally:
            painter.restore()
        plane.draw_axes(painter)
        return lines

    def _plane_of(self, found: Landscape) -> Plane:
        """Return the plane of a result, whose axis across is named as fully as there is room."""
        window = float(found.x[0]), float(found.x[-1]), float(found.y[0]), float(found.y[-1])
        tr, metrics = self.look.tr, QFontMetrics(font(self.look.metrics.tick))
        names = (tr("direction 1 ({share} of the movement) →"), tr("direction 1 ({share}) →"))
        texts = [name.format(share=share(float(found.shares[0]))) for name in names]
        name = next((text for text in texts if metrics.horizontalAdvance(text) < 0.5 * self.width()), texts[-1])
        return Plane(self.look, window, self.size(), exact=True, names=(name, ""))

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

    def _name_up(self, plane: Plane, found: Landscape, taken: Taken) -> tuple[HaloText, QPointF]:
        """Return the name of the axis up and where it stands: inside, at the end that is more free of paths."""
        text = self.look.tr("↑ direction 2 ({share})").format(share=share(float(found.shares[1])))
        name, edge = self._text(text, self.look.theme.ink), 0.3 * self.look.metrics.tick
        top = plane.rect.topLeft() + QPointF(edge, edge)
        bottom = plane.rect.bottomLeft() + QPointF(edge, -edge - name.size.height())
        free = taken.under(boxes([QRectF(place, name.size) for place in (top, bottom)]))
        return name, bottom if free[1] < free[0] else top

    def _write(self, painter: QPainter, plane: Plane, found: Landscape) -> None:
        """Mark starts, ends, and some steps between, with their names, which hide nothing."""
        tick, marks = self.look.metrics.tick, self._marks(plane, found)
        for mark in marks:
            draw_start(painter, self.look, mark.at)
        paths = [plane.to_px(track.places) for track in found.tracks]
        taken = Taken(_busy(self.size(), paths), CELL_PX)
        up, place = self._name_up(plane, found, taken)
        up.draw(painter, place)
        named = [mark for mark in marks if mark.text]
        texts = [self._text(mark.text, mark.colour, mark.bold) for mark in named]
        room = plane.rect.adjusted(CELL_PX, CELL_PX, -CELL_PX, -CELL_PX)
        placed, _ = arrange_labels(
            [mark.at for mark in named], [text.size for text in texts], room, 0.75 * tick, {},
            [QRectF(place, up.size)], taken,
        )  # fmt: skip
        for mark, text, label in zip(named, texts, placed, strict=True):
            if label.led:
                painter.setPen(QPen(QColor(self.look.theme.ink), max(1.0, 0.4 * self.look.metrics.line)))
                painter.drawLine(mark.at, label.lead_from(mark.at))
            text.draw(painter, label.rect.topLeft())

    def _marks(self, plane: Plane, found: Landscape) -> list[_Mark]:
        tr, ink = self.look.tr, self.look.theme.ink
        marks: list[_Mark] = []
        for track in found.tracks:
            px = [QPointF(*at) for at in plane.to_px(track.places).tolist()]
            marks.append(_Mark(px[-1], *self._end_text(found, track), bold=True))
            if all(_distance(px[0], mark.at) > HEAD * self.look.metrics.tick for mark in marks):
                marks.append(_Mark(px[0], tr("start"), ink))
            if len(found.tracks) == 1 and self.look.theme.name != "projector":
                marks += self._between(track, px, marks)
        return marks

    def _end_text(self, found: Landscape, track: Track) -> tuple[str, str]:
        """Return what is written at the end of a path, and in which colour."""
        if len(found.tracks) == 1:
            text = self.look.tr("end, step {step}").format(step=f"{int(track.steps[-1]):,}")
            return text, self.look.theme.ink
        return "" if self.look.has_key else self._names[track.run], self.look.text_colour(track.run)

    def _between(self, track: Track, px: Sequence[QPointF], marks: Sequence[_Mark]) -> list[_Mark]:
        """Return marks at states of round steps that are far from all others."""
        found: list[_Mark] = []
        for at in np.flatnonzero([_is_round(int(step)) for step in track.steps]).tolist():
            taken = [mark.at for mark in [*marks, *found]]
            if all(_distance(px[at], other) > _APART * self.look.metrics.tick for other in taken):
                text = self.look.tr("step {step}").format(step=f"{int(track.steps[at]):,}")
                found.append(_Mark(px[at], text, self.look.theme.ink))
        return found

    # The mouse

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.hovered.emit(self._under(event.position()))

    def leaveEvent(self, event: object) -> None:
        self.hovered.emit(None)

    def _under(self, pixel: QPointF) -> tuple[int, int] | QPointF | None:
        if self._drawn is None or not self._drawn.plane.rect.contains(pixel):
            return None
        near, plane = [], self._drawn.plane
        for number, track in enumerate(self._drawn.found.tracks):
            away = np.hypot(*(plane.to_px(track.places) - (pixel.x(), pixel.y())).T)
            near.append((float(away.min()), number, int(away.argmin())))
        nearest, number, state = min(near)
        return (number, state) if nearest < _NEAR_PX else plane.place(pixel)


def path_colour(look: Look, run: int, runs: int) -> str:
    """Return the colour of a run's path: of the only one that of emphasis, for its own is near that of alarm."""
    return look.run_colour(run) if runs > 1 else look.theme.accent


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

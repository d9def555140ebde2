"""A map of basins: a colour for each start, level lines and stationary points over it, axes around it."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradsim.engine.surfaces import Surface
from gradsim.engine.surfaces.stationary import StationaryPoint, stationary_points
from gradsim.ui.plots.contours import level_lines
from gradsim.ui.plots.labels import HaloText, paints_pixels, place_labels
from gradsim.ui.plots.marks import draw_start, draw_stationary
from gradsim.ui.plots.plane import Plane, stretch_of
from gradsim.ui.plots.plot import Colours
from gradsim.ui.theme import Look, font

MOST_NAMED = 8
"""Up to so many minima are named on the map; of more, the lowest."""

_MOST_MARKED = 60
"""Of more stationary points than this, only the minima are marked."""

_ROOMY = 8.0
"""How many times the area of all names a map has, or it shows none: the legend has them too."""

_LINES, _RIM = 0.75, 0.6
"""How opaque level lines are, and the rim that sets them off from dark and light colours alike."""


_HIGH = 100_000
"""Pixels that are more than any map is high."""


class Named(NamedTuple):
    """What is written beside a stationary point."""

    point: StationaryPoint
    text: str


class BasinPlot(QWidget):
    """The map of one run over the surface's window.

    Parameters
    ----------
    look
        Colours and sizes.
    surface
        What the runs descend.
    """

    hovered = Signal(object)
    """The pointer's place in data coordinates as a QPointF, or None when it has left."""
    outdated = Signal()
    """Level lines of another size stand in for those of its own: :meth:`make_frame` is wanted."""

    lines_changed = Signal()
    """Level lines differ by another step, or the plane is stretched by another factor."""

    def __init__(self, look: Look, surface: Surface) -> None:
        super().__init__()
        self.waits = False
        """Whether, in another size, the last level lines stand in until :meth:`make_frame` is called."""
        self.look, self.surface = look, surface
        self._image: QImage | None = None
        self._opacity = 1.0
        self.told = 0.0, 1.0
        """By how much level lines differ, 0 while there are none, and by how much the plane is stretched."""
        self._start = QPointF()
        self._named: Sequence[Named] = ()
        self._texts: dict[str, HaloText] = {}
        self._plane = self._fitted()
        self._frame: QPixmap | None = None
        self._frame_plane: Plane | None = None
        """Where the frame was painted for."""
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(60, 60)

    def show_colours(self, colours: Colours | None, named: Sequence[Named], opacity: float = 1.0) -> None:
        """Show a colour for each start, (rows from the lowest y, columns, 3), or none; and names of minima."""
        self._opacity = opacity
        self._image = None if colours is None else _image(colours)
        self._named = named
        self._texts = {text: self._texts.get(text) or self._halo(text) for _, text in named}
        self.update()

    def show_start(self, x: float, y: float) -> None:
        """Mark where the race begins."""
        self._start = QPointF(x, y)
        self.update()

    @property
    def plane(self) -> Plane:
        """Where places are in pixels."""
        if self._plane.size != self.size():
            self._plane = self._fitted()
        return self._plane

    def _fitted(self) -> Plane:
        return self._plane_of(self.size(), stretch_of(self.look, self.surface.window, self.size()))

    def _plane_of(self, size: QSize, stretch: float) -> Plane:
        """Return the surface's window at one scale: beyond it, no basins are known."""
        return Plane(self.look, self.surface.window, size, small=True, stretch=stretch, exact=True)

    def height_at(self, width: int) -> int:
        """Return how high it has to be at a width to show the whole window as wide as that lets it."""
        x0, x1, y0, y1 = self.surface.window
        stretch = stretch_of(self.look, self.surface.window, QSize(width, _HIGH))
        most = ceil(width * (y1 - y0) * stretch / (x1 - x0) + 4 * self.look.metrics.tick)  # axes take some of it
        plane = self._plane_of(QSize(width, min(most, _HIGH)), stretch)
        return ceil(plane.rect.height() + 2.1 * self.look.metrics.tick)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        room, ratio = self.plane.rect, painter.device().devicePixelRatioF()
        if self._frame is None or self._frame.devicePixelRatioF() != ratio or not (self.is_settled or self.waits):
            self.make_frame(ratio)
        assert self._frame is not None
        if self._image is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
            painter.setOpacity(self._opacity)
            painter.drawImage(room, self._image)
            painter.setOpacity(1.0)
        if self.is_settled:
            painter.drawPixmap(0, 0, self._frame)
        else:
            painter.drawPixmap(self.rect(), self._frame)
            self.outdated.emit()
        if not paints_pixels(painter):
            self.plane.draw_axes(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(room)
        draw_start(painter, self.look, self.plane.point_px(self._start.x(), self._start.y()))
        self._draw_names(painter, room)
        painter.end()

    @property
    def is_settled(self) -> bool:
        """Whether level lines and axes are those of its size."""
        return self._frame_plane is self.plane

    def make_frame(self, ratio: float | None = None) -> None:
        """Paint level lines and axes for its size, to be kept: it takes long."""
        self._frame = self._made_frame(self.plane.rect, ratio or self.devicePixelRatioF())
        self._frame_plane = self.plane
        self.update()

    def _made_frame(self, room: QRectF, ratio: float) -> QPixmap:
        """Return what does not depend on the basins, on a transparent ground: to stroke level lines takes long."""
        pixmap = QPixmap(QSize(round(self.width() * ratio), round(self.height() * ratio)))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.save()
        painter.setClipRect(room)
        before = self.told
        lines, step = level_lines(self.look, self.surface, self.plane)
        self.told = step, self.plane.stretch
        if self.told != before:
            self.lines_changed.emit()
        width = 0.4 * self.look.metrics.line
        theme = self.look.theme
        for name, opaque, pen_width in ((theme.card, _RIM, 2.4 * width), (theme.ink, _LINES, width)):
            colour = QColor(name)
            colour.setAlphaF(opaque)
            painter.strokePath(lines, QPen(colour, pen_width))
        for point in self._marked():
            draw_stationary(painter, self.look, point.kind, self.plane.point_px(point.x, point.y))
        painter.restore()
        self.plane.draw_axes(painter)
        painter.end()
        return pixmap

    def _marked(self) -> list[StationaryPoint]:
        points = stationary_points(self.surface)
        return [point for point in points if len(points) <= _MOST_MARKED or point.kind == "minimum"]

    def _draw_names(self, painter: QPainter, room: QRectF) -> None:
        tick = self.look.metrics.tick
        texts = [self._texts[named.text] for named in self._named]
        points = [self.plane.point_px(named.point.x, named.point.y) for named in self._named]
        if _ROOMY * sum(text.size.width() * text.size.height() for text in texts) > room.width() * room.height():
            return
        marked = [self._start, *(QPointF(point.x, point.y) for point in self._marked())]
        centres = [self.plane.point_px(at.x(), at.y()) for at in marked]
        marks = [QRectF(at.x() - tick / 2, at.y() - tick / 2, tick, tick) for at in centres]
        for text, label in zip(
            texts, place_labels(points, [text.size for text in texts], room, 0.6 * tick, avoid=marks), strict=True
        ):
            text.draw(painter, label.rect.topLeft())

    def _halo(self, text: str) -> HaloText:
        tick, theme = self.look.metrics.tick, self.look.theme
        return HaloText(text, font(tick, QFont.Weight.DemiBold), theme.ink, theme.card, 0.2 * tick)

    # The mouse

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at, plane = event.position(), self.plane
        self.hovered.emit(plane.place(at) if plane.rect.contains(at) else None)

    def leaveEvent(self, event: object) -> None:
        self.hovered.emit(None)


def _image(colours: npt.NDArray[np.uint8]) -> QImage:
    """Return colours (rows, columns, 3), from below, as an image of its own memory."""
    rows = np.ascontiguousarray(colours[::-1])
    height, width, _ = rows.shape
    return QImage(rows.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()

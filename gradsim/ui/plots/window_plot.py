"""A map of a surface's whole window, whose lines and axes, which take long to paint, are kept."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradsim.engine.surfaces import Surface
from gradsim.ui.plots.devices import painting_on, paints_pixels, writes_shapes
from gradsim.ui.plots.plane import Plane, stretch_of
from gradsim.ui.theme import Look

_HIGH = 100_000
"""Pixels that are more than any map is high."""


class WindowPlot(QWidget):
    """What is kept of a map, and what is painted below and above it.

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
        self.told = 0.0, 1.0
        """By how much level lines differ, 0 while there are none, and by how much the plane is stretched."""
        self._plane = self._fitted()
        self._frame: QPixmap | None = None
        self._frame_plane: Plane | None = None
        """Where the frame was painted for."""
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(60, 60)

    @property
    def plane(self) -> Plane:
        """Where places are in pixels."""
        if self._plane.size != self.size():
            self._plane = self._fitted()
        return self._plane

    def _fitted(self) -> Plane:
        return self._plane_of(self.size(), stretch_of(self.look, self.surface.window, self.size()))

    def _plane_of(self, size: QSize, stretch: float) -> Plane:
        """Return the surface's window at one scale: what is told is told of all of it and of nothing else."""
        return Plane(self.look, self.surface.window, size, small=True, stretch=stretch, exact=True)

    def height_at(self, width: int) -> int:
        """Return how high it has to be at a width to show the whole window as wide as that lets it."""
        x0, x1, y0, y1 = self.surface.window
        stretch = stretch_of(self.look, self.surface.window, QSize(width, _HIGH))
        most = ceil(width * (y1 - y0) * stretch / (x1 - x0) + 4 * self.look.metrics.tick)  # axes take some of it
        plane = self._plane_of(QSize(width, min(most, _HIGH)), stretch)
        return ceil(plane.rect.height() + 2.1 * self.look.metrics.tick)

    # Painting

    def paint_frame(self, painter: QPainter) -> float:
        """Paint into the window what takes long and is kept; return by how much level lines differ."""
        raise NotImplementedError

    def paint_below(self, painter: QPainter, room: QRectF) -> None:
        """Paint what lies below the frame."""

    def paint_above(self, painter: QPainter, room: QRectF) -> None:
        """Paint what lies above the frame."""

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting_on(self) as painter:
            room = self.plane.rect
            self.paint_below(painter, room)
            if writes_shapes(painter):
                self._draw_frame(painter)
            else:
                self._draw_kept_frame(painter)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setClipRect(room)
            self.paint_above(painter, room)

    def _draw_kept_frame(self, painter: QPainter) -> None:
        ratio = painter.device().devicePixelRatioF()
        if self._frame is None or self._frame.devicePixelRatioF() != ratio or not (self.is_settled or self.waits):
            self.make_frame(ratio)
        assert self._frame is not None
        if self.is_settled:
            painter.drawPixmap(0, 0, self._frame)
        else:
            painter.drawPixmap(self.rect(), self._frame)
            self.outdated.emit()
        if not paints_pixels(painter):
            self.plane.draw_axes(painter)

    @property
    def is_settled(self) -> bool:
        """Whether level lines and axes are those of its size."""
        return self._frame_plane is self.plane

    def make_frame(self, ratio: float | None = None) -> None:
        """Paint level lines and axes for its size, to be kept: it takes long."""
        self._frame = self._made_frame(ratio or self.devicePixelRatioF())
        self._frame_plane = self.plane
        self.update()

    def _made_frame(self, ratio: float) -> QPixmap:
        """Return the frame on a transparent ground: to stroke level lines takes long."""
        pixmap = QPixmap(QSize(round(self.width() * ratio), round(self.height() * ratio)))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        with QPainter(pixmap) as painter:
            self._draw_frame(painter)
        return pixmap

    def _draw_frame(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.save()
        painter.setClipRect(self.plane.rect)
        before = self.told
        self.told = self.paint_frame(painter), self.plane.stretch
        if self.told != before:
            self.lines_changed.emit()
        painter.restore()
        self.plane.draw_axes(painter)

    # The mouse

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at: QPointF = event.position()
        self.hovered.emit(self.plane.place(at) if self.plane.rect.contains(at) else None)

    def leaveEvent(self, event: object) -> None:
        self.hovered.emit(None)

"""A map of basins: a colour for each start, level lines and stationary points over it, axes around it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradsim.engine.stationary import Stationary, stationary_points
from gradsim.engine.surfaces import Surface
from gradsim.ui.plots.contours import level_lines
from gradsim.ui.plots.labels import HaloText, place_labels
from gradsim.ui.plots.marks import draw_start, draw_stationary
from gradsim.ui.plots.plot import Colours, round_step, tick_text
from gradsim.ui.theme import Look, font

MOST_NAMED = 8
"""Up to so many minima are named on the map; of more, the lowest."""

_MOST_MARKED = 60
"""Of more stationary points than this, only the minima are marked."""

_ROOMY = 8.0
"""How many times the area of all names a map has, or it shows none: the legend has them too."""

_LINES = 0.45
"""How opaque level lines are."""


class Named(NamedTuple):
    """What is written beside a stationary point."""

    point: Stationary
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

    def __init__(self, look: Look, surface: Surface) -> None:
        super().__init__()
        self.look, self.surface = look, surface
        self._image: QImage | None = None
        self._start = QPointF()
        self._named: Sequence[Named] = ()
        self._texts: dict[str, HaloText] = {}
        self._room: tuple[object, QRectF] = None, QRectF()
        self._frame: QPixmap | None = None
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(60, 60)

    def show_colours(self, colours: Colours | None, named: Sequence[Named]) -> None:
        """Show a colour for each start, (rows from the lowest y, columns, 3), or none; and names of minima."""
        self._image = None if colours is None else _image(colours)
        self._named = named
        self._texts = {text: self._texts.get(text) or self._halo(text) for _, text in named}
        self.update()

    def show_start(self, x: float, y: float) -> None:
        """Mark where the race begins."""
        self._start = QPointF(x, y)
        self.update()

    # Places

    @property
    def _rect(self) -> QRectF:
        """Where the window is shown, inside the axes."""
        if self._room[0] != self.size():
            self._room = self.size(), self._fitted()
        return self._room[1]

    def _fitted(self) -> QRectF:
        """Return the room that the labels of the axes leave."""
        tick, (_, _, y0, y1) = self.look.metrics.tick, self.surface.window
        metrics = QFontMetrics(font(tick))
        texts = [text for _, text in _ticks(y0, y1, self.height() / (2.8 * tick))]
        left = max(map(metrics.horizontalAdvance, texts), default=0) + 0.5 * tick
        return QRectF(left, 0.45 * tick, self.width() - left - 0.8 * tick, self.height() - 2.1 * tick)

    def point_px(self, x: float, y: float) -> QPointF:
        """Return where a place lies in pixels."""
        room, (x0, x1, y0, y1) = self._rect, self.surface.window
        return QPointF(
            room.left() + (x - x0) / (x1 - x0) * room.width(), room.bottom() - (y - y0) / (y1 - y0) * room.height()
        )

    def _place(self, at: QPointF) -> QPointF | None:
        room, (x0, x1, y0, y1) = self._rect, self.surface.window
        if not room.contains(at):
            return None
        across, up = (at.x() - room.left()) / room.width(), (room.bottom() - at.y()) / room.height()
        return QPointF(x0 + across * (x1 - x0), y0 + up * (y1 - y0))

    # Painting

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._frame = None

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        room, ratio = self._rect, painter.device().devicePixelRatioF()
        if self._frame is None or self._frame.devicePixelRatioF() != ratio:
            self._frame = self._made_frame(room, ratio)
        if self._image is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
            painter.drawImage(room, self._image)
        painter.drawPixmap(0, 0, self._frame)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(room)
        draw_start(painter, self.look, self.point_px(self._start.x(), self._start.y()))
        self._draw_names(painter, room)
        painter.end()

    def _made_frame(self, room: QRectF, ratio: float) -> QPixmap:
        """Return what does not depend on the basins, on a transparent ground: to stroke level lines takes long."""
        pixmap = QPixmap(QSize(round(self.width() * ratio), round(self.height() * ratio)))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.save()
        painter.setClipRect(room)
        colour = QColor("#000000")
        colour.setAlphaF(_LINES)
        lines = level_lines(self.surface, self.surface.window, room)
        painter.strokePath(lines, QPen(colour, 0.4 * self.look.metrics.line))
        for point in self._marked():
            draw_stationary(painter, self.look, point.kind, self.point_px(point.x, point.y))
        painter.restore()
        self._draw_axes(painter, room)
        painter.end()
        return pixmap

    def _marked(self) -> list[Stationary]:
        points = stationary_points(self.surface)
        return [point for point in points if len(points) <= _MOST_MARKED or point.kind == "minimum"]

    def _draw_names(self, painter: QPainter, room: QRectF) -> None:
        tick = self.look.metrics.tick
        texts = [self._texts[named.text] for named in self._named]
        points = [self.point_px(named.point.x, named.point.y) for named in self._named]
        if _ROOMY * sum(text.size.width() * text.size.height() for text in texts) > room.width() * room.height():
            return
        marked = [self._start, *(QPointF(point.x, point.y) for point in self._marked())]
        centres = [self.point_px(at.x(), at.y()) for at in marked]
        marks = [QRectF(at.x() - tick / 2, at.y() - tick / 2, tick, tick) for at in centres]
        for text, label in zip(
            texts, place_labels(points, [text.size for text in texts], room, 0.6 * tick, avoid=marks), strict=True
        ):
            text.draw(painter, label.rect.topLeft())

    def _halo(self, text: str) -> HaloText:
        tick, theme = self.look.metrics.tick, self.look.theme
        return HaloText(text, font(tick, QFont.Weight.DemiBold), theme.ink, theme.card, 0.2 * tick)

    def _draw_axes(self, painter: QPainter, room: QRectF) -> None:
        x0, x1, y0, y1 = self.surface.window
        tick, theme = self.look.metrics.tick, self.look.theme
        metrics = QFontMetrics(font(tick))
        painter.setFont(font(tick))
        painter.setPen(QColor(theme.muted))
        for value, text in _ticks(x0, x1, room.width() / (5.5 * tick)):
            width = metrics.horizontalAdvance(text)
            left = min(max(self.point_px(value, y0).x() - width / 2, room.left()), self.width() - width)
            painter.drawText(QPointF(left, room.bottom() + 1.25 * tick), text)
        for value, text in _ticks(y0, y1, self.height() / (2.8 * tick)):
            base = min(max(self.point_px(x0, value).y() + 0.35 * tick, room.top() + 0.7 * tick), room.bottom())
            painter.drawText(QPointF(room.left() - 0.4 * tick - metrics.horizontalAdvance(text), base), text)
        painter.setPen(QPen(QColor(theme.muted), 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(room)

    # The mouse

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.hovered.emit(self._place(event.position()))

    def leaveEvent(self, event: object) -> None:
        self.hovered.emit(None)


def _ticks(low: float, high: float, most: float) -> list[tuple[float, str]]:
    """Return round values from `low` to `high`, about `most` of them but at least two, and their labels."""
    count, first, last, spacing = max(1.0, most), 0, 0, 1.0
    while last - first < 1:
        spacing = round_step((high - low) / count)
        first, last = int(np.ceil(low / spacing - 1e-9)), int(np.floor(high / spacing + 1e-9))
        count += 1.0
    return [(i * spacing, tick_text(i * spacing, spacing)) for i in range(first, last + 1)]


def _image(colours: npt.NDArray[np.uint8]) -> QImage:
    """Return colours (rows, columns, 3), from below, as an image of its own memory."""
    rows = np.ascontiguousarray(colours[::-1])
    height, width, _ = rows.shape
    return QImage(rows.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()

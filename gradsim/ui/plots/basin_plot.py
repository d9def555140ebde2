"""A map of basins: a colour for each start, level lines and stationary points over it, axes around it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPen

from gradsim.engine.surfaces import Surface
from gradsim.engine.surfaces.stationary import StationaryPoint, stationary_points
from gradsim.ui.plots.contours import level_lines
from gradsim.ui.plots.devices import draw_cells
from gradsim.ui.plots.labels import HaloText, place_labels
from gradsim.ui.plots.marks import draw_start, draw_stationary
from gradsim.ui.plots.plot import Colours
from gradsim.ui.plots.window_plot import WindowPlot
from gradsim.ui.theme import Look, font

MOST_NAMED = 8
"""Up to so many minima are named on the map; of more, the lowest."""

_MOST_MARKED = 60
"""Of more stationary points than this, only the minima are marked."""

_ROOMY = 8.0
"""How many times the area of all names a map has, or it shows none: the legend has them too."""

_LINES, _RIM = 0.75, 0.6
"""How opaque level lines are, and the rim that sets them off from dark and light colours alike."""


class Named(NamedTuple):
    """What is written beside a stationary point."""

    point: StationaryPoint
    text: str


class BasinPlot(WindowPlot):
    """The map of one run over the surface's window."""

    def __init__(self, look: Look, surface: Surface) -> None:
        super().__init__(look, surface)
        self._image: QImage | None = None
        self._opacity = 1.0
        self._start = QPointF()
        self._named: Sequence[Named] = ()
        self._texts: dict[str, HaloText] = {}

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

    # Painting

    def paint_below(self, painter: QPainter, room: QRectF) -> None:
        if self._image is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
            painter.setOpacity(self._opacity)
            draw_cells(painter, room, self._image)
            painter.setOpacity(1.0)

    def paint_above(self, painter: QPainter, room: QRectF) -> None:
        draw_start(painter, self.look, self.plane.point_px(self._start.x(), self._start.y()))
        self._draw_names(painter, room)

    def paint_frame(self, painter: QPainter) -> float:
        lines, step = level_lines(self.look, self.surface, self.plane)
        width = 0.4 * self.look.metrics.line
        theme = self.look.theme
        for name, opaque, pen_width in ((theme.card, _RIM, 2.4 * width), (theme.ink, _LINES, width)):
            colour = QColor(name)
            colour.setAlphaF(opaque)
            painter.strokePath(lines, QPen(colour, pen_width))
        for point in self._marked():
            draw_stationary(painter, self.look, point.kind, self.plane.point_px(point.x, point.y))
        return step

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


def _image(colours: npt.NDArray[np.uint8]) -> QImage:
    """Return colours (rows, columns, 3), from below, as an image of its own memory."""
    rows = np.ascontiguousarray(colours[::-1])
    height, width, _ = rows.shape
    return QImage(rows.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()

"""Filled contours and level lines of a surface, as vector paths."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pyqtgraph as pg
from contourpy import FillType, LineType, SerialContourGenerator, ZInterp, contour_generator
from PySide6.QtCore import QRectF
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen

from gradsim.engine.surfaces import Bounds, Surface
from gradsim.engine.types import Array
from gradsim.ui.plots.ground import ground_colours, levels, magnitude
from gradsim.ui.plots.strokes import joined
from gradsim.ui.theme import Look, mixed

LEVELS = 26
_LINES_AT_ONCE = 8
_PX_A_POINT, _PX_A_MEAN = 3, 6
"""How many pixels lie between places where a surface is evaluated: a formula, and a mean over samples."""


def contours(painter: QPainter, look: Look, surface: Surface, window: Bounds, rect: QRectF) -> Iterator[None]:
    """Paint the surface over `window` into `rect`: dark where it is low, the colours in equal steps of the levels.

    Where the surface has no value, the card shows. It yields between pieces of the work.
    """
    x, y, z = _grid(surface, window, rect)
    if z.count() == 0:
        return
    edges = levels(z.compressed(), LEVELS)
    yield
    generator = contour_generator(x, y, z, fill_type=FillType.OuterOffset, line_type=LineType.SeparateCode)
    colours = ground_colours(look.theme)
    pick = np.linspace(0, len(colours) - 1, len(edges) - 1).round().astype(int)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    # Each layer lies on the lower ones, so that no seam shows between them.
    for edge, colour in zip([-np.inf, *edges[1:-1]], colours[pick], strict=True):
        painter.fillPath(_area(generator, edge), QBrush(QColor(*colour.tolist())))
    pen = QPen(mixed(look.theme.ink, QColor(*colours[len(colours) // 2].tolist()).name(), 0.38))
    pen.setWidthF(0.4 * look.metrics.line if look.theme.name == "projector" else 1.0)
    for i, edge in enumerate(edges[1:-1]):
        if i % _LINES_AT_ONCE == 0:
            yield
        painter.strokePath(_line(generator, edge), pen)


def level_lines(surface: Surface, window: Bounds, rect: QRectF) -> QPainterPath:
    """Return every other level line of the surface over `window`, in `rect`, alone."""
    x, y, z = _grid(surface, window, rect)
    path = QPainterPath()
    if z.count():
        generator = contour_generator(x, y, z, line_type=LineType.SeparateCode)
        for edge in levels(z.compressed(), LEVELS)[1:-1:2]:
            path.addPath(_line(generator, edge))
    return path


def crossings(x: Array, y: Array, values: Array, level: float) -> Array:
    """Return where `values` (y, x), all finite, cross a level, as straight lines (n, [x0, y0, x1, y1])."""
    # Not by contour_generator, which takes eight times as long for so few places: it checks for masks.
    across, up = np.meshgrid(np.asarray(x, np.float64), np.asarray(y, np.float64))
    lines = SerialContourGenerator(
        across,
        up,
        np.asarray(values, np.float64),
        None,  # type: ignore[arg-type]
        corner_mask=False,
        line_type=LineType.Separate,
        fill_type=FillType.OuterOffset,
        quad_as_tri=False,
        z_interp=ZInterp.Linear,
    ).lines(level)
    return np.concatenate([np.empty((0, 4)), *(joined(np.asarray(line)) for line in lines)])


def _grid(surface: Surface, window: Bounds, rect: QRectF) -> tuple[Array, Array, np.ma.MaskedArray]:
    """Return places in pixels along x and y, and the values there (y, x) in units of the largest; masked: none."""
    x0, x1, y0, y1 = window
    spacing = _PX_A_MEAN if surface.sample_count else _PX_A_POINT
    across, up = (max(24, round(side / spacing)) for side in (rect.width(), rect.height()))
    values = surface.value(*np.meshgrid(np.linspace(x0, x1, across), np.linspace(y0, y1, up)))
    left_to_right = np.linspace(rect.left(), rect.right(), across)
    bottom_to_top = np.linspace(rect.bottom(), rect.top(), up)
    return left_to_right, bottom_to_top, np.ma.masked_invalid(values / magnitude(values))


def _area(generator: object, low: float) -> QPainterPath:
    """Return where the surface is at least `low`."""
    path = QPainterPath()
    for points, offsets in zip(*generator.filled(low, np.inf), strict=True):  # type: ignore[attr-defined]
        for start, stop in pairwise(offsets):
            path.addPolygon(pg.functions.arrayToQPolygonF(points[start:stop, 0], points[start:stop, 1]))
    return path


def _line(generator: object, level: float) -> QPainterPath:
    path = QPainterPath()
    for points in generator.lines(level)[0]:  # type: ignore[attr-defined]
        path.addPolygon(pg.functions.arrayToQPolygonF(points[:, 0], points[:, 1]))
    return path

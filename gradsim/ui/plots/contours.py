"""Level lines of a surface in equal steps, and a few flat tints between them, as vector paths."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from itertools import pairwise
from math import sqrt
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from contourpy import FillType, LineType, SerialContourGenerator, ZInterp, contour_generator
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen

from gradsim.engine.types import Array
from gradsim.ui.plots.ground import ground_colours, levels
from gradsim.ui.plots.plane import Plane, step_text
from gradsim.ui.plots.plot import round_step
from gradsim.ui.plots.strokes import joined
from gradsim.ui.theme import Look, mixed

TINTS = 7
_RANKED = 26
"""Levels by rank."""
_NEAR_PATHS = 14.0
"""About so many lines cross the lower three quarters of what is to be seen."""
_DENSE, _CLOSE = 4.5, 9.0
"""Nearer to each other than this, in pixels of a picture of the usual size, lines end, and are pale."""
_PALE_APART = 11.0
"""How far the pale lines, five to a step, are apart at least where there are any."""
_WHOLE = 0.8
"""A pale line is drawn if so much of it is that far from the next."""
_MOST_LINES = 400
_LINES_AT_ONCE = 8
_FEWEST = 9
"""Pieces of fewer points that are not closed are what is left where lines end: they are not drawn."""
_HUGE = 1e150
"""Values beyond are all one: differences of larger ones leave the range of floating point."""
_PX_A_POINT, _PX_A_MEAN = 3, 6
"""How many pixels lie between places where a surface is evaluated: a formula, and a mean over samples."""
_MOST_PLACES = 640 * 360
"""At most about so many places: the largest pictures have larger letters and wider lines, too."""


_Line = list[Array]
"""Pieces of the line of a level, each of points (n, [x, y])."""


class Heights(Protocol):
    """What has level lines: a surface, or a loss that is known on a grid."""

    @property
    def sample_count(self) -> int:
        """The number of samples over which a value is the mean; 0 where it is quick to compute."""

    def value(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Array:
        """Return the heights at places of any shape, NaN where there are none."""


class Lines(NamedTuple):
    """By how much level lines differ: those that are drawn in full, and the pale ones, 0 where there are none.

    Lines by rank differ by no fixed amount: `step` is 0.
    """

    step: float
    pale: float = 0.0


class _Grid(NamedTuple):
    x: Array
    y: Array
    values: np.ma.MaskedArray
    """(y, x), masked where there are none."""
    apart: Array
    """How many pixels two places are apart whose values differ by one."""

    def lines(self, levels: Array, least_apart: float = 0.0) -> Iterator[_Line]:
        """Return the lines of these levels, which rise, where values that differ by one are at least so far apart."""
        values = self._where(least_apart)
        generator: Any = contour_generator(self.x, self.y, values, line_type=LineType.SeparateCode)
        return (generator.lines(level)[0] for level in levels[self.lengths(levels, least_apart) > 0])

    def lengths(self, levels: Array, least_apart: float = 0.0) -> npt.NDArray[np.int64]:
        """Return how many sides of the grid's squares the line of each of these levels crosses there.

        To find the lines in order to know takes a hundred times as long where there are hundreds.
        """
        values = self._where(least_apart)
        there, below = ~np.ma.getmaskarray(values), np.searchsorted(levels, values.data)
        crossed = np.zeros(len(levels) + 1, np.int64)
        for one, other in ((np.s_[:, 1:], np.s_[:, :-1]), (np.s_[1:], np.s_[:-1])):
            both = there[one] & there[other]
            ends = below[one][both], below[other][both]
            crossed += np.bincount(np.minimum(*ends), minlength=len(crossed))
            crossed -= np.bincount(np.maximum(*ends), minlength=len(crossed))
        return crossed.cumsum()[:-1]

    def _where(self, least_apart: float) -> np.ma.MaskedArray:
        return np.ma.masked_where(self.apart < least_apart, self.values)


def contours(
    painter: QPainter, look: Look, surface: Heights, plane: Plane, by_rank: bool = False
) -> Generator[None, None, Lines]:
    """Paint the surface into a plane: dark where it is low. Return by how much its level lines differ.

    The step is a round number, chosen for what the plane is wanted to show. Where lines come too near to each other
    they end. Where the surface has no value, the card shows. It yields between pieces of the work.
    """
    grid = _grid(surface, plane)
    if grid.values.count() == 0:
        return Lines(0.0)
    yield
    lines = Lines(0.0) if by_rank else _steps(grid, plane)
    edges = levels(grid.values.compressed(), _RANKED)[1:-1] if by_rank else _multiples(grid.values, lines.step)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    _fill(painter, look, grid, edges[:: _RANKED // TINTS] if by_rank else _tinted(grid.values, lines.step))
    yield
    unit = look.metrics.tick / 17.0
    if by_rank:
        yield from _stroke(painter, grid.lines(edges), line_pen(look))
        return lines
    pale = _multiples(grid.values, lines.pale)
    pale = pale[pale < edges[0]] if len(edges) else pale
    pale = pale[grid.lengths(pale, _PALE_APART * unit / lines.pale) > _WHOLE * grid.lengths(pale)]
    drawn = yield from _stroke(painter, grid.lines(pale), line_pen(look, pale=True))
    for least, pen in ((_DENSE, line_pen(look, pale=True)), (_CLOSE, line_pen(look))):
        yield from _stroke(painter, grid.lines(edges, least * unit / lines.step), pen)
    return lines if drawn else Lines(lines.step)


def lines_text(look: Look, lines: Lines | None, brief: bool = False) -> str:
    """Say by how much level lines differ, "" before they are drawn."""
    if lines is None:
        return ""
    if not lines.step:
        return look.tr("level lines by rank")
    if brief:
        return look.tr("lines every {step}").format(step=step_text(lines.step))
    if not lines.pale or look.theme.name == "projector":
        return look.tr("a level line every {step}").format(step=step_text(lines.step))
    both = look.tr("a level line every {step}, pale ones every {pale}")
    return both.format(step=step_text(lines.step), pale=step_text(lines.pale))


def line_pen(look: Look, pale: bool = False) -> QPen:
    """Return the pen of lines: three to one on the ground, but for the pale ones."""
    ground = QColor(*ground_colours(look.theme)[128].tolist()).name()
    width = (0.3 if look.theme.name == "projector" else 0.4) * look.metrics.line
    return QPen(mixed(look.theme.ink, ground, 0.26 if pale else 0.58), (0.8 if pale else 1.0) * width)


def _steps(grid: _Grid, plane: Plane) -> Lines:
    """Return a round step with which a dozen lines or so cross what the plane is wanted to show."""
    x0, x1, y0, y1 = plane.wanted
    corners = plane.to_px(np.array([(x0, y0), (x1, y1)]))
    across = (grid.x >= corners[0, 0] - 1) & (grid.x <= corners[1, 0] + 1)
    up = (grid.y <= corners[0, 1] + 1) & (grid.y >= corners[1, 1] - 1)
    seen = grid.values[np.ix_(up, across)].compressed()
    if not len(seen):
        seen = grid.values.compressed()
    low, most = float(seen.min()), float(np.sort(seen)[int(0.75 * (len(seen) - 1))])
    span = (most - low) or float(seen.max()) - low or 1.0
    step = round_step(span / _NEAR_PATHS)
    return Lines(step, step / 5.0)


def _multiples(values: np.ma.MaskedArray, step: float) -> Array:
    """Return the multiples of a step between the lowest and the highest value, the lowest ones if they are many."""
    first = np.floor(float(values.min()) / step + 1e-9) + 1.0
    count = min(np.ceil(float(values.max()) / step - 1e-9) - first, float(_MOST_LINES))
    return np.asarray(step * (first + np.arange(max(0.0, count))))


def _tinted(values: np.ma.MaskedArray, step: float) -> Array:
    """Return the levels at which the tint changes: so that all tints have about the same share of the picture."""
    ordered = np.sort(values.compressed())
    shares = ordered[np.linspace(0, len(ordered) - 1, TINTS + 1)[1:-1].astype(int)]
    found = np.array(sorted({float(level) for level in step * np.round(shares / step)}))
    return np.asarray(found[found > ordered[0]])


def _fill(painter: QPainter, look: Look, grid: _Grid, edges: Array) -> None:
    generator = contour_generator(grid.x, grid.y, grid.values, fill_type=FillType.OuterOffset)
    colours = ground_colours(look.theme)
    pick = np.linspace(0, len(colours) - 1, len(edges) + 1).round().astype(int)
    # Each layer lies on the lower ones, so that no seam shows between them.
    for edge, colour in zip([-np.inf, *edges], colours[pick], strict=True):
        painter.fillPath(_area(generator, edge), QBrush(QColor(*colour.tolist())))


def _stroke(painter: QPainter, lines: Iterable[_Line], pen: QPen) -> Generator[None, None, bool]:
    """Draw lines; return whether there were any."""
    drawn = False
    for i, line in enumerate(lines):
        if i % _LINES_AT_ONCE == 0:
            yield
        path = _path(line)
        if not path.isEmpty():
            painter.strokePath(path, pen)
            drawn = True
    return drawn


def level_lines(look: Look, surface: Heights, plane: Plane) -> tuple[QPainterPath, float]:
    """Return the level lines of the surface over a plane alone, and by how much they differ."""
    grid, path, step = _grid(surface, plane), QPainterPath(), 0.0
    if grid.values.count():
        step = _steps(grid, plane).step
        for line in grid.lines(_multiples(grid.values, step), _CLOSE * look.metrics.tick / 17.0 / step):
            path.addPath(_path(line))
    return path, step


def crossings(x: Array, y: Array, values: Array, levels: npt.ArrayLike) -> Array:
    """Return where `values` (y, x), all finite, cross levels, as straight lines (n, [x0, y0, x1, y1])."""
    # Not by contour_generator, which takes eight times as long for so few places: it checks for masks.
    across, up = np.meshgrid(np.asarray(x, np.float64), np.asarray(y, np.float64))
    generator = SerialContourGenerator(
        across,
        up,
        np.asarray(values, np.float64),
        None,  # type: ignore[arg-type]
        corner_mask=False,
        line_type=LineType.Separate,
        fill_type=FillType.OuterOffset,
        quad_as_tri=False,
        z_interp=ZInterp.Linear,
    )
    lines = [line for level in np.atleast_1d(levels) for line in generator.lines(float(level))]
    return np.concatenate([np.empty((0, 4)), *(joined(np.asarray(line)) for line in lines)])


def _grid(surface: Heights, plane: Plane) -> _Grid:
    """Return places in pixels along x and y, the values there, and how steep they are."""
    x0, x1, y0, y1 = plane.window
    rect, least = plane.rect, _PX_A_MEAN if surface.sample_count else _PX_A_POINT
    spacing = max(least, sqrt(rect.width() * rect.height() / _MOST_PLACES))
    across, up = (max(24, round(side / spacing)) for side in (rect.width(), rect.height()))
    with np.errstate(all="ignore"):
        values = surface.value(*np.meshgrid(np.linspace(x0, x1, across), np.linspace(y0, y1, up)))
    x, y = np.linspace(rect.left(), rect.right(), across), np.linspace(rect.bottom(), rect.top(), up)
    finite = np.clip(np.where(np.isfinite(values), values, np.nan), -_HUGE, _HUGE)
    with np.errstate(all="ignore"):
        apart = 1.0 / np.hypot(*np.gradient(finite, y, x))
    return _Grid(x, y, np.ma.masked_invalid(finite), np.nan_to_num(apart, nan=0.0, posinf=np.inf))


def _area(generator: object, low: float) -> QPainterPath:
    """Return where the surface is at least `low`."""
    path = QPainterPath()
    for points, offsets in zip(*generator.filled(low, np.inf), strict=True):  # type: ignore[attr-defined]
        for start, stop in pairwise(offsets):
            path.addPolygon(pg.functions.arrayToQPolygonF(points[start:stop, 0], points[start:stop, 1]))
    return path


def _path(line: _Line) -> QPainterPath:
    path = QPainterPath()
    for points in line:
        if len(points) < _FEWEST and (points[0] != points[-1]).any():
            continue
        path.addPolygon(pg.functions.arrayToQPolygonF(points[:, 0], points[:, 1]))
    return path

"""The loss along one step of a network: where it stands, where the step leads, and where the lowest point is."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen, QTransform
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from gradsim.engine.types import Array
from gradsim.sim.kinds.train.cuts import ALONG, Cut
from gradsim.ui.plots.curve import Line, Points, Segments, solid
from gradsim.ui.plots.marks import HEAD, draw_marker, draw_start, draw_stationary
from gradsim.ui.plots.plot import NamedAxis, Plot, ValueAxis
from gradsim.ui.plots.strokes import in_px
from gradsim.ui.theme import Look

_CORE = (-0.5, 1.25)
"""The part of a line that is shown whole, in lengths of the step."""
_BELOW, _ABOVE = 0.15, 0.4
"""How much of the height of that is shown below and above it."""


class CutPlot(QWidget):
    """The loss along the next step of one run: on the training set as a line, on the batch dashed in grey.

    Parameters
    ----------
    look, run
        Colours and sizes, and whose step it is.
    """

    hovered = Signal(object)
    """The index in :data:`ALONG` nearest to the pointer, or None when it has left."""

    def __init__(self, look: Look, run: int) -> None:
        super().__init__()
        self._look, self._cut = look, None
        tr = look.tr
        places = [(-1.0, "−1"), (0.0, tr("now")), (1.0, tr("next step")), (2.0, "2"), (3.0, "3")]
        self._left = ValueAxis("left", look)
        self.plot = Plot(look, self._left, NamedAxis("bottom", look, places))
        self.plot.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self._upright = Segments(_pen(look.theme.line, look.metrics.hair))
        dashed = _pen(look.theme.muted, 0.8 * look.metrics.line)
        dashed.setDashPattern([2.2, 1.6])
        self._batch, self._whole = Line(dashed), Line(solid(look.run_pen(run)))
        self._marks = _Marks(look, run)
        self.plot.add(self._upright)
        for line in (self._batch, self._whole):
            self.plot.add(line)
        self.plot.add(self._marks)
        self.plot.hovered.connect(self._on_hovered)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.plot)

    def show_cut(self, cut: Cut) -> None:
        """Show another step."""
        low, high = y = _range(cut)
        self.plot.left_width(self._left.labels(*y))
        self.plot.set_ranges(x=(float(ALONG[0]), float(ALONG[-1])), y=y)
        self._upright.show_segments(np.array([[at, low, at, high] for at in (0.0, 1.0)]))
        for line, losses in ((self._whole, cut.whole), (self._batch, cut.batch)):
            known = np.isfinite(losses)
            heights = np.clip(losses[known], low - 9.0 * (high - low), high + 9.0 * (high - low))
            line.show_line(ALONG[known], np.asarray(heights, np.float64))  # Qt draws no line to 10^100
        lowest = float(cut.whole[np.argmin(np.abs(ALONG - cut.lowest))])
        places = np.array([(0.0, cut.ends[0]), (1.0, cut.ends[1]), (cut.lowest, lowest)])
        places[:, 1] = np.clip(np.nan_to_num(places[:, 1], nan=high, posinf=high), low, high)
        if not 0.0 < cut.lowest < ALONG[-1]:
            places = places[:2]  # it is not known where the lowest point is
        self._marks.show_places(places, QRectF(-1.0, low, 4.0, high - low))

    def _on_hovered(self, place: QPointF | None) -> None:
        self.hovered.emit(None if place is None else int(np.argmin(np.abs(ALONG - place.x()))))


def _pen(colour: str, width: float) -> QPen:
    pen = QPen(QColor(colour), width, c=Qt.PenCapStyle.FlatCap)
    pen.setCosmetic(True)
    return pen


def _range(cut: Cut) -> tuple[float, float]:
    """Return the range of losses that is shown: all low ones, and the high ones near the step."""
    every = np.concatenate([cut.whole, cut.batch])
    finite = every[np.isfinite(every)]
    if not len(finite):
        return 0.0, 1.0
    near = (_CORE[0] <= ALONG) & (_CORE[1] >= ALONG)
    core = _finite(np.concatenate([cut.whole[near], cut.batch[near]]))
    low, high = float(finite.min()), float(core.max(initial=float(finite.min())))
    span = (high - low) or abs(high) or 1.0
    return low - _BELOW * span, high + _ABOVE * span


def _finite(values: Array) -> Array:
    return np.asarray(values[np.isfinite(values)])


class _Marks(pg.GraphicsObject):  # type: ignore[misc]
    """A ring where the network stands, its marker where the step leads, and a plus at the lowest point."""

    def __init__(self, look: Look, run: int) -> None:
        super().__init__()
        self._look, self._run = look, run
        self._places: Points = np.empty((0, 2))
        self._bounds = QRectF()
        self.setZValue(20)

    def show_places(self, places: Points, bounds: QRectF) -> None:
        """Show marks at these places, of which the last may be missing, within these bounds."""
        self.prepareGeometryChange()
        self._places, self._bounds = places, bounds
        self.update()

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(self, painter: QPainter, *args: object) -> None:
        if not len(self._places):
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        now, after, *lowest = (QPointF(*at) for at in in_px(painter, self._places).tolist())
        to_px = painter.worldTransform()
        painter.setWorldTransform(QTransform())
        for at in lowest:
            draw_stationary(painter, self._look, "minimum", at)
        draw_start(painter, self._look, now)
        colour, radius = QColor(self._look.run_colour(self._run)), HEAD * self._look.metrics.tick
        draw_marker(painter, self._look, colour, after, radius, self._look.run_marker(self._run))
        painter.setWorldTransform(to_px)

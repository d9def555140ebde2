"""The loss on the line between two networks, the chord below it, and the barrier as a length."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen, QTransform
from PySide6.QtWidgets import QSizePolicy

from gradsim.sim.kinds.train.between import ALONG, Between
from gradsim.ui.label import mode_for
from gradsim.ui.plots.curve import Line, Points, Segments, solid
from gradsim.ui.plots.end_labels import draw_end
from gradsim.ui.plots.labels import HaloText
from gradsim.ui.plots.plot import NamedAxis, Plot, ValueAxis
from gradsim.ui.plots.strokes import in_px
from gradsim.ui.theme import Look, font

_ROOM = 0.25
"""How much of the height is left free above, where names stand."""
_WIDEST = 0.45
"""What share of the width a name takes at most."""


class BetweenPlot(Plot):
    """The plot of two networks; the barrier is upright in the colour of alarm.

    Parameters
    ----------
    look, names
        Colours and sizes; what the networks are called.
    """

    read = Signal(object)
    """The index in :data:`ALONG` nearest to the pointer, or None when it has left."""

    def __init__(self, look: Look, names: Sequence[str]) -> None:
        self._values = ValueAxis("left", look)
        way = NamedAxis("bottom", look, [(0.0, "0 %"), (0.5, "50 %"), (1.0, "100 %")])
        way.title = look.tr("way")
        super().__init__(look, self._values, way)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        dashed = _pen(look.theme.muted, 0.8 * look.metrics.line)
        dashed.setDashPattern([2.2, 1.6])
        self.chord, self.line = Line(dashed), Line(solid(_pen(look.theme.ink, 1.3 * look.metrics.line)))
        self.barrier = Segments(_pen(look.theme.alarm, 1.3 * look.metrics.line))
        self._ends = _Ends(look, names)
        self.add(self.chord)
        self.add(self.barrier)
        self.add(self.line)
        self.add(self._ends)
        self.hovered.connect(self._on_hovered)

    def show_between(self, found: Between) -> None:
        """Show other losses."""
        finite = np.isfinite(found.losses)
        heights = np.asarray(found.losses[finite], np.float64)
        inside = heights[(ALONG[finite] >= 0.0) & (ALONG[finite] <= 1.0)]
        low, high = float(heights.min(initial=0.0)), float(inside.max(initial=max(found.ends)))
        room = _ROOM * ((high - low) or 1.0)
        y = low - 0.1 * room, high + room
        self.left_width(self._values.labels(*y))
        self.set_ranges(x=(float(ALONG[0]), float(ALONG[-1])), y=y)
        self.line.show_line(ALONG[finite], np.clip(heights, low, high + 10.0 * room))
        self.chord.show_line(np.array([0.0, 1.0]), np.array(found.ends))
        at, top = float(ALONG[found.top]), float(found.losses[found.top])
        shown = not found.is_convex and np.isfinite(top)
        upright = [[at, float(found.chord[found.top]), at, top]]
        self.barrier.show_segments(np.array(upright) if shown else np.empty((0, 4)))
        self._ends.show_ends(found, QRectF(-0.25, y[0], 1.5, y[1] - y[0]))

    def _on_hovered(self, place: QPointF | None) -> None:
        self.read.emit(None if place is None else int(np.argmin(np.abs(ALONG - place.x()))))


def _pen(colour: str, width: float) -> QPen:
    pen = QPen(QColor(colour), width, c=Qt.PenCapStyle.FlatCap)
    pen.setCosmetic(True)
    return pen


class _Ends(pg.GraphicsObject):  # type: ignore[misc]
    """The markers of two networks, and above them, outward, their names."""

    def __init__(self, look: Look, names: Sequence[str]) -> None:
        super().__init__()
        self._look, self._names = look, names
        self._places: Points = np.empty((0, 2))
        self._runs: Sequence[int] = ()
        self._texts: dict[tuple[int, str], HaloText] = {}
        self._bounds = QRectF()
        self.setZValue(20)

    def show_ends(self, found: Between, bounds: QRectF) -> None:
        """Show the ends of a line, within these bounds."""
        self.prepareGeometryChange()
        self._places = np.array([(0.0, found.ends[0]), (1.0, found.ends[1])])
        self._runs, self._bounds = [network.run for network in found.pair], bounds
        self.update()

    def _text(self, run: int, name: str, most_px: int) -> HaloText:
        """Return a name, of a long one as much as has room; painted once."""
        metrics, bold = self._look.metrics, font(self._look.metrics.name, QFont.Weight.Bold)
        shown = QFontMetrics(bold).elidedText(name, mode_for(self._names), most_px)
        if (run, shown) not in self._texts:
            colour, rim = self._look.text_colour(run), 0.16 * metrics.tick
            self._texts[run, shown] = HaloText(shown, bold, colour, self._look.theme.card, rim)
        return self._texts[run, shown]

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(self, painter: QPainter, *args: object) -> None:
        if not len(self._places) or not np.isfinite(self._places).all():
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        places = [QPointF(*at) for at in in_px(painter, self._places).tolist()]
        edges = in_px(painter, np.array([(self._bounds.left(), 0.0), (self._bounds.right(), 0.0)]))
        to_px = painter.worldTransform()
        painter.setWorldTransform(QTransform())
        tick, (left, right) = self._look.metrics.tick, (edges[0, 0], edges[1, 0])
        for is_last, (run, name, at) in enumerate(zip(self._runs, self._names, places, strict=True)):
            draw_end(painter, self._look, run, at, 0.4 * tick)
            text = self._text(run, name, round(_WIDEST * (right - left)))
            wide = text.size.width()
            start = at.x() - 0.5 * tick if is_last else at.x() + 0.5 * tick - wide
            up = at.y() - 0.6 * tick - text.size.height()
            text.draw(painter, QPointF(min(max(start, left), right - wide), up))
        painter.setWorldTransform(to_px)

"""The loss on the line between two networks, the chord below it, and the barrier as a length."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QSizePolicy

from gradsim.sim.kinds.train.between import ALONG, Between
from gradsim.ui.plots.curve import Line, Segments, solid
from gradsim.ui.plots.end_labels import EndLabel, EndLabels
from gradsim.ui.plots.plot import NamedAxis, Plot, ValueAxis
from gradsim.ui.theme import Look

_ROOM = 0.12
"""How much of the height is left free above and below."""


class BetweenPlot(Plot):
    """The plot of two networks; the barrier is upright in the colour of alarm.

    Parameters
    ----------
    look, names
        Colours and sizes; what the networks are called.
    runs
        How many there are in the experiment.
    """

    read = Signal(object)
    """The index in :data:`ALONG` nearest to the pointer, or None when it has left."""

    def __init__(self, look: Look, names: Sequence[str], runs: int) -> None:
        self._values = ValueAxis("left", look)
        super().__init__(look, self._values, NamedAxis("bottom", look, list(zip((0.0, 1.0), names, strict=True))))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        dashed = _pen(look.theme.muted, 0.8 * look.metrics.line)
        dashed.setDashPattern([2.2, 1.6])
        self.chord, self.line = Line(dashed), Line(solid(_pen(look.theme.ink, 1.3 * look.metrics.line)))
        self.barrier = Segments(_pen(look.theme.alarm, 1.3 * look.metrics.line))
        self._ends = EndLabels(look, runs)
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
        y = low - 0.25 * room, high + room
        self.left_width(self._values.labels(*y))
        self.set_ranges(x=(float(ALONG[0]), float(ALONG[-1])), y=y)
        self.line.show_line(ALONG[finite], np.clip(heights, low, high + 10.0 * room))
        self.chord.show_line(np.array([0.0, 1.0]), np.array(found.ends))
        at, top = float(ALONG[found.top]), float(found.losses[found.top])
        shown = not found.is_convex and np.isfinite(top)
        upright = [[at, float(found.chord[found.top]), at, top]]
        self.barrier.show_segments(np.array(upright) if shown else np.empty((0, 4)))
        labels = [
            EndLabel(network.run, None, float(x), end, end)
            for network, x, end in zip(found.pair, (0, 1), found.ends, strict=True)
        ]
        self._ends.show_labels(labels, 0.0, QRectF(-0.25, y[0], 1.5, y[1] - y[0]))

    def _on_hovered(self, place: QPointF | None) -> None:
        self.read.emit(None if place is None else int(np.argmin(np.abs(ALONG - place.x()))))


def _pen(colour: str, width: float) -> QPen:
    pen = QPen(QColor(colour), width, c=Qt.PenCapStyle.FlatCap)
    pen.setCosmetic(True)
    return pen

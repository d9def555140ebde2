"""Predicted against true values: where all is right, the points are on the diagonal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, Signal
from PySide6.QtGui import QColor, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradsim.ui.plots.bare_plot import BarePlot
from gradsim.ui.plots.curve import Segments
from gradsim.ui.plots.framed import Framed
from gradsim.ui.plots.plot import Plot, ValueAxis
from gradsim.ui.plots.sample_legend import Key
from gradsim.ui.plots.sample_marks import SampleMarks
from gradsim.ui.theme import Look

Values = npt.NDArray[np.float64]

_MARGIN = 0.06
"""How much is shown beyond the true values, in shares of their range; what is farther out is drawn at the edge."""
_REACH = 0.1


class Pairs(NamedTuple):
    """True values (N,) and what was predicted of them."""

    truth: Values
    predicted: Values


class PredictedPlot(QWidget):
    """The plot of one network, as high as wide.

    Parameters
    ----------
    look
        Colours and sizes.
    keys
        How the marks of each set look, from the lowest to the topmost.
    bare
        Whether there is no room for axes.
    """

    hovered = Signal(object)
    """The (set, sample) nearest to the pointer, or None when there is none near."""

    def __init__(self, look: Look, keys: Sequence[Key], bare: bool = False) -> None:
        super().__init__()
        self._sets: Sequence[Pairs] = ()
        self._range = (0.0, 1.0)
        self._left = ValueAxis("left", look)
        self._bare = bare
        self.plot = BarePlot(look) if bare else Plot(look, self._left, ValueAxis("bottom", look))
        self._frame = Framed(look, self.plot)
        self._frame.setParent(self)
        pen = QPen(QColor(look.theme.ink), max(1.0, 0.6 * look.metrics.line))
        pen.setCosmetic(True)
        self._diagonal = Segments(pen)
        empty, margin = np.empty((0, 2)), np.zeros(2)
        self.marks = [SampleMarks(empty, key.shape, key.radius, key.pen, key.brush, margin) for key in keys]
        self.plot.add(self._diagonal)
        for mark in self.marks:
            self.plot.add(mark)
        self.plot.hovered.connect(self._on_hovered)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(60, 50)

    def show_pairs(self, sets: Sequence[Pairs], drawn: Sequence[int], x_title: str, y_title: str) -> None:
        """Show so many of the pairs of each set, in ranges that hold all true values."""
        self._sets = [Pairs(*(values[:most] for values in pairs)) for pairs, most in zip(sets, drawn, strict=True)]
        low, high = value_range(sets)
        self._range = low, high
        self.plot.set_ranges(x=(low, high), y=(low, high))
        self.plot.left_width(self._left.labels(low, high))
        self._frame.show_frame(*(("", "") if self._bare else (x_title, y_title)), 1.0)
        self._diagonal.show_segments(np.array([[low, low, high, high]]))
        for marks, pairs in zip(self.marks, self._sets, strict=True):
            marks.margin = np.full(2, _REACH * (high - low))
            marks.show_points(np.stack([pairs.truth, np.clip(pairs.predicted, low, high)], axis=1))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = min(self.width(), round((1.0 if self._bare else 1.12) * self.height()))
        self._frame.setGeometry((self.width() - wide) // 2, 0, wide, self.height())

    def _on_hovered(self, place: QPointF | None) -> None:
        self.hovered.emit(None if place is None else self._nearest(place))

    def _nearest(self, place: QPointF) -> tuple[int, int] | None:
        near = 0.03 * (self._range[1] - self._range[0])
        for number in reversed(range(len(self._sets))):
            points = self.marks[number].points
            if len(points):
                away = np.hypot(points[:, 0] - place.x(), points[:, 1] - place.y())
                if away.min() < near:
                    return number, int(away.argmin())
        return None


def value_range(sets: Sequence[Pairs]) -> tuple[float, float]:
    """Return from where to where values are shown: a little more than the true ones."""
    truth = np.concatenate([pairs.truth for pairs in sets])
    low, high = float(truth.min()), float(truth.max())
    margin = _MARGIN * ((high - low) or 1.0)
    return low - margin, high + margin


def beyond(sets: Sequence[Pairs]) -> int:
    """Return how many predictions are farther out than what is shown."""
    low, high = value_range(sets)
    return sum(int(((pairs.predicted < low) | (pairs.predicted > high)).sum()) for pairs in sets)

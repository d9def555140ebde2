"""The effective rate of each feature against how frequent it is: dots, and a line through those of a run."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Signal
from PySide6.QtGui import QBrush, QColor, QPen
from PySide6.QtWidgets import QGraphicsItem, QHBoxLayout, QSizePolicy, QWidget

from gradsim.sim.kinds.train.feature_rates import FeatureRates
from gradsim.ui.plots.beside import beside
from gradsim.ui.plots.curve import Line, Points, rim_of, solid
from gradsim.ui.plots.end_labels import EndLabel, EndLabels
from gradsim.ui.plots.framed import Framed
from gradsim.ui.plots.plot import DecadeAxis, Plot
from gradsim.ui.plots.sample_marks import SampleMarks
from gradsim.ui.plots.spread import spread
from gradsim.ui.theme import Look, mixed

_GROUPS = 8
"""The line goes through the medians of so many groups of features, each of a range of frequencies as wide."""
_BESIDE = 2.2
"""How far lines are apart that would lie on each other, in widths: here they may do so from end to end."""
_POINTS = 100
"""Of a line as it is drawn."""
_RADIUS = 0.22
"""Of a dot, in heights of the type."""
_FAINT = 0.5
"""How much of a run's colour its dots have."""
_LABELS = 0.3
"""The share of the width that names take at most."""
_WITHIN, _ABOVE = 97, 0.12
"""So many per cent of the rates are shown where they are, the others at the edge; and how much is shown beyond."""
_NEAR = 0.04
"""How near to a dot the pointer is that points at it, in shares of the picture."""


class _ShareAxis(DecadeAxis):
    """Shares of samples, in per cent."""

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        return [f"{100.0 * 10.0**value:g} %" for value in values]


class FeaturePlot(QWidget):
    """The dots of all runs in one plot.

    Parameters
    ----------
    look, names
        Colours and sizes; the names of the runs.
    """

    hovered = Signal(object)
    """The share of samples of the feature nearest to the pointer, or None when there is none near."""

    def __init__(self, look: Look, names: Sequence[str]) -> None:
        super().__init__()
        self._look, self._names = look, names
        self._found: list[Points] = [np.empty((0, 2)) for _ in names]
        self._is_line = [False for _ in names]
        """Whether all features of a run have one rate: then the line says it all."""
        self._left = DecadeAxis("left", look)
        self.plot = Plot(look, self._left, _ShareAxis("bottom", look))
        self._frame = Framed(look, self.plot)
        self.marks: list[SampleMarks] = []
        self.lines: list[Line] = []
        for run in range(len(names)):
            colour = mixed(look.run_colour(run), look.theme.card, _FAINT)
            pen = QPen(QColor(look.theme.card), 0.0)
            radius = max(2.0, _RADIUS * look.metrics.tick)
            self.marks.append(SampleMarks(np.empty((0, 2)), "circle", radius, pen, QBrush(colour), np.zeros(2)))
            line = Line(solid(look.run_pen(run)))
            line.rim = rim_of(look)
            self.lines.append(line)
        self._labels = EndLabels(look, len(names))
        items: list[QGraphicsItem] = [*self.marks, *self.lines, self._labels]
        for item in items:
            self.plot.add(item)
        self.plot.hovered.connect(self._on_hovered)
        self.plot.resized.connect(self._show)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._frame)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_rates(self, found: Sequence[FeatureRates | None], x_title: str, y_title: str) -> int:
        """Show these, nothing of runs for which there are none; return how many dots lie beyond the edge."""
        self._frame.show_frame(x_title, y_title)
        self._found = [np.empty((0, 2)) if each is None else _logs(each.known) for each in found]
        self._is_line = [
            each is not None and each.is_one_rate and len(points) > 0
            for each, points in zip(found, self._found, strict=True)
        ]
        self._show()
        high = self.plot.box.viewRange()[1][1]
        return sum(int((points[:, 1] > high).sum()) for points in self._found)

    def _show(self) -> None:
        every = np.concatenate(self._found)
        if not len(every):
            for marks, line in zip(self.marks, self.lines, strict=True):
                marks.show_points(np.empty((0, 2)))
                line.show_line(np.empty(0), np.empty(0))
            self._labels.show_labels((), 0.0, QRectF())
            return
        low, high = y = _range(every[:, 1])
        self.plot.left_width(self._left.labels(low, high))
        middles = self._apart([through(points) for points in self._found], y)
        first = min(float(every[:, 0].min()), -1.0)
        right = self._show_names(middles, first, y)
        for run, points in enumerate(self._found):
            marks = self.marks[run]
            marks.margin = np.array([0.1 * (right - first), 0.1 * (high - low)])
            marks.show_points(points[:0] if self._is_line[run] else np.clip(points, None, [np.inf, high]))
            self.lines[run].show_line(*middles[run].T)

    def _apart(self, lines: Sequence[Points], y: tuple[float, float]) -> list[Points]:
        """Return the lines; those of one rate for all run beside each other where they would lie on each other."""
        wide = _BESIDE * self._look.metrics.line * (y[1] - y[0]) / self.plot.room_px()[1]
        level = [run for run, is_line in enumerate(self._is_line) if is_line]
        fine = [_refined(lines[run]) for run in level]
        shifts = beside([(line[:, 0], line[:, 1]) for line in fine], wide)
        found = list(lines)
        for run, line, shift in zip(level, fine, shifts, strict=True):
            found[run] = np.stack([line[:, 0], line[:, 1] + shift], axis=1)
        return found

    def _show_names(self, lines: Sequence[Points], first: float, y: tuple[float, float]) -> float:
        """Put names beside the ends of lines, in as much room as they need; return where that ends."""
        labels, (width, height) = self._labels, self.plot.room_px()
        shown = [run for run, line in enumerate(lines) if len(line)]
        px = (y[1] - y[0]) / height
        distance = 0.0 if self._look.has_key else labels.distance_px(len(shown), height) * px
        texts = [labels.elided(self._names[run], _LABELS * width, self._names) for run in shown]
        margin = 2.0 * labels.radius
        widest = margin + (labels.gap_px(0) + max(map(labels.width_px, texts)) if distance else 0.0)
        last = max(float(line[-1, 0]) for line in lines if len(line))
        scale = (last - first) / max(1.0, width - widest - margin)
        right = last + widest * scale
        self.plot.set_ranges(x=(first - margin * scale, right), y=y)
        self._left.set_reach(across=(0.0, 1.0 - (widest - margin) / width))
        ends = [float(lines[run][-1, 1]) for run in shown]
        places = spread(ends, distance, (y[0] + distance / 2, y[1] - distance / 2))
        found = [
            EndLabel(run, text if distance else None, float(lines[run][-1, 0]), end, at)
            for run, text, end, at in zip(shown, texts, ends, places, strict=True)
        ]
        labels.show_labels(found, last, QRectF(first, y[0], right - first, y[1] - y[0]))
        return right

    def _on_hovered(self, place: QPointF | None) -> None:
        every = np.concatenate(self._found)
        self.hovered.emit(None if place is None or not len(every) else self._nearest(place, every))

    def _nearest(self, place: QPointF, every: Points) -> float | None:
        (x0, x1), (y0, y1) = self.plot.box.viewRange()
        away = np.hypot((every[:, 0] - place.x()) / (x1 - x0), (every[:, 1] - place.y()) / (y1 - y0))
        at = int(away.argmin())
        return float(10.0 ** every[at, 0]) if away[at] < _NEAR else None


def through(points: Points) -> Points:
    """Return the medians (m, 2) of groups of points (n, 2), sorted by x, from the first x to the last."""
    if not len(points):
        return points
    first, last = points[0, 0], points[-1, 0]
    edges = np.linspace(first, last, _GROUPS + 1)[1:-1]
    groups = np.split(points, np.searchsorted(points[:, 0], edges))
    middles = np.array([np.median(group, axis=0) for group in groups if len(group)])
    middles[0, 0], middles[-1, 0] = first, last
    return middles


def _refined(line: Points) -> Points:
    """Return a line with so many points that what bends it aside is short."""
    x = np.linspace(line[0, 0], line[-1, 0], _POINTS)
    return np.stack([x, np.interp(x, *line.T)], axis=1)


def _logs(known: Points) -> Points:
    """Return the powers of ten of shares and rates (n, 2); a rate of 0, and one beyond all numbers, has none."""
    with np.errstate(divide="ignore"):
        logs = np.log10(known)
    return np.asarray(logs[np.isfinite(logs).all(axis=1)])


def _range(logs: Points) -> tuple[float, float]:
    low, high = float(logs.min()), float(np.percentile(logs, _WITHIN))
    room = max(0.5 * (1.0 - (high - low)), _ABOVE * (high - low))
    return low - room, high + room

"""The true loss of states beside that of their projections onto a plane: where the two part, the plane misleads."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QHBoxLayout, QWidget

from gradsim.engine.types import Array
from gradsim.sim.kinds.train.landscape import Landscape, Track
from gradsim.ui.plots.curve import Line, Points, Segments, solid
from gradsim.ui.plots.landscape_map import DASHES, path_colour
from gradsim.ui.plots.plot import DecadeAxis, Plot, ValueAxis
from gradsim.ui.theme import Look, mixed

_LOWEST = 1e-12
"""Losses below are drawn there."""
_MOST_DECADES = 6.0
"""How many decades the axis has at most."""


class TruthMeter(QWidget):
    """Both losses of each path over the steps, on a log scale; stems in the colour of alarm where they part.

    Parameters
    ----------
    look
        Colours and sizes.
    runs
        How many there are in the experiment.
    """

    hovered = Signal(object)
    """The step at the pointer, or None when it has left."""

    def __init__(self, look: Look, runs: int) -> None:
        super().__init__()
        self._look = look
        self._left = DecadeAxis("left", look)
        bottom = ValueAxis("bottom", look)
        bottom.whole, bottom.title = True, look.tr("step")
        self.plot = Plot(look, self._left, bottom)
        self._now = Segments(_cosmetic(look.theme.muted, max(1.0, 0.5 * look.metrics.line)))
        stem = mixed(look.theme.alarm, look.theme.card, 0.45).name()
        self._apart = Segments(_cosmetic(stem, look.metrics.line))
        self._true, self._sliced = ([Line(look.run_pen(run)) for run in range(runs)] for _ in range(2))
        for stems in (self._apart, self._now):
            self.plot.add(stems)
        for line in (*self._true, *self._sliced):
            self.plot.add(line)
        self.plot.hovered.connect(lambda at: self.hovered.emit(None if at is None else at.x()))
        self._y = (-1.0, 0.0)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.plot)

    def show_landscape(self, found: Landscape) -> None:
        """Show the losses of another result."""
        self._y = _range(found.tracks)
        last = max(int(track.steps[-1]) for track in found.tracks)
        self.plot.left_width(self._left.labels(*self._y))
        self.plot.set_ranges(x=(0.0, max(1.0, float(last))), y=self._y)
        for line in (*self._true, *self._sliced):
            line.show_line(np.empty(0), np.empty(0))
        for track in found.tracks:
            steps, pen = track.steps.astype(np.float64), solid(self._look.run_pen(track.run))
            pen.setColor(QColor(path_colour(self._look, track.run, len(self._true))))
            self._true[track.run].pen, self._sliced[track.run].pen = pen, _dashed(pen)
            self._true[track.run].show_line(steps, self._heights(track.true))
            self._sliced[track.run].show_line(steps, self._heights(track.sliced))
        self._apart.show_segments(np.concatenate([self._stems(track) for track in found.tracks]))

    def show_step(self, step: int) -> None:
        """Mark this step."""
        self._now.show_segments(np.array([[step, self._y[0], step, self._y[1]]], np.float64))

    def _heights(self, losses: Array) -> Points:
        low, high = self._y
        with np.errstate(all="ignore"):
            logs = np.log10(np.maximum(losses, _LOWEST))
        return np.asarray(np.clip(np.nan_to_num(logs, nan=high, posinf=high), low, high), np.float64)

    def _stems(self, track: Track) -> Points:
        """Return upright lines (n, [x0, y0, x1, y1]) between both losses where the slice misses the true one."""
        steps = track.steps.astype(np.float64)
        ends = np.stack([steps, self._heights(track.true), steps, self._heights(track.sliced)], axis=1)
        return np.asarray(ends[~track.is_true])


def _cosmetic(colour: str, width: float) -> QPen:
    pen = QPen(QColor(colour), width, c=Qt.PenCapStyle.FlatCap)
    pen.setCosmetic(True)
    return pen


def _dashed(pen: QPen) -> QPen:
    dashed = QPen(pen)
    dashed.setDashPattern(DASHES.tolist())
    return dashed


def _range(tracks: Sequence[Track]) -> tuple[float, float]:
    """Return log10 of the ends of the axis: it holds all losses that are numbers, of many decades the highest."""
    every = np.concatenate([losses for track in tracks for losses in (track.true, track.sliced)])
    known = np.log10(np.maximum(every[np.isfinite(every)], _LOWEST))
    if not len(known):
        return -1.0, 0.0
    high = float(known.max()) + 0.08
    return max(min(float(known.min()) - 0.08, high - 0.6), high - _MOST_DECADES), high

"""Loss and accuracy against steps: median line, band over replicas, label at the line's end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QFont

from gradsim.sim.spec import Experiment
from gradsim.sim.tape import HIGH, LOW, MEDIAN, Divergence, Past, Steps
from gradsim.ui.plots.curve import BandedLine
from gradsim.ui.plots.plot import Plot, ValueAxis, text_width
from gradsim.ui.theme import Look, font, mixed
from gradsim.ui.views.scale import top
from gradsim.ui.views.view import Card, Values, View

_COLUMNS = 500


def thinned(steps: Steps, bands: Values, columns: int = _COLUMNS) -> tuple[Steps, Values]:
    """Return at most about `columns` points: in each group the extremes of the band and the mean median."""
    group = 1 + (len(steps) - 1) // columns
    if group == 1:
        return steps, bands
    starts = np.arange(0, len(steps), group)
    counts = np.diff(np.append(starts, len(steps)))
    return steps[starts + counts - 1], np.stack(
        [
            np.minimum.reduceat(bands[:, LOW], starts),
            np.add.reduceat(bands[:, MEDIAN], starts) / counts,
            np.maximum.reduceat(bands[:, HIGH], starts),
        ],
        axis=1,
    )


def spread(wanted: Sequence[float], distance: float) -> list[float]:
    """Return places near the wanted ones that are at least `distance` apart, in the same order."""
    order = np.argsort(wanted)
    placed = np.array(wanted, dtype=float)[order]
    for i in range(1, len(placed)):
        placed[i] = max(placed[i], placed[i - 1] + distance)
    placed -= np.mean(placed) - np.mean(wanted)
    for i in range(1, len(placed)):
        placed[i] = max(placed[i], placed[i - 1] + distance)
    result = np.empty_like(placed)
    result[order] = placed
    return [float(place) for place in result]


class Curves(View):
    """One channel of all runs against steps."""

    channel: ClassVar[str]

    def __init__(self, experiment: Experiment, look: Look) -> None:
        super().__init__(experiment, look)
        self._past: Past | None = None
        self._y: tuple[float, float] | None = None
        card = Card(look, look.tr(self.title), self._statistic())
        self._bottom = ValueAxis("bottom", look)
        self._bottom.whole, self._bottom.end = True, float(experiment.steps)
        self._left = ValueAxis("left", look)
        self.plot = Plot(look, self._left, self._bottom)
        self._lines = [_RunLine(self.plot, look, i, run.label) for i, run in enumerate(experiment.runs)]
        self.plot.hovered.connect(self._on_hovered)
        self.plot.resized.connect(self._on_resized)
        card.body.addWidget(self.plot)
        self.box.addWidget(card)

    def _statistic(self) -> str:
        return self.look.tr("training batch; median, 5–95 %")

    def range(self, past: Past) -> tuple[float, float]:
        """Return the range of the value axis."""
        raise NotImplementedError

    def draw(self, past: Past, diverged: Sequence[Divergence]) -> None:
        self._past = past
        y = self.range(past)
        if y != self._y:
            self._y = y
            self.plot.left_width(self._left.labels(*y))
        self.plot.set_ranges(x=(0.0, self._x_end()), y=y)
        ends = [line.draw(*thinned(past.steps, past.history(i, self.channel)))
                for i, line in enumerate(self._lines)]  # fmt: skip
        distance = 1.3 * self.look.metrics.tick / self.plot.room_px()[1] * (y[1] - y[0])
        wanted = [end[1] if end else 0.0 for end in ends]
        for line, end, place in zip(self._lines, ends, spread(wanted, distance), strict=True):
            line.label_at(end[0] if end else None, min(max(place, y[0]), y[1]))

    def _on_resized(self) -> None:
        if self._past is not None:
            self.draw(self._past, ())

    def _x_end(self) -> float:
        """Leave room for the labels beyond the last step."""
        label_px = max(line.label_px for line in self._lines)
        share = min(0.45, (label_px + self.look.metrics.tick) / self.plot.room_px()[0])
        return float(self.experiment.steps / (1.0 - share))

    def _on_hovered(self, place: QPointF | None) -> None:
        if self._past is None or place is None:
            self.tell(None)
            return
        past = self._past
        at = int(np.argmin(np.abs(past.steps - place.x())))
        lines = [self.look.tr("step {n}").format(n=f"{past.steps[at]:,}")]
        for i, run in enumerate(self.experiment.runs):
            low, middle, high = past.history(i, self.channel)[at]
            lines.append(f"{self.look.tr(run.label)}: {middle:.4g}   ({low:.4g} … {high:.4g})")
        self.tell("\n".join(lines))


class _RunLine:
    """One run's band, line and label."""

    def __init__(self, plot: Plot, look: Look, run: int, label: str) -> None:
        colour = look.run_colour(run)
        self._line = BandedLine(look.run_pen(run), mixed(colour, look.theme.card, 0.25))
        self._label = pg.TextItem(look.tr(label), color=QColor(colour), anchor=(0, 0.5))
        bold = font(look.metrics.tick, QFont.Weight.Bold)
        self._label.setFont(bold)
        self.label_px = text_width(bold, look.tr(label))
        plot.addItem(self._line)
        plot.addItem(self._label, ignoreBounds=True)

    def draw(self, steps: Steps, bands: Values) -> tuple[float, float] | None:
        """Show the history; return where its line ends."""
        known = np.isfinite(bands).all(axis=1)
        steps, bands = steps[known], bands[known]
        x = steps.astype(np.float64)
        self._line.show_points(x, bands[:, LOW], bands[:, MEDIAN], bands[:, HIGH])
        return (float(x[-1]), float(bands[-1, MEDIAN])) if len(x) else None

    def label_at(self, x: float | None, y: float) -> None:
        """Put the label to the right of the line's end."""
        self._label.setVisible(x is not None)
        if x is not None:
            self._label.setPos(x, y)


class Loss(Curves):
    """The loss of the training batch."""

    key = "loss"
    title = "Loss"
    channel = "loss"

    def range(self, past: Past) -> tuple[float, float]:
        return 0.0, top(past, self.experiment, self.channel)


class Accuracy(Curves):
    """The share of the training batch that is classified rightly."""

    key = "accuracy"
    title = "Accuracy"
    channel = "accuracy"

    def __init__(self, experiment: Experiment, look: Look) -> None:
        super().__init__(experiment, look)
        self._left.percent = True

    def range(self, past: Past) -> tuple[float, float]:
        return 0.0, 1.04

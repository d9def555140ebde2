"""Curves against steps, samples or seconds: median line, band over replicas, label at the line's end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QFont

from gradsim.schema.parameters import Choice, parameters
from gradsim.sim.kinds import X_AXES, Experiment
from gradsim.sim.run.tape import HIGH, LOW, MEDIAN, Past
from gradsim.ui.plots.branch_marks import BranchMarks
from gradsim.ui.plots.curve import BandedLine, Points
from gradsim.ui.plots.plot import DecadeAxis, Plot, ValueAxis, text_width
from gradsim.ui.theme import Look, font, mixed
from gradsim.ui.views.common.branches import Rows
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.common.scale import rounded_up, within_reach
from gradsim.ui.views.common.view import BAND_IN_SHORT, Card, Values, View

_COLUMNS = 500
MOST_FOR_LABELS = 0.6
"""Lines go without labels where these would take more than this share of the width."""

End = tuple[float, float]
"""Where a line ends, in data coordinates."""


def thinned(x: Points, bands: Values, columns: int = _COLUMNS) -> tuple[Points, Values]:
    """Return at most about `columns` points: in each group the extremes of the band and the mean median."""
    if len(x) <= columns:
        return x, bands
    group = -(-len(x) // columns)
    starts = np.arange(0, len(x), group)
    counts = np.diff(np.append(starts, len(x)))
    return x[starts + counts - 1], np.stack(
        [
            np.minimum.reduceat(bands[:, LOW], starts),
            np.add.reduceat(bands[:, MEDIAN], starts) / counts,
            np.maximum.reduceat(bands[:, HIGH], starts),
        ],
        axis=1,
    )


def spread(wanted: Sequence[float], distance: float, within: tuple[float, float]) -> list[float]:
    """Return places near the wanted ones, at least `distance` apart, in the same order, `within` if they fit."""
    order = np.argsort(wanted, kind="stable")
    places = np.array(wanted, dtype=float)[order]
    low, high = within
    # Crowded neighbours move as one group, around the middle of what its members want.
    groups: list[list[float]] = []
    for place in places:
        groups.append([place])
        while len(groups) > 1 and _gap(groups[-2], groups[-1], distance) < 0:
            last = groups.pop()
            groups[-1] += last
    middles = [
        np.clip(np.mean(g), low + (len(g) - 1) * distance / 2, high - (len(g) - 1) * distance / 2) for g in groups
    ]
    placed = [
        m + distance * (i - (len(g) - 1) / 2) for m, g in zip(middles, groups, strict=True) for i in range(len(g))
    ]
    result = np.empty(len(places))
    result[order] = placed
    return [float(place) for place in result]


def _gap(below: Sequence[float], above: Sequence[float], distance: float) -> float:
    """Return the room between two groups of labels set `distance` apart around their means."""
    return float(np.mean(above) - np.mean(below) - distance * (len(below) + len(above)) / 2)


X_AXIS = Choice("Curves over", help="What curves are drawn over.", choices=X_AXES)


@dataclass(frozen=True)
class CurveOptions(ViewOptions):
    """What curves have a choice of."""

    over: str = X_AXIS.field(X_AXES[0])


class Curves(View):
    """One channel of all runs against steps, samples seen, or seconds of computation."""

    channel: ClassVar[str]
    options_type = CurveOptions
    options: CurveOptions

    def __init__(self, experiment: Experiment, look: Look, options: ViewOptions | None = None) -> None:
        super().__init__(experiment, look, options)
        self._past: Past | None = None
        self._y: tuple[float, float] | None = None
        self._card = Card(look, look.tr(self.heading()), self.statistic(self._measured(), BAND_IN_SHORT))
        self._bottom = ValueAxis("bottom", look)
        self._bottom.whole = self.options.over != "seconds"
        self._left = self.make_left()
        self.plot = Plot(look, self._left, self._bottom)
        self._lines = [_RunLine(self.plot, look, i, label) for i, label in enumerate(self.names)]
        self.plot.hovered.connect(self._on_hovered)
        self.plot.resized.connect(self._on_resized)
        self._card.body.addWidget(self.plot)
        self.box.addWidget(self._card)

    def range(self, past: Past) -> tuple[float, float]:
        """Return the range of the value axis."""
        raise NotImplementedError

    def make_left(self) -> DecadeAxis | ValueAxis:
        """Return the value axis."""
        return ValueAxis("left", self.look)

    def heading(self) -> str:
        """Return the title, in English."""
        return self.title

    def statistic_of(self) -> str:
        """Word what is measured, in short; a projector shows as little as it can."""
        return "" if self.look.theme.name == "projector" else self.samples()

    def samples(self) -> str:
        """Name the samples that it is measured on."""
        return self.look.tr("training batch")

    def bands(self, past: Past, run: int) -> Values:
        """Return what is drawn of a run: its bands (n, 3) on the value axis."""
        return past.history(run, self.channel)

    def text(self, value: float) -> str:
        """Return a number of the value axis in words."""
        return f"{value:.4g}"

    def _measured(self) -> str:
        """Word what is measured, and over what it is drawn unless over steps."""
        what, over = self.statistic_of(), self.options.over
        if over == "steps":
            return what
        parameter = parameters(self.options_type)["over"]
        assert isinstance(parameter, Choice)
        template = self.look.tr("{what}, over {axis}") if what else self.look.tr("over {axis}")
        return template.format(what=what, axis=self.look.tr(parameter.label_of(over)))

    def draw(self, past: Past) -> None:
        self._past = past
        y = self.range(past)
        if y != self._y:
            self._y = y
            self.plot.left_width(self._left.labels(*y))
        xs = [self._x(past, run) for run in range(len(self._lines))]
        self._bottom.end = self._last(past, xs)
        self.plot.set_ranges(x=(0.0, self._with_room(self._bottom.end)), y=y)
        ends = [line.draw(x, self.bands(past, i), y, self.branches[i].rows(past))
                for i, (line, x) in enumerate(zip(self._lines, xs, strict=True))]  # fmt: skip
        distance = 1.3 * self.look.metrics.tick / self.plot.room_px()[1] * (y[1] - y[0])
        self._place_labels(ends, distance, y)
        # A line that has no points cannot say itself what has become of its run.
        missing = [divergence for divergence in past.diverged if ends[divergence.run] is None]
        self._card.set_warning(self.divergence_texts(missing))

    def _x(self, past: Past, run: int) -> Points:
        """Return where each step of a run lies on the axis; NaN where that is not known."""
        if self.options.over == "steps":
            return past.steps.astype(np.float64)
        return past.history(run, self.options.over)[:, MEDIAN]

    def _last(self, past: Past, xs: Sequence[Points]) -> float:
        """Return the axis's last value: that of the run's end, or of the time so far."""
        if self.options.over == "seconds":
            latest = max((float(np.nanmax(x)) for x in xs if not np.isnan(x).all()), default=0.0)
            return rounded_up(latest) or 1.0
        return self.experiment.steps * (self._samples_a_step(past, xs) if self.options.over == "samples" else 1.0)

    def _samples_a_step(self, past: Past, xs: Sequence[Points]) -> float:
        """Return the largest batch of the runs: what the tape tells from step 1 on, before that the given one."""
        steps = np.maximum(past.steps, 1)
        seen = max((float(np.nanmax(x / steps)) for x in xs if not np.isnan(x).all()), default=0.0)
        return seen or float(
            max((run.batch_size for run in self.experiment.runs if run.batch_size != "all"), default=1)
        )

    def _place_labels(self, ends: Sequence[End | None], distance: float, y: tuple[float, float]) -> None:
        """Put labels one above the other beside the longest line; a run that has diverged is crossed."""
        known = [(i, end) for i, end in enumerate(ends) if end]
        last = max((x for _, (x, _) in known), default=0.0)
        within = (y[0] + distance / 2, y[1] - distance / 2)
        places = spread([min(at, y[1]) for _, (_, at) in known], distance, within) if known else []
        gone = self._past.gone if self._past else frozenset()
        for (i, _), place in zip(known, places, strict=True):
            self._lines[i].label_at(last, place, ended=i in gone)
        for line, end in zip(self._lines, ends, strict=True):
            line.show_label(end is not None and self._label_share() <= MOST_FOR_LABELS)

    def _on_resized(self) -> None:
        if self._past is not None:
            self.draw(self._past)

    def _with_room(self, end: float) -> float:
        """Leave room for the labels beyond the end, if there is enough of it."""
        share = self._label_share()
        return float(end / (1.0 - share if share <= MOST_FOR_LABELS else 1.0))

    def _label_share(self) -> float:
        """Return the share of the width that the labels need."""
        label_px = max(line.label_px for line in self._lines)
        return (label_px + self.look.metrics.tick) / self.plot.room_px()[0]

    def _on_hovered(self, place: QPointF | None) -> None:
        if self._past is None or place is None:
            self.show_tooltip(None)
            return
        past, lines = self._past, []
        for i, label in enumerate(self.names):
            bands, x = self.bands(past, i), self._x(past, i)
            away = np.where(np.isnan(bands[:, MEDIAN]), np.nan, np.abs(x - place.x()))
            first = self.branches[i].rows(past).first
            if first > 0 and (first == len(x) or place.x() < x[first]):
                continue  # where it is no line of its own yet
            if not np.isnan(away).all():
                at = int(np.nanargmin(away))
                low, middle, high = map(self.text, bands[at])
                step = self.look.tr("step {n}").format(n=f"{past.steps[at]:,}")
                lines.append(f"{label}, {step}: {middle}   ({low} … {high})")
        self.show_tooltip("\n".join([*lines, *self.branch_texts(past.step)]))


class _RunLine:
    """One run's band, line, marks and label."""

    def __init__(self, plot: Plot, look: Look, run: int, label: str) -> None:
        colour = look.run_colour(run)
        self._line = BandedLine(look.run_pen(run), mixed(colour, look.theme.card, 0.25))
        self._marks = BranchMarks(look, colour)
        self._name = label
        self._label = pg.TextItem(self._name, color=QColor(colour), anchor=(0, 0.5))
        bold = font(look.metrics.tick, QFont.Weight.Bold)
        self._label.setFont(bold)
        self._font = bold
        plot.add(self._line.band)
        plot.add(self._line)
        plot.add(self._marks)
        plot.add(self._label)

    def draw(self, x: Points, bands: Values, y: tuple[float, float], rows: Rows) -> End | None:
        """Show those rows of the history on a value axis that reaches over `y`; return where its line ends."""
        known = np.isfinite(bands).all(axis=1) & np.isfinite(x)
        known[: _last_known(known, rows.first)] = False
        if not known.any() or rows.first == len(x):
            self._line.show_points(*np.empty((4, 0)))
            self._marks.show_marks(())
            return None
        xs, kept = x[known], within_reach(bands[known], y)
        at = [float(x[marked.row]) for marked in rows.marked]
        places = zip(rows.marked, at, np.interp(at, xs, kept[:, MEDIAN]).tolist(), strict=True)
        self._marks.show_marks([marked.at(*place) for marked, *place in places])
        xs, kept = thinned(xs, kept)
        self._line.show_points(xs, kept[:, LOW], kept[:, MEDIAN], kept[:, HIGH])
        return float(xs[-1]), float(kept[-1, MEDIAN])

    @property
    def label_px(self) -> int:
        """Width of the label."""
        return text_width(self._font, self._label.toPlainText())

    def label_at(self, x: float, y: float, ended: bool) -> None:
        """Put the label at its place, with a cross if the line ended before it."""
        text = f"{self._name} ×" if ended else self._name
        if text != self._label.toPlainText():
            self._label.setText(text)
        self._label.setPos(x, y)

    def show_label(self, shown: bool) -> None:
        """Show or hide the label."""
        self._label.setVisible(shown)


def _last_known(known: npt.NDArray[np.bool_], row: int) -> int:
    """Return the last row up to `row` in which a value is known, `row` itself where there is none."""
    before = np.flatnonzero(known[: row + 1])
    return int(before[-1]) if len(before) else row

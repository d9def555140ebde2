"""Curves against steps, samples or seconds: median line, band over replicas, label at the line's end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPen

from gradsim.schema.parameters import Choice, parameters
from gradsim.sim.kinds import X_AXES, Experiment
from gradsim.sim.run.tape import HIGH, LOW, MEDIAN, Past, Steps
from gradsim.ui.plots.beside import BESIDE, beside, places_on, staggered
from gradsim.ui.plots.branch_marks import BranchMarks
from gradsim.ui.plots.curve import BandedLine, Line, Points, rim_of, solid
from gradsim.ui.plots.end_labels import EndLabel, EndLabels, crossed
from gradsim.ui.plots.plot import DecadeAxis, Plot, ValueAxis
from gradsim.ui.plots.spread import spread
from gradsim.ui.theme import Look, mixed
from gradsim.ui.views.common.branches import Marked, Rows
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.common.scale import within_reach
from gradsim.ui.views.common.smoothing import rows_in, smoothed_between, time_end, window
from gradsim.ui.views.common.view import MEDIAN_ALONE, MEDIAN_AND_BAND, Card, Values, View
from gradsim.words.numbers import exact, fixed

_COLUMNS = 500
MOST_FOR_LABELS, MOST_FOR_NAMES = 0.5, 0.6
"""The share of the width that labels take at most, and where names without values would be cut else."""
_LEAST_FOR_LABELS = 3.0
"""The least that a label has, in heights of its type: with less room than this, lines go without."""

_LEAST_OF_A_NAME = 5.0
"""The least that is left of a name that has no room, in heights of its type."""

_DIGIT = re.compile(r"\d")

_BAND, _RAW = 0.2, 0.4
"""How much of a run's colour its band has, and the faint line of what its smooth line is made of."""


class End(NamedTuple):
    """Where a line ends as it is drawn, in data coordinates, the value there, and the place of its marker."""

    x: float
    y: float
    value: float
    aside: int = 0


def thinned(x: Points, bands: Values, columns: int = _COLUMNS) -> tuple[Points, Values]:
    """Return at most about `columns` points: the first, then of each group the band's extremes and mean median."""
    if len(x) <= columns:
        return x, bands
    starts = np.concatenate([[0], np.arange(1, len(x), -(-len(x) // columns))])
    counts = np.diff(np.append(starts, len(x)))
    return x[starts + counts - 1], np.stack(
        [
            np.minimum.reduceat(bands[:, LOW], starts),
            np.add.reduceat(bands[:, MEDIAN], starts) / counts,
            np.maximum.reduceat(bands[:, HIGH], starts),
        ],
        axis=1,
    )


class _Column(NamedTuple):
    """The column of labels: whether it is there, its share of the width or that of the markers alone, how wide a
    label is at most, and whether values are told.
    """

    is_shown: bool
    share: float
    most_px: float
    has_values: bool


X_AXIS = Choice("Curves over", help="What curves are drawn over.", choices=X_AXES)


@dataclass(frozen=True)
class CurveOptions(ViewOptions):
    """What curves have a choice of."""

    over: str = X_AXIS.field(X_AXES[0])


class Curves(View):
    """One channel of all runs against steps, samples seen, or seconds of computation."""

    channel: ClassVar[str]
    brief: ClassVar[tuple[str, ...]] = ()
    """Titles for where the whole one has no room."""
    wants_key = True
    smooths: ClassVar[bool] = True
    """Whether lines are smoothed; not where they are steps by nature."""
    highest: ClassVar[float] = inf
    """The largest value that there can be: no line is drawn above it."""
    options_type = CurveOptions
    options: CurveOptions

    def __init__(self, experiment: Experiment, look: Look, options: ViewOptions | None = None) -> None:
        super().__init__(experiment, look, options)
        self._past: Past | None = None
        self._values: tuple[float, float] | None = None
        self._card = Card(look, look.tr(self.heading()), self._statistics(0.0)[0], keeps_line=True)
        self._card.set_brief_title(*self.brief)
        self._bottom = self.make_bottom()
        self._bottom.title = self._over("steps" if self.options.over == "steps" else self.options.over)
        self._left = self.make_left()
        self.plot = Plot(look, self._left, self._bottom)
        self._lines = [_RunLine(self.plot, look, i, experiment.replicas > 1) for i in range(len(self.names))]
        self._labels = EndLabels(look, len(self.names))
        self.plot.add(self._labels)
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

    def make_bottom(self) -> DecadeAxis | ValueAxis:
        """Return the axis of steps, samples or seconds."""
        axis = ValueAxis("bottom", self.look)
        axis.whole = self.options.over != "seconds"
        return axis

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

    def short(self, value: float) -> str:
        """Return a number of the value axis as it stands at a line's end."""
        return fixed(value)

    def as_wide(self, value: float) -> str:
        """Return a text as wide as the values near this one: lines are not to move with each digit."""
        return _DIGIT.sub("8", self.short(value))

    def text(self, value: float) -> str:
        """Return a number of the value axis in words."""
        return exact(value)

    def _over(self, over: str) -> str:
        """Name what the curves are drawn over."""
        parameter = parameters(self.options_type)["over"]
        assert isinstance(parameter, Choice)
        return self.look.tr("step") if over == "steps" else self.look.tr(parameter.label_of(over))

    def _statistics(self, steps: float) -> list[str]:
        """Word the grey line: what is measured, and what lines and bands are, smoothed over so many steps.

        What comes after the first is shorter, for where that has no room.
        """
        what, told = self.statistic_of(), self._spreads(steps)
        if what and told:
            return [self.look.tr("{what}; {spread}").format(what=what, spread=told[0]), *told]
        return told or [what]

    def _spreads(self, steps: float) -> list[str]:
        """Word what lines and bands are, from the longest to the shortest."""
        replicas, look, over = self.experiment.replicas, self.look, f"{steps:,.0f}"
        if replicas == 1:
            told = look.tr("smoothed over {steps} steps, faint as measured").format(steps=over)
            return [told] if steps and look.theme.name != "projector" else []
        if look.theme.name == "projector":
            return [look.tr(MEDIAN_ALONE).format(n=replicas)]
        if not steps:
            return [look.tr(text).format(n=replicas) for text in (MEDIAN_AND_BAND, MEDIAN_ALONE)]
        band = look.tr("median of {n} seeds, smoothed over {steps} steps; band 5–95 %")
        alone = look.tr("median of {n} seeds, smoothed over {steps} steps")
        shorter = look.tr("median of {n}, smoothed"), look.tr("median, smoothed")
        return [text.format(n=replicas, steps=over) for text in (band, alone, *shorter)]

    def draw(self, past: Past) -> None:
        self._past = past
        values = self.range(past)
        if values != self._values:
            self._values = values
            self.plot.left_width(self._left.labels(*values))
        y = self._padded(values)
        xs = [self._x(past, run) for run in range(len(self._lines))]
        steps = window(time_end(past.step, self.experiment.steps)) if self.smooths else 0.0
        for i, (line, x) in enumerate(zip(self._lines, xs, strict=True)):
            line.measure(x, self.bands(past, i), y, self.branches[i].rows(past), past.steps, steps)
        width = BESIDE * self.look.metrics.line / self.plot.room_px()[1] * (y[1] - y[0])
        most = places_on(values[1] - values[0], width)
        shifts = beside([line.points for line in self._lines], width, most, self.highest)
        ends = [line.draw(shift) for line, shift in zip(self._lines, shifts, strict=True)]
        self._card.set_subtitle(*self._statistics(max(line.smoothed_over for line in self._lines)))
        size = 2.2 * self._labels.radius / self.plot.room_px()[1] * (y[1] - y[0])
        known = [float(np.clip(end.y, *y)) for end in ends if end]
        aside = iter(staggered(known, size))
        ends = [end and end._replace(aside=next(aside)) for end in ends]
        column = self._column_of(past, ends)
        self._show_times(past, xs, y, column)
        self._place_labels(past, ends, y, column)
        # A line that has no points cannot say itself what has become of its run.
        missing = [divergence for divergence in past.diverged if ends[divergence.run] is None]
        self._card.set_warning(self.divergence_texts(missing))

    def _padded(self, y: tuple[float, float]) -> tuple[float, float]:
        """Return a range with room for half a marker at its ends, so that none is cut."""
        room = self._labels.reach / self.plot.room_px()[1] * (y[1] - y[0])
        return y[0] - room, y[1] + room

    def _show_times(self, past: Past, xs: Sequence[Points], y: tuple[float, float], column: _Column) -> None:
        """Show the time so far and some more, and beyond its end as much as the labels need."""
        end, latest = self._end(past, xs)
        shown = max(end, latest / (1.0 - column.share))
        margin = (self._labels.radius + 1.0) / self.plot.room_px()[0] * shown  # half a marker at the start
        whole = shown + margin
        self._bottom.set_reach(end)
        self._left.set_reach(across=(margin / whole, (margin + end) / whole))
        self.plot.set_ranges(x=(-margin, shown), y=y)

    def _x(self, past: Past, run: int) -> Points:
        """Return where each step of a run lies on the axis; NaN where that is not known."""
        if self.options.over == "steps":
            return past.steps.astype(np.float64)
        return past.history(run, self.options.over)[:, MEDIAN]

    def _end(self, past: Past, xs: Sequence[Points]) -> tuple[float, float]:
        """Return where the axis ends, and the furthest that lines can come on it."""
        if self.options.over == "seconds":
            latest = max((float(np.nanmax(x)) for x in xs if not np.isnan(x).all()), default=0.0)
            # The axis of a time in seconds grows as that in steps does; how long the whole will take, nobody knows.
            end = time_end(1e6 * latest) / 1e6
            return end, end / 1.25
        whole = self.experiment.steps
        end = time_end(past.step, whole)
        scale = self._samples_a_step(past, xs) if self.options.over == "samples" else 1.0
        return scale * end, scale * (end if end == whole else end / 1.25)

    def _samples_a_step(self, past: Past, xs: Sequence[Points]) -> float:
        """Return the largest batch of the runs: what the tape tells from step 1 on, before that the given one."""
        steps = np.maximum(past.steps, 1)
        seen = max((float(np.nanmax(x / steps)) for x in xs if not np.isnan(x).all()), default=0.0)
        given = (getattr(run, "batch_size", 1) for run in self.experiment.runs)  # not every kind has batches
        return seen or float(max((size for size in given if size != "all"), default=1))

    # The labels

    def _column_of(self, past: Past, ends: Sequence[End | None]) -> _Column:
        """Return how the labels are written and how much of the width they need, which is not more than there is."""
        room = self.plot.room_px()[0]
        aside = max((end.aside for end in ends if end), default=0)
        gap = self._labels.gap_px(aside)
        most = MOST_FOR_LABELS * room - gap
        values = ["×" if end is None or i in past.gone else self.as_wide(end.value) for i, end in enumerate(ends)]
        widths = [self._labels.width_px(_told(name, value)) for name, value in zip(self.names, values, strict=True)]
        has_values = max(widths) <= most
        if not has_values:
            widths = [self._labels.width_px(crossed(name)) for name in self.names]
            if most < max(widths) <= MOST_FOR_NAMES * room - gap:
                most = max(widths)
        least = max(_LEAST_FOR_LABELS, min(max(widths) / self.look.metrics.tick, _LEAST_OF_A_NAME))
        is_shown = not self.look.has_key and most >= least * self.look.metrics.tick
        taken = min(max(widths), most) + gap if is_shown else self._labels.marks_px(aside) + 1.0
        return _Column(is_shown, min(taken / room, MOST_FOR_NAMES), most, has_values)

    def _place_labels(self, past: Past, ends: Sequence[End | None], y: tuple[float, float], column: _Column) -> None:
        """Put labels one above the other beside the longest line; a run that has diverged is crossed."""
        known = [(i, end) for i, end in enumerate(ends) if end]
        height = self.plot.room_px()[1]
        distance_px = self._labels.distance_px(len(known), height) if column.is_shown else 0.0
        distance = distance_px / height * (y[1] - y[0])
        low, high = self._values or y
        heights = [float(np.clip(end.y, low, high)) for _, end in known]
        wanted = [float(np.clip(end.value, *y)) for _, end in known]
        places = spread(wanted, distance, (y[0] + distance / 2, y[1] - distance / 2)) if known else []
        labels = [
            EndLabel(i, self._label(i, end.value, i in past.gone, column) if distance else None,
                     end.x, at, place, end.aside)
            for (i, end), at, place in zip(known, heights, places, strict=True)
        ]  # fmt: skip
        last = max((end.x for _, end in known), default=0.0)
        (x0, x1), (y0, y1) = self.plot.box.viewRange()
        self._labels.show_labels(labels, last, QRectF(x0, y0, x1 - x0, y1 - y0))

    def _label(self, run: int, value: float, is_gone: bool, column: _Column) -> str:
        """Return the name of a run, and its value where there is room for one."""
        name = self.names[run]
        if is_gone:
            return crossed(self._labels.elided(name, column.most_px - self._labels.width_px(": ×"), self.names))
        if column.has_values:
            return _told(name, self.short(value))
        return self._labels.elided(name, column.most_px, self.names)

    def _on_resized(self) -> None:
        if self._past is not None:
            self.draw(self._past)

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
    """One run's band or faint raw line, its smooth line, and marks on it."""

    def __init__(self, plot: Plot, look: Look, run: int, is_banded: bool) -> None:
        colour = look.run_colour(run)
        self._line = BandedLine(solid(look.run_pen(run)), mixed(colour, look.theme.card, _BAND), headed=False)
        faint = QPen(mixed(colour, look.theme.card, _RAW), max(1.0, 0.5 * look.metrics.line))
        self._raw = Line(faint)
        self._raw.setZValue(-5)
        self._is_banded = is_banded
        self._rim = rim_of(look)
        self._marks = BranchMarks(look, colour)
        self._x, self._middle, self._bands = np.empty(0), np.empty(0), np.empty((0, 3))
        self._marked: list[tuple[Marked, float]] = []
        self._end = 0.0
        self.smoothed_over = 0.0
        """Over how many steps the line is smoothed, 0 where that changes nothing."""
        for item in (self._line.band, self._raw, self._line, self._marks):
            plot.add(item)

    def measure(
        self, x: Points, bands: Values, y: tuple[float, float], rows: Rows, steps: Steps, window: float
    ) -> None:
        """Take those rows of the history, to be drawn on a value axis that reaches over `y`."""
        known = np.isfinite(bands).all(axis=1) & np.isfinite(x)
        known[: _last_known(known, rows.first)] = False
        self._middle, self._marked, self.smoothed_over = np.empty(0), [], 0.0
        self._x, self._bands = np.empty(0), np.empty((0, 3))
        if not known.any() or rows.first == len(x):
            return
        self._x, self._bands = thinned(x[known], within_reach(bands[known], y))
        times = steps[known]
        between = float(times[-1] - times[0]) / max(1, len(self._x) - 1)
        self._end = float(bands[known][-1, MEDIAN])
        self._bands[-1, MEDIAN] = within_reach(np.array(self._end), y)
        jumps = self._after(x, known, rows.jumps)
        self._middle = self._smoothed(self._bands[:, MEDIAN], rows_in(window, between), between, jumps, y)
        self._marked = [(marked, float(x[marked.row])) for marked in rows.marked]

    @property
    def points(self) -> tuple[Points, Points]:
        """The smooth line that is to be drawn."""
        return self._x, self._middle

    def draw(self, shift: Points) -> End | None:
        """Show what was measured, the line moved by `shift`; return where it ends."""
        x, bands, middle = self._x, self._bands, self._middle + shift
        self._line.rim = self._rim if shift.any() else None
        self._line.show_points(x, bands[:, LOW], middle, bands[:, HIGH])
        if not self._is_banded:
            self._raw.show_line(x, bands[:, MEDIAN])
        at = [place for _, place in self._marked]
        heights = np.interp(at, x, middle).tolist() if at else []
        self._marks.show_marks(
            [marked.at(*place) for (marked, _), *place in zip(self._marked, at, heights, strict=True)]
        )
        return End(float(x[-1]), float(middle[-1]), self._end) if len(x) else None

    def _after(self, x: Points, known: npt.NDArray[np.bool_], rows: Sequence[int]) -> list[int]:
        """Return which of the points that are drawn are the first after these rows of the history."""
        last = [x[: row + 1][known[: row + 1]][-1:] for row in rows]
        found: list[int] = np.searchsorted(self._x, np.concatenate([*last, []]), side="right").tolist()
        return found

    def _smoothed(
        self, values: Values, rows: int, between: float, jumps: Sequence[int], y: tuple[float, float]
    ) -> Values:
        """Return the smooth line of these values, and note whether it is seen to be another."""
        smooth = smoothed_between(values, rows, jumps)
        is_other = np.abs(smooth - values).max() > _SEEN * (y[1] - y[0])
        self.smoothed_over = rows * between if is_other else 0.0
        return smooth


_SEEN = 0.004
"""The share of the axis from which on a smooth line is seen to be another than the raw one."""


def _told(name: str, value: str) -> str:
    """Return a name with its value; one that ends in a number is not to run into it."""
    return f"{name}: {value}" if name[-1:].isdigit() else f"{name} {value}"


def _last_known(known: npt.NDArray[np.bool_], row: int) -> int:
    """Return the last row up to `row` in which a value is known, `row` itself where there is none."""
    before = np.flatnonzero(known[: row + 1])
    return int(before[-1]) if len(before) else row

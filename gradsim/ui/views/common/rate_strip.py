"""What each run would have come to at other learning rates; its own rate is a dot that can be dragged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import log10
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPen

from gradsim.engine.types import Array
from gradsim.sim.kinds import Experiment
from gradsim.sim.run.sweep import Sweep
from gradsim.sim.run.tape import Past
from gradsim.ui.plots.beside import BESIDE, beside
from gradsim.ui.plots.curve import Line, Segments, rim_of, solid
from gradsim.ui.plots.dots import Dot, Dots
from gradsim.ui.plots.end_labels import crossed
from gradsim.ui.plots.plot import DecadeAxis, Plot, ValueAxis
from gradsim.ui.plots.strokes import joined
from gradsim.ui.theme import Look, mixed
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.common.scale import within_reach
from gradsim.ui.views.common.smoothing import smoothed
from gradsim.ui.views.common.view import Card, Values, View
from gradsim.words.numbers import signed

_RAW = 0.35
"""How much of a run's colour the faint line of single rates has."""


class RateStrip(View):
    """What is reached at the step shown against the learning rate, a line for each run.

    A kind of experiment says by overriding what is computed and how it is shown.
    """

    wants_key = True
    smoothed_over = 1
    """Over how many rates lines are smoothed; what was computed is a faint line then."""
    decades: float
    """How far a dot can be dragged, its run's middle rate in the middle."""

    # What a kind of experiment says

    def _computed_rates(self) -> Array:
        """Return the learning rates (runs, R) that are tried."""
        raise NotImplementedError

    def _axis(self) -> ValueAxis:
        """Return the axis of values."""
        return DecadeAxis("left", self.look)

    def _begun(self) -> Sweep:
        """Return what is known before the first result."""
        raise NotImplementedError

    def _heights(self, values: Values) -> Values:
        """Return values on the scale of the axis."""
        raise NotImplementedError

    def _y_range(self, heights: Values) -> tuple[float, float]:
        """Return the range of the axis."""
        raise NotImplementedError

    def _own_values(self, past: Past) -> Values:
        """Return what each run (runs,) has come to itself; what is not finite has diverged."""
        raise NotImplementedError

    def _subtitles(self) -> tuple[str, ...]:
        """Return the grey line, and shorter ones for where that has no room."""
        raise NotImplementedError

    def _told(self, run: int, value: float) -> str:
        """Return a value of a run as the pointer is told it."""
        raise NotImplementedError

    # The picture

    def __init__(self, experiment: Experiment, look: Look, options: ViewOptions | None = None) -> None:
        super().__init__(experiment, look, options)
        self._sweep: Sweep | None = None
        self._step = 0
        self._own: Values | None = None
        """The value that the first descent of each run has at the step shown, inf where it has diverged."""
        self._gone: frozenset[int] = frozenset()
        """The runs that have diverged at the step shown."""
        self._kept: _Kept | None = None
        """The lines that are shown."""
        self._held: int | None = None
        self._dragged: dict[int, float] = {}
        """Rates that were set by dragging and are not in the experiment yet."""
        self._card = Card(look, look.tr(self.title), keeps_line=True)
        bottom = DecadeAxis("bottom", look)
        bottom.title = look.tr("learning rate")
        self._left = self._axis()
        self.plot = Plot(look, self._left, bottom)
        runs = range(len(self.experiment.runs))
        faint = max(1.0, 0.5 * look.metrics.line)
        self._raw = [Segments(QPen(mixed(look.run_colour(i), look.theme.card, _RAW), faint)) for i in runs]
        self._lines = [Line(solid(look.run_pen(i))) for i in runs]
        self._rim = rim_of(look)
        self._dots = Dots(look)
        for raw, line in zip(self._raw, self._lines, strict=True):
            self.plot.add(raw)
            self.plot.add(line)
        self.plot.add(self._dots)
        for signal, slot in (
            (self.plot.pressed, self._on_pressed),
            (self.plot.dragged, self._on_dragged),
            (self.plot.released, self._on_released),
            (self.plot.hovered, self._on_hovered),
            (self.plot.resized, self._show),
        ):
            signal.connect(slot)
        self._card.body.addWidget(self.plot)
        self.box.addWidget(self._card)
        reach = np.log10(self._computed_rates())
        self._range = float(reach.min()), float(reach.max())
        self._show_start()

    # What is shown

    def show_study(self, result: Any) -> None:
        self._sweep = result
        self._show()

    def _show_start(self) -> None:
        self._sweep = self._begun()
        self._show()

    def set_experiment(self, experiment: Experiment) -> None:
        super().set_experiment(experiment)
        self._kept, self._own, self._gone = None, None, frozenset()  # those of the run before
        self._dragged.clear()
        self._show()

    def take_back(self) -> None:
        self._dragged.clear()
        self._show()

    def draw(self, past: Past) -> None:
        self._step = past.step
        own = self._own_values(past)
        self._own = np.where(np.isfinite(own), own, np.inf)
        self._gone = past.gone
        self._show()

    def _show(self) -> None:
        self._card.set_subtitle(*self._subtitles())
        if self._sweep is None:
            return
        sweep, step, kept = self._sweep, self._sweep.step(self._step), self._kept
        if kept is None or kept.sweep is not sweep or (kept.step, kept.room) != (step, self.plot.room_px()):
            kept = self._kept = self._show_lines(sweep, step)
        self._show_dots(kept)

    def _show_lines(self, sweep: Sweep, step: int) -> _Kept:
        """Show what the sweep knows of a step; it stays until that of another is stored."""
        heights = self._heights(sweep.values(step))
        y = self._y_range(heights)
        self.plot.left_width(self._left.labels(*y))
        shown = self._padded(y)
        self.plot.set_ranges(x=(shown.left(), shown.right()), y=(shown.top(), shown.bottom()))
        known = ~np.isnan(heights)
        lines = [
            self._drawn(np.log10(rates[has]), values[has], y)
            for rates, values, has in zip(sweep.rates, heights, known, strict=True)
        ]
        unit = (y[1] - y[0]) / self.plot.room_px()[1]
        shifts = beside([(line.x, line.middle) for line in lines], BESIDE * self.look.metrics.line * unit)
        crosses = []
        for run, (line, shift) in enumerate(zip(lines, shifts, strict=True)):
            pieces = joined(np.stack([line.x, line.raw], axis=1))
            self._raw[run].show_segments(np.asarray(pieces[(pieces[:, [1, 3]] <= y[1]).all(axis=1)], np.float64))
            self._lines[run].rim = self._rim if shift.any() else None
            self._lines[run].show_line(line.x, line.middle + shift)
            if 0 < len(line.x) < known[run].sum() and line.middle[-1] >= y[0]:
                crosses.append((run, float(line.x[-1]), float((line.middle + shift)[-1])))
        both = ((line.x, drawn) for line in lines for drawn in (line.middle, line.raw))
        seen = [np.stack([x, np.clip(drawn, *y)], axis=1) for x, drawn in both]
        return _Kept(sweep, step, self.plot.room_px(), within_reach(heights, y), y, crosses, seen, shown)

    def _padded(self, y: tuple[float, float]) -> QRectF:
        """Return the region that is shown: around the ranges there is room for half a dot, so that none is cut."""
        (width, height), room = self.plot.room_px(), 1.5 * self._dots.radius
        x0, x1 = self._range
        dx, dy = room * (x1 - x0) / max(1.0, width - 2 * room), room * (y[1] - y[0]) / max(1.0, height - 2 * room)
        return QRectF(x0 - dx, y[0] - dy, x1 - x0 + 2 * dx, y[1] - y[0] + 2 * dy)

    def _drawn(self, rates: Values, heights: Values, y: tuple[float, float]) -> _Drawn:
        """Return what is drawn of a run: up to where it diverges or leaves the picture at its top."""
        finite = _before(~np.isfinite(heights))
        raw = within_reach(heights[:finite], y)
        middle = smoothed(raw, self.smoothed_over)
        count = _before(middle > y[1])
        return _Drawn(rates[:count], raw[:count], middle[:count])

    def _rate(self, run: int) -> float:
        own: float = self.experiment.runs[run].optimizer.learning_rate
        return self._dragged.get(run, own)

    def _at(self, run: int, own: Values | None, kept: _Kept) -> QPointF:
        """Return where the dot of a run is, at the edge of the picture if it would be outside.

        Between the rates of the sweep its own value may be far from theirs.
        """
        low, high = self._range
        x = min(max(log10(self._rate(run)), low), high)
        if own is not None and run not in self._dragged:
            height = float(own[run])
        else:
            height = _between(x, kept.sweep.rates[run], kept.heights[run])
        return QPointF(x, min(max(height, kept.y[0]), kept.y[1]))

    def _show_dots(self, kept: _Kept) -> None:
        runs, own = range(len(self._lines)), None if self._own is None else self._heights(self._own)
        self._places = [self._at(run, own, kept) for run in runs]
        gone = [run in self._gone and run not in self._dragged for run in runs]
        dots = [Dot(place.x(), place.y(), crossed(name) if is_gone else name)
                for place, name, is_gone in zip(self._places, self.names, gone, strict=True)]  # fmt: skip
        self._dots.show_dots(dots, kept.crosses, kept.lines, kept.shown, self.plot.room_px())

    # The mouse

    def _nearest(self, place: QPointF) -> int | None:
        """Return the run whose dot or line is under a place, if one is."""
        if self._sweep is None:
            return None
        scale_x, scale_y = self._px_per_unit()
        reach = 1.2 * self.look.metrics.body
        away = [np.hypot((p.x() - place.x()) * scale_x, (p.y() - place.y()) * scale_y) for p in self._places]
        if min(away) <= reach:
            return int(np.argmin(away))
        heights = self._heights(self._sweep.values(self._step))
        rates = np.log10(self._sweep.rates)
        inside = [row[0] <= place.x() <= row[-1] for row in rates]
        gaps = [abs(_between(place.x(), row, line) - place.y()) * scale_y if within else np.inf
                for row, line, within in zip(self._sweep.rates, heights, inside, strict=True)]  # fmt: skip
        known = np.where(np.isnan(gaps), np.inf, gaps)
        return int(np.argmin(known)) if known.min() <= reach else None

    def _px_per_unit(self) -> tuple[float, float]:
        width, height = self.plot.room_px()
        (x0, x1), (y0, y1) = self.plot.box.viewRange()
        return width / (x1 - x0), height / (y1 - y0)

    def _on_pressed(self, place: QPointF) -> None:
        self._held = self._nearest(place)
        if self._held is not None:
            self._drag_to(place)

    def _on_dragged(self, place: QPointF) -> None:
        if self._held is not None:
            self._drag_to(place)

    def _on_released(self) -> None:
        self._held = None

    def _drag_to(self, place: QPointF) -> None:
        assert self._held is not None
        run, middle = self._held, np.log10(self._computed_rates()[self._held]).mean()
        exponent = float(np.clip(place.x(), middle - self.decades / 2, middle + self.decades / 2))
        rate = float(f"{10.0**exponent:.2g}")
        if rate == self._rate(run):
            return
        self._dragged[run] = rate
        self._show()
        self.show_tooltip(f"{self.names[run]}: η {signed(rate)}")
        self.edit_asked.emit(rate_edit(run, self.experiment.runs[run].optimizer.key, rate))

    def _on_hovered(self, place: QPointF | None) -> None:
        if self._held is not None:
            return
        run = None if place is None else self._nearest(place)
        shape = Qt.CursorShape.ArrowCursor if run is None else Qt.CursorShape.SizeHorCursor
        self.plot.viewport().setCursor(shape)
        if run is None or place is None or self._sweep is None:
            self.show_tooltip(None)
            return
        away = np.abs(np.log10(self._sweep.rates[run]) - place.x())
        at = int(np.where(np.isnan(self._sweep.values(self._step)[run]), np.inf, away).argmin())
        rate, value = self._sweep.rates[run, at], self._sweep.values(self._step)[run, at]
        text = self._told(run, float(value)) if np.isfinite(value) else self.look.tr("diverged")
        self.show_tooltip(f"{self.names[run]}, η {signed(float(f'{rate:.2g}'))}: {text}")


@dataclass(frozen=True, eq=False)
class _Kept:
    """The lines that are shown: of which step of a sweep, and in a region of which size.

    Attributes
    ----------
    heights, y
        Values on the scale of the axis, and its range.
    crosses
        Where runs leave the picture.
    lines
        What names are to keep off.
    shown
        The region of the plot.
    """

    sweep: Sweep
    step: int
    room: tuple[int, int]
    heights: Values
    y: tuple[float, float]
    crosses: list[tuple[int, float, float]]
    lines: list[Values]
    shown: QRectF


class _Drawn(NamedTuple):
    """What is drawn of a run, on the scales of the axes: single rates and the smooth line, all of shape (n,)."""

    x: Values
    raw: Values
    middle: Values


def _between(x: float, rates: Values, heights: Values) -> float:
    """Return the height at a rate of which the logarithm is given, between those that are known; NaN for none."""
    known = ~np.isnan(heights)
    return float(np.interp(x, np.log10(rates[known]), heights[known])) if known.any() else np.nan


def _before(told: npt.NDArray[np.bool_]) -> int:
    """Return how many come before the first of which it is told, all if of none."""
    return int(np.argmax(told)) if told.any() else len(told)


def rate_edit(run: int, optimizer: str, rate: float) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return the edit that gives a run another learning rate, if it still is there with this optimizer."""

    def edit(table: dict[str, Any]) -> dict[str, Any]:
        if run < len(table["runs"]) and table["runs"][run]["optimizer"]["name"] == optimizer:
            table["runs"][run]["optimizer"]["learning_rate"] = rate
        return table

    return edit

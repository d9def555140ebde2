"""Is it fair? What each run would have come to at other learning rates; its own rate is a dot that can be dragged."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont

from gradsim.runtime.studies import Study
from gradsim.sim.kinds import Experiment
from gradsim.sim.kinds.race.racer import lowest_value
from gradsim.sim.kinds.race.rates import DECADES, Sweep, alike, rates_of, sweep
from gradsim.sim.run.tape import Past
from gradsim.ui.plots.curve import Line
from gradsim.ui.plots.labels import place_labels
from gradsim.ui.plots.plot import DecadeAxis, Plot, ValueAxis, text_width
from gradsim.ui.theme import Look, font
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.common.scale import rounded_out, within_reach
from gradsim.ui.views.common.view import Card, Values
from gradsim.ui.views.race.race_curves import FLOOR
from gradsim.ui.views.race.race_view import RaceView

_HIGH = 1.5
"""How many decades above the start the value axis ends."""


class Rates(RaceView):
    """Value at the step shown against the learning rate, a line for each run."""

    key = "rates"
    title = "Is it fair?"
    help = "The value reached for each learning rate; the dots are the rates of the runs."
    order = 90
    place = "right"

    def __init__(self, experiment: Experiment, look: Look, options: ViewOptions | None = None) -> None:
        super().__init__(experiment, look, options)
        self._base = lowest_value(self.race.surface)
        self._sweep: Sweep | None = None
        self._step = 0
        self._own: Values | None = None
        """The value that the first descent of each run has at the step shown, inf where it has diverged."""
        self._gone: frozenset[int] = frozenset()
        """The runs that have diverged at the step shown."""
        self._held: int | None = None
        self._dragged: dict[int, float] = {}
        """Rates that were set by dragging and are not in the experiment yet."""
        self._card = Card(look, look.tr(self.title), keeps_line=True)
        bottom = DecadeAxis("bottom", look)
        left = ValueAxis("left", look) if self._base is None else DecadeAxis("left", look)
        self._left = left
        self.plot = Plot(look, left, bottom)
        self._lines = [Line(look.run_pen(i)) for i in range(len(self.race.runs))]
        edge = pg.mkPen(look.theme.card, width=1.5)
        # One brush for all time: of a new one, pyqtgraph would paint a new dot.
        self._brushes = [pg.mkBrush(look.run_colour(i)) for i in range(len(self.race.runs))]
        self._dots = pg.ScatterPlotItem(pxMode=True, pen=edge, size=1.1 * look.metrics.tick)
        self._names = [self._name(i) for i in range(len(self.race.runs))]
        for item in (*self._lines, self._dots, *self._names):
            self.plot.add(item)
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
        reach = np.log10(rates_of(self.race))
        self._range = float(reach.min()), float(reach.max())
        self.plot.set_ranges(x=self._range)
        self._set_subtitle()

    def _name(self, run: int) -> pg.TextItem:
        ground = QColor(self.look.theme.card)
        ground.setAlpha(190)
        colour = QColor(self.look.run_colour(run))
        name = pg.TextItem(self.names[run], color=colour, anchor=(0, 0), fill=ground)
        name.setFont(font(self.look.metrics.tick, QFont.Weight.Bold))
        return name

    # What is shown

    def study(self) -> Study:
        race = self.race
        return Study(("rates", alike(race)), lambda: sweep(race))

    def show_study(self, result: Any) -> None:
        self._sweep = result
        self._show()

    def set_experiment(self, experiment: Experiment) -> None:
        super().set_experiment(experiment)
        self._own, self._gone = None, frozenset()  # those of the run before
        self._dragged.clear()
        self._show()

    def take_back(self) -> None:
        self._dragged.clear()
        self._show()

    def draw(self, past: Past) -> None:
        self._step = past.step
        own = np.array([past.values(run, "value")[0] for run in range(len(self._lines))])
        self._own = np.where(np.isfinite(own), own, np.inf)
        self._gone = past.gone
        self._show()

    def _set_subtitle(self) -> None:
        step = self._sweep.step(self._step) if self._sweep else self._step
        text = self.look.tr("value after {n} steps against learning rate; drag a dot").format(n=f"{step:,}")
        if self.look.theme.name == "projector":
            text = self.look.tr("value against learning rate")
        self._card.set_subtitle(text)

    def _show(self) -> None:
        self._set_subtitle()
        if self._sweep is None:
            return
        heights = self._heights(self._sweep.values(self._step))
        y = self._y_range(heights)
        self.plot.left_width(self._left.labels(*y))
        self.plot.set_ranges(x=self._range, y=y)
        heights = within_reach(heights, y)  # what has diverged lies above the picture
        for line, rates, values in zip(self._lines, np.log10(self._sweep.rates), heights, strict=True):
            line.show_line(rates, values)
        self._show_dots(heights, y)

    def _heights(self, values: Values) -> Values:
        """Return values on the scale of the axis."""
        if self._base is None:
            return values
        with np.errstate(divide="ignore"):
            above = np.maximum(values - self._base, 0.0)  # elsewhere it may be lower than at the lowest minimum
            return np.asarray(np.maximum(np.log10(above), FLOOR))

    def _y_range(self, heights: Values) -> tuple[float, float]:
        assert self._sweep is not None
        finite = heights[np.isfinite(heights)]
        start = float(self._heights(self._sweep.values(0))[0, 0])
        if self._base is None:
            return rounded_out(finite, abs(start) if isfinite(start) else 0.0)
        start = start if isfinite(start) else float(finite.max(initial=0.0))
        high = np.ceil(min(finite.max(initial=start), start + _HIGH) + 0.1)
        return float(min(np.floor(finite.min(initial=start) - 0.1), high - 2)), float(high)

    def _rate(self, run: int) -> float:
        return self._dragged.get(run, self.race.runs[run].optimizer.learning_rate)

    def _at(self, run: int, heights: Values, y: tuple[float, float]) -> QPointF:
        """Return where the dot of a run is, at the edge of the picture if it would be outside.

        Between the rates of the sweep its own value may be far from theirs.
        """
        assert self._sweep is not None
        x = float(np.clip(np.log10(self._rate(run)), *self._range))
        if self._own is not None and run not in self._dragged:
            height = float(self._heights(self._own)[run])
        else:
            height = float(np.interp(x, np.log10(self._sweep.rates[run]), heights[run]))
        return QPointF(x, min(max(height, y[0]), y[1]))

    def _show_dots(self, heights: Values, y: tuple[float, float]) -> None:
        runs = range(len(self._lines))
        self._places = [self._at(run, heights, y) for run in runs]
        self._dots.setData(
            [place.x() for place in self._places], [place.y() for place in self._places], brush=self._brushes
        )
        width, height = self.plot.room_px()
        (x0, x1), (y0, y1) = self._range, y
        pixels = [QPointF((p.x() - x0) / (x1 - x0) * width, (y1 - p.y()) / (y1 - y0) * height) for p in self._places]
        for run in runs:
            text = self.names[run] + (" ×" if run in self._gone and run not in self._dragged else "")
            if text != self._names[run].toPlainText():
                self._names[run].setText(text)
        tick = self.look.metrics.tick
        sizes = [QSizeF(text_width(font(tick, QFont.Weight.Bold), name.toPlainText()) + 8, 1.5 * tick)
                 for name in self._names]  # fmt: skip
        placed = place_labels(pixels, sizes, QRectF(0, 0, width, height), 0.8 * tick)
        for name, label in zip(self._names, placed, strict=True):
            corner = label.rect.topLeft()
            name.setPos(x0 + corner.x() / width * (x1 - x0), y1 - corner.y() / height * (y1 - y0))
            name.setVisible(not label.led)

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
        gaps = [abs(float(np.interp(place.x(), row, line)) - place.y()) * scale_y if within else np.inf
                for row, line, within in zip(rates, heights, inside, strict=True)]  # fmt: skip
        return int(np.argmin(gaps)) if min(gaps) <= reach else None

    def _px_per_unit(self) -> tuple[float, float]:
        width, height = self.plot.room_px()
        y0, y1 = self.plot.box.viewRange()[1]
        return width / (self._range[1] - self._range[0]), height / (y1 - y0)

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
        run, middle = self._held, np.log10(rates_of(self.race)[self._held]).mean()
        exponent = float(np.clip(place.x(), middle - DECADES / 2, middle + DECADES / 2))
        rate = float(f"{10.0**exponent:.2g}")
        if rate == self._rate(run):
            return
        self._dragged[run] = rate
        self._show()
        self.show_tooltip(f"{self.names[run]}: η {rate:g}")
        self.edit_asked.emit(rate_edit(run, self.race.runs[run].optimizer.key, rate))

    def _on_hovered(self, place: QPointF | None) -> None:
        if self._held is not None:
            return
        run = None if place is None else self._nearest(place)
        shape = Qt.CursorShape.ArrowCursor if run is None else Qt.CursorShape.SizeHorCursor
        self.plot.viewport().setCursor(shape)
        if run is None or place is None or self._sweep is None:
            self.show_tooltip(None)
            return
        at = int(np.abs(np.log10(self._sweep.rates[run]) - place.x()).argmin())
        rate, value = self._sweep.rates[run, at], self._sweep.values(self._step)[run, at]
        text = f"f = {value:.4g}" if np.isfinite(value) else self.look.tr("diverged")
        self.show_tooltip(f"{self.names[run]}, η {rate:.2g}: {text}")


def rate_edit(run: int, optimizer: str, rate: float) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return the edit that gives a run another learning rate, if it still is there with this optimizer."""

    def edit(table: dict[str, Any]) -> dict[str, Any]:
        if run < len(table["runs"]) and table["runs"][run]["optimizer"]["name"] == optimizer:
            table["runs"][run]["optimizer"]["learning_rate"] = rate
        return table

    return edit

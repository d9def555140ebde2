"""The gradient magnitude of every layer, one bar each, one plot per run."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPen

from gradsim.engine.probes import INDEX, PROBES
from gradsim.sim.shapes import layer_names
from gradsim.sim.spec import Experiment, Train
from gradsim.sim.tape import HIGH, LOW, MEDIAN, Divergence, Past
from gradsim.sim.verdict import layer_text, power
from gradsim.ui.plots.plot import DecadeAxis, NamedAxis, Plot
from gradsim.ui.theme import Look, font
from gradsim.ui.views.scale import decades, log_clipped
from gradsim.ui.views.view import MEDIAN_AND_BAND, Card, TrainView, Values, divergence_text, last_band

_TINIEST = {"float64": 1e-300, "float32": 1e-38}


class Gradients(TrainView):
    """Bars on one shared log scale: median over replicas, whiskers from 5 to 95 %."""

    key = "gradients"
    title = "Gradient of every layer"
    place = "upper"
    probe = "grad_rms"

    def __init__(self, experiment: Experiment, look: Look, over: str = "steps") -> None:
        super().__init__(experiment, look, over)
        self._runs = [_RunBars(self, i) for i in range(len(experiment.runs))]

    @classmethod
    def applies(cls, experiment: Experiment) -> bool:
        return isinstance(experiment, Train) and experiment.probes == "all"

    def draw(self, past: Past, diverged: Sequence[Divergence]) -> None:
        shared = decades(past, self.experiment, self.probe)
        gone = {d.run: d for d in diverged if d.step <= past.step}
        for run, bars in enumerate(self._runs):
            bars.card.warn(divergence_text(gone[run], self.look) if run in gone else None)
            bars.draw(last_band(past, run, self.probe), shared)


class _RunBars:
    """The bars of one run."""

    def __init__(self, view: Gradients, run: int) -> None:
        look, spec = view.look, view.train.runs[run]
        self._view, self._run = view, run
        self._names = layer_names(spec)
        self._tiniest = _TINIEST[view.train.dtype]
        self._band: Values | None = None
        self._shared: tuple[int, int] | None = None
        what = look.tr("{label} per layer").format(label=look.tr(PROBES[INDEX[view.probe]].label))
        self.card = Card(look, spec.label, view.statistic(what, MEDIAN_AND_BAND), look.run_colour(run))
        self._plot = Plot(look, DecadeAxis("left", look), NamedAxis("bottom", look, self._places()))
        self._plot.set_ranges(x=(-0.6, len(self._names) - 0.4))
        places = np.arange(len(self._names))
        self._bars = pg.BarGraphItem(
            x=places, y0=0.0, height=np.zeros(len(places)), width=0.66,
            brush=QColor(look.run_colour(run)), pen=QPen(Qt.PenStyle.NoPen),
        )  # fmt: skip
        whisker = QPen(QColor(look.theme.ink), max(2.0, 0.9 * look.metrics.line))
        whisker.setCosmetic(True)
        self._whiskers = pg.ErrorBarItem(x=places, y=np.zeros(len(places)), beam=0.0, pen=whisker)
        self._marks = [self._hidden_label() for _ in self._names]
        for item in (self._bars, self._whiskers, *self._marks):
            self._plot.add(item)
        self._plot.hovered.connect(self._on_hovered)
        self.card.body.addWidget(self._plot)
        view.box.addWidget(self.card, stretch=1)

    def _places(self) -> list[tuple[float, str]]:
        last = len(self._names) - 1
        every = 1 + last // 12
        return [*((i, str(i + 1)) for i in range(0, last, every)), (last, self._view.look.tr("out"))]

    def _hidden_label(self) -> pg.TextItem:
        label = pg.TextItem()
        label.setFont(font(self._view.look.metrics.tick))
        label.hide()
        return label

    def draw(self, band: Values, shared: tuple[int, int]) -> None:
        self._band = band
        low, high = shared
        if shared != self._shared:
            self._shared = shared
            self._plot.set_ranges(y=(float(low), float(high)))
            self._plot.left_width([power(low), power(high), power(-10)])
        logs = log_clipped(np.nan_to_num(band, nan=0.0), low)
        middle = logs[:, MEDIAN]
        self._bars.setOpts(y0=float(low), height=middle - low)
        self._whiskers.setData(top=logs[:, HIGH] - middle, bottom=middle - logs[:, LOW], y=middle)
        for place, label in enumerate(self._marks):
            self._mark(place, label, low, high)

    def _mark(self, place: int, label: pg.TextItem, low: int, high: int) -> None:
        """Say what a bar cannot show: zero, or a value beyond the top."""
        assert self._band is not None
        value = self._band[place, MEDIAN]
        zero, beyond = value == 0.0, value > 10.0**high
        label.setVisible(bool(zero or beyond))
        if zero:
            text = self._zero_text(place)
            label.setText(text, color=self._view.look.theme.ink)
            # Words stand upright in their narrow column, a lone digit does not.
            label.setAngle(90 if len(text) > 1 else 0)
            label.setAnchor((0, 0.5) if len(text) > 1 else (0.5, 1))
            label.setPos(float(place), low + 0.02 * (high - low))
        elif beyond:
            label.setText(f"{power(round(np.log10(value)))} →", color=self._view.look.theme.card)
            label.setAngle(90)
            label.setAnchor((1, 0.5))
            label.setPos(float(place), high - 0.02 * (high - low))

    def _zero_text(self, place: int) -> str:
        """Tell a product too small for floating point from a gradient that is zero indeed."""
        assert self._band is not None
        above = self._band[place + 1 :, MEDIAN]
        nonzero = above[above > 0]
        faded = len(nonzero) > 0 and nonzero[0] < self._tiniest**0.5
        return self._view.look.tr("0 (underflow)") if faded else "0"

    def _on_hovered(self, place: QPointF | None) -> None:
        layer = -1 if place is None else round(place.x())
        if self._band is None or not 0 <= layer < len(self._names):
            self._view.tell(None)
            return
        low, middle, high = self._band[layer]
        text = f"{layer_text(self._names[layer], self._view.look.language)}: {middle:.4g}"
        if self._view.experiment.replicas > 1:
            text += f"\n5–95 %: {low:.4g} … {high:.4g}"
        self._view.tell(text)

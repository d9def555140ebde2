"""What is measured of every layer, above all its gradient: one bar each, one plot per run."""

from __future__ import annotations

from math import ceil

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPen

from gradsim.engine.nn.probes import INDEX, PROBES
from gradsim.sim.kinds import Experiment
from gradsim.sim.kinds.train.dimensions import layer_names
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.kinds.train.verdict import layer_text
from gradsim.sim.run.tape import HIGH, LOW, MEDIAN, Past
from gradsim.ui.plots.plot import NamedAxis, Plot, text_width
from gradsim.ui.theme import Look, font
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.common.view import MEDIAN_AND_BAND, Card, Values, last_band
from gradsim.ui.views.train.layer_scale import LayerOptions, Range, scale_of
from gradsim.ui.views.train.train_view import TrainView
from gradsim.words.numbers import figure, power

_TINIEST = {"float64": 1e-300, "float32": 1e-38}


class Gradients(TrainView):
    """Bars on one shared scale: median over replicas, whiskers from 5 to 95 %."""

    key = "gradients"
    title = "Gradient of every layer"
    help = "A value for each layer, from the input on the left to the output."
    order = 10
    place = "upper"
    options_type = LayerOptions
    options: LayerOptions

    def __init__(self, experiment: Experiment, look: Look, options: ViewOptions | None = None) -> None:
        super().__init__(experiment, look, options)
        self.scale = scale_of(self.options.probe)
        self._runs = [_RunBars(self, i) for i in range(len(experiment.runs))]

    @classmethod
    def suits(cls, experiment: Train) -> bool:
        return experiment.probes == "all"

    def draw(self, past: Past) -> None:
        probe = self.options.probe
        shared = self.scale.range(past, self.experiment, probe)
        self.warn_of_diverged([bars.card for bars in self._runs], past)
        for run, bars in enumerate(self._runs):
            bars.draw(last_band(past, run, probe), shared)


class _RunBars:
    """The bars of one run."""

    def __init__(self, view: Gradients, run: int) -> None:
        look, spec = view.look, view.train.runs[run]
        self._view, self._run = view, run
        self._spec, self._names = spec, layer_names(spec)
        self._tiniest = _TINIEST[view.train.dtype]
        self._band: Values | None = None
        self._shared: Range | None = None
        what = look.tr(PROBES[INDEX[view.options.probe]].label)
        if look.theme.name != "projector":
            what = look.tr("{label} per layer").format(label=what)
        self.card = Card(look, view.names[run], view.statistic(what, MEDIAN_AND_BAND), look.run_colour(run))
        self._left = view.scale.axis(look)
        self._plot = Plot(look, self._left, NamedAxis("bottom", look, self._places()))
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
        # The last one is a word, and needs more room than a number.
        end = last if every == 1 else last - round(1.6 * every) + 1
        return [*((i, str(i + 1)) for i in range(0, end, every)), (last, self._view.look.tr("out"))]

    def _hidden_label(self) -> pg.TextItem:
        label = pg.TextItem()
        label.setFont(font(self._view.look.metrics.tick))
        label.hide()
        return label

    def draw(self, band: Values, shared: Range) -> None:
        self._band = band
        scale, (low, high) = self._view.scale, shared
        if shared != self._shared:
            self._shared = shared
            self._plot.set_ranges(y=shared)
            self._plot.left_width([*self._left.labels(low, high), power(-10)])
        base = scale.base(shared)
        places = np.where(np.isnan(band), base, scale.places(band, shared))
        middle = places[:, MEDIAN]
        self._bars.setOpts(y0=base, height=middle - base)
        self._whiskers.setData(top=places[:, HIGH] - middle, bottom=middle - places[:, LOW], y=middle)
        for layer, label in enumerate(self._marks):
            self._mark(layer, label, shared)

    def _mark(self, layer: int, label: pg.TextItem, shared: Range) -> None:
        """Say what a bar cannot show: zero, that there is no value, or one beyond the top."""
        assert self._band is not None
        scale, (low, high) = self._view.scale, shared
        value = self._band[layer, MEDIAN]
        beyond = float(scale.places(np.array(value), shared)) > high
        label.setVisible(bool(value == 0.0 or np.isnan(value) or beyond) and layer % self._marked_every() == 0)
        if value == 0.0 or np.isnan(value):
            text = self._zero_text(layer) if value == 0.0 else "–"
            label.setText(text, color=self._view.look.theme.ink)
            upright = text_width(label.textItem.font(), text) > 0.8 * self._column_px()
            label.setAngle(90 if upright else 0)
            label.setAnchor((0, 0.5) if upright else (0.5, 1))
            label.setPos(float(layer), scale.base(shared) + 0.02 * (high - low))
        elif beyond:
            text = power(round(np.log10(value))) if scale.zero_is_apart else figure(value)
            label.setText(f"{text} →", color=self._view.look.theme.card)
            label.setAngle(90)
            label.setAnchor((1, 0.5))
            label.setPos(float(layer), high - 0.02 * (high - low))

    def _column_px(self) -> float:
        """Return the width that each layer has."""
        return self._plot.room_px()[0] / (len(self._names) + 0.2)

    def _marked_every(self) -> int:
        """Return every how many layers there is room for upright words."""
        return max(1, ceil(1.1 * self._view.look.metrics.tick / self._column_px()))

    def _zero_text(self, layer: int) -> str:
        """Tell a product too small for floating point from a gradient that is zero indeed."""
        assert self._band is not None
        if not self._view.scale.zero_is_apart:
            return self._view.scale.zero
        above = self._band[layer + 1 :, MEDIAN]
        nonzero = above[above > 0]
        faded = len(nonzero) > 0 and nonzero[0] < self._tiniest**0.5
        return self._view.look.tr("0 (underflow)") if faded else self._view.scale.zero

    def _on_hovered(self, place: QPointF | None) -> None:
        layer = -1 if place is None else round(place.x())
        if self._band is None or not 0 <= layer < len(self._names):
            self._view.show_tooltip(None)
            return
        low, middle, high = self._band[layer]
        text = f"{layer_text(self._spec, layer, self._view.look.language)}: {middle:.4g}"
        if self._view.experiment.replicas > 1:
            text += f"\n5–95 %: {low:.4g} … {high:.4g}"
        self._view.show_tooltip(text)

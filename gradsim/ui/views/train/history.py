"""Layer by step heat strips: how much gradient gets through, or how little."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QGridLayout

from gradsim.engine.nn.probes import INDEX, PROBES
from gradsim.schema.errors import Phrase
from gradsim.sim.kinds import Experiment
from gradsim.sim.kinds.train.dimensions import layer_names
from gradsim.sim.kinds.train.needs import lacks_measurements
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.kinds.train.subject import layer_text
from gradsim.sim.run.tape import MEDIAN, Past
from gradsim.ui.plots.curve import Segments
from gradsim.ui.plots.plot import COLOURS, Colours, NamedAxis, Plot, Ramp, ValueAxis, with_zero
from gradsim.ui.theme import Look
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.common.smoothing import time_end
from gradsim.ui.views.common.view import MEDIAN_ALONE, Card
from gradsim.ui.views.train.layer_scale import LayerOptions, Range, scale_of
from gradsim.ui.views.train.train_view import TrainView
from gradsim.words.numbers import exact

_COLUMNS = 400
MOST_ABREAST = 4
"""Up to so many strips are beside each other; more are in two rows."""


class History(TrainView):
    """What is measured of each layer over time, above all its gradient, on one colour scale."""

    key = "history"
    title = "Gradient of every layer, over time"
    help = "A row for each layer, a column for each step."
    stretch = 2
    order = 60
    options_type = LayerOptions
    options: LayerOptions

    def __init__(self, experiment: Experiment, look: Look, options: ViewOptions | None = None) -> None:
        super().__init__(experiment, look, options)
        self._past: Past | None = None
        colours = with_zero(pg.colormap.get("viridis"))
        self.scale = scale_of(self.options.probe)
        label = look.tr(PROBES[INDEX[self.options.probe]].label)
        card = Card(look, self._heading(), label)
        if look.theme.name != "projector":
            whole = look.tr("{label}, the first layer at the bottom").format(label=label)
            card.set_subtitle(self.statistic(whole, MEDIAN_ALONE), whole, self.statistic(label, MEDIAN_ALONE), label)
        self._strips = [_Strip(self, i, colours) for i in range(len(experiment.runs))]
        grid = QGridLayout()
        grid.setSpacing(0)
        rows = 1 if len(self._strips) <= MOST_ABREAST else 2
        columns = -(-len(self._strips) // rows)
        for i, strip in enumerate(self._strips):
            grid.addWidget(strip.card, i // columns, i % columns)
        card.body.addLayout(grid, stretch=1)
        self._ramp = Ramp(look, colours, self.scale.axis(look))
        card.body.addWidget(self._ramp)
        self.box.addWidget(card)

    def _heading(self) -> str:
        if self.options.probe in ("grad_rms", "grad_norm"):
            return self.look.tr(self.title)
        return self.look.tr("Every layer, over time")

    @classmethod
    def lacks(cls, experiment: Train) -> Phrase | None:
        return lacks_measurements(experiment)

    def draw(self, past: Past) -> None:
        self._past = past
        shared = self.scale.range(past, self.experiment, self.options.probe)
        zeros = [strip.draw(past, shared) for strip in self._strips]
        self._ramp.set_range(shared, any(zeros))
        self.warn_of_diverged([strip.card for strip in self._strips], past)


class _Strip:
    """The strip of one run; lines across it are where the run changes."""

    def __init__(self, view: History, run: int, colours: Colours) -> None:
        look, spec = view.look, view.train.runs[run]
        self._view, self._run = view, run
        self._spec, self._names = spec, layer_names(spec)
        self._past: Past | None = None
        count = len(self._names)
        names = [*map(str, range(1, count)), look.tr("out")]
        left = NamedAxis("left", look, [(i + 0.5, name) for i, name in enumerate(names)])
        self._bottom = ValueAxis("bottom", look)
        self._bottom.whole, self._bottom.title, self._bottom.title_first = True, look.tr("step"), True
        self._plot = Plot(look, left, self._bottom)
        self._plot.left_width([look.tr("out"), f"{look.tr('step')} 0"])
        self._plot.set_ranges(y=(0.0, float(count)))
        self._image = pg.ImageItem(axisOrder="col-major")
        self._image.setLookupTable(colours)
        self._plot.add(self._image)
        self._changes = Segments(QPen(QColor(look.theme.card), look.metrics.line))
        self._plot.add(self._changes)
        self._plot.hovered.connect(self._on_hovered)
        self.card = Card(look, view.names[run], colour=look.text_colour(run), framed=False).tell_apart(view.names)
        self.card.body.addWidget(self._plot)

    def draw(self, past: Past, shared: Range) -> bool:
        """Show the strip; tell whether there is a zero in it that has a colour of its own."""
        self._past = past
        last = max(1, past.step)
        end = time_end(past.step, self._view.experiment.steps)
        self._bottom.set_reach(end)
        self._plot.set_ranges(x=(0.0, end))
        columns = min(_COLUMNS, len(past.steps))
        wanted = np.linspace(0.0, past.step, columns)
        rows = np.searchsorted(past.steps, wanted, side="right") - 1
        medians = past.history(self._run, self._view.options.probe)[rows][..., MEDIAN]
        scale, (low, high) = self._view.scale, shared
        zero = (medians == 0.0) & scale.zero_is_apart
        first = (high - low) / (COLOURS - 1)
        image = np.where(zero, low - first, np.maximum(scale.places(medians, shared), low))
        self._image.setImage(image, autoLevels=False, levels=(low - first, high))
        self._image.setRect(QRectF(0.0, 0.0, float(last), float(len(self._names))))
        steps = [change.step for change in self._view.train.runs[self._run].changes if change.step <= past.step]
        self._changes.show_segments(np.array([(x, 0, x, len(self._names)) for x in steps], float).reshape(-1, 4))
        return bool(zero.any())

    def _on_hovered(self, place: QPointF | None) -> None:
        past = self._past
        if past is None or place is None or place.x() > past.step:
            self._view.show_tooltip(None)
            return
        look = self._view.look
        layer = min(max(int(place.y()), 0), len(self._names) - 1)
        at = int(np.argmin(np.abs(past.steps - place.x())))
        value = past.history(self._run, self._view.options.probe)[at, layer, MEDIAN]
        step = look.tr("step {n}").format(n=f"{past.steps[at]:,}")
        told = f"{step}, {layer_text(self._spec, layer, look.language)}: {exact(float(value))}"
        self._view.show_tooltip("\n".join([told, *self._view.branch_texts(past.step)]))

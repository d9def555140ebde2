"""How the share of units that are dead, off or saturated went over the steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradsim.engine.nn.dead import dies
from gradsim.schema.errors import Phrase
from gradsim.schema.parameters import Choice
from gradsim.sim.kinds import Experiment
from gradsim.sim.kinds.train.needs import lacks_hidden_layers, lacks_measurements
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.run.changes import phases
from gradsim.sim.run.tape import HIGH, Past, Steps, quantile_weights
from gradsim.ui.plots.plot import ValueAxis
from gradsim.ui.theme import Look
from gradsim.ui.views.common.curves import CurveOptions, Curves
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.common.view import Values
from gradsim.ui.views.train.train_view import TrainView
from gradsim.words.numbers import share

SHARE = Choice(
    "Over time",
    help="Which share of the units is shown over the steps; where no unit can die, the saturated ones.",
    choices=("dead", "off", "saturated"),
    labels=("Dead units over time", "Units that are off, over time", "Saturated units over time"),
)
_TOPS = (0.05, 0.1, 0.2, 0.5, 1.0)
"""Where the axis of shares may end."""


@dataclass(frozen=True)
class OverTimeOptions(CurveOptions):
    """Which share is shown."""

    share: str = SHARE.field("dead")


class UnitsOverTime(Curves, TrainView):
    """A line for each run: the share of the units of one hidden layer, or of all of them."""

    title = "Dead units over time"
    help = "The share of the hidden units; click a layer’s column above to see that layer alone."
    wants_key = False
    smooths = False  # dead units are judged once in a while, and their share stays until then
    options_type = OverTimeOptions
    options: OverTimeOptions
    _layer: int | None = None

    def __init__(self, experiment: Experiment, look: Look, options: ViewOptions | None = None) -> None:
        super().__init__(experiment, look, options)
        self._known: dict[int, tuple[Steps, Values]] = {}

    @property
    def channel(self) -> str:  # type: ignore[override]
        """What is measured: dead units, unless none can die."""
        can_die = any(dies(phase.run.activation) for run in self.train.runs for phase in phases(run))
        return self.options.share if can_die or self.options.share == "off" else "saturated"

    @classmethod
    def lacks(cls, experiment: Train) -> Phrase | None:
        return lacks_measurements(experiment) or lacks_hidden_layers(experiment)

    def heading(self) -> str:
        return SHARE.label_of(self.channel)

    def statistic_of(self) -> str:
        if self.look.theme.name == "projector":
            return ""
        tr = self.look.tr
        what = tr("share of all hidden units")
        if self._layer is not None:
            what = tr("share of layer {n}’s units").format(n=self._layer + 1)
        is_now_and_then = self.channel == "dead" and any(run.batch_size != "all" for run in self.train.runs)
        return tr("; ").join([what, tr("judged about once an epoch")]) if is_now_and_then else what

    def make_left(self) -> ValueAxis:
        axis = ValueAxis("left", self.look)
        axis.percent = True
        return axis

    def set_experiment(self, experiment: Experiment) -> None:
        super().set_experiment(experiment)
        self._known.clear()

    def show_layer(self, layer: int | None) -> None:
        """Show the share of this layer's units (from 0), or of all hidden units."""
        if layer != self._layer:
            self._layer = layer
            self._known.clear()
            self._on_resized()

    def range(self, past: Past) -> tuple[float, float]:
        bands = [self.bands(past, run)[:, HIGH] for run in range(len(self.names))]
        most = max(float(np.max(high, where=np.isfinite(high), initial=0.0)) for high in bands)
        return 0.0, next(top for top in _TOPS if top >= min(1.0, most))

    def bands(self, past: Past, run: int) -> Values:
        """Return the band over replicas at each step; what is known of earlier steps is kept."""
        steps, bands = self._known.get(run, (past.steps[:0], np.empty((0, 3))))
        count = min(len(steps), len(past.steps))
        differ = np.flatnonzero(steps[:count] != past.steps[:count])
        kept = int(differ[0]) if len(differ) else count
        if kept < len(past.steps):
            bands = np.concatenate([bands[:kept], self._computed(past, run, kept)])
        bands = bands[: len(past.steps)]
        self._known[run] = past.steps, bands
        return bands

    def _computed(self, past: Past, run: int, first: int) -> Values:
        units = np.array(self.train.runs[run].hidden, float)
        if self._layer is not None:
            units = units * (np.arange(len(units)) == self._layer)
        if not units.sum():  # no such layer
            return np.full((len(past.steps) - first, 3), np.nan)
        values = past.replicas(run, self.channel)[first:, : len(units)]
        shares = (values * (units / units.sum())[:, None]).sum(axis=1)
        return np.asarray(np.sort(shares, axis=1) @ quantile_weights(shares.shape[1]))

    def short(self, value: float) -> str:
        return share(value)

    def as_wide(self, value: float) -> str:
        return "> 88 %"

    def text(self, value: float) -> str:
        return f"{100.0 * value:.1f} %"

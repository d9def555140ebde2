"""What is measured of every layer, above all its gradient, on one shared scale."""

from __future__ import annotations

from gradsim.schema.errors import Phrase
from gradsim.sim.kinds import Experiment
from gradsim.sim.kinds.train.needs import lacks_measurements
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.run.tape import Past
from gradsim.ui.theme import Look
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.common.view import last_band
from gradsim.ui.views.train.layer_bars import BACKWARD, LayerBars
from gradsim.ui.views.train.layer_lines import LayerLines
from gradsim.ui.views.train.layer_scale import LayerOptions, scale_of
from gradsim.ui.views.train.train_view import TrainView

MOST_APART = 4
"""Up to so many runs have a plot each; more are lines of one."""


class Gradients(TrainView):
    """A dot on a stem for each layer: median over replicas, whiskers from 5 to 95 %; of many runs a line each."""

    key = "gradients"
    title = "Gradient of every layer"
    help = "A value for each layer, from the input on the left to the output."
    order = 10
    place = "upper"
    options_type = LayerOptions
    options: LayerOptions

    def __init__(self, experiment: Experiment, look: Look, options: ViewOptions | None = None) -> None:
        super().__init__(experiment, look, options)
        probe, spec = self.options.probe, self.train
        self.scale = scale_of(probe)
        self._apart: list[LayerBars] = []
        self._together: LayerLines | None = None
        if len(spec.runs) <= MOST_APART:
            self._apart = [LayerBars(self, spec, run, probe, self.scale) for run in range(len(spec.runs))]
        else:
            title = look.tr(self.title if probe in BACKWARD else "Every layer")
            self._together = LayerLines(self, spec, title, probe, self.scale)

    @classmethod
    def lacks(cls, experiment: Train) -> Phrase | None:
        return lacks_measurements(experiment)

    def layer_span(self, run: int) -> tuple[float, float] | None:
        return self._apart[run].span() if self._apart else None

    def draw(self, past: Past) -> None:
        probe = self.options.probe
        shared = self.scale.range(past, self.experiment, probe)
        if self._together is not None:
            self._together.draw(past, shared)
            self._together.card.set_warning(self.divergence_texts(past.diverged))
        self.warn_of_diverged([bars.card for bars in self._apart], past)
        for run, bars in enumerate(self._apart):
            bars.draw(last_band(past, run, probe), shared)

"""The loss over steps, over samples and over time, side by side: what looks cheap by one may be dear by another."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QHBoxLayout

from gradsim.sim.kinds import X_AXES, Experiment
from gradsim.sim.kinds.train.costs import cost_sentence
from gradsim.sim.run.tape import Past
from gradsim.ui.theme import Look
from gradsim.ui.views.common.curves import CurveOptions
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.common.sentence import under_sentence
from gradsim.ui.views.train.train_curves import Loss
from gradsim.ui.views.train.train_view import TrainView
from gradsim.words.sentences import Span

HEADINGS = {"steps": "Loss over steps", "samples": "Loss over samples", "seconds": "Loss over time"}
IN_SHORT = {"steps": "over steps", "samples": "over samples", "seconds": "over time"}


class _LossOver(Loss):
    """One of the three, which is not a view of its own."""

    def __init__(self, experiment: Experiment, look: Look, options: CurveOptions) -> None:
        super().__init__(experiment, look, options)
        self._card.set_brief_title(look.tr(IN_SHORT[options.over]))

    def heading(self) -> str:
        return HEADINGS[self.options.over]


class Costs(TrainView):
    """Three plots of one loss, and what the loss that all have reached has cost each run."""

    key = "costs"
    title = "What a loss costs"
    help = "The loss over updates, over samples seen and over seconds of computation, side by side."
    order = 32
    place = "lower"
    stretch = 3
    wants_key = True

    def __init__(self, experiment: Experiment, look: Look, options: ViewOptions | None = None) -> None:
        super().__init__(experiment, look, options)
        self._sentence, column = under_sentence(self.box, look)
        row = QHBoxLayout()
        row.setSpacing(look.metrics.gap)
        column.addLayout(row, stretch=1)
        self.parts = [_LossOver(experiment, look, CurveOptions(over=over)) for over in X_AXES]
        for part in self.parts:
            row.addWidget(part, stretch=1)

    def explain(self) -> None:
        for part in self.parts:
            part.explain()

    def set_experiment(self, experiment: Experiment) -> None:
        super().set_experiment(experiment)
        for part in self.parts:
            part.set_experiment(experiment)

    def draw(self, past: Past) -> None:
        for part in self.parts:
            part.draw(past)
        self._sentence.tell(partial(self._told, past), len(self.names))

    def _told(self, past: Past, brevity: int) -> list[Span]:
        return cost_sentence(past, self.names, self.look.language, brevity)

"""The true loss along the next step: why this rate is too large, or too small."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from PySide6.QtWidgets import QGridLayout

from gradsim.runtime.studies import Study
from gradsim.schema.errors import Phrase
from gradsim.sim.kinds import Experiment
from gradsim.sim.kinds.train.cuts import ALONG, Cut, cut_sentence, cuts, loss_text, lowest_text
from gradsim.sim.kinds.train.needs import lacks_data
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.run.tape import Keyframes, Past
from gradsim.ui.plots.cut_plot import CutPlot
from gradsim.ui.theme import Look
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.common.sentence import under_sentence
from gradsim.ui.views.common.view import Card
from gradsim.ui.views.train.snapshot_view import Found, SnapshotView
from gradsim.words.numbers import exact
from gradsim.words.sentences import BRIEFEST, Span, Wording

_MOST_BESIDE = 4
"""More runs than these are in two rows."""


class CutView(SnapshotView):
    """A card for each run with the loss along its next step."""

    key = "cut"
    title = "Along the next step"
    help = "The loss on the straight line of the next step: whether the step is too long, too short, or leads up."
    order = 97
    place = "upper"
    stretch = 2

    def __init__(self, experiment: Experiment, look: Look, options: ViewOptions | None = None) -> None:
        super().__init__(experiment, look, options)
        self._sentence, column = under_sentence(self.box, look)
        grid = QGridLayout()
        grid.setSpacing(look.metrics.gap)
        column.addLayout(grid, stretch=1)
        count = len(self.names)
        columns = count if count <= _MOST_BESIDE else -(-count // 2)
        self.plots = [CutPlot(look, run) for run in range(count)]
        self._cards = [
            Card(look, name, "", look.text_colour(run), keeps_line=True) for run, name in enumerate(self.names)
        ]
        for run, (card, plot) in enumerate(zip(self._cards, self.plots, strict=True)):
            card.body.addWidget(plot)
            card.tell_apart(self.names)
            plot.hide()
            plot.hovered.connect(partial(self._on_hovered, run))
            grid.addWidget(card, run // columns, run % columns)

    @classmethod
    def lacks(cls, experiment: Train) -> Phrase | None:
        return lacks_data(experiment)

    def draw(self, past: Past) -> None:
        super().draw(past)
        self.warn_of_diverged(self._cards, past)

    def study(self) -> Study | None:
        if self._wanted is None:
            return None
        keyframes, step = self._wanted
        key = self.key, self.subject, self.options, step
        return Study(key, partial(_computed, self.train, keyframes, step, self.replica))

    def show_found(self, found: Found) -> None:
        w = Wording(self.look.language)
        for card, plot, cut in zip(self._cards, self.plots, found.runs, strict=True):
            plot.setVisible(cut is not None)
            if cut is not None:
                plot.show_cut(cut)
                card.set_subtitle(*self._texts(cut, found.step, w))
        self._sentence.tell(self._told, BRIEFEST + 1)

    def _texts(self, cut: Cut, step: int, w: Wording) -> list[str]:
        """Return the grey line of a card, and shorter ones."""
        loss, lowest, dashed = loss_text(cut, w), lowest_text(cut, w), w.tr("dashed: on the batch")
        last = w.tr("no next step: this is the last one") if step == self.experiment.steps else ""
        parts = ([loss, lowest, dashed, self.about_replica(), last], [loss, lowest, dashed, last], [loss, lowest])
        shown = [
            *([] if self.look.theme.name == "projector" else parts),
            [loss, lowest],
            [lowest],
            [lowest_text(cut, w, brief=True)],
        ]
        return [w.tr("; ").join(filter(None, each)) for each in shown]

    def _told(self, brevity: int) -> list[Span]:
        assert self.found is not None
        return cut_sentence(self.found.runs, self.names, Wording(self.look.language, brevity))

    def _on_hovered(self, run: int, at: int | None) -> None:
        cut = self.found.runs[run] if self.found else None
        if at is None or cut is None:
            self.show_tooltip(None)
            return
        text = self.look.tr("{n} of the step: training loss {whole}, on the batch {batch}")
        whole, batch = exact(float(cut.whole[at])), exact(float(cut.batch[at]))
        self.show_tooltip(text.format(n=exact(float(ALONG[at])), whole=whole, batch=batch))


def _computed(experiment: Train, keyframes: Keyframes, step: int, replica: int) -> Iterator[Any]:
    """Compute the next step from a step, of the last that before it; that counts as the step shown."""
    data, at = experiment.data.load(), min(step, experiment.steps - 1)
    for found in cuts(experiment, data, keyframes.before(at), at, replica):
        yield None if found is None else Found(step, found)

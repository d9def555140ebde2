"""The confusion matrix: which classes of the test set a network takes for which."""

from __future__ import annotations

from functools import partial
from typing import Any

from gradsim.engine.data import Split
from gradsim.schema.errors import Phrase
from gradsim.sim.kinds import Experiment
from gradsim.sim.kinds.train.needs import lacks_classes, lacks_data, lacks_test_set
from gradsim.sim.kinds.train.outcome_sentences import Clause, confusion_clause
from gradsim.sim.kinds.train.outcomes import Confusion, confusion, outcomes
from gradsim.sim.kinds.train.snapshot import Snapshot
from gradsim.sim.kinds.train.spec import Train
from gradsim.ui.plots.confusion_matrix import ConfusionMatrix
from gradsim.ui.theme import Look
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.train.outcome_view import OutcomeView, short_names
from gradsim.words.numbers import share
from gradsim.words.sentences import Span, Wording


class ConfusionView(OutcomeView):
    """A matrix for each run."""

    key = "confusion"
    title = "Confusion matrix"
    help = "How many test samples of each class the network takes for which class."
    order = 90

    def __init__(self, experiment: Experiment, look: Look, options: ViewOptions | None = None) -> None:
        self._matrices: dict[int, ConfusionMatrix] = {}
        super().__init__(experiment, look, options)

    @classmethod
    def lacks(cls, experiment: Train) -> Phrase | None:
        return lacks_classes(experiment) or lacks_test_set(experiment) or lacks_data(experiment)

    @classmethod
    def taken(cls, network: Snapshot, data: Split) -> Confusion:
        return confusion(outcomes(network, data, data.test))

    def picture(self, run: int) -> ConfusionMatrix:
        matrix = self._matrices[run] = ConfusionMatrix(self.look, run, short_names(self.data))
        matrix.hovered.connect(partial(self._on_hovered, run))
        return matrix

    def show_run(self, run: int, found: Confusion) -> None:
        self._matrices[run].show_confusion(found)
        tr = self.look.tr
        accuracy = tr("test accuracy {share}").format(share=share(found.accuracy))
        samples = tr("{n} samples").format(n=f"{int(found.counts.sum()):,}")
        reading = tr("the deeper, the larger the share of the row")
        whole = (accuracy, samples, self.about_replica(), reading)
        self.cards[run].set_subtitle(
            *(self.about(*whole[:most]) for most in range(len(whole), 0, -1)), share(found.accuracy)
        )

    def clause(self, found: Any, label: Span, wording: Wording) -> Clause:
        return confusion_clause(found, label, self.class_names(), wording)

    def _on_hovered(self, run: int, cell: tuple[int, int] | None) -> None:
        known = self.found.runs[run] if self.found else None
        if cell is None or known is None:
            self.show_tooltip(None)
            return
        (row, column), names = cell, self.class_names()
        text = self.look.tr("is {true}, taken for {other}: {n} of {total}")
        count, total = int(known.counts[row, column]), int(known.counts[row].sum())
        self.show_tooltip(text.format(true=names[row], other=names[column], n=f"{count:,}", total=f"{total:,}"))

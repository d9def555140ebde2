"""How far a unit of gradient moves the weights of rare features and of frequent ones."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from gradsim.engine.data import Split
from gradsim.schema.errors import Phrase
from gradsim.sim.kinds import Experiment
from gradsim.sim.kinds.train.feature_rates import FeatureRates, feature_rates, rates_sentence
from gradsim.sim.kinds.train.needs import lacks_data, lacks_sparse_inputs
from gradsim.sim.kinds.train.snapshot import Snapshot
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.kinds.train.studied import found_of_features
from gradsim.sim.run.tape import Past
from gradsim.ui.plots.feature_plot import FeaturePlot
from gradsim.ui.theme import Look
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.common.sentence import under_sentence
from gradsim.ui.views.common.view import Card
from gradsim.ui.views.train.snapshot_view import Found, SnapshotView
from gradsim.words.numbers import figure
from gradsim.words.sentences import Span


class FeatureRatesView(SnapshotView):
    """A dot for each feature of each run."""

    key = "feature_rates"
    wants_key = True
    title = "Rate of each feature"
    help = "How far a step goes for each unit of gradient, against how often a feature is not zero."
    order = 94
    place = "right"
    stretch = 3

    def __init__(self, experiment: Experiment, look: Look, options: ViewOptions | None = None) -> None:
        super().__init__(experiment, look, options)
        self._sentence, column = under_sentence(self.box, look)
        self._card = Card(look, look.tr(self.title), keeps_line=True)
        self._card.set_subtitle(*self._about(0, 0))
        column.addWidget(self._card, stretch=1)
        self.plot = FeaturePlot(look, self.names)
        self.plot.hovered.connect(self._on_hovered)
        self._card.body.addWidget(self.plot)

    @classmethod
    def lacks(cls, experiment: Train) -> Phrase | None:
        return lacks_data(experiment) or lacks_sparse_inputs(experiment)

    @classmethod
    def taken(cls, network: Snapshot, data: Split) -> FeatureRates:
        return feature_rates(network, data)

    def _about(self, unmet: int, out: int) -> list[str]:
        """Return the grey line, the longest first.

        Features that no batch had yet are not drawn; dots that are `out` of the picture are at its edge.
        """
        tr = self.look.tr
        brief = tr("step for each unit of gradient")
        missing = tr("{n} features not met yet").format(n=f"{unmet:,}") if unmet else ""
        if self.look.theme.name == "projector":
            return [brief]
        whole = tr("step for each unit of a steady gradient; dot: median of a feature’s weights; line: of features")
        far = tr("{n} beyond the edge").format(n=f"{out:,}") if out else ""
        rest = [missing, far, self.about_replica()]
        texts = [[whole, *rest], [brief, *rest], [brief, missing, far]]
        return [*(tr("; ").join(filter(None, parts)) for parts in texts), brief]

    def draw(self, past: Past) -> None:
        super().draw(past)
        self._card.set_warning(self.divergence_texts(past.diverged))

    def show_found(self, found: Found) -> None:
        tr, runs = self.look.tr, [each for each in found.runs if each is not None and each.rates is not None]
        brief = self.look.theme.name == "projector"
        x_title = tr("share of samples") if brief else tr("share of training samples in which it is not zero")
        out = self.plot.show_rates(found.runs, x_title, tr("rate") if brief else tr("effective rate"))
        self._card.set_subtitle(*self._about(max((each.unmet for each in runs), default=0), out))
        self._sentence.tell(partial(self._told, found), len(found.runs))

    def findings(self) -> Mapping[str, Any]:
        return found_of_features(self.found.runs) if self.found else {}

    def _told(self, found: Found, brevity: int) -> list[Span]:
        return rates_sentence(found.runs, self.names, self.look.language, brevity)

    def _on_hovered(self, share: float | None) -> None:
        if share is None or self.found is None:
            self.show_tooltip(None)
            return
        lines = [self.look.tr("not zero in {share} % of the samples").format(share=f"{100 * share:.3g}")]
        for name, each in zip(self.names, self.found.runs, strict=True):
            if each is not None and len(each.known):
                shares, rates = each.known.T
                rate = float(np.median(rates[np.isclose(shares, share)]))
                lines.append(f"{name}: {figure(rate)}")
        self.show_tooltip("\n".join(lines))

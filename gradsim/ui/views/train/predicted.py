"""Regression: predicted against true values of a target, in its own unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from math import isnan
from typing import Any

from PySide6.QtWidgets import QWidget

from gradsim.engine.data import Column, Split
from gradsim.schema.errors import Phrase
from gradsim.schema.parameters import Integer
from gradsim.sim.kinds import Experiment
from gradsim.sim.kinds.train.needs import lacks_data, lacks_numbers
from gradsim.sim.kinds.train.outcome_sentences import Clause, variance_clause
from gradsim.sim.kinds.train.outcomes import Outcomes, outcomes, r_squared, rmse
from gradsim.sim.kinds.train.snapshot import Snapshot
from gradsim.sim.kinds.train.spec import Train
from gradsim.ui.plots.predicted_plot import Pairs, PredictedPlot, beyond
from gradsim.ui.plots.sample_legend import SampleLegend
from gradsim.ui.theme import Look, mixed
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.train.outcome_view import OutcomeView
from gradsim.ui.views.train.over_inputs import MOST_IN_A_ROW, MOST_SAMPLES, column_of, mark_key
from gradsim.ui.views.train.snapshot_view import SeedOptions
from gradsim.words.numbers import exact, fixed
from gradsim.words.sentences import Span, Wording

SETS = ("train", "test")
_SMALLER = 0.6


@dataclass(frozen=True)
class TargetOptions(SeedOptions):
    """Which target of which replica is shown."""

    target: int = Integer("Target", help="Which of several targets is shown.", low=1, high=12).field(1)


class PredictedView(OutcomeView):
    """A point for each sample."""

    key = "predicted"
    title = "Predicted against true"
    help = "What the network predicts of each sample against the true value; on the diagonal both are equal."
    order = 95
    options_type = TargetOptions
    options: TargetOptions

    def __init__(self, experiment: Experiment, look: Look, options: ViewOptions | None = None) -> None:
        self._plots: dict[int, PredictedPlot] = {}
        super().__init__(experiment, look, options)
        self._legend = SampleLegend(look)
        keys = [mark_key(look, look.tr("training set"), "train", look.theme.muted)]
        if len(self.data.test):
            keys.append(mark_key(look, look.tr("test set"), "test", look.theme.ink))
        self._legend.show_keys(keys)
        self.column_box.addWidget(self._legend)

    @classmethod
    def lacks(cls, experiment: Train) -> Phrase | None:
        return lacks_numbers(experiment) or lacks_data(experiment)

    @classmethod
    def taken(cls, network: Snapshot, data: Split) -> tuple[Outcomes, Outcomes]:
        return outcomes(network, data, data.train), outcomes(network, data, data.test)

    @property
    def target(self) -> int:
        """The target that is shown, from 0."""
        targets: int = self.data.train.y.shape[1]
        return min(self.options.target, targets) - 1

    @property
    def column(self) -> Column:
        """The target in its own unit."""
        several = self.data.train.y.shape[1] > 1
        return column_of(self.data.targets, self.target, f"y{self.target + 1}" if several else "y")

    def picture(self, run: int) -> QWidget:
        look, colour = self.look, self.look.run_colour(run)
        keys = [
            mark_key(look, "", "train", mixed(colour, look.theme.card, 0.35).name()),
            mark_key(look, "", "test", colour),
        ]
        small = len(self.experiment.runs) > MOST_IN_A_ROW
        bare = small and look.theme.name == "projector"
        if small:
            keys = [key._replace(radius=_SMALLER * key.radius) for key in keys]
        plot = self._plots[run] = PredictedPlot(look, keys, bare)
        plot.hovered.connect(partial(self._on_hovered, run))
        return plot

    def pairs(self, found: Sequence[Outcomes]) -> list[Pairs]:
        """Return the values of the target in its own unit, of the training and of the test set."""
        column, at = self.column, self.target
        return [Pairs(column.own(one.truth[:, at]), column.own(one.predictions[:, at])) for one in found]

    def show_run(self, run: int, found: Sequence[Outcomes]) -> None:
        pairs, (name, unit) = self.pairs(found), self.column.named()
        in_unit = f" ({unit})" if unit else ""
        texts = self.look.tr("true {name}"), self.look.tr("predicted {name}")
        if self.look.theme.name == "projector":
            texts = self.look.tr("true"), self.look.tr("predicted")
        titles = (text.format(name=name) + in_unit for text in texts)
        self._plots[run].show_pairs(pairs, [MOST_SAMPLES[part] for part in SETS], *titles)
        figures = [self._figures(one, unit) for one in pairs]
        tr, out = self.look.tr, beyond(pairs)
        training = tr("training set: {figures}").format(figures=figures[0])
        test = tr("test set: {figures}").format(figures=figures[1]) if len(pairs[1].truth) else ""
        far = tr("{n} beyond the edge").format(n=f"{out:,}") if out else ""
        whole = [part for part in (test, training, far, self.about_replica()) if part]
        brief = self._named_r_squared(pairs[-1] if test else pairs[0])
        self.cards[run].set_subtitle(*(self.about(*whole[:most]) for most in range(len(whole), 0, -1)), brief)

    def _figures(self, pairs: Pairs, unit: str) -> str:
        of_rmse = exact(rmse(*pairs)) + (f" {unit}" if unit else "")
        return f"{self._named_r_squared(pairs)}, RMSE {of_rmse}"

    def _named_r_squared(self, pairs: Pairs) -> str:
        # A small ² is not read from the back row.
        name = self.look.tr("R squared") if self.look.theme.name == "projector" else "R²"
        value = r_squared(*pairs)
        return f"{name} {'–' if isnan(value) else fixed(value)}"

    def clause(self, found: Any, label: Span, wording: Wording) -> Clause:
        pairs = self.pairs(found)
        return variance_clause(r_squared(*pairs[-1 if len(pairs[-1].truth) > 1 else 0]), label, wording)

    def _on_hovered(self, run: int, sample: tuple[int, int] | None) -> None:
        known = self.found.runs[run] if self.found else None
        if sample is None or known is None:
            self.show_tooltip(None)
            return
        pairs, (name, unit) = self.pairs(known)[sample[0]], self.column.named()
        text = self.look.tr("{name}: true {true}, predicted {predicted}")
        true, predicted = (exact(float(values[sample[1]])) + (f" {unit}" if unit else "") for values in pairs)
        self.show_tooltip(text.format(name=name, true=true, predicted=predicted))

"""From one trained network to another in a straight line: is there a barrier between them?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from gradsim.runtime.studies import Study
from gradsim.schema.errors import Phrase
from gradsim.schema.parameters import Choice
from gradsim.sim.kinds import Experiment
from gradsim.sim.kinds.train.between import (
    ALONG,
    Between,
    Network,
    between,
    between_sentence,
    lacks_pair,
    network_names,
    pair_of,
)
from gradsim.sim.kinds.train.needs import lacks_data
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.run.tape import Keyframes, Past
from gradsim.ui.plots.between_plot import BetweenPlot
from gradsim.ui.theme import Look
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.common.sentence import under_sentence
from gradsim.ui.views.common.view import Card
from gradsim.ui.views.train.outcome_view import OneRunOptions
from gradsim.ui.views.train.snapshot_view import Found, SnapshotView
from gradsim.words.numbers import amount, exact
from gradsim.words.sentences import Span, Wording


@dataclass(frozen=True)
class BetweenOptions(OneRunOptions):
    """Between which networks the line is."""

    towards: str = Choice(
        "Line to",
        help="Whether the line leads to the next run with the same loss, or to the next replica of the same run.",
        choices=("run", "replica"),
        labels=("the next run", "the next replica"),
    ).field("run")


class BetweenView(SnapshotView):
    """One plot: the loss on the line between two networks, in their last states that the tape keeps."""

    key = "between"
    title = "Between two networks"
    help = "The training loss on the straight line from one trained network to another of the same shape."
    order = 98
    place = "upper"
    stretch = 2
    options_type = BetweenOptions
    options: BetweenOptions

    def __init__(self, experiment: Experiment, look: Look, options: ViewOptions | None = None) -> None:
        super().__init__(experiment, look, options)
        self._sentence, column = under_sentence(self.box, look)
        self._card = Card(look, look.tr("Loss between two networks"), keeps_line=True)
        names = network_names(self._pair, self.names, Wording(look.language))
        self.plot = BetweenPlot(look, names)
        self.plot.read.connect(self._on_read)
        self.plot.hide()
        self._card.body.addWidget(self.plot)
        column.addWidget(self._card, stretch=1)

    @classmethod
    def lacks(cls, experiment: Train) -> Phrase | None:
        return lacks_data(experiment) or lacks_pair(experiment)

    @property
    def _pair(self) -> tuple[Network, Network]:
        """The two networks: that of the run that was chosen, or of the first that has another to go to."""
        runs, among_runs = range(len(self.train.runs)), self.options.towards == "run"
        chosen = min(self.options.run, len(runs)) - 1
        pairs = (pair_of(self.train, run, self.replica, among_runs) for run in (chosen, *runs))
        return next(pair for pair in pairs if pair is not None)

    def draw(self, past: Past) -> None:
        super().draw(past)
        lost = [each for each in past.diverged if each.run in {network.run for network in self._pair}]
        self._card.set_warning(self.divergence_texts(lost))

    def study(self) -> Study | None:
        if self._wanted is None:
            return None
        keyframes, step = self._wanted
        pair = self._pair
        key = self.key, self.subject, self.options, step
        return Study(key, partial(_computed, self.train, keyframes, step, pair))

    def show_found(self, found: Found) -> None:
        [shown] = found.runs
        self.plot.setVisible(shown is not None)
        if shown is None:
            return
        self.plot.show_between(shown)
        self._sentence.tell(self._told, 1)
        tr = self.look.tr
        what = tr("training loss of both after step {step}; dashed: the straight line").format(step=f"{shown.step:,}")
        bar = tr("barrier {barrier}").format(barrier=amount(shown.barrier))
        brief = tr("step {step}").format(step=f"{shown.step:,}")
        parts = ([what], [brief]) if shown.is_convex else ([what, bar], [brief, bar], [bar])
        self._card.set_subtitle(*(tr("; ").join(each) for each in parts))

    def _told(self, brevity: int) -> list[Span]:
        assert self.found is not None
        return between_sentence(self.found.runs[0], self.names, Wording(self.look.language, brevity))

    def _on_read(self, at: int | None) -> None:
        found: Between | None = self.found.runs[0] if self.found else None
        if at is None or found is None:
            self.show_tooltip(None)
            return
        text = self.look.tr("{share} of the way: loss {loss}")
        self.show_tooltip(text.format(share=f"{100.0 * ALONG[at]:.0f} %", loss=exact(float(found.losses[at]))))


def _computed(
    experiment: Train, keyframes: Keyframes, step: int, pair: tuple[Network, Network]
) -> Iterator[Found | None]:
    found: Between | None = None
    for each in between(experiment, keyframes, pair):
        found = each
        yield None
    yield Found(step, (found,))

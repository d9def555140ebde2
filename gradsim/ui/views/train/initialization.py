"""Initialization: which start lets signals through, forward and back, and what becomes of the runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout

from gradsim.runtime.studies import Study
from gradsim.schema.errors import Phrase
from gradsim.schema.parameters import Choice
from gradsim.sim.kinds import Experiment
from gradsim.sim.kinds.train.facts import facts
from gradsim.sim.kinds.train.needs import lacks_hidden_layers, lacks_measurements
from gradsim.sim.kinds.train.passage import Passage, outcome, passage, passage_sentence, passages_at_start
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.run.tape import Past, Values
from gradsim.ui.plots.fan import Blade, Fan, range_of, shown_seeds, told
from gradsim.ui.plots.outcomes import MOST_DOTS, Measure, Outcome, Outcomes
from gradsim.ui.theme import Look
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.common.sentence import under_sentence
from gradsim.ui.views.common.view import Card
from gradsim.ui.views.train.train_view import TrainView
from gradsim.words.sentences import BRIEFEST, Span, Wording

_ROOMY = 27
"""How many lines of text high the view is where there is room for what becomes of the runs."""
_TALKATIVE = 14
"""How many lines of text high the view is where there is room for its sentence: lines would lie flat."""
_UNEVEN = 1.2
"""Classes are uneven where the most frequent one has more than this times its even share."""


@dataclass(frozen=True)
class FanOptions(ViewOptions):
    """When the sizes of signals are shown."""

    at: str = Choice(
        "Signals",
        help="When the sizes of signals are shown: at the step of the timeline, or always before the first update.",
        choices=("shown", "start"),
        labels=("at the step shown", "before the first step"),
    ).field("shown")


class InitializationView(TrainView):
    """A fan of activations forward, a fan of gradients backward, and a row of dots for each run below."""

    key = "initialization"
    title = "Initialization"
    help = "How the size of activations and gradients changes from layer to layer, and what becomes of the runs."
    order = 18
    place = "upper"
    stretch = 2
    wants_key = True
    options_type = FanOptions
    options: FanOptions

    def __init__(self, experiment: Experiment, look: Look, options: ViewOptions | None = None) -> None:
        super().__init__(experiment, look, options)
        self._passages: list[Passage] = []
        self._past: Past | None = None
        self._at_start: Mapping[int, Passage] = {}
        """Those of runs that diverged at step 0, once they are known."""
        self._sentence, column = under_sentence(self.box, look)
        row = QHBoxLayout()
        row.setSpacing(look.metrics.gap)
        column.addLayout(row, stretch=3)
        titles = (look.tr("Forward: size of the activations"), look.tr("Backward: size of the gradients"))
        self._fan_cards = [Card(look, title) for title in titles]
        for card, brief in zip(self._fan_cards, (look.tr("Forward"), look.tr("Backward")), strict=True):
            card.set_brief_title(brief)
            row.addWidget(card, stretch=1)
        depth = max(len(run.hidden) for run in self.train.runs)
        self.fans = [Fan(look, self.names, depth, backward) for backward in (False, True)]
        for card, fan in zip(self._fan_cards, self.fans, strict=True):
            card.body.addWidget(fan)
            fan.hovered.connect(self._on_hovered)
        self._below = Card(look, look.tr("What becomes of them"))
        self.outcomes = Outcomes(look, self.names)
        self._below.body.addWidget(self.outcomes)
        column.addWidget(self._below, stretch=2)

    @classmethod
    def lacks(cls, experiment: Train) -> Phrase | None:
        return lacks_measurements(experiment) or lacks_hidden_layers(experiment)

    def draw(self, past: Past) -> None:
        if past.gone and not (self._past and self._past.gone):
            self._past = past
            self.study_asked.emit()
        self._past = past
        from_start = self.options.at == "start"
        found = [passage(past, run, from_start) for run in range(len(self.names))]
        found = [each if each.depth else self._at_start.get(run, each) for run, each in enumerate(found)]
        if len(found) != len(self._passages) or not all(map(Passage.is_as, found, self._passages)):
            self._passages = found  # else what was drawn of them stays
        decades = range_of(self._passages)
        for fan, blades in zip(self.fans, self._blades(), strict=True):
            fan.show_blades(blades, decades)
        self._show_subtitles(past)
        self._show_outcomes(past)
        self._tell()

    def set_experiment(self, experiment: Experiment) -> None:
        super().set_experiment(experiment)
        self._past, self._at_start = None, {}

    def study(self) -> Study | None:
        lost = tuple(each.run for each in self._past.diverged if each.step == 0) if self._past else ()
        key = self.key, self.subject, lost
        return Study(key, partial(_computed, self.train, lost)) if lost else None

    def show_study(self, result: Any) -> None:
        if result is not self._at_start and self._past is not None:
            self._at_start = result
            self.draw(self._past)

    def _blades(self) -> tuple[list[Blade], list[Blade]]:
        forward = [Blade(found.forward, found.medians[0], found.factors[0]) for found in self._passages]
        backward = [Blade(found.backward, found.medians[1], found.factors[1]) for found in self._passages]
        return forward, backward

    def _show_subtitles(self, past: Past) -> None:
        tr = self.look.tr
        whats = (
            (tr("RMS of a, relative to layer 1; beside each name its factor from layer to layer"),
             tr("RMS of a, relative to layer 1"), tr("RMS of a")),
            (tr("RMS of δ, relative to the last hidden layer: it starts at the right"),
             tr("RMS of δ, relative to the last layer"), tr("RMS of δ")),
        )  # fmt: skip
        note = self._when(past)
        for card, (longest, middling, least), more in zip(
            self._fan_cards, whats, ("", self._seeds_text()), strict=True
        ):
            parts = ([longest, more, note], [longest, note], [middling, note], [middling], [least])
            card.set_subtitle(*(tr("; ").join(filter(None, texts)) for texts in parts))

    def _when(self, past: Past) -> str:
        """Say of which step the fans are where they are not of the one that is shown."""
        if self.options.at == "start":
            return self.look.tr("before the first step")
        return self.look.tr("what has diverged: before the first step") if past.gone else ""

    def _seeds_text(self) -> str:
        count = shown_seeds(self._blades()[0])
        if not count:
            return ""
        if count < self.experiment.replicas:
            return self.look.tr("thin lines: {n} of the seeds").format(n=count)
        return self.look.tr("thin lines: the {n} seeds").format(n=count)

    # What becomes of the runs

    def _show_outcomes(self, past: Past) -> None:
        gone = {
            each.run: self.look.tr("diverged at step {step}").format(step=f"{each.step:,}") for each in past.diverged
        }
        name, is_share, described = self._compared(past)
        w = Wording(self.look.language)
        shown = [
            Outcome(_known(past, run, name), gone.get(run, ""), outcome(found, run in gone, w))
            for run, found in enumerate(self._passages)
        ]
        self.outcomes.show_outcomes(shown, self._measure(is_share))
        replicas = self.experiment.replicas
        one = self.look.tr("each of {n} seeds a dot" if replicas <= MOST_DOTS else "each of {n} seeds a line")
        seeds = one.format(n=replicas) if replicas > 1 else ""
        self._below.set_subtitle(self.look.tr("; ").join(filter(None, (described, seeds))), described)

    def _compared(self, past: Past) -> tuple[str, bool, str]:
        """Return by which channel the runs are compared, whether it is a share, and what it is called."""
        tr, runs = self.look.tr, range(len(self.names))
        for name, is_share, text in (
            ("test_accuracy", True, tr("accuracy on the test set")),
            ("accuracy", True, tr("accuracy on the batch")),
            ("test_loss", False, tr("loss on the test set")),
        ):
            if any(np.isfinite(_known(past, run, name)).any() for run in runs):
                return name, is_share, text
        return "loss", False, tr("loss on the batch")

    def _measure(self, is_share: bool) -> Measure:
        """Return what the runs are compared by, with what needs no learning."""
        tr, known = self.look.tr, facts(self.train.data)
        if known is None or (not is_share and any(run.loss.key != "mse" for run in self.train.runs)):
            return Measure(is_share, 0.0, "")
        if not is_share:
            return Measure(False, 0.5 * known.outputs * known.spread**2, tr("always the mean"))
        if known.frequent * known.classes > _UNEVEN:
            return Measure(True, known.frequent, tr("always the most frequent class"))
        return Measure(True, 1.0 / max(1, known.classes), tr("guessing"))

    # The sentence

    def _tell(self) -> None:
        self._sentence.tell(self._told, BRIEFEST + 1, self.in_motion)

    def _told(self, brevity: int) -> list[Span]:
        return passage_sentence(self._passages, self.names, Wording(self.look.language, brevity))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._below.setVisible(self.height() > _ROOMY * self.look.metrics.tick)
        self._sentence.setVisible(self.height() > _TALKATIVE * self.look.metrics.tick)

    # The mouse

    def _on_hovered(self, layer: int | None) -> None:
        if layer is None or not self._passages:
            self.show_tooltip(None)
            return
        lines = [self.look.tr("layer {n}").format(n=layer + 1)]
        for name, forward, backward in zip(self.names, *self._blades(), strict=True):
            if layer < max(len(forward.logs), len(backward.logs)):
                lines.append(f"{name}: a {told(forward, layer)}   δ {told(backward, layer)}")
        self.show_tooltip("\n".join(lines))


def _computed(experiment: Train, runs: tuple[int, ...]) -> Iterator[Mapping[int, Passage]]:
    yield passages_at_start(experiment, experiment.data.load(), runs)


def _known(past: Past, run: int, name: str) -> Values:
    """Return what is not measured at each step as it was measured last, of each replica; NaN if it never was."""
    values = past.replicas(run, name)
    known = np.flatnonzero(np.isfinite(values).any(axis=1))
    return np.asarray(values[known[-1] if len(known) else -1])

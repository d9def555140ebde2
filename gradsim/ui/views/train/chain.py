"""The gradient's way back: each layer's delta, and the factors of weights and f' that lead from one to the next."""

from __future__ import annotations

from collections.abc import Mapping
from math import nan
from typing import Any

import numpy as np
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout

from gradsim.engine.data import Split
from gradsim.runtime.studies import Study
from gradsim.schema.errors import Phrase
from gradsim.sim.kinds import Experiment
from gradsim.sim.kinds.train.chain import Chain, cancels, chain, chain_note, chain_sentence, output_factor
from gradsim.sim.kinds.train.needs import lacks_hidden_layers, lacks_measurements
from gradsim.sim.kinds.train.snapshot import Snapshot
from gradsim.sim.kinds.train.spec import Train, TrainRun
from gradsim.sim.kinds.train.subject import layer_text
from gradsim.sim.run.changes import measured_in
from gradsim.sim.run.tape import Past
from gradsim.ui.plots.lengths import Lengths
from gradsim.ui.plots.stairs import Stairs, decades_of
from gradsim.ui.theme import Look
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.common.sentence import under_sentence
from gradsim.ui.views.common.view import Card
from gradsim.ui.views.train.snapshot_view import Found, SnapshotView
from gradsim.ui.views.train.step_back import StepBack, error_name, step_factors, step_formula, step_text
from gradsim.words.sentences import Span

MOST_STAIRS = 4
"""Of more runs than this, only the products are shown."""

_ROOMY = 30
"""How many lines of text high the view is where there is room for stairs and products."""


class ChainView(SnapshotView):
    """Stairs for each run, and below the products of all layers, or what a layer does that was chosen.

    All but what the loss gives is on the tape. Where f' of the output does not cancel, its factor is computed beside
    the training: while that goes on, it is of the step computed last.
    """

    key = "chain"
    title = "The gradient’s way back"
    help = "How weights and f′ change δ from layer to layer, and the product of all layers."
    order = 15
    place = "upper"
    stretch = 2

    def __init__(self, experiment: Experiment, look: Look, options: ViewOptions | None = None) -> None:
        super().__init__(experiment, look, options)
        self._chosen = -1
        self._past: Past | None = None
        self._chains: list[Chain] = []
        self._cards: list[Card] = []
        self._sentence, column = under_sentence(self.box, look)
        self._stairs = self._made_stairs(column)
        self._lengths = Lengths(look, self.names)
        self._product = Card(look, look.tr("The product of all layers"), self._about_product())
        self._product.body.addWidget(self._lengths)
        self._step = StepBack(look, self.names)
        self._below = QStackedWidget()
        self._below.setMinimumHeight(8 * look.metrics.tick)  # what is not shown is not to keep the view high
        self._below.addWidget(self._product)
        self._below.addWidget(self._step)
        column.addWidget(self._below, stretch=4)

    def _made_stairs(self, column: QVBoxLayout) -> list[Stairs]:
        runs = range(len(self.experiment.runs))
        if len(runs) > MOST_STAIRS:
            return []
        row = QHBoxLayout()
        row.setSpacing(self.look.metrics.gap)
        column.addLayout(row, stretch=6)
        return [self._made_stair(run, row) for run in runs]

    def _made_stair(self, run: int, row: QHBoxLayout) -> Stairs:
        stairs = Stairs(self.look, run)
        stairs.hovered.connect(lambda layer, run=run: self._on_hovered(run, layer))
        stairs.chosen.connect(self._on_chosen)
        card = Card(self.look, self.names[run], "", self.look.text_colour(run))
        card.set_subtitle(*self._about_stairs())
        card.body.addWidget(stairs)
        self._cards.append(card)
        row.addWidget(card, stretch=1)
        return stairs

    def _about_stairs(self) -> list[str]:
        """Return the grey line of the stairs, and a shorter one."""
        tr, brief = self.look.tr, self.look.theme.name == "projector"
        whole = [] if brief else [tr("‖δ‖ of each layer, log scale: read from the output back")]
        return [*whole, tr("‖δ‖ of each layer")]

    def _about_product(self) -> str:
        if self.look.theme.name == "projector":
            return ""
        text = self.look.tr("‖δ‖ of layer 1 over ‖δ‖ of the output; multiplying is laying lengths end to end")
        return self.look.tr("; ").join(filter(None, (text, self.about_replica())))

    @classmethod
    def lacks(cls, experiment: Train) -> Phrase | None:
        return lacks_measurements(experiment) or lacks_hidden_layers(experiment)

    @classmethod
    def taken(cls, network: Snapshot, data: Split) -> float:
        return output_factor(network)

    def study(self) -> Study | None:
        return super().study() if any(map(_is_computed, self._phases())) else None

    def show_found(self, found: Found) -> None:
        if self._past is not None:
            self._show(self._past)

    def draw(self, past: Past) -> None:
        self._past = past
        super().draw(past)
        self.warn_of_diverged(self._cards, past)
        if not self._cards:
            self._product.set_warning(self.divergence_texts(past.diverged))
        self._show(past)

    def _phases(self) -> list[TrainRun]:
        """Return the runs with their settings in force."""
        step = self._past.step if self._past else 0
        return [measured_in(run, step).run for run in self.train.runs]

    def _chain(self, past: Past, index: int, run: TrainRun) -> Chain:
        known = self.found.runs[index] if self.found else None
        factor = (nan if known is None else known) if _is_computed(run) else 1.0
        return chain(past, index, self.replica, factor, cancels(run), self.train.dtype)

    def _show(self, past: Past) -> None:
        runs = self._phases()
        with np.errstate(divide="ignore"):
            self._chains = [self._chain(past, index, run) for index, run in enumerate(runs)]
            decades = decades_of(self._chains)
            for stairs in self._stairs:
                found, run = self._chains[stairs.run], runs[stairs.run]
                stairs.explain(error_name(run), chain_note(found, run.activation, self.look.tr))
                stairs.show_chain(found, decades, self._chosen)
            self._lengths.show_chains(self._chains)
            self._show_step(past)
            self._tell()

    def _show_step(self, past: Past) -> None:
        """Show what the chosen layer does: in place of the product, or where there is no room, in the grey lines."""
        is_chosen = self._chosen >= 0
        if is_chosen:
            slopes = [past.values(run, "slope")[:, self.replica] for run in range(len(self._chains))]
            self._step.show_step(self._chosen, self._chains, self._phases(), slopes)
        self._below.setCurrentWidget(self._step if is_chosen else self._product)
        for run, card in enumerate(self._cards):
            known = is_chosen and not self._is_roomy and self._chosen < len(self._chains[run].norms)
            card.set_subtitle(*(self._step_texts(run) if known else self._about_stairs()))

    def _step_texts(self, run: int) -> list[str]:
        """Return the step of the chosen layer, the longest first; small exponents are not for a projector."""
        formula, found = step_formula(self._phases()[run], self._chosen), self._chains[run]
        if self.look.theme.name == "projector":
            numbers = step_factors(found, self._chosen, self.look.tr)
            return [f"{formula}: {numbers}", numbers]
        numbers = step_text(found, self._chosen)
        return [f"{formula}: {numbers}", numbers, numbers.partition(" = ")[2]]

    def _tell(self) -> None:
        self._sentence.tell(self._told, len(self._chains), self.in_motion)

    def _told(self, brevity: int) -> list[Span]:
        """Say what the picture shows: of as many runs as have room."""
        with np.errstate(divide="ignore"):
            return chain_sentence(self._chains, self.names, self.look.language, len(self._chains) - brevity)

    @property
    def _is_roomy(self) -> bool:
        return self.height() > _ROOMY * self.look.metrics.tick

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._below.setVisible(self._is_roomy or not self._stairs)
        if self._past is not None:
            with np.errstate(divide="ignore"):
                self._show_step(self._past)

    # The mouse and the keys

    def _on_chosen(self, layer: int) -> None:
        self._chosen = layer
        for stairs in self._stairs:
            stairs.choose(layer)
        if self._past is not None:
            self._show_step(self._past)

    def state(self) -> dict[str, Any]:
        return {"layer": self._chosen} if self._chosen >= 0 else {}

    def restore(self, state: Mapping[str, Any]) -> None:
        deepest = max(len(run.hidden) for run in self.train.runs)
        self._chosen = min(state.get("layer", -1), deepest)

    def _on_hovered(self, run: int, layer: int | None) -> None:
        self.show_tooltip(None if layer is None else self._text(run, layer))

    def _text(self, run: int, layer: int) -> str:
        """Return the formula of a layer's delta, and the norms and factors that were measured."""
        found, spec = self._chains[run], self._phases()[run]
        name = layer_text(spec, layer, self.look.language)
        numbers = step_text(found, layer)
        return f"{name}: {step_formula(spec, layer)}\n{numbers}"


def _is_computed(run: TrainRun) -> bool:
    """Tell whether the factor of the output's f' is not known beforehand, as 1."""
    return not cancels(run) and run.output.key != "linear"

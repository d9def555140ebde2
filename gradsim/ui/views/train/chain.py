"""The gradient's way back: each layer's delta, and the factors of weights and f' that lead from one to the next."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from gradsim.sim.kinds import Experiment
from gradsim.sim.kinds.train.chain import Chain, chain, chain_sentence
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.kinds.train.subject import layer_text
from gradsim.sim.run.tape import Past
from gradsim.ui.plots.lengths import Lengths
from gradsim.ui.plots.stairs import Stairs, decades_of, factor_text
from gradsim.ui.theme import Look
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.common.sentence import Sentence
from gradsim.ui.views.common.view import Card
from gradsim.ui.views.train.snapshot_view import SeedOptions
from gradsim.ui.views.train.train_view import TrainView
from gradsim.words.numbers import figure, index

MOST_STAIRS = 4
"""Of more runs than this, only the products are shown."""

_ROOMY = 30
"""How many lines of text high the view is where there is room for stairs and products."""


class ChainView(TrainView):
    """Stairs for each run, and below the products of all layers."""

    key = "chain"
    title = "The gradient’s way back"
    help = "How weights and f′ change δ from layer to layer, and the product of all layers."
    order = 15
    place = "upper"
    stretch = 2
    options_type = SeedOptions
    options: SeedOptions

    def __init__(self, experiment: Experiment, look: Look, options: ViewOptions | None = None) -> None:
        super().__init__(experiment, look, options)
        self._chosen = -1
        self._chains: list[Chain] = []
        self._cards: list[Card] = []
        column = QVBoxLayout()
        column.setSpacing(look.metrics.gap)
        self.box.addLayout(column)
        self._sentence = Sentence(look)
        column.addWidget(self._sentence)
        self._stairs = self._made_stairs(column)
        self._lengths = Lengths(look, self.names)
        self._product = Card(look, look.tr("The product of all layers"), self._about_product())
        self._product.body.addWidget(self._lengths)
        column.addWidget(self._product, stretch=4)

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
        brief = self.look.theme.name == "projector"
        subtitle = self.look.tr(
            "‖δ‖ of each layer" if brief else "‖δ‖ of each layer, log scale: read from the output back"
        )
        card = Card(self.look, self.names[run], subtitle, self.look.text_colour(run))
        card.body.addWidget(stairs)
        self._cards.append(card)
        row.addWidget(card, stretch=1)
        return stairs

    def _about_product(self) -> str:
        if self.look.theme.name == "projector":
            return ""
        text = self.look.tr("‖δ‖ of layer 1 over ‖δ‖ of the output; multiplying is laying lengths end to end")
        return text if self.experiment.replicas == 1 else f"{text}; {self._seed_text()}"

    def _seed_text(self) -> str:
        text = self.look.tr("replica {i} of {n}")
        return text.format(i=self._replica + 1, n=self.experiment.replicas)

    @property
    def _replica(self) -> int:
        return min(self.options.seed, self.experiment.replicas) - 1

    @classmethod
    def suits(cls, experiment: Train) -> bool:
        return experiment.probes == "all" and any(run.hidden for run in experiment.runs)

    def draw(self, past: Past) -> None:
        self.warn_of_diverged(self._cards, past)
        if not self._cards:
            self._product.set_warning(self.divergence_texts(past.diverged))
        with np.errstate(divide="ignore"):
            self._chains = [chain(past, run, self._replica) for run in range(len(self.experiment.runs))]
            decades = decades_of(self._chains)
            for stairs in self._stairs:
                stairs.show_chain(self._chains[stairs.run], decades, self._chosen)
            self._lengths.show_chains(self._chains)
            self._tell()

    def _tell(self) -> None:
        """Say what the picture shows, in two lines at most: of as many runs as have room."""
        chains, language = self._chains, self.look.language
        sentences = (chain_sentence(chains, self.names, language, most) for most in range(len(chains), 0, -1))
        self._sentence.tell(sentences, self.width())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        roomy = self.height() > _ROOMY * self.look.metrics.tick
        self._product.setVisible(roomy or not self._stairs)
        if self._chains:
            with np.errstate(divide="ignore"):
                self._tell()

    # The mouse

    def _on_chosen(self, layer: int) -> None:
        self._chosen = -1 if layer == self._chosen else layer
        for stairs in self._stairs:
            stairs.choose(self._chosen)

    def _on_hovered(self, run: int, layer: int | None) -> None:
        self.show_tooltip(None if layer is None else self._text(run, layer))

    def _text(self, run: int, layer: int) -> str:
        """Return the formula of a layer's delta, and the norms and factors that were measured."""
        found, spec = self._chains[run], self.train.runs[run]
        name = layer_text(spec, layer, self.look.language)
        if layer == len(found.norms) - 1:
            return f"{name}: ‖δ‖ = {figure(float(found.norms[layer]))}"
        formula = f"δ{index(layer + 1)} = (W{index(layer + 2)}ᵀ δ{index(layer + 2)}) ∘ f′(z{index(layer + 1)})"
        factors = f"{factor_text(float(found.weights[layer]))} {factor_text(float(found.slopes[layer]))}"
        numbers = f"‖δ‖ = {figure(float(found.norms[layer + 1]))} {factors} = {figure(float(found.norms[layer]))}"
        return f"{name}: {formula}\n{numbers}"

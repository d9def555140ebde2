"""Activation under load: where on its curve a layer works, and which slope it finds there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from gradsim.engine.data import Split
from gradsim.schema.errors import Phrase
from gradsim.schema.parameters import Integer
from gradsim.sim.kinds import Experiment
from gradsim.sim.kinds.train.loads import Load, loads
from gradsim.sim.kinds.train.needs import lacks_hidden_layers
from gradsim.sim.kinds.train.snapshot import Snapshot
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.run.changes import measured_in
from gradsim.sim.run.tape import Past
from gradsim.ui.plots.load_picture import LoadPicture, bin_of, values
from gradsim.ui.theme import Look
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.common.view import Card
from gradsim.ui.views.train.snapshot_view import Found, SeedOptions, SnapshotView


@dataclass(frozen=True)
class LoadOptions(SeedOptions):
    """Which layer of which replica is shown first."""

    layer: int = Integer("Layer", help="Which hidden layer is shown at first.", low=1, high=100).field(1)


class LoadView(SnapshotView):
    """f and f' of each run's activation, and the pre-activations that a layer really gets."""

    key = "load"
    title = "Activation under load"
    help = "The activation, its slope, and below them the pre-activations z that the layer gets."
    order = 16
    place = "upper"
    options_type = LoadOptions
    options: LoadOptions

    def __init__(self, experiment: Experiment, look: Look, options: ViewOptions | None = None) -> None:
        super().__init__(experiment, look, options)
        self._layer = self.options.layer - 1
        self._cards: list[Card] = []
        self._activations = [run.activation for run in self.train.runs]
        self._pictures = [self._made(run) for run in range(len(experiment.runs))]
        self._show_subtitles()

    def _made(self, run: int) -> LoadPicture:
        picture = LoadPicture(self.look, run)
        picture.layer_chosen.connect(self._on_layer)
        picture.hovered.connect(partial(self._on_hovered, run))
        card = Card(self.look, self.names[run], "", self.look.text_colour(run), keeps_line=True)
        card.body.addWidget(picture)
        self._cards.append(card)
        self.box.addWidget(card, stretch=1)
        return picture

    @classmethod
    def lacks(cls, experiment: Train) -> Phrase | None:
        return lacks_hidden_layers(experiment)

    @classmethod
    def taken(cls, network: Snapshot, data: Split) -> tuple[Load, ...]:
        return loads(network, data.train.x)

    def draw(self, past: Past) -> None:
        super().draw(past)
        self.warn_of_diverged(self._cards, past)
        self._activations = [measured_in(run, past.step).run.activation for run in self.train.runs]
        top = max(1.0, *(each.peak for each in self._activations))
        for picture, activation in zip(self._pictures, self._activations, strict=True):
            picture.show_activation(activation, top)

    def show_found(self, found: Found) -> None:
        for picture, layers in zip(self._pictures, found.runs, strict=True):
            if layers:
                picture.show_loads(layers, self._layer)
        self._show_subtitles()

    def _show_subtitles(self) -> None:
        for run, card in enumerate(self._cards):
            known = self.found.runs[run] if self.found else None
            layer = min(self._layer, len(self.train.runs[run].hidden) - 1)
            what = self.look.tr("slope f′(z), and the z that layer {n} gets").format(n=layer + 1)
            brief = self.look.tr("the z of layer {n}").format(n=layer + 1)
            flat = self._flat_text(run, known[layer]) if known else ""
            texts = [(what, flat, self.about_replica()), (what, flat), (brief, flat), (brief,)]
            card.set_subtitle(*(self.look.tr("; ").join(filter(None, parts)) for parts in texts))

    def _flat_text(self, run: int, load: Load) -> str:
        """Say how much of what the layer gets meets next to no slope."""
        is_off = self._activations[run].switches_off
        text = self.look.tr("{share} % off, slope 0") if is_off else self.look.tr("{share} % on the flats")
        return text.format(share=f"{100 * load.flat:.0f}")

    def _on_layer(self, layer: int) -> None:
        self._layer = layer
        if self.found:
            self.show_found(self.found)

    def state(self) -> dict[str, Any]:
        return {"layer": self._layer} if self._layer != self.options.layer - 1 else {}

    def restore(self, state: Mapping[str, Any]) -> None:
        self._layer = state.get("layer", self._layer)
        self._show_subtitles()

    def _on_hovered(self, run: int, z: float | None) -> None:
        known = self.found.runs[run] if self.found else None
        if z is None:
            self.show_tooltip(None)
            return
        f, slope = values(self.train.runs[run].activation, np.array([z]))
        text = f"z {z:.2f}   f {f[0]:.3g}   f′ {slope[0]:.3g}"
        if known:
            share = known[min(self._layer, len(known) - 1)].shares[bin_of(z)]
            text += "\n" + self.look.tr("{share} % of the z are near").format(share=f"{100 * share:.1f}")
        self.show_tooltip(text.replace("-", "−"))

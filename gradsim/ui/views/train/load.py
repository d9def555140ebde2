"""Activation under load: where on its curve a layer works, and which slope it finds there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import Any

import numpy as np
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout

from gradsim.engine.data import Split
from gradsim.engine.nn.activations import ACTIVATIONS, Activation
from gradsim.schema.errors import Phrase
from gradsim.schema.parameters import Choice, Integer
from gradsim.sim.kinds import Experiment
from gradsim.sim.kinds.train.loads import Load, Told, load_note, load_sentence, loads, values
from gradsim.sim.kinds.train.needs import lacks_hidden_layers
from gradsim.sim.kinds.train.snapshot import Snapshot
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.run.changes import measured_in
from gradsim.sim.run.tape import Past
from gradsim.ui.identities import free_slot
from gradsim.ui.plots.activation_curves import Curve
from gradsim.ui.plots.layer_buttons import LayerButtons
from gradsim.ui.plots.load_picture import LoadPicture, bin_of
from gradsim.ui.theme import Look
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.common.sentence import under_sentence
from gradsim.ui.views.common.view import Card
from gradsim.ui.views.train.snapshot_view import Found, SeedOptions, SnapshotView
from gradsim.words.sentences import Span

NONE = "none"
MOST_BESIDE = 4
"""More runs than these are in two rows."""
_ROOMY_EM = 23
"""How many heights of type high a card is that has room for the buttons of layers."""


@dataclass(frozen=True)
class LoadOptions(SeedOptions):
    """Which layer of which replica is shown first, and what its activation is compared with."""

    layer: int = Integer("Layer", help="Which hidden layer is shown at first.", low=1, high=100).field(1)
    compare: str = Choice(
        "Compared with",
        help="Another activation, drawn over each run’s own, and the slope that it would find at the same z.",
        choices=(NONE, *ACTIVATIONS),
        labels=("none", *(entry.label for entry in ACTIVATIONS.values())),
    ).field(NONE)

    @property
    def other(self) -> Activation | None:
        """The activation that is compared, with its usual settings."""
        return None if self.compare == NONE else ACTIVATIONS[self.compare]()


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
        self._buttons: list[LayerButtons] = []
        self._activations = [run.activation for run in self.train.runs]
        self._sentence, column = under_sentence(self.box, look)
        self._grid = QGridLayout()
        self._grid.setSpacing(look.metrics.gap)
        column.addLayout(self._grid, stretch=1)
        self._pictures = [self._made(run) for run in range(len(experiment.runs))]
        self._show_subtitles()

    def _made(self, run: int) -> LoadPicture:
        picture = LoadPicture(self.look)
        picture.hovered.connect(partial(self._on_hovered, run))
        buttons = LayerButtons(self.look, run, self.look.tr("mean slope of every layer"))
        buttons.layer_chosen.connect(self._on_layer)
        card = Card(self.look, self.names[run], "", self.look.text_colour(run), keeps_line=not self._is_crowded)
        card.body.addWidget(picture)
        card.add_below(buttons)
        self._cards.append(card)
        self._buttons.append(buttons)
        runs = len(self.experiment.runs)
        columns = runs if runs <= MOST_BESIDE else ceil(runs / 2)
        self._grid.addWidget(card, run // columns, run % columns)
        self._grid.setColumnStretch(run % columns, 1)
        self._grid.setRowStretch(run // columns, 1)
        return picture

    @property
    def _is_crowded(self) -> bool:
        """Whether many runs are shown in large letters."""
        return self.look.theme.name == "projector" and len(self.names) > MOST_BESIDE

    @classmethod
    def lacks(cls, experiment: Train) -> Phrase | None:
        return lacks_hidden_layers(experiment)

    def taker(self) -> Callable[[Snapshot, Split], Any]:
        return partial(_taken, self.options.other)

    def draw(self, past: Past) -> None:
        super().draw(past)
        self.warn_of_diverged(self._cards, past)
        now = [measured_in(run, past.step).run.activation for run in self.train.runs]
        other = self.options.other
        drawn = now if other is None else [*now, other]
        top = max(1.0, *(each.peak for each in drawn))
        for run, (picture, activation) in enumerate(zip(self._pictures, now, strict=True)):
            curves = [Curve(activation, self.look.run_colour(run), self.look.tr(activation.label))]
            if other is not None and other != activation:
                colour = self.look.theme.runs[free_slot(other.key, self.look.slots)]
                curves.append(Curve(other, colour, self.look.tr(other.label), dashed=True))
            picture.show_curves(curves, top)

    def show_found(self, found: Found) -> None:
        self._activations = [measured_in(run, found.step).run.activation for run in self.train.runs]
        for run, layers in enumerate(found.runs):
            if layers:
                shown = layers[self._shown_layer(run)]
                note = load_note(shown, self._activations[run], self.look.language)
                self._pictures[run].show_load(shown, note)
                slopes = [each.mean_slope for each in layers]
                self._buttons[run].show_values(slopes, self._layer, max(1.0, self._activations[run].peak))
        self._show_subtitles()
        self._sentence.tell(partial(self._told, found), len(found.runs) + 1)
        self._show_buttons()

    def _told(self, found: Found, brevity: int) -> list[Span]:
        told = [
            Told(run, name, activation, layers[self._shown_layer(run)] if layers else None)
            for run, (name, activation, layers) in enumerate(
                zip(self.names, self._activations, found.runs, strict=True)
            )
            if layers is None or len(layers) > self._layer
        ]
        return load_sentence(self._layer, told, self.look.language, brevity, self.options.other)

    def _shown_layer(self, run: int) -> int:
        """Return the layer that is shown of a run, from 0: the one chosen, or its last where it has fewer."""
        return min(self._layer, len(self.train.runs[run].hidden) - 1)

    def _show_subtitles(self) -> None:
        for run, card in enumerate(self._cards):
            if not self.train.runs[run].hidden:
                card.set_subtitle(self.look.tr("no hidden layer"))
                continue
            if self._is_crowded:
                continue  # the sentence names the layer
            n = self._shown_layer(run) + 1
            what = self.look.tr("slope f′(z), and the z that layer {n} gets").format(n=n)
            brief = self.look.tr("the z of layer {n}").format(n=n)
            replica = self.about_replica()
            texts = [(what, replica), (what,), (brief, replica), (brief,)]
            card.set_subtitle(*(self.look.tr("; ").join(filter(None, parts)) for parts in texts))

    def _on_layer(self, layer: int) -> None:
        self._layer = layer
        if self.found:
            self.show_found(self.found)

    def _show_buttons(self) -> None:
        """Show the buttons of layers where the cards are high enough."""
        rows = 1 if len(self._cards) <= MOST_BESIDE else 2
        is_roomy = self.height() > rows * _ROOMY_EM * self.look.metrics.tick
        for run, buttons in zip(self.train.runs, self._buttons, strict=True):
            buttons.setVisible(is_roomy and len(run.hidden) > 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_buttons()

    def state(self) -> dict[str, Any]:
        return {"layer": self._layer} if self._layer != self.options.layer - 1 else {}

    def restore(self, state: Mapping[str, Any]) -> None:
        self._layer = state.get("layer", self._layer)
        self._show_subtitles()

    def _on_hovered(self, run: int, z: float | None) -> None:
        known: Sequence[Load] | None = self.found.runs[run] if self.found else None
        if z is None:
            self.show_tooltip(None)
            return
        lines = []
        for curve in self._pictures[run].curves:
            f, slope = values(curve.activation, np.array([z]))
            lines.append(f"{curve.name}   z {z:.2f}   f {f[0]:.3g}   f′ {slope[0]:.3g}")
        if known:
            share = known[self._shown_layer(run)].shares[bin_of(z)]
            lines.append(self.look.tr("{share} % of the z are near").format(share=f"{100 * share:.1f}"))
        self.show_tooltip("\n".join(lines).replace("-", "−"))


def _taken(other: Activation | None, network: Snapshot, data: Split) -> tuple[Load, ...]:
    """Return what the layers of a network get; called on the thread of studies."""
    return loads(network, data.train.x, other)

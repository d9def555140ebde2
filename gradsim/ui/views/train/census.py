"""The census: every unit of every layer, and on how much of the training set it is on."""

from __future__ import annotations

from functools import partial
from math import ceil

from PySide6.QtWidgets import QGridLayout

from gradsim.engine.data import Split
from gradsim.schema.errors import Phrase
from gradsim.sim.kinds import Experiment
from gradsim.sim.kinds.train.census import LayerCensus, census
from gradsim.sim.kinds.train.needs import lacks_hidden_layers
from gradsim.sim.kinds.train.snapshot import Snapshot
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.run.changes import phases
from gradsim.sim.run.forks import change_from
from gradsim.sim.run.tape import Past
from gradsim.ui.panels.editors import Edit
from gradsim.ui.plots.census_bars import CensusBars
from gradsim.ui.theme import Look
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.common.view import Card
from gradsim.ui.views.train.snapshot_view import Found, SnapshotView

MOST_BESIDE = 4
"""More runs than these are in two rows."""

REVIVAL = {"name": "leaky_relu", "slope": 0.1}
"""What a run is changed to that revives its dead units: 0.1, for a slope of 0.01 is too little."""


def revival(run: int, step: int) -> Edit:
    """Return the edit that lets a run go on from a step with an activation whose slope is nowhere 0."""

    def edited(table: dict[str, object]) -> dict[str, object]:
        changed = change_from(table, run, step)
        changes = [{**c, "activation": REVIVAL} if c["step"] == step else c for c in changed["runs"][run]["changes"]]
        changed["runs"][run] = {**changed["runs"][run], "changes": changes}
        return changed

    return edited


class CensusView(SnapshotView):
    """A bar for each unit, sorted: the share of the training samples that it is on for."""

    key = "census"
    title = "Units that take part"
    help = "A bar for each unit: on how many training samples it passes a gradient on."
    order = 17
    place = "upper"

    def __init__(self, experiment: Experiment, look: Look, options: ViewOptions | None = None) -> None:
        super().__init__(experiment, look, options)
        self._cards: list[Card] = []
        self._grid = QGridLayout()
        self._grid.setSpacing(look.metrics.gap)
        self.box.addLayout(self._grid)
        self._bars = [self._made(run) for run in range(len(experiment.runs))]

    def _made(self, run: int) -> CensusBars:
        bars = CensusBars(self.look, run)
        bars.hovered.connect(partial(self._on_hovered, run))
        card = Card(self.look, self.names[run], "", self.look.text_colour(run))
        card.set_subtitle(*self._about())
        if any(phase.run.activation.switches_off for phase in phases(self.train.runs[run])):
            card.add_tool(self.look.tr("Leaky ReLU from here"), partial(self._revive, run))
        card.body.addWidget(bars)
        runs = len(self.experiment.runs)
        columns = runs if runs <= MOST_BESIDE else ceil(runs / 2)
        self._grid.addWidget(card, run // columns, run % columns)
        self._grid.setColumnStretch(run % columns, 1)
        self._grid.setRowStretch(run // columns, 1)
        self._cards.append(card)
        return bars

    @classmethod
    def lacks(cls, experiment: Train) -> Phrase | None:
        return lacks_hidden_layers(experiment)

    @classmethod
    def taken(cls, network: Snapshot, data: Split) -> tuple[LayerCensus, ...]:
        return census(network, data.train.x)

    def show_found(self, found: Found) -> None:
        for bars, layers in zip(self._bars, found.runs, strict=True):
            if layers:
                bars.show_layers(layers)

    def draw(self, past: Past) -> None:
        super().draw(past)
        self.warn_of_diverged(self._cards, past)

    def _about(self) -> list[str]:
        """Word what is shown, from the longest to the shortest."""
        tr, replica = self.look.tr, self.about_replica()
        short = tr("on how many samples each unit is on")
        if self.look.theme.name == "projector":
            return [short, tr("a bar a unit")]
        what = tr("one bar a unit, sorted: the share of the training samples on which it is on")
        whole = [tr("; ").join([text, replica]) for text in (what, short)] if replica else [what]
        return [*whole, short, tr("a bar a unit")]

    def _revive(self, run: int) -> None:
        if self.found is not None:
            self.edit_asked.emit(revival(run, self.found.step))

    def _on_hovered(self, run: int, layer: int | None) -> None:
        known = self.found.runs[run] if self.found else None
        if layer is None or not known or layer >= len(known):
            self.show_tooltip(None)
            return
        one: LayerCensus = known[layer]
        dead = self.look.tr("{n} of {total} units are dead").format(n=int(one.dead.sum()), total=len(one.on))
        flat = self.look.tr("saturated on {share} % of the samples").format(share=f"{100 * one.flat.mean():.0f}")
        self.show_tooltip(f"{dead}\n{flat}")

"""The census: every unit of every layer, and on how much of the training set it passes gradient on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from math import ceil
from typing import Any

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout

from gradsim.engine.data import Split
from gradsim.engine.nn.activations import Activation
from gradsim.engine.nn.dead import dies
from gradsim.schema.errors import Phrase
from gradsim.schema.parameters import parameters
from gradsim.sim.kinds import Experiment
from gradsim.sim.kinds.train.census import LayerCensus, Told, census, census_sentence
from gradsim.sim.kinds.train.needs import lacks_hidden_layers
from gradsim.sim.kinds.train.snapshot import Snapshot
from gradsim.sim.kinds.train.spec import Train, TrainRun
from gradsim.sim.run.changes import measured_in, phases
from gradsim.sim.run.forks import change_from, in_force
from gradsim.sim.run.tape import Past
from gradsim.ui.label import tip
from gradsim.ui.panels.editors import Edit
from gradsim.ui.plots.census_bars import CensusBars
from gradsim.ui.theme import Look
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.common.sentence import under_sentence
from gradsim.ui.views.common.view import Card
from gradsim.ui.views.train.snapshot_view import Found, SeedOptions, SnapshotView
from gradsim.ui.views.train.units_over_time import SHARE, OverTimeOptions, UnitsOverTime
from gradsim.words.sentences import Span

MOST_BESIDE = 4
"""More runs than these are in two rows."""
_ROOMY_EM = 26
"""How many heights of type high the view is where there is room for curves over time."""

REVIVAL = {"name": "leaky_relu", "slope": 0.1}
"""What a run is changed to that revives its dead units: 0.1, for a slope of 0.01 is too little."""
REVIVED_SLOWER = 10
"""By how much its learning rate is divided: at a rate that kills units, networks with all of them alive diverge."""

ON = (
    "on how many samples each unit is on",
    "one bar a unit, sorted: the share of the training samples on which it is on",
)
OPEN = (
    "on how many samples each unit is not saturated",
    "one bar a unit, sorted: the share of the training samples on which it is not saturated",
)
"""What bars are, in few words and in more: of activations that are on or off, and of those that saturate."""

WHY_SLOWER = "The leak lets dead units learn again; at the rate that has killed them the run would diverge."


@dataclass(frozen=True)
class CensusOptions(SeedOptions):
    """Which replica is shown, and what over time."""

    share: str = SHARE.field("dead")


def revival(run: int, step: int) -> Edit:
    """Return the edit that lets a run go on from a step with an activation whose slope is nowhere 0, and slower."""

    def edited(table: dict[str, object]) -> dict[str, object]:
        changed = change_from(table, run, step)
        settings = {"activation": REVIVAL, **_slower(in_force(changed["runs"][run], step)["optimizer"])}
        changes = [{**c, **settings} if c["step"] == step else c for c in changed["runs"][run]["changes"]]
        changed["runs"][run] = {**changed["runs"][run], "changes": changes}
        return changed

    return edited


def _slower(optimizer: object) -> dict[str, object]:
    """Return the setting of an optimizer with a part of its learning rate; none where it has no rate."""
    parameter = parameters(TrainRun)["optimizer"]
    found = parameter.parse(optimizer)
    if not hasattr(found, "learning_rate"):
        return {}
    rate = float(f"{found.learning_rate / REVIVED_SLOWER:.6g}")
    return {"optimizer": parameter.plain(replace(found, learning_rate=rate))}


class CensusView(SnapshotView):
    """A bar for each unit, sorted: the share of the training samples on which it passes gradient on."""

    key = "census"
    title = "Units that take part"
    help = "A bar for each unit: on how many training samples it passes a gradient on."
    order = 17
    place = "upper"
    options_type = CensusOptions
    options: CensusOptions

    def __init__(self, experiment: Experiment, look: Look, options: ViewOptions | None = None) -> None:
        super().__init__(experiment, look, options)
        self._cards: list[Card] = []
        self._chosen: int | None = None
        self._past: Past | None = None
        self._activations = [run.activation for run in self.train.runs]
        self._sentence, column = under_sentence(self.box, look)
        self._grid = QGridLayout()
        self._grid.setSpacing(look.metrics.gap)
        column.addLayout(self._grid, stretch=5)
        self._bars = [self._made(run) for run in range(len(experiment.runs))]
        self._over_time = self._made_curves()
        if self._over_time:
            self._over_time.setMinimumHeight(1)  # it is hidden where it has no room
            column.addWidget(self._over_time, stretch=2)

    def _made_curves(self) -> UnitsOverTime | None:
        if UnitsOverTime.refusal(self.train) is not None:
            return None
        return UnitsOverTime(self.experiment, self.look, OverTimeOptions(share=self.options.share))

    def _made(self, run: int) -> CensusBars:
        bars = CensusBars(self.look, run)
        bars.hovered.connect(partial(self._on_hovered, run))
        bars.layer_chosen.connect(self._on_layer)
        card = Card(self.look, self.names[run], "", self.look.text_colour(run), keeps_line=True)
        if any(phase.run.activation.switches_off for phase in phases(self.train.runs[run])):
            button = card.add_tool(self.look.tr("Leaky ReLU, η / 10 from here"), partial(self._revive, run))
            button.setToolTip(tip(self.look.tr(WHY_SLOWER)))
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

    def explain(self) -> None:
        super().explain()
        if self._over_time:
            self._over_time.explain()

    def wanted_earlier(self, step: int) -> tuple[int, ...]:
        return tuple(sorted({since for run in self.train.runs if (since := revived_since(run, step)) >= 0}))

    def set_experiment(self, experiment: Experiment) -> None:
        super().set_experiment(experiment)
        if self._over_time:
            self._over_time.set_experiment(experiment)

    def show_found(self, found: Found) -> None:
        self._activations = [measured_in(run, found.step).run.activation for run in self.train.runs]
        for run, (card, activation, layers) in enumerate(
            zip(self._cards, self._activations, found.runs, strict=True)
        ):
            card.set_subtitle(*self._about(activation) if self.train.runs[run].hidden else self._nothing())
            if layers:
                self._bars[run].show_layers(layers, activation, self._chosen)
        self._sentence.tell(partial(self._told, found), len(found.runs) + 1)

    def _told(self, found: Found, brevity: int) -> list[Span]:
        told = [self._told_of(run, found) for run in range(len(found.runs)) if self._has_layer(run)]
        return census_sentence(told, self._chosen, self.look.language, brevity)

    def _has_layer(self, run: int) -> bool:
        return len(self.train.runs[run].hidden) > (self._chosen or 0)

    def _told_of(self, run: int, found: Found) -> Told:
        layers, since = found.runs[run], revived_since(self.train.runs[run], found.step)
        before = self.earlier[since][run] if since in self.earlier else ()
        saturates = self._activations[run].saturates
        return Told(run, self.names[run], self._of(layers), saturates, since, self._of(before) or ())

    def _of(self, layers: Sequence[LayerCensus] | None) -> Sequence[LayerCensus] | None:
        """Return the layer chosen, or all where none is."""
        return layers and (layers if self._chosen is None else layers[self._chosen : self._chosen + 1])

    def draw(self, past: Past) -> None:
        super().draw(past)
        self.warn_of_diverged(self._cards, past)
        if self._over_time and self._over_time.isVisibleTo(self):
            self._over_time.draw(past)
        self._past = past

    def _nothing(self) -> list[str]:
        return [self.look.tr("no hidden layer")]

    def _about(self, activation: Activation) -> list[str]:
        """Word what is shown, from the longest to the shortest."""
        tr, replica = self.look.tr, self.about_replica()
        short, what = OPEN if activation.saturates else ON
        if self.look.theme.name == "projector":
            return [tr(short), tr("a bar a unit")]
        whole = [tr("; ").join([tr(text), replica]) for text in (what, short)] if replica else [tr(what)]
        return [*whole, tr(short), tr("a bar a unit")]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._over_time:
            rows = 1 if len(self._bars) <= MOST_BESIDE else 2
            self._over_time.setVisible(self.height() > (_ROOMY_EM + 8 * (rows - 1)) * self.look.metrics.tick)
            if self._past and self._over_time.isVisibleTo(self):
                self._over_time.draw(self._past)

    def _revive(self, run: int) -> None:
        if self.found is not None:
            self.edit_asked.emit(revival(run, self.found.step))

    # One layer

    def _on_layer(self, layer: int) -> None:
        self._choose(None if layer == self._chosen else layer)

    def _choose(self, layer: int | None) -> None:
        self._chosen = layer
        if self._over_time:
            self._over_time.show_layer(layer)
        if self.found:
            self.show_found(self.found)

    def state(self) -> dict[str, Any]:
        return {} if self._chosen is None else {"layer": self._chosen}

    def restore(self, state: Mapping[str, Any]) -> None:
        layer = state.get("layer")
        deepest = max(len(run.hidden) for run in self.train.runs)
        self._choose(layer if layer is not None and layer < deepest else None)

    def _on_hovered(self, run: int, layer: int | None) -> None:
        known = self.found.runs[run] if self.found else None
        if layer is None or not known or layer >= len(known):
            self.show_tooltip(None)
            return
        one: LayerCensus = known[layer]
        dead = self.look.tr("{n} of {total} units are dead").format(n=int(one.dead.sum()), total=len(one.full))
        flat = self.look.tr("saturated on {share} % of the samples").format(share=f"{100 * one.flat.mean():.0f}")
        self.show_tooltip(f"{dead}\n{flat}")


def revived_since(run: TrainRun, step: int) -> int:
    """Return from which step on a run has an activation under which no unit is dead, after one that kills; or -1."""
    found = [phase for phase in phases(run) if phase.number == 0 or phase.first < step]
    since = -1
    for before, now in pairwise(found):
        kills, frees = dies(before.run.activation), not dies(now.run.activation)
        since = now.first if kills and frees else -1 if not frees else since
    return since

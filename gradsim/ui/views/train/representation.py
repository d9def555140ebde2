"""What each hidden layer makes of the plane: how it bends it until the classes can be cut apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QWidget

from gradsim.engine.data import Split
from gradsim.engine.types import Array, Indices
from gradsim.schema.errors import Phrase
from gradsim.sim.kinds import Experiment
from gradsim.sim.kinds.train.needs import lacks_data, lacks_hidden_layers, lacks_plane
from gradsim.sim.kinds.train.outcome_sentences import Clause, separable_clause
from gradsim.sim.kinds.train.predictions import decided
from gradsim.sim.kinds.train.representation import LayerPlane, representation
from gradsim.sim.kinds.train.snapshot import Snapshot
from gradsim.sim.kinds.train.spec import Train
from gradsim.ui.label import tip
from gradsim.ui.plots.bent_plane import SIDE, BentPlane
from gradsim.ui.theme import Look
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.train.outcome_view import MOST_RUNS, OneRunOptions, OutcomeView, runs_shown
from gradsim.ui.views.train.over_inputs import around
from gradsim.words.numbers import share
from gradsim.words.sentences import Span, Wording

MOST_SAMPLES = 150
"""Of more training samples than these, the first are taken."""
MOST_PLANES = 5
"""So many pictures are beside each other: of more layers, some are left out in equal distances."""


class Bent(NamedTuple):
    """What is shown of a network."""

    planes: Sequence[LayerPlane]
    decided: Indices
    classes: Indices


class RepresentationView(OutcomeView):
    """A row of planes for each of two runs, or for one of more."""

    key = "representation"
    title = "What each layer makes of the plane"
    help = "The plane of the inputs as each hidden layer bends it, and the best straight cut between the classes."
    order = 75
    most_beside = 1
    options_type = OneRunOptions
    options: OneRunOptions

    def __init__(self, experiment: Experiment, look: Look, options: ViewOptions | None = None) -> None:
        self._rows: dict[int, list[BentPlane]] = {}
        super().__init__(experiment, look, options)

    @classmethod
    def lacks(cls, experiment: Train) -> Phrase | None:
        return lacks_plane(experiment) or lacks_hidden_layers(experiment) or lacks_data(experiment)

    @classmethod
    def taken(cls, network: Snapshot, data: Split) -> Bent:
        samples, classes = data.train.x[:MOST_SAMPLES], decided(data.train.y[:MOST_SAMPLES])
        planes, of_nodes = representation(network, grid(data), samples, classes)
        return Bent(planes, of_nodes, classes)

    def shown_runs(self) -> Sequence[int]:
        return runs_shown(self.options, len(self.experiment.runs), 1 if self._is_projected else MOST_RUNS)

    @property
    def _is_projected(self) -> bool:
        return self.look.theme.name == "projector"

    def _layers(self, hidden: int) -> list[int]:
        return layers_shown(hidden, 3 if self._is_projected else MOST_PLANES)

    def picture(self, run: int) -> QWidget:
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(self.look.metrics.gap)
        self._rows[run] = [BentPlane(self.look) for _ in self._layers(len(self.train.runs[run].hidden))]
        for plane in self._rows[run]:
            layout.addWidget(plane, stretch=1)
        return row

    def show_run(self, run: int, found: Bent) -> None:
        tr = self.look.tr
        for picture, layer in zip(self._rows[run], self._layers(len(found.planes) - 1), strict=True):
            plane = found.planes[layer]
            name = tr("layer {n}").format(n=layer) if layer else tr("the inputs")
            title = tr("{name}: {share}").format(name=name, share=share(plane.separable))
            picture.show_plane(plane, found.decided, found.classes, title)
            whole = tr("{name}: the best straight cut gets {share} of {n} training samples right")
            exactly = f"{100 * plane.separable:.1f} %"
            picture.setToolTip(tip(whole.format(name=name, share=exactly, n=f"{len(found.classes):,}")))
        what = tr("how many training samples the best straight cut gets right")
        brief = tr("what a straight cut gets right")
        parts = (what, self.about_replica(), tr("each layer as seen along its cut"))
        self.cards[run].set_subtitle(*(self.about(*parts[:most]) for most in range(len(parts), 0, -1)), brief)

    def clause(self, found: Any, label: Span, wording: Wording) -> Clause:
        first, last = found.planes[0], found.planes[-1]
        return separable_clause(first.separable, last.separable, last.layer, label, wording)


def grid(data: Split) -> Array:
    """Return the nodes (SIDE * SIDE, 2) of a grid over all samples, row by row from below."""
    x = np.concatenate([data.train.x, data.test.x])
    return np.stack(np.meshgrid(around(x[:, 0], SIDE), around(x[:, 1], SIDE)), axis=-1).reshape(-1, 2)


def layers_shown(hidden: int, most: int) -> list[int]:
    """Return which layers are shown, 0 for the inputs: the first, the last, and what has room between them."""
    count = min(most, hidden + 1)
    return [round(at * hidden / max(1, count - 1)) for at in range(count)]

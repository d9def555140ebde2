"""The network itself: weights as lines, as strong as their gradient, and on play a pulse that runs backward."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from math import ceil, log

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout

from gradsim.engine.data import Split
from gradsim.runtime.studies import Study
from gradsim.schema.errors import Phrase
from gradsim.schema.parameters import Choice, ParameterError
from gradsim.sim.kinds import Experiment
from gradsim.sim.kinds.train.dimensions import layer_sizes
from gradsim.sim.kinds.train.needs import lacks_measurements
from gradsim.sim.kinds.train.network_sample import DrawnNetwork, drawn_network
from gradsim.sim.kinds.train.reach_sentence import reach_sentence
from gradsim.sim.kinds.train.snapshot import Snapshot
from gradsim.sim.kinds.train.spec import Train, TrainRun
from gradsim.sim.kinds.train.subject import layer_text
from gradsim.sim.run.tape import MEDIAN, Past, Values
from gradsim.ui.label import ElidedLabel
from gradsim.ui.motion import motion_is_welcome
from gradsim.ui.plots.network_lines import Spot
from gradsim.ui.plots.network_picture import MOST_HIDDEN, Figures, NetworkPicture
from gradsim.ui.plots.strength_key import StrengthKey
from gradsim.ui.theme import Look
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.common.scale import decades
from gradsim.ui.views.common.sentence import Sentence
from gradsim.ui.views.common.view import MEDIAN_ALONE, Card, View, last_band
from gradsim.ui.views.train.layer_bars import zero_text
from gradsim.ui.views.train.layer_scale import LogScale
from gradsim.ui.views.train.network_texts import how_to_read, what_is_drawn, with_blocks
from gradsim.ui.views.train.snapshot_view import Found, SeedOptions, SnapshotView
from gradsim.words.numbers import exact, figure
from gradsim.words.numbers import share as share_text
from gradsim.words.sentences import Span

PROBE = "grad_rms"
"""What the figures under the gaps are, as in the bars."""

DEAD = "dead"
"""What share of a layer's units is dead: blocks show it, lines show which of the units that are drawn."""

RENEWED_S = 0.5
"""How long lines stay at least while steps follow one another."""
PULSE_MS = 40
"""How often the pulse moves by itself: more seldom than a frame at the usual speed, with which it moves too."""
ROUND_S, REST_S = 1.6, 0.5
"""How long a pulse takes from the output to the input, and the pause after it."""

_BEST_SHAPE = 4.0
"""Width over height in which a network looks best."""
_ROOMY = 26
"""From how many lines of text high on the view has a sentence of its own."""
_LOW = 11
"""Lower than this it leaves out what of the networks is drawn."""


@dataclass(frozen=True)
class NetworkOptions(SeedOptions):
    """Which replica is shown, and whether there is a pulse."""

    pulse: str = Choice(
        "Pulse",
        help="Whether a pulse runs backward while steps follow one another.",
        choices=("on", "off"),
        labels=("while playing", "never"),
    ).field("on")


class NetworkView(SnapshotView):
    """A picture of the network of each run."""

    key = "network"
    title = "Network, weight by weight"
    help = "Layers as columns of units, weights as lines: the stronger, the larger their gradient."
    order = 8
    place = "top"
    options_type = NetworkOptions
    options: NetworkOptions

    def __init__(self, experiment: Experiment, look: Look, options: ViewOptions | None = None) -> None:
        super().__init__(experiment, look, options)
        self.setMinimumSize(1, 1)  # cards are arranged to suit the room that there is
        self._step = -1
        self._gone: frozenset[int] = frozenset()
        self._figures: list[Figures] = []
        self._columns = 0
        self._shown_at = 0.0
        self._waiting: list[int] = []
        self._timer = QTimer(self)
        self._timer.setInterval(PULSE_MS)
        self._timer.timeout.connect(self._on_pulse)
        column = QVBoxLayout()
        column.setSpacing(look.metrics.gap // 2)
        self.box.addLayout(column)
        self._sentence = Sentence(look)
        column.addWidget(self._sentence)
        column.addLayout(self._made_head())
        self._grid = QGridLayout()
        self._grid.setSpacing(look.metrics.gap)
        column.addLayout(self._grid, stretch=1)
        self._cards: list[Card] = []
        self._pictures = [self._made(run) for run in range(len(experiment.runs))]
        self._show_data()
        self._arrange(1)
        how, *self._how.shorter = how_to_read(look, self._has_lines, experiment.replicas)
        self._how.setText(how)
        self._what_is_drawn = [" "]

    def _made_head(self) -> QHBoxLayout:
        """Return the grey lines that say how to read the pictures, and beside them the key."""
        self._how, self._which = ElidedLabel(), ElidedLabel()
        self._key = StrengthKey(self.look, len(self.experiment.runs), "|∂L/∂w|" if self._has_lines else "RMS |∂L/∂W|")
        head, texts = QHBoxLayout(), QVBoxLayout()
        head.setSpacing(self.look.metrics.gap)
        texts.setSpacing(0)
        for label in (self._how, self._which):
            label.setProperty("role", "muted")
            texts.addWidget(label)
        head.addLayout(texts, stretch=1)
        head.addWidget(self._key)
        return head

    def _made(self, run: int) -> NetworkPicture:
        picture = NetworkPicture(self.look, run, len(self.train.runs[run].hidden))
        picture.hovered.connect(partial(self._on_hovered, run))
        card = Card(self.look, self.names[run], "", self.look.text_colour(run))
        card.body.addWidget(picture)
        self._cards.append(card)
        return picture

    @classmethod
    def lacks(cls, experiment: Train) -> Phrase | None:
        return lacks_measurements(experiment)

    @classmethod
    def taken(cls, network: Snapshot, data: Split) -> DrawnNetwork | None:
        deep = len(network.layers) - 1 > MOST_HIDDEN
        return None if deep else drawn_network(network, data.train.x)

    @property
    def _has_lines(self) -> bool:
        return any(len(run.hidden) <= MOST_HIDDEN for run in self.train.runs)

    def set_experiment(self, experiment: Experiment) -> None:
        super().set_experiment(experiment)
        self._show_data()

    def _show_data(self) -> None:
        """Have the pictures name their outputs, and show samples that are images, unless the data are gone."""
        with suppress(ParameterError):
            data, pixels = self.train.data.load(), self.train.data.pixels
            for picture, run in zip(self._pictures, self.train.runs, strict=True):
                picture.show_data(output_names(run, data), pixels)

    def study(self) -> Study | None:
        return super().study() if self._has_lines else None

    # What is drawn

    def draw(self, past: Past) -> None:
        if not self.in_motion or time.perf_counter() - self._shown_at >= RENEWED_S:
            super().draw(past)
        self._step, self._gone = past.step, past.gone
        self.warn_of_diverged(self._cards, past)
        shared = shared_decades(past, self.experiment)
        self._key.show_decades(shared)
        self._figures = [self._figures_of(past, run, shared) for run in range(len(self._pictures))]
        for picture, figures in zip(self._pictures, self._figures, strict=True):
            picture.show_figures(figures)
        self._show_lines()
        self._show_what_is_drawn()
        self._tell()
        if self._timer.isActive():  # with the figures, so that each picture is painted once a frame
            self._timer.start()
            self._on_pulse()

    def _figures_of(self, past: Past, run: int, shared: tuple[int, int]) -> Figures:
        band = last_band(past, run, PROBE)
        texts = tuple(self._text_of(band, layer) for layer in range(len(band)))
        dead = np.nan_to_num(last_band(past, run, DEAD)[:, MEDIAN])
        return Figures(band[:, MEDIAN].copy(), texts, dead, shared)

    def _text_of(self, band: Values, layer: int) -> str:
        value = float(band[layer, MEDIAN])
        if value == 0.0:
            return zero_text(self.look, LogScale(), band, layer, self.train.dtype)
        return figure(value) if np.isfinite(value) else "–"

    def show_found(self, found: Found) -> None:
        self._shown_at = time.perf_counter()
        self._waiting = list(range(len(self._pictures)))
        if not self.in_motion:
            self._show_lines()
        networks = [network for network in found.runs if network]
        self._what_is_drawn = what_is_drawn(self.look, networks, self.about_replica())
        self._show_what_is_drawn()

    def _show_lines(self) -> None:
        """Show what was found in the pictures that wait for it; in motion in one a frame, for painting takes long."""
        shown = self._waiting[:1] if self.in_motion else self._waiting
        self._waiting = self._waiting[len(shown) :]
        for run in shown:
            network = self.found.runs[run] if self.found else None
            if network:
                self._pictures[run].show_network(network)

    def _tell(self) -> None:
        if self._figures and not self._sentence.isHidden():
            self._sentence.tell(self._sentence_of, len(self._figures), self.in_motion)

    def _sentence_of(self, brevity: int) -> list[Span]:
        """Say how far back the error reaches, of as many runs as have room."""
        figures = [
            np.full_like(each.values, np.nan) if run in self._gone else each.values
            for run, each in enumerate(self._figures)
        ]
        return reach_sentence(figures, self.names, self.look.language, len(figures) - brevity)

    # Words

    def _show_what_is_drawn(self) -> None:
        """Say what of the networks is drawn, and of which step the lines are where that is not the step shown."""
        hollow = any(
            each.dead.any() and not picture.has_lines
            for each, picture in zip(self._figures, self._pictures, strict=False)
        )
        text, *shorter = with_blocks(self.look, self._what_is_drawn) if hollow else self._what_is_drawn
        if self.found is not None and self.found.step != self._step and self._has_lines:
            late = self.look.tr("lines of step {step}").format(step=f"{self.found.step:,}")
            text, *shorter = *(self.look.tr("; ").join([each, late]) for each in (text, *shorter)), late
        self._which.shorter = shorter
        self._which.setText(text)

    # Places

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._sentence.setVisible(self.height() >= _ROOMY * self.look.metrics.tick)
        self._which.setVisible(self.height() >= _LOW * self.look.metrics.tick)
        m = self.look.metrics
        around = round(1.3 * m.title + 3.4 * m.tick + 1.5 * m.gap)
        self._arrange(best_columns(len(self._cards), self.width(), self.height() - 4 * m.tick, around))
        self._tell()

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        rows = ceil(len(self._cards) / columns)
        for run, card in enumerate(self._cards):
            self._grid.addWidget(card, run // columns, run % columns)
        for line in range(len(self._cards)):
            self._grid.setColumnStretch(line, 1 if line < columns else 0)
            self._grid.setRowStretch(line, 1 if line < rows else 0)

    def stand_over(self, below: View) -> None:
        for run, picture in enumerate(self._pictures):
            picture.columns_below = partial(below.layer_span, run)

    # The pulse

    def set_in_motion(self, in_motion: bool) -> None:
        super().set_in_motion(in_motion)
        self._drive_pulse()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._drive_pulse()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._drive_pulse()

    def _drive_pulse(self) -> None:
        """Let the pulse run while steps follow one another on screen, if it is wanted; else no timer runs."""
        runs = self.in_motion and self.isVisible() and self.options.pulse == "on" and motion_is_welcome(self)
        if runs and not self._timer.isActive():
            self._timer.start()
        elif not runs and self._timer.isActive():
            self._timer.stop()
            for picture in self._pictures:
                picture.pulse.move(None)

    def _on_pulse(self) -> None:
        at = time.perf_counter() % (ROUND_S + REST_S)
        for picture in self._pictures:
            picture.pulse.move(min(1.0, at / ROUND_S))

    # The pointer

    def _on_hovered(self, run: int, spot: Spot | None) -> None:
        self.show_tooltip(None if spot is None or not self._figures else self._told(run, spot))

    def _told(self, run: int, spot: Spot) -> str:
        network = self.found.runs[run] if self.found else None
        if spot.kind == "layer" or network is None:
            return self._told_of_layer(run, network, spot.layer)
        told = self._told_of_unit if spot.kind == "unit" else self._told_of_weight
        assert self.found is not None
        known = [self.look.tr("step {step}").format(step=f"{self.found.step:,}"), self.about_replica()]
        return f"{told(run, network, spot)}\n{self.look.tr(', ').join(filter(None, known))}"

    def _told_of_layer(self, run: int, network: DrawnNetwork | None, layer: int) -> str:
        name = layer_text(self.train.runs[run], layer, self.look.language)
        lines = [f"{name}: RMS |∂L/∂W| = {exact(float(self._figures[run].values[layer]))}"]
        if self.experiment.replicas > 1:
            lines.append(self.look.tr(MEDIAN_ALONE).format(n=self.experiment.replicas))
        dead = network.dead_counts[layer] if network and layer < len(network.dead_counts) else 0
        share = float(self._figures[run].dead[layer])
        if share and not self._pictures[run].has_lines:
            lines.append(self.look.tr("{share} of its units are dead").format(share=share_text(share)))
        if dead:
            total = self.train.runs[run].hidden[layer]
            lines.append(self.look.tr("{n} of {total} units are dead").format(n=dead, total=total))
        return "\n".join(lines)

    def _told_of_unit(self, run: int, network: DrawnNetwork, spot: Spot) -> str:
        tr, unit = self.look.tr, int(network.sample.units[spot.layer][spot.number]) + 1
        if spot.layer == 0:
            return tr("input {i}: {value}").format(i=unit, value=exact(float(network.x[unit - 1])))
        name = layer_text(self.train.runs[run], spot.layer - 1, self.look.language)
        value = exact(float(network.biases[spot.layer - 1][spot.number]))
        text = tr("{layer}, unit {i}: |∂L/∂b| = {value}").format(layer=name, i=unit, value=value)
        dead = spot.layer <= len(network.dead) and network.dead[spot.layer - 1][spot.number]
        return f"{text}\n{tr('dead: on for none')}" if dead else text

    def _told_of_weight(self, run: int, network: DrawnNetwork, spot: Spot) -> str:
        name = layer_text(self.train.runs[run], spot.layer, self.look.language)
        gap, (below, above) = network.sample.gaps[spot.layer], network.sample.units[spot.layer : spot.layer + 2]
        value = exact(float(network.weights[spot.layer][spot.number]))
        text = self.look.tr("{layer}, weight from {a} below to unit {b}: |∂L/∂w| = {value}")
        a, b = int(below[gap.start[spot.number]]) + 1, int(above[gap.stop[spot.number]]) + 1
        return text.format(layer=name, a=a, b=b, value=value)


def shared_decades(past: Past, experiment: Experiment) -> tuple[int, int]:
    """Return the powers of ten between which strengths are told apart, in all runs.

    They are those of the bars' axis, which has room above all bars. Here the strongest are to be bright: so the scale
    ends a decade lower, unless a figure has been above that.
    """
    low, high = decades(past, experiment, PROBE)
    histories = (past.history(run, PROBE)[..., MEDIAN] for run in range(len(experiment.runs)))
    highest = max(float(history.max(initial=0.0, where=np.isfinite(history))) for history in histories)
    return low, high - 1 if highest <= 10.0 ** (high - 1) else high


def output_names(run: TrainRun, data: Split) -> tuple[str, ...]:
    """Return what a run's output units stand for: classes by name or number, or the names of targets."""
    if not data.classes:
        return tuple(column.named()[0] for column in data.targets)
    outputs = layer_sizes(run, data)[-1]
    names = data.names or tuple(map(str, range(max(2, outputs))))
    return names[1:] if outputs == 1 else names


def best_columns(cards: int, width: int, height: int, around: int) -> int:
    """Return in how many columns the networks on cards are nearest to the shape that suits them.

    Empty places are a loss.

    Parameters
    ----------
    around
        How much of the height of a card is above and below its network.
    """

    def loss(columns: int) -> float:
        rows = ceil(cards / columns)
        shape = (width / columns) / max(1.0, height / rows - around)
        return abs(log(max(1e-3, shape) / _BEST_SHAPE)) + log(rows * columns / cards)

    return min(range(1, cards + 1), key=loss)

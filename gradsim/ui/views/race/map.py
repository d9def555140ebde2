"""Races on maps: all optimizers on one, or one small map each, side by side."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil, isfinite, sqrt
from typing import Any, cast

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout

from gradsim.engine.surfaces import Bounds, Surface
from gradsim.engine.surfaces.user_formula import Formula
from gradsim.schema.errors import Phrase
from gradsim.schema.parameters import Choice, encode, parameters
from gradsim.sim.kinds import Experiment
from gradsim.sim.kinds.race.endings import endings
from gradsim.sim.kinds.race.extent import crossed, prepare
from gradsim.sim.kinds.race.legs import rate_at
from gradsim.sim.kinds.race.spec import Race
from gradsim.sim.kinds.race.standing import value_text, where_text
from gradsim.sim.run.changes import measured_in
from gradsim.sim.run.tape import MEDIAN, Past
from gradsim.ui.pieces import Pieces
from gradsim.ui.plots.contours import lines_text
from gradsim.ui.plots.map import MapPlot
from gradsim.ui.plots.map_key import MapKey
from gradsim.ui.plots.plane import stretch_text
from gradsim.ui.plots.trails import Trail
from gradsim.ui.theme import Look
from gradsim.ui.views.common.branches import alone
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.common.view import Card, Place
from gradsim.ui.views.race.race_view import RaceView, lacks_one_surface
from gradsim.words.numbers import exact

_WIDE = 2.8
"""How many times as wide as high a map is at least that takes the whole width of the room."""
_FEW = 4
"""Up to so many runs have their next steps drawn on the map."""
MOST_DESCENTS = 24
"""Of a run with more descents than this, so many are drawn beside the median."""


def trail(view: RaceView, past: Past, run: int, gone: bool, labelled: bool) -> Trail:
    """Return the path of a run; of several descents their median, and each of them as a thin line.

    Labelled, it is on a map with others, and a fork begins where it leaves its parent.
    """
    rows = (view.branches[run] if labelled else alone(view.race.runs[run])).rows(past)
    places = np.stack([past.history(run, name)[:, MEDIAN] for name in ("x", "y")], axis=1)
    pen = view.look.run_pen(run)
    pen.setStyle(Qt.PenStyle.SolidLine)
    pen.setWidthF(1.25 * pen.widthF())
    found = Trail(places[rows.first :], pen, view.names[run] if labelled and not view.look.has_key else "", gone)
    found.marker, found.ink = view.look.run_marker(run), view.look.text_colour(run)
    marks = [marked.at(*places[marked.row].tolist()) for marked in rows.marked]
    found.marks = [mark for mark in marks if isfinite(mark.x) and isfinite(mark.y)]
    if view.race.replicas > 1:
        others = [past.replicas(run, name)[rows.first :, :MOST_DESCENTS] for name in ("x", "y")]
        found.others = np.stack(others, axis=2)
    return found


def start_edit(x: float, y: float) -> Any:
    """Return the edit that lets all runs begin at another place."""

    def edit(table: dict[str, Any]) -> dict[str, Any]:
        return {**table, "start": [x, y]}

    return edit


@dataclass(frozen=True)
class MapOptions(ViewOptions):
    """What maps have a choice of."""

    level_lines: str = Choice(
        "Level lines",
        help="Whether level lines are in equal steps of f, or by rank: as much of the picture between any two.",
        choices=("equal", "rank"),
        labels=("in equal steps", "by rank"),
    ).field("equal")
    arrows: str = Choice(
        "Step arrows",
        help="Whether each path has its next step at its head, and in grey the learning rate times −∇f.",
        choices=("few", "all", "none"),
        labels=("up to 4 runs", "always", "none"),
    ).field("few")


class _Mapped(RaceView):
    """What one map and several have in common."""

    place: Place = "left"
    options_type = MapOptions
    options: MapOptions
    _step = 0

    @classmethod
    def prepare(cls, experiment: Experiment) -> Iterator[None]:
        return prepare(cast(Race, experiment))

    @property
    def home(self) -> Bounds:
        """What is shown at first."""
        return crossed(self._built_for).window

    def __init__(self, experiment: Experiment, look: Look, options: ViewOptions | None = None) -> None:
        super().__init__(experiment, look, options)
        self._built_for = self.race
        self._ahead = Pieces(self)

    def _look_ahead(self, plots: Sequence[MapPlot]) -> Generator[None, None, None]:
        """Find out, in pieces, where the runs of another experiment will go."""
        race = self.race
        for plot in plots:
            plot.forget_ahead()
        yield from prepare(race)
        for plot in plots:
            plot.show_ahead(*crossed(race))

    @property
    def _is_wide(self) -> bool:
        x0, x1, y0, y1 = self.home
        return x1 - x0 > _WIDE * (y1 - y0)

    def _plot(self, small: bool, run: int = 0) -> MapPlot:
        by_rank = self.options.level_lines == "rank"
        surface = self.race.surfaces[run]
        plot = MapPlot(self.look, surface, small, self.home, crossed(self._built_for).first, by_rank)
        plot.show_start(*self.race.start)
        plot.hovered.connect(partial(self._on_hovered, surface))
        plot.start_moved.connect(self._on_start_moved)
        # Later: the ground may have been painted in the middle of a paint.
        plot.lines_changed.connect(self._on_lines_changed, Qt.ConnectionType.QueuedConnection)
        return plot

    def _on_lines_changed(self) -> None:
        raise NotImplementedError

    @property
    def _has_arrows(self) -> bool:
        return self.options.arrows == "all" or (self.options.arrows == "few" and len(self.race.runs) <= _FEW)

    def _trail(self, past: Past, run: int, labelled: bool) -> Trail:
        found = trail(self, past, run, run in past.gone, labelled)
        if self._has_arrows:
            rate = rate_at(self.race, self.race.runs[run], past.step)
            found.downhill = -rate * past.values(run, "gradient")[:, 0]
            found.move = past.values(run, "move")[:, 0]
        return found

    def _on_start_moved(self, x: float, y: float) -> None:
        self.edit_asked.emit(start_edit(x, y))

    def _on_hovered(self, surface: Surface, at: QPointF | None) -> None:
        if at is None:
            self.show_tooltip(None)
            return
        with np.errstate(all="ignore"):
            value = float(surface.value(at.x(), at.y()))
        place = f"x {exact(at.x())}   y {exact(at.y())}\nf(x, y) = {exact(value)}"
        self.show_tooltip("\n".join([place, *self.branch_texts(self._step)]))


class Map(_Mapped):
    """All paths on one map."""

    key = "map"
    wants_key = True
    title = "Map"
    help = "Level lines of the function, and the path of each run from its start."
    order = 10
    swaps_with = "maps"

    @classmethod
    def lacks(cls, experiment: Race) -> Phrase | None:
        return lacks_one_surface(experiment)

    def __init__(self, experiment: Experiment, look: Look, options: ViewOptions | None = None) -> None:
        super().__init__(experiment, look, options)
        if self._is_wide:
            self.place = "upper"
        self.card = Card(look, look.tr(self.race.surface.label), keeps_line=True)
        self.card.set_brief_title(*_shorter(look.tr(self.race.surface.label)))
        self._whole = self.card.add_tool(look.tr("Whole window"), self._on_whole)
        self._whole.setToolTip(look.tr("Show the whole map again."))
        self._paths = self.card.add_tool(look.tr("Around the paths"), self._on_paths)
        self._paths.setToolTip(look.tr("Show the part of the map around the paths."))
        self.card.add_tool(look.tr("Side by side"), self.swap).setToolTip(look.tr("A map for each run (M)"))
        self._map = self._plot(small=False)
        self._map.window_changed.connect(self._on_window_changed)
        self._on_window_changed()
        self.card.body.addWidget(self._map)
        if look.theme.name != "projector":
            self.card.add_below(MapKey(look, self._has_arrows))
        self.box.addWidget(self.card)

    def set_experiment(self, experiment: Experiment) -> None:
        super().set_experiment(experiment)
        self._map.show_start(*self.race.start)
        self._ahead.begin(self._look_ahead([self._map]))

    def take_back(self) -> None:
        self._map.take_back()

    def state(self) -> dict[str, Any]:
        return {} if self._map.wanted is None else {"surface": self.race.surface, "window": self._map.wanted}

    def restore(self, state: Mapping[str, Any]) -> None:
        if state.get("surface") == self.race.surface:
            self._map.show_window(state["window"])

    def paint_ahead(self) -> Iterator[None]:
        yield from self._map.paint_ahead()
        self._on_lines_changed()
        yield from super().paint_ahead()

    def settle(self) -> None:
        self._map.settle()

    def draw(self, past: Past) -> None:
        self._step = past.step
        self._map.show_trails([self._trail(past, i, labelled=True) for i in range(len(self.race.runs))])

    def _on_lines_changed(self) -> None:
        self.card.set_subtitle(*_map_texts(self._map, self.look))

    def _on_window_changed(self) -> None:
        self._whole.setVisible(not self._map.is_whole)
        self._paths.setVisible(self._map.wanted is not None)

    def _on_whole(self) -> None:
        self._map.show_all()

    def _on_paths(self) -> None:
        self._map.show_whole()


class Maps(_Mapped):
    """A small map for each run, on one clock."""

    key = "maps"
    title = "Maps side by side"
    help = "The map once for each run, so that no path covers another."
    order = 20
    swaps_with = "map"

    def __init__(self, experiment: Experiment, look: Look, options: ViewOptions | None = None) -> None:
        super().__init__(experiment, look, options)
        grid = QGridLayout()
        grid.setSpacing(look.metrics.gap)
        self._maps: list[MapPlot] = []
        self._cards: list[Card] = []
        self._told: list[tuple[str, ...]] = [("",)] * len(self.race.runs)
        count = len(self.race.runs)
        columns = 4 if count > 6 else ceil(sqrt(count))
        if self._is_wide:
            columns = 1 if count < 4 else 2
        for i, label in enumerate(self.names):
            card = Card(look, label, colour=look.text_colour(i), keeps_line=True).tell_apart(self.names)
            plot = self._plot(small=True, run=i)
            card.body.addWidget(plot)
            grid.addWidget(card, i // columns, i % columns)
            self._maps.append(plot)
            self._cards.append(card)
        if self.race.has_one_surface:
            self._cards[min(columns, count) - 1].add_tool(look.tr("One map"), self.swap).setToolTip(
                look.tr("All runs on one map (M)")
            )
        self.box.addLayout(grid)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        Card.level(self._cards)

    def set_experiment(self, experiment: Experiment) -> None:
        super().set_experiment(experiment)
        for plot in self._maps:
            plot.show_start(*self.race.start)
        self._ahead.begin(self._look_ahead(self._maps))

    def take_back(self) -> None:
        for plot in self._maps:
            plot.take_back()

    def paint_ahead(self) -> Iterator[None]:
        for plot in self._maps:
            yield from plot.paint_ahead()
        yield from super().paint_ahead()

    def settle(self) -> None:
        for plot in self._maps:
            plot.settle()

    def draw(self, past: Past) -> None:
        gone, ends, self._step = past.gone, endings(self.race, past), past.step
        for i, (plot, card) in enumerate(zip(self._maps, self._cards, strict=True)):
            plot.show_trails([self._trail(past, i, labelled=False)])
            is_brief = self.look.theme.name == "projector"  # the sentence tells the value, in larger exponents
            where = where_text(self.race.surfaces[i], *ends[i].first, self.look.language, with_place=not is_brief)
            rate = f"η {exact(measured_in(self.race.runs[i], past.step).run.optimizer.learning_rate)}"
            texts = [rate, value_text(self.race, past, i), where]
            self._told[i] = (where, rate) if is_brief else ("   ".join(texts), rate)
            card.set_subtitle(*self._subtitles(i))
            card.set_warning(where if i in gone else None)

    def _on_lines_changed(self) -> None:
        for i, card in enumerate(self._cards):
            card.set_subtitle(*self._subtitles(i))

    def _subtitles(self, run: int) -> tuple[str, ...]:
        """Return where a run is, and by how much level lines differ: the same on all maps, which are of one size."""
        plot, look, told = self._maps[run], self.look, self._told[run]
        if look.theme.name == "projector":
            return told
        parts = told[0], lines_text(look, plot.lines, brief=True), stretch_text(look, plot.plane.stretch)
        return "   ".join(part for part in parts if part), *told


def _shorter(title: str) -> list[str]:
    """Return what comes before the first colon of a title, where there is one."""
    return [part for part in re.split("[:：]", title)[:1] if part != title]


def _map_texts(plot: MapPlot, look: Look) -> list[str]:
    """Say by how much level lines differ, by how much the map is stretched if it is, and what it is of.

    The texts after the first are shorter, for where that has no room.
    """
    stretched, formula = stretch_text(look, plot.plane.stretch), _formula(plot.surface, look)
    lines = [lines_text(look, plot.lines), lines_text(look, plot.lines, brief=True)]
    told = [(lines[0], stretched, formula), (lines[0], stretched), (lines[1], stretched)]
    return [look.tr("; ").join(part for part in parts if part) for parts in told]


def _formula(surface: Surface, look: Look) -> str:
    if look.theme.name == "projector":
        return ""
    if isinstance(surface, Formula):
        return f"f(x, y) = {surface.expression}"
    known = parameters(type(surface))
    settings = [f"{look.tr(known[key].label)} {value:g}" for key, value in encode(surface).items()]
    return ", ".join([f"f(x, y) = {surface.formula}", *settings])

"""Races on maps: all optimizers on one, or one small map each, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import ceil, isfinite, sqrt
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QGridLayout

from gradsim.engine.surfaces import Surface
from gradsim.engine.surfaces.user_formula import Formula
from gradsim.schema.parameters import encode, parameters
from gradsim.sim.kinds import Experiment
from gradsim.sim.kinds.race.endings import endings
from gradsim.sim.kinds.race.verdict import value_text, where_text
from gradsim.sim.run.changes import measured_in
from gradsim.sim.run.tape import MEDIAN, Past
from gradsim.ui.plots.map import MapPlot
from gradsim.ui.plots.trails import Trail
from gradsim.ui.theme import Look
from gradsim.ui.views.common.branches import alone
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.common.view import Card
from gradsim.ui.views.race.race_view import RaceView
from gradsim.words.numbers import exact

MOST_DESCENTS = 24
"""Of a run with more descents than this, so many are drawn beside the median."""


def trail(view: RaceView, past: Past, run: int, gone: bool, labelled: bool) -> Trail:
    """Return the path of a run; of several descents their median, and each of them as a thin line.

    Labelled, it is on a map with others, and a fork begins where it leaves its parent.
    """
    rows = (view.branches[run] if labelled else alone(view.race.runs[run])).rows(past)
    places = np.stack([past.history(run, name)[:, MEDIAN] for name in ("x", "y")], axis=1)
    pen = view.look.run_pen(run)
    if not labelled:  # alone on its map
        pen.setStyle(Qt.PenStyle.SolidLine)
    pen.setWidthF(1.25 * pen.widthF())
    found = Trail(places[rows.first :], pen, view.names[run] if labelled else "", gone)
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


class _Mapped(RaceView):
    """What one map and several have in common."""

    place = "left"
    _step = 0

    def _plot(self, small: bool) -> MapPlot:
        plot = MapPlot(self.look, self.race.surface, small)
        plot.show_start(*self.race.start)
        plot.hovered.connect(self._on_hovered)
        plot.start_moved.connect(self._on_start_moved)
        return plot

    def _on_start_moved(self, x: float, y: float) -> None:
        self.edit_asked.emit(start_edit(x, y))

    def _on_hovered(self, at: QPointF | None) -> None:
        if at is None:
            self.show_tooltip(None)
            return
        with np.errstate(all="ignore"):
            value = float(self.race.surface.value(at.x(), at.y()))
        place = f"x {exact(at.x())}   y {exact(at.y())}\nf(x, y) = {exact(value)}"
        self.show_tooltip("\n".join([place, *self.branch_texts(self._step)]))


class Map(_Mapped):
    """All paths on one map."""

    key = "map"
    title = "Map"
    order = 10
    swaps_with = "maps"

    def __init__(self, experiment: Experiment, look: Look, options: ViewOptions | None = None) -> None:
        super().__init__(experiment, look, options)
        self.card = Card(look, look.tr(self.race.surface.label), _formula(self.race.surface, look))
        self._whole = self.card.add_tool(look.tr("Whole window"), self._on_whole)
        self.card.add_tool(look.tr("Side by side"), self.swap)
        self._map = self._plot(small=False)
        self._map.window_changed.connect(self._on_window_changed)
        self._on_window_changed()
        self.card.body.addWidget(self._map)
        self.box.addWidget(self.card)

    def set_experiment(self, experiment: Experiment) -> None:
        super().set_experiment(experiment)
        self._map.show_start(*self.race.start)

    def take_back(self) -> None:
        self._map.take_back()

    def state(self) -> dict[str, Any]:
        return {} if self._map.is_whole else {"surface": self.race.surface, "window": self._map.window_shown}

    def restore(self, state: Mapping[str, Any]) -> None:
        if state.get("surface") == self.race.surface:
            self._map.show_window(state["window"])

    def paint_ahead(self) -> Iterator[None]:
        yield from self._map.paint_ahead()
        yield from super().paint_ahead()

    def settle(self) -> None:
        self._map.settle()

    def draw(self, past: Past) -> None:
        gone, self._step = past.gone, past.step
        runs = range(len(self.race.runs))
        self._map.show_trails([trail(self, past, i, i in gone, labelled=True) for i in runs])

    def _on_window_changed(self) -> None:
        self._whole.setVisible(not self._map.is_whole)

    def _on_whole(self) -> None:
        self._map.show_whole()


class Maps(_Mapped):
    """A small map for each run, on one clock."""

    key = "maps"
    title = "Maps side by side"
    order = 20
    swaps_with = "map"

    def __init__(self, experiment: Experiment, look: Look, options: ViewOptions | None = None) -> None:
        super().__init__(experiment, look, options)
        grid = QGridLayout()
        grid.setSpacing(look.metrics.gap)
        self._maps: list[MapPlot] = []
        self._cards: list[Card] = []
        count = len(self.race.runs)
        columns = 4 if count > 6 else ceil(sqrt(count))
        for i, label in enumerate(self.names):
            card = Card(look, label, colour=look.run_colour(i), keeps_line=True)
            plot = self._plot(small=True)
            card.body.addWidget(plot)
            grid.addWidget(card, i // columns, i % columns)
            self._maps.append(plot)
            self._cards.append(card)
        self._cards[min(columns, count) - 1].add_tool(look.tr("One map"), self.swap)
        self.box.addLayout(grid)

    def set_experiment(self, experiment: Experiment) -> None:
        super().set_experiment(experiment)
        for plot in self._maps:
            plot.show_start(*self.race.start)

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
            plot.show_trails([trail(self, past, i, i in gone, labelled=False)])
            where = where_text(self.race, *ends[i].first, self.look.language)
            rate = f"η {exact(measured_in(self.race.runs[i], past.step).run.optimizer.learning_rate)}"
            card.set_subtitle("   ".join([rate, value_text(past, i, i in gone), where]))
            card.set_warning(where if i in gone else None)


def _formula(surface: Surface, look: Look) -> str:
    if look.theme.name == "projector":
        return ""
    if isinstance(surface, Formula):
        return f"f(x, y) = {surface.expression}"
    known = parameters(type(surface))
    settings = [f"{look.tr(known[key].label)} {value:g}" for key, value in encode(surface).items()]
    return ", ".join([f"f(x, y) = {surface.formula}", *settings])

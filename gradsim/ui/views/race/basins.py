"""Basins of attraction: a map for each run, where each pixel is a start; where it leads, or how soon."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import groupby
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout

from gradsim.engine.optim import Optimizer
from gradsim.engine.surfaces.stationary import Ended, StationaryPoint, stationary_points
from gradsim.runtime.studies import Study
from gradsim.schema.errors import Phrase
from gradsim.sim.kinds import Experiment
from gradsim.sim.kinds.race.basins import CELLS, NONE, SIDE, Basins, basin_maps
from gradsim.sim.kinds.race.racer import minima
from gradsim.sim.kinds.race.spec import Race
from gradsim.sim.kinds.race.standing import KINDS, PLACES, place, where_text
from gradsim.sim.run.changes import phases
from gradsim.sim.run.tape import Past
from gradsim.ui.pieces import Pieces
from gradsim.ui.plots.basin_plot import MOST_NAMED, BasinPlot, Named
from gradsim.ui.plots.legend import Legend, Scale, Swatch
from gradsim.ui.plots.plane import step_text, stretch_text
from gradsim.ui.plots.plot import Colours
from gradsim.ui.theme import Look
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.common.view import Card
from gradsim.ui.views.race.race_view import RaceView, lacks_one_surface
from gradsim.words.numbers import exact
from gradsim.words.numbers import share as _percent

STATIONARY = "#fafafa"
"""The colour of stationary points that are no minimum."""

ELSEWHERE = (Ended.MOVING, Ended.PLATEAU, Ended.OUTSIDE, Ended.DIVERGED)
"""Ends whose colours are a theme's greys, in their order."""

_PALE = 0.3
"""How opaque the basins of other runs are."""

NEVER = "#8c929c"
"""The colour of starts that arrive nowhere, among those of how soon the others do; the scale has no grey."""


def plain(race: Race) -> Race:
    """Return the race with all that its basins do not depend on at its default: equal ones have equal basins."""
    runs = tuple(replace(run, label=str(i)) for i, run in enumerate(race.runs))
    return replace(race, start=race.surface.start, spread=0.0, replicas=1, runs=runs)


class BasinView(RaceView):
    """One map for each run, on colours and a legend that they share."""

    key = "basins"
    title = "Basins of attraction"
    help = "Each start has the colour of the minimum that is reached from it."
    place = "left"
    order = 30
    swaps_with = "arrivals"
    soon: ClassVar[bool] = False
    """Whether colours tell how soon a start arrives, rather than where."""

    @classmethod
    def lacks(cls, experiment: Race) -> Phrase | None:
        return lacks_one_surface(experiment)

    def __init__(self, experiment: Experiment, look: Look, options: ViewOptions | None = None) -> None:
        super().__init__(experiment, look, options)
        self._basins: tuple[Basins, ...] | None = None
        self._outdated = False
        """Whether these are the basins of other runs, shown pale until those of these runs are there."""
        self._pieces = Pieces(self)
        self._card = Card(look, look.tr(self.title), keeps_line=look.theme.name != "projector")
        tool = self._card.add_tool(look.tr("Where to") if self.soon else look.tr("How soon"), self.swap)
        tool.setToolTip(look.tr("Change between where to and how soon (M)"))
        self._grid = QGridLayout()
        self._grid.setSpacing(look.metrics.gap)
        self._parts = [self._made_part(i) for i in range(len(self.race.runs))]
        self._columns = 0
        self._legend = Legend(look)
        # Maps that are as wide as they can be leave room: half of it above them, half below the legend.
        column = QVBoxLayout()
        column.addStretch()
        column.addLayout(self._grid, stretch=1)
        column.addWidget(self._legend)
        column.addStretch()
        self._card.body.addLayout(column)
        self.box.addWidget(self._card)
        self._show()

    def _made_part(self, run: int) -> tuple[Card, BasinPlot]:
        colour = self.look.text_colour(run)
        card = Card(self.look, self.names[run], colour=colour, framed=False, keeps_line=True)
        card.tell_apart(self.names)
        plot = BasinPlot(self.look, self.race.surface)
        plot.hovered.connect(partial(self._on_hovered, run))
        plot.outdated.connect(self._on_outdated)
        # Later: the lines may have been drawn in the middle of a paint.
        plot.lines_changed.connect(self._on_lines_changed, Qt.ConnectionType.QueuedConnection)
        card.body.addWidget(plot)
        return card, plot

    # What is shown

    def study(self) -> Study:
        race = plain(self.race)
        return Study(("basins", race), partial(basin_maps, race))

    def show_study(self, result: Any) -> None:
        before, self._basins = self._known, result
        self._outdated = False
        if before is None or any(new is not old for new, old in zip(result, before, strict=True)):
            self._show()

    def set_experiment(self, experiment: Experiment) -> None:
        before = self.race
        super().set_experiment(experiment)
        self._outdated = self._outdated or plain(self.race) != plain(before)
        self._show()

    @property
    def _known(self) -> tuple[Basins, ...] | None:
        """The basins of these runs, as far as they are known."""
        return None if self._outdated else self._basins

    def paint_ahead(self) -> Iterator[None]:
        yield from self._make_frames()
        for _, plot in self._parts:
            plot.waits = True
            plot.grab()
            yield

    def _make_frames(self) -> Generator[None, None, None]:
        for _, plot in self._parts:
            if not plot.is_settled:
                plot.make_frame()
                yield

    def settle(self) -> None:
        self._pieces.drop()
        for _ in self._make_frames():
            pass

    def _on_outdated(self) -> None:
        if not self._pieces.are_left:
            self._pieces.begin(self._make_frames())

    def draw(self, past: Past) -> None:
        """Nothing depends on the step shown."""

    def _show(self) -> None:
        self._card.set_subtitle(self._subtitle())
        scale = self._scale() if self.soon else None
        for run, (card, plot) in enumerate(self._parts):
            card.set_subtitle(self._subtitle_of(run))
            plot.show_start(*self.race.start)
            plot.show_colours(self._colours(run, scale), self._names(run), 1.0 if self._known else _PALE)
        self._legend.show_entries(self._swatches(scale), scale)

    def _on_lines_changed(self) -> None:
        self._card.set_subtitle(self._subtitle())

    def _subtitle(self) -> str:
        """Return what is shown, by how much level lines differ, and by how much it is stretched if it is."""
        step, stretch = self._parts[0][1].told
        lines = self.look.tr("a level line every {step}").format(step=step_text(step)) if step else ""
        return self.look.tr("; ").join(
            part for part in (stretch_text(self.look, stretch), self._what(), lines) if part
        )

    def _what(self) -> str:
        if self._known is None:
            return self.look.tr("computing …")
        if self.look.theme.name == "projector":
            return ""
        coarsest = max(basins.cell or SIDE for basins in self._known)
        if not self.soon:
            text = self.look.tr("each pixel is a start, its colour where {steps} steps lead; {n} × {n} starts")
        else:
            text = self.look.tr("each pixel is a start, its colour when within {steps} steps it arrives; {n} × {n}")
        return text.format(steps=f"{self.race.steps:,}", n=SIDE // coarsest)

    def _subtitle_of(self, run: int) -> str:
        optimizers = [phase.run.optimizer for phase in phases(self.race.runs[run])]
        brief = self.look.theme.name == "projector"
        text = " → ".join(key for key, _ in groupby(self._named(run, optimizer, brief) for optimizer in optimizers))
        if brief:
            return text
        basins = self._known[run] if self._known else None
        return f"{text}: {self._figure(basins)}" if basins and basins.cell else text

    def _named(self, run: int, optimizer: Optimizer, brief: bool) -> str:
        """Return the rate of an optimizer of a run, and its name where the run is not called so."""
        rate, name = f"η {exact(optimizer.learning_rate)}", self.look.tr(optimizer.label)
        return rate if brief or self.names[run] in (name, optimizer.label) else f"{name}, {rate}"

    def _figure(self, basins: Basins) -> str:
        """Return the share of the starts that lead to a minimum, or the median of the steps that it takes them."""
        to_minimum = self._to_minimum(basins)
        if not self.soon:
            share = _percent(float(to_minimum.mean()))
            return self.look.tr("{share} of starts reach a minimum").format(share=share)
        arrived = basins.arrived[to_minimum & (basins.arrived != NONE)]
        median = f"{np.median(arrived):,.0f}" if arrived.size else "–"
        return self.look.tr("median {n} steps to a minimum").format(n=median)

    def _to_minimum(self, basins: Basins) -> npt.NDArray[np.bool_]:
        """Tell which starts lead to a minimum."""
        points = stationary_points(self.race.surface)
        is_minimum = np.array([*(point.kind == "minimum" for point in points), False])  # the last for NONE
        return np.asarray(is_minimum[basins.at])

    def findings(self) -> Mapping[str, Any]:
        """Return the shares of the starts that lead to a minimum, once all of them are known."""
        if self.soon or not self._known or any(basins.cell != CELLS[-1] for basins in self._known):
            return {}
        return {"shares": [float(self._to_minimum(basins).mean()) for basins in self._known]}

    def _names(self, run: int) -> list[Named]:
        """Return where the minima are, and the share of the starts that each of them gets."""
        known = minima(self.race.surface)
        points = stationary_points(self.race.surface)
        basins = self._known[run] if self._known and not self.soon else None
        names = []
        for point in known if len(known) <= MOST_NAMED else known[:1]:
            share = f"  {_percent(basins.share(Ended.AT, points.index(point)))}" if basins and basins.cell else ""
            names.append(Named(point, place(point) + share))
        return names

    def _colours(self, run: int, scale: Scale | None) -> Colours | None:
        basins = self._basins[run] if self._basins else None
        if basins is None:
            return None
        card = self.look.theme.card
        if scale is None:
            points = [colour for _, colour in self._coloured()]
            colours = [_rgb(colour) for colour in (*self.look.theme.elsewhere, *points, card)]
            # Numbers of Ended from 1 are elsewhere; -1, not known yet, is the last.
            places = np.where(basins.ended == Ended.AT, len(ELSEWHERE) + basins.at, basins.ended - (basins.ended > 0))
            return np.array(colours, np.uint8)[places]
        waiting = (basins.ended == NONE) | (basins.ended == Ended.AT)
        soon = np.round(scale.shares(basins.arrived) * (len(scale.colours) - 1)).astype(int)
        places = np.where(basins.arrived != NONE, soon, np.where(waiting, -1, -2))
        return np.vstack([scale.colours, np.array([_rgb(NEVER), _rgb(card)], np.uint8)])[places]

    def _coloured(self) -> list[tuple[StationaryPoint, str]]:
        found, count, minima_colours = [], 0, self.look.theme.basins
        for point in stationary_points(self.race.surface):
            is_minimum = point.kind == "minimum"
            found.append((point, minima_colours[count % len(minima_colours)] if is_minimum else STATIONARY))
            count += is_minimum
        return found

    def _scale(self) -> Scale | None:
        """Return the colours of the steps it takes to arrive, those of 96 % of all starts that do; ends hold more."""
        text, colours = self.look.tr("steps to arrive"), pg.colormap.get("viridis").getLookupTable(nPts=256)[:, :3]
        arrived = [basins.arrived[basins.arrived != NONE] for basins in self._basins or ()]
        steps = np.concatenate([*arrived, np.empty(0)])
        low, high = np.quantile(steps, (0.02, 0.98)) if len(steps) else (1.0, float(self.race.steps))
        high = max(2.0, high)
        return Scale(colours, max(1.0, min(low, high / 2.0)), high, text)

    def _swatches(self, scale: Scale | None) -> list[Swatch]:
        seen = [(np.unique(basins.ended), np.unique(basins.at)) for basins in self._basins or ()]
        ends = {int(end) for ended, _ in seen for end in ended}
        if scale is not None:
            return [Swatch((NEVER,), self.look.tr("arrives nowhere"))] if ends & set(ELSEWHERE) else []
        at = {int(point) for _, points in seen for point in points}
        return [
            *self._swatches_of_points(at),
            *(
                Swatch((grey,), self.look.tr(PLACES[end]))
                for end, grey in zip(ELSEWHERE, self.look.theme.elsewhere, strict=True)
                if end in ends
            ),
        ]

    def _swatches_of_points(self, seen: set[int]) -> list[Swatch]:
        """Return the legend of the stationary points at which starts end."""
        coloured = [entry for i, entry in enumerate(self._coloured()) if i in seen]
        lows = [(point, colour) for point, colour in coloured if point.kind == "minimum"]
        others = {point.kind for point, _ in coloured} - {"minimum"}
        minimum = self.look.tr(KINDS["minimum"])
        swatches = [Swatch((colour,), f"{minimum} {place(point)}") for point, colour in lows]
        if len(minima(self.race.surface)) > len(self.look.theme.basins) and lows:
            swatches = [Swatch(self.look.theme.basins, self.look.tr("minima, of which several share a colour"))]
        if others:
            kind = self.look.tr(KINDS[others.pop()]) if len(others) == 1 else self.look.tr("other stationary point")
            swatches.append(Swatch((STATIONARY,), kind))
        return swatches

    # Sizes and the mouse

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        x0, x1, y0, y1 = self.race.surface.window
        aspect = (x1 - x0) / (y1 - y0)
        columns = best_columns(len(self._parts), self.width(), self.height(), self.look.metrics.tick, aspect)
        if columns != self._columns:
            self._columns = columns
            for i, (card, _) in enumerate(self._parts):
                self._grid.addWidget(card, i // columns, i % columns)
            for i in range(len(self._parts)):
                self._grid.setColumnStretch(i, int(i < columns))
                self._grid.setRowStretch(i, int(i * columns < len(self._parts)))
        self._limit_heights()

    def _limit_heights(self) -> None:
        """Let maps be no higher than their windows at this width, so that the legend is right below them."""
        gap, columns = self.look.metrics.gap, max(1, self._columns)
        width = (self.width() - 2 * gap - (columns - 1) * gap) // columns
        Card.level([card for card, _ in self._parts])
        for card, plot in self._parts:
            head = card.minimumSizeHint().height() - plot.minimumHeight()
            card.setMaximumHeight(head + plot.height_at(width))

    def _on_hovered(self, run: int, at: QPointF | None) -> None:
        if at is None or self._known is None:
            self.show_tooltip(None)
            return
        x0, x1, y0, y1 = self.race.surface.window
        row = min(int((at.y() - y0) / (y1 - y0) * SIDE), SIDE - 1)
        column = min(int((at.x() - x0) / (x1 - x0) * SIDE), SIDE - 1)
        basins = self._known[run]
        text = f"x {exact(at.x())}   y {exact(at.y())}"
        if basins.ended[row, column] != NONE:
            ended, point = Ended(int(basins.ended[row, column])), int(basins.at[row, column])
            text += f"\n{where_text(self.race.surface, ended, point, self.look.language)}"
        if basins.arrived[row, column] != NONE:
            text += f"\n{self.look.tr('steps to arrive')} {basins.arrived[row, column]:,}"
        self.show_tooltip(text)


class ArrivalView(BasinView):
    """The same starts, coloured by how soon they arrive."""

    key = "arrivals"
    title = "Basins: how soon"
    help = "Each start has the shade of how many steps lead from it to a minimum."
    order = 40
    swaps_with = "basins"
    soon = True


def best_columns(count: int, width: int, height: int, tick: int, aspect: float = 1.0) -> int:
    """Return in how many columns maps `aspect` times as wide as high are largest, without titles and axes."""

    def side(columns: int) -> float:
        return min((width / columns - 4.0 * tick) / aspect, height / -(-count // columns) - 6.0 * tick)

    return max(range(1, count + 1), key=side)


def _rgb(colour: str) -> tuple[int, int, int]:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return red, green, blue

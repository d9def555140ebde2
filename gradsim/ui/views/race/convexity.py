"""Convexity: where each loss of a model curves down, how many starts arrive, and what a chord says of it."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple, cast

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QVBoxLayout

from gradsim.engine.surfaces import Surface
from gradsim.engine.surfaces.stationary import stationary_points
from gradsim.runtime.studies import Study
from gradsim.schema.parameters import Choice, Integer
from gradsim.sim.kinds import Experiment
from gradsim.sim.kinds.race.arrival import TOLERANCE
from gradsim.sim.kinds.race.convexity import (
    BREVITIES,
    ON_CHORD,
    STARTS,
    Chord,
    Convexity,
    alike,
    chord,
    convexity,
    convexity_sentence,
    curvature,
    first_chord,
    rates_of,
)
from gradsim.sim.kinds.race.spec import Race
from gradsim.sim.run.tape import Past
from gradsim.ui.pieces import Pieces
from gradsim.ui.plots.chord_plot import ChordPlot
from gradsim.ui.plots.convexity_plot import ConvexityPlot, Ends
from gradsim.ui.plots.plane import step_text, stretch_text
from gradsim.ui.theme import Look
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.common.sentence import Sentence
from gradsim.ui.views.common.view import Card
from gradsim.ui.views.race.convexity_room import Room
from gradsim.ui.views.race.race_view import RaceView
from gradsim.words.numbers import exact, figure
from gradsim.words.numbers import share as percent
from gradsim.words.sentences import Span, Wording

_ACROSS, _DOWN = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
_SLOTS = (1, 0)
"""The places of two losses in a theme's colours."""


@dataclass(frozen=True)
class ConvexityOptions(ViewOptions):
    """Who descends, and at which rate."""

    run: int = Integer("Run", help="Whose optimizer descends from the grid of starts.", low=1, high=8).field(1)
    rates: str = Choice(
        "Learning rates",
        help="Whether the grid of starts descends at the rate that suits the optimizer on each loss, or the run's.",
        choices=("suited", "own"),
        labels=("suited to each loss", "the run's"),
    ).field("suited")


class _Part(NamedTuple):
    """What is shown of one loss."""

    surface: Surface
    map_card: Card
    map: ConvexityPlot
    key: QLabel
    """What its marks mean; a projector leaves it out."""
    cut_card: Card
    cut: ChordPlot


class ConvexityView(RaceView):
    """A map for each loss, beside them the losses along a line that is dragged on the maps, a sentence above."""

    key = "convexity"
    title = "Convexity"
    help = "Where a loss curves down, and from how many starts descent arrives; losses of one model side by side."
    place = "upper"
    stretch = 3
    order = 45
    options_type = ConvexityOptions
    options: ConvexityOptions

    @classmethod
    def prepare(cls, experiment: Experiment) -> Iterator[None]:
        for surface in dict.fromkeys(cast(Race, experiment).surfaces):
            for each in (surface, *surface.losses.values()):
                stationary_points(each)
                yield

    def __init__(self, experiment: Experiment, look: Look, options: ViewOptions | None = None) -> None:
        super().__init__(experiment, look, options)
        losses = self._alone.surface.losses
        self._look = replace(look, slots=_SLOTS) if len(losses) > 1 else look
        self._found: tuple[Convexity, ...] = ()
        self._pieces = Pieces(self)
        self._chord: Ends | None = None
        """The ends that a viewer has moved, None for those at first."""
        self.sentence = Sentence(self._look)
        self.parts = [self._made_part(i, name, surface) for i, (name, surface) in enumerate(losses.items())]
        column = QVBoxLayout()
        self._halves, maps, self._cuts = QBoxLayout(_ACROSS), QHBoxLayout(), QBoxLayout(_DOWN)
        for box in (column, self._halves, maps, self._cuts):
            box.setSpacing(look.metrics.gap)
        for part in self.parts:
            maps.addWidget(part.map_card, stretch=1)
            self._cuts.addWidget(part.cut_card, stretch=1)
        self._halves.addLayout(maps)
        self._halves.addLayout(self._cuts)
        column.addWidget(self.sentence)
        column.addLayout(self._halves, stretch=1)
        self.box.addLayout(column)
        self._show_chord()
        self._show_found()

    def _made_part(self, at: int, name: str, surface: Surface) -> _Part:
        look = self._look
        told = look.tr(name)
        title = told[:1].upper() + told[1:]
        map_card = Card(look, title, colour=look.text_colour(at), keeps_line=True)
        cut_card = Card(look, look.tr("{name} from A to B").format(name=title), colour=look.text_colour(at),
                        keeps_line=True)  # fmt: skip
        cut_card.set_brief_title(look.tr("A to B"))
        part = _Part(surface, map_card, ConvexityPlot(look, surface, at), QLabel(), cut_card, ChordPlot(look, at))
        map_card.body.addWidget(part.map)
        part.key.setProperty("role", "muted")
        part.key.setTextFormat(Qt.TextFormat.PlainText)
        part.key.setWordWrap(True)
        if look.theme.name != "projector":
            map_card.add_below(part.key)
        cut_card.body.addWidget(part.cut)
        part.map.hovered.connect(partial(self._on_map_hovered, at))
        part.map.chord_moved.connect(self._on_chord_moved)
        part.map.chord_reset.connect(self._on_chord_reset)
        part.map.outdated.connect(self._on_outdated)
        part.map.lines_changed.connect(self._show_subtitles, Qt.ConnectionType.QueuedConnection)
        part.cut.hovered.connect(partial(self._on_cut_hovered, at))
        return part

    # What is found

    @property
    def _run(self) -> int:
        return min(self.options.run, len(self.race.runs)) - 1

    @property
    def _alone(self) -> Race:
        """The race of the run that is chosen."""
        return self.race.alone(self._run)

    @property
    def _as_suits(self) -> bool:
        return self.options.rates == "suited"

    def study(self) -> Study:
        race = alike(self.race, self._run, self._as_suits)
        return Study((self.key, race, self._as_suits), partial(convexity, race, 0, self._as_suits))

    def show_study(self, result: Any) -> None:
        before = self._found or (None,) * len(result)
        # A study that is made once more begins with nothing, which is less than is shown already.
        if result and any(one is not other for one, other in zip(result, before, strict=True)):
            self._found = result
            self._show_found()

    def findings(self) -> Mapping[str, Any]:
        """Return the share of the window where each run's surface curves down."""
        shares = {each.surface: each.share for each in self._found}
        runs = {run: shares[surface] for run, surface in enumerate(self.race.surfaces) if surface in shares}
        return {"curves_down": runs} if runs else {}

    def set_experiment(self, experiment: Experiment) -> None:
        was = alike(self.race, self._run, self._as_suits)
        super().set_experiment(experiment)
        if alike(self.race, self._run, self._as_suits) != was:
            self._found = ()
        self._show_chord()
        self._show_found()

    def draw(self, past: Past) -> None:
        """Nothing depends on the step shown."""

    def _show_found(self) -> None:
        for i, part in enumerate(self.parts):
            part.map.show_found(self._found[i] if self._found else None)
        self._show_subtitles()
        self.sentence.tell(self._told, BREVITIES)

    def _told(self, brevity: int) -> Sequence[Span]:
        if not self._found:
            return [Span(self.look.tr("computing …"))]
        return convexity_sentence(self._found, Wording(self.look.language), brevity)

    def _show_subtitles(self) -> None:
        rates = rates_of(self.race, self._run, self._as_suits)
        for i, (part, rate) in enumerate(zip(self.parts, rates, strict=True)):
            part.map_card.set_subtitle(*self._subtitles(part, self._found[i] if self._found else None))
            part.key.setText(self._key_text(rate))

    def _subtitles(self, part: _Part, found: Convexity | None) -> list[str]:
        """Return the grey line of a map, the longest first."""
        tr = self.look.tr
        step, stretch = part.map.told
        lines = tr("a level line every {step}").format(step=step_text(step)) if step else ""
        hatched = ""
        if found:
            share = percent(found.share)
            hatched = (
                tr("hatched, {share}: curves down").format(share=share) if found.share else tr("curves down nowhere")
            )
        texts = ((stretch_text(self.look, stretch), hatched, lines), (hatched,))
        return [tr("; ").join(filter(None, parts)) for parts in texts]

    def _key_text(self, rate: float) -> str:
        """Say what the marks are, who descends, and for how long."""
        tr, optimizer = self.look.tr, self.race.runs[self._run].optimizer
        text = tr("{n} × {n} starts, {optimizer}, η {rate}; ○ f − f* < {tolerance} after {steps} steps, × not")
        return text.format(
            n=STARTS,
            optimizer=tr(optimizer.label),
            rate=exact(rate),
            steps=f"{self.race.steps:,}",
            tolerance=TOLERANCE,
        )

    # The chord

    @property
    def chord(self) -> Ends:
        """The ends of the chord."""
        return self._chord or first_chord(self._alone)

    def _on_chord_moved(self, ends: Ends) -> None:
        self._chord = ends
        self._show_chord()

    def _on_chord_reset(self) -> None:
        self._chord = None
        self._show_chord()

    def _show_chord(self) -> None:
        for part in self.parts:
            part.map.show_chord(self.chord)
            found = chord(part.surface, *self.chord)
            part.cut.show_chord(found)
            part.cut_card.set_subtitle(*self._verdicts(found))

    def _verdicts(self, found: Chord) -> tuple[str, ...]:
        tr = self.look.tr
        if found.rise > 0.0:
            text = tr("above its chord by up to {rise}: not convex").format(rise=figure(found.rise))
            return text, tr("above its chord")
        return tr("nowhere above its chord"), tr("below its chord")

    def state(self) -> dict[str, Any]:
        return {"surface": self._alone.surface, "chord": self._chord} if self._chord else {}

    def restore(self, state: Any) -> None:
        if state.get("surface") == self._alone.surface:
            self._on_chord_moved(state["chord"])

    # Sizes

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the cuts beside the maps or below them, whichever lets the maps be larger; without room, leave out."""
        super().resizeEvent(event)
        if event.size() == event.oldSize():
            return
        card, high = self.parts[0].map_card, self.height() - self.sentence.heightForWidth(self.width())
        head = card.minimumSizeHint().height() - self.parts[0].map.minimumHeight()
        x0, x1, y0, y1 = self._alone.surface.window
        room = Room(self.width(), high - self.look.metrics.gap, head, self.look.metrics.tick)
        found = room.arranged(len(self.parts), (x1 - x0) / (y1 - y0))
        self._halves.setDirection(_ACROSS if found.is_beside else _DOWN)
        self._cuts.setDirection(_DOWN if found.is_column else _ACROSS)
        for part in self.parts:
            part.cut_card.setVisible(found.has_cuts)
            part.map.set_chord_shown(found.has_cuts)
        self._halves.setStretch(0, found.maps)
        self._halves.setStretch(1, found.cuts if found.has_cuts else 0)

    # Painting ahead

    def paint_ahead(self) -> Iterator[None]:
        yield from self._make_frames()
        for part in self.parts:
            part.map.waits = True
            part.map.grab()
            yield

    def _make_frames(self) -> Generator[None, None, None]:
        for part in self.parts:
            if not part.map.is_settled:
                part.map.make_frame()
                yield

    def settle(self) -> None:
        self._pieces.drop()
        for _ in self._make_frames():
            pass

    def _on_outdated(self) -> None:
        if not self._pieces.are_left:
            self._pieces.begin(self._make_frames())

    # The mouse

    def _on_map_hovered(self, at: int, place: QPointF | None) -> None:
        if place is None:
            self.show_tooltip(None)
            return
        surface = self.parts[at].surface
        x, y = place.x(), place.y()
        with np.errstate(all="ignore"):
            xx, xy, yy = (float(each) for each in surface.hessian(x, y))
            value = float(surface.value(x, y))
        middle, half = (xx + yy) / 2.0, float(np.hypot((xx - yy) / 2.0, xy))
        bend = float(curvature(surface, np.array(x), np.array(y)))
        down = f"\n{self.look.tr('curves down')}" if bend < 0.0 else ""
        self.show_tooltip(
            f"x {exact(x)}   y {exact(y)}\nf {exact(value)}\nλ {exact(middle - half)}, {exact(middle + half)}{down}"
        )

    def _on_cut_hovered(self, at: int, place: QPointF | None) -> None:
        if place is None or not 0.0 <= place.x() <= 1.0:
            self.show_tooltip(None)
            return
        found = chord(self.parts[at].surface, *self.chord)
        i = round(place.x() * (ON_CHORD - 1))
        self.show_tooltip(
            f"{percent(place.x())}\nf {exact(found.values[i])}\n{self.look.tr('chord')} {exact(found.heights[i])}"
        )

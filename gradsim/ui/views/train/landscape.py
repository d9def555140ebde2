"""The path of a real network on the loss, on the plane in which it moves most; and how far that picture is true."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout

from gradsim.runtime.studies import Study
from gradsim.schema.errors import Phrase
from gradsim.schema.parameters import Choice
from gradsim.sim.kinds import Experiment
from gradsim.sim.kinds.train.landscape import (
    FEWEST,
    TRUE_WITHIN,
    Landscape,
    TooFew,
    Track,
    kin,
    landscape,
    landscape_sentence,
    percent,
)
from gradsim.sim.kinds.train.needs import lacks_data
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.kinds.train.studied import found_on_plane
from gradsim.sim.run.tape import Divergence, Keyframes, Past
from gradsim.ui.label import ElidedLabel
from gradsim.ui.plots.contours import lines_text
from gradsim.ui.plots.landscape_map import GridHeights, LandscapeMap
from gradsim.ui.plots.truth_meter import TruthMeter
from gradsim.ui.theme import Look
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.common.sentence import under_sentence
from gradsim.ui.views.common.view import Card
from gradsim.ui.views.train.outcome_view import OneRunOptions
from gradsim.ui.views.train.snapshot_view import ReplicaView
from gradsim.words.numbers import exact, share
from gradsim.words.sentences import BRIEFEST, Span, Wording

_BLANK = " "
"""What gives a line its height."""
_GROWTH = 1.25
"""While the run goes on, the plane is computed anew when the path has so many times as many states."""
_WIDE = 46
"""How many sizes of text wide the view is where there is room for both losses beside the map."""


@dataclass(frozen=True)
class LandscapeOptions(OneRunOptions):
    """Whose paths are shown."""

    paths: str = Choice(
        "Paths",
        help="Whether the plane is that of one run, or of all that have the same loss of the same weights.",
        choices=("all", "one"),
        labels=("of all that share the loss", "of one run"),
    ).field("all")


class LandscapeView(ReplicaView):
    """A map of the loss with the paths, and beside it the true loss and that of the slice."""

    key = "landscape"
    title = "Landscape"
    help = (
        "The path of the weights on the loss, on the plane in which they move most, and whether that plane is true."
    )
    order = 95
    place = "upper"
    stretch = 2
    wants_key = True
    keeps_path = True
    options_type = LandscapeOptions
    options: LandscapeOptions

    def __init__(self, experiment: Experiment, look: Look, options: ViewOptions | None = None) -> None:
        super().__init__(experiment, look, options)
        self._keyframes: Keyframes | None = None
        """The longest path seen: the dot goes back on it, the path does not."""
        self._wanted: Keyframes | None = None
        """That of which the plane is computed."""
        self._has_grid = self._is_done = False
        """Whether the coarsest grid of that plane is known, and the finest."""
        self._step = 0
        self._gone: Sequence[Divergence] = ()
        self.found: Landscape | TooFew | None = None
        """What is shown."""
        self._sentence, column = under_sentence(self.box, look)
        row = QHBoxLayout()
        row.setSpacing(look.metrics.gap)
        column.addLayout(row, stretch=1)
        self._card = Card(look, look.tr("Loss on the plane of the path"), keeps_line=True)
        self._card.set_brief_title(look.tr("Loss"))
        self.map = LandscapeMap(look, self.names)
        self._card.body.addWidget(self.map)
        self._key = ElidedLabel(_BLANK)
        self._key.setProperty("role", "muted")
        if look.theme.name != "projector":
            self._card.add_below(self._key)
        row.addWidget(self._card, stretch=5)
        self._meter_card = Card(look, look.tr("Is the picture true?"), keeps_line=True)
        self.meter = TruthMeter(look, len(self.names))
        self.meter.hide()  # there are no axes before there is something on them
        self._meter_card.body.addWidget(self.meter)
        row.addWidget(self._meter_card, stretch=3)
        self.map.hovered.connect(self._on_hovered)
        self.meter.hovered.connect(self._on_step_hovered)
        self.map.lines_changed.connect(self._show_texts)
        # Later: the window may be in the middle of laying out.
        self.map.aspect_changed.connect(self.study_asked, Qt.ConnectionType.QueuedConnection)

    @classmethod
    def lacks(cls, experiment: Train) -> Phrase | None:
        return lacks_data(experiment)

    # What is computed

    @property
    def _run(self) -> int:
        return min(self.options.run, len(self.train.runs)) - 1

    def _runs(self, keyframes: Keyframes) -> tuple[int, ...]:
        """Return whose paths are shown: the run that was chosen, or where it has diverged another, and its kin."""
        if self.options.paths == "one":
            return (self._run,)
        gone = {each.run for each in self._gone}
        going = [run for run in range(len(self.train.runs)) if run not in gone]
        first = going[0] if going and self._run in gone else self._run
        others = kin(self.train, first, int(keyframes.steps[-1]))
        return (first, *(run for run in others if run != first))

    def set_experiment(self, experiment: Experiment) -> None:
        super().set_experiment(experiment)
        self._keyframes = self._wanted = None
        self._has_grid = self._is_done = False

    def draw(self, past: Past) -> None:
        self._step, self._gone = past.step, past.diverged
        known = 0 if self._keyframes is None else len(self._keyframes.steps)
        if len(past.keyframes.steps) > known:
            self._keyframes = past.keyframes
            self._want()
        self.map.show_step(past.step)
        self.meter.show_step(past.step)
        gone = [each for each in self._gone if self.options.paths == "all" or each.run == self._run]
        self._card.set_warning(self.divergence_texts(gone))
        if not isinstance(self.found, Landscape):
            self._show_texts()

    def _want(self) -> None:
        """Ask for the plane of the path as far as it goes, unless that of one that is little shorter is under way.

        What is under way is seen on a coarse grid at least, or a fast run would have no picture before its end.
        """
        if self._keyframes is None:
            return
        had = 0 if self._wanted is None else len(self._wanted.steps)
        count, last = len(self._keyframes.steps), int(self._keyframes.steps[-1])
        has_grown = count >= _GROWTH * had or last == self.experiment.steps
        if count > had and (had < FEWEST or self._is_done or (self._has_grid and has_grown)):
            self._wanted, self._has_grid, self._is_done = self._keyframes, False, False
            self.study_asked.emit()

    def study(self) -> Study | None:
        keyframes = self._wanted
        if keyframes is None or len(keyframes.steps) < FEWEST:
            return None
        runs = self._runs(keyframes)
        aspect = self.map.aspect
        key = self.key, self.subject, runs, self.replica, aspect, len(keyframes.steps)
        return Study(key, partial(landscape, self.train, keyframes, runs, self.replica, aspect))

    def show_study(self, result: Any) -> None:
        if result is None:
            return
        if result is not self.found:
            self._show_found(result)
        self._has_grid, self._is_done = True, isinstance(result, TooFew) or result.done == 1.0
        self._want()

    def _show_found(self, found: Landscape | TooFew) -> None:
        self.found = found
        if isinstance(found, Landscape):
            self.map.show_landscape(found)
            self.meter.show()
            self.meter.show_landscape(found)
            self.meter.show_step(self._step)
        self._show_texts()

    def findings(self) -> Mapping[str, Any]:
        return found_on_plane(self.found) if isinstance(self.found, Landscape) else {}

    # What is written

    def _show_texts(self) -> None:
        self._sentence.tell(self._told, BRIEFEST + 1)
        found = self.found
        if not isinstance(found, Landscape):
            self._show_what_comes()
            return
        self._card.set_subtitle(*self._map_texts(found))
        self._meter_card.set_subtitle(*self._meter_texts(found))
        text, self._key.shorter = self._key_texts()[0], self._key_texts()[1:]
        self._key.setText(text or _BLANK)
        self._show_title(found)

    def _show_what_comes(self) -> None:
        """Say on the empty cards what is computed for them."""
        tr = self.look.tr
        if self.found is not None:  # a path that spans no plane: the sentence says so
            self._card.set_subtitle("")
            self._meter_card.set_subtitle("")
            return
        first = tr("first the two directions in which the weights move most, then the loss along both")
        self._card.set_subtitle(first, tr("the two directions of the path, then the loss"), tr("computing …"))
        true = tr("then the true loss along the path, and that of the plane")
        self._meter_card.set_subtitle(true, tr("then the true loss"), tr("computing …"))

    def _show_title(self, found: Landscape) -> None:
        """Name the run whose path it is, where there are others."""
        if len(found.tracks) == 1 < len(self.names):
            run = found.tracks[0].run
            title = self.look.tr("{name}: loss on the plane of its path").format(name=self.names[run])
            self._card.rename(title, self.look.text_colour(run))
        else:
            self._card.rename(self.look.tr("Loss on the plane of the path"), self.look.theme.ink)
        Card.level([self._card, self._meter_card])

    def _told(self, brevity: int) -> list[Span]:
        w = Wording(self.look.language, brevity)
        if isinstance(self.found, Landscape):
            return landscape_sentence(self.found, self.names, w)
        known = 0 if self._wanted is None else len(self._wanted.steps)
        if self.found is None and known >= FEWEST:
            return w.sentence(w.fill(w.tr("the plane is being computed")), self.names)
        count = self.found.states if self.found else known
        text = w.tr("a plane takes three different states of the weights; so far there are {n}")
        return w.sentence(w.fill(text, n=str(count)), self.names)

    def _map_texts(self, found: Landscape) -> list[str]:
        """Return the grey line of the map: what is computed, and shorter ones."""
        tr = self.look.tr
        lines, brief = (lines_text(self.look, self.map.lines, short) for short in (False, True))
        if self.look.theme.name == "projector":
            return [lines, brief]
        of = (
            tr("training loss of all {n} samples")
            if found.samples == found.of
            else tr("loss of {n} of {all} samples")
        )
        what = of.format(n=f"{found.samples:,}", all=f"{found.of:,}")
        so_far = "" if found.done == 1.0 else tr("{share} of the grid computed").format(share=share(found.done))
        weights = tr("2 of {n} dimensions").format(n=f"{found.weights:,}")
        whole = [what, weights, lines, self.about_replica(), so_far]
        texts = (whole, [what, lines, so_far], [lines, so_far], [brief, so_far], [brief])
        return [tr("; ").join(filter(None, parts)) for parts in texts]

    def _meter_texts(self, found: Landscape) -> list[str]:
        tr = self.look.tr
        text, brief = tr("log scale; solid: the true loss, dashed: the slice"), tr("solid: true, dashed: slice")
        off = tr("{share} of the states are off").format(share=share(float((found.errors > TRUE_WITHIN).mean())))
        return [tr("; ").join([text, off]), tr("; ").join([brief, off]), brief]

    def _key_texts(self) -> list[str]:
        """Say what dashes mean if there are any, and which runs are not on the plane; the second alone is shorter."""
        tr, found = self.look.tr, self.found
        assert isinstance(found, Landscape)
        shown = {track.run for track in found.tracks}
        others = [name for run, name in enumerate(self.names) if run not in shown and self.options.paths == "all"]
        is_dashed = not all(track.is_true.all() for track in found.tracks)
        dashed = tr("dashed: there the slice misses the true loss by more than 10 %") if is_dashed else ""
        template = tr("no common plane with {names}: another shape or another loss")
        apart = template.format(names=tr(", ").join(others)) if others else ""
        return [tr("; ").join(filter(None, [dashed, apart])), apart or dashed]

    # The mouse and the size

    def paint_ahead(self) -> Iterator[None]:
        yield from self.map.paint_ahead()
        yield from super().paint_ahead()

    def settle(self) -> None:
        self.map.settle()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._meter_card.setVisible(self.width() > _WIDE * self.look.metrics.tick)

    def _on_hovered(self, under: tuple[int, int] | QPointF | None) -> None:
        found = self.found
        if not isinstance(found, Landscape) or under is None:
            self.show_tooltip(None)
        elif not isinstance(under, QPointF):
            self.show_tooltip(self._state_text(found.tracks[under[0]], under[1]))
        else:
            value = float(GridHeights(found.x, found.y, found.losses).value(under.x(), under.y()))
            self.show_tooltip(f"{self.look.tr('loss')} {exact(value)}")

    def _on_step_hovered(self, step: float | None) -> None:
        found = self.found
        if not isinstance(found, Landscape) or step is None:
            self.show_tooltip(None)
            return
        self.show_tooltip("\n".join(self._state_text(track, track.at(round(step))) for track in found.tracks))

    def _state_text(self, track: Track, state: int) -> str:
        """Return both losses of a state, as the pointer is told them."""
        text = self.look.tr("{name}, step {step}: true loss {true}, on the slice {sliced}; {error} off")
        return text.format(
            name=self.names[track.run],
            step=f"{int(track.steps[state]):,}",
            true=exact(float(track.true[state])),
            sliced=exact(float(track.sliced[state])),
            error=percent(float(track.errors[state])),
        )

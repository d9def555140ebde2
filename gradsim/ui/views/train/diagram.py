"""Numbers, weight by weight: one sample forward and backward through a network that is small enough to follow."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from gradsim.engine.data import Split
from gradsim.schema.errors import Phrase
from gradsim.sim.kinds import Experiment
from gradsim.sim.kinds.train.dimensions import layer_sizes
from gradsim.sim.kinds.train.needs import lacks_data
from gradsim.sim.kinds.train.outcome_sentences import Clause
from gradsim.sim.kinds.train.sample_passes import (
    MOST_LAYERS,
    MOST_UNITS,
    Kind,
    SamplePasses,
    Spot,
    number_edit,
    sample_passes,
)
from gradsim.sim.kinds.train.snapshot import Snapshot
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.kinds.train.subject import layer_text
from gradsim.sim.run.tape import Past
from gradsim.ui.panels.typed import number
from gradsim.ui.plots.number_diagram import NumberDiagram
from gradsim.ui.plots.number_drawing import Shown
from gradsim.ui.theme import Look
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.train.diagram_texts import in_one_line, pointed, told
from gradsim.ui.views.train.numbers import NumbersOptions
from gradsim.ui.views.train.outcome_view import OutcomeView, runs_shown
from gradsim.ui.views.train.snapshot_view import Found
from gradsim.words.numbers import amount, exact
from gradsim.words.sentences import Span, Wording

_OF_ONE = "{label}: this sample’s loss is [{loss}], after the next update [{after}]"
_AT_THE_END = "{label}: this sample’s loss is [{loss}]"
RENEWED_S = 0.25
"""How long numbers stay at least while steps follow one another: else nobody could read them."""
_GIVEN: frozenset[Kind] = frozenset({"weight", "bias"})
TEXTS = _OF_ONE, _AT_THE_END
"""All that the sentence says, to be translated."""


class DiagramView(OutcomeView):
    """The diagram of the run that is chosen."""

    key = "diagram"
    title = "Numbers, weight by weight"
    help = "Every number of one sample’s way forward and back: z, a and δ of each unit, weights, and their gradients."
    order = 12
    options_type = NumbersOptions
    options: NumbersOptions

    def __init__(self, experiment: Experiment, look: Look, options: ViewOptions | None = None) -> None:
        self.diagrams: dict[int, NumberDiagram] = {}
        self._after: Mapping[int, tuple[Any, ...]] = {}
        self._stage: int | None = None
        """How much is shown, as :class:`Shown` has it; None for both passes."""
        self._chosen: Spot | None = None
        self._in_motion = False
        self._shown_at = 0.0
        super().__init__(experiment, look, options)
        if look.theme.name == "projector":  # the sentence names the run, and numbers need the room
            for card in self.cards.values():
                card.hide_title()

    @classmethod
    def lacks(cls, experiment: Train) -> Phrase | None:
        gone = lacks_data(experiment)
        if gone:
            return gone
        sizes = [layer_sizes(run, experiment.data.load()) for run in experiment.runs]
        layers, units = max(len(each) - 1 for each in sizes), max(max(each) for each in sizes)
        if layers > MOST_LAYERS:
            template = "it needs at most {most} layers of weights, and this network has {layers}"
            return Phrase(template, most=str(MOST_LAYERS), layers=f"{layers:,}")
        if units > MOST_UNITS:
            template = "it needs at most {most} units a layer, and this network has {units}"
            return Phrase(template, most=str(MOST_UNITS), units=f"{units:,}")
        return None

    @classmethod
    def frame(cls, experiment: Train) -> Hashable:
        return super().frame(experiment), [run.output.key for run in experiment.runs]

    def taker(self) -> Callable[[Snapshot, Split], SamplePasses]:
        return partial(_taken, self.options.sample)

    def wanted_earlier(self, step: int) -> tuple[int, ...]:
        """Return the step after it, if there is one: its weights are what the next update makes."""
        return (step + 1,) if step < self.experiment.steps else ()

    def shown_runs(self) -> Sequence[int]:
        return runs_shown(self.options, len(self.experiment.runs), 1)

    def picture(self, run: int) -> NumberDiagram:
        diagram = self.diagrams[run] = NumberDiagram(self.look, run)
        diagram.hovered.connect(partial(self._on_hovered, run))
        diagram.chosen.connect(self._on_chosen)
        diagram.dragged.connect(self._on_dragged)
        diagram.typed.connect(self._on_typed)
        return diagram

    # What is shown

    def set_in_motion(self, in_motion: bool) -> None:
        self._in_motion = in_motion

    def draw(self, past: Past) -> None:
        if not self._in_motion or time.perf_counter() - self._shown_at >= RENEWED_S:
            super().draw(past)

    def show_found(self, found: Found) -> None:
        self._shown_at = time.perf_counter()
        self._after = dict(found.earlier)
        self.earlier.clear()
        super().show_found(found)

    def show_run(self, run: int, found: SamplePasses) -> None:
        shown = self._shown_of(run, found)
        self.diagrams[run].show_numbers(shown)
        sample = self.look.tr("sample {n} of the training set").format(n=f"{self._sample:,}")
        stage = self._stage_text(run, shown)
        if self.look.theme.name == "projector":
            self.cards[run].set_subtitle(stage)
            return
        about = self.about_replica() if len(self.data.train) == 1 else self.about(sample, self.about_replica())
        how = "" if shown.is_updated else self._how_to_edit()
        self.cards[run].set_subtitle(self.about(stage, about, how), self.about(stage, about), stage)

    def _shown_of(self, run: int, found: SamplePasses) -> Shown:
        after = self._after_of(run)
        depth = len(found.layers)
        last = 2 * depth + (after is not None)
        stage = 2 * depth if self._stage is None else min(self._stage, last)
        chosen = self._chosen if self._chosen is not None and found.has(self._chosen) else None
        chosen = chosen or Spot("weight", depth - 1)
        editable = self._editable(found) - (_GIVEN if stage > 2 * depth else frozenset())
        shown = Shown(found, after, stage, self._names(run), chosen, editable=editable)
        lines = told(self.look, shown)
        if self.look.theme.name == "projector":
            lines = [in_one_line(*lines)]
        return replace(shown, lines=lines)

    def _after_of(self, run: int) -> SamplePasses | None:
        """Return a run's numbers after the next update; None at the last step, and where it diverges by then."""
        found = [runs[run] for runs in self._after.values()]
        return found[0] if found else None

    def _names(self, run: int) -> list[str]:
        spec, tr = self.train.runs[run], self.look.tr
        layers = [layer_text(spec, layer, self.look.language) for layer in range(len(spec.hidden) + 1)]
        return [tr("input"), *layers, tr("target")]

    def _stage_text(self, run: int, shown: Shown) -> str:
        """Say what was shown last."""
        tr, depth, stage = self.look.tr, shown.depth, shown.stage
        if stage == 0:
            return tr("inputs, weights and biases")
        if stage > 2 * depth:
            return tr("weights and biases after the next update")
        if self._stage is None:
            return tr("forward z and a, backward δ = ∂L/∂z")
        layer = stage - 1 if stage <= depth else 2 * depth - stage
        text = tr("forward: {layer}") if stage <= depth else tr("backward: {layer}")
        return text.format(layer=layer_text(self.train.runs[run], layer, self.look.language))

    def _how_to_edit(self) -> str:
        """Say which numbers can be dragged, and why others cannot."""
        tr, can = self.look.tr, self._editable(None)
        if can >= _GIVEN | {"x"}:
            return tr("drag a number, or type it after a double click")
        notes = []
        if "x" not in can:
            notes.append(tr("inputs and targets are those of the data"))
        if "weight" not in can:
            is_start = self.found is not None and self.found.step == 0
            notes.append(
                tr("weights can be dragged with one replica" if is_start else "weights can be dragged at step 0")
            )
        return self.about(*notes)

    def _editable(self, found: SamplePasses | None) -> frozenset[Kind]:
        """Return the kinds of numbers that can be given others."""
        kinds: set[Kind] = set()
        runs = self.train.runs
        is_random = any(run.init.random or run.bias_init.random for run in runs)
        if self.found is not None and self.found.step == 0 and (self.experiment.replicas == 1 or not is_random):
            kinds |= _GIVEN
        if self.train.data.key == "point":
            kinds.add("x")
            if found is None or len(found.output.y) == self.data.train.y.shape[1]:
                kinds.add("y")
        return frozenset(kinds)

    @property
    def _sample(self) -> int:
        """The sample that is followed, from 1."""
        return min(self.options.sample, len(self.data.train))

    def clause(self, found: SamplePasses, label: Span, wording: Wording) -> Clause:
        after = None if label.run is None else self._after_of(label.run)
        if after is None:
            return wording.fill(wording.tr(_AT_THE_END), label.run, label=[label], loss=amount(found.loss))
        text = wording.tr(_OF_ONE)
        return wording.fill(text, label.run, label=[label], loss=amount(found.loss), after=amount(after.loss))

    # Part by part

    def reveal(self, by: int) -> None:
        if self.found is None:
            return
        for run, diagram in self.diagrams.items():
            if diagram.shown is not None:
                last = 2 * diagram.shown.depth + (self._after_of(run) is not None)
                self._stage = (diagram.shown.stage + by) % (last + 1)
        self.show_found(self.found._replace(earlier=self._after))

    def state(self) -> dict[str, Any]:
        return {"stage": self._stage, "chosen": self._chosen}

    def restore(self, state: Mapping[str, Any]) -> None:
        self._stage, self._chosen = state.get("stage"), state.get("chosen")

    # The mouse

    def _on_chosen(self, spot: Spot) -> None:
        self._chosen = spot
        if self.found is not None:
            self.show_found(self.found._replace(earlier=self._after))

    def _on_hovered(self, run: int, spot: Spot | None) -> None:
        known = self.found.runs[run] if self.found else None
        self.show_tooltip(None if spot is None or known is None else pointed(self._names(run), known, spot))

    def _on_dragged(self, spot: Spot, value: float) -> None:
        self.show_tooltip(exact(value))
        self._ask(spot, value)

    def _on_typed(self, spot: Spot, text: str) -> None:
        try:
            value = number(text)
        except ValueError:
            self.show_tooltip(self.look.tr("{given} is not a number").format(given=f"“{text}”"))
            return
        self._ask(spot, value)

    def _ask(self, spot: Spot, value: float) -> None:
        if self.found is not None:
            self.edit_asked.emit(number_edit(spot, value, self.found.runs))

    def take_back(self) -> None:
        for diagram in self.diagrams.values():
            diagram.let_go()


def _taken(sample: int, network: Snapshot, data: Split) -> SamplePasses:
    return sample_passes(network, data, min(sample, len(data.train)) - 1)

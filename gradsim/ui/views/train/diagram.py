"""Numbers, weight by weight: one sample forward and backward through a network that is small enough to follow."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from gradsim.engine.data import Split
from gradsim.runtime.studies import Study
from gradsim.schema.errors import Phrase
from gradsim.sim.kinds import Experiment
from gradsim.sim.kinds.train.dimensions import layer_sizes
from gradsim.sim.kinds.train.needs import lacks_data
from gradsim.sim.kinds.train.number_edits import Edit, given_edit, number_of, sample_edit, start_edit
from gradsim.sim.kinds.train.one_sample import Altered, one_sample
from gradsim.sim.kinds.train.outcome_sentences import Clause
from gradsim.sim.kinds.train.sample_passes import MOST_LAYERS, MOST_UNITS, Kind, SamplePasses, Spot, sample_passes
from gradsim.sim.kinds.train.snapshot import Snapshot
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.kinds.train.subject import layer_text
from gradsim.sim.run.tape import Past
from gradsim.ui.panels.typed import number
from gradsim.ui.plots.number_diagram import NumberDiagram
from gradsim.ui.plots.number_drawing import Shown
from gradsim.ui.theme import Look
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.train.diagram_texts import in_one_line, pointed, scope_text, told
from gradsim.ui.views.train.numbers import NumbersOptions
from gradsim.ui.views.train.outcome_view import MOST_RUNS, OutcomeView, runs_shown
from gradsim.ui.views.train.snapshot_view import Found
from gradsim.words.numbers import amount, exact
from gradsim.words.sentences import Span, Wording

_OF_ONE = "{label}: this sample’s loss is [{loss}], after the next update [{after}]"
_AT_THE_END = "{label}: this sample’s loss is [{loss}]"
RENEWED_S = 0.25
"""How long numbers stay at least while steps follow one another: else nobody could read them."""
_FEW_UNITS = 3
"""With more units in a layer one run is shown, that which is chosen."""
_NUMBERS: frozenset[Kind] = frozenset({"weight", "bias", "x", "y"})
_OF_SAMPLES: frozenset[Kind] = frozenset({"x", "y"})
_LARGEST = 1e6
"""Inputs and targets that are altered lie between minus and plus this."""
TEXTS = _OF_ONE, _AT_THE_END
"""All that the sentence says, to be translated."""


class DiagramView(OutcomeView):
    """A diagram for each of two runs, or for one of more."""

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
        self._altered: tuple[Altered, ...] = ()
        """What of the sample is other than in the data, in this picture alone."""
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
        data = experiment.data.load()
        sizes = [layer_sizes(run, data) for run in experiment.runs]
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
        return partial(_taken, self.options.sample, self._altered)

    def study(self) -> Study | None:
        study = super().study()
        return study and study._replace(key=(study.key, self._altered))

    def wanted_earlier(self, step: int) -> tuple[int, ...]:
        """Return the step after it, if there is one: its weights are what the next update makes."""
        return (step + 1,) if step < self.experiment.steps else ()

    def shown_runs(self) -> Sequence[int]:
        is_small = self._most_units <= _FEW_UNITS and self.look.theme.name != "projector"
        return runs_shown(self.options, len(self.experiment.runs), MOST_RUNS if is_small else 1)

    @property
    def _most_units(self) -> int:
        return max(max(layer_sizes(run, self.data)) for run in self.train.runs)

    def picture(self, run: int) -> NumberDiagram:
        diagram = self.diagrams[run] = NumberDiagram(self.look, run)
        diagram.hovered.connect(partial(self._on_hovered, run))
        diagram.chosen.connect(self._on_chosen)
        diagram.dragged.connect(partial(self._on_dragged, run))
        diagram.typed.connect(partial(self._on_typed, run))
        return diagram

    # What is shown

    def set_in_motion(self, in_motion: bool) -> None:
        super().set_in_motion(in_motion)

    def draw(self, past: Past) -> None:
        if not self.in_motion or time.perf_counter() - self._shown_at >= RENEWED_S:
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
        if self._altered:
            sample = self.look.tr("sample {n}, altered in this picture alone").format(n=f"{self._sample:,}")
        stage = self._stage_text(run, shown)
        if self.look.theme.name == "projector":
            self.cards[run].set_subtitle(self.about(*([sample] if self._altered else []), stage), stage)
            return
        about = self.about_replica() if len(self.data.train) == 1 else self.about(sample, self.about_replica())
        how, brief = self._how_to_edit(shown.editable)
        key = self.look.tr("E: layer by layer")
        parts = [(stage, about, how, key), (stage, about, how), (stage, about, brief), (about, brief), (about,)]
        self.cards[run].set_subtitle(*(self.about(*each) for each in parts))

    def _shown_of(self, run: int, found: SamplePasses) -> Shown:
        after = self._after_of(run)
        depth = len(found.layers)
        last = 2 * depth + (after is not None)
        stage = 2 * depth if self._stage is None else min(self._stage, last)
        chosen = self._chosen if self._chosen is not None and found.has(self._chosen) else None
        chosen = chosen or Spot("weight", depth - 1)
        editable = _OF_SAMPLES if stage > 2 * depth else _NUMBERS
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

    def _how_to_edit(self, editable: frozenset[Kind]) -> tuple[str, str]:
        """Say how numbers are edited, and where they have their new value; the same in fewer words."""
        tr = self.look.tr
        notes = [self._scope_of_weights] if "weight" in editable else []
        notes.append(tr("an empty field: as in the data") if self._altered else self._scope_of_samples)
        notes = list(filter(None, notes))
        how = tr("drag a number, or type it after a double click")
        return self.about(how, *notes), self.about(*(notes or [how]))

    @property
    def _scope_of_weights(self) -> str:
        return scope_text(self.look, self.train, self.found.step if self.found else 0)

    @property
    def _scope_of_samples(self) -> str:
        if not self._is_of_one_sample:
            return self.look.tr("x, y in this picture alone")
        return self.look.tr("x, y from step 0 on") if self.found and self.found.step else ""

    @property
    def _is_of_one_sample(self) -> bool:
        """Whether the data are one sample that the experiment itself gives, so that an edit changes the training."""
        return self.train.data.key == "point"

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
        known = [(run, each.shown.depth) for run, each in self.diagrams.items() if each.shown is not None]
        if not known:
            return
        now = max(2 * depth for _, depth in known) if self._stage is None else self._stage
        stages = 1 + max(2 * depth + (self._after_of(run) is not None) for run, depth in known)
        self._stage = (min(now, stages - 1) + by) % stages
        self._show_again()

    def _show_again(self) -> None:
        if self.found is not None:
            self.show_found(self.found._replace(earlier=self._after))

    def state(self) -> dict[str, Any]:
        altered = (self._sample, self._altered) if self._altered else None
        kept = {"stage": self._stage, "chosen": self._chosen, "altered": altered}
        return {name: value for name, value in kept.items() if value is not None}

    def restore(self, state: Mapping[str, Any]) -> None:
        self._stage, self._chosen = state.get("stage"), state.get("chosen")
        sample, altered = state.get("altered", (0, ()))
        self._altered = altered if sample == self._sample else ()

    # The mouse

    def _on_chosen(self, spot: Spot) -> None:
        self._chosen = spot
        self._show_again()

    def _on_hovered(self, run: int, spot: Spot | None) -> None:
        known = self.found.runs[run] if self.found else None
        self.show_tooltip(None if spot is None or known is None else pointed(self._names(run), known, spot))

    def _on_dragged(self, run: int, spot: Spot, value: float) -> None:
        scope = self._scope_of_samples if spot.kind in _OF_SAMPLES else self._scope_of_weights
        self.show_tooltip(self.about(exact(value), scope))
        self._ask(run, spot, value)

    def _on_typed(self, run: int, spot: Spot, text: str) -> None:
        if not text.strip() and spot.kind in _OF_SAMPLES and not self._is_of_one_sample:
            self._alter([each for each in self._altered if each[:2] != (spot.kind, spot.unit)])
            return
        try:
            value = number(text)
        except ValueError:
            self.show_tooltip(self.look.tr("{given} is not a number").format(given=f"“{text}”"))
            return
        self._ask(run, spot, value)

    def _ask(self, run: int, spot: Spot, value: float) -> None:
        if self.found is None or self.found.runs[run] is None:
            return
        if spot.kind in ("x", "y") and not self._is_of_one_sample:
            problem = self._problem_of(run, spot, value)
            if problem:
                self.show_tooltip(problem)
                self.take_back()
                return
            kept = [each for each in self._altered if each[:2] != (spot.kind, spot.unit)]
            self._alter([*kept, Altered("x" if spot.kind == "x" else "y", spot.unit, value)])
        else:
            self.edit_asked.emit(self._edit(self.found, run, spot, value))

    def _edit(self, found: Found, run: int, spot: Spot, value: float) -> Edit:
        """Return the edit that makes a number another one."""
        if spot.kind in _OF_SAMPLES:
            return sample_edit(spot, value, found.runs[run])
        if found.step:
            return given_edit({run: number_of(spot, value)}, found.step)
        is_random = any(each.init.random or each.bias_init.random for each in self.train.runs)
        if self.experiment.replicas == 1 or not is_random:
            return start_edit(spot, value, found.runs)
        have = [each for each, passes in enumerate(found.runs) if passes is not None and passes.has(spot)]
        return given_edit({each: number_of(spot, value) for each in have}, 0)

    def _alter(self, altered: Sequence[Altered]) -> None:
        """Show the sample with other numbers; the training keeps those of the data."""
        self._altered = tuple(altered)
        self._after = {}
        self.study_asked.emit()

    def _problem_of(self, run: int, spot: Spot, value: float) -> str:
        """Return why a number of the sample cannot be altered so, "" if it can."""
        low, high = (-_LARGEST, _LARGEST) if spot.kind == "x" else self.train.runs[run].output.range
        low, high = max(low, -_LARGEST), min(high, _LARGEST)
        if low <= value <= high:
            return ""
        return self.look.tr("a number from {low} to {high}").format(low=f"{low:,.12g}", high=f"{high:,.12g}")

    def take_back(self) -> None:
        for diagram in self.diagrams.values():
            diagram.let_go()


def _taken(sample: int, altered: Sequence[Altered], network: Snapshot, data: Split) -> SamplePasses:
    one = one_sample(network.run, data, min(sample, len(data.train)) - 1, altered)
    return sample_passes(network, one)

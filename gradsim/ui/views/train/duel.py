"""Squared error against cross-entropy at a sigmoid output: where it is, and what each loss gives it to learn from."""

from __future__ import annotations

from collections.abc import Hashable
from contextlib import suppress
from math import isfinite
from typing import ClassVar, cast

import numpy as np
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gradsim.engine.data import Split
from gradsim.schema.errors import Phrase
from gradsim.schema.parameters import ParameterError
from gradsim.sim.kinds import Experiment
from gradsim.sim.kinds.train.duel import (
    OutputState,
    error_bands,
    gradient_bands,
    output_state,
    right_by,
    single_target,
    start_edit,
)
from gradsim.sim.kinds.train.duel_sentence import duel_sentence
from gradsim.sim.kinds.train.needs import lacks_data, lacks_measurements, lacks_sigmoid_outputs
from gradsim.sim.kinds.train.snapshot import Snapshot
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.run.tape import MEDIAN, Past
from gradsim.ui.plots.loss_factors import Factors, LossFactors
from gradsim.ui.plots.sigmoid_places import Place, SigmoidPlaces
from gradsim.ui.theme import Look
from gradsim.ui.views.common.curves import CurveOptions, Curves
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.common.sentence import under_sentence
from gradsim.ui.views.common.view import Card, Values
from gradsim.ui.views.train.snapshot_view import Found, SnapshotView
from gradsim.ui.views.train.train_view import TrainView
from gradsim.words.numbers import amount, signed
from gradsim.words.sentences import BRIEFEST, Span, Wording

_ROOMY_EM = 26
"""How many heights of type high the view is where there is room for curves over time."""
_TOPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""Where the axes of curves may end."""
_SAME = 1e-6
"""Starts that are no further apart are one."""


class _OutputCurves(Curves, TrainView):
    """What happens at the output over the steps."""

    wants_key = False
    options_type = CurveOptions
    about: ClassVar[tuple[str, str]]
    """What is drawn: of a single output, and of several."""
    _data: Split | None = None
    _kept: tuple[Past, dict[int, Values]] | None = None
    """What was measured up to a step, by run: it is asked for several times a frame."""

    def measured(self, past: Past, run: int) -> Values:
        """Return what the curve of a run is made of, at all steps: (n, 3)."""
        raise NotImplementedError

    def kept(self, past: Past, run: int) -> Values:
        """Return :meth:`measured`, computed once a step."""
        if self._kept is None or self._kept[0] is not past:
            self._kept = past, {}
        if run not in self._kept[1]:
            self._kept[1][run] = self.measured(past, run)
        return self._kept[1][run]

    def bands(self, past: Past, run: int) -> Values:
        return self.kept(past, run)

    def set_experiment(self, experiment: Experiment) -> None:
        with suppress(ParameterError):  # of data that are gone meanwhile, what is shown stays
            self._data = cast(Train, experiment).data.load()
        super().set_experiment(experiment)
        self._kept = None

    @property
    def data(self) -> Split:
        """The samples as they could last be read: their file may be gone since."""
        if self._data is None:
            self._data = self.train.data.load()
        return self._data

    @property
    def smooths(self) -> bool:  # type: ignore[override]
        """Whether there is noise: not in what is measured of a single sample."""
        return not isfinite(self.target)

    @property
    def target(self) -> float:
        """The target of a single output, else NaN."""
        return single_target(self.data)

    @property
    def samples_of(self) -> tuple[int, int]:
        """How many samples are trained on, and how many outputs each has."""
        y = self.data.train.y
        return len(y), y.shape[1]

    def statistic_of(self) -> str:
        if self.look.theme.name == "projector":
            return ""
        return self.look.tr(self.about[not isfinite(self.target)])

    def range(self, past: Past) -> tuple[float, float]:
        bands = [self.bands(past, run) for run in range(len(self.names))]
        most = max(float(np.max(found, where=np.isfinite(found), initial=0.0)) for found in bands)
        return 0.0, next((top for top in _TOPS if top >= most), most)


class OutputOverTime(_OutputCurves):
    """A line for each run: the output itself where there is one of one sample, else how far outputs are off."""

    title = "Output a"
    title_of_several: ClassVar[str] = "How far outputs are off"
    help = "How the output comes to its target."
    about = ("target {y}; {rates}", "RMS of a − y; {rates}")

    def heading(self) -> str:
        return self.title if isfinite(self.target) else self.title_of_several

    def statistic_of(self) -> str:
        y = f"{self.target:g}".replace("-", "−")
        return super().statistic_of().format(y=y, rates=self._rates())

    def _rates(self) -> str:
        """Name the learning rate of all runs, or of each where they differ."""
        rates = [getattr(run.optimizer, "learning_rate", float("nan")) for run in self.train.runs]
        texts = [signed(rate) if isfinite(rate) else "–" for rate in rates]
        if len(set(texts)) == 1:
            return self.look.tr("learning rate {rate}").format(rate=texts[0])
        return self.look.tr("learning rates {rates}").format(rates=", ".join(texts))

    def measured(self, past: Past, run: int) -> Values:
        return error_bands(past, run, self.train.runs[run], *self.samples_of)

    def bands(self, past: Past, run: int) -> Values:
        errors, target = self.kept(past, run), self.target
        return np.asarray(1.0 - errors[:, ::-1]) if target == 1.0 else errors

    def range(self, past: Past) -> tuple[float, float]:
        return (0.0, 1.0) if self.target in (0.0, 1.0) else super().range(past)


class GradientOverTime(_OutputCurves):
    """A line for each run: dL/dz at the output."""

    title = "Gradient norm"
    help = "What the output layer has to learn from."
    about = ("|∂L/∂z|", "RMS of ∂L/∂z")

    def measured(self, past: Past, run: int) -> Values:
        return gradient_bands(past, run, self.train.runs[run], self.samples_of[0])


class DuelView(SnapshotView):
    """The outputs' place on σ and σ′, the two factors of their gradient, and output and gradient over time."""

    key = "duel"
    title = "Loss at a sigmoid output"
    help = "Where the output is on σ, what each loss gives it, and what σ′ leaves of that to learn from."
    order = 14
    place = "upper"
    stretch = 2

    def __init__(self, experiment: Experiment, look: Look, options: ViewOptions | None = None) -> None:
        super().__init__(experiment, look, options)
        self._past: Past | None = None
        self._start: tuple[OutputState | None, ...] = ()
        self._sentence, column = under_sentence(self.box, look)
        row = QHBoxLayout()
        row.setSpacing(look.metrics.gap)
        column.addLayout(row, stretch=1)
        tr = look.tr
        self.places = SigmoidPlaces(look)
        self.places.dragged.connect(self._on_dragged)
        self.places.hovered.connect(self._on_hovered)
        self._where = Card(look, tr("Where the output is"))
        self._where.set_brief_title(tr("Output"))
        self._where.body.addWidget(self.places)
        row.addWidget(self._where, stretch=4 if look.theme.name == "projector" else 3)
        right = QVBoxLayout()
        right.setSpacing(look.metrics.gap)
        row.addLayout(right, stretch=7)
        self.factors = LossFactors(look, self.names)
        self._products = Card(look, tr("One gradient, two factors"))
        self._products.body.addWidget(self.factors)
        right.addWidget(self._products, stretch=1)
        self._below = QWidget()
        self._below.setMinimumHeight(1)  # it is hidden where it has no room
        right.addWidget(self._below, stretch=1)
        below = QHBoxLayout(self._below)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(look.metrics.gap)
        self.curves = (OutputOverTime(experiment, look), GradientOverTime(experiment, look))
        for curves in self.curves:
            below.addWidget(curves, stretch=1)

    @classmethod
    def lacks(cls, experiment: Train) -> Phrase | None:
        return lacks_sigmoid_outputs(experiment) or lacks_measurements(experiment) or lacks_data(experiment)

    @classmethod
    def frame(cls, experiment: Train) -> Hashable:
        is_single = None
        with suppress(ParameterError):
            is_single = isfinite(single_target(experiment.data.load()))
        return super().frame(experiment), is_single

    @classmethod
    def taken(cls, network: Snapshot, data: Split) -> OutputState:
        return output_state(network)

    def wanted_earlier(self, step: int) -> tuple[int, ...]:
        return (0,) if step else ()

    def set_experiment(self, experiment: Experiment) -> None:
        super().set_experiment(experiment)
        self._past = None
        for curves in self.curves:
            curves.set_experiment(experiment)

    def explain(self) -> None:
        super().explain()
        for curves in self.curves:
            curves.explain()

    def draw(self, past: Past) -> None:
        self._past = past
        super().draw(past)
        self._products.set_warning(self.divergence_texts(past.diverged))
        self._draw_curves()

    def _draw_curves(self) -> None:
        if self._past is not None and self._below.isVisibleTo(self):
            for curves in self.curves:
                curves.draw(self._past)

    def show_found(self, found: Found) -> None:
        if found.step == 0:
            self.earlier[0] = found.runs
        self._start = self.earlier.get(0, ())
        self._show_places(found.runs)
        self._show_factors(found.runs)
        self._sentence.tell(self._told, BRIEFEST + 1)

    # Where the outputs are

    def _show_places(self, runs: tuple[OutputState | None, ...]) -> None:
        places = [Place(run, each.z, each.low, each.high) for run, each in enumerate(runs) if each is not None]
        started = [each for each in self._start if each is not None]
        starts: list[float] = []
        for each in started:
            if all(abs(each.z - other) > _SAME for other in starts):
                starts.append(each.z)
        single = next((each for each in started if each.is_single), None)
        self.places.let_drag(self._can_drag)
        self.places.show_places(places, starts, single.y if single else None, self._start_texts(started))
        self._where.set_subtitle(*self._about_places(single is not None))

    def _start_texts(self, started: list[OutputState]) -> tuple[list[str], str]:
        """Say where the first start is, beside σ and beside σ′; where starts differ, nothing."""
        differ = started and max(each.z for each in started) - min(each.z for each in started) > _SAME
        if not started or differ or self.look.theme.name == "projector":
            return [], ""
        first, tr = started[0], self.look.tr
        if first.is_single:
            a = amount(first.a)
            return [tr("start: a = {a}").format(a=a), f"a = {a}"], f"σ′ = {amount(first.a * (1.0 - first.a))}"
        return [tr("start: mean z = {z}").format(z=signed(round(first.z, 2)))], ""

    def _about_places(self, is_single: bool) -> list[str]:
        tr = self.look.tr
        if self.look.theme.name == "projector":
            return [tr("σ above, σ′ below")]
        drag = tr("drag the start along") if self._can_drag else ""
        if is_single:
            return [tr("; ").join(filter(None, (tr("σ above, σ′ below"), drag))), drag or tr("σ above, σ′ below")]
        what = tr("dot: mean z of all outputs; thick: nine in ten")
        parts = [what, self.about_replica(), drag], [what, drag], [tr("dot: mean z"), drag], [tr("dot: mean z")]
        return [tr("; ").join(filter(None, part)) for part in parts]

    @property
    def _can_drag(self) -> bool:
        """Whether biases at the start are given numbers, so that others can be given."""
        return None not in self._start and not any(run.bias_init.random for run in self.train.runs)

    def _on_dragged(self, start: float, z: float) -> None:
        biases = [each.biases for each in self._start if each is not None]
        self.show_tooltip(f"z = {signed(z)}")
        self.edit_asked.emit(start_edit(biases, z - start))

    def take_back(self) -> None:
        self.places.let_go()
        if self.found is not None:
            self._show_places(self.found.runs)

    def _on_hovered(self, z: float | None) -> None:
        if z is None or self.found is None:
            self.show_tooltip(None)
            return
        lines = []
        for name, each in zip(self.names, self.found.runs, strict=True):
            if each is not None:
                numbers = f"∂L/∂a {amount(each.error)}   ∂L/∂z {amount(each.delta)}"
                lines.append(f"{name}: z {signed(each.z)}   {numbers}")
        self.show_tooltip("\n".join(lines))

    # Factors and sentence

    def _show_factors(self, runs: tuple[OutputState | None, ...]) -> None:
        tr = self.look.tr
        notes = tr("what is left to learn from"), tr("= a − y: σ′ has cancelled")
        self.factors.show_factors(list(map(_factors, runs)), list(map(_factors, self._start)), notes)
        formula = tr("∂L/∂z = ∂L/∂a × σ′(z); log scale, so factors are lengths")
        if self.look.theme.name == "projector":
            self._products.set_subtitle("∂L/∂z = ∂L/∂a × σ′(z)")
        elif any(each is not None and not each.is_single for each in runs):
            mean = tr("RMS over samples and units, of one sample’s loss")
            self._products.set_subtitle(tr("; ").join((formula, mean)), formula, "∂L/∂z = ∂L/∂a × σ′(z)")
        else:
            self._products.set_subtitle(formula, "∂L/∂z = ∂L/∂a × σ′(z)")

    def _since(self) -> list[int]:
        """Return by which step each run's output was on its target's side."""
        past = self._past
        if past is None:
            return [-1] * len(self.names)
        output = self.curves[0]
        return [right_by(output.kept(past, run)[:, MEDIAN], past.steps) for run in range(len(self.names))]

    def _told(self, brevity: int) -> list[Span]:
        if self.found is None:
            return []
        return duel_sentence(self.found.runs, self.names, self._since(), Wording(self.look.language, brevity))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._below.setVisible(self.height() > _ROOMY_EM * self.look.metrics.tick)
        self._draw_curves()


def _factors(state: OutputState | None) -> Factors | None:
    return None if state is None else Factors(state.error, state.delta, state.cancels, state.is_single)

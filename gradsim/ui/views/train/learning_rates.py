"""How far each run in training would have come with other learning rates."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradsim.engine.types import Array
from gradsim.runtime.studies import Study
from gradsim.sim.kinds import Experiment
from gradsim.sim.kinds.train.rates import DECADES, MEAN_OF, alike, nothing_of, rates_of, sweep
from gradsim.sim.run.sweep import Sweep
from gradsim.sim.run.tape import Past
from gradsim.ui.theme import Look
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.common.rate_strip import RateStrip
from gradsim.ui.views.common.view import Values
from gradsim.ui.views.train.train_view import TrainView
from gradsim.words.numbers import figure

_DEEPEST = 6
"""How many decades the axis has at most, its end in the highest start."""
_ABOVE = 0.15
"""How much of a decade above the start is shown: what has become worse leaves the picture."""


class LearningRates(RateStrip, TrainView):
    """Loss at the step shown against the learning rate, a line for each run; computed from coarse to fine."""

    key = "learning_rates"
    title = "Loss against learning rate"
    help = "The loss that each run would have come to with other learning rates; the dots are the runs' own."
    order = 90
    place = "right"
    stretch = 3
    decades = DECADES

    def __init__(self, experiment: Experiment, look: Look, options: ViewOptions | None = None) -> None:
        self._is_stopped = False
        super().__init__(experiment, look, options)
        self._tool = self._card.add_tool(look.tr("Stop"), self._on_tool)
        self._show_tool()

    def study(self) -> Study | None:
        if self._is_stopped:
            return None
        train = self.train
        return Study(("learning rates", alike(train), train.data.version), lambda: sweep(train))

    def _on_tool(self) -> None:
        """Stop trying rates, or begin again."""
        self._is_stopped = not self._is_stopped
        self.study_asked.emit()
        self._show_tool()

    def show_study(self, result: Any) -> None:
        super().show_study(result)
        self._show_tool()

    def _show_tool(self) -> None:
        assert self._sweep is not None
        self._tool.setText(self.look.tr("Try again") if self._is_stopped else self.look.tr("Stop"))
        self._tool.setVisible(self._sweep.done < 1.0 and self.look.theme.name != "projector")

    def _computed_rates(self) -> Array:
        return rates_of(self.train)

    def _begun(self) -> Sweep:
        return nothing_of(self.train)

    def _own_values(self, past: Past) -> Values:
        losses = [past.replicas(run, "loss")[-MEAN_OF:, 0] for run in range(len(self.train.runs))]
        return np.asarray([loss.mean() for loss in losses], np.float64)

    def _heights(self, values: Values) -> Values:
        with np.errstate(divide="ignore"):
            return np.asarray(np.log10(values))

    def _y_range(self, heights: Values) -> tuple[float, float]:
        assert self._sweep is not None
        starts = self._heights(self._sweep.values(0))
        if self._own is not None:
            heights = np.concatenate([heights.ravel(), self._heights(self._own)])
        known = starts[np.isfinite(starts)] if np.isfinite(starts).any() else heights[np.isfinite(heights)]
        top = float(known.max(initial=-np.inf)) if known.size else 0.0
        high = top + _ABOVE
        low = float(heights[np.isfinite(heights)].min(initial=top))
        return max(np.floor(min(low, high - 1.0)), high - _DEEPEST), high

    def _subtitles(self) -> tuple[str, ...]:
        tr = self.look.tr
        if self._sweep is None or self.look.theme.name == "projector":
            return (tr("loss after {n} steps").format(n=f"{self._step:,}"),)
        step = self._sweep.step(self._step)
        texts = [
            tr("mean loss of {mean} batches after {n} steps; replica 1; drag a dot"),
            tr("loss after {n} steps; drag a dot"),
        ]
        if self._sweep.done < 1.0:
            so_far = tr("{share} % of the rates tried")
            texts = [f"{text}; {so_far}" for text in texts] + [so_far]
        return tuple(text.format(mean=MEAN_OF, n=f"{step:,}", share=int(100 * self._sweep.done)) for text in texts)

    def _told(self, run: int, value: float) -> str:
        return f"{self.look.tr('loss')} {figure(value)}"

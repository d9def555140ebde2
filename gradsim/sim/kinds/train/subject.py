"""A run at the step shown, as sentences speak of it: its names, its layers, what was measured of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradsim.sim.kinds.train.spec import TrainRun
from gradsim.sim.run.changes import measured_in
from gradsim.sim.run.tape import MEDIAN, Past, middle
from gradsim.words.languages import translate
from gradsim.words.sentences import Span, Wording


@dataclass(frozen=True)
class Subject:
    """One run at the step shown, and how it is put into words."""

    index: int
    label: str
    run: TrainRun
    past: Past
    wording: Wording
    training: int
    """How many samples the training set has; 0 where the data can no longer be read."""

    @property
    def name(self) -> list[Span]:
        """The run's name, in its colour."""
        return [Span(self.label, self.index)]

    @property
    def compared(self) -> tuple[int, int]:
        """The layers whose speeds are compared."""
        return compared_layers(self.run)

    def layer(self, layer: int) -> str:
        """Return what a layer is called within a sentence."""
        return spoken_layer(self.run, layer, self.wording.language)

    @property
    def first(self) -> str:
        """The name of the first layer."""
        return self.layer(self.compared[0])

    @property
    def last(self) -> str:
        """The name of the layer that it is compared with."""
        return self.layer(self.compared[1])

    def medians(self, probe: str) -> list[float]:
        """Return the median over replicas of what is measured at each layer."""
        return [float(value) for value in self.past.band(self.index, probe)[:, MEDIAN]]

    def epoch_medians(self, probe: str) -> list[float]:
        """Return the median over replicas of what is measured on batches at each layer, over the last epoch.

        It is the mean of as many of the last rows as cover the training set once, so that it speaks of all of it
        and not of one batch; of fewer at the start, and after a change of the run of those since.
        """
        rows = self.past.replicas(self.index, probe)[-self._rows_an_epoch() :]
        return [float(value) for value in middle(rows.mean(axis=0))]

    def _rows_an_epoch(self) -> int:
        """Return how many of the last rows make an epoch; their batches are of one size."""
        phase = measured_in(self.run, self.past.step)
        size = phase.run.batch_size
        if isinstance(size, str) or size >= self.training:
            return 1
        since = int((self.past.steps > phase.first).sum()) if phase.number else len(self.past.steps)
        return max(1, min(-(-self.training // size), since))

    def ratio(self, probe: str = "grad_rms") -> float:
        """Return how many times smaller a quantity is at the first layer than at the one it is compared with."""
        return slowdown(self.past, self.index, self.run, probe)

    def known(self, name: str) -> float:
        """Return the median of what is not measured at each step, as it was measured last."""
        return last_known(self.past, self.index, name)


def compared_layers(run: TrainRun) -> tuple[int, int]:
    """Return the layers whose speeds are compared: the first, and the last hidden or the output."""
    return 0, max(len(run.hidden) - 1, 1 if run.hidden else 0)


def slowdown(past: Past, index: int, run: TrainRun, probe: str = "grad_rms") -> float:
    """Return how many times smaller the first layer's gradient is: median over replicas.

    The ratio of the RMS gradient of the last hidden layer to that of the first,
    replica by replica; inf where the first layer's gradient is zero. Replicas
    in which both are zero have no ratio; NaN if that is so in half of them.
    """
    first, last = compared_layers(run)
    values = past.values(index, probe)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = values[last] / values[first]
    known = ratios[~np.isnan(ratios)]
    return float(middle(known)) if 2 * len(known) > len(ratios) else float("nan")


def last_known(past: Past, index: int, name: str) -> float:
    """Return a run's median of what is not measured at each step as it was measured last; NaN if it never was."""
    medians = past.history(index, name)[:, MEDIAN]
    known = np.flatnonzero(~np.isnan(medians))
    return float(medians[known[-1]]) if len(known) else float("nan")


def layer_text(run: TrainRun, layer: int, language: str) -> str:
    """Return the name of a layer (0 is the first with weights) in a language, such as ``hidden 3``."""
    if layer == len(run.hidden):
        return translate("output", language)
    return f"{translate('hidden', language)} {layer + 1}"


def spoken_layer(run: TrainRun, layer: int, language: str) -> str:
    """Return the name of a layer within a sentence, such as ``layer 3``: pictures number the layers so."""
    if layer == len(run.hidden):
        return translate("the output layer", language)
    return translate("layer {n}", language).format(n=layer + 1)

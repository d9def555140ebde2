"""The fit of a number by one input: what the networks predict along it, among the samples."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPointF

from gradsim.engine.data import Samples, Split
from gradsim.engine.types import Array
from gradsim.sim.kinds.train.checks import has_line
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.run.tape import BAND, HIGH, LOW, MEDIAN
from gradsim.ui.plots.curve import BandedLine
from gradsim.ui.plots.sample_marks import SampleMarks
from gradsim.ui.theme import Look, mixed
from gradsim.ui.views.common.scale import within_reach
from gradsim.ui.views.common.view import Values
from gradsim.ui.views.train.over_inputs import MOST_SAMPLES, OverInputs, Part, RunPicture, around

PLACES = 200
"""In so many places the networks are asked."""


class FittedLine(RunPicture):
    """The line of one run, with a band over seeds."""

    def __init__(self, look: Look, run: int, label: str, show_tooltip: Callable[[str | None], None]) -> None:
        super().__init__(look, run, label, show_tooltip)
        self.x: Values = np.linspace(0.0, 1.0, PLACES)
        self._y = (0.0, 1.0)
        self.bands: Values | None = None
        self._curve = BandedLine(look.run_pen(run), mixed(look.run_colour(run), look.theme.card, 0.25), headed=False)
        for item in (self._curve.band, self._curve):
            self.plot.add(item)

    @classmethod
    def inputs(cls, data: Split) -> Array:
        return _places(data)[:, None]

    def show_samples(self, data: Split) -> None:
        self.x, y = _places(data), around(np.concatenate([data.train.y, data.test.y]), 2)
        self._y = float(y[0]), float(y[-1])
        self.set_ranges(self.x, y)
        hollow = [self._points(data.test, "test")] if len(data.test) else []
        self.show_marks([*hollow, self._points(data.train, "train")])
        for mark in self._marks:
            mark.setZValue(-5)  # the line is what is looked at

    def _points(self, samples: Samples, part: Part) -> SampleMarks:
        most = MOST_SAMPLES[part]
        return self.marks(np.hstack([samples.x[:most], samples.y[:most]]), part, self.look.theme.muted)

    def draw(self, predictions: Array) -> None:
        self.bands = np.quantile(predictions[..., 0].astype(np.float64), BAND, axis=0).T
        shown = within_reach(self.bands, self._y)
        self._curve.show_points(self.x, shown[:, LOW], shown[:, MEDIAN], shown[:, HIGH])

    def clear(self) -> None:
        self.bands = None
        self._curve.show_points(*np.empty((4, 0)))

    def text(self, place: QPointF) -> str | None:
        if self.bands is None:
            return None
        at = int(np.abs(self.x - place.x()).argmin())
        low, middle, high = self.bands[at]
        return f"{self.x[at]:.3g}: {middle:.4g}   ({low:.4g} … {high:.4g})"


class Fit(OverInputs):
    """The prediction along the one input of a regression."""

    key = "fit"
    title = "Fit"
    help = "What the network predicts for each input, and the samples."
    order = 80
    picture = FittedLine

    @classmethod
    def suits(cls, experiment: Train) -> bool:
        return has_line(experiment)


def _places(data: Split) -> Values:
    """Return the places along the input at which the networks are asked."""
    return around(np.concatenate([data.train.x, data.test.x]), PLACES)

"""The fit of a number by one input: what the networks predict along it, among the samples."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPointF

from gradsim.engine.data import Column, Samples, Split
from gradsim.engine.types import Array
from gradsim.schema.errors import Phrase
from gradsim.sim.kinds.train.needs import lacks_line
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.run.tape import BAND, HIGH, LOW, MEDIAN
from gradsim.ui.plots.curve import BandedLine
from gradsim.ui.plots.plot import tick_text
from gradsim.ui.plots.sample_legend import Key
from gradsim.ui.plots.sample_marks import SampleMarks
from gradsim.ui.theme import Look, mixed
from gradsim.ui.views.common.scale import within_reach
from gradsim.ui.views.common.view import MEDIAN_AND_BAND, Values
from gradsim.ui.views.train.over_inputs import (
    MOST_SAMPLES,
    OverInputs,
    Part,
    RunPicture,
    around,
    column_of,
    mark_key,
    with_unit,
)
from gradsim.words.numbers import amount

PLACES = 200
"""In so many places the networks are asked."""
_NEAR_EDGE = 0.92
"""How high it is said that a line is above."""


class FittedLine(RunPicture):
    """The line of one run, with a band over seeds."""

    def __init__(
        self, look: Look, run: int, label: str, show_tooltip: Callable[[str | None], None], is_small: bool
    ) -> None:
        super().__init__(look, run, label, show_tooltip, is_small)
        self.x: Values = np.linspace(0.0, 1.0, PLACES)
        self._y, self._spacing = (0.0, 1.0), 1.0
        self._columns = Column("x"), Column("y")
        self.bands: Values | None = None
        self._curve = BandedLine(look.run_pen(run), mixed(look.run_colour(run), look.theme.card, 0.25), headed=False)
        for item in (self._curve.band, self._curve):
            self.plot.add(item)

    @classmethod
    def inputs(cls, data: Split) -> Array:
        return _places(data)[:, None]

    @classmethod
    def columns(cls, data: Split) -> tuple[Column, Column]:
        return column_of(data.inputs, 0, "x"), column_of(data.targets, 0, "y")

    @classmethod
    def keys(cls, experiment: Train, data: Split, look: Look) -> list[Key]:
        keys = [mark_key(look, look.tr("training set"), "train", look.theme.muted)]
        if len(data.test):
            keys.append(mark_key(look, look.tr("test set"), "test", look.theme.muted))
        return keys

    def show_samples(self, data: Split) -> None:
        self._columns = self.columns(data)
        self.x = self._columns[0].own(_places(data))
        y = around(self._columns[1].own(np.concatenate([data.train.y, data.test.y])), PLACES)
        self._y, self._spacing = (float(y[0]), float(y[-1])), float(y[1] - y[0])
        self.set_ranges(self.x, y, self._columns)
        hollow = [self._points(data.test, "test")] if len(data.test) else []
        self.show_marks([self._points(data.train, "train"), *hollow])
        for mark in self._marks:
            mark.setZValue(-5)  # the line is what is looked at

    def _points(self, samples: Samples, part: Part) -> SampleMarks:
        most = MOST_SAMPLES[part]
        x, y = (
            column.own(values[:most]) for column, values in zip(self._columns, (samples.x, samples.y), strict=True)
        )
        return self.marks(np.hstack([x, y]), part, self.look.theme.muted)

    def draw(self, predictions: Array) -> None:
        self.bands = self._columns[1].own(np.quantile(predictions[..., 0].astype(np.float64), BAND, axis=0).T)
        shown = within_reach(self.bands, self._y)
        self._curve.show_points(self.x, shown[:, LOW], shown[:, MEDIAN], shown[:, HIGH])
        self._say_where()

    def _say_where(self) -> None:
        """Say of a line that is nowhere among the samples on which side of them it is."""
        low, high = self._y
        if self.bands is not None and (self.bands[:, LOW] > high).all():
            self.plot.say(self.look.tr("line above"), _NEAR_EDGE)
        elif self.bands is not None and (self.bands[:, HIGH] < low).all():
            self.plot.say(self.look.tr("line below"), 1.0 - _NEAR_EDGE)
        else:
            self.plot.say("")

    def clear(self) -> None:
        self.bands = None
        self._curve.show_points(*np.empty((4, 0)))
        self._say_where()

    def text(self, place: QPointF) -> str | None:
        if self.bands is None:
            return None
        at = int(np.abs(self.x - place.x()).argmin())
        low, middle, high = self.bands[at]
        x, y = self._columns
        where, what = with_unit(x, self.x[at], self.x[1] - self.x[0]), with_unit(y, middle, self._spacing)
        ends = " … ".join(tick_text(end, self._spacing) for end in (low, high))
        return self.look.tr("{where}: {what} ({ends})").format(where=where, what=what, ends=ends)


class Fit(OverInputs):
    """The prediction along the one input of a regression."""

    key = "fit"
    title = "Fit"
    help = "What the network predicts for each input, and the samples."
    order = 80
    picture = FittedLine
    scored = "loss"
    spread = MEDIAN_AND_BAND

    @classmethod
    def lacks(cls, experiment: Train) -> Phrase | None:
        return lacks_line(experiment)

    def score_name(self, tested: bool) -> str:
        return self.look.tr("test loss" if tested else "batch loss")

    def score_text(self, value: float) -> str:
        return amount(value)


def _places(data: Split) -> Values:
    """Return the places along the input at which the networks are asked."""
    return around(np.concatenate([data.train.x, data.test.x]), PLACES)

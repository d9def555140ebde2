"""Pictures of what the networks say over all inputs, among the samples: one plot per run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, ClassVar, Literal

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QBrush, QColor, QPen
from PySide6.QtWidgets import QGridLayout

from gradsim.engine.data import Column, Split
from gradsim.engine.types import Array
from gradsim.schema.parameters import ParameterError
from gradsim.sim.kinds import Experiment
from gradsim.sim.kinds.train.predictions import MAX_SEEDS, Predictor
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.kinds.train.subject import last_known
from gradsim.sim.run.tape import Past
from gradsim.ui.plots.bare_plot import BarePlot
from gradsim.ui.plots.framed import Framed
from gradsim.ui.plots.plot import Plot, ValueAxis, tick_text
from gradsim.ui.plots.sample_legend import Key, SampleLegend
from gradsim.ui.plots.sample_marks import SampleMarks
from gradsim.ui.theme import Look
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.common.view import MEDIAN_ALONE, Card, Values
from gradsim.ui.views.train.train_view import TrainView

MOST_SAMPLES = {"train": 250, "test": 80}
"""Of more samples than this, the first are drawn."""
MOST_IN_A_ROW = 3
_MARGIN = 0.08
_SMALLER = 0.55
_REACH = 0.1
"""How far a mark reaches at most beyond its place, in shares of the plot."""

Part = Literal["train", "test"]


class RunPicture:
    """The plot of one run.

    Parameters
    ----------
    show_tooltip
        Shows a text beside the pointer, or hides it.
    is_small
        Whether it is one of many: then its marks are smaller, and its axes are told on the card of all.
    """

    def __init__(
        self, look: Look, run: int, label: str, show_tooltip: Callable[[str | None], None], is_small: bool
    ) -> None:
        self.look, self.run, self.label, self.is_small = look, run, label, is_small
        self.score = ""
        """How good the run is, as it is told on the card."""
        self._show_tooltip = show_tooltip
        self._left = ValueAxis("left", look)
        self.plot = BarePlot(look) if is_small else Plot(look, self._left, ValueAxis("bottom", look))
        self.plot.hovered.connect(self._on_hovered)
        self.card = Card(look, label, colour=look.text_colour(run), framed=False, keeps_line=not is_small)
        self.frame = Framed(look, self.plot)
        self.card.body.addWidget(self.frame)
        self._marks: list[SampleMarks] = []

    @classmethod
    def inputs(cls, data: Split) -> Array:
        """Return the inputs (N, features) about which the networks are asked."""
        raise NotImplementedError

    def show_samples(self, data: Split) -> None:
        """Show the samples of these data, in ranges that hold them all."""
        raise NotImplementedError

    def draw(self, predictions: Array) -> None:
        """Show predictions (seeds, N, outputs) of :meth:`inputs`."""
        raise NotImplementedError

    def clear(self) -> None:
        """Show the samples alone."""
        raise NotImplementedError

    def text(self, place: QPointF) -> str | None:
        """Return what there is to say of a place."""
        raise NotImplementedError

    @classmethod
    def columns(cls, data: Split) -> tuple[Column, Column]:
        """Return what lies along x and y."""
        raise NotImplementedError

    @classmethod
    def keys(cls, experiment: Train, data: Split, look: Look) -> list[Key]:
        """Return what the legend says of the marks and lines of all runs."""
        raise NotImplementedError

    def set_ranges(self, x: Array, y: Array, columns: tuple[Column, Column], one_unit: bool = False) -> None:
        """Show what lies between the ends of `x` and `y`, which are these columns in their own units."""
        low, high = float(y[0]), float(y[-1])
        self.plot.set_ranges(x=(float(x[0]), float(x[-1])), y=(low, high))
        self.plot.left_width(self._left.labels(low, high))
        ratio = float(x[-1] - x[0]) / (high - low) if one_unit else 0.0
        titles = ("", "") if self.is_small else (columns[0].name, columns[1].name)
        self.frame.show_frame(*titles, ratio)

    def show_marks(self, marks: Sequence[SampleMarks]) -> None:
        """Show these marks of samples in place of those before."""
        for mark in self._marks:
            self.plot.box.removeItem(mark)
        self._marks = list(marks)
        for mark in self._marks:
            self.plot.add(mark)

    def marks(self, points: Array, part: Part, colour: str, shape: str = "circle") -> SampleMarks:
        """Return marks at points (n, 2); those of the test set are hollow."""
        key = mark_key(self.look, "", part, colour, shape)
        (left, right), (low, high) = self.plot.box.viewRange()
        margin = _REACH * np.array([right - left, high - low])
        radius = _SMALLER * key.radius if self.is_small else key.radius
        return SampleMarks(points, shape, radius, key.pen, key.brush, margin)

    def _on_hovered(self, place: QPointF | None) -> None:
        self._show_tooltip(None if place is None else self.text(place))


def mark_key(look: Look, text: str, part: Part, colour: str, shape: str = "circle") -> Key:
    """Return the mark of a sample with its name: filled for training, hollow for testing."""
    radius = max(3.0, 0.27 * look.metrics.tick)
    card, own = QColor(look.theme.card), QColor(colour)
    pen, brush = (QPen(card, radius / 5), QBrush(own)) if part == "train" else (QPen(own, radius / 3), QBrush(card))
    return Key(text, pen, brush, shape, radius)


def column_of(columns: Sequence[Column], i: int, otherwise: str) -> Column:
    """Return a column, or one of a plain name where the data have none."""
    return columns[i] if columns else Column(otherwise)


def with_unit(column: Column, value: float, spacing: float) -> str:
    """Return a value of a column with its name and unit, to as many digits as places `spacing` apart need."""
    name, unit = column.named()
    return f"{name} {tick_text(value, spacing)}{f' {unit}' if unit else ''}"


class OverInputs(TrainView):
    """Asks the networks of each run, as they were at the last step whose state is kept."""

    picture: ClassVar[type[RunPicture]]
    scored: ClassVar[str]
    """The channel that says how good a run is; before it stands ``test_`` for the test set."""
    spread: ClassVar[str] = MEDIAN_ALONE
    place = "upper"
    stretch = 2

    def __init__(self, experiment: Experiment, look: Look, options: ViewOptions | None = None) -> None:
        super().__init__(experiment, look, options)
        self._subtitle = self._about(None)
        self._card = Card(look, look.tr(self.title), self._subtitle)
        names, small = self.names, self._is_small
        self.pictures = [self.picture(look, run, label, self.show_tooltip, small) for run, label in enumerate(names)]
        self._card.body.addLayout(self._placed([picture.card for picture in self.pictures]))
        self.legend = SampleLegend(look)
        self._card.add_below(self.legend)
        self.box.addWidget(self._card)
        self._predictors: list[Predictor] = []
        self._predictions: dict[int, Array] = {}
        """What is drawn of each run; of one that has diverged, the last that it predicted."""
        self.asked = -1
        """The step whose networks are shown, -1 before the first."""
        self._lags = False
        """Whether the state of a step that was on screen was not kept."""
        self._set_up()

    def _placed(self, cards: Sequence[Card]) -> QGridLayout:
        """Return a layout of the runs' cards: beside each other, more than three in two rows."""
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(self.look.metrics.gap)
        grid.setVerticalSpacing(0)
        columns = len(cards) if len(cards) <= MOST_IN_A_ROW else -(-len(cards) // 2)
        for i, card in enumerate(cards):
            grid.addWidget(card, i // columns, i % columns)
        for column in range(columns):
            grid.setColumnStretch(column, 1)
        return grid

    def set_experiment(self, experiment: Experiment) -> None:
        super().set_experiment(experiment)
        self._set_up()

    def _set_up(self) -> None:
        """Draw the samples, and make ready to ask the networks; of data that are gone meanwhile, nothing is drawn."""
        self._predictors, self._predictions, self.asked, self._lags = [], {}, -1, False
        with suppress(ParameterError):
            data = self.train.data.load()
            inputs = self.picture.inputs(data)
            self._predictors = [Predictor(self.train, data, run, inputs) for run in range(len(self.pictures))]
            self.legend.show_keys(self.picture.keys(self.train, data, self.look))
            for picture in self.pictures:
                picture.show_samples(data)

    def draw(self, past: Past) -> None:
        self.warn_of_diverged([picture.card for picture in self.pictures], past)
        for picture in self.pictures:
            self._show_score(picture, past)
        if past.keyframe is None:
            return
        if past.keyframe.step != self.asked:
            first, self.asked = self.asked < 0, past.keyframe.step
            for picture, predictor in zip(self.pictures, self._predictors, strict=False):
                predictions = predictor(past.keyframe)
                if predictions is not None:
                    self._draw_run(picture, predictions)
                elif first and picture.run not in self._predictions:  # else the last picture of the run stays
                    picture.clear()
        self._lags = self._lags or past.step != self.asked
        subtitle = self._about(self.asked if self._lags else None)
        if subtitle != self._subtitle:
            self._subtitle = subtitle
            self._card.set_subtitle(subtitle)

    @property
    def _is_small(self) -> bool:
        """Whether there are so many runs that each has little room."""
        return len(self.experiment.runs) > MOST_IN_A_ROW

    def _show_score(self, picture: RunPicture, past: Past) -> None:
        """Say how good a run is: on the test set as measured last, or without one on the last batch."""
        tested = last_known(past, picture.run, f"test_{self.scored}")
        value = last_known(past, picture.run, self.scored) if np.isnan(tested) else tested
        if np.isnan(value):
            return
        score = self.score_text(value)
        if score == picture.score:
            return
        picture.score = score
        if self._is_small:
            picture.card.rename(f"{score}  {picture.label}", self.look.run_colour(picture.run))
        else:
            picture.card.set_subtitle(f"{self.score_name(not np.isnan(tested))} {score}")

    def score_name(self, tested: bool) -> str:
        """Name what runs are judged by: of the test set, or of the last batch."""
        raise NotImplementedError

    def score_text(self, value: float) -> str:
        """Return a score as text."""
        raise NotImplementedError

    def reading(self) -> str:
        """Return what else the grey line says on a screen that is near, "" for nothing."""
        return ""

    def _draw_run(self, picture: RunPicture, predictions: Array) -> None:
        self._predictions[picture.run] = predictions
        picture.draw(predictions)

    def state(self) -> dict[str, Any]:
        return {"experiment": self.experiment, "predictions": self._predictions} if self._predictions else {}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Draw what was predicted last: of a run that has diverged meanwhile there will be nothing else."""
        if state.get("experiment") == self.experiment:
            for run, predictions in state["predictions"].items():
                self._draw_run(self.pictures[run], predictions)

    def _about(self, step: int | None) -> str:
        """Return the grey line; it names the step of the networks where that may not be the one on screen."""
        look, seeds = self.look, min(self.experiment.replicas, MAX_SEEDS)
        parts = [look.tr("step {n}").format(n=f"{step:,}")] if step is not None else []
        if self._is_small:
            parts += self._about_small()
        if look.theme.name != "projector":
            if seeds > 1:
                parts.append(look.tr(self.spread).format(n=seeds))
            if self.reading():
                parts.append(self.reading())
        return look.tr("; ").join(parts)

    def _about_small(self) -> list[str]:
        """Say once what would stand on each of many pictures: the axes, and what the runs are judged by."""
        parts = []
        with suppress(ParameterError):
            data = self.train.data.load()
            x, y = self.picture.columns(data)
            parts = [
                self.look.tr("across {x}, up {y}").format(x=x.name, y=y.name),
                self.score_name(len(data.test) > 0),
            ]
        return parts


def around(values: Array, count: int) -> Values:
    """Return `count` places from a little below all values to a little above; a single one in a range of its size."""
    low, high = float(values.min()), float(values.max())
    margin = _MARGIN * (high - low) or max(1.0, abs(low))
    return np.linspace(low - margin, high + margin, count)

"""Decision boundaries: which class the networks decide for in each place of a plane, and the samples in it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPen
from PySide6.QtWidgets import QPushButton

from gradsim.engine.data import Column, Samples, Split
from gradsim.engine.data.user_points import Dot, Points
from gradsim.engine.types import Array
from gradsim.schema.errors import Phrase
from gradsim.sim.kinds import Experiment
from gradsim.sim.kinds.train.needs import lacks_plane
from gradsim.sim.kinds.train.painting import points_in, points_of, with_points
from gradsim.sim.kinds.train.predictions import decided, scores_of
from gradsim.sim.kinds.train.spec import Train
from gradsim.ui.plots.classes import class_colour, class_shape
from gradsim.ui.plots.contours import crossings
from gradsim.ui.plots.curve import Segments
from gradsim.ui.plots.sample_legend import Key
from gradsim.ui.plots.sample_marks import SampleMarks
from gradsim.ui.theme import Look, mixed
from gradsim.ui.themes import Theme
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.common.view import Values
from gradsim.ui.views.train.brush import Brush
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
from gradsim.ui.views.train.painter import Painter

NODES = 33
"""In so many places along each side of the plane the networks are asked; between them it is interpolated."""
_PIXELS = 160
_PALE, _DEEP, _SHADES = 0.10, 0.42, 24
"""Shares of a class's colour where the networks are undecided, and where they are certain, and how many between."""

_SEED, _MEDIAN = 0.45, 1.0
"""Shares of ink in the lines of single seeds and of their median."""

MOST_NAMED = 10
"""So many classes are named in the legend."""


@lru_cache(maxsize=4)
def _shades(theme: Theme, classes: int) -> npt.NDArray[np.uint8]:
    """Return the colours (classes x shades, 3) of places that are decided for each class, from pale to deep."""
    colours = [
        mixed(class_colour(theme, number), theme.card, share)
        for number in range(classes)
        for share in np.linspace(_PALE, _DEEP, _SHADES)
    ]
    return np.array([(colour.red(), colour.green(), colour.blue()) for colour in colours], np.uint8)


def leads_of(scores: Array) -> Array:
    """Return by how much each class leads over the best of the others, in the shape of `scores` (…, classes)."""
    if scores.shape[-1] == 2:
        return np.asarray(scores - scores[..., ::-1])
    second, best = np.moveaxis(np.sort(scores, axis=-1)[..., -2:, None], -2, 0)
    return np.asarray(scores - np.where(scores == best, second, best))


class DecisionPlane(RunPicture):
    """The plane of one run."""

    def __init__(
        self, look: Look, run: int, label: str, show_tooltip: Callable[[str | None], None], is_small: bool
    ) -> None:
        super().__init__(look, run, label, show_tooltip, is_small)
        self.x: Array = np.linspace(0.0, 1.0, NODES)
        self.y: Array = self.x
        self.scores: Array | None = None
        self._columns = Column("x₁"), Column("x₂")
        self._names: Sequence[str] = ()
        self._stroke: SampleMarks | None = None
        self.are_shares = False
        """Whether scores are shares of 1, as those of softmax and sigmoid outputs are."""
        self.image = pg.ImageItem(axisOrder="row-major")
        self._each, self.median = (self._line(share) for share in (_SEED, _MEDIAN))
        for item in (self.image, self._each, self.median):
            self.plot.add(item)

    def _line(self, share: float) -> Segments:
        pen = _line_pen(self.look, share)
        # Round ends close the gaps between wide lines; thin ones have none, and are painted twice as fast without.
        pen.setCapStyle(Qt.PenCapStyle.RoundCap if share == _MEDIAN else Qt.PenCapStyle.FlatCap)
        return Segments(pen)

    @classmethod
    def inputs(cls, data: Split) -> Array:
        return np.stack(np.meshgrid(*_sides(data)), axis=-1).reshape(-1, 2)

    @classmethod
    def columns(cls, data: Split) -> tuple[Column, Column]:
        return column_of(data.inputs, 0, "x₁"), column_of(data.inputs, 1, "x₂")

    @classmethod
    def keys(cls, experiment: Train, data: Split, look: Look) -> list[Key]:
        names = class_names(data, look)
        keys = [
            mark_key(look, name, "train", class_colour(look.theme, number), class_shape(number))
            for number, name in enumerate(names[:MOST_NAMED])
        ]
        if len(names) > MOST_NAMED:
            keys.append(Key(look.tr("and {n} more").format(n=len(names) - MOST_NAMED), QPen(Qt.PenStyle.NoPen)))
        if len(data.test):
            keys.append(mark_key(look, look.tr("hollow: test set"), "test", look.theme.ink))
        if experiment.replicas > 1 and look.theme.name != "projector":
            keys.append(Key(look.tr("median boundary"), _line_pen(look, _MEDIAN)))
            keys.append(Key(look.tr("each seed"), _line_pen(look, _SEED)))
        return keys

    def show_samples(self, data: Split) -> None:
        self._columns = self.columns(data)
        self._names = class_names(data, self.look)
        self.x, self.y = (column.own(side) for column, side in zip(self._columns, _sides(data), strict=True))
        self.set_ranges(self.x, self.y, self._columns, data.one_unit)
        self.show_marks([*self._marks_by_class(data.train, "train"), *self._marks_by_class(data.test, "test")])

    def _marks_by_class(self, samples: Samples, part: Part) -> list[SampleMarks]:
        most = MOST_SAMPLES[part]
        own = [column.own(samples.x[:most, i]) for i, column in enumerate(self._columns)]
        points, classes = np.stack(own, axis=1), decided(samples.y[:most])
        return [
            self.marks(points[classes == number], part, class_colour(self.look.theme, number), class_shape(number))
            for number in np.unique(classes).tolist()
        ]

    def show_dots(self, points: Points) -> None:
        """Show painted points in place of the samples before."""
        tests = points.are_tests
        parts: dict[Part, list[Dot]] = {"train": [], "test": []}
        for dot, is_test in zip(points.points, tests, strict=True):
            parts["test" if is_test else "train"].append(dot)
        marks = [
            self._dots([dot for dot in dots if dot.label == label], part)
            for part, dots in parts.items()
            for label in sorted({dot.label for dot in dots})
        ]
        self._stroke = None
        self.show_marks(marks)

    def show_stroke(self, dots: Sequence[Dot]) -> None:
        """Show the points of the stroke that is being painted, which are all of one class, too."""
        if self._stroke is not None:
            self._stroke.show_points(_places(dots))
        elif dots:
            self._stroke = self._dots(dots, "train")
            self.show_marks([*self._marks, self._stroke])

    def _dots(self, dots: Sequence[Dot], part: Part) -> SampleMarks:
        """Return the marks of painted points of one class."""
        label = dots[0].label
        return self.marks(_places(dots), part, class_colour(self.look.theme, label), class_shape(label))

    def draw(self, predictions: Array) -> None:
        seeds = scores_of(predictions.astype(np.float64)).reshape(len(predictions), NODES, NODES, -1)
        self.scores = scores = np.asarray(np.median(seeds, axis=0))
        self.image.setImage(self._painted(scores), autoLevels=False, levels=(0, 255))
        self.image.setRect(QRectF(self.x[0], self.y[0], self.x[-1] - self.x[0], self.y[-1] - self.y[0]))
        self.median.show_segments(self._boundary(scores))
        each = seeds if len(seeds) > 1 else seeds[:0]
        self._each.show_segments(np.concatenate([np.empty((0, 4)), *(self._boundary(one) for one in each)]))

    def clear(self) -> None:
        self.scores = None
        self.image.clear()
        for lines in (self.median, self._each):
            lines.show_segments(np.empty((0, 4)))

    def _painted(self, scores: Array) -> npt.NDArray[np.uint8]:
        """Return the picture (pixels, pixels, 3) of scores (nodes, nodes, classes)."""
        leads = np.stack([_BETWEEN @ lead @ _BETWEEN.T for lead in np.moveaxis(leads_of(scores), -1, 0)])
        winner = leads.argmax(axis=0)
        shade = (np.clip(leads.max(axis=0), 0.0, 1.0) * (_SHADES - 1)).astype(np.intp)
        return np.asarray(_shades(self.look.theme, len(leads))[winner * _SHADES + shade])

    def _boundary(self, scores: Array) -> Values:
        """Return where the class that is decided for changes, as straight lines (n, [x0, y0, x1, y1])."""
        leads = np.moveaxis(leads_of(scores), -1, 0)
        # Of two classes, one's boundary is the other's.
        shown = leads[:1] if len(leads) == 2 else leads
        return np.concatenate([crossings(self.x, self.y, lead, 0.0) for lead in shown])

    def text(self, place: QPointF) -> str | None:
        if self.scores is None:
            return None
        row, column = int(np.abs(self.y - place.y()).argmin()), int(np.abs(self.x - place.x()).argmin())
        scores = self.scores[row, column]
        number = int(scores.argmax())
        score = f"{100 * scores[number]:.0f} %" if self.are_shares else f"{scores[number]:.3g}"
        places = zip(self._columns, (self.x, self.y), (column, row), strict=True)
        where = [with_unit(each, side[at], side[1] - side[0]) for each, side, at in places]
        return self.look.tr("{where}: {name}, {score}").format(
            where=self.look.tr(", ").join(where), name=self._names[number], score=score
        )


class Boundary(OverInputs):
    """The plane of the inputs in the colours of the classes: the median over seeds, and each seed's boundary."""

    key = "boundary"
    title = "Decision boundary"
    help = "Which class the network gives each point of the plane, and the samples."
    order = 70
    picture = DecisionPlane
    scored = "accuracy"
    _brush = Brush()

    @classmethod
    def lacks(cls, experiment: Train) -> Phrase | None:
        return lacks_plane(experiment)

    def __init__(self, experiment: Experiment, look: Look, options: ViewOptions | None = None) -> None:
        self.painter: Painter | None = None
        self.tool: QPushButton | None = None
        """Makes painted points of the samples, in a window."""
        super().__init__(experiment, look, options)
        points, planes = self.train.data, [each for each in self.pictures if isinstance(each, DecisionPlane)]
        if isinstance(points, Points):
            self.painter = Painter(self, look, planes, points)
            self.painter.edited.connect(self.restart_asked)
            self.painter.show(points)

    @classmethod
    def frame(cls, experiment: Train) -> Hashable:
        return super().frame(experiment), isinstance(experiment.data, Points)

    def _set_up(self) -> None:
        super()._set_up()
        for picture, run in zip(self.pictures, self.train.runs, strict=True):
            assert isinstance(picture, DecisionPlane)
            picture.are_shares = run.output.range == (0.0, 1.0)
        if self.painter:
            self.painter.show(self.painter.points)

    def show_draft(self, table: Mapping[str, Any]) -> None:
        points = points_in(table)
        if self.painter and points is not None:
            if self.painter.bar is None:
                self._card.add_below(self.painter.make_bar(self._brush))
                # The brushes show the marks too, and the large names of a projector would fill the card.
                self.legend.setVisible(self.look.theme.name != "projector")
            self.painter.show(points)
        elif not self.painter and self.tool is None:
            self.tool = self._card.add_tool(self.look.tr("Paint on from here"), self._paint_on)

    def _paint_on(self) -> None:
        self.restart_asked.emit(lambda table: with_points(table, points_of(self.train)))

    def state(self) -> dict[str, Any]:
        return super().state() | ({"brush": self.painter.brush} if self.painter else {})

    def restore(self, state: Mapping[str, Any]) -> None:
        self._brush = state.get("brush", self._brush)
        super().restore(state)

    def score_name(self, tested: bool) -> str:
        return self.look.tr("test accuracy" if tested else "batch accuracy")

    def score_text(self, value: float) -> str:
        return f"{100 * value:.0f} %"

    def reading(self) -> str:
        return self.look.tr("paler where less certain")


def class_names(data: Split, look: Look) -> list[str]:
    """Return what the classes are called, those that have only numbers by these."""
    classes = max(2, data.train.y.shape[1])
    if data.names and any(name.strip("0123456789") for name in data.names):
        return list(data.names)
    numbers = data.names or range(classes)
    return [look.tr("class {number}").format(number=number) for number in numbers]


def _places(dots: Sequence[Dot]) -> Array:
    return np.array([dot[:2] for dot in dots]).reshape(-1, 2)


def _line_pen(look: Look, share: float) -> QPen:
    return QPen(mixed(look.theme.ink, look.theme.card, share), max(1.0, share * look.metrics.line))


def _sides(data: Split) -> tuple[Array, Array]:
    """Return the places along x and y at which the networks are asked: over the window, or else over the samples."""
    if data.window:
        (x, y), (x0, x1, y0, y1) = data.inputs, data.window
        across, up = np.linspace(x0, x1, NODES), np.linspace(y0, y1, NODES)
        return (across - x.zero) / x.one, (up - y.zero) / y.one
    inputs = np.concatenate([data.train.x, data.test.x])
    return around(inputs[:, 0], NODES), around(inputs[:, 1], NODES)


_BETWEEN = np.stack(
    [np.interp((np.arange(_PIXELS) + 0.5) / _PIXELS * (NODES - 1), np.arange(NODES), row) for row in np.eye(NODES)],
    axis=1,
).astype(np.float32)
"""(pixels, nodes): what makes values in the pixels of those in the nodes."""

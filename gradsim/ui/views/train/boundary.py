"""Decision boundaries: which class the networks decide for in each place of a plane, and the samples in it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPen

from gradsim.engine.data import Samples, Split
from gradsim.engine.types import Array
from gradsim.sim.kinds.train.checks import has_plane
from gradsim.sim.kinds.train.predictions import decided
from gradsim.sim.kinds.train.spec import Train
from gradsim.ui.plots.contours import crossings
from gradsim.ui.plots.curve import Segments
from gradsim.ui.plots.sample_marks import SHAPES, SampleMarks
from gradsim.ui.theme import Look, mixed
from gradsim.ui.themes import Theme
from gradsim.ui.views.common.view import Values
from gradsim.ui.views.train.over_inputs import MOST_SAMPLES, OverInputs, Part, RunPicture, around

NODES = 33
"""In so many places along each side of the plane the networks are asked; between them it is interpolated."""
_PIXELS = 160
_PALE, _DEEP, _SHADES = 0.10, 0.42, 24
"""Shares of a class's colour where the networks are undecided, and where they are certain, and how many between."""

_OF_CLASSES = (5, 6, 3, 4, 2, 7, 1, 0)
"""Which of the theme's colours the classes have: those that the first runs do not."""


_SHAPES = tuple(SHAPES)


def class_colour(theme: Theme, number: int) -> str:
    """Return the colour of a class."""
    return theme.runs[_OF_CLASSES[number % len(_OF_CLASSES)] % len(theme.runs)]


@lru_cache(maxsize=4)
def _shades(theme: Theme, classes: int) -> npt.NDArray[np.uint8]:
    """Return the colours (classes x shades, 3) of places that are decided for each class, from pale to deep."""
    colours = [
        mixed(class_colour(theme, number), theme.card, share)
        for number in range(classes)
        for share in np.linspace(_PALE, _DEEP, _SHADES)
    ]
    return np.array([(colour.red(), colour.green(), colour.blue()) for colour in colours], np.uint8)


def scores_of(predictions: Array) -> Array:
    """Return a score for each class (…, classes), the highest of which decides, from predictions (…, outputs)."""
    if predictions.shape[-1] > 1:
        return predictions
    return np.concatenate([1.0 - predictions, predictions], axis=-1)


def leads_of(scores: Array) -> Array:
    """Return by how much each class leads over the best of the others, in the shape of `scores` (…, classes)."""
    if scores.shape[-1] == 2:
        return np.asarray(scores - scores[..., ::-1])
    second, best = np.moveaxis(np.sort(scores, axis=-1)[..., -2:, None], -2, 0)
    return np.asarray(scores - np.where(scores == best, second, best))


class DecisionPlane(RunPicture):
    """The plane of one run."""

    def __init__(self, look: Look, run: int, label: str, show_tooltip: Callable[[str | None], None]) -> None:
        super().__init__(look, run, label, show_tooltip)
        self.x: Array = np.linspace(0.0, 1.0, NODES)
        self.y: Array = self.x
        self.scores: Array | None = None
        self.image = pg.ImageItem(axisOrder="row-major")
        self._each, self.median = (self._line(share) for share in (0.45, 1.0))
        for item in (self.image, self._each, self.median):
            self.plot.add(item)

    def _line(self, share: float) -> Segments:
        theme = self.look.theme
        pen = QPen(mixed(theme.ink, theme.card, share), max(1.0, share * self.look.metrics.line))
        # Round ends close the gaps between wide lines; thin ones have none, and are painted twice as fast without.
        pen.setCapStyle(Qt.PenCapStyle.RoundCap if share == 1.0 else Qt.PenCapStyle.FlatCap)
        return Segments(pen)

    @classmethod
    def inputs(cls, data: Split) -> Array:
        return np.stack(np.meshgrid(*_sides(data)), axis=-1).reshape(-1, 2)

    def show_samples(self, data: Split) -> None:
        self.x, self.y = _sides(data)
        self.set_ranges(self.x, self.y)
        self.show_marks([*self._marks_by_class(data.test, "test"), *self._marks_by_class(data.train, "train")])

    def _marks_by_class(self, samples: Samples, part: Part) -> list[SampleMarks]:
        most = MOST_SAMPLES[part]
        points, classes = samples.x[:most], decided(samples.y[:most])
        return [
            self.marks(
                points[classes == number],
                part,
                class_colour(self.look.theme, number),
                _SHAPES[number % len(_SHAPES)],
            )
            for number in np.unique(classes)
        ]

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
        text = self.look.tr("class {number}: {score}").format(number=number, score=f"{scores[number]:.3g}")
        return f"({self.x[column]:.3g}, {self.y[row]:.3g}): {text}"


class Boundary(OverInputs):
    """The plane of the inputs in the colours of the classes: the median over seeds, and each seed's boundary."""

    key = "boundary"
    title = "Decision boundary"
    help = "Which class the network gives each point of the plane, and the samples."
    order = 70
    picture = DecisionPlane

    @classmethod
    def suits(cls, experiment: Train) -> bool:
        return has_plane(experiment)


def _sides(data: Split) -> tuple[Array, Array]:
    """Return the places along x and y at which the networks are asked."""
    inputs = np.concatenate([data.train.x, data.test.x])
    return around(inputs[:, 0], NODES), around(inputs[:, 1], NODES)


_BETWEEN = np.stack(
    [np.interp((np.arange(_PIXELS) + 0.5) / _PIXELS * (NODES - 1), np.arange(NODES), row) for row in np.eye(NODES)],
    axis=1,
).astype(np.float32)
"""(pixels, nodes): what makes values in the pixels of those in the nodes."""

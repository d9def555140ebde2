"""Decision boundaries: which class the networks decide for in each place of a plane, and the samples in it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsPathItem

from gradsim.engine.datasets import Samples, Split
from gradsim.engine.parameters import ParameterError
from gradsim.engine.types import Array
from gradsim.sim.checks import has_plane
from gradsim.sim.predictions import MOST_SEEDS, Predictor
from gradsim.sim.spec import Experiment, Train
from gradsim.sim.tape import Divergence, Past, State
from gradsim.ui.plots.contours import line_at
from gradsim.ui.plots.plot import Plot, ValueAxis
from gradsim.ui.theme import Look, Theme, mixed
from gradsim.ui.views.view import USUAL_OPTIONS, Card, Options, TrainView

NODES = 33
"""In so many places along each side of the plane the networks are asked; between them it is interpolated."""
_PIXELS = 160
_MOST_SAMPLES = {"train": 250, "test": 80}
_MARGIN = 0.08
_PALE, _DEEP, _SHADES = 0.10, 0.42, 24
"""Shares of a class's colour where the networks are undecided, and where they are certain, and how many between."""

_OF_CLASSES = (5, 6, 3, 4, 2, 7, 1, 0)
"""Which of the theme's colours the classes have: those that the first runs do not."""
_SYMBOLS = ("o", "t1", "s", "d", "p", "h", "star", "+")


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


def classes_of(targets: Array) -> npt.NDArray[np.intp]:
    """Return the class of each target (N, outputs): one column of 0 and 1, or one-hot."""
    return np.asarray(targets[:, 0] > 0.5 if targets.shape[1] == 1 else targets.argmax(axis=1), np.intp)


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


class Boundary(TrainView):
    """The plane of the inputs in the colours of the classes: the median over seeds, and each seed's boundary."""

    key = "boundary"
    title = "Decision boundary"
    stretch = 2

    def __init__(self, experiment: Experiment, look: Look, options: Options = USUAL_OPTIONS) -> None:
        super().__init__(experiment, look, options)
        self._card = Card(look, look.tr(self.title), self._told(None))
        self._planes = [_Plane(self, i) for i in range(len(experiment.runs))]
        for plane in self._planes:
            self._card.body.addWidget(plane.card, stretch=1)
        self.box.addWidget(self._card)
        self._predictors: list[Predictor] = []
        self._drawn = -1
        self._set_up()

    @classmethod
    def applies(cls, experiment: Experiment) -> bool:
        return isinstance(experiment, Train) and has_plane(experiment)

    def take(self, experiment: Experiment) -> None:
        super().take(experiment)
        self._set_up()

    def _set_up(self) -> None:
        """Draw the samples, and make ready to ask the networks; of data that are gone meanwhile, nothing is drawn."""
        self._predictors, self._drawn = [], -1
        with suppress(ParameterError):
            data = self.train.data.load()
            x, y = _sides(data)
            places = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
            self._predictors = [Predictor(self.train, data, i, places) for i in range(len(self._planes))]
            for plane in self._planes:
                plane.show_samples(data, x, y)

    def draw(self, past: Past, diverged: Sequence[Divergence]) -> None:
        if past.kept is None or past.kept.step == self._drawn:
            return
        self._drawn = past.kept.step
        for plane, predictor in zip(self._planes, self._predictors, strict=False):
            plane.draw(predictor, past.kept.state)
        self._card.warn(None, self._told(None if past.step == self._drawn else self._drawn))

    def _told(self, step: int | None) -> str:
        """Return the grey line; it names the step if that is not the one on screen."""
        look, seeds = self.look, min(self.experiment.replicas, MOST_SEEDS)
        parts = [look.tr("step {n}").format(n=f"{step:,}")] if step is not None else []
        if look.theme.name != "projector":
            parts.append(look.tr("hollow: test part"))
            if seeds > 1:
                parts.append(look.tr("median of {n} seeds").format(n=seeds))
        return look.tr("; ").join(parts)


def _sides(data: Split) -> tuple[Array, Array]:
    """Return the places along x and y at which the networks are asked, a little beyond all samples."""
    inputs = np.concatenate([data.train.x, data.test.x])
    low, high = inputs.min(axis=0), inputs.max(axis=0)
    margin = _MARGIN * np.where(high > low, high - low, 1.0)
    x, y = np.linspace(low - margin, high + margin, NODES).T
    return x, y


_BETWEEN = np.stack(
    [np.interp((np.arange(_PIXELS) + 0.5) / _PIXELS * (NODES - 1), np.arange(NODES), row) for row in np.eye(NODES)],
    axis=1,
).astype(np.float32)
"""(pixels, nodes): what makes values in the pixels of those in the nodes."""


class _Plane:
    """The plane of one run."""

    def __init__(self, view: Boundary, run: int) -> None:
        look = view.look
        self._view, self._look = view, look
        self._x: Array = np.linspace(0.0, 1.0, NODES)
        self._y: Array = self._x
        self._scores: npt.NDArray[np.float64] | None = None
        self._left = ValueAxis("left", look)
        self._plot = Plot(look, self._left, ValueAxis("bottom", look))
        self._image = pg.ImageItem(axisOrder="row-major")
        self._each, self._median = (self._line(share) for share in (0.45, 1.0))
        self._samples: list[pg.ScatterPlotItem] = []
        for item in (self._image, self._each, self._median):
            self._plot.add(item)
        self._plot.hovered.connect(self._on_hovered)
        self.card = Card(look, view.experiment.labels[run], colour=look.run_colour(run), framed=False)
        self.card.body.addWidget(self._plot)

    def _line(self, share: float) -> QGraphicsPathItem:
        item, theme = QGraphicsPathItem(), self._look.theme
        pen = QPen(mixed(theme.ink, theme.card, share), max(1.0, share * self._look.metrics.line))
        pen.setCosmetic(True)
        item.setPen(pen)
        return item

    def show_samples(self, data: Split, x: Array, y: Array) -> None:
        """Show the samples of the plane between the ends of `x` and `y`."""
        self._x, self._y = x, y
        shown = (float(y[0]), float(y[-1]))
        self._plot.set_ranges(x=(float(x[0]), float(x[-1])), y=shown)
        self._plot.left_width(self._left.labels(*shown))
        for item in self._samples:
            self._plot.box.removeItem(item)
        self._samples = [*self._marks(data.test, "test"), *self._marks(data.train, "train")]
        for item in self._samples:
            self._plot.add(item)

    def _marks(self, samples: Samples, part: str) -> list[pg.ScatterPlotItem]:
        """Return the first samples of a part as marks by class; those of the test part are not filled."""
        most, card = _MOST_SAMPLES[part], QColor(self._look.theme.card)
        inputs, classes = samples.x[:most], classes_of(samples.y[:most])
        items = []
        for number in np.unique(classes):
            colour = QColor(class_colour(self._look.theme, number))
            filled = part == "train"
            pen = pg.mkPen(card if filled else colour, width=1.0 if filled else 1.6)
            here = inputs[classes == number]
            symbol = _SYMBOLS[number % len(_SYMBOLS)]
            size = 0.5 * self._look.metrics.tick
            brush = pg.mkBrush(colour if filled else card)
            items.append(pg.ScatterPlotItem(here[:, 0], here[:, 1], symbol=symbol, size=size, pen=pen, brush=brush))
        return items

    def draw(self, predictor: Predictor, state: State) -> None:
        """Show what the networks of a state decide; of a run that has diverged, the last picture stays."""
        predictions = predictor(state)
        if predictions is None:
            return
        seeds = scores_of(predictions).reshape(len(predictions), NODES, NODES, -1)
        self._scores = scores = np.asarray(np.median(seeds, axis=0), np.float64)
        self._image.setImage(self._painted(scores), autoLevels=False, levels=(0, 255))
        x, y = self._x, self._y
        self._image.setRect(QRectF(x[0], y[0], x[-1] - x[0], y[-1] - y[0]))
        self._median.setPath(self._boundary(scores))
        each = QPainterPath()
        for one in seeds if len(seeds) > 1 else []:
            each.addPath(self._boundary(one))
        self._each.setPath(each)

    def _painted(self, scores: Array) -> npt.NDArray[np.uint8]:
        """Return the picture (pixels, pixels, 3) of scores (nodes, nodes, classes)."""
        leads = np.stack([_BETWEEN @ lead @ _BETWEEN.T for lead in np.moveaxis(leads_of(scores), -1, 0)])
        winner = leads.argmax(axis=0)
        shade = (np.clip(leads.max(axis=0), 0.0, 1.0) * (_SHADES - 1)).astype(np.intp)
        return np.asarray(_shades(self._look.theme, len(leads))[winner * _SHADES + shade])

    def _boundary(self, scores: Array) -> QPainterPath:
        """Return where the class that is decided for changes."""
        leads, path = leads_of(scores), QPainterPath()
        # Of two classes, one's boundary is the other's.
        for number in range(1 if leads.shape[-1] == 2 else leads.shape[-1]):
            path.addPath(line_at(self._x, self._y, leads[..., number], 0.0))
        return path

    def _on_hovered(self, place: QPointF | None) -> None:
        if place is None or self._scores is None:
            self._view.tell(None)
            return
        at = int(np.abs(self._y - place.y()).argmin()), int(np.abs(self._x - place.x()).argmin())
        scores = self._scores[at]
        number = int(scores.argmax())
        text = self._look.tr("class {number}: {score}").format(number=number, score=f"{scores[number]:.3g}")
        self._view.tell(f"({self._x[at[1]]:.3g}, {self._y[at[0]]:.3g}): {text}")

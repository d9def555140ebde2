"""A fan: how the size of a signal grows or shrinks from layer to layer, a line for each run from one common point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, isfinite

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Signal
from PySide6.QtGui import QColor, QPainter, QPen, QTransform
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from gradsim.sim.kinds.train.passage import Passage
from gradsim.sim.run.tape import Values
from gradsim.ui.plots.beside import BESIDE, beside
from gradsim.ui.plots.curve import Line, Segments, rim_of, solid
from gradsim.ui.plots.end_labels import EndLabel, EndLabels
from gradsim.ui.plots.plot import DecadeAxis, NamedAxis, Plot, round_step
from gradsim.ui.plots.spread import spread
from gradsim.ui.plots.strokes import in_px
from gradsim.ui.theme import Look, mixed
from gradsim.words.numbers import factor_text, power

MOST_SEEDS, MOST_PIECES = 16, 1600
"""Replicas are drawn as lines of their own up to so many, and up to so many pieces of lines in all."""
_LABELS, _LARGE_LABELS = 0.45, 0.6
"""What share of the width names and factors take at most; in the large type of a projector."""
_LABELS_ALONE = 0.9
"""Of one layer there are no lines, only their ends."""
_LEAST_NAME = 5
"""Of a name, fewer letters than these say nothing."""
_FAINT = 0.3
"""How strong the lines of single replicas are: their medians are seen on them, too."""


class FactorAxis(DecadeAxis):
    """An axis of log10 values, labelled with factors."""

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        texts = super().tickStrings(values, scale, spacing)
        return ["×1" if abs(value) < 1e-9 else f"×{text}" for value, text in zip(values, texts, strict=True)]


@dataclass(frozen=True)
class Blade:
    """One run's part of a fan: log10 of sizes over that where the fan starts.

    Attributes
    ----------
    logs, middle
        Of each replica (layers, replicas), and their medians (layers,).
    factor
        That of a layer.
    """

    logs: Values
    middle: Values
    factor: float


def shown_seeds(blades: Sequence[Blade]) -> int:
    """Return how many replicas of each run have a line of their own; 0 where there is but one."""
    pieces = sum(len(blade.logs) for blade in blades)
    most = max((blade.logs.shape[1] for blade in blades), default=0)
    return 0 if most < 2 else min(most, MOST_SEEDS, max(2, MOST_PIECES // max(1, pieces)))


def range_of(passages: Sequence[Passage]) -> tuple[int, int]:
    """Return the powers of ten that hold all runs both ways, with room for what is 0 or too large below and above."""
    ends = [end for found in passages for end in found.medians]
    known = np.concatenate([np.zeros(1), *ends])
    finite = known[np.isfinite(known)]
    low, high = min(-2.0, finite.min() - 0.3), max(2.0, finite.max() + 0.3)
    every = round_step((high - low) / 20.0) if high - low > 20.0 else 1.0
    low -= 0.12 * (high - low) if (known == -np.inf).any() else 0.0
    high += 0.12 * (high - low) if (known == np.inf).any() else 0.0
    return round(every * floor(low / every)), round(every * ceil(high / every))


class Fan(QWidget):
    """The fan of all runs; names with their factors stand at the ends.

    Parameters
    ----------
    look, names
        Colours and sizes; the names of the runs.
    depth
        The number of hidden layers of the deepest run.
    backward
        Whether it starts at the right, in each run's last layer.
    """

    hovered = Signal(object)
    """The layer under the pointer, or None when it has left."""

    def __init__(self, look: Look, names: Sequence[str], depth: int, backward: bool) -> None:
        super().__init__()
        self._look, self._names, self._depth, self._backward = look, names, depth, backward
        self._blades: Sequence[Blade] = ()
        self._range = (-2, 2)
        self._axis = FactorAxis("right" if backward else "left", look)
        bottom = NamedAxis("bottom", look, [(layer, str(layer + 1)) for layer in range(depth)])
        bottom.title = look.tr("← layer") if backward else look.tr("layer →")
        bottom.title_first = not backward
        self.plot = Plot(look, self._axis, bottom)
        # Below a sentence, whose height depends on its width, the height that a plot would like counts as its least.
        self.plot.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self._seeds = [Segments(self._faint_pen(run)) for run in range(len(names))]
        self._lines = [Line(solid(look.run_pen(run))) for run in range(len(names))]
        self._labels = EndLabels(look, len(names), to_left=backward)
        self._rim = rim_of(look)
        self._starts = _Starts(look, self._labels.radius)
        for seeds in self._seeds:
            self.plot.add(seeds)
        for line in self._lines:
            self.plot.add(line)
        self.plot.add(self._starts)
        self.plot.add(self._labels)
        self.plot.hovered.connect(self._on_hovered)
        self.plot.resized.connect(self._show)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.plot)

    def _faint_pen(self, run: int) -> QPen:
        pen = QPen(mixed(self._look.run_colour(run), self._look.theme.card, _FAINT), self._look.metrics.hair)
        pen.setCosmetic(True)
        return pen

    def show_blades(self, blades: Sequence[Blade], decades: tuple[int, int]) -> None:
        """Show these, one of each run, between two powers of ten; nothing happens where they are shown already."""
        if decades == self._range and len(blades) == len(self._blades) and all(map(_is_as, blades, self._blades)):
            return
        if decades != self._range or not self._blades:
            self._range = decades
            self.plot.left_width([f"×{power(value)}" for value in (*decades, -10)])
        self._blades = blades
        self._show()

    @property
    def _y(self) -> tuple[float, float]:
        """The range of the plot: as the powers of ten, with room for markers at its ends."""
        (low, high), height = self._range, self.plot.room_px()[1]
        room = (self._labels.radius + 1.0) * (high - low) / height
        return low - room, high + room

    def _show(self) -> None:
        if not self._blades:
            return
        y = self._y
        middles = [np.clip(self._drawn(blade.middle), *self._range) for blade in self._blades]
        count = shown_seeds(self._blades)
        shifts = self._shifts(middles, BESIDE * self._look.metrics.line * (y[1] - y[0]) / self.plot.room_px()[1])
        middles = [line + shift for line, shift in zip(middles, shifts, strict=True)]
        for run, line in enumerate(middles):
            self._lines[run].rim = self._rim if shifts[run].any() else None
            self._lines[run].show_line(np.arange(len(line), dtype=float), line)
            self._seeds[run].show_segments(_pieces(self._blades[run].logs[:, :count], y))
        starts = {len(each.logs) - 1 if self._backward else 0 for each in self._blades if len(each.logs)}
        self._starts.show_layers(starts)
        self._show_names(middles, y)

    def _shifts(self, lines: Sequence[Values], width: float) -> list[Values]:
        """Return by how much each line is moved up beside those that it would lie on, from where the fan starts."""
        way = -1 if self._backward else 1
        points = [((way * np.arange(len(line), dtype=float))[::way], line[::way]) for line in lines]
        return [shift[::way] for shift in beside(points, width)]

    def _drawn(self, logs: Values) -> Values:
        """Return the part of a line up to where it is too large to be numbers."""
        return logs if self._backward else logs[: int((logs < np.inf).sum()) + 1]

    def _show_names(self, lines: Sequence[Values], y: tuple[float, float]) -> None:
        """Put names and factors beside the ends, and leave as much room for them as they need."""
        (width, height), labels = self.plot.room_px(), self._labels
        px = (y[1] - y[0]) / height
        gap = labels.gap_px(0)
        is_large = self._look.theme.name == "projector"
        share = _LABELS_ALONE if self._depth == 1 else _LARGE_LABELS if is_large else _LABELS
        most = share * width - gap - labels.radius
        shown = [run for run, line in enumerate(lines) if len(line)]
        distance = labels.distance_px(len(shown), height) * px
        texts = [self._label(run, most) for run in shown]
        widest = max(map(labels.width_px, texts), default=0.0) + gap if distance else 0.0
        x, taken = self._across(width, widest + labels.radius)
        self.plot.set_ranges(x=x, y=y)
        self._axis.set_reach(across=(taken, 1.0) if self._backward else (0.0, 1.0 - taken))
        ends = [float(lines[run][0 if self._backward else -1]) for run in shown]
        places = spread(ends, distance, (y[0] + distance / 2, y[1] - distance / 2))
        rows = zip(shown, texts, ends, places, strict=True)
        column = 0.0 if self._backward else float(self._depth - 1)
        found = [
            EndLabel(
                run, (text or None) if distance else None, 0.0 if self._backward else len(lines[run]) - 1.0, end, at
            )
            for run, text, end, at in rows
        ]
        labels.show_labels(found, column, QRectF(x[0], y[0], x[1] - x[0], y[1] - y[0]))

    def _across(self, width: float, reserved: float) -> tuple[tuple[float, float], float]:
        """Return the range across, and the share of the width that is reserved for names beside the ends."""
        margin_px = self._labels.radius + 2.0
        layers = max(1.0, self._depth - 1.0)
        layer_px = max(1.0, width - reserved - 2.0 * margin_px) / layers
        near, far = margin_px / layer_px, (margin_px + reserved) / layer_px
        x = (-far, layers + near) if self._backward else (-near, layers + far)
        return x, reserved / width

    def _label(self, run: int, most: float) -> str:
        """Return a run's name and factor, of a long name as much as has room; its factor where names are in a key."""
        factor = self._factor_text(run)
        if self._look.has_key:
            return factor
        name = self._labels.elided(self._names[run], most - self._labels.width_px(f"  {factor}"), self._names)
        is_told = name == self._names[run] or len(name) > _LEAST_NAME or not factor
        return f"{name}  {factor}".rstrip() if is_told else factor

    def _factor_text(self, run: int) -> str:
        blade = self._blades[run]
        if len(blade.logs) < 2:
            return ""
        return factor_text(blade.factor)

    def _on_hovered(self, place: QPointF | None) -> None:
        layer = -1 if place is None else round(place.x())
        self.hovered.emit(layer if 0 <= layer < self._depth else None)


class _Starts(pg.GraphicsObject):  # type: ignore[misc]
    """Rings where the fan starts, at ×1: one for all runs, or in the last layer of each depth."""

    def __init__(self, look: Look, radius: float) -> None:
        super().__init__()
        self._look, self._radius = look, radius
        self._layers: set[int] = set()
        self.setZValue(10)

    def show_layers(self, layers: set[int]) -> None:
        """Show rings at these layers, from 0."""
        if layers != self._layers:
            self.prepareGeometryChange()
            self._layers = layers
            self.update()

    def boundingRect(self) -> QRectF:
        return (
            QRectF(min(self._layers), -1.0, max(self._layers) - min(self._layers), 2.0) if self._layers else QRectF()
        )

    def paint(self, painter: QPainter, *args: object) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        places = in_px(painter, np.array([(layer, 0.0) for layer in sorted(self._layers)]).reshape(-1, 2))
        to_px = painter.worldTransform()
        painter.setWorldTransform(QTransform())
        painter.setPen(QPen(QColor(self._look.theme.ink), max(1.5, 0.35 * self._radius)))
        painter.setBrush(QColor(self._look.theme.card))
        for x, y in places.tolist():
            painter.drawEllipse(QPointF(x, y), self._radius, self._radius)
        painter.setWorldTransform(to_px)


def _is_as(one: Blade, other: Blade) -> bool:
    """Tell whether two blades are of the same signals, which are never changed."""
    return one.logs is other.logs and one.middle is other.middle


def _pieces(logs: Values, y: tuple[float, float]) -> Values:
    """Return the parts of lines (layers, lines) from layer to layer, clipped to `y`: (n, [x0, y0, x1, y1])."""
    layers, count = logs.shape
    if layers < 2:
        return np.empty((0, 4))
    x = np.repeat(np.arange(layers - 1.0), count)
    pieces = np.stack([x, logs[:-1].ravel(), x + 1.0, logs[1:].ravel()], axis=1)
    return np.asarray(np.clip(pieces[pieces[:, 1] < np.inf], [0, y[0], 0, y[0]], [np.inf, y[1], np.inf, y[1]]))


def told(blade: Blade, layer: int) -> str:
    """Return what the pointer reads of a run at a layer; – where nothing is known of that."""
    if layer >= len(blade.middle):
        return "–"
    log = float(blade.middle[layer])
    if not isfinite(log):
        return "×∞" if log > 0.0 else "×0"
    return factor_text(10.0**log) if abs(log) < 300.0 else f"×{power(round(log))}"

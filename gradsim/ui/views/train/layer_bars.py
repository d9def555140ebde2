"""What is measured of every layer of one run: a dot on a stem for each, or a line where there are too many."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradsim.engine.nn.probes import INDEX, PROBES
from gradsim.sim.kinds.train.chain import has_faded
from gradsim.sim.kinds.train.dimensions import layer_names
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.kinds.train.subject import layer_text
from gradsim.sim.run.tape import HIGH, LOW, MEDIAN
from gradsim.ui.plots.curve import BandedLine
from gradsim.ui.plots.devices import painting_on
from gradsim.ui.plots.plot import NamedAxis, Plot
from gradsim.ui.plots.stems import LEAST_COLUMN_PX, Stems
from gradsim.ui.theme import Look, font, mixed, text_width
from gradsim.ui.views.common.view import MEDIAN_ALONE, MEDIAN_AND_BAND, Card, Values, View
from gradsim.ui.views.train.layer_scale import LinearScale, Range
from gradsim.words.numbers import exact, figure, power

_LETTERS = 1.1
"""How high a value is, in heights of its type."""
_HEADROOM = 1.4
"""Room above all values, in heights of the type."""
_BAND = 0.25
"""How much of a run's colour its band has."""
_ROOMY = 14.0
"""From how many heights of its type on a plot has room for an arrow below it."""


def why_nothing(look: Look, probe: str, bands: Sequence[Values]) -> str:
    """Return why no layer has a value of this probe, "" where one has, or where nothing more is known of it."""
    if not all(np.isnan(band).all() for band in bands):
        return ""
    if probe == "update_ratio":
        return look.tr("no update yet")
    return look.tr("no hidden layer") if probe in FACTORS and all(len(band) == 1 for band in bands) else ""


FACTORS = ("weight_factor", "slope_factor")
"""What each hidden layer does to what comes back to it: the output layer has none."""
BACKWARD = ("grad_rms", "grad_norm", "delta_rms")
"""What is measured on the way back, from the output to the first layer."""


def zero_text(look: Look, scale: LinearScale, band: Values, layer: int, dtype: str) -> str:
    """Tell a product too small for floating point from a value of a layer that is zero indeed."""
    if not scale.zero_is_apart:
        return scale.zero
    return look.tr("0 (underflow)") if has_faded(band[layer + 1 :, MEDIAN], dtype) else scale.zero


class LayerBars:
    """The card of one run.

    Parameters
    ----------
    view
        What it is a part of.
    run
        The run.
    probe
        What is shown.
    scale
        How it is drawn.
    """

    def __init__(self, view: View, spec: Train, run: int, probe: str, scale: LinearScale) -> None:
        look = view.look
        self._view, self._scale, self._spec, self._dtype = view, scale, spec.runs[run], spec.dtype
        self._probe = probe
        self._count = len(layer_names(self._spec))
        self._band: Values | None = None
        self._shared: Range | None = None
        self._top = 1.0
        what = look.tr(PROBES[INDEX[probe]].label)
        if look.theme.name != "projector":
            what = look.tr("{label} per layer").format(label=what)
        colour = look.run_colour(run)
        self.card = Card(look, view.names[run], view.statistic(what, MEDIAN_AND_BAND), look.text_colour(run))
        self.card.tell_apart(view.names)
        self.card.set_subtitle(view.statistic(what, MEDIAN_AND_BAND), view.statistic(what, MEDIAN_ALONE), what)
        self._left = scale.axis(look)
        names = [*map(str, range(1, self._count)), look.tr("out")]
        bottom = NamedAxis("bottom", look, list(enumerate(names)))
        bottom.title = look.tr("layer")
        self.plot = Plot(look, self._left, bottom)
        self.plot.set_ranges(x=(-0.6, self._count - 0.4))
        self._stems = Stems(look, colour)
        self._line = BandedLine(look.run_pen(run), mixed(colour, look.theme.card, _BAND), headed=False)
        self._marks: dict[int, pg.TextItem] = {}
        """What is written in place of stems, by layer, made when there is first something to write."""
        self._marked: dict[int, tuple[object, ...]] = {}
        """The same as what it says and where: to set a label anew takes long, also where nothing changes."""
        self._ends = {layer: self._label(look.text_colour(run), bold=True) for layer in {0, max(0, self._count - 2)}}
        for item in (self._line.band, self._line, self._stems, *self._ends.values()):
            self.plot.add(item)
        for label in self._ends.values():
            label.setZValue(1)
        self.plot.hovered.connect(self._on_hovered)
        self.plot.resized.connect(self._show)
        self.card.body.addWidget(self.plot)
        if probe in BACKWARD and look.theme.name != "projector":
            self.card.add_below(_Backward(look, self.card))
        view.box.addWidget(self.card, stretch=1)

    def _label(self, colour: str, bold: bool = False) -> pg.TextItem:
        label = pg.TextItem(color=QColor(colour), anchor=(0.5, 1))
        label.setFont(font(self._view.look.metrics.tick, QFont.Weight.Bold if bold else QFont.Weight.Normal))
        label.hide()
        return label

    def draw(self, band: Values, shared: Range) -> None:
        """Show a band (layers, 3) in a range that all runs share."""
        self._band = band
        if shared != self._shared:
            self._shared = shared
            self.plot.left_width([*self._left.labels(*shared), power(-10)])
        self._show()

    def _show(self) -> None:
        if self._band is None or self._shared is None:
            return
        scale, shared = self._scale, self._shared
        # Above all values there is room for one that is written out, below zero for half of a dot.
        column, height = self._column_px(), self.plot.room_px()[1]
        unit = (shared[1] - shared[0]) / height
        self._top = shared[1] + _HEADROOM * self._view.look.metrics.tick * unit
        below = 0.0 if scale.zero_is_apart else (self._stems.radius_px(column) + 1.0) * unit
        self.plot.set_ranges(y=(shared[0] - below, self._top))
        places = np.where(np.isnan(self._band), np.nan, scale.places(self._band, shared))
        places[(self._band == 0.0) & scale.zero_is_apart] = scale.base(shared)
        are_stems = column >= LEAST_COLUMN_PX or self._count == 1  # one point makes no line
        known = np.isfinite(places).all(axis=1) & (not are_stems)
        x = np.arange(len(places), dtype=float)[known]
        self._line.show_points(x, *(places[known, column] for column in (LOW, MEDIAN, HIGH)))
        with_value = ~((self._band[:, [MEDIAN]] == 0.0) & scale.zero_is_apart)
        self._stems.show_values(np.where(with_value & are_stems, places, np.nan), scale.base(shared), shared)
        why = why_nothing(self._view.look, self._probe, [self._band])
        self.plot.say(why)
        self._mark_special(shared, are_known=not why)
        for layer, label in self._ends.items():
            self._tell(layer, label, places, shared, column, height)
        self._keep_apart(list(self._ends.values()))

    def _keep_apart(self, labels: Sequence[pg.TextItem]) -> None:
        """Leave out the second of two values that would lie over each other: the first layer is the lesson."""
        first, *others = labels
        for other in others:
            if first.isVisible() and other.isVisible() and self._box_of(first).intersects(self._box_of(other)):
                other.hide()

    def _box_of(self, label: pg.TextItem) -> QRectF:
        """Return where a value stands, in pixels, with the room around it."""
        tick = self._view.look.metrics.tick
        at, width = self.plot.box.mapViewToScene(label.pos()), text_width(label.textItem.font(), label.toPlainText())
        return QRectF(at.x() - width / 2 - 0.2 * tick, at.y() - 1.2 * tick, width + 0.4 * tick, 1.2 * tick)

    def _mark_special(self, shared: Range, are_known: bool) -> None:
        """Say what a stem cannot show: zero, that there is no value, or one beyond the top."""
        assert self._band is not None
        values = self._band[:, MEDIAN]
        none, beyond = (values == 0.0) | np.isnan(values), self._scale.places(values, shared) > shared[1]
        shown = (none | beyond) & (np.arange(self._count) % self._marked_every() == 0) & are_known
        for layer, label in self._marks.items():
            _set_visible(label, bool(shown[layer]))
        for layer in np.flatnonzero(shown).tolist():
            if layer not in self._marks:
                self._marks[layer] = self._label(self._view.look.theme.ink)
                self.plot.add(self._marks[layer])
                self._marks[layer].show()
            self._mark(layer, self._marks[layer], shared, bool(none[layer]))

    def _mark(self, layer: int, label: pg.TextItem, shared: Range, is_none: bool) -> None:
        """Write that a layer has no value or none but zero, or else what it has beyond the top."""
        assert self._band is not None
        scale, (low, high) = self._scale, shared
        value = float(self._band[layer, MEDIAN])
        if is_none:
            text = zero_text(self._view.look, scale, self._band, layer, self._dtype) if value == 0.0 else "–"
            upright = text_width(label.textItem.font(), text) > 0.8 * self._column_px()
            colour, angle = self._view.look.theme.ink, 90 if upright else 0
            anchor, y = (0.0, 0.5) if upright else (0.5, 1.0), scale.base(shared) + 0.02 * (high - low)
        else:
            text = f"{power(round(np.log10(value))) if scale.zero_is_apart else figure(value)} →"
            colour, angle = self._view.look.theme.card, 90
            anchor, y = (1.0, 0.5), high - 0.02 * (high - low)
        told = text, colour, angle, anchor, y
        if self._marked.get(layer) != told:
            self._marked[layer] = told
            label.setText(text, color=colour)
            label.setAngle(angle)
            label.setAnchor(anchor)
            label.setPos(float(layer), y)

    def _tell(
        self, layer: int, label: pg.TextItem, places: Values, shared: Range, column: float, height: float
    ) -> None:
        """Write the value of a layer over its whisker, where it hides nothing: columns and plot have these pixels."""
        assert self._band is not None
        tick = self._view.look.metrics.tick
        value, (low, high) = float(self._band[layer, MEDIAN]), shared
        unit = (high - low) / height
        base = max(float(places[layer, HIGH]), float(places[layer, MEDIAN]) + self._stems.radius_px(column) * unit)
        text = self._scale.told(value)
        width = text_width(label.textItem.font(), text) + 0.6 * tick
        # The first may begin at the edge of the plot; beside each are the dots of its neighbours.
        room = (1.6 if layer == 0 else 2.0) * column - 2 * self._stems.radius_px(column)
        fits = base + 1.4 * tick * unit <= self._top and width <= room and column >= LEAST_COLUMN_PX
        bottom = self.plot.box.viewRange()[1][0]
        drawn = (self._top - bottom) / height  # in a low plot, much of the height is room for values
        fits = fits and base + _LETTERS * tick * drawn <= self._top
        _set_visible(label, bool(fits and np.isfinite(value) and value != 0.0))
        if text != label.toPlainText():
            label.setText(text)
        label.setPos(max(float(layer), width / 2 / column - 0.6), base)

    def span(self) -> tuple[float, float]:
        """Return where the columns of the layers begin and end across, in pixels of the window."""
        left, _ = self.plot.region()
        column = self._column_px()
        return left + 0.1 * column, left + (self._count + 0.1) * column  # the axis begins 0.6 left of the first

    def _column_px(self) -> float:
        """Return the width that each layer has."""
        return self.plot.room_px()[0] / (self._count + 0.2)

    def _marked_every(self) -> int:
        """Return every how many layers there is room for upright words."""
        return max(1, ceil(1.1 * self._view.look.metrics.tick / self._column_px()))

    def _on_hovered(self, place: QPointF | None) -> None:
        layer = -1 if place is None else round(place.x())
        if self._band is None or not 0 <= layer < self._count:
            self._view.show_tooltip(None)
            return
        low, middle, high = map(exact, self._band[layer])
        text = f"{layer_text(self._spec, layer, self._view.look.language)}: {middle}"
        if self._view.experiment.replicas > 1:
            text += f"\n5–95 %: {low} … {high}"
        self._view.show_tooltip(text)


def _set_visible(label: pg.TextItem, visible: bool) -> None:
    if label.isVisible() != visible:
        label.setVisible(visible)


class _Backward(QWidget):
    """An arrow below a plot, from the output to the first layer: so the error runs. It goes where room is scarce."""

    def __init__(self, look: Look, card: QWidget) -> None:
        super().__init__()
        self._look, self._card = look, card
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(1, round(1.4 * self._look.metrics.tick))

    def paintEvent(self, event: QPaintEvent) -> None:
        tick, text = self._look.metrics.tick, self._look.tr("the error runs back")
        middle, stop = 0.65 * tick, self.width() - 2.2 * tick
        start = stop - 6.0 * tick
        width = text_width(font(tick), text)
        left = start - 0.6 * tick - width
        if self._card.height() < _ROOMY * tick or left < 0.0:
            return
        with painting_on(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(font(tick))
            painter.setPen(QPen(QColor(self._look.theme.muted), max(1.5, 0.6 * self._look.metrics.line)))
            painter.drawLine(QPointF(start + 0.4 * tick, middle), QPointF(stop, middle))
            painter.setBrush(QColor(self._look.theme.muted))
            corners = ((0.0, 0.0), (0.6, -0.3), (0.6, 0.3))
            painter.drawPolygon(QPolygonF([QPointF(start + x * tick, middle + y * tick) for x, y in corners]))
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            painter.drawText(round(left), 0, width, round(1.3 * tick), int(flags), text)

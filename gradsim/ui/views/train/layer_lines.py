"""What is measured of every layer of many runs: one plot with a line for each, and their names at the left."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF

from gradsim.engine.nn.probes import INDEX, PROBES
from gradsim.sim.kinds.train.dimensions import layer_names
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.run.tape import MEDIAN, Past
from gradsim.ui.plots.beside import BESIDE, beside, staggered
from gradsim.ui.plots.curve import Line, rim_of, solid
from gradsim.ui.plots.end_labels import EndLabel, EndLabels
from gradsim.ui.plots.plot import NamedAxis, Plot
from gradsim.ui.plots.spread import spread
from gradsim.ui.views.common.curves import MOST_FOR_LABELS
from gradsim.ui.views.common.view import MEDIAN_ALONE, Card, Values, View, last_band
from gradsim.ui.views.train.layer_bars import why_nothing, zero_text
from gradsim.ui.views.train.layer_scale import LinearScale, Range
from gradsim.words.numbers import exact, power


class LayerLines:
    """The card of all runs; see :class:`LayerBars` for the parameters."""

    def __init__(self, view: View, spec: Train, title: str, probe: str, scale: LinearScale) -> None:
        look = view.look
        self._view, self._spec, self._probe, self._scale = view, spec, probe, scale
        self._counts = [len(layer_names(run)) for run in spec.runs]
        self._bands: list[Values] = []
        self._shared: Range | None = None
        self.card = Card(look, title, view.statistic(look.tr(PROBES[INDEX[probe]].label), MEDIAN_ALONE))
        self._right = scale.axis(look, "right")
        self._last = max(self._counts) - 1
        names = [*map(str, range(1, self._last + 1)), look.tr("out")]
        bottom = NamedAxis("bottom", look, list(enumerate(names)))
        bottom.title = look.tr("layer")
        self.plot = Plot(look, self._right, bottom)
        self._lines = [Line(solid(look.run_pen(run))) for run in range(len(spec.runs))]
        self._rim = rim_of(look)
        self._labels = EndLabels(look, len(spec.runs), to_left=True)
        for line in self._lines:
            self.plot.add(line)
        self.plot.add(self._labels)
        self.plot.hovered.connect(self._on_hovered)
        self.plot.resized.connect(self._show)
        self.card.body.addWidget(self.plot)
        view.box.addWidget(self.card, stretch=1)

    def draw(self, past: Past, shared: Range) -> None:
        """Show all runs at the end of `past`, in a range that holds them."""
        self._bands = [last_band(past, run, self._probe) for run in range(len(self._lines))]
        if shared != self._shared:
            self._shared = shared
            self.plot.left_width([*self._right.labels(*shared), power(-10)])
        self._show()

    def _show(self) -> None:
        if self._shared is None:
            return
        height, (low, high) = self.plot.room_px()[1], self._shared
        px = (high - low) / height
        y = (low - self._labels.reach * px, high + self._labels.reach * px)
        points = [self._points(run, band) for run, band in enumerate(self._bands)]
        shifts = beside(points, BESIDE * self._view.look.metrics.line * px)
        ends = []
        for line, (x, middle), shift in zip(self._lines, points, shifts, strict=True):
            line.rim = self._rim if shift.any() else None
            line.show_line(x, middle + shift)
            ends.append(float(np.clip((middle + shift)[0], *y)) if len(x) else low)
        self._show_names(ends, y)
        self.plot.say(why_nothing(self._view.look, self._probe, self._bands))

    def _points(self, run: int, band: Values) -> tuple[Values, Values]:
        """Return the line of a run: the outputs of all are above each other."""
        assert self._shared is not None
        places = np.array([*range(self._counts[run] - 1), self._last], float)
        middle = self._scale.places(band[:, MEDIAN], self._shared)
        known = np.isfinite(middle)
        return places[known], middle[known]

    def _show_names(self, ends: Sequence[float], y: tuple[float, float]) -> None:
        """Put the names beside the ends at the first layer, and leave as much room for them as they need."""
        (width, height), labels = self.plot.room_px(), self._labels
        px = (y[1] - y[0]) / height
        aside = staggered(ends, 2.2 * labels.radius * px)
        gap = labels.gap_px(max(aside))
        most = MOST_FOR_LABELS * width
        whole = [self._text(run) for run in range(len(ends))]
        texts = [labels.elided(text, most - gap, whole) for text in whole]
        reserved = min(max(map(labels.width_px, texts)) + gap + labels.radius, most)
        x = (-reserved * (self._last + 0.4) / (width - reserved), self._last + 0.4)
        self.plot.set_ranges(x=x, y=y)
        self._right.set_reach(across=(-x[0] / (x[1] - x[0]), 1.0))
        distance = labels.distance_px(len(ends), height) * px
        places = spread(ends, distance, (y[0] + distance / 2, y[1] - distance / 2))
        rows = enumerate(zip(texts, ends, places, aside, strict=True))
        shown = [EndLabel(run, text if distance else None, 0.0, end, at, by) for run, (text, end, at, by) in rows]
        labels.show_labels(shown, 0.0, QRectF(x[0], y[0], x[1] - x[0], y[1] - y[0]))

    def _text(self, run: int) -> str:
        """Return the name of a run, and that its first layer has zero, which a log scale does not."""
        name, band = self._view.names[run], self._bands[run]
        if band[0, MEDIAN] != 0.0 or not self._scale.zero_is_apart:
            return name
        return f"{name}: {zero_text(self._view.look, self._scale, band, 0, self._spec.dtype)}"

    def _on_hovered(self, place: QPointF | None) -> None:
        layer = -1 if place is None else round(place.x())
        if not self._bands or not 0 <= layer <= self._last:
            self._view.show_tooltip(None)
            return
        look = self._view.look
        lines = [look.tr("output") if layer == self._last else f"{look.tr('hidden')} {layer + 1}"]
        for name, band, count in zip(self._view.names, self._bands, self._counts, strict=True):
            at = count - 1 if layer == self._last else layer
            if layer == self._last or layer < count - 1:
                lines.append(f"{name}: {exact(float(band[at, MEDIAN]))}")
        self._view.show_tooltip("\n".join(lines))

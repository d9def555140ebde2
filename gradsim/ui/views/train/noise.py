"""The noise of the gradient against the batch size, beside what the law of variance says."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from math import isfinite, log10

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPen

from gradsim.engine.data import Split
from gradsim.schema.errors import Phrase
from gradsim.sim.kinds import Experiment
from gradsim.sim.kinds.train.needs import lacks_data
from gradsim.sim.kinds.train.noise import Noise, noise, noise_sentence
from gradsim.sim.kinds.train.snapshot import Snapshot
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.run.tape import Past
from gradsim.ui.plots.curve import Line, Points, Segments, solid
from gradsim.ui.plots.dots import Dot, Dots
from gradsim.ui.plots.plot import DecadeAxis, Plot
from gradsim.ui.theme import Look, mixed
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.common.sentence import under_sentence
from gradsim.ui.views.common.view import Card
from gradsim.ui.views.train.snapshot_view import Found, SnapshotView
from gradsim.words.numbers import figure
from gradsim.words.sentences import Span

_BAR = 0.55
"""How much of a run's colour the bars of what was measured have."""


class NoiseView(SnapshotView):
    """Bars of what was measured on random batches, the law as a line, and a dot at each run's own batch size."""

    key = "noise"
    wants_key = True
    title = "Noise of the gradient"
    help = "How far the gradient of a batch is from that of all samples, against the batch size."
    order = 93
    place = "right"
    stretch = 2

    def __init__(self, experiment: Experiment, look: Look, options: ViewOptions | None = None) -> None:
        super().__init__(experiment, look, options)
        self._sentence, column = under_sentence(self.box, look)
        self._card = Card(look, look.tr(self.title))
        self._card.set_subtitle(*self._about())
        column.addWidget(self._card, stretch=1)
        self._left, bottom = DecadeAxis("left", look), DecadeAxis("bottom", look)
        bottom.title = look.tr("batch size")
        self.plot = Plot(look, self._left, bottom)
        runs = range(len(self.train.runs))
        wide = 2.5 * look.metrics.line
        self._bars = [Segments(QPen(mixed(look.run_colour(i), look.theme.card, _BAR), wide)) for i in runs]
        self._lines = [Line(solid(look.run_pen(i))) for i in runs]
        self._dots = Dots(look)
        for bars, line in zip(self._bars, self._lines, strict=True):
            self.plot.add(bars)
            self.plot.add(line)
        self.plot.add(self._dots)
        self.plot.hovered.connect(self._on_hovered)
        self.plot.resized.connect(self._show)
        self._card.body.addWidget(self.plot)

    @classmethod
    def lacks(cls, experiment: Train) -> Phrase | None:
        return lacks_data(experiment)

    @classmethod
    def taken(cls, network: Snapshot, data: Split) -> Noise:
        return noise(network, data)

    def _about(self) -> list[str]:
        tr = self.look.tr
        if self.look.theme.name == "projector":
            return [tr("relative squared error of a batch’s gradient"), tr("relative squared error")]
        text = tr("‖g of a batch − g‖² / ‖g‖²")
        key = tr("bars: 9 in 10 of 40 batches; line: S²/B (1 − B/N); dot: the run’s own")
        whole = [each for each in (text, key, self.about_replica()) if each]
        return [tr("; ").join(whole[:count]) for count in range(len(whole), 0, -1)]

    def draw(self, past: Past) -> None:
        super().draw(past)
        self.warn_of_diverged([self._card] * len(self.names), past)

    def show_found(self, found: Found) -> None:
        self._show()
        self._sentence.tell(partial(self._told, found), len(found.runs))

    def _told(self, found: Found, brevity: int) -> list[Span]:
        return noise_sentence(found.runs, self.names, self.look.language, brevity)

    def _show(self) -> None:
        if self.found is None:
            return
        known = {run: each for run, each in enumerate(self.found.runs) if each is not None and _is_drawn(each)}
        if not known:
            for bars, line in zip(self._bars, self._lines, strict=True):
                bars.show_segments(np.empty((0, 4)))
                line.show_line(*np.empty((2, 0)))
            return
        low, high = self._range(known.values())
        self.plot.left_width(self._left.labels(low, high))
        right = log10(max(each.samples for each in known.values()))
        shown = self._padded(QRectF(0.0, low, right, high - low))
        self.plot.set_ranges(x=(shown.left(), shown.right()), y=(shown.top(), shown.bottom()))
        lines, dots = [], []
        for run, name in enumerate(self.names):
            each = known.get(run)
            points = self._points(each) if each else np.empty((0, 2))
            lines.append(points)
            self._lines[run].show_line(*points.T)
            self._bars[run].show_segments(self._spread(each, low) if each else np.empty((0, 4)))
            if each:
                height = log10(each.expected) if each.expected > 0.0 else low
                dots.append(Dot(log10(each.batch), max(height, low), name))
        if len(dots) == len(self.names):
            self._dots.show_dots(dots, (), lines, shown, self.plot.room_px())

    def _padded(self, rect: QRectF) -> QRectF:
        """Return a region with room for half a dot around what is shown."""
        (width, height), room = self.plot.room_px(), 1.5 * self._dots.radius
        dx = room * rect.width() / max(1.0, width - 2 * room)
        dy = room * rect.height() / max(1.0, height - 2 * room)
        return rect.adjusted(-dx, -dy, dx, dy)

    @staticmethod
    def _range(known: Iterable[Noise]) -> tuple[float, float]:
        """Return the range of the axis, log10: all that is above 0."""
        values = np.concatenate([[*each.law, *each.measured.ravel()] for each in known])
        logs = np.log10(values[(values > 0.0) & np.isfinite(values)])
        return float(np.floor(logs.min())), float(np.ceil(logs.max()))

    @staticmethod
    def _points(found: Noise) -> Points:
        """Return the law as points (n, 2) on the axes; of all samples there is no noise, and no logarithm."""
        above = found.law > 0.0
        return np.stack([np.log10(found.sizes[above]), np.log10(found.law[above])], axis=1)

    @staticmethod
    def _spread(found: Noise, low: float) -> Points:
        """Return a bar (n, [x, y, x, y]) for each size: from the least to the greatest of nine in ten batches."""
        ends = np.quantile(found.measured, (0.05, 0.95), axis=1)
        with np.errstate(divide="ignore"):
            down, up = np.maximum(np.log10(ends), low)
        x, above = np.log10(found.sizes), up > low
        return np.asarray(np.stack([x, down, x, up], axis=1)[above], np.float64)

    def _on_hovered(self, place: QPointF | None) -> None:
        if place is None or self.found is None:
            self.show_tooltip(None)
            return
        lines = []
        for name, each in zip(self.names, self.found.runs, strict=True):
            if each is not None:
                at = int(np.abs(np.log10(each.sizes) - place.x()).argmin())
                mean = float(each.measured[at].mean())
                text = self.look.tr("{name}, batch of {n}: measured {mean}, law {law}")
                values = {"mean": _short(mean), "law": _short(float(each.law[at]))}
                lines.append(text.format(name=name, n=f"{each.sizes[at]:,}", **values))
        self.show_tooltip("\n".join(lines) or None)


def _is_drawn(found: Noise) -> bool:
    """Tell whether there is noise that an axis of powers of ten can show: not relative to a gradient of 0."""
    return bool(np.isfinite(found.law).all() and np.isfinite(found.measured).all() and found.law[0] > 0.0)


def _short(value: float) -> str:
    return figure(value) if isfinite(value) and value > 0.0 else "0"

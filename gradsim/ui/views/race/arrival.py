"""Who is first: the step at which each run has arrived at the lowest minimum, on an axis of steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen, QTransform

from gradsim.schema.errors import Phrase
from gradsim.sim.kinds import Experiment
from gradsim.sim.kinds.race.arrival import TOLERANCE, arrivals
from gradsim.sim.kinds.race.racer import lowest_values
from gradsim.sim.kinds.race.spec import Race
from gradsim.sim.run.tape import Past
from gradsim.ui.label import mode_for
from gradsim.ui.plots.end_labels import draw_end
from gradsim.ui.plots.plot import NamedAxis, Plot, ValueAxis
from gradsim.ui.plots.spread import spread_sizes
from gradsim.ui.plots.strokes import in_px
from gradsim.ui.theme import Look, font, text_width
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.common.smoothing import time_end
from gradsim.ui.views.common.view import Card
from gradsim.ui.views.race.race_view import RaceView

_MOST_WAITING = 0.6
"""The share of the width that is kept for runs that have not arrived, at most."""
_ROW = 1.3
"""Height of a row of names, in heights of their type."""


_BESIDE = 0.9
"""What the last column needs not to its right, in heights of a row."""


class Arrival(RaceView):
    """A dot for each run at the step from which it stays at the minimum; beside them, those that do not yet."""

    key = "arrival"
    wants_key = True
    title = "Arrival"
    help = "For each run the step from which it stays at the lowest minimum, and those that do not yet."
    order = 65
    place = "right"
    stretch = 2

    def __init__(self, experiment: Experiment, look: Look, options: ViewOptions | None = None) -> None:
        super().__init__(experiment, look, options)
        self._past: Past | None = None
        rule = look.tr("the step from which f − f* stays below {tolerance}").format(tolerance=TOLERANCE)
        self._card = Card(look, look.tr(self.title), rule)
        self._bottom = ValueAxis("bottom", look)
        self._bottom.whole, self._bottom.title = True, look.tr("step")
        self.plot = Plot(look, NamedAxis("left", look, []), self._bottom)
        self.plot.left_width([])
        self.marks = ArrivalMarks(look, look.tr("not yet"))
        self.plot.add(self.marks)
        self.plot.resized.connect(self._show)
        self._card.body.addWidget(self.plot)
        self.box.addWidget(self._card)

    @classmethod
    def lacks(cls, experiment: Race) -> Phrase | None:
        if lowest_values(experiment) is not None:
            return None
        return Phrase("it needs a lowest value f*, and none is known of this surface")

    def draw(self, past: Past) -> None:
        self._past = past
        self._card.set_warning(self.divergence_texts(past.diverged))
        self._show()

    def _show(self) -> None:
        if self._past is None:
            return
        width, height = self.plot.room_px()
        steps = arrivals(self.race, self._past)
        waiting = [run for run, step in enumerate(steps) if step is None]
        arrived = {run: float(step) for run, step in enumerate(steps) if step is not None}
        end = time_end(self._past.step, self.race.steps)
        rows = max(1, int(height / self.marks.row_px()))
        names = [""] * len(steps) if self.look.has_key else self.names
        reserved = min(self.marks.waiting_px([names[run] for run in waiting], rows), _MOST_WAITING * width)
        shown = end * width / (width - reserved - self.look.metrics.tick)
        self._bottom.set_reach(end)
        self.plot.set_ranges(x=(0.0, shown), y=(0.0, 1.0))
        self.marks.show_marks(names, arrived, waiting, end, QRectF(0.0, 0.0, shown, 1.0), (width, height))


class Named(NamedTuple):
    """A run's name where it is written, in pixels from the upper left corner of the plot's region."""

    run: int
    text: str
    rect: QRectF
    at: QPointF
    """Where the run's marker is."""


class ArrivalMarks(pg.GraphicsObject):  # type: ignore[misc]
    """A line of steps with the runs that have arrived on it, and the others in columns to its right."""

    def __init__(self, look: Look, waiting: str) -> None:
        super().__init__()
        self._look, self._waiting = look, waiting
        self._font = font(look.metrics.name, QFont.Weight.Bold)
        self.named: list[Named] = []
        self._line = 0.0
        self._bounds = QRectF()
        self._size = (1, 1)
        self._heading: QPointF | None = None

    @property
    def _radius(self) -> float:
        return max(2.0 * self._look.metrics.line, 0.3 * self._look.metrics.tick)

    def row_px(self) -> float:
        """Return the height of a row of names."""
        return _ROW * self._look.metrics.name

    def _width(self, text: str) -> float:
        return float(text_width(self._font, text))

    def waiting_px(self, names: Sequence[str], rows: int) -> float:
        """Return how wide the columns of those that have not arrived are, of so many rows and one for the heading."""
        rows = max(1, rows - 1)
        columns = [names[i : i + rows] for i in range(0, len(names), rows)]
        heading = text_width(font(self._look.metrics.tick), self._waiting)
        return max(heading, sum(self._column(column) for column in columns)) if names else 0.0

    def _column(self, names: Sequence[str]) -> float:
        tick = self._look.metrics.tick
        return max(map(self._width, names)) + 2.2 * tick

    def show_marks(
        self, names: Sequence[str], arrived: dict[int, float], waiting: Sequence[int], end: float, bounds: QRectF,
        size: tuple[int, int],
    ) -> None:  # fmt: skip
        """Show at which steps runs have arrived on a line that ends at a step, and which are waited for."""
        self.prepareGeometryChange()
        self._bounds, self._size = bounds, size
        px = size[0] / bounds.width()
        self._line = end * px
        self.named = self._on_line({run: step * px for run, step in arrived.items()}, names, arrived)
        self.named += self._beside(names, waiting)
        self.update()

    def _on_line(self, at: dict[int, float], names: Sequence[str], steps: dict[int, float]) -> list[Named]:
        """Return names above and below their dots in turns; without room for all, in as many rows as they need."""
        row, middle, gap = self.row_px(), self._size[1] / 2, 0.6 * self._look.metrics.tick
        above = max(1, int((middle - self._radius) / row))
        found: list[Named] = []
        runs = sorted(at, key=lambda run: at[run])
        texts = {run: f"{names[run]} {steps[run]:,.0f}".strip() for run in runs}
        for count in range(1, above + 1):
            rows = [runs[i :: 2 * count] for i in range(2 * count)]
            if all(sum(self._width(texts[run]) + gap for run in members) <= self._line for members in rows):
                break
        for i, members in enumerate(rows if runs else []):
            away = self._radius + (i // 2 + 0.5) * row
            height = middle + (away if i % 2 else -away)
            widths = [self._width(texts[run]) + gap for run in members]
            wanted = [at[run] - width / 2 for run, width in zip(members, widths, strict=True)]
            starts = spread_sizes(wanted, widths, (-gap / 2, self._line + self._look.metrics.tick))
            for run, start, width in zip(members, starts, widths, strict=True):
                rect = QRectF(start + gap / 2, height - row / 2, width - gap, row)
                found.append(Named(run, texts[run], rect, QPointF(at[run], middle)))
        return found

    def _beside(self, names: Sequence[str], waiting: Sequence[int]) -> list[Named]:
        """Return the names of those that have not arrived, in columns under a heading."""
        self._heading = None
        if not waiting:
            return []
        tick, row = self._look.metrics.tick, self.row_px()
        rows = max(1, int(self._size[1] / row) - 1)
        left, found = self._line + 1.5 * tick, []
        self._heading = QPointF(left, row / 2)
        columns = [waiting[first : first + rows] for first in range(0, len(waiting), rows)]
        texts = self._shortened(names, columns, self._size[0] - left)
        for column in columns:
            for i, run in enumerate(column):
                rect = QRectF(left + 0.9 * tick, (i + 1) * row, self._width(texts[run]), row)
                found.append(Named(run, texts[run], rect, QPointF(left + self._radius, rect.center().y())))
            left += self._column([texts[run] for run in column])
        return found

    def _shortened(self, names: Sequence[str], columns: Sequence[Sequence[int]], room: float) -> Sequence[str]:
        """Return the names, all cut to one width where their columns have no room side by side."""
        if sum(self._column([names[run] for run in column]) for column in columns) - _BESIDE * self.row_px() <= room:
            return names
        most = max(0, int((room + _BESIDE * self.row_px()) / len(columns) - 2.2 * self._look.metrics.tick))
        metrics = QFontMetrics(self._font)
        return [metrics.elidedText(name, mode_for(names), most) for name in names]

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(self, painter: QPainter, *args: object) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        corner = in_px(painter, np.array([[self._bounds.left(), self._bounds.bottom()]]))[0]
        to_px = painter.worldTransform()
        painter.setWorldTransform(QTransform.fromTranslate(*corner.tolist()))
        theme, middle = self._look.theme, self._size[1] / 2
        painter.setPen(QPen(QColor(theme.muted), max(1.0, 0.5 * self._look.metrics.line)))
        painter.drawLine(QLineF(0.0, middle, self._line, middle))
        if self._heading is not None:
            painter.setFont(font(self._look.metrics.tick))
            self._write(painter, self._heading, self._waiting)
        painter.setFont(self._font)
        for named in self.named:
            self._draw_name(painter, named)
        for named in self.named:
            draw_end(painter, self._look, named.run, named.at, self._radius)
        painter.setWorldTransform(to_px)

    def _draw_name(self, painter: QPainter, named: Named) -> None:
        colour = QColor(self._look.run_colour(named.run))
        away = named.rect.center().y() - named.at.y()
        is_above = named.rect.left() <= named.at.x() <= named.rect.right()
        if abs(away) > 1.2 * self.row_px() or (away and not is_above):
            painter.setPen(QPen(colour, max(1.0, 0.4 * self._look.metrics.line)))
            edge = named.rect.top() if away > 0 else named.rect.bottom()
            x = min(max(named.at.x(), named.rect.left()), named.rect.right())
            painter.drawLine(QLineF(named.at, QPointF(x, edge)))
        painter.setPen(QColor(self._look.text_colour(named.run)))
        self._write(painter, QPointF(named.rect.left(), named.rect.center().y()), named.text)

    def _write(self, painter: QPainter, left: QPointF, text: str) -> None:
        """Write a text whose capitals are centred at a height."""
        painter.drawText(QPointF(left.x(), left.y() + painter.fontMetrics().capHeight() / 2), text)

"""The step that each run is about to take, on the map around its head: what the gradient does, and what is added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradsim.engine.surfaces import Surface
from gradsim.engine.types import Array
from gradsim.schema.errors import Phrase
from gradsim.sim.kinds import Experiment
from gradsim.sim.kinds.race.legs import rate_at
from gradsim.sim.kinds.race.racer import VECTORS
from gradsim.sim.kinds.race.spec import Race
from gradsim.sim.run.changes import phases, updated_in
from gradsim.sim.run.tape import Past
from gradsim.ui.plots.contours import crossings, line_pen
from gradsim.ui.plots.devices import painting_on
from gradsim.ui.plots.ground import ground_colours
from gradsim.ui.plots.marks import draw_arrow, draw_head
from gradsim.ui.plots.plane import BEYOND
from gradsim.ui.plots.plot import round_step
from gradsim.ui.plots.strokes import Strokes
from gradsim.ui.theme import Look, font, mixed
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.common.view import Card
from gradsim.ui.views.race.race_view import RaceView, lacks_one_surface
from gradsim.words.numbers import figure

MOVE, REST = "step", "momentum"
"""How parts of the step are called; the third is the learning rate times the gradient, against its direction."""

MOST_SHOWN = 4
_LINES, _LINE = 5, 1.3
"""Lines of text below a square, and the height of each in heights of its letters."""
_GRID, _LEVELS = 17, 7.0
"""Places along a side at which the surface is known, and about how many level lines cross a square."""
_TRACE = 60
"""Of the path, so many points are drawn."""
_FINEST = 1e-9
"""The least side of a square, as a share of that of the surface's window: below, rounding shows."""


class Part(NamedTuple):
    """What is shown of one run.

    Attributes
    ----------
    run
        Its number.
    path : (n, 2)
        Where it has been, and is.
    downhill, move : (2,)
        The learning rate times the gradient against its direction, and the next step; NaN where there is none.
    rest : (2,), optional
        What earlier gradients add to the first to make the second; None for rules that scale components.
    """

    run: int
    path: Array
    downhill: Array
    move: Array
    rest: Array | None

    @property
    def longest(self) -> float:
        """The length of the step, 0 where there is none."""
        return float(np.nan_to_num(np.hypot(*self.move)))


class Step(RaceView):
    """A square of the map around the head of each run, all at one scale, with the arrows of its next step."""

    key = "step"
    title = "The step, taken apart"
    help = "The next step of each run: the gradient, and what the optimizer makes of it."
    order = 100
    place = "right"
    stretch = 3

    @classmethod
    def lacks(cls, experiment: Race) -> Phrase | None:
        return lacks_one_surface(experiment)

    def __init__(self, experiment: Experiment, look: Look, options: ViewOptions | None = None) -> None:
        super().__init__(experiment, look, options)
        # The one with most to take apart first.
        used = [max(len(phase.run.optimizer.used_state) for phase in phases(run)) for run in self.race.runs]
        self._run = used.index(max(used))
        self._picked = False
        self._past: Past | None = None
        self._card = Card(look)
        if len(self.race.runs) > 1:
            for text, by in (("◀", -1), ("▶", 1)):
                tool = self._card.add_tool(text, partial(self._pick, by))
                tool.setToolTip(look.tr("The run before") if by < 0 else look.tr("The next run"))
        self._squares = _Squares(look, self.race.surface)
        self._squares.chosen.connect(self._choose)
        self._card.body.addWidget(self._squares)
        self.box.addWidget(self._card)
        self._name_run()

    def _pick(self, by: int) -> None:
        self._choose((self._run + by) % len(self.race.runs))

    def _choose(self, run: int) -> None:
        self._run, self._picked = run, True
        self._name_run()
        if self._past is not None:
            self._show(self._past)

    def state(self) -> dict[str, Any]:
        return {"name": self.names[self._run], "run": self._run} if self._picked else {}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Choose the run of that name; where none is called so any more, the one in its place."""
        if state:
            names = self.names
            at = names.index(state["name"]) if state["name"] in names else state["run"]
            self._choose(min(at, len(names) - 1))

    def _name_run(self) -> None:
        look = self.look
        title = look.tr("{run}: the next step").format(run=self.names[self._run])
        self._card.rename(title, look.text_colour(self._run))
        self._show_formula(self._past.step if self._past else 0)

    def _show_formula(self, step: int) -> None:
        """Show the rule by which the step from `step` is taken, and the scale of the squares."""
        optimizer = updated_in(self.race.runs[self._run], step).run.optimizer
        scale = self.look.tr("each square is {w} wide").format(w=_short(self._squares.side))
        brief = self.look.theme.name == "projector"
        self._card.set_subtitle(scale if brief else f"{optimizer.formula}{self.look.tr('; ')}{scale}")

    def set_experiment(self, experiment: Experiment) -> None:
        super().set_experiment(experiment)
        self._name_run()

    def draw(self, past: Past) -> None:
        self._past = past
        self._show(past)

    def _show(self, past: Past) -> None:
        count = len(self.race.runs)
        runs = range(count) if count <= MOST_SHOWN else [(self._run + i) % count for i in range(MOST_SHOWN)]
        parts = [self._part(past, run) for run in runs]
        self._squares.show_parts(parts, self.names, self._run)
        gone = [divergence for divergence in past.diverged if divergence.run == self._run]
        self._card.set_warning(self.divergence_text(gone[0]) if gone else None)
        self._show_formula(past.step)

    def _part(self, past: Past, run: int) -> Part:
        vectors = {name: past.values(run, name)[:, 0] for name in VECTORS}
        path = np.stack([past.replicas(run, name)[:, 0] for name in ("x", "y")], axis=1)
        downhill = -rate_at(self.race, self.race.runs[run], past.step) * vectors["gradient"]
        adds = np.isfinite(vectors["momentum"]).all() and not np.isfinite(vectors["scaled"]).any()
        rest = vectors["move"] - downhill if adds else None
        return Part(run, path[np.isfinite(path).all(axis=1)], downhill, vectors["move"], rest)


class _Squares(QWidget):
    """The squares, as large as they can be, each with its figures below."""

    chosen = Signal(int)
    """The square of this run was pressed."""

    def __init__(self, look: Look, surface: Surface) -> None:
        super().__init__()
        self._look, self._surface = look, surface
        self._parts: Sequence[Part] = ()
        self._names: Sequence[str] = ()
        self._run = 0
        self._strokes = Strokes()
        self.side = 1.0
        """How many units of x and of y a square is wide: a round number that holds the longest step."""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 80)

    def show_parts(self, parts: Sequence[Part], names: Sequence[str], run: int) -> None:
        """Show these runs, all names given, and one of them chosen."""
        self._parts, self._names, self._run = parts, names, run
        x0, x1, _, _ = self._surface.window
        longest = max(part.longest for part in parts)
        self.side = round_step(max(2.4 * longest, _FINEST * (x1 - x0)))
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        for part, room in zip(self._parts, self._rooms() if self._parts else (), strict=True):
            if room.contains(event.position()):
                self.chosen.emit(part.run)

    @property
    def _lines(self) -> int:
        return 2 if self._look.theme.name == "projector" else _LINES

    def _rooms(self) -> list[QRectF]:
        count = len(self._parts)
        columns = max(range(1, count + 1), key=self._square)
        width, height = self.width() / columns, self.height() / -(-count // columns)
        return [QRectF(i % columns * width, i // columns * height, width, height) for i in range(count)]

    def _square(self, columns: int) -> float:
        """Return how wide a square can be where there are so many in a row."""
        tick, rows = self._look.metrics.tick, -(-len(self._parts) // columns)
        return min(self.width() / columns - 0.6 * tick, self.height() / rows - (self._lines * _LINE + 0.6) * tick)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._parts:
            return
        with painting_on(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            rooms = self._rooms()
            side = max(20.0, self._square(round(self.width() / rooms[0].width())))
            for part, room in zip(self._parts, rooms, strict=True):
                square = QRectF(
                    room.center().x() - side / 2.0, room.top() + 0.2 * self._look.metrics.tick, side, side
                )
                step = self._draw_square(painter, square, part) if len(part.path) else 0.0
                self._draw_frame(painter, square, part.run)
                below = QRectF(room.left(), square.bottom(), room.width(), room.bottom() - square.bottom())
                self._draw_words(painter, below, part, step)

    def _draw_square(self, painter: QPainter, square: QRectF, part: Part) -> float:
        """Draw the surroundings of a run's head, and its arrows; return by how much level lines differ."""
        here, scale = part.path[-1], square.width() / self.side
        middle = np.array([square.center().x(), square.center().y()])

        def px(places: Array) -> Array:
            return np.asarray(middle + np.clip((places - here) * (scale, -scale), -BEYOND, BEYOND))

        painter.save()
        painter.setClipRect(square)
        step = self._draw_ground(painter, square, here)
        line, colour = self._look.metrics.line, QColor(self._look.run_colour(part.run))
        pen = QPen(mixed(colour.name(), self._look.theme.card, 0.6), line, c=Qt.PenCapStyle.RoundCap)
        self._strokes.line(painter, px(part.path[-_TRACE:]), pen)
        rim, foot, tip = QColor(self._look.theme.card), here + part.downhill, here + part.move
        arrows = [(here, foot, QColor(self._look.theme.muted), line)]
        if part.rest is not None:
            arrows.append((foot, tip, self._pale(part.run), line))
        arrows.append((here, tip, colour, 1.6 * line))
        for start, end, ink, width in arrows:
            if np.isfinite([start, end]).all():
                draw_arrow(painter, ink, QPointF(*px(start)), QPointF(*px(end)), width, rim)
        draw_head(painter, self._look, colour, QPointF(*middle), 0.25 * self._look.metrics.tick, square)
        painter.restore()
        return step

    def _draw_ground(self, painter: QPainter, square: QRectF, here: Array) -> float:
        painter.fillRect(square, QColor(*ground_colours(self._look.theme)[110].tolist()))
        around = np.linspace(-0.5, 0.5, _GRID)
        with np.errstate(all="ignore"):
            values = self._surface.value(*np.meshgrid(here[0] + self.side * around, here[1] + self.side * around))
        span = float(values.max() - values.min())
        if not 0.0 < span < np.inf:
            return 0.0
        step = round_step(span / _LEVELS)
        x = square.center().x() + square.width() * around
        y = square.center().y() - square.height() * around
        levels = step * np.arange(np.ceil(values.min() / step), np.floor(values.max() / step) + 1.0)
        self._strokes.segments(painter, crossings(x, y, values, levels), line_pen(self._look))
        return step

    def _draw_frame(self, painter: QPainter, square: QRectF, run: int) -> None:
        is_chosen, line = run == self._run and len(self._names) > 1, self._look.metrics.line
        colour = self._look.theme.ink if is_chosen else self._look.theme.muted
        painter.setPen(QPen(QColor(colour), 0.9 * line if is_chosen else 0.4 * line))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(square)

    def _pale(self, run: int) -> QColor:
        return mixed(self._look.run_colour(run), self._look.theme.muted, 0.55)

    def _draw_words(self, painter: QPainter, room: QRectF, part: Part, step: float) -> None:
        """Write the name, and how long each arrow is, in its colour."""
        look, tick = self._look, self._look.metrics.tick
        colour, muted = QColor(look.run_colour(part.run)), QColor(look.theme.muted)
        told = [(self._names[part.run], colour), (f"{look.tr(MOVE)} {_length(part.move)}", colour)]
        told.append((f"−η∇f {_length(part.downhill)}", muted))
        if part.rest is not None:
            told.append((f"{look.tr(REST)} {_length(part.rest)}", self._pale(part.run)))
        if step:
            told.append((look.tr("lines every {step}").format(step=_short(step)), muted))
        for i, (line, ink) in enumerate(told[: self._lines]):
            text_font = font(tick, QFont.Weight.Bold if i == 0 else QFont.Weight.Normal)
            painter.setFont(text_font)
            painter.setPen(ink)
            text = QFontMetrics(text_font).elidedText(line, Qt.TextElideMode.ElideRight, round(room.width()))
            place = QRectF(room.left(), room.top() + 0.2 * tick + _LINE * tick * i, room.width(), _LINE * tick)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignHCenter), text)


def _length(vector: Array) -> str:
    length = float(np.hypot(*vector))
    return _short(length) if np.isfinite(length) else "–"


def _short(value: float) -> str:
    return f"{value:.2g}" if 1e-3 <= value < 99.5 or value == 0.0 else figure(value)

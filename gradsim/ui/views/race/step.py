"""The step that a run is about to take, taken apart: gradient, momentum, scaled gradient and what comes of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradsim.engine.types import Array
from gradsim.sim.kinds import Experiment
from gradsim.sim.kinds.race.racer import VECTORS
from gradsim.sim.run.changes import phases, updated_in
from gradsim.sim.run.tape import Past
from gradsim.ui.theme import Look, font, mixed
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.common.view import Card
from gradsim.ui.views.race.race_view import RaceView

NAMES = {"gradient": "− gradient", "momentum": "− momentum", "scaled": "− scaled gradient", "move": "step"}
"""How each part is called; all are drawn the way in which they push."""


_LINES, _LINE = 3, 1.4
"""Lines of text below a plane, and the height of each in heights of its letters."""


class Step(RaceView):
    """Four planes, one for each part, turned like the map; each arrow fills its plane, its length in words."""

    key = "step"
    title = "The step, taken apart"
    help = "The next step of each run: the gradient, and what the optimizer makes of it."
    order = 100
    place = "right"

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
        self._planes = _Planes(look)
        self._card.body.addWidget(self._planes)
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
        self._card.rename(title, look.run_colour(self._run))
        self._show_formula(self._past.step if self._past else 0)

    def _show_formula(self, step: int) -> None:
        """Show the rule by which the step from `step` is taken."""
        optimizer = updated_in(self.race.runs[self._run], step).run.optimizer
        self._card.set_subtitle("" if self.look.theme.name == "projector" else optimizer.formula)

    def set_experiment(self, experiment: Experiment) -> None:
        super().set_experiment(experiment)
        self._name_run()

    def draw(self, past: Past) -> None:
        self._past = past
        self._show(past)

    def _show(self, past: Past) -> None:
        parts = {name: past.values(self._run, name)[:, 0] for name in VECTORS}
        pushes = {name: vector if name == "move" else -vector for name, vector in parts.items()}
        self._planes.show_parts(pushes, self.look.run_colour(self._run))
        gone = [divergence for divergence in past.diverged if divergence.run == self._run]
        self._card.set_warning(self.divergence_text(gone[0]) if gone else None)
        if self.race.runs[self._run].changes:
            self._show_formula(past.step)


class _Planes(QWidget):
    """The arrows, side by side."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._parts: Mapping[str, Array] = {}
        self._colour = look.theme.ink
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 80)

    def show_parts(self, parts: Mapping[str, Array], colour: str) -> None:
        """Show these vectors (2,), NaN for those that there are not."""
        self._parts, self._colour = parts, colour
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        columns = max((4, 2), key=self._side)
        width, height = self.width() / columns, self.height() * columns / len(NAMES)
        for i, (name, vector) in enumerate(self._parts.items()):
            room = QRectF(i % columns * width, i // columns * height, width, height)
            self._draw_plane(painter, room, self._side(columns), name, vector)
        painter.end()

    def _side(self, columns: int) -> float:
        """Return how wide a plane can be where there are so many in a row."""
        tick = self._look.metrics.tick
        height = self.height() * columns / len(NAMES)
        return min(self.width() / columns - 0.5 * tick, height - _LINES * _LINE * tick - 0.4 * tick)

    def _draw_plane(self, painter: QPainter, room: QRectF, side: float, name: str, vector: Array) -> None:
        tick = self._look.metrics.tick
        radius = max(10.0, side / 2)
        spare = max(0.0, room.height() - 2 * radius - _LINES * _LINE * tick - 0.4 * tick)
        centre = QPointF(room.center().x(), room.top() + 0.4 * spare + radius + 0.2 * tick)
        self._draw_ground(painter, centre, radius)
        known = bool(np.isfinite(vector).all())
        downhill = self._parts["gradient"]
        if name != "gradient" and known:
            grey = mixed(self._look.theme.muted, self._look.theme.card, 0.6)
            self._draw_arrow(painter, centre, radius, downhill, grey, 0.5)
        if known:
            self._draw_arrow(painter, centre, radius, vector, QColor(self._colour), 1.4)
        below = QRectF(room.left(), centre.y() + radius + 0.2 * tick, room.width(), _LINES * _LINE * tick)
        self._draw_words(painter, below, name, vector if known else None)

    def _draw_ground(self, painter: QPainter, centre: QPointF, radius: float) -> None:
        theme = self._look.theme
        painter.setPen(QPen(QColor(theme.line), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(centre, radius, radius)
        for dx, dy in ((radius, 0.0), (0.0, radius)):
            painter.drawLine(centre - QPointF(dx, dy), centre + QPointF(dx, dy))

    def _draw_arrow(
        self, painter: QPainter, centre: QPointF, radius: float, vector: Array, colour: QColor, weight: float
    ) -> None:
        length = float(np.hypot(*vector))
        if length == 0.0 or not np.isfinite(length):
            return
        # Upwards on the map is towards smaller pixels.
        along = np.array([vector[0], -vector[1]]) / length
        across = np.array([-along[1], along[0]])
        width = max(1.5, weight * self._look.metrics.line)
        tip, head = 0.92 * radius * along, min(0.35 * radius, 4.5 * width)
        middle = np.array([centre.x(), centre.y()])
        painter.setPen(QPen(colour, width))
        painter.drawLine(centre, QPointF(*(middle + tip - 0.8 * head * along)))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QBrush(colour))
        corners = (tip, tip - head * along + 0.45 * head * across, tip - head * along - 0.45 * head * across)
        painter.drawPolygon(QPolygonF([QPointF(*(middle + corner)) for corner in corners]))

    def _draw_words(self, painter: QPainter, room: QRectF, name: str, vector: Array | None) -> None:
        look, tick = self._look, self._look.metrics.tick
        values = [look.tr("none")]
        if vector is not None:
            length = look.tr("length {n}").format(n=_short(float(np.hypot(*vector))))
            values = [f"({_short(vector[0])}, {_short(vector[1])})", length]
        lines = [look.tr(NAMES[name]), *values]
        painter.setFont(font(tick))
        metrics = QFontMetrics(font(tick))
        for i, line in enumerate(lines):
            painter.setPen(QColor(look.theme.ink if i == 0 else look.theme.muted))
            text = metrics.elidedText(line, Qt.TextElideMode.ElideRight, round(room.width()))
            place = QRectF(room.left(), room.top() + _LINE * tick * i, room.width(), _LINE * tick)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignHCenter), text)


def _short(value: float) -> str:
    return f"{value:.2g}".replace("-", "−")

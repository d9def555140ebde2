"""What the marks of a map mean, in one line below it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradsim.ui.plots.devices import painting_on
from gradsim.ui.plots.ground import ground_colours
from gradsim.ui.plots.marks import draw_arrow, draw_start, draw_stationary
from gradsim.ui.theme import Look, font

_Draw = Callable[[QPainter, Look, QPointF], None]

_MARK, _GAP = 1.5, 0.8
"""The widths of a mark and of the gap after its text, in heights of letters."""


def _stationary(kind: str, painter: QPainter, look: Look, at: QPointF) -> None:
    draw_stationary(painter, look, kind, at)  # type: ignore[arg-type]


def _ground(share: float, painter: QPainter, look: Look, at: QPointF) -> None:
    side = look.metrics.tick
    table = ground_colours(look.theme)
    painter.setPen(QPen(QColor(look.theme.muted), 1.0))
    painter.setBrush(QColor(*table[round(share * (len(table) - 1))].tolist()))
    painter.drawRect(QRectF(at.x() - side / 2, at.y() - side / 2, side, side))


def _arrow(of_step: bool, painter: QPainter, look: Look, at: QPointF) -> None:
    reach, line = QPointF(0.6 * look.metrics.tick, 0.0), look.metrics.line
    colour = QColor(look.theme.ink if of_step else look.theme.muted)
    draw_arrow(painter, colour, at - reach, at + reach, (1.2 if of_step else 0.8) * line, QColor(look.theme.card))


ARROWS: Mapping[str, _Draw] = {"next step": partial(_arrow, True), "−η∇f": partial(_arrow, False)}
"""The arrows at the heads of paths, to the scale of the map."""

MARKS: Mapping[str, _Draw] = {
    "start": lambda painter, look, at: draw_start(painter, look, at),
    "minimum": partial(_stationary, "minimum"),
    "saddle point": partial(_stationary, "saddle"),
    "maximum": partial(_stationary, "maximum"),
    "low": partial(_ground, 0.0),
    "high": partial(_ground, 1.0),
}
"""Each mark and each filling by what it means."""


class MapKey(QWidget):
    """Marks with their meanings; the last ones are left out where there is no room.

    Parameters
    ----------
    look
        Colours and sizes.
    arrows
        Whether the map has arrows of the next steps.
    """

    def __init__(self, look: Look, arrows: bool) -> None:
        super().__init__()
        self._look = look
        self._marks = {**MARKS, **(ARROWS if arrows else {})}
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(round(1.5 * look.metrics.tick))

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting_on(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            look, tick = self._look, self._look.metrics.tick
            metrics, x, middle = QFontMetrics(font(tick)), 0.0, self.height() / 2.0
            for meaning, draw in self._marks.items():
                text = look.tr(meaning)
                width = _MARK * tick + metrics.horizontalAdvance(text)
                if x + width > self.width():
                    break
                draw(painter, look, QPointF(x + 0.6 * tick, middle))
                painter.setFont(font(tick))
                painter.setPen(QColor(look.theme.muted))
                painter.drawText(QPointF(x + _MARK * tick, middle + 0.36 * tick), text)
                x += width + _GAP * tick

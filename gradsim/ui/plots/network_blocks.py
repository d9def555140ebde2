"""A network too deep for lines: a block for each layer, as strong as the gradient of its weights."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from gradsim.sim.run.tape import Values
from gradsim.ui.plots.network_lines import Spot
from gradsim.ui.plots.strength import Strength

_FILLED = 0.8
"""How much of a layer's width its block takes."""
_WIDE = 1.5
"""From how many heights of the type on a block is wide enough to be crossed out."""


class NetworkBlocks:
    """Draws blocks.

    Parameters
    ----------
    figures : (layers,)
        The gradient of each layer's weights.
    dead : (layers,)
        The share of each layer's units that are dead: so much of its block is hollow.
    strength, room
        How strong they are drawn, and where.
    """

    def __init__(self, figures: Values, dead: Values, strength: Strength, room: QRectF) -> None:
        self.figures, self.dead, self.strength, self.room = figures, dead, strength, room

    @property
    def _column(self) -> float:
        return self.room.width() / len(self.figures)

    def middle(self, gap: int) -> float:
        """Return the middle of a layer's block."""
        return self.room.left() + self._column * (gap + 0.5)

    def block(self, gap: int) -> QRectF:
        """Return where a layer's block is."""
        width = max(1.0, _FILLED * self._column)
        return QRectF(self.middle(gap) - width / 2, self.room.top(), width, self.room.height())

    def dead_part(self, gap: int) -> QRectF:
        """Return what of a layer's block stands for its dead units, from the bottom up."""
        block = self.block(gap)
        return block.adjusted(0.0, block.height() * (1.0 - float(self.dead[gap])), 0.0, 0.0)

    def paint(self, painter: QPainter) -> None:
        """Draw all blocks, each with an edge: one without a gradient is there, too."""
        painter.setPen(QPen(QColor(self.strength.look.theme.line), self.strength.look.metrics.hair))
        for gap, share in enumerate(self.strength.shares(self.figures).tolist()):
            painter.setBrush(self.strength.colour(share))
            painter.drawRect(self.block(gap))
        for gap in np.flatnonzero(self.dead).tolist():
            self._paint_dead(painter, self.dead_part(gap))

    def _paint_dead(self, painter: QPainter, part: QRectF) -> None:
        """Draw the part of dead units, crossed out as a dead unit is where there is room for that."""
        look = self.strength.look
        painter.fillRect(part, QColor(look.theme.card))
        painter.setPen(QPen(QColor(look.theme.ink), max(1.0, 0.9 * look.metrics.hair)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawLine(part.topLeft(), part.topRight())
        if part.width() >= _WIDE * look.metrics.tick:
            painter.drawRect(part)
            painter.drawLine(part.topLeft(), part.bottomRight())
            painter.drawLine(part.bottomLeft(), part.topRight())

    def paint_lit(self, painter: QPainter) -> None:
        """Draw the blocks as they are where a pulse passes them: it does not pass dead units."""
        for gap in range(len(self.figures)):
            alive = self.block(gap)
            alive.setBottom(self.dead_part(gap).top())
            painter.fillRect(alive, self.strength.lit)

    def spot(self, at: QPointF) -> Spot | None:
        """Return the layer at a place."""
        if not self.room.contains(at):
            return None
        return Spot("layer", int(np.clip((at.x() - self.room.left()) / self._column, 0, len(self.figures) - 1)))

"""A network too deep for lines: a block for each layer, as strong as the gradient of its weights."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen

from gradsim.sim.run.tape import Values
from gradsim.ui.plots.network_lines import Spot
from gradsim.ui.plots.strength import Strength

_FILLED = 0.8
"""How much of a layer's width its block takes."""


class NetworkBlocks:
    """Draws blocks.

    Parameters
    ----------
    figures : (layers,)
        The gradient of each layer's weights.
    strength, room
        How strong they are drawn, and where.
    """

    def __init__(self, figures: Values, strength: Strength, room: QRectF) -> None:
        self.figures, self.strength, self.room = figures, strength, room

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

    def paint(self, painter: QPainter) -> None:
        """Draw all blocks, each with an edge: one without a gradient is there, too."""
        painter.setPen(QPen(QColor(self.strength.look.theme.line), self.strength.look.metrics.hair))
        for gap, share in enumerate(self.strength.shares(self.figures).tolist()):
            painter.setBrush(self.strength.colour(share))
            painter.drawRect(self.block(gap))

    def paint_lit(self, painter: QPainter) -> None:
        """Draw the blocks as they are where a pulse passes them."""
        for gap in range(len(self.figures)):
            painter.fillRect(self.block(gap), self.strength.lit)

    def spot(self, at: QPointF) -> Spot | None:
        """Return the layer at a place."""
        if not self.room.contains(at):
            return None
        return Spot("layer", int(np.clip((at.x() - self.room.left()) / self._column, 0, len(self.figures) - 1)))

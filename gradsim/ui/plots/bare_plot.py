"""A plot without axes: one of many beside each other, whose axes are told once."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtWidgets import QGraphicsGridLayout

from gradsim.ui.plots.plot import Plot, ValueAxis
from gradsim.ui.theme import Look


class BarePlot(Plot):
    """A plot that has all of its room for what is drawn."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, ValueAxis("left", look), ValueAxis("bottom", look))

    def _framed(self, left: pg.AxisItem, bottom: pg.AxisItem) -> pg.GraphicsWidget:
        frame, grid = pg.GraphicsWidget(), QGraphicsGridLayout()
        frame.setLayout(grid)
        grid.setContentsMargins(1, 1, 1, 1)
        grid.addItem(self.box, 0, 0)
        return frame

    def room_px(self) -> tuple[int, int]:
        return max(1, self.width() - 2), max(1, self.height() - 2)

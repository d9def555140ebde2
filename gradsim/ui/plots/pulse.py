"""A pulse that runs backward through a network's picture, in each layer as bright as its gradient is strong."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from gradsim.sim.run.tape import Values
from gradsim.ui.plots.devices import px_per_point
from gradsim.ui.plots.network_blocks import NetworkBlocks
from gradsim.ui.plots.network_lines import NetworkLines

_SLICES = 17
"""Of so many slices it consists, from its edges to its middle the brighter."""
_HALO = 0.16
"""How much of its colour is between the lines."""


class Pulse:
    """Paints itself over a picture that is kept; without a phase there is none.

    Parameters
    ----------
    picture
        What it runs over.
    room
        Returns where in the picture it may be seen.
    """

    def __init__(self, picture: QWidget, room: Callable[[], QRect]) -> None:
        self._picture, self._room = picture, room
        self._phase: float | None = None
        self._shares: Values = np.zeros(1)
        self._lit: QPixmap | None = None
        """The lines as they are where it passes."""

    @property
    def phase(self) -> float | None:
        """How far back it is, from 0 at the output to 1; None while there is no pulse."""
        return self._phase

    def show_shares(self, shares: Values) -> None:
        """Be so bright in each layer, from 0 to 1."""
        self._shares = shares

    def forget(self) -> None:
        """Forget what is kept of lines that have moved."""
        self._lit = None

    def move(self, phase: float | None) -> None:
        """Be somewhere else, or nowhere; only what changes is painted anew."""
        if phase == self._phase:
            return
        before, self._phase = self._rect(), phase
        if phase is None:
            self._lit = None
        self._picture.update(before.united(self._rect()))

    def _rect(self) -> QRect:
        if self._phase is None:
            return QRect()
        left, right = self._band()
        room = self._room()
        return QRect(round(left) - 1, room.top(), round(right - left) + 2, room.height()).intersected(room)

    def _band(self) -> tuple[float, float]:
        """Return the left and right end of the pulse."""
        assert self._phase is not None
        room = QRectF(self._room())
        half = max(0.7 * room.width() / len(self._shares), 0.05 * room.width())
        middle = room.right() + half - self._phase * (room.width() + 2.0 * half)
        return middle - half, middle + half

    def brightness(self, x: float) -> float:
        """Return how bright it is at a place across, from 0 to 1."""
        return 0.0 if self._phase is None else float(self._brightnesses(np.array([x]))[0])

    def _brightnesses(self, x: Values) -> Values:
        """Return how bright it is at places across."""
        left, right = self._band()
        room, layers = self._room(), len(self._shares)
        layer = np.clip((x - room.left()) / room.width() * layers, 0, layers - 1).astype(int)
        near = 1.0 - np.abs(2.0 * (x - left) / (right - left) - 1.0)
        return np.asarray(np.maximum(0.0, near) * self._shares[layer])

    def paint(self, painter: QPainter, drawing: NetworkLines | NetworkBlocks, within: QRect) -> None:
        """Paint it over the picture, if it is seen within a rectangle."""
        if self._phase is None or not self._rect().intersects(within):
            return
        lit, room = self._lit_for(px_per_point(painter), drawing), self._room()
        edges = np.linspace(*self._band(), _SLICES + 1).round()
        bright = self._brightnesses(0.5 * (edges[:-1] + edges[1:])).tolist()
        edges = np.clip(edges, room.left(), room.right() + 1)
        ratio, top, high = lit.devicePixelRatioF(), room.top(), room.height()
        for (left, right), opacity in zip(pairwise(edges.tolist()), bright, strict=True):
            if left < right and opacity >= 0.01:
                painter.setOpacity(opacity)
                source = QRectF(left * ratio, top * ratio, (right - left) * ratio, high * ratio)
                painter.drawPixmap(QRectF(left, top, right - left, high), lit, source)
        painter.setOpacity(1.0)

    def _lit_for(self, ratio: float, drawing: NetworkLines | NetworkBlocks) -> QPixmap:
        if self._lit is None or self._lit.devicePixelRatioF() != ratio:
            self._lit = QPixmap(self._picture.size() * ratio)
            self._lit.setDevicePixelRatio(ratio)
            halo = QColor(drawing.strength.lit)
            halo.setAlphaF(_HALO)
            self._lit.fill(halo)
            with QPainter(self._lit) as painter:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                drawing.paint_lit(painter)
        return self._lit

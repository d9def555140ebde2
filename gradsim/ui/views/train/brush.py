"""Painting points on a plane by the mouse: a brush for each class, an eraser, and the points that a stroke leaves."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QCursor, QIcon, QPainter, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from gradsim.engine.data.user_points import MAX_CLASSES, Dot, rounded
from gradsim.engine.surfaces import Bounds
from gradsim.ui.label import ElidedLabel, tip
from gradsim.ui.plots.classes import class_colour, class_shape
from gradsim.ui.plots.sample_marks import SHAPES
from gradsim.ui.theme import Look
from gradsim.ui.transport import furniture_px

ERASER = -1
FEWEST_BRUSHES = 3
FINE_EM, WIDE_EM, ERASER_EM = 0.0, 2.2, 1.0
"""How far from the pointer a brush reaches, in heights of the type of ticks."""
APART_EM = 1.0
"""How far the pointer moves from one touch of a brush to the next, in the same."""
FIRST_TOUCH, NEXT_TOUCH = 6, 3
"""So many points a wide brush leaves where it is put down, and at each touch after that."""


@dataclass(frozen=True)
class Brush:
    """What the mouse does: paint points of a class, one by one or several at a time, or take points away."""

    label: int = 0
    is_wide: bool = False

    @property
    def erases(self) -> bool:
        """Whether it takes points away."""
        return self.label == ERASER

    @property
    def reach_em(self) -> float:
        """How far it reaches, in heights of the type of ticks."""
        if self.erases:
            return WIDE_EM if self.is_wide else ERASER_EM
        return WIDE_EM if self.is_wide else FINE_EM

    def touch(self, place: QPointF, reach: QPointF, window: Bounds, count: int, seed: int) -> list[Dot]:
        """Return the points that it leaves at a place of a window: one, or where it is wide so many.

        `reach` is how far that goes along x and y.
        """
        if not self.is_wide:
            return _inside([(place.x(), place.y())], self.label, window)
        rng = np.random.default_rng(seed)
        far, angle = np.sqrt(rng.random(count)), rng.uniform(0.0, 2.0 * np.pi, count)
        x = place.x() + reach.x() * far * np.cos(angle)
        y = place.y() + reach.y() * far * np.sin(angle)
        return _inside(list(zip(x.tolist(), y.tolist(), strict=True)), self.label, window)


def _inside(places: list[tuple[float, float]], label: int, window: Bounds) -> list[Dot]:
    x0, x1, y0, y1 = window
    return [rounded(x, y, label, window) for x, y in places if x0 <= x <= x1 and y0 <= y <= y1]


def touched(dots: tuple[Dot, ...], place: QPointF, reach: QPointF) -> list[Dot]:
    """Return the points that lie within reach of a place."""
    return [
        dot for dot in dots if ((dot.x - place.x()) / reach.x()) ** 2 + ((dot.y - place.y()) / reach.y()) ** 2 <= 1.0
    ]


def cursor_of(brush: Brush, look: Look) -> QCursor:
    """Return a pointer that shows how far a brush reaches, in the colour of its class."""
    radius = max(0.35, brush.reach_em) * look.metrics.tick
    side = round(2.0 * radius) + 5
    colour = QColor(look.theme.ink if brush.erases else class_colour(look.theme, brush.label))
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    with QPainter(pixmap) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for pen in (QPen(QColor(look.theme.card), 4.0), QPen(colour, 2.0)):
            if brush.erases:
                pen.setDashPattern([2.0, 2.0])
            painter.setPen(pen)
            painter.drawEllipse(QPointF(side / 2.0, side / 2.0), radius, radius)
    return QCursor(pixmap, side // 2, side // 2)


class BrushBar(QWidget):
    """The brushes, as buttons.

    Parameters
    ----------
    look
        Colours, sizes, language.
    brush
        The one that is chosen first.
    """

    chosen = Signal(object)
    """Another :class:`Brush`."""
    cleared = Signal()
    """All points are to go."""

    def __init__(self, look: Look, brush: Brush) -> None:
        super().__init__()
        self._look, self.brush, self._px = look, brush, furniture_px(look)
        self.setStyleSheet(f"* {{ font-size: {self._px}px; }}")
        # A narrow card cuts the count rather than asking the window for more room.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, self._px // 3, 0, self._px // 3)
        row.setSpacing(self._px // 3)
        self._group = QButtonGroup(self)
        for label in (*range(MAX_CLASSES), ERASER):
            button = self._button(label)
            self._group.addButton(button, label + 1)
            row.addWidget(button)
        self._group.idClicked.connect(self._on_label)
        self.wide = self._tool(look.tr("Wide"), look.tr("Several points at a time, spread around the pointer"))
        self.wide.setCheckable(True)
        self.wide.setChecked(brush.is_wide)
        self.wide.toggled.connect(self._on_wide)
        self.clear = self._tool(look.tr("Clear"), look.tr("Take all points away"))
        self.clear.clicked.connect(self.cleared)
        row.addWidget(self.wide)
        row.addWidget(self.clear)
        self._count = ElidedLabel()
        self._count.setProperty("role", "muted")
        row.addWidget(self._count, stretch=1)

    def button(self, label: int) -> QPushButton:
        """Return the button of a class, or of the ERASER."""
        found = self._group.button(label + 1)
        assert isinstance(found, QPushButton)
        return found

    def show_count(self, points: int, classes: int) -> None:
        """Say how many points there are; offer a brush for each class, and for one more."""
        text = self._look.tr("1 point") if points == 1 else self._look.tr("{n} points").format(n=f"{points:,}")
        self._count.setText(text)
        self.clear.setEnabled(points > 0)
        for label in range(MAX_CLASSES):
            self.button(label).setVisible(label < max(FEWEST_BRUSHES, classes + 1) or label == self.brush.label)

    def _button(self, label: int) -> QPushButton:
        look = self._look
        if label == ERASER:
            button = self._tool(look.tr("Eraser"), look.tr("Take points away"))
        else:
            name = look.tr("class {number}").format(number=label)
            button = self._tool("", look.tr("Paint points of {name}").format(name=name))
            button.setIcon(_mark(look, label, self._px))
            button.setIconSize(QSize(self._px, self._px))
        button.setCheckable(True)
        button.setChecked(label == self.brush.label)
        return button

    def _tool(self, text: str, note: str) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(tip(note))
        button.setAccessibleName(note)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return button

    def _on_label(self, number: int) -> None:
        self._choose(replace(self.brush, label=number - 1))

    def _on_wide(self, wide: bool) -> None:
        self._choose(replace(self.brush, is_wide=wide))

    def _choose(self, brush: Brush) -> None:
        self.brush = brush
        self.chosen.emit(brush)


def _mark(look: Look, label: int, px: int) -> QIcon:
    """Return the mark of a class."""
    pixmap = QPixmap(2 * px, 2 * px)
    pixmap.fill(Qt.GlobalColor.transparent)
    with QPainter(pixmap) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QBrush(QColor(class_colour(look.theme, label))))
        painter.translate(px, px)
        painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in 0.7 * px * SHAPES[class_shape(label)]]))
    pixmap.setDevicePixelRatio(2)
    return QIcon(pixmap)

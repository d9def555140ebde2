"""Marks on maps: stationary points by their kind, starts, and the heads of paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import hypot

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPainterPathStroker, QPen, QPolygonF

from gradsim.engine.surfaces import PointKind
from gradsim.ui.plots.sample_marks import SHAPES
from gradsim.ui.theme import DOT, Look, Marker

HEAD = 0.45
"""Radius of the markers at the heads of paths, in heights of the type."""

_SHAPES: Mapping[PointKind, Sequence[Sequence[tuple[float, float]]]] = {
    "minimum": (((-1, 0), (1, 0)), ((0, -1), (0, 1))),
    "saddle": (((-0.8, -0.8), (0.8, 0.8)), ((-0.8, 0.8), (0.8, -0.8))),
    "maximum": (((0, -1), (0.9, 0.7), (-0.9, 0.7), (0, -1)),),
    "degenerate": (((0, -1), (1, 0), (0, 1), (-1, 0), (0, -1)),),
}


def draw_stationary(painter: QPainter, look: Look, kind: PointKind, at: QPointF) -> None:
    """Draw a plus for a minimum, a cross for a saddle, a triangle for a maximum, a lozenge for what is degenerate."""
    size, width = 0.42 * look.metrics.tick, mark_width(look)
    lines = [QPolygonF([QPointF(at.x() + size * x, at.y() + size * y) for x, y in line]) for line in _SHAPES[kind]]
    for colour, pen_width in ((look.theme.card, width + 2 * look.metrics.hair), (look.theme.ink, width)):
        pen = QPen(QColor(colour), pen_width)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        for line in lines:
            painter.drawPolyline(line)


def mark_width(look: Look) -> float:
    """Return the width of the lines of marks."""
    return max(2.0, 0.9 * look.metrics.line)


def draw_start(painter: QPainter, look: Look, at: QPointF) -> None:
    """Draw a ring."""
    radius, width = 0.45 * look.metrics.tick, mark_width(look)
    painter.setBrush(QBrush(QColor(look.theme.card)))
    for colour, pen_width in ((look.theme.card, width + 2 * look.metrics.hair), (look.theme.ink, width)):
        painter.setPen(QPen(QColor(colour), pen_width))
        painter.drawEllipse(at, radius, radius)


def draw_marker(painter: QPainter, look: Look, colour: QColor, at: QPointF, radius: float, marker: Marker) -> None:
    """Draw the marker of a run, rimmed so that it is seen on lines; a hollow one has the card's colour inside."""
    card, width, hair = QColor(look.theme.card), mark_width(look), look.metrics.hair
    if marker.hollow:
        fill_outlined(painter, marker.shape, radius, at, width + 2 * hair, card, card)
        fill_outlined(painter, marker.shape, radius, at, width, colour, card)
    else:
        fill_outlined(painter, marker.shape, radius, at, 2 * hair, card, colour)


def fill_outlined(
    painter: QPainter, shape: str, radius: float, at: QPointF, width: float, edge: QColor, inside: QColor
) -> None:
    """Draw a marker's shape, filled, with an edge of a width."""
    for path, colour in zip(_paths(shape, radius, width), (inside, edge), strict=True):
        painter.fillPath(path.translated(at), QBrush(colour))


@lru_cache(maxsize=256)
def _paths(shape: str, radius: float, width: float) -> tuple[QPainterPath, QPainterPath]:
    """Return what a marker fills around the origin, and its edge: filled, it takes a third of what a stroke takes."""
    inside = QPainterPath()
    inside.addPolygon(QPolygonF([QPointF(*corner) for corner in radius * SHAPES[shape]]))
    inside.closeSubpath()
    edge = QPainterPathStroker(QPen(Qt.GlobalColor.black, width)).createStroke(inside)
    return inside, edge


def draw_head(
    painter: QPainter,
    look: Look,
    colour: QColor,
    end: QPointF,
    radius: float,
    rect: QRectF,
    marker: Marker = DOT,
) -> None:
    """Draw a run's marker; of what is outside of `rect`, an arrowhead at its edge that points there."""
    edge = within(end, rect)
    if edge == end:
        draw_marker(painter, look, colour, end, radius, marker)
        return
    painter.setPen(QPen(QColor(look.theme.card), 2 * look.metrics.hair))
    painter.setBrush(QBrush(colour))
    away = np.array([end.x() - edge.x(), end.y() - edge.y()])
    along = radius * away / np.hypot(*away)
    across = np.array([-along[1], along[0]])
    tip = np.array([edge.x(), edge.y()])
    painter.drawPolygon(QPolygonF([QPointF(*p) for p in (tip, tip - 2 * along + across, tip - 2 * along - across)]))


def within(point: QPointF, rect: QRectF) -> QPointF:
    """Return the point of a rectangle that is nearest."""
    return QPointF(min(max(point.x(), rect.left()), rect.right()), min(max(point.y(), rect.top()), rect.bottom()))


def draw_arrow(painter: QPainter, colour: QColor, start: QPointF, end: QPointF, width: float, rim: QColor) -> None:
    """Draw an arrow from one place to another, its head no longer than itself, with a rim that sets it off."""
    along = np.array([end.x() - start.x(), end.y() - start.y()])
    length = float(np.hypot(*along))
    if not 0.0 < length < np.inf:
        return
    along /= length
    across, tip = np.array([-along[1], along[0]]), np.array([end.x(), end.y()])
    head = min(4.5 * width, 0.7 * length)
    for pen in (QPen(rim, width + max(3.0, width)), QPen(colour, width)):
        painter.setPen(pen)
        painter.drawLine(start, QPointF(*(tip - 0.8 * head * along)))
    painter.setPen(QPen(rim, max(1.5, 0.5 * width)))
    painter.setBrush(QBrush(colour))
    corners = (tip, tip - head * along + 0.45 * head * across, tip - head * along - 0.45 * head * across)
    painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in corners]))


def rings(ends: Sequence[QPointF], radius: float) -> list[float]:
    """Return how large each dot is drawn, the first on top: those at one place with others are rings around them."""
    found: list[float] = []
    for i, end in enumerate(ends):
        under = [size for other, size in zip(ends[:i], found, strict=True) if _near(end, other) < 0.7 * radius]
        found.append(max([radius, *(size + 0.5 * radius for size in under)]))
    return found


def _near(one: QPointF, other: QPointF) -> float:
    return hypot(one.x() - other.x(), one.y() - other.y())

"""A note in a corner of a picture that nothing else is in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter

from gradsim.ui.theme import Look, font

_WIDTHS = (0.45, 0.36, 0.55, 0.28)
"""Widths of a note that are tried, in those of the picture."""
_MOST_LINES = 5.5
"""No note is higher than this, in lines of text."""
_LEAST = 9.0
"""No note is narrower than this, in heights of the type."""
_FLAGS = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop


class Note(NamedTuple):
    """What is placed: the head in a run's colour, on a line of its own, then the rest."""

    head: QRectF
    rest: QRectF


def placed(look: Look, head: str, rest: str, room: QRectF, taken: Sequence[QRectF]) -> Note | None:
    """Return where a note has room; None where it would lie on something."""
    head_metrics, metrics = QFontMetrics(_head_font(look)), QFontMetrics(font(look.metrics.tick))
    tick = look.metrics.tick
    room = room.adjusted(0.4 * tick, 0.4 * tick, -0.4 * tick, -0.4 * tick)
    for share in _WIDTHS:
        width = min(room.width(), max(share * room.width(), _LEAST * tick))
        if head_metrics.horizontalAdvance(head) > width:
            continue
        size = metrics.boundingRect(QRectF(0, 0, width, 10_000).toRect(), int(_FLAGS), rest).size()
        high = head_metrics.height() + size.height()
        if high > _MOST_LINES * metrics.height():
            continue
        for corner in _corners(room, float(width), float(high)):
            around = corner.adjusted(-0.5 * tick, -0.4 * tick, 0.5 * tick, 0.4 * tick)
            if not any(around.intersects(each) for each in taken):
                top = QRectF(corner.left(), corner.top(), width, head_metrics.height())
                return Note(top, QRectF(corner.left(), top.bottom(), width, corner.bottom() - top.bottom()))
    return None


def draw(painter: QPainter, look: Look, note: Note, head: str, rest: str, colour: str) -> None:
    """Draw a note in its place, over the lines of the grid."""
    painter.fillRect(note.head.united(note.rest), QColor(look.theme.card))
    painter.setFont(_head_font(look))
    painter.setPen(QColor(colour))
    painter.drawText(note.head, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, head)
    painter.setFont(font(look.metrics.tick))
    painter.setPen(QColor(look.theme.muted))
    painter.drawText(note.rest, int(_FLAGS), rest)


def _head_font(look: Look) -> QFont:
    return font(look.metrics.tick, QFont.Weight.DemiBold)


def _corners(room: QRectF, width: float, high: float) -> Iterator[QRectF]:
    """Yield rectangles of a size in the corners of the room: at the left first, for the way back ends there."""
    if high > room.height():
        return
    for left in (room.left(), room.right() - width):
        for top in (room.top(), room.bottom() - high):
            yield QRectF(left, top, width, high)

"""Things to try: pointed at, an entry lights its control up; a click does it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QFocusEvent,
    QFont,
    QFontMetrics,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from gradsim.sim.documents.lesson_parts import Try
from gradsim.ui.label import tip, wrapped
from gradsim.ui.notes.room import good_colour, link_colour, small_px
from gradsim.ui.plots.devices import painting_on
from gradsim.ui.theme import Look, font, mixed

_MOST_LINES = 4
_TINT = 0.10


class TryButton(QAbstractButton):
    """One thing to try; once the experiment is so, it says that it is done.

    Parameters
    ----------
    entry
        What it does.
    look
        Colours, sizes, language.
    """

    pointed = Signal(object)
    """The entry, when the mouse or the focus comes to it; None when it has left."""

    def __init__(self, entry: Try, look: Look) -> None:
        super().__init__()
        self.entry, self._look = entry, look
        self._done = False
        self.setText(entry.text(look.language))
        self.setAccessibleName(self.text())
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolTip(tip(look.tr("Click to do it; Ctrl+Z takes it back.")))
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    @property
    def is_done(self) -> bool:
        """Whether the experiment is as this would make it."""
        return self._done

    def show_done(self, done: bool) -> None:
        """Show whether the experiment is as this would make it."""
        if done != self._done:
            self._done = done
            self.setAccessibleDescription(self._look.tr("done") if done else "")
            self.updateGeometry()
            self.update()

    # Its sizes

    @property
    def _em(self) -> int:
        return self._look.metrics.body

    @property
    def _font(self) -> QFont:
        return font(self._em, QFont.Weight.DemiBold)

    @property
    def _small(self) -> QFont:
        return font(small_px(self._look))

    def _left(self) -> int:
        return round(2.2 * self._em)

    def _lines(self, width: int) -> list[str]:
        return wrapped(self.text(), self._font, width - self._left() - self._em // 2, _MOST_LINES)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        note = QFontMetrics(self._small).height() if self._done else 0
        return len(self._lines(width)) * QFontMetrics(self._font).height() + note + round(0.7 * self._em)

    def sizeHint(self) -> QSize:
        return QSize(1, self.heightForWidth(max(1, self.width())))

    def minimumSizeHint(self) -> QSize:
        return QSize(1, 1)

    # Pointing

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._point(True)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._point(False)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._point(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._point(False)

    def _point(self, here: bool) -> None:
        self.pointed.emit(self.entry if here else None)
        self.update()

    # Its picture

    def paintEvent(self, _: QPaintEvent) -> None:
        with painting_on(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            theme, em = self._look.theme, self._em
            if self.underMouse() or self.hasFocus():
                painter.setPen(QPen(QColor(theme.accent), max(2.0, em / 9)))
                painter.setBrush(mixed(theme.accent, theme.card, _TINT))
                painter.drawRoundedRect(QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5), em / 3, em / 3)
            painter.setFont(self._font)
            metrics = painter.fontMetrics()
            top = round(0.35 * em)
            self._draw_sign(painter, QPointF(1.1 * em, top + metrics.height() / 2))
            painter.setPen(QColor(good_colour(self._look) if self._done else link_colour(self._look)))
            for i, line in enumerate(self._lines(self.width())):
                painter.drawText(QPointF(self._left(), top + i * metrics.height() + metrics.ascent()), line)
            if self._done:
                bottom = top + len(self._lines(self.width())) * metrics.height()
                painter.setFont(self._small)
                painter.setPen(QColor(theme.muted))
                painter.drawText(
                    QPointF(self._left(), bottom + painter.fontMetrics().ascent()),
                    self._look.tr("done; Ctrl+Z takes it back"),
                )

    def _draw_sign(self, painter: QPainter, middle: QPointF) -> None:
        """Draw a triangle, or a tick where it is done."""
        theme, em = self._look.theme, self._em
        if self._done:
            pen = QPen(QColor(theme.good), em / 6)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            ends = ((-0.30, 0.02), (-0.08, 0.24), (0.32, -0.22))
            painter.drawPolyline([middle + QPointF(x * em, y * em) for x, y in ends])
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.accent))
        corners = ((-0.22, -0.33), (-0.22, 0.33), (0.33, 0.0))
        painter.drawPolygon(QPolygonF([middle + QPointF(x * em, y * em) for x, y in corners]))

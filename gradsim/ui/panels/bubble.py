"""A bubble over the stage that points at what in the panel is refused, and says why: it moves nothing."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractScrollArea, QWidget
from shiboken6 import isValid

from gradsim.ui.label import wrapped
from gradsim.ui.plots.devices import painting_on
from gradsim.ui.theme import Look, font

MOST_LINES, WIDE_EM = 8, 20


class Bubble(QWidget):
    """Lies beside the panel, at the height of the field that it points at; the mouse goes through it."""

    def __init__(self, panel: QAbstractScrollArea, look: Look) -> None:
        super().__init__(panel)
        self._panel, self._look = panel, look
        self._at: QWidget | None = None
        self._text = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        panel.installEventFilter(self)
        panel.verticalScrollBar().valueChanged.connect(self.place)

    @property
    def text(self) -> str:
        """What it says, "" while it is hidden."""
        return self._text

    @property
    def target(self) -> QWidget | None:
        """What it points at; a field may have gone with its form."""
        return self._at if self._at is not None and isValid(self._at) else None

    def tell(self, text: str, at: QWidget | None, look: Look) -> None:
        """Say `text` at a widget of the panel; with no text, be gone."""
        self._text, self._look = text, look
        before = self.target
        if before is not at:
            if before is not None:
                before.removeEventFilter(self)
            if at is not None:
                at.installEventFilter(self)
                at.destroyed.connect(self._forget)
        self._at = at
        self.setAccessibleName(text)
        self.place()

    def _forget(self, gone: QObject) -> None:
        # What is gone may come as another object of Python's than the one that was pointed at.
        if self._at is gone or self.target is None:
            self._at = None
            self.place()

    def lines(self) -> list[str]:
        """Return the lines that are painted."""
        return wrapped(self._text, font(self._look.metrics.body), self._text_px(), MOST_LINES)

    def _text_px(self) -> int:
        room = self._panel.window().width() - self._panel.width() - 3 * self._look.metrics.body
        return max(8 * self._look.metrics.body, min(WIDE_EM * self._look.metrics.body, room))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        moves = event.type() in (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide)
        if moves and vars(self):  # Python may have cleared what Qt has yet to delete
            self.place()
        return False

    def place(self) -> None:
        """Take the place beside the field, or at the edge towards which that is scrolled away."""
        target = self.target
        at = target if target is not None and self._panel.isAncestorOf(target) else None
        self.setVisible(bool(self._text) and at is not None and self._panel.isVisible())
        if at is None or not self._text:
            return
        window, body = self._panel.window(), self._look.metrics.body
        if self.parentWidget() is not window:
            self.setParent(window)
            self.setVisible(self._panel.isVisible())
        lines = self.lines()
        high = round(1.3 * body * len(lines) + 1.2 * body)
        left = self._panel.mapTo(window, self._panel.rect().topRight()).x() - body // 3
        seat = QRect(at.mapTo(window, at.rect().topLeft()), at.size())
        room = QRect(self._panel.mapTo(window, self._panel.rect().topLeft()), self._panel.size())
        middle = min(max(seat.center().y(), room.top() + body), room.bottom() - body)
        top = min(max(middle - high // 2, room.top()), room.bottom() - high)
        self._tip = middle - top
        self.setGeometry(left, top, self._text_px() + 3 * body, high)
        self.raise_()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting_on(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            theme, body = self._look.theme, self._look.metrics.body
            edge = max(2.0, body / 8)
            box = QRectF(self.rect()).adjusted(body, edge, -edge, -edge)
            path, arrow = QPainterPath(), QPainterPath()
            path.addRoundedRect(box, body / 3, body / 3)
            arrow.moveTo(QPointF(edge, self._tip))
            arrow.lineTo(QPointF(body + edge, self._tip - body / 2))
            arrow.lineTo(QPointF(body + edge, self._tip + body / 2))
            arrow.closeSubpath()
            painter.setPen(QPen(QColor(theme.alarm), edge))
            painter.setBrush(QColor(theme.card))
            painter.drawPath(path.united(arrow))
            painter.setPen(QColor(theme.ink))
            painter.setFont(font(body))
            for i, line in enumerate(self.lines()):
                at = QRectF(
                    box.left() + 0.6 * body, box.top() + 0.45 * body + 1.3 * body * i, box.width(), 1.3 * body
                )
                painter.drawText(at, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), line)

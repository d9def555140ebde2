"""A ring around a control that something elsewhere speaks of."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gradsim.ui.theme import Look


class Ring(QWidget):
    """Lies over a form; the mouse goes through it."""

    def __init__(self, form: QWidget, target: QWidget, look: Look) -> None:
        super().__init__(form)
        self.target = target
        self._look = look
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        apart = max(3, look.metrics.body // 3)
        around = QRect(target.mapTo(form, QPoint()), target.size()).adjusted(-apart, -apart, apart, apart)
        self.setGeometry(around & form.rect())
        self.show()
        self.raise_()

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        thick = max(2.5, self._look.metrics.body / 7)
        accent = QColor(self._look.theme.accent)
        painter.setPen(QPen(accent, thick))
        accent.setAlphaF(0.10)
        painter.setBrush(accent)
        inside = QRectF(self.rect()).adjusted(thick / 2, thick / 2, -thick / 2, -thick / 2)
        painter.drawRoundedRect(inside, self._look.metrics.body / 3, self._look.metrics.body / 3)
        painter.end()

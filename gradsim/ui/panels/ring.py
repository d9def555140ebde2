"""A ring around a control that something elsewhere speaks of."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from gradsim.ui.plots.devices import painting_on
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
        with painting_on(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            thick = max(2.5, self._look.metrics.body / 7)
            accent = QColor(self._look.theme.accent)
            painter.setPen(QPen(accent, thick))
            accent.setAlphaF(0.10)
            painter.setBrush(accent)
            inside = QRectF(self.rect()).adjusted(thick / 2, thick / 2, -thick / 2, -thick / 2)
            painter.drawRoundedRect(inside, self._look.metrics.body / 3, self._look.metrics.body / 3)


class Light:
    """At most one ring, around the control that something is about now."""

    def __init__(self) -> None:
        self._ring: Ring | None = None

    def ring(self, within: QWidget, target: QWidget | None, look: Look) -> None:
        """Ring this control instead of the one before, None for none."""
        self.put_out()
        if target is not None:
            self._ring = Ring(within, target, look)

    def put_out(self) -> None:
        """Take the ring away."""
        if self._ring is not None and isValid(self._ring):
            self._ring.hide()
            self._ring.deleteLater()
        self._ring = None

    @property
    def target(self) -> QWidget | None:
        """The control that is ringed, if one is."""
        return self._ring.target if self._ring is not None and isValid(self._ring) else None

"""A section of the panel: its header, and below it, while it is open, what it is about."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QSizePolicy, QVBoxLayout, QWidget

from gradsim.ui.label import tip
from gradsim.ui.plots.devices import painting_on
from gradsim.ui.theme import Look, font


class Header(QPushButton):
    """Opens and closes a section; closed, it says as many of the section's values as there is room for."""

    def __init__(self, title: str, look: Look) -> None:
        super().__init__()
        self._title, self._look = title, look
        self._values: tuple[str, ...] = ()
        self.is_open = False
        self._bold = font(look.metrics.body, QFont.Weight.DemiBold)
        self._plain = font(round(0.85 * look.metrics.body))
        self.setProperty("role", "section")
        self.setAccessibleName(title)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_state(self, is_open: bool, values: Sequence[str]) -> None:
        """Show whether the section is open, and its values."""
        if (is_open, tuple(values)) != (self.is_open, self._values):
            self.is_open, self._values = is_open, tuple(values)
            self.update()
        hint = self._look.tr("Close this section.") if is_open else self._look.tr("Open this section.")
        self.setToolTip(tip("\n".join(filter(None, (", ".join(values), hint)))))

    def sizeHint(self) -> QSize:
        return QSize(1, 2 * self._look.metrics.body)

    @property
    def shown(self) -> str:
        """The values that are painted."""
        if self.is_open:
            return ""
        body, metrics = self._look.metrics.body, QFontMetrics(self._plain)
        room = self.width() - 2 * body - QFontMetrics(self._bold).horizontalAdvance(self._title)
        texts = [self._look.tr(", ").join(self._values[:count]) for count in range(len(self._values), 0, -1)]
        return next((text for text in texts if metrics.horizontalAdvance(text) <= room), "")

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        with painting_on(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            theme, body = self._look.theme, self._look.metrics.body
            painter.setPen(
                QPen(QColor(theme.ink), max(1.5, body / 9), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
            )
            x, y, d = 0.4 * body, self.height() / 2, 0.26 * body
            tip_at = QPointF(x, y + d / 2) if self.is_open else QPointF(x + d / 2, y)
            ends = [QPointF(x - d, y - d / 2), QPointF(x + d, y - d / 2)]
            ends = ends if self.is_open else [QPointF(x - d / 2, y - d), QPointF(x - d / 2, y + d)]
            painter.drawPolyline([ends[0], tip_at, ends[1]])
            painter.setFont(self._bold)
            middle = Qt.AlignmentFlag.AlignVCenter
            painter.drawText(
                self.rect().adjusted(body, 0, 0, 0), int(middle | Qt.AlignmentFlag.AlignLeft), self._title
            )
            painter.setFont(self._plain)
            painter.setPen(QColor(theme.muted))
            painter.drawText(self.rect(), int(middle | Qt.AlignmentFlag.AlignRight), self.shown)


class Section(QWidget):
    """A header and what is below it, which is built only while it is open."""

    asked = Signal()
    """It is to be opened, or closed."""

    def __init__(self, title: str, look: Look) -> None:
        super().__init__()
        self.setProperty("role", "section")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.header = Header(look.tr(title), look)
        self.header.clicked.connect(self.asked)
        column.addWidget(self.header)
        self._body = QWidget()
        column.addWidget(self._body)
        self.rows = QVBoxLayout(self._body)
        self.rows.setContentsMargins(0, 0, 0, look.metrics.body // 2)
        self.rows.setSpacing(look.metrics.body // 2)
        self._body.hide()

    def show_state(self, is_open: bool, values: Sequence[str]) -> None:
        """Open or close it; closed, its header says its values."""
        self.header.show_state(is_open, values)
        self._body.setVisible(is_open)

"""A sign over the pictures, while they are of another experiment than the one in the form."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QLabel, QWidget

from gradsim.ui.label import tip
from gradsim.ui.theme import Look


class RefusedSign(QLabel):
    """Lies over the upper edge of another widget, beside which it is in the same parent; moves nothing."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over.parentWidget())
        self._over = over
        self.setObjectName("sign")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hide()
        over.installEventFilter(self)

    def show_refusal(self, problem: str, look: Look) -> None:
        """Say that the last change is not allowed, with the problem as its tooltip; hide where there is none."""
        theme, metrics = look.theme, look.metrics
        self.setStyleSheet(
            f"#sign {{ background: {theme.card}; color: {theme.alarm}; border: 2px solid {theme.alarm};"
            f" border-radius: {metrics.radius}px; padding: {metrics.body // 6}px {metrics.body // 2}px;"
            " font-weight: 700; }"
        )
        self.setText(look.tr("Not allowed: the pictures are of the last allowed experiment"))
        self.setToolTip(tip(problem))
        self.setVisible(bool(problem))
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move):
            self._place()
        return False

    def _place(self) -> None:
        room = self._over.geometry()
        hint = self.sizeHint()
        self.resize(min(hint.width(), room.width()), hint.height())
        self.move(room.x() + (room.width() - self.width()) // 2, room.y() + 2)
        self.raise_()

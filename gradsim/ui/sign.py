"""A sign on the board: the last change is not allowed, or has brought something along."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QLabel

from gradsim.ui.board import Board
from gradsim.ui.label import tip
from gradsim.ui.theme import Look


class Sign(QLabel):
    """Lies over the edge between the board's pictures and its foot, where there is nothing to cover; moves nothing.

    It is a sibling of the board, so that pictures which are taken of the board are without it.
    """

    def __init__(self, board: Board) -> None:
        super().__init__(board.parentWidget())
        self._board = board
        self._below = 0
        self.setObjectName("sign")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hide()
        board.installEventFilter(self)

    def show_refusal(self, problem: str, look: Look) -> None:
        """Say that the last change is not allowed, with the problem as its tooltip."""
        text = look.tr("Not allowed: the pictures are of the last allowed experiment")
        self._show(text, problem, look.theme.alarm, look)

    def show_note(self, note: str, look: Look) -> None:
        """Say what a change has brought along; hide where that is nothing."""
        self._show(note, note, look.theme.accent, look)

    def _show(self, text: str, more: str, colour: str, look: Look) -> None:
        theme, metrics = look.theme, look.metrics
        ink = colour if colour == theme.alarm else theme.ink
        self.setStyleSheet(
            f"#sign {{ background: {theme.card}; color: {ink}; border: 2px solid {colour};"
            f" border-radius: {metrics.radius}px; padding: 0 {metrics.body // 2}px;"
            " font-weight: 700; }"
        )
        self._below = metrics.gap * 6 // 10  # within the margin of the foot
        self.setText(text)
        self.setToolTip(tip(more))
        self.setVisible(bool(text))
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.LayoutRequest):
            self._place()
        return False

    def _place(self) -> None:
        room, hint = self._board.geometry(), self.sizeHint()
        self.resize(min(hint.width(), room.width()), hint.height())
        bottom = min(self._board.foot_top + self._below, room.height())
        self.move(room.x() + (room.width() - self.width()) // 2, room.y() + bottom - hint.height())
        self.raise_()

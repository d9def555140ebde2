"""What lies over the board: a veil and a reason while its pictures are of an earlier experiment, or a note."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QColor, QPaintEvent
from PySide6.QtWidgets import QLabel, QWidget

from gradsim.ui.beside_board import join
from gradsim.ui.board import Board
from gradsim.ui.label import tip, wrapped
from gradsim.ui.plots.devices import painting_on
from gradsim.ui.theme import Look

MOST_LINES = 3
VEIL = 0.62
"""How much of the pictures is hidden while they are of an earlier experiment."""


class Veil(QWidget):
    """Makes what is below it pale; the mouse goes through it."""

    def __init__(self, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._colour = QColor()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def lay(self, colour: str) -> None:
        """Lie there, in the colour of the ground."""
        self._colour = QColor(colour)
        self._colour.setAlphaF(VEIL)
        self.show()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting_on(self) as painter:
            painter.fillRect(event.rect(), self._colour)


class Sign(QLabel):
    """Lies over the edge between the board's pictures and its foot, where there is little to cover; moves nothing.

    It is a sibling of the board, so that pictures which are taken of the board are without it.
    """

    def __init__(self, board: Board) -> None:
        super().__init__(board.parentWidget())
        self._veil = Veil(board.parentWidget())
        self._whole = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._board = board
        self._below = self._edge = 0
        self.setObjectName("sign")
        self.hide()
        board.installEventFilter(self)

    @property
    def is_over_old_pictures(self) -> bool:
        """Whether the pictures are pale, for they are of an earlier experiment."""
        return not self._veil.isHidden()

    def show_refusal(self, problem: str, look: Look) -> None:
        """Say that what was edited is not run, and why; the pictures, which are of what was before, become pale."""
        self._veil.lay(look.theme.ground)
        text = look.tr("Not run: {problem}").format(problem=problem)
        self._show(text, look.tr("The pictures are of the last allowed experiment."), look.theme.alarm, look)

    def show_wait(self, title: str, look: Look) -> None:
        """Say that another document is being made ready; the pictures, which are of the one before, become pale."""
        self._veil.lay(look.theme.ground)
        text = look.tr("Getting ready: {title}").format(title=title)
        self._show(text, look.tr("The pictures are of what was shown before."), look.theme.accent, look)

    def show_note(self, note: str, look: Look) -> None:
        """Say what a change has brought along; hide where that is nothing."""
        self._veil.hide()
        self._show(note, note, look.theme.accent, look)

    def _show(self, text: str, more: str, colour: str, look: Look) -> None:
        theme, metrics = look.theme, look.metrics
        self._edge = metrics.body // 2
        self.setStyleSheet(
            f"#sign {{ background: {theme.card}; color: {theme.ink}; border: 2px solid {colour};"
            f" border-radius: {metrics.radius}px; font-weight: 700; }}"
        )
        self._below = metrics.gap * 6 // 10  # within the margin of the foot
        self._whole = text
        self.setToolTip(tip(more))
        self.setVisible(bool(text))
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ParentChange:
            for each in (self._veil, self):
                join(each, self._board)
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.LayoutRequest):
            self._place()
        return False

    def _place(self) -> None:
        room = self._board.geometry()
        self._veil.setGeometry(room)
        self._veil.raise_()
        self.ensurePolished()
        sides = 2 * self._edge + 8
        wide = min(self.fontMetrics().horizontalAdvance(self._whole) + sides + 4, room.width() * 9 // 10)
        lines = wrapped(self._whole, self.font(), wide - sides, MOST_LINES)
        self.setText("\n".join(lines))
        high = len(lines) * self.fontMetrics().height() + self._edge
        bottom = min(self._board.foot_top + self._below, room.height())
        self.setGeometry(QRect(room.x() + (room.width() - wide) // 2, room.y() + bottom - high, wide, high))
        self.raise_()

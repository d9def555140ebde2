"""Projector rehearsal: the stage as a washed-out projector or colour-blind eyes show it, while it goes on."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gradsim.ui.beside_board import join
from gradsim.ui.board import Board
from gradsim.ui.plots.devices import painting_on
from gradsim.ui.sights import SIGHTS, show_as_seen
from gradsim.ui.theme import Look, font
from gradsim.ui.transport import furniture_px

_MOVES = (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.LayoutRequest, QEvent.Type.ParentChange)


class Rehearsal(QWidget):
    """Lies over the board and changes the pixels painted below it, wherever something is painted anew.

    It is a sibling of the board, so that pictures which are taken of the board are without it.

    Parameters
    ----------
    board
        The stage.
    look
        Returns the look of the window.
    """

    def __init__(self, board: Board, look: Callable[[], Look]) -> None:
        super().__init__(board.parentWidget())
        self._board, self._look = board, look
        self.sight = ""
        """What the stage is seen as: a key of SIGHTS, "" for as it is."""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        self._placing = QTimer(self)
        self._placing.setSingleShot(True)
        self._placing.timeout.connect(self._place)
        board.installEventFilter(self)

    def show_next(self) -> None:
        """Show the stage as the next sight, after the last as it is."""
        order = ["", *SIGHTS]
        self.show_as(order[(order.index(self.sight) + 1) % len(order)])

    def show_as(self, sight: str) -> None:
        """Show the stage as a sight, "" for as it is."""
        self.sight = sight
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ParentChange:
            join(self, self._board)  # also unseen: the window that the board leaves may be deleted
        if self.sight and event.type() in _MOVES:
            self._placing.start(0)  # once all else that lies over the board has taken its place
        return False

    def _place(self) -> None:
        join(self, self._board)
        self.setGeometry(self._board.geometry())
        self.setVisible(bool(self.sight))
        self.raise_()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting_on(self) as painter:
            target, to_px = painter.paintEngine().paintDevice(), painter.deviceTransform()
            if isinstance(target, QImage) and target.depth() == 32 and self.sight:
                for rect in to_px.map(event.region()):  # type: ignore[attr-defined]
                    within = rect & target.rect()
                    if not within.isEmpty():
                        show_as_seen(target, within, self.sight)
            self._label(painter)

    def _label(self, painter: QPainter) -> None:
        """Say what is shown, and how to leave it, at the edge of the foot, where there is little to cover."""
        look = self._look()
        if not self.sight:
            return
        px, tr = furniture_px(look), look.tr
        bold = font(px, QFont.Weight.DemiBold)
        text = tr("{sight} – R: next, Esc: as it is").format(sight=tr(SIGHTS[self.sight]))
        wide, high = QFontMetrics(bold).horizontalAdvance(text) + 2 * px, 1.7 * px
        top = min(self._board.foot_top, self.height() - high) - 0.9 * high
        rect = QRectF((self.width() - wide) / 2.0, top, wide, high)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(look.theme.accent), 2.0))
        painter.setBrush(QColor(look.theme.card))
        painter.drawRoundedRect(rect, high / 3.0, high / 3.0)
        painter.setFont(bold)
        painter.setPen(QColor(look.theme.ink))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)

"""A slip over the upper edge of the pictures: a line about the file that is open, and what can be done."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from gradsim.ui.beside_board import join
from gradsim.ui.theme import Look
from gradsim.ui.transport import furniture_px

MOST_EM = 60
"""How wide it is at most, in heights of its letters."""


class Slip(QFrame):
    """Lies over the top of a board, beside which it is, so that pictures of the board are without it."""

    def __init__(self, board: QWidget) -> None:
        super().__init__(board.parentWidget())
        self._board = board
        self.setObjectName("slip")
        self._row = QHBoxLayout(self)
        self._text = QLabel()
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setWordWrap(True)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._row.addWidget(self._text, stretch=1)
        self._buttons: list[QPushButton] = []
        self._px = 0
        self.hide()
        board.installEventFilter(self)

    @property
    def text(self) -> str:
        """What it says, "" while it is not shown."""
        return "" if self.isHidden() else self._text.text()

    @property
    def buttons(self) -> list[QPushButton]:
        """What can be pressed on it."""
        return self._buttons

    def show_line(
        self, text: str, deeds: Mapping[str, Callable[[], object]], look: Look, alarm: bool = False
    ) -> None:
        """Say something, and offer deeds by their names; each closes the slip."""
        theme, px = look.theme, furniture_px(look)
        self._px = px
        colour = theme.alarm if alarm else theme.accent
        self.setStyleSheet(
            f"* {{ font-size: {px}px; }} #slip {{ background: {theme.card}; border: 2px solid {colour};"
            f" border-radius: {px // 2}px; }} QLabel {{ color: {theme.ink}; border: none; }}"
        )
        self._row.setContentsMargins(px, px // 2, px // 2, px // 2)
        self._row.setSpacing(px // 2)
        for old in self._buttons:
            old.hide()
            old.deleteLater()
        self._buttons = [self._button(name, deed) for name, deed in deeds.items()]
        self._text.setText(text)
        self.show()
        self._place()

    def _button(self, name: str, deed: Callable[[], object]) -> QPushButton:
        button = QPushButton(name)
        button.clicked.connect(self.hide)
        button.clicked.connect(lambda: deed())
        self._row.addWidget(button)
        return button

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ParentChange:
            join(self, self._board)
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move) and not self.isHidden():
            self._place()
        return False

    def _place(self) -> None:
        self.ensurePolished()
        beside = sum(button.sizeHint().width() + self._px for button in self._buttons) + 3 * self._px
        wanted = self._text.fontMetrics().horizontalAdvance(self._text.text()) + beside
        wide = min(wanted, MOST_EM * self._px, round(0.94 * self._board.width()))
        self._row.activate()
        high = max(self.heightForWidth(wide), self.minimumSizeHint().height() if not self.hasHeightForWidth() else 0)
        corner = self._board.geometry().topLeft() + QPoint((self._board.width() - wide) // 2, self._px // 2)
        self.setGeometry(corner.x(), corner.y(), wide, high)
        self.raise_()

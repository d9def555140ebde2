"""The stage on a second screen: pictures and verdict there, controls, panel, notes and a small copy here."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QRect, Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QColor,
    QGuiApplication,
    QImage,
    QKeySequence,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QScreen,
    QShortcut,
)
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from gradsim.ui.board import Board, Move
from gradsim.ui.keys import BY_ACTION, KEYS, Keyboard
from gradsim.ui.label import ElidedLabel
from gradsim.ui.notes.lecturer import other_screen
from gradsim.ui.plots.devices import painting_on
from gradsim.ui.theme import Look
from gradsim.ui.transport import furniture_px

COPY_MS = 300
"""How long after the stage has changed the copy of it follows."""


class StageWindow(QWidget):
    """A window that holds the board and nothing else; its keys do what they do in the main window.

    Parameters
    ----------
    window
        The main window.
    escape
        What Escape does.
    """

    left = Signal()
    """Somebody has closed it."""

    def __init__(self, window: QWidget, escape: Callable[[], object]) -> None:
        super().__init__(window, Qt.WindowType.Window)
        self.setObjectName("room")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)  # the hands stay at the controls
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        for key in KEYS:
            for sequence in key.keys:
                QShortcut(QKeySequence(sequence), self).activated.connect(getattr(window, key.action))
        QShortcut(QKeySequence("Escape"), self).activated.connect(escape)

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self.left.emit()


class StageCopy(QWidget):
    """A small copy of the stage, and the way back."""

    back_asked = Signal()
    resized = Signal()
    """There is other room for the copy."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.image = QImage()
        self._look = look
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._text, self._back = ElidedLabel(), QPushButton()
        self._back.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._back.clicked.connect(self.back_asked)
        column = QVBoxLayout(self)
        self._row = QHBoxLayout()
        self._row.addWidget(self._text, stretch=1)
        self._row.addWidget(self._back)
        column.addLayout(self._row)
        column.addStretch(1)
        self.show_look(look)

    def show_look(self, look: Look) -> None:
        """Take over a look: sizes, colours and language."""
        self._look, px = look, furniture_px(look)
        layout = self.layout()
        assert layout is not None
        layout.setContentsMargins(px, px // 2, px, px)
        self.setStyleSheet(f"* {{ font-size: {px}px; }}")
        self._text.setText(look.tr("The stage is on the second screen."))
        self._back.setText(f"{look.tr('Bring it back')}  {BY_ACTION['toggle_stage'].keys[0]}")
        self.update()

    @property
    def room(self) -> QRect:
        """Where the copy has its place."""
        px = furniture_px(self._look)
        top = max(self._back.sizeHint().height(), 2 * px) + px
        return self.rect().adjusted(px, top, -px, -px)

    def show_image(self, stage: QImage) -> None:
        """Show a copy of a picture of the stage."""
        room, ratio = self.room.size(), self.devicePixelRatioF()
        self.image = stage.scaled(
            room * ratio, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        self.image.setDevicePixelRatio(ratio)
        self.update(self.room)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting_on(self) as painter:
            if not self.image.isNull():
                size = self.image.deviceIndependentSize().toSize()
                place = QRect(self.room.topLeft(), size)
                place.moveCenter(self.room.center())
                place.moveTop(self.room.top())
                painter.drawImage(place.topLeft(), self.image)
                painter.setPen(QPen(QColor(self._look.theme.muted), 1.0))
                painter.drawRect(place.adjusted(-1, -1, 0, 0))


class StagePlace(QObject):
    """Moves the board to another screen and back, each time once it has been built and painted for there.

    On its way out the board stays in the main window, and the other screen is empty; on its way back it stays where
    it is.

    Parameters
    ----------
    window
        The main window.
    row
        Where the board stands in it.
    board
        The board.
    look
        Returns the look of the main window.
    escape
        What Escape does on the stage.
    """

    moved = Signal()
    """The board has gone to the other screen, or is about to come back."""
    came_back = Signal()
    """The board is in the main window again."""

    def __init__(
        self,
        window: QWidget,
        row: QBoxLayout,
        board: Board,
        look: Callable[[], Look],
        escape: Callable[[], object],
    ) -> None:
        super().__init__(window)
        self._window, self._row, self._board, self._look, self._escape = window, row, board, look, escape
        self.stage: StageWindow | None = None
        self.copy: StageCopy | None = None
        self._screen: QScreen | None = None
        self._comes_back = False
        """Whether the board is on its way back."""
        self._then: Callable[[], object] | None = None
        """What is to be done once it is back."""
        self._keyboard: Keyboard | None = None
        self._copying = QTimer(self)
        self._copying.setSingleShot(True)
        self._copying.setInterval(COPY_MS)
        self._copying.timeout.connect(self._on_copy)
        app = QGuiApplication.instance()
        assert isinstance(app, QGuiApplication)
        app.screenRemoved.connect(self._on_screen_removed)

    @property
    def is_wanted(self) -> bool:
        """Whether the board is to be on another screen, though it may still be on its way."""
        return self.stage is not None and not self._comes_back

    @property
    def is_out(self) -> bool:
        """Whether the board is on another screen, and is to stay there."""
        return self.copy is not None and not self._comes_back

    @property
    def can_go(self) -> bool:
        """Whether there is another screen."""
        return other_screen(self._window.screen(), QGuiApplication.screens()) is not None

    @property
    def home(self) -> QWidget:
        """What has the focus in the main window where no control has it: the board, or the copy of it."""
        return self.copy or self._board

    def toggle(self) -> None:
        """Move the board to the other screen, or back."""
        if self.is_wanted:
            self.come_back()
        else:
            self.go()

    def go(self) -> None:
        """Move the board to the other screen, where there is one."""
        screen = other_screen(self._window.screen(), QGuiApplication.screens())
        if screen is None or self.is_wanted:
            return
        self.end()  # if it is on its way back
        self._screen = screen
        stage = self.stage = StageWindow(self._window, self._escape)
        stage.left.connect(self.come_back)
        stage.setWindowTitle(self._window.windowTitle())
        stage.setGeometry(screen.geometry())
        stage.showFullScreen()
        self._board.move_to(Move(stage.size, stage.size, self._join))

    def _join(self) -> None:
        """Put the board on the stage, and a copy into its place."""
        assert self.stage is not None
        stage, steers = self.stage, self._has_focus(self._board)
        copy = self.copy = StageCopy(self._look())
        copy.back_asked.connect(self.come_back)
        copy.resized.connect(self._copying.start)
        self._row.replaceWidget(self._board, copy)
        copy.show()
        stage.column.addWidget(self._board)
        self._board.setGeometry(stage.rect())  # now: else its new content would be laid out twice
        self._keyboard = Keyboard(stage, self._board)
        stage.installEventFilter(self)
        self._board.show()
        if steers:
            copy.setFocus()
        self.moved.emit()

    def come_back(self, then: Callable[[], object] | None = None) -> None:
        """Show the board in the main window again, and do something then."""
        self._then = then or self._then
        if self._comes_back:
            return
        if self.copy is None:
            self.end()
            return
        self._turn_back()
        self._board.move_to(Move(self._window.size, self.copy.size, self._return))

    def _turn_back(self) -> None:
        self._comes_back = True
        self.moved.emit()

    def _return(self) -> None:
        """Put the board back into its place."""
        stage, copy = self.stage, self.copy
        assert stage is not None
        assert copy is not None
        steers = self._has_focus(copy)
        self._copying.stop()
        stage.removeEventFilter(self)
        self._row.replaceWidget(copy, self._board)
        self._board.setGeometry(copy.geometry())
        self._board.show()
        self._forget()
        if steers:
            self._board.setFocus()
        self._window.activateWindow()
        self.came_back.emit()
        self._do_then()

    def end(self) -> None:
        """Have the board in the main window, here and now."""
        self._board.stay()
        if self.is_out:
            self._turn_back()
        if self.copy:
            self._return()
        else:
            self._forget()
            self._do_then()

    def settle(self) -> None:
        """Have the board where it is to be, here and now."""
        if self.stage and not self.is_out:
            self._board.settle()

    def _forget(self) -> None:
        """Let go of the stage and its copy."""
        for gone in filter(None, (self.stage, self.copy)):
            gone.hide()
            gone.deleteLater()
        self.stage = self.copy = self._screen = self._keyboard = None
        self._comes_back = False

    def _do_then(self) -> None:
        then, self._then = self._then, None
        if then:
            then()

    def _has_focus(self, part: QWidget) -> bool:
        """Tell whether the keys go to a part of the main window, or to nothing in it."""
        focused = self._window.focusWidget()
        return focused is None or focused is part or part.isAncestorOf(focused)

    def show_look(self, look: Look) -> None:
        """Take over the look of the main window."""
        if self.copy:
            self.copy.show_look(look)

    def _on_screen_removed(self, screen: QScreen) -> None:
        if self.stage and (screen is self._screen or not self.can_go):
            self.stage.hide()  # else it would lie over the main window, to whose screen it is moved
            if self.is_wanted:
                self.come_back()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.UpdateRequest and not self._copying.isActive():
            self._copying.start()
        return False

    def _on_copy(self) -> None:
        if self.stage and self.copy and self.stage.backingStore():
            held = self.stage.backingStore().paintDevice()
            if isinstance(held, QImage):
                self.copy.show_image(held)

"""When a window asks a class to predict, and what it has predicted in this hour."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QMainWindow

from gradsim.sim.documents.document import Document
from gradsim.sim.documents.predict import reveal_step
from gradsim.sim.votes.guess import Guess, asks
from gradsim.sim.votes.vote import Vote, empty_guess, revealed
from gradsim.ui.board import Board
from gradsim.ui.controller import Controller
from gradsim.ui.predict.sheet import Sheet
from gradsim.ui.theme import Look

POLL_MS = 40
"""How often it is looked whether the run has come to the step of the reveal."""


class PredictPlace(QObject):
    """Keeps the sheet over the pictures where a lesson is to ask first, and the votes of the hour.

    A lesson asks by itself only where that is :attr:`wanted`, and once an hour; elsewhere there is a button beside
    its question.

    Parameters
    ----------
    window
        The main window.
    row
        The row of panel, pictures and notes, which the sheet covers.
    board
        The pictures.
    controller
        Runs to the step of the reveal.
    """

    changed = Signal()
    """The sheet has come or gone."""

    def __init__(self, window: QMainWindow, row: QHBoxLayout, board: Board, controller: Controller) -> None:
        super().__init__(window)
        self._window, self._row, self._board, self._controller = window, row, board, controller
        self.wanted = False
        """Whether each lesson that has a question asks it first."""
        self.votes: list[Vote] = []
        """Those of this hour."""
        self.sheet: Sheet | None = None
        self._document: Document | None = None
        self._look: Look | None = None
        self._guess: Guess | None = None
        self._vote: Vote | None = None
        self._seen: set[str] = set()
        """The lessons that have asked, by their ids."""
        self._waiting = QTimer(self)
        self._waiting.setInterval(POLL_MS)
        self._waiting.timeout.connect(self._on_waiting)
        board.installEventFilter(self)
        board.predict_asked.connect(self.open)

    @property
    def is_open(self) -> bool:
        """Whether the pictures are covered."""
        return self.sheet is not None

    @property
    def can_ask(self) -> bool:
        """Whether what is open has a question."""
        return self._document is not None and asks(self._document.lesson)

    def show_document(self, document: Document, look: Look) -> None:
        """Take over a document and a look: another lesson may ask its question, the same one goes on asking it."""
        before, self._document = self._document, document
        is_same = before is not None and before.lesson == document.lesson
        has_look, self._look = look == self._look, look
        self._board.offer_prediction(self.can_ask)
        if not is_same:
            self.close()
            self._open_if_wanted()
        elif self.sheet and not has_look:
            self._show_sheet()

    def toggle(self) -> None:
        """Ask, or leave the question."""
        if self.sheet:
            self.close()
        else:
            self.open()

    def toggle_wanted(self) -> None:
        """Let each lesson ask first, or none; the one that is open does so at once."""
        self.wanted = not self.wanted
        if self.wanted:
            self._open_if_wanted()
        else:
            self.close()

    def _open_if_wanted(self) -> None:
        """Ask at the start of a lesson, once an hour."""
        lesson = self._document.lesson if self._document else None
        if self.wanted and not self.sheet and lesson and lesson.id not in self._seen:
            self.open()

    def count(self, answer: int) -> None:
        """Count a hand for an answer, from wherever its key was pressed."""
        if self.sheet:
            self.sheet.question.count(answer)

    def open(self) -> None:
        """Ask what the lesson asks, from the start."""
        if not self.can_ask:
            return
        assert self._document is not None
        assert self._document.lesson is not None
        self._waiting.stop()
        self._seen.add(self._document.lesson.id)
        self._guess, self._vote = empty_guess(self._document.as_taught), None
        self._controller.train_ahead(reveal_step(self._document))
        self._show_sheet()
        self.changed.emit()

    def _show_sheet(self) -> None:
        """Show the sheet in the look of the window, with what has been guessed."""
        assert self._document is not None
        assert self._look is not None
        assert self._guess is not None
        old = self.sheet
        size = self._board.window().size()
        self.sheet = Sheet(self._board.parentWidget(), size, self._document.as_taught, self._look, self._guess)
        self.sheet.reveal_asked.connect(self.reveal)
        self.sheet.again_asked.connect(self.open)
        self.sheet.left.connect(self.close)
        if self._vote:
            self.sheet.show_vote(self._vote)
        elif self._waiting.isActive():
            self.sheet.show_waiting(reveal_step(self._document))
        self.place()
        self.sheet.show()
        self._board.setFocusProxy(self.sheet)
        self._board.setFocus()
        if old:
            old.hide()
            old.deleteLater()

    def close(self) -> None:
        """Show the pictures."""
        old, self.sheet = self.sheet, None
        self._waiting.stop()
        if old:
            self._controller.train_ahead(0)
            self._board.setFocusProxy(None)  # type: ignore[arg-type]  # which takes it away
            self._board.setFocus()
            old.hide()
            old.deleteLater()
            self.changed.emit()

    # The reveal

    def reveal(self) -> None:
        """Compare the guess with the run, which goes to the step of the reveal first."""
        if self.sheet is None or self._vote or self._waiting.isActive():
            return
        assert self._document is not None
        step = reveal_step(self._document)
        self._controller.pause()
        self._controller.seek(step)
        self.sheet.show_waiting(step)
        self._waiting.start()
        self._on_waiting()

    def _on_waiting(self) -> None:
        """Reveal once the run is there, or will not come there."""
        controller, document = self._controller, self._document
        if controller.tape is None or document is None or self.sheet is None or self._guess is None:
            return
        step = reveal_step(document)
        is_of_it = controller.running_document.lesson == document.lesson
        if not (controller.at_rest or (is_of_it and controller.head >= step)):
            return
        self._waiting.stop()
        if not is_of_it:  # it could not be begun, and an earlier one is on screen
            self.sheet.refuse(self.sheet.look.tr("The run could not be begun."))
            return
        self._vote = revealed(controller.running_document, controller.tape.until(step), self._guess)
        if self._vote.is_known and not self._guess.is_empty:
            self.votes.append(self._vote)
        self.sheet.show_vote(self._vote)

    # Its place

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if self.sheet and event.type() == QEvent.Type.ParentChange:
            self._show_sheet()
        if self.sheet and event.type() in (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.LayoutRequest):
            self.place()
        return False

    def place(self) -> None:
        """Lie over the pictures and all that is beside them."""
        if self.sheet:
            is_here = self._board.window() is self._window
            self.sheet.setGeometry(self._row.geometry() if is_here else self._board.geometry())
            self.sheet.raise_()

"""Where a window shows the notes of its lesson: beside the pictures, over them, or not at all."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRect, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from gradsim.sim.documents.document import Document
from gradsim.sim.documents.lesson import Lesson
from gradsim.sim.run.tape import Past
from gradsim.ui.board import Board
from gradsim.ui.notes.lecturer import LecturerNotes, look_beside
from gradsim.ui.notes.panel import NotesPanel
from gradsim.ui.notes.room import has_room_beside, notes_px
from gradsim.ui.theme import Look


class NotesPlace(QObject):
    """Keeps the notes of what is open, in the look of the window, where they are to be.

    Parameters
    ----------
    window
        The main window.
    row
        The row of panel and pictures, at whose end they stand.
    board
        The pictures, over which they lie where that is not possible, though not over the verdict.
    """

    pointed = Signal(object)
    """A try whose control is to be lit up, or None."""
    tried = Signal(object)
    """A try that is to be done."""

    def __init__(self, window: QWidget, row: QHBoxLayout, board: Board) -> None:
        super().__init__(window)
        self._window, self._row, self._board = window, row, board
        self.wanted = True
        """Whether they are shown where there is room beside the pictures."""
        self._over = False
        """Whether they are shown over the pictures where there is no such room: never before it was asked for."""
        self.panel: NotesPanel | None = None
        self._beside = True
        self._lecturer: LecturerNotes | None = None
        self._document: Document | None = None
        self._look: Look | None = None
        self._past: tuple[Document, Past] | None = None
        """The runs that are shown."""
        board.found_more.connect(self._on_found_more)

    def _on_found_more(self) -> None:
        if self._past:
            self.show_past(*self._past, in_motion=True)  # more may follow soon

    @property
    def is_shown(self) -> bool:
        """Whether they are seen."""
        return self.panel is not None and not self.panel.isHidden()

    def point_again(self) -> None:
        """Say once more what is pointed at, when what it is about has moved."""
        self.pointed.emit(self.panel.pointed_at if self.panel else None)

    def show_document(self, document: Document, look: Look) -> None:
        """Take over a document and a look, for :meth:`fit` to show; what is there already says what is done of it."""
        self._document, self._look = document, look
        lesson = document.lesson
        if self.panel and (lesson is None or not self.panel.is_of(lesson, look)):
            self._drop()
        if self.panel:
            self.panel.show_document(document)
        if self._lecturer:
            self._lecturer.show_lesson(lesson, look_beside(look.theme.name, look.language))

    def _new_panel(self, lesson: Lesson, look: Look) -> NotesPanel:
        panel = NotesPanel(lesson, look)
        panel.pointed.connect(self.pointed)
        panel.tried.connect(self.tried)
        panel.lecturer_asked.connect(self.open_lecturer_notes)
        return panel

    def _drop(self) -> None:
        """Let the panel go: it is of another lesson or look."""
        old, self.panel = self.panel, None
        if old:
            self.pointed.emit(None)
            self._row.removeWidget(old)
            old.hide()
            old.deleteLater()

    def fit(self, panel_shown: bool) -> None:
        """Take the place that there is in the window, which may show the panel of settings."""
        if self._look is None or self._document is None or self._document.lesson is None:
            return
        is_here = self._board.window() is self._window
        self._beside = not is_here or has_room_beside(self._look, self._window.size(), panel_shown)
        shows = self.wanted if self._beside else self._over
        if shows and not self.panel:
            self.panel = self._new_panel(self._document.lesson, self._look)
            self.panel.show_document(self._document)
        if self.panel:
            self._place(self.panel, shows)

    def _place(self, panel: NotesPanel, shows: bool) -> None:
        """Show the panel at the end of the row or over the pictures, or hide it."""
        assert self._look is not None
        panel.setFixedWidth(min(notes_px(self._look), self._window.width()))
        if self._beside and self._row.indexOf(panel) < 0:
            self._row.addWidget(panel)
        elif not self._beside:
            self._row.removeWidget(panel)
            panel.setParent(self._board.parentWidget())
        self._place_over()
        panel.setVisible(shows)
        if shows and self._past:
            self.show_past(*self._past, in_motion=False)

    def _place_over(self) -> None:
        """Where they lie over the pictures, take the right of these."""
        if self.panel and not self._beside:
            room, width = self._row.geometry(), self.panel.maximumWidth()
            room = QRect(room.right() + 1 - width, room.top(), width, self._board.foot_top)
            if room != self.panel.geometry():
                self.panel.setGeometry(room)
                self.panel.raise_()

    def toggle(self) -> None:
        """Show or hide them."""
        if self._beside:
            self.wanted = not self.wanted
        else:
            self._over = not self._over

    def show_past(self, document: Document, past: Past, in_motion: bool) -> None:
        """Show soon what is true of the runs at the end of a past."""
        self._past = document, past
        if self.panel and document.lesson == self.panel.lesson:
            self.panel.show_past(document, past, in_motion, self._board.found)
            self._place_over()

    # The lecturer's

    def open_lecturer_notes(self) -> None:
        """Show the lecturer's notes in their own window."""
        assert self._document is not None
        assert self._look is not None
        if self._lecturer is None:
            self._lecturer = LecturerNotes(self._window)
        self._lecturer.show_lesson(self._document.lesson, look_beside(self._look.theme.name, self._look.language))
        self._lecturer.open()

    def toggle_lecturer_notes(self) -> None:
        """Show the lecturer's notes in their own window, or hide them."""
        if self._lecturer is not None and self._lecturer.isVisible():
            self._lecturer.hide()
        else:
            self.open_lecturer_notes()

    def close(self) -> None:
        """Measure no more, and let the lecturer's window go with the main one."""
        if self.panel:
            self.panel.stop()
        if self._lecturer:
            self._lecturer.hide()

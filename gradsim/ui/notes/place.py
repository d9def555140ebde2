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

    @property
    def is_shown(self) -> bool:
        """Whether they are seen."""
        return self.panel is not None and not self.panel.isHidden()

    def point_again(self) -> None:
        """Say once more what is pointed at, when what it is about has moved."""
        self.pointed.emit(self.panel.pointed_at if self.panel else None)

    def show_document(self, document: Document, look: Look) -> None:
        """Show the notes of a document in a look; where they are shown already, what is done of them."""
        self._document, self._look = document, look
        lesson = document.lesson
        if lesson is None:
            self._replace(None)
        elif self.panel is None or not self.panel.is_of(lesson, look):
            self._replace(self._new_panel(lesson, look))
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

    def _replace(self, panel: NotesPanel | None) -> None:
        old, self.panel = self.panel, panel
        if old:
            self.pointed.emit(None)
            self._row.removeWidget(old)
            old.hide()
            old.deleteLater()
        if panel:
            panel.hide()
            panel.setParent(self._board.parentWidget())
            self._beside = False

    def fit(self, panel_shown: bool) -> None:
        """Take the place that there is in the window, which may show the panel of settings."""
        if self.panel is None or self._look is None:
            return
        panel, beside = self.panel, has_room_beside(self._look, self._window.size(), panel_shown)
        if beside and not self._beside:
            self._row.addWidget(panel)
        elif self._beside and not beside:
            self._row.removeWidget(panel)
        self._beside = beside
        panel.setFixedWidth(min(notes_px(self._look), self._window.width()))
        self._place_over()
        was_hidden = panel.isHidden()
        panel.setVisible(self.wanted if beside else self._over)
        if was_hidden:
            panel.wake()

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
        if self.panel and document.lesson == self.panel.lesson:
            self.panel.show_past(document, past, in_motion)
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

"""Where a window shows the notes of its lesson: beside the pictures, over them, or not at all."""

from __future__ import annotations

from collections.abc import Generator, Iterator

from PySide6.QtCore import QObject, QRect, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from gradsim.sim.documents.document import Document
from gradsim.sim.documents.lesson import Lesson
from gradsim.sim.documents.lesson_parts import Try
from gradsim.sim.run.tape import Past
from gradsim.ui.board import Board
from gradsim.ui.notes.lecturer import LecturerNotes, look_beside
from gradsim.ui.notes.panel import NotesPanel
from gradsim.ui.notes.room import has_room_beside, notes_px
from gradsim.ui.pieces import Pieces
from gradsim.ui.theme import Look


class NotesPlace(QObject):
    """Keeps the notes of what is open, in the look of the window, where they are to be.

    Those of another lesson are built a turn of the event loop later, and take the place of the others then;
    :meth:`settle` builds them at once.

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
    replaced = Signal()
    """There are others now."""

    def __init__(self, window: QWidget, row: QHBoxLayout, board: Board) -> None:
        super().__init__(window)
        self._window, self._row, self._board = window, row, board
        self.wanted = True
        """Whether they are shown where there is room beside the pictures."""
        self._over = False
        """Whether they are shown over the pictures where there is no such room: never before it was asked for."""
        self.panel: NotesPanel | None = None
        """Those that are there; for a moment they may be of another lesson than the one that is open."""
        self._ahead: NotesPanel | None = None
        """What was built ahead for a look that is to come."""
        self._pieces = Pieces(self)
        self._building: tuple[Lesson, Look] | None = None
        """What is being built in pieces, while there are any."""
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

    def prepare(self, document: Document, look: Look) -> Iterator[None]:
        """Build ahead, if any are shown, those of a document in a look that is to come."""
        if self.is_shown and document.lesson:
            self._ahead = self._new_panel(document.lesson, look)
            yield

    def show_document(self, document: Document, look: Look) -> None:
        """Take over a document and a look, for :meth:`fit` to show; what is there already says what is done of it."""
        self._document, self._look = document, look
        if document.lesson is None:
            self._pieces.drop()
            self._drop()
        if self.panel and self._is_present(self.panel):
            self.panel.show_document(document)
        if self._lecturer:
            self._lecturer.show_lesson(document.lesson, look_beside(look.theme.name, look.language))

    def _is_present(self, panel: NotesPanel) -> bool:
        """Tell whether it is of the lesson that is open, in the look of the window."""
        assert self._look is not None
        lesson = self._document.lesson if self._document else None
        return lesson is not None and panel.is_of(lesson, self._look)

    def _new_panel(self, lesson: Lesson, look: Look) -> NotesPanel:
        panel = NotesPanel(lesson, look)
        panel.pointed.connect(self.pointed)
        panel.tried.connect(self._on_tried)
        panel.lecturer_asked.connect(self.open_lecturer_notes)
        return panel

    def _on_tried(self, entry: Try) -> None:
        if self.panel and self._document and self.panel.lesson == self._document.lesson:
            self.tried.emit(entry)

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
        is_present = self.panel is not None and self._is_present(self.panel)
        ahead, self._ahead = self._ahead, None
        if not shows:
            self._pieces.drop()
        if not shows and not is_present:
            self._drop()
        elif shows and not is_present and ahead and self._is_present(ahead):
            self._replace(ahead)
        elif shows and not is_present:
            self._begin(self._document.lesson, self._look)
        if self.panel:
            self._place(self.panel, shows)

    def _begin(self, lesson: Lesson, look: Look) -> None:
        """Have those of a lesson built, unless they are already."""
        if not (self._pieces.are_left and self._building == (lesson, look)):
            self._building = lesson, look
            self._pieces.begin(self._build(lesson, look))

    def _build(self, lesson: Lesson, look: Look) -> Generator[None, None, None]:
        panel = self._new_panel(lesson, look)
        yield
        self._replace(panel)
        self._place(panel, shows=True)
        self.replaced.emit()

    def _replace(self, panel: NotesPanel) -> None:
        """Let these take the place of the others, still hidden."""
        assert self._document is not None
        self._drop()
        self.panel = panel
        panel.show_document(self._document)

    def settle(self) -> None:
        """Show what is to be shown, and what is true of it, here and now."""
        self._pieces.finish()
        if self.panel:
            self.panel.settle()

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
        self._pieces.drop()
        if self.panel:
            self.panel.stop()
        if self._lecturer:
            self._lecturer.hide()

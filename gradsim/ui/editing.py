"""Editing: the one way by which the experiment changes, from forms and pictures, files, undo and redo."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication

from gradsim.engine.data.tables import Csv
from gradsim.schema.errors import FileError, Phrase
from gradsim.schema.parameters import ParameterError
from gradsim.sim.documents.document import Document, read, write
from gradsim.sim.documents.drafts import Draft, History, Refusal
from gradsim.sim.documents.experiments import full_table
from gradsim.sim.documents.files import in_file
from gradsim.sim.documents.kept import Kept
from gradsim.sim.documents.lessons import read_file
from gradsim.sim.documents.table_document import table_in
from gradsim.sim.kinds import kind_of
from gradsim.ui.controller import Controller
from gradsim.ui.tables.reading import Reading
from gradsim.ui.views.catalogue import check_views

SETTLE_MS = 600
"""After how long a rest a drag has ended, unless a button of the mouse is still held down."""


READING = Refusal("data.path", Phrase("Reading the table …"))
"""Why an edit is not taken over yet whose table is being read."""


class Editing(QObject):
    """Holds the history of drafts; each change is shown first, then kept, then trained.

    Parameters
    ----------
    document
        What is open at first.
    controller
        Trains what is allowed.
    show
        Shows a draft in the forms, and says whether it is of another document than the one before. Where it
        raises, nothing has changed.
    """

    changed = Signal()
    """Another draft is shown, or a file holds it now."""
    waits = Signal(bool)
    """Whether a file is to be opened whose table is being read."""
    failed = Signal(object)
    """A file cannot be read or written; why is a text, or a phrase in words that the window can tell in its own."""

    def __init__(self, document: Document, controller: Controller, show: Callable[[Draft, bool], None]) -> None:
        super().__init__()
        self.history = History.of(document)
        self._controller, self._show = controller, show
        self._paths: dict[int, Path] = {}
        """The file of each opening that has one."""
        self._before: History | None = None
        """The history without the edit that waits till its table has been read; None where none waits."""
        self._how = False, False
        """Whether it is a step of a drag, and whether the step shown stays."""
        self._reading = Reading(self, _read)
        self._reading.found.connect(self._on_read)
        self._to_open: Path | None = None
        """The file that is to be opened once its table has been read."""
        self._tables = Reading(self, _read)
        self._tables.found.connect(self._on_table)
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.timeout.connect(self._on_rest)

    @property
    def draft(self) -> Draft:
        """The draft that is shown."""
        return self.history.draft

    @property
    def path(self) -> Path | None:
        """The file that is open, if one is."""
        return self._paths.get(self.draft.opening)

    def edit(self, table: Mapping[str, Any], continuing: bool = False, keep_step: bool = False) -> None:
        """Take over an edited full table, allowed or not; `continuing` says that it is a step of a drag.

        To `keep_step`, the step shown stays, and the picture with it until the new run has come there. Where a
        large file is to be read for it, that is done beside the window first.
        """
        data = table_in(table)
        if data is not None and data.takes_time:
            before = self._before or self.history
            self._commit(before.waiting(table, READING), reopened=False)
            self._before, self._how = before, (continuing, keep_step)
            self._reading.ask(data)
        else:
            self._take(table, continuing, keep_step)

    def _take(self, table: Mapping[str, Any], continuing: bool, keep_step: bool) -> None:
        self._go_to(self._without_waiting().edited(table, continuing), keep_step, seamless=keep_step)
        self._settling.start(SETTLE_MS)

    def _on_read(self) -> None:
        if self._before is not None:
            self._take(self.draft.table, *self._how)

    def _without_waiting(self) -> History:
        """Return the history without an edit that waits, which nothing comes of then."""
        if self._before is not None:
            self.history, self._before = self._before, None
        return self.history

    def edit_in_picture(self, table: Mapping[str, Any]) -> Draft | None:
        """Take over a full table that was edited in a picture, where the step shown stays.

        What is not allowed is not taken over, and returned.
        """
        history = self._without_waiting().edited(table, continuing=True)
        if history.draft.refusal is not None:
            return history.draft
        self._go_to(history, keep_step=True)
        self._settling.start(SETTLE_MS)
        return None

    def _on_rest(self) -> None:
        if QApplication.mouseButtons() == Qt.MouseButton.NoButton:
            self.history = self.history.settled()
        else:
            self._settling.start(SETTLE_MS)

    def undo(self) -> None:
        """Show the draft before."""
        waits = self._before is not None
        history = self._without_waiting()
        self._go_to(history if waits else history.undone(), keep_step=True, seamless=True)

    def redo(self) -> None:
        """Show the draft after."""
        self._go_to(self._without_waiting().redone(), keep_step=True, seamless=True)

    def _go_to(self, history: History, keep_step: bool = False, seamless: bool = False) -> None:
        reopened = history.draft.opening != self.draft.opening
        self._commit(history, reopened)
        if reopened:
            self._controller.open(history.draft.document)
        else:
            self._controller.show_document(history.draft.document, keep_step, seamless)

    def _commit(self, history: History, reopened: bool) -> None:
        self._show(history.draft, reopened)
        self.history = history
        self.changed.emit()

    # Files

    def open(self, document: Document, path: Path | None = None, is_new: bool = False) -> None:
        """Show another document, or the same one as it was, and train it from the start.

        A new one is in no file or lesson yet.
        """
        self.open_nothing()
        self._open(document, path, is_new)
        self._controller.open(document)

    def _open(self, document: Document, path: Path | None, is_new: bool = False) -> None:
        history = self._without_waiting().opened(document, path, is_new)
        self._note_path(history.draft.opening, path)
        self._commit(history, reopened=True)

    def _note_path(self, opening: int, path: Path | None) -> None:
        self._paths.pop(opening, None)
        if path is not None:
            self._paths[opening] = path

    def came_from(self, path: Path | None) -> None:
        """Note which file the document that was open at first is from."""
        self.history = self.history.saved(self.draft.document, path) if path else self.history
        self._note_path(self.draft.opening, path)
        self.changed.emit()

    def bring_back(self, kept: Kept) -> None:
        """Show what was kept of earlier work; undo leads back to what there is now."""
        self.open_nothing()
        history, shift = self._without_waiting().joined(kept.history)
        self._paths.update({opening + shift: path for opening, path in kept.paths.items()})
        self._commit(history, reopened=True)
        self._controller.open(history.draft.document)

    @property
    def kept(self) -> Kept:
        """What there is to be kept of this work."""
        return Kept(self._before or self.history, dict(self._paths))

    def path_of(self, document: Document) -> Path | None:
        """Return the file that a document was opened from or saved to last, None where there is none."""
        openings = [draft.opening for draft in self.history.drafts if draft.document == document]
        openings = [self.draft.opening] if document == self.draft.document else openings
        return next((self._paths[opening] for opening in reversed(openings) if opening in self._paths), None)

    def open_file(self, path: Path) -> None:
        """Open a file, once its table has been read if that is large; what is on screen stays if it is bad."""
        self.open_nothing()
        if self.is_at_hand(path):
            self._open_now(path)
        else:
            self._to_open = path
            self.waits.emit(True)

    def open_nothing(self) -> None:
        """Do not open the file whose table is being read, if there is one."""
        if self._to_open is not None:
            self._to_open = None
            self.waits.emit(False)

    def _on_table(self) -> None:
        if (path := self._to_open) is not None:
            self.open_nothing()
            self._open_now(path)

    def is_at_hand(self, path: Path) -> bool:
        """Tell whether :meth:`read` need not read a large table; where it need, that is read beside the window."""
        with suppress(FileError):
            data = table_in(full_table(read(path, with_data=False).experiment))
            if data is not None and data.takes_time:
                self._tables.ask(data)
                return False
        return True

    def _open_now(self, path: Path) -> None:
        try:
            document = self.read(path)
        except FileError as error:
            self.failed.emit(error.text)
        else:
            self.open(document, path)

    def read(self, path: Path) -> Document:
        """Return the document of a file; FileError if it cannot be shown."""
        document = read_file(path)
        try:
            kind_of(document.experiment).check(document.experiment)
            check_views(document)
        except ParameterError as error:
            raise FileError(in_file(path, error.text)) from None
        return document

    def reload(self, document: Document, path: Path) -> None:
        """Show what a file that is open holds now; the step shown stays. Undo takes that back."""
        self._open(document, path)
        self._controller.show_document(document, keep_step=True, seamless=True)

    def save_file(self, path: Path, document: Document | None = None) -> bool:
        """Write a document, or the one of the draft shown, to a file; tell whether it was written."""
        is_shown = document is None or document == self.draft.document
        document = document or self.draft.document
        try:
            write(path, document)
        except FileError as error:
            self.failed.emit(error.text)
            return False
        self.history = self.history.saved(document, path)
        self._before = self._before and self._before.saved(document, path)
        if is_shown:
            self._note_path(self.draft.opening, path)
        self.changed.emit()
        return True


def _read(data: Csv) -> None:
    """Read a table, so that it is at hand where it is asked for next, or why it is refused."""
    with suppress(ParameterError):
        data.load()

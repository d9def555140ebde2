"""Reloading: the file that is open is shown anew when an editor has saved it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from gradsim.schema.errors import FileError, one_line, told
from gradsim.sim.documents.document import Document
from gradsim.sim.documents.lessons import course, reread
from gradsim.ui.editing import Editing
from gradsim.ui.slip import Slip
from gradsim.ui.theme import Look

LOOK_MS = 1000
"""How often the file is looked at. Editors put new files in place of old ones, of which a watcher loses track."""

Stamp = tuple[int, int] | None


class Reloading(QObject):
    """Looks at the file that is open, once a second.

    Parameters
    ----------
    board
        Over which it is said what is wrong with the file, or that it has changed.
    editing
        Knows the file, and opens it anew.
    look
        Returns the look of the window.
    """

    def __init__(self, board: QWidget, editing: Editing, look: Callable[[], Look]) -> None:
        super().__init__(board)
        self._editing, self._look = editing, look
        self.slip = Slip(board)
        self._path: Path | None = None
        self._stamp: Stamp = None
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look_at_file)
        editing.changed.connect(self._on_changed)

    def _on_changed(self) -> None:
        """Look at another file from now on, if another one is open."""
        path = self._editing.path
        if path != self._path:
            self._path, self._stamp = path, _stamp_of(path)
            self.slip.hide()
            if path is None:
                self._timer.stop()
            else:
                self._timer.start()

    def look_at_file(self) -> None:
        """Show the file anew if it has been saved since; where there are changes by hand, only offer to."""
        stamp = _stamp_of(self._path)
        if self._path is None or stamp is None or stamp == self._stamp or not self._editing.is_at_hand(self._path):
            return
        self._stamp = stamp
        tr = self._look().tr
        try:
            document = self._read(self._path)
        except FileError as error:
            self.slip.show_line(told(error.text, tr), {tr("Close"): lambda: None}, self._look(), alarm=True)
            return
        self.slip.hide()
        draft = self._editing.draft
        shown = draft.document.experiment, draft.document.lesson
        if (document.experiment, document.lesson) == shown and draft.refusal is None:
            return  # it was saved from here
        if self._editing.history.is_saved:
            self._editing.reload(document, self._path)
        else:
            self._offer(document, self._path)

    def _read(self, path: Path) -> Document:
        """Return the document of the file; what the course knows of it is read anew too."""
        document = self._editing.read(path)
        if any(file.resolve() == path.resolve() for file in course().files.values()):
            reread()
            document = self._editing.read(path)
        return document

    def _offer(self, document: Document, path: Path) -> None:
        look = self._look()
        text = look.tr("{file} has been saved elsewhere; here there are changes by hand.").format(
            file=one_line(path.name)
        )
        deeds = {
            look.tr("Show the file"): lambda: self._editing.reload(document, path),
            look.tr("Keep the changes"): lambda: None,
        }
        self.slip.show_line(text, deeds, look)

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()


def _stamp_of(path: Path | None) -> Stamp:
    """Return what tells one saving from another; None where there is no file."""
    try:
        status = path.stat() if path else None
    except OSError:
        return None
    return (status.st_mtime_ns, status.st_size) if status else None

"""Files from the window: which one is asked for in a dialog, what was written is told in a line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from gradsim.schema.errors import FileError, InputError, one_line
from gradsim.schema.ordinary import exists
from gradsim.sim.documents.document import Document
from gradsim.sim.documents.files import write_bytes
from gradsim.sim.votes.vote import Vote, dumped
from gradsim.ui.editing import Editing
from gradsim.ui.writers import PNG, dialog_filter, writers

TOML, JSON = ".toml", ".json"


class Files(QObject):
    """Saves experiments and pictures.

    Parameters
    ----------
    window
        Over which the dialogs are shown.
    editing
        Writes experiments.
    translate
        Puts a text into the language of the window.
    tell
        Tells what was done.
    refuse
        Tells what was not, and why.
    """

    picture_saved = Signal()
    """A picture has been written."""

    def __init__(
        self,
        window: QWidget,
        editing: Editing,
        translate: Callable[[str], str],
        tell: Callable[[str], object],
        refuse: Callable[[str], object],
    ) -> None:
        super().__init__(window)
        self._window, self._editing, self._tr = window, editing, translate
        self._tell, self._refuse = tell, refuse

    def save(self, document: Document, title: str, beside: Path | None = None) -> bool:
        """Ask for a file and write an experiment there; tell whether it was written.

        Where it came from a file, the dialog begins with that one's name, or with one beside it for a picture.
        """
        heading = f"{self._tr('Save the experiment')} – {title}"
        start = str(beside.with_suffix(TOML)) if beside else f"{name_of(document)}{TOML}"
        path = asked_path(self._window, heading, start, f"TOML (*{TOML})", [TOML])
        return path is not None and self.save_to(path, document)

    def save_to(self, path: Path, document: Document) -> bool:
        """Write an experiment to a file; tell whether it was written."""
        if not self._editing.save_file(path, document):
            return False
        self._tell_saved(path)
        return True

    def picture_path(self, document: Document, step: int) -> Path | None:
        """Ask where to put a picture of a step; None if there is to be none."""
        start = f"{name_of(document)}-step-{step}{PNG}"
        path = asked_path(self._window, self._tr("Picture of what is shown"), start, dialog_filter())
        if path is not None and path.suffix.lower() not in writers():
            problem = self._tr("{file}: a picture's name ends in {endings}")
            self._refuse(problem.format(file=path.name, endings=", ".join(writers())))
            return None
        return path

    def tell_picture(self, path: Path) -> None:
        """Tell that a picture has been written to a file."""
        self._tell_saved(path)
        self.picture_saved.emit()

    def refuse(self, error: InputError) -> None:
        """Tell why something was not done."""
        self._refuse(error.text)

    def save_votes(self, votes: Sequence[Vote], language: str) -> None:
        """Ask for a file and write the predictions of the hour there, as JSON."""
        title = self._tr("Save the predictions of this hour")
        path = asked_path(self._window, title, f"predictions{JSON}", f"JSON (*{JSON})", [JSON])
        if path is None:
            return
        try:
            write_bytes(path, dumped(votes, language).encode("utf-8"))
        except FileError as error:
            self._refuse(error.text)
        else:
            self._tell_saved(path)

    def _tell_saved(self, path: Path) -> None:
        self._tell(self._tr("Saved {file}").format(file=f"…/{one_line(path.name)}"))


def name_of(document: Document) -> str:
    """Return what its files are called where nobody says otherwise."""
    return document.lesson.id if document.lesson else "experiment"


def asked_path(window: QWidget, title: str, start: str, filters: str, endings: Sequence[str] = ()) -> Path | None:
    """Ask for the name of a file to be written; None if there is to be none.

    A name without an ending gets that of the kind of files chosen in the dialog, and, where only some `endings` are
    possible, one with another ending the first of these. The dialog asks before a file is overwritten.
    """
    while name := name_in_dialog(window, title, start, filters):
        path = Path(name)
        if not path.suffix or (endings and path.suffix.lower() not in endings):
            path = path.with_name(path.name + (endings[0] if endings else PNG))
            if exists(path):  # which the dialog could not know: it is to ask
                start = str(path)
                continue
        return path
    return None


def name_in_dialog(window: QWidget, title: str, start: str, filters: str) -> str:
    """Let a name be chosen in a dialog, which puts the ending of the kind chosen behind one that has none."""
    dialog = QFileDialog(window, title, start, filters)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    dialog.selectFile(start)

    def follow(kind: str) -> None:
        dialog.setDefaultSuffix(kind.rpartition("*.")[2].rstrip(")"))

    follow(filters.partition(";;")[0])
    dialog.filterSelected.connect(follow)
    chosen = dialog.selectedFiles()[0] if dialog.exec() else ""
    dialog.deleteLater()
    return chosen

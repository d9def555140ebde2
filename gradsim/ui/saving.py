"""New, save, recent: where an experiment is kept, and what a window is called by."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from gradsim.resources import resource
from gradsim.schema.errors import one_line
from gradsim.schema.ordinary import is_file, opened
from gradsim.sim.documents.document import MAX_FILE_BYTES, Document, parse
from gradsim.ui import recent
from gradsim.ui.editing import Editing
from gradsim.ui.files import TOML, Files
from gradsim.ui.menus import Choices, Item

NEW = {
    "train": '[[runs]]\nactivation = "sigmoid"\n[[runs]]\nactivation = "relu"\ninit = "he_normal"\n',
    "race": 'kind = "race"\n[[runs]]\noptimizer = "sgd"\n[[runs]]\noptimizer = "adam"\n',
}
"""The experiments to start from, by their kind."""


class Saving(QObject):
    """Keeps experiments in the files that they came from.

    Parameters
    ----------
    window
        Over which questions are asked.
    editing
        Reads and writes experiments.
    files
        Asks for names of files.
    translate
        Puts a text into the language of the window.
    """

    def __init__(self, window: QWidget, editing: Editing, files: Files, translate: Callable[[str], str]) -> None:
        super().__init__(window)
        self._window, self._editing, self._files, self._tr = window, editing, files, translate
        self._noted: Path | None = None
        editing.changed.connect(self._on_changed)

    def _on_changed(self) -> None:
        """Note the file that is open now."""
        path = self._editing.path
        if path != self._noted:
            self._noted = path
            if path is not None and not is_bundled(path):
                recent.note(path)

    def new(self) -> None:
        """Open a new experiment of the kind that is open."""
        self._editing.open(parse(NEW[self._editing.draft.document.experiment.kind], "new"))

    def save(self, document: Document, title: str) -> bool:
        """Write a document to the file it came from, or ask for one; tell whether it was written."""
        path = self._editing.path_of(document)
        if path is None or path.suffix.lower() != TOML or is_bundled(path):
            return self.save_as(document, title)
        if has_comments(path):
            answer = self._ask_about_comments(path)
            if answer != _Button.Save:
                return answer == _Button.Open and self.save_as(document, title)
        return self._files.save_to(path, document)

    def save_as(self, document: Document, title: str) -> bool:
        """Ask for a file and write a document there; tell whether it was written."""
        path = self._editing.path_of(document)
        return self._files.save(document, title, path if path and not is_bundled(path) else None)

    def _ask_about_comments(self, path: Path) -> QMessageBox.StandardButton:
        box = QMessageBox(self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("gradsim")
        box.setTextFormat(Qt.TextFormat.PlainText)
        text = self._tr("{file} has comments, which are lost when it is saved from here.")
        box.setText(text.format(file=one_line(path.name)))
        box.addButton(_Button.Save).setText(self._tr("Save without them"))
        box.addButton(_Button.Open).setText(self._tr("Save under another name…"))
        box.addButton(_Button.Cancel).setText(self._tr("Cancel"))
        box.setDefaultButton(_Button.Open)
        box.setEscapeButton(_Button.Cancel)
        return _Button(box.exec())

    def choices(self) -> Sequence[Choices]:
        """Return what the File menu offers besides its actions: recent files, those that are gone greyed."""
        found = recent.paths()
        items = [
            Item(one_line(path.name), partial(self._editing.open_file, path), note=one_line(str(path)),
                 possible=is_file(path))
            for path in found
        ]  # fmt: skip
        forget = Item(self._tr("Clear the list"), recent.clear)
        return [Choices(self._tr("Recent files"), [*items, forget])] if items else []

    def name(self, title: str) -> str:
        """Return what the window is called: the file that is open, if it is one's own, and the lesson's title."""
        path = self._editing.path
        if path is None or is_bundled(path):
            return title
        lesson = self._editing.draft.document.lesson
        file = one_line(path.name).replace("[*]", "[*][*]")  # [*] is where Qt puts its mark
        return f"{file} – {title}" if lesson else file


def is_bundled(path: Path) -> bool:
    """Tell whether a file is the program's own, which is not written over."""
    return resource().resolve() in path.resolve().parents


def has_comments(path: Path) -> bool:
    """Tell whether a file that a person has written says something that the program does not keep."""
    try:
        with opened(path) as file:
            return b"#" in _STRING.sub(b"", file.read(MAX_FILE_BYTES))
    except OSError:
        return False


_STRING = re.compile(rb'''"""(?:.|\n)*?"""|"(?:\\.|[^"\\\n])*"|'{3}(?:.|\n)*?'{3}|'[^'\n]*[']''')
"""What stands between quotation marks in TOML."""
_Button = QMessageBox.StandardButton

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
from gradsim.ui.theme import Look

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
    look
        Returns the look of the window.
    refused_in
        Returns what is refused in the panel for a document, "" if nothing is.
    tell
        Says what went wrong.
    """

    def __init__(
        self,
        window: QWidget,
        editing: Editing,
        files: Files,
        look: Callable[[], Look],
        refused_in: Callable[[Document], str],
        tell: Callable[[str], object],
    ) -> None:
        super().__init__(window)
        self._window, self._editing, self._files, self._look = window, editing, files, look
        self._refused_in, self._tell = refused_in, tell
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

    def save(self, document: Document) -> bool:
        """Write a document to the file it came from, or ask for one; tell whether it was written.

        What is refused in the panel is said, and not left out.
        """
        if not self._may_save(document):
            return False
        path = self._editing.path_of(document)
        if path is None or path.suffix.lower() != TOML or is_bundled(path):
            return self._ask_where(document)
        if has_comments(path):
            answer = self._ask_about_comments(path)
            if answer != _Button.Save:
                return answer == _Button.Open and self._ask_where(document)
        return self._files.save_to(path, document)

    def save_as(self, document: Document) -> bool:
        """Ask for a file and write a document there; tell whether it was written."""
        return self._may_save(document) and self._ask_where(document)

    def _ask_where(self, document: Document) -> bool:
        path = self._editing.path_of(document)
        title = title_of(document, self._look())
        return self._files.save(document, title, path if path and not is_bundled(path) else None)

    def _may_save(self, document: Document) -> bool:
        refused = self._refused_in(document)
        if refused:
            self._tell(self._tr("Not saved: {problem}").format(problem=refused))
        return not refused

    def _tr(self, text: str) -> str:
        return self._look().tr(text)

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
        items = [self._recent(path) for path in recent.paths()]
        forget = Item(self._tr("Clear the list"), recent.clear)
        return [Choices(self._tr("Recent files"), [*items, forget])] if items else []

    def _recent(self, path: Path) -> Item:
        is_there = is_file(path)
        note = str(path) if is_there else self._tr("{file} is no longer there").format(file=path)
        opens = partial(self._editing.open_file, path)
        return Item(one_line(path.name), opens, note=one_line(note), possible=is_there)

    def name(self) -> str:
        """Return what the window is called: the file that is open, if it is one's own, and the lesson's title."""
        path, title = self._editing.path, title_of(self._editing.draft.document, self._look())
        if path is None or is_bundled(path):
            return title
        lesson = self._editing.draft.document.lesson
        file = one_line(path.name).replace("[*]", "[*][*]")  # [*] is where Qt puts its mark
        return f"{file} – {title}" if lesson else file


def title_of(document: Document, look: Look) -> str:
    """Return what a document is called: a lesson by its number and title, in the language of a look."""
    lesson = document.lesson
    if not lesson:
        return look.tr("Experiment")
    title = f"{lesson.number} · {lesson.title(look.language)}"
    return title if document.is_as_in_the_lesson else look.tr("{title}, changed").format(title=title)


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

"""Small pictures of lessons, each made from the lesson's own run by a process beside the window, kept in a cache."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QSize, Signal

from gradsim import __version__
from gradsim.sim.documents.document import Document, dump

SIZE = QSize(344, 224)
"""The size in which it is kept: twice that of a large window's course list."""
MAKER = "gradsim.ui.course.make_pictures"
"""The program that makes them."""


def folder() -> Path:
    """Return the cache, which need not be there."""
    import platformdirs

    return Path(platformdirs.user_cache_dir("gradsim", appauthor=False)) / "pictures"


def place(document: Document, theme: str, language: str) -> Path:
    """Return where the picture of a lesson is kept; of a lesson or a program that has changed, that is elsewhere."""
    return _place_of(dump(document), theme, language)


def _place_of(written: str, theme: str, language: str) -> Path:
    key = "\n".join((__version__, theme, language, written))
    return folder() / f"{sha256(key.encode(errors='backslashreplace')).hexdigest()[:32]}.png"


class CoursePictures(QObject):
    """Finds the pictures of lessons, and has those made that are missing."""

    made = Signal()
    """There are more of them."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.makes = False
        """Whether missing ones are made; the application says so, for somebody is there."""
        self._asked: set[Path] = set()
        self._written: dict[str, tuple[Document, str]] = {}
        """Lessons as files have them, by id: to write all of them takes as long as a frame."""
        self._process: QProcess | None = None

    def place(self, name: str, document: Document, theme: str, language: str) -> Path:
        """Return where the picture of the lesson of this id is, or is to be."""
        known = self._written.get(name)
        if known is None or known[0] is not document:
            known = self._written[name] = document, dump(document)
        return _place_of(known[1], theme, language)

    def want(self, documents: Mapping[str, Document], files: Mapping[str, Path], theme: str, language: str) -> None:
        """Have the missing ones of these lessons made, each once, by one process at a time."""
        if not self.makes or self._process is not None:
            return
        places = {name: self.place(name, document, theme, language) for name, document in documents.items()}
        missing = [name for name, path in places.items() if path not in self._asked and not path.exists()]
        if not missing:
            return
        self._asked.update(places[name] for name in missing)
        process = self._process = QProcess(self)
        process.setProcessChannelMode(QProcess.ProcessChannelMode.ForwardedErrorChannel)
        process.readyReadStandardOutput.connect(self._on_said)
        process.finished.connect(self._on_finished)
        process.start(sys.executable, ["-m", MAKER, theme, language, *(str(files[name]) for name in missing)])

    def _on_said(self) -> None:
        if self._process is not None:
            self._process.readAllStandardOutput()
            self.made.emit()

    def _on_finished(self) -> None:
        old, self._process = self._process, None
        if old is not None:
            old.deleteLater()
            self.made.emit()

    def stop(self) -> None:
        """Make no more."""
        self.makes = False
        old, self._process = self._process, None
        if old is not None:
            old.blockSignals(True)
            old.kill()
            old.waitForFinished(200)

"""Small pictures of lessons, each made from the lesson's own run by a process beside the window, and kept in a cache.

``python -m gradsim.ui.course.pictures THEME LANGUAGE FILE...`` makes those of these files that are missing.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QProcess, QSize, Qt, Signal
from PySide6.QtGui import QImage

from gradsim import __version__
from gradsim.schema.errors import FileError
from gradsim.sim.documents.document import Document, dump, read
from gradsim.sim.documents.files import write_bytes

LAID_OUT = (620, 404)
"""The size in which a picture is laid out: what is smaller has no room for its texts."""
SIZE = QSize(344, 224)
"""The size in which it is kept: twice that of a large window's course list."""
KEPT_DAYS = 120
"""Pictures that are older are made again, should they still be wanted."""
_NICENESS = 19


def folder() -> Path:
    """Return the cache, which need not be there."""
    import platformdirs

    return Path(platformdirs.user_cache_dir("gradsim", appauthor=False)) / "pictures"


def place(document: Document, theme: str, language: str) -> Path:
    """Return where the picture of a lesson is kept; of a lesson or a program that has changed, that is elsewhere."""
    key = "\n".join((__version__, theme, language, dump(document)))
    return folder() / f"{sha256(key.encode()).hexdigest()[:32]}.png"


class CoursePictures(QObject):
    """Finds the pictures of lessons, and has those made that are missing."""

    made = Signal()
    """There are more of them."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.makes = False
        """Whether missing ones are made; the application says so, for somebody is there."""
        self._asked: set[Path] = set()
        self._places: dict[tuple[str, str, str], tuple[Document, Path]] = {}
        self._process: QProcess | None = None

    def place(self, name: str, document: Document, theme: str, language: str) -> Path:
        """Return where the picture of the lesson of this id is, or is to be."""
        known = self._places.get((name, theme, language))
        if known is None or known[0] is not document:
            known = self._places[name, theme, language] = document, place(document, theme, language)
        return known[1]

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
        process.start(sys.executable, ["-m", __name__, theme, language, *(str(files[name]) for name in missing)])

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


def picture_of(document: Document, theme: str, language: str) -> QImage:
    """Return a lesson's small picture: the first of the views that carry its claim, at the step of its picture."""
    from gradsim.ui.export import Picture, prepared, step_shown
    from gradsim.ui.views.catalogue import views_of

    view = views_of(document, "projector")[0]
    with prepared(document, step_shown(document, None), Picture(theme, language, LAID_OUT, view=view), {}) as (
        board,
        _,
    ):
        image = board.image_of_first_view()
    ways = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    return image.scaled(SIZE, *ways)


def make(path: Path, theme: str, language: str) -> None:
    """Make the picture of a lesson's file, unless it is there."""
    document = read(path)
    target = place(document, theme, language)
    if target.exists():
        return
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture_of(document, theme, language).save(buffer, "PNG")  # type: ignore[call-overload]
    buffer.close()
    target.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(target, bytes(content.data()))


def forget_old() -> None:
    """Delete pictures that are older than KEPT_DAYS."""
    for path in folder().glob("*.png"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > 86_400 * KEPT_DAYS:
                path.unlink()


def main(arguments: Sequence[str]) -> int:
    """Make pictures, and say of each that it is done; one that fails is said to, and the others are made."""
    theme, language, *files = arguments
    if hasattr(os, "nice"):
        os.nice(_NICENESS)  # the window goes first
    forget_old()
    status = 0
    for name in files:
        try:
            make(Path(name), theme, language)
        except (FileError, OSError) as error:
            print(f"gradsim: {error}", file=sys.stderr)
            status = 1
        except Exception as error:
            print(f"gradsim: no picture of {name}: {type(error).__name__}: {error}", file=sys.stderr)
            status = 1
        print(name, flush=True)
    return status


if __name__ == "__main__":
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    sys.exit(main(sys.argv[1:]))

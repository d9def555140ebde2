"""Pictures of what is shown: asked for, painted out of sight as the command line paints them, saved or copied."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TypeVar

from PySide6.QtCore import QMimeData, QObject, QSize
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from shiboken6 import isValid

from gradsim.schema.errors import InputError, Phrase
from gradsim.sim.documents.document import Document
from gradsim.sim.documents.files import write_bytes
from gradsim.sim.documents.picture_text import packed_text
from gradsim.sim.run.tape import Past
from gradsim.ui.board import Board, Likeness
from gradsim.ui.files import Files
from gradsim.ui.picture import Picture, around, laying_out, remove
from gradsim.ui.picture_dialog import PictureDialog, Wanted
from gradsim.ui.theme import Look
from gradsim.ui.views.catalogue import VIEWS
from gradsim.ui.works import Work, Works
from gradsim.ui.writers import Painting, save, writer_of
from gradsim.ui.writers.png import carrying
from gradsim.ui.writers.writer import Finish

T = TypeVar("T")

PIECE_S = 0.05
"""How long is computed for a picture in one turn of the event loop."""
SETTLING = 4
"""How many turns of the event loop layouts take to settle."""


@dataclass(frozen=True)
class Moment:
    """The runs and the board as they were when a picture was asked for: they go on meanwhile."""

    document: Document
    past: Past
    likeness: Likeness

    def until(self, step: int) -> Past:
        """Return them as they were, as a tape does."""
        return self.past


class Pictures(QObject):
    """Takes pictures of a board.

    Parameters
    ----------
    window
        Over which dialogs are shown.
    board
        What pictures are of.
    files
        Saves them.
    look
        Returns the look of the window.
    tell
        Tells what was done.
    """

    def __init__(
        self, window: QWidget, board: Board, files: Files, look: Callable[[], Look], tell: Callable[[str], object]
    ) -> None:
        super().__init__(window)
        self._window, self._board, self._files, self._look, self._tell = window, board, files, look, tell
        self._copying = Works(self, "gradsim-copy", files.refuse)
        self._saving = Works(self, "gradsim-picture", files.refuse)
        self.wanted = Wanted()
        """How the last picture was."""

    @property
    def is_busy(self) -> bool:
        """Whether a picture is being copied or saved."""
        return self._copying.are_left or self._saving.are_left

    def finish(self) -> None:
        """Let nothing else be done by hand until all pictures have been copied or saved."""
        self._copying.finish()
        self._saving.finish()

    def end(self) -> None:
        """Copy nothing any more, and have all files written that were asked for."""
        self._copying.drop()
        self._saving.finish()

    def ask(self, moment: Moment) -> None:
        """Ask how a picture is to be and where to put it, and save it there some turns of the event loop later."""
        views = {key: self._look().tr(VIEWS[key].title) for key in self._board.shown.views}
        dialog = PictureDialog(self._window, self.wanted, views, self._board.size(), self._look())
        chosen = dialog.exec() == QDialog.DialogCode.Accepted
        wanted, copies = dialog.wanted, dialog.copies
        dialog.deleteLater()
        if not chosen:
            return
        self.wanted = wanted
        if copies:
            self.copy(moment)
            return
        path = self._files.picture_path(moment.document, moment.past.step)
        if path is not None:
            self.save(path, moment)

    def save(self, path: Path, moment: Moment) -> None:
        """Save a picture, as the last one was, some turns of the event loop later."""
        self._saving.add(self._saved(path, self._painted(moment, partial(_for_file, path))))

    def save_painting(self, painting: Painting) -> None:
        """Ask where to put a picture, and put it there before what it is of changes."""
        path = self._files.picture_path(painting.document, painting.step)
        if path is None:
            return
        try:
            if not isValid(painting.board):
                raise InputError(Phrase("not saved: what the picture was to be of is no longer there"))
            save(path, painting)
        except InputError as error:
            self._files.refuse(error)
        else:
            self._files.tell_picture(path)

    def copy(self, moment: Moment) -> None:
        """Put a picture, as the last one was, onto the clipboard, some turns of the event loop later."""
        self._copying.replace(self._copied(moment, self._painted(moment, Painting.image_in_parts)))

    def copy_painting(self, painting: Painting) -> None:
        """Put a picture onto the clipboard, some turns of the event loop later."""
        self._copying.replace(self._put(painting.image, painting.document, painting.step))

    def _copied(self, moment: Moment, painted: Work[QImage]) -> Work[None]:
        image = yield from painted
        yield from self._put(image, moment.document, moment.past.step)

    def _put(self, image: QImage, document: Document, step: int) -> Work[None]:
        """Put pixels, and a PNG file that carries its experiment, onto the clipboard."""
        folder, data = Path.cwd(), QMimeData()
        file = yield lambda: carrying(image, packed_text(document, step, folder, "auto"), step)
        data.setImageData(image)
        data.setData("image/png", file)
        QApplication.clipboard().setMimeData(data)
        self._tell(self._look().tr("Copied: paste it into a slide"))

    def _saved(self, path: Path, painted: Work[Finish]) -> Work[None]:
        finish = yield from painted
        yield lambda: write_bytes(path, finish())
        self._files.tell_picture(path)

    def _painted(self, moment: Moment, paint: Callable[[Painting], Work[T]]) -> Work[T]:
        """Paint what is shown, as it is asked for now, on a board out of sight."""
        picture, type_for = self._asked(moment)
        return self._laid_out(moment, picture, type_for, paint)

    def _laid_out(
        self, moment: Moment, picture: Picture, type_for: QSize | None, paint: Callable[[Painting], Work[T]]
    ) -> Work[T]:
        board, step = moment.likeness.board((picture.view,) if picture.view else ()), moment.past.step
        board.type_for = type_for
        whole = around(board, moment.document, step, picture)
        try:
            until = perf_counter() + PIECE_S
            for settles in laying_out(whole, board, moment, step, picture):
                if settles or perf_counter() > until:
                    for _ in range(SETTLING if settles else 1):
                        yield None
                    until = perf_counter() + PIECE_S
            painting = Painting(whole, picture.scale, moment.document, step, picture.has_ground, parts=board.views)
            return (yield from paint(painting))
        finally:
            remove(whole)

    def _asked(self, moment: Moment) -> tuple[Picture, QSize | None]:
        """Return how a picture that is asked for now is to be, and the size its type is for, None for its own."""
        wanted, look, size = self.wanted, self._look(), self._board.size()
        view = wanted.view if wanted.view in moment.likeness.on_screen else ""
        picture = Picture(
            theme=look.theme.name,
            language=look.language,
            size=wanted.size or (size.width(), size.height()),
            scale=wanted.scale,
            view=view or None,
            has_ground=wanted.has_ground,
            caption=wanted.has_caption,
        )
        return picture, None if wanted.size else self._window.size()


def _for_file(path: Path, painting: Painting) -> Work[Finish]:
    """Paint for a file, up to what needs no painting."""
    text = yield lambda: painting.text_in(path.parent)
    return (yield from writer_of(path).painted(painting, text))

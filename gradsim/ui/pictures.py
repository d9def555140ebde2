"""Pictures of what is shown: asked for, painted out of sight as the command line paints them, saved or copied."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from PySide6.QtCore import QMimeData, QObject, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from gradsim.sim.documents.document import Document
from gradsim.sim.documents.picture_text import packed_text
from gradsim.sim.run.tape import Past
from gradsim.ui.aside import Aside
from gradsim.ui.board import Board, Likeness
from gradsim.ui.files import Files
from gradsim.ui.picture import Picture, around, laid_out, laying_out, remove
from gradsim.ui.picture_dialog import PictureDialog, Wanted
from gradsim.ui.pieces import Pieces
from gradsim.ui.theme import Look
from gradsim.ui.views.catalogue import VIEWS
from gradsim.ui.writers import Painting
from gradsim.ui.writers.png import carrying
from gradsim.ui.writers.writer import image_in_parts

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
        self._pieces = Pieces(self)
        self._writing = Aside(self, "gradsim-picture")
        self._writing.done.connect(self._on_written)
        self.wanted = Wanted()
        """How the last picture was."""

    @property
    def is_busy(self) -> bool:
        """Whether a picture is being copied."""
        return self._pieces.are_left or self._writing.is_busy

    def ask(self, moment: Moment) -> None:
        """Ask how a picture is to be and where to put it."""
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
        with self._painted(moment) as painting:
            self._files.save_picture(painting)

    def copy(self, moment: Moment) -> None:
        """Put a picture, as the last one was, onto the clipboard, some turns of the event loop later."""
        self._pieces.begin(self._copied(moment))

    def copy_painting(self, painting: Painting) -> None:
        """Put a picture onto the clipboard, some turns of the event loop later."""
        self._pieces.begin(self._put(painting.image, painting.document, painting.step))

    def _copied(self, moment: Moment) -> Generator[None, None, None]:
        board, picture = self._asked(moment)
        whole, step = around(board, moment.document, moment.past.step, picture), moment.past.step
        try:
            until = perf_counter() + PIECE_S
            for settles in laying_out(whole, board, moment, step, picture):
                if settles or perf_counter() > until:
                    for _ in range(SETTLING if settles else 1):
                        yield
                    until = perf_counter() + PIECE_S
            image = yield from image_in_parts(whole, picture.scale, picture.has_ground, board.views)
        finally:
            remove(whole)
        yield from self._put(image, moment.document, step)

    def _put(self, image: QImage, document: Document, step: int) -> Generator[None, None, None]:
        """Have the file written: pixels and a PNG file that carries its experiment are put onto the clipboard."""
        while self._writing.is_busy:
            yield
        folder = Path.cwd()
        self._writing.begin(lambda: (image, carrying(image, packed_text(document, step, folder, "auto"), step)))

    def _on_written(self, written: tuple[QImage, bytes]) -> None:
        image, file = written
        data = QMimeData()
        data.setImageData(image)
        data.setData("image/png", file)
        QApplication.clipboard().setMimeData(data)
        self._tell(self._look().tr("Copied: paste it into a slide"))

    def _asked(self, moment: Moment) -> tuple[Board, Picture]:
        """Return a board that shows what is on screen, which stays as it is, and how the picture is to be."""
        wanted, look, size = self.wanted, self._look(), self._board.size()
        view = wanted.view if wanted.view in moment.likeness.on_screen else ""
        board = moment.likeness.board((view,) if view else ())
        board.type_for = None if wanted.size else self._window.size()
        return board, Picture(
            theme=look.theme.name,
            language=look.language,
            size=wanted.size or (size.width(), size.height()),
            scale=wanted.scale,
            view=view or None,
            has_ground=wanted.has_ground,
            caption=wanted.has_caption,
        )

    @contextmanager
    def _painted(self, moment: Moment) -> Iterator[Painting]:
        """Give a painting of what is shown."""
        with ExitStack() as stack:
            with _waiting():
                board, picture = self._asked(moment)
                stack.enter_context(laid_out(board, moment.document, moment, moment.past.step, picture))
            yield Painting(board.window(), picture.scale, moment.document, moment.past.step, picture.has_ground)


@contextmanager
def _waiting() -> Iterator[None]:
    """Show that it takes a moment."""
    QApplication.setOverrideCursor(Qt.CursorShape.WaitCursor)
    try:
        yield
    finally:
        QApplication.restoreOverrideCursor()

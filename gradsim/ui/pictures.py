"""Pictures of what is shown: asked for, painted out of sight as the command line paints them, saved or copied."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, Qt
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from gradsim.sim.documents.document import Document
from gradsim.sim.run.tape import Past
from gradsim.ui.board import Board, Likeness
from gradsim.ui.files import Files
from gradsim.ui.picture import Picture, laid_out
from gradsim.ui.picture_dialog import PictureDialog, Wanted
from gradsim.ui.theme import Look
from gradsim.ui.views.catalogue import VIEWS
from gradsim.ui.writers import PNG, Painting, writers


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
        self.wanted = Wanted()
        """How the last picture was."""

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
        """Put a picture, as the last one was, onto the clipboard."""
        with self._painted(moment) as painting:
            self.copy_painting(painting)

    def copy_painting(self, painting: Painting) -> None:
        """Put a picture onto the clipboard: pixels, and a PNG file that carries its experiment."""
        data = QMimeData()
        data.setImageData(painting.image)
        data.setData("image/png", writers()[PNG].content(painting, painting.text_in(Path.cwd())))
        QApplication.clipboard().setMimeData(data)
        self._tell(self._look().tr("Copied: paste it into a slide"))

    @contextmanager
    def _painted(self, moment: Moment) -> Iterator[Painting]:
        """Give a painting of what is shown, on a board of its own, which stays as it is."""
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
        with ExitStack() as stack:
            with _waiting():
                board = moment.likeness.board((view,) if view else ())
                board.type_for = None if wanted.size else self._window.size()
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

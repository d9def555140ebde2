"""What the window has made in processes beside it: films, and the data of a run."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QWidget

from gradsim.schema.errors import FileError, Phrase
from gradsim.schema.ordinary import why
from gradsim.sim.documents.document import Document, write
from gradsim.sim.documents.files import in_file, put_in_place, work_file
from gradsim.sim.documents.results import FORMATS, check_room
from gradsim.ui.beside import Beside
from gradsim.ui.board import Board
from gradsim.ui.files import asked_path, name_of
from gradsim.ui.film.dialog import FilmDialog
from gradsim.ui.film.job import Job
from gradsim.ui.film.plan import ENDINGS, Plan
from gradsim.ui.label import ElidedLabel
from gradsim.ui.later import later
from gradsim.ui.theme import Look
from gradsim.ui.transport import furniture_px
from gradsim.ui.views.common.plain_states import states_as_text

FILM, RUN = "gradsim.ui.film.process", "gradsim.__main__"
"""The programs that are run."""
_QUIET_MS = 600
"""What takes no longer shows no progress."""
_GAP = 4


class Making(QObject):
    """Has files made beside the window, one at a time, and shows how far they are.

    Parameters
    ----------
    window
        Over whose menus the progress is shown.
    board
        Of which films are made.
    tell
        Tells what was done.
    refuse
        Tells what was not, and why.
    """

    def __init__(
        self, window: QWidget, board: Board, tell: Callable[[str], object], refuse: Callable[[str], object]
    ) -> None:
        super().__init__(window)
        self._window, self._board, self._tell, self._refuse = window, board, tell, refuse
        self._beside: Beside | None = None
        self.progress: Progress | None = None
        """What shows how far it is, while something is being made."""
        self._tidy: Callable[[], object] = lambda: None
        """Deletes what was made on the way."""
        self._put: Callable[[], object] = lambda: None
        """Puts what was made into its place."""

    @property
    def is_busy(self) -> bool:
        """Whether something is being made."""
        return self._beside is not None

    # Films

    def film(self, document: Document, views: tuple[str, ...], look: Look) -> FilmDialog | None:
        """Ask what film of a document's run is wanted, and have it made."""
        if self._is_refused(look):
            return None
        size = (self._board.width(), self._board.height())
        make = partial(self._film, document, look)
        dialog = FilmDialog(self._window, look, document.experiment.steps, views, size, make)
        dialog.show()
        return dialog

    def _film(
        self, document: Document, look: Look, plan: Plan, size: tuple[int, int], views: tuple[str, ...]
    ) -> None:
        kinds = ";;".join(f"{ending[1:].upper()} (*{ending})" for ending in ENDINGS)
        start = f"{name_of(document)}{ENDINGS[0]}"
        path = asked_path(self._window, look.tr("Save the film"), start, kinds, ENDINGS)
        if path is None:
            return
        path = path.with_suffix(path.suffix.lower())
        if missing := _missing(path.suffix):
            self._refuse(look.tr(missing))
            return
        work = work_file(path)
        of_views = self._board.options.of_views
        states = states_as_text(self._board.states, document.experiment)
        job = Job(document, look.theme.name, look.language, size, views, of_views, states, plan, work, path)
        self._begin(Beside(self, FILM, [], job.to_text().encode("utf-8")), path, look)
        self._tidy = partial(_delete, work)
        self._put = partial(put_in_place, work, path)

    # Data

    def data(self, document: Document, step: int, look: Look) -> None:
        """Ask for a file, and have the measurements up to a step written there, as `run --out` writes them."""
        if self._is_refused(look):
            return
        kinds = ";;".join(f"{ending[1:].upper()} (*{ending})" for ending in _DATA)
        start = f"{name_of(document)}-step-{step}{_DATA[0]}"
        path = asked_path(self._window, look.tr("Save the run’s data"), start, kinds, _DATA)
        if path is None:
            return
        path = path.with_suffix(path.suffix.lower())
        folder = tempfile.TemporaryDirectory(prefix="gradsim-", ignore_cleanup_errors=True)
        source = Path(folder.name) / "experiment.toml"
        try:
            check_room(path, document.experiment)
            write(source, replace(document, taught=None))
        except FileError as error:
            folder.cleanup()
            self._refuse(str(error))
            return
        arguments = ["run", str(source), "--step", str(step), "--out", str(path)]
        self._begin(Beside(self, RUN, arguments), path, look)
        self._tidy, self._put = folder.cleanup, lambda: None

    # Both

    def _is_refused(self, look: Look) -> bool:
        if self.is_busy:
            self._refuse(look.tr("Another file is being made; wait for it, or cancel it."))
        return self.is_busy

    def _begin(self, beside: Beside, path: Path, look: Look) -> None:
        self._beside = beside
        progress = self.progress = Progress(self._window, look, path.name)
        progress.cancel.clicked.connect(self.cancel)
        beside.progressed.connect(progress.show_progress)
        beside.finished.connect(partial(self._on_finished, path, look))
        later(progress, progress.appear, _QUIET_MS)

    def _on_finished(self, path: Path, look: Look, problem: str) -> None:
        if not problem:
            try:
                self._put()
            except OSError as error:
                problem = in_file(path, Phrase("cannot be written: {why}", why=why(error))).told(look.tr)
        self._end()
        if problem:
            self._refuse(problem)
        else:
            self._tell(look.tr("Saved {file}").format(file=f"…/{path.name}"))

    def cancel(self) -> None:
        """Make no more of it, and leave no file."""
        if self._beside is not None:
            self._beside.stop()
        self._end()

    def _end(self) -> None:
        self._tidy()
        for part in (self._beside, self.progress):
            if part is not None:
                part.deleteLater()
        if self.progress is not None:
            self.progress.hide()
        self._beside, self.progress, self._tidy = None, None, lambda: None


_DATA = tuple(sorted(FORMATS))


def _missing(ending: str) -> str:
    """Return what has to be installed before such a film can be made."""
    from gradsim.ui.film.formats import FORMATS as FILMS  # here, for it brings Pillow along

    return FILMS[ending].missing


def _delete(path: Path) -> None:
    with suppress(OSError):
        path.unlink(missing_ok=True)


class Progress(QWidget):
    """How far a file is that is being made, with a button to cancel it: one line over the right end of the menus."""

    def __init__(self, window: QWidget, look: Look, name: str) -> None:
        super().__init__(window)
        self.hide()
        self.setObjectName("card")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._window, self._look, self._name = window, look, name
        px, theme = furniture_px(look), look.theme
        edge = f"border: 1px solid {theme.muted}; border-radius: {px // 4}px"
        self.setStyleSheet(
            f"* {{ font-size: {px}px; color: {theme.ink}; }} #card {{ background: {theme.card}; {edge}; }}"
            f" QProgressBar {{ {edge}; background: {theme.card}; }}"
            f" QProgressBar::chunk {{ background: {theme.accent}; border-radius: {px // 4}px; }}"
            f" QPushButton {{ {edge}; padding: 0 {px // 2}px; }}"
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(px // 2, px // 4, px // 4, px // 4)
        row.setSpacing(px // 2)
        self.line = ElidedLabel(most_em=24)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 0)
        self.bar.setFixedSize(8 * px, px // 2 + 2)
        self.cancel = QPushButton(look.tr("Cancel"))
        self.cancel.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for part in (self.line, self.bar, self.cancel):
            row.addWidget(part)
        self.line.setText(look.tr("Making {file}").format(file=name))

    def appear(self) -> None:
        """Be seen."""
        self.adjustSize()
        self.move(self._window.width() - self.width() - _GAP, 0)
        self.show()
        self.raise_()

    def show_progress(self, done: int, whole: int) -> None:
        """Show that so many pieces of a whole are done."""
        self.bar.setRange(0, whole)
        self.bar.setValue(done)
        text = self._look.tr("Making {file}: {n} of {whole}")
        self.line.setText(text.format(file=self._name, n=f"{done:,}", whole=f"{whole:,}"))
        if self.isVisible():
            self.appear()

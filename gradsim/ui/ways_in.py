"""Ways in: a table, an experiment or a picture is dropped on the window, opened, or pasted from a spreadsheet."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QLabel, QWidget

from gradsim.engine.data.tables import TABLE_ENDINGS, Csv
from gradsim.schema.errors import FileError, Phrase, told
from gradsim.schema.ordinary import is_folder
from gradsim.schema.parameters import ParameterError, encode
from gradsim.sim.documents.pasted import is_table_text, keep
from gradsim.sim.documents.table_document import document_on, is_table, table_in
from gradsim.ui.board import Board
from gradsim.ui.editing import Editing
from gradsim.ui.film.plan import ENDINGS
from gradsim.ui.later import later
from gradsim.ui.open_dialog import name_to_open
from gradsim.ui.sign import Veil
from gradsim.ui.slip import Slip
from gradsim.ui.tables.sheet import ImportSheet
from gradsim.ui.theme import Look
from gradsim.ui.writers import writers

EXPERIMENTS = (".toml",)
SPREADSHEETS = (".xlsx", ".xls", ".ods", ".numbers")


class WaysIn(QObject):
    """Opens what is brought to a window.

    Parameters
    ----------
    window
        On which things are dropped.
    editing
        Opens experiments.
    board
        Over which it is said what cannot be opened.
    look
        Returns the look of the window.
    """

    def __init__(self, window: QWidget, editing: Editing, board: Board, look: Callable[[], Look]) -> None:
        super().__init__(window)
        self._window, self._editing, self._look = window, editing, look
        self.slip = Slip(board)
        self.sheet: ImportSheet | None = None
        """How a table is read, while that is shown."""
        self._invitation: _Invitation | None = None
        """What says that something may be dropped, while it is dragged."""
        self._take_drops(window)
        editing.waits.connect(self._on_waits)

    # What is brought

    def ask(self) -> None:
        """Ask for a file of any kind that can be opened, and open it."""
        tr = self._look().tr
        kinds = {
            tr("All that can be opened"): (*EXPERIMENTS, *pictures(), *TABLE_ENDINGS),
            tr("Experiments"): EXPERIMENTS,
            tr("Pictures and films that carry an experiment"): pictures(),
            tr("Tables"): TABLE_ENDINGS,
            tr("All files"): ("",),
        }
        filters = ";;".join(f"{name} ({' '.join(f'*{end}' for end in ends)})" for name, ends in kinds.items())
        name = name_to_open(self._window, tr("Open an experiment, a picture or a table"), "", filters)
        if name:
            self.open_path(Path(name))

    def open_path(self, path: Path) -> None:
        """Open a table, an experiment or a picture; what is neither is said in a line."""
        self.slip.hide()
        if is_table(path):
            self.open_table(Csv(path=str(path.absolute())))
        elif problem := _problem_with(path):
            self.refuse(problem)
        else:
            self._close_sheet()
            self._editing.open_file(path)

    def _on_waits(self, waits: bool) -> None:
        """Say that a table is being read for the file that is to be opened."""
        look = self._look()
        if waits:
            deeds = {look.tr("Cancel"): self._editing.open_nothing}
            self.slip.show_line(look.tr("Reading the table …"), deeds, look)
        else:
            self.slip.hide()

    def open_table(self, data: Csv) -> None:
        """Show how a table is read, and train on it when that is asked for."""
        self._close_sheet()
        can_use_here = "data" in self._editing.draft.table
        sheet = self.sheet = ImportSheet(self._window, self._look(), data, can_use_here)
        sheet.train_asked.connect(self._on_train)
        sheet.use_asked.connect(self._on_use)
        sheet.finished.connect(self._on_closed)
        self._take_drops(sheet)
        sheet.open()

    @property
    def table(self) -> Csv | None:
        """The table that the open experiment is on, as it was edited; None for other data."""
        return table_in(self._editing.draft.table)

    def show_table(self) -> None:
        """Show how the table of the open experiment is read."""
        table = self.table
        if table is None:
            self.refuse(Phrase("This experiment is on no table."))
        else:
            self.open_table(table)

    def _close_sheet(self) -> None:
        if self.sheet:
            self.sheet.reject()

    def _on_closed(self) -> None:
        self._stop_inviting()  # it may lie on the sheet
        self.sheet = None

    def _on_train(self, data: Csv) -> None:
        try:
            document = document_on(data)
        except ParameterError as error:  # the file has changed since
            self.refuse(error.problem)
        else:
            self._editing.open(document, is_new=True)

    def _on_use(self, data: Csv) -> None:
        """Let the experiment that is open go on with a table, as one change of it."""
        self._editing.edit({**self._editing.draft.table, "data": {"name": Csv.key, **encode(data)}})

    def paste(self) -> None:
        """Open what is on the clipboard: a file, or the cells of a table."""
        self._take(QGuiApplication.clipboard().mimeData() or QMimeData())  # there is none where nothing was copied

    def _take(self, content: QMimeData) -> None:
        urls = content.urls()
        if not urls:
            self._take_text(content.text())
        elif len(urls) > 1:
            self.refuse(Phrase("{n} files were dropped: drop one at a time", n=f"{len(urls):,}"))
        elif not urls[0].isLocalFile():
            self.refuse(Phrase("What was dropped is no file on this computer; save it first"))
        else:
            self.open_path(Path(urls[0].toLocalFile()))

    def _take_text(self, text: str) -> None:
        if not is_table_text(text):
            self.refuse(Phrase("There is no table on the clipboard: copy several rows of cells first."))
            return
        try:
            path, is_new = keep(text)
        except FileError as error:
            self.refuse(error.text)
            return
        self.open_path(path)
        if is_new and self.sheet:
            self.sheet.rejected.connect(partial(path.unlink, missing_ok=True))

    def refuse(self, problem: str) -> None:
        """Say in a line why something is not opened: on the sheet where there is one, for that lies on top."""
        look = self._look()
        if self.sheet:
            self.sheet.say(told(problem, look.tr))
            return
        self.slip.show_line(told(problem, look.tr), {look.tr("Close"): lambda: None}, look, alarm=True)

    # What is dragged over the window, or over the sheet on it

    def _take_drops(self, target: QWidget) -> None:
        target.setAcceptDrops(True)
        target.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        assert isinstance(watched, QWidget)
        if isinstance(event, QDropEvent):  # entering and moving are such events too
            if event.mimeData().hasUrls() or event.mimeData().hasText():
                event.setDropAction(Qt.DropAction.CopyAction)
                event.accept()
                self._follow(watched, event)
            return True
        if event.type() == QEvent.Type.DragLeave:
            self._stop_inviting()
        return False

    def _stop_inviting(self) -> None:
        if self._invitation:
            self._invitation.go()
            self._invitation = None

    def _follow(self, target: QWidget, event: QDropEvent) -> None:
        if isinstance(event, QDragEnterEvent):
            self._stop_inviting()
            self._invitation = _Invitation(target, self._look())
        elif not isinstance(event, QDragMoveEvent):
            self._stop_inviting()
            content = QMimeData()
            content.setUrls(event.mimeData().urls())
            if not content.urls():
                content.setText(event.mimeData().text())
            # Where it was dragged from waits until the drop has been dealt with.
            later(self, lambda: self._take(content))


def pictures() -> tuple[str, ...]:
    """Return how names of pictures and films end, which carry the experiment that they are of."""
    return (*writers(), *ENDINGS)


def _problem_with(path: Path) -> Phrase | None:
    """Return why a file is nothing that can be opened, as far as its name tells; None where it may be."""
    if is_folder(path):
        return Phrase("{file} is a folder: drop the file itself", file=path.name)
    ending = path.suffix.lower()
    if ending in SPREADSHEETS:
        return Phrase(
            "{file} is a spreadsheet's own file: save it as CSV, or copy its cells and paste them here with Ctrl+V",
            file=path.name,
        )
    if ending in (*EXPERIMENTS, *pictures()):
        return None
    kinds = {"tables": TABLE_ENDINGS, "experiments": EXPERIMENTS, "pictures": pictures()}
    return Phrase(
        "{file}: not a table ({tables}), an experiment ({experiments}) or a picture that carries one ({pictures})",
        file=path.name,
        **{name: ", ".join(ends) for name, ends in kinds.items()},
    )


class _Invitation(QLabel):
    """Lies over a window while something is dragged over it, and says what may be dropped."""

    def __init__(self, window: QWidget, look: Look) -> None:
        super().__init__(window)
        theme, metrics, room = look.theme, look.metrics, window.rect()
        self._veil = Veil(window)
        self._veil.setGeometry(room)
        self._veil.lay(theme.ground)
        self._veil.raise_()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setWordWrap(True)
        self.setObjectName("invitation")
        self.setStyleSheet(
            f"#invitation {{ background: {theme.card}; color: {theme.ink}; border: 3px dashed {theme.accent};"
            f" border-radius: {metrics.radius}px; font-size: {metrics.title}px; font-weight: 700; }}"
        )
        self.setText(look.tr("Drop a table, an experiment, or a picture that carries one"))
        side, top = room.width() // 5, room.height() // 3
        self.setGeometry(room.adjusted(side, top, -side, -top))
        self.raise_()
        self.show()

    def go(self) -> None:
        """Let the window be seen again."""
        for part in (self._veil, self):
            part.hide()
            part.deleteLater()

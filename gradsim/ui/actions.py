"""What keys and menus do where one part of the window does it alone: playing, undo, files, the course, the views."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow

from gradsim.sim.documents.document import Document
from gradsim.ui.board import Board
from gradsim.ui.controller import SPEEDS, Controller
from gradsim.ui.course.walk import Walk
from gradsim.ui.editing import Editing
from gradsim.ui.menus import Menus
from gradsim.ui.notes.place import NotesPlace
from gradsim.ui.painting import PaintPlace
from gradsim.ui.panels.panel import Panel
from gradsim.ui.predict.place import PredictPlace
from gradsim.ui.rehearsal import Rehearsal
from gradsim.ui.saving import Saving
from gradsim.ui.stage import StagePlace
from gradsim.ui.view_menu import options_for
from gradsim.ui.views.catalogue import VIEWS, views_of
from gradsim.ui.ways_in import WaysIn


class Actions(QMainWindow):
    """A window with these parts, which :class:`gradsim.ui.window.Window` makes."""

    controller: Controller
    editing: Editing
    board: Board
    walk: Walk
    predictions: PredictPlace
    painting: PaintPlace
    rehearsal: Rehearsal
    notes: NotesPlace
    menus: Menus
    saving: Saving
    ways_in: WaysIn
    stage: StagePlace
    panel: Panel | None
    asks: bool
    """Whether closing asks about changes that are in no file; the application says so, for somebody is there."""
    _viewed: Document
    """What the board is built for."""
    _views: tuple[str, ...]
    """The views that were asked for."""

    @property
    def shown(self) -> tuple[Document, tuple[str, ...]]:
        """What the board is built for, and the views that were asked for."""
        return self._viewed, self._views

    def toggle(self) -> None:
        """Play or pause."""
        self.controller.toggle()

    def forward(self) -> None:
        """Show the next step."""
        self.controller.forward()

    def back(self) -> None:
        """Show the step before."""
        self.controller.back()

    def reset(self) -> None:
        """Show step 0."""
        self.controller.reset()

    def faster(self) -> None:
        """Take the next higher speed."""
        self._shift_speed(1)

    def slower(self) -> None:
        """Take the next lower speed."""
        self._shift_speed(-1)

    def _shift_speed(self, by: int) -> None:
        at = SPEEDS.index(self.controller.speed) + by
        self.controller.set_speed(SPEEDS[min(max(at, 0), len(SPEEDS) - 1)])

    def undo(self) -> None:
        """Take back the last change of the experiment."""
        self.editing.undo()

    def redo(self) -> None:
        """Make the change again that was taken back last."""
        self.editing.redo()

    def paint(self) -> None:
        """Train on points that are painted by the mouse."""
        self.painting.begin()

    def rehearse(self) -> None:
        """Show the stage as another projector or other eyes show it, one after the other, then as it is."""
        self.rehearsal.show_next()

    def next_lesson(self) -> None:
        """Open the lesson after this one."""
        self.walk.shift(self.editing.draft.document, 1)

    def previous_lesson(self) -> None:
        """Open the lesson before this one."""
        self.walk.shift(self.editing.draft.document, -1)

    def toggle_lecturer_notes(self) -> None:
        """Show or hide the window with the lecturer's notes."""
        self.notes.toggle_lecturer_notes()

    def open_dialog(self) -> None:
        """Ask for an experiment, a picture that carries one or a table, and open it."""
        self.ways_in.ask()

    def paste_table(self) -> None:
        """Open the table, or the file, that is on the clipboard."""
        self.ways_in.paste()

    def show_table(self) -> None:
        """Show how the table of this experiment is read, for it to be read otherwise."""
        self.ways_in.show_table()

    def new_experiment(self) -> None:
        """Open a new experiment."""
        self.saving.new()

    def show_menu(self) -> None:
        """Open the first menu."""
        self.menus.open_first()

    def back_to_the_lesson(self) -> None:
        """Open the lesson as it was before its experiment was changed; undo takes that back."""
        self.editing.open(self.editing.draft.document.as_taught)

    def save(self) -> None:
        """Write the experiment to the file it came from."""
        self.saving.save(self.editing.draft.document)

    def save_dialog(self) -> None:
        """Ask for a file and write the experiment there."""
        self.saving.save_as(self.editing.draft.document)

    def show_views(self, views: tuple[str, ...]) -> None:
        """Show these views and no others."""
        self._views = views
        self.board.show_views(views)

    def view_all(self) -> None:
        """Show all views of the document."""
        self.show_views(tuple(views_of(self.controller.document, "light")))

    def view_1(self) -> None:
        """Show the first view alone."""
        self._view_alone(0)

    def view_2(self) -> None:
        """Show the second view alone."""
        self._view_alone(1)

    def view_3(self) -> None:
        """Show the third view alone."""
        self._view_alone(2)

    def view_4(self) -> None:
        """Show the fourth view alone."""
        self._view_alone(3)

    def _view_alone(self, which: int) -> None:
        if self.predictions.is_open:
            self.predictions.count(which)
            return
        views = views_of(self.controller.document, "light")
        if which < len(views):
            self.show_views((views[which],))

    def swap_maps(self) -> None:
        """Change between one map of a race and one for each run, and between the two kinds of basins."""
        self.show_views(tuple(VIEWS[view].swaps_with or view for view in self._views))

    def next_over(self) -> None:
        """Draw curves over the next of steps, samples and seconds."""
        self.board.options.choose_next("over")

    def next_probe(self) -> None:
        """Show the next of what is measured at every layer."""
        self.board.options.choose_next("probe")

    def reveal_next(self) -> None:
        """Show one layer more of the numbers of a pass."""
        self.board.reveal(1)

    def reveal_previous(self) -> None:
        """Show one layer less of the numbers of a pass."""
        self.board.reveal(-1)

    def predict(self) -> None:
        """Ask the class what the lesson asks, or show the pictures."""
        self.predictions.toggle()

    def toggle_asking_first(self) -> None:
        """Let each lesson that has a question ask it first, or none."""
        self.predictions.toggle_wanted()

    def choose_option(self, name: str, value: Any) -> None:
        """Give an option of views this value, and show all views where none of those on screen has it."""
        if name not in options_for(self._viewed, self._views):
            self.view_all()
        self.board.options.choose(name, value)

    def toggle_fullscreen(self) -> None:
        """Fill the screen, or leave it."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

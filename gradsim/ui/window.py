"""The window: menus and transport on top, panel at the left, board in the room."""

from __future__ import annotations

import copy
from collections.abc import Callable, Generator
from contextlib import suppress

from PySide6.QtCore import QEvent, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QCursor, QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QHBoxLayout,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from gradsim.schema.parameters import ParameterError
from gradsim.sim.documents.document import Document
from gradsim.sim.documents.drafts import Draft
from gradsim.sim.documents.experiments import full_table
from gradsim.sim.documents.lesson_parts import Try
from gradsim.sim.documents.lessons import first_lesson
from gradsim.sim.documents.measures import run_index
from gradsim.sim.documents.tries import applied
from gradsim.sim.run.tape import Tape
from gradsim.ui.actions import Actions
from gradsim.ui.activation_page import ActivationPage
from gradsim.ui.alarm import Alarm
from gradsim.ui.board import Board
from gradsim.ui.closing import Answer, ask
from gradsim.ui.controller import Controller
from gradsim.ui.course.walk import Walk
from gradsim.ui.editing import Editing
from gradsim.ui.files import Files
from gradsim.ui.first_steps import FirstSteps
from gradsim.ui.garbage import give_back
from gradsim.ui.key_list import KeyList
from gradsim.ui.keys import KEYS, Keyboard, chain, place_of_focus, stops
from gradsim.ui.label import tip
from gradsim.ui.later import later
from gradsim.ui.making import Making
from gradsim.ui.menus import Menus
from gradsim.ui.motion import reduce_motion, reduces_motion
from gradsim.ui.notes.place import NotesPlace
from gradsim.ui.offers import Offers
from gradsim.ui.painting import PaintPlace
from gradsim.ui.panels.editors import Edit
from gradsim.ui.panels.panel import Panel
from gradsim.ui.panels.refusals import told_with_label
from gradsim.ui.panels.room import panel_px
from gradsim.ui.panels.scope import Scope
from gradsim.ui.panels.state import PanelState
from gradsim.ui.picture_dialog import Wanted
from gradsim.ui.pictures import Moment, Pictures
from gradsim.ui.pieces import Pieces, hold_frames
from gradsim.ui.predict.hour import HourList
from gradsim.ui.predict.place import PredictPlace
from gradsim.ui.qt_words import QtWords
from gradsim.ui.rehearsal import Rehearsal
from gradsim.ui.reloading import Reloading
from gradsim.ui.rescue import Rescue
from gradsim.ui.saving import Saving, title_of
from gradsim.ui.seen import Seen
from gradsim.ui.settings import Settings
from gradsim.ui.sign import Sign
from gradsim.ui.stage import StagePlace
from gradsim.ui.theme import Look, font, style_sheet
from gradsim.ui.transport import Transport
from gradsim.ui.views.catalogue import views_of
from gradsim.ui.ways_in import WaysIn
from gradsim.ui.writers import Painting
from gradsim.words.languages import ENGLISH, languages

PATIENCE_MS = 300
"""How long the pictures of the lesson before stay as they are once another is open."""
TIDY_MS = 1000
"""How long after a run has begun the memory of the one before is given back."""


RELIGHT_MS = 50
"""How long after an edit from the notes its control is lit up again."""


class Window(Actions):
    """The main window over one controller."""

    def __init__(self, document: Document, theme: str, language: str) -> None:
        super().__init__()
        self.controller = Controller(document)
        self.editing = Editing(document, self.controller, self._show_draft)
        self.asks = False
        self._asking = False
        self._theme, self._language = self._wanted = theme, language
        self._viewed, self._views = document, tuple(views_of(document, theme))
        self._panel_wanted = theme != "projector"
        self._panel_state = PanelState()
        self._look: Look | None = None
        self.board = Board(theme, language)
        self.board.show_document(document, self._views)
        self.board.go_live(self.controller.lease)
        self.panel: Panel | None = None
        self._panel_on_screen: Panel | None = None
        """That of the document before, for some turns of the event loop after another was opened."""
        self.transport: Transport | None = None
        self.alarm = Alarm(self, self._tr)
        self._shut_down = False
        self._tidying = QTimer(self)
        self._tidying.setSingleShot(True)
        self._tidying.setInterval(TIDY_MS)
        self._tidying.timeout.connect(give_back)
        self._pieces, self._opening, self._following = Pieces(self), Pieces(self), Pieces(self)
        self._is_rebuilding = False
        self.walk = Walk(self)
        self._keyboard = Keyboard(self, self.board)
        self.seen = Seen(self)
        self._qt_words = QtWords(self)
        self.setMinimumSize(800, 560)
        self.resize(self._first_size())
        self._middle = QWidget()
        self.setCentralWidget(self._middle)
        self._column = QVBoxLayout(self._middle)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.offers = Offers(self, self._tr)
        self.menus = Menus(self, self.offers.entry_of, self.offers.choices_of)
        self._column.addWidget(self.menus)
        self.files = Files(self, self.editing, self._tr, self.menus.tell, self.alarm.tell)
        self.pictures = Pictures(self, self.board, self.files, lambda: self._look_now, self.menus.tell)
        self.making = Making(self, self.board, self.menus.tell, self.alarm.tell)
        self.saving = Saving(
            self, self.editing, self.files, lambda: self._look_now, self._refused_in, self.alarm.tell
        )
        self._row = QHBoxLayout()
        self._row.setSpacing(0)
        self._row.addWidget(self.board, stretch=1)
        self._column.addLayout(self._row, stretch=1)
        self.notes = NotesPlace(self, self._row, self.board)
        self.predictions = PredictPlace(self, self._row, self.board, self.controller)
        self._sign = Sign(self.board)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(self._show_sign)
        self.reloading = Reloading(self.board, self.editing, lambda: self._look_now)
        self.ways_in = WaysIn(self, self.editing, self.board, lambda: self._look_now)
        self.rescue = Rescue(self.board, self.editing, lambda: self._look_now)
        self.first_steps = FirstSteps(
            self, self.controller, self.editing, self.board, self.files, self._control_of_step
        )
        self._connect()
        self.painting = PaintPlace(self.controller, self.editing, self.board, self.show_views)
        self.stage = StagePlace(self, self._row, self.board, lambda: self._look_now, self._escape_stage)
        self.stage.moved.connect(self._on_stage_moved)
        self.stage.came_back.connect(self._follow_stage)
        self._panel_before = self._panel_wanted
        """Whether the panel was wanted before the stage went to another screen."""
        self.rehearsal = Rehearsal(self.board, lambda: self._stage_look)
        self._pieces.begin(self._rebuild(theme, language))
        self._pieces.finish()
        self.notes.settle()
        self.board.setFocus()
        self.seen.watch(self)
        self.controller.start()

    def _first_size(self) -> QSize:
        screen = QApplication.primaryScreen().availableSize()
        return QSize(min(1600, round(0.94 * screen.width())), min(1000, round(0.92 * screen.height())))

    def _connect(self) -> None:
        c = self.controller
        c.started.connect(self._on_started)
        c.moved.connect(self._on_moved)
        c.played.connect(self._on_moved)
        self.seen.changed.connect(c.be_seen)
        self.seen.changed.connect(self.board.be_seen)
        c.failed.connect(self.alarm.tell)
        self.editing.failed.connect(self.alarm.tell)
        self.editing.changed.connect(self._on_changed)
        self.predictions.changed.connect(self._on_covered)
        self.walk.asked.connect(self.editing.open)
        self.walk.left.connect(self.board.setFocus)
        self.walk.start_asked.connect(self.show_first_steps)
        self.first_steps.left.connect(self.board.setFocus)
        self.notes.replaced.connect(self._show_notes)
        self.notes.pointed.connect(self._on_pointed)
        self.notes.tried.connect(self._on_tried)
        self.board.edit_asked.connect(self._on_edit_asked)
        self.board.swapped.connect(self._on_swapped)
        self.board.views_asked.connect(self.show_views)
        self.board.lesson_asked.connect(self.back_to_the_lesson)
        # Once the form has the editors of these options.
        self.board.options.changed.connect(self._chain_stops, Qt.ConnectionType.QueuedConnection)
        for key in KEYS:
            for sequence in key.keys:
                shortcut = QShortcut(QKeySequence(sequence), self)
                shortcut.activated.connect(getattr(self, key.action))

    # What the window shows

    def _fitting_look(self, theme: str, language: str) -> Look:
        """Return the look of all around the board; a lecturer in front of it needs no letters for a projector."""
        beside = self.stage.is_out and theme == "projector"
        return Look.fit("light" if beside else theme, language, self.size())

    @property
    def _stage_look(self) -> Look:
        """The look of what lies over the board."""
        if self.board.window() is self:
            return self._look_now
        return Look.fit(self._theme, self._language, self.board.window().size())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.walk.close_list()
        self.menus.place()
        self._bring_in_line()

    def _bring_in_line(self) -> None:
        """Bring all that is shown into the look that is wanted, soon; a rebuilding under way is ended first."""
        if self._is_rebuilding:
            self._pieces.follow(self._follow_wanted())
        else:
            self._pieces.begin(self._follow_wanted())

    def _follow_wanted(self) -> Generator[None, None, None]:
        yield  # this turn may have to lay out and paint a new size
        (theme, language), before = self._wanted, self._theme
        is_new = (theme, language) != (self._theme, self._language)
        if self._look != self._fitting_look(theme, language):
            yield from self._rebuild(theme, language)
        elif self.panel:
            self._fit_panel()
        if (theme == "projector") != (before == "projector"):
            self._panel_wanted = theme != "projector" or self.stage.is_out
            self._views = tuple(views_of(self.controller.document, theme))
            self._fit_panel()
        if is_new:
            yield
            self.board.set_look(self._theme, self._language)
            self.board.show_views(self._views)

    def settle(self) -> None:
        """Bring all that is shown in line with size, theme and language, here and now."""
        self.stage.settle()
        self._following.finish()
        self._pieces.finish()
        self._opening.finish()
        self.board.settle()
        self.notes.settle()
        self.walk.settle()

    def _rebuild(self, theme: str, language: str) -> Generator[None, None, None]:
        """Bring everything around the board into the look of a theme and a language; where that fails, nothing.

        It is built out of sight first, in several turns; then it takes the place of the old.
        """
        self._is_rebuilding = True
        try:
            yield from self._rebuilt(theme, language)
        except Exception:
            self._wanted = self._theme, self._language
            raise
        finally:
            self._is_rebuilding = False

    def _rebuilt(self, theme: str, language: str) -> Generator[None, None, None]:
        look, draft = self._fitting_look(theme, language), self.editing.draft
        transport = self._transport_for(draft.document, look)
        yield
        form = self.panel.form_in(look) if self.panel else None
        panel = self.panel or self._panel_for(draft, look)
        yield
        yield from self.notes.prepare(draft.document, look)
        speaks = self._look.language if self._look else ENGLISH
        self._theme, self._language, self._look = theme, language, look
        self.setUpdatesEnabled(False)  # the picture that is there stays until all is as it is to be
        try:
            self._set_style(look)
            yield
            edited = draft is not self.editing.draft
            self._set_transport(self._transport_for(self.editing.draft.document, look) if edited else transport)
            yield
            self.menus.show_look(look)
            yield
            if language != speaks:
                self._qt_words.speak(language)
                yield
            if self.panel and not self.panel.is_in(look):  # else another one was opened in it
                self.panel.set_form(form if form and draft is self.editing.draft else self.panel.form_in(look), look)
            self._set_panel(self.panel or panel)
            self._fit_panel()
            self._on_changed()
            yield
        finally:
            self.setUpdatesEnabled(True)

    def _set_style(self, look: Look) -> None:
        sheet = style_sheet(look)
        if sheet != self.styleSheet():  # each widget is polished anew, also where nothing changes
            self.setStyleSheet(sheet)
        self.walk.close_list()
        QToolTip.setFont(font(look.metrics.body))
        self.stage.show_look(look)
        self.board.setAccessibleName(look.tr("Pictures"))

    def _transport_for(self, document: Document, look: Look) -> Transport:
        transport = Transport(self.controller, look, document)
        transport.course_asked.connect(self.show_course)
        transport.undo_asked.connect(self.undo)
        transport.redo_asked.connect(self.redo)
        transport.notes_asked.connect(self.toggle_notes)
        return transport

    def _set_transport(self, transport: Transport) -> None:
        old, self.transport = self.transport, transport
        focused = place_of_focus(stops(old.layout())) if old else None
        if old:
            old.hide()
        self._column.insertWidget(self._column.indexOf(self._row), transport)
        # Shown now: else the board would have its room for a moment, and lay out all pictures twice.
        transport.setVisible(True)
        if focused is not None:
            self._column.activate()  # its width says what there is room for
            found = stops(transport.layout())
            (found[focused] if focused < len(found) else self.stage.home).setFocus()  # a narrow one has fewer
        if old:
            old.deleteLater()

    def _panel_for(self, draft: Draft, look: Look) -> Panel:
        panel = Panel(draft, look, self.board.options, self._panel_state)
        panel.edited.connect(self.editing.edit)
        return panel

    def _set_panel(self, panel: Panel) -> None:
        """Let all that is edited be edited in this panel, which :meth:`_fit_panel` shows."""
        old, self.panel = self.panel, panel
        if old and old is not panel:
            old.retire()
            if old is not self._panel_on_screen:
                self._drop_panel(old)
        panel.show_step(self.controller.step)

    def _place_panel(self, panel: Panel) -> None:
        """Let a panel take the place of the one that is on screen; what that one held is gone with it."""
        old, self._panel_on_screen = self._panel_on_screen, panel
        if old is not panel:
            self._row.insertWidget(0, panel)
        if old and old is not panel:
            self._drop_panel(old)

    def _drop_panel(self, panel: Panel) -> None:
        panel.close_bubble()
        panel.hide()
        panel.deleteLater()

    def _show_draft(self, draft: Draft, reopened: bool) -> None:
        """Show a draft in the panel; of another document, with its title and its views. Where that fails, nothing."""
        assert self._look is not None
        assert self.panel is not None
        if not reopened:
            self.panel.show_draft(draft)
            self._fit_panel()
            return
        transport = self._transport_for(draft.document, self._look)
        self._set_panel(self._panel_for(draft, self._look))
        self._views = tuple(views_of(draft.document, self._theme))
        self._opening.begin(self._show_opened(transport, self._look))

    def _show_opened(self, transport: Transport, look: Look) -> Generator[None, None, None]:
        """Show bar and panel of the document that has been opened in place of those of the one before."""
        if look == self._look:  # else another bar has been made for it
            self._set_transport(transport)
        self._show_title()
        yield
        self._fit_panel()
        self._show_title()  # if it has changed meanwhile

    def _show_title(self) -> None:
        if self.transport and not self._opening.are_left:  # else it is another document's
            self.transport.title.show_document(self.editing.draft.document)
            self.transport.show_history(self.editing.history.can_undo, self.editing.history.can_redo)

    def _on_changed(self) -> None:
        """Show which document it is, whether a file holds it, and whether the pictures are of it."""
        assert self._look is not None
        assert self.panel is not None
        draft = self.editing.draft
        self.notes.show_document(draft.document, self._look)
        self._fit_notes()
        self.predictions.show_document(draft.document, self._stage_look)
        self.setWindowTitle(f"{self.saving.name()}[*] – gradsim")
        self.setWindowModified(not self.editing.history.is_saved)
        self._show_title()
        if self._is_of_another_lesson:
            self._patience.start()
        self._show_sign()

    @property
    def _is_of_another_lesson(self) -> bool:
        """Whether the pictures on screen are of another lesson than the one that is open."""
        shown = self.board.on_screen
        return shown is not None and shown.lesson != self.editing.draft.document.lesson

    def _show_sign(self) -> None:
        """Say over the pictures what they are not of, or what a change has brought along."""
        assert self.panel is not None
        document, look = self.editing.draft.document, self._stage_look
        if self.panel.problem:
            self._sign.show_refusal(self.panel.problem_and_label, look)
        elif self._is_of_another_lesson and not self._patience.isActive():
            self._sign.show_wait(title_of(document, self._look_now), look)
        else:
            self._sign.show_note(" ".join(self.editing.history.notes(self._language)), look)

    def _fit_panel(self) -> None:
        assert self.panel is not None
        assert self._look is not None
        self._place_panel(self.panel)
        self.panel.setFixedWidth(min(panel_px(self._look), self.width() // 2))
        self.panel.setVisible(self._panel_wanted)
        self._fit_notes()

    def _fit_notes(self) -> None:
        self.notes.fit(self._panel_wanted)
        self._show_notes()

    def _show_notes(self) -> None:
        """Bring what is around the notes in line with them."""
        if self.transport:
            self.transport.show_notes(self.notes.is_shown)
        self._cover()
        self.first_steps.fit(self._look_now)
        self._chain_stops()

    def _chain_stops(self) -> None:
        """Let Tab go from the transport through the panel and the notes to the board."""
        if self.transport and self.panel and self.panel is self._panel_on_screen:
            notes = self.notes.panel.stops() if self.notes.panel and self.notes.is_shown else []
            chain([*stops(self.transport.layout()), *self.panel.stops(), *notes, self.stage.home])

    # What comes from the run and from the notes

    def _on_swapped(self) -> None:
        if self.panel is not None and not self._is_of_another_lesson:
            self._patience.stop()
            self._show_sign()

    def _on_started(self) -> None:
        """Show the run that has begun; where the views were the usual ones, they are those of the new experiment."""
        shown, views = self.controller.running_document, self._views
        if views == tuple(views_of(self._viewed, self._theme)):
            views = tuple(views_of(shown, self._theme))
        self.board.show_document(shown, views)
        self._viewed, self._views = shown, views
        self._tidying.start()

    def _tape(self) -> Tape | None:
        """Return the tape of the run that the board is built for; where it could not be built, its picture stays."""
        return self.controller.tape if self._viewed is self.controller.running_document else None

    def _on_moved(self) -> None:
        if self.panel:
            self.panel.show_step(self.controller.step, self.controller.in_motion)
        tape = self._tape()
        if tape is not None and not self.predictions.is_open:
            step, in_motion = self.controller.step, self.controller.in_motion
            past = self.board.draw(tape, tape.nearest(step) if in_motion else step, in_motion)
            self.walk.note(self.controller.running_document, past.step)
            if self.controller.at_rest:
                self.walk.rest(self.controller.running_document)
            self.notes.show_past(self.controller.running_document, past, self.controller.in_motion)

    def _on_covered(self) -> None:
        self._cover()
        self._on_moved()
        hold_frames()

    def _cover(self) -> None:
        """Let nothing below the sheet of a prediction be seen or used while there is one."""
        self.predictions.place()
        for part in (self.panel, self.notes.panel):
            if part:
                part.setDisabled(self.predictions.is_open)

    def _on_pointed(self, entry: Try | None) -> None:
        """Light up the control that something to try is about."""
        assert self.panel is not None
        if entry is None:
            self.panel.light_down()
            return
        experiment = self.editing.draft.document.experiment
        with suppress(ParameterError):  # a run that is no longer there
            run = None if entry.run is None else run_index(experiment, entry.run)
            self.panel.light_up(entry.control or next(iter(entry.set), "runs"), run)

    def _on_tried(self, entry: Try) -> None:
        """Do what the notes offer, as one change of the experiment."""
        try:
            document = applied(self.editing.draft.document, entry)
        except ParameterError as error:
            self.alarm.tell(error.text)
            return
        self.editing.edit(full_table(document.experiment))
        later(self, self.notes.point_again, RELIGHT_MS)  # when the form has been laid out

    def _on_edit_asked(self, edit: Edit) -> None:
        """Change the experiment from a picture; the step shown stays. What is not allowed is told at the pointer."""
        if len(self.editing.draft.table["runs"]) != len(self.controller.running_document.experiment.runs):
            self.board.refuse(self._tr("Not changed: runs have been added or removed since this was drawn."))
            return
        refused = self.editing.edit_in_picture(edit(copy.deepcopy(dict(self.editing.draft.table))))
        if refused:
            self.board.refuse(told_with_label(refused, Scope(), self._language))

    # What keys and menus do

    def change_from_here(self) -> None:
        """Let the chosen run change at the step shown; what is to change is said in the panel."""
        self._at_step("change_from_here")

    def fork(self) -> None:
        """Add a run that goes its own way from the step shown; which way is said in the panel."""
        self._at_step("fork")

    def _at_step(self, action: str) -> None:
        assert self.panel is not None
        problem = self.offers.problem_of(action)
        if problem:
            QToolTip.showText(QCursor.pos(), tip(problem), self)
            return
        self._panel_wanted = True
        self._fit_panel()
        if not self.controller.playing:  # while it plays, that of the last picture counts
            self.panel.show_step(self.controller.step)  # which may not have been drawn yet
        getattr(self.panel, action)()

    def _refused_in(self, document: Document) -> str:
        """Return what is refused in the panel, if this is the document that is open."""
        if self.panel is None or document is not self.editing.draft.document:
            return ""
        return self.panel.problem_and_label if self.panel.problem else ""

    def make_pictures(self) -> None:
        """Have the pictures of the course list made that are missing in this theme and language."""
        self.walk.make_pictures(self._look_now)

    def show_course(self) -> None:
        """Show the list of lessons over the window, or let it go."""
        if self.walk.is_open or not self.transport or self._look is None:
            self.walk.close_list()
            return
        top = self.transport.mapTo(self, self.transport.rect().topLeft())
        self.walk.show_list(self.editing.draft.document, self._look, QRect(top, self.transport.size()))

    def toggle_panel(self) -> None:
        """Show or hide the panel."""
        self._panel_wanted = not self._panel_wanted
        self._fit_panel()

    def toggle_notes(self) -> None:
        """Show or hide the notes."""
        self.notes.toggle()
        self._fit_notes()

    def show_predictions(self) -> None:
        """List what was predicted in this hour."""
        assert self._look is not None
        votes = self.predictions.votes
        HourList(self, votes, self._look, lambda: self.files.save_votes(votes, self._language)).open()

    def set_theme(self, theme: str) -> None:
        """Change colours and sizes; the projector theme opens with one view and no panel."""
        self._wanted = theme, self._wanted[1]
        self._bring_in_line()

    def toggle_projector(self) -> None:
        """Change between the projector theme and the light one."""
        self.set_theme("light" if self._wanted[0] == "projector" else "projector")

    def toggle_dark(self) -> None:
        """Change between the dark theme and the light one."""
        self.set_theme("light" if self._wanted[0] == "dark" else "dark")

    def next_language(self) -> None:
        """Change the language of all words."""
        names, (theme, language) = languages(), self._wanted
        self._wanted = theme, names[(names.index(language) + 1) % len(names)]
        self._bring_in_line()

    def picture_dialog(self) -> None:
        """Ask how a picture of what is shown now is to be, then where to put it."""
        self._take(self.pictures.save_painting, self.pictures.ask)

    def copy_picture(self) -> None:
        """Put a picture of what is shown now onto the clipboard."""
        self._take(self.pictures.copy_painting, self.pictures.copy)

    def _take(self, of_sheet: Callable[[Painting], None], of_board: Callable[[Moment], None]) -> None:
        """Take a picture of the sheet of a prediction, or else of the board."""
        tape, document = self._tape(), self.controller.running_document
        if tape is None:
            return
        self.settle()
        moment = Moment(document, tape.until(self.controller.step), self.board.likeness)
        if self.predictions.sheet:
            of_sheet(Painting(self.predictions.sheet, self.pictures.wanted.scale, document, moment.past.step))
        else:
            of_board(moment)

    def film_dialog(self) -> None:
        """Ask what film of the run is wanted, and have it made beside the window."""
        self.making.film(self._viewed, self._views, self._look_now)

    def data_dialog(self) -> None:
        """Ask for a file, and have the data of the run up to the step shown written there."""
        self.making.data(self._viewed, self.board.shown_step, self._look_now)

    def show_activations(self) -> None:
        """Show any two activations by themselves."""
        ActivationPage(self, self._look_now).open()

    def show_first_steps(self) -> None:
        """Show what the window is, in five things to do, on the first lesson."""
        self.stage.come_back(self._open_first_steps)

    def _open_first_steps(self) -> None:
        first, lesson = first_lesson(), self.editing.draft.document.lesson
        if lesson is None or first.lesson is None or lesson.id != first.lesson.id:
            self.editing.open(first)
        self.first_steps.open(self._look_now)

    def _control_of_step(self, key: str) -> QWidget | None:
        """Return the control that one of the first steps is about, None for one that is not on screen."""
        if key == "change" and self.panel and self._panel_wanted:
            return self.panel.control_of("activation", 0)
        controls = {"play": "play_button", "back": "timeline"}
        return getattr(self.transport, controls[key]) if self.transport and key in controls else None

    def show_keys(self) -> None:
        """List what each key does."""
        KeyList(self, self._look_now).open()

    @property
    def _look_now(self) -> Look:
        assert self._look is not None
        return self._look

    def _tr(self, text: str) -> str:
        return self._look_now.tr(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Return use what is in focus, for Space plays and pauses; Escape leads back to the board, and out."""
        focused, key = self.focusWidget(), Qt.Key(event.key())
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(focused, QAbstractButton):
            focused.click()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(focused, QComboBox):
            focused.showPopup()
        elif key == Qt.Key.Key_Escape:
            self._escape(focused)
        elif key == Qt.Key.Key_Alt:
            self.menus.reveal()
        else:
            super().keyPressEvent(event)

    def toggle_stage(self) -> None:
        """Show the pictures on the second screen, or here again."""
        if self.stage.is_wanted or self.stage.can_go:
            self.first_steps.leave()
            self.stage.toggle()
        else:
            QToolTip.showText(QCursor.pos(), tip(self._tr("There is no second screen.")), self)

    def _escape_stage(self) -> None:
        """Lead out of the rehearsal, then back from the second screen."""
        if self.rehearsal.sight:
            self.rehearsal.show_as("")
        else:
            self.stage.come_back()

    def _on_stage_moved(self) -> None:
        """Show the panel beside the copy of the stage, in a turn of its own; with the stage back, as it was."""
        if self.stage.is_out:
            self._panel_before, self._panel_wanted = self._panel_wanted, True
        else:
            self._panel_wanted = self._panel_before
        self._follow_stage()

    def _follow_stage(self) -> None:
        """Bring what is around the board in line with where it is, once it has been painted there."""
        self._following.begin(self._stage_followed())

    def _stage_followed(self) -> Generator[None, None, None]:
        yield
        self._on_changed()
        yield
        self._bring_in_line()

    def _escape(self, focused: QWidget | None) -> None:
        """Lead out of the rehearsal; back to the board; from there out of the first steps and of the full screen."""
        if self.rehearsal.sight:
            self.rehearsal.show_as("")
        elif focused is not self.stage.home:
            self.stage.home.setFocus()
        elif self.first_steps.page:
            self.first_steps.leave()
        elif self.stage.is_wanted:
            self.stage.come_back()
        elif self.isFullScreen():
            self.toggle_fullscreen()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self._place_menus()

    def _place_menus(self) -> None:
        """Give the menu bar its row; where the window fills the screen, it lies over that when it is wanted."""
        if self.isFullScreen():
            self._column.removeWidget(self.menus)
        else:
            self._column.insertWidget(0, self.menus)
        self.menus.float(self.isFullScreen())

    # From one start to the next

    def settings(self) -> Settings:
        """Return how the window is to be at its next start."""
        geometry = bytes(self.saveGeometry().data())
        state = self._panel_state
        return Settings(
            theme=self._theme,
            language=self._language,
            panel=self._panel_wanted,
            geometry=geometry,
            ask=self.asks,
            more=state.more,
            closed=state.closed,
            notes=self.notes.wanted,
            still=reduces_motion(self),
            asks_first=self.predictions.wanted,
            seen=self.walk.seen,
            picture=self.pictures.wanted.text,
            started=self.first_steps.started,
        )

    def restore(self, left: Settings) -> None:
        """Take the place where the window was left, and the panel if the theme is as it was."""
        self.restoreGeometry(left.geometry)
        # Whether it fills the screen is for each start to say.
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowFullScreen)
        reduce_motion(self, left.still)
        assert self.panel is not None
        self._panel_state.more, self._panel_state.closed = left.more, left.closed
        self.panel.refresh()
        self.notes.wanted, self.walk.seen = left.notes, left.seen
        self.pictures.wanted = Wanted.from_text(left.picture)
        self.first_steps.started = left.started
        if left.asks_first != self.predictions.wanted:
            self.predictions.toggle_wanted()
        self._fit_notes()
        if (left.theme == "projector") == (self._theme == "projector"):
            self._panel_wanted = left.panel
            self._fit_panel()

    # The end

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._may_close():
            self.rescue.forget()
            self.shut_down()
            super().closeEvent(event)
        else:
            event.ignore()

    def _may_close(self) -> bool:
        """Ask what is to become of changes that no file holds; tell whether the window may close."""
        unsaved = self.editing.history.unsaved_by_hand() if self.asks else ()
        if not unsaved or self._asking:
            return not self._asking
        self._asking = True
        answer, asks = ask(self, self._look_now, [title_of(document, self._look_now) for document in unsaved])
        self._asking = False
        may = answer is Answer.DISCARD or (answer is Answer.SAVE and all(map(self.saving.save, unsaved)))
        if may:
            self.asks = asks
        return may

    def shut_down(self) -> None:
        """End the threads; harmless when it has been done already."""
        if not self._shut_down:
            self._shut_down = True
            self.stage.end()
            self._pieces.drop()
            self._opening.drop()
            self._following.drop()
            self._tidying.stop()
            self.notes.close()
            self.walk.stop()
            self.making.cancel()
            self.pictures.end()
            self.reloading.stop()
            self.rescue.stop()
            self.controller.stop()
            self.board.stop()

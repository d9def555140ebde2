"""The window: transport on top, panel at the left, board in the room."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QFileDialog,
    QHBoxLayout,
    QMainWindow,
    QMenu,
    QMessageBox,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from gradsim.engine.nn.probes import INDEX, PROBES
from gradsim.sim.documents.lessons import Document, FileError, lessons, write_bytes
from gradsim.ui.alarm import Alarm
from gradsim.ui.board import Board, applying
from gradsim.ui.controller import SPEEDS, Controller
from gradsim.ui.export import paint, png, views_of
from gradsim.ui.keys import KEYS, chain, place_of_focus, stops
from gradsim.ui.label import tip
from gradsim.ui.panels.editors import Edit
from gradsim.ui.panels.panel import Panel
from gradsim.ui.settings import Settings
from gradsim.ui.theme import THEMES, Look, Metrics, font, style_sheet
from gradsim.ui.transport import Transport
from gradsim.ui.views.catalogue import VIEWS
from gradsim.words.languages import LANGUAGES

REFERENCE = (1920, 1080)
PANEL_SHARE = 0.18
PANEL_PX = (218, 420)


class Window(QMainWindow):
    """The main window over one controller."""

    def __init__(self, document: Document, theme: str, language: str) -> None:
        super().__init__()
        self.controller = Controller(document)
        self._theme, self._language = theme, language
        self._viewed, self._views = document, tuple(views_of(document, theme))
        self._panel_wanted = theme != "projector"
        self._look: Look | None = None
        self.board = Board(theme, language)
        self.board.show_document(document, self._views)
        self.board.go_live(self.controller.lease)
        self.panel: Panel | None = None
        self.transport: Transport | None = None
        self.alarm = Alarm(self, self._tr)
        self._shut_down = False
        self._menu, self._probes = QMenu(self), QMenu(self)
        self._menu.aboutToShow.connect(self._fill_menu)
        self._probes.setToolTipsVisible(True)
        self.setMinimumSize(800, 560)
        self.resize(self._first_size())
        self._middle = QWidget()
        self.setCentralWidget(self._middle)
        self._column = QVBoxLayout(self._middle)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._row = QHBoxLayout()
        self._row.setSpacing(0)
        self._row.addWidget(self.board, stretch=1)
        self._column.addLayout(self._row, stretch=1)
        self._connect()
        self._rebuild()
        self._open_panel()
        self.board.setFocus()
        self.controller.start()

    def _first_size(self) -> QSize:
        screen = QApplication.primaryScreen().availableSize()
        return QSize(min(1600, round(0.94 * screen.width())), min(1000, round(0.92 * screen.height())))

    def _connect(self) -> None:
        c = self.controller
        c.opened.connect(self._on_opened)
        c.started.connect(self._on_started)
        c.moved.connect(self._on_moved)
        c.played.connect(self._on_moved)
        c.failed.connect(self.alarm.tell)
        self.board.edit_asked.connect(self._on_edit_asked)
        self.board.views_asked.connect(self.show_views)
        for key in KEYS:
            for sequence in key.keys:
                shortcut = QShortcut(QKeySequence(sequence), self)
                shortcut.activated.connect(getattr(self, key.action))

    # What the window shows

    def _fitting_look(self) -> Look:
        theme = THEMES[self._theme]
        return Look(theme, Metrics.fit(theme, self.size(), REFERENCE), self._language)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._look != self._fitting_look():
            self._rebuild()
        elif self.panel:
            self._fit_panel()

    def _panel_px(self) -> int:
        return min(max(round(PANEL_SHARE * self.width()), PANEL_PX[0]), PANEL_PX[1])

    def _rebuild(self) -> None:
        """Bring everything around the board into the present look."""
        self._look = look = self._fitting_look()
        self.setStyleSheet(style_sheet(look))
        QToolTip.setFont(font(look.metrics.body))
        self.board.setAccessibleName(look.tr("Pictures"))
        self._build_transport()
        if self.panel:
            self.panel.set_look(look)
            self._fit_panel()

    def _build_transport(self) -> None:
        assert self._look is not None
        look = self._look
        lesson = self.controller.document.lesson
        title = f"{lesson.number} · {lesson.title(self._language)}" if lesson else look.tr("Experiment")
        self.setWindowTitle(f"{title} – gradsim")
        subtitle = lesson.subtitle(self._language) if lesson else ""
        old = self.transport
        focused = place_of_focus(stops(old.layout())) if old else None
        self.transport = Transport(self.controller, look, self._menu, title, subtitle)
        self.transport.screenshot_asked.connect(self.picture_dialog)
        self._column.insertWidget(0, self.transport)
        if focused is not None:
            stops(self.transport.layout())[focused].setFocus()
        if old:
            old.hide()
            old.deleteLater()

    def _open_panel(self) -> None:
        """Show the settings of the document that is open; what an earlier panel held is gone with it."""
        assert self._look is not None
        old = self.panel
        self.panel = Panel(self.controller.document, self._look)
        self.panel.edited.connect(self._on_edited)
        self._row.insertWidget(0, self.panel)
        if old:
            old.blockSignals(True)  # losing the focus would make an edit of what was being typed
            old.hide()
            old.deleteLater()
        self._fit_panel()

    def _fit_panel(self) -> None:
        assert self.panel is not None
        projector = self._theme == "projector"
        self.panel.setFixedWidth(round(0.4 * self.width()) if projector else self._panel_px())
        self.panel.setVisible(self._panel_wanted)
        assert self.transport is not None
        chain([*stops(self.transport.layout()), *self.panel.stops(), self.board])

    def _fill_menu(self) -> None:
        """Put into the menu what there is for what is on screen, each time before it is shown."""
        assert self._look is not None
        menu, look = self._menu, self._look
        menu.clear()
        for name, document in lessons().items():
            lesson = document.lesson
            assert lesson is not None
            title = lesson.title(self._language).replace("&", "&&")
            menu.addAction(f"{lesson.number} · {title}", partial(self.open_lesson, name))
        menu.addSeparator()
        views = applying(VIEWS, self.controller.document.experiment)
        for name in views:
            menu.addAction(look.tr(VIEWS[name].title), partial(self.show_views, (name,)))
        if any(VIEWS[name].of_layers for name in views):
            menu.addMenu(self._probes)
            self._fill_probes(look)
        for key in KEYS:
            if key.action in _IN_MENU:
                menu.addAction(f"{look.tr(key.label)}\t{key.keys[0]}", getattr(self, key.action))

    def _fill_probes(self, look: Look) -> None:
        self._probes.clear()
        self._probes.setTitle(look.tr("What is shown of every layer"))
        for probe in PROBES:
            action = self._probes.addAction(look.tr(probe.label), partial(self.show_probe, probe.key))
            action.setToolTip(tip(look.tr(probe.help)))

    def _on_opened(self) -> None:
        assert self._look is not None
        self._views = tuple(views_of(self.controller.document, self._theme))
        self._build_transport()
        self._open_panel()

    def _on_started(self) -> None:
        """Show the run that has begun; where the views were the usual ones, they are those of the new experiment."""
        before, self._viewed = self._viewed, self.controller.running_document
        if self._views == tuple(views_of(before, self._theme)):
            self._views = tuple(views_of(self._viewed, self._theme))
        self.board.show_document(self._viewed, self._views)

    def _on_moved(self) -> None:
        if self.controller.tape is not None:
            self.board.draw(self.controller.tape, self.controller.step, self.controller.in_motion)

    def _on_edited(self, table: dict[str, Any]) -> None:
        assert self.panel is not None
        error = self.controller.edit(table)
        if error:
            self.panel.show_refused(error.path, error.problem)
        else:
            self.panel.show_accepted()

    def _on_edit_asked(self, edit: Edit) -> None:
        """Change the experiment from a picture; the step shown stays. What is not allowed is told at the pointer."""
        assert self.panel is not None
        table = edit(self.panel.table())
        error = self.controller.edit(table, keep_step=True)
        if error:
            self.board.refuse(str(error))
        else:
            self.panel.take(table)

    # What keys and menus do

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

    def open_lesson(self, name: str) -> None:
        """Open a bundled lesson."""
        self.controller.open(lessons()[name])

    def next_lesson(self) -> None:
        """Open the lesson after this one."""
        self._shift_lesson(1)

    def previous_lesson(self) -> None:
        """Open the lesson before this one."""
        self._shift_lesson(-1)

    def _shift_lesson(self, by: int) -> None:
        names = list(lessons())
        lesson = self.controller.document.lesson
        at = names.index(lesson.id) + by if lesson and lesson.id in names else 0
        if 0 <= at < len(names):
            self.open_lesson(names[at])

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
        views = views_of(self.controller.document, "light")
        if which < len(views):
            self.show_views((views[which],))

    def swap_maps(self) -> None:
        """Change between one map of a race and one for each run, and between the two kinds of basins."""
        pairs = [("map", "maps"), ("basins", "arrivals")]
        other = {view: another for pair in pairs for view, another in (pair, pair[::-1])}
        self.show_views(tuple(other.get(view, view) for view in self._views))

    def next_over(self) -> None:
        """Draw curves over the next of steps, samples and seconds."""
        self.board.next_over()

    def show_probe(self, key: str) -> None:
        """Show another measurement in the pictures of every layer, with all views where none of these is shown."""
        if not any(VIEWS[name].of_layers for name in self._views):
            self.view_all()
        self.board.show_probe(key)

    def next_probe(self) -> None:
        """Show the next of what is measured at every layer."""
        self.board.show_probe(PROBES[(INDEX[self.board.probe] + 1) % len(PROBES)].key)

    def toggle_panel(self) -> None:
        """Show or hide the panel."""
        self._panel_wanted = not self._panel_wanted
        self._fit_panel()

    def toggle_fullscreen(self) -> None:
        """Fill the screen, or leave it."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def set_theme(self, theme: str) -> None:
        """Change colours and sizes; the projector theme opens with one view and no panel."""
        if (theme == "projector") != (self._theme == "projector"):
            self._panel_wanted = theme != "projector"
            self._views = tuple(views_of(self.controller.document, theme))
        self._theme = theme
        self._relook()

    def _relook(self) -> None:
        self._rebuild()
        self.board.set_look(self._theme, self._language)
        self.board.show_views(self._views)

    def toggle_projector(self) -> None:
        """Change between the projector theme and the light one."""
        self.set_theme("light" if self._theme == "projector" else "projector")

    def toggle_dark(self) -> None:
        """Change between the dark theme and the light one."""
        self.set_theme("light" if self._theme == "dark" else "dark")

    def next_language(self) -> None:
        """Change the language of all words."""
        names = list(LANGUAGES)
        self._language = names[(names.index(self._language) + 1) % len(names)]
        self._relook()

    def open_dialog(self) -> None:
        """Ask for an experiment file and open it."""
        name, _ = QFileDialog.getOpenFileName(self, self._tr("Open an experiment"), "", "TOML, PNG (*.toml *.png)")
        if name:
            self.controller.open_file(Path(name))

    def save_dialog(self) -> None:
        """Ask for a file and write the experiment there; what is refused in the panel is said, and not left out."""
        if self.panel and self.panel.problem:
            self.alarm.tell(self._tr("Not saved: {problem}").format(problem=self.panel.problem))
            return
        name, _ = QFileDialog.getSaveFileName(
            self, self._tr("Save the experiment"), "experiment.toml", "TOML (*.toml)"
        )
        if name:
            self.controller.save_file(Path(name))

    def picture_dialog(self) -> None:
        """Take a picture of the board as it is now, then ask where to put it."""
        if self.controller.tape is None:
            return
        # In motion the views are of neighbouring steps; a picture is of one.
        step = self.board.draw(self.controller.tape, self.controller.step).step
        image = png(paint(self.board, max(2.0, self.devicePixelRatioF())), self.controller.running_document, step)
        lesson = self.controller.running_document.lesson
        start = f"{lesson.id if lesson else 'experiment'}-step-{step}.png"
        name, _ = QFileDialog.getSaveFileName(self, self._tr("Picture of what is shown"), start, "PNG (*.png)")
        if name:
            try:
                write_bytes(Path(name), image)
            except FileError as error:
                self.alarm.tell(str(error))

    def show_menu(self) -> None:
        """Open the menu."""
        if self.transport:
            self.transport.menu_button.showMenu()

    def show_keys(self) -> None:
        """List what each key does."""
        rows = "".join(
            f"<tr><td><b>{' '.join(k.keys)}</b>&nbsp;&nbsp;</td><td>{self._tr(k.label)}</td></tr>" for k in KEYS
        )
        box = QMessageBox(QMessageBox.Icon.NoIcon, self._tr("List of keys"), f"<table>{rows}</table>", parent=self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()

    def _tr(self, text: str) -> str:
        assert self._look is not None
        return self._look.tr(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Return press the button in focus, for Space plays and pauses; let Escape lead back to the board."""
        focused = self.focusWidget()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(focused, QAbstractButton):
            focused.click()
        elif event.key() == Qt.Key.Key_Escape:
            self.board.setFocus()
        else:
            super().keyPressEvent(event)

    # From one start to the next

    def settings(self) -> Settings:
        """Return how the window is to be at its next start."""
        return Settings(self._theme, self._language, self._panel_wanted, bytes(self.saveGeometry().data()))

    def restore(self, left: Settings) -> None:
        """Take the place where the window was left, and the panel if the theme is as it was."""
        self.restoreGeometry(left.geometry)
        # Whether it fills the screen is for each start to say.
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowFullScreen)
        if (left.theme == "projector") == (self._theme == "projector"):
            self._panel_wanted = left.panel
            self._fit_panel()

    # The end

    def closeEvent(self, event: QCloseEvent) -> None:
        self.shut_down()
        super().closeEvent(event)

    def shut_down(self) -> None:
        """End the threads; harmless when it has been done already."""
        if not self._shut_down:
            self._shut_down = True
            self.controller.stop()
            self.board.stop()


_IN_MENU = (
    "view_all",
    "next_over",
    "toggle_panel",
    "toggle_fullscreen",
    "toggle_projector",
    "toggle_dark",
    "next_language",
    "open_dialog",
    "save_dialog",
    "picture_dialog",
    "show_keys",
)

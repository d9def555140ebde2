"""The first steps: what the window is, in five things to do by hand, each ticked off when it has been done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from PySide6.QtCore import QObject, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from gradsim.sim.documents.document import Document
from gradsim.ui.board import Board
from gradsim.ui.controller import Controller
from gradsim.ui.editing import Editing
from gradsim.ui.files import Files
from gradsim.ui.notes.points import Lamp
from gradsim.ui.notes.words import SpansLabel
from gradsim.ui.panels.ring import Light
from gradsim.ui.theme import Look
from gradsim.ui.transport import furniture_px

WIDE_EM = 23
"""Width of the page in heights of its letters."""
LEAST_BACK = 5
"""So many steps are back in time: a click on the handle may move it by one."""
FIT_MS = 60
"""After how long it takes its place: when what is around it has been laid out."""


class Step(NamedTuple):
    """One thing to do."""

    key: str
    title: str
    how: str


STEPS = (
    Step("play", "Play and pause", "Press Space, or the blue button on top."),
    Step("back", "Go back in time", "Drag the timeline to the left. Every step is kept."),
    Step("change", "Change one thing", "Give a run another activation, on its card at the left."),
    Step("over", "Look at it otherwise", "Press X: the curves run over samples, then over seconds."),
    Step("picture", "Take a picture", "Press Ctrl+E and save it. It holds the experiment, too."),
)
WITHOUT_PANEL = "Press F9 for the panel; give a run another activation there."
WITHOUT_CURVES = "Press 0 for all views, then X: the curves run over samples."
WHAT = "Real networks train while you watch, and every number is measured on them. Five steps, by hand:"
ALL_DONE, SOME_DONE = "That is all. PageDown leads to the next lesson.", "{n} of {total} done"
TEXTS = (
    *(text for step in STEPS for text in (step.title, step.how)),
    WITHOUT_PANEL,
    WITHOUT_CURVES,
    WHAT,
    ALL_DONE,
    SOME_DONE,
)
"""What is said, in English."""


class FirstSteps(QObject):
    """Knows which of the steps have been done, and shows them over a window while they are wanted.

    Parameters
    ----------
    window
        What they are about.
    controller, editing, board, files
        Say what is done by hand.
    control
        Returns the control that a step is about by the step's key, None for none on screen.
    """

    left = Signal()
    """They are gone."""

    def __init__(
        self,
        window: QWidget,
        controller: Controller,
        editing: Editing,
        board: Board,
        files: Files,
        control: Callable[[str], QWidget | None],
    ) -> None:
        super().__init__(window)
        self._window, self._editing, self._board, self._control = window, editing, board, control
        self.started = False
        """Whether they have ever been shown: they come by themselves only once."""
        self.done: frozenset[str] = frozenset()
        """The keys of the steps that have been done since they were shown."""
        self.page: FirstStepsPage | None = None
        self._look: Look | None = None
        self._light = Light()
        self._over: object = None
        self._farthest = 0
        """The last step that the timeline has been moved from."""
        self._due = QTimer(self)
        self._due.setSingleShot(True)
        self._due.setInterval(FIT_MS)
        self._due.timeout.connect(self._place)
        self._foot_top = 0
        """Where the page had to end when it took its place."""
        controller.moved.connect(self._on_moved)
        controller.toggled.connect(self._on_toggled)
        controller.dragged.connect(self._on_dragged)
        editing.changed.connect(self._on_changed)
        board.options.chosen.connect(self._on_chosen)
        board.options.changed.connect(self._on_options)
        files.picture_saved.connect(self._on_picture)

    # What is done by hand

    def _on_toggled(self) -> None:
        self._tick("play")

    def _on_dragged(self, before: int, to: int) -> None:
        self._farthest = max(self._farthest, before)
        if to <= self._farthest - LEAST_BACK:
            self._tick("back")

    def _on_changed(self) -> None:
        document = self._editing.draft.document
        if _activations(document) != _activations(document.as_taught):
            self._tick("change")

    def _on_chosen(self) -> None:
        if self._over_shown() not in (None, self._over):
            self._tick("over")

    def _on_moved(self) -> None:
        """Make way for a verdict that has become longer."""
        if self.page and self._board.foot_top != self._foot_top:
            self._foot_top = self._board.foot_top
            self._due.start()

    def _on_options(self) -> None:
        """There are other views on screen."""
        if self.page:
            self._due.start()

    def _on_picture(self) -> None:
        self._tick("picture")

    def _over_shown(self) -> object:
        options = self._board.options
        return options.value("over") if "over" in options.on_screen() else None

    def _tick(self, key: str) -> None:
        if self.page and key not in self.done:
            self.done |= {key}
            self._show_steps()

    # The page

    def open(self, look: Look) -> None:
        """Begin with the first step."""
        self._drop()
        self.started, self.done, self._farthest = True, frozenset(), 0
        self._over = self._over_shown() or "steps"
        self._look = look
        self._build()

    def leave(self) -> None:
        """Let the page go."""
        if self.page:
            self._drop()
            self.left.emit()

    def fit(self, look: Look) -> None:
        """Keep to the place there is, in the look of the window."""
        if self.page is None:
            return
        if look != self._look:
            self._drop()
            self._look = look
            self._build()
        else:
            self._due.start()

    def _build(self) -> None:
        assert self._look is not None
        self.page = FirstStepsPage(self._window, self._look)
        self.page.left.connect(self.leave)
        self._show_steps()

    def _drop(self) -> None:
        self._due.stop()
        old, self.page = self.page, None
        if old:
            self._light.put_out()
            old.hide()
            old.deleteLater()

    def _show_steps(self) -> None:
        assert self.page is not None
        self.page.show_steps(self._steps(), self.done)
        self._due.start()

    def _steps(self) -> list[Step]:
        """Return the steps, with the way to what is not on screen."""
        instead = {}
        if self._control("change") is None:
            instead["change"] = WITHOUT_PANEL
        if self._over_shown() is None:
            instead["over"] = WITHOUT_CURVES
        return [step._replace(how=instead.get(step.key, step.how)) for step in STEPS]

    def _place(self) -> None:
        """Lie in the upper right corner of the pictures, with a ring around what the next step is about."""
        assert self.page is not None
        assert self._look is not None
        self.page.show_steps(self._steps(), self.done)
        room = self._window.rect()
        top = self._board.mapTo(self._window, QPoint()).y()
        px = furniture_px(self._look)
        wide = min(WIDE_EM * px, room.width() // 2)
        most = self._board.foot_top - px
        self.page.take_place(QRect(room.right() - wide - px // 2, top + px // 2, wide, most))
        following = next((step for step in STEPS if step.key not in self.done), None)
        target = self._control(following.key) if following else None
        self._light.ring(self._window, target if target and target.isVisible() else None, self._look)
        self.page.raise_()

    @property
    def lit(self) -> QWidget | None:
        """The control that is ringed, if one is."""
        return self._light.target


def _activations(document: Document) -> list[object]:
    return [getattr(run, "activation", None) for run in document.experiment.runs]


class FirstStepsPage(QFrame):
    """The steps, with lamps that are green for those that have been done."""

    left = Signal()
    """It is to go."""

    def __init__(self, window: QWidget, look: Look) -> None:
        super().__init__(window)
        self._look = look
        px, theme = furniture_px(look), look.theme
        self._px = px
        self.setObjectName("first")
        self.setAccessibleName(look.tr("Start here"))
        self.setStyleSheet(
            f"* {{ font-size: {px}px; color: {theme.ink}; }}"
            f" #first {{ background: {theme.card}; border: 2px solid {theme.accent};"
            f" border-radius: {round(0.6 * px)}px; }}"
        )
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(px, round(0.8 * px), px, round(0.8 * px))
        column.setSpacing(round(0.5 * px))
        self._label(column, look.tr("Start here"), round(1.3 * px), bold=True)
        self._label(column, look.tr(WHAT), px)
        self._rows = [_StepRow(look) for _ in STEPS]
        for row in self._rows:
            column.addWidget(row)
        foot = QHBoxLayout()
        self.count = self._label(foot, "", px, theme.muted)
        self._close = QPushButton()
        self._close.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._close.clicked.connect(self.left)
        foot.addWidget(self._close)
        column.addLayout(foot)

    def _label(
        self, box: QVBoxLayout | QHBoxLayout, text: str, px: int, colour: str = "", bold: bool = False
    ) -> SpansLabel:
        label = SpansLabel(self._look, px, colour, bold)
        label.show_text(text)
        box.addWidget(label)
        return label

    def show_steps(self, steps: Sequence[Step], done: frozenset[str]) -> None:
        """Show which of the steps have been done; how to do it is said of the others."""
        tr, following = self._look.tr, next((step.key for step in steps if step.key not in done), "")
        for row, step in zip(self._rows, steps, strict=True):
            row.show_step(step, step.key in done, step.key == following)
        all_done = len(done) == len(steps)
        self.count.show_text(tr(ALL_DONE if all_done else SOME_DONE).format(n=len(done), total=len(steps)))
        self._close.setText(tr("Close") if all_done else tr("Leave (Esc)"))

    def take_place(self, room: QRect) -> None:
        """Lie at the top of a room, as high as the texts need; without room, only the next step says how."""
        high = self._needed_height(room.width())
        if high > room.height():
            for row in self._rows:
                row.how.setVisible(row.following)
            high = self._needed_height(room.width())
        self.setGeometry(room.x(), room.y(), room.width(), high)
        self.show()

    def _needed_height(self, width: int) -> int:
        for row in self._rows:
            row.column.invalidate()
            row.updateGeometry()
        self._column.invalidate()
        return self._column.totalHeightForWidth(width)


class _StepRow(QWidget):
    """One step: its lamp, its name, and how to do it."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.following = False
        """Whether it is the next to be done."""
        px = furniture_px(look)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(px // 2)
        self.lamp = Lamp(look, px)
        row.addWidget(self.lamp, alignment=Qt.AlignmentFlag.AlignTop)
        column = self.column = QVBoxLayout()
        column.setSpacing(0)
        self.title = SpansLabel(look, px, bold=True)
        self.how = SpansLabel(look, px)
        column.addWidget(self.title)
        column.addWidget(self.how)
        row.addLayout(column, stretch=1)

    def show_step(self, step: Step, done: bool, following: bool) -> None:
        """Show a step; the one that follows in the colour of what can be done."""
        look = self._look
        self.following = following
        colour = look.theme.good if done else look.theme.accent if following else look.theme.ink
        self.lamp.show_standing(done)
        self.title.set_colour(colour)
        self.title.show_text(look.tr(step.title))
        self.how.show_text(look.tr(step.how))
        self.how.setVisible(not done)

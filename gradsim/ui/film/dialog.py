"""The dialog for a film: which steps, how fast, how large."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from gradsim.schema.errors import told
from gradsim.schema.parameters import Choice, Integer, Number, Parameter, ParameterError
from gradsim.ui.dialogs import desk_look
from gradsim.ui.film.plan import HELD_S, MOST_FRAMES, Plan
from gradsim.ui.panels.editors import Edit, Editor, editor_for
from gradsim.ui.panels.room import Room
from gradsim.ui.theme import Look, style_sheet
from gradsim.ui.views.catalogue import VIEWS
from gradsim.words.numbers import exact

SIZES = ("1280x720", "1920x1080", "960x540")
ALL, AGAIN, ONCE = "all", "again", "once"
LABELS = {
    "first": "First step", "last": "Last step", "frames": "Frames", "fps": "Frames a second", "size": "Size",
    "ends": "At the end", "shown": "Shown",
}  # fmt: skip
HOW_MANY, ON_SCREEN = "How many there are, at equal distances.", "What is on screen"
ENDS = {AGAIN: "Begins again", ONCE: "Stops"}
TEXTS = (*LABELS.values(), HOW_MANY, ON_SCREEN, *ENDS.values())
_EM = 24
"""How wide it is."""


class FilmDialog(QDialog):
    """Asks what a film is to be; the window below goes on.

    Parameters
    ----------
    window
        Over which it lies.
    look
        Of the window.
    end
        The last step of the run.
    views
        The views on screen.
    on_screen
        How large they are on screen.
    make
        Is given the plan, the size and the views of the film that is wanted.
    """

    def __init__(
        self,
        window: QWidget,
        look: Look,
        end: int,
        views: tuple[str, ...],
        on_screen: tuple[int, int],
        make: Callable[[Plan, tuple[int, int], tuple[str, ...]], object],
    ) -> None:
        super().__init__(window)
        look = desk_look(look)
        self._look, self._end, self._all_views, self._make = look, end, views, make
        self.setWindowTitle(look.tr("Film"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setStyleSheet(style_sheet(look))
        em = look.metrics.body
        frames = len(Plan().steps(end))
        self.values: dict[str, Any] = {
            "first": 0, "last": end, "frames": frames, "fps": None, "size": SIZES[0], "shown": ALL, "ends": AGAIN
        }  # fmt: skip
        self._parameters = _parameters(look, end, views, "x".join(map(str, on_screen)))
        column = QVBoxLayout(self)
        column.setContentsMargins(em, em, em, em)
        column.setSpacing(em // 2)
        self.editors: dict[str, Editor] = {}
        for name, parameter in self._parameters.items():
            editor = self.editors[name] = editor_for(parameter, look, Room(_EM * em))
            editor.setFixedWidth(_EM * em)
            editor.edited.connect(partial(self._on_edited, name))
            column.addWidget(editor)
        self.line = QLabel()
        self.line.setWordWrap(True)
        column.addWidget(self.line)
        column.addLayout(self._buttons())
        self._show()

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addStretch(1)
        self.make_button, cancel = QPushButton(self._look.tr("Make the film")), QPushButton(self._look.tr("Cancel"))
        self.make_button.setDefault(True)
        self.make_button.clicked.connect(self._on_make)
        cancel.clicked.connect(self.reject)
        row.addWidget(self.make_button)
        row.addWidget(cancel)
        return row

    @property
    def plan(self) -> Plan:
        """The plan, which may be refused."""
        v = self.values
        return Plan(v["first"], v["last"], None, v["frames"], v["fps"], v["ends"] == AGAIN)

    def _on_edited(self, name: str, edit: Edit) -> None:
        self.values[name] = edit(self.values[name])
        self._show()

    def _show(self) -> None:
        """Show the values, and how long the film is, or why it cannot be."""
        tr, problem = self._look.tr, ""
        for name, parameter in self._parameters.items():
            try:
                if self.values[name] is not None:
                    parameter.parse(self.values[name])
            except ParameterError as error:
                where = tr(parameter.label)
                problem = tr("{where}: {problem}").format(where=where, problem=told(error.problem, tr))
        if not problem and self.values["first"] > self.values["last"]:
            problem = tr("The last step is before the first.")
        speed = 0.0
        if not problem:
            steps = self.plan.steps(self._end)
            speed = self.plan.speed(len(steps))
            seconds, held = f"{len(steps) / speed:.1f}", f"{HELD_S:g}"
            length = tr("{n} frames in {seconds} s; the last stays for {held} s")
            self.line.setText(length.format(n=f"{len(steps):,}", seconds=seconds, held=held))
        else:
            self.line.setText(problem)
        for name, editor in self.editors.items():
            value = self.values[name]
            editor.show_value(float(exact(speed)) if value is None and speed else value)
        self.line.setProperty("role", "alarm" if problem else "muted")
        self.line.style().unpolish(self.line)
        self.line.style().polish(self.line)
        self.make_button.setEnabled(not problem)

    def _on_make(self) -> None:
        shown = self.values["shown"]
        width, height = map(int, self.values["size"].split("x"))
        plan = self.plan
        self.accept()
        self._make(plan, (width, height), self._all_views if shown == ALL else (shown,))


def _parameters(look: Look, end: int, views: tuple[str, ...], on_screen: str) -> Mapping[str, Parameter]:
    """Return what is asked, by name; what is shown is asked where several views are on screen."""
    sizes = (*SIZES, *(() if on_screen in SIZES else (on_screen,)))
    size_names = [size.replace("x", " × ") for size in SIZES]
    on_screen_name = look.tr("as on screen, {size}").format(size=on_screen.replace("x", " × "))
    found: dict[str, Parameter] = {
        "first": Integer(LABELS["first"], low=0, high=end),
        "last": Integer(LABELS["last"], low=0, high=end),
        "frames": Integer(LABELS["frames"], help=HOW_MANY, low=1, high=MOST_FRAMES),
        "fps": Number(LABELS["fps"], low=0.5, high=50),
        "size": Choice(LABELS["size"], choices=sizes, labels=(*size_names, on_screen_name)[: len(sizes)]),
        "ends": Choice(LABELS["ends"], choices=tuple(ENDS), labels=tuple(ENDS.values())),
    }
    if len(views) > 1:
        labels = (ON_SCREEN, *(VIEWS[view].title for view in views))
        found["shown"] = Choice(LABELS["shown"], choices=(ALL, *views), labels=labels)
    return found

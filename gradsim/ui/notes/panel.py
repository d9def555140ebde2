"""The notes of a lesson beside its pictures: what to watch, what to try, why."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from gradsim.schema.parameters import ParameterError
from gradsim.sim.documents.document import Document
from gradsim.sim.documents.lesson import Lesson
from gradsim.sim.documents.lesson_parts import Try
from gradsim.sim.documents.points import standings
from gradsim.sim.documents.tries import applied
from gradsim.sim.run.tape import Past
from gradsim.ui.identities import slots_of
from gradsim.ui.keys import stops
from gradsim.ui.label import tip
from gradsim.ui.notes.points import PointRow
from gradsim.ui.notes.room import link_colour, small_px
from gradsim.ui.notes.tries import TryButton
from gradsim.ui.notes.why import Why
from gradsim.ui.notes.words import Line, SpansLabel
from gradsim.ui.panels.room import margin
from gradsim.ui.theme import Look
from gradsim.words import formulas

MOVING_MS, RESTING_MS = 250, 20
"""How often the points are measured in motion, and how soon at rest."""
WHY_MS = 1000
"""How often the numbers in the reason change in motion: to typeset them takes 20 ms."""
LOADING_MS = 40
"""How often it is looked whether formulas can be typeset."""


class NotesPanel(QScrollArea):
    """Shows the notes of one lesson in one look; while it is hidden, nothing is measured.

    Parameters
    ----------
    lesson
        Whose notes they are.
    look
        Colours, sizes, language.
    """

    pointed = Signal(object)
    """A :class:`Try` whose control is to be lit up, or None."""
    tried = Signal(object)
    """A :class:`Try` that is to be done."""
    lecturer_asked = Signal()
    """The lecturer's notes are to be shown."""

    def __init__(self, lesson: Lesson, look: Look) -> None:
        super().__init__()
        self.setObjectName("notes")
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(look.tr("Notes"))
        self.lesson, self._look = lesson, look
        self._shown: tuple[Document, Past, Mapping[str, Any]] | None = None
        self._told_at = self._why_told_at = self._due_at = 0.0
        self._in_motion = False
        self._due = QTimer(self)
        self._due.setSingleShot(True)
        self._due.timeout.connect(self._on_due)
        edge, em = margin(look), look.metrics.body
        body = QWidget()
        self._column = column = QVBoxLayout(body)
        column.setContentsMargins(edge, edge, edge, edge)
        column.setSpacing(em // 3)
        self._add_head()
        self.rows = [PointRow(point.text(look.language), look) for point in lesson.points]
        self.tries = [TryButton(each, look) for each in lesson.tries]
        self.why = Why(lesson, look)
        if self.rows:
            self._add_heading(look.tr("Watch"))
        for row in self.rows:
            column.addWidget(row)
        if self.tries:
            self._add_heading(look.tr("Try"))
        for button in self.tries:
            button.pointed.connect(self.pointed)
            button.clicked.connect(self._on_clicked)
            column.addWidget(button)
        if lesson.why or self.why.has_formula:
            self._add_heading(look.tr("Why"))
            column.addWidget(self.why)
        if lesson.sources:
            self._add_heading(look.tr("Sources"))
            for source in lesson.sources:
                self._add_small(source)
        column.addStretch(1)
        self.setWidget(body)

    def _add_head(self) -> None:
        look, lesson = self._look, self.lesson
        row = QHBoxLayout()
        number = QLabel(look.tr("Lesson {n}").format(n=lesson.number))
        number.setProperty("role", "heading")
        row.addWidget(number, stretch=1)
        if lesson.notes:
            link = QPushButton(look.tr("for the lecturer ›"))
            link.setProperty("role", "link")
            link.setStyleSheet(f"color: {link_colour(look)}; font-weight: 600")
            link.setCursor(Qt.CursorShape.PointingHandCursor)
            link.setToolTip(tip(f"{look.tr('Lecturer’s notes in a window of their own')} (Ctrl+N)"))
            link.clicked.connect(self.lecturer_asked)
            row.addWidget(link)
        self._column.addLayout(row)
        if look.theme.name == "projector":
            return  # it stands below the pictures, as large
        question = SpansLabel(look, look.metrics.title, bold=True)
        question.show_text(lesson.question(look.language) or lesson.title(look.language))
        self._column.addWidget(question)

    def _add_heading(self, text: str) -> None:
        em = self._look.metrics.body
        self._column.addSpacing(em // 3)
        self._column.addWidget(Line(self._look))
        self._column.addSpacing(em // 4)
        heading = QLabel(text)
        heading.setProperty("role", "heading")
        self._column.addWidget(heading)

    def _add_small(self, text: str) -> None:
        label = SpansLabel(self._look, small_px(self._look), self._look.theme.muted)
        label.show_text(_LONG_WORD.sub(_breakable, text))
        self._column.addWidget(label)

    def _on_clicked(self) -> None:
        sender = self.sender()
        assert isinstance(sender, TryButton)
        self.tried.emit(sender.entry)

    def is_of(self, lesson: Lesson, look: Look) -> bool:
        """Tell whether it shows this lesson in this look."""
        return (self.lesson, self._look) == (lesson, look)

    def stops(self) -> list[QWidget]:
        """Return the widgets at which Tab stops, from top to bottom."""
        return stops(self._column)

    @property
    def pointed_at(self) -> Try | None:
        """What is pointed at, or has the focus."""
        return next((button.entry for button in self.tries if button.underMouse() or button.hasFocus()), None)

    # What is true now

    def show_document(self, document: Document) -> None:
        """Show which of the things to try are done in an experiment."""
        for button in self.tries:
            button.show_done(_is_done(document, button.entry))

    def show_past(
        self, document: Document, past: Past, in_motion: bool, found: Mapping[str, Any] | None = None
    ) -> None:
        """Show soon what is true of the runs at the end of a past: in motion at most every MOVING_MS.

        `found` is what the views on screen have computed.
        """
        self._shown, self._in_motion = (document, past, found or {}), in_motion
        if self.isHidden():
            return
        if not in_motion:
            self._due.start(RESTING_MS)
        else:
            self._begin_within(MOVING_MS, self._told_at)

    def _begin_within(self, most_ms: int, last: float) -> None:
        """Tell at the latest so long after it was told last, which was at the time `last`."""
        due_at = last + most_ms / 1000
        if not self._due.isActive() or due_at < self._due_at:
            self._due_at = due_at
            self._due.start(max(RESTING_MS, round(1000 * (due_at - time.perf_counter()))))

    def stop(self) -> None:
        """Measure nothing more."""
        self._due.stop()

    def _on_due(self) -> None:
        if self.why.has_formula and not formulas.is_loaded() and not self.isHidden():
            _load_formulas()
            self._due.start(LOADING_MS)
        else:
            with_why = not self._in_motion or 1000 * (time.perf_counter() - self._why_told_at) >= WHY_MS
            self._tell(with_why, at_once=False)
            if not with_why and not self.isHidden():
                self._begin_within(WHY_MS, self._why_told_at)

    def settle(self) -> None:
        """Show what is true here and now."""
        self._due.stop()
        self._tell(with_why=True)

    def _tell(self, with_why: bool, at_once: bool = True) -> None:
        self._told_at = time.perf_counter()
        if self._shown is None or self.isHidden():
            return
        document, past, found = self._shown
        look = replace(self._look, slots=slots_of(document.experiment))
        for row, standing in zip(self.rows, standings(document, past, look.language, found), strict=True):
            row.show_standing(standing)
        if with_why:
            self._why_told_at = self._told_at
            self.why.show_past(document, past, look, found, at_once)


_LONG_WORD = re.compile(r"\S{20,}")
_MAY_BREAK = "\u200b"


def _breakable(found: re.Match[str]) -> str:
    """Let lines break in a word such as an address: at its points, and where it is long without any."""
    pieces = re.findall(r".{1,12}", found[0].replace(".", f".{_MAY_BREAK}").replace("/", f"/{_MAY_BREAK}"))
    return _MAY_BREAK.join(pieces)


def _is_done(document: Document, entry: Try) -> bool:
    try:
        return applied(document, entry).experiment == document.experiment
    except ParameterError:  # it is of an experiment that this one has been changed from
        return False


_loading = threading.Lock()


def _load_formulas() -> None:
    """Have the library imported by another thread, unless one does so already: it takes a quarter of a second."""
    if _loading.acquire(blocking=False):
        threading.Thread(target=_import_formulas, name="formulas", daemon=True).start()


def _import_formulas() -> None:
    try:
        formulas.load()
    finally:
        _loading.release()

"""The lecturer's notes: a window of their own, which the projector does not show where there is another screen."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QGuiApplication, QKeySequence, QScreen, QShortcut
from PySide6.QtWidgets import QLabel, QScrollArea, QVBoxLayout, QWidget

from gradsim.sim.documents.lesson import Lesson
from gradsim.ui.keys import KEYS
from gradsim.ui.notes.words import SpansLabel
from gradsim.ui.theme import WINDOW_SIZE, Look, style_sheet

_SIZE_EM = (36, 40)
OWN_KEYS = ("Escape",)
"""Keys that close it; all others do what they do in the main window."""


def look_beside(theme: str, language: str) -> Look:
    """Return the look for somebody right in front of the screen, whatever the class is shown."""
    return Look.fit("dark" if theme == "dark" else "light", language, QSize(*WINDOW_SIZE))


class LecturerNotes(QWidget):
    """What to do and to say, how long it takes, the usual wrong answer; it follows the lesson.

    Parameters
    ----------
    window
        The main window, whose actions the keys are here too.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window, Qt.WindowType.Window)
        self.setObjectName("lecturer")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._main = window
        self._shown: tuple[Lesson | None, Look] | None = None
        self._content: QWidget | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        for key in KEYS:
            for sequence in key.keys:
                QShortcut(QKeySequence(sequence), self).activated.connect(getattr(window, key.action))
        for sequence in OWN_KEYS:
            QShortcut(QKeySequence(sequence), self).activated.connect(self.hide)

    def show_lesson(self, lesson: Lesson | None, look: Look) -> None:
        """Show the notes of a lesson, or that there are none."""
        if self._shown == (lesson, look):
            return
        self._shown = lesson, look
        self.setWindowTitle(f"{look.tr('Lecturer’s notes')} – gradsim")
        self.setStyleSheet(f"{style_sheet(look)} #lecturer {{ background: {look.theme.card}; }}")
        content, old = _content(lesson, look), self._content
        self._content = content
        self._column.addWidget(content)
        if old:
            old.hide()
            old.deleteLater()

    def open(self) -> None:
        """Show it, on a screen that the main window is not on where there is one."""
        if self.isHidden():
            assert self._shown is not None
            em = self._shown[1].metrics.body
            self.resize(_SIZE_EM[0] * em, _SIZE_EM[1] * em)
            screen = other_screen(self._main.screen(), QGuiApplication.screens())
            if screen is not None:
                self.setGeometry(_inside(screen, self.size()))
        self.show()
        self.raise_()


def other_screen(main: QScreen, screens: list[QScreen]) -> QScreen | None:
    """Return a screen that is not the main window's, None where there is no other."""
    return next((screen for screen in screens if screen is not main), None)


def _inside(screen: QScreen, size: QSize) -> QRect:
    """Return a rectangle of a size, or as much of it as there is room for, in the middle of a screen."""
    room = screen.availableGeometry()
    found = QRect(room.topLeft(), size.boundedTo(room.size()))
    found.moveCenter(room.center())
    return found


def _content(lesson: Lesson | None, look: Look) -> QWidget:
    em = look.metrics.body
    body = QWidget()
    column = QVBoxLayout(body)
    column.setContentsMargins(2 * em, round(1.5 * em), 2 * em, round(1.5 * em))
    column.setSpacing(em // 3)
    parts = parts_of(lesson, look)
    if lesson:
        _add(column, f"{lesson.number} · {lesson.title(look.language)}", SpansLabel(look, em, look.theme.muted))
        _add(column, lesson.question(look.language), SpansLabel(look, look.metrics.title, bold=True))
    if lesson and lesson.minutes:
        minutes = look.tr("{n} minutes").format(n=lesson.minutes)
        _add(column, minutes, SpansLabel(look, em, look.theme.accent, bold=True))
    for heading, text in parts:
        label = QLabel(heading)
        label.setProperty("role", "heading")
        column.addSpacing(em // 2)
        column.addWidget(label)
        _add(column, text, SpansLabel(look, round(1.15 * em)))
    if not parts:
        none = look.tr("This lesson has no notes for the lecturer.") if lesson else look.tr("This is no lesson.")
        _add(column, none, SpansLabel(look, em, look.theme.muted))
    column.addStretch(1)
    scroll = QScrollArea()
    scroll.setWidgetResizable(True)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    scroll.setWidget(body)
    return scroll


def _add(column: QVBoxLayout, text: str, label: SpansLabel) -> None:
    label.show_text(text)
    column.addWidget(label)


def parts_of(lesson: Lesson | None, look: Look) -> list[tuple[str, str]]:
    """Return what there is to read, each with its heading."""
    if lesson is None:
        return []
    notes, language = lesson.notes, look.language
    parts = [
        (look.tr("Do"), notes.do(language)),
        (look.tr("Say"), notes.say(language)),
        (look.tr("Usual wrong answer"), notes.usual(language)),
        (look.tr("Mind"), notes.trap(language)),
    ]
    return [(heading, text) for heading, text in parts if text]

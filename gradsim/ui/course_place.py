"""The course in a window: the list of its lessons over the pictures, and the way from one to the next."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRect, Signal
from PySide6.QtWidgets import QWidget

from gradsim.sim.documents.document import Document
from gradsim.sim.documents.lessons import lessons
from gradsim.ui.course_list import CourseList
from gradsim.ui.theme import Look


class CoursePlace(QObject):
    """Shows the list of lessons over a window, and lets it go.

    Parameters
    ----------
    window
        The main window.
    stage
        What has the focus once the list is gone.
    """

    chosen = Signal(str)
    """A lesson is to be opened, by its id."""

    def __init__(self, window: QWidget, stage: QWidget) -> None:
        super().__init__(window)
        self._window, self._stage = window, stage
        self.list: CourseList | None = None

    def toggle(self, document: Document, look: Look, bar: QWidget) -> None:
        """Show the list below a bar, with the lesson that is open, or let it go."""
        if self.list:
            self.close()
            return
        listed = [each.lesson for each in lessons().values() if each.lesson]
        self.list = CourseList(self._window, listed, document.lesson.id if document.lesson else "", look)
        self.list.chosen.connect(self.chosen)
        self.list.closed.connect(self.close)
        self.list.open(QRect(bar.mapTo(self._window, bar.rect().topLeft()), bar.size()))

    def close(self) -> None:
        """Let the list go."""
        old, self.list = self.list, None
        if old:
            old.hide()
            old.deleteLater()
            self._stage.setFocus()


def lesson_beside(document: Document, by: int) -> str | None:
    """Return the id of the lesson so many after that of a document; of none, the first; None where there is none."""
    names, lesson = list(lessons()), document.lesson
    at = names.index(lesson.id) + by if lesson and lesson.id in names else 0
    return names[at] if 0 <= at < len(names) else None

"""The way through the course: which lesson comes next, the list of all, and which have been seen."""

from __future__ import annotations

from collections.abc import Generator

from PySide6.QtCore import QObject, QRect, Signal
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from gradsim.sim.documents.document import Document
from gradsim.sim.documents.lessons import chapters, course, lessons
from gradsim.ui.course.course_list import Chapter, CourseList, Listed
from gradsim.ui.course.pictures import CoursePictures
from gradsim.ui.pieces import Pieces
from gradsim.ui.theme import Look
from gradsim.ui.views.catalogue import VIEWS, applying, views_of


class Walk(QObject):
    """Leads through the course over a window."""

    asked = Signal(object, object)
    """A lesson is to be opened: its document, and its file."""
    left = Signal()
    """The list has been closed."""
    start_asked = Signal()
    """The first steps are to be shown."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.pictures = CoursePictures(self)
        self._ahead, self._opening = Pieces(self), Pieces(self)
        self._rested_at: Document | None = None
        self.seen: frozenset[str] = frozenset()
        """The ids of the lessons that have been seen."""
        self.list: CourseList | None = None
        """The list, while it is shown."""

    def show_list(self, document: Document, look: Look, below: QRect) -> None:
        """Show all lessons, that of a document as the present one."""
        self.close_list()
        found = course()
        parts = [Chapter(title(look.language) or look.tr("Lessons"), {name: lessons()[name] for name in names})
                 for title, names in chapters()]  # fmt: skip
        listed = Listed(parts, self.seen, found.problems)
        present = document.lesson.id if document.lesson else ""
        self._opening.begin(self._open_list(listed, present, look, below))
        self.make_pictures(look)

    def _open_list(self, listed: Listed, present: str, look: Look, below: QRect) -> Generator[None, None, None]:
        """Build the list, in pieces, and show it."""
        opened = CourseList(self._window, listed, present, look, self.pictures)
        try:
            yield
            yield from opened.open(below)
            opened.chosen.connect(self.open)
            opened.closed.connect(self.close_list)
            opened.start_asked.connect(self._on_start_asked)
            self.list = opened
        finally:
            if self.list is not opened and isValid(opened):
                opened.deleteLater()

    @property
    def is_open(self) -> bool:
        """Whether the list is shown, or about to be."""
        return self.list is not None or self._opening.are_left

    def settle(self) -> None:
        """Show the list, where it is about to be, here and now."""
        self._opening.finish()

    def make_pictures(self, look: Look) -> None:
        """Have the pictures made that are missing, in the colours and the language of a look."""
        self.pictures.want(lessons(), course().files, look.theme.name, look.language)

    def close_list(self) -> None:
        """Let the list go."""
        self._opening.drop()
        old, self.list = self.list, None
        if old:
            old.hide()
            old.deleteLater()
            self.left.emit()

    def _on_start_asked(self) -> None:
        self.close_list()
        self.start_asked.emit()

    def open(self, name: str) -> None:
        """Open a lesson by its id."""
        self.close_list()
        self.asked.emit(lessons()[name], course().files.get(name))

    def shift(self, document: Document, by: int) -> None:
        """Open the lesson that is so many after that of a document; after none comes the first."""
        name = _neighbour(document, by)
        if name is not None:
            self.open(name)

    def rest(self, document: Document) -> None:
        """Prepare the next lesson's views, once, while nothing moves: it opens sooner then."""
        if document is not self._rested_at:
            self._rested_at = document
            self._ahead.begin(_prepared(_neighbour(document, 1)))

    def stop(self) -> None:
        """Prepare and make nothing more."""
        self._opening.drop()
        self._ahead.drop()
        self.pictures.stop()

    def note(self, document: Document, step: int) -> None:
        """Note which step of a document is shown: a lesson has been seen at the step of its picture."""
        lesson = document.lesson
        if lesson and lesson.id not in self.seen and step >= lesson.step_of("", document.experiment.steps):
            self.seen |= {lesson.id}


def _neighbour(document: Document, by: int) -> str | None:
    """Return the id of the lesson that is so many after that of a document, None beyond the ends."""
    names, lesson = list(lessons()), document.lesson
    at = names.index(lesson.id) + by if lesson and lesson.id in names else 0
    return names[at] if 0 <= at < len(names) else None


def _prepared(name: str | None) -> Generator[None, None, None]:
    """Compute, in pieces, what the views of a lesson keep."""
    if name is not None:
        document = lessons()[name]
        for key in applying(views_of(document, "light"), document.experiment):
            yield
            yield from VIEWS[key].prepare(document.experiment)

"""Boards of lessons and other experiments at a step, in any theme, language and size; each is computed once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property

from PySide6.QtCore import QEvent, QPoint, QRect, Qt
from PySide6.QtWidgets import QLabel, QWidget

from gradsim.sim.documents.document import Document
from gradsim.sim.documents.lessons import load
from gradsim.sim.kinds import kind_of
from gradsim.sim.kinds.race.spec import Race
from gradsim.sim.run.simulation import new_tape, play
from gradsim.sim.run.tape import Tape
from gradsim.ui.app import OFFSCREEN, application
from gradsim.ui.board import Board
from gradsim.ui.export import settle, step_shown
from gradsim.ui.theme import Look
from gradsim.ui.views.catalogue import views_of
from tests.coarse import coarse_studies
from tests.golden.compare import Pixels, pixels
from tests.look.recorder import Drawn, recorded

SIZES = ((1920, 1080), (1024, 768))
_STEPS = 60


@dataclass(frozen=True)
class Scene:
    """What is seen of a document at a step in one look."""

    widget: QWidget
    document: Document
    look: Look

    @cached_property
    def drawn(self) -> Drawn:
        """What it draws."""
        return recorded(self.widget)

    @cached_property
    def pixels(self) -> Pixels:
        """The picture."""
        return pixels(self.widget.grab().toImage())

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the runs."""
        return self.document.experiment.names(self.look.language)

    def large_places(self) -> list[QRect]:
        """Return where titles and the verdict are."""
        return [
            QRect(label.mapTo(self.widget, QPoint()), label.size())
            for label in self.widget.findChildren(QLabel)
            if label.property("role") in ("title", "verdict") and label.isVisibleTo(self.widget)
        ]

    def is_enabled(self, at: QPoint) -> bool:
        """Tell whether the innermost widget at a place can be used, if it is one that is used."""
        return (self.widget.childAt(at) or self.widget).isEnabled()

    def part_at(self, at: QPoint) -> QRect:
        """Return where the innermost widget at a place is."""
        part = self.widget.childAt(at) or self.widget
        return QRect(part.mapTo(self.widget, QPoint()), part.size())


def lowest_capitals(scene: Scene) -> float:
    """Return the height of the lowest capitals."""
    return min(text.capitals for text in scene.drawn.texts)


class Lesson:
    """A document that was run up to the step of its picture, on a board that takes on any look.

    `whole` returns the record of its run to the end, which serves as well where that is there anyway.
    """

    def __init__(self, document: Document, whole: Callable[[], Tape] | None = None) -> None:
        os.environ["QT_QPA_PLATFORM"] = OFFSCREEN
        application()
        self.document = _brief(document)
        self._step = step_shown(self.document, None)
        self._tape = whole() if whole and self.document is document else self._run()
        self._board = Board("light", "en")
        self._board.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)

    def _run(self) -> Tape:
        simulation = kind_of(self.document.experiment).simulations(self.document.experiment)()
        tape = new_tape(simulation)
        for at in play(simulation, tape):
            if at >= self._step:
                break
        return tape

    def scene(self, theme: str, language: str, size: tuple[int, int], views: tuple[str, ...] | None = None) -> Scene:
        """Return what is seen in a look, of its own views or of others; an earlier one is gone then."""
        app, board = application(), self._board
        board.setUpdatesEnabled(False)  # it is painted once, when all is as it is to be
        board.resize(*size)
        board.set_look(theme, language)
        board.show_document(self.document, views or views_of(self.document, theme))
        board.show()
        settle(app)
        board.draw(self._tape, self._step)
        with coarse_studies():
            board.finish_studies()
        board.resize(*size)  # what was shown before may have needed more
        board.setUpdatesEnabled(True)
        settle(app)
        assert (board.width(), board.height()) == size
        content = board._content
        assert content is not None
        assert (content.look.theme.name, content.look.language) == (theme, language)
        return Scene(board, self.document, content.look)

    def close(self) -> None:
        """Let go of the board."""
        self._board.deleteLater()
        application().sendPostedEvents(None, QEvent.Type.DeferredDelete)


def _brief(document: Document) -> Document:
    """Shorten what takes long: the descents from all starts of a map of basins, whose picture is laid out alike."""
    race = document.experiment
    if not isinstance(race, Race) or "basins" not in views_of(document, "light"):
        return document
    return replace(document, experiment=replace(race, steps=_STEPS))


@contextmanager
def lesson_of(what: str | Document, whole: Callable[[], Tape] | None = None) -> Iterator[Lesson]:
    """Give a lesson by its name, or any other document, and close it."""
    lesson = Lesson(load(what) if isinstance(what, str) else what, whole)
    try:
        yield lesson
    finally:
        lesson.close()

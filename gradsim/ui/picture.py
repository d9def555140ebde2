"""A picture of a board out of sight: how it is to look, and a board laid out for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QApplication, QWidget

from gradsim.sim.documents.document import Document
from gradsim.sim.documents.picture_text import WithTable
from gradsim.ui.board import Board, Runs
from gradsim.ui.identities import slots_of
from gradsim.ui.theme import Look
from gradsim.ui.views.catalogue import views_of
from gradsim.ui.views.common.options import ViewOptions
from gradsim.words.languages import ENGLISH

MOST_PIXELS = 100 * 10**6


@dataclass(frozen=True)
class Picture:
    """How a picture is to look: layout size in points, pixels per point, one view or all, options as typed."""

    theme: str = "light"
    language: str = ENGLISH
    size: tuple[int, int] = (1920, 1080)
    scale: float = 1.0
    view: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    foot: bool = True
    """Whether question and verdict are in it."""
    has_ground: bool = True
    """Whether it has a ground, rather than be transparent."""
    caption: bool = False
    """Whether a caption is below it, within its size."""
    with_table: WithTable = "auto"
    """Whether its file carries the table that the experiment is about."""
    views: tuple[str, ...] = ()
    """Several views, where a window has chosen them."""
    of_views: Mapping[str, ViewOptions] = field(default_factory=dict)
    """The options of each view, where a window has chosen them."""
    states: Mapping[str, str] = field(default_factory=dict)
    """How a viewer has the views shown in a window, as :func:`states_as_text` has it."""
    sight: str = ""
    """As what it is seen: a key of SIGHTS, "" for as it is."""

    def views_of(self, document: Document) -> tuple[str, ...]:
        """Return the views that it shows of a document."""
        if self.views:
            return self.views
        return (self.view,) if self.view else views_of(document, self.theme)


@contextmanager
def laid_out(board: Board, document: Document, tape: Runs, step: int, picture: Picture) -> Iterator[None]:
    """Have a board, and what is around it, show a step, whole and in its size, out of sight; then it is gone."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    whole = around(board, document, tape.until(step).step, picture)
    try:
        for settles in laying_out(whole, board, tape, step, picture):
            if settles:
                settle(app)
        yield
    finally:
        remove(whole)


def laying_out(whole: QWidget, board: Board, tape: Runs, step: int, picture: Picture) -> Iterator[bool]:
    """Have a board show a step, and what is around it, out of sight; a piece whenever the next is asked for.

    Yields whether events are to be sent before the next, after which layouts have settled.
    """
    whole.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    whole.show()
    board.show_foot(picture.foot)
    yield True
    for view in board.views:
        view.setUpdatesEnabled(False)
    board.draw(tape, step)
    for _ in range(2):  # once more, as what was found may change the layout, and the map is of another shape then
        for _ in board.finishing_studies():
            yield False
        yield True
    for view in board.views:  # each in a turn of its own: together their paints are long
        view.setUpdatesEnabled(True)
        yield True


def remove(whole: QWidget) -> None:
    """Delete a board with what is around it: connections between its parts keep it alive, so it does not go."""
    whole.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def around(board: Board, document: Document, step: int, picture: Picture) -> QWidget:
    """Return the board in its size, with the caption if there is to be one."""
    board.has_ground = picture.has_ground
    size = QSize(*picture.size)
    if picture.caption:
        from gradsim.ui.caption import Captioned  # which needs the panel, that is long to import

        look = Look.fit(picture.theme, picture.language, board.type_for or size, slots_of(document.experiment))
        return Captioned(board, size, look if picture.has_ground else look.see_through(), document, step)
    board.resize(size)
    return board


def settle(app: QApplication) -> None:
    """Let layouts and deferred paints happen."""
    for _ in range(4):
        app.sendPostedEvents()
        app.processEvents()

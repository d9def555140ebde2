"""The handout: all lessons as pictures with an index, and as one PDF with a page for each."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QPainter

from gradsim.interrupts import interrupts_end_at_once
from gradsim.runtime import log
from gradsim.schema.errors import FileError
from gradsim.sim.documents.document import Document, question
from gradsim.sim.documents.files import check_target, make_folder, write_bytes
from gradsim.sim.documents.lessons import lessons
from gradsim.sim.documents.points import live_text
from gradsim.ui.app import application
from gradsim.ui.board import Board
from gradsim.ui.export import Picture, check_picture, parsed_options, prepared, settle, step_shown
from gradsim.ui.handout_page import Page, new_pdf, page_look
from gradsim.ui.writers import PNG, Painting, save
from gradsim.ui.writers.pdf import with_spaces
from gradsim.words.languages import translate

PDF, INDEX = ".pdf", "index.md"
HANDOUT = f"handout{PDF}"


def export_all(
    out: Path, step: int | None, picture: Picture, with_notes: bool, tell: Callable[[int, int], object]
) -> bool:
    """Write all lessons, as pages of a PDF, or into a folder with their pictures and an index.

    What is wrong with one lesson is said in one line on stderr, and the others are written.

    Parameters
    ----------
    out
        The PDF, or the folder.
    step
        The step of all pictures; None for each lesson's own.
    picture
        How pictures are to look.
    with_notes
        Whether the lecturer's notes are on the pages.
    tell
        Is told how many lessons are done, and of how many.

    Returns
    -------
    bool
        Whether all of them are written.

    Raises
    ------
    FileError
        If nothing can be written there.
    """
    alone = out.suffix == PDF
    if alone:
        check_target(out, [PDF])
    else:
        make_folder(out)
    pdf, index = _Pdf(with_notes), [f"# {translate('Lessons', picture.language)}\n"]
    tell(0, len(lessons()))
    for done, (name, document) in enumerate(lessons().items(), start=1):
        with _told(name):
            target = None if alone else out / f"{name}{PNG}"
            index.append(_add_lesson(document, step, picture, pdf, target))
        tell(done, len(lessons()))
    content = pdf.finished()
    if content:
        write_bytes(out if alone else out / HANDOUT, content)
        if not alone:
            write_bytes(out / INDEX, "\n".join(index).encode())
    return pdf.pages == len(lessons())


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Say in one line what is wrong with a lesson, and go on."""
    try:
        yield
    except FileError as error:
        print(f"gradsim: {name}: {error}", file=sys.stderr)
    except Exception as error:
        file = log.write_error(f"export --all: {name}", error)
        more = f"; more about it is in {file}" if file else ""
        print(f"gradsim: {name}: {type(error).__name__}: {error}{more}", file=sys.stderr)


def _add_lesson(document: Document, step: int | None, picture: Picture, pdf: _Pdf, target: Path | None) -> str:
    """Add a lesson's page, and write its picture where there is to be one; return what the index says of it."""
    check_picture(document, picture)
    options = parsed_options(document, picture)
    with interrupts_end_at_once(), prepared(document, step_shown(document, step), picture, options) as (board, at):
        text = _text(document, board, picture.language, target)
        painting = Painting(board, picture.scale, document, at)
        if target is not None:
            assert not painting.image.isNull()  # painted now, with question and verdict in it
        pdf.add(document, board, picture)
    if target is not None:
        save(target, painting)
    return text


def _text(document: Document, board: Board, language: str, target: Path | None) -> str:
    """Return what the index says of a lesson, in Markdown."""
    lesson, past = document.lesson, board.past
    assert lesson is not None
    formulas = [live_text(document, past, each, language) for each in (lesson.formula, lesson.live_formula) if each]
    parts = [
        f"## {lesson.number} · {lesson.title(language)}",
        question(document, language, board.shown),
        f"![{lesson.title(language)}]({target.name})" if target else "",
        f"**{board.foot.text}**" if board.foot and board.foot.text else "",
        *(f"$$ {formula} $$" for formula in formulas),
        live_text(document, past, lesson.why(language), language) if lesson.why else "",
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


class _Pdf:
    """The pages so far."""

    def __init__(self, with_notes: bool) -> None:
        self._with_notes = with_notes
        self._content = QByteArray()
        self._buffer = QBuffer(self._content)
        self._painter: QPainter | None = None
        self.pages = 0
        """How many there are."""

    def add(self, document: Document, board: Board, picture: Picture) -> None:
        """Add a page; the board is left without its foot, which the page has in its own type."""
        look = page_look(picture.theme, picture.language, document)
        page = Page(document, board.past, board, look, self._with_notes)
        board.show_foot(False)
        settle(application())
        painter = self._next_page(look.tr("Lessons"), board.width())
        page.draw(painter)
        self.pages += 1

    def _next_page(self, title: str, picture_width: int) -> QPainter:
        if self._painter is None:
            self._buffer.open(QIODevice.OpenModeFlag.WriteOnly)
            self._writer = new_pdf(self._buffer, f"gradsim: {title}", picture_width)
            self._painter = QPainter(self._writer)
        else:
            self._writer.newPage()
        return self._painter

    def finished(self) -> bytes:
        """Return the file; b"" where there is no page."""
        if self._painter is not None:
            self._painter.end()
        return with_spaces(bytes(self._content.data()))

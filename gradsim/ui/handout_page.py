"""A page of the handout: a lesson's question, picture, verdict and reason, as lines and letters in a PDF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QMarginsF, QPoint, QSize
from PySide6.QtGui import QColor, QPageLayout, QPageSize, QPainter, QPdfWriter
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from gradsim.sim.documents.document import Document, question, sentence
from gradsim.sim.run.tape import Past
from gradsim.ui.board import Board
from gradsim.ui.identities import slots_of
from gradsim.ui.notes.lecturer import parts_of
from gradsim.ui.notes.why import Why
from gradsim.ui.notes.words import Line, SpansLabel
from gradsim.ui.theme import Look, Metrics, style_sheet
from gradsim.ui.themes import THEMES
from gradsim.ui.writers.writer import paint
from gradsim.words.sentences import Span

WIDTH, HEIGHT, EDGE = 1240, 1754, 88
"""A4 and its margin, in pixels of 150 to an inch."""
PICTURE_WIDTH, PAGE_DPI = WIDTH - 2 * EDGE, 150
TYPE_FOR = QSize(2200, 1250)
"""Type is as large as in a window of this size."""


def new_pdf(device: object, title: str, picture_width: int) -> QPdfWriter:
    """Return a writer of A4 pages in whose units pictures are so wide: their lines are as thick as they are to be."""
    writer: QPdfWriter = QPdfWriter(device)  # type: ignore[call-overload]
    writer.setResolution(round(PAGE_DPI * picture_width / PICTURE_WIDTH))
    writer.setPageLayout(
        QPageLayout(QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait, QMarginsF())
    )
    writer.setTitle(title)
    writer.setCreator("gradsim")
    return writer


class Page(QWidget):
    """What is said of one lesson, with room for its picture.

    Parameters
    ----------
    document
        The lesson.
    past
        Its runs up to the step of the picture.
    board
        Its picture.
    look
        The look of the picture.
    with_notes
        Whether the lecturer's notes are on it.
    """

    def __init__(self, document: Document, past: Past, board: Board, look: Look, with_notes: bool) -> None:
        super().__init__()
        assert document.lesson is not None
        self._board, self._look, lesson, language = board, look, document.lesson, look.language
        em = look.metrics.body
        self.setObjectName("page")
        self.setStyleSheet(f"{style_sheet(look)} #page {{ background: {look.theme.card}; }}")
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(EDGE, EDGE, EDGE, EDGE)
        column.setSpacing(round(0.6 * em))
        self._add(lesson.chapter(language), em, colour=look.theme.muted)
        self._add(f"{lesson.number}  {lesson.title(language)}", round(1.8 * em), bold=True)
        self._add(lesson.subtitle(language), em, colour=look.theme.muted)
        self._add(question(document, language, board.shown), round(1.3 * em))
        self._picture = QWidget()
        self._picture.setFixedSize(PICTURE_WIDTH, round(PICTURE_WIDTH * board.height() / board.width()))
        column.addWidget(self._picture)
        self._add_small(look.tr("step {n}").format(n=f"{past.step:,}"))
        self._add_spans(sentence(document, past, language, board.shown), round(1.4 * em), bold=True)
        why = Why(lesson, look)
        if lesson.why or why.has_formula:
            self._add_heading(look.tr("Why"))
            for part in (why.formula, why.live, why.paragraph):
                part.resize(PICTURE_WIDTH, 1)  # they keep the heights that they need at their widths
            why.show_past(document, past, look, board.found)
            column.addWidget(why)
        for heading, text in parts_of(lesson, look) if with_notes else []:
            self._add_heading(heading)
            self._add(text, em)
        column.addStretch(1)
        for source in lesson.sources:
            self._add_small(source)
        self.ensurePolished()
        self.resize(WIDTH, max(HEIGHT, column.totalHeightForWidth(WIDTH)))
        column.activate()

    def _add(self, text: str, px: int, colour: str = "", bold: bool = False) -> None:
        if text:
            self._add_spans([Span(text)], px, colour, bold)

    def _add_spans(self, spans: Sequence[Span], px: int, colour: str = "", bold: bool = False) -> None:
        label = SpansLabel(self._look, px, colour, bold)
        label.show_spans(spans, self._look)
        self._column.addWidget(label)

    def _add_small(self, text: str) -> None:
        self._add(text, round(0.85 * self._look.metrics.body), self._look.theme.muted)

    def _add_heading(self, text: str) -> None:
        self._column.addSpacing(self._look.metrics.body // 2)
        self._column.addWidget(Line(self._look))
        heading = QLabel(text)
        heading.setProperty("role", "heading")
        self._column.addWidget(heading)

    def draw(self, painter: QPainter) -> None:
        """Draw it on a page; what is longer than a page is drawn smaller."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.LosslessImageRendering)  # no JPEG of a map's ground
        painter.fillRect(painter.viewport(), QColor(self._look.theme.card))
        unit = painter.viewport().width() / WIDTH
        painter.scale(unit, unit)
        shrunk = min(1.0, HEIGHT / self.height())
        painter.translate((1 - shrunk) * WIDTH / 2, 0)
        painter.scale(shrunk, shrunk)
        paint(self, painter)
        painter.translate(self._picture.mapTo(self, QPoint()))
        scale = self._picture.width() / self._board.width()
        painter.scale(scale, scale)
        paint(self._board, painter)
        painter.restore()


def page_look(theme: str, language: str, document: Document) -> Look:
    """Return the look of a page: the colours of a theme, and type as large as paper wants it in all of them."""
    look = Look.fit(theme, language, TYPE_FOR, slots_of(document.experiment))
    return replace(look, metrics=Metrics.fit(THEMES["light"], TYPE_FOR, language))

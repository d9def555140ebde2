"""The foot of the board: the question in small, the verdict in large, and what its figures are."""

from __future__ import annotations

import re
from math import ceil

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from gradsim.sim.documents.document import Document, Shown, basis, question, sentence, to_come
from gradsim.sim.run.tape import Past
from gradsim.ui.exponents import full_size, rich_text
from gradsim.ui.label import ElidedLabel, LabelPlace, Paragraph, tip
from gradsim.ui.line_breaks import laid_out, lines_of, narrowed
from gradsim.ui.notes.room import link_colour
from gradsim.ui.rich_label import RichLabel
from gradsim.ui.theme import Look, font
from gradsim.words.sentences import BRIEFEST, NO_BREAK, Span, plain_text, unbroken

MOST_LINES = 2
"""The verdict never takes more lines: what does not fit is told more briefly."""

_SMALLER = (1.0, 0.85, 0.7, 0.55)
"""Sizes of the verdict's type: the smaller ones for names so long that not even the briefest sentence fits."""

_DIGIT = re.compile(r"\d")


class Foot(QWidget):
    """The question, the verdict on the step shown, and in the corner the step and what the figures are.

    Parameters
    ----------
    look
        Colours, sizes, language.
    """

    predict_asked = Signal()
    """The class is to be asked first."""
    lesson_asked = Signal()
    """The lesson is to be opened as it was: its experiment has been changed."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.setObjectName("foot")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._look = look
        m = look.metrics
        layout = QVBoxLayout(self)
        layout.setContentsMargins(round(1.4 * m.gap), round(0.6 * m.gap), round(1.4 * m.gap), round(0.7 * m.gap))
        layout.setSpacing(round(0.2 * m.gap))
        self._question = Paragraph(most_lines=2)
        self._question.setProperty("role", "muted")
        self._changed = QLabel(look.tr("changed by hand"))
        self._changed.setProperty("role", "muted")
        self._back = _link(look, look.tr("Back to the lesson"))
        self._back.clicked.connect(self.lesson_asked)
        self._predict = _link(look, look.tr("Predict first"))
        self._predict.setToolTip(tip(f"{look.tr('Hide the pictures and ask the class first')} (G)"))
        self._predict.clicked.connect(self.predict_asked)
        self._changed.setToolTip(tip(look.tr("The experiment is no longer the one that the lesson is about.")))
        self._back.setToolTip(tip(look.tr("Open the lesson as it was; undo takes that back.")))
        self._corner = ElidedLabel()
        self._corner.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self._corner.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._corner.setContentsMargins(0, 0, 2, 0)  # letters stand out of their widths
        self._corner.setProperty("role", "muted")
        self._corner.setToolTip(tip(look.tr("The step that is shown, and what the figures are taken over.")))
        row = self._row = QHBoxLayout()
        row.setSpacing(m.gap)
        row.addWidget(self._question, stretch=1)
        for widget in (self._predict, self._changed, self._back, self._corner):
            row.addWidget(widget)
        for widget in (self._predict, self._changed, self._back):
            widget.hide()  # until it is known that it is so
        layout.addLayout(row)
        self._verdict = RichLabel()
        self._verdict.setProperty("role", "verdict")
        self._verdict.setToolTip(tip(look.tr("Measured at the step shown; each run's figures are in its colour.")))
        self._verdict.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._place = LabelPlace(self._verdict)
        self._place.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        layout.addWidget(self._place)
        self._lines, self._scale, self._text = 1, 1.0, ""
        self._line_px = self._highest(look.tr("layer {n}"), 10**6)
        self._asked: tuple[Document, Past, Shown] | None = None
        self._reserve()

    def needed_height(self, width: int) -> int:
        """Return how high it is at a width."""
        return self.heightForWidth(width) if self.hasHeightForWidth() else self.sizeHint().height()

    @property
    def lines(self) -> int:
        """How many lines there is room for, so that nothing above moves: those taken so far, or with the answer."""
        return self._lines

    @property
    def text(self) -> str:
        """The verdict without its colours, as it is shown."""
        return self._text.replace(NO_BREAK, " ")

    @property
    def corner(self) -> str:
        """What stands in the corner: the step, and what the figures are."""
        return self._corner.text()

    def offer_prediction(self, offered: bool) -> None:
        """Show beside the question a button that asks the class first, or none."""
        self._predict.setVisible(offered)

    def count(self, document: Document, step: int, shown: Shown) -> None:
        """Show which step the pictures are of, and what is asked about it."""
        look = self._look
        self._question.setText(question(document, look.language, shown))
        self._question.setToolTip(tip(self._question.text()))
        is_changed = document.lesson is not None and not document.is_as_in_the_lesson
        for widget in (self._changed, self._back):
            widget.setVisible(is_changed)
        at = look.tr("step {n}").format(n=f"{step:,}")
        what = basis(document, look.language, shown)
        whole = look.tr("{step}, {basis}").format(step=at, basis=what)
        self._show_corner(whole if what and self._has_room(whole) else at)

    def _show_corner(self, text: str) -> None:
        """Show a text in the corner, which is as wide for other digits: in motion nothing is laid out anew."""
        width = self._corner.fontMetrics().horizontalAdvance(_DIGIT.sub("8", text)) + 4
        if width != self._corner.maximumWidth():
            self._corner.setFixedWidth(width)
            self._row.activate()
        self._corner.setText(text)

    def _has_room(self, corner: str) -> bool:
        """Tell whether the question can be read beside this text in the corner."""
        width = self._corner.fontMetrics().horizontalAdvance
        links = (self._predict, self._changed, self._back)
        beside = sum(widget.sizeHint().width() for widget in links if not widget.isHidden())
        return width(self._question.text()) + width(corner) + beside < self.width() - 5 * self._look.metrics.gap

    def show_verdict(self, document: Document, past: Past, shown: Shown) -> None:
        """Show the verdict in at most MOST_LINES lines: as fully as they let, each run's figures in its colour."""
        self._asked = document, past, shown
        width = max(self._place.width(), self.width() - round(2.8 * self._look.metrics.gap)) - 2
        spans, lines, scale = self._fitting(document, past, shown, width)
        if scale != self._scale:
            self._scale = scale
            self._verdict.setStyleSheet(f"font-size: {self._px(scale)}px")
        self._text = plain_text(spans)
        narrower = narrowed(full_size(self._look, self._text), self._font(scale), width)
        self._verdict.setContentsMargins(0, 0, width - narrower, 0)
        self._verdict.setText("".join(self._html(span) for span in spans))
        lines = max(lines, self._lines_to_come(document, shown, width))
        line_px = self._highest(self._text, width)
        if (lines > self._lines or line_px > self._line_px) and width > 100:
            self._lines, self._line_px = max(lines, self._lines), max(line_px, self._line_px)
            self._reserve()
        if full_size(self._look, self._text) != self._text:  # raised exponents make lines higher
            self._place.setFixedHeight(max(self._place.height(), self._verdict.heightForWidth(width)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._asked and event.oldSize().width() != self.width():
            document, past, shown = self._asked
            self.count(document, past.step, shown)
            self.show_verdict(document, past, shown)

    def _fitting(self, document: Document, past: Past, shown: Shown, width: int) -> tuple[list[Span], int, float]:
        """Return the fullest sentence that fits, its lines and the size of its type."""
        spans: list[Span] = []
        for brevity in range(BRIEFEST + 1):
            spans = unbroken(sentence(document, past, self._look.language, shown, brevity))
            lines = lines_of(full_size(self._look, plain_text(spans)), self._font(1.0), width)
            if lines <= MOST_LINES:
                return spans, lines, 1.0
        for scale in _SMALLER[1:]:
            if lines_of(full_size(self._look, plain_text(spans)), self._font(scale), width) <= MOST_LINES:
                return spans, MOST_LINES, scale
        return spans, MOST_LINES, _SMALLER[-1]

    def _lines_to_come(self, document: Document, shown: Shown, width: int) -> int:
        """Return how many lines the verdict takes once its answer has come: there is room for them from the start."""
        if self._lines == MOST_LINES:
            return MOST_LINES
        whole = unbroken([Span(to_come(document, self._look.language, shown, self.text))])
        return min(MOST_LINES, lines_of(full_size(self._look, plain_text(whole)), self._font(1.0), width))

    def _px(self, scale: float) -> int:
        return round(scale * self._look.metrics.verdict)

    def _font(self, scale: float) -> QFont:
        return font(self._px(scale), QFont.Weight.Bold)

    def _html(self, span: Span) -> str:
        text = rich_text(self._look, span.text, self._px(self._scale))
        return text if span.run is None else f'<span style="color:{self._look.text_colour(span.run)}">{text}</span>'

    def _reserve(self) -> None:
        """Make room for the lines used so far."""
        self._place.setFixedHeight(ceil(self._line_px * self._lines))

    def _highest(self, text: str, width: int) -> float:
        """Return the height of the highest line of a text: those with Chinese in them are higher than others."""
        return max(height for _, height in laid_out(text, self._font(1.0), width))


def _link(look: Look, text: str) -> QPushButton:
    link = QPushButton(text)
    link.setProperty("role", "link")
    link.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    link.setCursor(Qt.CursorShape.PointingHandCursor)
    link.setStyleSheet(f"color: {link_colour(look)}; text-decoration: underline")
    return link

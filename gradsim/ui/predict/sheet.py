"""The sheet that lies over the pictures while a class predicts: question, answers, and after the reveal the gap."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from gradsim.sim.documents.document import Document
from gradsim.sim.votes.guess import Guess
from gradsim.sim.votes.vote import Vote
from gradsim.ui.identities import slots_of
from gradsim.ui.label import Paragraph, tip
from gradsim.ui.notes.words import Line, SpansLabel
from gradsim.ui.predict.kinds import question_for
from gradsim.ui.theme import Look, style_sheet
from gradsim.words.sentences import Span

MOST_LINES = 3
"""Of the question: a longer one is told whole by its tooltip."""
_RETURN = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


def large(look: Look, size: QSize) -> Look:
    """Return a look with the letters of a projector, whatever the theme: a room is to read it."""
    return replace(look, metrics=Look.fit("projector", look.language, size).metrics)


class Sheet(QWidget):
    """Asks, and reveals.

    Parameters
    ----------
    parent
        What holds it and what it lies over.
    size
        Of the window, by which its letters go.
    document
        Whose lesson asks.
    look
        Colours, sizes, language of the window.
    guess
        What has been guessed so far.
    """

    reveal_asked = Signal()
    """The run is to be compared with the guess."""
    again_asked = Signal()
    """The room is to vote again."""
    left = Signal()
    """The pictures are to be shown."""

    def __init__(self, parent: QWidget | None, size: QSize, document: Document, look: Look, guess: Guess) -> None:
        super().__init__(parent)
        self.setObjectName("sheet")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.look = replace(large(look, size), slots=slots_of(document.experiment))
        m = self.look.metrics
        self.setStyleSheet(f"{style_sheet(self.look)} #sheet {{ background: {look.theme.card}; }}")
        self._revealed = False
        column = QVBoxLayout(self)
        column.setContentsMargins(m.body, round(0.7 * m.body), m.body, round(0.5 * m.body))
        column.setSpacing(m.body // 3)
        self.question = question_for(document, self.look, guess)
        heading = Paragraph(self.question.asked.question(look.language), MOST_LINES)
        heading.setStyleSheet(f"font-size: {m.title}px; font-weight: 700")
        heading.setToolTip(tip(heading.text()))
        column.addWidget(heading)
        column.addWidget(self.question, stretch=1)
        column.addWidget(Line(self.look))
        self._said = SpansLabel(self.look, m.body)
        self._verdict = SpansLabel(self.look, m.verdict, bold=True)
        self._verdict.hide()
        column.addWidget(self._verdict)
        column.addWidget(self._said)
        row = QHBoxLayout()
        row.setSpacing(m.body // 2)
        row.addStretch(1)
        self._tally = self._button(row, "")
        self._again = self._button(row, look.tr("Vote again (V)"))
        self._go = self._button(row, "")
        self._leave = self._button(row, look.tr("Not now (Esc)"))
        # No white letters on a colour: a bright room washes them out.
        self._go.setStyleSheet(f"font-weight: 700; border: {m.body // 10}px solid {look.theme.accent}")
        column.addLayout(row)
        self._tally.clicked.connect(self.question.toggle_tally)
        self._again.clicked.connect(self.again_asked)
        self._go.clicked.connect(self._on_go)
        self._leave.clicked.connect(self.left)
        self.question.changed.connect(self._refresh)
        self.question.refused.connect(self.refuse)
        self.setFocusProxy(self.question)
        self._refresh()
        self.show_hint()

    def _button(self, row: QHBoxLayout, text: str) -> QPushButton:
        button = QPushButton(text)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # each has a key; the question keeps the focus
        row.addWidget(button)
        return button

    @property
    def said(self) -> str:
        """What is said below the answers in small."""
        return self._said.shown

    @property
    def verdict(self) -> str:
        """How far the guess was, "" before the reveal."""
        return self._verdict.shown if self._revealed else ""

    @property
    def is_revealed(self) -> bool:
        """Whether what is right is shown."""
        return self._revealed

    def _refresh(self) -> None:
        tr, question = self.look.tr, self.question
        self._tally.setVisible(question.has_tally and not self._revealed)
        self._tally.setText(tr("Hide the tally (T)") if question.tally_shown else tr("Show the tally (T)"))
        self._again.setVisible(self._revealed)
        self._leave.setVisible(not self._revealed)
        self._go.setText(tr("Show the pictures (Enter)") if self._revealed else tr("Reveal (Enter)"))

    def show_hint(self) -> None:
        """Say how it is answered."""
        self._said.set_colour(self.look.theme.muted)
        self._said.show_text(self.question.hint)

    def show_waiting(self, step: int) -> None:
        """Say that the run is on its way to the step of the reveal."""
        self._said.set_colour(self.look.theme.muted)
        self._said.show_text(self.look.tr("Running to step {n} …").format(n=f"{step:,}"))

    def refuse(self, problem: str) -> None:
        """Say why something is not done; "" says how it is answered."""
        if not problem:
            self.show_hint()
            return
        self._said.set_colour(self.look.theme.alarm)
        self._said.show_spans([Span(problem)], self.look)

    def show_vote(self, vote: Vote) -> None:
        """Reveal: show what is right, and how far the guess was."""
        self._revealed = True
        self.question.reveal(vote)
        self._verdict.show_spans(vote.spans[self.look.language], self.look)
        self._verdict.show()
        self._refresh()
        usual = self.question.asked.usual(self.look.language)
        self._said.show_text(self.look.tr("Usual wrong answer: {text}").format(text=usual))
        self._said.set_colour(self.look.theme.ink)
        self._said.setVisible(bool(usual))

    def _on_go(self) -> None:
        (self.left if self._revealed else self.reveal_asked).emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _RETURN:
            self._on_go()
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        elif key == Qt.Key.Key_V and self._revealed:
            self.again_asked.emit()
        else:
            super().keyPressEvent(event)

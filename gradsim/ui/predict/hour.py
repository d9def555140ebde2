"""The predictions of this hour: what each lesson asked, what the room said, and what was right."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QScrollArea, QVBoxLayout, QWidget

from gradsim.sim.votes.vote import Vote
from gradsim.ui.notes.room import good_colour
from gradsim.ui.notes.words import Line, SpansLabel
from gradsim.ui.predict.sheet import large
from gradsim.ui.theme import Look, style_sheet

_SHARE = 0.8
"""How much of the window it takes."""


class HourList(QDialog):
    """Lists votes over a window, in letters for the room.

    Parameters
    ----------
    window
        Over which it lies.
    votes
        In the order in which they were taken.
    look
        Colours, sizes, language of the window.
    save
        Asks for a file and writes them there.
    """

    def __init__(self, window: QWidget, votes: Sequence[Vote], look: Look, save: Callable[[], object]) -> None:
        super().__init__(window)
        self.look = look = large(look, window.size() * _SHARE)
        self.setWindowTitle(look.tr("Predictions of this hour"))
        self.setStyleSheet(style_sheet(look))
        em = look.metrics.body
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(em, em // 2, em, em // 2)
        column.setSpacing(em // 4)
        for i, vote in enumerate(votes):
            if i:
                column.addWidget(Line(look))
            _add_vote(column, vote, look)
        if not votes:
            _add(column, look.tr("Nothing has been predicted yet."), SpansLabel(look, em))
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setWidget(body)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.button(QDialogButtonBox.StandardButton.Close).setText(look.tr("Close"))
        buttons.rejected.connect(self.reject)
        if votes:
            saves = buttons.addButton(look.tr("Save as JSON"), QDialogButtonBox.ButtonRole.ActionRole)
            saves.clicked.connect(save)
        outer = QVBoxLayout(self)
        outer.addWidget(scroll)
        outer.addWidget(buttons)
        self.resize(window.size() * _SHARE)


def _add_vote(column: QVBoxLayout, vote: Vote, look: Look) -> None:
    em, asked, language = look.metrics.body, vote.lesson.predict, look.language
    assert asked is not None
    _add(column, f"{vote.lesson.number} · {vote.lesson.title(language)}", SpansLabel(look, em, look.theme.muted))
    _add(column, asked.question(language), SpansLabel(look, em, bold=True))
    for line in vote.lines(language):
        _add(column, line, SpansLabel(look, em, good_colour(look) if line.startswith("✓") else ""))
    _add(column, vote.sentence(language), SpansLabel(look, em, bold=True))


def _add(column: QVBoxLayout, text: str, label: SpansLabel) -> None:
    label.show_text(text)
    column.addWidget(label)

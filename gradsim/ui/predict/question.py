"""What a class answers: one widget for each way to ask."""

from __future__ import annotations

import re
from math import isfinite
from typing import ClassVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from gradsim.sim.documents.document import Document
from gradsim.sim.votes.guess import asked_of
from gradsim.sim.votes.vote import Vote
from gradsim.ui.theme import Look

_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(\D|$))")
_MINUS = {"−": "-", "，": ",", "．": ".", "：": ":"}


class Question(QWidget):
    """Takes a guess, and shows how far it is from what was measured.

    Parameters
    ----------
    document
        Whose lesson asks.
    look
        Colours, sizes, language.
    """

    changed = Signal()
    """The guess has changed."""
    refused = Signal(str)
    """Why what was typed is not taken; "" once something else is."""

    own_keys: ClassVar[frozenset[Qt.Key]] = frozenset()
    """Keys that it takes for itself while it has the focus."""

    def __init__(self, document: Document, look: Look) -> None:
        super().__init__()
        self.document, self.look, self.asked = document, look, asked_of(document)
        self.vote: Vote | None = None
        """The guess as it was revealed."""
        self.tally_shown = False
        """Whether what was guessed is shown before the reveal, where that is hidden else."""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.asked.question(look.language))

    @property
    def hint(self) -> str:
        """How it is answered, in one line."""
        raise NotImplementedError

    @property
    def has_tally(self) -> bool:
        """Whether what was guessed can be hidden while it is collected."""
        return False

    def count(self, answer: int, back: bool = False) -> None:
        """Count a hand for an answer where there are answers, or take one back."""

    def toggle_tally(self) -> None:
        """Show or hide what was guessed so far."""

    def reveal(self, vote: Vote) -> None:
        """Show what was right."""
        self.vote = vote
        self.show_right(vote)

    def show_right(self, vote: Vote) -> None:
        """Draw what was right, and the gap to it."""
        raise NotImplementedError


class Field(QLineEdit):
    """A field for a number: Return takes what was typed, Escape leaves it, and neither goes on to the window."""

    left = Signal()
    """It is not typed in any more."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape:
            self.clear()
            self.left.emit()
        else:
            super().keyPressEvent(event)
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape):
            event.accept()


def number_in(text: str) -> float | None:
    """Return the number that a text is, None if it is none: 8, 2.5, 33,000, 1e4, 85 %, 8 : 1."""
    plain = "".join(_MINUS.get(character, character) for character in text)
    plain = _THOUSANDS.sub("", plain).replace(" ", "")
    share = plain.endswith("%")
    one, colon, other = plain.removesuffix("%").partition(":")
    try:
        value = float(one) / (float(other) if colon else 1.0) / (100.0 if share else 1.0)
    except (ValueError, ZeroDivisionError):
        return None
    return value if isfinite(value) else None

"""The one sentence on top of a view: what its picture says, with its figures in the colours of their runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from math import inf

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QSizePolicy, QVBoxLayout

from gradsim.ui.exponents import full_size, rich_text
from gradsim.ui.label import LabelPlace
from gradsim.ui.line_breaks import narrowed
from gradsim.ui.rich_label import RichLabel
from gradsim.ui.theme import Look
from gradsim.ui.turns import STAYS_S
from gradsim.words.sentences import NO_BREAK, Span, plain_text, unbroken

Telling = Callable[[int], Sequence[Span]]
"""Returns the sentence at a brevity: 0 in full, then ever shorter."""

_LINES, _TALLEST = 2, 2.5
"""How many lines a sentence may have, alone and with some room between them."""
_COUNTED_ON = 0.97
"""The share of the width that is counted on: exponents are wider than what is measured."""


class Sentence(LabelPlace):
    """A sentence in the type of titles, in two lines at most; once it had two it keeps their height.

    Parameters
    ----------
    look
        Colours and sizes.
    """

    def __init__(self, look: Look) -> None:
        self._label = RichLabel()
        self._label.setProperty("role", "title")
        super().__init__(self._label)
        self.look = look
        """Whose colours the runs have."""
        self.told = ""
        """What is shown, as plain text."""
        self._telling: Telling | None = None
        self._told_at = -inf
        self._brevities = 0
        self._shown = "", 0
        """The text, with its colours, and the width that its lines are broken for."""
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def tell(self, telling: Telling, brevities: int, in_motion: bool = False) -> None:
        """Show as much of a sentence as has room; there is it in so many lengths.

        In motion one stays as long as it takes to read a number, and the others are left out.
        """
        self._telling, self._brevities = telling, brevities
        now = time.perf_counter()
        if not in_motion or now - self._told_at >= STAYS_S:
            self._told_at = now
            self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.setMinimumHeight(0)
            self._fit()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._label.heightForWidth(width + self._label.contentsMargins().right())

    def sizeHint(self) -> QSize:
        return self._label.sizeHint()

    def minimumSizeHint(self) -> QSize:
        return self._label.minimumSizeHint()

    def _fit(self) -> None:
        if self._telling is None:
            return
        self._label.ensurePolished()
        spans: Sequence[Span] = ()
        for brevity in range(self._brevities):
            spans = unbroken(self._telling(brevity))
            if self._has_room(plain_text(spans)):
                break
        self.told = plain_text(spans).replace(NO_BREAK, " ")
        shown = "".join(map(self._piece, spans)), self.width()
        if self._shown != shown:
            self._shown = shown
            narrower = narrowed(full_size(self.look, plain_text(spans)), self._label.font(), self.width() - 2)
            self._label.setContentsMargins(0, 0, max(0, self.width() - 2 - narrower), 0)
            self._label.setText(shown[0])
            self.setMinimumHeight(max(self.minimumHeight(), self._label.heightForWidth(self.width())))

    def _has_room(self, text: str) -> bool:
        metrics, width = self._label.fontMetrics(), round(_COUNTED_ON * self.width())
        whole = metrics.horizontalAdvance(text)
        if whole <= width or whole > _LINES * width + metrics.height():
            return whole <= width  # to break it into lines takes ten times as long as to measure it
        place = QRect(0, 0, width, 10_000)
        high = metrics.boundingRect(place, Qt.TextFlag.TextWordWrap, text).height()
        return high <= _TALLEST * metrics.lineSpacing()

    def _piece(self, span: Span) -> str:
        text = rich_text(self.look, span.text, self.look.metrics.title)
        colour = self.look.theme.ink if span.run is None else self.look.text_colour(span.run)
        return f'<span style="color:{colour}">{text}</span>'


def under_sentence(box: QBoxLayout, look: Look) -> tuple[Sentence, QVBoxLayout]:
    """Add a column to a box with a sentence on top; return the sentence, and the column for what goes below."""
    sentence, column = Sentence(look), QVBoxLayout()
    column.setSpacing(look.metrics.gap)
    box.addLayout(column)
    column.addWidget(sentence)
    return sentence, column

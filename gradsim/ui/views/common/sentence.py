"""The one sentence on top of a view: what the picture shows, with its figures in the colours of their runs."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QLabel

from gradsim.ui.exponents import rich_text
from gradsim.ui.theme import Look
from gradsim.words.sentences import Span, plain_text

_TALLEST = 2.5
"""How many lines, and some room between them, a sentence may have."""


class Sentence(QLabel):
    """A sentence in the type of titles, in two lines at most; once it had two it keeps their height.

    Parameters
    ----------
    look
        Colours and sizes.
    """

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._spans: list[Span] = []
        self._width = 0
        self.setProperty("role", "title")
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)

    def tell(self, sentences: Iterable[list[Span]], width: int) -> None:
        """Show the first of these sentences that has room in this width, else the last."""
        self.ensurePolished()
        spans: list[Span] = []
        for spans in sentences:
            if self._has_room(plain_text(spans), width):
                break
        if (spans, width) != (self._spans, self._width):
            kept = self.minimumHeight() if width == self._width else 0
            self._spans, self._width = spans, width
            self.setText("".join(map(self._piece, spans)))
            self.setMinimumHeight(max(kept, self.heightForWidth(width)))

    def _has_room(self, text: str, width: int) -> bool:
        metrics = self.fontMetrics()
        place = QRect(0, 0, round(0.97 * width), 10_000)
        return (
            metrics.boundingRect(place, Qt.TextFlag.TextWordWrap, text).height() <= _TALLEST * metrics.lineSpacing()
        )

    def _piece(self, span: Span) -> str:
        text = rich_text(self._look, span.text, self._look.metrics.title)
        colour = self._look.theme.ink if span.run is None else self._look.text_colour(span.run)
        return f'<span style="color:{colour}">{text}</span>'

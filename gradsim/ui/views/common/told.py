"""The one sentence on top of a view: what its picture shows, in figures."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QLabel

from gradsim.ui.exponents import rich_text
from gradsim.ui.theme import Look
from gradsim.words.sentences import Span, plain_text

_ROOM = 0.97
"""The share of the width that is counted on: exponents are wider than what is measured."""


class Told(QLabel):
    """A sentence in the colours of its runs, of two lines at most."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.setProperty("role", "title")
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)

    def tell(self, sentences: Iterable[list[Span]], width: int) -> None:
        """Show the first of these, of which each is shorter than the one before, that has room in so many pixels."""
        for spans in sentences:
            if self._has_room(plain_text(spans), width):
                break
        self._show(spans)

    def _has_room(self, text: str, width: int) -> bool:
        self.ensurePolished()
        metrics, place = self.fontMetrics(), QRect(0, 0, round(_ROOM * width), 10_000)
        return metrics.boundingRect(place, Qt.TextFlag.TextWordWrap, text).height() <= 2.5 * metrics.lineSpacing()

    def _show(self, spans: list[Span]) -> None:
        pieces = []
        for span in spans:
            text = rich_text(self._look, span.text, self._look.metrics.title)
            colour = self._look.theme.ink if span.run is None else self._look.text_colour(span.run)
            pieces.append(f'<span style="color:{colour}">{text}</span>')
        self.setText("".join(pieces))

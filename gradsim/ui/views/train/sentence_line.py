"""The line above a view that says what its picture says."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel

from gradsim.ui.exponents import rich_text
from gradsim.ui.theme import Look
from gradsim.words.sentences import NO_BREAK, Span, plain_text, unbroken

Telling = Callable[[int], Sequence[Span]]
"""Returns the sentence at a brevity: 0 in full, then ever shorter."""


class SentenceLine(QLabel):
    """A sentence in two lines at most, as long as there is room for."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look
        """Whose colours the runs have."""
        self._telling: Telling | None = None
        self._brevities = 0
        self.told = ""
        """What is shown, as plain text."""
        self.setProperty("role", "title")
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)

    def tell(self, telling: Telling, brevities: int) -> None:
        """Show a sentence that there is in so many lengths."""
        self._telling, self._brevities = telling, brevities
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def _fit(self) -> None:
        if self._telling is None:
            return
        spans: Sequence[Span] = ()
        for brevity in range(self._brevities):
            spans = unbroken(self._telling(brevity))
            if self._has_room(plain_text(spans)):
                break
        self._show(spans)

    def _has_room(self, text: str) -> bool:
        self.ensurePolished()
        metrics = self.fontMetrics()
        place = QRect(0, 0, round(0.97 * self.width()), 10_000)
        return metrics.boundingRect(place, Qt.TextFlag.TextWordWrap, text).height() <= 2.5 * metrics.lineSpacing()

    def _show(self, spans: Sequence[Span]) -> None:
        self.told = plain_text(spans).replace(NO_BREAK, " ")
        look, pieces = self.look, []
        for span in spans:
            colour = look.theme.ink if span.run is None else look.text_colour(span.run)
            text = rich_text(look, span.text, look.metrics.title)
            pieces.append(f'<span style="color:{colour}">{text}</span>')
        if self.text() != (whole := "".join(pieces)):
            self.setText(whole)

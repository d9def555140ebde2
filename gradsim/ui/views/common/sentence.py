"""The sentence on top of a view: what its picture shows, with figures in the colours of their runs."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel

from gradsim.ui.exponents import rich_text
from gradsim.ui.theme import Look
from gradsim.words.sentences import Span, Wording, plain_text, unbroken

_LINES = 2


class Sentence(QLabel):
    """Says of as many runs as have room in two lines."""

    def __init__(self, look: Look, names: Sequence[str]) -> None:
        super().__init__()
        self._look, self._names = look, names
        self._clauses: Sequence[Sequence[Span]] = ()
        self.setProperty("role", "title")
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)

    def tell(self, clauses: Sequence[Sequence[Span]]) -> None:
        """Say these clauses, one of each run, of which the first come first."""
        if clauses != self._clauses:
            self._clauses = clauses
            self._show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._show()

    def _show(self) -> None:
        wording = Wording(self._look.language)
        spans: list[Span] = []
        for most in range(len(self._clauses), 0, -1):
            spans = unbroken(wording.sentence(wording.clauses(self._clauses[:most]), self._names))
            if self._has_room(plain_text(spans)):
                break
        self.setText("".join(map(self._coloured, spans)))

    def _has_room(self, text: str) -> bool:
        self.ensurePolished()
        metrics = self.fontMetrics()
        place = QRect(0, 0, round(0.97 * self.width()), 10_000)
        high = metrics.boundingRect(place, Qt.TextFlag.TextWordWrap, text).height()
        return high <= (_LINES + 0.5) * metrics.lineSpacing()

    def _coloured(self, span: Span) -> str:
        text = rich_text(self._look, span.text, self._look.metrics.title)
        colour = self._look.theme.ink if span.run is None else self._look.text_colour(span.run)
        return f'<span style="color:{colour}">{text}</span>'

"""Why it is so: a formula, the same with the run's numbers in it, and a paragraph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from gradsim.sim.documents.document import Document
from gradsim.sim.documents.lesson import Lesson
from gradsim.sim.documents.points import live, live_formula
from gradsim.sim.run.tape import Past
from gradsim.ui.formula import Formula
from gradsim.ui.notes.words import SpansLabel, keep_room
from gradsim.ui.theme import Look
from gradsim.words.formulas import coloured

FORMULA_EM = 1.3
"""Size of formulas in heights of letters: theirs are lower."""


class Why(QWidget):
    """The reason, for one lesson."""

    def __init__(self, lesson: Lesson, look: Look) -> None:
        super().__init__()
        self._lesson, self._look = lesson, look
        em = look.metrics.body
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(em // 2)
        self.formula = Formula(round(FORMULA_EM * em), look.theme.ink)
        self.live = Formula(round(FORMULA_EM * em), look.theme.ink)
        self.paragraph = SpansLabel(look, em)
        parts = ((self.formula, lesson.formula), (self.live, lesson.live_formula), (self.paragraph, lesson.why))
        for widget, text in parts:
            column.addWidget(widget)
            widget.setVisible(bool(text))

    @property
    def has_formula(self) -> bool:
        """Whether there is something to typeset."""
        return bool(self._lesson.formula or self._lesson.live_formula)

    def show_past(
        self, document: Document, past: Past, look: Look, found: Mapping[str, Any], at_once: bool = True
    ) -> None:
        """Show the numbers of the runs at the end of a past and of what views have found, in the look's colours.

        Unless it is to be at once, formulas follow a few turns later.
        """
        language = look.language
        texts = {self.formula: self._lesson.formula}
        if self._lesson.live_formula:
            texts[self.live] = live_formula(document, past)
        for formula, text in texts.items():
            if text:
                show = formula.show_formula if at_once else formula.show_soon
                show(coloured(text, look.text_colour))
        if self._lesson.why:
            self.paragraph.show_spans(live(document, past, self._lesson.why(language), language, found), look)
        for changing in (self.live, self.paragraph):
            keep_room(changing)

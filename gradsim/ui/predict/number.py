"""A number: marks on a scale, and the gap from them to what is measured."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout

from gradsim.sim.documents.document import Document
from gradsim.sim.votes.numbers import Guesses
from gradsim.sim.votes.vote import Vote
from gradsim.ui.predict.question import Field, Question, number_in
from gradsim.ui.predict.scale_plot import ScalePlot
from gradsim.ui.theme import Look
from gradsim.words.numbers import signed

_STEPS = 100
"""How many presses of an arrow lead from one end of the scale to the other."""
_FIELD_EM = 9
_DIGITS = frozenset({Qt.Key(key) for key in range(Qt.Key.Key_0, Qt.Key.Key_9 + 1)})
_TYPED = _DIGITS | {Qt.Key.Key_Minus, Qt.Key.Key_Period}


class NumberQuestion(Question):
    """A scale on which guesses are marked.

    Parameters
    ----------
    document
        Whose lesson asks.
    look
        Colours, sizes, language.
    guesses
        What is marked.
    """

    own_keys: ClassVar = _TYPED | {
        Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Delete, Qt.Key.Key_Backspace,
    }  # fmt: skip

    def __init__(self, document: Document, look: Look, guesses: Guesses) -> None:
        super().__init__(document, look)
        self.guesses = guesses
        self._chosen = len(guesses.values) - 1
        """Which guess the arrows move, -1 for none."""
        self._held = False
        low, high = self.asked.scale
        self.plot = ScalePlot(look, low, high, self.asked.is_log)
        self.plot.pressed.connect(self._on_pressed)
        self.plot.dragged.connect(self._on_dragged)
        self.plot.released.connect(self._on_released)
        em = look.metrics.body
        self.field = Field()
        self.field.setAccessibleName(look.tr("Guess"))
        self.field.setFixedWidth(_FIELD_EM * em)
        self.field.setStyleSheet(f"font-size: {em}px")
        self.field.returnPressed.connect(self._on_typed)
        self.field.left.connect(self.setFocus)
        self._label = QLabel(look.tr("Guess"))
        self._label.setStyleSheet(f"font-size: {em}px")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(em // 2)
        column.addWidget(self.plot, stretch=1)
        row = QHBoxLayout()
        row.setSpacing(em // 2)
        row.addWidget(self._label)
        row.addWidget(self.field)
        row.addStretch(1)
        column.addLayout(row)
        self._show()

    @property
    def hint(self) -> str:
        return self.look.tr("A click marks a guess, or type it and press Enter; Backspace takes one back.")

    def show_right(self, vote: Vote) -> None:
        self.field.hide()
        self._label.hide()
        self.plot.show_right(vote.right.value if vote.is_known else None)
        self._show()

    # Guessing

    def add(self, value: float) -> None:
        """Mark a guess."""
        self._chosen = self.guesses.add(value)
        self._on_changed()

    def _on_changed(self) -> None:
        self.refused.emit("")
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        self.plot.show_guesses(self.guesses.values, self._chosen if self.vote is None else -1)

    def _on_pressed(self, place: QPointF) -> None:
        self.setFocus()
        if self.vote is not None:
            return
        near = self.plot.near(place)
        if near is None:
            self.add(self.plot.value_at(place.x()))
        else:
            self._chosen = near
            self._show()
        self._held = True

    def _on_dragged(self, place: QPointF) -> None:
        if self._held and self.vote is None:
            self.guesses.values[self._chosen] = self.plot.value_at(place.x())
            self._on_changed()

    def _on_released(self) -> None:
        self._held = False

    def _on_typed(self) -> None:
        text, (low, high) = self.field.text().strip(), self.asked.scale
        value = number_in(text)
        if value is None:
            self.refused.emit(self.look.tr("“{text}” is no number.").format(text=text))
        elif not low <= value <= high:
            problem = self.look.tr("{text} is not on the scale from {low} to {high}.")
            self.refused.emit(problem.format(text=text, low=signed(low), high=signed(high)))
        else:
            self.field.clear()
            self.add(value)
            self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if self.vote is not None or key not in self.own_keys:
            super().keyPressEvent(event)
        elif key in _TYPED:
            self.field.setFocus()
            self.field.insert(event.text())
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._take_back()
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._nudge(1 if key == Qt.Key.Key_Right else -1)
        else:
            self._choose(1 if key == Qt.Key.Key_Up else -1)

    def _take_back(self) -> None:
        if self.guesses.values:
            del self.guesses.values[self._chosen]
        self._chosen = len(self.guesses.values) - 1
        self._on_changed()

    def _nudge(self, by: int) -> None:
        """Move the guess that is chosen; the first one begins in the middle."""
        if not self.guesses.values:
            self.add(self.plot.value_at(sum(self.plot.ends) / 2.0))
            return
        low, high = self.plot.ends
        at = self.plot.place_of(self.guesses.values[self._chosen]) + by * (high - low) / _STEPS
        self.guesses.values[self._chosen] = self.plot.value_at(at)
        self._on_changed()

    def _choose(self, by: int) -> None:
        if self.guesses.values:
            self._chosen = (self._chosen + by) % len(self.guesses.values)
            self._show()

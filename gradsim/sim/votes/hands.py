"""Hands that were counted for each of several answers."""

from __future__ import annotations

from typing import Any

from gradsim.sim.documents.document import Document
from gradsim.sim.documents.lesson_parts import Prediction
from gradsim.sim.documents.predict import Right
from gradsim.sim.run.tape import Past
from gradsim.sim.votes.guess import Guess, asked_of, readings_of
from gradsim.words.languages import translate
from gradsim.words.numbers import share
from gradsim.words.sentences import Span, Wording

MOST_HANDS = 9_999


class Hands(Guess):
    """How many hands each answer got.

    Parameters
    ----------
    answers
        How many answers there are.
    """

    def __init__(self, answers: int) -> None:
        self.counts = [0] * answers
        self._last: list[int] = []
        """The answers that hands were counted for one at a time, in order."""

    @property
    def total(self) -> int:
        """How many hands there were in all."""
        return sum(self.counts)

    @property
    def is_empty(self) -> bool:
        return self.total == 0

    def count(self, answer: int) -> None:
        """Count one more hand."""
        if self.counts[answer] < MOST_HANDS:
            self.counts[answer] += 1
            self._last.append(answer)

    def take_back(self, answer: int | None = None) -> None:
        """Take a hand back: of an answer, or the last that was counted."""
        if answer is None:
            answer = self._last[-1] if self._last else None
        if answer is None or not self.counts[answer]:
            return
        self.counts[answer] -= 1
        if answer in self._last:
            del self._last[len(self._last) - 1 - self._last[::-1].index(answer)]

    def set_count(self, answer: int, hands: int) -> None:
        """Give an answer so many hands."""
        self.counts[answer] = hands
        self._last = [each for each in self._last if each != answer]

    def share_of(self, answer: int) -> float:
        """Return which share of the hands an answer got."""
        return self.counts[answer] / self.total if self.total else 0.0

    def is_known(self, right: Right) -> bool:
        return right.choice is not None

    def sentence(self, document: Document, past: Past, right: Right, language: str) -> list[Span]:
        assert right.choice is not None
        asked, wording = asked_of(document), Wording(language)
        answer = asked.choices[right.choice]
        figures: list[Span] = []
        names = list(dict.fromkeys(answer.when.names)) if answer.when else []
        if len(names) == 1:  # of several nobody could tell which is which
            readings = readings_of(document, past)
            figure = Span(readings.text(names[0], language), readings.run_of(names[0]))
            figures = wording.fill(wording.tr(", measured {figure}"), figure=[figure])
        text = [Span(answer.text(language))]
        if self.is_empty:
            return wording.fill(wording.tr("Right is “{answer}”{measured}"), answer=text, measured=figures)
        return wording.fill(
            wording.tr("{n} of {total} had it, {share}: “{answer}”{measured}"),
            n=f"{self.counts[right.choice]:,}",
            total=f"{self.total:,}",
            share=share(self.share_of(right.choice)),
            answer=text,
            measured=figures,
        )

    def lines(self, asked: Prediction, right: Right, language: str) -> list[str]:
        told = translate("{answer}: {n}", language)
        return [
            ("✓ " if i == right.choice else "") + told.format(answer=answer.text(language), n=f"{count:,}")
            for i, (answer, count) in enumerate(zip(asked.choices, self.counts, strict=True))
        ]

    def table(self, asked: Prediction, right: Right, language: str) -> dict[str, Any]:
        answers = [
            {
                "text": answer.text(language),
                "hands": count,
                "right": None if right.choice is None else i == right.choice,
            }
            for i, (answer, count) in enumerate(zip(asked.choices, self.counts, strict=True))
        ]
        return {"answers": answers, "share_right": None if right.choice is None else self.share_of(right.choice)}

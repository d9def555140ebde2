"""Numbers that were guessed, several of them by a class."""

from __future__ import annotations

from math import isfinite, isinf, isnan
from statistics import median
from typing import Any

from gradsim.sim.documents.document import Document
from gradsim.sim.documents.lesson_parts import Prediction
from gradsim.sim.documents.measures import Readings
from gradsim.sim.documents.predict import Right
from gradsim.sim.run.tape import Past
from gradsim.sim.votes.guess import Guess, asked_of, readings_of
from gradsim.words.numbers import figure, signed
from gradsim.words.sentences import Span, Wording

MOST_GUESSES = 200
_RATIO_FROM = 10.0
"""A factor of so much or more is told as 10 : 1."""


class Guesses(Guess):
    """Numbers on a scale, in the order in which they were guessed."""

    def __init__(self) -> None:
        self.values: list[float] = []

    @property
    def is_empty(self) -> bool:
        return not self.values

    def add(self, value: float) -> int:
        """Add a guess, in place of the last where there are too many; return its index."""
        del self.values[MOST_GUESSES - 1 :]
        self.values.append(value)
        return len(self.values) - 1

    def is_known(self, right: Right) -> bool:
        return right.value is not None and not isnan(right.value)

    def sentence(self, document: Document, past: Past, right: Right, language: str) -> list[Span]:
        assert right.value is not None
        name, readings, wording = asked_of(document).right, readings_of(document, past), Wording(language)
        as_ratio = readings.told(name, 1.0, language).startswith("×") and right.value >= _RATIO_FROM

        def told(value: float) -> str:
            return ratio(value) if as_ratio else _told(readings, name, value, language)

        measured = [Span(told(right.value), readings.run_of(name))]
        if self.is_empty:
            return wording.fill(wording.tr("Measured {right}"), right=measured)
        low, high, middle = min(self.values), max(self.values), median(self.values)
        if told(low) == told(high):
            return wording.fill(
                wording.tr("The room guessed {guess}; measured {right}"), guess=told(middle), right=measured
            )
        return wording.fill(
            wording.tr("The room guessed {low} to {high}, the middle {middle}; measured {right}"),
            low=told(low), high=told(high), middle=told(middle), right=measured,
        )  # fmt: skip

    def lines(self, asked: Prediction, right: Right, language: str) -> list[str]:
        return [" · ".join(signed(value) for value in self.values)]

    def table(self, asked: Prediction, right: Right, language: str) -> dict[str, Any]:
        # JSON has no infinity: a step that is never reached is null, and its text says so.
        value = right.value if right.value is not None and isfinite(right.value) else None
        return {"guesses": list(self.values), "measured": value, "measured_text": right.text}


def _told(readings: Readings, name: str, value: float, language: str) -> str:
    """Return a number in the form of a measure; a guess that is no whole step keeps what it has."""
    is_plain = isinf(value) or abs(value) >= 1.0 or readings.told(name, 0.5, language) != "0"
    return readings.told(name, value, language) if is_plain else signed(value)


def ratio(value: float) -> str:
    """Return a factor as 33,000 : 1, or 1 : 33,000 where it is below 1."""
    return f"{_of_one(value)} : 1" if value >= 1.0 or value <= 0.0 else f"1 : {_of_one(1.0 / value)}"


def _of_one(value: float) -> str:
    return figure(value).removesuffix(".0")

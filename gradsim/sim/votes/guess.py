"""What a class predicts, whatever it is asked for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from gradsim.sim.documents.document import Document
from gradsim.sim.documents.lesson import Lesson
from gradsim.sim.documents.lesson_parts import Prediction
from gradsim.sim.documents.measures import Readings
from gradsim.sim.documents.predict import Right
from gradsim.sim.run.tape import Past
from gradsim.words.sentences import Span


class Guess(ABC):
    """What a class has guessed so far; what asks for it changes it."""

    @property
    @abstractmethod
    def is_empty(self) -> bool:
        """Whether nothing has been guessed yet."""

    @abstractmethod
    def is_known(self, right: Right) -> bool:
        """Tell whether the right answer is known."""

    @abstractmethod
    def sentence(self, document: Document, past: Past, right: Right, language: str) -> list[Span]:
        """Return how far it was from the right answer, which is known; a sentence without its end."""

    @abstractmethod
    def lines(self, asked: Prediction, right: Right, language: str) -> list[str]:
        """Return what was guessed in short; ✓ is before what was right."""

    @abstractmethod
    def table(self, asked: Prediction, right: Right, language: str) -> dict[str, Any]:
        """Return all of it and what was right, as plain values."""


def asked_of(document: Document) -> Prediction:
    """Return what the lesson of a document asks."""
    assert document.lesson is not None
    assert document.lesson.predict is not None
    return document.lesson.predict


def readings_of(document: Document, past: Past) -> Readings:
    """Return the measures of the lesson of a document."""
    assert document.lesson is not None
    return Readings(document.experiment, past, document.lesson.measures)


def asks(lesson: Lesson | None) -> bool:
    """Tell whether a lesson asks for a prediction."""
    return lesson is not None and lesson.predict is not None

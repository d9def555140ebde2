"""A vote: what a class was asked, what it guessed, and what was right."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gradsim.sim.documents.document import Document
from gradsim.sim.documents.lesson import Lesson
from gradsim.sim.documents.predict import Right, answer, reveal_step
from gradsim.sim.run.tape import Past
from gradsim.sim.votes.drawing import Drawing, places
from gradsim.sim.votes.guess import Guess, asked_of
from gradsim.sim.votes.hands import Hands
from gradsim.sim.votes.numbers import Guesses
from gradsim.words.languages import ENGLISH, languages, translate
from gradsim.words.sentences import Span, Wording, plain_text

_GUESSES: Mapping[str, Callable[[Document], Guess]] = {
    "choice": lambda document: Hands(len(asked_of(document).choices)),
    "number": lambda _: Guesses(),
    "curve": lambda document: Drawing(places(document), asked_of(document).is_log),
}
"""What is guessed, by what a lesson asks for."""


def empty_guess(document: Document) -> Guess:
    """Return a guess of what the lesson of a document asks, in which there is nothing yet."""
    return _GUESSES[asked_of(document).ask](document)


@dataclass(frozen=True)
class Vote:
    """A guess that was compared with the run.

    Attributes
    ----------
    step
        Up to which step the run was known.
    spans
        What is said of it, by language.
    """

    lesson: Lesson
    guess: Guess
    right: Right
    step: int
    is_known: bool
    spans: Mapping[str, Sequence[Span]]

    def sentence(self, language: str) -> str:
        """Return what is said of it."""
        return plain_text(self.spans[language])

    def lines(self, language: str) -> list[str]:
        """Return what was guessed in short."""
        assert self.lesson.predict is not None
        return self.guess.lines(self.lesson.predict, self.right, language)

    def table(self, language: str) -> dict[str, Any]:
        """Return all of it as plain values."""
        asked = self.lesson.predict
        assert asked is not None
        return {
            "lesson": self.lesson.id,
            "title": self.lesson.title(language),
            "question": asked.question(language),
            "ask": asked.ask,
            "step": self.step,
            "sentence": self.sentence(language),
            **self.guess.table(asked, self.right, language),
        }


def revealed(document: Document, past: Past, guess: Guess) -> Vote:
    """Compare a guess with the run at the end of `past`."""
    assert document.lesson is not None
    right = answer(document, past)
    known = guess.is_known(right)
    told = guess.sentence if known else _unknown
    spans = {
        language: Wording(language).sentence(told(document, past, right, language), ())
        for language in {ENGLISH, *languages()}
    }
    return Vote(document.lesson, guess, right, past.step, known, spans)


def _unknown(document: Document, past: Past, right: Right, language: str) -> list[Span]:
    step = min(reveal_step(document), past.step)
    return [Span(translate("The run does not tell the answer at step {n}", language).format(n=f"{step:,}"))]


def dumped(votes: Sequence[Vote], language: str) -> str:
    """Return all votes as JSON."""
    return json.dumps([vote.table(language) for vote in votes], ensure_ascii=False, indent=1, allow_nan=False) + "\n"

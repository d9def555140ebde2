"""Which widget asks for which guess."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gradsim.sim.documents.document import Document
from gradsim.sim.votes.guess import Guess, asked_of
from gradsim.ui.predict.choice import ChoiceQuestion
from gradsim.ui.predict.curve import CurveQuestion
from gradsim.ui.predict.number import NumberQuestion
from gradsim.ui.predict.question import Question
from gradsim.ui.theme import Look

_QUESTIONS: Mapping[str, Callable[[Document, Look, Any], Question]] = {
    "choice": ChoiceQuestion,
    "number": NumberQuestion,
    "curve": CurveQuestion,
}


def question_for(document: Document, look: Look, guess: Guess) -> Question:
    """Return the widget that asks what the lesson of a document asks."""
    return _QUESTIONS[asked_of(document).ask](document, look, guess)

"""A term of the course is explained in the lesson that uses it first."""

from __future__ import annotations

import re

import pytest

from gradsim.sim.documents.lesson import Lesson
from gradsim.sim.documents.lessons import lessons

TERMS = {
    r"\bz\b": "z = W a + b of the activations a",
    r"\bW\b": "W its weights, b its biases",
    "δ": "gradient δ = ∂L/∂z of the loss L",
    "σ": "sigmoid is σ(z) = 1/(1 + e⁻ᶻ)",
    "ReLU": "ReLU, max(0, z)",
    r"\bRMS\b": "RMS, the root of the mean square",
    "replica": "8 replicas, each with random numbers of its own",
    r"\bbatch": "a batch of 64 images",
    "Xavier": "Xavier’s random weights, of variance about 1/n for n inputs",
    r"\bHe’s": "He’s weights, √2 larger",
    r"\bdead\b": "is dead: ReLU gives 0 there for every image",
    "tanh": "tanh, a curve from −1 to 1",
    "saturate": "flat, saturated, far from it",
    r"\bELU": "ELU, eᶻ − 1 there",
    "leaky": "A leaky ReLU has a slope left of zero",
    "[Ss]oftmax makes": "Softmax makes e^z of each z and divides by their sum",
    "Hessian": "Hessian H, the matrix of second derivatives",
}
"""Each term as a pattern, and how the paragraph of the first lesson with it in a paragraph or a point explains it."""


def told(lesson: Lesson) -> str:
    """Return what is read of a lesson in its course."""
    return "\n".join([lesson.why("en"), *(point.text("en") for point in lesson.points)])


@pytest.mark.parametrize(("term", "explained"), TERMS.items(), ids=list(TERMS))
def test_a_term_is_explained_where_it_is_used_first(term: str, explained: str) -> None:
    found = [document.lesson for document in lessons().values() if document.lesson]
    first = next(lesson for lesson in found if re.search(term, told(lesson)))
    assert explained in first.why("en"), first.id

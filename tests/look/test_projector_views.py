"""A projector shows the views that carry the claim: those that the lesson names, or what an experiment is about."""

from __future__ import annotations

import pytest

from gradsim.sim.documents.document import parse
from gradsim.sim.documents.lessons import load
from gradsim.ui.views.catalogue import views_of


@pytest.mark.parametrize(
    ("lesson", "views"),
    [
        ("vanishing", ("network",)),
        ("saddle", ("map", "gradient_norm")),
        ("race", ("map", "rates")),
        ("wells", ("map",)),
    ],
)
def test_lessons(lesson: str, views: tuple[str, ...]) -> None:
    assert views_of(load(lesson), "projector") == views


@pytest.mark.parametrize(
    ("table", "views"),
    [
        ('kind = "race"\nsurface = "beale"\n[[runs]]', ("map", "rates")),
        ('data = "moons"\n[[runs]]', ("boundary",)),
        ('data = "digits"\n[[runs]]', ("gradients",)),
    ],
)
def test_experiments_without_a_lesson(table: str, views: tuple[str, ...]) -> None:
    assert views_of(parse(table, "test"), "projector") == views

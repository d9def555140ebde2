"""The verdict on an experiment of any kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gradsim.sim.race_verdict import race_sentence
from gradsim.sim.spec import Experiment, Train
from gradsim.sim.tape import Divergence, Past
from gradsim.sim.verdict import Span, train_sentence

if TYPE_CHECKING:
    from gradsim.sim.lessons import Lesson


def sentence(
    experiment: Experiment, lesson: Lesson | None, past: Past, diverged: Sequence[Divergence], language: str
) -> list[Span]:
    """Return the verdict on the runs at the step shown, as pieces to be joined."""
    if isinstance(experiment, Train):
        return train_sentence(experiment, lesson, past, diverged, language)
    return race_sentence(experiment, lesson, past, diverged, language)

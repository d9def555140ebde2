"""The verdict on an experiment of any kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gradsim.sim.documents.experiments import Experiment, Train
from gradsim.sim.kinds.race.verdict import race_sentence
from gradsim.sim.kinds.train.verdict import Span, train_sentence
from gradsim.sim.run.tape import Divergence, Past

if TYPE_CHECKING:
    from gradsim.sim.documents.lessons import Lesson


def sentence(
    experiment: Experiment, lesson: Lesson | None, past: Past, diverged: Sequence[Divergence], language: str
) -> list[Span]:
    """Return the verdict on the runs at the step shown, as pieces to be joined."""
    if isinstance(experiment, Train):
        return train_sentence(experiment, lesson, past, diverged, language)
    return race_sentence(experiment, lesson, past, diverged, language)

"""Lessons run to their end, each once for all tests of it, which one process makes one after the other."""

from __future__ import annotations

import re
from functools import lru_cache

from gradsim.sim.documents import results
from gradsim.sim.documents.document import Document
from gradsim.sim.documents.lessons import lessons
from gradsim.sim.run.tape import Tape


def own_seed(lesson: str) -> str:
    """Return the id of a parameter that stands for a lesson's run with its own seed."""
    return f"{lesson}, its own seed"


def lesson_in(nodeid: str) -> str | None:
    """Return which lesson's run with its own seed a test is of, if it is of one."""
    found = re.search(r"\[(.+), its own seed", nodeid)
    return found and found[1]


def seeded(lesson: str, seed: int) -> Document:
    """Return a lesson with a seed, as the lesson's own experiment also where the seed is another."""
    document = lessons()[lesson]
    return Document(document.experiment.with_settings(seed=seed), document.lesson)


@lru_cache(maxsize=1)
def trained(lesson: str, seed: int) -> Tape:
    """Return the record of a lesson's run with a seed, to its end."""
    _, tape = results.run(seeded(lesson, seed))
    return tape

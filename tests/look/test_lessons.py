"""Each lesson in each theme, language and size: everything is legible, and nothing is over anything else.

Each lesson is seen in two looks of each language; in all of them with the mark ``course``:
``python -m pytest tests/look -m course``.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import product

import pytest

from gradsim.sim.documents.lessons import lessons
from gradsim.ui.themes import THEMES
from tests.look.faults import CHECKS
from tests.look.scenes import SIZES, Lesson, lesson_of
from tests.trained import own_seed, trained

USUAL = (
    ("light", "en", (1920, 1080)),
    ("projector", "en", (1024, 768)),
    ("dark", "zh_CN", (1024, 768)),
    ("projector", "zh_CN", (1920, 1080)),
)
"""The looks that are tried every time: each theme and each size, and the tightest in both languages."""
LOOKS = [
    look if look in USUAL else pytest.param(*look, marks=pytest.mark.course)
    for look in product(THEMES, ("en", "zh_CN"), SIZES)
]


@pytest.fixture(scope="module", params=list(lessons()), ids=own_seed)
def lesson(request: pytest.FixtureRequest) -> Iterator[Lesson]:
    name = request.param
    with lesson_of(name, partial(trained, name, lessons()[name].experiment.seed)) as found:
        yield found


@pytest.mark.parametrize(("theme", "language", "size"), LOOKS)
def test_nothing_is_wrong_with_the_scene(lesson: Lesson, theme: str, language: str, size: tuple[int, int]) -> None:
    scene = lesson.scene(theme, language, size)
    faults = [f"{name}: {fault}" for name, check in CHECKS.items() for fault in sorted(set(check(scene)))]
    if faults:
        pytest.fail("\n".join(faults))

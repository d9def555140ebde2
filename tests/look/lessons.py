"""What is tried of each lesson: themes and sizes, in one language a module, so that they run side by side.

In each language each lesson is seen in two looks; in all six with the mark ``course``:
``python -m pytest tests/look -m course``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from gradsim.sim.documents.lessons import lessons
from gradsim.ui.themes import THEMES
from tests.look.faults import CHECKS
from tests.look.scenes import Lesson, lesson_of

SIZES = ((1920, 1080), (1024, 768))
USUAL = {
    "en": (("light", (1920, 1080)), ("projector", (1024, 768))),
    "zh_CN": (("dark", (1024, 768)), ("projector", (1920, 1080))),
}
"""The looks that are tried every time: each theme and each size in both languages together."""


def looks(language: str) -> list[object]:
    """Return all looks in a language; those that are not tried every time are marked."""
    return [
        pytest.param(
            theme, size, id=f"{theme}-{size[0]}x{size[1]}",
            marks=() if (theme, size) in USUAL[language] else pytest.mark.course,
        )
        for theme in THEMES for size in SIZES
    ]  # fmt: skip


def lesson_test(language: str) -> tuple[Callable[..., Iterator[Lesson]], Callable[..., None]]:
    """Return the fixture and the test of a module for one language."""

    @pytest.fixture(scope="module", params=list(lessons()))
    def lesson(request: pytest.FixtureRequest) -> Iterator[Lesson]:
        with lesson_of(request.param) as found:
            yield found

    @pytest.mark.parametrize(("theme", "size"), looks(language))
    def test_nothing_is_wrong_with_the_scene(lesson: Lesson, theme: str, size: tuple[int, int]) -> None:
        scene = lesson.scene(theme, language, size)
        faults = [f"{name}: {fault}" for name, check in CHECKS.items() for fault in sorted(set(check(scene)))]
        if faults:
            pytest.fail("\n".join(faults))

    return lesson, test_nothing_is_wrong_with_the_scene

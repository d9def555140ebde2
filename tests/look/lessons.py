"""What is tried of each lesson: every theme and size, in one language a module, so that they run side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from gradsim.sim.documents.lessons import lessons
from gradsim.ui.themes import THEMES
from tests.look.faults import CHECKS
from tests.look.scenes import Lesson, lesson_of

SIZES = ((1920, 1080), (1024, 768))


def lesson_test(language: str) -> tuple[Callable[..., Iterator[Lesson]], Callable[..., None]]:
    """Return the fixture and the test of a module for one language."""

    @pytest.fixture(scope="module", params=list(lessons()))
    def lesson(request: pytest.FixtureRequest) -> Iterator[Lesson]:
        with lesson_of(request.param) as found:
            yield found

    @pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
    @pytest.mark.parametrize("theme", THEMES)
    def test_nothing_is_wrong_with_the_scene(lesson: Lesson, theme: str, size: tuple[int, int]) -> None:
        scene = lesson.scene(theme, language, size)
        faults = [f"{name}: {fault}" for name, check in CHECKS.items() for fault in sorted(set(check(scene)))]
        if faults:
            pytest.fail("\n".join(faults))

    return lesson, test_nothing_is_wrong_with_the_scene

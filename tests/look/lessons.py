"""What is tried of each lesson: every theme and size, in one language a module, so that they run side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import pytest

from gradsim.sim.documents.lessons import lessons
from gradsim.ui.themes import THEMES
from tests.look.faults import CHECKS
from tests.look.scenes import Lesson, lesson_of

SIZES = ((1920, 1080), (1024, 768))

LEFT_OUT: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("cut_texts", "batches"): (
        "light",
        "dark",
        "projector",
    ),
    ("cut_texts", "plateaus"): ("projector",),
    ("cut_texts", "race"): (
        "light",
        "dark",
        "projector",
    ),
    ("cut_texts", "saddle"): ("projector",),
    ("faint_lines", "batches"): (
        "light",
        "projector",
    ),
    ("faint_lines", "race"): ("dark",),
    ("faint_lines", "ravine"): ("projector",),
    ("small_texts", "batches"): ("projector",),
    ("small_texts", "plateaus"): ("projector",),
    ("small_texts", "race"): ("projector",),
    ("small_texts", "ravine"): ("projector",),
    ("small_texts", "saddle"): ("projector",),
    ("small_texts", "wells"): ("projector",),
    ("texts_over_marks", "batches"): (
        "light",
        "dark",
        "projector",
    ),
    ("texts_over_marks", "race"): (
        "light",
        "dark",
        "projector",
    ),
    ("texts_over_marks", "ravine"): ("projector",),
    ("texts_over_marks", "saddle"): (
        "light",
        "dark",
        "projector",
    ),
    ("texts_over_marks", "wells"): (
        "light",
        "dark",
        "projector",
    ),
}
"""In which themes checks of lessons fail: each is to go as soon as its fault is mended."""


def checks_of(lesson: str, theme: str) -> list[str]:
    """Return the checks that are tried of a lesson in a theme."""
    return [check for check in CHECKS if theme not in LEFT_OUT.get((check, lesson), ())]


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
        faults = [
            f"{name}: {fault}" for name in checks_of(lesson.name, theme) for fault in sorted(set(CHECKS[name](scene)))
        ]
        if faults:
            pytest.fail("\n".join(faults))

    return lesson, test_nothing_is_wrong_with_the_scene

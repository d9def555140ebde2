"""Pictures that are hard to lay out are as legible as those of the lessons."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gradsim.ui.themes import THEMES
from tests.look.faults import CHECKS
from tests.look.hard_cases import CASES
from tests.look.lessons import SIZES
from tests.look.scenes import Lesson, lesson_of


@pytest.fixture(scope="module", params=list(CASES))
def case(request: pytest.FixtureRequest) -> Iterator[Lesson]:
    with lesson_of(CASES[request.param]) as found:
        yield found


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("theme", THEMES)
def test_nothing_is_wrong_with_the_scene(case: Lesson, theme: str, language: str, size: tuple[int, int]) -> None:
    scene = case.scene(theme, language, size)
    faults = [f"{name}: {fault}" for name, check in CHECKS.items() for fault in sorted(set(check(scene)))]
    if faults:
        pytest.fail("\n".join(faults))

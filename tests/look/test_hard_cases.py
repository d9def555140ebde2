"""Pictures that are hard to lay out are as legible as those of the lessons."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gradsim.ui.themes import THEMES
from tests.covering import covering
from tests.look.faults import CHECKS
from tests.look.hard_cases import CASES
from tests.look.scenes import SIZES, Lesson, lesson_of


@pytest.fixture(scope="module", params=list(CASES))
def case(request: pytest.FixtureRequest) -> Iterator[Lesson]:
    with lesson_of(CASES[request.param]) as found:
        yield found


@pytest.mark.parametrize(("theme", "language", "size"), covering(THEMES, ["en", "zh_CN"], SIZES))
def test_nothing_is_wrong_with_the_scene(case: Lesson, theme: str, language: str, size: tuple[int, int]) -> None:
    scene = case.scene(theme, language, size)
    faults = [f"{name}: {fault}" for name, check in CHECKS.items() for fault in sorted(set(check(scene)))]
    if faults:
        pytest.fail("\n".join(faults))

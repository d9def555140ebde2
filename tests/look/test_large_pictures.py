"""Pictures of 3840x2160: whatever is thin is twice as thick as in those of 1920x1080."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import pytest

from gradsim.ui.themes import THEMES
from tests.look.scenes import Lesson, Scene, lesson_of


def widths(scene: Scene) -> dict[str, float]:
    """Return the width of the thinnest line of each colour."""
    found: dict[str, list[float]] = defaultdict(list)
    for stroke in scene.drawn.strokes:
        found[stroke.colour].append(stroke.width)
    return {colour: min(each) for colour, each in found.items()}


@pytest.fixture(scope="module", params=["vanishing", "saddle", "ravine"])
def lesson(request: pytest.FixtureRequest) -> Iterator[Lesson]:
    with lesson_of(request.param) as found:
        yield found


@pytest.mark.parametrize("theme", THEMES)
def test_lines_are_twice_as_thick_at_twice_the_size(lesson: Lesson, theme: str) -> None:
    usual = widths(lesson.scene(theme, "en", (1920, 1080)))
    large = widths(lesson.scene(theme, "en", (3840, 2160)))
    shared = usual.keys() & large.keys()
    assert len(shared) >= 3
    assert {colour: (usual[colour], large[colour]) for colour in shared if large[colour] < 1.6 * usual[colour]} == {}

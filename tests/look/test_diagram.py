"""The diagram of numbers: networks of all sizes that it shows, as legible as the boards of lessons."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gradsim.sim.documents.document import Document, parse, read
from gradsim.ui.themes import THEMES
from tests.look.faults import CHECKS
from tests.look.lessons import SIZES
from tests.look.scenes import Lesson, lesson_of

_TABLE = """
replicas = 2
steps = 30
data = "{data}"
[common]
hidden = {hidden}
activation = "tanh"
batch_size = 16
[[runs]]
label = "Tanh"
[[runs]]
label = "ReLU"
activation = "relu"
"""
CASES: dict[str, Document] = {
    "a worked example": read(Path(__file__).parents[2] / "docs" / "examples" / "mazur-2-2-2.toml"),
    **{
        f"{data} {hidden}": parse(_TABLE.format(data=data, hidden=hidden), "test")
        for data, hidden in (("xor", "[]"), ("moons", "[4]"), ("blobs", "[4, 4, 3]"), ("moons", "[10, 10, 10]"))
    },
}


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest) -> Iterator[Lesson]:
    with lesson_of(CASES[request.param]) as found:
        yield found


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("theme", THEMES)
def test_nothing_is_wrong_with_the_scene(case: Lesson, theme: str, language: str, size: tuple[int, int]) -> None:
    scene = case.scene(theme, language, size, views=("diagram",))
    faults = [f"{name}: {fault}" for name, check in CHECKS.items() for fault in sorted(set(check(scene)))]
    if faults:
        pytest.fail("\n".join(faults))

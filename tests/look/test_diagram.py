"""The diagram of numbers: networks of all sizes that it shows, as legible as the boards of lessons."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gradsim.sim.documents.document import Document, parse, read
from gradsim.ui.themes import THEMES
from tests.covering import covering
from tests.look.faults import CHECKS
from tests.look.scenes import SIZES, Lesson, lesson_of

_TABLE = """
replicas = 2
steps = 30
data = "{data}"
[common]
hidden = {hidden}
activation = "tanh"
batch_size = 16
init = {init}
[[runs]]
label = "Tanh"
[[runs]]
label = "ReLU"
activation = "relu"
"""
_USUAL = '"xavier_normal"'
CASES: dict[str, Document] = {
    "a worked example": read(Path(__file__).parents[2] / "docs" / "examples" / "mazur-2-2-2.toml"),
    **{
        f"{data} {hidden}": parse(_TABLE.format(data=data, hidden=hidden, init=init), "test")
        for data, hidden, init in (
            ("xor", "[]", _USUAL),
            ("moons", "[4]", _USUAL),
            ("blobs", "[4, 4, 3]", _USUAL),
            ("moons", "[10, 10, 10]", _USUAL),
            ("moons", "[2, 2]", '{ name = "normal", std = 20.0 }'),  # numbers with exponents
        )
    },
}


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest) -> Iterator[Lesson]:
    with lesson_of(CASES[request.param]) as found:
        yield found


@pytest.mark.parametrize(("theme", "language", "size"), covering(THEMES, ["en", "zh_CN"], SIZES))
def test_nothing_is_wrong_with_the_scene(case: Lesson, theme: str, language: str, size: tuple[int, int]) -> None:
    scene = case.scene(theme, language, size, views=("diagram",))
    faults = [f"{name}: {fault}" for name, check in CHECKS.items() for fault in sorted(set(check(scene)))]
    if faults:
        pytest.fail("\n".join(faults))

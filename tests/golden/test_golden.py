"""Pictures compared with those that were looked at and found good.

After a wanted change: ``GRADSIM_GOLDEN=update python -m pytest tests/golden``, and look at them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.document import parse
from gradsim.ui.app import application
from gradsim.ui.export import Picture, export
from gradsim.ui.plots.plot import DecadeAxis, ValueAxis
from gradsim.ui.theme import Metrics, font
from gradsim.ui.themes import THEMES, Theme
from tests.golden.compare import (
    MOST_IN_A_SPOT,
    Pixels,
    check_golden,
    colours,
    differing_share,
    pixels,
    worst_spot,
)
from tests.gui.conftest import RACE, SMALL

HERE = Path(__file__).parent

PICTURES = {
    "light": Picture(size=(960, 600)),
    "dark_zh": Picture(theme="dark", language="zh_CN", size=(960, 600)),
    "projector": Picture(theme="projector", size=(1024, 768)),
    "history": Picture(size=(640, 400), view="history"),
    "slope_factor": Picture(size=(960, 600), options={"probe": "slope_factor"}),
    "saturated_zh": Picture(
        theme="dark", language="zh_CN", size=(800, 600), view="gradients", options={"probe": "saturated"}
    ),
    "loss_doubled": Picture(size=(400, 300), scale=2.0, view="loss"),
}
PLANES = {
    "boundary": Picture(size=(700, 420), view="boundary"),
    "boundary_projector": Picture(theme="projector", size=(800, 600), view="boundary"),
}
FIT = {"fit": Picture(size=(700, 420), view="fit")}
RACES = {
    "race": Picture(size=(1100, 700)),
    "race_dark_zh": Picture(theme="dark", language="zh_CN", size=(1100, 700)),
    "race_projector": Picture(theme="projector", size=(1024, 768)),
    "race_maps": Picture(size=(900, 500), view="maps"),
    "race_step": Picture(size=(640, 400), view="step"),
    "race_basins": Picture(size=(640, 400), view="basins"),
    "race_surface3d": Picture(size=(640, 480), view="surface3d"),
}

FORKS = {"fork": Picture(size=(960, 600)), "fork_race": Picture(size=(1100, 700), view="map")}

DIGITS = 'data = { name = "digits", samples = 200 }'
FITTED = SMALL.replace(DIGITS, 'data = "sine"').replace(
    "batch_size = 16", 'batch_size = 16\noutput = "linear"\nloss = "mse"'
)
FORKED = {
    "fork": f"""{SMALL}
[[runs]]
activation = "relu"
init = "he_normal"
changes = [{{ step = 10, optimizer = {{ name = "sgd", learning_rate = 1.0 }} }}, {{ step = 25, activation = "elu" }}]
[[runs]]
activation = "relu"
init = "he_normal"
changes = [{{ step = 10, optimizer = "adam" }}]
""",
    "fork_race": f"""{RACE}
[[runs]]
optimizer = "adam"
changes = [{{ step = 3, optimizer = "sgd" }}]
[[runs]]
optimizer = "adam"
changes = [{{ step = 3, optimizer = {{ name = "adam", learning_rate = 0.1 }} }}, {{ step = 9, optimizer = "sgd" }}]
""",
}
SHOWN = {
    **{name: (SMALL, 12, picture) for name, picture in PICTURES.items()},
    **{name: (SMALL.replace(DIGITS, 'data = "moons"'), 40, picture) for name, picture in PLANES.items()},
    **{name: (FITTED, 40, picture) for name, picture in FIT.items()},
    **{name: (RACE, 25, picture) for name, picture in RACES.items()},
    **{name: (FORKED[name], 30, picture) for name, picture in FORKS.items()},
}
"""By the name of the golden picture: the experiment, the step, and how it is to look."""


def exported(name: str, folder: Path) -> QImage:
    text, step, picture = SHOWN[name]
    out = folder / f"{name}.png"
    export(parse(text, name), out, step, picture)
    return QImage(str(out))


@pytest.mark.parametrize("name", SHOWN)
def test_picture(qtbot: QtBot, tmp_path: Path, name: str) -> None:
    check_golden(exported(name, tmp_path), HERE / f"{name}.png", tmp_path / f"{name}-failed.png")


@pytest.mark.parametrize(
    ("name", "axis", "label", "instead"),
    [("loss_doubled", ValueAxis, "30", "80"), ("light", DecadeAxis, "10⁻³", "10⁻⁸")],
)
def test_one_changed_tick_label_is_another_picture(
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    axis: type[ValueAxis | DecadeAxis],
    label: str,
    instead: str,
) -> None:
    labels_of = axis.tickStrings

    def one_changed(self: Any, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        return [instead if text == label else text for text in labels_of(self, values, scale, spacing)]

    monkeypatch.setattr(axis, "tickStrings", one_changed)
    with pytest.raises(AssertionError, match=f"pixels differ within a spot of {name}.png"):
        check_golden(exported(name, tmp_path), HERE / f"{name}.png", tmp_path / "failed.png")
    assert (tmp_path / "failed.png").exists()


def drawn(text: str, theme: Theme, size: tuple[int, int]) -> Pixels:
    """Return a text as tick labels of a picture of this size are drawn."""
    image = QImage(120, 60, QImage.Format.Format_RGB32)
    image.fill(QColor(theme.card))
    painter = QPainter(image)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    painter.setFont(font(Metrics.fit(theme, QSize(*size), "en").tick))
    painter.setPen(QColor(theme.muted))
    painter.drawText(image.rect(), Qt.AlignmentFlag.AlignCenter, text)
    painter.end()
    return pixels(image)


@pytest.mark.parametrize("digits", ["0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"])
def test_any_digit_of_a_tick_label_for_any_other_is_seen(digits: str) -> None:
    application()
    for theme, size in {(picture.theme, picture.size) for _, _, picture in SHOWN.values()}:
        pictures = {digit: drawn(f"10{digit}", THEMES[theme], size) for digit in digits}
        for one, other in combinations(digits, 2):
            assert worst_spot(pictures[one], pictures[other]) > MOST_IN_A_SPOT, (one, other, theme)


def test_a_black_picture_is_not_a_white_one() -> None:
    images = []
    for colour in ("black", "white"):
        image = QImage(20, 10, QImage.Format.Format_RGB32)
        image.fill(QColor(colour))
        images.append(pixels(image))
    assert differing_share(*images) == 1.0
    assert differing_share(images[0], images[0]) == 0.0
    assert differing_share(images[0], images[0][:5]) == 1.0


def test_goldens_are_pictures_of_something() -> None:
    for name in SHOWN:
        assert colours(pixels(QImage(str(HERE / f"{name}.png")))) > 20

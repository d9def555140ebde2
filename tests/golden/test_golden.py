"""Pictures compared with those that were looked at and found good.

After a wanted change: ``GRADSIM_GOLDEN=update python -m pytest tests/golden``, and look at them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.document import parse
from gradsim.ui.export import Picture, export
from tests.golden.compare import check_golden, differing_share, pixels
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
RACES = {
    "race": Picture(size=(1100, 700)),
    "race_dark_zh": Picture(theme="dark", language="zh_CN", size=(1100, 700)),
    "race_projector": Picture(theme="projector", size=(1024, 768)),
    "race_maps": Picture(size=(900, 500), view="maps"),
    "race_step": Picture(size=(640, 400), view="step"),
    "race_basins": Picture(size=(640, 400), view="basins"),
    "race_surface3d": Picture(size=(640, 480), view="surface3d"),
}


@pytest.mark.parametrize("name", list(PICTURES))
def test_picture(qtbot: QtBot, tmp_path: Path, name: str) -> None:
    out = tmp_path / f"{name}.png"
    export(parse(SMALL, "small"), out, 12, PICTURES[name])
    check_golden(QImage(str(out)), HERE / f"{name}.png", 0.002, tmp_path / f"{name}-failed.png")


@pytest.mark.parametrize("name", list(PLANES))
def test_picture_of_a_plane(qtbot: QtBot, tmp_path: Path, name: str) -> None:
    out = tmp_path / f"{name}.png"
    digits = 'data = { name = "digits", samples = 200 }'
    export(parse(SMALL.replace(digits, 'data = "moons"'), "plane"), out, 40, PLANES[name])
    check_golden(QImage(str(out)), HERE / f"{name}.png", 0.002, tmp_path / f"{name}-failed.png")


def test_picture_of_a_fit(qtbot: QtBot, tmp_path: Path) -> None:
    text = SMALL.replace('data = { name = "digits", samples = 200 }', 'data = "sine"')
    fit = parse(text.replace("batch_size = 16", 'batch_size = 16\noutput = "linear"\nloss = "mse"'), "fit")
    out = tmp_path / "fit.png"
    export(fit, out, 40, Picture(size=(700, 420), view="fit"))
    check_golden(QImage(str(out)), HERE / "fit.png", 0.002, tmp_path / "fit-failed.png")


@pytest.mark.parametrize("name", list(RACES))
def test_picture_of_a_race(qtbot: QtBot, tmp_path: Path, name: str) -> None:
    out = tmp_path / f"{name}.png"
    export(parse(RACE, "race"), out, 25, RACES[name])
    check_golden(QImage(str(out)), HERE / f"{name}.png", 0.002, tmp_path / f"{name}-failed.png")


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
    for name in (*PICTURES, *RACES):
        assert len(np.unique(pixels(QImage(str(HERE / f"{name}.png"))).reshape(-1, 3), axis=0)) > 20
